# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who follows the guide to new resources to the letter has a resource and a child that all tests accept."""

from __future__ import annotations

import pytest

from tests.system.walkthrough.guide import PARTS, Copy, apply, parts

# What walks over all modules, options, procedures or files.
GUARDS = (
    "tests/unit/test_collection.py",
    "tests/unit/test_completeness.py",
    "tests/unit/test_packages.py",
    "tests/unit/simulator/test_packages.py",
    "tests/contract/test_facts.py",
    "tests/component/test_documentation.py",
)
# What runs the examples of all modules, puts canaries into all secrets, or spoils requests of each resource.
SYSTEM = ("secrets", "fault_injection")


@pytest.fixture(scope="module")
def copy() -> Copy:
    """The copy in which the guide was followed, up to C(make generate)."""
    found = Copy()
    for blocks in parts().values():
        for block in blocks:
            apply(block, found.folder)
    found.run("-m", "tools.generate")
    return found


@pytest.mark.parametrize("heading", PARTS)
def test_a_walk_through_has_at_most_eight_files(heading: str) -> None:
    assert 5 < len({block.file for block in parts()[heading]}) <= 8


def test_what_is_generated_is_complete(copy: Copy) -> None:
    before = copy.texts()
    assert {"plugins/action/dokploy_banner.py", "plugins/action/dokploy_cache.py"} <= before.keys()
    copy.run("-m", "tools.generate")
    assert copy.texts() == before


def test_the_lines_are_in_form(copy: Copy) -> None:
    copy.run("-m", "ruff", "check", ".")
    copy.run("-m", "ruff", "format", "--check", ".")


def test_the_guards_find_nothing_missing(copy: Copy) -> None:
    copy.run("-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *GUARDS)


def test_the_generic_tests_run_over_both(copy: Copy) -> None:
    words = " or ".join(PARTS.values())
    chosen = (
        "-k",
        words,
        "tests/unit",
        "tests/component",
        "tests/guides",
        *(f"tests/system/{name}" for name in SYSTEM),
    )
    output = copy.run("-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *chosen)
    assert int(output.split(" passed")[0].split()[-1]) > 100


def test_both_run_in_playbooks_on_both_paths(copy: Copy) -> None:
    copy.run("-m", "tools.integration", "--target", "every_module")

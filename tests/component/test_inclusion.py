# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requirements of the Ansible community package that no other check covers; CONTRIBUTING.md has the table of all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.support.module_docs import MODULES, documentation
from tools import workspace
from tools.workspace import ROOT

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
PYTHON = [name for name in workspace.tracked_files() if name.startswith("plugins/") and name.endswith(".py")]
FOLDERS = {"action", "doc_fragments", "filter", "inventory", "lookup", "module_utils", "modules", "plugin_utils"}


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_plugins_have_the_licence_that_their_kind_must_have(folder: str) -> None:
    wanted = "BSD-2-Clause" if folder == "module_utils" else "GPL-3.0-or-later"
    # In two parts, for reuse.
    mark = "# SPDX-License-" + f"Identifier: {wanted}\n"
    files = [name for name in PYTHON if name.startswith(f"plugins/{folder}/")]
    texts = {name: (ROOT / name).read_text() for name in files}
    assert files and [name for name, text in texts.items() if text and mark not in text] == []


def test_plugins_are_in_folders_that_ansible_knows() -> None:
    assert {Path(name).parts[1] for name in PYTHON} == FOLDERS


def test_private_utilities_have_an_underscore() -> None:
    names = {Path(name).parts[2] for name in PYTHON if Path(name).parts[1] in ("module_utils", "plugin_utils")}
    assert {name for name in names if not name.startswith("_")} <= {"__init__.py"}
    assert "private to the collection" in (ROOT / "README.md").read_text()


def test_nothing_else_has_to_be_installed_from_galaxy() -> None:
    assert GALAXY["tags"] and GALAXY["dependencies"] == {}


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("_info")])
def test_modules_that_only_read_run_in_check_mode(module: str) -> None:
    doc = documentation()[module]["doc"]
    assert doc["attributes"]["check_mode"]["support"] == "full"


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("_info")])
def test_no_other_module_has_a_state_that_only_reads(module: str) -> None:
    state = documentation()[module]["doc"].get("options", {}).get("state", {})
    assert {"get", "list", "query", "info", "read"}.isdisjoint(state.get("choices", ()))


def test_the_readme_says_where_to_communicate_and_how_versions_work() -> None:
    readme = (ROOT / "README.md").read_text()
    for text in (
        "## Communication\n",
        "https://forum.ansible.com/c/help/6",
        "forum.ansible.com/tag/dokploy",
        "semver.org",
    ):
        assert text in readme
    assert re.search(r"\]\(https://docs\.ansible\.com/\S*/code_of_conduct\.html\)", readme)

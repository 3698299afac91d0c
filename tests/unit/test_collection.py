# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be said in two places is the same in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools import example_tasks, registration, workspace

ROOT = Path(__file__).resolve().parents[2]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
MARKDOWN = [ROOT / name for name in workspace.tracked_files() if name.endswith(".md")]
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("dokploy_*.py")}


def test_the_action_group_names_every_module() -> None:
    text = registration.RUNTIME.read_text()
    assert registration.runtime(text) == text, "make generate"
    groups = yaml.safe_load(text)["action_groups"]
    # The defaults of the group hold the API key, which this module makes.
    assert set(groups["dokploy"]) == MODULES - {"dokploy_bootstrap"}


def test_every_module_has_its_own_in_process_action() -> None:
    # One file each: with a shared redirect, module_defaults of one module would reach the others.
    found = {path.stem: path.read_text() for path in (ROOT / "plugins/action").glob("dokploy_*.py")}
    assert found == {module: registration.action(module) for module in sorted(MODULES)}, "make generate"


def test_every_action_lets_ansible_lint_check_its_options() -> None:
    assert "\nmain = ActionModule.main\n" in registration.action("dokploy_tag")


def test_a_module_that_imports_no_operation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dokploy_banner.py"
    path.write_text("from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module\n")
    monkeypatch.setattr(registration, "module_path", lambda module: path)
    monkeypatch.setattr(registration, "ROOT", tmp_path)
    with pytest.raises(ValueError, match=r"^dokploy_banner.py does not import its operation: .*_resources.*import"):
        registration.action("dokploy_banner")


def test_the_overview_has_every_module() -> None:
    text = registration.OVERVIEW.read_text()
    assert registration.overview(text) == text, "make generate"
    # Without a row of its own, it comes at the end of a table.
    row = re.search(r"   \* - :ansplugin:`dokploy_domain .*\n.*\n", text)
    assert row is not None
    added = registration.overview(text.replace(row[0], ""))
    head, _heading, rest = added.partition("\nDeployments and logs\n")
    assert head.endswith(
        "   * - :ansplugin:`dokploy_domain <community.dokploy.dokploy_domain#module>`\n"
        "     - A domain of an application or a Compose stack of Dokploy\n"
    )
    assert text.endswith(rest)


def test_the_integration_tasks_of_examples_are_what_make_generate_writes() -> None:
    assert example_tasks.PATH.read_text() == example_tasks.text(), "make generate"


def test_an_example_that_refers_to_others_needs_tasks_by_hand() -> None:
    # What it refers to is in no example.
    with pytest.raises(
        ValueError, match=r"^the example of dokploy_server refers to another record in ssh_key: add tasks"
    ):
        list(example_tasks.tasks_of("dokploy_server", set()))
    with pytest.raises(ValueError, match=r"^dokploy_restore has no example: add tasks for it to a file in .*/tasks$"):
        list(example_tasks.tasks_of("dokploy_restore", set()))


def releases() -> set[str]:
    return set(yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text())["releases"])


def test_the_changelog_knows_the_version() -> None:
    assert VERSION in releases()
    assert VERSION.replace(".", "\\.") in (ROOT / "CHANGELOG.md").read_text()


def test_everything_was_added_in_a_release() -> None:
    files = [path for folder in ("plugins", "roles", "extensions") for path in (ROOT / folder).rglob("*.*")]
    added = {
        (path.name, version)
        for path in files
        if path.suffix in (".py", ".yml")
        for version in re.findall(r"version_added: *[\"']?([0-9.]+)", path.read_text())
    }
    assert {(name, version) for name, version in added if version not in releases()} == set()


def test_the_guides_install_this_version() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs/docsite/rst").glob("*.rst")]
    named = re.compile(r"community\.dokploy\.git(?:,|\n +type: git\n +version: *)(\d[\w.]+)")
    found = {(page.name, version) for page in pages for version in named.findall(page.read_text())}
    assert found and {(name, version) for name, version in found if version != VERSION} == set()


def test_the_readme_is_a_front_door() -> None:
    assert len((ROOT / "README.md").read_text().split()) <= 1500


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!\w+:)([^)#]*)(#[^)]+)?\)", page.read_text())
    targets = [(page.parent / name if name else page, anchor) for name, anchor in links]
    assert [str(target) for target, _anchor in targets if not target.exists()] == []
    # GitHub's names of headings.
    assert [anchor for target, anchor in targets if anchor and anchor[1:] not in anchors(target)] == []


def anchors(page: Path) -> set[str]:
    pattern = r"^#+ (.+)$" if page.suffix == ".md" else r"^(\S.*)\n[=~^-]{3,}$"
    headings = re.findall(pattern, page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}

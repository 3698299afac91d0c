# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees of a plan: a table in the output of the task, or lines while it runs, and never both."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from ansible_collections.community.dokploy.plugins.plugin_utils._document import action as document_action
from ansible_collections.community.dokploy.plugins.plugin_utils._document.action import ManifestAction
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import mark_of
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import TASK, DocumentPlaces, Mark
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import DocumentSource
from ansible_collections.community.dokploy.plugins.plugin_utils._host import action as host_action
from dokploy_simulator import Simulator
from tests.support.action_and_module import make_action

TABLE = "+ create tag a\n1 to create\n"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("diff", [False, True])
def test_the_table_of_a_plan(sim: Simulator, check: bool, diff: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(host_action.display, "display", lambda line, **_how: lines.append(f"{line}\n"))
    options = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "tags": [{"name": "a"}]}
    action = make_action(OPERATION, options, check, ManifestAction)
    action._task.diff = diff
    result = action.run(None, {})
    prepared = [difference["prepared"] for difference in result.get("diff", []) if "prepared" in difference]
    assert (prepared, "".join(lines)) == (([TABLE], "") if check and diff else ([], TABLE))


def test_the_table_of_a_plan_and_its_diffs_name_their_host_among_several(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(host_action.display, "display", lambda line, **_how: lines.append(line))
    several = {"ansible_play_hosts_all": ["eu1", "us1"], "inventory_hostname": "us1"}
    options = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "tags": [{"name": "a"}]}

    def diff(check: bool, variables: dict[str, Any]) -> Any:
        action = make_action(OPERATION, options, check, ManifestAction)
        action._task.diff = True
        return action.run(None, variables)["diff"]

    (alone,) = diff(True, {"ansible_play_hosts_all": ["us1"], "inventory_hostname": "us1"})[1:]
    table, change = diff(True, several)
    assert table == {"prepared": "us1:\n" + TABLE} and lines == []
    header = alone["before_header"]
    assert header and not header.startswith("us1")
    assert change == {**alone, "before_header": f"us1: {header}", "after_header": f"us1: {header}"}
    # While it is carried out, each line does, since those of other hosts come between them.
    diff(False, several)
    assert lines == [f"us1 | {line}" for line in TABLE.splitlines()]


@pytest.mark.parametrize("check", [False, True])
def test_a_document_with_what_is_no_section_writes_nothing(
    sim: Simulator, check: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of it is right, and is only planned."""
    monkeypatch.setattr(host_action.display, "display", lambda line, **_how: None)
    document = {"tags": [{"name": "a"}], "regs": []}
    marks = mark_of(document, DataLoader(), TASK).inner
    monkeypatch.setattr(
        document_action, "read_document", lambda *_given: DocumentSource(document, DocumentPlaces(document, marks))
    )
    options = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "src": "shop.yml"}
    action = make_action(OPERATION, options, check, ManifestAction)
    result = action.run(None, {})
    assert result["failed"] and not result["changed"] and "regs is unknown" in result["mistakes"][0]
    assert result.keys().isdisjoint({"plan", "resources", "deployments"})
    assert (sim.calls("mutation"), action._task.check_mode) == ([], check)


def test_places_replace_what_a_packaged_module_says_of_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible prints the C(exception) of a module, if it has one, in place of the message."""
    document = {"tags": [{"name": "a"}]}
    places = DocumentPlaces(document, {"tags": Mark("shop.yml", 3, 1)})
    monkeypatch.setattr(document_action, "read_document", lambda *_given: DocumentSource(document, places))
    error = {"kind": "option", "procedure": None, "status": None}
    said = {"failed": True, "msg": "tags are wrong.", "mistakes": ["tags: wrong"], "error": error, "exception": "wrong"}
    crashed = {"failed": True, "msg": "MODULE FAILURE", "exception": "the traceback"}
    for of_module, expected in ((said, ("tags: wrong (shop.yml:3:1).", None)), (crashed, tuple(crashed.values())[1:])):
        action = make_action(OPERATION, {"src": "shop.yml"}, False, ManifestAction)
        monkeypatch.setattr(action, "_execute_module", lambda of_module=of_module, **_called: dict(of_module))
        result = action.run(None, {"dokploy_in_process": False})
        assert (result["msg"], result.get("exception")) == expected

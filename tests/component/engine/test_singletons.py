# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource of which there is only one: no option locates it, and no ID is sent."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply_child import child_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Session, run
from ansible_collections.community.dokploy.plugins.module_utils._model.child import child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import Reading, Removal, Updating
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.fake_clients import Expect, ScriptedClient, reads, writes
from tests.support.host import validated

NOTES = child("note", "note", Field("text", "text", key=True, needed=True), parent={"ownerId": "$parent"})
SETTINGS = Resource(
    name="settings",
    scope="singleton",
    listing=Listing("settings", ("settings.get",), "id"),
    options=(Field("host", "host"), Field("email", "email")),
    reading=Reading("settings.get", in_listing=True),
    updating=Updating("settings.update"),
    removal=Removal(""),
    children=(NOTES,),
)
OPERATION, NOTE_OPERATION = resource_operation(SETTINGS), child_operation((SETTINGS, NOTES))
ROW: dict[str, Any] = {"id": "only", "host": "a", "email": "e", "notes": []}


def play(operation: Any, *script: Expect, check: bool = False, **params: Any) -> dict[str, Any]:
    client = ScriptedClient(*script)
    given = {"dokploy_url": "http://script.example.com", "dokploy_api_key": "key-of-the-script", **params}
    session = Session(client)  # type: ignore[arg-type]
    result = run(operation, validated(operation, **given), lambda _params: session, check_mode=check, diff_mode=True)
    client.done()
    assert not result.get("failed"), result
    return result


def test_it_is_present_only_and_has_no_locator() -> None:
    assert set(OPERATION.options) == {"state", "host", "email", "notes", "unstated", "ignore"}
    assert OPERATION.options["state"]["choices"] == ["present"]


def test_an_update_names_no_id() -> None:
    after = {**ROW, "host": "b"}
    script = (reads("settings.get", ROW), writes("settings.update", True, host="b"), reads("settings.get", after))
    result = play(OPERATION, *script, host="b", email="e")
    assert result["changed"]
    assert result["settings"] == {"settings_id": "only", "host": "b", "email": "e", "notes": []}


def test_nothing_to_do_is_one_read() -> None:
    assert not play(OPERATION, reads("settings.get", ROW), host="a")["changed"]
    assert play(OPERATION, reads("settings.get", ROW), host="c", check=True)["changed"]


def test_it_is_the_parent_of_children_by_a_boolean() -> None:
    assert NOTE_OPERATION.options["settings"] == {"type": "bool"}
    assert "settings_id" not in NOTE_OPERATION.options
    note = {"noteId": "n", "text": "t", "ownerId": "only"}
    script = (
        reads("settings.get", ROW),
        writes("note.create", None, ownerId="only", text="t"),
        reads("settings.get", {**ROW, "notes": [note]}),
    )
    result = play(NOTE_OPERATION, *script, settings=True, text="t")
    assert result["note"] == {"note_id": "n", "text": "t"}
    assert result["settings_id"] == "only"

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders of the simulator's releases: their form, and what ``make release`` writes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator.api import release_folders
from dokploy_simulator.api.document import document as document_of
from dokploy_simulator.api.release_folders import FOLDER, stored
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.api.tables import Table, applied, newest, stored_before, table_of
from tools.new_release import folder, inputs
from tools.new_release.compare import compared

Document = dict[str, Any]
NEXT = "0.99.0"
TEXT = {"type": "string"}
CHOICE = {"type": "string", "enum": ["a", "b"]}


def body(document: Document, procedure: str) -> Any:
    return document["paths"][f"/{procedure}"]["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.fixture
def document() -> Document:
    """That of the newest release that is known."""
    return copy.deepcopy(document_of(NEWEST))


@pytest.mark.parametrize("version", stored())
def test_a_folder_has_what_differs_in_its_form(version: str) -> None:
    before = stored_before(version)
    text = folder.dump(folder.difference(table_of(before) if before else Table(), table_of(version)))
    assert (FOLDER / version / "api.json").read_text("utf-8") == text
    assert set(release_folders.content(version, "release")) <= {"measured"}


def test_a_new_release_is_written(document: Document, tmp_path: Path) -> None:
    update = body(document, "tag.update")
    update["properties"] = {"tagId": update["properties"].pop("tagId"), "sign": CHOICE, **update["properties"]}
    update["properties"]["pattern"] = {"type": "string", "pattern": "^[a-zA-Z0-9._\\-/#]+$"}
    update["required"].append("sign")
    body(document, "tag.create")["properties"]["state"] = {
        "anyOf": [{"type": "string", "enum": ["idle", "running", "done", "error"]}, {"type": "null"}]
    }
    document["paths"]["/banner.all"] = {"get": {"parameters": [{"name": "size", "required": True, "schema": TEXT}]}}
    del document["paths"]["/tag.one"]
    (path,) = folder.write(NEXT, inputs.of_document(document, ""), tmp_path)
    found = json.loads(path.read_text())
    assert found == {
        "types": {
            "sign": {"type": "string", "enum": ["a", "b"]},
            "pattern": {
                "type": "string",
                "pattern": "^[a-zA-Z0-9._\\-/#]+$",
                "message": "Invalid branch name",
            },
        },
        "procedures": {
            "banner.all": {"method": "GET", "played": False, "fields": {"size": "!string"}},
            "tag.one": None,
        },
        "fields": {
            "tag.create": {"state": "applicationStatus?"},
            "tag.update": {"sign": "!sign after=tagId", "pattern": "pattern"},
        },
    }
    table = applied(newest(), NEXT, found)
    assert compared(inputs.of_table(table, ""), inputs.of_document(document, "")) == []
    assert list(table.procedures["tag.update"]["fields"])[:2] == ["tagId", "sign"]


def test_a_release_in_between_leaves_the_later_ones(tmp_path: Path) -> None:
    """As a release that nobody had stored: what it brought is no news in the one after it."""
    document = document_of("0.29.8")
    body(document, "tag.update")["properties"]["sign"] = CHOICE
    first, second = folder.write("0.29.2", inputs.of_document(document, ""), tmp_path)
    assert first.parent.name == "0.29.2" and second.parent.name == "0.29.3"
    between = applied(table_of("0.29.1"), "0.29.2", json.loads(first.read_text()))
    after = applied(between, "0.29.3", json.loads(second.read_text()))
    assert between.procedures["tag.update"]["fields"]["sign"] == "sign"
    assert after.procedures == table_of("0.29.3").procedures


def blurred(schema: dict[str, Any]) -> dict[str, Any]:
    """As TypeScript has it."""
    return TEXT if schema.get("pattern") else schema


def test_a_folder_from_the_sdk_keeps_what_it_does_not_tell(tmp_path: Path) -> None:
    table = inputs.of_table(newest(), "")
    plain = {
        name: inputs.Procedure(
            procedure.method,
            None
            if procedure.fields is None
            else {field: blurred(schema) for field, schema in procedure.fields.items()},
            procedure.required | procedure.defaults,
            procedure.nullable,
        )
        for name, procedure in table.procedures.items()
    }
    (path,) = folder.write(NEXT, inputs.Inputs(plain, "", exact=False), tmp_path)
    assert json.loads(path.read_text()) == {"types": {}, "procedures": {}, "fields": {}}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison of a server's OpenAPI document with what the collection calls and sends."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.api_document import (
    differences,
    newest_known,
    used,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.info import INFO_OPERATION
from dokploy_simulator.api.release_folders import stored, version_key
from dokploy_simulator.api.releases import NEWEST, NEWEST_MEASURED
from tests.contract.recording_player import contract_dir
from tests.support.host import Host
from tools import used_api

QUERY = "settings.getOpenApiDocument"
MINIMUM: dict[str, Any] = {"gather_subset": ["min"], "check_api": True}


def test_the_table_is_what_descriptions_and_code_use() -> None:
    assert used_api.PATH.read_text("utf-8") == used_api.text(), "run make generate"


def test_the_table_is_read_as_it_is_written() -> None:
    table = used()
    assert len(table) > 300 and newest_known() == version_key(NEWEST)
    assert table["network.resync"].since == (0, 30, 3) and table["network.resync"].fields == {"networkId": (0, 0, 0)}
    assert table["compose.deploy"].fields["freshVolumes"] == (0, 30, 5)
    # What only the documentation of another procedure would tell is not in it.
    assert "stripe.getProducts" not in table and table["project.all"].fields == {}


@pytest.mark.parametrize("version", stored())
def test_no_release_that_is_known_differs(host: Host, version: str) -> None:
    host.sim.config(version=version)
    assert differences(host.read(QUERY), version_key(version)) == []


def recorded() -> dict[str, Any] | None:
    """The document of the newest release that was measured, if it is anywhere."""
    folder = contract_dir()
    path = folder and folder / f"openapi-{NEWEST_MEASURED}.json"
    document: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path and path.is_file() else None
    return document


@pytest.mark.skipif(recorded() is None, reason="the recorded OpenAPI document is not here")
def test_the_recorded_document_does_not_differ() -> None:
    document = recorded()
    assert document is not None
    assert differences(document, version_key(NEWEST_MEASURED)) == []
    later = {(one["procedure"], one["difference"]) for one in differences(document, version_key(NEWEST))}
    assert ("network.resync", "unknown_procedure") in later and ("compose.deploy", "unknown_field") in later


def schema(document: dict[str, Any], procedure: str) -> dict[str, Any]:
    content: dict[str, Any] = document["paths"][f"/{procedure}"]["post"]["requestBody"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]
    return found


def test_what_a_newer_release_has_otherwise_is_returned(host: Host) -> None:
    assert "api_differences" not in host.ok(INFO_OPERATION) and QUERY not in host.sim.calls()
    host.new_task()
    unchanged = host.ok(INFO_OPERATION, **MINIMUM)
    assert (unchanged["api_differences"], unchanged["api_known_until"]) == ([], NEWEST)
    document = host.read(QUERY)
    del document["paths"]["/domain.create"]
    del schema(document, "application.update")["properties"]["replicas"]
    create = schema(document, "project.create")
    create["properties"] |= {"region": {}, "owner": {"default": "me"}}
    create["required"] += ["region", "owner"]
    document["paths"]["/project.one"]["get"]["parameters"].append({"name": "region", "required": True})
    host.sim.fault("status", QUERY, status=200, body=document)
    host.new_task()
    assert host.ok(INFO_OPERATION, **MINIMUM)["api_differences"] == [
        {"procedure": "application.update", "field": "replicas", "difference": "unknown_field"},
        {"procedure": "domain.create", "field": None, "difference": "unknown_procedure"},
        {"procedure": "project.create", "field": "region", "difference": "new_required_field"},
        {"procedure": "project.one", "field": "region", "difference": "new_required_field"},
    ]


@pytest.mark.parametrize(
    "operation",
    [
        {},
        {"post": None},
        {"post": {"requestBody": {"$ref": "#/components/requestBodies/x"}}},
        {"post": {"requestBody": {"content": {}}}},
        {"post": {"requestBody": {"content": {"application/json": {"schema": {"oneOf": []}}}}}},
    ],
)
def test_a_procedure_whose_fields_are_not_listed_does_not_differ(host: Host, operation: Any) -> None:
    document = copy.deepcopy(host.read(QUERY))
    document["paths"]["/project.create"] = operation
    assert differences(document, version_key(NEWEST)) == []


def test_a_document_of_another_form_is_an_error(host: Host) -> None:
    host.sim.fault("status", QUERY, status=200, body={"paths": None})
    failed = host.failed(INFO_OPERATION, **MINIMUM)
    assert QUERY in failed["msg"] and failed["error"]["kind"] == "protocol"


def test_a_key_that_may_not_read_the_document(host: Host) -> None:
    refusal = {"message": "UNAUTHORIZED", "code": "FORBIDDEN", "data": {"path": QUERY}}
    host.sim.fault("status", QUERY, status=403, body=refusal)
    shown = host.ok(INFO_OPERATION, **MINIMUM)
    assert shown["api_differences"] is None
    assert [(one["subset"], one["kind"]) for one in shown["not_readable"]] == [("api", "permission")]

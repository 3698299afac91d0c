# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's fact table is what was found out about Dokploy's releases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dokploy_simulator.api.errors import ValidationError
from dokploy_simulator.api.facts import procedures_of
from dokploy_simulator.api.release_folders import version_key
from dokploy_simulator.api.releases import NEWEST, NEWEST_MEASURED
from dokploy_simulator.api.tables import Table, check_types
from dokploy_simulator.routers.handlers import HANDLERS
from dokploy_simulator.routers.procedures import SUBSCRIPTIONS

from .recording_player import contract_dir

DIRECTORY = contract_dir()
NOW = NEWEST

# In the table, so that a client meets the right 404 and 405, but not played.
NOT_PLAYED = {
    "project.duplicate": "copies services, which no module asks for",
    "project.homeStats": "numbers of the start page",
    **dict.fromkeys(("user.getServerMetrics", "user.getContainerMetrics"), "there is no monitoring"),
    **dict.fromkeys(("settings.setupGPU", "settings.checkGPUStatus"), "the host has no GPU"),
    "settings.getDockerDiskUsage": "images and build caches take no space",
    "user.haveRootAccess": "for the cloud",
    "user.revokeSession": "which no module asks for",
}
recorded = pytest.mark.skipif(
    DIRECTORY is None, reason="no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of versions.json"
)


def test_a_type_without_a_name_is_reported_with_its_field() -> None:
    fields = {"name": "!string1", "color": "color?"}
    check_types(Table({"tag.create": {"fields": fields}}, {"color": {}}), "0.30.0")
    fields["level"] = '!{"type": "string"}'
    with pytest.raises(ValueError, match=r"^tag.create: the field level is .* the types of releases/0.30.0/api.json"):
        check_types(Table({"tag.create": {"fields": fields}}, {"color": {}}), "0.30.0")


def stored_versions() -> dict[str, dict[str, Any]]:
    assert DIRECTORY is not None
    loaded: dict[str, dict[str, Any]] = json.loads((DIRECTORY / "versions.json").read_text("utf-8"))
    return {version.lstrip("v"): table for version, table in loaded.items()}


@recorded
def test_every_stored_release_has_the_recorded_procedures_and_fields() -> None:
    versions = stored_versions()
    routers = {name.split(".")[0] for table in versions.values() for name in table}
    newest = versions[max(versions, key=version_key)]
    for version, table in versions.items():
        ours = procedures_of(version)
        served = {
            name
            for name in procedures_of(NEWEST_MEASURED).keys() - SUBSCRIPTIONS.keys()
            if name.split(".")[0] in routers
        }
        assert {name for name in ours if name in served} == {name for name in table if name in served}, version
        for name in served & table.keys():
            kept = set(newest[name]["accepted"])
            assert ours[name].method == table[name]["method"], (version, name)
            fields = {field.name for field in ours[name].fields}
            assert fields == set(table[name]["accepted"]) & kept, (version, name)
            required = {field.name for field in ours[name].fields if field.required}
            assert required == set(table[name]["required"]) & kept, (version, name)


def test_every_procedure_of_the_table_is_played_or_named() -> None:
    missing = procedures_of(NOW).keys() - HANDLERS.keys() - SUBSCRIPTIONS.keys()
    assert missing == NOT_PLAYED.keys()
    assert HANDLERS.keys() | SUBSCRIPTIONS.keys() <= procedures_of(NOW).keys()


def test_application_has_all_its_procedures() -> None:
    assert sum(name.startswith("application.") for name in procedures_of(NOW)) == 31


@pytest.mark.parametrize("name", sorted(procedures_of(NOW)))
def test_empty_input_is_refused_for_exactly_the_required_fields(name: str) -> None:
    procedure = procedures_of(NOW)[name]
    required = {field.name for field in procedure.fields if field.required}
    # A plain boolean is coerced from undefined to false before anyone misses it.
    coerced = [field for field in procedure.fields if field.coerced_boolean and procedure.coerce]
    let_through = {field.name for field in coerced if not field.nonoptional}
    # A file has no type in the table.
    files = {"zip"} if procedure.multipart else set()
    missed: set[str] = set()
    try:
        procedure.parse({})
    except ValidationError as error:
        missed = {str(issue["path"][0]) for issue in error.issues}
    assert missed == required - let_through - files


@pytest.mark.parametrize("name", sorted(procedures_of(NOW)))
def test_unknown_fields_are_dropped(name: str) -> None:
    procedure = procedures_of(NOW)[name]
    issues: list[dict[str, Any]] = []
    try:
        assert "bogus" not in procedure.parse({"bogus": 1})
    except ValidationError as error:
        issues = error.issues
    assert all(issue["path"] and issue["path"][0] != "bogus" for issue in issues)

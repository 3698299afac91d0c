# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(dokploy_info): what of an instance is returned, by how many requests, and what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import Reading
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.info import (
    INFO_OPERATION,
    SUBSETS,
    chosen_facts,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import INTEGER, WORDS
from dokploy_simulator.api.releases import NEWEST
from tests.support.builders import RECORD_SECRETS, create_records
from tests.support.examples import create_missing
from tests.support.host import Host
from tests.support.operations import OUTSIDE
from tests.support.strategies.resource_params import SECRET_MARK
from tools import subsets

EVERYTHING = set(SUBSETS)


@pytest.mark.parametrize(
    ("stated", "selected"),
    [
        (["all"], EVERYTHING),
        ([], EVERYTHING),
        (["min"], {"health"}),
        (["!all"], {"health"}),
        (["!all", "!min"], set()),
        (["servers"], {"health", "servers"}),
        (["servers", "!min"], {"servers"}),
        (["!servers"], EVERYTHING - {"servers"}),
        (["!min"], EVERYTHING - {"health"}),
        (["all", "!servers", "!tree"], EVERYTHING - {"servers", "tree"}),
        (["!all", "servers", "tags"], {"health", "servers", "tags"}),
        (["servers", "!servers"], {"health", "servers"}),
    ],
)
def test_subsets_are_selected_as_those_of_setup(stated: list[str], selected: set[str]) -> None:
    assert chosen_facts(stated) == selected


def test_an_unknown_subset_is_refused_before_anything_is_sent(host: Host) -> None:
    for word in ("server", "!server"):
        result = host.failed(INFO_OPERATION, gather_subset=[word])
        assert result["msg"].startswith("gather_subset: there is no subset 'server'. Did you mean: 'servers'")
    assert host.sim.calls() == []


@pytest.fixture
def full(host: Host) -> Host:
    create_records(host)
    create_missing(host)
    made = host.sim.seed(project="shop", applications=1, name="web")
    host.sim.seed(project="blog")
    host.call("postgres.create", name="db", environmentId=made["environmentId"], **_LOGIN)
    host.sim.reset_stats()
    return host


_LOGIN = {"databaseName": "shop", "databaseUser": "shop", "databasePassword": "password-of-database"}


def test_everything_is_returned_with_its_counts(full: Host) -> None:
    shown = full.ok(INFO_OPERATION)
    assert (shown["version"], shown["health"], shown["not_readable"]) == (NEWEST, {"status": "ok"}, [])
    blog, shop = shown["projects"]
    assert (blog["name"], shop["name"]) == ("blog", "shop")
    assert [(one["type"], one["name"], one["path"]) for one in shop["environments"][0]["services"]] == [
        ("application", "web", "shop/production/web"),
        ("postgres", "db", "shop/production/db"),
    ]
    assert shop["environments"][0]["path"] == "shop/production"
    lists = {name: value for name, value in shown.items() if isinstance(value, list) and name != "not_readable"}
    assert all(lists.values())
    counted = {name: len(rows) for name, rows in lists.items()}
    assert shown["counts"] == {**counted, "environments": 2, "services": 2}
    assert shown["settings"]["builds_concurrency"] == 1


def test_references_are_shown_as_names(full: Host) -> None:
    shown = full.ok(INFO_OPERATION)
    assert [one["ssh_key"] for one in shown["servers"]] == ["deploy"]
    assert [one["server"] for one in shown["certificates"]] == ["worker"]
    assert [(one["name"], one["server"]) for one in shown["networks"]] == [("local", None), ("remote", "worker")]
    alone = full.ok(INFO_OPERATION, gather_subset=["servers"])
    assert alone["servers"][0]["ssh_key"] == full.read("server.all")[0]["sshKeyId"]


def test_there_are_at_most_two_requests(full: Host) -> None:
    # More projects and servers make the requests longer, not more.
    for number in range(8):
        full.sim.seed(project=f"project {number}", environment="staging", applications=1)
    for subset, requests in ((["all"], 2), (["min"], 1), (["tree"], 2), (["networks"], 2), (["!tree", "!networks"], 1)):
        full.new_task()
        full.sim.reset_stats()
        full.ok(INFO_OPERATION, gather_subset=subset)
        assert full.sim.stats()["http"] == requests, subset


def test_only_what_is_selected_is_read_and_returned(full: Host) -> None:
    shown = full.ok(INFO_OPERATION, gather_subset=["!all", "!min", "networks", "tags"])
    assert shown.keys() == {"changed", "version", "counts", "not_readable", "networks", "tags"}
    assert shown["counts"] == {"networks": 2, "tags": 1}
    # The networks on a server are listed by its ID.
    asked = {"settings.getDokployVersion", "server.all", "network.all", "tag.all"}
    assert set(full.sim.calls()) == asked


def test_no_secret_is_returned(full: Host) -> None:
    shown = json.dumps(full.ok(INFO_OPERATION))
    secrets = [json.dumps(value)[1:-1] for value in (*RECORD_SECRETS.values(), "password-of-database")]
    # Each is in an answer of the server, or it would prove nothing.
    answers = json.dumps([full.read(SUBSETS[name].procedure) for name in ("registries", "ssh_keys", "ai_providers")])
    assert sum(secret in answers for secret in secrets) == 3
    assert [secret for secret in (*secrets, SECRET_MARK) if secret in shown] == []


def test_the_lists_are_what_make_generate_writes() -> None:
    assert subsets.LISTED.read_text() == subsets.text(), "make generate"


def test_each_resource_outside_of_projects_is_listed() -> None:
    assert {managed.resource.listing.results for managed in OUTSIDE} == set(subsets.listed()) <= set(SUBSETS)


@pytest.mark.parametrize("name", subsets.listed())
def test_a_list_shows_what_its_module_shows(full: Host, name: str) -> None:
    """Under the same names, but for references, which are names, and for what is not set, which is null."""
    info = next(managed.info for managed in OUTSIDE if managed.resource.listing.results == name)
    full.new_task()
    wanted = {tuple(row.values())[0]: row for row in full.ok(INFO_OPERATION, gather_subset=[name])[name]}
    full.new_task()
    rows = full.ok(info)[name]
    id_option = info.resources[0].id_option
    assert wanted.keys() == {row[id_option] for row in rows}
    for row in rows:
        record = wanted[row[id_option]]
        assert {key: value or None for key, value in record.items()} == {key: row[key] or None for key in record}


def test_only_plain_values_are_listed() -> None:
    kind = Resource(
        name="banner",
        scope="instance",
        listing=Listing(
            "banner", ("banner.all",), "bannerId", derived=(("of", lambda row: row["by"].get("name")), ("n", len))
        ),
        options=(
            Field("name", "name"),
            Field("text", "text"),
            Field("token", "token", secret=True),
            Field("seconds", "ms", replace(INTEGER, shown=lambda value: value / 1000)),
            Field("of", "of"),
            Field("count", "n"),
            Field("tags", "tags", WORDS),
        ),
        reading=Reading(
            in_listing=True,
            facts=(
                ("enabled", lambda row: row.get("on", True)),
                ("limit", lambda row: row.get("max") if row.get("limited") else None),
                ("first", lambda row: row.get("a") or row.get("b")),
            ),
        ),
    )
    shown = {"banner_id": "bannerId", "name": "name", "text": "text", "of": "by.name", "enabled": "on", "first": "a b"}
    assert dict(subsets.shown((kind,))) == shown
    # What the list does not have, it cannot show.
    assert dict(subsets.shown((replace(kind, reading=replace(kind.reading, in_listing=False)),))) == {
        "banner_id": "bannerId",
        "name": "name",
    }


def item_error(status: int, code: str, message: str) -> dict[str, Any]:
    data = {"code": code, "httpStatus": status, "path": "x"}
    return {"error": {"json": {"message": message, "code": -32001, "data": data}}}


def test_what_a_member_may_not_read_is_no_failure(full: Host) -> None:
    full.sim.act(member="member@example.com", key="key-of-member")
    full.connection["dokploy_api_key"] = "key-of-member"
    shown = full.ok(INFO_OPERATION)
    reasons = {one["subset"]: one["reason"] for one in shown["not_readable"]}
    refused = "registries ssh_keys destinations notifications servers users dns_providers ai_providers".split()
    assert sorted(reasons) == sorted(refused) and {one["kind"] for one in shown["not_readable"]} == {"permission"}
    assert "sshKey.all" in reasons["ssh_keys"] and 'unauthorized to access resource "sshKeys"' in reasons["ssh_keys"]
    assert "It may be for administrators only." in reasons["ai_providers"]
    assert not set(refused) & {*shown, *shown["counts"]}
    assert shown["tags"] and [one["name"] for one in shown["networks"]] == ["local"]
    # The other answers prove that the key is accepted, so that no further request has to.
    assert full.sim.stats()["http"] == 1


def test_a_refused_key_is_a_failure(full: Host) -> None:
    full.connection["dokploy_api_key"] = "wrong"
    assert full.failed(INFO_OPERATION)["error"]["kind"] == "authentication"


def test_what_an_older_release_does_not_have_is_no_failure(host: Host) -> None:
    host.sim.config(version="0.25.0")
    shown = host.ok(INFO_OPERATION)
    missing = {one["subset"]: one["kind"] for one in shown["not_readable"]}
    assert missing.items() >= dict.fromkeys(("networks", "tags", "settings"), "unknown_procedure").items()
    assert shown["version"] == "0.25.0" and shown["servers"] == [] and "tags" not in shown


def test_another_failure_says_how_to_do_without(full: Host) -> None:
    names = ("settings.getDokployVersion", "settings.health", "tag.all")
    failed = item_error(500, "INTERNAL_SERVER_ERROR", "boom")
    body = [failed if name == "tag.all" else {"result": {"data": {"json": full.read(name)}}} for name in names]
    full.sim.fault(kind="status", procedure="tag.all", status=207, body=body)
    result = full.failed(INFO_OPERATION, gather_subset=["tags"])
    assert result["error"]["kind"] == "server" and "tag.all" in result["msg"] and "boom" in result["msg"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of a description, each with a resource that is made of it: kinds in one listing, packed bodies, replacement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import info_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.replacement import replacement_steps
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._errors import BadRequest
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Reading,
    Removal,
    Replacement,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, OBJECTS, WORDS
from tests.component.engine.test_new_resources import REGISTRY, SSH_KEY
from tests.support.builders import PRIVATE_KEY
from tests.support.fake_clients import Expect, ScriptedClient, batch, reads, writes
from tests.support.host import Host, validated


def play(operation: Operation, *script: Expect, check: bool = False, **params: Any) -> dict[str, Any]:
    client = ScriptedClient(*script)
    given = {"dokploy_url": "http://script.example.com", "dokploy_api_key": "key-of-the-script", **params}
    session = Session(client)  # type: ignore[arg-type]
    result = run(operation, validated(operation, **given), lambda _params: session, check_mode=check, diff_mode=True)
    client.done()
    return result


# --- kinds by suboption ----------------------------------------------------------------------------------------------


def channel(kind: str, *fields: Field) -> Resource:
    flat = ("name", "onDeploy", *(field.api for field in fields))
    return Resource(
        name="channel",
        kind=kind,
        by_suboption=True,
        scope="instance",
        listing=Listing("channel", ("channel.all",), "channelId", nested=kind),
        options=(Field("name", "name", limits=(1, 255)), Field("on", "onDeploy"), Group(kind, fields)),
        creation=Creation(f"channel.create{kind.title()}", takes=flat, row_path=None),
        reading=Reading("channel.one", in_listing=True),
        updating=Updating(f"channel.update{kind.title()}", always_sent={**dict.fromkeys(flat), f"{kind}Id": None}),
        removal=Removal("channel.remove"),
    )


SLACK = channel("slack", Field("url", "webhookUrl", needed=True), Field("room", "room"))
MAIL = channel("mail", Field("to", "toAddress", needed=True))
CHANNELS = resource_operation(SLACK, MAIL)
SLACK_ROW: dict[str, Any] = {
    "channelId": "c1",
    "name": "ops",
    "onDeploy": "yes",
    "slack": {"slackId": "s1", "webhookUrl": "u", "room": "r"},
    "mail": None,
}
MAIL_ROW: dict[str, Any] = {
    "channelId": "c2",
    "name": "post",
    "onDeploy": "no",
    "slack": None,
    "mail": {"mailId": "m1", "toAddress": "a@example.com"},
}
BOTH = [SLACK_ROW, MAIL_ROW]


def test_a_suboption_selects_the_kind_of_a_new_one() -> None:
    new = {
        **SLACK_ROW,
        "channelId": "c3",
        "name": "new",
        "onDeploy": None,
        "slack": {"slackId": "s3", "webhookUrl": "v"},
    }
    script = (
        reads("channel.all", BOTH),
        writes("channel.createSlack", None, name="new", webhookUrl="v"),
        reads("channel.all", [*BOTH, new]),
        batch(("channel.one", {"channelId": "c3"}, new), ("channel.all", {}, [*BOTH, new])),
    )
    result = play(CHANNELS, *script, name="new", slack={"url": "v"})
    assert result["changed"] and result["channel"]["slack"] == {"url": "v", "room": None}
    assert result["channel"]["type"] == "slack" and "mail" not in result["channel"]


def test_what_exists_is_of_its_kind_without_a_suboption() -> None:
    after = {**MAIL_ROW, "onDeploy": "yes"}
    update = writes(
        "channel.updateMail", None, channelId="c2", mailId="m1", name="post", onDeploy="yes", toAddress="a@example.com"
    )
    script = (reads("channel.all", BOTH), update, reads("channel.one", after, channelId="c2"))
    result = play(CHANNELS, *script, name="post", on="yes")
    assert result["channel"] == {
        "channel_id": "c2",
        "type": "mail",
        "name": "post",
        "on": "yes",
        "mail": {"to": "a@example.com"},
    }
    assert not play(CHANNELS, reads("channel.all", BOTH), channel_id="c1", slack={"room": "r"})["changed"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "ops", "mail": {"to": "b"}}, "mail: channel 'ops' is of the kind slack, which cannot change"),
        ({"name": "new"}, "one of slack, mail is needed to create the channel 'new'"),
        ({"channel_id": "c9"}, "channel_id: there is no channel 'c9'"),
        ({"name": "new", "mail": {}}, "mail.to is needed, and it is missing"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(params: dict[str, Any], message: str) -> None:
    assert play(CHANNELS, reads("channel.all", BOTH), **params)["msg"].startswith(message)


def test_two_kinds_of_one_name_need_the_suboption() -> None:
    rows = [SLACK_ROW, {**MAIL_ROW, "name": "ops"}]
    failed = play(CHANNELS, reads("channel.all", rows), name="ops", on="yes")
    assert "slack c1" in failed["msg"] and "mail c2" in failed["msg"]
    assert not play(CHANNELS, reads("channel.all", rows), name="ops", mail={"to": "a@example.com"})["changed"]
    removal = writes("channel.remove", {}, channelId="c2", _timeout=120.0)
    gone = play(CHANNELS, reads("channel.all", rows), removal, channel_id="c2", state="absent")
    assert gone["changed"] and gone["channel"] == {"channel_id": "c2", "name": "ops"}


def test_all_kinds_are_listed_with_their_kind() -> None:
    listed = play(info_operation(SLACK, MAIL), reads("channel.all", BOTH))["channels"]
    assert [(row["name"], row["type"]) for row in listed] == [("ops", "slack"), ("post", "mail")]
    (only,) = play(info_operation(SLACK, MAIL), reads("channel.all", BOTH), type="mail")["channels"]
    assert only["mail"] == {"to": "a@example.com"}


# --- a body with an object in it -------------------------------------------------------------------------------------

VAULT = Resource(
    name="vault",
    scope="instance",
    listing=Listing("vault", ("vault.all",), "vaultId", nested="config", where=("type", "toy")),
    options=(
        Field("name", "name"),
        Group("toy", (Field("url", "url"), Field("token", "token", secret=True, write_only=True))),
    ),
    creation=Creation("vault.create", takes=("name", "url", "token"), defaults={"type": "toy"}),
    packed=("config", ("type", "url", "token")),
    reading=Reading(in_listing=True),
    updating=Updating("vault.update", always_sent={"name": None, "type": "toy", "url": None, "token": None}),
    removal=Removal("vault.remove"),
)
VAULT_ROW = {"vaultId": "v", "name": "main", "type": "toy", "config": {"type": "toy", "url": "u", "token": "********"}}
OTHER = {**VAULT_ROW, "vaultId": "w", "type": "other"}


def test_a_body_has_the_object_that_the_row_has() -> None:
    operation = resource_operation(VAULT)
    created = writes("vault.create", VAULT_ROW, name="main", config={"type": "toy", "url": "u", "token": "t-secret"})
    script = (
        reads("vault.all", [OTHER]),
        created,
        batch(("vault.all", {}, [OTHER, VAULT_ROW]), ("vault.all", {}, [OTHER, VAULT_ROW])),
    )
    new = {"name": "main", "toy": {"url": "u", "token": "t-secret"}}
    result = play(operation, *script, **new)
    assert result["changed"] and "t-secret" not in str(result)
    assert not play(operation, reads("vault.all", [VAULT_ROW, OTHER]), **new)["changed"]
    changed = {**VAULT_ROW, "config": {"type": "toy", "url": "x", "token": "********"}}
    # The mask stands for the stored secret.
    update = writes(
        "vault.update", changed, vaultId="v", name="main", config={"type": "toy", "url": "x", "token": "********"}
    )
    script = (reads("vault.all", [VAULT_ROW]), update, reads("vault.all", [OTHER, changed]))
    assert play(operation, *script, name="main", toy={"url": "x"})["vault"]["toy"] == {"url": "x"}


# --- two IDs, and references inside of another one -------------------------------------------------------------------

ACCOUNT = Resource(
    name="account",
    scope="instance",
    listing=Listing("account", ("account.all",), "toyId", nested="toy", outer="account"),
    removal=Removal("account.remove", id_key="accountId"),
    options=(Field("name", "name"), Field("shared", "shared", BOOLEAN, procedure="account.share")),
    creation=Creation("toy.create", takes=("name",), row_path=None),
    reading=Reading("toy.one"),
    updating=Updating("toy.update", always_sent={"accountId": None, "name": None, "mode": "plain"}),
)
ACCOUNT_ROW: dict[str, Any] = {"accountId": "a1", "name": "acme", "shared": False, "toy": {"toyId": "t1"}}
TOY: dict[str, Any] = {"toyId": "t1", "mode": None, "account": {"accountId": "a1", "name": "acme", "shared": False}}


def test_a_record_with_two_ids_is_removed_and_shared_by_its_handle() -> None:
    operation = resource_operation(ACCOUNT)
    found = (reads("account.all", [ACCOUNT_ROW]), reads("toy.one", TOY, toyId="t1"))
    after = {**TOY, "account": {**TOY["account"], "shared": True}}
    shared = writes("account.share", {}, accountId="a1", shared=True)
    result = play(operation, *found, shared, reads("toy.one", after, toyId="t1"), name="acme", shared=True)
    assert result["account"] == {"account_id": "t1", "name": "acme", "shared": True}
    # What is null is sent as what it is created with.
    renamed = writes("toy.update", {}, toyId="t1", accountId="a1", name="other", mode="plain")
    after = {**TOY, "account": {**TOY["account"], "name": "other"}}
    result = play(operation, *found, renamed, reads("toy.one", after, toyId="t1"), account_id="t1", name="other")
    assert result["account"]["name"] == "other"
    removal = writes("account.remove", {}, accountId="a1", _timeout=120.0)
    assert play(operation, reads("account.all", [ACCOUNT_ROW]), removal, name="acme", state="absent")["changed"]


ROOMS = Listing("room", ("house.all",), "roomId", key="rooms")
TENANT = Resource(
    name="tenant",
    scope="instance",
    listing=Listing("tenant", ("tenant.all",), "tenantId"),
    options=(
        Field("name", "name"),
        Field(
            "rents",
            "rents",
            replace(OBJECTS, empty=[]),
            parts=(
                Field("house", "houseId", reference=Listing("house", ("house.all",), "houseId"), needed=True),
                Field("rooms", "roomIds", WORDS, reference=ROOMS, inside="houseId"),
            ),
        ),
    ),
    creation=Creation("tenant.create", takes=("name", "rents")),
    reading=Reading(in_listing=True),
    updating=Updating("tenant.update"),
    removal=Removal("tenant.remove"),
)
HOUSES = [
    {"houseId": "h1", "name": "one", "rooms": [{"roomId": "r1", "name": "attic"}]},
    {"houseId": "h2", "name": "two", "rooms": [{"roomId": "r2", "name": "attic"}, {"roomId": "r3", "name": "hall"}]},
]


def test_a_part_refers_to_records_inside_of_its_neighbour() -> None:
    before = {"tenantId": "t", "name": "ann", "rents": []}
    sent = [{"houseId": "h2", "roomIds": ["r2"]}]
    script = (
        reads("tenant.all", [before]),
        reads("house.all", HOUSES),
        writes("tenant.update", {}, tenantId="t", rents=sent),
        reads("tenant.all", [{**before, "rents": sent}]),
    )
    stated = [{"house": "two", "rooms": ["attic"]}]
    result = play(resource_operation(TENANT), *script, name="ann", rents=stated)
    assert result["diff"]["after"] == {"rents": stated}
    unknown = [{"house": "one", "rooms": ["hall"]}]
    script = (reads("tenant.all", [before]), reads("house.all", HOUSES))
    failed = play(resource_operation(TENANT), *script, name="ann", rents=unknown)
    assert failed["msg"].startswith("rents.rooms: no room is named 'hall'. There are: 'attic'")


# --- effects of writes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shown", "stored"), [("b", True), ("a", False)])
def test_a_refused_update_may_be_stored(shown: str, stored: bool) -> None:
    resource = replace(
        REGISTRY,
        reading=Reading(in_listing=True),
        updating=Updating("registry.update", refusal_stores=True),
        timeouts={"registry.update": 60.0},
    )
    row = {"registryId": "r", "registryName": "hub", "registryUrl": "u", "username": "a", "password": "p"}
    refused = BadRequest("registry.update refused the input", procedure="registry.update", status=400)
    script = (
        reads("registry.all", [row]),
        writes("registry.update", refused, registryId="r", username="b", _timeout=60.0),
        reads("registry.all", [{**row, "username": shown}]),
    )
    failed = play(resource_operation(resource), *script, name="hub", username="b")
    assert failed["failed"] and failed["changed"] is stored
    assert ("has stored the change although it refused it" in failed["msg"]) is stored


def test_what_only_the_creation_shows_is_shown_on_request() -> None:
    key = Resource(
        name="key",
        scope="instance",
        listing=Listing("key", ("key.all",), "id"),
        options=(Field("name", "name"),),
        creation=Creation("key.create", takes=("name",), shown_once={"key": "key"}),
        reading=Reading(in_listing=True),
        removal=Removal("key.remove"),
    )
    row = {"id": "k", "name": "ci"}
    for include_secrets in (True, False):
        script = (
            reads("key.all", []),
            writes("key.create", {**row, "key": "secret-of-the-key"}, name="ci"),
            reads("key.all", [row]),
        )
        result = play(resource_operation(key), *script, name="ci", include_secrets=include_secrets)
        assert ("secret-of-the-key" in str(result)) is include_secrets
    again = play(resource_operation(key), reads("key.all", [row]), name="ci", include_secrets=True)["key"]
    assert again["key"] is None
    failed = play(resource_operation(key), reads("key.all", [row]), key_id="k", name="other")
    assert failed["msg"].startswith("name cannot be changed on an existing key (it is 'ci')")


# --- in a server, and replaced ---------------------------------------------------------------------------------------

NETWORK = Resource(
    name="network",
    scope="server",
    listing=Listing("network", ("network.all",), "networkId"),
    options=(Field("name", "name", limits=(1, 255)), Field("driver", "driver")),
    creation=Creation("network.create", takes=("name", "driver")),
    reading=Reading("network.one"),
    updating=Updating(replacement=Replacement(replacement_steps, removed_first=True)),
    removal=Removal("network.remove"),
)
NETWORKS = resource_operation(NETWORK)


SERVER: dict[str, Any] = {"description": "", "ipAddress": "192.0.2.1", "port": 22, "username": "root"}


def login(host: Host, name: str = "login") -> str:
    """The ID of a new SSH key."""
    new = {"name": name, "private_key": PRIVATE_KEY, "public_key": "ssh-ed25519 A"}
    return str(host.ok(resource_operation(SSH_KEY), **new)["ssh_key"]["ssh_key_id"])


def test_it_is_in_its_server_or_on_the_own_host(host: Host) -> None:
    host.call("server.create", **SERVER, name="far", serverType="deploy", sshKeyId=login(host))
    foretold = host.ok(NETWORKS, check=True, server="far", name="front")
    host.new_task()
    far = host.ok(NETWORKS, server="far", name="front")
    assert far["changed"] and far["diff"] == foretold["diff"] and host.read("network.all") == []
    host.ok(NETWORKS, name="back")
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(NETWORKS, server="far", name="front")["changed"]
    assert host.sim.calls() == ["server.all", "network.all", "network.one"]
    assert not host.ok(NETWORKS, name="back")["changed"]
    assert host.ok(NETWORKS, check=True, name="front")["changed"]
    listed = host.ok(info_operation(NETWORK))["networks"]
    assert [(one["server"], one["name"]) for one in listed] == [(None, "back"), ("far", "front")]
    assert [one["name"] for one in host.ok(info_operation(NETWORK), server="far")["networks"]] == ["front"]
    failed = host.failed(NETWORKS, server="fat", name="front")
    assert failed["msg"].startswith("server: no server is named 'fat'") and "far" in failed["msg"]
    key = far["network"]["network_id"]
    host.new_task()
    assert not host.ok(NETWORKS, network_id=key)["changed"]
    moved = host.failed(NETWORKS, network_id=far["network"]["network_id"], server="far", driver="overlay")
    assert moved["msg"].startswith("driver cannot be changed on an existing network (it is 'bridge')")
    host.new_task()
    assert host.ok(NETWORKS, network_id=key, server="far", state="absent")["changed"]
    assert not host.ok(NETWORKS, network_id=key, state="absent")["changed"]
    assert [one["name"] for one in host.ok(info_operation(NETWORK))["networks"]] == ["back"]


def test_a_replaced_one_is_created_again(host: Host) -> None:
    made = host.ok(NETWORKS, name="back", driver="bridge")["network"]
    host.new_task()
    failed = host.failed(NETWORKS, name="back", driver="overlay")
    assert failed["msg"].endswith("Set replace to true to create the network again and remove this one.")
    foretold = host.ok(NETWORKS, check=True, name="back", driver="overlay", replace=True)
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(NETWORKS, name="back", driver="overlay", replace=True)
    assert result["changed"] and result["diff"] == foretold["diff"]
    assert host.sim.calls("mutation") == ["network.remove", "network.create"]
    assert result["network"]["network_id"] != made["network_id"] and result["network"]["driver"] == "overlay"
    assert not host.ok(NETWORKS, name="back", driver="overlay", replace=True)["changed"]


def test_the_references_to_a_replaced_one_are_moved(host: Host) -> None:
    def references(client: Any, key: str) -> list[tuple[str, dict[str, Any], str]]:
        rows = [row for row in client.query("server.all") if row["sshKeyId"] == key]
        return [
            ("server.update", {**SERVER, **{one: row[one] for one in ("serverId", "name", "serverType")}}, "sshKeyId")
            for row in rows
        ]

    resource = replace(
        SSH_KEY,
        options=tuple(
            replace(field, create_only=False, replaces=field.name.endswith("_key"))
            for field in SSH_KEY.options
            if isinstance(field, Field)
        ),
        updating=replace(SSH_KEY.updating, replacement=Replacement(replacement_steps, references)),
    )
    operation, old, other = resource_operation(resource), login(host), login(host, "other")
    host.call("server.create", **SERVER, name="a", serverType="deploy", sshKeyId=old)
    host.call("server.create", **SERVER, name="b", serverType="deploy", sshKeyId=other)
    stated = {"name": "login", "private_key": PRIVATE_KEY, "public_key": "ssh-ed25519 B", "description": "d"}
    host.new_task()
    failed = host.failed(operation, **stated)
    assert failed["msg"].startswith("public_key cannot be changed on an existing SSH key (it is 'ssh-ed25519 A')")
    rotated = host.failed(operation, **{**stated, "private_key": PRIVATE_KEY.replace("x", "y"), "public_key": None})
    assert rotated["msg"].startswith("private_key cannot be changed on an existing SSH key. ")
    foretold = host.ok(operation, check=True, **stated, replace=True)
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(operation, **stated, replace=True)
    assert host.sim.calls("mutation") == ["sshKey.create", "server.update", "sshKey.remove"]
    assert result["diff"] == foretold["diff"]
    new = result["ssh_key"]["ssh_key_id"]
    assert result["ssh_key"]["public_key"] == "ssh-ed25519 B" and new != old
    assert {row["name"]: row["sshKeyId"] for row in host.read("server.all")} == {"a": new, "b": other}
    assert not host.ok(operation, **stated, replace=True)["changed"]
    host.new_task()
    assert not host.ok(operation, **stated)["changed"]


# --- a procedure of its own ------------------------------------------------------------------------------------------

BOX = Resource(
    name="box",
    scope="instance",
    listing=Listing("box", ("box.all",), "boxId"),
    options=(Field("name", "name"), Field("size", "size"), Field("color", "color", procedure="box.paint")),
    creation=Creation("box.create", takes=("name", "size")),
    reading=Reading("box.one", in_listing=True),
    updating=Updating("box.update"),
    removal=Removal("box.remove"),
)
BOXES = resource_operation(BOX)


def test_a_field_is_stored_by_its_own_procedure() -> None:
    row = {"boxId": "b1", "name": "tools", "size": "s", "color": "red"}
    after = {**row, "size": "m", "color": "blue"}
    script = (
        reads("box.all", [row]),
        writes("box.update", None, boxId="b1", size="m"),
        writes("box.paint", None, boxId="b1", color="blue"),
        reads("box.one", after, boxId="b1"),
    )
    result = play(BOXES, *script, name="tools", size="m", color="blue")
    assert result["changed"] and result["box"]["color"] == "blue"
    script = (
        reads("box.all", [row]),
        writes("box.paint", None, boxId="b1", color="blue"),
        reads("box.one", {**row, "color": "blue"}, boxId="b1"),
    )
    assert play(BOXES, *script, name="tools", size="s", color="blue")["changed"]


def test_its_own_procedure_follows_the_creation() -> None:
    new = {"boxId": "b1", "name": "tools", "size": "s", "color": None}
    after = {**new, "color": "blue"}
    script = (
        reads("box.all", []),
        writes("box.create", new, name="tools", size="s"),
        writes("box.paint", None, boxId="b1", color="blue"),
        batch(("box.one", {"boxId": "b1"}, after), ("box.all", {}, [after])),
    )
    assert play(BOXES, *script, name="tools", size="s", color="blue")["box"]["color"] == "blue"


def test_a_younger_one_that_only_this_run_has_changed_is_removed_again() -> None:
    old = {"boxId": "b0", "name": "tools", "size": None, "color": "blue", "createdAt": "1"}
    new = {"boxId": "b1", "name": "tools", "size": None, "color": None, "createdAt": "2"}
    painted = {**new, "color": "blue"}
    script = (
        reads("box.all", []),
        writes("box.create", new, name="tools"),
        writes("box.paint", None, boxId="b1", color="blue"),
        batch(("box.one", {"boxId": "b1"}, painted), ("box.all", {}, [painted, old])),
        reads("box.all", [painted, old]),
        reads("box.one", painted, boxId="b1"),
        writes("box.remove", {}, 120.0, boxId="b1"),
        reads("box.all", [old]),
    )
    result = play(BOXES, *script, name="tools", color="blue")
    assert not result["changed"] and result["box"]["box_id"] == "b0"


def test_only_what_has_secrets_has_the_option_that_shows_them() -> None:
    assert "include_secrets" not in info_operation(BOX).options
    secret = replace(BOX, options=(*BOX.options, Field("pin", "pin", secret=True)))
    assert "include_secrets" in info_operation(secret).options
    assert "include_secrets" in info_operation(replace(BOX, reading=Reading(secret_facts=lambda row, url: {}))).options

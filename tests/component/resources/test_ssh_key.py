# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH keys: given and generated pairs, their replacement, and what uses them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.flow import check, plan
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.replacement import CreateBeside
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node, observe
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ssh_key import (
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse
from dokploy_simulator import Simulator
from tests.support.host import Host, validated
from tests.support.ssh_keys import openssh_key, public_part, rsa_key
from tests.support.whole_instance import whole_instance

KEY, OTHER = openssh_key("one"), openssh_key("two")
DEPLOY: dict[str, Any] = {"name": "deploy", "private_key": KEY}
GIT = {"url": "git@git.example.com:acme/shop.git", "branch": "main", "ssh_key": "deploy"}


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("sshKey.all"))


def use(host: Host, key: str) -> dict[str, str]:
    """An application, a stack and a server that use a key; returns their IDs."""
    host.ok(PROJECT, name="shop")
    application = host.ok(APPLICATION, project="shop", name="web", git=GIT)["application"]["application_id"]
    stack = host.ok(COMPOSE, project="shop", name="blog", git=GIT)["compose"]["compose_id"]
    columns = {"description": "d", "ipAddress": "192.0.2.1", "port": 2222, "username": "admin", "serverType": "build"}
    server = host.call("server.create", name="far", sshKeyId=key, enableDockerCleanup=False, **columns)["serverId"]
    host.new_task()
    return {"application": application, "compose": stack, "server": server}


def used(host: Host, ids: dict[str, str]) -> set[str]:
    keys = {"application": "customGitSSHKeyId", "compose": "customGitSSHKeyId", "server": "sshKeyId"}
    return {host.read(f"{kind}.one", **{f"{kind}Id": ids[kind]})[key] for kind, key in keys.items()}


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **DEPLOY)
    assert predicted["changed"] and rows(host) == []
    made = host.ok(OPERATION, **DEPLOY)
    (row,) = rows(host)
    assert (row["privateKey"], row["publicKey"]) == (KEY, public_part("one"))
    assert made["diff"] == predicted["diff"]
    assert made["diff"]["after"] == {"state": "present", "name": "deploy", "private_key": "(hidden) new"}
    assert made["ssh_key"] == {
        "ssh_key_id": row["sshKeyId"],
        "name": "deploy",
        "description": "",
        "public_key": public_part("one"),
        "created_at": row["createdAt"],
    }
    host.new_task()
    host.sim.reset_stats()
    again = host.ok(OPERATION, **DEPLOY)
    assert not again["changed"] and again["ssh_key"] == made["ssh_key"]
    assert host.sim.calls() == ["sshKey.all"]
    assert host.ok(OPERATION, name="deploy", description="d")["diff"]["after"] == {"description": "d"}
    assert host.ok(OPERATION, name="deploy", state="absent")["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="deploy", state="absent")["changed"]


def test_the_private_key_is_shown_on_request_only(host: Host) -> None:
    assert KEY not in str(host.ok(OPERATION, **DEPLOY))
    assert host.ok(OPERATION, name="deploy", include_secrets=True)["ssh_key"]["private_key"] == KEY
    (shown,) = host.ok(INFO_OPERATION)["ssh_keys"]
    assert "private_key" not in shown and shown["public_key"] == public_part("one")
    (shown,) = host.ok(INFO_OPERATION, include_secrets=True)["ssh_keys"]
    assert shown["private_key"] == KEY


@pytest.mark.parametrize("url", ["git@git.example.com:acme/shop.git", "ssh://git@git.example.com:22/acme/shop.git"])
def test_a_repository_over_ssh_needs_a_key(host: Host, url: str) -> None:
    host.call("project.create", name="shop")
    for operation, name in ((APPLICATION, "web"), (COMPOSE, "blog")):
        stated = {"project": "shop", "name": name, "git": {"url": url, "branch": "main"}}
        (warning,) = host.ok(operation, **stated)["warnings"]
        assert f"Dokploy clones {url} over SSH, and refuses to without git.ssh_key" in warning
        over_http = {**stated, "git": {"url": "https://git.example.com/acme/shop.git", "branch": "main"}}
        assert "warnings" not in host.ok(operation, **over_http)
        assert host.ok(operation, **stated)["warnings"] == [warning]
    host.ok(OPERATION, name="deploy", generate="ed25519")
    host.new_task()
    assert "warnings" not in host.ok(COMPOSE, **{**stated, "git": {**stated["git"], "ssh_key": "deploy"}})
    assert "warnings" not in host.ok(COMPOSE, **{**stated, "git": {"url": url}})


def test_line_breaks_and_blanks_are_no_difference(host: Host) -> None:
    host.ok(OPERATION, name="deploy", private_key="\n  " + KEY.replace("\n", " \r\n").strip())
    assert rows(host)[0]["privateKey"] == KEY
    host.call("sshKey.create", name="bare", privateKey=KEY.strip(), publicKey="ssh-rsa A", organizationId="")
    host.new_task()
    assert not host.ok(OPERATION, name="bare", private_key=KEY)["changed"]


def test_a_pair_is_generated_once(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, name="deploy", generate="ed25519")
    assert predicted["ssh_key"]["public_key"] == "(generated)" and host.sim.calls("mutation") == []
    made = host.ok(OPERATION, name="deploy", generate="ed25519", include_secrets=True)
    assert made["diff"] == predicted["diff"]
    (row,) = rows(host)
    assert made["ssh_key"]["public_key"] == row["publicKey"] and row["publicKey"].startswith("ssh-ed25519 ")
    assert made["ssh_key"]["private_key"] == row["privateKey"]
    host.new_task()
    assert not host.ok(OPERATION, name="deploy", generate="rsa")["changed"]
    assert host.ok(OPERATION, name="rsa", generate="rsa")["ssh_key"]["public_key"].startswith("ssh-rsa ")


@pytest.mark.parametrize("state", ["present", "rotated"])
def test_a_pair_is_generated_by_the_first_step_of_its_plan(host: Host, state: str) -> None:
    if state == "rotated":
        host.ok(OPERATION, **DEPLOY)
        host.new_task()
    params = validated(OPERATION, **host.connection, name="deploy", state=state, generate="ed25519")
    context = host.context(params)
    (observed,) = observe([Node(OPERATION.resources[0], params)], context)
    host.sim.reset_stats()
    checked = check(plan(observed), context)
    assert host.sim.calls("mutation") == []
    generate, create = checked.steps[:2]
    create = create.creation if isinstance(create, CreateBeside) else create
    assert isinstance(generate, Write) and isinstance(create, Write)
    assert (generate.procedure, generate.writes, generate.hides) == ("sshKey.generate", False, ("privateKey",))
    assert create.body["privateKey"] == FromResponse("sshKey.generate", "privateKey")
    assert context.executor.run(checked).sent
    assert host.sim.calls("mutation")[:2] == ["sshKey.generate", "sshKey.create"]


def test_a_generated_key_is_referred_to_in_the_same_run(host: Host) -> None:
    items = [
        ["application", {"project": "shop", "name": "web", "git": GIT}],
        ["ssh_key", {"name": "deploy", "generate": "ed25519", "include_secrets": True}],
        ["project", {"name": "shop"}],
    ]
    predicted = host.run(whole_instance(), check=True, items=items)
    assert host.sim.calls("mutation") == []
    shown = predicted["results"]["ssh_key deploy"]["ssh_key"]
    assert (shown["public_key"], shown["private_key"]) == ("(generated)", "(generated)")
    host.new_task()
    made = host.run(whole_instance(), items=items)
    (row,) = rows(host)
    assert (made["errors"], made["changes"]) == ({}, predicted["changes"])
    assert made["results"]["ssh_key deploy"]["ssh_key"]["private_key"] == row["privateKey"]
    application_id = made["results"]["application shop/web"]["application"]["application_id"]
    assert host.read("application.one", applicationId=application_id)["customGitSSHKeyId"] == row["sshKeyId"]


def test_a_pair_is_replaced_where_it_is_used(host: Host) -> None:
    old = host.ok(OPERATION, **DEPLOY, description="d")["ssh_key"]["ssh_key_id"]
    ids = use(host, old)
    server = host.read("server.one", serverId=ids["server"])
    failed = host.failed(OPERATION, name="deploy", private_key=OTHER)
    assert failed["msg"].startswith("private_key cannot be changed on an existing SSH key. Set replace to true")
    predicted = host.ok(OPERATION, check=True, name="deploy", private_key=OTHER, replace=True)
    assert used(host, ids) == {old}
    host.new_task()
    result = host.ok(OPERATION, name="deploy", private_key=OTHER, replace=True)
    assert result["diff"] == predicted["diff"] and KEY not in str(result) and OTHER not in str(result)
    assert result["diff"]["after"] == {"private_key": "(hidden) new"}
    (row,) = rows(host)
    assert used(host, ids) == {row["sshKeyId"]} != {old}
    assert (row["privateKey"], row["publicKey"], row["description"]) == (OTHER, public_part("two"), "d")
    # Nothing else of the server has changed.
    moved = host.read("server.one", serverId=ids["server"])
    assert {key for key, value in moved.items() if value != server[key]} == {"sshKey", "sshKeyId"}
    assert not host.ok(OPERATION, name="deploy", private_key=OTHER, replace=True)["changed"]


@pytest.mark.parametrize("took", [None, False, True])
def test_another_one_of_its_name_stays(host: Host, took: bool | None) -> None:
    """Also where the answer to the creation of the new one is lost."""
    old = host.ok(OPERATION, **DEPLOY)["ssh_key"]["ssh_key_id"]
    ids = use(host, old)
    host.call("sshKey.create", name="deploy", privateKey=OTHER, publicKey="ssh-rsa A", organizationId="")
    (other,) = (row["sshKeyId"] for row in rows(host) if row["sshKeyId"] != old)
    third = openssh_key("three")
    host.new_task()
    if took is not None:
        host.connection["max_retries"] = 1
        host.sim.fault("html", "sshKey.create", status=502, times=1, after=took)
    made = host.ok(OPERATION, ssh_key_id=old, private_key=third, replace=True)["ssh_key"]
    assert sorted(row["sshKeyId"] for row in rows(host)) == sorted((other, made["ssh_key_id"]))
    assert used(host, ids) == {made["ssh_key_id"]} and made["public_key"] == public_part("three")


def test_a_pair_is_rotated_each_time(host: Host) -> None:
    for kind in ("rsa", "rsa", "ed25519"):
        generate = {"generate": "ed25519"} if kind == "ed25519" else {}
        if not rows(host):
            host.ok(OPERATION, name="deploy", generate="rsa")
        before = rows(host)
        host.new_task()
        predicted = host.ok(OPERATION, check=True, name="deploy", state="rotated", **generate)
        assert rows(host) == before
        result = host.ok(OPERATION, name="deploy", state="rotated", **generate)
        assert result["changed"] and result["diff"] == predicted["diff"]
        (row,) = rows(host)
        assert row["sshKeyId"] != before[0]["sshKeyId"] and row["privateKey"] != before[0]["privateKey"]
        assert row["publicKey"].startswith(f"ssh-{kind} ")
    assert host.ok(OPERATION, name="new", state="rotated")["ssh_key"]["public_key"].startswith("ssh-ed25519 ")


def test_a_servers_pair_is_rotated_on_request_only(host: Host) -> None:
    old = host.ok(OPERATION, **DEPLOY)["ssh_key"]["ssh_key_id"]
    ids = use(host, old)
    failed = host.failed(OPERATION, name="deploy", state="rotated")
    assert failed["msg"].startswith("state=rotated: server 'far' would not accept a generated key")
    assert used(host, ids) == {old}
    assert host.ok(OPERATION, name="deploy", state="rotated", force=True)["changed"]
    assert used(host, ids) == {rows(host)[0]["sshKeyId"]} != {old}


def test_what_uses_it_is_named_unless_forced(host: Host) -> None:
    old = host.ok(OPERATION, **DEPLOY)["ssh_key"]["ssh_key_id"]
    use(host, old)
    failed = host.failed(OPERATION, name="deploy", state="absent")
    assert "SSH key 'deploy' is used by application 'web', compose 'blog', server 'far'; Dokploy" in failed["msg"]
    assert host.ok(OPERATION, name="deploy", state="absent", force=True)["changed"] and rows(host) == []


def test_an_rsa_key_has_its_public_key_too(host: Host) -> None:
    made = host.ok(OPERATION, name="rsa", private_key=rsa_key(2**2047 + 1))["ssh_key"]
    kind, text = made["public_key"].split()
    assert kind == "ssh-rsa" and text.startswith("AAAAB3NzaC1yc2EAAAADAQABAAABAQ")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of private_key and generate is needed to create an SSH key"),
        ({"private_key": " "}, "private_key"),
        ({"private_key": "junk-of-the-user"}, "private_key: it is not a private key"),
        ({"private_key": public_part("one")}, "private_key: it is not a private key"),
        ({"private_key": KEY.replace("OPENSSH", "EC")}, "private_key: it is not a private key"),
        ({"private_key": KEY.replace("OPENSSH", "RSA")}, "private_key: its text between the first and the last line"),
        ({"private_key": KEY[:60] + KEY[-36:]}, "private_key: its text between the first and the last line"),
        ({"private_key": openssh_key("x", cipher="aes256-ctr")}, "private_key: it is protected by a passphrase"),
        ({"private_key": openssh_key("x", "ecdsa-sha2-nistp256")}, "it is a key of the type ecdsa-sha2-nistp256"),
        ({"private_key": KEY, "generate": "rsa"}, "private_key and generate are mutually exclusive"),
        ({"private_key": KEY, "state": "rotated"}, "private_key and state=rotated are mutually exclusive"),
        ({"private_key": KEY, "name": ""}, "name must not be empty"),
    ],
)
def test_bad_input_writes_nothing(host: Host, params: dict[str, Any], message: str) -> None:
    failed = host.failed(OPERATION, **{"name": "deploy", **params})
    assert message in failed["msg"] and "junk-of-the-user" not in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_older_servers_keep_the_columns_of_servers() -> None:
    with Simulator(version="0.25.6") as sim:
        host = Host(sim)
        old = host.ok(OPERATION, **DEPLOY)["ssh_key"]["ssh_key_id"]
        columns = {"description": "", "ipAddress": "192.0.2.1", "port": 22, "username": "root"}
        server = host.call("server.create", name="far", sshKeyId=old, **columns)["serverId"]
        host.new_task()
        assert host.ok(OPERATION, name="deploy", private_key=OTHER, replace=True)["changed"]
        assert host.read("server.one", serverId=server)["sshKeyId"] == rows(host)[0]["sshKeyId"]
        host.close()


@pytest.mark.parametrize("took", [False, True])
def test_a_lost_creation_leaves_one_generated_pair(host: Host, took: bool) -> None:
    host.connection["max_retries"] = 1
    host.sim.fault("html", "sshKey.create", status=502, times=1, after=took)
    made = host.ok(OPERATION, name="deploy", generate="ed25519")
    (row,) = rows(host)
    assert made["changed"] and made["ssh_key"]["public_key"] == row["publicKey"]
    once = ["sshKey.generate", "sshKey.create"]
    assert host.sim.calls("mutation") == (once if took else [*once, *once])


NEW_PAIRS = {"rotated": {"state": "rotated", "force": True}, "replaced": {"private_key": OTHER, "replace": True}}


@pytest.mark.parametrize("took", [False, True])
@pytest.mark.parametrize(
    ("procedure", "how"),
    [
        ("sshKey.create", "rotated"),
        ("sshKey.create", "replaced"),
        ("application.update", "rotated"),
        ("server.update", "rotated"),
        ("sshKey.remove", "rotated"),
    ],
)
def test_a_new_pair_takes_the_place_of_the_old_one_after_a_lost_answer(
    host: Host, procedure: str, how: str, took: bool
) -> None:
    """Another attempt would find two of the name."""
    old = host.ok(OPERATION, **DEPLOY)["ssh_key"]["ssh_key_id"]
    ids = use(host, old)
    host.connection["max_retries"] = 1
    host.sim.fault("html", procedure, status=502, times=1, after=took)
    result = host.ok(OPERATION, name="deploy", **NEW_PAIRS[how])
    (row,) = rows(host)
    assert result["changed"] and result["ssh_key"]["ssh_key_id"] == row["sshKeyId"] != old
    assert result["ssh_key"]["public_key"] == row["publicKey"] != public_part("one")
    assert used(host, ids) == {row["sshKeyId"]}
    assert host.sim.calls("mutation").count("sshKey.generate") == (1 if how == "rotated" else 0)

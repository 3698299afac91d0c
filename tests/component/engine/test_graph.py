# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole instance in one run: planned at once on an empty server, carried out in waves, and removed as one plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import selected
from ansible_collections.community.dokploy.plugins.module_utils._engine.flow import Node
from ansible_collections.community.dokploy.plugins.module_utils._engine.graph import carry_out, plan_nodes
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation
from dokploy_simulator import Simulator
from tests.support.host import Host, validated
from tests.support.operations import OPERATIONS
from tests.support.releases import RELEASES
from tests.support.ssh_keys import openssh_key

Item = tuple[str, dict[str, Any]]
STAGING = {"project": "shop", "environment": "staging"}
GIT = {"url": "git@git.example.com:acme/shop.git", "branch": "main", "ssh_key": "deploy"}
# In no order: what is in others and what refers to others come first.
WHOLE: tuple[Item, ...] = (
    (
        "application",
        {
            **STAGING,
            "name": "web",
            "git": GIT,
            "registry": "ghcr",
            "env": {"A": "1"},
            "replicas": 2,
            "domains": [{"host": "web.example.com"}],
            "mounts": [{"type": "volume", "name": "data", "target": "/data"}],
        },
    ),
    ("application", {"project": "shop", "name": "landing", "docker": {"image": "nginx:1.29"}, "registry": "ghcr"}),
    ("compose", {**STAGING, "name": "search", "git": GIT}),
    (
        "database",
        {
            **STAGING,
            "name": "db",
            "type": "postgres",
            "database": "shop",
            "user": "shop",
            "password": "made-up",
            "backups": [
                {"destination": "s3", "cron": "0 3 * * *", "prefix": "shop", "database_name": "shop", "enabled": True}
            ],
        },
    ),
    ("environment", {"project": "shop", "name": "staging", "env": {"STAGE": "staging"}}),
    ("environment", {"project": "shop", "name": "production", "env": {"STAGE": "production"}}),
    ("project", {"name": "shop", "env": {"CURRENCY": "EUR"}}),
    ("ssh_key", {"name": "deploy", "private_key": openssh_key("deploy")}),
    ("registry", {"name": "ghcr", "url": "ghcr.io", "username": "acme", "password": "made-up"}),
    ("destination", {"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}),
)


# A default environment goes with its project.
REMOVABLE = tuple(item for item in WHOLE if item[1]["name"] != "production")


def key_of(module: str, options: Mapping[str, Any]) -> str:
    path = [options[name] for name in ("project", "environment") if name in options and module != "project"]
    return f"{module} {'/'.join([*path, options['name']])}"


def whole(
    items: Sequence[Item], connection: Mapping[str, Any], state: str = "present", before: Callable[[], None] = bool
) -> Operation:
    """An operation that brings many resources into a state.

    :param before: happens between the plan and the writes.
    """

    def perform(context: Context) -> dict[str, Any]:
        nodes = []
        for module, options in items:
            operation = OPERATIONS[f"dokploy_{module}"]
            params = validated(operation, **connection, **{"state": state, **options})
            nodes.append(Node(selected(operation.resources, params, context.reads), params, key_of(module, options)))
        plans = plan_nodes(nodes, context)
        assert not context.executor.sent
        changes = [one.change for wave in plans for one in wave]
        before()
        run = carry_out(plans, context)
        return {
            "changed": any(one["action"] != "none" for one in changes),
            "waves": [[one.node.key for one in wave] for wave in plans],
            "changes": changes,
            "results": run.done,
            "errors": {key: str(error) for key, error in run.failed.items()},
            "waiting": run.waiting,
        }

    return Operation("whole", {}, perform)


def apply(
    host: Host, items: Sequence[Item] = WHOLE, state: str = "present", check: bool = False, **more: Any
) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(whole(items, host.connection, state, **more), check=check)


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[-1]])
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "http"])
def test_a_whole_instance_comes_and_goes(sim: Simulator, release: str, direct: bool) -> None:
    sim.config(version=release)
    host = Host(sim, direct=direct)
    planned = apply(host, check=True)
    assert sim.calls("mutation") == []
    actions = {one["key"]: one["action"] for one in planned["changes"]}
    assert actions == {key_of(*item): "create" for item in WHOLE} | {"environment shop/production": "update"}
    assert planned["waves"] == [
        ["project shop", "ssh_key deploy", "registry ghcr", "destination s3"],
        ["environment shop/staging", "environment shop/production", "application shop/landing"],
        ["application shop/staging/web", "compose shop/staging/search", "database shop/staging/db"],
    ]
    done = apply(host)
    assert (done["errors"], done["waiting"]) == ({}, {})
    assert (done["changes"], done["waves"]) == (planned["changes"], planned["waves"])
    again = apply(host)
    assert (again["changed"], sim.calls("mutation")) == (False, [])
    # Each module alone finds what it states.
    for module, options in WHOLE:
        host.new_task()
        assert not host.ok(OPERATIONS[f"dokploy_{module}"], check=True, **options)["changed"], options

    gone = apply(host, REMOVABLE, "absent", check=True)
    assert sim.calls("mutation") == []
    assert gone["waves"] == [
        ["application shop/staging/web", "application shop/landing"]
        + ["compose shop/staging/search", "database shop/staging/db"],
        ["environment shop/staging", "ssh_key deploy", "registry ghcr", "destination s3"],
        ["project shop"],
    ]
    removed = apply(host, REMOVABLE, "absent")
    assert (removed["errors"], removed["changes"]) == ({}, gone["changes"])
    assert not apply(host, REMOVABLE, "absent")["changed"]
    host.close()


def test_a_plan_takes_few_requests(host: Host) -> None:
    """The tree and the listings, once; and one batch for the rows of all that exists."""
    apply(host, check=True)
    listings = ["project.all", "sshKey.all", "registry.all", "destination.all", "sshKey.allForApps"]
    assert host.sim.calls() == listings
    apply(host)
    apply(host, check=True)
    databases, rows = ["environment.one"], ["application.one", "application.one", "compose.one", "postgres.one"]
    assert host.sim.stats()["http"] == 7
    assert sorted(host.sim.calls()) == sorted([*listings, *databases, "environment.one", "environment.one", *rows])


def test_a_failure_stops_only_what_depends_on_it(host: Host) -> None:
    host.sim.fault("status", "registry.create", status=400, times=1, body={"message": "no such registry"})
    first = apply(host)
    assert list(first["errors"]) == ["registry ghcr"]
    assert "no such registry" in first["errors"]["registry ghcr"]
    assert first["waiting"] == {
        "application shop/staging/web": "registry ghcr",
        "application shop/landing": "registry ghcr",
    }
    assert {key_of(*item) for item in WHOLE} - set(first["results"]) == {*first["errors"], *first["waiting"]}
    second = apply(host)
    assert (second["errors"], second["waiting"]) == ({}, {})
    assert {one["key"] for one in second["changes"] if one["action"] == "create"} == {
        *first["errors"],
        *first["waiting"],
    }
    assert not apply(host)["changed"]


def test_the_failure_of_a_removal_stops_the_removal_of_what_it_is_in(host: Host) -> None:
    apply(host)
    host.sim.fault("status", "compose.delete", status=400, times=1, body={"message": "not now"})
    first = apply(host, REMOVABLE, "absent")
    assert list(first["errors"]) == ["compose shop/staging/search"]
    assert set(first["waiting"]) == {"environment shop/staging", "project shop", "ssh_key deploy"}
    assert set(first["waiting"].values()) == {"compose shop/staging/search"}
    second = apply(host, REMOVABLE, "absent")
    assert (second["errors"], second["waiting"]) == ({}, {})
    assert host.read("project.all") == host.read("sshKey.all") == host.read("registry.all") == []


def test_what_another_process_creates_meanwhile_is_planned_again_alone(host: Host) -> None:
    def other() -> None:
        project = host.call("project.create", name="shop")["project"]
        host.call("environment.create", name="staging", projectId=project["projectId"])
        # The older one stays, and dates are in milliseconds.
        time.sleep(0.01)

    done = apply(host, before=other)
    assert (done["errors"], done["waiting"]) == ({}, {})
    assert [one["name"] for one in host.read("project.all")] == ["shop"]
    assert not apply(host)["changed"]


def test_a_reference_is_released_before_its_record_is_removed(host: Host) -> None:
    apply(host)
    other = ("registry", {"name": "quay", "url": "quay.io", "username": "acme", "password": "made-up"})
    moved = [(module, {**options, "registry": "quay"}) for module, options in WHOLE if "registry" in options]
    gone = ("registry", {"name": "ghcr", "state": "absent"})
    used = next(one for one in moved if one[1]["name"] == "web")
    host.new_task()
    failed = host.failed(whole([other, used, gone], host.connection))
    assert "registry 'ghcr' is used by application 'landing'" in failed["msg"]
    done = apply(host, [gone, *moved, other])
    assert (done["errors"], [one["registryName"] for one in host.read("registry.all")]) == ({}, ["quay"])
    assert done["waves"][-1] == ["registry ghcr"]


def test_what_another_node_refers_to_is_not_removed(host: Host) -> None:
    apply(host)
    new = ("application", {**STAGING, "name": "new", "docker": {"image": "nginx:1.29"}, "registry": "ghcr"})
    unused = [(module, {**options, "registry": ""}) for module, options in WHOLE if "registry" in options]
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(whole([new, *unused, ("registry", {"name": "ghcr", "state": "absent"})], host.connection))
    assert failed["msg"] == "registry ghcr is to be removed, and application shop/staging/new refers to it"
    assert host.sim.calls("mutation") == []

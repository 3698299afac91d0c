# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole instance in one run: planned at once on an empty server, carried out in waves, and removed as one plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from dokploy_simulator import Simulator
from tests.support.direct_transport import DirectTransport
from tests.support.effort import THOROUGH
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.releases import RELEASES
from tests.support.whole_instance import INSTANCE, REMOVABLE, STAGING, Item, key_of, whole_instance


def apply(
    host: Host,
    items: Sequence[Item] = INSTANCE,
    state: str = "present",
    check: bool = False,
    before: Callable[[], object] = bool,
) -> dict[str, Any]:
    """The result of one run. :param before: happens between the plan and the writes."""
    stated = [[module, {"state": state, **options}] for module, options in items]
    host.new_task()
    host.sim.reset_stats()
    return host.run(whole_instance(before), check=check, items=stated)


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[-1]])
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "http"])
def test_a_whole_instance_comes_and_goes(sim: Simulator, release: str, direct: bool) -> None:
    sim.config(version=release)
    host = Host(sim, direct=direct)
    planned = apply(host, check=True)
    assert sim.calls("mutation") == []
    actions = {one["key"]: one["action"] for one in planned["changes"]}
    assert actions == {key_of(*item): "create" for item in INSTANCE} | {"environment shop/production": "update"}
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
    for module, options in INSTANCE:
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
    assert {key_of(*item) for item in INSTANCE} - set(first["results"]) == {*first["errors"], *first["waiting"]}
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
    moved = [(module, {**options, "registry": "quay"}) for module, options in INSTANCE if "registry" in options]
    gone = ("registry", {"name": "ghcr", "state": "absent"})
    used = next(one for one in moved if one[1]["name"] == "web")
    failed = apply(host, [other, used, gone])
    assert "registry 'ghcr' is used by application 'landing'" in failed["msg"]
    done = apply(host, [gone, *moved, other])
    assert (done["errors"], [one["registryName"] for one in host.read("registry.all")]) == ({}, ["quay"])
    assert done["waves"][-1] == ["registry ghcr"]


def test_what_another_node_refers_to_is_not_removed(host: Host) -> None:
    apply(host)
    new = ("application", {**STAGING, "name": "new", "docker": {"image": "nginx:1.29"}, "registry": "ghcr"})
    unused = [(module, {**options, "registry": ""}) for module, options in INSTANCE if "registry" in options]
    failed = apply(host, [new, *unused, ("registry", {"name": "ghcr", "state": "absent"})])
    assert failed["msg"] == "registry ghcr is to be removed, and application shop/staging/new refers to it"
    assert host.sim.calls("mutation") == []


LISTS: tuple[Item, ...] = (
    ("user", {"email": "dev@example.com", "projects": ["shop"], "services": ["shop/production/web"]}),
    (
        "application",
        {"project": "shop", "name": "web", "docker": {"image": "nginx:1.29"}, "networks": ["back", "front"]},
    ),
    ("project", {"name": "shop", "tags": ["team-a"]}),
    ("network", {"name": "front"}),
    ("network", {"name": "back"}),
    ("tag", {"name": "team-a", "color": "#3b82f6"}),
)


def test_lists_and_paths_of_what_is_created_in_the_same_run(host: Host) -> None:
    """IDs in lists, in the procedure of a single field, and in the paths of the project tree."""
    host.call("user.createUserWithCredentials", email="dev@example.com", password="made-up-1", role="member")
    planned = apply(host, LISTS, check=True)
    assert "waves" in planned, planned["msg"]
    done = apply(host, LISTS)
    assert (done["errors"], done["waiting"]) == ({}, {})
    assert done["changes"] == planned["changes"]
    assert not apply(host, LISTS)["changed"]
    for module, options in LISTS:
        host.new_task()
        assert not host.ok(OPERATIONS[f"dokploy_{module}"], check=True, **options)["changed"], options


@pytest.mark.parametrize("status", [400, 404, 500])
@pytest.mark.parametrize("after", [False, True])
def test_an_item_of_a_batch_fails_alone(host: Host, status: int, after: bool) -> None:
    """Each item of each batch; what depends on its node waits, and the next run completes it."""
    if after and status != 500:
        pytest.skip("what is refused has no effect")
    apply(host)
    wanted = named_state(host)
    batched = [
        call["procedure"] for call in host.sim.stats()["journal"] if call["batch"] and call["kind"] == "mutation"
    ]
    apply(host, REMOVABLE, "absent")
    items = [(name, batched[:at].count(name) + 1) for at, name in enumerate(batched)]
    assert len(items) >= 9
    for name, nth in items if THOROUGH else items[status % 4 :: 4]:
        host.sim.reset()
        host.sim.fault("item", name, nth=nth, status=status, body="refused by a test", after=after)
        first = apply(host)
        (failed,) = first["errors"]
        assert "refused by a test" in first["errors"][failed], (name, nth)
        assert set(first["waiting"].values()) <= {failed}
        assert len(first["results"]) + len(first["waiting"]) + 1 == len(INSTANCE)
        host.sim.reset(state=False)
        again = apply(host)
        assert (again["errors"], named_state(host)) == ({}, wanted), (name, nth)
        assert not apply(host)["changed"], (name, nth)


LANDING: dict[str, Any] = {"project": "shop", "environment": "production", "name": "landing"}
DATABASE: dict[str, Any] = {**STAGING, "name": "db", "type": "postgres"}
_TASKS = "docker.getServiceContainersByAppName"


def in_state(module: str, options: dict[str, Any], state: str) -> Item:
    return module, {**options, "state": state}


@pytest.fixture
def deployed(host: Host) -> Host:
    """The whole instance, of which an application and a database run."""
    apply(host)
    host.ok(DEPLOYMENT, application="landing", project="shop", environment="production")
    host.ok(OPERATIONS["dokploy_database"], **DATABASE, state="deployed")
    return host


def test_services_are_stopped_and_started_in_a_run(deployed: Host) -> None:
    """After what configures them, and before what they use is removed."""
    changed = ("application", {**LANDING, "env": {"A": "2"}, "registry": ""})
    unused = ("application", {**STAGING, "name": "web", "registry": ""})
    stop = [in_state("database", DATABASE, "stopped"), in_state("application", LANDING, "stopped")]
    items = [*stop, changed, unused, ("registry", {"name": "ghcr", "state": "absent"})]
    planned = apply(deployed, items, check=True)
    assert deployed.sim.calls("mutation") == []
    assert planned["waves"] == [
        ["application shop/production/landing", "application shop/staging/web", "database shop/staging/db stopped"],
        ["application shop/production/landing stopped"],
        ["registry ghcr"],
    ]
    actions = {one["key"]: one["action"] for one in planned["changes"]}
    assert [actions[key_of(*one)] for one in stop] == ["stop", "stop"]
    done = apply(deployed, items)
    assert (done["errors"], done["changes"]) == ({}, planned["changes"])
    assert done["results"]["database shop/staging/db stopped"]["running"]["replicas_running"] == 0
    assert done["results"]["application shop/production/landing stopped"]["diff"]["before"] == {"running": 1}
    assert not apply(deployed, stop)["changed"]
    again = apply(deployed, [in_state("application", LANDING, "started"), in_state("database", DATABASE, "started")])
    assert [one["action"] for one in again["changes"]] == ["start", "start"]
    # Both are looked at in one request, and both are waited for together.
    tasks = [call for call in deployed.sim.stats()["journal"] if call["procedure"] == _TASKS]
    assert [call["batch"] for call in tasks[:3]] == [2, 2, 2]
    assert again["results"]["application shop/production/landing started"]["running"]["replicas_running"] == 1


OPS = {"name": "ops", "slack": {"webhook_url": "https://hooks.example.com/services/one", "channel": "#ops"}}
FRONT = {"name": "front", "driver": "overlay"}
FAR = {"name": "far", "ip_address": "192.0.2.7", "ssh_key": "deploy"}
SHOP = ("project", {"name": "shop"})
SSH_KEY = next(one for one in INSTANCE if one[0] == "ssh_key")
USER = {"email": "dev@example.com", "projects": ["shop"], "services": ["shop/production/db", "shop/production/stack"]}
NEW_DATABASE = {
    "project": "shop",
    "name": "db",
    "type": "postgres",
    "database": "a",
    "user": "a",
    "password": "made-up",
}
STACK = {"project": "shop", "name": "stack", "template": {"id": "mini"}, "env": {"A": "1"}}


def test_any_state_is_part_of_a_run(host: Host) -> None:
    """Others refer to what is deployed, validated or begins as a template; what is tested or synchronized exists."""
    host.call("user.createUserWithCredentials", email="dev@example.com", password="made-up-1", role="member")
    apply(host, [("notification", OPS), ("network", FRONT)])
    host.sim.act(network="front", gone=True)
    host.sim.act(network="front", driver="bridge")
    host.sim.config(ssh_host_states={"192.0.2.7:22": {"docker": {"version": "1.2.3", "enabled": True}}})
    server = {**FAR, "required_components": ["docker"]}
    changed = {**OPS, "slack": {**OPS["slack"], "channel": "#dev"}}
    items: list[Item] = [
        ("user", USER),
        in_state("network", {"name": "front"}, "synced"),
        in_state("notification", {"name": "ops"}, "tested"),
        ("notification", changed),
        in_state("database", NEW_DATABASE, "deployed"),
        ("compose", STACK),
        in_state("server", server, "validated"),
        SSH_KEY,
        SHOP,
    ]
    planned = apply(host, items, check=True)
    assert host.sim.calls("mutation") == []
    actions = {one["key"]: one["action"] for one in planned["changes"]}
    assert actions == {
        "user dev@example.com": "update",
        "network front synced": "sync",
        "notification ops tested": "test",
        "notification ops": "update",
        "database shop/db deployed": "create",
        "compose shop/stack": "create",
        "server far validated": "create",
        "ssh_key deploy": "create",
        "project shop": "create",
    }
    assert planned["waves"][0] == ["notification ops", "ssh_key deploy", "project shop", "network front synced"]
    done = apply(host, items)
    assert (done["errors"], done["waiting"], done["changes"]) == ({}, {}, planned["changes"])
    results = done["results"]
    assert results["server far validated"]["validation"]["docker"] == "1.2.3"
    database = results["database shop/db deployed"]
    assert (database["deployed"], database["running"]["replicas_running"]) == (True, 1)
    assert database["diff"]["after"]["deployment"] == "(a new one: never deployed)"
    assert [one["host"] for one in results["compose shop/stack"]["compose"]["domains"]] != []
    # It is tested as it was changed in the same run.
    assert [one["body"]["channel"] for one in host.sim.messages()] == ["#dev"]
    again = apply(host, items, check=True)
    assert [one["action"] for one in again["changes"] if one["action"] != "none"] == ["test"]
    stopped = in_state("database", {"project": "shop", "name": "db", "type": "postgres"}, "stopped")
    assert apply(host, [stopped])["errors"] == {}
    assert [one["action"] for one in apply(host, items[4:5])["changes"]] == ["deploy"]


def test_what_a_run_only_creates_cannot_be_started_in_it(host: Host) -> None:
    new = {**STAGING, "name": "web"}
    failed = apply(host, [*INSTANCE, in_state("application", new, "started")])
    assert failed["msg"].startswith("application 'web' in shop/staging: nothing of it was ever deployed")
    assert "dokploy_deployment" in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_what_is_started_is_not_removed(deployed: Host) -> None:
    items = [in_state("application", LANDING, state) for state in ("started", "absent")]
    assert apply(deployed, items)["msg"] == (
        "application shop/production/landing is to be removed, and application shop/production/landing started "
        "refers to it"
    )


def test_the_failure_of_what_configures_a_service_stops_its_start(deployed: Host) -> None:
    deployed.sim.fault("status", "application.update", status=400, times=1, body={"message": "not now"})
    done = apply(
        deployed, [("application", {**LANDING, "env": {"A": "2"}}), in_state("application", LANDING, "stopped")]
    )
    assert done["waiting"] == {"application shop/production/landing stopped": "application shop/production/landing"}


def test_many_of_a_kind_are_written_and_read_in_batches(host: Host) -> None:
    """One request for each step of forty applications."""
    common = {"project": "shop", "docker": {"image": "nginx:1.29"}, "replicas": 2}
    ports = [[{"published_port": 8000 + number, "target_port": 80}] for number in range(40)]
    many = [("application", {**common, "name": f"web-{number}", "ports": own}) for number, own in enumerate(ports)]
    done = apply(host, [("project", {"name": "shop"}), *many])
    assert done["errors"] == {}
    written = [("project.create", 1), ("application.create", 40), ("application.update", 40), ("port.create", 40)]
    assert host.sim.calls("mutation") == [procedure for procedure, times in written for _number in range(times)]
    # The tree, the project and its read-back, three steps and the read-back of all applications.
    assert host.sim.stats()["http"] == 7
    more = [(module, {**options, "replicas": 3}) for module, options in many]
    assert (apply(host, more)["errors"], host.sim.stats()["http"]) == ({}, 4)
    assert not apply(host, more)["changed"]


class Killed(BaseException):
    """The process ends."""


@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_run_after_a_killed_one_completes_it(host: Host, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at any of its requests, before the server gets it or after its answer, so between any two waves too."""
    start = DirectTransport._start

    def killed_at(number: int) -> None:
        left = number

        def killing(transport: DirectTransport, request: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and stage == "before":
                raise Killed
            answer = start(transport, request)
            if left == 0:
                raise Killed
            return answer

        monkeypatch.setattr(DirectTransport, "_start", killing)

    apply(host)
    requests, wanted = host.sim.stats()["http"], named_state(host)
    for number in range(1, requests + 1, 1 if THOROUGH else 3):
        host.sim.reset()
        killed_at(number)
        with pytest.raises(Killed):
            apply(host)
        monkeypatch.setattr(DirectTransport, "_start", start)
        done = apply(host)
        assert (done["errors"], done["waiting"]) == ({}, {}), number
        assert named_state(host) == wanted, number
        assert not apply(host)["changed"], number


def named_state(host: Host) -> list[str]:
    """The names of all that there is, with what is in it."""
    found = [
        f"{listing} {row.get('name') or row.get('registryName')}"
        for listing in ("registry.all", "sshKey.all", "destination.all")
        for row in host.read(listing)
    ]
    for project in host.read("project.all"):
        for environment in project["environments"]:
            whole = host.read("environment.one", environmentId=environment["environmentId"])
            services = [(kind, row["name"]) for kind in ("applications", "compose", "postgres") for row in whole[kind]]
            found.append(f"{project['name']} {environment['name']} {whole['env']} {sorted(services)}")
    return sorted(found)


def test_a_child_that_another_machine_adds_too_exists_once(host: Host) -> None:
    """Its resource is planned again, and the others are not."""
    apply(host, [("project", {"name": "shop"}), ("application", {"project": "shop", "name": "web"})])
    (environment,) = host.read("project.all")[0]["environments"]
    (web,) = (row["applicationId"] for row in environment["applications"])
    items = [
        ("application", {"project": "shop", "name": name, "domains": [{"host": f"{name}.example.com"}]})
        for name in ("web", "other")
    ]
    theirs = {"applicationId": web, "domainType": "application", "host": "web.example.com", "path": "/"}
    done = apply(host, items, before=lambda: host.call("domain.create", **theirs))
    assert (done["errors"], set(done["results"])) == ({}, {"application shop/web", "application shop/other"})
    assert len(host.read("application.one", applicationId=web)["domains"]) == 1
    assert len(done["results"]["application shop/web"]["application"]["domains"]) == 1
    assert host.sim.calls("mutation").count("domain.delete") == 1
    assert not apply(host, items)["changed"]


def test_domains_share_requests_as_far_as_the_server_has_connections(host: Host) -> None:
    """Four at a time of different applications; those that change the middlewares of the server, one by one."""
    common = {"project": "shop", "docker": {"image": "nginx:1.29"}}
    domains: list[dict[str, Any]] = [{"host": f"{number}.example.com"} for number in range(10)]
    domains += [{"host": "p.example.com", "path": "/p", "strip_path": True} for _number in range(2)]

    def many(more: dict[str, Any] | None) -> list[Item]:
        """The applications with a port and a domain, or without both."""
        return [
            (
                "application",
                {
                    **common,
                    "name": f"web-{number}",
                    "domains": [] if more is None else [{**own, **more}],
                    "ports": [] if more is None else [{"published_port": 9000 + number, "target_port": 80}],
                },
            )
            for number, own in enumerate(domains)
        ]

    def sizes(procedure: str) -> list[int]:
        return sorted(call["batch"] for call in host.sim.stats()["journal"] if call["procedure"] == procedure)

    done = apply(host, [("project", {"name": "shop"}), *many({})])
    assert done["errors"] == {}
    assert sizes("domain.create") == [0, 0, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4]
    assert host.sim.stats()["most_in_transaction"] == 4
    assert not apply(host, many({}))["changed"]
    assert apply(host, many({"port": 8080}))["errors"] == {}
    assert sizes("domain.update") == [0, 0, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4]
    # Ports are rows only. The removal of a domain writes the middlewares of its server.
    assert apply(host, many(None))["errors"] == {}
    assert (sizes("port.delete"), sizes("domain.delete")) == ([12] * 12, [0] * 12)

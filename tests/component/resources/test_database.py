# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases of all kinds, through the operations of their modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import ServerError
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    DATABASES,
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from dokploy_simulator import Simulator
from dokploy_simulator.world.docker.docker import Docker
from tests.support.docker_down import docker_is_down
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

NEEDED: dict[str, dict[str, Any]] = {
    "postgres": {"database": "shop", "user": "shop"},
    "mysql": {"database": "shop", "user": "shop"},
    "mariadb": {"database": "shop", "user": "shop", "image": "mariadb:11"},
    "mongo": {"user": "shop", "image": "mongo:8"},
    "redis": {},
    "libsql": {"user": "shop"},
}
KINDS = [resource.kind for resource in DATABASES]


@pytest.fixture
def shop(host: Host) -> Host:
    host.call("project.create", name="shop")
    return host


def params(kind: str, **more: Any) -> dict[str, Any]:
    return {"project": "shop", "name": "db", "type": kind, **NEEDED[kind], **more}


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_is_created_changed_cleared_and_removed(shop: Host, kind: str) -> None:
    made = shop.ok(OPERATION, **params(kind, password="S3cret-of-it", env={"A": "1"}, description="d"))
    assert made["changed"]
    database = made["database"]
    assert database["internal_host"].startswith(f"{kind}-")
    assert "internal_url" not in database and "password" not in database
    shop.new_task()
    shop.sim.reset_stats()
    same = shop.ok(OPERATION, **params(kind, password="S3cret-of-it", env={"A": "1"}, description="d"))
    assert not same["changed"]
    assert shop.sim.stats()["http"] == 3
    shop.new_task()
    changed = shop.ok(OPERATION, **params(kind, env="", description="", memory_limit="256M", external_port=5999))
    assert changed["changed"]
    shop.new_task()
    (shown,) = shop.ok(INFO_OPERATION, include_secrets=True)["databases"]
    assert (shown["env"], shown["description"], shown["memory_limit"]) == ({}, "", "256M")
    assert "S3cret-of-it" in shown["internal_url"] and ":5999" in shown["external_url"]
    shop.new_task()
    assert shop.ok(OPERATION, project="shop", name="db", type=kind, state="absent")["changed"]
    shop.new_task()
    assert not shop.ok(OPERATION, project="shop", name="db", type=kind, state="absent")["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_the_ports_of_traefik_are_refused(shop: Host, check: bool) -> None:
    """The list of containers leaves Traefik out, and so does Dokploy's own check."""
    for port in (80, 443):
        refused = shop.failed(OPERATION, check=check, **params("postgres", external_port=port))
        assert refused["msg"] == f"external_port: port {port} is used by container 'dokploy-traefik'"
    stated = {"ports": [{"published_port": 443, "target_port": 5432, "protocol": "udp"}]}
    assert "port 443 is used" in shop.failed(OPERATION, check=check, **params("postgres", endpoint_spec=stated))["msg"]
    assert shop.read("project.all")[0]["environments"][0]["postgres"] == []
    assert shop.ok(OPERATION, check=check, **params("postgres", external_port=8080))["changed"]


def test_traefik_is_left_out_where_the_key_may_not_see_it(shop: Host) -> None:
    shop.sim.fault("status", "docker.getConfig", status=403)
    assert shop.ok(OPERATION, **params("postgres", external_port=80))["changed"]


def test_a_database_of_another_type_with_its_name_is_named(shop: Host) -> None:
    """Names are unique neither on the server nor among the types, and the type of a database cannot be changed."""
    database_id = shop.ok(OPERATION, **params("postgres"))["database"]["database_id"]
    mine = {"project": "shop", "name": "db", "type": "mysql"}
    shop.new_task()
    refused = shop.failed(OPERATION, **mine)["msg"]
    assert refused.startswith(
        "database and user are needed to create a mysql database. There is a database 'db' in shop/"
    )
    assert refused.endswith("of type postgres, and the type cannot be changed.")
    for address in (mine, {"type": "mysql", "database_id": database_id}):
        gone = shop.ok(OPERATION, **address, state="absent")
        assert not gone["changed"] and "That of type postgres stays." in gone["warnings"][0]
    for check in (True, False):
        made = shop.ok(OPERATION, check=check, **params("mysql"))
        assert made["warnings"] == [
            "database 'db' in shop/production of type mysql is a new one, beside that of type postgres."
        ]
    shop.new_task()
    for kind in ("mysql", "postgres"):
        assert "warnings" not in shop.ok(OPERATION, **params(kind))
        gone = shop.ok(OPERATION, project="shop", name="db", type=kind, state="absent")
        assert gone["changed"] and "warnings" not in gone
    assert "warnings" not in shop.ok(OPERATION, **mine, state="absent")
    assert "warnings" not in shop.ok(OPERATION, **{**params("redis"), "name": "db"})


# --- deployed --------------------------------------------------------------------------------------------------------


@pytest.fixture
def fast(shop: Host) -> Host:
    shop.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0)
    return shop


def task(host: Host, kind: str, check: bool = False, fails: bool = False, **more: Any) -> dict[str, Any]:
    """One task, which deploys unless C(state) says otherwise; with C(procedures) in the result."""
    host.new_task()
    host.sim.reset_stats()
    options = {"state": "deployed", "verify_period": 0, **params(kind), **more}
    result = (host.failed if fails else host.ok)(OPERATION, check=check, **options)
    return {**result, "procedures": host.sim.calls("mutation")}


@pytest.mark.parametrize("kind", KINDS)
def test_its_containers_and_their_log_are_shown_on_request(fast: Host, kind: str) -> None:
    fast.ok(OPERATION, **params(kind), state="deployed", verify_period=0)
    fast.new_task()
    (shown,) = fast.ok(INFO_OPERATION, include=["logs", "running"])["databases"]
    assert shown["running"]["replicas_running"] == 1
    assert shown["logs"]
    assert fast.ok(INFO_OPERATION, include=["logs"], log_lines=1)["databases"][0]["logs"] == shown["logs"][-1:]


@pytest.mark.parametrize("kind", ["postgres", "libsql"])
def test_a_database_is_deployed_when_that_is_needed(fast: Host, kind: str) -> None:
    predicted = task(fast, kind, check=True)
    made = task(fast, kind)
    assert predicted["diff"] == made["diff"] and made["diff"]["after"]["deployment"] == "(a new one: never deployed)"
    assert made["deployed"] and not made["deploy_needed"] and made["running"]["replicas_running"] == 1
    assert made["procedures"] == [f"{kind}.create", f"{kind}.update", f"{kind}.deploy"]
    again = task(fast, kind)
    assert not again["changed"] and not again["deployed"] and again["procedures"] == []
    assert made["seconds"] >= 0 and again["seconds"] is None
    assert fast.sim.stats()["http"] == 5
    assert again["database"] == made["database"]
    waiting = task(fast, kind, state="present", env={"A": "1"})
    assert waiting["deploy_needed"] and waiting["procedures"] == [f"{kind}.update"]
    assert task(fast, kind, env={"A": "1"})["procedures"] == [f"{kind}.update", f"{kind}.deploy"]
    assert not task(fast, kind, state="present", env={"A": "1"})["deploy_needed"]
    assert task(fast, kind, trigger="always")["procedures"] == [f"{kind}.update", f"{kind}.deploy"]


def test_a_stopped_database_is_deployed(fast: Host) -> None:
    task(fast, "redis")
    stopped = fast.ok(OPERATION, project="shop", name="db", type="redis", state="stopped")
    assert stopped["changed"]
    assert task(fast, "redis", state="present")["deploy_needed"]
    assert task(fast, "redis")["deployed"]


CURE = {"command": "/bin/sh", "args": ["-c", 'exec redis-server --requirepass "$REDIS_PASSWORD"']}


def lost(result: dict[str, Any]) -> list[str]:
    """The warnings of data that is lost."""
    return [warning for warning in result.get("warnings", ()) if "has not saved is lost" in warning]


def test_redis_that_gets_no_signal_is_warned_of_before_its_container_is_ended(fast: Host) -> None:
    named = {"project": "shop", "name": "db", "type": "redis"}
    # Nothing runs yet.
    assert lost(task(fast, "redis", check=True)) == lost(task(fast, "redis")) == []
    # Nothing is written, or nothing that ends the container.
    assert lost(task(fast, "redis")) == lost(task(fast, "redis", state="present", env={"A": "1"})) == []
    for check in (True, False):
        (warning,) = lost(task(fast, "redis", check=check, env={"A": "1"}))
        assert warning.startswith("database 'db' in shop/production: what Redis has not saved is lost")
        assert warning.endswith("as the guide on databases shows.")
        assert len(lost(fast.ok(OPERATION, check=check, **named, state="reloaded"))) == 1
    for check in (True, False):
        fast.new_task()
        assert len(lost(fast.ok(OPERATION, check=check, **named, state="stopped"))) == 1
    fast.new_task()
    for state in ("stopped", "started"):
        assert lost(fast.ok(OPERATION, **named, state=state)) == []
    # The deployment of the cure ends the container that lacks it.
    assert len(lost(task(fast, "redis", **CURE))) == 1
    for options in ({"trigger": "always"}, {"env": {"A": "2"}}):
        again = task(fast, "redis", **CURE, **options)
        # It sets the password, too.
        assert again["deployed"] and "warnings" not in again
    for state in ("reloaded", "stopped"):
        assert lost(fast.ok(OPERATION, **named, state=state)) == []


def test_other_databases_get_the_signal(fast: Host) -> None:
    task(fast, "postgres")
    result = task(fast, "postgres", trigger="always")
    assert result["deployed"] and lost(result) == []


def test_an_image_that_does_not_exist_fails_the_deployment(fast: Host) -> None:
    failed = task(fast, "redis", image="redis:missing", fails=True)
    assert failed["error"]["kind"] == "deployment" and "manifest" in failed["msg"], failed
    assert task(fast, "redis", state="present", image="redis:missing")["deploy_needed"]


def test_a_container_that_exits_fails_the_deployment_and_the_next_run_deploys_again(fast: Host) -> None:
    task(fast, "redis")
    failed = task(fast, "redis", command="false", fails=True)
    assert failed["error"]["kind"] == "not_running", failed["msg"]
    assert task(fast, "redis", state="present")["deploy_needed"]
    again = task(fast, "redis", command="")
    assert again["deployed"]


@pytest.mark.parametrize("kind", ["postgres", "libsql"])
def test_a_database_that_dokploy_does_not_wait_for_is_deployed(fast: Host, kind: str) -> None:
    """From 0.30.5 on the deployment fails where the containers need more than 45 s, although they come up."""
    fast.sim.config(converge_seconds=0.01, healthy_seconds=0.3)
    check = {"healthcheck": {"test": ["CMD-SHELL", "true"]}}
    made = task(fast, kind, **check)
    assert made["deployed"] and made["database"]["status"] == "done"
    assert made["procedures"][-2:] == [f"{kind}.deploy", f"{kind}.changeStatus"]
    (row,) = fast.sim.server.store.services[kind]
    assert row["applicationStatus"] == "done" and made["running"]["replicas_running"] == 1
    assert not task(fast, kind, **check)["changed"]


@slow
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("version", ["0.30.2", "0.30.5"])
def test_why_a_container_exits_is_told_on_each_release(fast: Host, version: str, answered: bool) -> None:
    fast.sim.config(version=version)
    if not answered:
        fast.sim.fault(kind="status", status=504, procedure="redis.deploy", after=True)
    failed = task(fast, "redis", command="sh", args=["-c", "echo no space left; exit 1"], fails=True)
    assert failed["error"]["kind"] == "not_running" and "45000ms" not in failed["msg"]
    assert "does not stay up" in failed["msg"] and "no space left" in failed["log"][0]
    (row,) = fast.sim.server.store.services["redis"]
    assert row["applicationStatus"] == ("done" if version == "0.30.2" else "error")
    assert task(fast, "redis", state="present")["deploy_needed"]


def test_a_version_that_docker_took_back_is_deployed_again(fast: Host) -> None:
    made = task(fast, "redis")
    resource_id = made["database"]["database_id"]
    row = fast.read("redis.one", redisId=resource_id)
    newer = {"community.dokploy.deployment": row["labelsSwarm"]["community.dokploy.deployment"] + "0"}
    fast.call("redis.update", redisId=resource_id, labelsSwarm=newer)
    assert not task(fast, "redis", state="present")["deploy_needed"]
    assert task(fast, "redis")["deployed"]


def test_a_lost_answer_is_no_second_deployment(fast: Host) -> None:
    task(fast, "redis", state="present")
    fast.new_task()
    fast.sim.reset_stats()
    fast.sim.fault(kind="status", status=504, procedure="redis.deploy", after=True)
    result = fast.ok(OPERATION, **params("redis"), state="deployed", verify_period=0)
    assert result["deployed"] and fast.sim.calls("mutation").count("redis.deploy") == 1


def test_rebuilding_needs_a_confirmation_and_deletes_the_data(fast: Host) -> None:
    made = task(fast, "postgres")
    volume = "%s-data" % made["database"]["app_name"]
    before = fast.sim.server.store.volumes[volume]
    refused = task(fast, "postgres", state="rebuilt", user="other", fails=True)
    assert "force=true" in refused["msg"] and refused["procedures"] == []
    predicted = task(fast, "postgres", state="rebuilt", user="other", force=True, check=True)
    assert predicted["procedures"] == [] and fast.sim.server.store.volumes[volume] == before
    rebuilt = task(fast, "postgres", state="rebuilt", user="other", force=True)
    assert rebuilt["diff"] == predicted["diff"]
    assert rebuilt["procedures"] == ["postgres.update", "postgres.update", "postgres.stop", "postgres.rebuild"]
    assert fast.sim.server.store.volumes[volume] != before
    assert not task(fast, "postgres", user="other")["changed"]


class Ending(list[str]):
    """The lines of progress; the first one of a wait ends all containers that are ending."""

    def __init__(self, docker: Docker) -> None:
        super().__init__()
        self.docker = docker

    def append(self, line: str) -> None:
        super().append(line)
        if "waiting until" in line:
            end_containers(self.docker)


def end_containers(docker: Docker) -> None:
    docker.leave()
    for service in docker.services.values():
        for row in service.tasks:
            if row.ends_at is not None:
                row.ends_at = 0.0


@pytest.mark.parametrize(
    ("mode", "interrupted", "procedures"),
    [
        (None, False, ["update", "stop", "rebuild"]),
        # Docker scales no other mode down, so that the first attempt meets the container.
        ({"Global": {}}, False, ["update", "rebuild", "rebuild"]),
        # Another run, or a user, has removed the service and met the container.
        (None, True, ["update", "rebuild"]),
    ],
)
def test_a_rebuild_waits_for_a_container_that_ends_slowly(
    fast: Host, mode: dict[str, Any] | None, interrupted: bool, procedures: list[str]
) -> None:
    made = task(fast, "redis", state="present")["database"]
    fast.call("redis.update", redisId=made["database_id"], modeSwarm=mode)
    volume = "%s-data" % task(fast, "redis")["database"]["app_name"]
    before = fast.sim.server.store.volumes[volume]
    fast.sim.config(linger_seconds=3600)
    fast.progress = Ending(fast.sim.server.docker)
    if interrupted:
        with pytest.raises(ServerError, match="volume is in use"):
            fast.call("redis.rebuild", redisId=made["database_id"])
        assert fast.sim.services() == {} and fast.sim.server.store.volumes[volume] == before
    rebuilt = task(fast, "redis", state="rebuilt", force=True)
    assert rebuilt["procedures"] == ["redis.%s" % name for name in procedures]
    assert rebuilt["running"]["replicas_running"] == 1 and fast.sim.server.store.volumes[volume] != before
    assert any("waiting until" in line for line in fast.progress)
    fast.sim.config(linger_seconds=0)
    assert not task(fast, "redis")["changed"]


def test_a_rebuild_that_cannot_remove_the_data_is_completed_by_the_next_one(fast: Host) -> None:
    made = task(fast, "postgres")["database"]
    volume, rebuild = "%s-data" % made["app_name"], {"state": "rebuilt", "force": True}
    before = fast.sim.server.store.volumes[volume]
    fast.sim.config(linger_seconds=3600)
    slow = task(fast, "postgres", **rebuild, wait_timeout=0.1, fails=True)
    assert "have not ended 0.1 s after they were told to stop" in slow["msg"] and "repeat state=rebuilt" in slow["msg"]
    assert (slow["changed"], slow["error"]["kind"], slow["procedures"][-1]) == (True, "timeout", "postgres.stop")
    fast.sim.config(linger_seconds=0)
    end_containers(fast.sim.server.docker)
    holder = {"name": "other", "mounts": [{"path": "/x", "type": "volume", "name": volume}]}
    task(fast, "redis", **holder)
    held = task(fast, "postgres", **rebuild, wait_timeout=0.1, fails=True)
    assert "volume is in use" in held["msg"] and "Its service is removed, its data are still there" in held["msg"]
    assert "starting or down" not in held["msg"] and fast.sim.server.store.volumes[volume] == before
    assert task(fast, "postgres", state="present")["deploy_needed"]
    task(fast, "redis", name="other", state="absent")
    assert task(fast, "postgres", **rebuild)["procedures"][-1] == "postgres.rebuild"
    assert fast.sim.server.store.volumes[volume] != before


@pytest.mark.parametrize("delete", [False, True])
def test_volumes_are_deleted_on_request(fast: Host, delete: bool) -> None:
    made = task(fast, "postgres")
    fast.sim.config(linger_seconds=1)
    volume = "%s-data" % made["database"]["app_name"]
    assert volume in fast.sim.server.store.volumes
    task(fast, "postgres", state="absent", delete_volumes=delete, check=True)
    removed = task(fast, "postgres", state="absent", delete_volumes=delete)
    assert removed["changed"] and (volume in fast.sim.server.store.volumes) is not delete


def test_a_volume_that_another_container_uses_is_kept(fast: Host) -> None:
    made = task(fast, "postgres")
    volume = "%s-data" % made["database"]["app_name"]
    task(fast, "redis", name="other", mounts=[{"path": "/x", "type": "volume", "name": volume}])
    kept = task(fast, "postgres", state="absent", delete_volumes=True, wait_timeout=0.1, fails=True)
    assert "still used" in kept["msg"] and volume in kept["msg"] and volume in fast.sim.server.store.volumes


def test_an_older_server_keeps_a_database_whose_volumes_it_cannot_delete() -> None:
    with Simulator(version="0.29.8") as sim:
        host = Host(sim)
        host.call("project.create", name="shop")
        task(host, "postgres")
        refused = task(host, "postgres", state="absent", delete_volumes=True, fails=True)
        assert refused["msg"].startswith("delete_volumes needs Dokploy 0.30.0 or newer; this server is 0.29.8")
        assert refused["procedures"] == [] and task(host, "postgres", state="absent")["changed"]
        host.close()


def test_a_database_stays_whose_volumes_docker_does_not_tell(fast: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    made = task(fast, "postgres")
    volume = "%s-data" % made["database"]["app_name"]
    with monkeypatch.context() as patched:
        docker_is_down(patched)
        failed = task(fast, "postgres", state="absent", delete_volumes=True, fails=True)
    assert f"it is not known whether the volume {volume} exists" in failed["msg"] and failed["procedures"] == []
    assert task(fast, "postgres", state="absent", delete_volumes=True)["changed"]
    assert volume not in fast.sim.server.store.volumes


def test_volumes_of_a_remote_server_are_deleted_without_the_words_of_docker(fast: Host) -> None:
    """There, Dokploy says of each failure no more than C(Remote command failed with exit code 1)."""
    fast.ok(OPERATIONS["dokploy_ssh_key"], name="far", generate="ed25519")
    fast.ok(OPERATIONS["dokploy_server"], name="far", ip_address="192.0.2.7", ssh_key="far")
    made = task(fast, "postgres", server="far")
    volume = "%s-data" % made["database"]["app_name"]
    fast.sim.config(linger_seconds=1)
    assert volume in fast.sim.server.store.volumes
    assert task(fast, "postgres", state="absent", delete_volumes=True)["changed"]
    assert volume not in fast.sim.server.store.volumes


@pytest.mark.parametrize("procedure", ["postgres.remove", "dockerVolume.removeVolume"])
def test_volumes_are_deleted_although_an_answer_is_lost(fast: Host, procedure: str) -> None:
    made = task(fast, "postgres")
    fast.new_task()
    fast.connection["max_retries"] = 3
    fast.sim.fault(kind="status", status=502, procedure=procedure, after=True)
    options = {"project": "shop", "name": "db", "type": "postgres", "state": "absent", "delete_volumes": True}
    assert fast.ok(OPERATION, **options)["changed"]
    assert "%s-data" % made["database"]["app_name"] not in fast.sim.server.store.volumes


# --- passwords and names ---------------------------------------------------------------------------------------------

OLD, NEW = "0ld-secret-word", "n3w-secret-word"


@pytest.mark.parametrize("kind", ["postgres", "mysql", "mariadb", "mongo"])
def test_a_changed_password_is_changed_in_the_database(fast: Host, kind: str) -> None:
    task(fast, kind, password=OLD)
    predicted = task(fast, kind, state="present", password=NEW, check=True)
    changed = task(fast, kind, state="present", password=NEW)
    assert predicted["diff"] == changed["diff"]
    assert changed["procedures"] == [f"{kind}.changePassword"]
    assert changed["deploy_needed"] and OLD not in repr(changed) and NEW not in repr(changed)
    assert not task(fast, kind, state="present", password=NEW)["changed"]
    assert task(fast, kind, password=NEW)["deployed"]
    assert task(fast, kind, state="present", password=OLD)["procedures"] == [f"{kind}.changePassword"]


@slow
@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_both_passwords_are_changed_the_one_of_root_last(fast: Host, kind: str) -> None:
    task(fast, kind, password=OLD, root_password=OLD + "1")
    changed = task(fast, kind, password=NEW, root_password=NEW + "1", description="d")
    assert changed["procedures"] == [
        f"{kind}.changePassword",
        f"{kind}.changePassword",
        f"{kind}.update",
        f"{kind}.update",
        f"{kind}.deploy",
    ]
    assert not task(fast, kind, password=NEW, root_password=NEW + "1")["changed"]


@pytest.mark.parametrize("kind", ["redis", "libsql"])
def test_a_changed_password_of_others_waits_for_the_deployment(fast: Host, kind: str) -> None:
    task(fast, kind, password=OLD)
    assert task(fast, kind, password=NEW)["procedures"] == [f"{kind}.update", f"{kind}.update", f"{kind}.deploy"]


def test_a_password_before_the_first_deployment_is_only_stored(shop: Host) -> None:
    task(shop, "postgres", state="present", password=OLD)
    shop.connection["max_retries"] = 1
    changed = task(shop, "postgres", state="present", password=NEW, database="other")
    assert changed["procedures"] == ["postgres.update"]
    # That there is no log is the answer.
    assert shop.sim.calls().count("postgres.readLogs") == 1


def test_a_password_that_the_database_refuses_is_not_shown(fast: Host) -> None:
    task(fast, "postgres", password=OLD, database="shop", user="other")
    for password in (NEW, "failme-of-the-shop"):
        failed = task(fast, "postgres", state="present", user="other", password=password, fails=True)
        assert failed["error"]["kind"] == "refused" and not failed["changed"]
        assert failed["msg"].startswith(
            "password of database 'db' was not changed: psql: error: connection to server on"
        )
        assert 'database "other" does not exist' in failed["msg"] and "Create one" in failed["msg"]
        assert OLD not in repr(failed) and password not in repr(failed)


@slow
@pytest.mark.parametrize("kind", ["mysql", "mariadb", "mongo"])
def test_the_error_of_a_refused_password_has_the_reason_without_the_script(fast: Host, kind: str) -> None:
    task(fast, kind, password=OLD)
    failed = task(fast, kind, state="present", password="failme-of-the-shop", fails=True)
    assert failed["msg"] == "password of database 'db' was not changed: ERROR 1396: no"


def test_a_password_needs_a_running_database(fast: Host) -> None:
    task(fast, "postgres", password=OLD)
    fast.ok(OPERATION, project="shop", name="db", type="postgres", state="stopped")
    failed = task(fast, "postgres", state="present", password=NEW, fails=True)
    assert "state=started" in failed["msg"] and failed["procedures"] == []


@pytest.mark.parametrize("option", ["database", "user"])
def test_what_the_volume_was_made_with_cannot_be_changed(fast: Host, option: str) -> None:
    task(fast, "mysql")
    failed = task(fast, "mysql", state="present", **{option: "other"}, fails=True)
    assert failed["msg"].startswith(f"{option} cannot be changed") and failed["procedures"] == []


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("postgres", {"password": "with blank"}, "password"),
        ("postgres", {"password": "with$dollar"}, "password"),
        ("postgres", {"password": ""}, "password"),
        ("redis", {"password": "with;semicolon"}, "password"),
        ("mysql", {"root_password": "with'quote"}, "root_password"),
        ("postgres", {"database": "it's"}, "database"),
        ("mongo", {"user": "a b"}, "user"),
        ("mariadb", {"image": None}, "image is needed to create a mariadb database"),
        ("mysql", {"database": None, "user": None}, "database and user are needed to create a mysql database"),
        ("libsql", {"node": "replica"}, "primary_url"),
        ("libsql", {"external_port": 5001, "external_grpc_port": 5001}, "external_port and external_grpc_port"),
        ("redis", {"user": "shop"}, "user is not supported with type=redis"),
        ("redis", {"user": "shop", "database": "shop"}, "database and user are not supported with type=redis"),
        ("libsql", {"image": "x:1"}, "image is not supported with type=libsql"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    shop: Host, kind: str, options: dict[str, Any], message: str
) -> None:
    for check in (True, False):
        refused = task(shop, kind, state="present", **options, check=check, fails=True)
        assert message in refused["msg"] and refused["procedures"] == [], refused["msg"]
        assert not any(value in refused["msg"] for key, value in options.items() if "password" in key and value)


@pytest.mark.parametrize(
    ("kind", "options", "warning"),
    [
        ("postgres", {"image": "postgres"}, "has no tag"),
        ("redis", {"replicas": 2}, "replicas"),
        ("redis", {"command": "redis-server"}, "without one"),
        ("postgres", {"command": "sh -c 'exec postgres -c fsync=off'"}, "command: Dokploy splits it at each blank"),
        ("redis", {"external_port": 6379, "endpoint_spec": {"mode": "dnsrr"}}, "endpoint_spec replaces it"),
        ("libsql", {"primary_url": "http://p:5001"}, "node is not replica"),
    ],
)
def test_what_is_likely_wrong_is_warned_of(shop: Host, kind: str, options: dict[str, Any], warning: str) -> None:
    result = task(shop, kind, state="present", **options)
    assert [text for text in result["warnings"] if warning in text], result["warnings"]


def test_a_shell_reads_the_command_of_libsql(shop: Host) -> None:
    assert not task(shop, "libsql", state="present", command="sqld --name 'the shop'").get("warnings")


def test_an_image_that_keeps_its_data_elsewhere_is_refused(shop: Host) -> None:
    task(shop, "postgres", state="present", image="postgres:17")
    refused = task(shop, "postgres", state="present", image="postgres:18", fails=True)
    assert "/var/lib/postgresql/18/docker" in refused["msg"] and refused["procedures"] == []
    assert task(shop, "postgres", state="present", image="postgres:16")["changed"]
    mount = {"path": "/var/lib/postgresql/18/docker", "type": "volume", "name": "new-data"}
    assert task(shop, "postgres", state="present", image="postgres:18", mounts=[mount])["changed"]


# --- ports and mounts ------------------------------------------------------------------------------------------------


def test_a_port_that_is_in_use_is_refused(fast: Host) -> None:
    task(fast, "redis", name="one", state="present", external_port=6001)
    refused = task(fast, "postgres", name="two", state="present", external_port=6001, fails=True)
    assert refused["msg"] == "external_port: port 6001 is used by database 'one'" and refused["procedures"] == []
    task(fast, "redis", name="one", external_port=6002)
    assert task(fast, "postgres", name="two", state="present", external_port=6001)["changed"]
    assert not task(fast, "redis", name="one", external_port=6002)["changed"]
    # Changed by hand while it is still published.
    fast.call("redis.update", redisId=next(iter(fast.sim.server.store.services["redis"].rows)), externalPort=None)
    refused = task(fast, "postgres", name="two", state="present", external_port=6002, fails=True)
    assert "container" in refused["msg"]


def test_a_loop_sees_the_ports_that_it_has_changed(shop: Host) -> None:
    for name in ("one", "two"):
        task(shop, "redis", name=name, state="present")
    shop.new_task()
    options = {"project": "shop", "type": "redis", "external_port": 6001}
    assert shop.ok(OPERATION, name="one", **options)["changed"]
    assert "port 6001 is used" in shop.failed(OPERATION, name="two", **options)["msg"]
    assert "port 6001 is used" in shop.failed(OPERATION, name="three", **options)["msg"]
    assert shop.ok(OPERATION, name="one", **{**options, "external_port": 6002})["changed"]
    assert shop.ok(OPERATION, name="two", **options)["changed"]
    assert shop.sim.calls().count("docker.getContainers") == 1


def endpoint(*ports: int) -> dict[str, Any]:
    return {"mode": "vip", "ports": [{"target_port": 6379, "published_port": port} for port in ports]}


def test_the_ports_of_an_endpoint_count(fast: Host) -> None:
    task(fast, "redis", name="one", state="present", endpoint_spec=endpoint(6001, 6002))
    refused = task(fast, "postgres", name="two", state="present", external_port=6002, fails=True)
    assert refused["msg"] == "external_port: port 6002 is used by database 'one'" and refused["procedures"] == []
    refused = task(fast, "redis", name="two", state="present", endpoint_spec=endpoint(6000, 6001), fails=True)
    assert refused["msg"] == "endpoint_spec: port 6001 is used by database 'one'" and refused["procedures"] == []
    other = {"mode": "vip", "ports": [{"target_port": 1, "published_port": 6001, "protocol": "udp"}]}
    assert task(fast, "redis", name="three", state="present", endpoint_spec=other)["changed"]
    # They replace the single one.
    task(fast, "redis", name="one", state="present", external_port=6003)
    assert task(fast, "redis", name="two", state="present", external_port=6003)["changed"]
    assert not task(fast, "redis", name="one", state="present", endpoint_spec=endpoint(6001, 6002))["changed"]


def test_check_mode_finds_a_port_of_two_new_databases(shop: Host) -> None:
    shop.new_task()
    options = {"project": "shop", "type": "redis", "check": True}
    assert shop.ok(OPERATION, name="one", external_port=6001, **options)["changed"]
    failed = shop.failed(OPERATION, name="two", external_port=6001, **options)
    assert failed["msg"] == "external_port: port 6001 is used by database 'one'"
    assert shop.ok(OPERATION, name="one", external_port=6001, **options)["changed"]
    # The next task knows nothing of it.
    shop.new_task()
    assert shop.ok(OPERATION, name="two", external_port=6001, **options)["changed"]


@pytest.mark.parametrize("url", ["primary:5001", "grpc://primary:5001", 'http://a"b', "http://a b", "http://"])
def test_the_form_of_the_address_of_a_primary(shop: Host, url: str) -> None:
    refused = task(shop, "libsql", state="present", node="replica", primary_url=url, fails=True)
    assert "primary_url" in refused["msg"] and "http://primary:5001" in refused["msg"]
    assert refused["procedures"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_volume_stays_and_can_be_replaced(shop: Host, kind: str) -> None:
    (data,) = task(shop, kind, state="present")["database"]["mounts"]
    extra = {"path": "/x", "type": "volume", "name": "x"}
    assert len(task(shop, kind, state="present", mounts=[extra])["database"]["mounts"]) == 2
    assert len(task(shop, kind, state="present", mounts=[])["database"]["mounts"]) == 1
    assert not task(shop, kind, state="present", mounts=[])["changed"]
    own = {"path": data["path"], "type": "volume", "name": "mine"}
    (replaced,) = task(shop, kind, state="present", mounts=[own])["database"]["mounts"]
    assert replaced["name"] == "mine"
    made = task(shop, kind, name="other", state="present", mounts=[own])["database"]["mounts"]
    assert [mount["name"] for mount in made] == ["mine"]
    assert not task(shop, kind, name="other", state="present", mounts=[own])["changed"]


def test_urls_are_encoded_and_of_the_root_user_with_its_password(shop: Host) -> None:
    made = task(shop, "postgres", state="present", password="a@b:c#d?e[f]", include_secrets=True)["database"]
    assert (
        made["internal_url"] == "postgresql://shop:a%%40b%%3Ac%%23d%%3Fe%%5Bf%%5D@%s:5432/shop" % made["internal_host"]
    )
    assert made["urlencoded_password"] == "a%40b%3Ac%23d%3Fe%5Bf%5D"
    assert made["external_url"] is None
    made = task(shop, "mysql", state="present", user="root", password=OLD, root_password=NEW, include_secrets=True)
    assert made["database"]["internal_url"].startswith(f"mysql://root:{NEW}@")
    made = task(shop, "mongo", state="present", replica_sets=True, external_port=27018, include_secrets=True)[
        "database"
    ]
    assert made["internal_url"].endswith(":27017/?replicaSet=rs0")
    assert made["external_url"].endswith("@127.0.0.1:27018/?directConnection=true")


@pytest.mark.parametrize("kind", KINDS)
def test_check_mode_has_no_null_for_what_only_the_server_chooses(shop: Host, kind: str) -> None:
    """A null would remove the variable of an application that takes it."""
    options = {"state": "present", "include_secrets": True, "external_port": 5999, "check": True}
    predicted = task(shop, kind, **options)["database"]
    names = ["database_id", "environment_id", "app_name", "internal_host", "internal_url", "external_url", "password"]
    names.append("urlencoded_password")
    assert {name: predicted[name] for name in names} == dict.fromkeys(names, GENERATED)
    made = task(shop, kind, **{**options, "check": False, "name": "made"})["database"]
    assert {type(made[name]) for name, value in predicted.items() if value is None} <= {int, bool, type(None)}
    # What is known is shown, and a database that is not published has no URL outside.
    options["external_port"] = 5998
    known = task(shop, kind, **{**options, "password": NEW, "app_name": "db"})["database"]
    assert known["app_name"] == "db" and known["internal_url"] == GENERATED
    assert NEW in known["external_url"] or kind == "mysql"
    assert task(shop, kind, **{**options, "external_port": 0})["database"]["external_url"] is None


def test_a_command_that_is_cleared_is_none(shop: Host) -> None:
    """An empty list of arguments starts Redis without its password, an empty command ends MongoDB."""
    made = task(shop, "redis", state="present", command="a", args=["b"])
    assert task(shop, "redis", state="present", command="", args=[])["changed"]
    row = shop.read("redis.one", redisId=made["database"]["database_id"])
    assert row["command"] is None and row["args"] is None


def test_the_log_of_a_failure_shows_no_password(fast: Host) -> None:
    task(fast, "postgres", state="present", password=OLD)
    row = next(iter(fast.sim.server.store.services["postgres"].rows.values()))
    fast.call("postgres.update", postgresId=row["postgresId"], command="sh", args=["-c", f"echo said {OLD}; exit 1"])
    failed = task(fast, "postgres", fails=True)
    assert failed["error"]["kind"] == "not_running" and OLD not in repr(failed)


@pytest.mark.parametrize("kind", ["redis", "libsql"])
def test_of_two_databases_of_one_name_the_older_one_stays(shop: Host, kind: str) -> None:
    """Another controller creates it at the same time: the data volume is no change of the younger one."""
    home = shop.read("project.all")[0]["environments"][0]["environmentId"]
    body = {"name": "db", "environmentId": home, "databasePassword": "x"}
    if kind == "libsql":
        body |= dict.fromkeys(("description", "serverId", "sqldPrimaryUrl"))
        body |= {"appName": "db", "databaseUser": "shop", "sqldNode": "primary"}
    shop.sim.hold(f"{kind}.create", act=[{"call": f"{kind}.create", "input": body}])
    shop.sim.hold(f"{kind}.create", until="told", seconds=0.01, name="a moment later")
    made = shop.ok(OPERATION, **params(kind, description="d"))
    (only,) = shop.read("environment.one", environmentId=home)[kind]
    assert made["database"]["database_id"] == only[f"{kind}Id"] and made["database"]["description"] == "d"


def test_a_new_libsql_needs_a_newer_server(shop: Host) -> None:
    shop.sim.config(version="0.28.8")
    refused = task(shop, "libsql", state="present", fails=True)
    assert "0.29.0" in refused["msg"] and refused["procedures"] == []


def test_older_releases_answer_a_creation_without_a_row(shop: Host) -> None:
    shop.sim.config(version="0.25.0")
    for kind in ("postgres", "redis"):
        made = task(shop, kind, state="present", description="d", env={"A": "1"})
        assert made["database"]["database_id"] and made["database"]["description"] == "d"

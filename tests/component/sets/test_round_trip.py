# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a set says of its data, and what comes back of it, as measured on real servers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from dokploy_simulator.world.containers import programs
from tests.support.host import Host

Row = dict[str, Any]
DESTINATION = {"name": "offsite", "bucket": "b", "access_key": "key-of-bucket", "secret_access_key": "secret-of-it"}
ALL: Row = {"data": "all", "destination": "offsite", "jobs": True, "stop": True}
LOGIN = {"database": "shop", "user": "shopper", "password": "made-up"}
SWARM = {
    "services": {"web": {"image": "nginx", "volumes": ["files:/files", "/srv/forum:/host"]}},
    "volumes": {"files": {}},
}


def document(**sections: Any) -> Row:
    environment = {"name": "production", **sections}
    return {"destinations": [DESTINATION], "projects": [{"name": "shop", "environments": [environment]}]}


def stack() -> Row:
    return document(compose=[{"name": "forum", "type": "stack", "raw": {"definition": SWARM}}])


def made(host: Host, wanted: Row) -> str:
    """The name in Docker of the only service."""
    result = host.ok(MANIFEST, **wanted, verify_period=0.0)
    host.new_task()
    (name,) = (row["app_name"] for row in result["resources"] if "app_name" in row)
    return str(name)


def test_a_check_runs_beside_a_stack_that_is_not_deployed_yet(host: Host) -> None:
    """Docker has the networks of a stack of the swarm only while it is deployed."""
    name = made(host, stack())
    host.sim.act(write=f"{name}_files", path="cat", data="miaow")
    host.sim.act(write="/srv/forum", path="dog", data="bark")
    check = {"name": "cat", "service": "shop/production/forum", "image": "nginx", "script": "cat /files/cat"}
    saved = host.ok(OPERATION, **ALL, checks=[{**check, "looks_at": ["shop/production/forum:files"]}])["set"]
    assert [(check["output"], check["exit_code"]) for check in saved["checks"]] == [("miaow", 0)]

    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    host.new_task()
    result = host.ok(MANIFEST, **stack(), archives=saved, verify_period=0.0)
    assert [(check["passed"], check["output"]) for check in result["archive_checks"]] == [(True, "miaow")]
    assert {archive["what"]: archive["proof"] for archive in result["archives"]} == {
        "volume": "checked",
        "bind": "same",
    }


def test_a_stack_that_is_stopped_is_saved_and_checked(host: Host) -> None:
    name = made(host, stack())
    host.sim.act(write=f"{name}_files", path="cat", data="miaow")
    host.sim.act(write="/srv/forum", path="dog", data="bark")
    (outline,) = host.read("project.all")[0]["environments"][0]["compose"]
    host.call("compose.stop", composeId=outline["composeId"])
    checks = [{"name": "cat", "service": "shop/production/forum", "image": "nginx", "script": "cat /files/cat"}]
    saved = host.ok(OPERATION, **ALL, checks=checks)["set"]
    assert [archive["method"] for archive in saved["archives"]] == ["volume", "bind"]
    assert saved["checks"][0]["output"] == "miaow"


def test_routines_and_events_that_no_dump_has_are_named(host: Host) -> None:
    made(
        host,
        document(
            databases=[{"name": "db", "type": "mariadb", "image": "mariadb:11", "root_password": "made-up-2", **LOGIN}]
        ),
    )
    host.sim.act(insert="db", count=3)
    host.sim.act(view="db", name="recent")
    host.sim.act(routine="db", name="refill")
    host.sim.act(routine="db", name="nightly", kind="event")
    result = host.failed(OPERATION, **ALL)
    assert [archive["definers"] for archive in result["set"]["archives"]] == [["shopper"]]
    ((what, reason),) = [(row["what"], row["reason"]) for row in result["not_saved"]]
    assert what == "routines" and reason.endswith("after a restore: event nightly, procedure refill")
    assert reason in result["msg"] and result["complete"] is False

    host.new_task()
    accepted = host.ok(OPERATION, **ALL, leave_out=["shop/production/db:routines"])
    left_out = [{**row, "left_out": True} for row in result["not_saved"]]
    assert accepted["complete"] is True and accepted["not_saved"] == left_out


def test_a_copy_is_of_the_time_that_its_job_has_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that at which the job began to copy; the name of the archive has that of the backup that follows."""
    made(host, document(databases=[{"name": "cache", "type": "redis", "password": "made-up"}]))
    host.sim.act(insert="cache", count=3)
    monkeypatch.setattr(programs.time, "time", lambda: 1764633600.9)
    (archive,) = host.ok(OPERATION, **ALL)["set"]["archives"]
    assert archive["method"] == "rdb" and archive["created_at"] == "2025-12-02T00:00:00.000Z"

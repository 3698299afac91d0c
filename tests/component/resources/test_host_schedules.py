# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules of a remote server and of Dokploy's own host, which run scripts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import run as perform
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    SCHEDULE_OPERATION as OPERATION,
)
from tests.support.builders import PRIVATE_KEY, SERVER
from tests.support.host import Host, judged

Params = dict[str, Any]
NIGHTLY: Params = {"name": "nightly", "cron": "0 3 * * *", "script": "set -e\ndf -h\n"}
ADDRESS = "192.0.2.1:22"
HOSTS: dict[str, Params] = {"server": {"server": "far"}, "dokploy-server": {"dokploy_host": True}}


@pytest.fixture
def far(host: Host) -> Host:
    host.call("sshKey.create", name="deploy", organizationId="", privateKey=PRIVATE_KEY, publicKey="ssh-ed25519 A")
    key = host.read("sshKey.all")[0]["sshKeyId"]
    for name in ("far", "other"):
        host.call("server.create", **SERVER, name=name, serverType="deploy", sshKeyId=key)
    return host


def run(host: Host, **params: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(OPERATION, **params)


def rows(host: Host) -> list[dict[str, Any]]:
    return [dict(row) for row in host.sim.server.store.schedules]


@pytest.mark.parametrize("kind", HOSTS)
def test_the_life_of_a_schedule(far: Host, kind: str) -> None:
    where = HOSTS[kind]
    foretold = run(far, check=True, **where, **NIGHTLY)
    assert foretold["changed"] and rows(far) == []
    created = run(far, **where, **NIGHTLY, timezone="Europe/Berlin")
    assert created["changed"] and created["schedule"]["script"] == NIGHTLY["script"]
    assert created["schedule"].keys() >= {"name", "cron", "script", "timezone", "enabled"}
    assert not {"command", "shell", "service"} & created["schedule"].keys()
    (row,) = rows(far)
    assert (row["scheduleType"], row["script"], row["command"]) == (kind, NIGHTLY["script"], "")
    assert (row["serverId"] == created["server_id"]) if kind == "server" else row["serverId"] is None
    assert not run(far, **where, **NIGHTLY)["changed"]
    changed = run(far, **where, name="nightly", script="true", enabled=False)
    assert changed["changed"] and changed["schedule"]["cron"] == NIGHTLY["cron"]
    renamed = run(far, **where, schedule_id=row["scheduleId"], name="weekly")
    assert renamed["schedule"]["name"] == "weekly" and rows(far)[0]["scheduleId"] == row["scheduleId"]
    assert run(far, **where, name="weekly", state="absent")["changed"] and rows(far) == []
    assert not run(far, **where, name="weekly", state="absent")["changed"]


@pytest.mark.parametrize("kind", HOSTS)
def test_a_script_is_run(far: Host, kind: str) -> None:
    where = HOSTS[kind]
    far.sim.config(commands=[{"command": "false*", "result": "error", "output": "no space left\n"}])
    run(far, **where, **NIGHTLY)
    ran = run(far, **where, name="nightly", state="executed")
    assert ran["changed"] and ran["run"]["status"] == "done"
    run(far, **where, name="nightly", script="false")
    far.new_task()
    failed = far.failed(OPERATION, **where, name="nightly", state="executed")
    assert failed["error"]["kind"] == "deployment" and "no space left" in failed["msg"]


def test_schedules_of_hosts_are_apart(far: Host) -> None:
    for where in (*HOSTS.values(), {"server": "other"}):
        run(far, **where, **NIGHTLY)
    assert len(rows(far)) == 3
    assert run(far, server="far", name="nightly", state="absent")["changed"]
    assert sorted(row["scheduleType"] for row in rows(far)) == ["dokploy-server", "server"]
    assert not run(far, server="other", **NIGHTLY)["changed"]


@pytest.mark.parametrize("where", HOSTS.values(), ids=str)
def test_what_runs_in_containers_only_is_refused(far: Host, where: Params) -> None:
    labels = "servers" if "server" in where else "Dokploy hosts"
    for option, value in (("command", "true"), ("shell", "sh"), ("service", "web")):
        failed = far.failed(OPERATION, **where, **NIGHTLY, **{option: value})
        assert failed["msg"] == f"{option} is not supported for {labels}"
    failed = far.failed(OPERATION, **where, name="nightly", cron="@daily")
    assert "script" in failed["msg"] and rows(far) == []


def test_a_service_runs_no_script(far: Host) -> None:
    far.sim.seed(project="shop", applications=1, name="web")
    failed = far.failed(OPERATION, project="shop", application="web", **NIGHTLY)
    assert failed["msg"].startswith("script is not supported for applications")


def test_a_server_that_is_out_of_reach_gets_no_schedule(far: Host) -> None:
    run(far, server="far", **NIGHTLY)
    far.sim.config(ssh_hosts={ADDRESS: []})
    for params in (NIGHTLY | {"name": "new"}, {"name": "nightly", "script": "true"}):
        far.new_task()
        far.sim.reset_stats()
        failed = far.failed(OPERATION, server="far", **params)
        assert failed["msg"].startswith("server 'far': Dokploy cannot connect to it") and not failed["changed"]
        assert far.sim.calls("mutation") == []
    # What is as stated needs no connection.
    assert not run(far, server="far", **NIGHTLY)["changed"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"server": "fat"}, "server: no server is named 'fat'"),
        ({"server": "far", "dokploy_host": True}, "server and dokploy_host are mutually exclusive"),
        ({}, "one of the following is required: application, application_id, compose, compose_id, server, server_id, "),
    ],
)
def test_which_host(far: Host, params: Params, message: str) -> None:
    given = {**far.connection, **NIGHTLY, **params}
    valid = judged(OPERATION, given)
    if isinstance(valid, dict):
        valid = str(perform(OPERATION, valid, far.open, check_mode=False, diff_mode=True)["msg"])
    assert message in valid and rows(far) == []

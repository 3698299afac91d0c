# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another user deploys the application at the same time: the wait follows our own deployment in any order.

One of the two succeeds and the other fails, so that a mix-up shows."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.builders import wait_until_idle
from tests.support.host import Host
from tests.support.operations import OPERATIONS

WEB = {"project": "shop", "application": "web"}
OURS = "Ours"
MOMENTS = {
    "before the look": ("project.all", "after"),
    "between the read and the fingerprint": ("application.update", "before"),
    "between the fingerprint and the trigger": ("application.deploy", "before"),
    "between the trigger and the row": ("application.deploy", "after"),
}
# The answer to a trigger does not identify the deployment, and a query cannot run at the same moment.
UNKNOWN = ("between the read and the fingerprint", "between the fingerprint and the trigger")


@pytest.fixture
def web(host: Host) -> str:
    host.ok(OPERATIONS["dokploy_project"], name="shop")
    docker = {"image": "nginx:1"}
    made = host.ok(OPERATIONS["dokploy_application"], project="shop", name="web", docker=docker)
    host.new_task()
    host.sim.config(build_seconds=0.2)
    return str(made["application"]["application_id"])


def rows(host: Host, resource_id: str) -> list[dict[str, Any]]:
    """Its deployments, oldest first."""
    return sorted(host.read("deployment.all", applicationId=resource_id), key=lambda row: str(row["createdAt"]))


def ours_of(result: dict[str, Any]) -> str:
    return str((result["deployment"] or {}).get("deployment_id"))


@pytest.mark.parametrize("version", ["0.30.2", "0.28.8"])
@pytest.mark.parametrize("title", ["NEW CHANGES", OURS])
@pytest.mark.parametrize("moment", sorted(MOMENTS))
@pytest.mark.parametrize("good", [True, False], ids=["ours is good", "theirs is good"])
def test_the_wait_follows_ours(moment: str, title: str, version: str, good: bool, web: str, host: Host) -> None:
    procedure, stage = MOMENTS[moment]
    # Builds of one application run one after the other, in the order in which they were triggered.
    first = moment != "between the trigger and the row"
    results = ["error", "done"] if first == good else ["done", "error"]
    host.sim.config(version=version, next_results=results)
    host.sim.hold(procedure, stage=stage, act=[{"deploy": "web", "title": title}])
    result = host.run(OPERATIONS["dokploy_deployment"], **WEB, title=OURS, trigger="always", verify=False)
    wait_until_idle(host)
    both = rows(host, web)
    assert len(both) == 2
    mine = both[1 if first else 0]
    if title == OURS and moment in UNKNOWN:
        # They are indistinguishable; the result describes one of them.
        (mine,) = [row for row in both if row["deploymentId"] == ours_of(result)]
        good = mine["status"] == "done"
    assert bool(result.get("failed")) is not good, result.get("msg")
    assert ours_of(result) == mine["deploymentId"]
    assert mine["status"] == ("done" if good else "error")


@pytest.mark.parametrize("good", [True, False])
def test_other_deployments_follow_during_the_build(good: bool, web: str, host: Host) -> None:
    host.sim.config(next_results=["done", "error"] if good else ["error", "done"])
    host.sim.hold("deployment.*", nth=2, act=[{"deploy": "web", "title": OURS}])
    result = host.run(OPERATIONS["dokploy_deployment"], **WEB, title=OURS, trigger="always", verify=False)
    wait_until_idle(host)
    assert host.sim.holds()[0]["acted"]
    assert bool(result.get("failed")) is not good, result.get("msg")
    assert ours_of(result) == rows(host, web)[0]["deploymentId"]


def test_a_webhook_of_a_registry_triggers_in_between(web: str, host: Host) -> None:
    row = host.read("application.one", applicationId=web)
    host.sim.config(next_results=["error", "done"])
    body = {"push_data": {"tag": "1"}, "repository": {"repo_name": "nginx"}}
    hook = requests.post(
        f"{host.sim.url}/api/deploy/{row['refreshToken']}", json=body, headers={"user-agent": "Go-http-client/2.0"}
    )
    assert hook.status_code == 200, hook.text
    result = host.ok(OPERATIONS["dokploy_deployment"], **WEB, trigger="always", verify=False)
    wait_until_idle(host)
    failed, ours = rows(host, web)
    assert (failed["status"], ours["status"]) == ("error", "done")
    assert ours_of(result) == ours["deploymentId"]

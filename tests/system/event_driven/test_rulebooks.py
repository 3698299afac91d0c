# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebooks of the collection open the log of a failed deployment, and roll back."""

from __future__ import annotations

from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.support.simulator_client import Api
from tests.system.event_driven.conftest import Start, deploy, listens

TOKEN = "canary-notification-token"
EVENTS = "databaseBackup volumeBackup dokployRestart dokployBackup dockerCleanup serverThreshold".split()
ALL = "deployment.allCentralized"


def test_the_log_of_a_failed_deployment_is_shown(rulebook: Start, api: Api, sim: Simulator, port: int) -> None:
    address = f"http://127.0.0.1:{port}/"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    wanted = {**dict.fromkeys(EVENTS, False), "appDeploy": True, "appBuildError": True}
    api.post("notification.createCustom", name="rules", endpoint=address, headers=headers, **wanted)
    sim.config(builds=[{"application": "web", "log": ["the compiler has found a mistake"]}])
    git: dict[str, Any] = {"customGitUrl": "https://git.example.com/web.git", "customGitBranch": "main"}
    env = {"env": "PASSWORD=canary-env"}
    application = api.application(sourceType="git", buildType="dockerfile", **git, **env)
    with rulebook("failed_deployment_logs", {"notification_port": port}, DOKPLOY_NOTIFICATION_TOKEN=TOKEN) as run:
        run.wait(lambda: listens(port))
        deploy(api, application)
        deploy(api, application, "error")
        run.wait(lambda: run.recaps() >= 1)
        assert "web in shop/production, deployment of" in run.output and ": error" in run.output
        assert run.output.count("the compiler has found a mistake") == 1
        # The notification of the successful deployment came first, and no rule wants it.
        assert run.recaps() == 1 and "failed=0" in run.output
    assert "canary" not in run.output and sim.key not in run.output


def test_a_failed_deployment_is_rolled_back(rulebook: Start, api: Api, sim: Simulator) -> None:
    registry = sim.act(registry="hub")["registryId"]
    docker = {"sourceType": "docker", "dockerImage": "nginx:1"}
    application = api.application(**docker, rollbackActive=True, rollbackRegistryId=registry)
    deploy(api, application)
    deploy(api, application)
    with rulebook("rollback_failed_deployments", {"deployment_interval": 0.2}) as run:
        run.wait(lambda: ALL in sim.calls())
        deploy(api, application, "error")
        run.wait(lambda: run.recaps() >= 2)
        assert sim.calls().count("rollback.rollback") == 1, run.output
        assert "web in shop/production, deployment of" in run.output and "shop/production/web runs" in run.output
        # The next failure within ten minutes shows its log, and nothing else.
        deploy(api, application, "error")
        run.wait(lambda: run.recaps() >= 3)
        before = sim.calls().count(ALL)
        run.wait(lambda: sim.calls().count(ALL) >= before + 5)
        assert run.recaps() == 3 and sim.calls().count("rollback.rollback") == 1
    assert "failed=1" not in run.output and sim.key not in run.output


@pytest.mark.parametrize(
    ("name", "env", "message"),
    [
        ("failed_deployment_logs", {}, "token or hmac_secret is required. Anyone could send events without it."),
        ("rollback_failed_deployments", {"DOKPLOY_API_KEY": "canary"}, "Check dokploy_api_key"),
    ],
)
def test_a_wrong_option_ends_the_run(rulebook: Start, name: str, env: dict[str, str], message: str) -> None:
    with rulebook(name, {}, **env) as run:
        assert run.ended() != 0
    assert message in run.output and "Traceback" not in run.output and "canary" not in run.output

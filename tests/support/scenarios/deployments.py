# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for deployments: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.builders import create_stack, wait_until_building, wait_until_idle
from tests.support.operations import OPERATIONS
from tests.support.scenarios.recorder import ResultRecorder, fail_requests

WEB = {"project": "shop", "application": "web"}
GIT = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}, "build": {"type": "dockerfile"}}
NO_CHECK = {"retries": 0, "delay": 0}


def wait_until_web_is_building(run: ResultRecorder) -> None:
    found = run.host.run(OPERATIONS["dokploy_application_info"], project="shop", name="web")["applications"]
    wait_until_building(run.host, applicationId=found[0]["application_id"])


def run_deployment(run: ResultRecorder) -> None:
    module, quick = "dokploy_deployment", {"verify": False, **WEB}
    well = {"url": f"{run.sim.url}/api/health", **NO_CHECK}
    run("dokploy_application", project="shop", name="web", **GIT)
    run(module, check=True, **WEB)
    run(module, verify_period=0, http_check=well, **WEB)
    run(module, **WEB)
    run(module, state="redeployed", title="Again", description="The same", **quick)
    ill = {"url": f"{run.sim.url}/nothing", **NO_CHECK}
    run(module, trigger="always", verify=False, http_check=ill, fails=True, **WEB)
    wait_until_idle(run.host)
    run.sim.config(next_results=["error"])
    run(module, fails=True, **quick)
    run_several(run, well, ill)
    run_rollbacks(run)
    run_adoption(run)
    run_return(run)
    run_stack(run)
    run.sim.config(build_seconds=600.0)
    run(module, trigger="always", wait=False, **quick)
    run(module, trigger="always", wait_timeout=0, fails=True, **quick)
    wait_until_web_is_building(run)
    run(module, state="cancelled", check=True, **WEB)
    run(module, state="cancelled", **WEB)
    run(module, state="cancelled", kill_build=True, **WEB)
    run(module, fails=True, project="twin", application="web")
    fail_requests(run, module, **quick)


def run_several(run: ResultRecorder, well: object, ill: object) -> None:
    """Triggered first, waited for together: what is well, what does not answer, what does not build."""
    module = "dokploy_deployment"
    run("dokploy_application", project="shop", name="broken", git={**GIT["git"], "branch": "broken"})
    handles = [
        run(module, project="shop", application=name, trigger="always", wait=False, revision=revision)["handle"]
        for name, revision in (("web", None), ("broken", "abc1234"))
    ]
    for check in (well, ill):
        run(module, state="finished", handles=handles, verify_period=0, http_check=check, fails=True)
    run.sim.config(build_seconds=600.0)
    run(module, trigger="always", wait=False, verify=False, **WEB)
    wait_until_web_is_building(run)
    handles = [run(module, wait=False, **WEB)["handle"]]
    run.sim.act(finish=True)
    run(module, state="finished", handles=handles, verify=False)
    run.sim.config(build_seconds=0.05)


def run_rollbacks(run: ResultRecorder) -> None:
    module, kept = "dokploy_deployment", {"project": "shop", "application": "kept", "verify": False}
    run.sim.act(registry="keeping")
    rollback = {"enabled": True, "registry": "keeping"}
    run("dokploy_application", project="shop", name="kept", docker={"image": "nginx:1"}, rollback=rollback)
    for _unused in range(2):
        run(module, trigger="always", **kept)
        wait_until_idle(run.host)
    run(module, state="rolled_back", **kept)
    run("dokploy_application", project="shop", name="plain", docker={"image": "nginx:2"})
    run(module, state="rolled_back", project="shop", application="plain", image="nginx:1", verify=False)


def run_adoption(run: ResultRecorder) -> None:
    """What was deployed without a record, and runs otherwise than it is configured, or not."""
    old = {"project": "shop", "name": "old"}
    made = run("dokploy_application", docker={"image": "nginx:1"}, **old)
    run.host.call("application.deploy", applicationId=made["application"]["application_id"])
    wait_until_idle(run.host)
    for image in ("nginx:2", "nginx:1"):
        run("dokploy_application", docker={"image": image}, **old)
        differs = image == "nginx:2"
        run("dokploy_deployment", project="shop", application="old", trigger="adopt", fails=differs)


def run_return(run: ResultRecorder) -> None:
    """What does not stay up is followed by what ran before."""
    quick = {"project": "shop", "application": "back", "on_failure": "return", "verify_period": 0.2}
    run.sim.config(rolls_back=False, builds=[{"image": "nginx:2", "application": "back", "crash_after": 0.05}])
    for image in ("nginx:1", "nginx:2"):
        run("dokploy_application", project="shop", name="back", docker={"image": image})
        run("dokploy_deployment", fails=image == "nginx:2", **quick)
    stack: dict[str, Any] = {"project": "shop", "name": "back"}
    for more in ("", "    command: 'false'\n    restart: always\n"):
        run("dokploy_compose", raw={"content": f"services:\n  web:\n    image: nginx:1\n{more}"}, **stack)
        run("dokploy_deployment", fails=bool(more), **{**quick, "application": None, "compose": "back"})
    # What Dokploy has kept of a build comes back with its commit.
    build = {"project": "shop", "name": "build", **GIT, "rollback": {"enabled": True, "registry": "keeping"}}
    for command in ("sleep 60", "false"):
        run("dokploy_application", command=command, **build)
        run("dokploy_deployment", fails=command == "false", **{**quick, "application": "build"})
    run.sim.config(rolls_back=True, builds=[])


def run_stack(run: ResultRecorder) -> None:
    module, stack = "dokploy_deployment", {"project": "shop", "compose": "metrics"}
    compose_id = create_stack(run.host)
    run(module, verify_period=0, **stack)
    handle = run(module, trigger="always", wait=False, **stack)["handle"]
    run(module, state="finished", handles=[handle], verify_period=0)
    wait_until_idle(run.host)
    run.sim.config(build_seconds=600.0)
    run.sim.act(deploy=compose_id)
    wait_until_building(run.host, composeId=compose_id)
    run(module, state="cancelled", kill_build=True, **stack)
    run.sim.config(build_seconds=0.05)


def run_deployment_info(run: ResultRecorder) -> None:
    module = "dokploy_deployment_info"
    run("dokploy_application", project="shop", name="web", **GIT)
    run("dokploy_deployment", verify=False, **WEB)
    create_stack(run.host, raw=None, git=GIT["git"])
    run("dokploy_deployment", verify=False, project="shop", compose="metrics")
    run(module, project="shop", compose="metrics")
    run(module, project="shop")
    run(module, **WEB)
    run(module, log_lines=5, **WEB)
    run(module, fails=True, project="twin", application="web")
    fail_requests(run, module, **WEB)

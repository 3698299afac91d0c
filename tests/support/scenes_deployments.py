# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of deployments are seen to return: one function a module, named after it."""

from __future__ import annotations

import time

from tests.support.scenes import idle
from tests.support.stage import OPERATIONS, Ran, broken

WEB = {"project": "shop", "application": "web"}
GIT = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}, "build": {"type": "dockerfile"}}
NO_CHECK = {"retries": 0, "delay": 0}


def building(ran: Ran, name: str) -> None:
    """Wait until a worker has taken a job of it; the limit only ends a hanging test."""
    found = ran.host.run(OPERATIONS["dokploy_application_info"], project="shop", name=name)["applications"]
    resource_id = found[0]["application_id"]
    end = time.monotonic() + 20
    while not any(row["status"] == "running" for row in ran.host.read("deployment.all", applicationId=resource_id)):
        assert time.monotonic() < end
        time.sleep(0.005)


def run_deployment(ran: Ran) -> None:
    module, quick = "dokploy_deployment", {"verify": False, **WEB}
    well = {"url": f"{ran.sim.url}/api/health", **NO_CHECK}
    ran("dokploy_application", project="shop", name="web", **GIT)
    ran(module, check=True, **WEB)
    ran(module, verify_period=0, health_check=well, **WEB)
    ran(module, **WEB)
    ran(module, state="redeployed", title="Again", description="The same", **quick)
    ill = {"url": f"{ran.sim.url}/nothing", **NO_CHECK}
    ran(module, trigger="always", verify=False, health_check=ill, fails=True, **WEB)
    idle(ran.host)
    ran.sim.config(next_results=["error"])
    ran(module, fails=True, **quick)
    many(ran, well, ill)
    rolled_back(ran)
    ran.sim.config(build_seconds=600.0)
    ran(module, trigger="always", wait=False, **quick)
    ran(module, trigger="always", wait_timeout=0, fails=True, **quick)
    building(ran, "web")
    ran(module, state="cancelled", check=True, **WEB)
    ran(module, state="cancelled", **WEB)
    ran(module, state="cancelled", kill_build=True, **WEB)
    ran(module, fails=True, project="twin", application="web")
    broken(ran, module, **quick)


def many(ran: Ran, well: object, ill: object) -> None:
    """Triggered first, waited for together: what is well, what does not answer, what does not build."""
    module = "dokploy_deployment"
    ran("dokploy_application", project="shop", name="broken", git={**GIT["git"], "branch": "broken"})
    handles = [
        ran(module, project="shop", application=name, trigger="always", wait=False, revision=revision)["handle"]
        for name, revision in (("web", None), ("broken", "abc1234"))
    ]
    for check in (well, ill):
        ran(module, state="finished", handles=handles, verify_period=0, health_check=check, fails=True)
    ran.sim.config(build_seconds=600.0)
    ran(module, trigger="always", wait=False, verify=False, **WEB)
    building(ran, "web")
    handles = [ran(module, wait=False, **WEB)["handle"]]
    ran.sim.act(finish=True)
    ran(module, state="finished", handles=handles, verify=False)
    ran.sim.config(build_seconds=0.05)


def rolled_back(ran: Ran) -> None:
    module, kept = "dokploy_deployment", {"project": "shop", "application": "kept", "verify": False}
    ran.sim.act(registry="keeping")
    rollback = {"enabled": True, "registry": "keeping"}
    ran("dokploy_application", project="shop", name="kept", docker={"image": "nginx:1"}, rollback=rollback)
    for _unused in range(2):
        ran(module, trigger="always", **kept)
        idle(ran.host)
    ran(module, state="rolled_back", **kept)


def run_deployment_info(ran: Ran) -> None:
    module = "dokploy_deployment_info"
    ran("dokploy_application", project="shop", name="web", **GIT)
    ran("dokploy_deployment", verify=False, **WEB)
    ran(module, **WEB)
    ran(module, log_lines=5, **WEB)
    ran(module, fails=True, project="twin", application="web")
    broken(ran, module, **WEB)

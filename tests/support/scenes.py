# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenes in which the modules for verbs, Traefik and previews return all that their documentation says."""

from __future__ import annotations

import time
from typing import Any, Protocol

from tests.simulator import Simulator
from tests.support.host import Host

WEB = {"project": "shop", "application": "web"}
COMMIT = "55535fa801027e9db17c59d2b403bd9691fad457"


class Ran(Protocol):
    """Runs operations and keeps the results by module."""

    host: Host
    sim: Simulator

    def __call__(self, module: str, *, check: bool = False, fails: bool = False, **params: Any) -> dict[str, Any]: ...


def broken(ran: Ran, module: str, **params: Any) -> None:
    """A failure with an HTTP status, and one where the connection broke."""
    for fault in ({"kind": "status", "status": 502}, {"kind": "reset_before"}):
        ran.host.new_task()
        ran.sim.fault(**fault)
        ran(module, fails=True, **params)
    ran.host.new_task()


def idle(host: Host) -> None:
    """Wait until every build has ended; the limit only ends a hanging test."""
    end = time.monotonic() + 20
    while host.read("deployment.queueList"):
        assert time.monotonic() < end
        time.sleep(0.005)


def previewed(host: Host, *numbers: int, name: str = "previewed") -> str:
    """shop/production/NAME with a GitHub source and the previews of these pull requests, built; returns its id.

    The branch of pull request 42 is ``feature/42``.
    """
    provider = host.sim.act(git_provider="github", name="previewing")
    fields = {
        "sourceType": "github",
        "githubId": provider["githubId"],
        "owner": "acme",
        "repository": "shop",
        "branch": "main",
        "isPreviewDeploymentsActive": True,
        "previewWildcard": "*.preview.example.com",
        "previewLimit": 100,
        "previewEnv": "TOKEN=of-previews",
    }
    made = host.sim.seed(project="shop", applications=1, name=name, fields=fields)
    for number in numbers:
        title = f"Pull request {number}"
        host.sim.act(preview=name, branch=f"feature/{number}", pull_request=number, title=title, commit=COMMIT)
    idle(host)
    return str(made["applicationIds"][0])


def run_application_action(ran: Ran) -> None:
    module = "dokploy_application_action"
    ran(module, action="mark_running", **WEB)
    ran(module, action="refresh_token", check=True, **WEB)
    ran(module, action="refresh_token", **WEB)
    ran(module, action="refresh_token", include_secrets=True, **WEB)
    ran.sim.config(build_seconds=600.0)
    source = {"sourceType": "docker", "dockerImage": "nginx"}
    ran.sim.act(set="web", fields=source)
    for _unused in range(2):
        ran.sim.act(deploy="web")
    ran(module, action="clean_queues", **WEB)
    ran(module, action="kill_build", fails=True, **WEB)
    ran(module, action="mark_running", fails=True, project="twin", application="web")
    broken(ran, module, action="clear_deployments", **WEB)


def run_traefik_config(ran: Ran) -> None:
    module = "dokploy_traefik_config"
    content = {"http": {"routers": {"own": {"rule": "Host(`a`)"}}}}
    for check in (True, False):
        ran(module, check=check, content=content, **WEB)
    ran(module, content=content, **WEB)
    ran(module, content="a: [", fails=True, **WEB)
    ran(module, content=content, fails=True, project="twin", application="web")
    broken(ran, module, content=content, **WEB)


def run_preview_deployment(ran: Ran) -> None:
    module = "dokploy_preview_deployment"
    previewed(ran.host, 1, 2)
    first = {"project": "shop", "application": "previewed", "pull_request": 1}
    ran(module, check=True, **first)
    ran(module, title="Again", description=f"Commit: {COMMIT}", **first)
    ran.sim.config(next_results=["error"])
    ran(module, fails=True, **first)
    ran(module, state="absent", project="shop", application="previewed", branch="feature/2")
    ran(module, state="absent", project="shop", application="previewed", branch="feature/2")
    ran.sim.config(build_seconds=600.0)
    ran(module, wait_timeout=0, fails=True, **first)
    ran(module, fails=True, project="twin", application="web", pull_request=1)
    broken(ran, module, **first)


def run_preview_deployment_info(ran: Ran) -> None:
    module = "dokploy_preview_deployment_info"
    previewed(ran.host, 1, 2)
    ran(module, project="shop", application="previewed")
    ran(module, fails=True, project="twin", application="web")
    broken(ran, module, project="shop", application="previewed")

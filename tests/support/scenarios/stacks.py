# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for Compose stacks: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.scenarios.recorder import ResultRecorder, fail_requests
from tests.support.scenarios.resources import DOMAIN, LISTED, create_referenced, sources

FILE = "services: {web: {image: 'nginx:1'}}\n"
STACK = {"project": "shop", "name": "stack"}
IN_STACK = {"project": "shop", "compose": "stack"}
SERVICE = {"service": "web"}
MOUNT = {"file_path": "app.conf", "content": "text of the file"}
DUMP = {"destination": "bucket", "database_name": "shop", "cron": "@daily", "keep": 3, **SERVICE}
LOGIN = {"user": "shop", "password": "S3cret-of-the-shop"}
BACKUPS = [
    {**DUMP, "prefix": "a", "database_type": "postgres", "postgres": {"user": "shop"}},
    {**DUMP, "prefix": "b", "database_type": "mysql", "mysql": {"root_password": "S3cret-of-the-root"}},
    {**DUMP, "prefix": "c", "database_type": "mariadb", "mariadb": LOGIN},
    {**DUMP, "prefix": "d", "database_type": "mongo", "mongo": LOGIN},
]
CHILDREN: dict[str, Any] = {
    "backups": BACKUPS,
    "domains": [{**DOMAIN, **SERVICE}],
    "mounts": [MOUNT],
    "schedules": [{**one, **SERVICE} for one in LISTED["schedules"]],
    "volume_backups": [{**one, **SERVICE} for one in LISTED["volume_backups"]],
}
WHOLE: dict[str, Any] = {
    "raw": {"content": FILE},
    "type": "docker-compose",
    "description": "text",
    "env": {"A": "one"},
    "create_env_file": False,
    "auto_deploy": False,
    "command": "compose up -d",
    "isolated_deployment": True,
    "isolated_volumes": True,
    "suffix": "blue",
    "service_networks": [{**SERVICE, "networks": ["inner"], "detach_dokploy_network": True}],
    "icon": "data:image/svg+xml;base64,PHN2Zy8+",
    "webhook_token": "token-of-the-webhook",
    **CHILDREN,
}


def _sources(run: ResultRecorder) -> list[dict[str, Any]]:
    """Each source in a repository with all its options."""
    found = [one for one in sources(run) if "docker" not in one and "drop" not in one]
    for one in found:
        for source in one.values():
            source.pop("build_path", None)
            source["compose_path"] = "deploy/compose.yml"
    return found


def run_compose(run: ResultRecorder) -> None:
    module = "dokploy_compose"
    for source in _sources(run):
        for check in (True, False):
            run(module, check=check, project="shop", name=next(iter(source)), **source)
    create_referenced(run)
    for check in (True, False):
        run(module, check=check, app_name="shop-stack", **STACK, **WHOLE)
    run.sim.config(scale_seconds=0, linger_seconds=0)
    made = run(module, project="shop", name="runs", raw={"content": FILE})
    run.host.call("compose.deploy", composeId=made["compose"]["compose_id"])
    run.sim.settle()
    run(module, project="shop", name="runs")
    git = run(module, project="shop", name="git")
    run.host.call("compose.deploy", composeId=git["compose"]["compose_id"])
    run.sim.settle()
    run(module, project="shop", name="git")
    for state in ("stopped", "started"):
        for check in (True, False):
            run(module, state=state, check=check, project="shop", name="runs")
        # It has a commit.
        run(module, state=state, project="shop", name="git")
    run(module, project="shop", name="new", template={"id": "mini"})
    for _again in range(2):
        run(module, state="absent", **STACK)
    for _unused in range(2):
        run.sim.execute("compose.create", name="twins", environmentId=made["compose"]["environment_id"])
    run.host.new_task()
    run(module, project="shop", name="twins", fails=True)
    swarm = run(module, project="shop", name="swarm", type="stack", raw={"content": FILE})
    run.host.call("compose.deploy", composeId=swarm["compose"]["compose_id"])
    run.sim.settle()
    run(module, project="shop", name="swarm", state="started")
    broken = {"services": {"web": {"image": "nginx:1", "command": "false"}}}
    loops = run(module, project="shop", name="broken", raw={"definition": broken})
    run.host.call("compose.deploy", composeId=loops["compose"]["compose_id"])
    run.sim.settle()
    run(module, project="shop", name="broken", state="started", wait_timeout=30, fails=True)
    run.sim.config(drop_fields={"compose.update": ["command"]})
    run(module, project="shop", name="runs", command="compose up", fails=True)
    fail_requests(run, module, project="shop", name="runs")


def run_compose_info(run: ResultRecorder) -> None:
    for source in _sources(run):
        run("dokploy_compose", project="shop", name=next(iter(source)), **source)
    create_referenced(run)
    run.sim.config(scale_seconds=0)
    run("dokploy_compose", **STACK, **WHOLE)
    made = run("dokploy_compose", project="shop", name="swarm", type="stack", raw={"content": FILE})
    run.host.call("compose.deploy", composeId=made["compose"]["compose_id"])
    run.sim.settle()
    for include_secrets in (False, True):
        run("dokploy_compose_info", include_secrets=include_secrets)
    run("dokploy_deployment", project="shop", compose="git", verify=False)
    run("dokploy_compose_info", include=["schedules", "volume_backups", "running", "images"])
    run("dokploy_compose_info", project="twin", fails=True)
    fail_requests(run, "dokploy_compose_info")


def run_template_info(run: ResultRecorder) -> None:
    run("dokploy_template_info")
    fail_requests(run, "dokploy_template_info")

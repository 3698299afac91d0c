# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for actions, Traefik and previews: they return every documented value."""

from __future__ import annotations

from tests.support.builders import COMMIT, create_previews, create_records, create_stack
from tests.support.scenarios.recorder import ResultRecorder, fail_requests

WEB = {"project": "shop", "application": "web"}


def run_application_action(run: ResultRecorder) -> None:
    module = "dokploy_application_action"
    run(module, action="mark_running", **WEB)
    run(module, action="refresh_token", check=True, **WEB)
    run(module, action="refresh_token", **WEB)
    run(module, action="refresh_token", include_secrets=True, **WEB)
    run.sim.config(build_seconds=600.0)
    source = {"sourceType": "docker", "dockerImage": "nginx"}
    run.sim.act(set="web", fields=source)
    for _unused in range(2):
        run.sim.act(deploy="web")
    run(module, action="clean_queues", **WEB)
    run(module, action="kill_build", fails=True, **WEB)
    run(module, action="mark_running", fails=True, project="twin", application="web")
    fail_requests(run, module, action="clear_deployments", **WEB)


def run_job(run: ResultRecorder) -> None:
    module, job = "dokploy_job", {"project": "shop", "name": "count", "image": "nginx"}
    for check in (True, False):
        run(module, check=check, script="echo 1", **job)
    run(module, script="echo 1; exit 3", fails=True, **job)
    run(module, script="true", **{**job, "image": "missing"}, fails=True)
    run(module, script="sleep 60", timeout=0.1, fails=True, **job)
    run(module, script="true", **{**job, "project": "twin"}, fails=True)
    fail_requests(run, module, script="true", **job)


def run_traefik_config(run: ResultRecorder) -> None:
    module = "dokploy_traefik_config"
    content = {"http": {"routers": {"own": {"rule": "Host(`a`)"}}}}
    for check in (True, False):
        run(module, check=check, content=content, **WEB)
    run(module, content=content, **WEB)
    run(module, content="a: [", fails=True, **WEB)
    run(module, content=content, fails=True, project="twin", application="web")
    fail_requests(run, module, content=content, **WEB)


def run_preview_deployment(run: ResultRecorder) -> None:
    module = "dokploy_preview_deployment"
    create_previews(run.host, 1, 2)
    first = {"project": "shop", "application": "previewed", "pull_request": 1}
    run(module, check=True, **first)
    run(module, title="Again", description=f"Commit: {COMMIT}", **first)
    run.sim.config(next_results=["error"])
    run(module, fails=True, **first)
    run(module, state="absent", project="shop", application="previewed", branch="feature/2")
    run(module, state="absent", project="shop", application="previewed", branch="feature/2")
    run.sim.config(build_seconds=600.0)
    run(module, wait_timeout=0, fails=True, **first)
    run(module, fails=True, project="twin", application="web", pull_request=1)
    fail_requests(run, module, **first)


def run_preview_deployment_info(run: ResultRecorder) -> None:
    module = "dokploy_preview_deployment_info"
    create_previews(run.host, 1, 2)
    run(module, project="shop", application="previewed")
    run(module, fails=True, project="twin", application="web")
    fail_requests(run, module, project="shop", application="previewed")


def run_logs_info(run: ResultRecorder) -> None:
    module, stack = "dokploy_logs_info", {"project": "shop", "compose": "metrics"}
    run.sim.act(say="web", lines=["ready"])
    run(module, **WEB)
    run(module, follow=True, until="ready", **WEB)
    run(module, follow=True, until="never", wait_timeout=0, fails=True, **WEB)
    create_stack(run.host)
    run("dokploy_deployment", verify=False, **stack)
    run.sim.act(say="metrics", lines=["ready"])
    run(module, **stack)
    login = {"database": "shop", "user": "shop", "password": "password-of-db"}
    run("dokploy_database", project="shop", name="db", type="postgres", **login)
    run(module, project="shop", database="db")
    run(module, fails=True, project="twin", application="web")
    fail_requests(run, module, **WEB)


def run_info(run: ResultRecorder) -> None:
    create_records(run.host)
    domain = {"host": "dokploy.example.com", "https": True, "letsEncryptEmail": "admin@example.com"}
    run.host.call("settings.assignDomainServer", certificateType="letsencrypt", **domain)
    document = run.host.read("settings.getOpenApiDocument")
    del document["paths"]["/tag.create"]
    document["paths"]["/tag.remove"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"] = {}
    run.sim.fault("status", "settings.getOpenApiDocument", status=200, body=document)
    run("dokploy_info", check_api=True)
    run.sim.config(version="0.25.0")
    run("dokploy_info")
    run("dokploy_info", gather_subset=["server"], fails=True)
    fail_requests(run, "dokploy_info")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""States, actions, deployments and reads on the measured releases."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._model.field import version_text
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions import (
    application_actions,
    deployment,
    deployment_history,
    logs,
    preview_deployments,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions import traefik_config as traefik
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects import project
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services import application
from dokploy_simulator import Simulator
from dokploy_simulator.api.release_folders import version_key
from tests.support import used_api
from tests.support.builders import create_references, create_stack
from tests.support.examples import create, named
from tests.support.host import Host
from tests.support.operations import MANAGED
from tests.support.releases import SAMPLE

VERSION = "settings.getDokployVersion"
ON = {"project": "shop", "application": "web"}
STACK = {"project": "shop", "compose": "metrics"}
PREVIEWED = {"project": "shop", "application": "hub"}
WEB = {"project": "shop", "name": "web"}
MIB = {"trigger": "always", "verify_period": 0}
ACTION, DEPLOYMENT = application_actions.OPERATION, deployment.OPERATION

# name -> (operation, parameters, the release that brought it). ``DEPLOYMENT_ID`` is the newest deployment's.
Case = tuple[Operation, dict[str, Any], str | None]
WRITES: dict[str, Case] = {
    "deployed": (DEPLOYMENT, {**ON, **MIB}, None),
    "deployed and followed": (DEPLOYMENT, {**ON, **MIB, "follow": True}, None),
    "redeployed": (DEPLOYMENT, {**ON, **MIB, "state": "redeployed"}, None),
    "cancelled": (DEPLOYMENT, {**ON, "state": "cancelled"}, None),
    # Refused only where there is something to stop: the target older_releases has a build that runs.
    "cancelled with kill_build": (DEPLOYMENT, {**ON, "state": "cancelled", "kill_build": True}, None),
    "stack deployed": (DEPLOYMENT, {**STACK, **MIB}, None),
    "stack redeployed": (DEPLOYMENT, {**STACK, **MIB, "state": "redeployed"}, None),
    "stack cancelled": (DEPLOYMENT, {**STACK, "state": "cancelled"}, None),
    "traefik_config": (
        traefik.OPERATION,
        {**ON, "content": "{}\n"},
        None,
    ),
    "preview redeployed": (
        preview_deployments.OPERATION,
        {**PREVIEWED, "pull_request": 7, "state": "redeployed"},
        "0.26.4",
    ),
    "preview absent": (preview_deployments.OPERATION, {**PREVIEWED, "pull_request": 7, "state": "absent"}, None),
    "schedule run": (
        children.SCHEDULE_OPERATION,
        {**ON, "name": "n", "cron": "0 3 * * *", "command": "c", "state": "executed"},
        None,
    ),
    "patch": (application.PATCH_OPERATION, {**ON, "path": "a", "content": "b"}, "0.28.0"),
    "patch in the list": (application.OPERATION, {**WEB, "patches": [{"path": "a", "content": "b"}]}, "0.28.0"),
    "action clear_deployments": (ACTION, {**ON, "action": "clear_deployments"}, "0.27.1"),
    "action kill_build": (ACTION, {**ON, "action": "kill_build", "kill_every_build": True}, "0.25.8"),
    "action remove_deployment": (
        ACTION,
        {**ON, "action": "remove_deployment", "deployment_id": "DEPLOYMENT_ID"},
        "0.27.1",
    ),
    **{
        f"action {name}": (ACTION, {**ON, "action": name}, None)
        for name in ("clean_queues", "disconnect_git_provider", "mark_running", "refresh_token")
    },
    **{f"state {state}": (application.OPERATION, {**WEB, "state": state}, None) for state in ("stopped", "reloaded")},
    "state absent": (application.OPERATION, {**WEB, "state": "absent"}, None),
}
# What is read on request, and which release brought it.
INCLUDED = {"logs": "0.29.0", "patches": "0.28.0"}


def _infos() -> Iterator[tuple[str, Case]]:
    """All of each resource, those of one name, and what is read on request."""
    for one in {managed.operation.name: managed for managed in reversed(MANAGED)}.values():
        info = one.info
        home = {"project": "shop"} if one.resource.scope in ("project", "environment") else {}
        first = used_api.since(one.resource.listing.procedures[-1])
        since = version_text((first[0], first[1], first[2])) if first and not home else None
        yield f"{one.name}s", (info, home, since)
        name = {"project": "shop", "environment": "production"}.get(one.name, "web")
        located = {**home, **named(one.resource, name), **one.kind}
        yield one.name, (info, {**located, **one.opened}, since)
        for include in info.options.get("include", {}).get("choices", ()):
            yield (
                f"{one.name} include {include}",
                (info, {**located, "include": [include]}, INCLUDED.get(include, since)),
            )


READS: dict[str, Case] = {
    **dict(_infos()),
    "deployments": (deployment_history.INFO_OPERATION, ON, None),
    "deployments of a stack": (deployment_history.INFO_OPERATION, STACK, None),
    "logs": (logs.INFO_OPERATION, ON, "0.29.0"),
    "followed logs": (logs.INFO_OPERATION, {**ON, "follow": True, "wait_timeout": 0}, "0.29.0"),
    # It has no container, so that no log is asked for.
    "logs of a stack": (logs.INFO_OPERATION, STACK, None),
    "previews": (preview_deployments.INFO_OPERATION, PREVIEWED, None),
}


@pytest.fixture(params=SAMPLE)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A server of each release, with something of every kind."""
    with Simulator(version=request.param) as sim:
        one = Host(sim)
        one.ok(project.OPERATION, name="shop")
        one.ok(application.OPERATION, **WEB, docker={"image": "nginx"}, domains=[{"host": "a.example.com"}])
        sim.act(git_provider="github", name="acme")
        source = {"provider": "acme", "owner": "acme", "repository": "hub", "branch": "main"}
        one.ok(application.OPERATION, project="shop", name="hub", github=source, preview={"enabled": True})
        sim.act(preview="hub", pull_request=7)
        create_stack(one)
        one.ok(DEPLOYMENT, **ON, **MIB)
        one.ok(children.SCHEDULE_OPERATION, **ON, name="n", cron="0 3 * * *", command="c")
        create_references(one, "SSH key")
        home = one.read("project.all")[0]
        homes = {"projectId": home["projectId"], "environmentId": home["environments"][0]["environmentId"]}
        for managed in MANAGED:
            if managed.name not in ("project", "environment", "application"):
                # An older release may lack this kind.
                with contextlib.suppress(DokployError):
                    create(one, managed, "web", homes)
        one.new_task()
        sim.reset_stats()
        yield one
        one.close()


def run(host: Host, case: Case, check: bool = False) -> dict[str, Any]:
    operation, params, _since = case
    rows = [row["deploymentId"] for row in host.sim.server.store.deployments if row["status"] == "done"]
    filled = {name: rows[0] if value == "DEPLOYMENT_ID" else value for name, value in params.items()}
    host.new_task()
    host.sim.reset_stats()
    result = host.run(operation, check=check, **filled)
    assert host.sim.calls().count(VERSION) <= 1
    return result


def too_old(host: Host, since: str | None) -> bool:
    return since is not None and version_key(host.sim.server.config.version) < version_key(since)


def test_what_reads(host: Host) -> None:
    for name, case in READS.items():
        result = run(host, case)
        assert host.sim.calls("mutation") == [], name
        if too_old(host, case[2]):
            assert result.get("failed") and f"needs Dokploy {case[2]}" in result["msg"], name
        else:
            assert not result.get("failed"), (name, result.get("msg"))


def test_what_writes(host: Host) -> None:
    """It is predicted and done, or refused before anything is written."""
    for name, case in WRITES.items():
        predicted = run(host, case, check=True)
        assert host.sim.calls("mutation") == [], name
        real = run(host, case)
        if too_old(host, case[2]):
            assert predicted["failed"] and real["failed"], name
            assert f"needs Dokploy {case[2]}" in real["msg"] and real["error"]["kind"] == "refused", (name, real["msg"])
            assert host.sim.calls("mutation") == [] and not real["changed"], name
        else:
            assert not predicted.get("failed") and not real.get("failed"), (name, predicted.get("msg"), real.get("msg"))
            assert predicted["changed"] == real["changed"], name

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plans of actions, restores and Traefik's file, from what was observed alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import Deployments, Queue
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import ChangePlan
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.application_actions import ACTIONS
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore import (
    Observed,
    plan_restore,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore_file import RestoreSource
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore_run import Restore
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.traefik_config import plan_file
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.sample_rows import APPLICATION_ID, application, deployment

TARGET = Target("application web", resource_id=APPLICATION_ID)
OWN = {"applicationId": APPLICATION_ID}
RUNNING = deployment(1, deploymentId="one", status="running")
GIT = {"sourceType": "git", "customGitBranch": "main", "customGitUrl": "https://u:hunter2@git.example.com/a.git"}


def writes(planned: ChangePlan) -> list[Write]:
    return [step for step in planned.steps if isinstance(step, Write)]


def requests(planned: ChangePlan) -> list[tuple[str, Any]]:
    return [(step.procedure, dict(step.body)) for step in writes(planned)]


@pytest.mark.parametrize(
    ("action", "known", "sent", "before", "after"),
    [
        (
            "refresh_token",
            None,
            ("application.refreshToken", OWN),
            {"webhook_token": "(hidden) old"},
            {"webhook_token": "(hidden) new"},
        ),
        (
            "clear_deployments",
            None,
            ("application.clearDeployments", OWN),
            {"build_logs": "(those of all deployments)"},
            {"build_logs": ""},
        ),
        (
            "kill_build",
            None,
            ("application.killBuild", OWN),
            {"docker_builds": "(all that run on the server)"},
            {"docker_builds": ""},
        ),
        ("mark_running", {"applicationStatus": "running"}, None, {"status": "running"}, {"status": "running"}),
        (
            "mark_running",
            {"applicationStatus": "idle"},
            ("application.markRunning", OWN),
            {"status": "idle"},
            {"status": "running"},
        ),
        ("clean_queues", Deployments([], Queue(0, 0, 0)), None, {"waiting": 0}, {"waiting": 0}),
        (
            "clean_queues",
            Deployments([], Queue(2, 0, 0)),
            ("application.cleanQueues", OWN),
            {"waiting": 2},
            {"waiting": 0},
        ),
        ("disconnect_git_provider", {"sourceType": "docker"}, None, {"source": "docker"}, {"source": "docker"}),
        ("disconnect_git_provider", {"sourceType": "github", "gitlabBuildPath": "/", "branch": ""}, None, {}, {}),
        (
            "disconnect_git_provider",
            GIT,
            ("application.disconnectGitProvider", OWN),
            {**GIT, "customGitUrl": "https://********@git.example.com/a.git"},
            {"sourceType": "github", "customGitBranch": None, "customGitUrl": None},
        ),
        ("remove_deployment", [deployment(2, deploymentId="two")], None, {}, {}),
        (
            "remove_deployment",
            [deployment(2, deploymentId="two"), RUNNING],
            ("deployment.removeDeployment", {"deploymentId": "one"}),
            {
                "deployment_id": "one",
                "title": RUNNING["title"],
                "status": "running",
                "created_at": RUNNING["createdAt"],
            },
            {},
        ),
    ],
)
def test_the_plan_of_an_action(action: str, known: Any, sent: Any, before: Any, after: Any) -> None:
    planned = ACTIONS[action].plan(TARGET, known, {"deployment_id": "one"})
    assert requests(planned) == ([sent] if sent else [])
    assert (planned.difference.before, planned.difference.after) == (before, after)
    assert planned.difference.changed is (sent is not None)
    # What cannot be read afterwards is not sent twice.
    assert all(step.once == (action in ("refresh_token", "kill_build")) for step in writes(planned))


def test_a_plan_warns_of_what_goes_on() -> None:
    removal = ACTIONS["remove_deployment"].plan(TARGET, [RUNNING], {"deployment_id": "one"})
    assert removal.warnings == ("application web: deployment one is running; its build goes on without a record",)
    cleaning = ACTIONS["clean_queues"].plan(TARGET, Deployments([RUNNING], Queue(1, 1, 0)), {})
    assert cleaning.facts == {"cancelled": 1}
    assert "a build is running and goes on" in cleaning.warnings[0]


DUMP = RestoreSource("db", "x", "backup.restoreBackupWithLogs", {"databaseName": "shop"}, "backupFile")
UP = {"name": "web.1", "state": "running", "currentState": "Running 5 minutes ago"}
PARAMS = {"volume": None, "wait_timeout": 60.0, "log_lines": 9, "follow": True}


def observed(source: RestoreSource, *tasks: dict[str, Any]) -> Observed:
    service = Service(APPLICATION, application(), "application web")
    return Observed(service, "d1", source, {"path": "db/a.sql.gz"}, tasks)


def test_the_plan_of_a_restore() -> None:
    planned = plan_restore(observed(DUMP, UP), PARAMS)
    (step,) = planned.steps
    assert isinstance(step, Restore)
    body = {"databaseName": "shop", "destinationId": "d1", "backupFile": "db/a.sql.gz"}
    assert (step.procedure, step.body) == ("backup.restoreBackupWithLogs", body)
    assert (step.label, step.timeout) == ("database shop of application web", 60.0)
    assert (step.log_lines, step.follow) == (9, True)
    assert planned.difference.result()["diff"]["after"] == {"restored_from": "db/a.sql.gz"}


def test_only_a_database_has_to_run_for_a_restore() -> None:
    with pytest.raises(Refused, match="application web does not run, and a restore needs its container"):
        plan_restore(observed(DUMP, {**UP, "state": "shutdown"}), PARAMS)
    volume = RestoreSource(
        "web", "x", "volumeBackups.restoreVolumeBackupWithLogs", {"volumeName": "data"}, "backupFileName"
    )
    (step,) = plan_restore(replace(observed(volume), volume="data"), PARAMS).steps
    assert isinstance(step, Restore)
    assert step.label == "volume data of application web"


@pytest.mark.parametrize(
    ("current", "sent"), [(None, True), ("http: {}\n", True), ("# a comment\nhttp:\n  routers: {a: {}}\n", False)]
)
def test_the_plan_of_traefiks_file(current: str | None, sent: bool) -> None:
    text = "http:\n  routers:\n    a: {}\n"
    planned = plan_file(TARGET, text, current)
    body = {**OWN, "traefikConfig": text}
    assert requests(planned) == ([("application.updateTraefikConfig", body)] if sent else [])
    assert planned.difference.changed is sent

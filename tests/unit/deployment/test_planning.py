# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a deployment, from what was observed alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._archive.source import Archive
from ansible_collections.community.dokploy.plugins.module_utils._deployment.cancel import plan_cancel
from ansible_collections.community.dokploy.plugins.module_utils._deployment.planning import (
    ROLLED_BACK,
    DeploymentRequest,
    plan_deployment,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import Deployments, Queue
from ansible_collections.community.dokploy.plugins.module_utils._deployment.rollback import RollbackState, plan_rollback
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import DeploymentState
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, UploadFile, Write
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.sample_rows import APPLICATION_ID, application, deployment

PARAMS = {
    **dict.fromkeys(("title", "description", "revision", "http_check")),
    "state": "deployed",
    "trigger": "changed",
    "fresh_volumes": False,
    "verify": True,
    "verify_period": 5.0,
}
IMAGE = {"sourceType": "docker", "dockerImage": "nginx"}
LAST = deployment(1)


def request(row: dict[str, Any], rows: list[Any], **params: Any) -> DeploymentRequest:
    service = Service(APPLICATION, application(**row), "application web")
    return DeploymentRequest(DeploymentState(rows, Queue(0, 0, 0), service), {**PARAMS, **params})


def requests(planned: Plan) -> list[Any]:
    """The procedures, with the body where it has no fingerprint."""
    writes = [step for step in planned.steps if isinstance(step, Write)]
    return [step.procedure if "labelsSwarm" in step.body else (step.procedure, step.body) for step in writes]


def test_without_a_reason_nothing_is_planned() -> None:
    planned = plan_deployment(request(IMAGE, [LAST]), None)
    assert (planned.steps, planned.difference.changed, planned.result()["reason"]) == ((), False, None)
    assert planned.result()["deployment"]["deployment_id"] == LAST["deploymentId"]


def test_a_deployment_stores_its_fingerprint_and_is_triggered() -> None:
    planned = plan_deployment(request(IMAGE, [LAST], title="v2", description="why"), "source changed")
    body = {"applicationId": APPLICATION_ID, "title": "v2", "description": "why"}
    assert requests(planned) == ["application.update", ("application.deploy", body)]
    assert planned.difference.after == {"deployment": "(a new one: source changed)"}
    assert planned.difference.before == {"deployment": f"{LAST['title']}, {LAST['createdAt']}, done"}
    assert (planned.obstacle, planned.result()["deployment"]) == (None, None)


def test_a_stored_fingerprint_is_not_stored_again() -> None:
    wanted = request({**IMAGE, "updateConfigSwarm": {}}, [])
    stored = plan_deployment(wanted, "never deployed").steps[0]
    assert isinstance(stored, Write)
    row = {**wanted.service.row, "labelsSwarm": stored.body["labelsSwarm"]}
    again = replace(wanted, state=replace(wanted.state, service=replace(wanted.service, row=row)))
    assert [one[0] for one in requests(plan_deployment(again, "never deployed"))] == ["application.deploy"]


def test_a_rebuild_without_a_record_stores_none() -> None:
    planned = plan_deployment(request(IMAGE, [LAST], state="redeployed"), "redeployment requested")
    assert requests(planned) == [
        ("application.redeploy", {"applicationId": APPLICATION_ID, "title": "Rebuilt by Ansible"})
    ]


def test_what_docker_rolled_back_is_no_good_deployment() -> None:
    planned = plan_deployment(request(IMAGE, [LAST]), ROLLED_BACK)
    assert isinstance(planned.steps[0], Write)
    assert f"bad={LAST['deploymentId']}" in str(planned.steps[0].body["labelsSwarm"])


def test_files_are_uploaded_unless_the_server_has_them() -> None:
    wanted = request({"sourceType": "drop", "dropBuildPath": "/"}, [LAST])
    files = Archive("site.zip", ())
    upload = plan_deployment(replace(wanted, files=files, uploads=True), "files changed").steps[-1]
    assert isinstance(upload, UploadFile)
    assert (upload.procedure, upload.fields) == (
        "application.dropDeployment",
        {"applicationId": APPLICATION_ID, "dropBuildPath": "/"},
    )
    again = plan_deployment(replace(wanted, files=files), "configuration changed")
    assert [one[0] for one in requests(again)[1:]] == ["application.deploy"]


def test_without_a_source_the_plan_has_an_obstacle() -> None:
    planned = plan_deployment(request({"sourceType": "github"}, []), "never deployed")
    assert planned.obstacle is not None
    assert ("has no source" in str(planned.obstacle[0]), planned.obstacle[1]) == (True, "sets the source")


def test_an_http_check_needs_an_address() -> None:
    with pytest.raises(OptionError, match="has no domain"):
        plan_deployment(request(IMAGE, [], http_check={"url": None}), "never deployed")


# --- cancelling and rolling back -------------------------------------------------------------------------------------

RUNNING = deployment(2, status="running")
CLEAN, KILL = "application.cleanQueues", "application.killBuild"


@pytest.mark.parametrize(
    ("rows", "queue", "kill", "procedures", "before"),
    [
        ([LAST], Queue(0, 0, 0), False, [], {"waiting": 0}),
        ([LAST], Queue(2, 0, 1), False, [CLEAN], {"waiting": 2}),
        ([LAST], Queue(0, 0, 0, known=False), False, [CLEAN], {"waiting": 0}),
        ([RUNNING, LAST], Queue(1, 1, 0), False, [CLEAN], {"waiting": 1}),
        ([RUNNING, LAST], Queue(1, 1, 0), True, [CLEAN, KILL], {"waiting": 1, "building": True}),
        ([LAST], Queue(0, 0, 0), True, [], {"waiting": 0, "building": False}),
    ],
)
def test_the_plan_of_a_cancellation(
    rows: list[Any], queue: Queue, kill: bool, procedures: list[str], before: dict[str, Any]
) -> None:
    target = Target("application web", resource_id=APPLICATION_ID)
    planned = plan_cancel(APPLICATION, target, Deployments(rows, queue), kill)
    assert requests(planned) == [(procedure, {"applicationId": APPLICATION_ID}) for procedure in procedures]
    assert planned.difference.before == before
    assert planned.difference.after == {**dict.fromkeys(before, False), "waiting": 0}
    assert planned.interrupt == (Plan(planned.steps[-1:]) if KILL in procedures else None)


@pytest.mark.parametrize(
    ("image", "before", "sent"),
    [("web:1", "one", False), ("web:2", "two", True), ("other", "two", True), (None, "two", True)],
)
def test_the_plan_of_a_rollback(image: str | None, before: str, sent: bool) -> None:
    first, second = deployment(1, deploymentId="one", rollbackId="r1"), deployment(2, deploymentId="two")
    kept = {"one": {"image": "web:1"}, "two": {"image": "web:2"}}
    planned = plan_rollback(RollbackState(request(IMAGE, [second, first]).state, first, kept, image=image))
    assert requests(planned) == [("rollback.rollback", {"rollbackId": "r1"})] * sent
    result = planned.result()
    assert (result["changed"], result["reason"]) == (sent, "another image runs" if sent else None)
    assert (result["diff"]["before"], result["diff"]["after"]) == ({"deployed": before}, {"deployed": "one"})

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks: their target, when nothing is to do, the verification, and secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Fingerprint,
    fingerprint_write,
    stored_fingerprint,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import read_queue
from ansible_collections.community.dokploy.plugins.module_utils._deployment.rollback import (
    ROLLED_BACK,
    TIMEOUT,
    observed,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import DeploymentState
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import brought
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    BadRequest,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    NotRunning,
    OptionError,
    PermissionDenied,
    ProtocolError,
    Refused,
    ServerError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from dokploy_simulator.world.docker import docker_views
from tests.support.builders import wait_until_building, wait_until_idle
from tests.support.fake_clients import FakeClock, TimedAnswer, TimedClient, context_of
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented
from tests.support.sample_rows import APPLICATION_ID, application, deployment, job

APP = application()["appName"]
PASSWORD = "registry-passw0rd"
PARAMS: dict[str, Any] = {
    "deployment_id": None,
    "image": None,
    "http_check": None,
    "wait": True,
    "wait_timeout": 60.0,
    "verify": False,
    "verify_period": 0.0,
}


def row(number: int, kept: bool = True, **values: Any) -> dict[str, Any]:
    return deployment(number, rollbackId=f"rollback{number}" if kept else None, **values)


def id_of(number: int) -> str:
    return str(deployment(number)["deploymentId"])


def kept(number: int, **context: Any) -> dict[str, Any]:
    """The same row with what was kept of it, as only ``deployment.allByType`` shows it."""
    registry = {"registryUrl": "registry.example.com", "username": "u", "password": PASSWORD}
    copy = {**application(env="OLD=old-secret"), "rollbackRegistry": registry, **context}
    rollback = {"rollbackId": f"rollback{number}", "image": f"{APP}:v{number}", "fullContext": copy}
    return {**row(number), "rollback": rollback}


def task(number: int = 1, current: str = "Running 9 seconds ago", slot: int = 1) -> dict[str, Any]:
    bad = not current.startswith("Running")
    return {
        "containerId": f"task{number}",
        "name": f"{APP}.{slot}",
        "state": "shutdown" if bad else "running",
        "currentState": current,
        "error": '"task: non-zero exit (1)"' if bad else "",
    }


def runs(image: str | None) -> dict[str, Any]:
    return {"Spec": {"ContainerSpec": {"Image": image} if image else {}}}


KEPT_IMAGE = f"registry.example.com/u/{APP}:v%d@sha256:{'a' * 64}"
ROWS = [row(3), row(2), row(1)]
FINGERPRINT = Fingerprint(source="s", config="c")


class RolledBack:
    """One run on scripted answers: its ``result`` or the ``error``, and the writes."""

    def __init__(
        self,
        rows: Any = None,
        *,
        jobs: Any = (),
        app: dict[str, Any] | None = None,
        fingerprint: Fingerprint | None = FINGERPRINT,
        image: Any = "nginx:3",
        check: bool = False,
        answers: Any = (),
        **params: Any,
    ) -> None:
        rows = ROWS if rows is None else rows
        whole = {**application(env="NEW=new-secret", deployments=list(rows)), **(app or {})}
        service = Service(RESOURCE, whole, "web")
        if fingerprint:
            whole.update(fingerprint_write(service, fingerprint).body)
        self.client: Any = TimedClient(
            FakeClock(),
            deployment__allByType=[kept(int(one["deploymentId"][-3:])) if one["rollbackId"] else one for one in rows],
            docker__getServiceContainersByAppName=[task(1)],
            docker__getConfig=image if isinstance(image, (DokployError, dict)) or image is None else runs(image),
            application__one=whole,
            application__update=True,
            application__readLogs="bye\n",
            rollback__rollback=None,
        )
        self.client.answers.update(dict(answers))
        self.context = context_of(self.client, check=check, **{**PARAMS, **params})
        queue = read_queue(list(jobs), {"applicationId": APPLICATION_ID, "previewDeploymentId": None})
        state = DeploymentState(list(rows), queue, service)
        self.result: dict[str, Any] = {}
        self.error: DokployError | None = None
        try:
            read = replace(ROLLED_BACK, observe=lambda nodes, context: [observed(state, context)])
            self.result = brought(Node(RESOURCE, self.context.params, transition=read), self.context)
        except DokployError as error:
            self.error = error
        shown = repr(
            (self.result, self.error and (str(self.error), self.error.details), self.context.executor.warnings)
        )
        for secret in (PASSWORD, "old-secret", "new-secret"):
            assert secret not in shown

    @property
    def writes(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            one
            for request in self.client.asked
            for one in request
            if one[0] in ("rollback.rollback", "application.update")
        ]

    @property
    def sent(self) -> list[str]:
        return [input["rollbackId"] for name, input in self.writes if name == "rollback.rollback"]

    @property
    def invalidated(self) -> bool:
        marks = [
            stored_fingerprint(Service(RESOURCE, input)) for name, input in self.writes if name == "application.update"
        ]
        return bool(marks) and all(mark is not None and mark.after == id_of(3) for mark in marks)


# --- the target ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "wanted", "chosen"),
    [
        (ROWS, None, 2),
        ([row(3, status="error"), row(2), row(1)], None, 2),
        ([row(3, status="cancelled"), row(2), row(1)], None, 2),
        ([row(4), row(3, status="error"), row(2)], None, 2),
        (ROWS, id_of(1), 1),
        (ROWS, id_of(3), 3),
        ([row(3), row(2, status="error"), row(1)], id_of(1), 1),
    ],
)
def test_the_target_of_a_rollback(rows: Any, wanted: str | None, chosen: int) -> None:
    done = RolledBack(rows, deployment_id=wanted, fingerprint=None)
    assert done.sent == [f"rollback{chosen}"]
    assert done.result["deployment"]["deployment_id"] == id_of(chosen)
    assert done.result["changed"] is True
    assert done.result["reason"] == "another image runs"


@pytest.mark.parametrize(
    ("rows", "params", "kind", "words"),
    [
        ([], {}, Refused, "before its newest deployment there is no successful one"),
        ([row(1)], {}, Refused, "before its newest deployment there is no successful one"),
        ([row(2), row(1, status="error")], {}, Refused, "there is no successful one"),
        (ROWS, {"deployment_id": "x"}, OptionError, "deployment_id: web has no deployment 'x' (any more)"),
        (ROWS, {"deployment_id": ""}, OptionError, "deployment_id: web has no deployment ''"),
        ([row(3), row(2, status="error")], {"deployment_id": id_of(2)}, Refused, "ended in error, so that there is"),
        ([row(3), row(2, status="cancelled")], {"deployment_id": id_of(2)}, Refused, "ended in cancelled"),
        ([row(3), row(2, kept=False)], {}, Refused, f"nothing was kept of the deployment {id_of(2)} to go back to"),
        # An older kept deployment is not taken instead.
        ([row(3), row(2, kept=False), row(1)], {}, Refused, "nothing was kept"),
        ([row(4, status="running"), *ROWS], {}, Refused, "a deployment is under way"),
    ],
)
def test_invalid_targets(rows: Any, params: dict[str, Any], kind: Any, words: str) -> None:
    done = RolledBack(rows, **params)
    assert done.error.__class__ is kind
    assert words in str(done.error)
    assert done.client.called == []


@pytest.mark.parametrize(
    ("app", "hint"),
    [
        ({}, "Dokploy keeps images only with rollback.enabled and rollback.registry"),
        ({"rollbackActive": True}, "Dokploy keeps images only with"),
        ({"rollbackRegistryId": "r"}, "Dokploy keeps images only with"),
        ({"rollbackActive": True, "rollbackRegistryId": "r"}, "Rollbacks were enabled after this deployment"),
    ],
)
def test_why_nothing_was_kept(app: dict[str, Any], hint: str) -> None:
    assert hint in str(RolledBack([row(3), row(2, kept=False)], app=app).error)


@pytest.mark.parametrize("state", ["waiting", "active"])
def test_a_waiting_deployment_is_refused(state: str) -> None:
    done = RolledBack(jobs=[job(9, state, title="x")])
    assert isinstance(done.error, Refused)
    assert "drop it with state=cancelled" in str(done.error)
    assert done.client.called == []


def test_a_waiting_preview_is_not_refused() -> None:
    one = job(9, "active")
    one["data"]["previewDeploymentId"] = "preview"
    assert RolledBack(jobs=[one]).error is None


# --- whether there is anything to do ---------------------------------------------------------------------------------


def test_a_running_target_is_left_alone() -> None:
    done = RolledBack(image=KEPT_IMAGE % 2, fingerprint=None)
    assert (done.result["changed"], done.result["reason"], done.writes) == (False, None, [])
    assert done.result["diff"]["before"] == done.result["diff"]["after"] == {"deployed": id_of(2)}
    assert done.result["deployment"]["deployment_id"] == id_of(2)


@pytest.mark.parametrize("image", [f"{APP}:v2", f"u/{APP}:v2", f"localhost:5000/u/{APP}:v2", KEPT_IMAGE % 2])
def test_the_registry_of_an_image_does_not_count(image: str) -> None:
    assert RolledBack(image=image, fingerprint=None).result["changed"] is False


@pytest.mark.parametrize(
    "image", [f"{APP}:latest", f"{APP}:v22", "other:v2", KEPT_IMAGE % 1, "", None, {}, NotFoundError("404")]
)
def test_other_images(image: Any) -> None:
    assert RolledBack(image=image, fingerprint=None).result["changed"] is True


@pytest.mark.parametrize(
    ("image", "before"), [(KEPT_IMAGE % 1, 1), (KEPT_IMAGE % 3, 3), ("nginx:3", 3), (PermissionDenied("no"), 3)]
)
def test_the_diff_shows_the_running_deployment(image: Any, before: int) -> None:
    done = RolledBack(image=image)
    assert (done.result["diff"]["before"], done.result["diff"]["after"]) == (
        {"deployed": id_of(before)},
        {"deployed": id_of(2)},
    )


def test_a_failed_deployment_does_not_run() -> None:
    done = RolledBack([row(4, status="error"), *ROWS], deployment_id=id_of(1))
    assert done.result["diff"]["before"] == {"deployed": id_of(3)}


@pytest.mark.parametrize(
    ("tasks", "changed"),
    [
        # (number, what it says, slot) of tasks that are wanted; number 2 and 4 run the wanted image, 3 another one.
        ([(3, "Assigned less than a second ago", 1), (2, "Running 9 seconds ago", 1)], True),
        ([(3, "Running less than a second ago", 1), (2, "Running 9 seconds ago", 1)], True),
        ([(4, "Assigned less than a second ago", 1), (2, "Running 9 seconds ago", 1)], False),
        ([(2, "Running 9 seconds ago", 1), (3, "Running 9 seconds ago", 2)], True),
        ([(2, "Running 9 seconds ago", 1), (3, "Preparing 1 second ago", 2)], True),
        ([(2, "Running 9 seconds ago", 1), (4, "Running 9 seconds ago", 2)], False),
    ],
)
def test_the_newest_task_of_each_slot_counts(tasks: Any, changed: bool) -> None:
    """For a second after a deployment Docker still wants the tasks of before, too (measured)."""
    listed = [{**task(number, current, slot), "state": "running", "error": ""} for number, current, slot in tasks]
    images: dict[str, Any] = {f"docker.getConfig task{number}": runs(KEPT_IMAGE % 2) for number in (2, 4)}
    answers = {"docker.getServiceContainersByAppName": listed, **images}
    assert RolledBack(image=KEPT_IMAGE % 3, answers=answers, fingerprint=None).result["changed"] is changed


def test_a_stopped_service_is_rolled_back() -> None:
    answers = {"docker.getServiceContainersByAppName": [task(1, "Failed 1 second ago")]}
    done = RolledBack(image=KEPT_IMAGE % 2, answers=answers)
    assert done.result["changed"] is True
    assert "docker.getConfig" not in done.client.called


def test_unknown_images_are_not_equal() -> None:
    """Nothing runs, and the kept deployment has no image."""
    answers = {"deployment.allByType": ROWS, "docker.getServiceContainersByAppName": []}
    assert RolledBack(answers=answers, fingerprint=None).result["changed"] is True


@pytest.mark.parametrize("error", [PermissionDenied("no right"), UnknownProcedure("404")])
def test_without_docker_permissions_each_run_rolls_back(error: DokployError) -> None:
    done = RolledBack(answers={"docker.getServiceContainersByAppName": error}, verify=True)
    assert (done.result["changed"], done.result["running"]) == (True, None)
    assert done.context.executor.warnings == [f"web: its tasks cannot be read: {error}"]


@pytest.mark.parametrize("procedure", ["deployment.allByType", "docker.getServiceContainersByAppName"])
def test_an_unreadable_answer_is_an_error_before_any_write(procedure: str) -> None:
    error = ServerError("boom")
    done = RolledBack(answers={procedure: error})
    assert (done.error, done.writes) == (error, [])


def test_a_service_on_a_remote_server() -> None:
    done = RolledBack(app={"serverId": "srv"})
    inputs = [input for request in done.client.asked for name, input in request if name.startswith("docker.")]
    assert [input["serverId"] for input in inputs] == ["srv", "srv"]


# --- what is written -------------------------------------------------------------------------------------------------


def test_a_rollback_invalidates_the_fingerprint() -> None:
    done = RolledBack()
    assert [name for name, _input in done.writes] == ["rollback.rollback", "application.update"]
    assert done.invalidated
    # The server logs in to the registry before it answers.
    assert done.client.timeouts == {"rollback.rollback": TIMEOUT}


def test_without_a_fingerprint_nothing_is_invalidated() -> None:
    assert [name for name, _input in RolledBack(fingerprint=None).writes] == ["rollback.rollback"]


def test_check_mode_foretells_it() -> None:
    predicted, real = RolledBack(check=True), RolledBack()
    assert predicted.writes == []
    for key in ("changed", "reason", "diff", "deployment"):
        assert predicted.result[key] == real.result[key]


def test_without_wait_nothing_is_verified() -> None:
    done = RolledBack(wait=False, verify=True)
    assert done.result["running"] is None
    assert done.invalidated


def test_a_run_that_ended_between_the_two_writes_is_completed() -> None:
    done = RolledBack(image=KEPT_IMAGE % 2)
    assert (done.result["changed"], done.sent) == (False, [])
    assert done.invalidated
    again = RolledBack(image=KEPT_IMAGE % 2, fingerprint=FINGERPRINT.pending(ROWS, ()))
    assert (again.result["changed"], again.writes) == (False, [])


def test_a_refused_rollback_keeps_the_fingerprint() -> None:
    refused = BadRequest("rollback.rollback was refused (HTTP 400)", server_message="Error input: Rolling back")
    done = RolledBack(answers={"rollback.rollback": refused})
    assert "Error input: Rolling back" in str(done.error)
    assert "Does the registry answer" in str(done.error)
    assert [name for name, _input in done.writes] == ["rollback.rollback"]


@pytest.mark.parametrize("error", [ConnectionFailed("broke"), ServerError("504", status=504), ProtocolError("cut")])
def test_a_lost_answer_invalidates_the_fingerprint(error: DokployError) -> None:
    done = RolledBack(answers={"rollback.rollback": error})
    assert done.error is error
    assert done.invalidated


# --- what runs then --------------------------------------------------------------------------------------------------


def tasks_then(*tasks: dict[str, Any]) -> TimedAnswer:
    return TimedAnswer((0, [task(1)]), (0.1, [task(1), *tasks]))


def test_the_new_tasks_have_to_run() -> None:
    done = RolledBack(answers={"docker.getServiceContainersByAppName": tasks_then(task(2))}, verify=True)
    assert done.result["running"]["replicas_running"] == 1


def test_a_crash_is_an_error() -> None:
    crashed = tasks_then(task(3, "Failed 1 second ago"), task(2, "Failed 2 seconds ago"))
    answers = {
        "docker.getServiceContainersByAppName": crashed,
        # The containers know the variables of that time.
        "application.readLogs": "connecting with old-secret\nand new-secret\n",
    }
    done = RolledBack(answers=answers, verify=True)
    assert isinstance(done.error, NotRunning)
    assert done.error.details["log"] == ["connecting with ********", "and ********"]
    assert done.error.details["deployment"]["deployment_id"] == id_of(2)
    assert done.error.details["reason"] == "another image runs"
    assert done.invalidated


@pytest.mark.parametrize(
    ("then", "now", "running", "well"),
    [
        # As many as were configured then are to run, and not as many as are now.
        ({"replicas": 1}, {"replicas": 3}, 1, True),
        ({"replicas": 2}, {"replicas": 1}, 1, False),
        ({"replicas": 2}, {"replicas": 1}, 2, True),
        ({"modeSwarm": {"Replicated": {"Replicas": 2}}}, {}, 2, True),
        ({"modeSwarm": None}, {"modeSwarm": {"Replicated": {"Replicas": 2}}}, 1, True),
    ],
)
def test_the_replicas_of_the_target_count(then: Any, now: Any, running: int, well: bool) -> None:
    own = kept(2, **then)
    new = [task(number + 1, slot=number) for number in range(1, running + 1)]
    answers = {
        "deployment.allByType": [kept(3), own, kept(1)],
        "docker.getServiceContainersByAppName": TimedAnswer((0, [task(1)]), (0.1, [task(1), *new])),
    }
    done = RolledBack(app=now, answers=answers, verify=True)
    if well:
        assert done.error is None
        assert done.result["running"]["replicas_running"] >= running
    else:
        assert isinstance(done.error, WaitTimeout)


@pytest.mark.parametrize("then", [{"replicas": 0}, {"modeSwarm": {"GlobalJob": {}}}])
def test_a_target_without_replicas_is_not_verified(then: Any) -> None:
    done = RolledBack(answers={"deployment.allByType": [kept(3), kept(2, **then), kept(1)]}, verify=True)
    assert (done.error, done.result["running"]) == (None, None)


def test_an_http_check_without_an_address_is_refused_before_any_write() -> None:
    done = RolledBack(http_check={"url": None})
    assert isinstance(done.error, OptionError)
    assert "http_check needs a url, since web has no domain" in str(done.error)
    assert done.client.called == []


# --- on the simulator ------------------------------------------------------------------------------------------------

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
WEB: dict[str, Any] = {**PLACE, "application": "web"}
QUICK: dict[str, Any] = {**WEB, "verify": False}
KEEP = {"enabled": True, "registry": "keeping"}


@pytest.fixture(autouse=True)
def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers have run for a while as soon as they come up: the first second says nothing, and takes its time."""
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")


def state(host: Host, image: str = "nginx:1", **options: Any) -> str:
    host.new_task()
    made = host.ok(APPLICATION, **PLACE, name="web", **{"docker": {"image": image}, **options})
    return str(made["application"]["application_id"])


@pytest.fixture
def web(host: Host) -> str:
    """The application, deployed as nginx:1 and then as nginx:2, each kept."""
    host.ok(PROJECT, name="shop")
    host.sim.act(registry="keeping", password=PASSWORD)
    resource_id = ""
    for image, secret in (("nginx:1", "old-secret"), ("nginx:2", "new-secret")):
        resource_id = state(host, image, rollback=KEEP, env={"TOKEN": secret})
        host.ok(DEPLOYMENT, **QUICK)
        wait_until_idle(host)
    return resource_id


def back(host: Host, check: bool = False, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    run = host.failed if fails else host.ok
    result = run(DEPLOYMENT, check=check, **{**QUICK, **options}, state="rolled_back")
    for secret in (PASSWORD, "old-secret", "new-secret"):
        assert secret not in repr(result)
    assert undocumented(result, documentation()["dokploy_deployment"]["return"]) == []
    return result


def image(host: Host, resource_id: str) -> str:
    name = host.read("application.one", applicationId=resource_id)["appName"]
    return str(host.sim.services()[name]["image"])


def test_there_and_back_again(host: Host, web: str) -> None:
    newest, first = host.read("deployment.all", applicationId=web)
    predicted = back(host, check=True)
    assert host.sim.calls("mutation") == []
    assert image(host, web) == "nginx:2"
    real = back(host)
    assert host.sim.calls("mutation") == ["rollback.rollback", "application.update"]
    for key in ("changed", "diff", "reason", "deployment"):
        assert predicted[key] == real[key]
    assert real["deployment"]["deployment_id"] == first["deploymentId"]
    assert real["diff"]["before"] == {"deployed": newest["deploymentId"]}
    assert image(host, web).endswith(":v1")
    # It makes no deployment and leaves what is configured as it is.
    assert len(host.read("deployment.all", applicationId=web)) == 2
    assert host.read("application.one", applicationId=web)["dockerImage"] == "nginx:2"

    again = back(host)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    assert host.sim.calls() == [
        "project.all",
        *("application.one", "deployment.queueList", "patch.byEntityId"),
        *("deployment.allByType", "docker.getServiceContainersByAppName", "docker.getConfig"),
    ]

    host.new_task()
    deployed = host.ok(DEPLOYMENT, **QUICK)
    assert deployed["reason"] == "last deployment failed verification or was rolled back"
    assert image(host, web) == "nginx:2"
    wait_until_idle(host)
    host.new_task()
    assert not host.ok(DEPLOYMENT, **QUICK)["changed"]


def test_the_tasks_are_verified(host: Host, web: str) -> None:
    assert back(host, verify=True, verify_period=0)["running"]["replicas_running"] == 1


def test_a_target_that_crashes_again_is_an_error(host: Host, web: str) -> None:
    host.sim.config(builds=[{"application": "web", "crash_after": 0.01}])
    failed = back(host, fails=True, verify=True, verify_period=600)
    assert failed["error"]["kind"] == "not_running"
    assert failed["changed"] is True
    assert failed["deployment"]["status"] == "done"
    assert failed["reason"] == "another image runs"


def test_a_registry_that_does_not_answer(host: Host, web: str) -> None:
    """Its address was stored with the deployment."""
    host.new_task()
    host.sim.act(registry="missing", registryUrl="missing.example.com", password=PASSWORD)
    state(host, "nginx:3", rollback={**KEEP, "registry": "missing"})
    for _unused in range(2):
        host.new_task()
        host.ok(DEPLOYMENT, **QUICK, trigger="always")
        wait_until_idle(host)
    failed = back(host, fails=True)
    assert (failed["error"]["kind"], failed["error"]["status"]) == ("bad_request", 400)
    assert "Does the registry answer" in failed["msg"]
    assert failed["changed"] is False
    host.new_task()
    assert not host.ok(DEPLOYMENT, **QUICK)["changed"]


def test_given_unknown_and_unkept_deployments(host: Host, web: str) -> None:
    state(host, "nginx:3", rollback={"enabled": False})
    host.new_task()
    third = host.ok(DEPLOYMENT, **QUICK)["deployment"]["deployment_id"]
    wait_until_idle(host)
    first = host.read("deployment.all", applicationId=web)[-1]["deploymentId"]
    assert back(host, deployment_id=first)["changed"]
    assert image(host, web).endswith(":v1")
    assert "was kept" in back(host, fails=True, deployment_id=third)["msg"]
    assert back(host, fails=True, deployment_id="nothing")["error"]["kind"] == "option"
    assert image(host, web).endswith(":v1")


def test_a_failed_deployment_was_not_kept(host: Host, web: str) -> None:
    host.sim.config(next_results=["error"])
    host.new_task()
    failed = host.failed(DEPLOYMENT, **QUICK, trigger="always")["deployment"]["deployment_id"]
    wait_until_idle(host)
    assert "ended in error" in back(host, fails=True, deployment_id=failed)["msg"]
    # What ran before it still runs.
    assert back(host)["diff"]["after"]["deployed"] == host.read("deployment.all", applicationId=web)[1]["deploymentId"]


def test_a_deployment_under_way(host: Host, web: str) -> None:
    host.sim.config(build_seconds=3600)
    host.sim.act(deploy="web")
    wait_until_building(host, applicationId=web)
    first = host.read("deployment.all", applicationId=web)[-1]["deploymentId"]
    for wanted in (None, first):
        failed = back(host, fails=True, deployment_id=wanted)
        assert failed["error"]["kind"] == "refused"
        assert "a deployment is under way" in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_without_a_rollback_registry(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    git = {"url": "https://git.example.com/a.git", "branch": "main"}
    host.ok(APPLICATION, **PLACE, name="web", git=git, build={"type": "dockerfile"})
    assert "there is no successful one" in back(host, fails=True)["msg"]
    for _unused in range(2):
        host.new_task()
        host.ok(DEPLOYMENT, **QUICK, trigger="always")
        wait_until_idle(host)
    failed = back(host, fails=True)
    assert failed["error"]["kind"] == "refused"
    assert "rollback.enabled and rollback.registry of dokploy_application" in failed["msg"]


def test_options_of_other_states(host: Host, web: str) -> None:
    assert "title is not supported with state=rolled_back" in back(host, fails=True, title="x")["msg"]
    host.new_task()
    failed = host.failed(DEPLOYMENT, **QUICK, deployment_id="x")
    assert "deployment_id is not supported with state=deployed" in failed["msg"]

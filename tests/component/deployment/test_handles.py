# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Handles of triggered deployments, and the reports of the task that waits for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import TriggeredDeployment
from ansible_collections.community.dokploy.plugins.module_utils._deployment.handles import (
    finish_handles,
    from_handle,
    handle_of,
    handles_spec,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import Snapshot
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import Revision
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    NotFoundError,
    PermissionDenied,
    ServerError,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import DEPLOYABLES
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
from tests.support.builders import wait_until_idle
from tests.support.fake_clients import FakeClock, TimedClient, context_of
from tests.support.host import Host, validated
from tests.support.module_docs import documentation, undocumented
from tests.support.sample_rows import application, deployment

COMMIT = "55535fa801027e9db17c59d2b403bd9691fad457"
CONNECTION: dict[str, Any] = {"dokploy_url": "http://host", "dokploy_api_key": "k" * 20}
REPORT = set("application_id application failed status msg log deployment job seconds running http_check".split())


def options(*handles: Any, **params: Any) -> dict[str, Any]:
    """The parameters of the task that waits, after the handles have been JSON and Ansible has checked them."""
    plain = json.loads(json.dumps(list(handles)))
    return validated(DEPLOYMENT, **CONNECTION, state="finished", handles=plain, **params)


# --- there and back --------------------------------------------------------------------------------------------------

_IDS = st.text("abcXYZ019_-", min_size=1, max_size=8)
# A NUL character is refused before the handle is read.
_WORDS = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8))


@given(
    ids=st.frozensets(_IDS, max_size=4),
    ahead=st.integers(0, 3),
    title=_WORDS,
    own=st.one_of(st.none(), _IDS),
    tasks=st.one_of(st.none(), st.frozensets(_IDS, max_size=4)),
    clones=st.booleans(),
)
def test_a_handle_restores_its_deployment(
    ids: frozenset[str], ahead: int, title: str | None, own: str | None, tasks: frozenset[str] | None, clones: bool
) -> None:
    row = application(applicationId="app")
    known = None if own is None else {"deploymentId": own}
    triggered = TriggeredDeployment(
        Service(RESOURCE, row, "web"), Snapshot(ids, ahead), title, known, old_tasks=tasks, clones=clones
    )
    (handle,) = options(handle_of(triggered))["handles"]
    assert from_handle(RESOURCE, handle, row) == triggered
    assert set(handle) == set(handles_spec(*DEPLOYABLES)["options"])


def test_a_handle_holds_the_text_of_a_revision() -> None:
    row = application(sourceType="git")
    triggered = TriggeredDeployment(
        Service(RESOURCE, row, "web"), Snapshot(frozenset(), 0), None, revision=Revision("commit", "55535fa")
    )
    assert handle_of(triggered)["revision"] == "55535fa"


def test_the_handle_is_as_it_is_documented() -> None:
    described = documentation()["dokploy_deployment"]
    returned = described["return"]["handle"]["contains"]
    taken = described["doc"]["options"]["handles"]["suboptions"]
    assert set(returned) == set(taken) == set(handles_spec(*DEPLOYABLES)["options"])
    assert {name for name, option in taken.items() if option.get("required")} == set()
    handle = handle_of(TriggeredDeployment(Service(RESOURCE, application(), "web"), Snapshot(frozenset(), 0)))
    assert undocumented({"handle": handle}, described["return"]) == []


def test_without_a_label_the_application_is_named() -> None:
    (handle,) = options({"application_id": "app"})["handles"]
    triggered = from_handle(RESOURCE, handle, application(applicationId="app", name="web"))
    assert (triggered.service.label, triggered.before, triggered.old_tasks) == (
        "application 'web'",
        Snapshot(frozenset(), 0),
        None,
    )


def test_without_verify_a_handle_has_no_old_tasks() -> None:
    row = application()
    triggered = handle_of(
        TriggeredDeployment(Service(RESOURCE, row, "web"), Snapshot(frozenset(), 0), old_tasks=frozenset())
    )
    assert from_handle(RESOURCE, triggered, row).old_tasks == frozenset()
    assert from_handle(RESOURCE, triggered, row, verify=False).old_tasks is None


# --- on scripted answers ---------------------------------------------------------------------------------------------


def handle(name: str, **values: Any) -> dict[str, Any]:
    row = application(applicationId=name)
    return {
        **handle_of(TriggeredDeployment(Service(RESOURCE, row, f"application '{name}'"), Snapshot(frozenset(), 0))),
        **values,
    }


def row_of(name: str, **values: Any) -> dict[str, Any]:
    place = {"name": "production", "project": {"name": "shop"}}
    return application(**{"applicationId": name, "name": name, "appName": name, "environment": place, **values})


class Waited:
    """One task with ``state=finished``: its ``result``, or the ``error`` and the reports in its details."""

    def __init__(self, *handles: Any, answers: dict[str, Any], params: Any = (), check: bool = False) -> None:
        self.client: Any = TimedClient(FakeClock())
        self.client.answers = {
            "deployment.queueList": [],
            "docker.getConfig": None,
            "patch.byEntityId": [],
            **answers,
        }
        self.client.answers.setdefault("deployment.readLogs", "one\nbad\n")
        self.result: dict[str, Any] = {}
        self.error: DokployError | None = None
        self.context = context_of(self.client, check=check, **options(*handles, **dict(params)))
        try:
            self.result = finish_handles((RESOURCE,), self.context)
        except DokployError as error:
            self.error = error

    @property
    def reports(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (self.error.details if self.error else self.result)["deployments"]
        assert all(set(report) == REPORT for report in found)
        return found


def ended(name: str, **values: Any) -> dict[str, Any]:
    return {
        f"application.one {name}": row_of(name),
        f"deployment.all {name}": [deployment(1, applicationId=name, **values)],
    }


def test_successful_deployments() -> None:
    waited = Waited(handle("b"), handle("a"), answers={**ended("a"), **ended("b")})
    assert waited.result["changed"] is False
    assert [(report["application"], report["status"], report["failed"]) for report in waited.reports] == [
        ("shop/production/b", "done", False),
        ("shop/production/a", "done", False),
    ]
    assert all(
        (report["msg"], report["log"], report["running"], report["http_check"]) == ("", [], None, None)
        for report in waited.reports
    )
    # The applications first, then all that is waited for: two requests.
    assert [len(request) for request in waited.client.asked] == [4, 3]


def test_no_handles() -> None:
    waited = Waited(answers={})
    assert waited.result == {"changed": False, "deployments": []}
    assert waited.client.called == []


def test_reports_are_in_the_order_of_the_handles() -> None:
    waited = Waited(
        handle("done"),
        handle("bad"),
        handle("gone"),
        handle("slow"),
        handle("cut"),
        handle("lost"),
        answers={
            **ended("done"),
            **ended("bad", status="error"),
            "application.one gone": NotFoundError("404"),
            **ended("slow", status="running"),
            **ended("cut", status="cancelled"),
            "application.one lost": row_of("lost"),
            "deployment.all lost": [],
        },
        params={"wait_timeout": 60, "log_lines": 1},
    )
    assert waited.error is not None
    assert waited.error.kind == "deployment"
    assert [(report["status"], report["failed"]) for report in waited.reports] == [
        ("done", False),
        ("error", True),
        ("not_found", True),
        ("running", True),
        ("cancelled", True),
        ("lost", True),
    ]
    assert [report["application"] for report in waited.reports] == [
        "shop/production/done",
        "shop/production/bad",
        "application 'gone'",
        "shop/production/slow",
        "shop/production/cut",
        "shop/production/lost",
    ]
    done, bad, gone, slow, cut, lost = waited.reports
    assert (bad["log"], bad["deployment"]["status"]) == (["bad"], "error")
    assert (gone["msg"], gone["deployment"]) == ("application 'gone' does not exist any more", None)
    # What was seen last of one that has not ended.
    assert slow["deployment"]["status"] == "running"
    assert slow["deployment"]["application_id"] == "slow"
    assert (cut["deployment"]["status"], lost["deployment"]) == ("cancelled", None)
    assert done["deployment"]["status"] == "done"
    assert (done["seconds"], gone["seconds"], slow["seconds"]) == (done["deployment"]["duration"], None, None)
    lines = str(waited.error).split("\n")
    assert lines[0] == "5 of 6 deployments failed:"
    assert "application 'bad': the deployment ended in error: bad" in lines
    assert "application 'gone' does not exist any more" in lines
    for report in waited.reports[1:]:
        assert report["msg"]
        assert report["msg"] in str(waited.error)


def test_a_single_handle_fails_with_its_own_error() -> None:
    for status, kind in (("error", "deployment"), ("running", "timeout")):
        waited = Waited(handle("a"), answers=ended("a", status=status), params={"wait_timeout": 5})
        assert waited.error is not None
        assert waited.error.kind == kind
        (report,) = waited.reports
        assert report["msg"] == str(waited.error)
        assert (report["status"], report["failed"]) == (status, True)
        assert waited.error.details["deployment"]["status"] == status


def test_a_single_handle_of_a_removed_application() -> None:
    waited = Waited(handle("a"), answers={"application.one a": NotFoundError("404")})
    assert str(waited.error) == "1 of 1 deployments failed:\napplication 'a' does not exist any more"
    assert [report["status"] for report in waited.reports] == ["not_found"]


@pytest.mark.parametrize("error", [PermissionDenied("no"), ServerError("500")])
def test_an_unreadable_application_is_an_error(error: DokployError) -> None:
    waited = Waited(handle("a"), handle("b"), answers={**ended("a"), "application.one b": error})
    assert waited.error is error


def test_an_unreachable_server_is_an_error() -> None:
    error = ConnectionFailed("refused")
    assert Waited(handle("a"), answers={"*": error}).error is error


def test_an_empty_id_is_named_with_its_index() -> None:
    waited = Waited(handle("a"), {"application_id": ""}, answers={})
    assert str(waited.error) == "handles[1].application_id must not be empty"
    assert waited.client.asked == []


def test_equal_handles_are_polled_once_and_reported_twice() -> None:
    waited = Waited(handle("a"), handle("a"), answers=ended("a"))
    assert [report["status"] for report in waited.reports] == ["done", "done"]
    assert [len(request) for request in waited.client.asked] == [4, 2]


@pytest.mark.parametrize("commit", [COMMIT, "96f72772da26afc8be1858081dcca7ce604e36ca"])
def test_the_revision_of_a_handle_is_compared(commit: str) -> None:
    answers = {**ended("a", description=f"Commit: {commit}"), "application.one a": row_of("a", sourceType="git")}
    waited = Waited(handle("a", revision=COMMIT[:7], clones=True), answers=answers)
    assert [report["status"] for report in waited.reports] == ["done" if commit == COMMIT else "revision"]
    if commit != COMMIT:
        assert f"the commit {COMMIT[:7]} was wanted, and {commit} was deployed" in str(waited.error)
        assert waited.reports[0]["deployment"]["commit"] == commit


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sourceType": "docker", "dockerImage": "nginx:2"}, "revision: the image of application 'a' is 'nginx:2'"),
        ({"sourceType": "git"}, "revision: '1' is no commit"),
    ],
)
def test_an_invalid_revision_fails_only_its_handle(values: dict[str, Any], words: str) -> None:
    """The application has another source now."""
    answers = {**ended("a"), "application.one a": row_of("a", **values), **ended("b")}
    waited = Waited(handle("a", revision="1"), handle("b"), answers=answers)
    assert [report["failed"] for report in waited.reports] == [True, False]
    assert waited.reports[0]["msg"].startswith(words)


def test_without_verify_no_tasks_are_read() -> None:
    waited = Waited(handle("a", known_tasks=["old"]), answers=ended("a"), params={"verify": False})
    assert waited.reports[0]["running"] is None
    assert "docker.getServiceContainersByAppName" not in waited.client.called


UP = {"containerId": "new", "name": "a.1", "state": "running", "currentState": "Running 5 seconds ago", "error": ""}


def test_tasks_are_verified_if_the_handle_has_known_tasks() -> None:
    answers = {**ended("a"), "docker.getServiceContainersByAppName": [UP, {**UP, "containerId": "old"}]}
    waited = Waited(handle("a", known_tasks=["old"]), answers=answers, params={"verify_period": 0})
    assert waited.reports[0]["running"]["replicas_running"] == 1
    # For as long as the tasks are watched.
    watched = Waited(handle("a", known_tasks=["old"]), answers=answers, params={"verify_period": 20}).reports[0]
    assert watched["seconds"] - watched["deployment"]["duration"] >= 20


@pytest.mark.parametrize("values", [{"replicas": 0}, {"modeSwarm": {"ReplicatedJob": {}}}])
def test_a_service_without_replicas_is_not_verified(values: dict[str, Any]) -> None:
    """It was scaled to zero after the trigger."""
    answers = {**ended("a"), "application.one a": row_of("a", **values)}
    waited = Waited(handle("a", known_tasks=["old"]), answers=answers)
    assert waited.reports[0]["running"] is None


def test_a_crash_is_reported_with_its_tasks() -> None:
    bad = {**UP, "state": "shutdown", "currentState": "Failed 1 second ago", "error": '"task: non-zero exit (1)"'}
    answers = {
        **ended("a"),
        **ended("b"),
        "docker.getServiceContainersByAppName": [bad, {**bad, "containerId": "newer"}],
        "application.readLogs": "bye\n",
    }
    waited = Waited(handle("a", known_tasks=[]), handle("b"), answers=answers)
    report = waited.reports[0]
    assert (report["status"], report["log"], report["running"]["replicas_running"]) == ("not_running", ["bye"], 0)
    assert report["deployment"]["status"] == "done"
    assert waited.reports[1]["failed"] is False
    # The mark is read to be taken back; there is none here.
    assert waited.client.asked[-1] == [("application.one", {"applicationId": "a"})]


def test_a_missing_domain_leaves_the_other_deployments() -> None:
    answers = {**ended("a"), **ended("b")}
    waited = Waited(handle("a"), handle("b"), answers=answers, params={"http_check": {}})
    assert [report["status"] for report in waited.reports] == ["option", "option"]
    assert "http_check needs a url, since application 'a' has no domain" in str(waited.error)


def test_check_mode_waits_as_well_and_writes_nothing() -> None:
    waited = Waited(handle("a"), answers=ended("a"), check=True)
    assert waited.reports[0]["status"] == "done"
    assert waited.context.executor.sent is False


# --- on the simulator ------------------------------------------------------------------------------------------------

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}


def made(host: Host, *names: str) -> None:
    host.ok(PROJECT, name="shop")
    for name in names:
        host.ok(APPLICATION, **PLACE, name=name, docker={"image": "missing" if name == "broken" else "nginx"})
    host.new_task()


def trigger(host: Host, name: str, **more: Any) -> Any:
    return host.ok(DEPLOYMENT, **PLACE, application=name, wait=False, verify=False, **more)["handle"]


def test_several_triggered_deployments_are_waited_for_together(host: Host) -> None:
    made(host, "web", "broken", "worker", "dropped")
    handles = [trigger(host, name) for name in ("web", "broken", "worker", "dropped")]
    host.sim.act(remove="dropped")
    host.new_task()
    failed = host.failed(DEPLOYMENT, state="finished", handles=json.loads(json.dumps(handles)), verify=False)
    assert [report["status"] for report in failed["deployments"]] == ["done", "error", "done", "not_found"]
    assert failed["changed"] is False
    assert failed["msg"].startswith("2 of 4 deployments failed:\n")
    assert failed["deployments"][1]["log"][-1] == "❌ Pulling image failed"
    described = documentation()["dokploy_deployment"]["return"]
    assert undocumented({"deployments": failed["deployments"]}, described) == []


def test_an_ended_deployment_needs_no_wait(host: Host) -> None:
    made(host, "web")
    handles = [trigger(host, "web")]
    wait_until_idle(host)
    newer = trigger(host, "web", trigger="always")
    wait_until_idle(host)
    host.new_task()
    ended = host.ok(DEPLOYMENT, state="finished", handles=[*handles, newer], verify=False)
    ids = [report["deployment"]["deployment_id"] for report in ended["deployments"]]
    resource_id = ended["deployments"][0]["application_id"]
    rows = host.read("deployment.all", applicationId=resource_id)
    assert ids == [row["deploymentId"] for row in reversed(rows)]


def test_without_a_deployment_there_is_no_handle(host: Host) -> None:
    made(host, "web")
    assert host.ok(DEPLOYMENT, check=True, **PLACE, application="web", wait=False)["handle"] is None
    assert trigger(host, "web") is not None
    wait_until_idle(host)
    host.new_task()
    assert trigger(host, "web") is None
    assert host.ok(DEPLOYMENT, **PLACE, application="web", verify=False)["handle"] is None


def test_options_that_exclude_each_other(host: Host) -> None:
    for params, words in (
        ({"state": "finished"}, "state=finished needs handles"),
        ({"handles": [], "application_id": "x"}, "handles is not supported with state=deployed"),
        ({"state": "finished", "handles": [], "title": "t"}, "title is not supported with state=finished"),
    ):
        failed = host.failed(DEPLOYMENT, **params)
        assert failed["error"]["kind"] == "option"
        assert words in failed["msg"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of deployments: their end, commit, tasks and HTTP check, and what the next run does."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment import completion
from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import (
    COMMIT_TIMEOUT,
    REVISION_TIMEOUT,
    VERIFY_LEAST,
    Completion,
    TriggeredDeployment,
    answered,
    invalidate_fingerprint,
    wait_for_completion,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.deployed import TASKS, tasks_noted
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Fingerprint,
    fingerprint_write,
    stored_fingerprint,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import Snapshot
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import Revision
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    ConnectionFailed,
    DeploymentFailed,
    DokployError,
    NotAnswering,
    NotFoundError,
    NotRunning,
    OptionError,
    PermissionDenied,
    ServerError,
    UnknownProcedure,
    WaitTimeout,
    WrongRevision,
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
from dokploy_simulator.http import log_websocket
from dokploy_simulator.world.docker import docker_views
from tests.support.builders import wait_until_building, wait_until_idle
from tests.support.fake_clients import CallbackOnLine, FakeClock, TimedAnswer, TimedClient, context_of
from tests.support.host import Host
from tests.support.sample_rows import APPLICATION_ID, application, deployment

COMMIT = "55535fa801027e9db17c59d2b403bd9691fad457"
OTHER = "96f72772da26afc8be1858081dcca7ce604e36ca"
DIGEST = "sha256:" + "a" * 64
APP = application()["appName"]
NOTHING = Snapshot(frozenset(), 0)
FINGERPRINT = Fingerprint(source="s", config="c")
PARAMS: dict[str, Any] = {
    "wait_timeout": 900.0,
    "follow": False,
    "log_lines": 50,
    "verify": True,
    "verify_period": 5.0,
    "http_check": None,
}
CHECK: dict[str, Any] = {
    "url": None,
    "host": None,
    "status_codes": [200],
    "timeout": 1.0,
    "retries": 0,
    "delay": 1.0,
    "validate_certs": True,
    "follow_redirects": True,
}


def cloned(number: int = 1, commit: str = COMMIT, **values: Any) -> dict[str, Any]:
    return deployment(number, title="a commit", description=f"Commit: {commit}", **values)


def task(number: int = 1, current: str = "Running 9 seconds ago", state: str = "running") -> dict[str, Any]:
    error = "" if state == "running" else '"task: non-zero exit (1)"'
    return {"containerId": f"task{number}", "name": f"{APP}.1", "state": state, "currentState": current, "error": error}


CRASHED = [task(number, "Failed 1 second ago", "shutdown") for number in (2, 1)]


def service(row: Any) -> Service:
    return Service(RESOURCE, row, "web")


def triggered(resource_id: str = APPLICATION_ID, words: str = "web", **values: Any) -> TriggeredDeployment:
    row = values.pop("row", application(applicationId=resource_id))
    return TriggeredDeployment(Service(RESOURCE, row, words), NOTHING, **values)


class Finished:
    """Finished deployments, with answers that change with time."""

    def __init__(
        self, *all_triggered: TriggeredDeployment, params: dict[str, Any] | None = None, answers: Any = (), **more: Any
    ) -> None:
        self.clock = FakeClock()
        empty = {"deployment__queueList": [], "docker__getConfig": None, "patch__byEntityId": []}
        self.client: Any = TimedClient(self.clock, **{**empty, **more})
        self.client.answers.update(dict(answers))
        self.context = context_of(self.client, **{**PARAMS, **(params or {})})
        self.error: DokployError | None = None
        self.outcomes: list[Completion] = []
        try:
            self.outcomes = wait_for_completion(all_triggered, self.context)
        except DokployError as error:
            self.error = error

    @property
    def only(self) -> Completion:
        assert self.error is None
        (outcome,) = self.outcomes
        return outcome

    def count(self, procedure: str) -> int:
        return sum(name == procedure for name in self.client.called)

    @property
    def passed(self) -> float:
        passed: float = self.client.passed
        return passed


# --- the end ---------------------------------------------------------------------------------------------------------


def test_a_successful_deployment() -> None:
    finished = Finished(triggered(), deployment__all=TimedAnswer((0, []), (3, [deployment(1)])))
    assert finished.only.error is None
    assert finished.only.facts is not None
    assert finished.only.facts["status"] == "done"
    assert (finished.only.running, finished.only.http_check) == (None, None)
    assert set(finished.client.called) == {"deployment.all", "deployment.queueList"}


def test_many_deployments_are_polled_together_and_returned_in_order() -> None:
    names = [f"app-{number}" for number in range(4)]
    answers = {
        f"deployment.all {name}": TimedAnswer((0, []), (10.0 - number, [deployment(number, applicationId=name)]))
        for number, name in enumerate(names)
    }
    finished = Finished(*(triggered(name, name) for name in names), answers=answers)
    assert [outcome.triggered.service.label for outcome in finished.outcomes] == names
    ids = [outcome.facts and outcome.facts["application_id"] for outcome in finished.outcomes]
    assert ids == names
    assert finished.passed < 12
    first = [name for name, _input in finished.client.asked[0]]
    assert first == ["deployment.all", "deployment.queueList", *["deployment.all"] * 3]


def test_an_error_of_one_deployment_leaves_the_others() -> None:
    bad = [deployment(1, status="error", applicationId="bad")]
    finished = Finished(
        triggered("bad", "bad"),
        triggered("gone", "gone"),
        triggered("good", "good"),
        triggered("late", "late"),
        params={"wait_timeout": 30.0, "log_lines": 0},
        answers={
            "deployment.all bad": bad,
            "deployment.all gone": NotFoundError("404"),
            "deployment.all good": [deployment(1)],
            "deployment.all late": [deployment(1, status="running")],
        },
    )
    kinds = [outcome.error and type(outcome.error) for outcome in finished.outcomes]
    assert kinds == [DeploymentFailed, NotFoundError, None, WaitTimeout]
    assert finished.passed == pytest.approx(30)


def test_an_error_of_all_deployments_is_raised() -> None:
    error = AuthenticationError("the key is not accepted")
    assert Finished(triggered(), answers={"*": error}).error is error


def test_no_deployment_needs_no_request() -> None:
    finished = Finished()
    assert (finished.outcomes, finished.client.called) == ([], [])


# --- failed deployments ----------------------------------------------------------------------------------------------


def failed(row: dict[str, Any], log: Any = "one\ntwo\nERROR: three\n", **params: Any) -> tuple[Any, Finished]:
    finished = Finished(
        triggered(row=application(env="A=hunter2")),
        params=params,
        deployment__all=[row],
        deployment__readLogs=log,
        application__one=application(env="A=hunter2"),
    )
    return finished.only.error, finished


def test_a_failed_build_ends_with_its_log() -> None:
    error, finished = failed(deployment(1, status="error"), log="one\nhunt\x1b[1mer2\nERROR: thr\x1b[1mee\n\n")
    assert isinstance(error, DeploymentFailed)
    assert str(error).split("\n") == [
        "web: the deployment ended in error: three",
        "The end of its log:",
        "one",
        "********",
        "ERROR: three",
    ]
    assert error.details["log"] == ["one", "********", "ERROR: three"]
    assert error.details["deployment"] == finished.only.facts
    assert finished.count("docker.getServiceContainersByAppName") == 0


def test_the_lines_of_the_log_can_be_limited() -> None:
    error, finished = failed(deployment(1, status="error"), log_lines=1)
    assert (error.details["log"], str(error).partition("\n")[0]) == (
        ["ERROR: three"],
        "web: the deployment ended in error: three",
    )
    error, finished = failed(deployment(1, status="error"), log_lines=0)
    assert (error.details["log"], str(error)) == ([], "web: the deployment ended in error")
    assert finished.count("deployment.readLogs") == 0


def test_only_a_line_feed_ends_a_line_of_the_log() -> None:
    """There are separators that Python takes for the end of a line, and no terminal does."""
    error, _finished = failed(deployment(1, status="error"), log="a\u2028b\n")
    assert error.details["log"] == ["a\u2028b"]


def test_a_cancelled_build_names_the_probable_cause() -> None:
    error, _finished = failed(deployment(1, status="cancelled"), log="\n")
    why = "as a build does that runs when Dokploy restarts; run it again"
    assert str(error) == "web: the deployment ended in cancelled, %s" % why


def test_the_message_has_the_servers_reason() -> None:
    """A row that could not even begin has one, and no log."""
    row = deployment(1, status="error", errorMessage="An error have occurred: SSH connection refused", logPath="")
    error, _finished = failed(row, log="")
    assert str(error) == "web: the deployment ended in error: An error have occurred: SSH connection refused"


@pytest.mark.parametrize("log", [UnknownProcedure("404"), NotFoundError("404")])
def test_an_old_server_has_no_log(log: DokployError) -> None:
    assert failed(deployment(1, status="error"), log=log)[0].details["log"] == []


@pytest.mark.parametrize("log", [ServerError("boom"), PermissionDenied("no"), ConnectionFailed("refused")])
def test_a_log_that_cannot_be_read_does_not_hide_the_failure(log: DokployError) -> None:
    error, _finished = failed(deployment(1, status="error"), log=log)
    assert isinstance(error, DeploymentFailed)
    assert error.details["log"] == [f"(the log cannot be read: {log})"]


# --- the commit ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [0.04, 0.5, 1.5])
def test_a_late_commit_is_waited_for(late: float) -> None:
    rows = TimedAnswer((0, [deployment(1)]), (late, [cloned()]))
    finished = Finished(triggered(clones=True), deployment__all=rows)
    assert finished.only.facts is not None
    assert (finished.only.facts["commit"], finished.only.facts["title"]) == (COMMIT, "a commit")
    assert late <= finished.passed <= late + 1


def test_a_missing_commit_is_not_waited_for_long() -> None:
    """Before 0.25.7 none does."""
    finished = Finished(triggered(clones=True), deployment__all=[deployment(1)])
    assert finished.only.error is None
    assert finished.only.facts is not None
    assert finished.only.facts["commit"] is None
    assert finished.passed == pytest.approx(COMMIT_TIMEOUT)


def test_images_and_failed_builds_have_no_commit() -> None:
    for one, row in ((triggered(), deployment(1)), (triggered(clones=True), deployment(1, status="error"))):
        finished = Finished(one, params={"log_lines": 0}, deployment__all=[row])
        assert finished.passed == 0
        assert finished.count("deployment.all") == 1


def test_a_wanted_commit_is_waited_for_longer() -> None:
    wanted = triggered(clones=True, revision=Revision("commit", COMMIT[:7]))
    late = COMMIT_TIMEOUT + 5
    finished = Finished(wanted, deployment__all=TimedAnswer((0, [deployment(1)]), (late, [cloned()])))
    assert finished.only.error is None
    assert finished.passed >= late


def test_missing_commits_are_read_in_one_batch() -> None:
    answers = {
        "deployment.all a": [cloned(1, applicationId="a")],
        "deployment.all b": TimedAnswer((0, [deployment(1)]), (0.3, [cloned(1, OTHER)])),
        "deployment.all c": [deployment(1)],
    }
    all_triggered = [triggered("a", clones=True), triggered("b", clones=True), triggered("c", clones=True)]
    finished = Finished(*all_triggered, answers=answers)
    assert [outcome.facts and outcome.facts["commit"] for outcome in finished.outcomes] == [COMMIT, OTHER, None]
    ids = [[input["applicationId"] for _name, input in request] for request in finished.client.asked[1:]]
    assert [services for services, _same in itertools.groupby(ids)] == [["b", "c"], ["c"]]


@pytest.mark.parametrize("error", [ConnectionFailed("refused"), ServerError("502", status=502)])
def test_an_unreachable_server_after_the_end_is_no_failure(error: DokployError) -> None:
    away = TimedAnswer((0, None), (0.01, error), (0.2, None))
    finished = Finished(
        triggered(clones=True),
        answers={"*": away},
        deployment__all=TimedAnswer((0, [deployment(1)]), (0.3, [cloned()])),
    )
    assert finished.only.error is None
    assert finished.only.facts is not None
    assert finished.only.facts["commit"] == COMMIT


def test_a_removed_row_keeps_its_facts() -> None:
    finished = Finished(triggered(clones=True), deployment__all=TimedAnswer((0, [deployment(1)]), (0.01, [])))
    assert finished.only.facts is not None
    assert finished.only.facts["status"] == "done"


# --- the revision ----------------------------------------------------------------------------------------------------


def of(kind: str, text: str, **values: Any) -> TriggeredDeployment:
    return triggered(revision=Revision(kind, text), clones=kind == "commit", **values)


def test_a_wrong_commit_names_both() -> None:
    error = Finished(of("commit", COMMIT), deployment__all=[cloned(commit=OTHER)]).only.error
    assert isinstance(error, WrongRevision)
    assert str(error).startswith(f"web: the commit {COMMIT} was wanted, and {OTHER} was deployed.")
    assert error.details["deployment"]["commit"] == OTHER


def test_an_unknown_commit() -> None:
    finished = Finished(of("commit", COMMIT), deployment__all=[deployment(1)])
    assert isinstance(finished.only.error, WrongRevision)
    assert "the server does not tell which one was deployed" in str(finished.only.error)
    assert finished.passed == pytest.approx(REVISION_TIMEOUT)


def test_a_failed_build_is_not_a_wrong_revision() -> None:
    row = cloned(commit=OTHER, status="error")
    error = Finished(of("commit", COMMIT), params={"log_lines": 0}, deployment__all=[row]).only.error
    assert isinstance(error, DeploymentFailed)
    assert error.kind == "deployment"


def test_a_wrong_revision_is_neither_verified_nor_invalidated() -> None:
    one = of("commit", COMMIT, old_tasks=frozenset())
    finished = Finished(one, deployment__all=[cloned(commit=OTHER)])
    assert isinstance(finished.only.error, WrongRevision)
    assert set(finished.client.called) == {"deployment.all", "deployment.queueList"}


@pytest.mark.parametrize("pulled", [DIGEST, "sha256:" + "b" * 64])
def test_a_digest_is_in_the_log(pulled: str) -> None:
    row = application(sourceType="docker", dockerImage="nginx")
    log = f"Pulling nginx\nDigest: {pulled}\n"
    finished = Finished(of("digest", DIGEST, row=row), deployment__all=[deployment(1)], deployment__readLogs=log)
    if pulled == DIGEST:
        assert finished.only.error is None
    else:
        assert f"the digest {DIGEST} was wanted, and {pulled} was deployed" in str(finished.only.error)


def test_a_digest_that_cannot_be_read_concerns_no_other_deployment() -> None:
    row = application(sourceType="docker", dockerImage="nginx")
    bad = ServerError("boom")
    finished = Finished(
        of("digest", DIGEST, row=row), triggered("b"), deployment__all=[deployment(1)], deployment__readLogs=bad
    )
    assert finished.error is None
    assert [outcome.error for outcome in finished.outcomes] == [bad, None]
    assert finished.outcomes[0].facts is not None


# --- what runs -------------------------------------------------------------------------------------------------------

VERIFIED = frozenset(["old"])


def verified(tasks: Any, **more: Any) -> Finished:
    row = application()
    marked = {**row, **fingerprint_write(service(row), FINGERPRINT).body, "deployments": [deployment(1)]}
    known = {"deployment__all": [deployment(1)], "application__one": marked, "application__readLogs": "bye\n"}
    return Finished(
        triggered(old_tasks=VERIFIED),
        docker__getServiceContainersByAppName=tasks,
        application__update=True,
        **{**known, **more},
    )


def test_running_tasks() -> None:
    finished = verified([task()])
    assert finished.only.error is None
    assert finished.only.running is not None
    assert (finished.only.running["replicas_running"], len(finished.only.running["tasks"])) == (1, 1)
    assert finished.passed >= 5
    assert finished.count("application.update") == 0


def test_without_verify_no_tasks_are_read() -> None:
    finished = Finished(triggered(old_tasks=None), deployment__all=[deployment(1)])
    assert finished.only.running is None


def test_a_crash_invalidates_the_deployment() -> None:
    finished = verified(CRASHED)
    assert isinstance(finished.only.error, NotRunning)
    (write,) = [request[0] for request in finished.client.asked if request[0][0] == "application.update"]
    stored = stored_fingerprint(service(write[1]))
    assert stored is not None
    assert not stored.counts([deployment(1)])
    assert stored.counts([deployment(2), deployment(1)])


def test_a_timeout_invalidates_the_deployment() -> None:
    """Otherwise the next run would have nothing to do, and not verify it again."""
    finished = verified([task(1, "Pending 1 second ago")], params={"wait_timeout": 40.0})
    assert isinstance(finished.only.error, WaitTimeout)
    assert finished.passed == pytest.approx(40)
    assert finished.count("application.update") == 1


@pytest.mark.parametrize("rows", [[deployment(1, status="error")], [deployment(1, status="running")], []])
def test_a_failed_or_running_deployment_stays_as_it_is(rows: list[Any]) -> None:
    """The next run repeats a failed deployment anyway, and one that continues may succeed."""
    finished = verified([], deployment__all=rows, params={"log_lines": 0, "wait_timeout": 20.0})
    assert finished.only.error is not None
    assert finished.count("application.update") == 0


def test_the_verification_has_its_time_however_long_the_build_took() -> None:
    rows = TimedAnswer((0, [deployment(1, status="running")]), (880, [deployment(1)]))
    finished = verified(TimedAnswer((0, []), (895, [task()])), deployment__all=rows)
    assert finished.only.error is None
    assert 900 <= finished.passed <= 904
    late = verified([], deployment__all=rows)
    assert isinstance(late.only.error, WaitTimeout)
    # The last look at the build may be some seconds after its end.
    assert 880 + 5 + VERIFY_LEAST <= late.passed <= 885 + 5 + VERIFY_LEAST


def test_the_verification_has_the_remaining_time() -> None:
    assert verified(TimedAnswer((0, []), (500, [task()]))).only.error is None


@pytest.mark.parametrize("error", [PermissionDenied("no right"), UnknownProcedure("404")])
def test_missing_permissions_are_a_warning(error: DokployError) -> None:
    finished = verified(error)
    assert (finished.only.error, finished.only.running) == (None, None)
    assert finished.context.executor.warnings == [f"web: its tasks cannot be verified: {error}"]


def test_a_server_error_of_the_tasks_is_an_error() -> None:
    error = ServerError("boom")
    assert verified(error).only.error is error


def test_several_services_are_verified_together() -> None:
    rows = {name: application(applicationId=name, appName=name) for name in ("a", "b")}
    up = {**task(), "name": "b.1"}
    finished = Finished(
        *(triggered(row=row, words=name, old_tasks=VERIFIED) for name, row in rows.items()),
        deployment__all=[deployment(1)],
        application__one=application(),
        application__readLogs="",
        answers={
            "docker.getServiceContainersByAppName a": [{**one, "name": "a.1"} for one in CRASHED],
            "docker.getServiceContainersByAppName b": TimedAnswer((0, []), (9, [up])),
        },
    )
    assert isinstance(finished.outcomes[0].error, NotRunning)
    assert finished.outcomes[1].error is None
    assert finished.outcomes[1].running is not None
    assert 14 <= finished.passed <= 17


def test_tasks_before() -> None:
    def before(row: dict[str, Any], answer: Any, **params: Any) -> tuple[Any, list[str], list[str]]:
        client: Any = TimedClient(FakeClock(), docker__getServiceContainersByAppName=answer)
        context = context_of(client, **{**PARAMS, **params})
        outcome = context.executor.run(Plan(tuple(tasks_noted(service(row), context.params))))
        return outcome.rows.get(TASKS), client.called, context.executor.warnings

    look = ["docker.getServiceContainersByAppName"]
    assert before(application(), [task(1), task(2)]) == (frozenset(["task1", "task2"]), look, [])
    assert before(application(), [], verify=False) == (None, [], [])
    for values in ({"replicas": 0}, {"modeSwarm": {"ReplicatedJob": {}}}):
        assert before(application(**values), []) == (None, [], [])
    denied = PermissionDenied("no right")
    assert before(application(), denied) == (None, look, ["web: its tasks cannot be verified: no right"])


# --- whether it answers ----------------------------------------------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The status that an address answers; one that is not in it does not."""
    statuses: dict[str, int] = {}

    def check(checks: Any, _options: Any, _waiter: Any) -> list[Any]:
        return [
            {"url": url, "status": statuses[url]} if url in statuses else NotAnswering(label) for label, url in checks
        ]

    monkeypatch.setattr(completion, "check_http", check)
    return statuses


def with_domain(name: str, host: str | None = None) -> dict[str, Any]:
    domains = [{"host": host, "createdAt": "1"}] if host else []
    return application(applicationId=name, appName=name, domains=domains)


def test_only_successful_deployments_are_checked(answers: dict[str, int]) -> None:
    answers["http://a/"] = 200
    rows = [with_domain("c"), with_domain("a", "a"), with_domain("b", "b"), with_domain("d", "d")]
    finished = Finished(
        *(triggered(row=row, words=str(row["applicationId"])) for row in rows),
        params={"http_check": CHECK, "log_lines": 0},
        deployment__all=[deployment(1)],
        application__one=application(),
        answers={"deployment.all d": [deployment(1, status="error")]},
    )
    # One without a domain is no reason to leave the others alone.
    assert isinstance(finished.outcomes[0].error, OptionError)
    assert finished.outcomes[1].http_check == {"url": "http://a/", "status": 200}
    assert isinstance(finished.outcomes[2].error, NotAnswering)
    assert finished.outcomes[3].error is not None
    assert finished.outcomes[3].error.kind == "deployment"


def test_a_crashed_service_is_not_checked(answers: dict[str, int]) -> None:
    finished = verified(CRASHED, params={"http_check": {**CHECK, "url": "http://a/"}})
    assert isinstance(finished.only.error, NotRunning)
    assert finished.only.http_check is None


def test_a_failed_http_check_invalidates_the_deployment(answers: dict[str, int]) -> None:
    finished = verified([task()], params={"http_check": {**CHECK, "url": "http://a/"}})
    assert isinstance(finished.only.error, NotAnswering)
    assert finished.only.running is not None
    assert finished.count("application.update") == 1


# --- taking it back --------------------------------------------------------------------------------------------------


def invalidated(row: dict[str, Any] | DokployError, update: Any = True, check: bool = False) -> tuple[Any, list[str]]:
    client: Any = TimedClient(FakeClock(), application__one=row, application__update=update)
    context = context_of(client, check=check)
    invalidate_fingerprint(service({"applicationId": APPLICATION_ID}), context.executor)
    writes = [request[0][1] for request in client.asked if request[0][0] == "application.update"]
    return writes[0] if writes else None, context.executor.warnings


def marked(fingerprint: Fingerprint, rows: list[Any]) -> dict[str, Any]:
    row = application(labelsSwarm={"own": "1"}, deployments=rows)
    return {**row, **fingerprint_write(service(row), fingerprint).body}


def test_the_mark_names_the_newest_deployment_and_the_other_labels_stay() -> None:
    # In no order, as the server lists them.
    write, warnings = invalidated(
        marked(replace(FINGERPRINT, archive="a", after="before"), [deployment(1), deployment(3), deployment(2)])
    )
    assert write["labelsSwarm"]["own"] == "1"
    newest = deployment(3)["deploymentId"]
    assert stored_fingerprint(service(write)) == replace(FINGERPRINT, archive="a", after=newest, bad=(newest,))
    assert warnings == []


def test_nothing_is_written_where_nothing_counts() -> None:
    assert invalidated(application(deployments=[deployment(1)])) == (None, [])
    newest = deployment(1)["deploymentId"]
    assert invalidated(marked(replace(FINGERPRINT, after=newest, bad=(newest,)), [deployment(1)])) == (None, [])


def test_what_did_not_run_well_is_remembered_as_long_as_it_is_there() -> None:
    one, two = deployment(1)["deploymentId"], deployment(2)["deploymentId"]
    old = replace(FINGERPRINT, after=one, bad=("pruned", one))
    write, _warnings = invalidated(marked(old, [deployment(2), deployment(1)]))
    assert stored_fingerprint(service(write)) == replace(FINGERPRINT, after=two, bad=(one, two))


@pytest.mark.parametrize("error", [PermissionDenied("no"), ConnectionFailed("refused"), ServerError("500")])
def test_a_mark_that_cannot_be_taken_back_is_a_warning(error: DokployError) -> None:
    for row, update in ((error, True), (marked(FINGERPRINT, [deployment(1)]), error)):
        (warning,) = invalidated(row, update)[1]
        assert warning.startswith("web: The failed deployment still counts as good")


def test_check_mode_takes_nothing_back() -> None:
    assert invalidated(marked(FINGERPRINT, [deployment(1)]), check=True) == (None, [])


def test_the_http_check_keeps_earlier_errors() -> None:
    outcome = Completion(triggered(old_tasks=VERIFIED), error=DeploymentFailed("before"))
    context = context_of(TimedClient(FakeClock()), **{**PARAMS, "http_check": CHECK})
    answered([outcome], context)
    assert str(outcome.error) == "before"


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"name": "web", "environment": {"name": "production", "project": {"name": "shop"}}}, "shop/production/web"),
        ({"name": "web", "environment": {"name": "production"}}, "production/web"),
        ({"name": "web"}, "web"),
        ({}, ""),
    ],
)
def test_service_path(row: dict[str, Any], path: str) -> None:
    assert Service(RESOURCE, row).path == path


def test_the_id_is_that_of_the_application() -> None:
    assert triggered("a", words="b").service.id == "a"


# --- on the simulator ------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web"}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}


def web(host: Host, **options: Any) -> str:
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, project="shop", environment="production", name="web", **options)
    return str(made["application"]["application_id"])


def deploy(host: Host, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    result = (host.failed if fails else host.ok)(DEPLOYMENT, **WEB, **options)
    wait_until_idle(host)
    return result


def test_only_a_crashed_deployment_is_repeated(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first second of a container says nothing, and takes its time.
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")
    web(host, docker={"image": "nginx"}, env={"TOKEN": "hunter2"}, command="exit 1")
    for reason in ("never deployed", "last deployment failed verification or was rolled back"):
        failed = deploy(host, fails=True, verify_period=5.0)
        assert (failed["error"]["kind"], failed["reason"], failed["changed"]) == ("not_running", reason, True)
        assert failed["deployment"]["status"] == "done"
        assert failed["running"]["replicas_running"] == 0
        assert "hunter2" not in repr(failed)
        writes = ["application.update", "application.deploy", "application.update"]
        assert host.sim.calls("mutation") == (writes if reason == "never deployed" else writes[1:])
    host.ok(APPLICATION, project="shop", environment="production", name="web", command="")
    assert deploy(host, verify_period=0)["running"]["replicas_running"] == 1
    assert not deploy(host)["changed"]


def test_a_crash_over_a_crash_loop_is_blamed_on_what_was_deployed(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")
    host.sim.config(rolls_back=True)
    web(host, docker={"image": "nginx"}, command="sh", args=["-c", "echo CRASH-A; exit 1"])
    assert "CRASH-A" in deploy(host, fails=True)["log"][-1]
    changed = {"args": ["-c", "echo CRASH-B; exit 1"]}
    host.ok(APPLICATION, project="shop", environment="production", name="web", **changed)
    failed = deploy(host, fails=True)
    assert "Docker went back to the version before, which does not stay up either" in failed["msg"]
    assert [line.split()[-1] for line in failed["log"]] == ["CRASH-B"]


@pytest.mark.parametrize("handed_on", [True, False])
def test_tasks_before_a_joined_deployment_do_not_fail_it(
    host: Host, monkeypatch: pytest.MonkeyPatch, handed_on: bool
) -> None:
    """The tasks before the trigger are unknown."""
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")
    resource_id = web(host, docker={"image": "nginx"}, command="exit 1")
    deploy(host, fails=True)
    host.ok(APPLICATION, project="shop", environment="production", name="web", command="")
    host.sim.config(build_seconds=3600)
    host.new_task()
    host.ok(DEPLOYMENT, **WEB, wait=False)
    wait_until_building(host, applicationId=resource_id)
    host.new_task()
    host.progress = CallbackOnLine(": building", lambda: host.sim.act(finish=True))
    if handed_on:
        handle = host.ok(DEPLOYMENT, **WEB, wait=False)["handle"]
        ended = host.ok(DEPLOYMENT, state="finished", handles=[handle], verify_period=0)
        assert ended["deployments"][0]["running"]["replicas_running"] == 1
    else:
        joined = host.ok(DEPLOYMENT, **WEB, verify_period=0)
        assert (joined["changed"], joined["running"]["replicas_running"]) == (False, 1)


def test_a_failed_build_is_repeated_without_another_write(host: Host) -> None:
    web(host, docker={"image": "nginx"})
    host.sim.config(next_results=["error"])
    deploy(host, fails=True)
    assert host.sim.calls("mutation") == ["application.update", "application.deploy"]
    again = deploy(host, verify=False)
    assert again["reason"] == "last deployment failed"


def test_requests_of_a_deployment_beside_the_polls(host: Host) -> None:
    web(host, **GIT)
    result = deploy(host, verify=False)
    assert result["deployment"]["commit"] is not None
    calls = host.sim.calls()
    assert calls[:4] == ["project.all", "application.one", "deployment.queueList", "patch.byEntityId"]
    assert calls[4:6] == ["application.update", "application.deploy"]
    assert set(calls[6:]) == {"deployment.all", "deployment.queueList"}


def test_tasks_before_are_read_once(host: Host) -> None:
    web(host, docker={"image": "nginx"}, command="exit 1")
    deploy(host, fails=True)
    journal = [call["procedure"] for call in host.sim.stats()["journal"]]
    before, after = (
        journal[: journal.index("application.deploy")],
        journal[journal.index("application.deploy") + 1 :],
    )
    assert before.count("docker.getServiceContainersByAppName") == 1
    assert "docker.getServiceContainersByAppName" in after
    for procedure in ("application.one", "application.update"):
        assert after.count(procedure) == 1
    # The container's own log was read.
    assert "application.readLogs" not in after


@pytest.mark.parametrize("rolls_back", [False, True])
def test_the_log_is_that_of_the_container_that_failed(
    host: Host, monkeypatch: pytest.MonkeyPatch, rolls_back: bool
) -> None:
    """Where Docker goes back, the version before runs and logs on."""
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")
    host.sim.config(rolls_back=rolls_back)
    web(host, docker={"image": "nginx"}, env={"TOKEN": "hunter2"})
    deploy(host, verify_period=0)
    web(host, command="sh", args=["-c", "echo cannot connect; echo with hunter2; exit 1"])
    failed = deploy(host, fails=True)
    assert [line.partition(" ")[2] for line in failed["log"]] == ["cannot connect", "with ********"]
    first, *rest = failed["msg"].splitlines()[1:]
    assert (
        re.fullmatch(r"The end of the log of \S+\.1\.\w+ \(Failed \d+ seconds ago\):", first) and rest == failed["log"]
    )
    web(host, command="exit 1", args=[])
    failed = deploy(host, fails=True)
    assert failed["log"] == [] and re.search(r"\n\S+\.1\.\w+ has left no log\.\Z", failed["msg"])


def test_without_a_task_log_the_log_of_running_containers_is_shown(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")
    host.sim.config(rolls_back=True)
    web(host, docker={"image": "nginx"})
    deploy(host, verify_period=0)
    web(host, command="exit 1")
    monkeypatch.setattr(log_websocket, "LOGS", "/elsewhere")
    failed = deploy(host, fails=True)
    assert "The end of the log of what still runs, which may have run before:" in failed["msg"]
    assert failed["log"][0].endswith(" is listening")


def test_an_application_without_replicas_is_not_verified(host: Host) -> None:
    web(host, docker={"image": "nginx"}, replicas=0)
    assert deploy(host)["running"] is None
    assert "docker.getServiceContainersByAppName" not in host.sim.calls()


def test_a_key_without_docker_permissions_is_a_warning(host: Host) -> None:
    web(host, docker={"image": "nginx"})
    body = {"message": "unauthorized to access resource", "code": "UNAUTHORIZED"}
    host.sim.fault("status", "docker.getServiceContainersByAppName", status=403, body=body, times=-1)
    result = deploy(host)
    assert result["running"] is None
    assert result["deployment"]["status"] == "done"
    (warning,) = result["warnings"]
    assert "its tasks cannot be verified" in warning

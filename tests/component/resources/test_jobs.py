# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a schedule or a volume backup now: the requests in their order, the wait and the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.carry_out import carry_out
from ansible_collections.community.dokploy.plugins.module_utils._engine.planned import Planned, foretold
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import Difference
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    NotFoundError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.jobs import SCHEDULES
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.runs import (
    ANSWER_TIMEOUT,
    executed,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from dokploy_simulator import Simulator
from tests.support import sample_rows
from tests.support.fake_clients import (
    Expect,
    FakeClock,
    ScriptedClient,
    TimedAnswer,
    TimedClient,
    batch,
    context_of,
    reads,
    writes,
)
from tests.support.host import Host, validated

Row = dict[str, Any]
# The id that ``shapes.tree`` gives.
APPLICATION_ID = "id-web"
WEB: Row = {"project": "shop", "application": "web"}
CONNECTION = {"dokploy_url": "http://script.example.com", "dokploy_api_key": "key-of-the-script"}
HOUR = 3600.0


@dataclass(frozen=True)
class Kind:
    operation: Operation
    listing: str
    kind_key: str
    row: Row
    run: str
    id_key: str
    type: str
    words: str

    def listed(self, *rows: Row) -> Expect:
        return reads(self.listing, list(rows), id=APPLICATION_ID, **{self.kind_key: "application"})

    def look(self, *rows: Row) -> Expect:
        """The runs, the newest first."""
        return reads("deployment.allByType", list(rows), id="own", type=self.type)

    def begin(self, answer: Any = None, timeout: float = ANSWER_TIMEOUT) -> Expect:
        return writes(self.run, answer, timeout, **{self.id_key: "own"})


SCHEDULE = Kind(
    children.SCHEDULE_OPERATION,
    "schedule.list",
    "scheduleType",
    {"scheduleId": "own", "name": "nightly", "cronExpression": "@daily", "command": "true"},
    "schedule.runManually",
    "scheduleId",
    "schedule",
    "schedule nightly of application 'web' in shop/production",
)
BACKUP = Kind(
    children.VOLUME_BACKUP_OPERATION,
    "volumeBackups.list",
    "volumeBackupType",
    {"volumeBackupId": "own", "name": "nightly", "volumeName": "v", "destinationId": "s3", "prefix": "p"}
    | {"serviceType": "application", "application": {"appName": "web-app"}},
    "volumeBackups.runManually",
    "volumeBackupId",
    "volumeBackup",
    "volume backup nightly of application 'web' in shop/production",
)
both = pytest.mark.parametrize("kind", [SCHEDULE, BACKUP], ids=["schedule", "volume_backup"])


class Play:
    """Runs ``state=executed`` against a script."""

    def __init__(self) -> None:
        self.clock = FakeClock()

    def __call__(self, kind: Kind, *script: Expect, check: bool = False, **params: Any) -> Row:
        if kind is BACKUP and len(script) > 1:
            # The files of its folder, before and after a run that has ended well.
            answers = [answer for expect in script for answer in expect.answers if isinstance(answer, list)]
            made = [files(1, 2)] if any(DONE in answer for answer in answers) else []
            script = (*script[:2], files(1), *script[2:], *made)
        client = ScriptedClient(reads("project.all", sample_rows.tree("web")), *script)
        return self.of(client, kind, check, **params)

    def of(self, client: ScriptedClient, kind: Kind, check: bool = False, **params: Any) -> Row:
        given = {**CONNECTION, **WEB, **params}
        if not any(option.endswith("_id") or option == "name" for option in params):
            given["name"] = "nightly"
        result = run(
            kind.operation,
            validated(kind.operation, state="executed", **given),
            lambda _params: Session(client),  # type: ignore[arg-type]
            check_mode=check,
            diff_mode=True,
            waiter=Waiter(self.clock, self.clock.sleep),
        )
        client.done()
        return result


@pytest.fixture
def play() -> Play:
    return Play()


FILE = {
    "path": "web-app/p/v-2026-03-02T02-15-00-120Z.tar",
    "name": "v-2026-03-02T02-15-00-120Z.tar",
    "size": 10240,
    "is_folder": False,
    "created_at": "2026-03-02T02:15:00.120Z",
}
OLD = sample_rows.deployment(1)
RUNNING = sample_rows.deployment(2, status="running")
DONE = sample_rows.deployment(2)
FAILED = sample_rows.deployment(2, status="error")


def log(text: Any, tail: int = 50, **application: Any) -> Expect:
    return batch(
        ("deployment.readLogs", {"deploymentId": DONE["deploymentId"], "tail": tail}, text),
        ("application.one", {"applicationId": APPLICATION_ID}, sample_rows.application(**application)),
        ("patch.byEntityId", {"id": APPLICATION_ID, "type": "application"}, []),
    )


def files(*days: int) -> Expect:
    """The archives of the volume, of these days of March."""
    names = [f"v-2026-03-{day:02d}T02-15-00-120Z.tar" for day in days]
    rows = [{"Path": f"web-app/p/{name}", "Name": name, "Size": 10240, "IsDir": False} for name in names]
    return reads("backup.listBackupFiles", rows, destinationId="s3", search="web-app/p/")


@both
def test_a_successful_run(play: Play, kind: Kind) -> None:
    result = play(kind, kind.listed(kind.row), kind.look(OLD), kind.begin(), kind.look(DONE, OLD), log("one\ntwo\n\n"))
    assert result == {
        "changed": True,
        "application_id": APPLICATION_ID,
        kind.id_key.replace("scheduleId", "schedule_id").replace("volumeBackupId", "volume_backup_id"): "own",
        "run": {
            "deployment_id": DONE["deploymentId"],
            "status": "done",
            "created_at": DONE["createdAt"],
            "started_at": DONE["startedAt"],
            "finished_at": DONE["finishedAt"],
            "log": ["one", "two"],
        },
        **({"file": FILE} if kind is BACKUP else {}),
        "diff": {
            "before": {"run": ""},
            "after": {"run": "(a new one)"},
            "before_header": kind.words,
            "after_header": kind.words,
        },
    }
    assert play.clock.pauses == []


@both
def test_an_old_run_is_not_taken_for_the_new_one(play: Play, kind: Kind) -> None:
    """Whatever the server answers, the row decides; it may come late."""
    script = (kind.begin({"status": "done"}), kind.look(OLD), kind.look(RUNNING, OLD), kind.look(DONE, OLD))
    result = play(kind, kind.listed(kind.row), kind.look(OLD), *script, log("x"))
    assert result["run"]["deployment_id"] == DONE["deploymentId"]
    assert len(play.clock.pauses) == 2


@both
def test_a_run_that_fails_ends_its_message_with_the_log(play: Play, kind: Kind) -> None:
    result = play(
        kind,
        kind.listed(kind.row),
        kind.look(),
        kind.begin(),
        kind.look(FAILED),
        log("one\ntwo\n", tail=2),
        log_lines=2,
    )
    assert result["failed"]
    assert result["changed"]
    assert result["msg"] == f"{kind.words}: the run ended in error\nThe end of its log:\none\ntwo"
    assert result["error"]["kind"] == "deployment"
    assert result["run"]["status"] == "error"
    assert result["run"]["log"] == ["one", "two"]


@both
def test_a_cancelled_run_is_a_failure_too(play: Play, kind: Kind) -> None:
    cancelled = sample_rows.deployment(2, status="cancelled")
    result = play(kind, kind.listed(kind.row), kind.look(), kind.begin(), kind.look(cancelled), log_lines=0)
    assert result["failed"]
    # No log was asked for, so none is announced.
    assert result["msg"] == f"{kind.words}: the run ended in cancelled"
    assert result["run"]["log"] == []


def test_secrets_of_the_application_are_masked_in_the_log(play: Play) -> None:
    text = "token is abcdef, at postgres://u:pass-word@db"
    environment = {"env": "", "project": {"env": "WORD=pass-word"}}
    tail = log(text, env="TOKEN=abcdef", environment=environment)
    script = (SCHEDULE.listed(SCHEDULE.row), SCHEDULE.look(), SCHEDULE.begin(), SCHEDULE.look(FAILED), tail)
    result = play(SCHEDULE, *script)
    assert "abcdef" not in str(result)
    assert "pass-word" not in str(result)
    assert "token is" in result["msg"]


@both
@pytest.mark.parametrize(
    "error",
    [UnknownProcedure("readLogs is unknown", procedure="deployment.readLogs"), NotFoundError("gone")],
    ids=["older server", "gone"],
)
def test_an_unreadable_log_does_not_hide_the_end(play: Play, kind: Kind, error: DokployError) -> None:
    result = play(kind, kind.listed(kind.row), kind.look(), kind.begin(), kind.look(DONE), log(error))
    assert (result["run"]["status"], result["run"]["log"]) == ("done", [])


# --- waiting ---------------------------------------------------------------------------------------------------------


@both
def test_the_wait_ends_at_the_timeout(play: Play, kind: Kind) -> None:
    start = play.clock.now
    # 0.25, 0.375, 0.5625, 0.84375 and a second each: the last pause is what is left of four.
    looks = [kind.look(RUNNING)] * 7
    result = play(kind, kind.listed(kind.row), kind.look(), kind.begin(timeout=4.0), *looks, wait_timeout=4)
    assert result["failed"]
    assert play.clock.now - start == pytest.approx(4.0)
    assert result["error"]["kind"] == "timeout"
    assert result["status"] == "running"
    assert result["changed"]
    assert "has not ended after 4 s (running)" in result["msg"]
    assert "wait_timeout" in result["msg"]


@both
def test_a_run_that_never_begins_is_unknown(play: Play, kind: Kind) -> None:
    result = play(kind, kind.listed(kind.row), kind.look(OLD), kind.begin(timeout=0), kind.look(OLD), wait_timeout=0)
    assert result["status"] == "unknown"


@both
def test_a_missing_answer_is_polled_for(play: Play, kind: Kind) -> None:
    """The server answers when the command has ended, which a proxy does not wait for."""
    late = ConnectionFailed("no answer", procedure=kind.run, details={"effect_unknown": True})
    script = (kind.begin(late), kind.look(RUNNING), kind.look(DONE), log("x"))
    assert play(kind, kind.listed(kind.row), kind.look(), *script, wait_timeout=HOUR)["run"]["status"] == "done"


@both
def test_a_proxy_timeout_is_polled_for(play: Play, kind: Kind) -> None:
    late = ServerError("gateway timeout", procedure=kind.run, status=504)
    script = (kind.begin(late), kind.look(DONE), log("x"))
    assert play(kind, kind.listed(kind.row), kind.look(), *script)["run"]["status"] == "done"


@both
@pytest.mark.parametrize(
    ("error", "changed"),
    [
        (ConnectionFailed("refused", details={"effect_unknown": False}), False),
        (ServerError("broken", status=500), True),
        (NotFoundError("Schedule not found", status=404), False),
    ],
    ids=["refused", "500", "404"],
)
def test_other_errors_are_no_reason_to_wait(play: Play, kind: Kind, error: DokployError, changed: bool) -> None:
    # That of a schedule may be how an older release answers a command that fails, and then there is a run.
    asked = [kind.look()] if kind is SCHEDULE and isinstance(error, ServerError) else []
    result = play(kind, kind.listed(kind.row), kind.look(), kind.begin(error), *asked)
    assert result["failed"]
    assert result["changed"] == changed
    assert "run" not in result


def test_the_runs_of_a_wave_are_polled_together() -> None:
    """Each has its result when it has ended, whatever the others do."""
    names = ("short", "long")
    rows = [{"scheduleId": name, "name": name, "cronExpression": "@daily", "command": "true"} for name in names]

    def runs(seconds: float, end: Row) -> TimedAnswer:
        return TimedAnswer((0, []), (0.1, [RUNNING]), (seconds, [end]))

    client = TimedClient(FakeClock(), project__all=sample_rows.tree("web"), schedule__list=rows)
    client.answers |= {"schedule.runManually": lambda _input: client.clock.sleep(0.1)}
    client.answers |= {"deployment.allByType short": runs(1, FAILED), "deployment.allByType long": runs(3, DONE)}
    transition = executed(SCHEDULES)
    nodes = []
    for name in names:
        params = validated(SCHEDULE.operation, **CONNECTION, **WEB, name=name, state="executed", log_lines=0)
        nodes.append(Node(APPLICATION, params, f"run {name}", transition=transition))
    planned = [Planned(node, foretold(Difference(node.key, {}, {}))) for node in nodes]
    outcome = carry_out([planned], context_of(client))
    assert (list(outcome.failed), outcome.done["run long"]["run"]["status"]) == (["run short"], "done")
    assert "schedule short of application 'web' in shop/production: the run ended in error" in str(
        outcome.failed["run short"]
    )
    started = client.called.index("schedule.runManually")
    assert client.called.count("schedule.runManually") == 2
    polls = [[input["id"] for _name, input in request] for request in client.asked[started:] if _polls(request)]
    both, alone = polls.count(["short", "long"]), polls.count(["long"])
    assert both > 1 and alone > 1 and len(polls) == both + alone


def _polls(request: list[tuple[str, Any]]) -> bool:
    return request[0][0] == "deployment.allByType"


# --- which one -------------------------------------------------------------------------------------------------------


@both
def test_check_mode_runs_nothing(play: Play, kind: Kind) -> None:
    result = play(kind, kind.listed(kind.row), kind.look(OLD), check=True)
    assert result["changed"]
    assert result["run"] is None
    assert result["diff"]["after"] == {"run": "(a new one)"}
    assert "own" in result.values()


@both
def test_a_number_of_lines_that_the_server_refuses_runs_nothing(play: Play, kind: Kind) -> None:
    result = play(kind, kind.listed(kind.row), log_lines=10_001)
    assert (result["msg"], result["changed"]) == ("log_lines is 10001; it must be 0 to 10000", False)


@both
def test_a_missing_job(play: Play, kind: Kind) -> None:
    result = play(kind, kind.listed(), name="none")
    assert result["failed"]
    assert not result["changed"]
    assert result["error"]["kind"] == "reference"
    noun = kind.words.partition(" nightly")[0]
    assert (
        result["msg"]
        == f"application 'web' in shop/production has no {noun} with name 'none'. Create it with state=present."
    )
    # An earlier task may have promised it.
    result = play(kind, kind.listed(), check=True, name="none")
    assert result["changed"]
    assert result["run"] is None
    assert noun in result["warnings"][0]
    assert result["diff"]["after_header"] == f"{noun} none of application 'web' in shop/production"


@both
def test_an_unknown_id(play: Play, kind: Kind) -> None:
    option = "schedule_id" if kind is SCHEDULE else "volume_backup_id"
    result = play(kind, kind.listed(kind.row), **{option: "none"})
    assert result["error"]["kind"] == "not_found"
    assert option in result["msg"]


@both
def test_other_options_are_neither_compared_nor_written(play: Play, kind: Kind) -> None:
    other = {"cron": "@hourly", "enabled": False}
    script = (kind.look(), kind.begin(), kind.look(DONE))
    assert play(kind, kind.listed(kind.row), *script, name="nightly", log_lines=0, **other)["run"]["status"] == "done"


def test_a_broken_option_is_refused_before_it_runs(play: Play) -> None:
    result = play(SCHEDULE, SCHEDULE.listed(SCHEDULE.row), name="nightly", cron="never")
    assert result["error"]["kind"] == "option"


# --- on the simulator ------------------------------------------------------------------------------------------------


def test_a_schedule_runs_in_the_container_or_says_that_there_is_none(host: Host) -> None:
    made = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
    host.call("application.update", applicationId=made, sourceType="docker", dockerImage="nginx:1")
    stated = {"name": "nightly", "cron": "@daily", "command": "echo 412 orders", "enabled": False}
    host.ok(children.SCHEDULE_OPERATION, **WEB, **stated)
    executed = {**WEB, "name": "nightly", "state": "executed"}
    assert "Container not found" in host.failed(children.SCHEDULE_OPERATION, **executed)["msg"]
    host.ok(DEPLOYMENT, **WEB)
    first = host.ok(children.SCHEDULE_OPERATION, **executed)["run"]
    assert "412 orders" in first["log"]
    host.ok(children.SCHEDULE_OPERATION, **WEB, name="nightly", command="echo no more; exit 3")
    result = host.failed(children.SCHEDULE_OPERATION, **executed)
    assert "no more" in result["run"]["log"]
    assert result["run"]["deployment_id"] != first["deployment_id"]


@pytest.mark.parametrize("version", ["0.28.8", "0.29.8"])
def test_a_command_that_fails_on_an_older_release_is_a_run_that_failed(version: str) -> None:
    """The request itself answers 500 there; the older one shows no logs."""
    with Simulator(version=version) as sim:
        host = Host(sim)
        made = sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
        host.call("application.update", applicationId=made, sourceType="docker", dockerImage="nginx:1")
        host.ok(DEPLOYMENT, **WEB)
        stated = {"name": "nightly", "cron": "@daily", "command": "echo no more; exit 3", "enabled": False}
        host.ok(children.SCHEDULE_OPERATION, **WEB, **stated)
        result = host.failed(children.SCHEDULE_OPERATION, **WEB, name="nightly", state="executed")
        host.close()
    assert result["msg"].startswith(
        "schedule nightly of application 'web' in shop/production: the run ended in error\n"
    )
    assert "no more" in result["run"]["log"] and "no more" in result["msg"]
    assert (result["changed"], result["error"]["kind"], result["run"]["status"]) == (True, "deployment", "error")


def test_a_volume_backup_reaches_its_bucket_or_says_why_it_cannot(host: Host) -> None:
    host.sim.seed(project="shop", applications=1, name="web")
    more = dict.fromkeys(("provider", "accessKey", "region", "endpoint", "secretAccessKey"), "any")
    for bucket in ("there", "missing"):
        host.call("destination.create", name=bucket, bucket=bucket, additionalFlags=[], **more)
    for bucket in ("there", "missing"):
        stated = {"name": bucket, "volume": "v", "destination": bucket, "cron": "@daily"}
        host.ok(children.VOLUME_BACKUP_OPERATION, **WEB, **stated)
    executed = {**WEB, "state": "executed"}
    first, second = (host.ok(children.VOLUME_BACKUP_OPERATION, **executed, name="there") for _unused in range(2))
    assert first["run"]["status"] == second["run"]["status"] == "done"
    assert first["file"]["path"] != second["file"]["path"] and second["file"]["size"] > 0
    # Nothing runs that could only fail.
    result = host.failed(children.VOLUME_BACKUP_OPERATION, **executed, name="missing")
    assert result["msg"].startswith("destination: its files cannot be listed")


def test_a_volume_is_saved_once(host: Host) -> None:
    made = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
    more = dict.fromkeys(("provider", "accessKey", "region", "endpoint", "secretAccessKey"), "any")
    host.call("destination.create", name="there", bucket="there", additionalFlags=[], **more)
    stated = {**WEB, "name": "before", "volume": "v", "destination": "there", "state": "executed", "once": True}
    result = host.ok(children.VOLUME_BACKUP_OPERATION, **stated)
    assert "/once/v-" in result["file"]["path"] and result["volume_backup_id"] is None
    assert host.read("volumeBackups.list", id=made, volumeBackupType="application") == []


def test_a_run_that_ended_well_without_a_file_is_a_failure(play: Play) -> None:
    """A volume of a database on a remote server for example (measured on 0.30.2)."""
    run = (BACKUP.listed(BACKUP.row), BACKUP.look(OLD), BACKUP.begin(), BACKUP.look(DONE, OLD))
    for found, problem in (
        (files(1), "the folder 'web-app/p' of the bucket has no new file"),
        (replace(files(1, 2), answers=([{**row, "Size": 0} for row in files(1, 2).answers[0]],)), "is empty"),
    ):
        client = ScriptedClient(reads("project.all", sample_rows.tree("web")), *run[:2], files(1), *run[2:], found)
        result = play.of(client, BACKUP, name="nightly", log_lines=0)
        assert result["failed"] and result["changed"]
        assert "the run ended in done, but" in result["msg"] and problem in result["msg"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server responds, a run ends with a result or with an error of the collection, never with a traceback.

Each module runs once and all responses are recorded. It runs again on the recording, each time with one response
changed in one place. There are some 300,000 such cases; ``DOKPLOY_TEST_EXAMPLES`` sets how many are tried with each
response, and their names alone decide which."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.support.effort import example_count, sampled
from tests.support.http_recorder import Exchange
from tests.support.invalid_responses import byte_changes, structure_changes, value_changes
from tests.support.module_docs import MODULES
from tests.support.operations import MANAGED, MANAGED_CHILDREN
from tests.support.recorded_runs import RUN_SCENARIOS, RecordedRun, RunScenario, ScenarioServer

EXAMPLES = example_count(1, 30)

# What the engine answers with. Options cannot be wrong in a run that went well before.
KINDS = {
    "protocol",
    "not_found",
    "unknown_procedure",
    "incomplete",
    "not_applied",
    "reference",
    "ambiguous",
    "bad_request",
    "server",
    "timeout",
    "refused",
    "option",
    "deployment",
    "not_running",
    "revision",
    "error",
}
# No answer of Dokploy's at all, so that it cannot count as one.
NONSENSE = {"NaN", "infinite", "many digits", "deep lists", "deep objects", "NUL bytes", "HTML", "XML"}
# What a run can do without.
FORGONE = {"deployment.readLogs", "docker.getConfig"}


def cases(recorded: RecordedRun) -> Iterator[tuple[int, str, Exchange]]:
    """Of each answer that is not the like of one before: its lists and objects, and some of all other changes."""
    seen = set()
    for number, exchange in enumerate(recorded.recorder.exchanges):
        if (exchange.key, exchange.body) in seen:
            continue
        seen.add((exchange.key, exchange.body))
        yield from ((number, f"{exchange.name}: {name}", change()) for name, change in structure_changes(exchange))
        for changes in (byte_changes(exchange), value_changes(exchange)):
            named = {f"{exchange.name}: {name}": change for name, change in changes}
            chosen = sorted(named, key=lambda name: zlib.crc32(f"{recorded.scene} {name}".encode()))
            yield from ((number, name, named[name]()) for name in chosen[:EXAMPLES])


def without_times(value: Any) -> Any:
    """A result without how long the task itself took."""
    if isinstance(value, list):
        return [without_times(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: without_times(item) for name, item in value.items() if name != "seconds"}


def judge(recorded: RecordedRun, name: str, changed: Exchange, result: dict[str, Any], asked: list[str]) -> None:
    """A result is one that can be shown; a failure has a name, and tells of what was written."""
    shown = json.dumps(result, allow_nan=False, ensure_ascii=False).encode()
    assert isinstance(result["changed"], bool)
    if not result.get("failed"):
        # What was waited for was asked for again, or people are told what could not be read. The tape may answer what
        # is asked for again as at an earlier moment of the run.
        first = changed.procedures[0]
        times = sum(exchange.procedures[0] == first for exchange in recorded.recorder.exchanges)
        gone_on = (
            without_times(result) == without_times(recorded.result)
            or result.get("warnings")
            or set(changed.procedures) & FORGONE
            or asked.count(first) > times
        )
        assert name.partition(": ")[2] not in NONSENSE or gone_on
        return
    message, error = result["msg"], result["error"]
    assert error["kind"] in KINDS and message and len(message) < 3000
    assert b"Traceback" not in shown and "object has no attribute" not in message
    if error["kind"] == "protocol":
        assert any(procedure in message for procedure in {*asked, *changed.procedures})
    if any(procedure in WRITES for procedure in asked[:-1]):
        assert result["changed"], "something was written, and the result does not say so"


WRITES = {
    *(
        name
        for one in MANAGED
        for name in (one.resource.creation.procedure, one.resource.updating.procedure, one.resource.removal.procedure)
    ),
    *(name for one in MANAGED_CHILDREN for name in (one.child.create, one.child.update, one.child.remove)),
    *(name for one in MANAGED for name in (one.resource.deployable.deploy, one.resource.deployable.stop)),
    *(one.resource.deployable.reload for one in MANAGED),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ScenarioServer]:
    with Simulator() as sim:
        yield ScenarioServer(sim)


@pytest.mark.parametrize("scene", sampled(RUN_SCENARIOS, 4), ids=str)
def test_no_answer_breaks_a_run(scene: RunScenario, server: ScenarioServer) -> None:
    recorded = RecordedRun(scene, server)
    plain, _asked = recorded.play()
    assert without_times(plain) == without_times(recorded.result), "the tape does not say what the server said"
    for number, name, changed in cases(recorded):
        try:
            result, asked = recorded.play(number, changed)
            judge(recorded, name, changed, result, asked)
        except Exception as error:
            raise AssertionError(f"{scene}, answer {number} of {name}") from error


def test_every_module_has_a_scene() -> None:
    """But for restores, whose answer is a stream of events, exports, which read what documents do, and backup sets.

    These have records with names that no recording knows.
    """
    without = {"dokploy_restore", "dokploy_export", "dokploy_backup_set"}
    assert {scene.module for scene in RUN_SCENARIOS} == set(MODULES) - without

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each sentence of the reports of clones and moves is true of any mixture of outcomes.

A sentence is cut into the claims that it makes, and each claim has its own reading of the result. A sentence with a
claim that is not in the table fails, so that none is added without its truth.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS

Result = dict[str, Any]
#: Whether a claim is true: by the result, and by the numbers and times that the claim names.
Truth = Callable[[Result, "tuple[str, ...]"], bool]

IN_PLACE = ("restored", "present")
OUTCOMES = (*IN_PLACE, "to_restore", "kept", "covered", "removed", "failed", "waits", "missing", "unheard-of", None)
PROOFS = ("checked", "same", "whole", "not_proven", None)
TIMES = ["2026-12-01T0%d:15:00.000Z" % hour for hour in range(5)]
PATHS = ("shop/production/db", "shop/production/web", "shop/production/cache")


@st.composite
def archives(draw: st.DrawFn) -> list[Result]:
    """Rows of archives of a result, all of a run in check mode or all of a real one."""
    planned = draw(st.booleans())
    known = [outcome for outcome in OUTCOMES if (outcome in ("restored", "failed", "waits")) is not planned]
    known += [] if planned else ["restored", "present"]
    outcomes = [outcome for outcome in known if planned or outcome != "to_restore"]
    rows = []
    for number in range(draw(st.integers(0, 5))):
        outcome = draw(st.sampled_from(outcomes))
        row = {
            "kind": "database",
            "path": draw(st.sampled_from(PATHS)),
            "what": "database",
            "name": "shop",
            "service": None,
            "file": "%d.sql.gz" % number,
            "size": 1000,
            "created_at": draw(st.sampled_from(TIMES)),
            "action": "restore" if outcome in ("restored", "to_restore", "failed", "waits") else "none",
            "reason": "it exists" if outcome == "missing" else None,
            "outcome": outcome,
            "proof": draw(st.sampled_from(PROOFS)) if outcome in IN_PLACE else None,
            "looked_up": draw(st.booleans()),
            "seconds": 3.0 if outcome == "restored" else None,
            "failed": outcome == "failed",
            "msg": "it is cut" if outcome == "failed" else "",
            "live": None,
        }
        rows.append(row)
    return rows


NOT_SAVED = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.just("application"),
            "path": st.sampled_from(PATHS),
            "what": st.just("bind"),
            "name": st.just("/srv"),
            "service": st.none(),
            "reason": st.just("no jobs"),
            "left_out": st.booleans(),
        }
    ),
    max_size=2,
)
CHECKS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.just("database"),
            "path": st.sampled_from(PATHS),
            "name": st.just("rows"),
            "passed": st.sampled_from((True, False, None)),
            "msg": st.just(""),
        }
    ),
    max_size=2,
)
ERRORS = st.lists(
    st.just({"kind": "application", "path": PATHS[1], "msg": "it does not run"}),
    max_size=2,
)
RESULTS = st.fixed_dictionaries(
    {
        "archives": archives(),
        "archive_checks": CHECKS,
        "failures": ERRORS,
        "recovery": NOT_SAVED.map(lambda rows: {"missing": rows, "created_at": TIMES[0]}),
        "changed": st.just(True),
        "plan": st.just({"changes": []}),
    }
)


def of(result: Result, *outcomes: str) -> list[Result]:
    return [row for row in result["archives"] if row["outcome"] in outcomes]


def missing(result: Result) -> list[Result]:
    return [row for row in result["archives"] if row["outcome"] in ("missing", "unheard-of", None)]


def lacking(result: Result) -> list[Result]:
    return [row for row in result["recovery"]["missing"] if not row["left_out"]]


def unproven(result: Result) -> list[Result]:
    return [row for row in of(result, *IN_PLACE) if row["proof"] in ("not_proven", None)]


def failed_checks(result: Result) -> list[Result]:
    """The checks that failed, but those of services whose data is kept."""
    failed = []
    for check in result["archive_checks"]:
        outcomes = {row["outcome"] for row in result["archives"] if row["path"] == check["path"]}
        if check["passed"] is False and outcomes != {"kept"}:
            failed.append(check)
    return failed


def is_done(result: Result) -> bool:
    lost = [*of(result, "failed", "waits"), *missing(result)]
    return not (lost or result["failures"] or failed_checks(result))


def count(rows: Callable[[Result], list[Result]]) -> Truth:
    """The claim has the number of these rows."""
    return lambda result, numbers: int(numbers[0]) == len(rows(result))


# What the sentences of the reports claim, with the truth of each.
CLAIMS: list[tuple[str, Truth]] = [
    (r"(\d+) not proven", count(unproven)),
    (r"(\d+) checks? failed", count(failed_checks)),
    (r"(\d+) missing", count(lambda result: [*missing(result), *lacking(result)])),
    # What failed for one reason is one error.
    (r"(\d+) errors?", lambda result, said: int(said[0]) == len({row["msg"] for row in result["failures"]})),
    (r"(\d+) archives? not there", count(lambda result: [*of(result, "failed", "waits"), *missing(result)])),
]


def holds(sentence: str, result: Result, more: list[tuple[str, Truth]]) -> None:
    """Assert that each claim of a sentence is known and true."""
    for text in re.split(r": |, |; ", sentence):
        truths = [(re.fullmatch(pattern, text), truth) for pattern, truth in [*more, *CLAIMS]]
        known = [(match, truth) for match, truth in truths if match is not None]
        assert known, "%r of %r is claimed, and nothing says when it is true" % (text, sentence)
        match, truth = known[0]
        assert truth(result, match.groups()), "%r of %r is not true" % (text, sentence)


def in_doubt(result: Result) -> bool:
    """Whether something of the set is not there, or not known to be."""
    wanted = [row for row in result["archives"] if row["outcome"] not in ("covered", "removed")]
    back = of(result, *IN_PLACE)
    return not (is_done(result) and back and len(back) == len(wanted)) or bool(unproven(result) or lacking(result))


def parts_hold(report: Result, result: Result) -> None:
    """Assert what the notes of the tables and the numbers of the tiles say, and that nothing speaks of all in doubt."""
    notes = {table["title"]: table["note"] for table in report["tables"] if table["rows"]}
    data = notes.get("Data", "")
    assert data.startswith("All data is there up to") <= (not in_doubt(result))
    if data.startswith("Nothing is restored yet"):
        assert of(result, "to_restore") and not of(result, *IN_PLACE)
    assert notes.get("Missing", "").startswith("Data without an archive is lost") == bool(lacking(result))
    tiles = {tile["words"]: tile["count"] for tile in report["tiles"]}
    numbers = {
        "errors": len({row["msg"] for row in result["failures"]}),
        "checks failed": len(failed_checks(result)),
        "not proven": len(unproven(result)),
        "missing": len([*missing(result), *lacking(result)]),
        "archives to restore": len(of(result, "to_restore")),
    }
    assert all(tiles[words] == number for words, number in numbers.items() if words in tiles)
    # Of each thing that is in doubt, the report has a row.
    rows = {table["title"]: table["rows"] for table in report["tables"]}
    assert len(rows["Data"]) == len(result["archives"])
    assert len(rows["Missing"]) == len(missing(result)) + len(result["recovery"]["missing"])
    assert len(rows["Checks"]) == len(result["archive_checks"])
    for row, cells in zip(result["archives"], rows["Data"], strict=True):
        assert cells[4].startswith("restored") <= (row["outcome"] in IN_PLACE)
        assert bool(cells[6]) is (row["outcome"] in IN_PLACE)
    for sentence in [report["headline"], *notes.values(), *tiles]:
        of_all = re.search(r"(?i)\b(?<!not )(all|everything|whole|complete)\b", sentence)
        assert not (of_all and in_doubt(result)), sentence


# What the headline of each step says of it when it has been done, and when it is planned.
MOVE_STEPS = {
    "prepare": ("Prepared: the configuration is at the target", "To be prepared"),
    "switch": ("Switched: the target is live", "To be switched"),
    "finish": ("Finished: the source is removed", "To be finished"),
    "back": ("Back: the source runs, and the target is removed", "To be taken back"),
}


@given(
    result=RESULTS,
    step=st.sampled_from(sorted(MOVE_STEPS)),
    planned=st.booleans(),
    error=st.sampled_from(("", "it is still written to")),
    seconds=st.sampled_from(("", 18.4)),
)
def test_a_move(result: Result, step: str, planned: bool, error: str, seconds: Any) -> None:
    """A headline tells what the step has done only where it has not failed, and of the data what is so."""
    has_failed = bool(error or result["failures"])
    done, to_be_done = MOVE_STEPS[step]
    more: list[tuple[str, Truth]] = [
        (re.escape(to_be_done), lambda told, said: planned and not has_failed),
        (r"18 s without service", lambda told, said: seconds == 18.4 and not planned and not has_failed),
        (
            r"and a first copy of the data fits",
            lambda told, said: step == "prepare" and is_done(told) and not unproven(told) and not lacking(told),
        ),
        (r"of the data", lambda told, said: True),
        (r"The step %s has failed" % step, lambda told, said: has_failed),
        (
            r"(\d+) errors?",
            lambda told, said: int(said[0]) == len({row["msg"] for row in told["failures"]}) or bool(error),
        ),
    ]
    claims = re.split(r": |, ", done)
    more += [(re.escape(claim), lambda told, said: not planned and not has_failed) for claim in claims]
    report = STEPS["move_report"](step, result, planned=planned, error=error, without_service=seconds)
    holds(report["headline"], result, more)
    assert any(report["headline"].startswith(text) for text in (done, to_be_done)) is not has_failed
    if result["failures"] or not error:
        parts_hold(report, result)
    kept_tile = [tile["count"] for tile in report["tiles"] if tile["words"] == "archives"]
    assert kept_tile in ([], [len(of(result, *IN_PLACE))])
    assert not report["good"] or (is_done(result) and not has_failed)


@given(step=st.sampled_from(sorted(MOVE_STEPS)), planned=st.booleans(), error=st.sampled_from(("", "it is live")))
def test_a_step_of_a_move_that_has_applied_nothing(step: str, planned: bool, error: str) -> None:
    """As a step that is refused, and the step back: nothing is said of data."""
    report = STEPS["move_report"](step, {}, planned=planned, error=error)
    done, to_be_done = MOVE_STEPS[step]
    failed = "The step %s has failed: 1 error" % step
    assert report["headline"] == (failed if error else to_be_done if planned else done)
    assert report["good"] is not bool(error)
    rows = {table["title"]: table["rows"] for table in report["tables"] if table["rows"]}
    assert rows == ({"Errors": [["the step", error]]} if error else {})


@given(result=RESULTS, planned=st.booleans())
def test_a_clone(result: Result, planned: bool) -> None:
    due = "to_restore" if planned else "restored"
    more: list[tuple[str, Truth]] = [
        (r"The clone b is not complete", lambda told, said: not is_done(told)),
        (r"To be cloned b", lambda told, said: planned and is_done(told)),
        (r"Cloned b", lambda told, said: not planned and is_done(told)),
        (r"b is as it has to be", lambda told, said: is_done(told)),
        (r"0 changes|0 deployments", lambda told, said: True),
        (r"the data of (\d+) archives?", lambda told, said: int(said[0]) == len(of(told, due))),
    ]
    report = STEPS["clone_report"](result, "a", "b", planned=planned)
    holds(report["headline"], result, more)
    parts_hold(report, result)
    (archives_tile,) = [tile["count"] for tile in report["tiles"] if tile["words"] == "archives"]
    assert archives_tile == len(of(result, "restored", "to_restore"))
    assert not report["good"] or is_done(result)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a drill: what came back, what proves it, how old it was, and how long it took."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from ansible_collections.community.dokploy.plugins.plugin_utils._report.drill import in_words
from tests.unit.filter.test_data_reports import ABOUT, ROW

BEGAN = "2026-12-01T04:15:00Z"
# The names in the result are those of the drill, and the files are the same.
BACK = {**ROW, "path": "shop-drill/production/db"}
FILES: dict[str, Any] = {
    **ROW,
    "kind": "application",
    "path": "shop/production/web",
    "what": "volume",
    "name": "uploads",
}
FILES = {**FILES, "file": "web/uploads-2026-12-01T02-16-00-000Z.tar", "created_at": "2026-12-01T03:15:00.000Z"}


def saved(*rows: dict[str, Any], not_saved: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    names = ("kind", "path", "what", "file")
    return {"archives": [{name: row[name] for name in names} for row in rows], "not_saved": list(not_saved)}


def report(
    rows: list[dict[str, Any]],
    content: dict[str, Any],
    left: tuple[str, ...] = (),
    require: str = "whole",
    **more: Any,
) -> dict[str, Any]:
    applied = {"archives": rows, "archive_checks": [], "recovery": ABOUT, **more}
    options = {"server": "https://d.test", "left": left, "require": require}
    made: dict[str, Any] = STEPS["drill_report"](applied, content, BEGAN, 81.4, **options)
    return made


def test_a_drill_passes_when_all_data_is_back_and_proven() -> None:
    made = report([BACK, {**FILES, "path": "shop-drill/production/web"}], saved(ROW, FILES))
    assert made["passed"] and made["good"]
    assert (made["rpo_seconds"], made["rto_seconds"]) == (7200.0, 81.4)
    assert made["headline"] == "The data of 2 services came back and is whole. RPO 2.0 h, RTO 81 s"
    assert [(one["path"], one["came_back"], one["proof"], one["rpo_seconds"]) for one in made["services"]] == [
        ("shop/production/db", True, "whole", 7200.0),
        ("shop/production/web", True, "whole", 3600.0),
    ]
    json.dumps(made)
    assert "| database shop/production/db | yes | whole | 2.0 h | 9.3 |" in STEPS["report_markdown"](made)
    assert "came back and is whole" in STEPS["report_page"](made)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"proof": "not_proven"}, "not proven, and whole is required: state a check of it, or require less"),
        ({"seconds": None, "outcome": "failed", "msg": "it is empty"}, "no data came back: it is empty"),
        ({"outcome": "waits", "seconds": None}, "no data came back"),
        ({"outcome": "missing", "seconds": None, "reason": "it exists"}, "no data came back: it exists"),
    ],
)
def test_a_service_without_data_or_proof_fails_it(change: dict[str, Any], why: str) -> None:
    made = report([{**BACK, **change}], saved(ROW))
    assert not made["passed"]
    assert made["services"][0]["why"] == why
    assert made["headline"].startswith("The drill failed: 1 of 1 service without data or proof")


ESTIMATED = {"fingerprint": {"kind": "tables", "tables": {"users": [1, None]}, "estimated": True}}


@pytest.mark.parametrize(
    ("archive", "advice"),
    [
        ({"method": "dump", "database_type": "postgres"}, "count its rows, with jobs"),
        ({"method": "dump", "database_type": "postgres", **ESTIMATED}, "raise count_rows_below above"),
        ({"method": "dump", "database_type": "mongo"}, "state a check of it, or require less"),
        ({"method": "volume"}, "save it while its service is stopped"),
        ({"method": "bind"}, "save it with an image of the jobs that has sha256sum"),
        ({}, "state a check of it, or require less"),
    ],
)
def test_without_a_fingerprint_a_drill_fails_and_says_what_to_do(archive: dict[str, Any], advice: str) -> None:
    content = saved(ROW)
    content["archives"][0].update(archive)
    made = STEPS["drill_report"]({"archives": [BACK], "recovery": ABOUT}, content, BEGAN, 81.4)
    assert not made["passed"]
    assert made["services"][0]["why"].startswith("whole, and same is required: %s" % advice)
    assert made["services"][0]["why"].endswith("state a check of it, or require less")
    assert report([BACK], content)["passed"]
    assert report([{**BACK, "proof": "same"}], content, require="same")["passed"]


def test_what_the_set_lacks_fails_it() -> None:
    lacks = {"kind": "application", "path": "shop/production/web", "what": "bind", "name": "/srv", "reason": "no job"}
    made = report([BACK], saved(ROW, not_saved=(lacks,)))
    assert [one["why"] for one in made["services"]] == [None, "the set lacks /srv: no job"]
    assert not made["passed"]


def test_what_is_left_out_does_not_fail_it() -> None:
    lacks = {"kind": "application", "path": "shop/production/web", "what": "bind", "name": "/srv", "reason": "no data"}
    known = {**ABOUT, "missing": [{**lacks, "path": "shop-drill/production/web", "left_out": True}]}
    made = report([BACK], saved(ROW, not_saved=({**lacks, "left_out": True},)), recovery=known)
    assert made["passed"] and [one["path"] for one in made["services"]] == ["shop/production/db"]
    assert "no data" in STEPS["report_markdown"](made)


def test_data_of_which_the_set_says_nothing_fails_it() -> None:
    unknown = {"kind": "database", "path": "shop-drill/production/more", "what": "database", "name": "more"}
    known = {**ABOUT, "missing": [{**unknown, "reason": "the set has no archive of it", "left_out": False}]}
    made = report([BACK], saved(ROW), recovery=known)
    assert made["headline"] == "The drill failed: 1 of 2 services without data or proof"
    assert made["services"][1]["why"] == "no data came back: the set has no archive of it"
    # What the set names itself counts once.
    lacks = {**unknown, "path": "shop/production/more", "reason": "the set has no archive of it"}
    assert len(report([BACK], saved(ROW, not_saved=(lacks,)), recovery=known)["services"]) == 2


def test_a_set_without_data_proves_nothing() -> None:
    assert report([], saved())["headline"] == "The set has no service with data"
    assert not report([], saved())["passed"]


def test_what_is_left_and_what_failed_fail_it() -> None:
    made = report([BACK], saved(ROW), left=("volume shop-files-drill",))
    assert made["headline"] == "The drill failed: 1 not removed" and made["left"] == ["volume shop-files-drill"]
    failure = {"kind": "application", "path": "shop-drill/production/web", "msg": "it does not run"}
    made = report([BACK], saved(ROW), failures=[failure])
    assert made["headline"] == "The drill failed: 1 error" and not made["passed"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0 s"), (119.0, "119 s"), (300.0, "5 min"), (5400.0, "1.5 h"), (259200.0, "3.0 d")]
)
def test_spans_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words

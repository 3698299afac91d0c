# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a recovery: as data, as Markdown and as a page."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS

ROW: dict[str, Any] = {
    "kind": "database",
    "path": "shop/production/db",
    "what": "database",
    "name": "shop",
    "service": None,
    "file": "db/nightly/2026-12-01T02-15-00-000Z.sql.gz",
    "size": 119000000,
    "created_at": "2026-12-01T02:15:00.000Z",
    "outcome": "restored",
    "proof": "whole",
    "looked_up": True,
    "action": "restore",
    "reason": None,
    "seconds": 9.3,
    "failed": False,
    "msg": "",
}
CHECK = {"name": "rows", "kind": "database", "path": ROW["path"], "passed": True, "msg": ""}
ABOUT = {
    "created_at": "2026-12-01T02:15:00Z",
    "oldest": ROW["created_at"],
    "newest": "2026-12-01T02:16:00.000Z",
    "missing": [],
}
MISSING = {"kind": "application", "path": "shop/production/web", "what": "bind", "name": "/srv", "reason": "no job"}

TO_RESTORE = {**ROW, "outcome": "to_restore", "proof": None, "seconds": None}
LOST = {**ROW, "outcome": "missing", "proof": None, "seconds": None, "action": "none", "reason": "it exists"}
LACKS = {**ABOUT, "missing": [MISSING]}


def applied(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"archives": list(rows), "archive_checks": [CHECK], "recovery": ABOUT, **more}


def report(*args: Any, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = STEPS["recovery_report"](*args, **options)
    return made


def test_what_is_left_out_of_a_set_is_shown_and_not_missing() -> None:
    made = report(applied(ROW, recovery={**ABOUT, "missing": [{**MISSING, "left_out": True}]}))
    assert made["good"] and made["missing"] == [] and made["headline"] == "Recovered, with the data of 1 archive"
    assert "no job" in STEPS["report_markdown"](made)


def test_a_recovery_is_good_when_everything_is_proven() -> None:
    parts = [{"name": "everything", "seconds": 80.0}]
    made = report(applied(ROW), parts=parts, server="https://d.example.com", made_at="2026-12-01T03:00:00Z")
    assert (made["good"], made["recovered"], made["seconds"]) == (True, True, 80.0)
    assert made["headline"] == "Recovered, with the data of 1 archive"
    text = STEPS["report_markdown"](made)
    assert "| database shop/production/db | database shop | 2026-12-01T02:15:00.000Z | 113.5 MiB | restored |" in text
    page = STEPS["report_page"](made)
    assert page.startswith("<!DOCTYPE html>") and "Recovered, with the data of 1 archive" in page


@pytest.mark.parametrize(
    ("result", "headline", "recovered"),
    [
        (applied({**ROW, "proof": "not_proven"}), "Recovered, with the data of 1 archive, 1 not proven", True),
        (
            applied(ROW, recovery={**ABOUT, "missing": [MISSING]}),
            "Recovered, with the data of 1 archive, 1 missing",
            True,
        ),
        (applied(TO_RESTORE), "To be recovered, with the data of 1 archive", True),
        (
            applied({**TO_RESTORE, "looked_up": False}),
            "To be recovered, with the data of 1 archive, 1 not looked at",
            True,
        ),
        (applied({**ROW, "outcome": "present"}), "Recovered, with the data of 1 archive, 1 of an earlier run", True),
        (applied(ROW, {**ROW, "outcome": "kept"}), "Recovered, with the data of 1 archive, 1 kept", True),
        (applied(ROW, LOST), "Not everything is recovered: 1 missing", False),
        (
            applied(
                {**ROW, "failed": True, "outcome": "failed", "msg": "cut", "seconds": None},
                failures=[{"kind": "database", "path": ROW["path"], "msg": "cut"}],
                failed=True,
            ),
            "Not everything is recovered: 1 error",
            False,
        ),
        ({"failed": True, "msg": "no key"}, "Not everything is recovered: 1 error", False),
        ({}, "Nothing was recovered", False),
        ({"recovery": ABOUT}, "Recovered, and the set has no archives", True),
    ],
)
def test_the_headline_tells_what_is_left(result: dict[str, Any], headline: str, recovered: bool) -> None:
    made = report(result)
    assert (made["headline"], made["recovered"]) == (headline, recovered)
    assert STEPS["report_markdown"](made) and STEPS["report_page"](made)


def test_a_bucket_that_is_away_is_one_line() -> None:
    failures = [{"kind": "database", "path": f"a/b/db{number}", "msg": "no bucket"} for number in range(14)]
    made = report(applied(LOST, failures=failures, failed=True))
    assert made["errors"] == [["database a/b/db0 and 13 more", "no bucket"]]


def test_what_waits_is_an_error() -> None:
    waits = {"kind": "application", "path": "shop/production/web", "waits_for": {"kind": "database", "path": "a/b/db"}}
    made = report(applied(ROW, waiting=[waits]))
    assert made["errors"] == [["application shop/production/web", "waits for database a/b/db"]]


def test_texts_are_escaped() -> None:
    made = report(applied({**ROW, "name": "<script>|*"}))
    assert ">database &lt;script&gt;|*</td>" in STEPS["report_page"](made)
    assert "\\<script\\>\\|\\*" in STEPS["report_markdown"](made)


# --- backup sets ---

ARCHIVE = {
    "kind": "database",
    "path": "shop/production/db",
    "what": "database",
    "method": "dump",
    "destination": {"name": "offsite"},
    "file": "db-1/set/shop/a.sql.gz",
    "size": 1000,
    "created_at": "2026-12-01T02:15:03Z",
    "service": None,
    "database": {"name": "shop"},
    "volume": None,
    "bind": None,
    "at_rest": None,
}
LEFT = {"kind": "application", "path": "a/b/web", "what": "bind", "name": "/srv", "service": None, "reason": "no jobs"}
PLAN = {**LEFT, "method": "bind", "backup": None}


def saved(*archives: dict[str, Any]) -> dict[str, Any]:
    check = {"kind": "database", "path": "shop/production/db", "name": "rows", "exit_code": 0, "output": "<12>"}
    service = {"kind": "database", "path": "shop/production/db", "app_name": "db-1", "image": "postgres:18"}
    known = {"services": [{**service, "digest": None, "commit": None}], "checks": [check]}
    return {"archives": list(archives), **known}


@pytest.mark.parametrize(
    ("made", "before", "headline", "complete", "good"),
    [
        (
            {"complete": True, "set": saved(ARCHIVE)},
            saved({**ARCHIVE, "size": 2000}),
            "The set is complete: 1 archive",
            True,
            True,
        ),
        (
            {"complete": True, "set": saved(ARCHIVE)},
            saved({**ARCHIVE, "size": 2001}, {**ARCHIVE, "path": "a/b/gone"}),
            "The set is complete: 1 archive, 1 less than half of before, 1 saved before, and not now",
            True,
            False,
        ),
        (
            {"complete": False, "failed": True, "msg": "bind", "set": saved(ARCHIVE, ARCHIVE), "not_saved": [LEFT]},
            {},
            "The set is not complete: 2 archives, 1 not saved",
            False,
            False,
        ),
        ({"failed": True, "msg": "no key"}, {}, "There is no set", False, False),
        ({"set": None, "plan": [PLAN], "complete": True}, {}, "1 archive would be made", True, True),
    ],
)
def test_what_a_set_has(
    made: dict[str, Any], before: dict[str, Any], headline: str, complete: bool, good: bool
) -> None:
    made_report = STEPS["backup_set_report"](made, before, server="https://d.example.com", seconds=81.44)
    assert (made_report["headline"], made_report["complete"], made_report["good"]) == (headline, complete, good)
    assert made_report["seconds"] == 81.4
    page, text = STEPS["report_page"](made_report), STEPS["report_markdown"](made_report)
    assert headline in page and "no jobs" in text if made.get("not_saved") else page
    assert "<12>" not in page

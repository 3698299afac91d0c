# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report about drift says of the archives of backup sets, and never more than was looked at."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from tests.support.drift import CHECKED, Compared, service
from tests.unit.filter.test_drift_filters import Page

FILTERS = FilterModule().filters()
WEB = "shop/production/web"
SETS = [
    {"name": "2026-12-01T02-15-00Z", "archives": [{}, {}]},
    {"name": "2026-12-02T02-15-00Z", "archives": [{}, {}]},
]
GONE = {
    "set": "2026-12-01T02-15-00Z",
    "kind": "database",
    # Of a project that the document does not name.
    "path": "blog/production/db",
    "what": "database",
    "service": None,
    "name": "blog",
    "file": "db/set/0a1b2c3d/blog/2026-12-01T02-15-03-120Z.sql.gz",
    "destination": "offsite",
    "reason": "The bucket does not have it any more.",
}
AWAY = {**dict.fromkeys(GONE), "destination": "offsite", "reason": "the files in the bucket cannot be listed"}


def looked(*gone: Any, **others: Any) -> dict[str, Any]:
    return {"folder": "sets", "sets": SETS, "msg": "", "archives": {"gone": list(gone)}, **others}


def report(sets: Any, **options: Any) -> dict[str, Any]:
    result = Compared(service(WEB, "application", "done")).result
    found: dict[str, Any] = FILTERS["drift_report"](result, checked_at=CHECKED, sets=sets, **options)
    return found


def test_an_archive_that_is_gone_is_drift() -> None:
    found = report(looked(GONE))
    assert (found["drifted"], found["summary"]) == (True, "1 backup problem")
    (row,) = found["backup_problems"]
    assert (row["path"], row["name"], row["problem"]) == (GONE["path"], "blog", "archive_gone")
    (line,) = FILTERS["drift_lines"](found)
    for text in (GONE["set"], GONE["file"], GONE["reason"]):
        assert text in line
    assert "archive gone" in FILTERS["drift_page"](found) and GONE["set"] in FILTERS["drift_markdown"](found)


@pytest.mark.parametrize(
    ("sets", "kind", "said"),
    [
        (looked(AWAY), "destination", "the files in the bucket cannot be listed"),
        (looked(sets=[]), "backup", "sets has no backup set"),
        (looked(sets=[], msg="sets_in: the set cannot be read"), "backup", "cannot be read"),
        (looked(archives={"failed": True, "msg": "no permission"}), "backup", "no permission"),
        # The module was skipped.
        (looked(archives={"skipped": True}, sets=[]), "backup", "sets has no backup set"),
    ],
)
def test_what_was_not_looked_at_is_an_error(sets: Any, kind: str, said: str) -> None:
    found = report(sets)
    (error,) = found["errors"]
    assert error["kind"] == kind and said in error["msg"]
    assert found["drifted"] and "compared" in Page(FILTERS["drift_page"](found)).texts["h1"]
    assert found["backup_sets"]["all_there"] is False


@pytest.mark.parametrize("sets", [looked(), looked(GONE), looked(AWAY), looked(sets=[]), looked(archives={}), None])
def test_only_what_was_found_is_there(sets: Any) -> None:
    found = report(sets)
    for text in (FILTERS["drift_page"](found), FILTERS["drift_markdown"](found)):
        assert ("All 4 archives of 2 backup sets are in their buckets" in text) is (sets == looked())
    if sets is None:
        assert found["backup_sets"] is None and "backup_problems" not in found


@pytest.mark.parametrize("pattern", ["blog/production/db", "blog/production/db:backups.blog", "database blog/*"])
def test_archives_can_be_left_out(pattern: str) -> None:
    found = report(looked(GONE), exclude=[pattern])
    assert (found["drifted"], found["summary"]) == (False, "No drift, 1 excluded")

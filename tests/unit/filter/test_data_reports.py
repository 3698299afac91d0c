# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a recovery: as data, as Markdown and as a page."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.filter.data_reports import FilterModule

FILTERS = FilterModule().filters()
ROW: dict[str, Any] = {
    "kind": "database",
    "path": "shop/production/db",
    "what": "database",
    "name": "shop",
    "service": None,
    "file": "db/nightly/2026-12-01T02-15-00-000Z.sql.gz",
    "size": 119000000,
    "created_at": "2026-12-01T02:15:00.000Z",
    "action": "restore",
    "reason": None,
    "seconds": 9.3,
    "proven": True,
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

LACKS = {**ABOUT, "missing": [MISSING]}


def applied(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"archives": list(rows), "archive_checks": [CHECK], "recovery": ABOUT, **more}


def report(*args: Any, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = FILTERS["recovery_report"](*args, **options)
    return made


def test_a_recovery_is_good_when_everything_is_proven() -> None:
    parts = [{"name": "everything", "seconds": 80.0}]
    made = report(applied(ROW), parts=parts, server="https://d.example.com", made_at="2026-12-01T03:00:00Z")
    assert (made["good"], made["recovered"], made["seconds"]) == (True, True, 80.0)
    assert made["headline"] == "Recovered, with the data of 1 archive"
    text = FILTERS["tables_markdown"](made)
    assert "| database shop/production/db | database shop | 2026-12-01T02:15:00.000Z | 113.5 MiB | restored |" in text
    page = FILTERS["tables_page"](made)
    assert page.startswith("<!DOCTYPE html>") and "Recovered, with the data of 1 archive" in page


@pytest.mark.parametrize(
    ("result", "headline", "recovered"),
    [
        (applied({**ROW, "proven": None}), "Recovered, with the data of 1 archive, 1 not proven", True),
        (
            applied(ROW, recovery={**ABOUT, "missing": [MISSING]}),
            "Recovered, with the data of 1 archive, 1 missing",
            True,
        ),
        (applied({**ROW, "seconds": None, "proven": None}), "To be recovered, with the data of 1 archive", True),
        (
            applied(
                {**ROW, "failed": True, "msg": "cut", "seconds": None},
                failures=[{"kind": "database", "path": ROW["path"], "msg": "cut"}],
                failed=True,
            ),
            "Not everything is recovered: 1 error",
            False,
        ),
        ({"failed": True, "msg": "no key"}, "Not everything is recovered: 1 error", False),
        ({}, "Recovered, with the data of 0 archives", True),
    ],
)
def test_the_headline_tells_what_is_left(result: dict[str, Any], headline: str, recovered: bool) -> None:
    made = report(result)
    assert (made["headline"], made["recovered"]) == (headline, recovered)
    assert FILTERS["tables_markdown"](made) and FILTERS["tables_page"](made)


def test_what_waits_is_an_error() -> None:
    waits = {"kind": "application", "path": "shop/production/web", "waits_for": {"kind": "database", "path": "a/b/db"}}
    made = report(applied(ROW, waiting=[waits]))
    assert made["errors"] == [["application shop/production/web", "waits for database a/b/db"]]


def test_texts_are_escaped() -> None:
    made = report(applied({**ROW, "name": "<script>|*"}))
    assert "<td>database &lt;script&gt;|*</td>" in FILTERS["tables_page"](made)
    assert "\\<script\\>\\|\\*" in FILTERS["tables_markdown"](made)


@pytest.mark.parametrize(
    ("args", "options"),
    [
        (("text",), {}),
        (({},), {"parts": ["x"]}),
        (({},), {"parts": 1}),
        (({},), {"server": 1}),
    ],
)
def test_what_is_no_result_is_an_error(args: Any, options: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        report(*args, **options)


@pytest.mark.parametrize("name", ["tables_markdown", "tables_page"])
@pytest.mark.parametrize("value", ["text", {}, {"title": "x"}, None])
def test_what_is_no_report_is_an_error(name: str, value: Any) -> None:
    with pytest.raises(AnsibleFilterError):
        FILTERS[name](value)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a backup set: what its headline says, and what it was compared with."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from tests.unit.filter.test_data_reports import ARCHIVE, LEFT, PLAN

NOT_SAVED = st.lists(st.booleans().map(lambda left_out: {**LEFT, "left_out": left_out}), max_size=2)


def test_one_line_tells_of_a_reason_that_several_share() -> None:
    left = [{**LEFT, "path": "shop/production/web%d" % number, "reason": "offsite is away"} for number in range(14)]
    made = STEPS["backup_set_report"]({"complete": False, "failed": True, "set": None, "not_saved": left})
    text = STEPS["report_markdown"](made)
    assert text.count("offsite is away") == 1 and "web0 bind /srv and 13 more" in text


def test_a_report_without_a_set_tells_why() -> None:
    text = STEPS["report_markdown"](STEPS["backup_set_report"]({"failed": True, "msg": "no key\nno server"}))
    assert "| no key |" in text and "| no server |" in text


def test_a_volume_with_another_name_in_docker_is_that_of_before() -> None:
    volume = {**ARCHIVE, "what": "volume", "method": "volume", "database": None}
    service = {"kind": "database", "path": ARCHIVE["path"], "image": "redis:8", "digest": None, "commit": None}
    before = {"archives": [{**volume, "volume": "redis-abc-data"}], "services": [{**service, "app_name": "redis-abc"}]}
    now = {"archives": [{**volume, "volume": "redis-xyz-data"}], "services": [{**service, "app_name": "redis-xyz"}]}
    made = STEPS["backup_set_report"]({"complete": True, "set": now}, before)
    assert (made["headline"], made["lost"], made["good"]) == ("The set is complete: 1 archive", [], True)
    other = {**now, "archives": [{**volume, "volume": "other"}]}
    assert STEPS["backup_set_report"]({"complete": True, "set": other}, before)["lost"] != []


GONE = {
    "set": "2026-12-01T02-15-00Z",
    "kind": "database",
    "path": "shop/production/db",
    "what": "database",
    "service": None,
    "file": "db-1/set/0a1b2c3d/shop/a.sql.gz",
    "name": "shop",
    "destination": "offsite",
    "reason": "The bucket does not have it any more.",
}
UNSEEN = {**dict.fromkeys(GONE), "destination": "offsite", "reason": "it does not answer"}
SETS = st.fixed_dictionaries(
    {
        "failed": st.booleans(),
        "complete": st.booleans(),
        "not_saved": NOT_SAVED,
        "set": st.lists(st.integers(0, 3), max_size=3),
        "gone": st.lists(st.sampled_from((GONE, UNSEEN)), max_size=3),
    }
)


@given(told=SETS, codes=st.lists(st.sampled_from((0, 1)), max_size=2))
def test_a_set(told: dict[str, Any], codes: list[int]) -> None:
    known = {"kind": "database", "what": "database", "method": "dump", "destination": {"name": "offsite"}, "size": 5}
    facts = {"file": "a.sql.gz", "created_at": ARCHIVE["created_at"], "at_rest": None}
    rows = [{**known, **facts, "path": "shop/%d" % number} for number in told["set"]]
    checks = [{"kind": "database", "path": "shop/1", "name": "x", "exit_code": code, "output": ""} for code in codes]
    report = STEPS["backup_set_report"]({**told, "set": {"archives": rows, "checks": checks}})
    # A task also fails for what is wrong with earlier sets only.
    complete = told["complete"] and bool(told["gone"] or not told["failed"])
    left_out, away = [row["left_out"] for row in told["not_saved"]], told["gone"].count(UNSEEN)
    gone = len(told["gone"]) - away
    headline = report["headline"]
    assert report["complete"] is complete
    assert headline.startswith("The set is not complete") is not complete
    assert headline.startswith("The set is complete") is (complete and bool(rows))
    for pattern, number in (
        (r"(\d+) archives?\b(?! of)", len(rows)),
        (r"(\d+) not saved", left_out.count(False)),
        (r"(\d+) checks? failed", sum(codes)),
        (r"(\d+) archives? of earlier sets missing or changed", gone),
        (r"(\d+) destinations? not looked at", away),
    ):
        said = re.search(pattern, headline)
        assert said is None or int(said.group(1)) == number
    assert ("missing or changed" in headline, "not looked at" in headline) == (gone > 0, away > 0)
    assert not report["good"] or (complete and not told["gone"])
    assert {tile["words"]: tile["count"] for tile in report["tiles"]} == {
        "archives": len(rows),
        "checks": len(codes),
        "checks failed": sum(codes),
        "not saved": left_out.count(False),
        "left out": left_out.count(True),
        "less than half of before": 0,
        "saved before, and not now": 0,
        "archives of earlier sets missing or changed": gone,
        "destinations not looked at": away,
    }
    (earlier,) = [table for table in report["tables"] if table["title"] == "Earlier sets"]
    assert len(earlier["rows"]) == len(told["gone"])
    assert earlier["note"].startswith("Remove the folders") is (gone > 0)


SET = {"archives": [ARCHIVE], "complete": True}


def test_archives_of_earlier_sets_that_are_gone_are_in_the_report_of_a_complete_set() -> None:
    told = {"failed": True, "complete": True, "set": SET, "gone": [GONE, UNSEEN], "msg": "Archives of existing sets"}
    made = STEPS["backup_set_report"](told)
    assert (made["complete"], made["good"], made["gone"]) == (True, False, [GONE, UNSEEN])
    counts = "1 archive of earlier sets missing or changed, 1 destination not looked at"
    assert made["headline"] == "The set is complete: 1 archive, %s" % counts
    text, page = STEPS["report_markdown"](made), STEPS["report_page"](made)
    assert "2026-12-01T02-15-00Z" in text and GONE["file"] in text and GONE["reason"] in page
    assert "| offsite | it does not answer |" in text
    # The table has them, so that no second one repeats the message.
    assert "Archives of existing sets" not in text


def test_a_look_at_earlier_sets_in_check_mode_says_what_is_gone() -> None:
    told = {"failed": True, "complete": True, "set": None, "plan": [PLAN], "gone": [GONE], "msg": "x"}
    made = STEPS["backup_set_report"](told, {"archives": [ARCHIVE]})
    assert made["headline"] == "1 archive would be made, 1 archive of earlier sets missing or changed"
    assert made["good"] is False and GONE["file"] in STEPS["report_markdown"](made)


def test_nothing_is_lost_where_no_set_is_made() -> None:
    told = {"complete": True, "set": None, "plan": [PLAN], "gone": []}
    made = STEPS["backup_set_report"](told, {"archives": [ARCHIVE]})
    assert (made["lost"], made["good"]) == ([], True)
    assert "saved before" not in STEPS["report_markdown"](made)
    assert {"count": 1, "words": "archives to make", "mood": ""} in made["tiles"]


def test_a_set_without_its_document_says_why() -> None:
    told = {"failed": True, "complete": False, "set": SET, "gone": [], "msg": "The set has no document: no right"}
    made = STEPS["backup_set_report"](told)
    assert made["headline"] == "The set is not complete: 1 archive"
    assert "| The set has no document: no right |" in STEPS["report_markdown"](made)

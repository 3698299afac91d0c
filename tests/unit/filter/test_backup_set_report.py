# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a backup set: what its headline says, and what it was compared with."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.filter.data_reports import FilterModule
from tests.unit.filter.test_data_reports import ARCHIVE, LEFT

FILTERS = FilterModule().filters()
NOT_SAVED = st.lists(st.booleans().map(lambda left_out: {**LEFT, "left_out": left_out}), max_size=2)


def test_one_line_tells_of_a_reason_that_several_share() -> None:
    left = [{**LEFT, "path": "shop/production/web%d" % number, "reason": "offsite is away"} for number in range(14)]
    made = FILTERS["backup_set_report"]({"complete": False, "failed": True, "set": None, "not_saved": left})
    text = FILTERS["tables_markdown"](made)
    assert text.count("offsite is away") == 1 and "web0 bind /srv and 13 more" in text


def test_a_report_without_a_set_tells_why() -> None:
    text = FILTERS["tables_markdown"](FILTERS["backup_set_report"]({"failed": True, "msg": "no key\nno server"}))
    assert "| no key |" in text and "| no server |" in text


def test_a_volume_with_another_name_in_docker_is_that_of_before() -> None:
    volume = {**ARCHIVE, "what": "volume", "method": "volume", "database": None}
    service = {"kind": "database", "path": ARCHIVE["path"], "image": "redis:8", "digest": None, "commit": None}
    before = {"archives": [{**volume, "volume": "redis-abc-data"}], "services": [{**service, "app_name": "redis-abc"}]}
    now = {"archives": [{**volume, "volume": "redis-xyz-data"}], "services": [{**service, "app_name": "redis-xyz"}]}
    made = FILTERS["backup_set_report"]({"complete": True, "set": now}, before)
    assert (made["headline"], made["lost"], made["good"]) == ("The set is complete: 1 archive", [], True)
    other = {**now, "archives": [{**volume, "volume": "other"}]}
    assert FILTERS["backup_set_report"]({"complete": True, "set": other}, before)["lost"] != []


SETS = st.fixed_dictionaries(
    {
        "failed": st.booleans(),
        "complete": st.booleans(),
        "not_saved": NOT_SAVED,
        "set": st.lists(st.integers(0, 3), max_size=3),
    }
)


@given(told=SETS, codes=st.lists(st.sampled_from((0, 1)), max_size=2))
def test_a_set(told: dict[str, Any], codes: list[int]) -> None:
    known = {"kind": "database", "what": "database", "method": "dump", "destination": {"name": "offsite"}, "size": 5}
    facts = {"file": "a.sql.gz", "created_at": ARCHIVE["created_at"], "at_rest": None}
    rows = [{**known, **facts, "path": "shop/%d" % number} for number in told["set"]]
    checks = [{"kind": "database", "path": "shop/1", "name": "x", "exit_code": code, "output": ""} for code in codes]
    report = FILTERS["backup_set_report"]({**told, "set": {"archives": rows, "checks": checks}})
    complete = told["complete"] and not told["failed"]
    headline = report["headline"]
    assert report["complete"] is complete
    assert headline.startswith("The set is not complete") is not complete
    assert headline.startswith("The set is complete") is (complete and bool(rows))
    for pattern, number in (
        (r"(\d+) archives?", len(rows)),
        (r"(\d+) not saved", sum(not row["left_out"] for row in told["not_saved"])),
        (r"(\d+) checks? failed", sum(codes)),
    ):
        said = re.search(pattern, headline)
        assert said is None or int(said.group(1)) == number

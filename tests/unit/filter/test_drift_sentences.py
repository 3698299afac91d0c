# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No report about drift, of one instance or of several, says more than was compared, whatever the outcomes are."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from tests.support.drift import CHECKED, Compared, service
from tests.unit.filter.test_drift_filters import Page

FILTERS = FilterModule().filters()
PATHS = [f"shop/production/web{number}" for number in range(4)]


@st.composite
def results(draw: st.DrawFn) -> dict[str, Any]:
    """A result of the module in check mode, also of a run that failed before it had compared anything."""
    statuses = draw(st.lists(st.sampled_from(((), ("done",), ("error", "done"), ("error",))), max_size=4))
    compared = Compared(
        *(service(path, "application", *own) for path, own in zip(PATHS, statuses, strict=False)),
    )
    for path in draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=3)):
        compared.differs(path, {"replicas": 1}, {"replicas": 2})
    for path in draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=2)):
        compared.unmanaged(path + "-other")
    result = compared.result
    result["failures"] = draw(
        st.lists(
            st.sampled_from(PATHS).map(lambda path: {"kind": "application", "path": path, "msg": "no"}), max_size=2
        )
    )
    result["waiting"] = draw(
        st.lists(
            st.just(
                {"kind": "database", "path": "shop/a/db", "waits_for": {"kind": "application", "path": PATHS[0]}},
            ),
            max_size=1,
        )
    )
    explained = bool(result["failures"] or result["waiting"])
    result["failed"] = explained or draw(st.booleans())
    if result["failed"] and not explained:
        result["msg"] = "the server does not answer"
        if draw(st.booleans()):
            # It failed before there was a plan.
            return {"failed": True, "msg": result["msg"]}
    return result


def known_of(result: dict[str, Any]) -> dict[str, int]:
    """How much differs, was not compared, is unmanaged, and failed last."""
    plan = result.get("plan") or {}
    listed = [*result.get("failures", ()), *result.get("waiting", ())]
    resources = result.get("resources", ())
    failed = [row for row in resources if (row["deployment"] or {}).get("status") == "error"]
    return {
        "differences": len({change["path"] for change in plan.get("changes", ())}),
        "errors": len(listed) or int(result["failed"]),
        "unmanaged": len(plan.get("unmanaged", ())),
        "failed_deployments": len(failed),
        "services": len(resources),
    }


def sentences(report: dict[str, Any]) -> tuple[str, dict[str, int]]:
    """The headline of the page, and its tiles as numbers by words."""
    page = FILTERS["drift_page"](report)
    header = page.partition("<header>")[2].partition("</header>")[0]
    pattern = r"<b>([\d,]+)</b> ([^<]+)"
    tiles = {words: int(count.replace(",", "")) for count, words in re.findall(pattern, header)}
    return Page(page).texts["h1"], tiles


@given(result=results())
def test_drift(result: dict[str, Any]) -> None:
    report = FILTERS["drift_report"](result, checked_at=CHECKED)
    known = known_of(result)
    assert {name: report["counts"][name] for name in known} == known
    all_well = not (known["differences"] or known["errors"])
    headline, tiles = sentences(report)
    assert report["drifted"] is not all_well
    assert ("No drift" in headline) is all_well
    # The summary may have more than drift, and never says that there is none beside something else.
    assert (report["summary"] == "No drift") <= (all_well and not known["unmanaged"])
    for pattern, name in ((r"(\d+) entr(?:y|ies) differs? from", "differences"), (r"(\d+) not compared", "errors")):
        said = re.search(pattern, headline)
        assert said is None or int(said[1]) == known[name]
    # What was not compared is said in each headline.
    assert bool(known["errors"]) is ("compared" in headline)
    words = {
        "not compared": "errors",
        "differ": "differences",
        "not in the document": "unmanaged",
        "failed deployments": "failed_deployments",
        "services": "services",
    }
    assert all(count == known[words[said]] for said, count in tiles.items())
    assert {"differ", "services"} <= tiles.keys() and ("not compared" in tiles) is bool(known["errors"])
    markdown, lines = FILTERS["drift_markdown"](report), FILTERS["drift_lines"](report)
    assert markdown.startswith("**%s**" % report["summary"])
    assert all_well or lines
    assert all_well or "No drift" not in markdown


@given(parts=st.lists(results() | st.none(), min_size=1, max_size=4))
def test_a_fleet(parts: list[dict[str, Any] | None]) -> None:
    reports: list[dict[str, Any]] = []
    states = []
    for number, result in enumerate(parts):
        host = f"host{number}"
        if result is None:
            reports.append({"host": host, "server": f"https://{host}", "msg": "no answer", "error": "connection"})
            states.append("no_answer")
            continue
        server = f"https://{host}"
        reports.append(FILTERS["drift_report"](result, host=host, server=server, checked_at=CHECKED))
        known = known_of(result)
        states.append("drift" if known["differences"] or known["errors"] else "in_sync")
    report = FILTERS["drift_join"](reports)
    headline, tiles = sentences(report)
    words = {"in_sync": "in sync", "drift": "with drift", "no_answer": "did not answer"}
    for state, said in words.items():
        found = re.search(r"(\d+) " + said, headline)
        assert (int(found[1]) if found else 0) == states.count(state)
        tile = "drift" if state == "drift" else said
        assert tiles.get(tile, 0) == states.count(state)
    assert headline == report["summary"] and headline.startswith("%d instance" % len(parts))
    assert report["drifted"] is (states.count("in_sync") < len(parts))
    sums = [known_of(result) for result in parts if result is not None]
    assert tiles["differ"] == sum(known["differences"] for known in sums)
    assert tiles["services"] == sum(known["services"] for known in sums)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No report on data says more than the result that it is made of: each sentence, against any mixture of outcomes."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from tests.unit.filter.test_data_reports import ABOUT, CHECK, MISSING, ROW

IN_PLACE = ("restored", "present")
OUTCOMES = (*IN_PLACE, "to_restore", "kept", "covered", "removed", "failed", "waits", "missing")
BAD = ("failed", "waits", "missing")


@st.composite
def rows(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """An archive of the result, as C(dokploy_manifest) gives it."""
    outcome = draw(st.sampled_from(OUTCOMES))
    proof = draw(st.sampled_from(("checked", "same", "whole", "not_proven"))) if outcome in IN_PLACE else None
    reason = None if outcome in ("restored", "to_restore", "failed", "waits") else "because of it"
    return {
        **ROW,
        "path": f"shop/production/db{number}",
        "file": f"db{number}/a.sql.gz",
        "created_at": f"2026-12-01T02:{draw(st.integers(10, 59))}:00.000Z",
        "outcome": outcome,
        "proof": proof,
        "looked_up": draw(st.booleans()),
        "action": "restore" if outcome in ("restored", "to_restore", "failed", "waits") else "none",
        "reason": reason,
        "seconds": 9.3 if outcome == "restored" else None,
        "failed": outcome == "failed",
        "msg": "cut" if outcome == "failed" else "",
    }


@st.composite
def results(draw: st.DrawFn) -> dict[str, Any]:
    archives = [draw(rows(number)) for number in range(draw(st.integers(0, 5)))]
    names = [(row["kind"], row["path"], row["outcome"]) for row in archives]
    failures = [
        {"kind": kind, "path": path, "msg": draw(st.sampled_from(("cut", "no bucket")))}
        for kind, path, outcome in names
        if outcome in ("failed", "missing")
    ]
    waiting = [
        {"kind": kind, "path": path, "waits_for": {"kind": "database", "path": "a/b/db"}}
        for kind, path, outcome in names
        if outcome == "waits"
    ]
    checks = draw(st.lists(st.sampled_from((True, False, None)), max_size=2))
    unsaved = draw(st.lists(st.booleans(), max_size=2))
    broken = draw(st.booleans()) if not failures else False
    result: dict[str, Any] = {
        "archives": archives,
        "archive_checks": [{**CHECK, "passed": passed} for passed in checks],
        "recovery": {**ABOUT, "missing": [{**MISSING, "left_out": left_out} for left_out in unsaved]},
        "failures": failures,
        "waiting": waiting,
        "failed": bool(failures or waiting or broken),
        "msg": "it failed" if broken else "",
    }
    return result


def facts(result: dict[str, Any]) -> dict[str, Any]:
    archives = result["archives"]
    wanted = [row for row in archives if row["outcome"] not in ("covered", "removed")]
    back = [row for row in archives if row["outcome"] in IN_PLACE]
    bad = [row for row in archives if row["outcome"] in BAD]
    checks = [check["passed"] for check in result["archive_checks"]]
    return {
        "wanted": wanted,
        "back": back,
        "broken": bool(bad) or result["failed"] or False in checks,
        "unproven": [row for row in back if row["proof"] == "not_proven"],
        "unsaved": [row for row in result["recovery"]["missing"] if not row["left_out"]],
    }


@given(results())
def test_each_sentence_of_a_recovery_is_true(result: dict[str, Any]) -> None:
    made = STEPS["recovery_report"](result)
    known, (data,) = facts(result), [table for table in made["tables"] if table["title"] == "Data"]
    headline, note = made["headline"], data["note"]
    # The headline.
    assert headline.startswith("Not everything is recovered") == known["broken"]
    assert headline.startswith("Recovered") == (
        not known["broken"] and not any(row["outcome"] == "to_restore" for row in result["archives"])
    )
    counted = re.match(r"Recovered, with the data of (\d+) archive", headline)
    assert counted is None or int(counted[1]) == len(known["back"])
    assert made["recovered"] == (not known["broken"])
    assert made["good"] == (not known["broken"] and not known["unproven"] and not known["unsaved"])
    # The note above the archives.
    everything = bool(known["back"]) and len(known["back"]) == len(known["wanted"])
    in_doubt = known["broken"] or known["unproven"] or known["unsaved"]
    assert note.startswith("All data is there up to") == (everything and not in_doubt)
    if note.startswith("All data is there up to"):
        assert min(row["created_at"] for row in known["wanted"]) in note
    again = [row for row in known["back"] if row["outcome"] == "present" and row["proof"] == "not_proven"]
    assert ("not looked at again" in note) == (bool(again) and not note.startswith("Nothing is restored"))
    # The notes of the other tables, and the tiles.
    notes = {table["title"]: table["note"] for table in made["tables"]}
    assert notes["Missing"].startswith("Data without an archive is lost") == bool(known["unsaved"])
    assert all(not note for title, note in notes.items() if title not in ("Data", "Errors", "Missing"))
    tiles = {tile["words"]: tile["count"] for tile in made["tiles"]}
    planned = [row for row in result["archives"] if row["outcome"] == "to_restore"]
    missing = [row for row in result["archives"] if row["outcome"] == "missing"]
    assert tiles == {
        **({"archives to restore": len(planned)} if planned else {"archives": len(known["back"])}),
        "errors": len(made["errors"]),
        "checks failed": len(made["failed_checks"]),
        "not proven": len(known["unproven"]),
        "missing": len([*missing, *known["unsaved"]]),
    }
    # Each row.
    for row, cells in zip(result["archives"], data["rows"], strict=True):
        became, proof = cells[4], cells[6]
        assert (became == "restored") == (row["outcome"] == "restored")
        assert (became == "to be restored") == (row["outcome"] == "to_restore" and row["looked_up"])
        assert became.startswith("missing") == (row["outcome"] == "missing")
        assert bool(proof) == (row["outcome"] in IN_PLACE)
    assert STEPS["report_markdown"](made) and STEPS["report_page"](made)


@given(results(), st.sampled_from(("same", "whole", "none")))
def test_a_drill_passes_only_with_all_data_and_its_proof(result: dict[str, Any], require: str) -> None:
    saved = {"archives": [{**row} for row in result["archives"]], "not_saved": []}
    made = STEPS["drill_report"](result, saved, "2026-12-01T04:15:00Z", 81.4, require=require)
    known = facts(result)
    enough = {"same": ("same", "checked"), "whole": ("whole", "same", "checked")}
    proven = require == "none" or all(row["proof"] in enough[require] for row in known["back"])
    due = [row for row in result["archives"] if row["outcome"] != "covered"]
    everything = bool(due) and len(known["back"]) == len(due) and len(due) == len(result["archives"])
    assert made["passed"] == (everything and proven and not known["broken"] and not known["unsaved"])
    assert made["headline"].startswith("The data of") == made["passed"]
    if made["passed"]:
        # A headline names the weakest proof.
        weak = any(row["proof"] == "not_proven" for row in known["back"])
        assert ("not all of it is proven" in made["headline"]) == weak
    tiles = {tile["words"]: tile["count"] for tile in made["tiles"]}
    failed = [service for service in made["services"] if service["why"]]
    assert tiles["without data or proof"] == len(failed)
    assert tiles["services passed"] == len(made["services"]) - len(failed)
    assert not failed or not made["passed"]
    (left,) = [table for table in made["tables"] if table["title"] == "Not removed"]
    assert left["rows"] == []

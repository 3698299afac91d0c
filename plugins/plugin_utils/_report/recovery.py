# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a recovery: what came from when, what is not proven or missing, and how long each part took. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._errors import size_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import (
    counted,
    joined,
    outcomes_table,
    table_of,
)

Row = Mapping[str, Any]


# What may become of an archive, as the result of C(dokploy_manifest) says it.
IN_PLACE = ("restored", "present")
_NOT_WANTED = ("covered", "removed")
NOT_PROVEN = "not_proven"
# By the proof of an archive, what a report says of it.
PROOFS = {"checked": "checked", "same": "same", "whole": "whole", NOT_PROVEN: "not proven", None: ""}


def read_archives(applied: Row) -> List[Row]:
    """The archives of a result. Whatever became of one that a report does not know, it is missing."""
    rows: List[Row] = []
    for row in applied.get("archives") or ():
        outcome, proof = row.get("outcome"), row.get("proof")
        known = {"outcome": outcome if outcome in _BECAME else "missing", "looked_up": bool(row.get("looked_up"))}
        in_place = known["outcome"] in IN_PLACE
        known["proof"] = (proof if proof in PROOFS and proof else NOT_PROVEN) if in_place else None
        rows.append({**row, **known})
    return rows


@dataclass(frozen=True)
class _Outcome:
    """The result of a recovery.

    :param applied: the result of the module. :param errors: what failed, each with its words.
    """

    applied: Row
    errors: List[List[str]]

    def rows(self, name: str) -> List[Row]:
        """A list of the result."""
        return list(self.applied.get(name) or ())

    def of(self, *outcomes: str) -> List[Row]:
        """The archives of which one of these has become."""
        return [row for row in self.rows("archives") if row["outcome"] in outcomes]

    @property
    def about(self) -> Row:
        about: Row = self.applied.get("recovery") or {}
        return about

    @property
    def not_saved(self) -> List[Row]:
        """What the set does not have."""
        return list(self.about.get("missing") or ())

    @property
    def unsaved(self) -> List[Row]:
        """What of that it should have."""
        return [row for row in self.not_saved if not row.get("left_out")]

    @property
    def missing(self) -> List[Row]:
        """What should be back and is not: of the set, and what it should have."""
        return [*self.of("missing"), *self.unsaved]

    @property
    def wanted(self) -> List[Row]:
        """The archives whose data has to be there in the end."""
        return [row for row in self.rows("archives") if row["outcome"] not in _NOT_WANTED]

    @property
    def in_place(self) -> List[Row]:
        return self.of(*IN_PLACE)

    @property
    def planned(self) -> List[Row]:
        """What is not restored yet, as in check mode."""
        return self.of("to_restore")

    @property
    def unproven(self) -> List[Row]:
        return [row for row in self.in_place if row["proof"] == NOT_PROVEN]

    @property
    def absent(self) -> List[Row]:
        """The archives whose data should be in place, and is not."""
        return self.of("missing", "failed", "waits")

    @property
    def failed_checks(self) -> List[Row]:
        """The checks that the data of the set has failed. Data that is kept may be another, and fails none."""
        kept = {(row["kind"], row["path"]) for row in self.of("kept")}
        kept -= {(row["kind"], row["path"]) for row in self.rows("archives") if row["outcome"] != "kept"}
        failed = [check for check in self.rows("archive_checks") if check["passed"] is False]
        return [check for check in failed if (check["kind"], check["path"]) not in kept]

    @property
    def not_looked_at(self) -> List[Row]:
        """What an earlier run has brought back, and nothing has proven in this one."""
        return [row for row in self.of("present") if row["proof"] == NOT_PROVEN]

    @property
    def recovered(self) -> bool:
        """Whether there is a result, nothing has failed, and each archive is in place, or is to be restored."""
        return bool(self.applied) and not (self.absent or self.errors or self.failed_checks)

    @property
    def all_there(self) -> bool:
        """Whether everything of the set was restored by this run, or by an earlier one, and nothing is in doubt."""
        complete = self.in_place and len(self.in_place) == len(self.wanted)
        return bool(complete) and self.recovered and not (self.unproven or self.unsaved)


def recovery_report(
    applied: Row, parts: Sequence[Row] = (), server: str = "", document: str = "", made_at: str = ""
) -> Dict[str, Any]:
    """The report.

    :param applied: the result of C(dokploy_manifest) with C(archives), also of one that failed.
    :param parts: of the recovery, each with its C(name) and its C(seconds).
    """
    result = {**applied, "archives": read_archives(applied)} if applied else {}
    outcome = _Outcome(result, _errors(applied))
    about, times = outcome.about, sorted(str(row["created_at"]) for row in outcome.in_place)
    return {
        "title": "Recovery%s" % (server and " of %s" % server),
        "headline": _headline(outcome),
        "good": outcome.recovered and not outcome.unproven and not outcome.missing,
        "recovered": outcome.recovered,
        "sources": [text for text in (server, document) if text],
        "made_at": made_at,
        "set": {name: about.get(name) for name in ("created_at", "complete", "url", "release")},
        "oldest": times[0] if times else None,
        "newest": times[-1] if times else None,
        "spread_seconds": about.get("spread_seconds"),
        "archives": [dict(row) for row in outcome.rows("archives")],
        "checks": [dict(row) for row in outcome.rows("archive_checks")],
        "not_proven": [_named(row) for row in outcome.unproven],
        "missing": [dict(row) for row in outcome.missing],
        "absent": [_named(row) for row in outcome.absent],
        "failed_checks": [dict(row) for row in outcome.failed_checks],
        # The report of an earlier run tells more of what that has brought back.
        "partial": bool(outcome.of("present")) or not about,
        "errors": outcome.errors,
        "parts": [dict(part) for part in parts],
        "seconds": round(sum(part["seconds"] for part in parts), 1),
        "tiles": _tiles(outcome),
        "tables": [
            _errors_table(outcome.errors),
            _archives_table(outcome),
            outcomes_table("Checks", "Check", outcome.rows("archive_checks")),
            _missing_table(outcome),
            _deployments_table(outcome.rows("deployments")),
            _time_table(parts),
        ],
    }


def _tiles(outcome: _Outcome) -> List[Dict[str, Any]]:
    counts = (
        (len(outcome.planned), "archives to restore", "")
        if outcome.planned
        else (len(outcome.in_place), "archives", ""),
        (len(outcome.errors), "errors", "bad"),
        (len(outcome.failed_checks), "checks failed", "bad"),
        (len(outcome.unproven), "not proven", "warn"),
        (len(outcome.missing), "missing", "bad" if outcome.of("missing") else "warn"),
    )
    return [{"count": count, "words": words, "mood": mood} for count, words, mood in counts]


def _named(row: Row) -> str:
    return " ".join(str(part) for part in (row["kind"], row["path"], row["what"], row["name"]) if part)


def _errors(applied: Row) -> List[List[str]]:
    """What failed, each with its words; what failed for one reason, such as a bucket that is away, in one line."""
    failures = [*(applied.get("failures") or ()), *(row for row in applied.get("deployments") or () if row["failed"])]
    errors = joined([("%s %s" % (failure["kind"], failure["path"]), str(failure["msg"])) for failure in failures])
    for row in applied.get("waiting") or ():
        waited = row["waits_for"]
        errors.append(["%s %s" % (row["kind"], row["path"]), "waits for %s %s" % (waited["kind"], waited["path"])])
    if applied.get("failed") and not errors:
        errors.append(["the run", str(applied.get("msg") or "it failed")])
    return errors


def _headline(outcome: _Outcome) -> str:
    """What has become of everything, from all of its rows."""
    if not outcome.applied:
        return "Nothing was recovered"
    if not outcome.recovered:
        waiting = len(outcome.of("waits"))
        parts = [counted(len(outcome.errors), "error")] if outcome.errors else []
        parts += [counted(len(outcome.failed_checks), "check") + " failed"] if outcome.failed_checks else []
        parts += ["%d missing" % len(outcome.missing)] if outcome.missing else []
        parts += ["%d not restored" % waiting] if waiting else []
        parts += [] if parts else [counted(len(outcome.of("failed")), "archive") + " failed"]
        return "Not everything is recovered: %s" % ", ".join(parts)
    if outcome.planned:
        parts = ["To be recovered, with the data of %s" % counted(len(outcome.planned), "archive")]
        unseen = sum(not row["looked_up"] for row in outcome.planned)
        parts += ["%d not looked at" % unseen] if unseen else []
    elif outcome.rows("archives"):
        parts = ["Recovered, with the data of %s" % counted(len(outcome.in_place), "archive")]
    else:
        parts = ["Recovered, and the set has no archives"]
    earlier, kept = len(outcome.of("present")), len(outcome.of("kept"))
    parts += ["%d of an earlier run" % earlier] if earlier else []
    parts += ["%d kept" % kept] if kept else []
    parts += ["%d not proven" % len(outcome.unproven)] if outcome.unproven else []
    parts += ["%d missing" % len(outcome.missing)] if outcome.missing else []
    return ", ".join(parts)


def _errors_table(errors: List[List[str]]) -> Dict[str, Any]:
    note = "Run it again when they are mended."
    return table_of("Errors", note, ["What", "Error"], errors, ["bad"] * len(errors))


def _time_table(parts: Sequence[Row]) -> Dict[str, Any]:
    rows = [[str(part["name"]), "%.1f" % part["seconds"]] for part in parts]
    return table_of("Time", "", ["Part", "Seconds"], rows, [""] * len(rows))


def _data_note(outcome: _Outcome) -> str:
    """From when the data is, as far as it was looked at."""
    times = sorted(str(row["created_at"]) for row in outcome.wanted)
    if not times:
        return ""
    earlier = len(outcome.not_looked_at)
    again = " %s of an earlier run was not looked at again." % counted(earlier, "archive") if earlier else ""
    again = again.replace("archives of an earlier run was", "archives of an earlier run were")
    if outcome.all_there:
        return "All data is there up to %s. The newest archive is of %s.%s" % (times[0], times[-1], again)
    if outcome.planned and outcome.recovered and not outcome.in_place:
        return "Nothing is restored yet. The archives are of %s to %s." % (times[0], times[-1])
    there = "%d of %s in place" % (len(outcome.in_place), counted(len(outcome.wanted), "archive"))
    return "Not all data is known to be there: %s, %d of them not proven.%s" % (there, len(outcome.unproven), again)


# What became of an archive, in words; of what is C(failed) or C(missing), the reason follows.
_BECAME = {
    "restored": "restored",
    "present": "restored by an earlier run",
    "to_restore": "to be restored",
    "waits": "not restored: what it needs has failed",
    "failed": "failed: %s",
    "missing": "missing: %s",
    "kept": "kept: what was there stays",
    "covered": "%s",
    "removed": "%s",
}
_MOODS = {"failed": "bad", "missing": "bad", "waits": "bad", "kept": "warn"}


def _became(row: Row) -> str:
    text = _BECAME[row["outcome"]]
    if row["outcome"] == "to_restore" and not row["looked_up"]:
        return "not looked at"
    if row["outcome"] == "present" and row["proof"] == NOT_PROVEN:
        return "%s, not looked at again" % text
    text = text % (row["msg"] or row["reason"] or row["outcome"]) if "%s" in text else text
    saved = row.get("saved_first")
    return "%s; what it replaces is saved as %s" % (text, saved["file"]) if saved else text


def _archives_table(outcome: _Outcome) -> Dict[str, Any]:
    rows, moods = [], []
    for row in outcome.rows("archives"):
        seconds = "" if row["seconds"] is None else "%.1f" % row["seconds"]
        what = " ".join(filter(None, (row["what"], row["name"], row["service"] and "of %s" % row["service"])))
        named = ["%s %s" % (row["kind"], row["path"]), what]
        proof = PROOFS[row["proof"]]
        rows.append([*named, row["created_at"], size_in_words(row["size"]), _became(row), seconds, proof])
        moods.append(_MOODS.get(row["outcome"], "warn" if row["proof"] == NOT_PROVEN else ""))
    head = ["Service", "Data", "From", "Size", "What became of it", "Seconds", "Proof"]
    return table_of("Data", _data_note(outcome), head, rows, moods)


def _missing_table(outcome: _Outcome) -> Dict[str, Any]:
    """What is not back: archives that were not restored, and what the set does not have."""
    lost = [(row, "bad") for row in outcome.of("missing")]
    lost += [(row, "" if row.get("left_out") else "warn") for row in outcome.not_saved]
    rows = [
        ["%s %s" % (row["kind"], row["path"]), " ".join(filter(None, (row["what"], row["name"]))), row["reason"]]
        for row, _mood in lost
    ]
    note = "Data without an archive is lost, unless it is somewhere else." if outcome.unsaved else ""
    return table_of("Missing", note, ["Service", "Data", "Why"], rows, [mood for _row, mood in lost])


def _deployments_table(deployments: Sequence[Row]) -> Dict[str, Any]:
    rows, moods = [], []
    for row in deployments:
        seconds = row.get("seconds")
        duration = "" if seconds is None else "%.1f" % seconds
        rows.append(["%s %s" % (row["kind"], row["path"]), str(row["status"] or ""), duration])
        moods.append("bad" if row["failed"] else "")
    return table_of("Deployments", "", ["Service", "Status", "Seconds"], rows, moods)

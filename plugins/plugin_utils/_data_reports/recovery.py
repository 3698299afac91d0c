# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a recovery: what came from when, what is not proven or missing, and how long each part took. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._errors import size_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._data_reports.tables import outcomes_table, table_of

Row = Mapping[str, Any]


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

    @property
    def about(self) -> Row:
        about: Row = self.applied.get("recovery") or {}
        return about

    @property
    def not_saved(self) -> List[Row]:
        """What the set does not have."""
        return list(self.about.get("missing") or ())

    @property
    def missing(self) -> List[Row]:
        """What of that it should have."""
        return [row for row in self.not_saved if not row.get("left_out")]

    @property
    def due(self) -> List[Row]:
        return [row for row in self.rows("archives") if row["action"] == "restore"]

    @property
    def restored(self) -> List[Row]:
        return [row for row in self.due if row["seconds"] is not None]

    @property
    def unproven(self) -> List[Row]:
        return [row for row in self.restored if row["proven"] is None]

    @property
    def planned(self) -> bool:
        """Whether nothing is restored yet, as in check mode."""
        return bool(self.due) and not (self.restored or self.errors)


def recovery_report(
    applied: Row, parts: Sequence[Row] = (), server: str = "", document: str = "", made_at: str = ""
) -> Dict[str, Any]:
    """The report.

    :param applied: the result of C(dokploy_manifest) with C(archives), also of one that failed.
    :param parts: of the recovery, each with its C(name) and its C(seconds).
    """
    outcome = _Outcome(applied, _errors(applied))
    about, good = outcome.about, not outcome.errors
    return {
        "title": "Recovery%s" % (server and " of %s" % server),
        "headline": _headline(outcome),
        "good": good and not outcome.unproven and not outcome.missing,
        "recovered": good,
        "sources": [text for text in (server, document) if text],
        "made_at": made_at,
        "set": {name: about.get(name) for name in ("created_at", "complete", "url", "release")},
        **{name: about.get(name) for name in ("oldest", "newest", "spread_seconds")},
        "archives": [dict(row) for row in outcome.rows("archives")],
        "checks": [dict(row) for row in outcome.rows("archive_checks")],
        "not_proven": [_named(row) for row in outcome.unproven],
        "missing": [dict(row) for row in outcome.missing],
        "errors": outcome.errors,
        "parts": [dict(part) for part in parts],
        "seconds": round(sum(part["seconds"] for part in parts), 1),
        "tiles": _tiles(outcome),
        "tables": [
            _errors_table(outcome.errors),
            _archives_table(outcome),
            outcomes_table("Checks", "Check", outcome.rows("archive_checks")),
            _missing_table(outcome.not_saved),
            _deployments_table(outcome.rows("deployments")),
            _time_table(parts),
        ],
    }


def _tiles(outcome: _Outcome) -> List[Dict[str, Any]]:
    failed = sum(check["passed"] is False for check in outcome.rows("archive_checks"))
    archives = outcome.due if outcome.planned else outcome.restored
    counts = (
        (len(archives), "archives %s" % ("to restore" if outcome.planned else "restored"), ""),
        (len(outcome.errors), "errors", "bad"),
        (failed, "checks failed", "bad"),
        (len(outcome.unproven), "not proven", "warn"),
        (len(outcome.missing), "missing", "warn"),
    )
    return [{"count": count, "words": words, "mood": mood} for count, words, mood in counts]


def _named(row: Row) -> str:
    return " ".join(str(part) for part in (row["kind"], row["path"], row["what"], row["name"]) if part)


def _errors(applied: Row) -> List[List[str]]:
    """What failed, each with its words."""
    failures = [*(applied.get("failures") or ()), *(row for row in applied.get("deployments") or () if row["failed"])]
    errors = [["%s %s" % (failure["kind"], failure["path"]), str(failure["msg"])] for failure in failures]
    for row in applied.get("waiting") or ():
        waited = row["waits_for"]
        errors.append(["%s %s" % (row["kind"], row["path"]), "waits for %s %s" % (waited["kind"], waited["path"])])
    if applied.get("failed") and not errors:
        errors.append(["the run", str(applied.get("msg") or "it failed")])
    return errors


def _headline(outcome: _Outcome) -> str:
    errors, archives = len(outcome.errors), outcome.due if outcome.planned else outcome.restored
    if errors:
        return "Not everything is recovered: %d %s" % (errors, "error" if errors == 1 else "errors")
    verb, noun = "To be recovered" if outcome.planned else "Recovered", "archive" if len(archives) == 1 else "archives"
    parts = ["%s, with the data of %d %s" % (verb, len(archives), noun)]
    parts += ["%d not proven" % len(outcome.unproven)] if outcome.unproven else []
    parts += ["%d missing" % len(outcome.missing)] if outcome.missing else []
    return ", ".join(parts)


def _errors_table(errors: List[List[str]]) -> Dict[str, Any]:
    note = "Run it again when they are mended."
    return table_of("Errors", note, ["What", "Error"], errors, ["bad"] * len(errors))


def _time_table(parts: Sequence[Row]) -> Dict[str, Any]:
    rows = [[str(part["name"]), "%.1f" % part["seconds"]] for part in parts]
    return table_of("Time", "", ["Part", "Seconds"], rows, [""] * len(rows))


def _archives_table(outcome: _Outcome) -> Dict[str, Any]:
    about, note = outcome.about, ""
    if about.get("oldest"):
        note = "All data is there up to %s. The newest archive is of %s." % (about["oldest"], about["newest"])
    otherwise = "to be restored" if outcome.planned else "not restored"
    rows, moods = [], []
    for row in outcome.rows("archives"):
        is_restored = row["seconds"] is not None
        seconds = "%.1f" % row["seconds"] if is_restored else ""
        proven = {True: "yes", False: "no", None: "not proven" if is_restored else ""}[row["proven"]]
        became = "restored" if is_restored else otherwise if row["action"] == "restore" else row["reason"]
        became = "failed: %s" % row["msg"] if row["failed"] else became
        what = " ".join(filter(None, (row["what"], row["name"], row["service"] and "of %s" % row["service"])))
        named = ["%s %s" % (row["kind"], row["path"]), what]
        rows.append([*named, row["created_at"], size_in_words(row["size"]), str(became), seconds, proven])
        moods.append("bad" if row["failed"] or row["proven"] is False else "warn" if proven == "not proven" else "")
    head = ["Service", "Data", "From", "Size", "What became of it", "Seconds", "Proven"]
    return table_of("Data", note, head, rows, moods)


def _missing_table(missing: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        ["%s %s" % (row["kind"], row["path"]), " ".join(filter(None, (row["what"], row["name"]))), row["reason"]]
        for row in missing
    ]
    moods = ["" if row.get("left_out") else "warn" for row in missing]
    note = "The set has no archive of it. What was there is lost, unless it is somewhere else."
    return table_of("Missing", note, ["Service", "Data", "Why"], rows, moods)


def _deployments_table(deployments: Sequence[Row]) -> Dict[str, Any]:
    rows, moods = [], []
    for row in deployments:
        seconds = row.get("seconds")
        duration = "" if seconds is None else "%.1f" % seconds
        rows.append(["%s %s" % (row["kind"], row["path"]), str(row["status"] or ""), duration])
        moods.append("bad" if row["failed"] else "")
    return table_of("Deployments", "", ["Service", "Status", "Seconds"], rows, moods)

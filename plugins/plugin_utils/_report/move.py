# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a step of a move: what came from where, the time without service, what is left to do. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.plugin_utils._moves.states import BACK, FINISH, PREPARE, SWITCH
from ansible_collections.community.dokploy.plugins.plugin_utils._report.drill import in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import (
    outcomes_table,
    table_of,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._report.recovery import IN_PLACE, recovery_report

Row = Mapping[str, Any]
_DONE = {
    PREPARE: "Prepared: the configuration is at the target",
    SWITCH: "Switched: the target is live",
    FINISH: "Finished: the source is removed",
    BACK: "Back: the source runs, and the target is removed",
}
_PLANNED = {
    PREPARE: "To be prepared",
    SWITCH: "To be switched",
    FINISH: "To be finished",
    BACK: "To be taken back",
}


def move_report(
    step: str,
    applied: Row,
    services: Sequence[Row] = (),
    source: str = "",
    target: str = "",
    made_at: str = "",
    parts: Sequence[Row] = (),
    without_service: Any = None,
    left: Sequence[str] = (),
    planned: bool = False,
    error: str = "",
    unanswered: Sequence[Row] = (),
) -> Dict[str, Any]:
    """The report.

    :param applied: the result of C(dokploy_manifest) at the target, also of one that failed.
    :param services: those that move, as C(move_services) gives them.
    :param without_service: seconds from the stop of the source until the target was checked; C(None) or an empty text
        without a stop.
    :param left: what is left to do, a sentence each. :param planned: nothing was done, as in check mode.
    :param error: why the step failed. :param unanswered: the checks without which the copy was made.
    """
    seconds = None if without_service in (None, "") else float(without_service)
    report = recovery_report(applied, parts, source, target, made_at)
    checks = [*report["checks"], *(dict(row) for row in unanswered)] if applied else []
    errors: List[List[str]] = [*report["errors"]]
    if error and not errors:
        errors.append(["the step", error])
    report.update(
        title="Move%s%s, %s" % (source and " from %s" % source, target and " to %s" % target, step),
        headline=_headline(step, {**report, "errors": errors, "checks": checks}, planned, seconds),
        good=not errors and (report["good"] or not applied),
        sources=[text for text in (source, target) if text],
        step=step,
        errors=errors,
        checks=checks,
        services=[dict(service) for service in services],
        without_service_seconds=None if seconds is None else round(seconds, 1),
        left=list(left),
    )
    del report["recovered"]
    counts = [{"count": len(services), "words": "services", "mood": ""}, *report["tiles"]]
    counts[2] = {"count": len(errors), "words": "errors", "mood": "bad"}
    report["tiles"] = counts
    note = "Run the step again when they are mended."
    report["tables"] = [
        table_of("Errors", note, ["What", "Error"], errors, ["bad"] * len(errors)),
        _left_table(left),
        _services_table(services),
        *(_checks_table(checks) if table["title"] == "Checks" else table for table in report["tables"][1:]),
    ]
    return report


def _headline(step: str, report: Row, planned: bool, without_service: Optional[float]) -> str:
    errors = len(report["errors"])
    if errors:
        return "The step %s has failed: %d %s" % (step, errors, "error" if errors == 1 else "errors")
    if planned:
        return _PLANNED[step]
    took = "" if without_service is None else ", %s without service" % in_words(without_service)
    return "%s%s%s%s" % (_DONE[step], took, _of_data(step, report), _of_waiting(report))


def _of_waiting(report: Row) -> str:
    """What the headline says of the checks that have neither passed nor failed yet."""
    waiting = sum(bool(check.get("waits")) for check in report["checks"])
    return ", %d %s for the switch" % (waiting, "check waits" if waiting == 1 else "checks wait") if waiting else ""


def _of_data(step: str, report: Row) -> str:
    """What the headline says of the data that a step has copied."""
    absent, failed = len(report["absent"]), len(report["failed_checks"])
    counts = (
        (absent, "archive not there" if absent == 1 else "archives not there"),
        (failed, "check failed" if failed == 1 else "checks failed"),
        (len(report["not_proven"]), "not proven"),
        (len(report["missing"]), "missing"),
    )
    words = ["%d %s" % (count, text) for count, text in counts if count]
    if words:
        return "; of the data, %s" % ", ".join(words)
    copied = any(row["outcome"] in IN_PLACE for row in report["archives"])
    return ", and a first copy of the data fits" if step == PREPARE and copied else ""


def _checks_table(checks: Sequence[Row]) -> Dict[str, Any]:
    return outcomes_table("Checks", "Check", checks, waits="waits for the switch")


def _left_table(left: Sequence[str]) -> Dict[str, Any]:
    return table_of("Left to do", "", ["What"], [[text] for text in left], ["warn"] * len(left))


def _services_table(services: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        [service["kind"], service["path"], "yes" if service["runs"] else "no", ", ".join(service["hosts"])]
        for service in services
    ]
    return table_of("Services", "", ["Kind", "Path", "Ran", "Hosts"], rows, [""] * len(rows))

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a drill: which services of a backup set have come back, what proves it, and how long it took. Pure.

The recovery point objective, RPO, is what would be lost: the time from the archive of a service to the drill. The
recovery time objective, RTO, is how long it took until everything was back and checked.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.kinds import ARCHIVE_KINDS
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import table_of
from ansible_collections.community.dokploy.plugins.plugin_utils._report.recovery import (
    IN_PLACE,
    NOT_PROVEN,
    PROOFS,
    read_archives,
    recovery_report,
)

Row = Mapping[str, Any]
_NO_DATA = "no data came back"
#: How much proof a drill can require of each archive, and which proofs are enough.
ENOUGH: Mapping[str, Sequence[Optional[str]]] = {
    "same": ("same", "checked"),
    "whole": ("whole", "same", "checked"),
    "none": (None, NOT_PROVEN, "whole", "same", "checked"),
}


def drill_report(
    applied: Row,
    saved: Row,
    began_at: str,
    seconds: float,
    server: str = "",
    document: str = "",
    left: Sequence[str] = (),
    require: str = "same",
) -> Dict[str, Any]:
    """The report.

    :param applied: the result of C(dokploy_manifest) with C(archives), also of one that failed.
    :param saved: the content of C(archives.yml). :param began_at: ISO 8601. :param seconds: of the recovery.
    :param left: what could not be removed. :param require: a key of C(ENOUGH).
    :raises ValueError: there is no such key.
    """
    if require not in ENOUGH:
        raise ValueError("require takes %s, not %r" % (", ".join(ENOUGH), require))
    seconds = float(seconds)
    parts = [{"name": "recovery", "seconds": seconds}]
    report = recovery_report(applied, parts, server, document, began_at)
    services = [_service(name, applied, saved, began_at, require) for name in _with_data(saved)]
    unsaved = (applied.get("recovery") or {}).get("missing") or ()
    services += [_without_archive(row) for row in unsaved if not (row.get("left_out") or _is_named(row, saved))]
    bad = [service for service in services if service["why"]]
    failures = [*report["errors"], *report["failed_checks"]]
    passed = bool(services) and not (bad or failures or left)
    points = [service["rpo_seconds"] for service in services if service["rpo_seconds"] is not None]
    rpo = max(points) if points else None
    report.update(
        title="Drill%s" % (server and " on %s" % server),
        headline=_headline(passed, services, bad, failures, left, rpo, seconds),
        good=passed,
        passed=passed,
        rpo_seconds=rpo,
        rto_seconds=round(seconds, 1),
        services=services,
        left=list(left),
    )
    report["tiles"] = [
        {"count": len(services) - len(bad), "words": "services passed", "mood": ""},
        {"count": len(bad), "words": "without data or proof", "mood": "bad"},
        *report["tiles"][1:3],
        {"count": len(left), "words": "not removed", "mood": "bad"},
    ]
    report["tables"] = [_services_table(services), _left_table(left), *report["tables"]]
    return report


def _with_data(saved: Row) -> List[Tuple[str, str]]:
    """The services of a set that have data: the kind and the path of each."""
    rows = [*(saved.get("archives") or ()), *_lacking(saved)]
    return list(dict.fromkeys((str(row["kind"]), str(row["path"])) for row in rows))


def _service(name: Tuple[str, str], applied: Row, saved: Row, began_at: str, require: str) -> Dict[str, Any]:
    """What became of the data of a service, which the result names by the files of its archives."""
    files = {row["file"] for row in _of(name, saved.get("archives"))}
    own = [row for row in read_archives(applied) if row["file"] in files]
    due = [row for row in own if row["outcome"] != "covered"]
    back = [row for row in due if row["outcome"] in IN_PLACE]
    is_listed = files <= {row["file"] for row in own}
    came_back = is_listed and bool(back) and len(back) == len(due)
    proofs = [row["proof"] for row in back]
    times = [row["seconds"] for row in back if row["seconds"] is not None]
    why = _lost(_of(name, _lacking(saved)))
    if why is None:
        why = _weak_proof(back, saved["archives"], applied, require) if came_back else _not_back(due)
    return {
        "kind": name[0],
        "path": name[1],
        "came_back": came_back,
        "proof": min(proofs, key=_STRENGTH.index) if proofs else None,
        "rpo_seconds": _age_of_oldest(back, began_at),
        "seconds": round(sum(times), 1) if times else None,
        "why": why,
    }


def _age_of_oldest(back: Sequence[Row], began_at: str) -> Optional[float]:
    """How old the oldest of what came back is; C(None) if nothing did."""
    ages = [(instant(began_at) - instant(row["created_at"])).total_seconds() for row in back]
    return round(max(0.0, *ages), 1) if ages else None


def _weak_proof(back: Sequence[Row], archives: Sequence[Row], applied: Row, require: str) -> Optional[str]:
    """Why what came back is not proven as it is required, and what to do; C(None) if it is.

    :param archives: those of the set.
    """
    paths = {row["path"] for row in back}
    checks = [check for check in applied.get("archive_checks") or () if check["path"] in paths]
    if any(check["passed"] is False for check in checks):
        return "a check of it has failed"
    files = {row["file"]: row["proof"] for row in back}
    weak = [row for row in archives if row["file"] in files and files[row["file"]] not in ENOUGH[require]]
    if not weak:
        return None
    weakest = min(weak, key=lambda row: _STRENGTH.index(files[row["file"]]))
    why = "%s, and %s is required" % (PROOFS[files[weakest["file"]]] or PROOFS[NOT_PROVEN], require)
    return "%s: %s" % (why, _advice(weakest, require))


def _advice(archive: Row, require: str) -> str:
    """What gives an archive of the set the proof that it lacks."""
    kind = ARCHIVE_KINDS.get(str(archive.get("method")))
    advice = kind.fingerprinted_if(archive.get("database_type")) if kind and not archive.get("fingerprint") else ""
    if (archive.get("fingerprint") or {}).get("estimated"):
        advice = "raise count_rows_below above the size of its tables"
    parts = [part for part in (advice, "state a check of it") if part]
    return "%s, or require less" % ", ".join(parts)


# The proofs of archives, weaker ones first.
_STRENGTH: Sequence[Optional[str]] = (None, NOT_PROVEN, "whole", "same", "checked")


def _lacking(saved: Row) -> List[Row]:
    """What the set should have."""
    return [row for row in saved.get("not_saved") or () if not row.get("left_out")]


def _is_named(missing: Row, saved: Row) -> bool:
    """Whether the set says of data that a recovery lacks, under other names, that it does not have it."""
    names = "kind", "what", "reason"
    return any(all(row[name] == missing[name] for name in names) for row in _lacking(saved))


def _without_archive(missing: Row) -> Dict[str, Any]:
    """What became of a service of the document of which the set says nothing."""
    named = {"kind": missing["kind"], "path": missing["path"], "came_back": False, "proof": None}
    return {**named, "rpo_seconds": None, "seconds": None, "why": "%s: %s" % (_NO_DATA, missing["reason"])}


def _of(name: Tuple[str, str], rows: Optional[Sequence[Row]]) -> List[Row]:
    return [row for row in rows or () if (row["kind"], row["path"]) == name]


def _lost(rows: Sequence[Row]) -> Optional[str]:
    """Why not all data of a service can come back."""
    for row in rows:
        return "the set lacks %s: %s" % (row.get("name") or row["what"], row["reason"])
    return None


def _not_back(due: Sequence[Row]) -> str:
    reasons = (row["msg"] or row["reason"] for row in due if row["outcome"] not in IN_PLACE)
    why = next(filter(None, reasons), "")
    return "%s: %s" % (_NO_DATA, why) if why else _NO_DATA


def _headline(
    passed: bool,
    services: Sequence[Row],
    bad: Sequence[Row],
    errors: Sequence[Any],
    left: Sequence[str],
    rpo: Optional[float],
    seconds: float,
) -> str:
    counted = "service" if len(services) == 1 else "services"
    if passed:
        text = "The data of %d %s came back%s. RPO %s, RTO %s"
        weakest = min((service["proof"] for service in services), key=_STRENGTH.index)
        return text % (len(services), counted, _PROVEN[weakest], in_words(rpo or 0.0), in_words(seconds))
    if not services:
        return "The set has no service with data"
    parts = ["%d of %d %s without data or proof" % (len(bad), len(services), counted)] if bad else []
    parts += ["%d %s" % (len(errors), "error" if len(errors) == 1 else "errors")] if errors else []
    parts += ["%d not removed" % len(left)] if left else []
    return "The drill failed: %s" % ", ".join(parts)


# What a headline says where no service has a weaker proof.
_PROVEN: Mapping[Optional[str], str] = {
    "checked": ", and its checks have passed",
    "same": " and is the same",
    "whole": " and is whole",
    NOT_PROVEN: ", and not all of it is proven",
    None: ", and not all of it is proven",
}


def in_words(seconds: float) -> str:
    """A span: C(45 s), C(12 min), C(5.5 h), C(3.0 d)."""
    for size, unit in ((86400.0, "d"), (3600.0, "h")):
        if seconds >= size:
            return "%.1f %s" % (seconds / size, unit)
    return "%.0f min" % (seconds / 60) if seconds >= 120 else "%.0f s" % seconds


def _services_table(services: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        [
            "%s %s" % (service["kind"], service["path"]),
            "yes" if service["came_back"] else "no",
            PROOFS[service["proof"]],
            "" if service["rpo_seconds"] is None else in_words(service["rpo_seconds"]),
            "" if service["seconds"] is None else "%.1f" % service["seconds"],
            service["why"] or "",
        ]
        for service in services
    ]
    head = ["Service", "Came back", "Proof", "RPO", "Seconds", ""]
    return table_of("Services", "", head, rows, ["bad" if service["why"] else "" for service in services])


def _left_table(left: Sequence[str]) -> Dict[str, Any]:
    note = "The next drill removes it. Until then it takes room on the server."
    return table_of("Not removed", note, ["What"], [[text] for text in left], ["bad"] * len(left))

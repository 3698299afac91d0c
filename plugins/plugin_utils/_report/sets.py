# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup set has and what it lacks, as a report: what is saved, beside the set before, and what proves it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import size_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import joined, table_of

Row = Mapping[str, Any]


def backup_set_report(
    made: Row, before: Optional[Row] = None, server: str = "", folder: str = "", made_at: str = "", seconds: float = 0
) -> Dict[str, Any]:
    """The report.

    :param made: the result of C(dokploy_backup_set), also of one that failed.
    :param before: the content of C(archives.yml) of an earlier set.
    """
    saved: Row = made.get("set") or {}
    not_saved: Sequence[Row] = made.get("not_saved") or ()
    gone: Sequence[Row] = made.get("gone") or ()
    # Without a set, nothing is known of what is saved now.
    compared = _compared(saved, (before or {}) if saved else {})
    complete = _is_complete(made)
    report: Dict[str, Any] = {
        "title": "Backup set%s" % (server and " of %s" % server),
        "headline": _headline(made, compared),
        "good": complete and not (compared.smaller or compared.lost or gone),
        "complete": complete,
        "sources": [text for text in (server, folder) if text],
        "made_at": made_at,
        "seconds": round(float(seconds), 1),
        "set": dict(saved) or None,
        "not_saved": [dict(row) for row in not_saved],
        "smaller": compared.smaller,
        "lost": compared.lost,
        "gone": [dict(row) for row in gone],
        "msg": made.get("msg") or "",
    }
    report["tiles"] = _tiles(made, compared)
    report["tables"] = [
        _errors_table(made),
        _not_saved_table(not_saved),
        _gone_table(gone),
        _archives_table(saved, compared.sizes) if saved else _plan_table(made.get("plan") or ()),
        _checks_table(saved.get("checks") or ()),
        _lost_table(compared.lost),
        _services_table(saved.get("services") or ()),
    ]
    return report


def _is_complete(made: Row) -> bool:
    """What is wrong with earlier sets makes the task fail, and takes nothing from this one."""
    return bool(made.get("complete")) and bool(made.get("gone") or not made.get("failed"))


class _Compared(NamedTuple):
    """The archives beside those of an earlier set.

    :param sizes: those before, by what they are of. :param smaller: what has less than half of that.
    :param lost: what is not saved any more.
    """

    sizes: Mapping[Tuple[str, ...], int]
    smaller: List[str]
    lost: List[str]


def _compared(saved: Row, before: Row) -> _Compared:
    names, names_before = _app_names(saved), _app_names(before)
    archives = [(_data(row, names), row) for row in saved.get("archives") or ()]
    earlier = [(_data(row, names_before), row) for row in before.get("archives") or ()]
    sizes = {data: int(row["size"]) for data, row in earlier}
    smaller = [_line(row) for data, row in archives if int(row["size"]) * 2 < sizes.get(data, 0)]
    known = {data for data, _row in archives}
    return _Compared(sizes, smaller, [_line(row) for data, row in earlier if data not in known])


def _app_names(saved: Row) -> Dict[Tuple[str, str], str]:
    """The names in Docker of the services of a set, by their kinds and paths."""
    services = saved.get("services") or ()
    return {(str(row["kind"]), str(row["path"])): str(row["app_name"] or "") for row in services}


def _data(row: Row, app_names: Mapping[Tuple[str, str], str]) -> Tuple[str, ...]:
    """What an archive is of. The name of a service in Docker is another one after a recovery, also in its volumes."""
    kind, path = str(row["kind"]), str(row["path"])
    volume, app_name = str(row.get("volume") or ""), app_names.get((kind, path), "")
    if app_name and volume.startswith(app_name):
        volume = volume.replace(app_name, "*", 1)
    names = (row.get("service"), (row.get("database") or {}).get("name"), row.get("bind"))
    return (kind, path, str(row["what"]), volume, *(str(name or "") for name in names))


def _line(row: Row) -> str:
    names = ((row.get("database") or {}).get("name"), row.get("volume"), row.get("bind"))
    return " ".join(str(part) for part in (row["kind"], row["path"], row["what"], *names) if part)


def _tiles(made: Row, compared: _Compared) -> List[Dict[str, Any]]:
    saved: Row = made.get("set") or {}
    lacking, left_out = _lacking(made), len(made.get("not_saved") or ()) - len(_lacking(made))
    checks = saved.get("checks") or ()
    counts = (
        (len(saved.get("archives") or ()), "archives", "")
        if saved
        else (len(made.get("plan") or ()), "archives to make", ""),
        (len(checks), "checks", ""),
        (len(_failed(checks)), "checks failed", "bad"),
        (len(lacking), "not saved", "bad"),
        (left_out, "left out", ""),
        (len(compared.smaller), "less than half of before", "warn"),
        (len(compared.lost), "saved before, and not now", "warn"),
        (len(_archives_gone(made)), "archives of earlier sets missing or changed", "bad"),
        (len(_not_looked_at(made)), "destinations not looked at", "bad"),
    )
    return [{"count": count, "words": words, "mood": mood} for count, words, mood in counts]


def _lacking(made: Row) -> List[Row]:
    """What is not saved, and nobody has left out."""
    return [row for row in made.get("not_saved") or () if not row.get("left_out")]


def _failed(checks: Sequence[Row]) -> List[Row]:
    return [check for check in checks if check["exit_code"]]


def _archives_gone(made: Row) -> List[Row]:
    """The archives of earlier sets that are not in their buckets as they were saved."""
    return [row for row in made.get("gone") or () if row["file"] is not None]


def _not_looked_at(made: Row) -> List[Row]:
    """The destinations whose archives the task could not look at."""
    return [row for row in made.get("gone") or () if row["file"] is None]


def _headline(made: Row, compared: _Compared) -> str:
    archives: Sequence[Row] = (made.get("set") or {}).get("archives") or ()
    lacking, gone = len(_lacking(made)), _gone_in_words(made)
    not_saved = ["%d not saved" % lacking] if lacking else []
    if made.get("set") is None:
        if made.get("failed") and not gone:
            return "There is no set"
        return ", ".join(["%s would be made" % _count(len(made.get("plan") or ())), *not_saved, *gone])
    if not _is_complete(made):
        failed = len(_failed(made["set"].get("checks") or ()))
        checks = ["%d %s" % (failed, "check failed" if failed == 1 else "checks failed")] if failed else []
        return "The set is not complete: %s" % ", ".join([_count(len(archives)), *not_saved, *checks, *gone])
    parts = ["The set is complete: %s" % _count(len(archives)) if archives else "The set has no data"]
    parts += ["%d less than half of before" % len(compared.smaller)] if compared.smaller else []
    parts += ["%d saved before, and not now" % len(compared.lost)] if compared.lost else []
    return ", ".join([*parts, *gone])


def _gone_in_words(made: Row) -> List[str]:
    archives, destinations = len(_archives_gone(made)), len(_not_looked_at(made))
    parts = ["%s of earlier sets missing or changed" % _count(archives)] if archives else []
    noun = "destination" if destinations == 1 else "destinations"
    return parts + (["%d %s not looked at" % (destinations, noun)] if destinations else [])


def _count(number: int) -> str:
    return "%d %s" % (number, "archive" if number == 1 else "archives")


def _named(row: Row) -> List[str]:
    named = row.get("name") or (row.get("database") or {}).get("name") or row.get("volume") or row.get("bind")
    inside = "of %s" % row["service"] if row.get("service") else ""
    return ["%s %s" % (row["kind"], row["path"]), " ".join(filter(None, (row["what"], named, inside)))]


def _errors_table(made: Row) -> Dict[str, Any]:
    """Why there is no set, or no document of it, a line each. What else a set lacks, the other tables show."""
    saved = made.get("set")
    is_listed = bool(made.get("complete") and made.get("gone")) or (saved is not None and not saved.get("complete"))
    rows = [[line] for line in str(made.get("msg") or "").splitlines() if line] if made.get("failed") else []
    rows = [] if is_listed else rows
    return table_of("Errors", "", ["Error"], rows, ["bad"] * len(rows))


def _not_saved_table(not_saved: Sequence[Row]) -> Dict[str, Any]:
    rows = joined([(" ".join(_named(row)), str(row["reason"])) for row in not_saved])
    return table_of("Not saved", "", ["Data", "Why"], rows, ["warn"] * len(rows))


def _gone_table(gone: Sequence[Row]) -> Dict[str, Any]:
    rows = []
    for row in gone:
        service = "" if row["file"] is None else _named(row)[0]
        data = "" if row["file"] is None else _named(row)[1]
        place = ": ".join(filter(None, (row["destination"], row["file"])))
        rows.append([row["set"] or "", service, data, place, row["reason"]])
    note = "Remove the folders of sets that are not usable." if any(row["set"] for row in gone) else ""
    head = ["Set", "Service", "Data", "Where", "Why"]
    return table_of("Earlier sets", note, head, rows, ["bad"] * len(rows))


def _archives_table(saved: Row, sizes: Mapping[Tuple[str, ...], int]) -> Dict[str, Any]:
    app_names = _app_names(saved)
    rest = {True: "at rest", False: "while it ran", None: ""}
    rows, moods = [], []
    for row in saved.get("archives") or ():
        size, earlier = int(row["size"]), sizes.get(_data(row, app_names))
        size_before = "" if earlier is None else size_in_words(earlier)
        place = "%s: %s" % (row["destination"]["name"], row["file"])
        how = " ".join(filter(None, (row["method"], rest[row["at_rest"]])))
        rows.append([*_named(row), how, row["created_at"], size_in_words(size), size_before, place])
        moods.append("warn" if earlier is not None and size * 2 < earlier else "")
    head = ["Service", "Data", "How", "Made at", "Size", "Size before", "Where"]
    return table_of("Archives", "", head, rows, moods)


def _plan_table(plan: Sequence[Row]) -> Dict[str, Any]:
    rows = [[*_named(row), str(row["method"]), str(row["backup"] or "once")] for row in plan]
    return table_of("What would be saved", "", ["Service", "Data", "How", "Backup"], rows, [""] * len(rows))


def _checks_table(checks: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        ["%s %s" % (check["kind"], check["path"]), check["name"], str(check["exit_code"]), check["output"]]
        for check in checks
    ]
    moods = ["bad" if check["exit_code"] else "" for check in checks]
    return table_of("Checks", "", ["Service", "Check", "Exit code", "Output"], rows, moods)


def _lost_table(lost: Sequence[str]) -> Dict[str, Any]:
    return table_of("Saved before, and not now", "", ["Data"], [[text] for text in lost], ["warn"] * len(lost))


def _services_table(services: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        [
            "%s %s" % (service["kind"], service["path"]),
            str(service["app_name"]),
            str(service["digest"] or service["commit"] or service["image"] or ""),
        ]
        for service in services
    ]
    return table_of("Services", "", ["Service", "Name in Docker", "What runs"], rows, [""] * len(rows))

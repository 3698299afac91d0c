# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report about drift says of backups. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._values.paths import split, unescaped
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.exclusions import INNER, Exclusions

Row = Mapping[str, Any]


def oldest_of(backups: Sequence[Row]) -> Optional[Dict[str, Any]]:
    """The backup that runs by itself and whose last success is the longest ago; first, one that never succeeded."""
    running = [backup for backup in backups if backup["enabled"]]
    oldest = min(running, key=lambda backup: str(backup["succeeded_at"] or ""), default=None)
    return None if oldest is None else {name: value for name, value in oldest.items() if name != "enabled"}


def with_archives(backups: Sequence[Dict[str, Any]], coverage: Optional[Row]) -> List[Dict[str, Any]]:
    """Backups of a result, with when the newest archives were made of those without a run that succeeded.

    :param coverage: the result of C(dokploy_backup_info); C(None) if backups are not looked at.
    """
    known = {
        (entry["kind"], entry["path"], backup["name"]): backup["succeeded_at"]
        for entry in (coverage or {}).get("coverage") or ()
        for backup in entry["backups"]
    }
    return [
        {**row, "succeeded_at": row["succeeded_at"] or known.get((row["kind"], row["path"], row["backup"]))}
        for row in backups
    ]


def unread(coverage: Optional[Row]) -> Iterator[Dict[str, Any]]:
    """Why the backups could not be looked at."""
    if coverage is not None and "problems" not in coverage:
        yield {"kind": "backup", "path": "all", "msg": str(coverage.get("msg"))}


def problem_in_words(problem: Row) -> str:
    """What is wrong, with what it is of: C(volume uploads: There is no backup of it.)"""
    named = " ".join(str(part) for part in (problem["what"], problem["service"], problem["name"]) if part)
    return "%s: %s" % (named, problem["msg"])


def problems_of(
    coverage: Optional[Row], applied: Row, exclusions: Exclusions, left_out: List[Tuple[str, str]]
) -> List[Dict[str, Any]]:
    """What is wrong with backups of services in the projects of the document.

    The patterns C(shop/production/web:backups) and C(shop/production/web:backups.uploads) leave out those of a service,
    and of one volume or database of it.

    :param coverage: the result of C(dokploy_backup_info). :param applied: that of C(dokploy_manifest).
    :param left_out: gets the kind and the path of what is left out.
    """
    projects = set(_projects(applied))
    kept = []
    dropped: Set[Tuple[str, str]] = set()
    for problem in (coverage or {}).get("problems") or ():
        key = (problem["kind"], problem["path"])
        if _project(problem["path"]) not in projects:
            continue
        if exclusions.has(*key) or exclusions.has_option(*key, ("backups", str(problem["name"]))):
            dropped.add(key)
        else:
            kept.append(dict(problem))
    left_out += sorted(dropped.difference(left_out))
    return kept


def _projects(applied: Row) -> Iterator[str]:
    """The projects that a document names, or that it names something in."""
    for row in applied.get("resources") or ():
        if row["state"] != "absent" and row["kind"] in ("project", *INNER):
            yield row["path"] if row["kind"] == "project" else _project(row["path"])


def _project(path: str) -> str:
    return unescaped(split(path)[0])

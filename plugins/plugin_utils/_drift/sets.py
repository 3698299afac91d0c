# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report about drift says of the archives of backup sets. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.plugin_utils._drift.exclusions import Exclusions

Row = Mapping[str, Any]

_ALL_THERE = "All %d archives of %d backup sets are in their buckets with their sizes; the newest set is %s"


def sets_unread(looked: Optional[Row]) -> Iterator[Dict[str, Any]]:
    """Why archives of sets could not be looked at.

    :param looked: the C(folder), the C(sets) in it, or a C(msg) why they cannot be read, and the result of
        C(dokploy_backup_info) for these in C(archives); C(None): nobody has asked for them.
    """
    if looked is None:
        return
    if looked.get("msg") or not looked["sets"]:
        yield _error("sets", str(looked.get("msg") or "%s has no backup set" % looked["folder"]))
    elif "gone" not in looked["archives"]:
        yield _error("sets", str(looked["archives"].get("msg")))
    for entry in _gone(looked):
        if entry["set"] is None:
            msg = "backup sets: %s" % entry["reason"]
            yield {"kind": "destination", "path": str(entry["destination"]), "msg": msg}


def _error(path: str, msg: str) -> Dict[str, Any]:
    return {"kind": "backup", "path": path, "msg": msg}


def _gone(looked: Row) -> Sequence[Row]:
    return looked["archives"].get("gone") or ()


def missing_archives(
    looked: Optional[Row], exclusions: Exclusions, left_out: List[Tuple[str, str]]
) -> List[Dict[str, Any]]:
    """The archives that are not in their buckets, as problems of backups.

    A set promises all of its archives, so that those of projects that the document does not name count, too.

    :param left_out: gets the kind and the path of what is left out.
    """
    rows = []
    for entry in () if looked is None else _gone(looked):
        if entry["set"] is None:
            continue
        key = (entry["kind"], entry["path"])
        if exclusions.has(*key) or exclusions.has_option(*key, ("backups", str(entry["name"]))):
            left_out += [key] if key not in left_out else []
            continue
        named = {name: entry[name] for name in ("kind", "path", "what", "name", "service")}
        msg = "%s of the set %s: %s" % (entry["file"], entry["set"], entry["reason"])
        rows.append({**named, "problem": "archive_gone", "msg": msg})
    return rows


def sets_view(looked: Optional[Row]) -> Optional[Dict[str, Any]]:
    """How many sets and archives there are, and whether each of these is in its bucket; C(None): nobody has looked."""
    if looked is None:
        return None
    sets = looked["sets"]
    return {
        "folder": looked["folder"],
        "sets": len(sets),
        "archives": sum(len(entry["archives"]) for entry in sets),
        "newest": max((entry["name"] for entry in sets), default=None),
        "all_there": bool(sets) and looked["archives"].get("gone") == [],
    }


def sets_in_words(report: Row) -> str:
    """That all archives are there; empty where that is not so, or not known."""
    view = report.get("backup_sets")
    if not view or not view["all_there"]:
        return ""
    return _ALL_THERE % (view["archives"], view["sets"], view["newest"])

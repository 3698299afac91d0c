# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which data the archives of backup sets have, beside the backups that Dokploy runs. Pure.

Nothing in Dokploy tells of a set that was made, so that the files in the bucket do.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .archives import Newest, newest_files
from .coverage import DATABASE, VOLUME, Entry
from .set_archives import SetArchives, is_series, root_of, set_archives

Row = Mapping[str, Any]
_IN_REDIS = "It has the data of Redis, of which sets have dumps."


def best_first(backups: Sequence[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Backups as results show them: those that run by themselves, and of these the last success, first."""
    return sorted(backups, key=lambda backup: (backup["enabled"], backup["succeeded_at"] or ""), reverse=True)


def roots(entries: Sequence[Entry], destination_id: str) -> List[Tuple[str, str]]:
    """The destination and the folders that have the archives of sets, each once."""
    own = [entry for entry in entries if set_archives(entry, destination_id) is not None]
    return list(dict.fromkeys((destination_id, root_of(entry)) for entry in own))


def in_sets(entries: Sequence[Entry], destination_id: str, inside: Mapping[str, Sequence[str]]) -> List[SetArchives]:
    """Where the archives of sets are, each folder once.

    :param destination_id: the destination of the sets. :param inside: the names of the folders in each root.
    """
    archives = [own for entry in entries for own in _archives_of(entry, destination_id, inside)]
    return list(dict.fromkeys(archives))


def _archives_of(entry: Entry, destination_id: str, inside: Mapping[str, Sequence[str]]) -> List[SetArchives]:
    """Those of an entry: of each series, and of sets without one where there are some."""
    alone = set_archives(entry, destination_id)
    names = inside.get(root_of(entry))
    if alone is None or names is None:
        return [] if alone is None else [alone]
    known = [set_archives(entry, destination_id, name) for name in names if is_series(name)]
    series = [archives for archives in known if archives is not None]
    own = alone.prefix.partition("/")[2].partition("/")[0]
    return [alone, *series] if own in names else series


def with_sets(
    views: Sequence[Dict[str, Any]],
    entries: Sequence[Entry],
    listed: Mapping[SetArchives, Newest],
    destination: Tuple[str, str],
    inside: Mapping[str, Sequence[str]],
) -> List[Dict[str, Any]]:
    """Entries as results show them, with the archives of sets among their backups.

    :param views: without these. :param destination: the ID and the name of the one that has the archives of sets.
    :param inside: as that of C(in_sets).
    """
    best = _best([(entry, _archives_of(entry, destination[0], inside)) for entry in entries], listed)
    covered = [_with_set(view, best.get(_key(entry)), destination[1]) for view, entry in zip(views, entries)]
    dumped = [
        (entry.service.app_name, entry.inside)
        for view, entry in zip(covered, entries)
        if entry.what == DATABASE and entry.database_type == "redis" and view["backups"]
    ]
    for view, entry in zip(covered, entries):
        is_data = entry.data_of == "redis" and (entry.service.app_name, entry.inside) in dumped
        if is_data and not view["backups"]:
            view.update(expected=False, reason=_IN_REDIS)
    return covered


def _key(entry: Entry) -> Tuple[Any, ...]:
    """What stands for the data of an entry. A set saves a volume once, whichever services mount it."""
    if entry.what == VOLUME:
        return (VOLUME, entry.service.server, entry.name)
    return (entry.what, entry.service.app_name, entry.inside, entry.name)


def _best(
    archives_of: Sequence[Tuple[Entry, Sequence[SetArchives]]], listed: Mapping[SetArchives, Newest]
) -> Dict[Tuple[Any, ...], Tuple[SetArchives, Newest]]:
    """The archives with the newest one of each data that has any, or of which that is not known."""
    best: Dict[Tuple[Any, ...], Tuple[SetArchives, Newest]] = {}
    for entry, own in archives_of:
        for archives in own:
            newest = listed[archives]
            if not (newest.newest or newest.problem):
                continue
            known = best.get(_key(entry))
            if known is None or _made_at(newest) > _made_at(known[1]):
                best[_key(entry)] = (archives, newest)
    return best


def _made_at(newest: Newest) -> str:
    return str(newest.newest["created_at"]) if newest.newest else ""


def _with_set(view: Dict[str, Any], known: Optional[Tuple[SetArchives, Newest]], destination: str) -> Dict[str, Any]:
    if known is None:
        return view
    archives, newest = known
    created_at = None if newest.newest is None else newest.newest["created_at"]
    of_sets = {
        "kind": "set",
        "id": None,
        "name": "sets in %s" % destination,
        # Its schedule is not Dokploy's.
        "enabled": True,
        "cron": None,
        "destination": destination,
        "prefix": archives.prefix,
        "keep": None,
        "folder": archives.folder,
        "status": None,
        "ran_at": created_at,
        "succeeded_at": created_at,
        "listed": not newest.problem,
        **newest_files(newest),
        "unread": newest.problem,
    }
    saved = {"reason": None, "expected": True} if created_at else {}
    return {**view, "backups": best_first([*view["backups"], of_sets]), **saved}

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is wrong with the backups of an entry of the coverage. Pure."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ..._errors import size_in_words
from ..._values.timestamps import instant

Row = Mapping[str, Any]
# A word for conditions (missing, disabled, never, old, failed, smaller, no_archive or unknown), and a sentence.
_Problem = Tuple[str, str]

_FAILED = ("error", "cancelled")


@dataclass(frozen=True)
class MaxAge:
    """The oldest that the last success may be.

    :param text: as it was stated. :param since: the point in time.
    """

    text: str
    since: datetime.datetime


def problems_of(entry: Row, max_age: MaxAge) -> List[Dict[str, str]]:
    """The problems of an entry, as results show it: C([{problem, msg}]).

    How old the data is, its newest archive tells, whichever backup has made it. A run that failed counts of each backup
    that is enabled.
    """
    return [{"problem": problem, "msg": msg} for problem, msg in _problems(entry, max_age)]


def _problems(entry: Row, max_age: MaxAge) -> Iterator[_Problem]:
    if entry["what"] == "unknown":
        if entry["expected"]:
            yield "unknown", entry["reason"]
        return
    if not entry["backups"]:
        if entry["expected"]:
            yield "missing", entry["reason"]
        return
    enabled = [backup for backup in entry["backups"] if backup["enabled"]]
    if not enabled:
        yield "disabled", "No backup of it is enabled: %s." % _names(entry["backups"])
        return
    yield from _age(enabled, max_age)
    for backup in enabled:
        yield from _of_backup(backup)


def _age(enabled: List[Row], max_age: MaxAge) -> Iterator[_Problem]:
    """Whether the newest success is too old; not where the runs of a backup are unknown, which may be newer."""
    newest: Optional[str] = max(filter(None, (backup["succeeded_at"] for backup in enabled)), default=None)
    if newest is None and any(backup["unread"] for backup in enabled):
        return
    if newest is None:
        yield "never", "No run of %s has succeeded since it was created." % _names(enabled)
    elif not _is_since(newest, max_age.since):
        yield "old", "The last success of %s was at %s, longer than %s ago." % (_names(enabled), newest, max_age.text)


def _is_since(text: str, since: datetime.datetime) -> bool:
    try:
        return instant(text) >= since
    except ValueError:
        # Not a time, so that nothing shows that it is young enough.
        return False


def _of_backup(backup: Row) -> Iterator[_Problem]:
    if backup["unread"]:
        yield "unknown", "%s: %s" % (backup["name"], backup["unread"])
    if backup["status"] in _FAILED:
        yield "failed", "The last run of %s ended in %s at %s." % (backup["name"], backup["status"], backup["ran_at"])
    newest, previous = backup["newest"], backup["previous"]
    if newest is not None and previous is not None and newest["size"] * 2 < previous["size"]:
        sizes = (size_in_words(newest["size"]), size_in_words(previous["size"]))
        yield "smaller", "The newest archive of %s has %s, the one before %s." % (backup["name"], *sizes)
    if backup["listed"] and newest is None and backup["succeeded_at"]:
        where = "%s/%s" % (backup["destination"], backup["folder"])
        yield "no_archive", "%s has succeeded, and there is no archive of it in %s." % (backup["name"], where)


def _names(backups: List[Row]) -> str:
    return " and ".join(str(backup["name"]) for backup in backups)

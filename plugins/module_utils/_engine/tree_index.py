# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where each row of the project tree stands: a loop over a thousand applications looks at none of them twice."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

Row = Dict[str, Any]
#: A project, one of its environments and an application in it; C(None) where it leads no further.
Home = Tuple[Optional[Row], Optional[Row], Optional[Row]]

NOWHERE: Home = (None, None, None)
_KEYS = ("projectId", "environmentId", "applicationId")
_TOP = ""


class Index:
    """The rows of a tree by id, and by name inside of what they are in. It is told of every change."""

    def __init__(self, projects: Sequence[Row]) -> None:
        self._homes: Dict[Tuple[str, str], Home] = {}
        self._named: Dict[Tuple[str, str], List[Row]] = {}
        for project in projects:
            self.add((project, None, None))

    def home(self, id_key: str, value: str) -> Home:
        """Where the row of an id stands, itself at the end."""
        return self._homes.get((id_key, value), NOWHERE)

    def rows(self, parent: Optional[Row], wanted: str) -> List[Row]:
        """The rows inside of C(parent) (C(None): the projects) that bear a name, or whose id it is."""
        level = 0 if parent is None else 1 if _KEYS[1] not in parent else 2
        parent_id = _TOP if parent is None else str(parent.get(_KEYS[level - 1]))
        found = list(self._named.get((parent_id, wanted), ()))
        home = self._homes.get((_KEYS[level], wanted))
        if home is not None and _parent_id(home) == parent_id and not any(row is _own(home) for row in found):
            found.append(_own(home))
        return found

    def add(self, home: Home) -> None:
        """Note a row and all that is in it."""
        for one in _below(home):
            key = _key(one)
            if key not in self._homes:
                self._homes[key] = one
                self._named.setdefault(_name(one), []).append(_own(one))

    def remove(self, home: Home) -> None:
        """Forget a row and all that is in it. Before anything of them changes."""
        for one in _below(home):
            if self._homes.pop(_key(one), None) is None:
                continue
            rows = self._named[_name(one)]
            rows[:] = [row for row in rows if row is not _own(one)]


def _below(home: Home) -> Iterator[Home]:
    yield home
    project, environment, application = home
    if application is not None:
        return
    if environment is not None:
        for row in environment.get("applications") or []:
            yield project, environment, row
    elif project is not None:
        for row in project.get("environments") or []:
            yield from _below((project, row, None))


def _level(home: Home) -> int:
    return 2 if home[2] is not None else 1 if home[1] is not None else 0


def _own(home: Home) -> Row:
    return home[_level(home)] or {}


def _parent_id(home: Home) -> str:
    level = _level(home)
    return str((home[level - 1] or {}).get(_KEYS[level - 1])) if level else _TOP


def _key(home: Home) -> Tuple[str, str]:
    key = _KEYS[_level(home)]
    return key, str(_own(home).get(key))


def _name(home: Home) -> Tuple[str, str]:
    return _parent_id(home), str(_own(home).get("name"))

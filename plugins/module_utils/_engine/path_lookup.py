# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Places: the records of the project tree to which options refer by paths, such as C(shop/production/web)."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import ReferenceNotFound, known_names, suggested
from .._model.field import Listing
from .._reads.reads import Reads
from .._reads.rows import Levels, Path, several, siblings_call
from .._reads.tree import default_environment
from .._values.paths import joined, path_or_name, split, unescaped


class PathLookup:
    """The records of the project tree to which paths, or IDs, refer.

    :param kinds: the levels of each kind that they can be, all of the same depth. :param wanted: the paths.
    """

    def __init__(self, reads: Reads, kinds: Sequence[Levels], wanted: Sequence[str]) -> None:
        self._reads, self._kinds, self._levels = reads, kinds, kinds[0]
        self._tree = reads.trees.of()
        self._ids: Dict[Tuple[str, ...], List[str]] = {}
        #: The path of each ID.
        self.paths: Dict[str, str] = {}
        self._enter([self._named(text)[:-1] for text in wanted])

    def _enter(self, environments: Optional[Sequence[Tuple[str, ...]]] = None) -> None:
        """Enter all records; :param environments: those whose databases are needed with their names."""
        self._ids, self.paths = {}, {}
        for levels in self._kinds:
            parents = self._tree.paths(levels[:-1])
            if len(levels) > 2:
                named = [parent for parent in parents if environments is None or _names(parent, levels) in environments]
                self._reads.trees.complete(named, levels)
            for path in self._tree.paths(levels):
                names, own = _names(path, levels), str(path[-1][levels[-1].id_key])
                # A service without a name is in an environment that nothing names.
                if path[-1].get(levels[-1].name_key) is not None:
                    self._ids.setdefault(names, []).append(own)
                self.paths[own] = path_or_name(names)

    def find(self, wanted: str, option: str) -> str:
        """The ID of the record with this path or ID.

        :raises ReferenceNotFound: there is none; the message lists similar paths. :raises Ambiguous: there are several.
        """
        names = self._named(wanted)
        matches = self._ids.get(names) or [resource_id for resource_id in (wanted,) if resource_id in self.paths]
        if not matches:
            raise self._missing(wanted, option)
        if len(matches) > 1:
            ids = sorted(matches)
            raise several(option, ids, self._noun + "s", repr(wanted), self._listed_by(ids))
        return matches[0]

    def _listed_by(self, ids: Sequence[str]) -> Optional[Tuple[Call, Listing]]:
        """The query that lists all of these, and the description of its answer; C(None): they are of several kinds."""
        for levels in self._kinds:
            paths = [self._tree.path(levels, own) for own in ids]
            if all(paths):
                parent_id = paths[0][-2][levels[-2].id_key] if len(levels) > 1 else None
                return siblings_call(levels, parent_id), levels[-1]
        return None

    def _named(self, text: str) -> Tuple[str, ...]:
        """The names of a path; an environment without a name is the default one."""
        if len(self._levels) == 1:
            return (text,)
        names = [unescaped(part) for part in split(text)]
        if len(names) == len(self._levels) == 3 and not names[1]:
            projects = [
                path for path in self._tree.paths(self._levels[:1]) if _names(path, self._levels) == (names[0],)
            ]
            default = [default_environment(self._tree.rows(path, self._levels[1])) for path in projects]
            names[1] = next((str(row.get("name")) for row in default if row is not None), "")
        return tuple(names)

    def _missing(self, wanted: str, option: str) -> ReferenceNotFound:
        # Also the databases, whose names were not needed so far.
        self._enter()
        known = [path_or_name(names) for names in self._ids]
        last = sorted(joined(names) for names in self._ids if names[-1] == unescaped(split(wanted)[-1]))
        hint = suggested(last[:3]) if last else known_names(wanted, known)
        if len(self._levels) > 1 and len(split(wanted)) != len(self._levels):
            shape = [listing.label for listing in self._levels[:-1]] + [self._noun]
            hint = "A path is %s. %s" % ("/".join(shape).upper(), hint)
        return ReferenceNotFound("%s: no %s is named %r" % (option, self._noun, wanted), hint=hint)

    @property
    def _noun(self) -> str:
        """What messages call such a record."""
        return self._levels[-1].singular if len(self._kinds) == 1 else "service"


def _names(path: Path, levels: Sequence[Listing]) -> Tuple[str, ...]:
    """The names in a path; an ID where the tree shows no name."""
    named = zip(path, levels)
    return tuple(
        str(row[level.id_key] if row.get(level.name_key) is None else row[level.name_key]) for row, level in named
    )

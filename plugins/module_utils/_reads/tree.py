# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The trees of records, which find them by names: projects, their environments and services, and others like these.

C(project.all) answers the whole tree: projects (with every column), their environments, and the ID and name of each
service. Names are not unique, so two matches are an error that lists both IDs. C(levels) are those of C(Resource).
"""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import NotFoundError, PermissionDenied, ReferenceNotFound, enumerated
from .._model.field import Listing
from .._model.resource import ENVIRONMENTS, PROJECTS, SERVERS, SERVICES, Resource
from .._values.marks import is_marked
from .listings import Listings
from .rows import Levels, Path, Queries, Row, missing, pick, siblings_call, valid

#: What a tree grows from: its outermost listing, and whether it has the records in it.
_Trunk = Tuple[Listing, bool]


class Trees:
    """The trees that one task has read, each once. They are kept up to date with what this task writes."""

    def __init__(self, queries: Queries, listings: Listings) -> None:
        self._queries, self._listings = queries, listings
        # Each with the answer that it was made from.
        self._trees: Dict[_Trunk, Tuple[List[Any], Tree]] = {}

    def of(self, levels: Levels = (PROJECTS,)) -> Tree:
        """The records of these levels, as the listing of the outermost one shows them: the project tree for most."""
        trunk, answer = _trunk(levels), self._listings.rows(levels[0].procedures)
        read, tree = self._trees.get(trunk, (None, None))
        if tree is None or read is not answer:
            rows: List[Row] = list(map(dict, levels[0].listed(answer[0]))) if levels[0].key else answer
            rows = levels[0].own(rows) if levels[0].selective or levels[0].derived else rows
            # The row of none of them.
            tree = Tree([dict.fromkeys((levels[0].id_key, levels[0].name_key)), *rows] if trunk[1] else rows)
            self._trees[trunk] = (answer, tree)
        return tree

    def complete(self, parents: Sequence[Path], levels: Levels) -> None:
        """Read what the tree lacks: the records in a server, and of a database in the project tree the name.

        :param parents: the environments, or servers, whose records of the last level must have names.
        """
        tree, listing = self.of(levels), levels[-1]
        if levels[0].optional:
            there = (parent for parent in parents if not is_marked(parent[-1].get(levels[-2].id_key)))
            self._fill(tree, [parent for parent in there if listing.key not in parent[-1]], levels)
            return
        nameless = [path for path in parents if any(listing.name_key not in row for row in tree.rows(path, listing))]
        calls = [Call("environment.one", {"environmentId": path[-1]["environmentId"]}) for path in nameless]
        answers = self._queries.answers(calls)
        for path, answer in zip(nameless, answers):
            # One that was removed meanwhile has no names.
            if not isinstance(answer, NotFoundError):
                tree.complete(path, valid(answer))

    def _fill(self, tree: Tree, parents: Sequence[Path], levels: Levels) -> None:
        calls = [siblings_call(levels, path[-1].get(levels[-2].id_key)) for path in parents]
        # Those on Dokploy's own host are what the listing without a server has.
        known = [None if any(call.input.values()) else self._listings.known(call.procedure) for call in calls]
        unknown = [call for call, rows in zip(calls, known) if rows is None]
        answers = iter(self._queries.answers(unknown))
        for path, rows in zip(parents, known):
            tree.fill(levels, path, list(valid(next(answers))) if rows is None else list(rows))

    def has(self, resource: Resource, resource_id: str) -> bool:
        """Whether the listing shows a record of this ID."""
        tree = self.of(resource.levels)
        if resource.levels[0].optional and resource.parents:
            self.complete(tree.paths(resource.parents), resource.levels)
        return bool(tree.path(resource.levels, resource_id))

    def refresh(self, resource: Resource, row: Row) -> None:
        """Update the tree, if it was read, from a read-back."""
        if _trunk(resource.levels) in self._trees:
            tree = self._trees[_trunk(resource.levels)][1]
            # What was created may have answered with less than the listing shows.
            tree.refresh(resource.levels, row, whole=resource.reading.in_listing)

    def on_servers(self, listing: Listing, wanted: Sequence[str], server_id: Optional[str]) -> List[Row]:
        """The records on a server that have the wanted names and IDs, or else those on Dokploy's own host, or else
        those on all servers, since the server of an existing record may not be known yet."""
        levels = (SERVERS, listing)

        def lacking(rows: List[Row]) -> bool:
            return not {row[key] for row in rows for key in (listing.id_key, listing.name_key)}.issuperset(wanted)

        def listed(paths: List[Path]) -> List[Row]:
            self.complete(paths, levels)
            return listing.rows([row for path in paths for row in self.of(levels).rows(path, listing)])

        path = self.of(levels).path((SERVERS,), server_id) if server_id is not None else ()
        rows = listed([path]) if path else []
        rows = listing.rows(self._listings.rows(listing.procedures)) if lacking(rows) else rows
        with contextlib.suppress(PermissionDenied):
            rows = listed(self.of(levels).paths((SERVERS,))) if lacking(rows) else rows
        return rows

    def forget(self) -> None:
        """Forget all of them, and the listings that they are made from."""
        for listing, _within in self._trees:
            self._listings.forget(listing.procedures[0])
        self._trees.clear()


def _trunk(levels: Levels) -> _Trunk:
    return levels[0], levels[0].optional and len(levels) > 1


class Tree:
    """One reading of C(project.all), or of the listing of records that are in no project.

    It is kept up to date with what this run creates and removes.
    """

    def __init__(self, rows: List[Row]) -> None:
        self.roots = rows
        self._indices: Dict[str, _Index] = {}

    def rows(self, parent: Path, listing: Listing) -> List[Row]:
        """The rows of a kind in their parent, or the outermost ones."""
        rows: List[Row] = parent[-1].get(listing.key) or [] if parent else self.roots
        return rows

    def paths(self, levels: Levels) -> List[Path]:
        """The paths of all records of a kind."""
        paths: List[Path] = [()]
        for listing in levels:
            paths = [(*path, row) for path in paths for row in self.rows(path, listing)]
        return paths

    def path(self, levels: Levels, value: str) -> Path:
        """The path of the record with this ID; empty if there is none."""
        return self._index(levels).paths.get(value, ())

    def find(self, levels: Levels, parent: Path, wanted: str, option: str) -> Optional[Row]:
        """The row in a parent with this name or ID. :raises Ambiguous: several have the name."""
        levels = levels[: len(parent) + 1]
        rows, where = self._index(levels).rows(parent, wanted), _where(levels, parent)
        parent_id = parent[-1].get(levels[-2].id_key) if parent else None
        return pick(rows, wanted, levels[-1], option, where, siblings_call(levels, parent_id))

    def need(self, levels: Levels, parent: Path, wanted: Optional[str], option: str) -> Row:
        """The same where there must be one; when none is named the default environment, or no server.

        :raises ReferenceNotFound: there is none; the message lists similar names.
        """
        rows = self.rows(parent, levels[len(parent)])
        if wanted is None and levels[len(parent)].optional:
            return rows[0]
        row = default_environment(rows) if wanted is None else self.find(levels, parent, wanted, option)
        if row is not None:
            return row
        if wanted is None:
            raise ReferenceNotFound("%s: there is no default environment%s" % (option, _where(levels, parent)))
        raise missing(rows, wanted, levels[len(parent)], option, _where(levels, parent))

    def missing(self, levels: Levels, parent: Path, wanted: str, option: str, by_default: bool) -> ReferenceNotFound:
        """The error for a record that is not in its parent; the hint says where else there is one of its name."""
        error = missing(self.rows(parent, levels[-1]), wanted, levels[-1], option, _where(levels, parent))
        error.message += " (the default environment, since environment is not set)" if by_default else ""
        named = [path for path in self.paths(levels) if len(path) > 1 and path[-1].get(levels[-1].name_key) == wanted]
        others = [path for path in named if path[0] is parent[0]] or named
        if others:
            error.hint = "There is one %s." % enumerated([place(path[:-1]).lstrip() for path in others])
        return error

    def enter(self, levels: Levels, row: Row, parent_id: Optional[str]) -> None:
        """Enter what was just created."""
        if self.path(levels, str(row.get(levels[-1].id_key))):
            return
        parent = self.path(levels[:-1], str(parent_id)) if len(levels) > 1 else ()
        if len(parent) != len(levels) - 1:
            return
        rows = self.rows(parent, levels[-1])
        if parent:
            parent[-1][levels[-1].key] = rows
        rows.append(row)
        self._drop_below(levels)
        self._index(levels).add((*parent, row))

    def refresh(self, levels: Levels, row: Row, whole: bool = False, known_as: str = "") -> None:
        """Update a record from its read-back: its name, its parent, and other keys that the tree has of it, or all.

        :param known_as: the ID that the tree has of it, if that is another one.
        """
        path = self.path(levels, known_as or str(row[levels[-1].id_key]))
        if not path:
            return
        parent, known = path[:-1], path[-1]
        self._index(levels).remove(path)
        self._drop_below(levels)
        known.update({key: item for key, item in row.items() if whole or key in known or key == ENVIRONMENTS.key})
        parent_key = levels[-2].id_key if parent else ""
        if not parent or row.get(parent_key) in (None, parent[-1].get(parent_key)):
            self._index(levels).add(path)
            return
        _take(self.rows(parent, levels[-1]), known)
        self.enter(levels, known, row[parent_key])

    def complete(self, environment: Path, whole: Row) -> None:
        """Enter the names of the services in an environment from a read of its own."""
        for service in SERVICES.values():
            names = {row[service.id_key]: row.get("name") for row in whole.get(service.key) or []}
            for row in self.rows(environment, service):
                if "name" not in row:
                    row["name"] = names.get(row[service.id_key])
                    self._indices.pop(service.id_key, None)

    def fill(self, levels: Levels, parent: Path, rows: List[Row]) -> None:
        """Enter the records in a parent that does not show them."""
        parent[-1][levels[-1].key] = rows
        self._indices.pop(levels[-1].id_key, None)

    def forget(self, levels: Levels, value: str) -> None:
        """Remove what was just deleted."""
        path = self.path(levels, value)
        if path:
            self._index(levels).remove(path)
            self._drop_below(levels)
            _take(self.rows(path[:-1], levels[-1]), path[-1])

    def _index(self, levels: Levels) -> _Index:
        """A loop over a thousand services walks through the tree once."""
        key = levels[-1].id_key
        if key not in self._indices:
            self._indices[key] = _Index(levels, self.paths(levels))
        return self._indices[key]

    def _drop_below(self, levels: Levels) -> None:
        self._indices = {key: index for key, index in self._indices.items() if len(index.levels) <= len(levels)}


class _Index:
    """The records of one kind by ID, and by name inside their parent."""

    def __init__(self, levels: Levels, paths: Iterable[Path]) -> None:
        self.levels = levels
        self.paths: Dict[str, Path] = {}
        self._named: Dict[Tuple[str, str], List[Row]] = {}
        for path in paths:
            self.add(path)

    def rows(self, parent: Path, wanted: str) -> List[Row]:
        """The rows in a parent with this name or ID."""
        named, path = self._named.get((self._parent_id(parent), wanted)), self.paths.get(wanted)
        return named or ([path[-1]] if path and self._parent_id(path[:-1]) == self._parent_id(parent) else [])

    def add(self, path: Path) -> None:
        value = str(path[-1].get(self.levels[-1].id_key))
        if value not in self.paths:
            self.paths[value] = path
            self._named.setdefault(self._name(path), []).append(path[-1])

    def remove(self, path: Path) -> None:
        """To be called before the row changes."""
        del self.paths[str(path[-1].get(self.levels[-1].id_key))]
        _take(self._named[self._name(path)], path[-1])

    def _name(self, path: Path) -> Tuple[str, str]:
        return self._parent_id(path[:-1]), str(path[-1].get(self.levels[-1].name_key))

    def _parent_id(self, parent: Path) -> str:
        return str(parent[-1].get(self.levels[-2].id_key)) if parent else ""


def _take(rows: List[Row], known: Row) -> None:
    rows[:] = [row for row in rows if row is not known]


def default_environment(rows: Sequence[Row]) -> Optional[Row]:
    """The default environment: by C(isDefault), before 0.26.1 by its name (measured)."""
    return next((row for row in rows if is_default(row)), None)


def is_default(row: Mapping[str, Any]) -> bool:
    """Whether an environment is the default one, which is removed with its project only."""
    return bool(row["isDefault"] if "isDefault" in row else row.get("name") == "production")


def services_in(row: Mapping[str, Any]) -> Iterator[str]:
    """The IDs of the services in a project or an environment."""
    for environment in row.get(ENVIRONMENTS.key) or [row]:
        for service in SERVICES.values():
            yield from (str(record[service.id_key]) for record in environment.get(service.key) or ())


def place(parent: Sequence[Row]) -> str:
    """Where a record is, for messages: C( in shop/production)."""
    names = [str(row.get("name")) for row in parent if row.get("name") is not None]
    return " in %s" % "/".join(names) if names else ""


def _where(levels: Levels, parent: Path) -> str:
    """The same, where one name alone would not tell what it is."""
    text = place(parent)
    return " in %s %r" % (levels[0].label, parent[0].get("name")) if text and len(parent) == 1 else text

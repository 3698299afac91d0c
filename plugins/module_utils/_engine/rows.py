# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rows of records: the queries that show them, the rows in the answers, and the project tree, which finds names.

C(project.all) answers the whole tree: projects (with every column), their environments, and the ID and name of each
service. Names are not unique, so two matches are an error that lists both IDs. C(levels) are those of C(Resource).
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Container, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._errors import (
    Ambiguous,
    DokployError,
    NotFoundError,
    ReferenceNotFound,
    Refused,
    UnknownProcedure,
    enumerated,
    known_names,
    with_article,
)
from .._model.child import Child
from .._model.field import Field, Listing, Version, version_text
from .._model.resource import ENVIRONMENTS, SERVICES, Resource

Row = Dict[str, Any]
Levels = Tuple[Listing, ...]
#: The rows from a project down to a record in it: C((project, environment, service)), or the first of these.
Path = Tuple[Row, ...]


def siblings_call(levels: Sequence[Listing], parent_id: Optional[str]) -> Call:
    """The query that lists the records of the last level in their parent."""
    return Call(levels[-1].procedures[0], {levels[-2].id_key: parent_id} if len(levels) > 1 else {})


def read_call(resource: Resource, resource_id: str) -> Call:
    """The query that shows a record whole."""
    if not resource.reading.procedure:
        return Call(resource.listing.procedures[0], {})
    return Call(resource.reading.procedure, resource.own(resource_id))


def row_in(resource: Resource, answer: Any, resource_id: str) -> Optional[Row]:
    """The row in the answer to C(read_call), or C(None) if there is none."""
    if isinstance(answer, NotFoundError):
        return None
    listing = resource.listing
    rows = [listing.flat(valid(answer))] if resource.reading.procedure else listing.own(listing.listed(valid(answer)))
    return next((row for row in rows if resource.reading.procedure or row[resource.id_key] == resource_id), None)


def with_children(wanted: Sequence[Tuple[Resource, Container[str], Mapping[str, Any]]], client: Client) -> List[Row]:
    """The rows with the children that their own reads do not embed, as far as the options beside them ask for these.

    :raises Refused: this server has no such children.
    """
    rows = [dict(row) for _resource, _stated, row in wanted]
    places = [
        (row, child, str(row[resource.id_key]))
        for row, (resource, stated, _row) in zip(rows, wanted)
        for child in listed_children(resource, stated)
    ]
    calls = [listing_call(child, resource_id) for _row, child, resource_id in places]
    # A single call by REST, which is the documented way.
    answers = client.call_many(calls) if len(calls) != 1 else [answer_of(lambda: client.query(*calls[0]))]
    for (row, child, _resource_id), answer in zip(places, answers):
        row[child.embedded] = children_of(child, answer)
    return rows


def answers_of_queries(fields: Sequence[Field], client: Client) -> Row:
    """The values of fields that queries of their own show."""
    asked = [field for field in fields if field.query]
    answers = client.call_many([Call(field.query, {}) for field in asked]) if asked else []
    return {field.api: field.known(valid(answer)) for field, answer in zip(asked, answers)}


def read_back_calls(
    resource: Resource, resource_id: str, stated: Container[str], beside: Sequence[Call] = ()
) -> List[Call]:
    """The queries of C(read_back)."""
    children = [listing_call(child, resource_id) for child in listed_children(resource, stated)]
    return [read_call(resource, resource_id), *beside, *children]


def listing_call(child: Child, parent_id: str) -> Call:
    """The query that lists the children of a parent."""
    procedure, key, more = child.listing or ("", "", {})
    return Call(procedure, {key: parent_id, **more})


def need(version: Version, what: str, since: Version, hint: str = "Update the server.") -> None:
    """:raises Refused: the version of the server is older than C(since); the message names both."""
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (what, version_text(since), version_text(version)),
            hint="%s Nothing was written." % hint,
        )


def too_old(option: str, since: Optional[Version], error: UnknownProcedure) -> DokployError:
    """The error for an option whose procedure this server does not know."""
    if since is None:
        return error
    message = "%s needs Dokploy %s or newer, and this server does not know %s"
    return Refused(message % (option, version_text(since), error.procedure))


@contextlib.contextmanager
def known_since(resource: Resource) -> Iterator[None]:
    """:raises Refused: this server does not know such records; the message names the first version that does."""
    try:
        yield
    except UnknownProcedure as error:
        what = with_article(resource.noun if resource.by_suboption else resource.label)
        raise too_old(what[0].upper() + what[1:], resource.since, error) from None


def listed_children(resource: Resource, stated: Container[str]) -> List[Child]:
    return [child for child in resource.children if child.listing is not None and child.option in stated]


def children_of(child: Child, answer: Any) -> List[Any]:
    if isinstance(answer, UnknownProcedure):
        raise too_old(child.option, child.since, answer)
    return list(valid(answer))


def valid(answer: Any) -> Any:
    """An answer of a batch; an error is raised."""
    if isinstance(answer, DokployError):
        raise answer
    return answer


def rows_of(wanted: Sequence[Tuple[Resource, str]], client: Client) -> List[Optional[Row]]:
    """The rows of many resources, each with its ID, in few batches; C(None) for a record that does not exist."""
    answers = client.call_many([read_call(resource, resource_id) for resource, resource_id in wanted])
    return [row_in(resource, answer, resource_id) for (resource, resource_id), answer in zip(wanted, answers)]


def answer_of(query: Callable[[], Any]) -> Any:
    """The answer of a query, or its error as an object, as a batch has it."""
    try:
        return query()
    except DokployError as error:
        return error


def pick(
    rows: Sequence[Row], wanted: str, listing: Listing, option: str, where: str = "", listed_by: Optional[Call] = None
) -> Optional[Row]:
    """The row with this name or ID, or C(None).

    :param listed_by: the query that lists the rows, with the dates of their creation.
    :raises Ambiguous: several have the name; the message lists the IDs.
    """
    named = [row for row in rows if row.get(listing.name_key) == wanted]
    if len(named) > 1:
        ids = sorted(str(row.get(listing.id_key)) for row in named)
        raise several(option, ids, listing.plural, "%r%s" % (wanted, where), listed_by and (listed_by, listing))
    return named[0] if named else next((row for row in rows if row.get(listing.id_key) == wanted), None)


def several(
    option: str, ids: List[str], plural: str, named: str, listed_by: Optional[Tuple[Call, Listing]] = None
) -> Ambiguous:
    """The error for a name of several records."""
    error = Ambiguous(
        "%s: %d %s are named %s: %s" % (option, len(ids), plural, named, ", ".join(ids)),
        hint="Dokploy does not keep names unique; give the id instead, or rename or delete the others.",
        details={"ids": ids},
    )
    error.listed_by = listed_by
    return error


def missing(rows: Sequence[Row], wanted: str, listing: Listing, option: str, where: str = "") -> ReferenceNotFound:
    """The error for an unknown name; its hint lists similar names, or else the known ones."""
    names = (row.get(listing.name_key) for row in rows)
    hint = known_names(wanted, (str(name) for name in names if name is not None), where)
    if listing.module:
        hint += " %s creates one." % listing.module
    return ReferenceNotFound("%s: no %s is named %r%s" % (option, listing.singular, wanted, where), hint=hint)


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

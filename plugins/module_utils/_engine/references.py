# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What options refer to: the ID of a record that is named in another one, by its name or by its path."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .._errors import Ambiguous, DokployError, ReferenceNotFound, UnknownProcedure, known_names, suggested
from .._model.field import Field, Listing, Version
from .._model.resource import SERVERS
from .._values.codec import GENERATED
from .._values.paths import joined, plain, split
from .desired import Desired, all_fields, dotted, with_values
from .plan import is_promise
from .reads import Reads
from .rows import Levels, Path, default_environment, missing, pick, too_old

Row = Dict[str, Any]
Missing = Callable[[DokployError], None]


def resolve(reads: Reads, listing: Listing, wanted: str, option: str, rows: Optional[List[Row]] = None) -> str:
    """The ID of the record with this name or ID, which an option refers to.

    :param rows: those that it can be, if not all that are listed.
    :raises ReferenceNotFound: there is none. :raises Ambiguous: several have the name. The message lists candidates.
    """
    if rows is None:
        rows = listing.rows(reads.listing(listing.procedures))
        rows += [row for row in reads.promises.of(listing) if row not in rows]
    row = pick(rows, wanted, listing, option)
    if row is None:
        raise missing(rows, wanted, listing, option)
    return str(row[listing.id_key])


def refuse_generated(option: str, value: Any) -> None:
    """:raises ReferenceNotFound: the ID is what a task in check mode has returned for one that it could not know."""
    if value == GENERATED:
        raise ReferenceNotFound("%s: %r stands for an ID that is not known yet" % (option, value))


class Places:
    """The records of the project tree to which paths, or IDs, refer.

    :param kinds: the levels of each kind that they can be, all of the same depth. :param wanted: the paths.
    """

    def __init__(self, reads: Reads, kinds: Sequence[Levels], wanted: Sequence[str]) -> None:
        self._reads, self._kinds, self._levels = reads, kinds, kinds[0]
        self._tree = reads.tree()
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
                named = [one for one in parents if environments is None or _names(one, levels) in environments]
                self._reads.complete(named, levels)
            for path in self._tree.paths(levels):
                names, own = _names(path, levels), str(path[-1][levels[-1].id_key])
                # A service without a name is in an environment that nothing names.
                if path[-1].get(levels[-1].name_key) is not None:
                    self._ids.setdefault(names, []).append(own)
                self.paths[own] = joined(names) if len(names) > 1 else names[0]

    def find(self, wanted: str, option: str) -> str:
        """The ID of the record with this path or ID.

        :raises ReferenceNotFound: there is none; the message lists similar paths. :raises Ambiguous: there are several.
        """
        names = self._named(wanted)
        found = self._ids.get(names) or [one for one in (wanted,) if one in self.paths]
        if not found:
            raise self._missing(wanted, option)
        if len(found) > 1:
            ids = sorted(found)
            raise Ambiguous(
                "%s: %d %ss are named %r: %s" % (option, len(ids), self._noun, wanted, ", ".join(ids)),
                hint="Dokploy does not keep names unique; give the id instead, or rename or delete the others.",
                details={"ids": ids},
            )
        return found[0]

    def _named(self, text: str) -> Tuple[str, ...]:
        """The names of a path; an environment without a name is the default one."""
        if len(self._levels) == 1:
            return (text,)
        names = [plain(part) for part in split(text)]
        if len(names) == len(self._levels) == 3 and not names[1]:
            projects = [one for one in self._tree.paths(self._levels[:1]) if _names(one, self._levels) == (names[0],)]
            default = [default_environment(self._tree.rows(one, self._levels[1])) for one in projects]
            names[1] = next((str(row.get("name")) for row in default if row is not None), "")
        return tuple(names)

    def _missing(self, wanted: str, option: str) -> ReferenceNotFound:
        # Also the databases, whose names were not needed so far.
        self._enter()
        known = [joined(names) if len(names) > 1 else names[0] for names in self._ids]
        last = sorted(joined(names) for names in self._ids if names[-1] == plain(split(wanted)[-1]))
        hint = suggested(last[:3]) if last else known_names(wanted, known)
        if len(self._levels) > 1 and len(split(wanted)) != len(self._levels):
            shape = [one.label for one in self._levels[:-1]] + [self._noun]
            hint = "A path is %s. %s" % ("/".join(shape).upper(), hint)
        return ReferenceNotFound("%s: no %s is named %r" % (option, self._noun, wanted), hint=hint)

    @property
    def _noun(self) -> str:
        """What messages call such a record."""
        return self._levels[-1].singular if len(self._kinds) == 1 else "service"


def _names(path: Path, levels: Sequence[Listing]) -> Tuple[str, ...]:
    """The names in a path; an ID where the tree shows no name."""
    named = zip(path, levels)
    return tuple(str(row[one.id_key] if row.get(one.name_key) is None else row[one.name_key]) for row, one in named)


def _rows_inside(reads: Reads, outer: Field, outer_id: Any, listing: Listing) -> List[Row]:
    """The records that the record of another reference has."""
    rows = reads.listing(outer.reference.procedures) if outer.reference is not None else []
    return [
        one
        for row in rows
        if outer.reference is not None and row[outer.reference.id_key] == outer_id
        for one in listing.rows(row.get(listing.key) or [])
    ]


class _Resolution:
    """One resolution of all references, with the names of the IDs that it has met."""

    def __init__(self, reads: Reads, accept: Optional[Missing]) -> None:
        self._reads, self._accept = reads, accept
        self._server_id: Optional[str] = None
        self.names: Dict[str, str] = {}

    def on(self, desired: Desired) -> Desired:
        """The desired state with IDs instead of names."""
        server = next((want for want in desired.fields if want.field.api == SERVERS.id_key and want.value), None)
        if server is not None:
            self._server_id = str(self._ids(server.field, server.value, server.path))
        # The diff shows the paths of what is cleared.
        wants = [want for want in all_fields(desired) if want.value or want.field.paths]
        return with_values(desired, {want.path: self._ids(want.field, want.value, want.path) for want in wants})

    def _ids(
        self,
        field: Field,
        value: Any,
        path: Tuple[str, ...],
        since: Optional[Version] = None,
        rows: Optional[List[Row]] = None,
    ) -> Any:
        """The value with IDs instead of names."""
        if is_promise(value):
            return value
        if not (field.paths or (field.reference is not None and value)):
            for item in value if field.parts and isinstance(value, list) else ():
                self._parts(field, item, path)
            return value
        wanted = [str(item) for item in (value if isinstance(value, list) else [value])]
        try:
            find = self._finder(field, wanted, dotted(path), rows)
            found = [self._found(find, item, dotted(path)) for item in wanted]
        except UnknownProcedure as error:
            raise too_old(dotted(path), field.since or since, error) from None
        if field.reference is not None:
            self.names.update(zip(found, wanted))
        # The same one may be named twice, or by its name and its ID.
        return list(dict.fromkeys(found)) if isinstance(value, list) else found[0]

    def _parts(self, field: Field, item: Dict[str, Any], path: Tuple[str, ...]) -> None:
        """Put IDs into an object of a list."""
        for part in (one for one in field.parts if one.reference is not None and item.get(one.api)):
            inner = None
            if part.inside and part.reference is not None:
                outer = next(one for one in field.parts if one.api == part.inside)
                inner = _rows_inside(self._reads, outer, item[part.inside], part.reference)
            item[part.api] = self._ids(part, item[part.api], (*path, part.name), field.since, inner)

    def _finder(
        self, field: Field, wanted: Sequence[str], option: str, rows: Optional[List[Row]]
    ) -> Callable[[str], str]:
        """The function that finds the ID of a name."""
        reads, listing = self._reads, field.reference
        if listing is None:
            places = Places(reads, field.paths, wanted)
            self.names.update(places.paths)
            return lambda item: places.find(item, option)
        if listing.on_servers:
            rows = reads.on_servers(listing, wanted, self._server_id)
        return lambda item: resolve(reads, listing, item, option, rows)

    def _found(self, find: Callable[[str], str], item: str, option: str) -> str:
        """The ID of a name, or the name itself if a missing record is accepted."""
        try:
            refuse_generated(option, item)
            return find(item)
        except ReferenceNotFound as error:
            if self._accept is None:
                raise
            self._accept(error)
            return item


def resolved(reads: Reads, desired: Desired, accept: Optional[Missing] = None) -> Tuple[Desired, Dict[str, str]]:
    """The desired state with the IDs of all references, and the names of these IDs.

    :param accept: raises the error for a name that no record has, or accepts it, so that it stays.
    :raises ReferenceNotFound: there is no record of a name. :raises Ambiguous: several have it.
    """
    resolution = _Resolution(reads, accept)
    return resolution.on(desired), resolution.names

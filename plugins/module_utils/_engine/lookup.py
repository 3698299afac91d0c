# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find a record: by its locator (C(project) / C(environment) / C(name)), by its ID, or as what an option refers to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import DokployError, NotFoundError, OptionError, ReferenceNotFound, Refused, UnknownProcedure
from .._model.field import Field, Listing, Version
from .._model.resource import SERVERS, Resource
from .._reads.reads import Reads
from .._reads.rows import Path, missing, pick, read_call, row_in, siblings_call, too_old
from .._reads.tree import Tree, place
from .._values.codec import GENERATED
from .._values.marks import is_marked
from .desired import Desired, all_fields, dotted, with_values
from .path_lookup import PathLookup

Row = Dict[str, Any]
Missing = Callable[[DokployError], None]


@dataclass(frozen=True)
class Target:
    """The record that the parameters mean.

    :param resource_id: its ID, or C(None) if it does not exist.
    :param row: its row in the project tree, and C(parent) that of its parent, if the tree was needed to find them.
    :param parent_id: the parent's ID, for a creation or a move; C(None) if no parent was named, or it is missing.
    :param siblings: gives the reads that a loop is likely to make next, for reading ahead.
    :param qualified: the option that qualifies its name, and the value of it.
    """

    label: str
    resource_id: Optional[str] = None
    row: Optional[Row] = None
    parent: Optional[Row] = None
    parent_id: Optional[str] = None
    siblings: Optional[Callable[[], List[Call]]] = None
    qualified: Optional[Tuple[Field, str]] = None


def locate(resource: Resource, params: Mapping[str, Any], reads: Reads, name_option: str = "") -> Target:
    """The target of a module's parameters.

    :raises OptionError: the locator is incomplete.
    :raises ReferenceNotFound: a parent is unknown; the message lists similar names.
    :raises Ambiguous: several have the name; the message lists the IDs.
    """
    name_option = name_option or resource.name_option
    if resource.single:
        (only,) = reads.trees.of(resource.levels).roots
        return Target(resource.listing.label, str(only[resource.id_key]), only)
    resource_id: Optional[str] = params.get(resource.id_option)
    for option in (resource.id_option, name_option, *(listing.label for listing in resource.parents)):
        if params.get(option) == "":
            raise OptionError("%s must not be empty" % option)
    if resource_id is not None:
        return _by_id(resource, resource_id, params, reads)
    return _by_name(resource, params, reads, name_option)


def _by_name(resource: Resource, params: Mapping[str, Any], reads: Reads, name_option: str) -> Target:
    parents, name = resource.parents, str(api_name(resource, params.get(name_option)) or "")
    if not name:
        raise OptionError("one of %s and %s is needed" % (name_option, resource.id_option))
    if parents and params.get(parents[0].label) is None and not parents[0].optional:
        raise OptionError("%s is needed to find the %s %r by its name" % (parents[0].label, resource.noun, name))
    parent = parent_path(resource, params, reads)
    tree = reads.trees.of(resource.levels)
    if parent:
        reads.trees.complete([parent], resource.levels)
    label = "%s %r%s" % (resource.noun, name, place(parent))
    qualified = _qualifier(resource, params, reads)
    if qualified is None:
        row = tree.find(resource.levels, parent, name, name_option)
    else:
        rows = [root for root in tree.roots if root.get(qualified[0].api) == qualified[1]]
        row = pick(rows, name, resource.listing, name_option, listed_by=siblings_call(resource.levels, None))
    target = Target(label, None if row is None else str(row[resource.id_key]), row, qualified=qualified)
    if not parent:
        return target
    kinds = [resource, *(other for other in reads.resources if other.name == resource.name and other is not resource)]
    siblings = partial(_reads_in, kinds, parent, tree)
    return replace(target, parent=parent[-1], parent_id=parent[-1][parents[-1].id_key], siblings=siblings)


def _reads_in(kinds: Sequence[Resource], parent: Path, tree: Tree) -> List[Call]:
    """The reads of all records of some kinds in a parent."""
    rows = ((kind, row[kind.id_key]) for kind in kinds for row in tree.rows(parent, kind.listing))
    return [read_call(kind, resource_id) for kind, resource_id in rows]


def parent_path(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Path:
    """The rows of the tree that the locator options name, from the project on.

    :raises ReferenceNotFound: there is none of a name; the message lists similar names.
    """
    path: Path = ()
    for listing in resource.parents:
        path += (reads.trees.of(resource.levels).need(resource.levels, path, params.get(listing.label), listing.label),)
    return path


def paths_of(resource: Resource, params: Mapping[str, Any], reads: Reads) -> List[Path]:
    """The paths of the records that the locator options leave, sorted by names, since the server's order is not stable.

    :raises ReferenceNotFound: there is none of a name; the message lists similar names.
    """
    tree, levels = reads.trees.of(resource.levels), resource.levels
    paths: List[Path] = [()]
    complete = True
    for listing in levels:
        wanted = params.get(listing.label)
        complete = complete and wanted is not None
        if complete:
            paths = [(*path, tree.need(levels, path, wanted, listing.label)) for path in paths]
            continue
        if listing is levels[-1] and paths != [()]:
            reads.trees.complete(paths, levels)
        inside = [(*path, row) for path in paths for row in tree.rows(path, listing)]
        paths = [path for path in inside if wanted is None or path[-1].get(listing.name_key) == wanted]
    return sorted(
        paths,
        key=lambda path: [
            (str(row.get(level.name_key)), str(row.get(level.id_key))) for row, level in zip(path, levels)
        ],
    )


def api_name(resource: Resource, name: Any) -> Any:
    """A name as the server stores it."""
    field = resource.name_field
    return field.codec.to_api(name) if field is not None and name else name


def _qualifier(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Optional[Tuple[Field, str]]:
    """The option that qualifies the name, and its value; C(None): the name alone finds a record.

    :raises ReferenceNotFound: the value is the name of a record that does not exist.
    """
    for _path, field, _group in resource.fields():
        if field.qualifies is not None:
            value = params.get(field.name)
            if value is None:
                return field, field.qualifies(reads)
            return field, value if field.reference is None else resolve(reads, field.reference, value, field.name)
    return None


def stated(resource: Resource, params: Mapping[str, Any], target: Target) -> Mapping[str, Any]:
    """The parameters to compare: without a name that is the ID of the record, since that only finds it, and with what
    qualifies the name of a new one."""
    name, missing = resource.name_option, {}
    if target.resource_id is None and target.qualified is not None:
        field, value = target.qualified
        missing = {field.name: value} if params.get(field.name) is None else {}
    return {**params, **missing, **({name: None} if params.get(name) == target.resource_id else {})}


def _by_id(resource: Resource, resource_id: str, params: Mapping[str, Any], reads: Reads) -> Target:
    refuse_generated(resource.id_option, resource_id)
    label = "%s %s" % (resource.noun, resource_id)
    wanted = params.get(resource.parents[-1].label) if resource.parents else None
    row: Optional[Row] = None
    if not resource.parents or resource.parents[-1].optional:
        tree = reads.trees.of(resource.levels)
        if resource.parents:
            reads.trees.complete(tree.paths(resource.parents), resource.levels)
        path = tree.path(resource.levels, resource_id)
        if not path:
            return Target(label)
        row = path[-1]
    if wanted is None:
        return Target(label, resource_id, row)
    nearest = resource.parents[-1]
    if all(params.get(listing.label) is not None for listing in resource.parents):
        path = parent_path(resource, params, reads)
    else:
        path = reads.trees.of().path(resource.parents, wanted)
    if not path:
        message = "%s is needed to find the %s %r by its name"
        raise OptionError(message % (resource.parents[0].label, nearest.label, wanted))
    return Target(label, resource_id, row, path[-1], str(path[-1][nearest.id_key]))


def read_row(resource: Resource, target: Target, reads: Reads, fresh: bool = False) -> Optional[Row]:
    """The whole row of a target, or C(None) if there is none.

    :raises Refused: it is listed, and cannot be read.
    """
    if target.resource_id is None:
        return None
    if resource.reading.in_listing and not fresh:
        return target.row
    call = read_call(resource, target.resource_id)
    try:
        if fresh:
            answer = reads.current.row(call)
        else:
            answer = reads.ahead.row(call, target.siblings, str(target.parent_id or ""))
    except NotFoundError:
        return read_again(resource, target, reads)
    return row_in(resource, answer, target.resource_id)


def read_again(resource: Resource, target: Target, reads: Reads) -> Optional[Row]:
    """The row of a target that its listing showed and its own query did not find; C(None) if it was removed meanwhile.

    One that is taken for absent would be created a second time.

    :raises Refused: it is still listed, and still cannot be read.
    """
    if target.row is None or target.resource_id is None or resource.reading.in_listing:
        return None
    reads.forget()
    if not reads.trees.has(resource, target.resource_id):
        return None
    call = read_call(resource, target.resource_id)
    row = row_in(resource, reads.current.answers(call)[0], target.resource_id)
    if row is None:
        words = target.label, resource.listing.procedures[0], target.resource_id, call.procedure
        raise Refused(
            "%s: %s lists it with the ID %s, but %s finds no such record" % words,
            hint="Whether it exists is unknown, so that nothing was written. Run the task again.",
            procedure=call.procedure,
        )
    return row


def locate_existing(resource: Resource, params: Mapping[str, Any], reads: Reads, name_option: str) -> Target:
    """C(locate) for a record that must exist, or is named by its ID.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names, or where else there is one.
    """
    target = locate(resource, params, reads, name_option)
    if target.resource_id is None:
        parent, by_default = parent_path(resource, params, reads), params.get("environment") is None
        raise reads.trees.of(resource.levels).missing(
            resource.levels, parent, params[name_option], name_option, by_default
        )
    return target


def find_parent(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Target:
    """The existing resource that the options C(<resource>), C(<resource>_id), ... name, for what belongs to it.

    :raises ReferenceNotFound: there is none of that name. :raises NotFoundError: there is none of that ID.
    """
    target = locate_existing(resource, params, reads, resource.name)
    if params.get(resource.id_option) is not None and read_row(resource, target, reads) is None:
        # The queries for what belongs to it answer an empty list for an ID that does not exist.
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.noun, params[resource.id_option]))
    return target


def resolve(reads: Reads, listing: Listing, wanted: str, option: str, rows: Optional[List[Row]] = None) -> str:
    """The ID of the record with this name or ID, which an option refers to.

    :param rows: those that it can be, if not all that are listed.
    :raises ReferenceNotFound: there is none. :raises Ambiguous: several have the name. The message lists candidates.
    """
    listed_by = None
    if rows is None:
        rows, listed_by = listing.rows(reads.listings.rows(listing.procedures)), siblings_call((listing,), None)
        rows += [row for row in reads.promises.of(listing) if row not in rows]
    row = pick(rows, wanted, listing, option, listed_by=listed_by)
    if row is None:
        raise missing(rows, wanted, listing, option)
    return str(row[listing.id_key])


def refuse_generated(option: str, value: Any) -> None:
    """:raises ReferenceNotFound: the ID is what a task in check mode has returned for one that it could not know."""
    if value == GENERATED:
        raise ReferenceNotFound("%s: %r stands for an ID that is not known yet" % (option, value))


def _rows_inside(reads: Reads, outer: Field, outer_id: Any, listing: Listing) -> List[Row]:
    """The records that the record of another reference has."""
    if outer.reference is None:
        return []
    id_key, rows = outer.reference.id_key, reads.listings.rows(outer.reference.procedures)
    return [record for row in rows if row[id_key] == outer_id for record in listing.rows(row.get(listing.key) or [])]


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
        if is_marked(value):
            return value
        if not (field.paths or (field.reference is not None and value)):
            for item in value if field.parts and isinstance(value, list) else ():
                self._parts(field, item, path)
            return value
        wanted = [str(item) for item in (value if isinstance(value, list) else [value])]
        try:
            find = self._finder(field, wanted, dotted(path), rows)
            ids = [self._found(find, item, dotted(path)) for item in wanted]
        except UnknownProcedure as error:
            raise too_old(dotted(path), field.since or since, error) from None
        if field.reference is not None:
            self.names.update(zip(ids, wanted))
        # The same one may be named twice, or by its name and its ID.
        return list(dict.fromkeys(ids)) if isinstance(value, list) else ids[0]

    def _parts(self, field: Field, item: Dict[str, Any], path: Tuple[str, ...]) -> None:
        """Put IDs into an object of a list."""
        referring = [part for part in field.parts if part.reference is not None and item.get(part.api)]
        for part in referring:
            inner = None
            if part.inside and part.reference is not None:
                outer = next(sibling for sibling in field.parts if sibling.api == part.inside)
                inner = _rows_inside(self._reads, outer, item[part.inside], part.reference)
            item[part.api] = self._ids(part, item[part.api], (*path, part.name), field.since, inner)

    def _finder(
        self, field: Field, wanted: Sequence[str], option: str, rows: Optional[List[Row]]
    ) -> Callable[[str], str]:
        """The function that finds the ID of a name."""
        reads, listing = self._reads, field.reference
        if listing is None:
            places = PathLookup(reads, field.paths, wanted)
            self.names.update(places.paths)
            return lambda item: places.find(item, option)
        if listing.on_servers:
            rows = reads.trees.on_servers(listing, wanted, self._server_id)
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

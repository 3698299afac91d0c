# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find a record by its locator (C(project) / C(environment) / C(name)), by its ID, or or as the parent of others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import Ambiguous, NotFoundError, OptionError, ReferenceNotFound, Refused
from .._model.field import Field
from .._model.resource import SERVICES, Resource
from .reads import Reads, read_call, row_in
from .references import refuse_generated, resolve
from .tree import Path, missing, pick, place

Row = Dict[str, Any]


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
    parents, name_option = resource.parents, name_option or resource.name_option
    if resource.single:
        (only,) = reads.tree(resource.levels).roots
        return Target(resource.listing.label, str(only[resource.id_key]), only)
    resource_id: Optional[str] = params.get(resource.id_option)
    name: str = api_name(resource, params.get(name_option)) or ""
    for option in (resource.id_option, name_option, *(one.label for one in parents)):
        if params.get(option) == "":
            raise OptionError("%s must not be empty" % option)
    if resource_id is not None:
        return _by_id(resource, resource_id, params, reads)
    if not name:
        raise OptionError("one of %s and %s is needed" % (name_option, resource.id_option))
    if parents and params.get(parents[0].label) is None and not parents[0].optional:
        raise OptionError("%s is needed to find the %s %r by its name" % (parents[0].label, resource.noun, name))
    parent = parent_path(resource, params, reads)
    tree = reads.tree(resource.levels)
    if parent:
        reads.complete([parent], resource.levels)
    label = "%s %r%s" % (resource.noun, name, place(parent))
    qualified = _qualifier(resource, params, reads)
    if qualified is None:
        row = tree.find(resource.levels, parent, name, name_option)
    else:
        rows = [one for one in tree.roots if one.get(qualified[0].api) == qualified[1]]
        row = pick(rows, name, resource.listing, name_option)
    target = Target(label, None if row is None else str(row[resource.id_key]), row, qualified=qualified)
    if not parent:
        return target

    kinds = [resource, *(one for one in reads.resources if one.name == resource.name and one is not resource)]

    def siblings() -> List[Call]:
        rows = ((kind, row[kind.id_key]) for kind in kinds for row in tree.rows(parent, kind.listing))
        return [read_call(kind, resource_id) for kind, resource_id in rows]

    return replace(target, parent=parent[-1], parent_id=parent[-1][parents[-1].id_key], siblings=siblings)


def parent_path(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Path:
    """The rows of the tree that the locator options name, from the project on.

    :raises ReferenceNotFound: there is none of a name; the message lists similar names.
    """
    path: Path = ()
    for listing in resource.parents:
        path += (reads.tree(resource.levels).need(resource.levels, path, params.get(listing.label), listing.label),)
    return path


def paths_of(resource: Resource, params: Mapping[str, Any], reads: Reads) -> List[Path]:
    """The paths of the records that the locator options leave, sorted by names, since the server's order is not stable.

    :raises ReferenceNotFound: there is none of a name; the message lists similar names.
    """
    tree, levels = reads.tree(resource.levels), resource.levels
    paths: List[Path] = [()]
    complete = True
    for listing in levels:
        wanted = params.get(listing.label)
        complete = complete and wanted is not None
        if complete:
            paths = [(*path, tree.need(levels, path, wanted, listing.label)) for path in paths]
            continue
        if listing is levels[-1] and paths != [()]:
            reads.complete(paths, levels)
        found = [(*path, row) for path in paths for row in tree.rows(path, listing)]
        paths = [path for path in found if wanted is None or path[-1].get(listing.name_key) == wanted]
    return sorted(
        paths,
        key=lambda path: [(str(row.get(one.name_key)), str(row.get(one.id_key))) for row, one in zip(path, levels)],
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
        tree = reads.tree(resource.levels)
        if resource.parents:
            reads.complete(tree.paths(resource.parents), resource.levels)
        path = tree.path(resource.levels, resource_id)
        if not path:
            return Target(label)
        row = path[-1]
    if wanted is None:
        return Target(label, resource_id, row)
    nearest = resource.parents[-1]
    if all(params.get(one.label) is not None for one in resource.parents):
        path = parent_path(resource, params, reads)
    else:
        path = reads.tree().path(resource.parents, wanted)
    if not path:
        message = "%s is needed to find the %s %r by its name"
        raise OptionError(message % (resource.parents[0].label, nearest.label, wanted))
    return Target(label, resource_id, row, path[-1], str(path[-1][nearest.id_key]))


def read(resource: Resource, target: Target, reads: Reads, fresh: bool = False) -> Optional[Row]:
    """The whole row of a target, or C(None) if there is none.

    :raises Refused: it is listed, and cannot be read.
    """
    if target.resource_id is None:
        return None
    if resource.readable == "in_listing" and not fresh:
        return target.row
    call = read_call(resource, target.resource_id)
    try:
        answer: Row = reads.fresh(call) if fresh else reads.one(call, target.siblings, str(target.parent_id or ""))
    except NotFoundError:
        return read_again(resource, target, reads)
    return row_in(resource, answer, target.resource_id)


def read_again(resource: Resource, target: Target, reads: Reads) -> Optional[Row]:
    """The row of a target that its listing showed and its own query did not find; C(None) if it was removed meanwhile.

    One that is taken for absent would be created a second time.

    :raises Refused: it is still listed, and still cannot be read.
    """
    if target.row is None or target.resource_id is None or resource.readable == "in_listing":
        return None
    reads.forget()
    if not reads.lists(resource, target.resource_id):
        return None
    call = read_call(resource, target.resource_id)
    row = row_in(resource, reads.fresh_with(call)[0], target.resource_id)
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
        raise reads.tree(resource.levels).missing(resource.levels, parent, params[name_option], name_option, by_default)
    return target


def names_one(resources: Sequence[Resource], params: Mapping[str, Any]) -> bool:
    """Whether the options C(<resource>) or C(<resource>_id) of one of several resources are stated."""
    return any(params[option] is not None for one in resources for option in (one.name, one.id_option))


def chosen(resources: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    """Which of several resources the options C(<resource>) and C(<resource>_id) name, for what belongs to it.

    Of kinds with the same options it is the one of the stated C(<resource>_type), or that which has such a record.

    :raises OptionError: two resources are named, or the locator is incomplete.
    :raises ReferenceNotFound: there is none of that name. :raises NotFoundError: there is none of that ID.
    :raises Ambiguous: several kinds have one of that name; the message lists the IDs.
    """
    stated = {option for option, value in params.items() if value not in (None, False)}
    kinds = [one for one in resources if stated & {one.name, one.id_option}]
    names = {one.name: one.name if one.name in stated else one.id_option for one in kinds}
    if len(names) > 1:
        raise OptionError("%s and %s are mutually exclusive" % tuple(names.values())[:2])
    if len(kinds) < 2:
        return (kinds or resources)[0]
    first, only = kinds[0], params.get("%s_type" % kinds[0].name)
    if only is not None:
        return next(kind for kind in kinds if kind.kind == only)
    tree, resource_id = reads.tree(first.levels), params.get(first.id_option)
    if resource_id:
        refuse_generated(first.id_option, resource_id)
        found = [kind for kind in kinds if tree.path(kind.levels, resource_id)]
        if not found:
            raise NotFoundError("%s: there is no %s %r" % (first.id_option, first.name, resource_id))
        return found[0]
    if not params[first.name] or params.get(first.parents[0].label) is None:
        # The error is the same for all kinds.
        locate(first, params, reads, first.name)
    parent, wanted = parent_path(first, params, reads), params[first.name]
    rows = []
    for kind in kinds:
        reads.complete([parent], kind.levels)
        rows += [(kind, row) for row in tree.rows(parent, kind.listing)]
    found = [kind for kind, row in rows if wanted in (row.get(kind.listing.name_key), row.get(kind.id_key))]
    if len(set(map(id, found))) > 1:
        ids = ["%s %s" % (kind.kind, row.get(kind.id_key)) for kind, row in rows if row.get("name") == wanted]
        message = "%s: %d %s are named %r%s: %s"
        raise Ambiguous(
            message % (first.name, len(ids), first.listing.plural, wanted, place(parent), ", ".join(sorted(ids))),
            hint="Set %s_type, or %s." % (first.name, first.id_option),
            details={"ids": sorted(ids)},
        )
    if not found:
        listed = [row for _kind, row in rows]
        raise missing(listed, wanted, first.listing, first.name, place(parent))
    return found[0]


def refuse_kinds(resource: Resource, params: Mapping[str, Any], reads: Reads, without: Mapping[str, str]) -> None:
    """Look for the stated service, which is none of some kinds, among further kinds.

    :param resource: one of the kinds that were looked through. :param without: the others, each with the reason why
        the operation cannot be on it, as a sentence.
    :raises Refused: it is of one of them.
    """
    wanted = params.get(resource.id_option) or params.get(resource.name)
    parent: Path = ()
    if wanted is None:
        return
    if params.get(resource.id_option) is None:
        try:
            parent = parent_path(resource, params, reads)
        except ReferenceNotFound:
            return
    for kind, why in without.items():
        levels = (*resource.parents, SERVICES[kind].listing)
        if parent:
            reads.complete([parent], levels)
        tree = reads.tree(levels)
        if tree.find(levels, parent, wanted, resource.name) if parent else tree.path(levels, wanted):
            raise Refused("%s: %r%s is of type %s" % (resource.name, wanted, place(parent), kind), hint=why)


def other_kinds(resource: Resource, target: Target, params: Mapping[str, Any], reads: Reads) -> List[str]:
    """The other kinds of which there is a record with the name of a target, in its parent, or with its ID."""
    kinds = [one for one in reads.resources if one.name == resource.name and one is not resource]
    found: List[str] = []
    if not kinds or resource.by_suboption:
        return found
    tree = reads.tree(resource.levels)
    resource_id, parent = params.get(resource.id_option), tree.path(resource.parents, str(target.parent_id))
    for kind in kinds:
        if parent and resource_id is None:
            reads.complete([parent], kind.levels)
            names = [row.get(kind.listing.name_key) for row in tree.rows(parent, kind.listing)]
            found += [kind.kind] if params.get(resource.name_option) in names else []
        elif resource_id is not None and tree.path(kind.levels, resource_id):
            found.append(kind.kind)
    return found


def existing_kind(kinds: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    """Which of several kinds a stated suboption selects, or else the kind of the record of the stated name or ID.

    :raises OptionError: nothing is stated of a record that does not exist.
    :raises Refused: the record is of another kind. :raises Ambiguous: several kinds have a record of that name.
    """
    first = kinds[0]
    option = "name" if params.get(first.id_option) is None else first.id_option
    chosen = [kind for kind in kinds if params.get(kind.kind) is not None]
    label = "%s %r" % (first.noun, params.get(option))
    if chosen and locate(chosen[0], params, reads).resource_id is not None:
        return chosen[0]
    found = [kind for kind in kinds if locate(kind, params, reads).resource_id is not None]
    if chosen and not found:
        return chosen[0]
    if chosen and params["state"] != "absent":
        raise Refused(
            "%s: %s is of the kind %s, which cannot change" % (chosen[0].kind, label, found[0].kind),
            hint="Remove it first, or give the new one another name.",
        )
    if not found and params["state"] == "present":
        choices = ", ".join(kind.kind for kind in kinds)
        if option != "name":
            raise NotFoundError("%s: there is no %s" % (option, label))
        raise OptionError("one of %s is needed to create the %s" % (choices, label))
    if len(found) > 1:
        listed = ", ".join("%s %s" % (kind.kind, locate(kind, params, reads).resource_id) for kind in found)
        raise Ambiguous(
            "%s: %d kinds have a %s: %s" % (option, len(found), label, listed),
            hint="State the kind by its suboption, or set %s." % first.id_option,
        )
    return (chosen or found or [first])[0]


def find_parent(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Target:
    """The existing resource that the options C(<resource>), C(<resource>_id), ... name, for what belongs to it.

    :raises ReferenceNotFound: there is none of that name. :raises NotFoundError: there is none of that ID.
    """
    target = locate_existing(resource, params, reads, resource.name)
    if params.get(resource.id_option) is not None and read(resource, target, reads) is None:
        # The queries for what belongs to it answer an empty list for an ID that does not exist.
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.noun, params[resource.id_option]))
    return target

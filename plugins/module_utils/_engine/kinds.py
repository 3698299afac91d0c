# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Select the kind of a record, where one module manages records of several kinds, or children of them."""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from .._errors import Ambiguous, DokployError, NotFoundError, OptionError, ReferenceNotFound, Refused
from .._model.resource import SERVICES, Resource
from .._reads.reads import Reads
from .._reads.rows import Path, missing
from .._reads.tree import place
from .lookup import Target, locate, parent_path, refuse_generated
from .unknown import refuse_unknown_kind


def names_one(resources: Sequence[Resource], params: Mapping[str, Any]) -> bool:
    """Whether the options C(<resource>) or C(<resource>_id) of one of several resources are stated."""
    return any(params[option] is not None for resource in resources for option in (resource.name, resource.id_option))


def chosen(resources: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    """Which of several resources the options C(<resource>) and C(<resource>_id) name, for what belongs to it.

    Of kinds with the same options it is the one of the stated C(<resource>_type), or that which has such a record.

    :raises OptionError: two resources are named, or the locator is incomplete.
    :raises ReferenceNotFound: there is none of that name. :raises NotFoundError: there is none of that ID.
    :raises Ambiguous: several kinds have one of that name; the message lists the IDs.
    """
    stated = {option for option, value in params.items() if value not in (None, False)}
    kinds = [resource for resource in resources if stated & {resource.name, resource.id_option}]
    names = {resource.name: resource.name if resource.name in stated else resource.id_option for resource in kinds}
    if len(names) > 1:
        raise OptionError("%s and %s are mutually exclusive" % tuple(names.values())[:2])
    if len(kinds) < 2:
        return (kinds or resources)[0]
    only = params.get("%s_type" % kinds[0].name)
    if only is not None:
        return next(kind for kind in kinds if kind.kind == only)
    resource_id = params.get(kinds[0].id_option)
    return _kind_of_id(kinds, resource_id, reads) if resource_id else _kind_of_name(kinds, params, reads)


def _kind_of_id(kinds: Sequence[Resource], resource_id: str, reads: Reads) -> Resource:
    first, tree = kinds[0], reads.trees.of(kinds[0].levels)
    refuse_generated(first.id_option, resource_id)
    matches = [kind for kind in kinds if tree.path(kind.levels, resource_id)]
    if not matches:
        raise NotFoundError("%s: there is no %s %r" % (first.id_option, first.name, resource_id))
    return matches[0]


def _kind_of_name(kinds: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    first, tree = kinds[0], reads.trees.of(kinds[0].levels)
    if not params[first.name] or params.get(first.parents[0].label) is None:
        # The error is the same for all kinds.
        locate(first, params, reads, first.name)
    parent, wanted = parent_path(first, params, reads), params[first.name]
    rows = []
    for kind in kinds:
        reads.trees.complete([parent], kind.levels)
        rows += [(kind, row) for row in tree.rows(parent, kind.listing)]
    matches = [kind for kind, row in rows if wanted in (row.get(kind.listing.name_key), row.get(kind.id_key))]
    if len(set(map(id, matches))) > 1:
        ids = ["%s %s" % (kind.kind, row.get(kind.id_key)) for kind, row in rows if row.get("name") == wanted]
        message = "%s: %d %s are named %r%s: %s"
        raise Ambiguous(
            message % (first.name, len(ids), first.listing.plural, wanted, place(parent), ", ".join(sorted(ids))),
            hint="Set %s_type, or %s." % (first.name, first.id_option),
            details={"ids": sorted(ids)},
        )
    if not matches:
        listed = [row for _kind, row in rows]
        raise missing(listed, wanted, first.listing, first.name, place(parent))
    return matches[0]


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
        levels = (*resource.parents, SERVICES[kind])
        if parent:
            reads.trees.complete([parent], levels)
        tree = reads.trees.of(levels)
        if tree.find(levels, parent, wanted, resource.name) if parent else tree.path(levels, wanted):
            raise Refused("%s: %r%s is of type %s" % (resource.name, wanted, place(parent), kind), hint=why)


def other_kinds(resource: Resource, target: Target, params: Mapping[str, Any], reads: Reads) -> List[str]:
    """The other kinds of which there is a record with the name of a target, in its parent, or with its ID."""
    kinds = [other for other in reads.resources if other.name == resource.name and other is not resource]
    others: List[str] = []
    if not kinds or resource.by_suboption:
        return others
    tree = reads.trees.of(resource.levels)
    resource_id, parent = params.get(resource.id_option), tree.path(resource.parents, str(target.parent_id))
    for kind in kinds:
        if parent and resource_id is None:
            reads.trees.complete([parent], kind.levels)
            names = [row.get(kind.listing.name_key) for row in tree.rows(parent, kind.listing)]
            others += [kind.kind] if params.get(resource.name_option) in names else []
        elif resource_id is not None and tree.path(kind.levels, resource_id):
            others.append(kind.kind)
    return others


def existing_kind(kinds: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    """Which of several kinds a stated suboption selects, or else the kind of the record of the stated name or ID.

    :raises OptionError: nothing is stated of a record that does not exist.
    :raises Refused: the record is of another kind, which may be none of them.
    :raises Ambiguous: several kinds have a record of that name.
    """
    first, state = kinds[0], params["state"]
    option = "name" if params.get(first.id_option) is None else first.id_option
    chosen = [kind for kind in kinds if params.get(kind.kind) is not None]
    label = "%s %r" % (first.noun, params.get(option))
    if chosen and _existing(chosen[:1], params, reads):
        return chosen[0]
    existing = _existing(kinds, params, reads)
    if not existing:
        refuse_unknown_kind(kinds, option, params.get(option), reads)
        if chosen:
            return chosen[0]
    if chosen and state != "absent":
        raise Refused(
            "%s: %s is of the kind %s, which cannot change" % (chosen[0].kind, label, existing[0].kind),
            hint="Remove it first, or give the new one another name.",
        )
    if not existing and state == "present":
        raise _no_kind(kinds, option, label)
    if len(existing) > 1:
        raise _several_kinds(existing, option, label, params, reads)
    return (chosen or existing or [first])[0]


def _existing(kinds: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> List[Resource]:
    """Those of some kinds of which there is a record of the stated name or ID."""
    return [kind for kind in kinds if locate(kind, params, reads).resource_id is not None]


def _several_kinds(
    kinds: Sequence[Resource], option: str, label: str, params: Mapping[str, Any], reads: Reads
) -> Ambiguous:
    listed = ", ".join("%s %s" % (kind.kind, locate(kind, params, reads).resource_id) for kind in kinds)
    return Ambiguous(
        "%s: %d kinds have a %s: %s" % (option, len(kinds), label, listed),
        hint="State the kind by its suboption, or set %s." % kinds[0].id_option,
    )


def _no_kind(kinds: Sequence[Resource], option: str, label: str) -> DokployError:
    if option != "name":
        return NotFoundError("%s: there is no %s" % (option, label))
    choices = ", ".join(kind.kind for kind in kinds)
    return OptionError("one of %s is needed to create the %s" % (choices, label))

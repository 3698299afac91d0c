# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the terms of the lookup plugin name, read together."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.info import described
from ansible_collections.community.dokploy.plugins.module_utils._engine.revealed import revealing_names
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import view
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    Ambiguous,
    DokployError,
    NotFoundError,
    OptionError,
    ReferenceNotFound,
    known_names,
    with_article,
)
from ansible_collections.community.dokploy.plugins.module_utils._host.registration import register_revealed
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._reads.rows import Path, known_since, missing, pick
from ansible_collections.community.dokploy.plugins.module_utils._reads.tree import place
from ansible_collections.community.dokploy.plugins.plugin_utils._lookup.terms import Absent, Term, value_at

_SERVICE = Listing("service", (), "id")


def values_of(terms: Sequence[Term], context: Context) -> List[Any]:
    """The value of each term, or its error as an object where there is no such record or value.

    The tree is read once, and the records of one kind together.

    :raises DokployError: anything else is wrong.
    """
    located = _located(terms, context.reads)
    values: List[Any] = list(located)
    groups: Dict[Tuple[int, Tuple[str, ...]], List[int]] = {}
    for number, location in enumerate(located):
        if not isinstance(location, DokployError):
            groups.setdefault((id(location[0]), _include(location[0], terms[number])), []).append(number)
    for (_kind, include), numbers in groups.items():
        resource = located[numbers[0]][0]
        paths = {str(path[-1][resource.id_key]): path for path in (located[number][1] for number in numbers)}
        params = {**context.params, "include": list(include)}
        inner = Context(params, context.client, context.reads, context.executor, context.waiter)
        by_id = {
            str(row[resource.id_key]): (row, record) for row, record in described(resource, list(paths.values()), inner)
        }
        if context.params["include_secrets"]:
            is_secret = revealing_names(resource).__contains__
            register_revealed([record for _row, record in by_id.values()], is_secret)
        for number in numbers:
            record = by_id.get(str(located[number][1][-1][resource.id_key]))
            values[number] = _value(terms[number], resource, record, context)
    return values


def _located(terms: Sequence[Term], reads: Reads) -> List[Any]:
    """The description and the path in the tree of what each term names, or the error about it."""
    parents = [_parent(term, reads) for term in terms]
    # What the tree lacks of these, of all of one kind together.
    wanted: Dict[int, Tuple[Resource, Dict[int, Path]]] = {}
    for term, parent in zip(terms, parents):
        for kind in term.kinds if isinstance(parent, tuple) and parent else ():
            wanted.setdefault(id(kind), (kind, {}))[1][id(parent[-1])] = parent
    for kind, paths in wanted.values():
        reads.trees.complete(list(paths.values()), kind.levels)
    return [
        _located_record(term, parent, reads) if isinstance(parent, tuple) else parent
        for term, parent in zip(terms, parents)
    ]


def _parent(term: Term, reads: Reads) -> Any:
    """The path of what the record is in, or the error about it."""
    path: Path = ()
    levels = term.kinds[0].levels
    with known_since(term.kinds[0]):
        tree = reads.trees.of(levels)
    try:
        for name in term.parents:
            path += (tree.need(levels, path, name or None, term.text),)
    except ReferenceNotFound as error:
        return error
    return path


def _located_record(term: Term, parent: Path, reads: Reads) -> Any:
    """The description and the path of the record of a term, or the error about it.

    :raises Ambiguous: several have the name; the message lists the IDs.
    """
    matches: List[Tuple[Resource, Path]] = []
    rows: List[Any] = []
    for kind in term.kinds:
        tree = reads.trees.of(kind.levels)
        if term.by_id:
            path = tree.path(kind.levels, term.name)
        else:
            own = tree.rows(parent, kind.listing)
            row = pick(own, term.name, kind.listing, term.text, place(parent))
            path = () if row is None else (*parent, row)
            rows += own
        matches += [(kind, path)] if path else []
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = sorted("%s %s" % (kind.kind or kind.name, path[-1][kind.id_key]) for kind, path in matches)
        message = "%s: %d %ss are named %r%s: %s"
        kind, path = matches[0]
        raise Ambiguous(
            message % (term.text, len(ids), term.label, term.name, place(parent), ", ".join(ids)),
            hint="Put the kind before the ID, as in %s://%s." % (kind.name, path[-1][kind.id_key]),
        )
    if term.by_id:
        return NotFoundError("%s: there is no %s with this ID" % (term.text, term.label))
    listing = term.kinds[0].listing if len({kind.name for kind in term.kinds}) == 1 else _SERVICE
    return missing(rows, term.name, listing, term.text, place(parent))


def _include(resource: Resource, term: Term) -> Tuple[str, ...]:
    """What the field of a term needs that is read on request only."""
    lists = {child.option for child in resource.children if child.listing is not None}
    choices = lists.union(resource.reading.includes[0])
    # The images of what runs are a part of it.
    return tuple(name for name in term.field[:2] if name in choices)


def _value(term: Term, resource: Resource, record: Optional[Tuple[Any, Dict[str, Any]]], context: Context) -> Any:
    """The value of a term in its record; the error of one that is not there is returned.

    :raises OptionError: no record of this kind has such a field, or it is a secret that was not asked for.
    """
    if record is None:
        return NotFoundError("%s: the %s was removed while it was read" % (term.text, resource.noun))
    row, fields = record
    try:
        return value_at(fields, term.field)
    except Absent as absent:
        gone = absent
    whole = {**fields, **view(resource, row, {}, True, context.client.base_url)}
    try:
        value_at(whole, term.field)
    except Absent:
        options = {option.name for option in resource.options} | set(whole)
        if not gone.reached and term.field[0] not in options:
            message = "%s: %s has no field %r" % (term.text, with_article(resource.noun), ".".join(term.field))
            raise OptionError(message, hint=known_names(term.field[0], options)) from None
        rest = ".".join(term.field[sum(len(part.split(".")) for part in gone.reached) :])
        message = "%s: %s has no %r" % (term.text, ".".join(gone.reached) or "the " + resource.noun, rest)
        return NotFoundError(message, hint=known_names(rest, gone.known) if gone.known else None)
    raise OptionError(
        "%s: this is a secret" % term.text, hint="Set include_secrets to true if the value is needed."
    ) from None

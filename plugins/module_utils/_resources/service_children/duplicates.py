# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Children that are about to take a key which is unique on the whole server, such as the host of a domain."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Iterator, Mapping, Tuple

from ..._engine.desired import row_key
from ..._engine.diff import ChildChange, Diff, Judgement, Row
from ..._engine.state import State
from ..._model.child import Everywhere
from ..._model.resource import SCOPES, SERVICES, ChangeCheck, Resource
from ..._reads.reads import Reads
from ..._reads.tree import place
from ..._values.marks import is_marked

#: What an entry of a document says of hosts and the like that it shares with others: their names, or patterns of these.
SHARED = "shared"
#: Where the parameters of its node have that. No option has such a name.
SHARED_OF_ENTRY = "entry.shared"


def _claimed(diff: Diff) -> Iterator[Tuple[ChildChange, Everywhere, Tuple[Any, ...]]]:
    """The children that are about to take a key that they did not have, each with it."""
    for change in diff.children:
        kind, everywhere, before = change.child, change.child.everywhere, change.row
        if everywhere is None or change.action == "remove":
            continue
        after = {**(before or {}), **{want.field.api: want.value for want in change.item}}
        key = row_key(kind, after)
        claimed_before = before is not None and everywhere.claims(before) and row_key(kind, before) == key
        # The server generates one that no other child has.
        generated = any(map(is_marked, key))
        if everywhere.claims(after) and not claimed_before and not generated:
            yield change, everywhere, key


def _children_of_others(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The children of all other parents by their option, each with where it is, if one is about to take a key.

    It costs a batch of queries, one for each other parent, but only once a task.
    """
    own_id = (state.row or {}).get(state.resource.id_key)
    kinds = {change.child.option: everywhere for change, everywhere, _key in _claimed(diff)}
    return {option: list(_others(state.resource, everywhere, own_id, reads)) for option, everywhere in kinds.items()}


def _others(resource: Resource, everywhere: Everywhere, own_id: Any, reads: Reads) -> Iterator[Tuple[str, Row]]:
    for kind, query in {resource.name: everywhere.listing, **everywhere.others}.items():
        listing = SERVICES[kind]
        levels = (*SCOPES["environment"], listing)
        homes = {str(path[-1][listing.id_key]): path for path in reads.trees.of().paths(levels)}
        others = [other_id for other_id in homes if other_id != own_id and not is_marked(other_id)]
        for parent_id, rows in reads.children.of(query, listing.id_key, others).items():
            for row in rows:
                *parent, service = homes[parent_id]
                yield "%s %r%s" % (kind, service.get("name"), place(parent)), row


def _claimed_once(_state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """Warn of children that are about to take a key which children of another parent have: Dokploy accepts both."""
    warnings, shared = [], [str(pattern) for pattern in params.get(SHARED_OF_ENTRY) or ()]
    for change, everywhere, key in _claimed(diff):
        if any(fnmatchcase("".join(map(str, key)).removesuffix("/"), pattern) for pattern in shared):
            continue
        for where, row in known[change.child.option]:
            if row_key(change.child, row) == key and everywhere.claims(row):
                label = " and ".join("%s %r" % (field.name, part) for field, part in zip(change.child.key_fields, key))
                text = "%s already has a %s with %s. %s"
                warnings.append(text % (where, change.child.singular, label, everywhere.effect))
    return Judgement(diff, tuple(warnings))


DUPLICATES = ChangeCheck(_claimed_once, _children_of_others, ("domains",))

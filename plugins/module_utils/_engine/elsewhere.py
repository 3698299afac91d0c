# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Children whose natural key counts on the whole server, as the host and path of a domain do.

Dokploy accepts the same key in several applications, and Traefik then serves one of them.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import ChildChange, row_key
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import place
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Everywhere, Resource

Row = Mapping[str, Any]


def twins(
    resource: Resource, changes: Iterable[ChildChange], resource_id: Optional[str], reads: Reads
) -> Iterator[str]:
    """Warnings of children that are about to take a key which those of another parent have.

    It costs a batch of queries, one for each other parent, but only once a task, and only where a key is new.
    """
    for change in changes:
        child, everywhere = change.child, change.child.everywhere
        if everywhere is None or not _takes_a_key(change, everywhere):
            continue
        after = {**(change.row or {}), **{want.field.api: want.value for want in change.wants}}
        if not everywhere.claims(after):
            continue
        key = row_key(child, after)
        for where, row in _others(resource, everywhere, resource_id, reads):
            if row_key(child, row) == key and everywhere.claims(row):
                label = " and ".join("%s %r" % (field.name, part) for field, part in zip(child.key_fields, key))
                yield "%s already has a %s with %s. %s" % (where, child.singular, label, everywhere.effect)


def remember(resource: Resource, row: Optional[Row], reads: Reads) -> None:
    """Take over what a read of a parent shows, so that the rest of a loop need not ask."""
    for child in resource.children:
        if child.everywhere is not None and row is not None and child.embedded in row:
            reads.remember_children(child.everywhere.listing, str(row[resource.id_key]), row[child.embedded] or [])


def _takes_a_key(change: ChildChange, everywhere: Everywhere) -> bool:
    """Whether it has another key afterwards, or one that it did not claim before."""
    if change.row is None or change.action == "remove":
        return change.action != "remove"
    return any(one.field.key for one in change.changes) or not everywhere.claims(change.row)


def _others(
    resource: Resource, everywhere: Everywhere, resource_id: Optional[str], reads: Reads
) -> Iterator[Tuple[str, Row]]:
    homes: Dict[str, str] = {
        str(row[resource.id_key]): "%s %r%s" % (resource.name, row.get("name"), place(parent))
        for *parent, row in reads.tree().paths(resource.levels)
        if row.get(resource.id_key) != resource_id
    }
    for parent_id, rows in reads.children(everywhere.listing, resource.id_key, list(homes)).items():
        for row in rows:
            yield homes[parent_id], row

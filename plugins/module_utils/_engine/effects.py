# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What children change beside their rows: keys that count on the whole server, and a file that the server writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Container, Iterator, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.concurrency import exclusive_lock
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import (
    ChildChange,
    Diff,
    FileChange,
    Row,
    row_key,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Outcome, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import place
from ansible_collections.community.dokploy.plugins.module_utils._errors import PermissionDenied
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Everywhere, Resource

# --- keys that count on the whole server -----------------------------------------------------------------------------


def warn_of_doubles(
    resource: Resource, stated: Container[str], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """Warn of children that are about to take a key which children of another parent have: Dokploy accepts both.

    It costs a batch of queries, one for each other parent, but only once a task, and only where a key is new.
    """
    context.warn(_doubles(resource, diff, row, context))
    return diff


def _doubles(resource: Resource, diff: Diff, own: Optional[Row], context: Context) -> Iterator[str]:
    for change in diff.children:
        child, everywhere = change.child, change.child.everywhere
        if everywhere is None or not _takes_a_key(change, everywhere):
            continue
        after = {**(change.row or {}), **{want.field.api: want.value for want in change.item}}
        if not everywhere.claims(after):
            continue
        key = row_key(child, after)
        for where, row in _others(resource, everywhere, (own or {}).get(resource.id_key), context):
            if row_key(child, row) == key and everywhere.claims(row):
                label = " and ".join("%s %r" % (field.name, part) for field, part in zip(child.key_fields, key))
                yield "%s already has a %s with %s. %s" % (where, child.singular, label, everywhere.effect)


def _takes_a_key(change: ChildChange, everywhere: Everywhere) -> bool:
    """Whether it has another key afterwards, or one that it did not claim before."""
    if change.row is None or change.action == "remove":
        return change.action != "remove"
    return any(one.field.key for one in change.changes) or not everywhere.claims(change.row)


def _others(resource: Resource, everywhere: Everywhere, own_id: Any, context: Context) -> Iterator[Tuple[str, Row]]:
    homes = {
        str(row[resource.id_key]): "%s %r%s" % (resource.name, row.get("name"), place(parent))
        for *parent, row in context.reads.tree().paths(resource.levels)
        if row.get(resource.id_key) != own_id
    }
    for parent_id, rows in context.reads.children(everywhere.listing, resource.id_key, list(homes)).items():
        for row in rows:
            yield homes[parent_id], row


# --- a file that the server writes for children ----------------------------------------------------------------------


@dataclass(frozen=True)
class KeepValid(FileChange):
    """Give the file its valid text, where it is invalid or a write without an entry makes it so."""

    id_key: str = ""

    def run(self, executor: Any, outcome: Outcome) -> None:
        body = {self.id_key: outcome.value(self.parent_id)}
        with exclusive_lock(executor.client.base_url):
            if not self.file.becomes_invalid(executor.client.query(self.file.read, body)):
                return
            body[self.file.key] = self.file.valid
            executor.answer(Write(self.file.write, body), body)
        outcome.sent = executor.sent = True


def keep_file_valid(
    resource: Resource, stated: Container[str], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """The diff with what the file of the stated children needs.

    The text is read only where no child is its entry and none is written.
    """
    entries = next((child for child in resource.children if child.is_entry), None)
    if entries is None or entries.file is None or _has_entry(entries, row, diff):
        return diff
    file = entries.file
    change = KeepValid(file, id_key=resource.id_key)
    written = [change.child for change in diff.children if change.child.file == file]
    if any(not child.is_entry for child in written):
        return replace(diff, file=change)
    users = (child.option for child in resource.children if child.file == file)
    if row is None or written or not any(option in stated for option in users):
        return diff
    try:
        text = context.client.query(file.read, {resource.id_key: row[resource.id_key]})
    except PermissionDenied:
        # Nothing is written that changes it, and this user could not repair it.
        return diff
    if not file.is_invalid(text):
        return diff
    message = "%s %r: what %s reads is empty. %s. It is replaced with a valid file."
    context.warn([message % (resource.name, row.get("name"), file.read, file.effect)])
    return replace(diff, action="update" if diff.empty else diff.action, file=replace(change, before=text))


def _has_entry(child: Child, row: Optional[Row], diff: Diff) -> bool:
    """Whether a child is an entry once all are added and changed, and before one is removed."""
    switch = child.file.switch if child.file else ""
    enabled = {str(one.get(child.id_key)): one.get(switch) for one in (row or {}).get(child.embedded) or ()}
    for change in diff.children:
        if change.child == child and change.action != "remove":
            resource_id = str((change.row or {}).get(child.id_key, change.label))
            stated = {want.field.api: want.value for want in change.item}
            enabled[resource_id] = stated.get(switch, enabled.get(resource_id))
    return any(value is not False for value in enabled.values())

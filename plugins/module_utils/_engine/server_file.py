# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a file that the server writes for some children has to be made valid, before them or by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Container, Optional

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import (
    ChildChange,
    Diff,
    FileChange,
    Row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import PermissionDenied
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource


def with_valid_file(
    resource: Resource, stated: Container[str], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """The diff with what the file of the stated children needs.

    The text is read only where no child is its entry and none is written.
    """
    entries = next((child for child in resource.children if child.is_entry), None)
    if entries is None or entries.file is None or _has_entry(entries, row, diff):
        return diff
    file = entries.file
    written = [change.child for change in diff.children if change.child.file == file]
    if any(not child.is_entry for child in written):
        return replace(diff, file=FileChange(file))
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
    words = "%s %r: what %s reads is empty. %s. It is replaced with a valid file."
    context.warn([words % (resource.name, row.get("name"), file.read, file.effect)])
    return replace(diff, action="update" if diff.empty else diff.action, file=FileChange(file, text))


def _has_entry(child: Child, row: Optional[Row], diff: Diff) -> bool:
    """Whether a child is an entry once all are added and changed, and before one is removed."""
    switch = child.file.switch if child.file else ""
    enabled = {str(one.get(child.id_key)): one.get(switch) for one in (row or {}).get(child.embedded) or ()}
    for change in diff.children:
        if change.child == child and change.action != "remove":
            resource_id = str((change.row or {}).get(child.id_key, change.label))
            enabled[resource_id] = _after(change, switch, enabled.get(resource_id))
    return any(value is not False for value in enabled.values())


def _after(change: ChildChange, key: str, before: object) -> object:
    return next((want.value for want in change.wants if want.field.api == key), before)

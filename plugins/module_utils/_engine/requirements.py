# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is judged before anything is written: whether the server is new enough, what would have no effect."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import (
    Desired,
    DesiredField,
    dotted,
    natural_key,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import ChildChange, Diff, row_key
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Group, Version, version_text
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty

Row = Mapping[str, Any]


def needs_server(resource: Resource, desired: Desired, diff: Diff, row: Optional[Row], client: Client) -> None:
    """Refuse what this server does not know, before anything is written; older servers drop it silently.

    An existing row settles it without a request: a server that knows a field shows it. Otherwise the version is asked
    for, once a task.

    :raises Refused: an option needs a newer Dokploy; the message names the option and the version.
    """
    if diff.empty:
        return
    for change in diff.changes:
        field = change.field
        if field.since is None or (row is not None and field.api in row and is_empty(change.after)):
            # What an older server shows, it can clear.
            continue
        if field.shown_early or row is None or field.api not in row:
            _ask(client, dotted(change.path), field.since)
    for child in diff.children:
        needs_for_child(child, client)


def needs_for_child(change: ChildChange, client: Client) -> None:
    """The same for one child.

    :raises Refused: it, or one of its options, needs a newer Dokploy.
    """
    if change.action == "remove":
        return
    child = change.child
    if child.since is not None and change.row is None:
        _ask(client, child.option, child.since)
    for part in change.changes:
        if part.field.since is not None and not (change.row is not None and part.field.api in change.row):
            _ask(client, dotted(part.path), part.field.since)


def _ask(client: Client, option: str, since: Version) -> None:
    version = client.version()
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (option, version_text(since), version_text(version)),
            hint="Leave the option out, or update the server. Nothing was written.",
        )


def need(client: Client, what: str, since: Version) -> None:
    """:raises Refused: the server is older than C(since)."""
    version = client.version()
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (what, version_text(since), version_text(version)),
            hint="Update the server. Nothing was written.",
        )


def without_effect(resource: Resource, desired: Desired, row: Optional[Row]) -> Iterator[str]:
    """Warnings of stated options that the server stores and does nothing with, whether they are new or not."""
    yield from idle(desired.wants, row)
    for child in resource.children:
        rows = (row or {}).get(child.embedded) or []
        for wants in desired.children.get(child.option, ()):
            key = natural_key(child, wants)
            yield from idle(wants, next((item for item in rows if row_key(child, item) == key), None))


def idle(wants: Tuple[DesiredField, ...], row: Optional[Row]) -> Iterator[str]:
    """The same for the options of one resource or child."""
    after = {**(row or {}), **{want.field.api: want.value for want in wants}}
    for want in wants:
        why = want.field.idle(after) if want.field.idle is not None else None
        if why is not None:
            yield "%s has no effect: %s." % (dotted(want.path), why)


def has_source(resource: Resource, row: Row) -> bool:
    """Whether there is something to deploy: what the chosen source needs is set."""
    for option in resource.options:
        if isinstance(option, Group) and option.selects is not None:
            field, chosen = option.selects
            if row.get(field.api) == chosen:
                needed = [f for f in option.fields if f.needed]
                return bool(needed) and not any(is_empty(row.get(f.api)) for f in needed)
    return False

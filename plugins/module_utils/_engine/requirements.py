# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is checked before a write: whether the server is new enough, which options have no effect, and whether a name is
free."""

from __future__ import annotations

from typing import Iterator, List, Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import Refused
from .._model.field import Field, Group, Version, version_text
from .._model.resource import Resource
from .._values.codec import is_empty
from .desired import Desired, DesiredField, dotted
from .diff import Change, Diff, Row
from .keys import matching
from .reads import Reads


def need(client: Client, what: str, since: Version, hint: str = "Update the server.") -> None:
    """:raises Refused: the server is older than C(since); the message names both versions."""
    version = client.version()
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (what, version_text(since), version_text(version)),
            hint="%s Nothing was written." % hint,
        )


def needs_server(diff: Diff, row: Optional[Row], client: Client) -> None:
    """Refuse what this server does not know, since an older server silently drops it.

    A server that knows a field shows it, so that an existing row settles it without a request. Otherwise the version is
    queried, once a task.

    :raises Refused: an option needs a newer Dokploy; the message names the option and the version.
    """
    for option, since in _newer(diff, row):
        need(client, option, since, hint="Leave the option out, or update the server.")


def _newer(diff: Diff, row: Optional[Row]) -> Iterator[Tuple[str, Version]]:
    """The options that the server may not know, and the first version with each."""
    yield from _unknown(diff.changes, row or {})
    for item in diff.children:
        if item.action != "remove":
            if item.child.since is not None and item.row is None:
                yield item.child.option, item.child.since
            yield from _unknown(item.changes, item.row or {})


def _unknown(changes: Sequence[Change], row: Row) -> Iterator[Tuple[str, Version]]:
    for change in changes:
        field = change.field
        # What an older server shows, it can clear.
        known = field.api in row and (is_empty(change.after) or not field.shown_early)
        if field.since is not None and not known:
            yield dotted(change.path), field.since


def free_name(resource: Resource, diff: Diff, row: Row, reads: Reads) -> None:
    """Look for another record of a new name, also of another kind, since the server does not say that it is taken.

    :raises Refused: another one has the name.
    """
    listing, own = resource.listing, row.get(resource.id_key)
    for change in (one for one in diff.changes if one.field.api == listing.name_key):
        answer = reads.listing(listing.procedures)
        rows = map(listing.flat, listing.listed(answer[0] if listing.key else answer))
        if any(one.get(listing.name_key) == change.after and one.get(listing.id_key) != own for one in rows):
            raise Refused(
                "%s: another %s is named %r" % (dotted(change.path), listing.label, change.after),
                hint="Remove it first, or choose another name.",
            )


def without_effect(
    resource: Resource, desired: Desired, row: Optional[Row], child_id: Optional[str] = None
) -> Iterator[str]:
    """Warnings of stated options that the server stores and ignores, whether they change or not.

    :param child_id: the ID of the only child that is stated, instead of its natural key.
    """
    yield from _idle(desired.fields, row)
    for child in resource.children:
        for wants in desired.children.get(child.option, ()):
            rows = matching(child, wants, (row or {}).get(child.embedded) or [], child_id)
            yield from _idle(wants, rows[0] if rows else None)


def _idle(wants: Tuple[DesiredField, ...], row: Optional[Row]) -> Iterator[str]:
    after = {**(row or {}), **{want.field.api: want.value for want in wants}}
    for want in wants:
        ignored = want.field.codec.ignored(want.value)
        if ignored:
            yield "%s: %s." % (dotted(want.path), ignored)
        # What is cleared or switched off is not to have one.
        if want.field.no_effect is None or is_empty(want.value) or want.value is False:
            continue
        why = want.field.no_effect(after)
        if why is not None:
            yield "%s has no effect: %s." % (dotted(want.path), why)


def selected_source(resource: Resource, row: Row) -> Sequence[Field]:
    """The fields of the selected source, after the one that selects it."""
    for option in resource.options:
        if isinstance(option, Group) and option.selects is not None:
            selector, chosen = option.selects
            if row.get(selector.api) == chosen:
                return (selector, *option.fields)
    return ()


def sources_of(resource: Resource) -> List[str]:
    """The options of the sources, of which one is selected."""
    return [option.name for option in resource.options if isinstance(option, Group) and option.selects is not None]


def clones_from(resource: Resource, row: Row) -> bool:
    """Whether the selected source is a repository."""
    return any(field.name == "branch" for field in selected_source(resource, row))


def has_source(resource: Resource, row: Row) -> bool:
    """Whether there is something to deploy: the fields that the selected source needs are set."""
    needed = [field for field in selected_source(resource, row) if field.needed]
    return bool(needed) and not any(is_empty(row.get(field.api)) for field in needed)

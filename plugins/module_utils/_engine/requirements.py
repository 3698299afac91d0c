# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is checked of any resource: whether the server is new enough, options have an effect, and names are free."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple

from .._errors import Refused, with_article
from .._model.field import Version, version_text
from .._model.resource import Check
from .._values.codec import is_empty
from .desired import DesiredField, dotted
from .diff import Change, Diff, Judgement, Row
from .keys import matching
from .plan import is_promise
from .reads import Reads
from .state import State


def need(version: Version, what: str, since: Version, hint: str = "Update the server.") -> None:
    """:raises Refused: the version of the server is older than C(since); the message names both."""
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (what, version_text(since), version_text(version)),
            hint="%s Nothing was written." % hint,
        )


def _version(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(version), which is queried once a task, if anything needs it."""
    return {"version": reads.client.version()} if any(_needs(state, diff)) else {}


def _needs_version(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: an option, or the record, needs a newer Dokploy; an older one silently drops the option."""
    for what, since, hint in _needs(state, diff):
        need(known["version"], what, since, hint)
    return Judgement(diff)


def _needs(state: State, diff: Diff) -> Iterator[Tuple[str, Version, str]]:
    """What the server may not know, the first version with it, and what to do without it.

    A server that knows a field shows it, so that an existing row settles it without a request.
    """
    resource = state.resource
    if state.row is None and resource.since is not None:
        yield "Creating %s" % with_article(resource.label), resource.since, "Update the server."
    for option, since in _newer(diff, state.row):
        yield option, since, "Leave the option out, or update the server."


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
        known = field.api in row and (not field.shown_early or is_empty(change.after))
        if field.since is not None and not known:
            yield dotted(change.path), field.since


def _named(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(rows) that may have a new name, also of another kind."""
    listing = state.resource.listing
    # In each server, names are unique by themselves.
    if not state.resource.unique or state.resource.parents or not any(_new_names(state, diff)):
        return {}
    answer = reads.listing(listing.procedures)
    rows = map(listing.flat, listing.listed(answer[0] if listing.key else answer))
    return {"rows": [row for row in rows if not is_promise(row.get(listing.id_key))]}


def _is_free(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: another record has the name, which the server does not say."""
    listing, own = state.resource.listing, (state.row or {}).get(state.resource.id_key)
    for change in _new_names(state, diff):
        others = (one for one in known.get("rows", ()) if one.get(listing.id_key) != own)
        if any(one.get(listing.name_key) == change.after for one in others):
            raise Refused(
                "%s: another %s is named %r" % (dotted(change.path), listing.label, change.after),
                hint="Remove it first, or choose another name.",
            )
    return Judgement(diff)


def _new_names(state: State, diff: Diff) -> Iterator[Change]:
    return (one for one in diff.changes if one.field.api == state.resource.listing.name_key)


def _has_effect(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    return Judgement(diff, tuple(without_effect(state)))


def without_effect(state: State) -> Iterator[str]:
    """Warnings of stated options that the server stores and ignores, whether they change or not."""
    yield from _idle(state.desired.fields, state.row)
    for child in state.resource.children:
        for wants in state.desired.children.get(child.option, ()):
            rows = matching(child, wants, (state.row or {}).get(child.embedded) or [], state.child_id)
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


#: What is checked of any resource.
REQUIREMENTS = (Check(_needs_version, _version), Check(_has_effect), Check(_is_free, _named))

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Several queries in one request, over tRPC.

A batch of 100 C(application.one) takes a fifth of the time of 100 REST calls and counts once against the key's limit
instead of 200 times (measured on 0.30.2). Only queries: two writes in one batch race each other inside the server.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Union
from urllib.parse import quote

from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import ErrorContext
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import (
    decode,
    is_page,
    judged,
    unwrap,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    ConnectionFailed,
    DokployError,
    ProtocolError,
    RateLimitError,
    RedirectError,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import Shape, parsed

MAX_ITEMS = 100
# Node refuses a request line plus headers of 16 KiB with 431; the headers need their share.
MAX_URL = 14 * 1024

# Queries that answer without a key, so that their success says nothing about it.
PUBLIC = frozenset(
    [
        "settings.health",
        "settings.isCloud",
        "sso.enforceSSO",
        "sso.showSignInWithSSO",
        "user.getUserByToken",
        "user.session",
        "whitelabeling.getPublic",
    ]
)

# What ends the whole batch and not one item of it.
FATAL = (AuthenticationError, RateLimitError, ConnectionFailed, RedirectError, ProtocolError)


class Call(NamedTuple):
    """One query: C(procedure) and its input in API names; a C(None) in it counts as absent."""

    procedure: str
    input: Mapping[str, Any]


Result = Union[Any, DokployError]


def path_of(calls: Sequence[Call]) -> str:
    """The path below C(/api) of the one request for all C(calls)."""
    inputs: Dict[str, Any] = {}
    for number, call in enumerate(calls):
        given = {name: value for name, value in call.input.items() if value is not None}
        if given:
            inputs[str(number)] = {"json": given}
    text = json.dumps(inputs, separators=(",", ":"))
    return "/trpc/%s?batch=1&input=%s" % (",".join(call.procedure for call in calls), quote(text, safe=":,"))


def split(calls: Sequence[Call], base_url: str) -> Iterator[List[Call]]:
    """C(calls) in order, in groups that fit into one request each."""
    group: List[Call] = []
    size = fixed = len(base_url) + len(path_of([]))
    for call in calls:
        # Its own share, with room for the comma and a number of up to three digits.
        own = len(path_of([call])) - len(path_of([])) + 8
        if group and (len(group) >= MAX_ITEMS or size + own > MAX_URL):
            yield group
            group, size = [], fixed
        group.append(call)
        size += own
    if group:
        yield group


def route_missing(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this server (or what stands in front of it) has no tRPC route at all.

    A 404 or 405 of the route itself is an array or an object with C(error), as all tRPC answers are.
    """
    text = body.decode("utf-8", errors="replace").strip()
    if status not in (404, 405):
        return status == 200 and is_page(headers, text)
    value = parsed(text)
    return not (isinstance(value, list) or (isinstance(value, dict) and "error" in value))


def judge_batch(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    calls: Sequence[Call],
    context: ErrorContext,
    shapes: Mapping[str, Shape],
) -> List[Result]:
    """The result of every item, in order: its value, or its error as an object.

    The status of the whole says little (207 for any mixture, 404 when all are 404), so only items are looked at.

    :raises DokployError: for an answer that is not a batch's, and when the key was refused.
    """
    items: Any = parsed(body.decode("utf-8", errors="replace"))
    if not isinstance(items, list):
        items = decode(status, headers, body, context)  # raises for every refusal
    if not isinstance(items, list) or len(items) != len(calls):
        raise ProtocolError(
            "%s on %s: a batch of %d queries was not answered as one (HTTP %d)"
            % (context.procedure, context.host, len(calls), status),
            hint="Is dokploy_url the address of Dokploy itself, with nothing in between that changes its answers?",
            procedure=context.procedure,
            status=status,
        )
    worked = [isinstance(item, dict) and "result" in item for item in items]
    context = replace(context, proven=context.proven or proves_key(worked, calls))
    return [_item(item, status, call, context, shapes) for item, call in zip(items, calls)]


def proves_key(worked: Sequence[bool], calls: Sequence[Call]) -> bool:
    """Whether an item succeeded that would not without an accepted key."""
    return any(one and call.procedure not in PUBLIC for one, call in zip(worked, calls))


def _item(item: Any, status: int, call: Call, context: ErrorContext, shapes: Mapping[str, Shape]) -> Result:
    own = replace(context, procedure=call.procedure)
    try:
        return judged(unwrap(item, status, own), shapes, status, own)
    except FATAL:
        raise
    except DokployError as error:
        return error

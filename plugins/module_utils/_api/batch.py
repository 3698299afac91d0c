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
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union
from urllib.parse import quote

from .._errors import AuthenticationError, ConnectionFailed, DokployError, ProtocolError, RateLimitError, RedirectError
from .._http.transport import Response
from .._values.schema import parsed
from .error_mapping import NOT_DOKPLOY, ErrorContext
from .protocol import Shapes, decode, is_page, text_of, unwrap

MAX_ITEMS = 100
# Node refuses a request line plus headers of 16 KiB with 431; the headers need their share.
MAX_URL = 14 * 1024

# Queries that need no key, so that their success proves nothing about it.
PUBLIC = frozenset(
    "settings.health settings.isCloud sso.enforceSSO sso.showSignInWithSSO user.getUserByToken user.session "
    "whitelabeling.getPublic".split()
)

# What fails the whole batch and not one item of it.
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
        if call.input:
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


def decode_batch(
    response: Response, calls: Sequence[Call], context: ErrorContext, shapes: Shapes
) -> Optional[List[Result]]:
    """The result of every item, in order: its value, or its error as an object; C(None) if there is no tRPC route.

    The status of the whole says little (207 for any mixture, 404 when all are 404), so only the items count.

    :raises DokployError: the response is not one to a batch, or the key was refused.
    """
    items: Any = parsed(text_of(response))
    if not isinstance(items, list):
        if _route_missing(response, items):
            return None
        items = decode(response, context, {})  # raises for every refusal
    if not isinstance(items, list) or len(items) != len(calls):
        what = "did not answer a batch of %d queries as one (HTTP %d)" % (len(calls), response.status)
        raise context.error(ProtocolError, response.status, what, NOT_DOKPLOY)
    worked = [isinstance(item, dict) and "result" in item for item in items]
    if proves_key(worked, calls):
        # The key is checked once for all items (measured), so that any other refusal is one of the item.
        context = replace(context, proven=True, key_works=True)
    return [
        result_of(unwrap, item, response.status, replace(context, procedure=call.procedure), shapes)
        for item, call in zip(items, calls)
    ]


def result_of(get: Callable[..., Any], *args: Any) -> Result:
    """The value of a call, or its error unless that is one of the whole batch."""
    try:
        return get(*args)
    except FATAL:
        raise
    except DokployError as error:
        return error


def _route_missing(response: Response, value: Any) -> bool:
    """Whether this server (or a proxy in front of it) has no tRPC route: then it sends a page, or no error of tRPC."""
    if response.status in (404, 405):
        return not (isinstance(value, dict) and "error" in value)
    return response.status == 200 and is_page(response.headers, text_of(response))


def proves_key(worked: Sequence[bool], calls: Sequence[Call]) -> bool:
    """Whether an item succeeded that needs an accepted key."""
    return any(one and call.procedure not in PUBLIC for one, call in zip(worked, calls))

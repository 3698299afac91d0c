# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Several queries, or several mutations, in one request, over tRPC.

A batch of 100 C(application.one) takes a fifth of the time of 100 REST calls and counts once against the key's limit
instead of 200 times; a mutation costs a third to a tenth in a batch of ten (measured on 0.30.2). The items of a batch
run at once inside the server, so that no two mutations in it may write the same.
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

# What fails the whole batch and not one item of it: the key is checked once for all (measured).
REFUSED_KEY = (AuthenticationError, RateLimitError)
FATAL = (*REFUSED_KEY, ConnectionFailed, RedirectError, ProtocolError)


class Call(NamedTuple):
    """One query or mutation: C(procedure) and its input in API names; of a query, C(None) in it counts as absent."""

    procedure: str
    input: Mapping[str, Any]


Result = Union[Any, DokployError]


def path_of(calls: Sequence[Call]) -> str:
    """The path below C(/api) of the one request for all C(calls)."""
    inputs: Dict[str, Any] = {}
    for number, call in enumerate(calls):
        # As by REST, no input is an object: some queries without a needed value refuse anything else.
        inputs[str(number)] = {"json": {name: value for name, value in call.input.items() if value is not None}}
    text = json.dumps(inputs, separators=(",", ":"))
    return "/trpc/%s?batch=1&input=%s" % (",".join(call.procedure for call in calls), quote(text, safe=":,"))


def body_of(calls: Sequence[Call]) -> bytes:
    """The body of the one request for mutations, whose path is C(path_of) of no input."""
    inputs = {str(number): {"json": dict(call.input)} for number, call in enumerate(calls)}
    return json.dumps(inputs, separators=(",", ":"), allow_nan=False).encode("ascii")


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
    response: Response, calls: Sequence[Call], context: ErrorContext, shapes: Shapes, write: bool = False
) -> Optional[List[Result]]:
    """The result of every item, in order: its value, or its error as an object; C(None) if there is no tRPC route.

    The status of the whole says little (207 for any mixture, 404 when all are 404), so only the items count.

    :param write: they are mutations.
    :raises DokployError: the response is not one to a batch, or the key was refused.
    """
    items: Any = parsed(text_of(response))
    if not isinstance(items, list):
        # A page with 200 may also stand for the answer to mutations that took effect.
        if _route_missing(response, items) and not (write and response.status == 200):
            return None
        items = decode(response, context, {})  # raises for every refusal
    if not isinstance(items, list) or len(items) != len(calls):
        what = "did not answer a batch of %d as one (HTTP %d)" % (len(calls), response.status)
        raise context.error(ProtocolError, response.status, what, NOT_DOKPLOY)
    worked = [isinstance(item, dict) and "result" in item for item in items]
    if proves_key(worked, calls):
        # The key is checked once for all items (measured), so that any other refusal is one of the item.
        context = replace(context, proven=True, key_works=True)
    return [
        result_of(unwrap, item, response.status, replace(context, procedure=call.procedure), shapes, write=write)
        for item, call in zip(items, calls)
    ]


def result_of(get: Callable[..., Any], *args: Any, write: bool = False) -> Result:
    """The value of a call, or its error unless that is one of the whole batch.

    :param write: it is a mutation, of which an odd answer says nothing about the others.
    """
    try:
        return get(*args)
    except DokployError as error:
        if isinstance(error, REFUSED_KEY if write else FATAL):
            raise
        return error


def _route_missing(response: Response, value: Any) -> bool:
    """Whether this server (or a proxy in front of it) has no tRPC route: then it sends a page, or no error of tRPC."""
    if response.status in (404, 405):
        return not (isinstance(value, dict) and "error" in value)
    return response.status == 200 and is_page(response.headers, text_of(response))


def proves_key(worked: Sequence[bool], calls: Sequence[Call]) -> bool:
    """Whether an item succeeded that needs an accepted key."""
    return any(one and call.procedure not in PUBLIC for one, call in zip(worked, calls))

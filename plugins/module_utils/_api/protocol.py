# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Responses of Dokploy or of a proxy in front of it, in any form: the value in one, or the error it stands for.

Over tRPC, one request has several queries, or several mutations. A batch of 100 C(application.one) takes a fifth of the
time of 100 REST calls and counts once against the key's limit instead of 200 times; a mutation costs a third to a tenth
in a batch of ten (measured on 0.30.2). The items of a batch run at once inside the server, so that no two mutations in
it may write the same.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from functools import reduce
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Type, Union
from urllib.parse import quote

from .. import _errors as errors
from .._errors import DokployError, Issue, ProtocolError
from .._http.failures import PROXY_AUTH, PROXY_AUTH_HINT
from .._http.transport import Response, retry_after
from .._values.renamed_keys import renewed
from .._values.schema import ANY, NOTHING, Shape, parse_json, wrong
from .error_mapping import MISSING_WHEN_EMPTY, NOT_DOKPLOY, ErrorBody, ErrorContext, classify, redirect

Shapes = Mapping[str, Shape]

MAX_ITEMS = 100
# Node refuses a request line plus headers of 16 KiB with 431; the headers need their share.
MAX_URL = 14 * 1024

# Queries that need no key, so that their success proves nothing about it.
PUBLIC = frozenset(
    "settings.health settings.isCloud sso.enforceSSO sso.showSignInWithSSO user.getUserByToken user.session "
    "whitelabeling.getPublic".split()
)

# What fails the whole batch and not one item of it: the key is checked once for all (measured).
REFUSED_KEY = (errors.AuthenticationError, errors.RateLimitError)
FATAL = (*REFUSED_KEY, errors.ConnectionFailed, errors.RedirectError, ProtocolError)
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_INTEGER = re.compile(r"-?[0-9]+\Z")


def decode(response: Response, context: ErrorContext, shapes: Shapes) -> Any:
    """The value of a response, which has the shape of its procedure.

    :returns: the value of the JSON; C(None) for an empty body.
    :raises DokployError: of the kind that status and body stand for.
    """
    status, headers = response.status, response.headers
    text = response_text(response)
    if 300 <= status < 400:
        raise redirect(status, headers, context)
    if status == 407:
        raise context.error(ProtocolError, status, "got no further: " + PROXY_AUTH, PROXY_AUTH_HINT)
    if status < 200:
        # What follows early hints, for example, is not read, so the effect of the request is unknown.
        hint = "Something in front of Dokploy sends it; set dokploy_url to an address without it."
        raise context.error(ProtocolError, status, "got an interim answer only (HTTP %d)" % status, hint)
    if is_page(headers, text):
        raise _page(status, headers, text, context)
    value = parse_json(text)
    if status >= 400:
        raise classify(status, error_body(value, text), context, retry_after(headers))
    if not text:
        if context.procedure in MISSING_WHEN_EMPTY and not context.trpc:
            raise context.error(errors.NotFoundError, status, "found no such record (empty answer)")
        value = None
    elif value is NOTHING:
        raise _not_json(status, headers, text, context)
    elif context.trpc:
        return unwrap(value, status, context, shapes)
    return _checked(value, status, context, shapes)


def response_text(response: Response) -> str:
    return response.body.decode("utf-8", errors="replace").strip()


def unwrap(item: Any, status: int, context: ErrorContext, shapes: Shapes) -> Any:
    """The value inside C({"result": {"data": {"json": ...}}}), or the error inside C({"error": {"json": ...}}).

    superjson's C(meta) (dates, undefined) is ignored, since C(json) has the same text as REST, except for bigints.
    """
    if isinstance(item, dict):
        result = item.get("result")
        data = result.get("data") if isinstance(result, dict) else None
        if isinstance(data, dict) and "json" in data:
            return _checked(with_integers(data["json"], data.get("meta")), status, context, shapes)
        if isinstance(result, dict) and data is None:
            return _checked(None, status, context, shapes)
        if "error" in item:
            body = error_body(item, "")
            raise classify(next(code for code in (body.status, status, 500) if code >= 400), body, context)
    raise context.error(ProtocolError, status, "answered something that is not tRPC")


def _checked(value: Any, status: int, context: ErrorContext, shapes: Shapes) -> Any:
    """The value with the newest keys of its procedure.

    :raises ProtocolError: the value has not the shape of its procedure; the message does not show the value."""
    shape = shapes.get(context.procedure, ANY)
    value = renewed(shape, value) if shape.has_former else value
    problem = wrong(shape, value)
    if problem is not None:
        error = context.error(ProtocolError, status, "returned an unexpected response: " + problem, NOT_DOKPLOY)
        error.odd = True
        raise error
    return value


def error_body(value: Any, text: str) -> ErrorBody:
    """The body of an error in one form, from any of: REST (with C(data) from 0.28 on), tRPC, documented, plain text."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]  # a tRPC batch whose items all failed alike
    if not isinstance(value, dict):
        return ErrorBody(message=value if isinstance(value, str) else text)
    value = _inner(value)
    with_data = isinstance(value.get("data"), dict)
    data: Mapping[str, Any] = value["data"] if with_data else {}
    code, status = value.get("code"), data.get("httpStatus")
    text = value["message"] if isinstance(value.get("message"), str) else ""
    listed = text.lstrip().startswith("[")  # tRPC puts the list of issues into the message
    issues = _issues(value.get("issues") or (parse_json(text) if listed else None), data.get("zodError"))
    return ErrorBody(
        message="Input validation failed" if issues and listed else text,
        # tRPC's own code is a number; its name is in data.
        code=code if isinstance(code, str) else str(data.get("code") or ""),
        path=str(data.get("path") or "") if with_data else None,
        status=status if isinstance(status, int) else 0,
        dokploy=isinstance(value.get("message"), str) and (code is not None or with_data),
        issues=issues,
    )


def _inner(value: Dict[str, Any]) -> Dict[str, Any]:
    """The error in a body, which may be in an envelope, or be a text."""
    inner = value.get("error")
    if isinstance(inner, dict):
        return inner["json"] if isinstance(inner.get("json"), dict) else inner
    return {"message": inner} if isinstance(inner, str) and "message" not in value else value


def _issues(listed: Any, zod: Any) -> Tuple[Issue, ...]:
    """C(listed) has the whole path into the input; C(zodError) only the first step of it."""
    issues: List[Issue] = [
        Issue(tuple(map(str, entry["path"])), str(entry.get("message") or ""))
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("path"), list)
    ]
    if not issues and isinstance(zod, dict):
        fields = zod.get("fieldErrors")
        groups = [((str(name),), texts) for name, texts in fields.items()] if isinstance(fields, dict) else []
        for path, texts in [*groups, ((), zod.get("formErrors"))]:
            issues += [Issue(path, str(text)) for text in (texts if isinstance(texts, list) else ())]
    return tuple(issues)


def is_page(headers: Mapping[str, str], text: str) -> bool:
    """An HTML page: Dokploy's API never sends one, a proxy or the web interface does."""
    return "html" in (headers.get("Content-Type") or "").lower() or text[:15].lower().startswith(("<!doctype", "<html"))


def _page(status: int, headers: Mapping[str, str], text: str, context: ErrorContext) -> DokployError:
    match = _TITLE.search(text)
    title = context.scrub(html.unescape(_TAG.sub(" ", match.group(2)))) if match else ""
    if status == 429 or (status == 413 and context.sent):
        return classify(status, ErrorBody(message=title), context, retry_after(headers))
    kind: Type[DokployError] = ProtocolError
    hint = "Check that dokploy_url is the address of Dokploy itself, with or without /api at its end."
    if status >= 500:
        kind, hint = errors.ServerError, "A proxy in front of Dokploy sends it; Dokploy may be starting or down."
    elif status == 413:
        kind, hint = errors.BadRequest, "A proxy in front of Dokploy refuses a request of this size."
    elif status == 401:
        hint = "A proxy in front of Dokploy asks for credentials of its own."
    return context.error(kind, status, "answered an HTML page (HTTP %d)" % status, hint, server_message=title or None)


def _not_json(status: int, headers: Mapping[str, str], text: str, context: ErrorContext) -> DokployError:
    cut = "json" in (headers.get("Content-Type") or "").lower() or text[:1] in ("{", "[", '"')
    # The text may be anything, even a whole record with its secrets: it is not shown.
    what, hint = ("JSON that breaks off", "Run the task again.") if cut else ("a text that is not JSON", NOT_DOKPLOY)
    error = context.error(ProtocolError, status, "answered %s (HTTP %d)" % (what, status), hint)
    error.cut = cut
    return error


def with_integers(value: Any, meta: Any) -> Any:
    """The value with its bigints, which superjson writes as text, as integers.

    :param meta: C({"values": {"a.0.b": ["bigint"]}}); anything else in it is ignored.
    """
    types = meta.get("values") if isinstance(meta, dict) else None
    for path, kinds in types.items() if isinstance(types, dict) else ():
        *above, last = path.split(".")
        parent = reduce(_at, above, value)
        member = _at(parent, last)
        if kinds == ["bigint"] and isinstance(member, str) and _INTEGER.match(member):
            parent[int(last) if isinstance(parent, list) else last] = int(member)
    return value


def _at(value: Any, step: str) -> Any:
    try:
        return value[int(step) if isinstance(value, list) else step]
    except (LookupError, TypeError, ValueError):
        return None


class Call(NamedTuple):
    """One query or mutation: C(procedure) and its input in API names; of a query, C(None) in it counts as absent."""

    procedure: str
    input: Mapping[str, Any]


Result = Union[Any, DokployError]


def batch_path(calls: Sequence[Call]) -> str:
    """The path below C(/api) of the one request for all C(calls)."""
    inputs: Dict[str, Any] = {}
    for number, call in enumerate(calls):
        # As by REST, no input is an object: some queries without a needed value refuse anything else.
        inputs[str(number)] = {"json": {name: value for name, value in call.input.items() if value is not None}}
    text = json.dumps(inputs, separators=(",", ":"))
    return "/trpc/%s?batch=1&input=%s" % (",".join(call.procedure for call in calls), quote(text, safe=":,"))


def body_of(calls: Sequence[Call]) -> bytes:
    """The body of the one request for mutations, whose path is C(batch_path) of no input."""
    inputs = {str(number): {"json": dict(call.input)} for number, call in enumerate(calls)}
    return json.dumps(inputs, separators=(",", ":"), allow_nan=False).encode("ascii")


def split_calls(calls: Sequence[Call], base_url: str) -> Iterator[List[Call]]:
    """C(calls) in order, in groups that fit into one request each."""
    group: List[Call] = []
    size = fixed = len(base_url) + len(batch_path([]))
    for call in calls:
        # Its own share, with room for the comma and a number of up to three digits.
        own = len(batch_path([call])) - len(batch_path([])) + 8
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
    items: Any = parse_json(response_text(response))
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
    return response.status == 200 and is_page(response.headers, response_text(response))


def proves_key(worked: Sequence[bool], calls: Sequence[Call]) -> bool:
    """Whether an item succeeded that needs an accepted key."""
    return any(succeeded and call.procedure not in PUBLIC for succeeded, call in zip(worked, calls))

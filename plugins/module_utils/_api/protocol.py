# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One answer of the server: the value in it, or the error it stands for.

Pure functions over status, headers and body, for every form that Dokploy and what stands in front of it were seen to
send: objects, arrays, bare values, nothing at all, plain text, a proxy's HTML page, the documented and the real error.
"""

from __future__ import annotations

import html
import re
from typing import Any, List, Mapping, Optional, Tuple, Type

from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import (
    MISSING_WHEN_EMPTY,
    Complaint,
    ErrorContext,
    classify,
    redirect,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    BadRequest,
    DokployError,
    Issue,
    NotFoundError,
    ProtocolError,
    ServerError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import retry_after
from ansible_collections.community.dokploy.plugins.module_utils._http.session import ASKS, ASKS_HINT
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import ANY, NOTHING, Shape, parsed, wrong

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def decode(status: int, headers: Mapping[str, str], body: bytes, context: ErrorContext) -> Any:
    """The value of an answer.

    :returns: what the JSON says; C(None) for an empty body.
    :raises DokployError: of the kind that status and body stand for.
    """
    text = body.decode("utf-8", errors="replace").strip()
    if 300 <= status < 400:
        raise redirect(status, headers, context)
    if status == 407:
        raise ProtocolError(
            "%s on %s got no further: %s" % (context.procedure, context.host, ASKS),
            hint=ASKS_HINT,
            procedure=context.procedure,
            status=status,
        )
    if status < 200:
        # Early hints, say: what follows them is not read, so nothing is known of what came of the request.
        raise ProtocolError(
            "%s on %s got an answer before the answer (HTTP %d)" % (context.procedure, context.host, status),
            hint="Something in front of Dokploy sends it; set dokploy_url to an address without it.",
            procedure=context.procedure,
            status=status,
        )
    if is_page(headers, text):
        raise _page(status, headers, text, context)
    value = parsed(text)
    if status >= 400:
        raise classify(status, complaint(value, text), context, retry_after(headers))
    if not text:
        if context.procedure in MISSING_WHEN_EMPTY and not context.trpc:
            raise NotFoundError(
                "%s on %s found no such record (empty answer)" % (context.procedure, context.host),
                procedure=context.procedure,
                status=status,
            )
        return None
    if value is NOTHING:
        raise _not_json(status, headers, text, context)
    return unwrap(value, status, context) if context.trpc else value


def unwrap(item: Any, status: int, context: ErrorContext) -> Any:
    """The value inside C({"result": {"data": {"json": ...}}}), or the error inside C({"error": {"json": ...}}).

    superjson's C(meta) (dates, undefined) is ignored, since C(json) holds the same text as REST; but for bigints, which
    stand there as text.
    """
    if isinstance(item, dict):
        result = item.get("result")
        data = result.get("data") if isinstance(result, dict) else None
        if isinstance(data, dict) and "json" in data:
            return with_integers(data["json"], data.get("meta"))
        if isinstance(result, dict) and data is None:
            return None
        if "error" in item:
            raise classify(_status_of(item, status), complaint(item, ""), context)
    raise ProtocolError(
        "%s on %s answered something that is not tRPC" % (context.procedure, context.host),
        procedure=context.procedure,
        status=status,
    )


def _status_of(item: Any, status: int) -> int:
    inner = item["error"].get("json", item["error"]) if isinstance(item["error"], dict) else {}
    data = inner.get("data") if isinstance(inner, dict) else None
    own = data.get("httpStatus") if isinstance(data, dict) else None
    if isinstance(own, int) and own >= 400:
        return own
    return status if status >= 400 else 500


def complaint(value: Any, text: str) -> Complaint:
    """The error body in one form, from any of: REST (with C(data) from 0.28 on), tRPC, documented, plain text."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]  # a tRPC batch whose items all failed alike
    if not isinstance(value, dict):
        return Complaint(message=value if isinstance(value, str) else text)
    inner = value.get("error")
    if isinstance(inner, dict):
        value = inner["json"] if isinstance(inner.get("json"), dict) else inner
    elif isinstance(inner, str) and "message" not in value:
        value = {"message": inner}
    data = value.get("data")
    fields = data if isinstance(data, dict) else {}
    message, code = value.get("message"), value.get("code")
    issues = _issues(value, fields, message)
    if issues and isinstance(message, str) and message.lstrip().startswith("["):
        message = "Input validation failed"  # tRPC puts the list of issues into the message
    return Complaint(
        message=message if isinstance(message, str) else "",
        # tRPC's own code is a number; its name is in data.
        code=code if isinstance(code, str) else str(fields.get("code") or ""),
        path=str(fields.get("path") or ""),
        has_data=isinstance(data, dict),
        dokploy=isinstance(message, str) and (code is not None or isinstance(data, dict)),
        issues=issues,
    )


def _issues(value: Mapping[str, Any], data: Mapping[str, Any], message: Any) -> Tuple[Issue, ...]:
    """C(issues) has the whole path into the input; zodError only the first step of it."""
    listed = value.get("issues")
    if not isinstance(listed, list) and isinstance(message, str) and message.lstrip().startswith("["):
        listed = parsed(message)
    found: List[Issue] = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("path"), list):
            found.append(Issue(tuple(str(step) for step in one["path"]), str(one.get("message") or "")))
    zod = data.get("zodError")
    if not found and isinstance(zod, dict):
        fields, form = zod.get("fieldErrors"), zod.get("formErrors")
        for name, messages in fields.items() if isinstance(fields, dict) else ():
            found += [Issue((str(name),), str(one)) for one in (messages if isinstance(messages, list) else ())]
        found += [Issue((), str(one)) for one in (form if isinstance(form, list) else ())]
    return tuple(found)


def judged(value: Any, shapes: Mapping[str, Shape], status: int, context: ErrorContext) -> Any:
    """The value of an answer, if it is what the procedure answers.

    :raises ProtocolError: it is not; the message says what of it, and never shows it.
    """
    problem = wrong(shapes.get(context.procedure, ANY), value)
    if problem is None:
        return value
    message = "%s on %s gave no answer of Dokploy's: %s" % (context.procedure, context.host, problem)
    hint = "Is dokploy_url the address of Dokploy itself, with nothing in between that changes its answers?"
    error = ProtocolError(message, hint=hint, procedure=context.procedure, status=status)
    error.odd = True
    raise error


def is_page(headers: Mapping[str, str], text: str) -> bool:
    """An HTML page: Dokploy's API never sends one, a proxy or the web interface does."""
    return "html" in (headers.get("Content-Type") or "").lower() or text[:15].lower().startswith(("<!doctype", "<html"))


def _page(status: int, headers: Mapping[str, str], text: str, context: ErrorContext) -> DokployError:
    found = _TITLE.search(text) or _HEADING.search(text)
    title = context.scrub(html.unescape(_TAG.sub(" ", found.group(1)))) if found else ""
    if status == 429 or (status == 413 and context.sent):
        return classify(status, Complaint(message=title), context, retry_after(headers))
    hint: Optional[str] = "Is dokploy_url the address of Dokploy itself, and does it end in /api or in nothing?"
    kind: Type[DokployError] = ProtocolError
    what = "answered an HTML page (HTTP %d)" % status
    if status >= 500:
        kind, hint = ServerError, "A proxy in front of Dokploy says so; Dokploy may be starting or down."
    elif status == 413:
        kind, hint = BadRequest, "A proxy in front of Dokploy refuses a request of this size."
    elif status == 401:
        hint = "A proxy in front of Dokploy asks for credentials of its own."
    return kind(
        "%s on %s %s" % (context.procedure, context.host, what),
        hint=hint,
        procedure=context.procedure,
        status=status,
        server_message=title or None,
    )


def _not_json(status: int, headers: Mapping[str, str], text: str, context: ErrorContext) -> DokployError:
    declared = "json" in (headers.get("Content-Type") or "").lower()
    cut = declared or text[:1] in ("{", "[", '"')
    # The text itself may be anything, a whole record with its secrets as well: it is not shown.
    error = ProtocolError(
        "%s on %s answered %s (HTTP %d)"
        % (context.procedure, context.host, "JSON that breaks off" if cut else "a text that is not JSON", status),
        hint="Run it again." if cut else "Is dokploy_url the address of Dokploy itself?",
        procedure=context.procedure,
        status=status,
    )
    error.cut = cut
    return error


# --- superjson ---
# What superjson says beside JSON: the types of values that JSON has no form for.


_INTEGER = re.compile(r"-?[0-9]+\Z")


def with_integers(value: Any, meta: Any) -> Any:
    """The value with its bigints as integers: C(meta) is C({"values": {"a.0.b": ["bigint"]}}).

    Whatever is not of that form is left as it is.
    """
    types = meta.get("values") if isinstance(meta, dict) else None
    for path, kinds in types.items() if isinstance(types, dict) else ():
        if kinds == ["bigint"]:
            _convert(value, path.split("."))
    return value


def _convert(value: Any, path: Any) -> None:
    for step in path[:-1]:
        value = _at(value, step)
    found = _at(value, path[-1])
    if isinstance(found, str) and _INTEGER.match(found):
        value[int(path[-1]) if isinstance(value, list) else path[-1]] = int(found)


def _at(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)] if re.match(r"[0-9]{1,9}\Z", step) and int(step) < len(value) else None
    return value.get(step) if isinstance(value, dict) else None

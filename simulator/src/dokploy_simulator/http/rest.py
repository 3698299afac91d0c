# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one HTTP request becomes before it is written: the REST form of the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ..api.errors import ProcedureError, internal, unauthorized
from ..api.validate import BigInt
from ..routers.procedures import UNDEFINED, WithDates
from .server import Server, unknown_procedure

BODY_LIMIT = 1_048_576
JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"


@dataclass(slots=True)
class Incoming:
    """The parts of an HTTP request the API looks at. ``query`` is a list of pairs, decoded."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    form: dict[str, Any] | None = None


@dataclass(slots=True)
class Reply:
    """``items`` is the number of procedures it answers, for the latency profile. ``events``: in place of a body what a
    subscription sends, ``None`` for its end."""

    status: int
    body: bytes
    content_type: str | None
    headers: dict[str, str] = field(default_factory=dict)
    transport: str = "other"
    items: int = 1
    events: asyncio.Queue[bytes | None] | None = None


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def loads(body: bytes) -> Any:
    """The value of JSON. Half of a surrogate pair becomes U+FFFD, as PostgreSQL's driver for Node sends it. Raises
    ``ValueError``."""
    value = json.loads(body)
    if b"\\ud" not in body.lower():
        return value
    text = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return json.loads(text.decode("utf-16", "replace"))


def holds_bigint(value: Any) -> bool:
    if isinstance(value, dict):
        return any(holds_bigint(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_bigint(item) for item in value)
    return isinstance(value, BigInt)


def unauthorized_reply() -> Reply:
    """Every failure of a key looks like this, whatever the reason."""
    return Reply(401, b'{"message":"Unauthorized"}', JSON_UTF8, transport="rest")


def query_input(query: list[tuple[str, str]]) -> dict[str, Any]:
    """Query parameters as input: an empty one is absent, a repeated one is a list."""
    result: dict[str, Any] = {}
    for name, value in query:
        if value == "":
            continue
        if name not in result:
            result[name] = value
        elif isinstance(result[name], list):
            result[name].append(value)
        else:
            result[name] = [result[name], value]
    return result


def content_type_problem(content_type: str) -> ProcedureError | None:
    if not content_type:
        return ProcedureError("UNSUPPORTED_MEDIA_TYPE", "Missing content-type header")
    if not content_type.startswith("application/json"):
        # The quote is unbalanced in the original.
        return ProcedureError("UNSUPPORTED_MEDIA_TYPE", f'Unsupported content-type "{content_type}')
    return None


def sent_body(server: Server, request: Incoming, content_type: str) -> Any:
    """The body as input, None for none. Raises ``ValueError`` for JSON that is broken."""
    if content_type.startswith("application/json"):
        return loads(request.body) if request.body else None
    if not server.config.has("json_only") and content_type.startswith("application/x-www-form-urlencoded"):
        return query_input(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return None


async def answer(server: Server, request: Incoming, name: str) -> Reply:
    """Answer ``/api/<router>.<procedure>``."""
    content_type = request.headers.get("Content-Type", "")
    value: Any = None
    if request.method not in ("GET", "HEAD"):
        if len(request.body) > BODY_LIMIT:
            return Reply(413, b"Body exceeded 1mb limit", None, transport="rest")
        try:
            value = sent_body(server, request, content_type)
        except ValueError:
            return Reply(400, b"Invalid JSON", None, transport="rest")
    identity = server.auth.identify(request.headers, request.cookies)
    if identity is None:
        return unauthorized_reply()
    if request.method == "HEAD":
        return Reply(204, b"", JSON, transport="rest")
    sent = query_input(request.query) if request.method == "GET" else value if isinstance(value, dict) else {}
    kind, path = "unknown", None
    try:
        procedure = server.find(name, request.method)
        if procedure is None:
            raise unknown_procedure()
        kind, path = procedure.kind, name
        if request.method == "POST":
            if procedure.multipart and content_type.startswith("multipart/"):
                # Next has eaten the body before the adapter reads it.
                raise internal("Internal server error")
            problem = content_type_problem(content_type)
            if problem and server.config.has("json_only"):
                raise problem
        # The tRPC context verifies the key again: a REST call counts twice.
        identity = server.auth.identify(request.headers, request.cookies)
        if identity is None:
            raise unauthorized()
        result = await server.execute(procedure, sent, identity)
        if isinstance(result, WithDates):
            result = result.value
        if not server.config.has("grace_period") and holds_bigint(result):
            raise internal("Internal server error")
        reply = Reply(200, b"" if result is UNDEFINED else dumps(result), JSON)
    except ProcedureError as error:
        reply = Reply(error.status, dumps(error.rest(path, server.config.has("error_data"))), JSON)
    reply.transport = "rest"
    server.stats.call(name, kind, "rest", 0, reply.status, sent)
    return reply

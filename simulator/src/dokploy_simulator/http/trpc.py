# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tRPC form of the API: single calls, batches, multipart, superjson's envelope."""

from __future__ import annotations

import asyncio
from typing import Any

from ..api.errors import CODE_OF, ProcedureError, bad_request, not_found
from ..api.facts import Procedure
from ..api.validate import MISSING, BigInt
from ..routers.procedures import UNDEFINED, WithDates
from ..store.identities import Identity
from . import subscriptions
from .rest import JSON, Incoming, Reply, dumps, loads
from .server import Server


def json_error(text: str) -> str:
    """V8's words for text that is not JSON (the two forms that were recorded)."""
    if text.startswith("{"):
        return "Expected property name or '}' in JSON at position 1 (line 1 column 2)"
    position = 0
    for literal in ("null", "true", "false"):
        if text[:1] == literal[0]:
            while position < min(len(text), len(literal)) and text[position] == literal[position]:
                position += 1
    return f"Unexpected token '{text[position : position + 1]}', \"{text}\" is not valid JSON"


class Inputs:
    """The inputs of one request, taken apart only when an item asks for its own."""

    def __init__(self, request: Incoming, batch: bool) -> None:
        self.batch = batch
        self.form = request.form
        self.text: str | None = None
        if request.form is None:
            body = request.body.decode("utf-8", "replace")
            self.text = body if request.method == "POST" else dict(request.query).get("input")
        self.parsed: Any = MISSING

    def of(self, index: int) -> Any:
        """The item's input; undefined when there is none or no ``{"json": ...}`` envelope. Raises BAD_REQUEST."""
        if self.form is not None:
            return self.form
        if not self.text:
            return MISSING
        if self.parsed is MISSING:
            try:
                self.parsed = loads(self.text.encode("utf-8", "replace"))
            except ValueError:
                raise bad_request(json_error(self.text)) from None
        value = self.parsed
        if self.batch:
            value = value.get(str(index)) if isinstance(value, dict) else None
        return revived(value) if isinstance(value, dict) else MISSING


def revived(envelope: dict[str, Any]) -> Any:
    """What superjson makes of ``json`` and ``meta``, as far as bigints on the top level go."""
    value = envelope.get("json", MISSING)
    types = (envelope.get("meta") or {}).get("values") or {}
    if isinstance(value, dict) and isinstance(types, dict):
        return {key: BigInt(item) if types.get(key) == ["bigint"] else item for key, item in value.items()}
    return value


def success(result: Any) -> dict[str, Any]:
    if result is UNDEFINED:
        return {"result": {"data": {"json": None, "meta": {"values": ["undefined"], "v": 1}}}}
    if isinstance(result, WithDates):
        dates = {name: ["Date"] for name in result.dates if result.value.get(name) is not None}
        return {"result": {"data": {"json": result.value, "meta": {"values": dates, "v": 1}}}}
    bigints = [key for key, item in result.items() if isinstance(item, BigInt)] if isinstance(result, dict) else []
    if bigints:
        meta = {"values": {key: ["bigint"] for key in bigints}, "v": 1}
        return {"result": {"data": {"json": {**result, **{key: str(result[key]) for key in bigints}}, "meta": meta}}}
    return {"result": {"data": {"json": result}}}


def method_problem(server: Server, method: str, name: str, procedure: Procedure) -> ProcedureError | None:
    if method == procedure.method:
        return None
    if not server.config.has("trpc_11"):
        kind = "query" if method == "GET" else "mutation"
        return not_found(f'No "{kind}"-procedure on path "{name}"')
    text = f'Unsupported {method}-request to {procedure.kind} procedure at path "{name}"'
    return ProcedureError("METHOD_NOT_SUPPORTED", text)


def unknown(server: Server, method: str, name: str) -> str:
    if server.config.has("trpc_11"):
        return f'No procedure found on path "{name}"'
    return f'No "{"query" if method == "GET" else "mutation"}"-procedure on path "{name}"'


def mixed_reply(kinds: list[str]) -> Reply:
    """A batch of queries and mutations is refused as a whole, with one object and a text content type."""
    error = bad_request("Cannot mix procedure types in call: " + ", ".join(kinds))
    return Reply(400, dumps(error.trpc(None)), "text/plain;charset=UTF-8", transport="trpc")


async def item(
    server: Server, method: str, name: str, index: int, inputs: Inputs, identity: Identity | None, batch: int
) -> tuple[int, dict[str, Any]]:
    """One procedure of a request: its status and its entry in the answer."""
    kind, sent = "unknown", MISSING
    fault = server.faults.take_item(name) if batch else None
    try:
        procedure = server.find(name, None)
        if procedure is None:
            raise not_found(unknown(server, method, name))
        kind = procedure.kind
        problem = method_problem(server, method, name, procedure)
        if problem:
            raise problem
        sent = inputs.of(index) if procedure.takes_input else MISSING
        if fault is not None:
            if fault.after:
                await server.execute(procedure, sent, identity)
            raise ProcedureError(CODE_OF[fault.status], fault.body)
        status, body = 200, success(await server.execute(procedure, sent, identity))
    except ProcedureError as error:
        status, body = error.status, error.trpc(name)
    server.stats.call(name, kind, "trpc", batch, status, sent)
    return status, body


def subscribed(server: Server, method: str, name: str, inputs: Inputs, identity: Identity | None) -> Reply:
    """The stream of one subscription."""
    procedure = server.procedures[name]
    problem: ProcedureError | None = None
    sent: Any = MISSING
    try:
        problem = None if method == "GET" else method_problem(server, method, name, procedure)
        sent = inputs.of(0)
    except ProcedureError as error:
        problem = error
    server.stats.call(name, procedure.kind, "trpc", 0, 200, sent)
    return subscriptions.answer(server, procedure, identity, sent, problem)


async def answer(server: Server, request: Incoming, path: str) -> Reply:
    """Answer ``/api/trpc/<path>``. The key is verified once, whatever the size of a batch."""
    identity = server.auth.identify(request.headers, request.cookies)
    if request.method == "HEAD":
        return Reply(204 if identity else 401, b"", JSON, transport="trpc")
    batch = dict(request.query).get("batch") == "1"
    names = path.split(",") if batch else [path]
    kinds: list[str] = []
    for name in names:
        procedure = server.procedures.get(name)
        if procedure and procedure.kind not in kinds:
            kinds.append(procedure.kind)
    if len(kinds) > 1 and server.config.has("trpc_11"):
        return mixed_reply(kinds)
    inputs = Inputs(request, batch)
    if kinds == ["subscription"] and not batch and server.config.has("trpc_11"):
        return subscribed(server, request.method, path, inputs, identity)
    size = len(names) if batch else 0
    items = [item(server, request.method, name, index, inputs, identity, size) for index, name in enumerate(names)]
    # The items of a batch run at once; of queries nothing shows it.
    results = await asyncio.gather(*items) if kinds == ["mutation"] and batch else [await waiting for waiting in items]
    statuses = {status for status, _body in results}
    status = statuses.pop() if len(statuses) == 1 else 207
    body: Any = [body for _status, body in results] if batch else results[0][1]
    return Reply(status, dumps(body), JSON, transport="trpc", items=len(names))

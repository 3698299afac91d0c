# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record the responses of a server, and replay them without it, one of them changed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ansible_collections.community.dokploy.plugins.module_utils._http.transport import Request, Response, Transport

Attempts = Any

# The response for a request that is not in the recording: that of a current server for an unknown procedure.
_UNKNOWN = json.dumps({"message": "Not found", "code": "NOT_FOUND", "data": {"code": "NOT_FOUND"}}).encode()


def key_of(request: Request) -> str:
    """Identifies a request, without the body of a write."""
    return f"{request.method} {request.path} {sorted((request.params or {}).items())}"


@dataclass
class Exchange:
    """One request and its answer. ``procedures`` are those of a batch, or the one."""

    key: str
    procedures: list[str]
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return ",".join(self.procedures)


@dataclass
class HttpRecorder:
    exchanges: list[Exchange] = field(default_factory=list)

    @contextlib.contextmanager
    def record(self) -> Iterator[None]:
        """Record every response meanwhile."""
        send = Transport.send

        def recorded(transport: Transport, request: Request, attempts: Attempts) -> Response:
            answer = send(transport, request, attempts)
            batch = request.trpc and "?batch" in request.path
            names = request.path[len("/trpc/") :].split("?")[0].split(",") if batch else [request.procedure]
            taken = Exchange(key_of(request), names, answer.status, dict(answer.headers), answer.body)
            # Of a long wait one look is enough.
            if not self.exchanges or (self.exchanges[-1].key, self.exchanges[-1].body) != (taken.key, taken.body):
                self.exchanges.append(taken)
            return answer

        with mock.patch.object(Transport, "send", recorded):
            yield

    @contextlib.contextmanager
    def replay(self, number: int, changed: Exchange) -> Iterator[list[str]]:
        """Send nothing: every request gets the recorded response, the ``number``-th one ``changed`` instead.

        Yields the names of the procedures that are asked for.
        """
        left: dict[str, list[Exchange]] = {}
        for position, exchange in enumerate(self.exchanges):
            left.setdefault(exchange.key, []).append(changed if position == number else exchange)
        asked: list[str] = []

        def replayed(transport: Transport, request: Request, attempts: Attempts) -> Response:
            asked.append(request.procedure)
            transport.last_used = 0.0
            known = left.get(key_of(request))
            if not known:
                return Response(404, {"Content-Type": "application/json"}, _UNKNOWN)
            found = known.pop(0) if len(known) > 1 else known[0]
            return Response(found.status, found.headers, found.body)

        with mock.patch.object(Transport, "send", replayed):
            yield asked

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Subscriptions: the lines that a procedure sends while it works, as server-sent events over tRPC.

The status is 200 whatever happens, and what the lines say is for the caller to judge. The server works on when the
connection is closed, so a stream that has begun is never requested again (measured on 0.30.2).
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Iterator, List, Mapping, Tuple
from urllib.parse import quote

from .._errors import DokployError, ProtocolError, StreamInterrupted, WaitTimeout
from .._http.connection import FAILURES
from .._http.failures import timed_out, why_not
from .._values.schema import parse_json
from .error_mapping import NOT_DOKPLOY, ErrorContext
from .protocol import unwrap

CONTENT_TYPE = "text/event-stream"
_CONTINUES = "It continues on the server: check the state before you run it again."


def subscription_path(procedure: str, input: Mapping[str, Any]) -> str:
    """The path below C(/api) of a subscription."""
    text = json.dumps({"json": dict(input)}, separators=(",", ":"))
    return "/trpc/%s?input=%s" % (procedure, quote(text, safe=":,"))


def is_stream(response: Any) -> bool:
    content_type: str = response.headers.get("Content-Type") or ""
    return response.status_code == 200 and content_type.lower().startswith(CONTENT_TYPE)


def lines(response: Any, context: ErrorContext, timeout: float, silence: float) -> Iterator[str]:
    """The lines of a stream as they come, each scrubbed; it returns when the server says that it has ended.

    :param response: of requests, of which only the head was read.
    :param timeout: seconds in total. :param silence: seconds without a line.
    :raises DokployError: the error that the server sends instead of lines.
    :raises WaitTimeout: a limit is reached. :raises StreamInterrupted: it ends before the server says so.
    """
    end, count, why = time.monotonic() + timeout, 0, "the server closed it"
    try:
        for name, data in _events(_blocks(response, end, silence)):
            if name == "return":
                return
            value = parse_json(data)
            if name == "serialized-error":
                unwrap({"error": value}, response.status_code, context, {})
            elif not name:
                for line in _text(value, context).removesuffix("\n").split("\n"):
                    count += 1
                    yield context.scrub(line)
    except FAILURES as error:  # pylint: disable=catching-non-exception
        if timed_out(error):
            raise _expired(context, timeout, silence, time.monotonic() >= end) from None
        why = why_not(error, silence)
    what = "ended its stream too early, after %d lines (%s)" % (count, why)
    raise _unknown(context.error(StreamInterrupted, response.status_code, what, _CONTINUES))


def _text(value: Any, context: ErrorContext) -> str:
    text = value.get("json") if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise _unknown(context.error(ProtocolError, 200, "sent something that is not a line", NOT_DOKPLOY))
    return text


def _expired(context: ErrorContext, timeout: float, silence: float, total: bool) -> DokployError:
    what = "has not ended after %g s" % timeout if total else "sent nothing for %g s" % silence
    return _unknown(context.error(WaitTimeout, 200, what, _CONTINUES))


def _unknown(error: DokployError) -> DokployError:
    error.details["effect_unknown"] = True
    return error


def _events(blocks: Iterator[bytes]) -> Iterator[Tuple[str, str]]:
    """The name, often empty, and the data of each event."""
    name = ""
    data: List[str] = []
    for line in _split(blocks):
        field, _colon, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data.append(value.strip())
        elif not line and (name or data):
            yield name, "\n".join(data)
            name, data = "", []


def _split(blocks: Iterator[bytes]) -> Iterator[str]:
    """The complete lines of the stream; a character may be spread over two blocks."""
    rest = b""
    for block in blocks:
        *complete, rest = (rest + block).split(b"\n")
        for line in complete:
            yield line.decode("utf-8", errors="replace").rstrip("\r")


def _blocks(response: Any, end: float, silence: float) -> Iterator[bytes]:
    """The bytes as they come, within both limits."""
    # Of a body that has no chunks, a larger block would be complete at the end of the stream only.
    blocks = response.iter_content(None if getattr(response.raw, "chunked", False) else 1)
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise socket.timeout
        connection = getattr(response.raw.connection, "sock", None)
        if connection is not None:
            # Without it the limit of before holds, which is the silence.
            connection.settimeout(min(left, silence))
        block = next(blocks, None)
        if block is None:
            return
        yield block

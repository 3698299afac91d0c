# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The text that a WebSocket of Dokploy sends, where no procedure has it: the receiving half of RFC 6455."""

from __future__ import annotations

import base64
import os
import time
from typing import Any, Callable, Mapping, Optional, Tuple

from .connection import CONNECT_TIMEOUT, FAILURES, ClientConfig, open_session, start

# Seconds until the first message, and between two: a log that is followed does not end by itself.
FIRST, NEXT = 4.0, 0.5
# Seconds and bytes in total.
LONGEST, LARGEST = 10.0, 1024 * 1024

_CONTINUATION, _TEXT, _CLOSE = 0, 1, 8


def listen(url: str, params: Mapping[str, str], config: ClientConfig) -> Optional[str]:
    """The text until no more is sent for a while; C(None) if there is no such WebSocket, or the server closes it.

    :param url: with the scheme C(http) or C(https).
    """
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    session = open_session(config)
    try:
        response = start(session, "GET", url, config, (CONNECT_TIMEOUT, FIRST), params=params, headers=headers)
        if response.status_code != 101:
            return None
        connection = response.raw.connection.sock
        return _text(response.raw._original_response.fp, lambda: connection.settimeout(NEXT))
    except (*FAILURES, AttributeError):
        # A proxy may not let a WebSocket through.
        return None
    finally:
        session.close()


def _text(stream: Any, received: Callable[[], None]) -> Optional[str]:
    """:param stream: the buffered bytes of the connection. :param received: called after each message."""
    text, end = b"", time.monotonic() + LONGEST
    try:
        while len(text) < LARGEST and time.monotonic() < end:
            kind, payload = _frame(stream)
            if kind == _CLOSE:
                return text.decode("utf-8", "replace") if text else None
            if kind in (_CONTINUATION, _TEXT):
                text += payload
                received()
    except (OSError, EOFError):
        # There is no more for now.
        pass
    return text.decode("utf-8", "replace")


def _frame(stream: Any) -> Tuple[int, bytes]:
    """The opcode and the payload of one frame; a server masks none."""
    first, second = _read(stream, 2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(_read(stream, 2 if size == 126 else 8), "big")
    return first & 0x0F, _read(stream, min(size, LARGEST))


def _read(stream: Any, size: int) -> bytes:
    data: bytes = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data

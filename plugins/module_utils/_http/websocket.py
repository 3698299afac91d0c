# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a WebSocket of Dokploy says, where no procedure says it: the reading half of RFC 6455."""

from __future__ import annotations

import base64
import os
import time
import warnings
from typing import Any, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._http.config import ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._http.session import (
    CONNECT_TIMEOUT,
    open_session,
    verify_setting,
)

try:
    from urllib3.exceptions import HTTPError, InsecureRequestWarning
except ImportError:
    # Without it there are no requests either, so nothing is ever sent.
    HTTPError = OSError  # type: ignore[assignment,misc]
    InsecureRequestWarning = Warning  # type: ignore[assignment,misc]

# Seconds until the first message, and from one to the next: a log that is followed never ends by itself.
FIRST, NEXT = 4.0, 0.5
# Seconds and bytes for all of it.
LONGEST, LARGEST = 10.0, 1024 * 1024

_CONTINUED, _TEXT, _CLOSE = 0, 1, 8


def listen(url: str, params: Mapping[str, str], config: ClientConfig) -> Optional[str]:
    """The text that comes until there is none for a while; C(None) where there is no such WebSocket, or it is closed.

    :param url: with the scheme C(http) or C(https).
    """
    session, _adapter = open_session(config)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            response = session.get(
                url,
                params=params,
                headers=headers,
                timeout=(CONNECT_TIMEOUT, FIRST),
                allow_redirects=False,
                verify=verify_setting(config),
                stream=True,
            )
        return None if response.status_code != 101 else _text(response.raw._original_response.fp)
    except (OSError, HTTPError, ValueError, AttributeError):
        # A proxy on the way need not let it pass.
        return None
    finally:
        session.close()


def _text(stream: Any) -> Optional[str]:
    """
    :param stream: the buffered bytes of the connection, above those that are bound in time.
    """
    received, end = b"", time.monotonic() + LONGEST
    try:
        while len(received) < LARGEST and time.monotonic() < end:
            kind, payload = _frame(stream)
            if kind == _CLOSE:
                return received.decode("utf-8", "replace") if received else None
            if kind in (_CONTINUED, _TEXT):
                received += payload
                stream.raw.allow(NEXT)
    except (OSError, EOFError):
        # There is no more for now.
        pass
    return received.decode("utf-8", "replace")


def _frame(stream: Any) -> Any:
    """The kind and the content of one frame; a server masks none."""
    first, second = _read(stream, 2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(_read(stream, 2 if size == 126 else 8), "big")
    return first & 0x0F, _read(stream, min(size, LARGEST))


def _read(stream: Any, size: int) -> bytes:
    found: bytes = stream.read(size)
    if len(found) < size:
        raise EOFError
    return found

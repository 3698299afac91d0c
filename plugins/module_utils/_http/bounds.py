# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What keeps an answer within bounds: the time that all of it may take, and how large it may be.

The timeout of requests is one of each receiving: a server that sends a byte now and then holds a task for ever. And an
answer without an end would fill the memory.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any, Dict

try:
    from requests.adapters import HTTPAdapter
except ImportError:
    # Reported by the hosts, see _http/session.py.
    HTTPAdapter = object  # type: ignore[assignment,misc]

# A hundred applications in one batch, with more than a megabyte of text each.
LARGEST = 128 * 1024 * 1024
_BLOCK = 64 * 1024


class _Timed(io.RawIOBase):
    """The bytes of one answer, until the time is over that the socket gives to one receiving."""

    def __init__(self, raw: Any, connection: Any) -> None:
        self._raw, self._connection = raw, connection
        seconds = connection.gettimeout()
        self._until = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def allow(self, seconds: float) -> None:
        """Give what follows so much time from now on."""
        self._until = time.monotonic() + seconds

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose head and body together have the time of the socket, counted from here: the request is out."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_Timed(self.fp.detach(), sock))


class Adapter(HTTPAdapter):
    """The adapter of requests, with connections that read such answers, by way of a proxy as well."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _bound(super().proxy_manager_for(*args, **kwargs))


_pools: Dict[Any, Any] = {}


def _bound(manager: Any) -> Any:
    """Make a pool manager use our responses, whatever its pools are (those of SOCKS are others)."""
    manager.pool_classes_by_scheme = {
        scheme: _pool_class(pool_class) for scheme, pool_class in manager.pool_classes_by_scheme.items()
    }
    return manager


def _pool_class(given: Any) -> Any:
    if given in _pools.values():
        return given
    if given not in _pools:
        connection = type("Bound" + given.ConnectionCls.__name__, (given.ConnectionCls,), {"response_class": _Response})
        _pools[given] = type("Bound" + given.__name__, (given,), {"ConnectionCls": connection})
    return _pools[given]


class TooLarge(Exception):
    """The answer goes on and on."""


def read_body(response: Any) -> bytes:
    """All of an answer's body.

    :param response: of requests, as a stream.
    :raises TooLarge: it is more than C(LARGEST), and what is left is not read.
    """
    # Before urllib3 2 an answer that breaks off would pass for one that is shorter.
    response.raw.enforce_content_length = True
    blocks, size = [], 0
    for block in response.iter_content(_BLOCK):
        size += len(block)
        if size > LARGEST:
            raise TooLarge
        blocks.append(block)
    return b"".join(blocks)

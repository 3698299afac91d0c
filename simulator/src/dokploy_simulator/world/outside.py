# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands for the servers that Dokploy talks to: chats, mail, vaults, DNS, AI. Nothing leaves the process.

What an address or a secret says decides:

* an address with ``missing`` in it, and what the recording found closed, is one where nothing listens;
* ``/hook/<status>/`` in an address answers that status; ``/slow/<seconds>`` is slow, ``silent`` never answers;
* a secret with ``wrong`` in it is refused.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ..api.validate import is_url
from ..store.store import Row
from .config import Config

CLOSED_PORTS = (2599, 5999)
"""Where nothing listened in the recording."""
HOOK = re.compile(r"/hook/(\d{3})(?:/|$)")
SLOW = re.compile(r"/slow/(\d+)(?:/|$)")


def wrong(secret: Any) -> bool:
    """Whether the other side refuses a secret."""
    return "wrong" in str(secret)


def closed(address: str, port: int | None = None) -> bool:
    return "missing" in address or port in CLOSED_PORTS


def port_of(url: str) -> int | None:
    return urlsplit(url).port


class Outside:
    """``messages``: what was sent, oldest first: the ``kind`` of notification, ``to`` where, and the ``body``."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.messages: list[Row] = []

    def receive(self, kind: str, to: Any, body: Row) -> None:
        self.messages.append({"kind": kind, "to": to, "body": body})

    async def fetch(self, url: str, secret: Any = "", refusal: int = 401) -> tuple[int, str]:
        """The status and no problem, or 0 and what ``fetch`` of Node says of an address that gives none."""
        if not is_url(url):
            return 0, f"Failed to parse URL from {url}"
        if closed(url, port_of(url)):
            return 0, "fetch failed"
        await self.keep_waiting(url)
        match = HOOK.search(url)
        return int(match[1]) if match else refusal if wrong(secret) else 200, ""

    async def keep_waiting(self, address: str) -> None:
        if "silent" in address:
            await asyncio.sleep(self.config.block_seconds)

    @staticmethod
    def seconds(url: str) -> int:
        """How long an address takes to answer."""
        match = SLOW.search(url)
        return int(match[1]) if match else 0


def phrase(status: int) -> str:
    """What stands behind a status in the first line of an answer."""
    return HTTPStatus(status).phrase

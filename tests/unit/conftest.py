# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of a server that follows a script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from tests.support.fake_clients import FakeClock
from tests.support.scripted_server import KEY, ScriptedServer, Step


@pytest.fixture
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no proxy."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def start(clock: FakeClock, without_proxies: None) -> Iterator[Any]:
    """``start(*steps, **options)``: a server with that script, and a client of it."""
    opened: list[Any] = []

    def begin(*steps: Step, **options: Any) -> tuple[ScriptedServer, Client]:
        server = ScriptedServer(*steps)
        options.setdefault("url", server.url)
        parts = {"clock": clock, "sleep": clock.sleep, "random": lambda: 1.0, "notice": options.pop("notice", None)}
        client = Client(ClientConfig(api_key=KEY, **options), **parts)
        opened.extend([client, server])
        return server, client

    yield begin
    for closable in opened:
        closable.close()

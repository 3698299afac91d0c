# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._http.websocket import listen
from ansible_collections.community.dokploy.plugins.module_utils._swarm import logs as _logs
from dokploy_simulator.store.randomness import RANDOM
from tests.support.ports import reserved_port


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The playbook of all examples waits for a minute: at the end, the other processes would wait with it."""
    items.sort(key=lambda item: item.path.name != "test_examples.py")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The IDs, names and passwords of a simulator are those of the test: in any order, in any process, in any run."""
    RANDOM.seed(item.nodeid)


@pytest.fixture(autouse=True)
def stand_ins_have_their_own_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-ins for the client, which are their own connection options, have a method for it."""

    def listened(url: str, params: Mapping[str, str], config: Any) -> str | None:
        own = getattr(config, "listen", None)
        return listen(url, params, config) if own is None else own(url.rpartition("/")[2], params)

    monkeypatch.setattr(_logs, "listen", listened)


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nothing listens until the test does."""
    with reserved_port() as one:
        yield one

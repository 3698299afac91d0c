# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator and a host in front of it, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment import fingerprint
from ansible_collections.community.dokploy.plugins.module_utils._http import websocket
from dokploy_simulator import Simulator
from tests.support.host import Host

if TYPE_CHECKING:
    from tests.support.described_options import OptionTestbed
    from tests.support.resettable_server import ResettableServer


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def sim(running_simulator: Simulator) -> Simulator:
    """An empty simulator with default settings."""
    running_simulator.reset(config=True)
    return running_simulator


@pytest.fixture(autouse=True)
def a_log_without_a_line_is_soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells the end of a log that is followed but silence."""
    monkeypatch.setattr(websocket, "FIRST", 0.5)
    monkeypatch.setattr(websocket, "NEXT", 0.1)


@pytest.fixture(autouse=True)
def fingerprints_are_made_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """That a hash takes long to guess from takes a tenth of the time of tests that deploy."""
    monkeypatch.setattr(fingerprint, "ROUNDS", 10)


@pytest.fixture
def host(sim: Simulator) -> Iterator[Host]:
    one = Host(sim)
    yield one
    one.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ResettableServer]:
    """One that each generated example finds as it was in the beginning."""
    from tests.support.resettable_server import resettable_server

    with resettable_server(build_seconds=0.01) as server:
        yield server


@pytest.fixture(scope="session")
def running_testbed() -> Iterator[OptionTestbed]:
    # Here, since it reads all descriptions.
    from tests.support.described_options import open_testbed

    with open_testbed() as one:
        yield one


@pytest.fixture
def testbed(running_testbed: OptionTestbed) -> OptionTestbed:
    """A server in which there is everything that options can refer to."""
    running_testbed.reset()
    return running_testbed

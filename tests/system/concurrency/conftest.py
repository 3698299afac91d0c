# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator for all, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokploy_simulator import Simulator
from tests.system.concurrency.playbooks import ServerState


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def server(running: Simulator) -> ServerState:
    running.reset(config=True)
    return ServerState(running)

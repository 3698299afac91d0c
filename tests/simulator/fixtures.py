# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pytest fixtures: ``pytest_plugins = ["tests.simulator.fixtures"]`` or ``from tests.simulator.fixtures import *``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .runner import Simulator


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """One simulator for the whole session; use ``simulator`` in tests, which empties it first."""
    with Simulator() as sim:
        yield sim


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    """An empty simulator with default settings."""
    simulator_process.reset(config=True)
    return simulator_process

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixture ``dokploy`` of pytest: a simulated server for each test of a playbook.

The release is that of ``--dokploy-version``, else of the setting ``dokploy_version``, else the newest that is known.
``@pytest.mark.dokploy(version="0.29.8", build_seconds=1)`` sets it, and other settings of ``Config``, for one test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .control.runner import Simulator
    from .control.tested_server import TestedServer

# All else is imported by the fixtures: pytest loads this module also where no test uses it.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("dokploy_version", "the release that the simulated Dokploy server plays", default="")
    group = parser.getgroup("dokploy")
    group.addoption("--dokploy-version", default="", help="the release that the simulated Dokploy server plays")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "dokploy(**settings): settings of the simulated Dokploy server for this test")


@pytest.fixture(scope="session")
def dokploy_simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """The simulator that the tests of a session use one after the other."""
    from .api import releases
    from .control.runner import Simulator

    version = request.config.getoption("dokploy_version") or request.config.getini("dokploy_version")
    settings = {}
    if version:
        try:
            releases.check_release(version)
        except ValueError as error:
            raise pytest.UsageError(f"dokploy_version: {error}") from None
        settings["version"] = version
    with Simulator(**settings) as simulator:
        yield simulator


@pytest.fixture
def dokploy(request: pytest.FixtureRequest, dokploy_simulator: Simulator) -> TestedServer:
    """A simulated Dokploy server without projects: ``url``, ``api_key``, ``env``, and what there is on it."""
    from .api import releases
    from .control.tested_server import TestedServer

    settings: dict[str, Any] = {}
    # The nearest mark comes first, and wins.
    for mark in reversed(list(request.node.iter_markers("dokploy"))):
        if mark.args:
            raise pytest.UsageError('mark dokploy: settings have names, for example version="0.29.8"')
        settings.update(mark.kwargs)
    try:
        if "version" in settings:
            releases.check_release(settings["version"])
        dokploy_simulator.reset(config=True)
        dokploy_simulator.config(**settings)
    except ValueError as error:
        raise pytest.UsageError(f"mark dokploy: {error}") from None
    dokploy_simulator.reset()
    return TestedServer(dokploy_simulator)

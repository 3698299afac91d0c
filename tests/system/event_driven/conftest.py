# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator, and what runs a rulebook; without Java the tests are skipped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.support.simulator_client import Api
from tests.system.event_driven.rulebook import JAVA, Rulebook, environment, java_home

Start = Callable[..., Rulebook]


@pytest.fixture(scope="session")
def installed() -> tuple[Path, Path]:
    """The environment of ansible-rulebook, and the folder of Java."""
    java = java_home()
    if java is None:
        pytest.skip(
            f"the rule engine of ansible-rulebook needs Java {JAVA} or newer: set JAVA_HOME, or put java on PATH"
        )
    return environment(), java


@pytest.fixture
def sim(installed: tuple[Path, Path]) -> Iterator[Simulator]:
    with Simulator(send_notifications=True) as one:
        yield one


@pytest.fixture
def rulebook(installed: tuple[Path, Path], sim: Simulator, tmp_path: Path) -> Start:
    """Starts a rulebook, of the collection by its name, with the connection to the simulator."""
    venv, java = installed

    def start(name: str | Path, variables: dict[str, Any], **env: str) -> Rulebook:
        connection = {"DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key, **env}
        rulebook = f"community.dokploy.{name}" if isinstance(name, str) else name
        return Rulebook(rulebook, venv, java, tmp_path, variables, **connection)

    return start


@pytest.fixture
def api(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    one = Api(sim)
    yield one
    one.session.close()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def deploy(api: Api, application: str, result: str = "done") -> None:
    """Deploy and wait."""
    api.sim.config(next_results=[result])
    api.post("application.deploy", applicationId=application)
    api.idle()

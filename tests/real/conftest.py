# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real server of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY): without one, these tests are skipped.

Each test has a project of its own, which is removed at its end.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.playbooks import Server, remove
from tests.real.server_host import Host
from tests.real.shop import Images
from tools.real.__main__ import variables_of
from tools.real.machine import Machine
from tools.real.room import Room


@pytest.fixture(params=["action", "module"])
def path(request: pytest.FixtureRequest) -> str:
    """In process, or as packaged modules."""
    return str(request.param)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not os.environ.get("DOKPLOY_URL"):
        pytest.skip("no DOKPLOY_URL")
    server = Server(os.environ["DOKPLOY_URL"], os.environ["DOKPLOY_API_KEY"], f"real-{secrets.token_hex(3)}")
    yield server
    remove(server, tmp_path / "teardown")


@pytest.fixture
def second(server: Server, tmp_path: Path) -> Iterator[Server]:
    """Another instance, with the same name of the project: that of the room in C(REAL_SECOND)."""
    if not os.environ.get("REAL_SECOND"):
        pytest.skip("no REAL_SECOND")
    named = variables_of(Path(os.environ["REAL_SECOND"]) / "environment")
    second = replace(server, url=named["DOKPLOY_URL"], key=named["DOKPLOY_API_KEY"])
    yield second
    remove(second, tmp_path / "teardown-second")


@pytest.fixture
def images() -> Images:
    names = ("REAL_POSTGRES", "REAL_REDIS", "REAL_IMAGE")
    return Images(*(os.environ.get(name) or pytest.skip(f"no {name}") for name in names))


@pytest.fixture
def bucket() -> tuple[str, str]:
    """The endpoint of S3, and the name of a bucket there."""
    if not os.environ.get("REAL_S3"):
        pytest.skip("no REAL_S3")
    return os.environ["REAL_S3"], os.environ["REAL_BUCKET"]


@pytest.fixture
def traefik() -> str:
    return os.environ.get("REAL_TRAEFIK") or pytest.skip("no REAL_TRAEFIK")


@pytest.fixture
def image() -> str:
    """An image that Docker has or can pull, which serves port 80."""
    return os.environ.get("REAL_IMAGE") or pytest.skip("no REAL_IMAGE")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    if not os.environ.get("REAL_MACHINE"):
        pytest.skip("no REAL_MACHINE")
    return Host(Machine(Room(Path(os.environ["REAL_MACHINE"]), 0)), tmp_path)

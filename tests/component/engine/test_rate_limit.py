# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loop with a key that has a rate limit leaves nothing half-made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from dokploy_simulator import Simulator
from dokploy_simulator.http import auth
from tests.support.fake_clients import FakeClock
from tests.support.host import Host

WINDOW = 60


def limited_host(sim: Simulator, clock: FakeClock, window: int) -> Host:
    """The host of a task whose key is accepted 20 times in a window; only waiting takes time."""
    organization = Host(sim).read("organization.all")[0]["id"]
    limit = {"rateLimitEnabled": True, "rateLimitMax": 20, "rateLimitTimeWindow": window * 1000}
    key = Host(sim).call("user.createApiKey", name="limited", metadata={"organizationId": organization}, **limit)
    host = Host(sim, dokploy_api_key=key["key"])
    opened = host.open({**_connection(host), "auth_scheme": "auto", "validate_certs": True, "ca_path": None})
    opened.client._sleep = clock.sleep
    return host


def _connection(host: Host) -> dict[str, Any]:
    return {**host.connection, "request_timeout": 30, "rate_limit_timeout": None}


def application(name: str) -> dict[str, Any]:
    return {
        "project": "shop",
        "name": name,
        "docker": {"image": "nginx"},
        "env": {"A": "1"},
        "domains": [{"host": f"{name}.example.com"}],
        "ports": [{"published_port": 8080, "target_port": 80, "publish_mode": "host"}],
    }


@pytest.mark.parametrize("window", [WINDOW, 3600])
def test_each_application_of_a_loop_is_whole_if_the_window_is_short(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: clock.now))
    Host(sim).ok(PROJECT, name="shop")
    host = limited_host(sim, clock, window)
    results = [host.run(APPLICATION, **application(f"web-{number}")) for number in range(6)]
    if window == WINDOW:
        assert [result.get("msg") for result in results] == [None] * 6
        again = Host(sim)
        assert not any(again.ok(APPLICATION, **application(f"web-{number}"))["changed"] for number in range(6))
        assert sum(clock.pauses) > 2 * window
    else:
        failed = next(result for result in results if result.get("failed"))
        assert failed["error"]["kind"] == "rate_limit"
        assert failed["msg"].endswith("Run the task again to complete what it has begun.")
        assert sum(clock.pauses) < window

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator without an administrator, its limits of sign-in, and Traefik's container that is made again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from dokploy_simulator import Simulator
from tests.support.simulator_client import Api

ACCOUNT = {"email": "Ops@example.com", "password": "long enough", "name": "Ops", "lastName": "Team"}


@pytest.fixture
def fresh() -> Iterator[Simulator]:
    with Simulator(fresh=True) as sim:
        yield sim


def test_the_first_sign_up_makes_the_organization_and_signs_in(fresh: Simulator) -> None:
    page = requests.get(fresh.url, allow_redirects=False, timeout=60)
    assert (page.status_code, page.headers["Location"]) == (307, "/register")
    session = requests.Session()
    made = session.post(f"{fresh.url}/api/auth/sign-up/email", json=ACCOUNT, timeout=60)
    assert made.json()["user"]["email"] == "ops@example.com"
    (organization,) = session.get(f"{fresh.url}/api/organization.all", timeout=60).json()
    assert organization["members"][0]["role"] == "owner"
    assert requests.get(fresh.url, allow_redirects=False, timeout=60).status_code == 200


def test_three_requests_sign_in_within_the_window(fresh: Simulator) -> None:
    fresh.config(sign_in_seconds=10.0)
    url = f"{fresh.url}/api/auth/sign-in/email"
    statuses = [requests.post(url, json=ACCOUNT, timeout=60).status_code for _time in range(4)]
    assert statuses == [401, 401, 401, 429]
    fresh.act(**{"pass": 11})
    assert requests.post(url, json=ACCOUNT, timeout=60).status_code == 401


def test_a_change_of_the_container_of_traefik_is_lost_while_it_is_made_again() -> None:
    with Simulator(traefik_restart_seconds=3600) as sim:
        api = Api(sim)
        assert api.post("settings.writeTraefikEnv", env="A=1").json() is True
        assert api.post("settings.toggleDashboard", enableDashboard=True).json() is True
        assert api.get("settings.readTraefikEnv").json() == "PATH=/bin"
        _until, *pending = sim.server.store.traefik_pending or ()
        assert pending == ["A=1\nPATH=/bin", []]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten transactions that each wait for a second connection stop the whole server (measured on 0.30.2)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from dokploy_simulator.http.database_pool import CLOSED, SIZE
from tests.support.simulator_client import Api

# No request that is answered in time ends a deadlock before the test has looked at it.
LONG, SHORT = 3600.0, 0.2
Call = tuple[str, dict[str, Any]]


def domains(parent: dict[str, str], count: int) -> list[Call]:
    return [("domain.create", {"host": f"{number}.example.com", **parent}) for number in range(count)]


def stored(api: Api, application: str) -> int:
    return len(api.sim.execute("domain.byApplicationId", applicationId=application))


def messages(response: requests.Response) -> set[str]:
    return {item["error"]["json"]["message"] for item in response.json()}


def test_nine_at_once_pass(api: Api) -> None:
    application = api.application()
    assert api.batch_of_writes(*domains({"applicationId": application}, SIZE - 1)).status_code == 200
    assert stored(api, application) == SIZE - 1


@pytest.mark.parametrize("count", [SIZE, SIZE + 2])
def test_ten_at_once_all_fail(api: Api, count: int) -> None:
    """Those that were waiting for their first connection succeed when the others are closed."""
    application = api.application()
    api.sim.config(deadlock_seconds=SHORT)
    response = api.batch_of_writes(*domains({"applicationId": application}, count))
    assert [item.get("error", {}).get("json", {}).get("message") for item in response.json()] == (
        [CLOSED] * SIZE + [None] * (count - SIZE)
    )
    assert (response.status_code == 400) == (count == SIZE)
    assert stored(api, application) == count - SIZE
    # The server goes on.
    assert api.batch_of_writes(*domains({"applicationId": application}, 2)).status_code == 200


def test_every_other_request_waits_with_them(api: Api) -> None:
    application = api.application()
    api.sim.config(deadlock_seconds=LONG)
    api.sim.reset_stats()
    writer = threading.Thread(
        target=api.batch_of_writes, args=domains({"applicationId": application}, SIZE), daemon=True
    )
    writer.start()
    api.until(lambda: api.sim.server.pool.exhausted)
    answers: list[int] = []
    reader = threading.Thread(target=lambda: answers.append(Api(api.sim).get("project.all").status_code), daemon=True)
    reader.start()
    api.until(lambda: api.sim.stats()["most_in_flight"].get("project.all"))
    assert requests.get(f"{api.sim.url}/api/health").status_code == 200
    assert writer.is_alive()
    assert "project.all" not in api.sim.stats()["procedures"]
    api.sim.apart(api.sim.server.pool.close)
    for thread in (writer, reader):
        thread.join(60)
    assert answers == [200]
    assert stored(api, application) == 0


def test_a_reset_ends_a_deadlock(api: Api) -> None:
    application = api.application()
    api.sim.config(deadlock_seconds=LONG)
    writer = threading.Thread(
        target=api.batch_of_writes, args=domains({"applicationId": application}, SIZE), daemon=True
    )
    writer.start()
    api.until(lambda: api.sim.server.pool.exhausted)
    api.sim.reset(config=True)
    writer.join(60)
    assert api.get("project.all").json() == []


def test_what_needs_one_connection_passes(api: Api) -> None:
    """A domain of a stack has no file, and creations of mounts read nothing inside of a transaction."""
    application = api.application()
    environment = api.get("project.all").json()[0]["environments"][0]["environmentId"]
    stack = api.post("compose.create", name="stack", environmentId=environment).json()["composeId"]
    assert api.batch_of_writes(*domains({"composeId": stack, "domainType": "compose"}, 2 * SIZE)).status_code == 200
    mount = {"type": "volume", "volumeName": "v", "serviceId": application, "serviceType": "application"}
    mounts: list[Call] = [("mounts.create", {**mount, "mountPath": f"/{number}"}) for number in range(2 * SIZE)]
    assert api.batch_of_writes(*mounts).status_code == 200


@pytest.mark.parametrize(
    ("procedure", "status", "message"),
    [
        ("mounts.update", 500, CLOSED),
        ("redirects.create", 400, "Error creating this redirect"),
        ("security.create", 400, CLOSED),
        ("security.update", 400, CLOSED),
    ],
)
def test_the_other_procedures(api: Api, procedure: str, status: int, message: str) -> None:
    application = api.application()
    api.sim.config(deadlock_seconds=SHORT)
    volume = {"type": "volume", "volumeName": "v", "mountPath": "/v", "serviceType": "application"}
    mount = api.post("mounts.create", **volume, serviceId=application).json()["mountId"]
    api.post("security.create", applicationId=application, username="u", password="p")
    user = api.get("application.one", applicationId=application).json()["security"][0]["securityId"]
    bodies: dict[str, dict[str, Any]] = {
        "mounts.update": {"mountId": mount},
        "redirects.create": {"applicationId": application, "regex": "a", "replacement": "b", "permanent": False},
        "security.create": {"applicationId": application, "username": "v", "password": "p"},
        "security.update": {"securityId": user, "username": "u", "password": "q"},
    }
    response = api.batch_of_writes(*[(procedure, bodies[procedure])] * SIZE)
    assert (response.status_code, messages(response)) == (status, {message})


def test_before_0_28_a_user_is_updated_without_a_transaction(api: Api) -> None:
    application = api.application()
    api.post("security.create", applicationId=application, username="u", password="p")
    user = api.get("application.one", applicationId=application).json()["security"][0]["securityId"]
    api.sim.config(version="0.27.1", deadlock_seconds=SHORT)
    update: Call = ("security.update", {"securityId": user, "username": "u", "password": "q"})
    assert api.batch_of_writes(*[update] * SIZE).status_code == 200


def test_the_most_in_flight(api: Api) -> None:
    application = api.application()
    api.sim.reset_stats()
    api.batch_of_writes(*[*domains({"applicationId": application}, 3), ("redirects.delete", {"redirectId": "none"})])
    api.sim.hold("mounts.*", count=2)
    updates = [
        threading.Thread(target=api.post, args=("mounts.update",), kwargs={"mountId": "none"}) for _unused in range(2)
    ]
    for thread in updates:
        thread.start()
    for thread in updates:
        thread.join()
    api.post("domain.create", host="a.example.com", applicationId=application)
    stats = api.sim.stats()
    assert stats["most_in_flight"] == {"domain.create": 3, "mounts.update": 2, "redirects.delete": 1}
    assert stats["most_in_transaction"] == 3
    api.sim.reset_stats()
    assert api.sim.stats()["most_in_transaction"] == 0

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that wait until a test releases them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support import waiting
from tests.support.simulator_client import Api


class Behind:
    """A call on a thread and a connection of its own."""

    def __init__(self, api: Api, procedure: str, **body: Any) -> None:
        self.answer: Any = None
        self.error: Exception | None = None
        self._work: Callable[[], requests.Response] = lambda: Api(api.sim).post(procedure, **body)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.answer = self._work()
        except requests.RequestException as error:
            self.error = error

    def over(self) -> requests.Response:
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        assert isinstance(self.answer, requests.Response)
        return self.answer


def until(api: Api, **wanted: Any) -> None:
    """Wait until the only hold looks like that."""
    waiting.until(lambda: {key: api.sim.holds()[0][key] for key in wanted} == wanted, api.sim.holds)


def names(api: Api) -> list[str]:
    return sorted(row["name"] for row in api.get("project.all").json())


def test_a_barrier_lets_all_go_on_together(api: Api) -> None:
    api.sim.hold("project.create", count=2, seconds=60)
    first = Behind(api, "project.create", name="a")
    until(api, came=1, waiting=1, released="")
    assert names(api) == []
    assert Behind(api, "project.create", name="b").over().status_code == 200
    assert first.over().status_code == 200
    until(api, came=2, waiting=0, released="all")
    assert api.post("project.create", name="c").status_code == 200
    assert names(api) == ["a", "b", "c"]


def test_after_the_effect_until_it_is_told(api: Api) -> None:
    api.sim.hold("project.create", nth=2, stage="after", until="told", name="second", seconds=60)
    assert api.post("project.create", name="a").status_code == 200
    held = Behind(api, "project.create", name="b")
    until(api, seen=2, waiting=1)
    assert names(api) == ["a", "b"]
    assert held.answer is None
    api.sim.release("second")
    assert held.over().status_code == 200
    until(api, released="told", waiting=0)


def test_somebody_else_acts_in_between(api: Api) -> None:
    app = api.application()
    api.sim.hold("application.update", act=[{"remove": "web"}, {"remove": "web"}])
    assert api.post("application.update", applicationId=app, replicas=2).status_code == 400
    (hold,) = api.sim.holds()
    assert hold["acted"][0] == {"done": {"applicationId": app}}
    assert "0 services are called web" in hold["acted"][1]["error"]


def test_somebody_else_acts_between_effect_and_answer(api: Api) -> None:
    app = api.application()
    domain = {"call": "domain.create", "input": {"applicationId": "web", "host": "b.example.com"}}
    api.sim.hold("application.one", stage="after", act=[domain])
    assert api.get("application.one", applicationId=app).json()["domains"] == []
    assert len(api.get("application.one", applicationId=app).json()["domains"]) == 1


def test_none_stands_still_for_ever(api: Api) -> None:
    api.sim.hold("project.create", count=2, seconds=0.01)
    assert api.post("project.create", name="a").status_code == 200
    until(api, released="seconds")


def test_a_reset_lets_go(api: Api) -> None:
    api.sim.hold("project.create", until="told", seconds=60, act=[{"remove": "web"}])
    held = Behind(api, "project.create", name="a")
    until(api, waiting=1)
    api.sim.reset()
    assert held.over().status_code == 200
    assert api.sim.holds() == []


def test_a_server_that_goes_down_resets_what_is_held(api: Api) -> None:
    api.sim.hold("project.create", until="told", seconds=60)
    held = Behind(api, "project.create", name="a")
    until(api, waiting=1)
    api.sim.act(restart=True, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        held.over()
    time.sleep(0.06)
    assert names(api) == []


def test_what_a_client_left_behind_is_carried_out(api: Api) -> None:
    api.sim.hold("project.create", until="told", name="all", seconds=60)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{api.sim.url}/api/project.create", json={"name": "a"}, headers={"x-api-key": api.sim.key}, timeout=0.1
        )
    assert names(api) == []
    api.sim.release("all")
    waiting.until(lambda: names(api) == ["a"])


def test_over_http(api: Api) -> None:
    door = f"{api.sim.url}/_sim/holds"
    assert (
        requests.post(door, json=[{"procedure": "a.*"}, {"procedure": "b.*"}]).json()["holds"][1]["name"]
        == "b.* before"
    )
    assert len(requests.get(door).json()["holds"]) == 2
    assert requests.post(door, json={"release": "c"}).status_code == 400
    assert requests.post(door, json={"stage": "between"}).status_code == 400
    assert requests.post(door, json={"until": "dawn"}).status_code == 400
    assert requests.post(door, json={"clear": True}).json()["holds"] == []

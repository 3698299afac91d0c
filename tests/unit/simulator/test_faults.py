# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults strike the request they are meant for, and only that one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

import pytest
import requests

from dokploy_simulator.http.faults import Fault, Faults
from tests.support.simulator_client import Api


def projects(api: Api) -> list[str]:
    return [project["name"] for project in api.get("project.all").json()]


def test_reset_before_has_no_effect(api: Api) -> None:
    api.sim.fault("reset_before", "project.create")
    with pytest.raises(requests.ConnectionError):
        api.post("project.create", name="a")
    assert projects(api) == []
    assert api.post("project.create", name="a").status_code == 200
    assert [call["status"] for call in api.sim.stats()["journal"]] == [0, 200, 200]


def test_reset_after_has_its_effect(api: Api) -> None:
    api.sim.fault("reset_after", "project.create")
    with pytest.raises(requests.ConnectionError):
        api.post("project.create", name="a")
    assert projects(api) == ["a"]


def test_status_before_and_after(api: Api) -> None:
    api.sim.fault("status", "project.create", status=503, body="busy", content_type="text/plain")
    answer = api.post("project.create", name="a")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (503, "busy", "text/plain")
    assert projects(api) == []
    api.sim.fault("status", "project.create", status=500, body={"message": "late"}, after=True)
    assert api.post("project.create", name="b").json() == {"message": "late"}
    assert projects(api) == ["b"]


def test_nth_and_times(api: Api) -> None:
    api.sim.fault("status", "project.*", nth=2, times=2, status=500)
    assert [api.get("project.all").status_code for _unused in range(5)] == [200, 500, 500, 200, 200]
    assert api.get("settings.getDokployVersion").status_code == 200


def test_transport(api: Api) -> None:
    api.sim.fault("status", "application.one", times=-1, status=500, transport="trpc")
    application = api.application()
    assert api.get("application.one", applicationId=application).status_code == 200
    batch = api.batch(("application.one", {"applicationId": application}), ("project.all", {}))
    assert batch.status_code == 500


@pytest.mark.parametrize("after", [False, True])
def test_one_item_of_a_batch(api: Api, after: bool) -> None:
    api.sim.fault("item", "project.create", nth=2, status=500, body="no", after=after)
    answer = api.batch_of_writes(*(("project.create", {"name": name}) for name in "abc"))
    assert answer.status_code == 207
    assert [item.get("error", {}).get("json", {}).get("message") for item in answer.json()] == [None, "no", None]
    assert sorted(projects(api)) == sorted("abc" if after else "ac")
    # What is no batch has no items.
    api.sim.fault("item", "project.create", status=400, body="no")
    assert api.post("project.create", name="d").status_code == 200


def test_cut_json(api: Api) -> None:
    api.sim.fault("cut_json", "project.create")
    answer = api.post("project.create", name="a")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert projects(api) == ["a"]


def test_cut_body(api: Api) -> None:
    api.sim.fault("cut_body", "project.all")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("project.all")


def test_html_redirect_and_429(api: Api) -> None:
    for kind, values in (("html", {}), ("redirect", {"url": "https://other.example/"}), ("rate_limited", {})):
        api.sim.fault(kind, "project.all", **values)
    # Faults added together count the same request; the first one added strikes.
    assert api.get("project.all").headers["Content-Type"] == "text/html"
    api.sim.reset()
    api.sim.fault("redirect", url="https://other.example/", status=308)
    answer = api.get("project.all")
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://other.example/")
    api.sim.fault("rate_limited", retry_after=7)
    answer = api.get("project.all")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_slow_answers_all_the_same(api: Api) -> None:
    api.sim.fault("slow", "project.all", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        api.session.get(f"{api.sim.url}/api/project.all", timeout=0.05)
    assert api.get("project.all").status_code == 200


def test_spent_key_for_requests(api: Api) -> None:
    api.sim.fault("key_spent", nth=2, requests=2)
    answers = [api.get("project.all") for _unused in range(4)]
    assert [answer.status_code for answer in answers] == [200, 401, 401, 200]
    assert answers[1].json() == {"message": "Unauthorized"}


def test_spent_key_for_seconds() -> None:
    moment = 100.0
    faults = Faults(clock=lambda: moment)
    faults.add({"kind": "key_spent", "seconds": 5})
    faults.take(["project.all"], "rest")
    assert faults.key_is_spent()
    moment = 104.9
    faults.take(["project.all"], "rest")
    assert faults.key_is_spent()
    moment = 105.1
    faults.take(["project.all"], "rest")
    assert not faults.key_is_spent()


def test_refused_until_somebody_listens_again(api: Api) -> None:
    api.sim.fault("refused", nth=2)
    assert api.get("project.all").status_code == 200
    for _unused in range(2):
        with pytest.raises(requests.ConnectionError, match="refused"):
            api.get("project.all")
    api.sim.reset(state=False)
    assert api.get("project.all").status_code == 200


def test_refused_right_after_a_connection_was_accepted(api: Api) -> None:
    """asyncio has accepted it, and has not made its transport."""
    assert api.get("project.all").status_code == 200
    loop, faults = api.sim._loop, api.sim.server.faults
    assert loop is not None
    client = socket.socket()
    client.settimeout(30)

    async def connect() -> None:
        client.connect(("127.0.0.1", urlsplit(api.sim.url).port))
        # The loop accepts after this callback, and closes before what it has accepted has its turn.
        loop.call_soon(loop.call_soon, faults.deafen, 0)

    with client:
        asyncio.run_coroutine_threadsafe(connect(), loop).result()
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.get("project.all")
    api.sim.reset(state=False)
    assert api.get("project.all").status_code == 200


def test_refused_at_once_and_for_seconds(api: Api) -> None:
    assert api.get("project.all").status_code == 200
    api.sim.fault("refused", seconds=0.05)
    with pytest.raises(requests.ConnectionError, match="refused|reset|closed|Remote"):
        api.get("project.all")

    def answers() -> bool:
        try:
            return api.get("project.all").status_code == 200
        except requests.ConnectionError:
            return False

    api.until(answers)


@pytest.mark.parametrize("after", [False, True])
def test_empty(api: Api, after: bool) -> None:
    api.sim.fault("empty", "project.create", after=after)
    answer = api.post("project.create", name="a")
    assert (answer.status_code, answer.content) == (200, b"")
    assert projects(api) == (["a"] if after else [])


@pytest.mark.parametrize(("more", "there"), [({}, []), ({"after": True}, ["a"]), ({"late": True}, ["a"])])
def test_hang(api: Api, more: dict[str, bool], there: list[str]) -> None:
    api.sim.fault("hang", "project.create", **more)
    with pytest.raises(requests.ReadTimeout):
        api.session.post(f"{api.sim.url}/api/project.create", json={"name": "a"}, timeout=0.2)
    api.sim.settle()
    assert projects(api) == there


@pytest.mark.parametrize(("more", "answers"), [({}, False), ({"after": True}, False), ({"answered": True}, True)])
def test_restart_loses_the_queue(api: Api, more: dict[str, bool], answers: bool) -> None:
    api.sim.config(build_seconds=600)
    fields = {"sourceType": "docker", "dockerImage": "nginx"}
    application = api.sim.seed(applications=2, fields=fields)["applicationIds"]
    api.post("application.deploy", applicationId=application[0])
    api.sim.fault("restart", "application.deploy", **more)
    if answers:
        assert api.post("application.deploy", applicationId=application[1]).status_code == 200
    else:
        with pytest.raises(requests.ConnectionError):
            api.post("application.deploy", applicationId=application[1])
    assert api.get("deployment.queueList").json() == []
    statuses = [row["status"] for row in api.get("deployment.all", applicationId=application[0]).json()]
    assert statuses in ([], ["cancelled"])


def test_execute_is_not_counted(api: Api) -> None:
    api.sim.execute("project.create", name="a")
    assert api.sim.stats()["http"] == 0
    assert projects(api) == ["a"]


def test_unknown_kind() -> None:
    with pytest.raises(ValueError, match="unknown fault boom"):
        Fault("boom")

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Older releases that lose values or fail to respond: nothing is lost, and the error says how to proceed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import with_integers
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects import project
from ansible_collections.community.dokploy.plugins.module_utils._resources.services import application
from dokploy_simulator import Simulator
from tests.support.effort import THOROUGH
from tests.support.host import Host
from tests.support.releases import RELEASES

APPLICATION, ENVIRONMENT, PROJECT = application.OPERATION, project.ENVIRONMENT_OPERATION, project.OPERATION
WEB = {"project": "shop", "environment": "staging", "name": "web"}
# Releases that cannot show a grace period, and have one.
BIGINT = ("0.25.6", "0.26.7", "0.27.1", "0.28.8") if THOROUGH else ("0.25.6", "0.28.8")
# Each differs from the one before in what these tests look at.
DIFFERENT = RELEASES if THOROUGH else ("0.25.0", "0.26.7", "0.30.2")
VERSION = "settings.getDokployVersion"


def hosts(version: str) -> Iterator[Host]:
    with Simulator(version=version) as sim:
        one = Host(sim)
        one.ok(PROJECT, name="shop")
        one.ok(ENVIRONMENT, project="shop", name="staging")
        one.ok(APPLICATION, **WEB, docker={"image": "nginx"})
        one.new_task()
        sim.reset_stats()
        yield one
        one.close()


@pytest.fixture(params=DIFFERENT)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    yield from hosts(request.param)


@pytest.fixture(params=BIGINT)
def bigint(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A server on which a user has set a grace period in the web interface, which sends it as a bigint."""
    for one in hosts(request.param):
        (row,) = one.sim.server.store.applications
        body = {"json": {"applicationId": row["applicationId"], "stopGracePeriodSwarm": "5000000000"}}
        body["meta"] = {"values": {"stopGracePeriodSwarm": ["bigint"]}}
        url = f"{one.sim.url}/api/trpc/application.update"
        assert requests.post(url, json=body, headers={"x-api-key": one.sim.key}, timeout=120).status_code == 200
        one.sim.reset_stats()
        yield one


def applications(host: Host) -> int:
    return len(host.sim.server.store.applications)


# --- environments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_an_environment_with_services_is_not_removed(host: Host, check: bool) -> None:
    """Before 0.27.1 the server itself would delete the rows of its applications and say nothing."""
    result = host.failed(ENVIRONMENT, check=check, project="shop", name="staging", state="absent")
    assert result["error"]["kind"] == "refused" and "application staging/web" in result["msg"]
    assert host.sim.calls("mutation") == [] and applications(host) == 1


def test_forced_it_takes_its_services_down_first(host: Host) -> None:
    host.ok(ENVIRONMENT, project="shop", name="staging", state="absent", force=True)
    assert host.sim.calls("mutation")[-2:] == ["application.delete", "environment.remove"]
    assert applications(host) == 0


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("check", [True, False])
def test_a_default_environment_stays_with_all_that_is_in_it(host: Host, force: bool, check: bool) -> None:
    """Before 0.26.1 only its name tells it; its services must not go before the server refuses to remove it."""
    host.ok(APPLICATION, **{**WEB, "environment": "production"})
    host.new_task()
    host.sim.reset_stats()
    params = {"project": "shop", "name": "production", "state": "absent", "force": force}
    result = host.failed(ENVIRONMENT, check=check, **params)
    assert "default environment" in result["msg"]
    assert host.sim.calls("mutation") == [] and applications(host) == 2


def test_a_project_called_like_a_default_environment_is_none(host: Host) -> None:
    host.ok(PROJECT, name="production")
    assert host.ok(PROJECT, name="production", state="absent")["changed"]


def test_which_one_is_the_default(host: Host) -> None:
    for name, expected in (("production", True), ("staging", False)):
        assert host.ok(ENVIRONMENT, project="shop", name=name)["environment"]["is_default"] is expected
    (shop,) = host.ok(project.INFO_OPERATION, name="shop")["projects"]
    assert {one["name"]: one["is_default"] for one in shop["environments"]} == {"production": True, "staging": False}


# --- a grace period --------------------------------------------------------------------------------------------------


def test_it_is_read_all_the_same(bigint: Host) -> None:
    result = bigint.ok(APPLICATION, **WEB, docker={"image": "nginx:2"})
    assert result["changed"] and result["application"]["stop_grace_period"] == "5s"
    bigint.new_task()
    again = bigint.ok(APPLICATION, **WEB, docker={"image": "nginx:2"}, stop_grace_period="5s")
    assert not again["changed"], again["diff"]


@pytest.mark.parametrize("check", [True, False])
def test_it_can_be_cleared(bigint: Host, check: bool) -> None:
    result = bigint.ok(APPLICATION, check=check, **WEB, stop_grace_period="")
    assert result["changed"]
    assert bigint.sim.calls("mutation") == ([] if check else ["application.update"])
    bigint.new_task()
    bigint.sim.reset_stats()
    assert bigint.ok(APPLICATION, **WEB, stop_grace_period="")["changed"] is check
    if not check:
        # REST says it all again.
        assert {call["transport"] for call in bigint.sim.stats()["journal"]} == {"rest"}


def test_it_cannot_be_given(bigint: Host) -> None:
    result = bigint.failed(APPLICATION, **WEB, stop_grace_period="10s")
    assert "stop_grace_period needs Dokploy 0.29.0 or newer" in result["msg"]
    assert bigint.sim.calls("mutation") == []


def test_the_way_around_is_found_once(bigint: Host) -> None:
    for _time in range(3):
        bigint.ok(APPLICATION, **WEB, stop_grace_period="5s")
    refused = [call for call in bigint.sim.stats()["journal"] if call["status"] == 500]
    assert len(refused) <= 2


def test_another_failure_of_the_server_is_one(host: Host) -> None:
    host.sim.fault("status", "application.one", status=500, body={"message": "relation does not exist"})
    assert host.failed(APPLICATION, **WEB)["error"]["kind"] == "server"
    assert {call["transport"] for call in host.sim.stats()["journal"]} == {"rest"}


@pytest.mark.parametrize(
    ("value", "values", "expected"),
    [
        ({"a": "5"}, {"a": ["bigint"]}, {"a": 5}),
        ([{"a": [{"b": "-7"}]}], {"0.a.0.b": ["bigint"]}, [{"a": [{"b": -7}]}]),
        ({"a": "5"}, {"a": ["Date"]}, {"a": "5"}),
        ({"a": "x"}, {"a": ["bigint"]}, {"a": "x"}),
        ({"a": "5"}, {"b.c": ["bigint"], "a.b": ["bigint"]}, {"a": "5"}),
        ([], {"0": ["bigint"], "9999999999999999999": ["bigint"]}, []),
        (None, ["undefined"], None),
        ("5", None, "5"),
    ],
)
def test_what_superjson_says_beside(value: Any, values: Any, expected: Any) -> None:
    assert with_integers(value, {"values": values, "v": 1}) == expected
    assert with_integers(value, None) == value


# --- the version -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_a_loop_asks_for_the_version_once(host: Host, check: bool) -> None:
    """New applications with an option that needs it; without one, never."""
    for options, expected in (({}, 0), ({"build_secrets": {"A": "1"}}, 1)):
        host.new_task()
        host.sim.reset_stats()
        for number in range(20):
            name = f"{'plain' if not options else 'new'} {number}"
            host.run(APPLICATION, check=check, **{**WEB, "name": name}, **options)
        assert host.sim.calls().count(VERSION) == expected

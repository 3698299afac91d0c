# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source community.dokploy.deployments against the simulator, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.support.event_sources import RunningSource, failure, plugin
from tests.support.simulator_client import Api

ALL = "deployment.allCentralized"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment's proxies away from loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def api(sim: Simulator) -> Iterator[Api]:
    one = Api(sim)
    yield one
    one.session.close()


@pytest.fixture
def application(api: Api) -> str:
    return api.application(sourceType="docker", dockerImage="nginx:1")


def source(sim: Simulator, **args: Any) -> RunningSource:
    connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
    return RunningSource("deployments", **{**connection, "interval": 0.1, "max_interval": 0.2, **args})


def deploy(api: Api, application: str, result: str = "done") -> str:
    """Deploy and wait; returns the ID of the deployment."""
    api.sim.config(next_results=[result])
    return deploy_in_process(api.sim, application)


def polls(sim: Simulator) -> int:
    return sim.calls().count(ALL)


def another_poll(one: RunningSource, sim: Simulator) -> None:
    """Wait for a request that has begun from now on and was evaluated."""
    before = polls(sim)
    one.wait(lambda: polls(sim) >= before + 2)


def found(one: RunningSource) -> list[tuple[str, str]]:
    return [(event["deployment"]["deployment_id"], event["deployment"]["status"]) for event in one.events]


def test_each_deployment_is_one_event(sim: Simulator, api: Api, application: str) -> None:
    deploy(api, application, "error")
    with source(sim) as one:
        one.wait(lambda: polls(sim) >= 1)
        good, bad = deploy(api, application), deploy(api, application, "error")
        one.until(2)
        another_poll(one, sim)
        assert found(one) == [(good, "done"), (bad, "error")]
    assert sim.key not in json.dumps(one.events)
    about = one.events[1]["deployment"]
    assert one.events[1]["type"] == "deployment"
    assert {key: about[key] for key in "kind project environment service service_id".split()} == {
        "kind": "application",
        "project": "shop",
        "environment": "production",
        "service": "web",
        "service_id": application,
    }


def test_a_deployment_that_runs_at_first_is_an_event_when_it_ends(sim: Simulator, api: Api, application: str) -> None:
    sim.config(build_seconds=60)
    api.post("application.deploy", applicationId=application)
    api.until(lambda: len(api.deployments(application)) == 1)
    with source(sim, statuses="done") as one:
        one.wait(lambda: polls(sim) >= 2)
        assert one.events == []
        sim.settle(requests=False)
        assert one.until(1)[0]["deployment"]["status"] == "done"


def test_those_since_a_moment_are_events_too(sim: Simulator, api: Api, application: str) -> None:
    ids = [deploy(api, application), deploy(api, application)]
    with source(sim, since="1h") as one:
        one.until(2)
        another_poll(one, sim)
        assert [deployment for deployment, _status in found(one)] == ids


def test_a_poll_is_one_request(sim: Simulator, application: str) -> None:
    sim.reset_stats()
    with source(sim) as one:
        one.wait(lambda: polls(sim) >= 3)
        one.stop()
        assert set(sim.calls()) == {ALL}


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 502}, {"kind": "refused"}, {"kind": "cut_json"}])
def test_nothing_is_lost_or_repeated_over_failures(
    sim: Simulator, api: Api, application: str, fault: dict[str, Any]
) -> None:
    with source(sim) as one:
        one.wait(lambda: polls(sim) >= 1)
        first = deploy(api, application)
        one.until(1)
        # The one attempt that the client makes itself fails, too.
        sim.fault(procedure=ALL, times=4, **({"nth": 2, "seconds": 0.5} if fault["kind"] == "refused" else {}), **fault)
        one.wait(lambda: any(entry["struck"] for entry in sim._call("faults", {})["faults"]))
        api.until(lambda: api_works(api))
        another = deploy(api, application, "error")
        one.until(2)
        another_poll(one, sim)
        assert found(one) == [(first, "done"), (another, "error")]


def api_works(api: Api) -> bool:
    try:
        return api.get("project.all").status_code == 200
    except OSError:
        return False


def test_pauses_grow_up_to_the_longest() -> None:
    poller = plugin("deployments")["Poller"](
        None, {"statuses": [], "since": None, "interval": 10, "max_interval": 60}, None
    )
    bounds = []
    for failures in range(5):
        poller._failures = failures
        pauses = [poller._pause() for _unused in range(50)]
        bounds.append((min(pauses) // 5 * 5, max(pauses)))
    assert bounds[0] == (10, 10)
    assert [lowest for lowest, _highest in bounds[1:]] == [10, 20, 30, 30]
    assert all(highest <= longest for (_low, highest), longest in zip(bounds[1:], (20, 40, 60, 60), strict=True))


def test_a_long_interval_needs_no_longer_pause() -> None:
    connection = {"dokploy_url": "http://127.0.0.1:1", "dokploy_api_key": "k"}
    options = plugin("deployments")["_options"]
    assert options({**connection, "interval": 600})["max_interval"] == 600
    assert options({**connection, "interval": 60, "max_interval": ""})["max_interval"] == 300


def test_the_event_loop_goes_on_while_the_server_does_not_answer(sim: Simulator) -> None:
    with source(sim) as one:
        one.wait(lambda: polls(sim) >= 1)
        sim.hold(ALL, until="told", name="slow")
        one.wait(lambda: sim.holds()[0]["waiting"] == 1)
        before = one.ticks
        one.wait(lambda: one.ticks >= before + 20)
        assert sim.holds()[0]["waiting"] == 1
        # It ends at once, too.
        one._loop.call_soon_threadsafe(one._task.cancel)
        one.wait(one._task.done)
        assert sim.holds()[0]["waiting"] == 1
        sim.release("slow")


def test_older_servers_are_asked_in_batches(sim: Simulator, api: Api, application: str) -> None:
    sim.config(version="0.28.2")
    other = api.application(sourceType="docker", dockerImage="nginx:1")
    environment = api.get("project.all").json()[0]["environments"][0]["environmentId"]
    stack = api.post("compose.create", name="stack", environmentId=environment).json()["composeId"]
    sim.reset_stats()
    with source(sim) as one:
        one.wait(lambda: sim.calls().count("deployment.allByCompose") >= 1)
        good, bad = deploy(api, application), deploy(api, other, "error")
        sim.execute("compose.deploy", composeId=stack)
        sim.settle(requests=False)
        one.until(3)
        assert sorted(found(one)[:2]) == sorted([(good, "done"), (bad, "error")])
        about = one.events[2]["deployment"]
        assert (about["kind"], about["service"], about["service_id"], about["environment"]) == (
            "compose",
            "stack",
            stack,
            "production",
        )
        assert sim.calls().count(ALL) == 1


def test_a_service_that_is_removed_between_two_requests_is_no_failure(sim: Simulator, api: Api) -> None:
    sim.config(version="0.27.0")
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    sim.hold("deployment.all", act=[{"do": "delete", "application": application}])
    with source(sim) as one:
        one.wait(lambda: sim.calls().count("project.all") >= 2)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "dokploy_url is missing. Set the option or the environment variable DOKPLOY_URL."),
        ({"dokploy_url": "http://127.0.0.1:1"}, "dokploy_api_key is missing."),
        ({"dokploy_url": "x", "dokploy_api_key": "k"}, "dokploy_url must begin with http:// or https://"),
        ({"dokploy_url": "http://127.0.0.1:1", "dokploy_api_key": "k"}, "the connection is refused"),
        ({"statuses": []}, "statuses is empty. There would be no event."),
        ({"statuses": ["failed"]}, "statuses must be one of running, done, error, cancelled"),
        ({"interval": 0}, "interval is 0.0; it must be from 0.1 to 86400"),
        ({"interval": 60, "max_interval": 30}, "max_interval is 30.0; it must be from 60.0 to 86400"),
        ({"since": "today"}, "since: 'today' is neither an age nor a date"),
        ({"token": "t"}, "token is no option of this event source."),
    ],
)
def test_errors_at_the_start(args: dict[str, Any], message: str) -> None:
    complete = {"dokploy_url": "http://127.0.0.1:1", "dokploy_api_key": "k"}
    assert message in failure("deployments", **(args if "dokploy_url" in args or not args else {**complete, **args}))


def test_a_wrong_key_ends_it(sim: Simulator) -> None:
    message = failure("deployments", dokploy_url=sim.url, dokploy_api_key="canary")
    assert "Check dokploy_api_key" in message and "canary" not in message


def test_a_key_whose_rate_limit_is_used_up_is_waited_for(
    sim: Simulator, api: Api, application: str, caplog: pytest.LogCaptureFixture
) -> None:
    with source(sim) as one:
        one.wait(lambda: polls(sim) >= 1)
        sim.fault("key_spent", requests=3)
        another = deploy_in_process(sim, application)
        assert one.until(1)[0]["deployment"]["deployment_id"] == another
    assert "the key was accepted before" in caplog.text and sim.key not in caplog.text


def deploy_in_process(sim: Simulator, application: str) -> str:
    """Deploy without a key."""
    sim.execute("application.deploy", applicationId=application)
    sim.settle(requests=False)
    return str(sim.execute("deployment.all", applicationId=application)[0]["deploymentId"])

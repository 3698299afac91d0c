# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, remove, start and stop resources: check mode predicts it, and a second run changes nothing.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_generated_states.py``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from tests.support.builders import wait_until_idle
from tests.support.examples import child_example, example_of
from tests.support.operations import MANAGED, ManagedResource
from tests.support.operations import managed as managed_resource
from tests.support.property_runner import enough, run_property
from tests.support.resettable_server import ResettableServer
from tests.support.run_verification import find_differences, run, verify_run
from tests.support.strategies.desired_states import rephrase, resource_states
from tests.support.strategies.option_values import values

each = pytest.mark.parametrize("managed", MANAGED, ids=str)
creatable = pytest.mark.parametrize("managed", [one for one in MANAGED if one.resource.creation.procedure], ids=str)


@creatable
def test_made_from_nothing(server: ResettableServer, managed: ManagedResource) -> None:
    """All that was stated is predicted, everything else is unknown; no other row is touched."""
    resource = managed.resource
    item = example_of(resource).item
    created = {
        path[0]: values(path, field)
        for path, field, _group in resource.fields()
        if field.create_only and field.name not in item
    }
    states = st.tuples(resource_states(resource, most=10), st.fixed_dictionaries({}, optional=created))

    def walk(drawn: tuple[tuple[dict[str, Any], dict[str, Any]], int]) -> str:
        (some, more), number = drawn
        server.reset()
        ways = server.new(managed)
        desired, address = {**some, **more}, ways[number % len(ways)]
        # What is needed is in a group, too.
        needed = {name: value for name, value in address.items() if isinstance(value, dict)}
        desired.update({name: {**value, **desired.get(name, {})} for name, value in needed.items()})
        words = {**address, **rephrase(resource, desired, server.reference_ids)}
        verified = verify_run(
            server.host,
            managed.operation.name,
            {**address, **desired},
            result_key=resource.name,
            otherwise=[words],
        )
        beside = {name for child in resource.children for name in child_example(resource, child).leaves}
        beside |= example_of(resource).leaves
        assert {change.column for change in verified.touched if change.table not in beside} <= {None}
        if verified.outcome != "refused":
            gone = [change for change in verified.touched if change.row in verified.before.tables[change.table]]
            assert [change for change in gone if change.table not in beside] == []
        return verified.outcome

    seen = run_property(f"{managed} new", st.tuples(states, st.integers(0, 1)), walk)
    assert not enough(seen) or seen["changed"] > seen["refused"]


# --- gone ------------------------------------------------------------------------------------------------------------


@each
def test_removed(server: ResettableServer, managed: ManagedResource) -> None:
    """With all that belongs to it, or refused and all is there; of what is not there nothing is removed."""
    application = managed_resource("application")
    # What an option of the module must allow, where there is something in it.
    asks = "force" in managed.operation.options
    inside = managed if managed.resource.children else application

    def walk(drawn: tuple[dict[str, Any], bool, bool, int, bool]) -> str:
        desired, is_deployed, force, number, there = drawn
        server.reset()
        own = server.addresses(managed)
        if not asks or force:
            run(server.host, inside.operation.name, {**inside.of(server.own[str(inside)]), **desired})
        if is_deployed and inside is application:
            # Drawn numbers of containers may be more than anything can run.
            one = {"mode": {"type": "replicated", "replicas": 1}}
            source = {"application_id": server.ids["application_id"], "docker": {"image": "nginx"}, **one}
            run(server.host, "dokploy_application", source)
            run(server.host, "dokploy_deployment", {"application_id": source["application_id"], "verify": False})
            wait_until_idle(server.host)
        address = own[number % len(own)] if there else {**server.new(managed)[0]}
        located = {name: address[name] for name in address if name not in example_of(managed.resource).item}
        params = {**located, "state": "absent", **({"force": force} if asks else {})}
        verified = verify_run(server.host, managed.operation.name, params, result_key=managed.name)
        if managed.name != "project" and verified.outcome == "changed":
            assert server.now().rows("applications", name="api"), "a neighbour is gone"
        assert not (verified.outcome == "refused" and (force or not asks)) or not there
        return verified.outcome

    states = resource_states(inside.resource, most=4)
    drawn = st.tuples(states, st.booleans(), st.booleans(), st.integers(0, 11), st.sampled_from([True, True, False]))
    seen = run_property(f"{managed} removed", drawn, walk)
    assert not enough(seen) or seen["changed"]


# --- started, stopped, reloaded --------------------------------------------------------------------------------------

# What the application went through before.
PASTS = ("never deployed", "deployed", "stopped", "failed")


def bring_to(server: ResettableServer, past: str, replicas: int) -> None:
    own = {"application_id": server.ids["application_id"]}
    source = {"docker": {"image": "nginx"}, "replicas": replicas}
    run(server.host, "dokploy_application", {**own, **source})
    if past != "never deployed":
        if past == "failed":
            server.host.sim.config(next_results=["error"])
        run(server.host, "dokploy_deployment", {**own, "verify": False})
        wait_until_idle(server.host)
    if past == "stopped":
        run(server.host, "dokploy_application", {**own, "state": "stopped"})


def test_what_runs(server: ResettableServer) -> None:
    def walk(drawn: tuple[str, str, int, int]) -> str:
        state, past, replicas, number = drawn
        server.reset()
        bring_to(server, past, replicas)
        address = server.addresses(managed_resource("application"))[number]
        again = {**address, "state": state}
        predicted_by_promise = past in ("never deployed", "failed") or (replicas == 0 and state == "started")
        if predicted_by_promise and state != "stopped":
            # Check mode takes it that an earlier task deploys it, and says so.
            predicted, writes = run(server.host, "dokploy_application", again, check=True)
            real, _writes = run(server.host, "dokploy_application", again)
            assert writes == [] and predicted["changed"]
            assert real["failed"] and real["msg"].split(". ")[0] in predicted["warnings"][0]
            return "refused"
        verified = verify_run(
            server.host,
            "dokploy_application",
            again,
            settles=state != "reloaded",
            # A service without containers is rebuilt without any.
            moves=state != "reloaded" or replicas > 0,
            settle=lambda: wait_until_idle(server.host),
        )
        # Nothing of its configuration, and of nothing else; the status is the server's own.
        assert {(one.table, one.column) for one in verified.touched} <= {
            ("applications", "applicationStatus"),
            ("docker", "running"),
            ("docker", "tasks"),
            ("docker", "replicas"),
            ("docker", None),
        }
        return verified.outcome

    drawn = st.tuples(
        st.sampled_from(["started", "stopped", "reloaded"]),
        st.sampled_from(PASTS),
        st.integers(0, 2),
        st.integers(0, 3),
    )
    assert run_property("runs", drawn, walk, examples=15)["changed"]


# --- what earlier tasks promise --------------------------------------------------------------------------------------


def test_what_a_new_project_brings_with_it(server: ResettableServer) -> None:
    """On an empty server check mode takes it that an earlier task makes the project, and its environment with it."""

    def walk(desired: dict[str, Any]) -> str:
        server.reset()
        params = {"project": "new", "name": "production", **desired}
        predicted, writes = run(server.host, "dokploy_environment", params, check=True)
        assert writes == [] and len(predicted.pop("warnings")) == 1
        run(server.host, "dokploy_project", {"name": "new"})
        real, _writes = run(server.host, "dokploy_environment", params)
        assert predicted["changed"] == real["changed"]
        for side in ("before", "after"):
            assert predicted["diff"][side] == real["diff"][side]
        assert find_differences(predicted["environment"], real["environment"], True, params) == []
        return "changed" if real["changed"] else "unchanged"

    assert run_property("brought", resource_states(managed_resource("environment").resource), walk)["unchanged"]


@pytest.mark.parametrize("state", ["deployed", "redeployed", "cancelled"])
def test_a_deployment_of_what_is_yet_to_be_made(server: ResettableServer, state: str) -> None:
    server.reset()
    params = {"project": "shop", "application": "new", "state": state, "verify": False, "wait": False}
    predicted, writes = run(server.host, "dokploy_deployment", params, check=True)
    assert writes == [] and len(predicted["warnings"]) == 1
    run(server.host, "dokploy_application", {"project": "shop", "name": "new", "docker": {"image": "nginx"}})
    real, _writes = run(server.host, "dokploy_deployment", params)
    wait_until_idle(server.host)
    assert predicted["changed"] == real["changed"]
    for side in ("before", "after"):
        assert predicted["diff"][side] == real["diff"][side]

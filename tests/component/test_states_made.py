# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources made from nothing, removed, started and stopped: foretold, and done once.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_states.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources import application, project
from tests.support.managed import RESOURCES
from tests.support.proof import carried_out, run, unlike
from tests.support.scenes import idle
from tests.support.tries import tried
from tests.support.values import NAMES
from tests.support.wishes import resource_wishes, reworded
from tests.support.worlds import World, world

# What names a thing that is not there yet.
NEW: dict[str, list[dict[str, str]]] = {
    "dokploy_project": [{"name": "new"}],
    "dokploy_environment": [{"project": "shop", "name": "new"}],
    "dokploy_application": [
        {"project": "shop", "name": " größer #1 "},
        {"project": "shop", "environment": "staging", "name": "api"},
    ],
}


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    with world(build_seconds=0.01) as one:
        yield one


@pytest.mark.parametrize("module", RESOURCES)
def test_made_from_nothing(place: World, module: str) -> None:
    """All that was stated is foretold, everything else is unknown; no other row is touched."""
    resource = RESOURCES[module]
    wishes: st.SearchStrategy[dict[str, Any]] = resource_wishes(resource, most=10)
    if module == "dokploy_application":
        created = {"app_name": st.sampled_from(["My-App_1.x", "web"]), "server": st.sampled_from(NAMES["server"])}
        wishes = st.tuples(wishes, st.fixed_dictionaries({}, optional=created)).map(lambda two: {**two[0], **two[1]})

    def walk(drawn: tuple[dict[str, Any], int]) -> str:
        wish, number = drawn
        place.again()
        address = NEW[module][number % len(NEW[module])]
        words = {**address, **reworded(resource, wish, place.reference_ids)}
        proof = carried_out(place.host, module, {**address, **wish}, subject=resource.name, otherwise=[words])
        beside = {"files", "folders", "traefik", "middlewares"}
        assert {place.column for place in proof.touched if place.table not in beside} <= {None}
        if proof.outcome != "refused":
            gone = [place for place in proof.touched if place.row in proof.before.tables[place.table]]
            assert [place for place in gone if place.table not in beside] == []
        return proof.outcome

    seen = tried(f"{module} new", st.tuples(wishes, st.integers(0, 1)), walk)
    assert seen["changed"] > seen["refused"]


# --- gone ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", RESOURCES)
def test_removed(place: World, module: str) -> None:
    """With all that belongs to it, or refused and all is there; of what is not there nothing is removed."""
    resource = RESOURCES[module]
    deployed = st.booleans()

    def walk(drawn: tuple[dict[str, Any], bool, bool, int, bool]) -> str:
        wish, is_deployed, force, number, there = drawn
        place.again()
        own = place.addresses(resource.name)
        if module == "dokploy_application" or force:
            run(place.host, "dokploy_application", {"application_id": place.ids["application_id"], **wish})
        if is_deployed:
            source = {"application_id": place.ids["application_id"], "docker": {"image": "nginx"}}
            run(place.host, "dokploy_application", source)
            run(place.host, "dokploy_deployment", {"application_id": source["application_id"], "verify": False})
            idle(place.host)
        address = own[number % len(own)] if there else NEW[module][0]
        params = {**address, "state": "absent"}
        if module != "dokploy_application":
            params["force"] = force
        proof = carried_out(place.host, module, params, subject=resource.name)
        if module != "dokploy_project" and proof.outcome == "changed":
            assert place.now().rows("applications", name="api"), "a neighbour is gone"
        assert not (proof.outcome == "refused" and (force or module == "dokploy_application")) or not there
        return proof.outcome

    wishes = resource_wishes(application.APPLICATION, most=4)
    drawn = st.tuples(wishes, deployed, st.booleans(), st.integers(0, 11), st.sampled_from([True, True, False]))
    assert tried(f"{module} removed", drawn, walk)["changed"]


# --- started, stopped, reloaded --------------------------------------------------------------------------------------

# What the application went through before.
PASTS = ("never deployed", "deployed", "stopped", "failed")


def lived(place: World, past: str, replicas: int) -> None:
    own = {"application_id": place.ids["application_id"]}
    source = {"docker": {"image": "nginx"}, "replicas": replicas}
    run(place.host, "dokploy_application", {**own, **source})
    if past != "never deployed":
        if past == "failed":
            place.host.sim.config(next_results=["error"])
        run(place.host, "dokploy_deployment", {**own, "verify": False})
        idle(place.host)
    if past == "stopped":
        run(place.host, "dokploy_application", {**own, "state": "stopped"})


def test_what_runs(place: World) -> None:
    def walk(drawn: tuple[str, str, int, int]) -> str:
        state, past, replicas, number = drawn
        place.again()
        lived(place, past, replicas)
        address = place.addresses("application")[number]
        again = {**address, "state": state}
        foretold_by_promise = past in ("never deployed", "failed") or (replicas == 0 and state == "started")
        if foretold_by_promise and state != "stopped":
            # Check mode takes it that an earlier task deploys it, and says so.
            foretold, writes = run(place.host, "dokploy_application", again, check=True)
            real, _writes = run(place.host, "dokploy_application", again)
            assert writes == [] and foretold["changed"]
            assert real["failed"] and real["msg"].split(". ")[0] in foretold["warnings"][0]
            return "refused"
        proof = carried_out(
            place.host,
            "dokploy_application",
            again,
            settles=state != "reloaded",
            # A service without containers is rebuilt without any.
            moves=state != "reloaded" or replicas > 0,
            settle=lambda: idle(place.host),
        )
        # Nothing of its configuration, and of nothing else; the status is the server's own.
        assert {(one.table, one.column) for one in proof.touched} <= {
            ("applications", "applicationStatus"),
            ("docker", "running"),
            ("docker", "tasks"),
            ("docker", "replicas"),
            ("docker", None),
        }
        return proof.outcome

    drawn = st.tuples(
        st.sampled_from(["started", "stopped", "reloaded"]),
        st.sampled_from(PASTS),
        st.integers(0, 2),
        st.integers(0, 3),
    )
    assert tried("runs", drawn, walk, examples=15)["changed"]


# --- what earlier tasks promise --------------------------------------------------------------------------------------


def test_what_a_new_project_brings_with_it(place: World) -> None:
    """On an empty server check mode takes it that an earlier task makes the project, and its environment with it."""

    def walk(wish: dict[str, Any]) -> str:
        place.again()
        params = {"project": "new", "name": "production", **wish}
        foretold, writes = run(place.host, "dokploy_environment", params, check=True)
        assert writes == [] and len(foretold.pop("warnings")) == 1
        run(place.host, "dokploy_project", {"name": "new"})
        real, _writes = run(place.host, "dokploy_environment", params)
        assert foretold["changed"] == real["changed"]
        for side in ("before", "after"):
            assert foretold["diff"][side] == real["diff"][side]
        assert unlike(foretold["environment"], real["environment"], True, params) == []
        return "changed" if real["changed"] else "unchanged"

    assert tried("brought", resource_wishes(project.ENVIRONMENT), walk)["unchanged"]


@pytest.mark.parametrize("state", ["deployed", "redeployed", "cancelled"])
def test_a_deployment_of_what_is_yet_to_be_made(place: World, state: str) -> None:
    place.again()
    params = {"project": "shop", "application": "new", "state": state, "verify": False, "wait": False}
    foretold, writes = run(place.host, "dokploy_deployment", params, check=True)
    assert writes == [] and len(foretold["warnings"]) == 1
    run(place.host, "dokploy_application", {"project": "shop", "name": "new", "docker": {"image": "nginx"}})
    real, _writes = run(place.host, "dokploy_deployment", params)
    idle(place.host)
    assert foretold["changed"] == real["changed"]
    for side in ("before", "after"):
        assert foretold["diff"][side] == real["diff"][side]

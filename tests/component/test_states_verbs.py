# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that do something rather than state something: foretold, and only what has to be done is done.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_states.py``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.support.managed import MODULES, RESOURCES
from tests.support.proof import Proof, carried_out, foretell, run, unlike
from tests.support.scenes import idle, previewed
from tests.support.stage import OPERATIONS
from tests.support.tries import tried
from tests.support.worlds import World, world

# Deployments that others began and that do not end while a test looks.
ENDLESS = 600.0


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    with world(build_seconds=0.01) as one:
        yield one


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "site.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("Dockerfile", "FROM scratch\n")
    return path


def web(place: World, number: int) -> dict[str, str]:
    """One of the ways to name the application."""
    address = place.addresses("application")[number % 4]
    return {"application" if name == "name" else name: value for name, value in address.items()}


# --- what an application went through before -------------------------------------------------------------------------

PASTS = ("nothing", "source", "deployed", "changed", "failed", "twice", "building", "waiting")


def lived(place: World, past: str, git: bool) -> None:
    own = {"application_id": place.ids["application_id"]}
    host, sim = place.host, place.host.sim
    sim.config(build_seconds=0.01, next_results=[])
    if past == "nothing":
        return
    source = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}} if git else {"docker": {"image": "a"}}
    rollback = {"rollback": {"enabled": True, "registry": "registry eins"}}
    run(host, "dokploy_application", {**own, **source, **rollback, "build": {"type": "dockerfile"}})
    if past in ("building", "waiting"):
        sim.config(build_seconds=ENDLESS)
        for _unused in range(2 if past == "waiting" else 1):
            sim.act(deploy=own["application_id"])
        while not host.read("deployment.all", applicationId=own["application_id"]):
            pass
        return
    if past == "source":
        return
    for number in range(2 if past == "twice" else 1):
        if past == "failed":
            sim.config(next_results=["error"])
        run(host, "dokploy_deployment", {**own, "verify": False, "trigger": "always", "title": f"number {number}"})
        idle(host)
    if past == "changed":
        run(host, "dokploy_application", {**own, "env": {"A": "1"}, "replicas": 2})


def settled(place: World, past: str) -> Any:
    """Waits for the end of builds, where there is one."""
    return (lambda: None) if past in ("building", "waiting") else (lambda: idle(place.host))


# --- deployments -----------------------------------------------------------------------------------------------------


def only_deployed(proof: Proof, application_id: str) -> None:
    """Nothing of the configuration was touched but the mark that a deployment leaves."""
    for one in proof.touched:
        if one.table == "applications":
            assert one.row == application_id
            assert one.column in ("applicationStatus", "labelsSwarm", "sourceType", "dropBuildPath"), one
        else:
            assert one.table in ("deployments", "logs", "queue", "docker", "code", "rollbacks", "uploads"), one


def test_deployments(place: World, archive: Path) -> None:
    def walk(drawn: tuple[str, str, bool, int, dict[str, Any], bool]) -> str:
        past, state, git, number, options, files = drawn
        place.again()
        lived(place, past, git)
        params = {**web(place, number), "state": state, "verify": False, **options}
        busy = past in ("building", "waiting")
        if busy or past == "nothing":
            # Without a source it fails, of which nothing can be foretold.
            params["wait"] = False
        if state == "deployed" and files and not busy:
            params["archive"] = str(archive)
        if state in ("cancelled", "rolled_back"):
            for name in ("title", "description", "trigger"):
                params.pop(name, None)
        if past == "nothing" and state == "deployed" and "archive" not in params:
            # Check mode assumes that an earlier task sets the source.
            foretold, _before = foretell(place.host, "dokploy_deployment", params)
            assert foretold["changed"] and "no source to deploy" in foretold["warnings"][0]
            real, writes = run(place.host, "dokploy_deployment", params)
            assert real["failed"] and "no source to deploy" in real["msg"] and writes == []
            return "refused"
        settles = state in ("cancelled", "rolled_back") or (state == "deployed" and params.get("trigger") != "always")
        # Of one that is not waited for, the second run waits, or joins.
        settles = settles and (params.get("wait", True) or state == "cancelled" or busy)
        foretold, _before = foretell(place.host, "dokploy_deployment", params)
        before = place.host.read("deployment.all", applicationId=place.ids["application_id"])
        proof = carried_out(
            place.host,
            "dokploy_deployment",
            params,
            settles=settles and not (busy and state == "deployed"),
            settle=settled(place, past),
        )
        only_deployed(proof, place.ids["application_id"])
        after = place.host.read("deployment.all", applicationId=place.ids["application_id"])
        if state in ("deployed", "redeployed") and not busy and proof.outcome != "refused":
            assert len(after) - len(before) == (1 if foretold["changed"] else 0)
        return proof.outcome

    options = st.fixed_dictionaries(
        {},
        optional={
            "trigger": st.sampled_from(["changed", "always"]),
            "wait": st.booleans(),
            "title": st.sampled_from(["größer", "a # b"]),
            "description": st.just("d"),
        },
    )
    states = st.sampled_from(["deployed", "deployed", "redeployed", "cancelled", "rolled_back"])
    drawn = st.tuples(st.sampled_from(PASTS), states, st.booleans(), st.integers(0, 3), options, st.booleans())
    assert tried("deployments", drawn, walk, examples=25)["changed"]


# --- actions ---------------------------------------------------------------------------------------------------------

# Those that make something new each time, or of which the server keeps nothing to be compared.
RESTLESS = ("refresh_token", "clear_deployments", "kill_build")
COLUMNS = {"refresh_token": {"refreshToken"}, "mark_running": {"applicationStatus"}}


def test_actions(place: World) -> None:
    actions = OPERATIONS["dokploy_application_action"].options["action"]["choices"]

    def walk(drawn: tuple[str, str, bool, int, bool]) -> str:
        action, past, git, number, secrets = drawn
        place.again()
        lived(place, past, git)
        params = {**web(place, number), "action": action, "include_secrets": secrets, "kill_every_build": secrets}
        if action == "remove_deployment":
            rows = place.host.read("deployment.all", applicationId=place.ids["application_id"])
            params["deployment_id"] = rows[-1]["deploymentId"] if rows else "none"
        proof = carried_out(
            place.host,
            "dokploy_application_action",
            params,
            settles=action not in RESTLESS,
            moves=action not in RESTLESS,
            settle=settled(place, "building" if action == "kill_build" else past),
        )
        columns = {one.column for one in proof.touched if one.table == "applications"}
        if action == "disconnect_git_provider":
            assert "env" not in columns and "labelsSwarm" not in columns
        elif action != "kill_build":
            assert columns <= COLUMNS.get(action, set())
        return proof.outcome

    drawn = st.tuples(st.sampled_from(actions), st.sampled_from(PASTS), st.booleans(), st.integers(0, 3), st.booleans())
    assert tried("actions", drawn, walk, examples=25)["changed"]


# --- Traefik's file --------------------------------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    [
        "http: {}\n",
        "# comment\nhttp:\n  routers: {}\n",
        "http:\r\n  routers: {}\r\n",
        "http: {middlewares: {a: {basicAuth: {users: ['u:$2y$10$abcdefghijklmnopqrstuv']}}}}",
        "a: &x {b: 1}\nc: *x\n",
    ]
)
_CONTENTS = st.one_of(
    _TEXTS,
    st.dictionaries(
        st.sampled_from(["http", "größer", "on", "1e3"]),
        st.one_of(
            st.integers(), st.booleans(), st.none(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=2)
        ),
        max_size=3,
    ),
)


def test_traefik_files(place: World) -> None:
    def walk(drawn: tuple[Any, Any, bool, int]) -> str:
        first, second, domains, number = drawn
        place.again()
        own = {"application_id": place.ids["application_id"]}
        if domains:
            run(place.host, "dokploy_domain", {**own, "host": "a.example.com"})
        if first is not None:
            left = {"traefikConfig": first, "applicationId": own["application_id"]}
            place.host.call("application.updateTraefikConfig", **left)
        params = {**web(place, number), "content": second}
        otherwise = [{**own, "content": f"# in other words\n{second}"}] if isinstance(second, str) else []
        proof = carried_out(place.host, "dokploy_traefik_config", params, otherwise=otherwise)
        assert {one.table for one in proof.touched} <= {"traefik"} and len(proof.touched) <= 1
        return proof.outcome

    left = st.one_of(st.none(), st.sampled_from(["", "broken: [", "http: {}"]), _TEXTS)
    drawn = st.tuples(left, _CONTENTS, st.booleans(), st.integers(0, 3))
    assert tried("traefik", drawn, walk)["changed"]


# --- previews --------------------------------------------------------------------------------------------------------


def test_previews(place: World) -> None:
    def walk(drawn: tuple[str, int, bool, bool]) -> str:
        state, number, by_branch, wait = drawn
        place.again()
        place.host.sim.config(build_seconds=0.01)
        own = previewed(place.host, 1, 2)
        which = {"branch": f"feature/{number}"} if by_branch else {"pull_request": number}
        params = {"application_id": own, "state": state, "wait": wait, **which}
        proof = carried_out(
            place.host,
            "dokploy_preview_deployment",
            params,
            settles=state == "absent",
            settle=lambda: idle(place.host),
        )
        assert all(row["branch"] != f"feature/{number}" for row in proof.after.rows("previews")) or state != "absent"
        assert len(proof.after.rows("previews")) >= 1
        assert {one.table for one in proof.touched} <= {
            *("previews", "domains", "deployments", "logs", "docker", "queue", "code", "traefik", "files", "folders"),
            "middlewares",
        }
        return proof.outcome

    drawn = st.tuples(st.sampled_from(["redeployed", "absent"]), st.integers(1, 3), st.booleans(), st.booleans())
    assert tried("previews", drawn, walk)["changed"]


# --- any procedure ---------------------------------------------------------------------------------------------------


def test_any_procedure(place: World) -> None:
    """A query is asked in check mode as well, a mutation is not sent; each mutation is a change."""
    own = place.ids
    queries = [
        {"procedure": "project.all"},
        {"procedure": "application.one", "input": {"applicationId": own["application_id"]}},
        {"procedure": "application.one", "input": {"applicationId": "none"}},
        {"procedure": "deployment.all", "input": {"applicationId": own["application_id"]}},
        {"procedure": "settings.health", "method": "query"},
    ]
    mutations = [
        {"procedure": "project.create", "input": {"name": "größer"}},
        {"procedure": "application.update", "input": {"applicationId": own["application_id"], "env": "A=1"}},
        {"procedure": "environment.update", "input": {"environmentId": own["staging_id"], "description": "d"}},
        {"procedure": "application.delete", "input": {"applicationId": own["application_id"]}, "method": "mutation"},
    ]

    def walk(drawn: tuple[dict[str, Any], bool]) -> str:
        params, secrets = drawn
        place.again()
        return carried_out(
            place.host, "dokploy_api", {**params, "include_secrets": secrets}, settles=params in queries
        ).outcome

    seen = tried("procedures", st.tuples(st.sampled_from(queries + mutations), st.booleans()), walk, examples=20)
    assert seen["changed"] and seen["unchanged"]


# --- what only looks -------------------------------------------------------------------------------------------------

INFOS = [module for module in OPERATIONS if module.endswith("_info")]


@pytest.mark.parametrize("module", INFOS)
def test_what_only_looks(place: World, module: str) -> None:
    """The same in check mode and twice; it writes nothing and changes nothing."""
    options = OPERATIONS[module].options
    pools: dict[str, list[Any]] = {
        "project": ["shop", "other", "none", place.ids["project_id"]],
        "environment": ["production", "staging", "none"],
        "application": ["web", "api", "none"],
        "name": ["web", "shop", "production", "none"],
        "project_id": [place.ids["project_id"], "none"],
        "environment_id": [place.ids["environment_id"], "none"],
        "application_id": [place.ids["application_id"], "none"],
        "include_secrets": [True, False],
        "include": [[], (options.get("include") or {}).get("choices", [])],
        "log_lines": [0, 5],
        "status": [["done"], ["error", "done"]] if module == "dokploy_deployment_info" else ["done"],
        "limit": [1, 5],
        "branch": ["feature/1"],
        "pull_request": [1],
    }
    known = {name: st.sampled_from(pool) for name, pool in pools.items() if name in options}
    ways = OPERATIONS[module].rules.get("required_one_of", [[None]])[0]

    def walk(drawn: tuple[dict[str, Any], str | None, str]) -> str:
        params, way, past = drawn
        place.again()
        lived(place, past, git=False)
        if way is not None and not any(name in params for name in ways):
            params = {**params, way: pools[way][0]}
            params.setdefault("project", "shop")
        foretold, before = foretell_shown(place, module, params)
        real, writes = run(place.host, module, params, leaks=True)
        assert writes == [] and place.now().since(before) == set()
        assert foretold == real or unlike(foretold, real, False, {}) == []
        assert not real["changed"]
        return "refused" if real.get("failed") else "looked"

    pasts = st.sampled_from(["nothing", "deployed", "changed"])
    assert tried(module, st.tuples(st.fixed_dictionaries({}, optional=known), st.sampled_from(ways), pasts), walk)[
        "looked"
    ]


def foretell_shown(place: World, module: str, params: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    before = place.now()
    foretold, writes = run(place.host, module, params, check=True, leaks=True)
    assert writes == []
    return foretold, before


# --- nothing is left out ---------------------------------------------------------------------------------------------

VERBS = {
    "dokploy_api": test_any_procedure,
    "dokploy_application_action": test_actions,
    "dokploy_deployment": test_deployments,
    "dokploy_preview_deployment": test_previews,
    "dokploy_traefik_config": test_traefik_files,
}


def test_every_module_is_proven() -> None:
    """``RESOURCES`` and ``MODULES`` are walked over by ``test_states.py`` and ``test_states_children.py``."""
    assert {*RESOURCES, *MODULES, *VERBS, *INFOS} == set(OPERATIONS)

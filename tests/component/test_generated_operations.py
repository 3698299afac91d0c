# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that perform an operation: check mode predicts it, and only the necessary is done.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_generated_states.py``."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.support.builders import create_previews, wait_until_building, wait_until_idle
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS, managed
from tests.support.property_runner import run_property
from tests.support.resettable_server import ResettableServer
from tests.support.run_verification import VerifiedRun, find_differences, predict, run, verify_run

# Deployments that others began and that do not end while a test looks.
ENDLESS = 600.0


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "site.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("Dockerfile", "FROM scratch\n")
    return path


def web(server: ResettableServer, number: int) -> dict[str, str]:
    """One of the ways to name the application."""
    address = server.addresses(managed("application"))[number % 4]
    return {"application" if name == "name" else name: value for name, value in address.items()}


# --- what an application went through before -------------------------------------------------------------------------

PASTS = ("nothing", "source", "deployed", "changed", "failed", "twice", "building", "waiting")


def bring_to(server: ResettableServer, past: str, git: bool) -> None:
    own = {"application_id": server.ids["application_id"]}
    host, sim = server.host, server.host.sim
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
        wait_until_building(host, applicationId=own["application_id"])
        return
    if past == "source":
        return
    for number in range(2 if past == "twice" else 1):
        if past == "failed":
            sim.config(next_results=["error"])
        run(host, "dokploy_deployment", {**own, "verify": False, "trigger": "always", "title": f"number {number}"})
        wait_until_idle(host)
    if past == "changed":
        run(host, "dokploy_application", {**own, "env": {"A": "1"}, "replicas": 2})


def settled(server: ResettableServer, past: str) -> Any:
    """Waits for the end of builds, where there is one."""
    return (lambda: None) if past in ("building", "waiting") else (lambda: wait_until_idle(server.host))


# --- deployments -----------------------------------------------------------------------------------------------------


def only_deployed(verified: VerifiedRun, application_id: str) -> None:
    """The configuration is unchanged except for the fingerprint of the deployment."""
    for one in verified.touched:
        if one.table == "applications":
            assert one.row == application_id
            assert one.column in ("applicationStatus", "labelsSwarm", "sourceType", "dropBuildPath"), one
        else:
            assert one.table in ("deployments", "logs", "queue", "docker", "code", "rollbacks", "uploads"), one


def test_deployments(server: ResettableServer, archive: Path) -> None:
    def walk(drawn: tuple[str, str, bool, int, dict[str, Any], bool]) -> str:
        past, state, git, number, options, files = drawn
        server.reset()
        bring_to(server, past, git)
        params = {**web(server, number), "state": state, "verify": False, **options}
        busy = past in ("building", "waiting")
        if busy or past == "nothing":
            # Without a source it fails, of which nothing can be predicted.
            params["wait"] = False
        if state == "deployed" and files and not busy:
            params["archive"] = str(archive)
        if state in ("cancelled", "rolled_back"):
            for name in ("title", "description", "trigger"):
                params.pop(name, None)
        if past == "nothing" and state == "deployed" and "archive" not in params:
            # Check mode assumes that an earlier task sets the source.
            predicted, _before = predict(server.host, "dokploy_deployment", params)
            assert predicted["changed"] and "no source to deploy" in predicted["warnings"][0]
            real, writes = run(server.host, "dokploy_deployment", params)
            assert real["failed"] and "no source to deploy" in real["msg"] and writes == []
            return "refused"
        settles = state in ("cancelled", "rolled_back") or (state == "deployed" and params.get("trigger") != "always")
        # Of one that is not waited for, the second run waits, or joins.
        settles = settles and (params.get("wait", True) or state == "cancelled" or busy)
        predicted, _before = predict(server.host, "dokploy_deployment", params)
        before = server.host.read("deployment.all", applicationId=server.ids["application_id"])
        verified = verify_run(
            server.host,
            "dokploy_deployment",
            params,
            settles=settles and not (busy and state == "deployed"),
            settle=settled(server, past),
        )
        only_deployed(verified, server.ids["application_id"])
        after = server.host.read("deployment.all", applicationId=server.ids["application_id"])
        if state in ("deployed", "redeployed") and not busy and verified.outcome != "refused":
            assert len(after) - len(before) == (1 if predicted["changed"] else 0)
        return verified.outcome

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
    assert run_property("deployments", drawn, walk, examples=25)["changed"]


# --- actions ---------------------------------------------------------------------------------------------------------

# Those that make something new each time, or of which the server keeps nothing to be compared.
RESTLESS = ("refresh_token", "clear_deployments", "kill_build")
COLUMNS = {"refresh_token": {"refreshToken"}, "mark_running": {"applicationStatus"}}


def test_actions(server: ResettableServer) -> None:
    actions = OPERATIONS["dokploy_application_action"].options["action"]["choices"]

    def walk(drawn: tuple[str, str, bool, int, bool]) -> str:
        action, past, git, number, secrets = drawn
        server.reset()
        bring_to(server, past, git)
        params = {**web(server, number), "action": action, "include_secrets": secrets, "kill_every_build": secrets}
        if action == "remove_deployment":
            rows = server.host.read("deployment.all", applicationId=server.ids["application_id"])
            params["deployment_id"] = rows[-1]["deploymentId"] if rows else "none"
        verified = verify_run(
            server.host,
            "dokploy_application_action",
            params,
            settles=action not in RESTLESS,
            moves=action not in RESTLESS,
            settle=settled(server, "building" if action == "kill_build" else past),
        )
        columns = {one.column for one in verified.touched if one.table == "applications"}
        if action == "disconnect_git_provider":
            assert "env" not in columns and "labelsSwarm" not in columns
        elif action != "kill_build":
            assert columns <= COLUMNS.get(action, set())
        return verified.outcome

    drawn = st.tuples(st.sampled_from(actions), st.sampled_from(PASTS), st.booleans(), st.integers(0, 3), st.booleans())
    assert run_property("actions", drawn, walk, examples=25)["changed"]


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


def test_traefik_files(server: ResettableServer) -> None:
    def walk(drawn: tuple[Any, Any, bool, int]) -> str:
        first, second, domains, number = drawn
        server.reset()
        own = {"application_id": server.ids["application_id"]}
        if domains:
            run(server.host, "dokploy_domain", {**own, "host": "a.example.com"})
        if first is not None:
            left = {"traefikConfig": first, "applicationId": own["application_id"]}
            server.host.call("application.updateTraefikConfig", **left)
        params = {**web(server, number), "content": second}
        otherwise = [{**own, "content": f"# in other words\n{second}"}] if isinstance(second, str) else []
        verified = verify_run(server.host, "dokploy_traefik_config", params, otherwise=otherwise)
        assert {one.table for one in verified.touched} <= {"traefik"} and len(verified.touched) <= 1
        return verified.outcome

    left = st.one_of(st.none(), st.sampled_from(["", "broken: [", "http: {}"]), _TEXTS)
    drawn = st.tuples(left, _CONTENTS, st.booleans(), st.integers(0, 3))
    assert run_property("traefik", drawn, walk)["changed"]


# --- previews --------------------------------------------------------------------------------------------------------


def test_previews(server: ResettableServer) -> None:
    def walk(drawn: tuple[str, int, bool, bool]) -> str:
        state, number, by_branch, wait = drawn
        server.reset()
        server.host.sim.config(build_seconds=0.01)
        own = create_previews(server.host, 1, 2)
        which = {"branch": f"feature/{number}"} if by_branch else {"pull_request": number}
        params = {"application_id": own, "state": state, "wait": wait, **which}
        verified = verify_run(
            server.host,
            "dokploy_preview_deployment",
            params,
            settles=state == "absent",
            settle=lambda: wait_until_idle(server.host),
        )
        assert all(row["branch"] != f"feature/{number}" for row in verified.after.rows("previews")) or state != "absent"
        assert len(verified.after.rows("previews")) >= 1
        assert {one.table for one in verified.touched} <= {
            *("previews", "domains", "deployments", "logs", "docker", "queue", "code", "traefik", "files", "folders"),
            "middlewares",
        }
        return verified.outcome

    drawn = st.tuples(st.sampled_from(["redeployed", "absent"]), st.integers(1, 3), st.booleans(), st.booleans())
    assert run_property("previews", drawn, walk)["changed"]


# --- any procedure ---------------------------------------------------------------------------------------------------


def test_any_procedure(server: ResettableServer) -> None:
    """A query is asked in check mode as well, a mutation is not sent; each mutation is a change."""
    own = server.ids
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
        server.reset()
        return verify_run(
            server.host, "dokploy_api", {**params, "include_secrets": secrets}, settles=params in queries
        ).outcome

    seen = run_property("procedures", st.tuples(st.sampled_from(queries + mutations), st.booleans()), walk, examples=20)
    assert seen["changed"] and seen["unchanged"]


# --- what only looks -------------------------------------------------------------------------------------------------

INFOS = [module for module in OPERATIONS if module.endswith("_info")]


@pytest.mark.parametrize("module", INFOS)
def test_what_only_looks(server: ResettableServer, module: str) -> None:
    """The same in check mode and twice; it writes nothing and changes nothing."""
    options = OPERATIONS[module].options
    pools: dict[str, list[Any]] = {
        "project": ["shop", "other", "none", server.ids["project_id"]],
        "environment": ["production", "staging", "none"],
        "name": ["web", "shop", "production", "none"],
        "include_secrets": [True, False],
        "include": [[], (options.get("include") or {}).get("choices", [])],
        "log_lines": [0, 5],
        "status": [["done"], ["error", "done"]] if module == "dokploy_deployment_info" else ["done"],
        "limit": [1, 5],
        "branch": ["feature/1"],
        "pull_request": [1],
        "type": (options.get("type") or {}).get("choices", []),
    }
    for one in MANAGED:
        pools.setdefault(one.name, ["web", "api", "none"])
        pools.setdefault(one.resource.id_option, [server.own[str(one)], "none"])
    ways = OPERATIONS[module].rules.get("required_one_of", [[None]])[0]
    pools = {**dict.fromkeys(filter(None, ways), ["none"]), **pools}
    known = {name: st.sampled_from(pool) for name, pool in pools.items() if name in options}
    required = {name: known.pop(name) for name in list(known) if options[name].get("required")}

    def walk(drawn: tuple[dict[str, Any], str | None, str]) -> str:
        params, way, past = drawn
        server.reset()
        bring_to(server, past, git=False)
        if way is not None and not any(name in params for name in ways):
            params = {**params, way: pools[way][0]}
            params.setdefault("project", "shop")
        predicted, before = predict_shown(server, module, params)
        real, writes = run(server.host, module, params, show_secrets=True)
        assert writes == [] and server.now().changes_since(before) == set()
        assert predicted == real or find_differences(predicted, real, False, {}) == []
        assert not real["changed"]
        return "refused" if real.get("failed") else "looked"

    pasts = st.sampled_from(["nothing", "deployed", "changed"])
    assert run_property(
        module, st.tuples(st.fixed_dictionaries(required, optional=known), st.sampled_from(ways), pasts), walk
    )["looked"]


def predict_shown(server: ResettableServer, module: str, params: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    before = server.now()
    predicted, writes = run(server.host, module, params, check=True, show_secrets=True)
    assert writes == []
    return predicted, before


# --- nothing is left out ---------------------------------------------------------------------------------------------

VERBS = {
    "dokploy_api": test_any_procedure,
    "dokploy_application_action": test_actions,
    "dokploy_deployment": test_deployments,
    "dokploy_preview_deployment": test_previews,
    "dokploy_traefik_config": test_traefik_files,
}


def test_every_module_is_proven() -> None:
    """The others are in ``test_generated_states.py`` and ``test_generated_children.py``.

    A restore is a change each time, and its answer a stream: ``resources/test_restore.py``. A job leaves nothing:
    ``resources/test_container_job.py``. What accounts and the
    server itself have is tested in ``resources/test_bootstrap.py``, ``test_settings.py``, ``test_user.py``,
    ``test_organization.py`` and ``test_api_key.py``; documents in ``manifest`` and ``export``, sets of backups in
    ``sets``."""
    described = {one.operation.name for one in MANAGED} | {one.operation.name for one in MANAGED_CHILDREN}
    names = "restore job bootstrap settings user organization api_key manifest export backup_set"
    apart = {f"dokploy_{name}" for name in names.split()}
    assert {*described, *VERBS, *INFOS, *apart} == set(OPERATIONS)

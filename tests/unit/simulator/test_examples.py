# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of a seeded server, on every release."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from dokploy_simulator.api.release_folders import stored
from tests.support.simulator_client import Api

SERVICES = {
    ("bakery", "production", "web"): "done",
    ("bakery", "production", "api"): "done",
    ("bakery", "production", "orders"): "done",
    ("bakery", "production", "cache"): "done",
    ("bakery", "staging", "web"): "error",
    ("office", "production", "status"): "done",
    ("office", "production", "wiki"): "idle",
}


def services(sim: Simulator) -> dict[tuple[str, str, str], str]:
    """The status of every service, by its place."""
    store = sim.server.store
    found = {}
    for table in store.services.values():
        for row in table:
            environment = store.environments.rows[row["environmentId"]]
            project = store.projects.rows[environment["projectId"]]
            place = project["name"], environment["name"], row["name"]
            found[place] = row.get("applicationStatus") or row["composeStatus"]
    return found


@pytest.mark.parametrize("version", stored())
def test_every_release_has_the_examples(version: str) -> None:
    with Simulator(version=version, seeded=True) as sim:
        assert services(sim) == SERVICES
        assert sim.stats()["http"] == 0 and sim.calls() == []
        store = sim.server.store
        assert len(store.registries) == 2 and len(store.ssh_keys) == 1 and len(store.git_providers) == 4
        assert len(store.vault_providers) == len(store.dns_providers) == (1 if version >= "0.30" else 0)
        api = Api(sim)
        projects = api.get("project.all").json()
        assert {row["name"] for row in projects} == {"bakery", "office"}
        api.session.close()


def test_they_run_in_docker_and_outlive_a_reset() -> None:
    with Simulator(seeded=True) as sim:
        running = {name: service for name, service in sim.services().items() if not name.startswith("dokploy")}
        assert sorted(name.rpartition("-")[0].split("-")[0] for name in running) == ["app", "app", "cache", "orders"]
        assert set(sim.logins()) == {name for name in running if name.startswith(("cache", "orders"))}
        api = Api(sim)
        sim.execute("project.remove", projectId=next(iter(sim.server.store.projects))["projectId"])
        assert services(sim) != SERVICES
        sim.reset()
        assert services(sim) == SERVICES
        logs = {row["status"]: sim.server.store.logs[row["deploymentId"]] for row in sim.server.store.deployments}
        assert set(logs) == {"done", "error"} and "missing" in logs["error"]
        api.session.close()


def test_without_the_setting_there_is_nothing() -> None:
    with Simulator() as sim:
        assert services(sim) == {} and not sim.server.store.registries.rows


def test_the_playbooks_of_the_documentation_run_beside_them() -> None:
    root = Path(__file__).resolve().parents[3]
    pages = [root / "README.md", *root.glob("docs/docsite/rst/*.rst"), *root.glob("playbooks/**/*.yml")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert re.search(r"\bname: shop$", text, re.M) and "shop.example.com" in text
    with Simulator(seeded=True) as sim:
        store = sim.server.store
        for row in store.projects:
            assert not re.search(r"\b(name|project)[:=] *%s\b" % row["name"], text), row["name"]
        for row in store.domains:
            assert not re.search(r"(?<![\w.])%s" % re.escape(row["host"]), text), row["host"]

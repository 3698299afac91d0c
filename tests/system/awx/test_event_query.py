# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit queries find in the events of a job what its tasks manage, as Ansible Automation Platform counts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dokploy_simulator import Simulator
from tests.system.awx.jobs import Job, run
from tools.workspace import ROOT

QUERIES: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "extensions/audit/event_query.yml").read_text())
PROGRAM = """
import json, sys
import jq
print(json.dumps([jq.compile(query).input(result).all() for query, result in json.load(sys.stdin)]))
"""
DATABASES = {
    "postgres": "database_relational",
    "mysql": "database_relational",
    "mariadb": "database_relational",
    "mongo": "database_nosql",
    "redis": "database_cache",
    "libsql": "database_relational",
}
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.dokploy.dokploy_project: {name: shop}
    - community.dokploy.dokploy_project: {name: other}
    # Two of one name.
    - community.dokploy.dokploy_application:
        project: "{{ item }}"
        name: web
        docker: {image: "docker.io/library/nginx:1"}
        env: {A: "1"}
      loop: [shop, other]
    - community.dokploy.dokploy_compose:
        project: shop
        name: stack
        raw: {definition: {services: {page: {image: "docker.io/library/nginx:1"}}}}
    DATABASES
    - community.dokploy.dokploy_ssh_key: {name: key, generate: ed25519}
    - community.dokploy.dokploy_server: {name: box, ip_address: 192.0.2.1, ssh_key: key}
    # Not counted twice.
    - community.dokploy.dokploy_application: {project: shop, name: web}
    - community.dokploy.dokploy_deployment: {project: shop, application: web, wait: false}
      register: started
    - community.dokploy.dokploy_deployment: {project: shop, compose: stack}
    - community.dokploy.dokploy_deployment: {state: finished, handles: ["{{ started.handle }}"]}
    # Not counted: they only read, hide their result, are no nodes, do not exist yet, or fail.
    - community.dokploy.dokploy_info:
    - community.dokploy.dokploy_application_info: {project: shop}
    - community.dokploy.dokploy_compose: {project: other, name: hidden, raw: {definition: {services: {a: {image: b}}}}}
      no_log: true
    - community.dokploy.dokploy_domain: {project: shop, application: web, host: shop.example.com}
    - community.dokploy.dokploy_application: {project: shop, name: planned}
      check_mode: true
    - community.dokploy.dokploy_application: {project: none, name: web}
      register: failed
      failed_when: failed is not failed
    # Counted, since it was there.
    - community.dokploy.dokploy_application: {project: other, name: web, state: absent}
"""


def database(kind: str) -> dict[str, Any]:
    """The options of a database that has the name of its kind."""
    made = {"project": "shop", "name": kind, "type": kind, "password": "of-the-db"}
    if kind != "libsql":
        made["image"] = f"docker.io/library/{kind}:1"
    if kind != "redis":
        made["user"] = "shop"
    if kind in ("postgres", "mysql", "mariadb"):
        made["database"] = "shop"
    if kind in ("mysql", "mariadb"):
        made["root_password"] = "of-the-root"
    return made


def queried(tools: Path, pairs: list[tuple[str, Any]]) -> list[list[Any]]:
    """What each query gives for its result."""
    text = json.dumps(pairs).encode()
    done = subprocess.run([tools / "python", "-c", PROGRAM], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: list[list[Any]] = json.loads(done.stdout)
    return found


def hashable(value: Any) -> Any:
    """Facts that identify a node; anything else in them drops the record."""
    if isinstance(value, dict):
        return tuple(sorted((key, hashable(item)) for key, item in value.items()))
    assert isinstance(value, (str, int, float)), value
    return value


def counted(tools: Path, job: Job) -> list[dict[str, Any]]:
    """The nodes of a job: of those with the same identifying facts, the first (C(awx/main/tasks/host_indirect.py))."""
    events = [event["event_data"] for event in job.events if event.get("event_data", {}).get("res") is not None]
    known = [data for data in events if data.get("resolved_action") in QUERIES]
    rows = queried(tools, [(QUERIES[data["resolved_action"]]["query"], data["res"]) for data in known])
    nodes: dict[Any, dict[str, Any]] = {}
    for row in [row for found in rows for row in found]:
        nodes.setdefault(hashable(row["canonical_facts"]), row)
    return list(nodes.values())


def test_the_nodes_of_a_job(tools: Path, tmp_path: Path) -> None:
    tasks = [f"- community.dokploy.dokploy_database: {json.dumps(database(kind))}" for kind in DATABASES]
    play = PLAY.replace("DATABASES", "\n    ".join(tasks))
    with Simulator(build_seconds=0.01) as sim:
        credential = {"url": sim.url, "api_key": sim.key}
        job = run(tmp_path / "job", {"playbook": "all.yml"}, credential, files={"all.yml": play})
        assert job.status == "successful", job.stdout
        servers = sim.execute("server.all")
    nodes = counted(tools, job)
    kinds = [(row["facts"]["name"], row["facts"]["device_type"]) for row in nodes]
    expected = [("web", "container"), ("web", "container"), ("stack", "container"), *DATABASES.items()]
    assert sorted(kinds) == sorted([*expected, ("box", "virtual_machine")])
    # One table has a record of a job only if all of their names differ.
    names = [row["name"] for row in nodes]
    assert len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
    assert {"dokploy_server_id": servers[0]["serverId"]} in [row["canonical_facts"] for row in nodes]
    assert {row["facts"]["infra_type"] for row in nodes} == {"PrivateCloud"}


@pytest.mark.parametrize(
    ("module", "result"),
    [
        ("application", {"changed": False, "failed": True, "msg": "no project"}),
        ("application", {"censored": "the output has been hidden", "changed": True}),
        ("application", {"changed": True, "application": {"application_id": None, "name": "web"}}),
        ("compose", {"changed": True, "compose": None}),
        ("database", {"changed": True, "results": [{"database": {"database_id": "a", "name": "db"}}]}),
        ("deployment", {"changed": False, "deployments": [], "application_id": None}),
        ("server", {"skipped": True}),
    ],
)
def test_a_result_without_a_record_is_not_counted(tools: Path, module: str, result: dict[str, Any]) -> None:
    assert queried(tools, [(QUERIES[f"community.dokploy.dokploy_{module}"]["query"], result)]) == [[]]


def test_a_deployment_alone_is_counted_by_the_id(tools: Path) -> None:
    query = QUERIES["community.dokploy.dokploy_deployment"]["query"]
    waited = {"deployments": [{"application_id": "a", "compose_id": None}, {"compose_id": "c"}]}
    rows = queried(tools, [(query, {"application_id": "a", "changed": True}), (query, waited)])
    facts = [[row["canonical_facts"] for row in found] for found in rows]
    assert facts == [
        [{"dokploy_application_id": "a"}],
        [{"dokploy_application_id": "a"}, {"dokploy_compose_id": "c"}],
    ]

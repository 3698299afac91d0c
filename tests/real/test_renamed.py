# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A database with rows that somebody renames, or whose labels are gone: the same document finds it again."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from tests.real import looks
from tests.real.data_project import LOGIN
from tests.real.playbooks import Play, Server, run, task
from tests.real.shop import BY_NAME, Images

_DATABASE = "{{ 'db:internal_url' | community.dokploy.reference }}"


def document(name: str, images: Images) -> dict[str, Any]:
    database = {"name": "db", "type": "postgres", "image": images.postgres, **LOGIN, "endpoint_spec": BY_NAME}
    web = {
        "name": "web",
        "docker": {"image": images.postgres},
        "command": "sleep",
        "args": ["100000"],
        "env": {"DATABASE": _DATABASE},
    }
    environment = {"name": "production", "databases": [database], "applications": [web]}
    return {"projects": [{"name": name, "environments": [environment]}]}


def container(app_name: str) -> str:
    words = ["docker", "ps", "--quiet", "--filter", f"name=^{app_name}[.]", "--filter", "status=running"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[0]


def sql_of_web(app_name: str, statement: str) -> str:
    """What the application sees at the address in its variables."""
    words = ["docker", "exec", container(app_name), "sh", "-c", f'psql "$DATABASE" -qtAc "{statement}"']
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def called(server: Server, procedure: str, **body: Any) -> None:
    """A write as the web interface sends it."""
    headers = {"x-api-key": server.key, "content-type": "application/json"}
    address = f"{server.url.rstrip('/')}/api/{procedure}"
    with urllib.request.urlopen(urllib.request.Request(address, json.dumps(body).encode(), headers)):
        pass


def changes(play: Play) -> list[tuple[str, str, str | None]]:
    assert play.status == 0, play.output
    return [
        (row["action"], row["path"].rpartition("/")[2], row["reason"]) for row in play.of("apply")["plan"]["changes"]
    ]


def test_a_renamed_database_has_its_rows(server: Server, images: Images, tmp_path: Path) -> None:
    apply = task("apply", "dokploy_manifest", version=1, verify_period=1, **document(server.project, images))
    made = run(server, tmp_path / "up", [apply])
    assert made.status == 0, made.output
    names = looks.app_names(server, server.project)
    sql_of_web(names["web"], "create table orders (n int); insert into orders values (1), (2), (3)")
    (database,) = [row for row in made.of("apply")["resources"] if row["kind"] == "database"]
    before = container(names["db"])

    called(server, "postgres.update", postgresId=database["id"], name="maindb")
    reason = "renamed on the server: maindb -> db"
    assert changes(run(server, tmp_path / "check", [apply], check=True)) == [("rename", "db", reason)]
    assert changes(run(server, tmp_path / "again", [apply])) == [("rename", "db", reason)]
    assert looks.app_names(server, server.project) == names
    assert sql_of_web(names["web"], "select sum(n) from orders") == "6"

    # As one that was made in the web interface: nothing empty is made beside it, unless the entry says so.
    called(server, "postgres.update", postgresId=database["id"], labelsSwarm={}, name="maindb")
    refused = run(server, tmp_path / "unknown", [apply])
    assert refused.status != 0 and "new: true" in refused.of("apply")["msg"]
    assert set(looks.app_names(server, server.project)) == {"web", "maindb"}
    called(server, "postgres.update", postgresId=database["id"], name="db")
    lost = "no record of the last deployment, and what runs is what is configured"
    assert changes(run(server, tmp_path / "lost", [apply])) == [("adopt", "db", lost)]
    assert container(names["db"]) == before
    assert changes(run(server, tmp_path / "nothing", [apply])) == []


def test_a_moved_database_has_its_rows(server: Server, images: Images, tmp_path: Path) -> None:
    stated = document(server.project, images)
    stated["projects"][0]["environments"].append({"name": "staging"})
    apply, ways = task("apply", "dokploy_manifest", version=1, verify_period=1, **stated), {}
    for way in ("refuse", "keep"):
        ways[way] = task("apply", "dokploy_manifest", version=1, verify_period=1, on_rename=way, **stated)
    made = run(server, tmp_path / "up", [apply])
    assert made.status == 0, made.output
    names = looks.app_names(server, server.project)
    sql_of_web(names["web"], "create table orders (n int); insert into orders values (1), (2), (3)")
    kinds = {(row["kind"], row["path"]): row["id"] for row in made.of("apply")["resources"]}
    staging = kinds["environment", f"{server.project}/staging"]
    database = kinds["database", f"{server.project}/production/db"]
    called(server, "postgres.move", postgresId=database, targetEnvironmentId=staging)

    place = f"{server.project}/production/db"
    reason = f"moved on the server: {server.project}/staging/db -> {place}"
    refused = run(server, tmp_path / "refuse", [ways["refuse"]])
    assert refused.status != 0 and "moved on the server" in refused.of("apply")["msg"]
    assert changes(run(server, tmp_path / "keep", [ways["keep"]])) == []
    assert changes(run(server, tmp_path / "back", [apply])) == [("move", "db", reason)]
    assert changes(run(server, tmp_path / "nothing", [apply])) == []
    assert looks.app_names(server, server.project) == names
    assert sql_of_web(names["web"], "select sum(n) from orders") == "6"

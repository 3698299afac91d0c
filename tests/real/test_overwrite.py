# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large database that an application writes to is replaced by its archive, with a kill in the middle of that."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.real import looks
from tests.real.data_project import LOGIN, images
from tests.real.losing import losing
from tests.real.numbered import postgres
from tests.real.playbooks import Running, Server, run, start, task
from tests.real.shop import BY_NAME, destination

pytestmark = pytest.mark.long

ROWS = 400_000
_WRITES = 'while :; do psql "$DATABASE" -qc "insert into numbers select max(n) + 1, \'new\' from numbers"; done'
_STORE = postgres("db", "shop", "shop")


def document(name: str, known: dict[str, str]) -> dict[str, Any]:
    writer = {
        "name": "writer",
        "docker": {"image": known["REAL_POSTGRES"]},
        "command": "sh",
        "args": ["-c", f"trap 'exit 0' TERM; {_WRITES}"],
        "env": {"DATABASE": "{{ 'db:internal_url' | community.dokploy.reference }}"},
        "endpoint_spec": BY_NAME,
    }
    database = {"name": "db", "type": "postgres", "image": known["REAL_POSTGRES"], **LOGIN, "endpoint_spec": BY_NAME}
    environment = {"name": "production", "databases": [database], "applications": [writer]}
    return {
        "destinations": [destination(name, known["REAL_S3"], known["REAL_BUCKET"])],
        "projects": [{"name": name, "environments": [environment]}],
    }


def sql(app_name: str, statement: str) -> str:
    words = ["docker", "exec", _STORE.container(app_name), *_STORE.client, "-c", statement]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def replicas(app_name: str) -> str:
    words = ["docker", "service", "ls", "--filter", f"name={app_name}", "--format", "{{.Replicas}}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[0]


def test_a_database_that_is_written_to_is_replaced(server: Server, tmp_path: Path) -> None:
    known = images()
    name, stated = server.project, document(server.project, known)
    apply = task("apply", "dokploy_manifest", version=1, verify_period=1, **stated)
    assert run(server, tmp_path / "up", [apply]).status == 0
    names = looks.app_names(server, name)
    create = "create table numbers (n int primary key, t text)"
    sql(names["db"], f"{create}; insert into numbers select i, 'row ' || i from generate_series(1, {ROWS}) i")
    saving = task("save", "dokploy_backup_set", data="all", destination=name, scope={"projects": [name]})
    saved = run(server, tmp_path / "set", [saving])
    assert saved.status == 0, saved.output
    time.sleep(5)
    newest = int(sql(names["db"], "select max(n) from numbers"))
    assert newest > ROWS
    recovery = task(
        "recover",
        "dokploy_manifest",
        version=1,
        verify_period=1,
        **stated,
        archives=saved.of("save")["set"],
        overwrite=[f"{name}/production/db"],
    )
    planned = run(server, tmp_path / "check", [recovery], check=True)
    assert planned.status == 0, planned.output
    changes = [(change["action"], change["path"]) for change in planned.of("recover")["plan"]["changes"]]
    assert ("stop", f"{name}/production/writer") in changes and ("start", f"{name}/production/writer") in changes

    running: list[Running] = []

    def kill() -> None:
        running[0].kill()

    with losing(server.url, 1, kill, "backup.restoreBackupWithLogs", True) as proxy:
        through = Server(proxy.url, server.key, name)
        running.append(start(through, tmp_path / "killed", [recovery]))
        assert running[0].end().status == -9
    assert replicas(names["writer"]) == "0/0"
    done = run(server, tmp_path / "again", [recovery])
    assert done.status == 0, done.output
    assert (replicas(names["db"]), replicas(names["writer"])) == ("1/1", "1/1")
    same = f"select count(*) from numbers where n <= {ROWS} and t = 'row ' || n"
    assert sql(names["db"], same) == str(ROWS)
    before = int(sql(names["db"], "select count(*) from numbers"))
    time.sleep(5)
    assert int(sql(names["db"], "select count(*) from numbers")) > before
    assert run(server, tmp_path / "nothing", [recovery]).changed == []

    # What the killed run has saved before is what there was.
    (row,) = [row for row in done.of("recover")["archives"] if row["what"] == "database"]
    content = saved.of("save")["set"]
    content["archives"] = [{**content["archives"][0], **row["saved_first"], "fingerprint": None}]
    recovery["community.dokploy.dokploy_manifest"]["archives"] = content
    back = run(server, tmp_path / "back", [recovery])
    assert back.status == 0, back.output
    assert (replicas(names["db"]), replicas(names["writer"])) == ("1/1", "1/1")
    written = f"select count(*) from numbers where n between {ROWS + 1} and {newest}"
    assert (sql(names["db"], same), sql(names["db"], written)) == (str(ROWS), str(newest - ROWS))

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrations before the application that needs them: with an image that ends, and by a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.real import looks
from tests.real.data_project import LOGIN
from tests.real.playbooks import Play, Server, run, task
from tests.real.shop import BY_NAME, Images
from tests.real.test_renamed import sql_of_web

_DATABASE = "{{ 'db:internal_url' | community.dokploy.reference }}"
_NOTE = "create table if not exists ran (what text); insert into ran values (%s) returning what"


def document(name: str, images: Images, script: str) -> dict[str, Any]:
    database = {"name": "db", "type": "postgres", "image": images.postgres, **LOGIN, "endpoint_spec": BY_NAME}
    own = {"docker": {"image": images.postgres}, "env": {"DATABASE": _DATABASE}}
    migrations = {"name": "migrations", **own, "command": "sh", "args": ["-c", script], "runs": "once"}
    web = {"name": "web", **own, "command": "sleep", "args": ["100000"], "after": ["migrations"]}
    environment = {"name": "production", "databases": [database], "applications": [web, migrations]}
    return {"projects": [{"name": name, "environments": [environment]}]}


def noting(what: str, code: int = 0) -> str:
    statement = _NOTE % f"'{what}'"
    return f'sleep 3; until psql "$DATABASE" -qtAc "{statement}"; do sleep 1; done; exit {code}'


def reports(play: Play) -> dict[str, Any]:
    return {row["path"].rpartition("/")[2]: row for row in play.of("apply")["deployments"]}


def test_migrations_before_web(server: Server, images: Images, tmp_path: Path, path: str) -> None:
    def applied(step: str, script: str) -> Play:
        stated = document(server.project, images, script)
        return run(
            server, tmp_path / step, [task("apply", "dokploy_manifest", version=1, verify_period=1, **stated)], path
        )

    first = applied("first", noting("first"))
    assert first.status == 0, first.output
    job = reports(first)["migrations"]["job"]
    assert (job["exit_code"], job["output"]) == (0, "first")
    assert job["seconds"] >= 3
    names = looks.app_names(server, server.project)
    ran = "select string_agg(what, ',' order by what) from ran"
    assert sql_of_web(names["web"], ran) == "first"
    assert applied("nothing", noting("first")).changed == []
    second = applied("second", noting("second"))
    assert second.status == 0, second.output
    assert list(reports(second)) == ["migrations"]
    # Docker has not gone back to the former version, which would run once more.
    assert sql_of_web(names["web"], f"select pg_sleep(8); {ran}").strip() == "first,second"

    failed = applied("failed", noting("third", 3))
    assert failed.status != 0
    assert reports(failed)["migrations"]["job"]["exit_code"] == 3
    again = applied("again", noting("third", 3))
    assert reports(again)["migrations"]["job"]["exit_code"] == 3
    assert applied("mended", noting("fourth")).status == 0
    assert applied("nothing more", noting("fourth")).changed == []
    assert sql_of_web(names["web"], ran) == "first,fourth,second,third,third"


def test_a_job_before_web(server: Server, images: Images, tmp_path: Path) -> None:
    stated = document(server.project, images, noting("first"))
    apply = task("apply", "dokploy_manifest", version=1, verify_period=1, **stated)
    names_before = run(server, tmp_path / "up", [apply])
    assert names_before.status == 0, names_before.output
    (database,) = [row for row in names_before.of("apply")["resources"] if row["kind"] == "database"]
    address = f"postgresql://{LOGIN['user']}:{LOGIN['password']}@{database['app_name']}:5432/{LOGIN['database']}"
    count = task(
        "count",
        "dokploy_job",
        project=server.project,
        name="migrate",
        image=images.postgres,
        env={"DATABASE": address},
        script='psql "$DATABASE" -qtAc "select count(*) from ran"',
    )
    counted = run(server, tmp_path / "job", [count])
    assert counted.status == 0, counted.output
    assert counted.of("count")["job"]["output"] == "1"

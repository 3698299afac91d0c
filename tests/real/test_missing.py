# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A database that exists before its recovery is missing, and C(overwrite) replaces it while an application uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real import shop
from tests.real.playbooks import Play, Server, run, task
from tests.real.shop import BY_NAME, Images

pytestmark = pytest.mark.long
_ENDS = "trap 'exit 0' TERM; while :; do sleep 1; done"
_COUNT = "select count(*) from orders"


def test_what_exists_is_missing_unless_it_is_kept_or_replaced(
    server: Server, images: Images, bucket: tuple[str, str], tmp_path: Path
) -> None:
    place = f"{server.project}/production"
    database = {
        "name": "db",
        "type": "postgres",
        "image": images.postgres,
        "database": "shop",
        "user": "shop",
        "password": shop.PASSWORD,
        "endpoint_spec": BY_NAME,
    }
    web = {
        "name": "web",
        "docker": {"image": images.busybox},
        "command": "sh",
        "args": ["-c", _ENDS],
        "env": {"DATABASE": "{{ 'db:internal_url' | community.dokploy.reference }}"},
        "endpoint_spec": BY_NAME,
    }
    everything = {"databases": [database], "applications": [web]}
    archives = {"archives": str(tmp_path / "set" / "archives.yml"), "archives_image": images.busybox}

    def apply(name: str, services: dict[str, Any], **options: Any) -> Play:
        bringing_up = shop.bring_up(server.project, bucket, services)
        bringing_up["community.dokploy.dokploy_manifest"].update(options)
        return run(server, tmp_path / name, [bringing_up])

    def sql(text: str) -> str:
        names = shop.app_names(server)
        return shop.within(names["db"], "psql", "-At", "-U", "shop", "-d", "shop", "-c", text).strip()

    def fill(rows: int) -> None:
        sql(f"create table orders as select id from generate_series(1, {rows}) id")
        sql("alter table orders add primary key (id)")

    def result(play: Play) -> dict[str, Any]:
        facts: dict[str, Any] = play.results[-1]["result"]
        return facts

    assert apply("up", everything).status == 0
    fill(400_000)
    saving: dict[str, Any] = {
        "scope": {"projects": [server.project]},
        "data": "all",
        "destination": server.project,
        "checks": [{"name": "rows", "service": f"{place}/db", "script": f'psql -Atc "{_COUNT}"'}],
        "dest": str(tmp_path / "set"),
        "secrets": "file",
    }
    saved = run(server, tmp_path / "save", [task("save", "dokploy_backup_set", **saving)])
    assert saved.status == 0, saved.output
    lost = task("lose", "dokploy_project", name=server.project, state="absent", force=True)
    assert run(server, tmp_path / "lose", [lost]).status == 0

    # As from Git, before the recovery.
    assert apply("before", {"databases": [database]}).status == 0
    fill(1)
    missing = apply("missing", everything, **archives)
    assert missing.status == 2, missing.output
    outcomes = [(row["path"], row["outcome"]) for row in result(missing)["archives"]]
    assert outcomes == [(f"{place}/db", "missing")] and "its data is not restored" in missing.output
    assert [row["path"] for row in result(missing)["waiting"]] == [f"{place}/web"]
    assert [row["passed"] for row in result(missing)["archive_checks"]] == [False]
    assert sql(_COUNT) == "1"
    kept = apply("keep", everything, **archives, archives_keep=[f"{place}/*"])
    assert (kept.status, result(kept)["archives"][0]["outcome"]) == (0, "kept"), kept.output

    # The application runs now: it is stopped meanwhile.
    replaced = apply("replace", everything, **archives, overwrite=[f"{place}/db"])
    assert replaced.status == 0, replaced.output
    assert (result(replaced)["archives"][0]["outcome"], sql(_COUNT)) == ("restored", "400000")
    again = apply("again", everything, **archives)
    assert (again.status, again.changed, result(again)["archives"][0]["outcome"]) == (0, [], "present")

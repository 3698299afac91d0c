# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A drill finds other data than the set saw: an emptied file, dumps of other databases of the same size, lost keys.

The archives of a second set take the place of those of the first one, so that each can be read to its end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import looks
from tests.real.data_project import PASSWORD, STORES, apply, document, images
from tests.real.playbooks import Play, Server, run, start_playbook, task
from tests.real.shop import docker

pytestmark = pytest.mark.long

_BY_PLACE = {(store.name, store.inside): store for store in STORES}
_CREATE = "create table if not exists numbers (n int, t varchar(40)); delete from numbers;"
_FIRST = f"{_CREATE} insert into numbers values (1, 'one'), (2, 'two'), (3, 'six');"
_SECOND = f"{_CREATE} insert into numbers values (1, 'one'), (2, 'twosix3');"


def filled(names: dict[str, str], sql: str, text: str) -> None:
    """Write rows into all databases, and a file into the volumes."""
    for place in (("db", ""), ("stack", "db")):
        store = _BY_PLACE[place]
        user, database = ("postgres", "postgres") if place[1] else ("shop", "shop")
        container = store.container(names[store.name])
        docker("exec", container, "psql", "-qX", "-U", user, "-d", database, "-c", sql)
    words = ["mariadb", "-u", "shop", f"-p{PASSWORD}", "shop", "-e", sql]
    docker("exec", _BY_PLACE[("forum", "")].container(names["forum"]), *words)
    for place, path in ((("web", ""), "/data/orders"), (("stack", "keeper"), "/files/orders")):
        store = _BY_PLACE[place]
        docker("exec", store.container(names[store.name]), "sh", "-c", f"printf '%s' '{text}' > {path}")


def drill(server: Server, folder: Path, place: Path, image: str, require: str = "") -> tuple[Play, dict[str, Any]]:
    """The run, and its report. :param place: of the set."""
    connection = {"dokploy_url": server.url, "dokploy_api_key": server.key, "dokploy_request_timeout": 900}
    own = {
        "drill_set": str(place),
        "drill_image": image,
        "drill_network": f"{server.project}-net",
        "drill_suffix": f"-{server.project}",
        "drill_reports": str(folder.with_suffix(".json")),
        **({"drill_require": require} if require else {}),
    }
    play = start_playbook("drill", folder, {**connection, **own}).end()
    return play, json.loads(folder.with_suffix(".json").read_text())


def test_other_data_than_a_set_saw_is_found(server: Server, tmp_path: Path) -> None:
    known = images()
    name, filling = server.project, apply(server.project, known)
    play = run(server, tmp_path / "fill", [filling])
    assert play.status == 0, play.output
    names = looks.app_names(server, name)
    try:
        for store in STORES:
            store.prepare(names[store.name])
        options = {"data": "all", "destination": name, "jobs": True, "stop": True, "job_image": known["REAL_IMAGE"]}
        options |= {"scope": {"projects": [name]}, "secrets": "file"}
        saves = []
        for number, (sql, text) in enumerate(((_FIRST, "numbers"), (_SECOND, ""))):
            filled(names, sql, text)
            place = tmp_path / f"set-{number}"
            save = run(
                server, tmp_path / f"save-{number}", [task("save", "dokploy_backup_set", dest=str(place), **options)]
            )
            assert save.status == 0, save.output
            saves.append(yaml.safe_load((place / "archives.yml").read_text()))
        first, second = saves
        assert all(archive["fingerprint"] for archive in first["archives"]), first["archives"]

        play, report = drill(server, tmp_path / "same", tmp_path / "set-0", known["REAL_IMAGE"])
        assert play.status == 0, play.output
        assert {archive["proof"] for archive in report["archives"]} == {"same"}

        for archive, other in zip(first["archives"], second["archives"], strict=True):
            assert (archive["path"], archive["service"]) == (other["path"], other["service"])
            archive.update({key: other[key] for key in ("file", "size", "created_at")})
        (tmp_path / "set-0/archives.yml").write_text(yaml.safe_dump(first))
        play, report = drill(server, tmp_path / "other", tmp_path / "set-0", known["REAL_IMAGE"], "none")
        assert play.status == 2 and not report["passed"]
        said = " ".join(text for _what, text in report["errors"])
        for part in ("db", "forum", "web", "stack"):
            assert any(f"/{part}" in what for what, _text in report["errors"]), report["errors"]
        assert "has 2 rows, not 3" in said and "the set saw 1 file with 7 bytes" in said
    finally:
        run(server, tmp_path / "lost", [task("remove", "dokploy_project", name=name, state="absent", force=True)])
        looks.remove_volumes([f"{name}-data"], list(names.values()))


def test_a_redis_that_reads_another_file_is_found(server: Server, tmp_path: Path) -> None:
    known, name = images(), server.project
    wanted = document(name, known)
    (environment,) = wanted["projects"][0]["environments"]
    (cache,) = (database for database in environment["databases"] if database["type"] == "redis")
    environment.update(databases=[cache], applications=[], compose=[])
    # Its dump is brought to /data/dump.rdb.
    cache["args"] = ["-c", f"exec redis-server --requirepass {PASSWORD} --dbfilename keys.rdb"]
    filling = run(server, tmp_path / "fill", [task("apply", "dokploy_manifest", version=1, verify_period=1, **wanted)])
    assert filling.status == 0, filling.output
    names = looks.app_names(server, name)
    try:
        store = _BY_PLACE[("cache", "")]
        docker("exec", store.container(names["cache"]), *store.client, "set", "one", "two")
        options = {"data": "all", "destination": name, "jobs": True, "scope": {"projects": [name]}, "secrets": "file"}
        place = tmp_path / "set"
        save = run(server, tmp_path / "save", [task("save", "dokploy_backup_set", dest=str(place), **options)])
        assert save.status == 0, save.output
        (archive,) = yaml.safe_load((place / "archives.yml").read_text())["archives"]
        assert archive["fingerprint"]["key_count"] == [1, 1]
        play, report = drill(server, tmp_path / "drill", place, known["REAL_IMAGE"])
        assert play.status == 2 and not report["passed"]
        assert "it has 0 keys, not 1" in " ".join(text for _what, text in report["errors"]), report["errors"]
    finally:
        run(server, tmp_path / "lost", [task("remove", "dokploy_project", name=name, state="absent", force=True)])
        looks.remove_volumes([f"{name}-data"], list(names.values()))

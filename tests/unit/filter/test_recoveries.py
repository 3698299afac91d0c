# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service that comes back beside the living one, and the command lines that copy from it."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS

LIVING, COPY = {"app_name": "live-aaaaaa"}, {"app_name": "copy-bbbbbb"}


def archive(kind: str, what: str, method: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "path": "shop/production/x", "what": what, "method": method, **more}


def dump(database_type: str, kind: str = "database", user: str = "shop", **more: Any) -> dict[str, Any]:
    database = {"name": "shop", "user": user}
    return archive(kind, "database", "dump", database_type=database_type, database=database, **more)


def saved(*archives: dict[str, Any]) -> dict[str, Any]:
    services = [{"kind": item["kind"], "path": item["path"], "app_name": "saved-cccccc"} for item in archives]
    return {"archives": list(archives), "services": services}


def beside(content: dict[str, Any], name: str = "x-1042") -> dict[str, Any]:
    options: dict[str, Any] = STEPS["recovery_beside"](content, ["shop/production/x"], name)
    return options


def lines(*archives: dict[str, Any], living: dict[str, Any] = LIVING) -> list[str]:
    content = saved(*archives)
    return [row["line"] for row in STEPS["copying_lines"](content, beside(content), living, COPY)]


@pytest.mark.parametrize(
    ("archives", "held"),
    [
        ([dump("postgres")], False),
        ([archive("database", "database", "rdb", database_type="redis")], False),
        ([archive("application", "volume", "volume", volume="uploads")], True),
        ([archive("compose", "volume", "volume", volume="saved-cccccc_data")], True),
        ([dump("postgres", "compose", service="db")], False),
    ],
)
def test_only_what_a_dump_needs_has_containers(archives: list[dict[str, Any]], held: bool) -> None:
    options = beside(saved(*archives))
    assert options["mistakes"] == [] and options["beside"] == "shop/production/x-1042"
    assert options["hold"] == ["domains", "schedules", "backups", *(["containers"] if held else [])]


@pytest.mark.parametrize(
    ("only", "name", "told"),
    [
        ([], "y", "recover_beside needs recover_only with one path"),
        (["shop/production/x", "shop/production/y"], "z", "recover_beside needs recover_only with one path"),
        (["shop/production/*"], "y", "recover_beside needs recover_only with one path"),
        (["shop"], "y", "recover_beside needs recover_only with one path"),
        (["shop/production/x"], "x", "a name that the environment does not have"),
        (["shop/production/x"], "a/b", "a name that the environment does not have"),
        (["shop/production/y"], "z", "no archive of shop/production/y; it has archives of shop/production/x"),
    ],
)
def test_what_cannot_come_back_is_told(only: list[str], name: str, told: str) -> None:
    (mistake,) = STEPS["recovery_beside"](saved(dump("postgres")), only, name)["mistakes"]
    assert told in mistake


SWARM = "$(docker ps -qf label=com.docker.swarm.service.name=%s)"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("postgres", ["psql -U shop -d shop -c 'COPY (SELECT", "psql -U shop -d shop -c 'COPY TABLE FROM STDIN'"]),
        ("mysql", ["MYSQL_PWD=$MYSQL_PASSWORD mysqldump -u shop", "MYSQL_PWD=$MYSQL_PASSWORD mysql -u shop shop"]),
        ("mariadb", ["MYSQL_PWD=$MARIADB_PASSWORD mariadb-dump", "MYSQL_PWD=$MARIADB_PASSWORD mariadb -u shop shop"]),
        ("redis", ["--raw DUMP $0' KEY", "-x RESTORE $0 0' KEY"]),
        ("mongo", ["mongodump --quiet --archive", "mongorestore --quiet --archive"]),
    ],
)
def test_a_line_goes_from_the_copy_to_the_living_one(kind: str, words: list[str]) -> None:
    (line,) = lines(dump(kind))
    first, second = line.split(" | ")[0], line.split(" | ")[-1]
    assert first.startswith("docker exec " + SWARM % "copy-bbbbbb") and words[0] in first
    assert second.startswith("docker exec -i " + SWARM % "live-aaaaaa") and words[1] in second


def test_files_go_from_the_volumes_and_folders_of_the_copy() -> None:
    assert lines(
        archive("application", "volume", "volume", volume="uploads"),
        archive("application", "volume", "volume", volume="saved-cccccc-cache"),
        archive("application", "bind", "bind", bind="/srv/media"),
    ) == [
        "docker run --rm -v uploads-x-1042:/from:ro -v uploads:/to ubuntu cp -a /from/PATH /to/PATH",
        "docker run --rm -v copy-bbbbbb-cache:/from:ro -v live-aaaaaa-cache:/to ubuntu cp -a /from/PATH /to/PATH",
        "cp -a /srv/media-x-1042/PATH /srv/media/PATH",
    ]


@pytest.mark.parametrize(
    ("type_", "label"),
    [
        ("docker-compose", "com.docker.compose.project=live-aaaaaa -f label=com.docker.compose.service=db"),
        ("stack", "com.docker.swarm.service.name=live-aaaaaa_db"),
    ],
)
def test_a_database_in_a_stack_is_found_by_its_service(type_: str, label: str) -> None:
    (line,) = lines(dump("postgres", "compose", service="db"), living={**LIVING, "type": type_})
    assert f"docker exec -i $(docker ps -qf label={label}) psql" in line


def test_root_has_a_password_of_its_own() -> None:
    (line,) = lines(dump("mysql", user="root"))
    assert "MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysqldump -u root" in line


@given(st.sampled_from(["postgres", "mysql", "mariadb", "redis", "mongo"]), st.text(max_size=12), st.text(max_size=12))
def test_a_line_can_be_copied_from_the_output_of_ansible(kind: str, name: str, user: str) -> None:
    """JSON escapes double quotes and backslashes. A shell can read it, whatever the names are."""
    item = dump(kind)
    item["database"] = {"name": name, "user": user}
    (line,) = lines(item)
    assert '"' not in line and "\\" not in line and "\n" not in line


@pytest.mark.parametrize("kind", ["postgres", "mysql", "mariadb", "redis", "mongo"])
def test_a_shell_takes_the_line(kind: str) -> None:
    (line,) = lines(dump(kind))
    subprocess.run(["sh", "-nc", line], check=True)

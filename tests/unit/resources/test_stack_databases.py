# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services of a Compose file are databases, and what becomes of each of its volumes, folders and databases."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.coverage import Service, coverage
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.stack_data import (
    StackData,
    stack_data,
)
from ansible_collections.community.dokploy.plugins.module_utils._sets.items import (
    DUMPS,
    VOLUMES,
    Item,
    Left,
    Wishes,
    planned_items,
)

Row = dict[str, Any]


def known(service: Row, **row: Any) -> StackData:
    return stack_data(yaml.safe_dump({"services": {"a": service}}), {"appName": "app-1", **row})


def mounting(image: str, target: str, **more: Any) -> Row:
    return {"image": image, "volumes": [f"data:{target}"], **more}


@pytest.mark.parametrize(
    ("service", "has_data"),
    [
        (mounting("postgres:17", "/var/lib/postgresql/data"), True),
        (mounting("postgres:17", "/var/lib/postgresql/data/"), True),
        (mounting("postgres:18", "/var/lib/postgresql"), True),
        (mounting("postgres:18", "/var/lib/postgresql/18/docker"), True),
        (mounting("postgres:latest", "/var/lib/postgresql"), True),
        # The image of 17 declares a volume below it, into which Docker mounts one without a name.
        (mounting("postgres:17-alpine", "/var/lib/postgresql"), False),
        (mounting("pgvector/pgvector:pg17", "/var/lib/postgresql"), False),
        (mounting("pgvector/pgvector:pg18", "/var/lib/postgresql"), True),
        (mounting("postgres:17", "/var/lib/postgresql/data/pg_wal"), True),
        (mounting("postgres:17", "/backups"), False),
        (mounting("postgres:17", "/pg", environment={"PGDATA": "/pg/data"}), True),
        (mounting("postgres:17", "/var/lib/postgresql/data", environment=["PGDATA=/elsewhere"]), False),
        (mounting("postgres:17", "/pg", command=["-D", "/pg/data"]), True),
        (mounting("postgres:17", "/pg", command="postgres -c data_directory=/pg/data"), True),
        (mounting("bitnami/postgresql:16", "/bitnami/postgresql"), True),
        (mounting("timescale/timescaledb-ha:pg17", "/home/postgres/pgdata/data"), True),
        (mounting("mysql:8", "/var/lib/mysql"), True),
        (mounting("mysql:8", "/etc/mysql/conf.d"), False),
        (mounting("mysql:8", "/d", command="--datadir=/d/data"), True),
        (mounting("bitnami/mariadb", "/bitnami/mariadb"), True),
        (mounting("lscr.io/linuxserver/mariadb", "/config"), True),
        (mounting("mariadb:11", "/config"), False),
        (mounting("mongo:7", "/data/db"), True),
        (mounting("mongo:7", "/data/configdb"), False),
        (mounting("mongo:7", "/data"), False),
        (mounting("redis:8", "/data"), True),
        (mounting("redis:8", "/usr/local/etc/redis"), False),
        (mounting("redis:8", "/keys", command="redis-server --dir /keys"), True),
        (mounting("valkey/valkey", "/data"), True),
        (mounting("eqalpha/keydb", "/data"), True),
        (mounting("docker.dragonflydb.io/dragonflydb/dragonfly", "/data"), True),
    ],
)
def test_which_mounts_have_the_data_of_a_database(service: Row, has_data: bool) -> None:
    data = known(service)
    assert list(data.databases) == ["a"]
    assert data.data == ({"a": ["app-1_data"]} if has_data else {})


@pytest.mark.parametrize(
    ("service", "serves"),
    [
        ({"image": "postgres:17"}, True),
        ({"image": "postgres:17", "command": "-c max_connections=200"}, True),
        ({"image": "postgres:17", "command": ["postgres", "-c", "log_statement=all"]}, True),
        ({"image": "redis:8", "command": "sh -c 'exec redis-server --requirepass \"$$PASSWORD\"'"}, True),
        ({"image": "redis:8", "command": "/usr/local/etc/redis/redis.conf"}, True),
        ({"image": "postgres:17", "entrypoint": "docker-entrypoint.sh", "command": "postgres"}, True),
        ({"image": "postgres:17", "command": "psql -h postgres -U postgres"}, False),
        (
            {"image": "postgres:17", "command": ["sh", "-c", "while :; do pg_dump -h postgres; sleep 86400; done"]},
            False,
        ),
        ({"image": "postgres:17", "command": "su - postgres -c psql"}, False),
        ({"image": "postgres:17", "entrypoint": ["/usr/bin/psql"]}, False),
        ({"image": "postgres:17", "command": "sleep infinity"}, False),
        (mounting("postgres:17", "/var/lib/postgresql/data", command="pg_basebackup -D /b"), False),
        ({"image": "mysql:8", "command": "mysql -h db"}, False),
        ({"image": "mongo:7", "entrypoint": ["bash", "-c", "mongosh --host a --eval 'rs.initiate()'"]}, False),
        ({"image": "redis:8", "command": "redis-server /s.conf --sentinel"}, False),
        ({"image": "redis:8", "command": "redis-cli -h cache monitor"}, False),
        ({"image": "postgres:17", "command": "/own/script.sh"}, None),
        (mounting("postgres:17", "/var/lib/postgresql/data", command="/own/script.sh"), True),
        ({"image": "me/postgres"}, None),
        ({"image": "me/postgres", "environment": {"POSTGRES_PASSWORD": "p"}}, True),
        ({"image": "me/postgres", "environment": {"POSTGRES_PASSWORD": "p", "POSTGRES_HOST": "db"}}, None),
        (mounting("me/postgres", "/work"), None),
        (mounting("me/postgres", "/var/lib/postgresql/data"), True),
        ({"image": "localhost:5000/postgres:17"}, True),
    ],
)
def test_which_services_are_servers_of_databases(service: Row, serves: bool | None) -> None:
    data = known(service)
    assert (list(data.databases), list(data.unsure)) == (["a"] if serves else [], ["a"] if serves is None else [])


def test_a_backup_tells_that_a_service_is_a_database() -> None:
    service = mounting("me/own", "/var/lib/mysql")
    data = known(service, backups=[{"serviceName": "a", "databaseType": "mysql"}])
    assert (data.databases, data.data) == ({}, {"a": ["app-1_data"]})


# --- nothing falls between ---

IMAGES = ["postgres:17", "postgres:18", "me/postgres", "mysql:8", "mariadb", "mongo", "redis:8", "busybox", None]
TARGETS = ["/var/lib/postgresql/data", "/var/lib/postgresql", "/var/lib/mysql", "/data/db", "/data", "/work", "${X}"]
SOURCES = ["data", "files", "named", "shared", "lost", "/srv/data", "./d", "/etc/localtime", "${Y}", None]
COMMANDS = [None, "psql -h db", "sleep infinity", "/own.sh", "redis-server", "postgres"]
PASSWORDS = {"POSTGRES_PASSWORD": "p", "MYSQL_ROOT_PASSWORD": "p", "MYSQL_DATABASE": "a", "MARIADB_ROOT_PASSWORD": "p"}


def mounts() -> st.SearchStrategy[Any]:
    pairs = st.tuples(st.sampled_from(SOURCES), st.sampled_from(TARGETS))
    short = pairs.map(lambda pair: ":".join(filter(None, pair)))
    long = pairs.map(
        lambda pair: {
            "type": "bind" if (pair[0] or "").startswith(("/", ".")) else "volume",
            "target": pair[1],
            **({"source": pair[0]} if pair[0] else {}),
        }
    )
    return st.lists(short | long, max_size=3)


def services() -> st.SearchStrategy[Row]:
    service = st.fixed_dictionaries(
        {"volumes": mounts()},
        optional={
            "image": st.sampled_from(IMAGES),
            "command": st.sampled_from(COMMANDS),
            "environment": st.just(PASSWORDS),
        },
    )
    return st.dictionaries(st.sampled_from(["db", "web", "tool", "cache"]), service, min_size=1)


def wishes() -> st.SearchStrategy[Wishes]:
    return st.builds(
        Wishes,
        everything=st.booleans(),
        destination_id=st.just("d"),
        jobs=st.booleans(),
        stop=st.booleans(),
        stacks=st.sampled_from([DUMPS, VOLUMES]),
    )


def planned(file: Row, wished: Wishes, **row: Any) -> tuple[list[Item], list[Left]]:
    row = {"appName": "app-1", "composeId": "c", "sourceType": "raw", **row}
    service = Service("compose", "compose", "a/b/forum", row, (), stack_data(yaml.safe_dump(file), row))
    return planned_items(coverage([service]), wished)


VOLUMES_OF_FILE: Row = {
    "data": None,
    "files": {},
    "named": {"name": "n"},
    "shared": {"external": True},
    "lost": {"name": "${X}"},
}


# A Redis that mounts the data of another database, and has none of its own.
READER = {"image": "redis:8", "volumes": ["data:/var/lib/postgresql/data"]}
READ = {"image": "postgres:17", "volumes": ["data:/var/lib/postgresql/data"]}


@given(services(), wishes())
@example({"db": READ, "web": READER}, Wishes(destination_id="d"))
def test_nothing_of_a_file_falls_between(stack: Row, wished: Wishes) -> None:
    file = {"services": stack, "volumes": VOLUMES_OF_FILE}
    items, left = planned(file, wished)
    entries = [item.entry for item in items] + [entry.entry for entry in left]
    listed = {(entry.what, entry.name) for entry in entries}
    data = known_data(file)
    # A database that is dumped, or that the list names as not dumped, has what is at the folder of its data.
    covering = {entry.inside for entry in entries if entry.what == "database"}
    covered = {name for inside, names in data.data.items() if inside in covering for name in names}
    assert {name for name in data.volumes if ("volume", name) not in listed} <= covered
    assert {name for name in data.binds if ("bind", name) not in listed} <= covered
    assert {text for text in data.unclear if ("unknown", text) not in listed} == set()
    saved = {name for kind, name in listed if kind in ("volume", "bind")}
    for inside in data.databases:
        assert inside in covering or set(data.data[inside]) <= saved
    for inside in data.unsure:
        assert any(entry.what == "unknown" and entry.inside == inside for entry in entries)
    mounted = [mount for service in stack.values() for mount in service["volumes"]]
    assert len(mounted) == 0 or data.volumes or data.binds or data.unclear or data.unnamed or data.databases


def known_data(file: Row) -> StackData:
    return stack_data(yaml.safe_dump(file), {"appName": "app-1", "sourceType": "raw"})


# --- what patterns select ---

FORUM: Row = {
    "services": {
        "tool": {"image": "postgres:16", "command": "psql -h db", "volumes": ["out:/out", "common:/common"]},
        "db": {
            "image": "postgres:16",
            "environment": {"POSTGRES_PASSWORD": "p"},
            "volumes": ["data:/var/lib/postgresql/data", "wal:/wal", "common:/common"],
        },
    },
    "volumes": {"data": None, "wal": None, "out": None, "common": None},
}
EVERYTHING = {"database db", "volume app-1_wal", "volume app-1_out", "volume app-1_common"}


def saved(*leave_out: str) -> set[str]:
    items, _left = planned(FORUM, Wishes(everything=True, destination_id="d", leave_out=leave_out))
    return {f"{item.what} {item.entry.inside if item.what == 'database' else item.name}" for item in items}


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("a/b/forum", EVERYTHING),
        ("a/b/*", EVERYTHING),
        ("a/b/forum/db:database", {"database db"}),
        ("a/b/forum:database", {"database db"}),
        ("*/forum/db:*", {"database db", "volume app-1_wal"}),
        ("a/b/forum/db", {"database db", "volume app-1_wal"}),
        ("a/b/forum/tool:*", {"volume app-1_out"}),
        ("a/b/forum:out", {"volume app-1_out"}),
        ("a/b/forum/tool:out", {"volume app-1_out"}),
        ("a/b/forum:app-1_out", {"volume app-1_out"}),
        ("a/b/forum:common", {"volume app-1_common"}),
        ("a/b/forum/*:common", {"volume app-1_common"}),
        ("a/b/forum:volume", {"volume app-1_wal", "volume app-1_out", "volume app-1_common"}),
    ],
)
def test_what_a_pattern_leaves_out(pattern: str, gone: set[str]) -> None:
    assert saved() == EVERYTHING
    assert saved(pattern) == EVERYTHING - gone


@pytest.mark.parametrize(
    "pattern", ["a/b/forum/tool:database", "a/b/forum/web", "*/staging/*:*", "a/b/forum/tool:common"]
)
def test_a_pattern_that_selects_nothing_is_a_mistake(pattern: str) -> None:
    with pytest.raises(OptionError) as caught:
        saved("a/b/forum:out", pattern)
    names = "a/b/forum/db:database, a/b/forum/db:data, a/b/forum/db:wal, a/b/forum/tool:out, a/b/forum:common"
    assert f"leave_out: no data is at '{pattern}'" in str(caught.value)
    assert set(str(caught.value).rpartition("There is: ")[2].split(", ")) == set(names.split(", "))

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which data services have and which backups have it, of rows; and what is wrong with that."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.coverage import Service, coverage
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.problems import (
    MaxAge,
    problems_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.stack_data import (
    StackData,
    StackLogin,
    StackMount,
    host_path,
    stack_data,
)

Row = dict[str, Any]
DATA = {"type": "volume", "volumeName": "db-1-data"}
NONE = "There is no backup of it."
OTHER_HOST = (
    "volume 1 does not save it: of a database on a remote server, Dokploy saves an empty volume of its own host."
)


def dump(number: int, database: str = "shop", **row: Any) -> Row:
    return {"backupId": f"b{number}", "database": database, "prefix": "nightly", "enabled": True, **row}


def volume_backup(number: int, volume: str, **row: Any) -> Row:
    known = {"volumeBackupId": f"v{number}", "name": f"volume {number}", "volumeName": volume}
    return {**known, "prefix": "/", "enabled": True, **row}


def database(type: str = "postgres", *volume_backups: Row, **row: Any) -> Service:
    known = {"appName": "db-1", "databaseName": "shop", "mounts": [DATA], "backups": []}
    return Service("database", type, "a/b/db", {**known, **row}, volume_backups)


def application(name: str, *volume_backups: Row, **row: Any) -> Service:
    known = {"appName": f"{name}-1", "mounts": [{"type": "volume", "volumeName": "uploads"}]}
    return Service("application", "application", f"a/b/{name}", {**known, **row}, volume_backups)


def stack(data: StackData | str | None, *volume_backups: Row, **row: Any) -> Service:
    return Service("compose", "compose", "a/b/forum", {"appName": "forum-1", **row}, volume_backups, data)


def brief(*services: Service) -> list[tuple[str, str | None, list[str], str | None, bool]]:
    """Each entry: what it is, its name, the IDs of its backups, the reason, and whether it should have one."""
    return [
        (entry.what, entry.name, [archive.backup.id for archive in entry.archives], entry.reason, entry.expected)
        for entry in coverage(services)
    ]


IN_DATABASE = ("volume", "db-1-data", [], "It has the data of the database, which is listed by itself.", False)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (database(), [("database", "shop", [], NONE, True), IN_DATABASE]),
        (database(backups=[dump(1)]), [("database", "shop", ["b1"], None, True), IN_DATABASE]),
        (
            database(backups=[dump(1, enabled=False)]),
            [("database", "shop", ["b1"], "Its backup is switched off.", True), IN_DATABASE],
        ),
        (
            database(backups=[dump(1), dump(2, enabled=None)]),
            [("database", "shop", ["b1", "b2"], None, True), IN_DATABASE],
        ),
        (
            database(backups=[dump(1, "stock")]),
            [("database", "shop", [], NONE, True), ("database", "stock", ["b1"], None, True), IN_DATABASE],
        ),
        (
            database("mongo", databaseName=None, backups=[dump(1, "a"), dump(2, "b")]),
            [("database", "a", ["b1"], None, True), ("database", "b", ["b2"], None, True), IN_DATABASE],
        ),
        (database("libsql", databaseName=None), [("database", None, [], NONE, True), IN_DATABASE]),
        (
            database("postgres", volume_backup(1, "db-1-data")),
            [
                (
                    "database",
                    "shop",
                    [],
                    "There is no dump of it. The archive of its volume is no consistent copy while it runs.",
                    True,
                ),
                ("volume", "db-1-data", ["v1"], None, True),
            ],
        ),
        (
            database("redis", volume_backup(1, "db-1-data")),
            [
                ("database", None, [], "Dokploy makes no dumps of Redis. Its data is what its volume has.", False),
                ("volume", "db-1-data", ["v1"], None, True),
            ],
        ),
        (
            database("redis", volume_backup(1, "db-1-data"), serverId="s"),
            [
                ("database", None, [], "Dokploy makes no dumps of Redis. Its data is what its volume has.", False),
                (
                    "volume",
                    "db-1-data",
                    [],
                    OTHER_HOST,
                    True,
                ),
            ],
        ),
        (
            database(mounts=[DATA, {"type": "volume", "volumeName": "extensions"}, {"type": "file"}]),
            [("database", "shop", [], NONE, True), IN_DATABASE, ("volume", "extensions", [], NONE, True)],
        ),
        (
            application("web", volume_backup(1, "gone")),
            [
                ("volume", "uploads", [], NONE, True),
                ("volume", "gone", ["v1"], "No mount that is known here has this volume.", False),
            ],
        ),
        (
            application("web", mounts=[{"type": "bind", "hostPath": "/srv"}]),
            [("bind", "/srv", [], "Dokploy cannot save a folder of the host.", False)],
        ),
        (stack(None), []),
        (
            stack("is broken", backups=[dump(1, serviceName="db", databaseType="mysql")]),
            [
                ("unknown", None, [], "Its Compose file is broken", True),
                ("database", "shop", ["b1"], None, True),
            ],
        ),
        (
            stack(
                StackData(
                    {"db": "postgres", "cache": "redis"},
                    {"data": ["db"], "keys": ["cache"], "files": ["web"]},
                    data={"db": ["data"], "cache": ["keys"]},
                ),
                volume_backup(1, "files", serviceName="web"),
            ),
            [
                ("database", None, [], NONE, True),
                ("database", None, [], "Dokploy makes no dumps of Redis. Its data is what its volume has.", False),
                ("volume", "data", [], "It has the data of the database, which is listed by itself.", False),
                ("volume", "keys", [], NONE, True),
                ("volume", "files", ["v1"], None, True),
            ],
        ),
    ],
)
def test_the_data_of_a_service(service: Service, expected: list[Any]) -> None:
    assert brief(service) == expected


def test_a_volume_that_two_services_mount_has_the_backup_of_either() -> None:
    services = [application("web", volume_backup(1, "uploads")), application("worker")]
    assert [entry[2] for entry in brief(*services)] == [["v1"], ["v1"]]
    # That of another server has only the same name.
    elsewhere = application("worker", serverId="s")
    assert [entry[2] for entry in brief(services[0], elsewhere)] == [["v1"], []]


@pytest.mark.parametrize(
    ("service", "folder", "file"),
    [
        (database(backups=[dump(1)]), "db-1/nightly", "2026-03-14T02-15-00-120Z.sql.gz"),
        (database("mongo", backups=[dump(1)]), "db-1/nightly", "2026-03-14T02-15-00-120Z.bson.gz"),
        (application("web", volume_backup(1, "uploads")), "web-1", "uploads-2026-03-14T02-15-00-120Z.tar"),
        (
            stack(None, backups=[dump(1, serviceName="db", databaseType="mongo")]),
            "forum-1_db/nightly",
            "2026-03-14T02-15-00-120Z.bson.gz",
        ),
    ],
)
def test_where_the_archives_are(service: Service, folder: str, file: str) -> None:

    (archive,) = (archive for entry in coverage([service]) for archive in entry.archives)
    assert archive.folder == folder
    assert re.match(archive.names, file) and not re.match(archive.names, f"a{file}")


# --- Compose files ---


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("image: postgres:17", StackData({"a": "postgres"})),
        ("image: 'ghcr.io/immich-app/postgres:14@sha256:1'", StackData(unsure={"a": "postgres"})),
        ("image: bitnami/mariadb", StackData({"a": "mariadb"})),
        ("image: 127.0.0.1:5000/valkey", StackData({"a": "redis"})),
        ("image: prometheuscommunity/postgres-exporter", StackData()),
        ("image: ${IMAGE}", StackData({"a": "mysql"})),
        ("image: ${OTHER}", StackData()),
        ("volumes: ['data:/data']", StackData(volumes={"app-1_data": ["a"]})),
        ("volumes: ['/data', tmp]", StackData(unnamed={"/data": ["a"]})),
        (
            "volumes: ['named:/data', 'shared:/shared', 'old:/old']",
            StackData(volumes={"n": ["a"], "shared": ["a"], "o": ["a"]}),
        ),
        ("volumes: ['/srv:/srv:ro', './a:/a', '~/b:/b']", StackData(binds={"/srv": ["a"], "./a": ["a"], "~/b": ["a"]})),
        ("volumes: ['../files/a.conf:/a.conf', '../files/data:/data']", StackData(binds={"../files/data": ["a"]})),
        ("volumes: [{type: volume, source: data, target: /d}]", StackData(volumes={"app-1_data": ["a"]})),
        ("volumes: [{type: bind, source: /srv, target: /d}]", StackData(binds={"/srv": ["a"]})),
        ("volumes: [{type: tmpfs, target: /d}, {type: volume, target: /e}]", StackData(unnamed={"/e": ["a"]})),
        ("volumes: [{type: volume, source: data, target: '${OTHER}'}]", StackData(unclear={"data:${OTHER}": ["a"]})),
        ("volumes: ['unknown:/data']", StackData(unclear={"unknown": ["a"]})),
        ("volumes: ['${PLACE:-/srv}:/d']", StackData(binds={"/srv": ["a"]})),
        ("volumes: ['${OTHER}:/d']", StackData(unclear={"${OTHER}:/d": ["a"]})),
        ("volumes: {a: b}", StackData()),
    ],
)
def test_what_a_service_of_a_stack_keeps(service: str, expected: StackData) -> None:
    row = {"appName": "app-1", "env": "IMAGE=mysql:8", "mounts": [{"filePath": "a.conf"}]}
    volumes = (
        "{named: {name: n}, shared: {external: true}, old: {external: {name: o}}, data: , unknown: {name: '${OTHER}'}}"
    )
    known = stack_data("services:\n  a:\n    %s\nvolumes: %s\n" % (service, volumes), row)
    assert replace(known, mounts=[], networks=[], logins={}, keys={}) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("image: postgres", StackLogin("postgres", "postgres", {"postgres": {"user": "postgres"}})),
        (
            "image: postgres\n    environment: [POSTGRES_USER=forum]",
            StackLogin("forum", "forum", {"postgres": {"user": "forum"}}),
        ),
        (
            "image: postgres\n    env_file: .env",
            StackLogin("shop", "shopper", {"postgres": {"user": "shopper"}}),
        ),
        (
            "image: mysql\n    environment: {MYSQL_ROOT_PASSWORD: '${PASSWORD}', MYSQL_DATABASE: a}",
            StackLogin("a", "root", {"mysql": {"root_password": "made-up"}}),
        ),
        ("image: mysql\n    environment: {MYSQL_ROOT_PASSWORD: '${OTHER}'}", StackLogin(None, "root", None)),
        (
            "image: mariadb\n    environment: {MARIADB_USER: u, MYSQL_PASSWORD: p, MARIADB_DATABASE: a}",
            StackLogin("a", "u", {"mariadb": {"user": "u", "password": "p"}}),
        ),
        (
            "image: mariadb\n    environment: {MARIADB_ROOT_PASSWORD: p}",
            StackLogin(None, "root", {"mariadb": {"user": "root", "password": "p"}}),
        ),
        ("image: mongo\n    environment: {MONGO_INITDB_ROOT_USERNAME: u}", StackLogin(None, "u", None)),
    ],
)
def test_the_login_of_a_database_in_a_stack(service: str, expected: StackLogin) -> None:
    row = {"appName": "app-1", "env": "PASSWORD=made-up\nPOSTGRES_USER=shopper\nPOSTGRES_DB=shop"}
    assert stack_data(f"services:\n  a:\n    {service}\n", row).logins == {"a": expected}


def test_where_services_of_a_stack_mount_what_and_their_networks() -> None:
    services = """
        db: {volumes: ['data:/var/lib/db:rw', {type: bind, source: /srv, target: /backup}], networks: [inner]}
        web: {volumes: ['files:/srv', '../files/a.conf:/a.conf', '${OTHER}:/c', './d:/d'], networks: {outer: }}
        job: {network_mode: host}
        last: {image: busybox}
    """
    text = f"services: {services}\nvolumes: {{data: {{name: kept}}}}\nnetworks: {{outer: {{external: true}}}}\n"
    known = stack_data(text, {"appName": "app-1", "mounts": [{"filePath": "a.conf"}]})
    assert known.mounts == [
        StackMount("db", "kept", "/var/lib/db"),
        StackMount("db", "/srv", "/backup"),
        StackMount("web", "app-1_files", "/srv"),
        StackMount("web", "/etc/dokploy/compose/app-1/code/d", "/d"),
    ]
    assert known.networks == ["app-1_inner", "outer", "app-1_default"]


@pytest.mark.parametrize("text", ["", "null\n", "services: [", "a: 1\n---\nb: 2\n", "[]"])
def test_a_file_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a mapping|not valid YAML|has 2 YAML documents"):
        stack_data(text, {"appName": "app-1"})


def test_parts_of_a_file_that_are_none() -> None:
    assert stack_data("services: {a: , b: 1}\nvolumes: []", {}) == StackData()
    assert stack_data("services: 1", {}) == StackData()


@pytest.mark.parametrize(
    ("bind", "row", "path"),
    [
        ("/srv", {}, "/srv"),
        ("../files/a", {}, "/etc/dokploy/compose/app-1/files/a"),
        ("./a", {"composePath": "./deploy/compose.yml"}, "/etc/dokploy/compose/app-1/code/deploy/a"),
        ("./a", {"composePath": "./deploy/compose.yml", "sourceType": "raw"}, "/etc/dokploy/compose/app-1/code/a"),
    ],
)
def test_where_a_folder_of_a_stack_is(bind: str, row: Row, path: str) -> None:
    assert host_path(bind, {"appName": "app-1", **row}) == path


# --- what is wrong ---

MAX_AGE = MaxAge("36h", datetime(2026, 3, 15, tzinfo=UTC))
YESTERDAY, BEFORE = "2026-03-15T02:15:00.000Z", "2026-03-14T02:15:00.000Z"


def backup(name: str = "nightly", **changes: Any) -> Row:
    known = {"name": name, "enabled": True, "status": "done", "ran_at": YESTERDAY, "succeeded_at": YESTERDAY}
    files = {"destination": "s3", "folder": "db-1/nightly", "listed": False, "newest": None, "previous": None}
    return {**known, **files, "unread": None, **changes}


def entry(*backups: Row, **changes: Any) -> Row:
    return {"what": "database", "reason": NONE, "expected": True, "backups": list(backups), **changes}


def sizes(newest: int, previous: int | None) -> Row:
    return {
        "listed": True,
        "newest": {"size": newest},
        "previous": None if previous is None else {"size": previous},
    }


FAILED = {"status": "error", "ran_at": "2026-03-15T09:00:00.000Z"}
UNREAD = "not permitted to this key"


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (entry(backup()), {}),
        (entry(), {"missing": NONE}),
        (entry(expected=False), {}),
        (entry(what="bind", expected=False), {}),
        (entry(what="unknown"), {"unknown": NONE}),
        (entry(backup(enabled=False)), {"disabled": "No backup of it is enabled: nightly."}),
        (entry(backup(enabled=False), backup("weekly")), {}),
        (
            entry(backup(status=None, succeeded_at=None)),
            {"never": "No run of nightly has succeeded since it was created."},
        ),
        (
            entry(backup(succeeded_at=BEFORE)),
            {"old": "The last success of nightly was at 2026-03-14T02:15:00.000Z, longer than 36h ago."},
        ),
        (
            entry(backup(succeeded_at="yesterday")),
            {"old": "The last success of nightly was at yesterday, longer than 36h ago."},
        ),
        # Another one has newer data.
        (entry(backup(), backup("weekly", succeeded_at=BEFORE)), {}),
        (
            entry(backup(succeeded_at=BEFORE), backup("weekly", succeeded_at=None)),
            {"old": "The last success of nightly and weekly was at 2026-03-14T02:15:00.000Z, longer than 36h ago."},
        ),
        # Of one that is switched off, nothing newer follows.
        (
            entry(backup(enabled=False), backup("weekly", succeeded_at=BEFORE)),
            {"old": "The last success of weekly was at 2026-03-14T02:15:00.000Z, longer than 36h ago."},
        ),
        (
            entry(backup(**FAILED)),
            {"failed": "The last run of nightly ended in error at 2026-03-15T09:00:00.000Z."},
        ),
        (entry(backup(), backup("weekly", enabled=False, **FAILED)), {}),
        (entry(backup(status="running")), {}),
        (
            entry(backup(succeeded_at=None, **FAILED)),
            {
                "never": "No run of nightly has succeeded since it was created.",
                "failed": "The last run of nightly ended in error at 2026-03-15T09:00:00.000Z.",
            },
        ),
        (
            entry(backup(succeeded_at=None, status=None, unread=UNREAD)),
            {"unknown": "nightly: not permitted to this key"},
        ),
        (entry(backup(**sizes(50, 100))), {}),
        (entry(backup(**sizes(5, None))), {}),
        (
            entry(backup(**sizes(49, 100))),
            {"smaller": "The newest archive of nightly has 49 bytes, the one before 100 bytes."},
        ),
        (
            entry(backup(listed=True)),
            {"no_archive": "nightly has succeeded, and there is no archive of it in s3/db-1/nightly."},
        ),
        (
            entry(backup(listed=True, succeeded_at=None)),
            {"never": "No run of nightly has succeeded since it was created."},
        ),
    ],
)
def test_what_is_wrong(judged: Row, expected: dict[str, str]) -> None:
    problems = problems_of(judged, MAX_AGE)
    assert {problem["problem"]: problem["msg"] for problem in problems} == expected

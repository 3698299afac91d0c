# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of databases, of stacks and of Dokploy itself: their life, their runs, and the files that they make."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import NO_LOG, redacted, secrets_in
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.info import INFO_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure import bucket_files
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import (
    OPERATION as DESTINATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import once
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup import (
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION as COMPOSE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from dokploy_simulator import Simulator
from tests.support.host import Host, judged

KEY, SECRET = "access-key-of-the-bucket", "secret-of-the-bucket"
STACK = "services:\n  db:\n    image: mariadb:11\n    volumes: [data:/var/lib/mysql]\nvolumes:\n  data: {}\n"
# What a database of each kind needs, and the database in it that is dumped.
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "postgres": ({"database": "shop", "user": "shop"}, "shop"),
    "mysql": ({"database": "shop", "user": "shop"}, "shop"),
    "mariadb": ({"database": "shop", "user": "shop", "image": "mariadb:11"}, "shop"),
    "mongo": ({"user": "shop", "image": "mongo:7"}, "shop"),
    "libsql": ({"user": "shop"}, "iku.db"),
}
NIGHTLY: dict[str, Any] = {"destination": "offsite", "prefix": "nightly", "cron": "0 3 * * *"}
OF_STACK = {
    **NIGHTLY,
    "service": "db",
    "database_name": "shop",
    "database_type": "mariadb",
    "mariadb": {"user": "shop", "password": "password-of-shop"},
}


@pytest.fixture
def shop(host: Host) -> Host:
    """A project and a destination."""
    bucket = {"bucket": "backups", "endpoint": "https://s3.example.com"}
    host.ok(DESTINATION, name="offsite", access_key=KEY, secret_access_key=SECRET, **bucket)
    host.ok(PROJECT, name="shop")
    return host


def create_database(host: Host, kind: str, deploy: bool = True) -> str:
    """shop/db of this kind; returns its ID."""
    made = host.ok(DATABASE, project="shop", name="db", type=kind, password="password-of-db", **KINDS[kind][0])
    resource_id = str(made["database"]["database_id"])
    if deploy:
        host.call(f"{kind}.deploy", **{f"{kind}Id": resource_id})
    host.new_task()
    return resource_id


def create_stack(host: Host) -> str:
    """shop/blog, which runs; returns its ID."""
    made = host.ok(COMPOSE, project="shop", name="blog", raw={"content": STACK})
    resource_id = str(made["compose"]["compose_id"])
    host.call("compose.deploy", composeId=resource_id)
    host.sim.settle()
    host.new_task()
    return resource_id


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_a_database(shop: Host, kind: str) -> None:
    resource_id = create_database(shop, kind)
    own = {"project": "shop", "database": "db", "database_name": KINDS[kind][1]}

    def stored() -> list[dict[str, Any]]:
        return list(shop.read(f"{kind}.one", **{f"{kind}Id": resource_id})["backups"])

    assert shop.ok(OPERATION, check=True, **own, **NIGHTLY)["changed"]
    assert stored() == []
    shop.new_task()
    shop.sim.reset_stats()
    made = shop.ok(OPERATION, **own, **NIGHTLY)
    # The creating answer is empty, so that the ID is found by the read-back.
    calls = ["project.all", "environment.one", f"{kind}.one", "destination.all", "backup.create", f"{kind}.one"]
    assert shop.sim.calls() == calls
    (row,) = stored()
    assert made["database_id"] == resource_id
    assert made["backup"] == {
        "backup_id": row["backupId"],
        "database_name": KINDS[kind][1],
        **NIGHTLY,
        "keep": 0,
        "enabled": True,
    }
    assert (row["databaseType"], row["backupType"], row["enabled"]) == (kind, "database", True)
    assert made["diff"]["after"]["backups"][f"offsite/nightly/{KINDS[kind][1]}"]["destination"] == "offsite"
    shop.new_task()
    assert not shop.ok(OPERATION, **own, **NIGHTLY)["changed"]
    # A slash around a prefix means nothing.
    assert not shop.ok(OPERATION, **own, **{**NIGHTLY, "prefix": "/nightly/"})["changed"]
    changed = shop.ok(OPERATION, **own, destination="offsite", prefix="nightly", keep=3, enabled=False)
    assert changed["diff"]["before"] == {"backups": {f"offsite/nightly/{KINDS[kind][1]}": {"keep": 0, "enabled": True}}}
    (after,) = stored()
    assert after == {**row, "keepLatestCount": 3, "enabled": False}
    ran = shop.ok(OPERATION, **own, **NIGHTLY, state="executed")
    assert ran["run"]["status"] == "done"
    assert ran["run"]["log"][-1].startswith("Backup done")
    assert len(shop.sim.files()["https://s3.example.com/backups"]) == 1
    moved = shop.ok(OPERATION, database_id=resource_id, backup_id=row["backupId"], prefix="weekly")
    assert moved["backup"]["prefix"] == "weekly"
    assert not shop.ok(OPERATION, **own, **NIGHTLY, state="absent")["changed"]
    assert shop.ok(OPERATION, **own, destination="offsite", prefix="weekly", state="absent")["changed"]
    assert stored() == []


def test_the_backup_of_a_stack_has_a_login(shop: Host) -> None:
    resource_id = create_stack(shop)
    own = {"project": "shop", "compose": "blog", **OF_STACK}
    made = shop.ok(OPERATION, **own)
    assert "password-of-shop" not in str(made)
    (row,) = shop.read("compose.one", composeId=resource_id)["backups"]
    assert row["metadata"] == {"mariadb": {"databaseUser": "shop", "databasePassword": "password-of-shop"}}
    assert (row["backupType"], row["serviceName"], row["databaseType"]) == ("compose", "db", "mariadb")
    shop.new_task()
    assert not shop.ok(OPERATION, **own)["changed"]
    ran = shop.ok(OPERATION, **own, state="executed")
    assert ran["compose_id"] == resource_id
    assert ran["run"]["status"] == "done"
    other = shop.ok(OPERATION, **{**own, "mariadb": {"user": "shop", "password": "another-password"}})
    assert other["diff"]["after"] == {"backups": {"offsite/nightly/shop/db": {"mariadb": "(hidden) new"}}}
    assert shop.ok(OPERATION, **own, state="absent")["changed"]


def test_the_user_of_a_login_is_no_secret(shop: Host) -> None:
    """Every word of a log that equals it would be masked, and many users have the name of the database."""
    create_stack(shop)
    own = {key: value for key, value in OF_STACK.items() if key != "mariadb"}
    stated = {"project": "shop", "compose": "blog", **own, "database_type": "postgres", "postgres": {"user": "backup"}}
    made = shop.ok(OPERATION, **stated)
    assert made["backup"]["postgres"] == {"user": "backup"} and made["diff"]["after"] == {
        "backups": {
            "offsite/nightly/shop/db": {
                **{name: stated[name] for name in ("destination", "prefix", "database_name", "service", "cron")},
                "database_type": "postgres",
                "postgres": {"user": "backup"},
            }
        }
    }
    spec = OPERATION.argument_spec
    login = {"user": "backup", "password": "password-of-it"}
    assert secrets_in(spec, {"postgres": {"user": "backup"}}) == set()
    assert secrets_in(spec, {"mariadb": login, "mongo": login}) == {"password-of-it"}
    assert redacted(spec, {"mariadb": login})["mariadb"] == {**login, "password": NO_LOG}
    # In place of suboptions, it may be one.
    assert "password-of-it" in secrets_in(spec, {"mariadb": "password-of-it"})


def test_the_lists_of_databases_and_stacks_are_authoritative(shop: Host) -> None:
    item = {**NIGHTLY, "database_name": "shop"}
    database = {
        "project": "shop",
        "name": "db",
        "type": "postgres",
        "password": "password-of-db",
        **KINDS["postgres"][0],
    }
    made = shop.ok(DATABASE, **database, backups=[item, {**item, "prefix": "weekly", "keep": 4}])
    assert [one["prefix"] for one in made["database"]["backups"]] == ["nightly", "weekly"]
    shop.new_task()
    assert not shop.ok(DATABASE, **database, backups=[item, {**item, "prefix": "weekly"}])["changed"]
    assert not shop.ok(DATABASE, **database)["changed"]
    left = shop.ok(DATABASE, **database, backups=[{**item, "prefix": "weekly"}])
    assert [one["keep"] for one in left["database"]["backups"]] == [4]
    create_stack(shop)
    stack = {"project": "shop", "name": "blog"}
    result = shop.ok(COMPOSE, **stack, backups=[OF_STACK])
    assert "password-of-shop" not in str(result)
    assert result["compose"]["backups"][0]["service"] == "db"
    assert not shop.ok(COMPOSE, **stack, backups=[OF_STACK])["changed"]
    assert "has no service 'cache'" in shop.failed(COMPOSE, **stack, backups=[{**OF_STACK, "service": "cache"}])["msg"]
    assert shop.ok(COMPOSE, **stack, backups=[])["compose"]["backups"] == []


def test_the_backups_that_results_show_can_be_stated(shop: Host) -> None:
    """The logins that do not apply are null in results."""
    create_stack(shop)
    stack = {"project": "shop", "name": "blog"}
    shop.ok(COMPOSE, **stack, backups=[OF_STACK])
    (listed,) = shop.ok(COMPOSE_INFO, **stack, include_secrets=True)["compose_stacks"]
    (found,) = listed["backups"]
    assert (found["mariadb"], found["mysql"]) == (OF_STACK["mariadb"], None)
    del found["backup_id"]
    assert not shop.ok(COMPOSE, **stack, backups=[found])["changed"]


def test_a_backup_of_dokploy_itself(shop: Host) -> None:
    own = {"web_server": True, **NIGHTLY}
    shop.new_task()
    shop.sim.reset_stats()
    made = shop.ok(OPERATION, **own, include_encryption_key=False)
    calls = ["user.getBackups", "destination.all", "settings.getDokployVersion", "backup.create", "user.getBackups"]
    assert shop.sim.calls() == calls
    owner = shop.read("user.getBackups")
    (row,) = owner["backups"]
    assert made["web_server_id"] == owner["id"] == row["userId"]
    assert (row["databaseType"], row["database"]) == ("web-server", "dokploy")
    assert made["backup"]["include_encryption_key"] is False
    shop.new_task()
    assert not shop.ok(OPERATION, **own)["changed"]
    assert shop.ok(OPERATION, **own, include_encryption_key=True)["changed"]
    assert shop.ok(OPERATION, **own, state="executed")["run"]["status"] == "done"
    shop.sim.config(own_database=False)
    failed = shop.failed(OPERATION, **own, state="executed")
    assert "Dokploy postgres container not found" in failed["msg"]
    assert KEY not in str(failed)
    assert shop.ok(OPERATION, **own, state="absent")["changed"]


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_a_run_that_fails_says_why_and_shows_no_key(shop: Host, kind: str) -> None:
    """The procedure refuses with both keys, or without a reason; the log has it."""
    create_database(shop, kind, deploy=False)
    own = {"project": "shop", "database": "db", "database_name": "shop", **NIGHTLY}
    shop.ok(OPERATION, **own)
    result = shop.failed(OPERATION, **own, state="executed")
    assert result["msg"].startswith("backup nightly/shop of database 'db' in shop/production: the run ended in error")
    assert "Container not found" in result["msg"]
    assert result["changed"]
    assert result["run"]["status"] == "error"
    assert KEY not in str(result)
    assert SECRET not in str(result)


def test_a_part_of_the_key_that_is_not_stated_can_be_any(shop: Host) -> None:
    create_database(shop, "postgres")
    own = {"project": "shop", "database": "db", "destination": "offsite", "prefix": "nightly"}
    shop.ok(OPERATION, **own, database_name="shop", cron="0 3 * * *")
    assert shop.ok(OPERATION, **own, state="executed")["run"]["status"] == "done"
    assert shop.ok(OPERATION, **own, keep=2)["backup"]["database_name"] == "shop"
    shop.new_task()
    assert not shop.ok(OPERATION, **own, keep=2)["changed"]
    shop.ok(OPERATION, **own, database_name="stock", cron="0 4 * * *")
    for state in ("present", "executed", "absent"):
        assert "2 backups are for offsite/nightly: " in shop.failed(OPERATION, **own, state=state)["msg"]
    shop.ok(OPERATION, **own, database_name="stock", state="absent")
    assert shop.ok(OPERATION, **own, state="absent")["changed"]
    assert not shop.ok(OPERATION, **own, state="absent")["changed"]


def test_check_mode_assumes_what_an_earlier_task_creates(shop: Host) -> None:
    create_database(shop, "postgres")
    later = {"project": "shop", "database_name": "shop", **NIGHTLY}
    result = shop.ok(OPERATION, check=True, **later, database="later")
    assert result["changed"]
    result = shop.ok(OPERATION, check=True, **{**later, "destination": "later"}, database="db")
    assert result["changed"]
    assert "no destination is named 'later'" in str(result["warnings"])
    result = shop.ok(OPERATION, **{**later, "destination": "later"}, database="db", state="absent")
    assert not result["changed"]
    assert (
        "no destination is named 'later'"
        in shop.failed(OPERATION, **{**later, "destination": "later"}, database="db")["msg"]
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"database_name": "shop", "destination": "offsite", "prefix": "x"}, "a backup needs cron"),
        ({**NIGHTLY}, "a backup needs database_name"),
        ({**NIGHTLY, "database_name": "sh'op"}, 'database_name: "sh\'op" may hold only'),
        ({**NIGHTLY, "database_name": "shop", "cron": "nightly"}, "cron"),
        ({**NIGHTLY, "database_name": "shop", "prefix": "a b"}, "prefix: 'a b' has characters"),
        ({**NIGHTLY, "database_name": "shop", "service": "db"}, "service is not supported for postgres databases"),
        ({**NIGHTLY, "database_name": "shop", "compose": "blog"}, "database and compose are mutually exclusive"),
        (
            {**NIGHTLY, "database_name": "shop", "include_encryption_key": True},
            "include_encryption_key is not supported for postgres databases",
        ),
    ],
)
def test_bad_input_of_databases_writes_nothing(shop: Host, params: dict[str, Any], message: str) -> None:
    create_database(shop, "postgres")
    shop.sim.reset_stats()
    assert message in shop.failed(OPERATION, project="shop", database="db", **params)["msg"]
    assert shop.sim.calls("mutation") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service": None}, "a backup needs service"),
        ({"service": "cache"}, "the stack has no service 'cache'"),
        ({"mariadb": None}, "a backup of database_type mariadb needs mariadb"),
        ({"mariadb": {"user": "shop"}}, "mariadb needs password"),
        ({"database_type": "postgres"}, "a backup of database_type postgres needs postgres"),
        ({"mongo": {"user": "a", "password": "b"}}, "mariadb and mongo are mutually exclusive"),
        ({"database_type": None}, "a backup needs database_type"),
    ],
)
def test_bad_input_of_stacks_writes_nothing(shop: Host, changes: dict[str, Any], message: str) -> None:
    create_stack(shop)
    shop.sim.reset_stats()
    given = {key: value for key, value in {**OF_STACK, **changes}.items() if value is not None}
    assert message in shop.failed(OPERATION, project="shop", compose="blog", **given)["msg"]
    assert shop.sim.calls("mutation") == []


def test_another_kind_of_database_needs_a_login_of_its_own(shop: Host) -> None:
    """The stored one would stay, and each dump fail."""
    create_stack(shop)
    backup = {"project": "shop", "compose": "blog", **OF_STACK}
    shop.ok(OPERATION, **backup)
    kept = {key: value for key, value in backup.items() if key != "mariadb"}
    shop.new_task()
    assert not shop.ok(OPERATION, **kept)["changed"]
    result = shop.failed(OPERATION, **{**kept, "database_type": "mysql"})
    assert "a backup of database_type mysql needs mysql" in result["msg"]


def test_redis_has_no_backups(shop: Host) -> None:
    made = shop.ok(DATABASE, project="shop", name="cache", type="redis")
    stated = {**NIGHTLY, "database_name": "d"}
    for address in ({"project": "shop", "database": "cache"}, {"database_id": made["database"]["database_id"]}):
        for check in (False, True):
            refused = shop.failed(OPERATION, check=check, **address, **stated)["msg"]
            assert "is of type redis. Dokploy makes no backups of Redis. Back up its volume with" in refused, refused
        assert not shop.ok(OPERATION, **address, **stated, state="absent")["changed"]
    other = shop.failed(OPERATION, project="shop", database="other", **stated)["msg"]
    assert "no database is named 'other' in shop/production" in other


def test_one_owner_is_needed(host: Host) -> None:
    given = {**host.connection, **NIGHTLY}
    assert "one of the following is required: database, database_id, compose" in str(judged(OPERATION, given))
    assert "one of database and database_id is needed" in host.failed(OPERATION, **NIGHTLY, web_server=False)["msg"]


def test_the_encryption_key_needs_a_newer_server() -> None:
    with Simulator(version="0.29.11") as sim:
        host = Host(sim)
        host.ok(DESTINATION, name="offsite", bucket="b", access_key=KEY, secret_access_key=SECRET)
        own = {"web_server": True, **NIGHTLY}
        assert "needs Dokploy 0.29.12" in host.failed(OPERATION, **own, include_encryption_key=False)["msg"]
        assert host.ok(OPERATION, **own)["changed"]
        host.close()


def test_files_are_listed_by_folder(shop: Host) -> None:
    for number in range(3):
        shop.sim.act(put=f"a/2026-11-2{number}T15-54-00-986Z.sql.gz", destination="offsite", data="12345")
    shop.sim.act(put="b/c/notes", destination="offsite")
    top = shop.ok(INFO_OPERATION, destination="offsite")
    assert [(one["path"], one["is_folder"]) for one in top["files"]] == [("a", True), ("b", True)]
    inner = shop.ok(INFO_OPERATION, destination="offsite", folder="/a/", search="-21T")["files"]
    assert inner == [
        {
            "path": "a/2026-11-21T15-54-00-986Z.sql.gz",
            "name": "2026-11-21T15-54-00-986Z.sql.gz",
            "size": 5,
            "is_folder": False,
            "created_at": "2026-11-21T15:54:00.986Z",
        }
    ]
    assert shop.ok(INFO_OPERATION, destination="offsite", folder="none")["files"] == []


def test_a_path_that_is_too_long_is_refused_before_it_is_sent(shop: Host) -> None:
    shop.sim.reset_stats()
    result = shop.failed(INFO_OPERATION, destination="offsite", folder="a" * 600, search="b" * 424)
    assert "may have at most 1024 characters together, not 1025" in result["msg"]
    assert result["error"]["kind"] == "option" and "backup.listBackupFiles" not in shop.sim.calls()
    assert shop.ok(INFO_OPERATION, destination="offsite", folder="a" * 600, search="b" * 423)["files"] == []


def test_a_list_that_may_be_cut_is_announced(shop: Host) -> None:
    for number in range(100):
        shop.sim.act(put=f"a/{number:03}", destination="offsite")
    assert "no more than 100 files" in str(shop.ok(INFO_OPERATION, destination="offsite", folder="a")["warnings"])


@pytest.mark.parametrize("seconds", [0, 3600])
def test_why_a_destination_cannot_be_listed_is_asked_at_once(
    shop: Host, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(bucket_files, "PATIENCE", 0.3)
    shop.sim.config(unreachable_seconds=seconds)
    shop.ok(DESTINATION, name="offsite", endpoint="https://missing.example.com")
    shop.new_task()
    shop.sim.reset_stats()
    result = shop.failed(INFO_OPERATION, destination="offsite")
    assert result["msg"].startswith("destination: its files cannot be listed: Failed to ls: RequestError: ")
    assert "connect: connection refused. Check that the storage runs, and bucket" in result["msg"]
    assert (result["error"]["kind"], result["error"]["procedure"]) == ("refused", "backup.listBackupFiles")
    assert shop.sim.calls()[-2:] == ["destination.one", "destination.testConnection"]
    assert KEY not in str(result)
    assert SECRET not in str(result)


def test_a_list_that_takes_long_is_waited_for_when_the_connection_works(
    shop: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_files, "PATIENCE", 0.3)
    shop.sim.fault(kind="hang", procedure="backup.listBackupFiles", times=1)
    assert shop.ok(INFO_OPERATION, destination="offsite")["files"] == []
    assert shop.sim.calls().count("destination.testConnection") == 1


def test_without_the_right_to_test_a_destination_its_silence_is_said(shop: Host) -> None:
    shop.ok(DESTINATION, name="offsite", endpoint="https://missing.example.com")
    shop.new_task()
    shop.sim.fault(kind="status", status=403, procedure="destination.testConnection")
    for check in (False, True):
        result = shop.failed(INFO_OPERATION, destination="offsite", check=check)
        assert result["msg"].startswith(
            "destination: its files cannot be listed, and Dokploy does not say why. Test it"
        )
    assert KEY not in str(result)
    assert SECRET not in str(result)


# --- once ------------------------------------------------------------------------------------------------------------

ONCE: dict[str, Any] = {"project": "shop", "destination": "offsite", "state": "executed", "once": True}


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_is_made_once_and_deletes_no_file_of_another(shop: Host, kind: str) -> None:
    create_database(shop, kind)
    name = KINDS[kind][1]
    shop.ok(OPERATION, project="shop", database="db", database_name=name, **NIGHTLY, keep=1)
    shop.ok(OPERATION, project="shop", database="db", database_name=name, **NIGHTLY, state="executed")
    shop.new_task()
    foretold = shop.ok(OPERATION, **ONCE, database="db", database_name=name, check=True)
    assert (foretold["changed"], foretold["run"], foretold["file"]) == (True, None, None)
    shop.new_task()
    result = shop.ok(OPERATION, **ONCE, database="db", database_name=name)
    assert result["diff"] == foretold["diff"]
    assert "/once/" in result["file"]["path"] and result["run"]["status"] == "done" and result["backup_id"] is None
    shop.new_task()
    again = shop.ok(OPERATION, **ONCE, database="db", database_name=name, prefix="before/upgrade")
    assert "/before/upgrade/" in again["file"]["path"]
    row = shop.read(f"{kind}.one", **{f"{kind}Id": result["database_id"]})
    assert [backup["prefix"] for backup in row["backups"]] == ["nightly"]


def test_what_is_of_a_backup_that_stays_is_refused_once(shop: Host) -> None:
    create_database(shop, "postgres")
    stated = {"database": "db", "database_name": KINDS["postgres"][1]}
    shop.ok(OPERATION, project="shop", **stated, **NIGHTLY)
    shop.new_task()
    result = shop.failed(OPERATION, **ONCE, **stated, prefix="nightly")
    assert "has this backup already" in result["msg"] and not result["changed"]
    for option, value in (("cron", "@daily"), ("keep", 3), ("enabled", True)):
        assert (
            f"{option} is not supported with once=true"
            in shop.failed(OPERATION, **ONCE, **stated, **{option: value})["msg"]
        )
    result = shop.failed(OPERATION, project="shop", destination="offsite", once=True, **stated)
    assert "once is not supported with state=present" in result["msg"]


def test_what_a_killed_run_has_left_is_taken_by_the_next(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    create_database(shop, "postgres")
    stated = {"database": "db", "database_name": KINDS["postgres"][1]}

    def killed(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(once, "plan_run", killed)
        patched.setattr(once, "Write", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.run(OPERATION, **ONCE, **stated)
    shop.new_task()
    result = shop.ok(OPERATION, **ONCE, **stated)
    assert result["run"]["status"] == "done"
    row = shop.read("postgres.one", postgresId=result["database_id"])
    assert row["backups"] == []


def test_a_run_that_fails_leaves_nothing(shop: Host) -> None:
    resource_id = create_database(shop, "postgres")
    result = shop.failed(OPERATION, **ONCE, database="db", database_name="missing")
    assert "the run ended in error" in result["msg"]
    assert shop.read("postgres.one", postgresId=resource_id)["backups"] == []

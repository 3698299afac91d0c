# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A data volume of a database comes back with the users and passwords of its origin, which the document has to have."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import checks
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.coming_up import COMING_UP
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DB, DEPLOY, DOCUMENT, MARIA, S3, archive, lose, named, services
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

Content = dict[str, Any]


def document(**changes: Any) -> dict[str, Any]:
    """One database of each kind, without backups, and an application that refers to one of them."""
    content: dict[str, Any] = copy.deepcopy(DOCUMENT)
    (environment,) = content["projects"][0]["environments"]
    environment["databases"] = [{**DB, "backups": [], **changes}, {**MARIA, "backups": [], **changes}]
    environment["compose"] = []
    return content


@pytest.fixture
def saved(host: Host) -> Content:
    """The content of archives.yml with the data volumes of two databases, which are lost."""
    names = services(apply(host, document(), **DEPLOY))
    archives = []
    for name, kind in (("db", "postgres"), ("maria", "mariadb")):
        host.sim.act(insert=name, table="orders", count=3)
        host.new_task()
        own = {"database": name, "name": "up", "volume": f"{names[name]}-data", "once": True, "stop": True}
        file = host.ok(
            OPERATIONS["dokploy_volume_backup"], project="shop", state="executed", destination=S3["name"], **own
        )["file"]
        facts = {"what": "volume", "method": "volume", "database_type": kind, "database": named("shop")}
        archives.append(archive("database", name, file, **facts, volume=f"{names[name]}-data"))
    lose(host)
    return {
        "version": 1,
        "created_at": archives[0]["created_at"],
        "finished_at": archives[1]["created_at"],
        "dokploy": {"url": "https://lost.example.com", "release": "0.30.2"},
        "complete": True,
        "services": [
            {"kind": "database", "path": f"shop/production/{name}", "app_name": names[name]} for name in ("db", "maria")
        ],
        "archives": archives,
        "checks": [],
        "not_saved": [],
    }


def recover(host: Host, content: Content, **changes: Any) -> dict[str, Any]:
    return apply(host, document(**changes), **DEPLOY, archives=copy.deepcopy(content))


def test_the_login_of_a_restored_volume_is_tested(host: Host, saved: Content) -> None:
    done = recover(host, saved)
    assert done.get("msg") is None
    passed = {check["path"]: (check["name"], check["passed"]) for check in done["archive_checks"]}
    path = "shop/production/"
    assert passed == {f"{path}{name}": ("login to the restored volume", True) for name in ("db", "maria")}
    assert host.sim.rows("db", "orders") == host.sim.rows("maria", "orders") == ["1", "2", "3"]
    again = recover(host, saved)
    assert (again["changed"], again["archive_checks"]) == (False, [])


@slow
def test_another_password_than_that_of_the_origin_is_told(host: Host, saved: Content) -> None:
    result = recover(host, saved, password="another1")
    sentence = "its restored volume has the password of its origin, and the document has another one"
    assert result["msg"].count(sentence) == 2 and "State the password that the secrets of the set have" in result["msg"]
    assert "another1" not in str(result) and "madeup1" not in str(result)
    assert [check["passed"] for check in result["archive_checks"]] == [False, False]
    # What refers to it does not start with a password that is refused.
    assert [row["path"] for row in result["waiting"]] == ["shop/production/web"]
    # Stated as it was, it is not changed in the databases, which have it already.
    again = recover(host, saved)
    assert again.get("msg") is None and not [call for call in host.sim.calls() if call.endswith("changePassword")]
    assert [check["passed"] for check in again["archive_checks"]] == [True, True]
    assert recover(host, saved)["changed"] is False
    # From then on it is.
    assert recover(host, saved, password="newer1234").get("msg") is None
    assert "postgres.changePassword" in host.sim.calls()


@slow
@pytest.mark.parametrize("changes", [{"user": "other"}, {"database": "other"}])
def test_another_user_or_database_is_refused_before_anything_is_written(
    host: Host, saved: Content, changes: dict[str, str]
) -> None:
    refused = recover(host, saved, **changes)["msg"]
    assert "keeps the database shop, its user shop and the password of that; the target has another one" in refused
    assert host.sim.calls("mutation") == []


def stack(**env: str) -> dict[str, Any]:
    """A stack with a database, whose login is in its variables."""
    login = {"POSTGRES_USER": "${DB_USER}", "POSTGRES_PASSWORD": "${DB_PASSWORD}"}
    database = {"image": "postgres:17", "environment": login, "volumes": ["data:/var/lib/postgresql/data"]}
    definition = {"services": {"db": database}, "volumes": {"data": {}}}
    variables = {"DB_USER": "forum", "DB_PASSWORD": "madeup1", **env}
    forum = {"name": "forum", "raw": {"definition": definition}, "env": variables}
    environment = {"name": "production", "compose": [forum]}
    return {"destinations": [S3], "projects": [{"name": "shop", "environments": [environment]}]}


@slow
def test_another_user_of_a_database_in_a_stack_is_refused(host: Host) -> None:
    apply(host, stack(), **DEPLOY)
    host.new_task()
    content = host.ok(OPERATIONS["dokploy_backup_set"], data="all", destination="s3", stacks="volumes")["set"]
    assert [archive["database"] for archive in content["archives"]] == [{"name": "forum", "user": "forum"}]
    lose(host)
    refused = apply(host, stack(DB_USER="other"), **DEPLOY, archives=copy.deepcopy(content))
    assert "keeps the database forum, its user forum and the password of that" in refused["msg"]
    assert host.sim.calls("mutation") == []
    # What the project has is known once that exists.
    unknown = apply(host, stack(DB_USER="${{project.USER}}"), **DEPLOY, archives=copy.deepcopy(content), check=True)
    assert unknown.get("msg") is None
    done = apply(host, stack(), **DEPLOY, archives=copy.deepcopy(content))
    assert done.get("msg") is None and [archive["proof"] for archive in done["archives"]] == ["checked"]


AT = 'psql: error: connection to server at "db-1" (10.0.1.5), port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "comes_up"),
    [
        (f"{AT}Connection refused", True),
        (f"{AT}FATAL:  the database system is starting up", True),
        (f'{AT}FATAL:  password authentication failed for user "shop"', False),
        ("ERROR 2002 (HY000): Can't connect to server on 'maria-1' (115)", True),
        ("ERROR 1045 (28000): Access denied for user 'shop'@'10.0.1.9' (using password: YES)", False),
        ('ERROR:  relation "orders" does not exist', False),
    ],
)
def test_only_a_database_that_comes_up_is_asked_again(said: str, comes_up: bool) -> None:
    assert bool(COMING_UP.search(said)) is comes_up


@slow
def test_a_check_is_repeated_while_its_database_comes_up(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Twice:
        """What a database says that comes up, two times."""

        count = 0

        def search(self, _text: str) -> bool:
            self.count += 1
            return self.count <= 2

    monkeypatch.setattr(checks, "PAUSE", 0.01)
    monkeypatch.setattr(checks, "COMING_UP", Twice())
    rule = {"command": "psql *", "result": "error", "output": f"{AT}Connection refused\n"}
    host.sim.config(commands=[rule])
    result = recover(host, saved)
    assert "the login to its restored volume failed: psql: error: connection to server" in result["msg"]
    # The application, the copies of both volumes, three attempts for PostgreSQL, and one for MariaDB.
    assert host.sim.calls("mutation").count("application.create") == 1 + 2 + 3 + 1
    host.sim.config(commands=[])
    assert recover(host, saved).get("msg") is None

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that comes back under other names is masked before an application runs; databases get passwords of their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.component.manifest.test_manifest import apply, counts
from tests.component.manifest.test_recovery import DB, DEPLOY, DOCUMENT, Content, saved
from tests.support.effort import slow
from tests.support.host import Host

__all__ = ["saved"]
RENAMED: dict[str, Any] = {
    "rename": {"shop/production": "shop/staging"},
    "rename_rules": {"volumes": {"*": "{}-staging"}},
}
SQL = {"name": "orders", "service": "shop/production/db", "sql": "update orders set customer = 'it''s masked';"}
MASK = {"name": "orders", "service": "shop/production/db", "sql": "update orders set customer = 'masked';\n"}
FILES = {
    "name": "cats",
    "service": "shop/production/web",
    "image": "ubuntu",
    "script": "echo masked > /uploads/cat.png",
}


def clone(host: Host, content: Content, masks: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    stated = {**DEPLOY, **RENAMED, "archives": copy.deepcopy(content), "masks": copy.deepcopy(masks)}
    return apply(host, DOCUMENT, **{**stated, **options})


def test_data_is_masked_once_before_anything_uses_it(host: Host, saved: Content) -> None:
    planned = clone(host, saved, [MASK, FILES], check=True)
    assert host.sim.calls("mutation") == []
    assert [(mask["path"], mask["passed"]) for mask in planned["masks"]] == [
        ("shop/staging/db", None),
        ("shop/staging/web", None),
    ]
    done = clone(host, saved, [MASK, FILES])
    assert (done.get("msg"), done["plan"]["id"]) == (None, planned["plan"]["id"])
    assert {mask["passed"] for mask in done["masks"]} == {True}
    assert host.sim.rows("db", "orders") == ["masked"] * 3
    assert host.sim.data()["uploads-staging"]["files"] == {"cat.png": "masked\n"}
    # The first application is deployed after the last job.
    calls = host.sim.calls("mutation")
    jobs = [number for number, name in enumerate(calls) if name == "application.delete"]
    assert max(jobs) < len(calls) - 1 - calls[::-1].index("application.deploy")
    again = clone(host, saved, [MASK, FILES])
    assert (again["changed"], again["masks"], host.sim.calls("mutation")) == (False, [], [])
    assert not [name for name in host.sim.services() if "job" in name]


@slow
def test_what_a_set_has_of_an_earlier_copy_does_not_come_back(host: Host, saved: Content) -> None:
    content = copy.deepcopy(saved)
    for name in ("services", "archives"):
        content[name] += [{**row, "path": row["path"].replace("production", "staging")} for row in content[name]]
    check = {"name": "rows", "kind": "database", "path": "shop/staging/db", "script": "psql -At -c 'select 1'"}
    content["checks"] = [{**check, "output": "2"}]
    done = clone(host, content, [MASK])
    assert (done.get("msg"), counts(done)["restore"], done["archive_checks"]) == (None, 5, [])


def test_a_mask_that_fails_lets_nothing_start(host: Host, saved: Content) -> None:
    content = copy.deepcopy(saved)
    count = {"name": "rows", "kind": "database", "path": "shop/production/db", "output": "3"}
    content["checks"] = [{**count, "script": "psql -At -c 'select count(*) from orders'"}]
    wrong = {**MASK, "sql": "update none set a = 'b'"}
    failed = clone(host, content, [wrong])
    (line,) = [text for text in failed["msg"].splitlines() if "mask" in text]
    assert line.startswith("database shop/staging/db: the mask orders of shop/staging/db failed with the exit code 1")
    assert 'relation "none" does not exist' in line
    assert [mask["passed"] for mask in failed["masks"]] == [False]
    waiting = {entry["path"] for entry in failed["waiting"]}
    assert "shop/staging/web" in waiting
    assert {row["path"] for row in failed["deployments"]}.isdisjoint(waiting)
    done = clone(host, content, [{**MASK, "sql": "delete from orders"}])
    assert done.get("msg") is None, done["msg"]
    # The check would fail now, since the mask may have begun in the first run.
    assert host.sim.rows("db", "orders") == []
    assert [(row["passed"], row["msg"]) for row in done["archive_checks"]] == [(None, "not run: it is in it")]
    assert {row["path"]: row["status"] for row in done["deployments"]}["shop/staging/web"] == "done"


@slow
def test_a_check_that_fails_is_run_again_until_a_mask_is_begun(host: Host, saved: Content) -> None:
    content = copy.deepcopy(saved)
    check = {"name": "rows", "kind": "database", "path": "shop/production/db", "script": "psql -At -c 'select 1'"}
    content["checks"] = [{**check, "output": "2"}]
    for _turn in range(2):
        failed = clone(host, content, [MASK])
        assert "the check rows of database shop/staging/db failed" in failed["msg"]
        assert [mask["passed"] for mask in failed["masks"]] == [None]
        assert host.sim.rows("db", "orders") == ["1", "2", "3"]
    content["checks"] = [{**check, "output": "1"}]
    done = clone(host, content, [MASK])
    assert (done.get("msg"), [row["passed"] for row in done["archive_checks"]]) == (None, [True])


@slow
def test_a_mask_that_an_earlier_run_has_left_is_a_change(host: Host, saved: Content) -> None:
    document, content = copy.deepcopy(DOCUMENT), copy.deepcopy(saved)
    document["projects"][0]["environments"] = [{"name": "production", "databases": [DB]}]
    content["archives"] = content["archives"][:1]
    stated = {**DEPLOY, **RENAMED, "archives": content}
    assert apply(host, document, **stated, masks=[{**MASK, "sql": "update none set a = 'b'"}])["failed"]
    planned = apply(host, document, **stated, masks=[MASK], check=True)
    assert (planned["changed"], counts(planned), host.sim.calls("mutation")) == (True, {"mask": 1, "release": 1}, [])
    done = apply(host, document, **stated, masks=[MASK])
    assert (done["changed"], done["plan"]["id"]) == (True, planned["plan"]["id"])
    assert host.sim.rows("db", "orders") == ["masked"] * 3
    assert not apply(host, document, **stated, masks=[MASK])["changed"]


def test_masks_that_cannot_run_are_refused(host: Host, saved: Content) -> None:
    for mask, message in (
        ({**MASK, "service": "shop/production/none"}, "masks: orders: archives has no archive of an entry"),
        ({**MASK, "service": "shop/production/cache"}, "takes sql only of a database of the type postgres, mysql"),
        ({**MASK, "service": "shop/production/forum"}, "takes sql only of a database"),
        (
            {**FILES, "image": None, "service": "shop/production/forum"},
            "masks: cats of shop/production/forum needs image",
        ),
    ):
        assert message in clone(host, saved, [mask])["msg"]
        assert host.sim.calls("mutation") == []
    assert apply(host, DOCUMENT, masks=[MASK], check=True)["mistakes"] == ["masks: archives is needed"]


@slow
def test_sql_with_quotes(host: Host, saved: Content) -> None:
    failed = clone(host, saved, [SQL])
    assert "the simulator does not run this statement" in failed["msg"] and "unterminated" not in failed["msg"]


# --- passwords ---


def login(host: Host, kind: str, environment: str) -> dict[str, Any]:
    (project,) = host.read("project.all")
    (row,) = [row for row in project["environments"] if row["name"] == environment]
    whole = host.read("environment.one", environmentId=row["environmentId"])
    return dict(host.read(f"{kind}.one", **{f"{kind}Id": whole[kind][0][f"{kind}Id"]}))


def long_passwords() -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    environment: Any = document["projects"][0]["environments"][0]  # type: ignore[index]
    postgres, maria, cache = environment["databases"]
    postgres["password"], cache["password"] = "made-up-one", "made-up-three"
    maria.update(password="made-up-two", root_password="made-up-root")
    cache["args"] = ["-c", "exec redis-server --requirepass made-up-three"]
    web = environment["applications"][0]
    web["env"]["PASSWORD"] = "made-up-one"
    web["env"]["BOTH"] = "made-up-one and xmade-up-one"
    return document


def test_databases_get_passwords_of_their_own(host: Host) -> None:
    document = long_passwords()
    options = {**RENAMED, "rename_passwords": "new"}
    planned = apply(host, document, check=True, **options)
    done = apply(host, document, **options)
    assert (done.get("msg"), done["plan"]["id"]) == (None, planned["plan"]["id"])
    postgres, maria, cache = (login(host, kind, "staging") for kind in ("postgres", "mariadb", "redis"))
    new = {postgres["databasePassword"], maria["databasePassword"], maria["databaseRootPassword"]}
    assert len(new) == 3 and not [password for password in new if "made-up" in password]
    # Its arguments cannot refer to it.
    assert cache["databasePassword"] == "made-up-three"
    text = "database shop/production/cache: rename_passwords: it keeps its password, which is in its args, too"
    assert text in done["warnings"]
    (project,) = host.read("project.all")
    (staging,) = [row for row in project["environments"] if row["name"] == "staging"]
    row = host.read("application.one", applicationId=staging["applications"][0]["applicationId"])
    assert f"PASSWORD={postgres['databasePassword']}" in row["env"]
    assert f"{postgres['databasePassword']} and xmade-up-one" in row["env"]
    again = apply(host, document, **options)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])


@slow
def test_passwords_that_cannot_be_new(host: Host, saved: Content) -> None:
    short = clone(host, saved, [], rename_passwords="new")
    assert "rename_passwords: password has less than 8 characters" in short["msg"]
    assert "rename_passwords: rename is needed" in apply(host, DOCUMENT, rename_passwords="new", check=True)["msg"]
    content = copy.deepcopy(saved)
    content["archives"] = [
        {
            **{name: value for name, value in content["archives"][3].items() if name != "volume"},
            "kind": "database",
            "path": "shop/production/db",
            "database_type": "postgres",
            "volume": "db-data",
        }
    ]
    options = {**DEPLOY, **RENAMED, "rename_passwords": "new"}
    rules = {"rename_rules": {"volumes": {"*": "{}-x"}}}
    refused = apply(host, long_passwords(), **{**options, **rules, "archives": content})
    assert "keeps the passwords of the database that it is of" in refused["msg"]
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize(
    ("host_name", "renamed"),
    [
        ("shop.example.com", "shop.staging.example.com"),
        ("a.shop.example.com", "a.staging.shop.test"),
        ("api.example.org", "other-api.example.org"),
        ("www.example.org", "exact.test"),
    ],
)
def test_hosts_by_a_rule(host: Host, host_name: str, renamed: str) -> None:
    web = {"name": "web", "docker": {"image": "nginx"}, "domains": [{"host": host_name}]}
    sock = {"type": "bind", "host_path": "/var/run/docker.sock", "path": "/s"}
    document = {
        "projects": [
            {"name": "shop", "environments": [{"name": "production", "applications": [{**web, "mounts": [sock]}]}]}
        ]
    }
    apply(host, document)
    hosts = {
        "*": "other-{}",
        "*.example.com": "{}.staging.example.com",
        "*.shop.example.com": "{}.staging.shop.test",
        "www.example.org": "exact.test",
    }
    done = apply(host, document, rename={"shop/production": "shop/staging"}, rename_rules={"hosts": hosts})
    assert done.get("msg") is None, done["msg"]
    (project,) = host.read("project.all")
    (staging,) = [row for row in project["environments"] if row["name"] == "staging"]
    row = host.read("application.one", applicationId=staging["applications"][0]["applicationId"])
    assert [domain["host"] for domain in row["domains"]] == [renamed]

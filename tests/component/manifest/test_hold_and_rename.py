# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A document whose domains and jobs are held, and one that is applied under other names beside the original."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import parse_reference
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.snapshots import snapshot

HOLD = ["domains", "schedules", "backups", "notifications"]
BUCKET = {
    "bucket": "b",
    "access_key": "s3cret-access",
    "secret_access_key": "s3cret-key",
    "endpoint": "https://s3.test",
}
COMPOSE = """\
services:
  db:
    image: postgres:17
    container_name: the-database
    ports: ["127.0.0.1:5433:5432"]
    volumes: ["/srv/backups:/backups", "data:/data", "own:/own"]
volumes:
  data: {name: shop-data}
  own: {}
"""
RULES = {
    "hosts": {"*": "drill-{}"},
    "ports": {"*": 0, "9000": 19000},
    "volumes": {"*": "{}-drill"},
    "paths": {"/srv": "/srv/drill"},
}


def reference(text: str) -> str:
    return parse_reference(text).text


def document() -> dict[str, Any]:
    job = {"destination": "offsite", "cron": "@daily"}
    web: dict[str, Any] = {
        "name": "web",
        "docker": {"image": "nginx"},
        "env": {"URL": reference("web:app_name"), "DB": reference("shop/production/db:internal_host"), "API": "x"},
        "domains": [{"host": "shop.example.com", "https": True}],
        "schedules": [{"name": "sweep", "command": "sweep", "cron": "@daily"}],
        "mounts": [
            {"path": "/data", "type": "volume", "name": "shop-files"},
            {"path": "/own", "type": "volume", "source": reference("web:app_name") + "-own"},
            {"path": "/host", "type": "bind", "host_path": "/srv/shop"},
        ],
        "volume_backups": [{"name": "nightly", "volume": "shop-files", **job}],
        "ports": [{"published_port": 8080, "target_port": 80}, {"published_port": 9000, "target_port": 90}],
        "after": ["shop/production/db"],
    }
    api = {"name": "api", "docker": {"image": "nginx"}, "env": {"WEB": reference("web:url")}}
    database = {
        "name": "db",
        "type": "postgres",
        "image": "postgres:17",
        "database": "shop",
        "user": "shop",
        "password": "s3cret-db",
        "external_port": 5432,
        "backups": [{"database_name": "shop", **job}],
    }
    stack = {"name": "stack", "raw": {"content": COMPOSE}, "mounts": [{"file_path": "a.conf", "content": "a"}]}
    inside = {"applications": [web, api], "databases": [database], "compose": [stack]}
    return {
        "unstated": "default",
        "projects": [{"name": "shop", "environments": [{"name": "production", **inside}]}],
        "destinations": [{"name": "offsite", **BUCKET}],
        "notifications": [{"name": "team", "slack": {"webhook_url": "https://s.test/s3cret", "channel": "#a"}}],
    }


def run(host: Host, check: bool = False, content: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    host.new_task()
    return host.run(MANIFEST, check=check, deploy="never", **copy.deepcopy(content or document()), **options)


def done(host: Host, **options: Any) -> dict[str, Any]:
    result = run(host, **options)
    assert not result.get("failed"), result["msg"]
    return result


def service(host: Host, name: str, kind: str = "application", project: str = "shop") -> dict[str, Any]:
    projects = host.read("project.all")
    (inside,) = [row["environments"] for row in projects if row["name"] == project]
    for environment in inside:
        whole = host.read("environment.one", environmentId=environment["environmentId"])
        for row in whole["applications" if kind == "application" else kind]:
            if row["name"] == name:
                return dict(host.read(f"{kind}.one", **{f"{kind}Id": row[f"{kind}Id"]}))
    raise AssertionError(name)


def test_only_what_is_selected_gets_another_name(host: Host) -> None:
    """Another environment of the project has the name that the selected one gets."""
    content = document()
    content["projects"][0]["environments"].append({"name": "staging", "env": {"A": "1"}})
    rename = {"shop": "other", "shop/production": "other/staging"}
    scope = {"environments": ["shop/production"], "references": True}
    assert not done(host, content=content, rename=rename, scope=scope, rename_rules=RULES).get("failed")
    (row,) = [row for row in host.read("project.all") if row["name"] == "other"]
    assert [len(own["applications"]) for own in row["environments"] if own["name"] == "staging"] == [2]


# --- held ---


def test_what_is_held_is_made_by_a_later_run(host: Host) -> None:
    foretold = done(host, hold=HOLD, check=True)
    first = done(host, hold=HOLD)
    assert foretold["plan"]["id"] == first["plan"]["id"]
    web = service(host, "web")
    assert web["domains"] == [] and host.read("notification.all") == []
    assert host.read("schedule.list", id=web["applicationId"], scheduleType="application") == []
    assert host.read("volumeBackups.list", id=web["applicationId"], volumeBackupType="application") == []
    assert service(host, "db", "postgres")["backups"] == []
    held = {(one["kind"], one["path"], one["option"]) for one in first["plan"]["held"]}
    assert held == {
        ("application", "shop/production/web", "domains"),
        ("application", "shop/production/web", "schedules"),
        ("application", "shop/production/web", "volume_backups"),
        ("database", "shop/production/db", "backups"),
        ("notification", "team", ""),
    }
    assert "5 held:" in first["plan"]["text"]
    # What others take of it is what it will be.
    assert "WEB=https://shop.example.com" in service(host, "api")["env"]
    assert not done(host, hold=HOLD)["changed"]
    assert {change["path"] for change in done(host, check=True)["plan"]["changes"]} == {
        "shop/production/web",
        "shop/production/db",
        "team",
    }
    assert done(host)["plan"]["held"] == []
    assert [domain["host"] for domain in service(host, "web")["domains"]] == ["shop.example.com"]
    assert [row["name"] for row in host.read("notification.all")] == ["team"]
    assert not done(host)["changed"]


def test_what_is_held_is_not_asked_for(host: Host) -> None:
    content = document()
    content["projects"][0]["environments"][0]["applications"][0]["http_check"] = {"status_codes": [200]}
    assert done(host, content=content, hold=["domains"])["http_checks"] == []


def test_what_is_there_stays_as_it_is(host: Host) -> None:
    """Neither what is not stated nor a prune takes it away."""
    done(host)
    before = snapshot(host.sim)
    changed = document()
    changed["projects"][0]["environments"][0]["applications"][0]["domains"][0]["port"] = 8080
    result = done(host, content=changed, hold=HOLD, prune=["notification"], prune_limit="100%")
    assert not result["changed"]
    assert snapshot(host.sim).changes_since(before) == set()


@pytest.mark.parametrize("word", HOLD)
def test_one_word_holds_one_thing(host: Host, word: str) -> None:
    kinds = {"domains": "domains", "schedules": "schedules", "notifications": ""}
    result = done(host, hold=[word])
    options = {one["option"] for one in result["plan"]["held"]}
    assert options == ({"backups", "volume_backups"} if word == "backups" else {kinds[word]})


# --- under other names ---


def test_a_project_is_applied_under_another_name_beside_the_original(host: Host) -> None:
    done(host)
    before = {name: service(host, name, kind) for name, kind in (("web", "application"), ("db", "postgres"))}
    options = {"rename": {"shop": "shop-drill"}, "rename_rules": RULES}
    foretold = done(host, check=True, **options)
    result = done(host, **options)
    assert foretold["plan"]["id"] == result["plan"]["id"]
    assert {change["action"] for change in result["plan"]["changes"]} == {"create"}
    assert not done(host, **options)["changed"]
    for name, kind in (("web", "application"), ("db", "postgres")):
        assert service(host, name, kind) == before[name]
    web, database = (service(host, *one, project="shop-drill") for one in (("web",), ("db", "postgres")))
    assert f"DB={database['appName']}" in web["env"] and f"URL={web['appName']}" in web["env"]
    assert [domain["host"] for domain in web["domains"]] == ["drill-shop.example.com"]
    assert "WEB=https://drill-shop.example.com" in service(host, "api", project="shop-drill")["env"]
    mounts = {mount["mountPath"]: mount["volumeName"] or mount["hostPath"] for mount in web["mounts"]}
    assert mounts == {"/data": "shop-files-drill", "/own": f"{web['appName']}-own", "/host": "/srv/drill/shop"}
    assert [(port["publishedPort"], port["targetPort"]) for port in web["ports"]] == [(19000, 90)]
    assert database["externalPort"] is None
    content = service(host, "stack", "compose", project="shop-drill")["composeFile"]
    assert "shop-data-drill" in content and "/srv/drill/backups:/backups" in content
    assert "5433" not in content and "container_name" not in content and "own:/own" in content


def test_an_environment_is_applied_under_another_name(host: Host) -> None:
    done(host)
    options = {"rename": {"shop/production": "shop/drill"}, "rename_rules": RULES, "hold": HOLD}
    result = done(host, **options)
    paths = {record["path"] for record in result["resources"]}
    assert "shop/drill/web" in paths and "shop/production/web" not in paths and "shop" in paths
    assert not done(host, **options)["changed"]
    assert not done(host)["changed"]


def with_server(host: Host, name: str = "edge") -> str:
    """Make a server; its ID."""
    login = {"name": f"{name}-key", "generate": "ed25519"}
    key = host.ok(OPERATIONS["dokploy_ssh_key"], **login)["ssh_key"]["ssh_key_id"]
    row = {"name": name, "ipAddress": "192.0.2.7", "port": 22, "username": "root", "serverType": "deploy"}
    return str(host.call("server.create", **row, description="", sshKeyId=key)["serverId"])


def test_services_under_other_names_on_another_server_share_nothing(host: Host) -> None:
    """They have the hosts, ports, volumes and folders of the originals, and refer to each other."""
    done(host)
    server = with_server(host)
    before = {name: service(host, name, kind) for name, kind in (("web", "application"), ("db", "postgres"))}
    path = "shop/production/%s"
    options = {
        "rename": {path % name: path % f"{name}-moving" for name in ("web", "api", "db", "stack")},
        "on_server": "edge",
        "scope": {"services": ["shop/production/*"]},
    }
    content = document()
    content["projects"][0]["environments"][0]["databases"][0]["external_port"] = None
    application = content["projects"][0]["environments"][0]["applications"][0]
    application["after"] = ["db"]
    application["env"]["BESIDE"] = reference("db:internal_host")
    foretold = done(host, content=content, check=True, **options)
    result = done(host, content=content, **options)
    assert foretold["plan"]["id"] == result["plan"]["id"]
    assert {(change["action"], change["path"]) for change in result["plan"]["changes"]} == {
        ("create", path % f"{name}-moving") for name in ("web", "api", "db", "stack")
    }
    assert not done(host, content=content, **options)["changed"]
    web, database = service(host, "web-moving"), service(host, "db-moving", "postgres")
    assert {row["serverId"] for row in (web, database)} == {server}
    own, other = web["appName"], database["appName"]
    assert web["env"].split() == [f"URL={own}", f"DB={other}", "API=x", f"BESIDE={other}"]
    assert [domain["host"] for domain in web["domains"]] == ["shop.example.com"]
    assert [mount["volumeName"] for mount in web["mounts"] if mount["mountPath"] == "/data"] == ["shop-files"]
    for name, kind in (("web", "application"), ("db", "postgres")):
        assert service(host, name, kind) == before[name]
    # On the server of the originals, they would share all of it.
    same = run(host, content=content, **{**options, "on_server": ""})
    assert "volume shop-files is that of shop/production/web, too" in same["msg"]


def test_what_exists_on_another_server_is_refused(host: Host) -> None:
    done(host)
    with_server(host)
    assert "server" in run(host, on_server="edge")["msg"]
    assert "no server" in run(host, on_server="elsewhere")["msg"]


def test_what_is_found_by_its_id_gets_no_other_name(host: Host) -> None:
    """It would be the original, which would be moved."""
    done(host)
    content = document()
    web = content["projects"][0]["environments"][0]["applications"][0]
    web["application_id"] = service(host, "web")["applicationId"]
    result = run(host, content=content, rename={"shop": "shop-drill"}, rename_rules=RULES)
    assert "rename: it is found by its ID; give it a name" in result["msg"]


def test_what_would_be_shared_is_refused(host: Host) -> None:
    done(host)
    before = snapshot(host.sim)
    result = run(host, rename={"shop": "shop-drill"})
    assert snapshot(host.sim).changes_since(before) == set()
    mistakes = [one.partition(": rename: ")[2] for one in result["mistakes"]]
    # The port of a database is also refused by itself.
    mistakes.remove("")
    assert sorted(mistakes) == sorted(
        f"{what} is that of shop/production/{name}, too. Add a rule for it to rename_rules.{rule}"
        for what, name, rule in (
            ("port 5432", "db", "ports"),
            ("host shop.example.com", "web", "hosts"),
            ("volume shop-files", "web", "volumes"),
            ("folder /srv/shop", "web", "paths"),
            ("port 8080", "web", "ports"),
            ("port 9000", "web", "ports"),
            ("volume shop-data", "stack", "volumes"),
            ("port 5433", "stack", "ports"),
            ("folder /srv/backups", "stack", "paths"),
        )
    )
    # What is held is not shared.
    held = run(host, rename={"shop": "shop-drill"}, hold=HOLD)
    assert "host shop.example.com" not in held["msg"] and "volume shop-files" in held["msg"]


def test_on_a_server_without_the_original_nothing_is_shared(host: Host) -> None:
    result = done(host, rename={"shop": "shop-drill"})
    assert {record["path"] for record in result["resources"]} >= {"shop-drill/production/web"}
    assert "shop.example.com" in json.dumps(service(host, "web", project="shop-drill")["domains"])


def test_another_project_keeps_what_it_refers_to(host: Host) -> None:
    content = document()
    blog = {"name": "blog", "docker": {"image": "nginx"}, "env": {"DB": reference("shop/production/db:internal_host")}}
    content["projects"].append({"name": "forum", "environments": [{"name": "production", "applications": [blog]}]})
    done(host, content=content)
    env = service(host, "blog", project="forum")["env"]
    done(host, content=content, rename={"shop": "shop-drill"}, rename_rules=RULES)
    assert service(host, "blog", project="forum")["env"] == env


# --- a part of it ---


def test_a_part_of_a_document_is_applied_with_what_it_names(host: Host) -> None:
    content = document()
    content["tags"] = [{"name": "other"}]
    blog = {"name": "blog", "docker": {"image": "nginx"}}
    content["projects"].append({"name": "forum", "environments": [{"name": "production", "applications": [blog]}]})
    scope = {"projects": ["shop"], "references": True}
    result = done(host, content=content, scope=scope)
    paths = {(one["kind"], one["path"]) for one in result["resources"] if one["kind"] not in ("project", "environment")}
    assert paths == {
        ("destination", "offsite"),
        ("application", "shop/production/web"),
        ("application", "shop/production/api"),
        ("database", "shop/production/db"),
        ("compose", "shop/production/stack"),
    }
    assert not done(host, content=content, scope=scope)["changed"]
    # What is not selected is found on the server.
    again = done(host, content=content, scope={"services": ["shop/production/api"]}, check=True)
    assert not again["changed"] and again["plan"]["unmanaged"] == []
    refused = run(host, content=content, scope=scope, prune=["tag"])
    assert "prune and scope are mutually exclusive" in refused["msg"]
    assert "nothing is at 'nothing'" in run(host, content=content, scope={"projects": ["nothing"]})["msg"]


def test_all_projects_get_another_name_and_a_network_of_their_own(host: Host) -> None:
    host.sim.config(block_seconds=0.0)
    done(host)
    before = service(host, "web")
    copy_of = {"rename": {"*": "{}-drill"}, "rename_rules": RULES, "hold": HOLD, "scope": {"projects": ["shop"]}}
    content = {**document(), "networks": [{"name": "drill"}]}
    done(host, content=content, scope={"kinds": ["network"]})
    done(host, content=content, **copy_of, isolated_network="drill")
    (network,) = host.read("network.all")
    web, database = (service(host, *one, project="shop-drill") for one in (("web",), ("db", "postgres")))
    for row in (web, database):
        assert (row["networkIds"], row["detachDokployNetwork"]) == ([network["networkId"]], True)
    done(host, content=content, **copy_of, state="absent", force=True)
    assert [row["name"] for row in host.read("project.all")] == ["shop"]
    assert service(host, "web") == before and host.read("destination.all")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rename": {"*": "drill"}}, "rename: 'drill' of '*' gives all projects one name"),
        ({"rename": {"shop": "a/b"}}, "rename: shop and a/b are paths of different lengths"),
        ({"rename": {"shop/production": "drill/production"}}, "since its project becomes shop"),
        ({"rename": {"shop": "drill", "shop/production": "shop/x"}}, "since its project becomes drill"),
        ({"rename": {"blog": "drill"}}, "rename: the document has no blog"),
        ({"rename": {"shop/a/b/c": "shop/a/b/d"}}, "'shop/a/b/c' is no project and no path such as shop/production or"),
        ({"rename": {"shop/production/web": "shop/x/web"}}, "since its environment becomes shop/production"),
        ({"rename": {"shop/production/nothing": "shop/production/x"}}, "the document has no shop/production/nothing"),
        ({"rename_rules": RULES}, "rename_rules: rename is needed"),
        ({"rename": {"shop": "d"}, "rename_rules": {"ports": {"*": "many"}}}, "rename_rules.ports: 'many' is no port"),
    ],
)
def test_bad_input(host: Host, options: dict[str, Any], message: str) -> None:
    result = run(host, **options)
    assert result["failed"] and message in result["msg"]
    assert host.read("project.all") == []

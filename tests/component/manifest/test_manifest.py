# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole instance from one document: planned, applied, found unchanged, and what is not in it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from dokploy_simulator import Simulator
from tests.support.host import Host
from tests.support.releases import RELEASES
from tests.support.ssh_keys import openssh_key

GIT = {"url": "git@git.example.com:acme/shop.git", "branch": "main", "ssh_key": "deploy"}
BACKUP = {"destination": "s3", "cron": "0 3 * * *", "prefix": "shop", "database_name": "shop", "enabled": True}
LOGIN = {"database": "shop", "user": "shop", "password": "made-up#1"}


def reference(text: str, kind: str = "") -> str:
    """What the filter of this name returns."""
    return f"\0reference\0{kind}|{text}\0"


WEB = {
    "name": "web",
    "docker": {"image": "nginx:1.29"},
    "registry": "ghcr",
    "env": {
        "DATABASE_URL": reference("db:internal_url") + "?ssl=0",
        "HOST": reference("shop/staging/db:internal_host"),
    },
    "domains": [{"host": "web.example.com"}],
    "mounts": [{"type": "volume", "name": "data", "target": "/data"}],
}
DATABASE = {"name": "db", "type": "postgres", **LOGIN, "backups": [BACKUP]}
STAGING = {
    "name": "staging",
    "applications": [WEB],
    "compose": [{"name": "search", "git": GIT}],
    "databases": [DATABASE],
}
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "projects": [{"name": "shop", "env": {"CURRENCY": "EUR"}, "environments": [{"name": "production"}, STAGING]}],
    "registries": [{"name": "ghcr", "url": "ghcr.io", "username": "acme", "password": "made-up"}],
    "ssh_keys": [{"name": "deploy", "private_key": openssh_key("deploy")}],
    "destinations": [{"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}],
}
QUIET = {"deploy": "never"}


def apply(host: Host, document: dict[str, Any] | None = None, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """The result of one run in a task of its own."""
    host.new_task()
    host.sim.reset_stats()
    return host.run(
        OPERATION, check=check, **{**QUIET, **copy.deepcopy(DOCUMENT if document is None else document), **options}
    )


def changed(result: dict[str, Any]) -> dict[str, str]:
    """The action of each change."""
    return {f"{one['kind']} {one['path']}": one["action"] for one in result["plan"]["changes"]}


def counts(result: dict[str, Any]) -> dict[str, int]:
    """How many changes there are of each action of which there is one."""
    return {action: number for action, number in result["plan"]["counts"].items() if number}


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[-1]])
@pytest.mark.parametrize("direct", [True, False], ids=["direct", "http"])
def test_a_document_is_planned_and_applied_and_stays(sim: Simulator, release: str, direct: bool) -> None:
    sim.config(version=release)
    host = Host(sim, direct=direct)
    planned = apply(host, check=True)
    assert planned.get("msg") is None
    assert sim.calls("mutation") == []
    created = ["project shop", "environment shop/staging", "application shop/staging/web", "database shop/staging/db"]
    created += ["compose shop/staging/search", "registry ghcr", "ssh_key deploy", "destination s3"]
    assert changed(planned) == dict.fromkeys(created, "create")
    assert counts(planned) == {"create": len(created)}
    done = apply(host)
    assert done.get("msg") is None
    assert (done["plan"], done["failures"], done["waiting"]) == (planned["plan"], [], [])
    ids = {one["path"]: one["id"] for one in done["resources"]}
    (project,) = host.read("project.all")
    # The default environment came with its project.
    of_project = {one["name"]: one["environmentId"] for one in project["environments"]}
    assert of_project == {name: ids[f"shop/{name}"] for name in of_project}
    again = apply(host)
    assert {one["path"]: one["id"] for one in again["resources"]} == ids
    assert (again["changed"], again["plan"]["changes"], sim.calls("mutation")) == (False, [], [])
    host.close()


def environment_of(host: Host) -> dict[str, str]:
    """The variables of the application."""
    (project,) = host.read("project.all")
    staging = next(one for one in project["environments"] if one["name"] == "staging")
    web = next(one for one in staging["applications"] if one["name"] == "web")
    row = host.read("application.one", applicationId=web["applicationId"])
    return dict(line.split("=", 1) for line in row["env"].splitlines())


def test_a_reference_is_the_value_that_the_server_has(host: Host) -> None:
    apply(host)
    (project,) = host.read("project.all")
    staging = next(one for one in project["environments"] if one["name"] == "staging")
    database = host.read("postgres.one", postgresId=staging["postgres"][0]["postgresId"])
    url = f"postgresql://shop:made-up%231@{database['appName']}:5432/shop?ssl=0"
    assert environment_of(host) == {"DATABASE_URL": url, "HOST": database["appName"]}


def test_the_url_of_a_service_is_that_of_its_first_enabled_domain(host: Host) -> None:
    domains = [{"host": "old.example.com", "enabled": False}, {"host": "api.example.com", "https": True, "path": "/v1"}]
    blog_domains = [{"host": "blog.example.com", "service": "w"}]
    stack = {"name": "blog", "raw": {"content": "services: {w: {image: n}}"}, "domains": blog_domains}
    taker = {"name": "web", "env": {"API": reference("api:url"), "BLOG": reference("blog:url")}}
    environment = {"name": "staging", "applications": [taker, {"name": "api", "domains": domains}], "compose": [stack]}
    document = {"projects": [{"name": "shop", "environments": [environment]}]}
    planned, done = apply(host, document, check=True), apply(host, document)
    assert (done.get("msg"), done["plan"]) == (None, planned["plan"])
    assert environment_of(host) == {"API": "https://api.example.com/v1", "BLOG": "http://blog.example.com/"}
    assert not apply(host, document)["changed"]
    # What the same run changes.
    domains[1]["path"] = "/v2"
    again = apply(host, document)
    assert environment_of(host)["API"] == "https://api.example.com/v2", again
    assert not apply(host, document)["changed"]


def test_databases_of_one_name_and_several_types(host: Host) -> None:
    """Dokploy allows them, and so they are told apart."""
    types = ("postgres", "mysql")
    databases = [{"name": "db", "type": one, **LOGIN} for one in types]
    env = {one: reference("db:internal_host", one) for one in types}
    environment = {"name": "staging", "databases": databases, "applications": [{"name": "web", "env": env}]}
    document = {"projects": [{"name": "shop", "environments": [environment]}]}
    done = apply(host, document)
    assert (done.get("msg"), counts(done)) == (None, {"create": 5})
    (project,) = host.read("project.all")
    staging = next(one for one in project["environments"] if one["name"] == "staging")
    ids = {one: staging[one][0][f"{one}Id"] for one in types}
    hosts = {one: host.read(f"{one}.one", **{f"{one}Id": ids[one]})["appName"] for one in types}
    assert environment_of(host) == hosts
    assert not apply(host, document, prune=["database"])["changed"]
    env.update(postgres=reference("db:internal_host"))
    ambiguous = "names several things: mysql, postgres. Name one of these as the kind of the filter"
    assert ambiguous in apply(host, document)["msg"]
    del env["postgres"], databases[0]
    gone = apply(host, document, prune=["database"])
    assert changed(gone) == {"database shop/staging/db": "remove", "application shop/staging/web": "update"}
    assert [one["id"] for one in gone["resources"] if one["kind"] == "database" and one["state"] == "present"] == [
        ids["mysql"]
    ]
    both = [{**one, "state": "absent"} for one in ({"name": "db", "type": one} for one in types)]
    environment["databases"], environment["applications"] = both, []
    assert changed(apply(host, document)) == {"database shop/staging/db": "remove"}


def test_the_port_of_a_database_is_looked_for_among_databases(sim: Simulator, host: Host) -> None:
    """A release need not know the other kinds of records."""
    sim.config(version="0.29.8")
    database = {"name": "db", "type": "redis", "external_port": 16379}
    projects = [{"name": "shop", "environments": [{"name": "production", "databases": [database]}]}]
    done = apply(host, {"projects": projects})
    assert not done.get("failed"), done["msg"]
    database["name"] = "other"
    assert "port 16379 is used by database 'db'" in apply(host, {"projects": projects})["msg"]


@pytest.mark.parametrize("at_once", [True, False], ids=["created with it", "exists before"])
def test_a_compose_file_takes_a_reference(host: Host, at_once: bool) -> None:
    """As text, in which any character of a reference would need quotes, and as a mapping."""
    document = copy.deepcopy(DOCUMENT)
    staging = document["projects"][0]["environments"][1]
    staging["databases"][0]["name"] = "d: #'b"
    del staging["applications"]
    if not at_once:
        apply(host, document)
    database = reference("d: #'b:internal_host")
    content = f"services:\n  a:\n    image: x\n    environment: {{HOST: {database}, {database}: 1}}\n"
    definition = {"services": {"a": {"image": "x", "hostname": f"x-{database}", "labels": {"a": "\ue000"}}}}
    staging["compose"] = [
        {"name": "text", "raw": {"content": content}},
        {"name": "mapping", "raw": {"definition": definition}},
    ]
    planned, done = apply(host, document, check=True), apply(host, document)
    assert (planned.get("msg"), done.get("msg"), done["plan"]) == (None, None, planned["plan"])
    (project,) = host.read("project.all")
    found = next(one for one in project["environments"] if one["name"] == "staging")
    name = host.read("postgres.one", postgresId=found["postgres"][0]["postgresId"])["appName"]
    files = {
        one["name"]: host.read("compose.one", composeId=one["composeId"])["composeFile"] for one in found["compose"]
    }
    assert files["text"] == content.replace(database, name)
    assert f"hostname: x-{name}\n" in files["mapping"] and "\ue000" in files["mapping"]
    assert not apply(host, document)["changed"]


def test_middlewares_of_the_server_and_of_applications_share_a_file(host: Host) -> None:
    own: dict[str, Any] = {"http": {"middlewares": {}}}
    web = {
        "name": "web",
        "domains": [{"host": "web.example.com", "path": "/shop", "strip_path": True}],
        "redirects": [{"regex": "^a$", "replacement": "b", "permanent": True}],
        "basic_auth": [{"username": "ops", "password": "made-up"}],
    }
    document: dict[str, Any] = {
        "settings": {"traefik": {"middlewares": own}},
        "projects": [{"name": "shop", "environments": [{"name": "production", "applications": [web]}]}],
    }
    store = host.sim.server.store
    for name in ("short", "long"):
        own["http"]["middlewares"] = {name: {"compress": {}}}
        done = apply(host, document)
        assert (done.get("msg"), done["changed"]) == (None, True)
        kinds = {one.partition("-app-")[0] for one in store.middlewares}
        assert kinds == {name, "auth", "redirect", "redirect-to-https", "stripprefix"}
        assert not apply(host, document)["changed"]


def test_what_takes_a_value_changes_with_it(host: Host) -> None:
    apply(host)
    document = copy.deepcopy(DOCUMENT)
    document["projects"][0]["environments"][1]["databases"][0]["password"] = "another"
    planned = apply(host, document, check=True)
    done = apply(host, document)
    assert (
        changed(done)
        == changed(planned)
        == {
            "database shop/staging/db": "update",
            "application shop/staging/web": "update",
        }
    )
    assert ":another@" in environment_of(host)["DATABASE_URL"]
    assert not apply(host, document)["changed"]
    assert "another" not in str(planned) + str(done)


def test_what_neither_the_document_nor_the_server_has_is_a_mistake_in_check_mode_too(host: Host) -> None:
    document: dict[str, Any] = {
        "projects": [
            {
                "name": "shop",
                "environments": [
                    {
                        "name": "production",
                        "applications": [
                            {"name": "web", "registry": "quay"},
                            {"name": "api", "env": {"A": reference("dbb:internal_url")}},
                            {"name": "job", "server": "nowhere"},
                        ],
                    }
                ],
            }
        ]
    }
    for check in (True, False):
        failed = apply(host, document, check=check)
        assert len(failed["mistakes"]) == 3
        assert "reference: neither the document nor the server has 'dbb'" in failed["mistakes"][0]
    del document["projects"][0]["environments"][0]["applications"][1]
    for check in (True, False):
        failed = apply(host, document, check=check)
        assert [one.partition(": ")[0] for one in failed["mistakes"]] == [
            "projects[shop].environments[production].applications[web]",
            "projects[shop].environments[production].applications[job]",
        ]
        assert host.sim.calls("mutation") == []


def test_what_belongs_to_dokploy_itself_is_managed_one_by_one(host: Host) -> None:
    """Schedules of its host and its own backups; those that the document does not list stay."""
    destination = {"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}
    nightly = {"name": "nightly", "script": "date", "cron": "0 3 * * *"}
    document = {
        "destinations": [destination],
        "backups": [{"destination": "s3", "prefix": "dokploy", "cron": "0 4 * * *"}],
        "schedules": [nightly],
    }
    planned = apply(host, document, check=True)
    done = apply(host, document)
    assert (done.get("msg"), done["plan"]) == (None, planned["plan"])
    assert changed(done) == {"destination s3": "create", "backup backups": "update", "schedule schedules": "update"}
    assert not apply(host, document)["changed"]
    others = {"schedules": [{**nightly, "name": "weekly"}], "backups": []}
    assert changed(apply(host, others)) == {"schedule schedules": "update"}
    assert not apply(host, document)["changed"]


def test_many_environments_take_as_many_requests_as_one(host: Host) -> None:
    """The project tree lacks the names of databases, which are read for all environments together."""

    def requests(count: int) -> tuple[int, int]:
        environments = [{"name": f"e{number}", "databases": [{**DATABASE, "backups": []}]} for number in range(count)]
        document = {"version": 1, "projects": [{"name": name, "environments": environments} for name in ("a", "b")]}
        assert apply(host, document).get("msg") is None
        assert not apply(host, document)["changed"]
        unchanged = host.sim.stats()["http"]
        other = {"version": 1, "projects": [{"name": "c"}]}
        planned = apply(host, other, check=True, prune=["project", "environment", "database"], prune_limit="100%")
        assert counts(planned)["remove"] > 2 * count
        return unchanged, host.sim.stats()["http"]

    assert requests(1) == requests(4)

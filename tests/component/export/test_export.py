# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export of single things: what it selects, leaves out and says of it, what it reads, and how it fails."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._export import proof
from ansible_collections.community.dokploy.plugins.module_utils._export.described import Describer
from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._export.reading import Server
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.prune import KINDS
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.tag import OPERATION as TAG
from dokploy_simulator import Simulator
from tests.support.builders import wait_until_idle
from tests.support.effort import slow
from tests.support.host import Host

Result = dict[str, Any]
DATABASE = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "image": "postgres:17"}


def apply(host: Host, **document: Any) -> Result:
    host.new_task()
    return host.ok(MANIFEST, **{"deploy": "never", **document})


def export(host: Host, **options: Any) -> Result:
    host.new_task()
    return host.ok(OPERATION, **options)


def shop(*environments: Result, **more: Any) -> list[Result]:
    return [{"name": "shop", **more, "environments": list(environments)}]


def environment(name: str = "production", **services: Any) -> Result:
    return {"name": name, **services}


def inner(result: Result, kind: str = "applications") -> list[Result]:
    """The services of the first environment."""
    found: list[Result] = result["document"]["projects"][0]["environments"][0][kind]
    return found


def test_an_empty_server_has_no_section(host: Host) -> None:
    result = export(host)
    assert result["document"] == {"version": 1, "unstated": "default", "settings": {}}
    assert (result["comments"], result["secret_names"]) == ([], [])
    assert {one["kind"] for one in result["missing"]} == {"api_key", "organization"}


def test_what_a_new_record_has_is_left_out(host: Host) -> None:
    apply(host, projects=shop(environment(applications=[{"name": "web"}], databases=[DATABASE])), tags=[{"name": "a"}])
    result = export(host)
    # Nor is there anything to say about it.
    assert result["comments"] == []
    document = result["document"]
    assert document["tags"] == [{"name": "a"}]
    (one,) = document["projects"]
    web, database = one["environments"][0]["applications"][0], one["environments"][0]["databases"][0]
    assert web == {"name": "web", "deploy": "never"}
    # The password that Dokploy has made is that of the data.
    assert database.pop("password") == "{{ vault_shop_production_db_password }}"
    assert database == {**DATABASE, "deploy": "never"}


def test_what_the_user_names_is_readable_unless_a_secret_is_the_same(host: Host) -> None:
    web = {
        "name": "web",
        "env": {"REGION": "eu-west-1", "DB": "s3cret-of-db", "TZ": "UTC"},
        "build_args": {"REGION": "eu-west-1", "DEBUG": True},
        "build_secrets": {"REGION": "eu-west-1"},
    }
    api = {"name": "api", "env": {"REGION": "eu-west-1"}}
    database = {**DATABASE, "password": "s3cret-of-db"}
    # The variable of the database gets a reference.
    apply(host, projects=shop(environment(applications=[web, api], databases=[database])))
    result = export(host, secret_env="all")
    assert result["plain_env_proposed"] == ["DEBUG", "TZ"]
    (warning,) = result["warnings"]
    assert "So are those of DEBUG, TZ, which" in warning and "ansible-core 2.22" in warning
    # Without a word of the user, these are no secrets.
    result = export(host)
    first, second = inner(result)
    assert (second["env"]["TZ"], second["build_args"]["DEBUG"]) == ("UTC", "true") and "warnings" not in result
    assert "eu-west-1" not in json.dumps(result)
    result = export(host, secret_env="all", plain_env=["TZ", "DEBUG", "DB"])
    first, second = inner(result)
    assert first["env"] == {"REGION": "{{ vault_shop_production_api_env['REGION'] }}"}
    assert (second["env"]["TZ"], second["build_args"]["DEBUG"]) == ("UTC", "true")
    assert "s3cret" not in json.dumps(result)
    assert result["plain_env_proposed"] == []
    # The build secret of the same value is one.
    result = export(host, plain_env=["REGION"])
    assert "eu-west-1" not in json.dumps(result)
    apply(host, projects=shop(environment(applications=[{"name": "web", "build_secrets": {}}])))
    assert json.dumps(export(host, plain_env=["REGION"])).count("eu-west-1") == 3


def test_a_default_environment_is_named_where_it_states_something(host: Host) -> None:
    apply(host, projects=[*shop(environment(env={"A": "1"})), {"name": "empty"}])
    empty, filled = export(host)["document"]["projects"]
    assert empty == {"name": "empty"}
    assert filled["environments"] == [{"name": "production", "env": {"A": "1"}}]


def test_a_service_that_runs_is_deployed(sim: Simulator, host: Host) -> None:
    """A plan of the document deploys nothing, also with its own default."""
    sim.config(build_seconds=0.01)
    web = {"name": "web", "docker": {"image": "nginx"}}
    apply(host, projects=shop(environment(applications=[web, {**web, "name": "idle"}])))
    apply(host, projects=shop(environment(applications=[web])), deploy="changed", verify=False)
    result = export(host)
    idle, running = inner(result)
    assert (idle["deploy"], "deploy" in running) == ("never", False)
    host.new_task()
    assert host.ok(MANIFEST, check=True, **result["document"])["plan"]["changes"] == []


def test_a_port_that_two_services_publish_is_stated_of_one(sim: Simulator, host: Host) -> None:
    """The web interface copies the port of a database that it duplicates; an empty server would refuse both."""
    databases = [{**DATABASE, "external_port": 15432}, {**DATABASE, "name": "db-copy"}]
    port = {"published_port": 8081, "target_port": 80}
    applications = [{"name": name, "ports": [port]} for name in ("api", "web")]
    applications.append({"name": "each-node", "ports": [{**port, "publish_mode": "host"}]})
    apply(host, projects=shop(environment(databases=databases, applications=applications)))
    sim.act(set="db-copy", fields={"externalPort": 15432})
    result = export(host)
    ports = {database["name"]: database.get("external_port") for database in inner(result, "databases")}
    assert sorted(ports.values(), key=str) == [15432, None]
    owner, double = sorted(ports, key=lambda name: ports[name] is None)
    web_owner, web_double = ("api", "web") if "ports" in inner(result)[0] else ("web", "api")
    lacking = [application["name"] for application in inner(result) if "ports" not in application]
    assert lacking == [web_double]
    reason = "The {} shop/production/{} publishes port {}, too, which a server can do once. Give it another one."
    missing = [row for row in result["missing"] if row["path"]]
    assert sorted(missing, key=lambda row: row["kind"]) == [
        {
            "kind": kind,
            "path": f"shop/production/{name}",
            "option": option,
            "reason": reason.format(kind, other, number),
        }
        for kind, name, option, other, number in (
            ("application", web_double, "ports", web_owner, 8081),
            ("database", double, "external_port", owner, 15432),
        )
    ]
    comments = [comment["text"] for comment in result["comments"]]
    assert {f"{row['option']}: {row['reason']}" for row in missing} <= set(comments)
    for database in inner(result, "databases"):
        database["password"] = "made-up"
    with Simulator() as empty:
        other = Host(empty)
        assert other.ok(MANIFEST, **result["document"])["changed"]
        other.close()


def test_what_failed_last_is_not_deployed_again(sim: Simulator, host: Host) -> None:
    web = {"name": "web", "docker": {"image": "nginx"}}
    apply(host, projects=shop(environment(applications=[web])))
    sim.config(build_seconds=0.01, builds=[{"image": "nginx", "result": "error", "log": ["it fails"]}])
    sim.act(deploy="web")
    wait_until_idle(host)
    result = export(host)
    assert inner(result) == [{**web, "deploy": "never"}]
    (comment,) = [one for one in result["comments"] if one["path"][-1] == "deploy"]
    assert comment["text"].startswith("Its last deployment failed.")
    host.new_task()
    # There is nothing that could be recorded.
    assert host.ok(MANIFEST, deploy="adopt", **result["document"])["plan"]["changes"] == []


def test_what_dokploy_has_made_is_left_out(host: Host) -> None:
    """Prune with the document leaves it, and mounts that look like it."""
    mounts = [
        {"path": "/volume", "type": "volume", "name": "own"},
        {"path": "/bind", "type": "bind", "host_path": "/srv"},
        {"path": "/file", "type": "file", "file_path": "a.conf", "content": "text"},
    ]
    generated = host.call("domain.generateDomain", appName="shop-web-1a2b3c")
    web = {"name": "web", "domains": [{"host": generated}, {"host": "a.example.com"}], "webhook_token": "own_token"}
    databases = [{**DATABASE, "mounts": mounts}, {**DATABASE, "name": "bare"}]
    apply(host, projects=shop(environment(applications=[web, {"name": "api"}], databases=databases)))
    rows = {one["name"]: one for one in (host.read("postgres.one", postgresId=one) for one in _ids(host, "postgres"))}
    assert {len(one["mounts"]) for one in rows.values()} == {4, 1}
    result = export(host)
    api, exported = inner(result)
    assert "domains" not in exported
    assert exported["webhook_token"] == "{{ vault_shop_production_web_webhook_token }}"
    assert api == {"name": "api", "deploy": "never"}
    (comment,) = (one for one in result["comments"] if "applications" in one["path"])
    assert comment["path"] == ["projects", 0, "environments", 0, "applications", 1, "domains"]
    assert generated in comment["text"] and "such as a.example.com" in comment["text"]
    assert [one["option"] for one in result["missing"] if one["kind"] == "application"] == ["domains"]
    bare, database = inner(result, "databases")
    assert "mounts" not in bare
    assert [one["path"] for one in database["mounts"]] == ["/bind", "/file", "/volume"]
    document = json.loads(
        json.dumps(result["document"]).replace("{{ vault_shop_production_web_webhook_token }}", "own_token")
    )
    for one in inner({"document": document}, "databases"):
        one["password"] = rows[one["name"]]["databasePassword"]
    inner({"document": document}, "databases")[1]["mounts"][1]["content"] = "text"
    host.new_task()
    pruned = host.ok(MANIFEST, deploy="never", prune=list(KINDS), prune_limit="100%", **document)
    assert (pruned["plan"]["changes"], pruned["plan"]["unmanaged"]) == ([], [])
    assert {len(host.read("postgres.one", postgresId=one)["mounts"]) for one in _ids(host, "postgres")} == {4, 1}
    domains = [host.read("application.one", applicationId=one)["domains"] for one in _ids(host, "applications")]
    assert sorted(map(len, domains)) == [0, 2]


def _ids(host: Host, kind: str) -> list[str]:
    """The IDs of services."""
    (project,) = host.read("project.all")
    return [next(value for key, value in one.items() if key.endswith("Id")) for one in project["environments"][0][kind]]


def test_duplicates_stand_with_their_ids(host: Host) -> None:
    for description in ("one", "two"):
        host.call("project.create", name="twin", description=description)
    host.call("project.create", name="only")
    result = export(host)
    only, *twins = result["document"]["projects"]
    assert only == {"name": "only"}
    assert sorted(one["description"] for one in twins) == ["one", "two"]
    assert all("project_id" in one and "name" not in one for one in twins)
    assert [one["path"] for one in result["comments"]] == [["projects", 1], ["projects", 2]]
    assert "twin" in result["comments"][0]["text"]


@pytest.mark.parametrize(
    "name", ["a/b", "back\\slash", ' "quoted" ', "größer ✓", "{{ x }}", "a:b|c", "yes", "1e3", "-", "[web]", "a.b]c"]
)
def test_any_name(host: Host, name: str) -> None:
    web = {"name": name, "docker": {"image": "nginx"}, "env": {"TOKEN": "made-up"}}
    projects = [{"name": name, "environments": [{"name": name, "applications": [web]}]}]
    apply(host, projects=projects)
    result = export(host, scope={"kinds": ["application"]})
    (project,) = result["document"]["projects"]
    assert result["secret_names"][0]["option"] == "env"
    (variable,) = (one["name"] for one in result["secret_names"])
    assert variable.startswith("vault") and variable.isidentifier() and variable.isascii()
    assert "made-up" not in json.dumps(result)
    assert len(project["environments"][0]["applications"]) == 1


SCOPES: list[tuple[Result, Result]] = [
    ({"kinds": ["tag"]}, {"tags": ["a"]}),
    (
        {"kinds": ["application"]},
        {"shop": {"production": ["api", "web"], "staging": ["web"]}, "blog": {"production": ["web"]}},
    ),
    ({"projects": ["sh*"]}, {"shop": {"production": ["api", "web"], "staging": ["web"]}}),
    ({"environments": ["*/staging"]}, {"shop": {"staging": ["web"]}}),
    ({"services": ["*/production/web"]}, {"blog": {"production": ["web"]}, "shop": {"production": ["web"]}}),
    (
        {"services": ["shop/*/a[op]i"], "environments": ["shop/staging"]},
        {"shop": {"production": ["api"], "staging": ["web"]}},
    ),
    ({"kinds": ["project"], "projects": ["blog"]}, {"blog": {}}),
    ({"kinds": ["tag", "application"], "projects": ["blog"]}, {"tags": ["a"], "blog": {"production": ["web"]}}),
]


@pytest.mark.parametrize(("scope", "expected"), SCOPES)
def test_the_scope_selects(host: Host, scope: Result, expected: Result) -> None:
    web, api = {"name": "web", "docker": {"image": "nginx"}}, {"name": "api", "docker": {"image": "nginx"}}
    apply(
        host,
        tags=[{"name": "a"}],
        projects=[
            *shop(environment(applications=[web, api]), environment("staging", applications=[web]), env={"A": "1"}),
            {"name": "blog", "environments": [environment(applications=[web], env={"B": "2"})]},
        ],
    )
    host.sim.reset_stats()
    document = export(host, scope=scope)["document"]
    # What there is only one of is read with all else, or if its kind is asked for.
    assert not {"user.get", "settings.getWebServerSettings"} & set(host.sim.calls("query"))
    found: Result = {"tags": [one["name"] for one in document["tags"]]} if "tags" in document else {}
    for project in document.get("projects", []):
        environments = project.get("environments", [])
        found[project["name"]] = {
            one["name"]: [service["name"] for service in one["applications"]] for one in environments
        }
    assert found == expected
    # What only holds what is selected states nothing.
    stated = {one["name"] for one in document.get("projects", []) if "env" in one}
    assert stated == ({"shop"} if scope == {"projects": ["sh*"]} else set())


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ({"kinds": ["aplication"]}, "scope.kinds: there is no kind 'aplication'. Did you mean: 'application'"),
        ({"projects": ["shpo"]}, "scope.projects: nothing is at 'shpo'. Did you mean: 'shop'"),
        ({"services": ["shop/web"]}, "scope.services: 'shop/web' is no path such as PROJECT/ENVIRONMENT/SERVICE"),
    ],
)
def test_a_scope_that_selects_nothing_is_a_mistake(host: Host, scope: Result, message: str) -> None:
    apply(host, projects=[{"name": "shop"}])
    assert message in host.failed(OPERATION, scope=scope)["msg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dest": "/tmp/x"}, "dest: only the action of the module writes it"),
        ({"secrets": "file"}, "secrets is file, which needs dest"),
    ],
)
def test_options_of_the_action_are_refused(host: Host, options: Result, message: str) -> None:
    assert message in host.failed(OPERATION, **options)["msg"]


def test_each_answer_is_asked_for_once(sim: Simulator, host: Host) -> None:
    """The proof reads nothing again."""
    for number in range(3):
        sim.seed(project=f"p{number}", applications=40, name=f"web{number}-", domains=1, mounts=1)
    host.new_task()
    sim.reset_stats()
    host.ok(OPERATION)
    count = Counter(sim.calls("query"))
    many = {"application.one": 120, "schedule.list": 121, "environment.one": 3}
    assert {name: count[name] for name in many} == many
    assert {name for name, number in count.items() if number > 1} == set(many)
    assert sim.calls("mutation") == []
    assert host.session is not None


@slow
def test_a_thousand_services_take_few_requests(sim: Simulator) -> None:
    host = Host(sim, direct=False)
    for number in range(20):
        sim.seed(project=f"p{number}", applications=50, name=f"web{number}-")
    host.ok(OPERATION)
    assert host.session is not None
    assert host.session.client.transport.requests_made <= 60
    host.close()


def test_what_a_key_may_not_list_is_missing(sim: Simulator, host: Host) -> None:
    apply(
        host,
        projects=[*shop(environment(applications=[{"name": "web", "docker": {"image": "nginx"}}])), {"name": "other"}],
    )
    own = next(one["projectId"] for one in host.read("project.all") if one["name"] == "shop")
    sim.act(member="member@example.com", key="key-of-member", projects=[own])
    member = Host(sim, dokploy_api_key="key-of-member")
    result = member.ok(OPERATION)
    member.close()
    assert [one["name"] for one in result["document"]["projects"]] == ["shop"]
    kinds = {one["kind"] for one in result["missing"] if not one["path"]}
    assert {"registry", "user", "ssh_key", "server"} <= kinds
    assert {"registries", "users"} <= {one["path"][0] for one in result["comments"]}


@pytest.mark.parametrize("procedure", ["project.all", "application.one", "schedule.list", "tag.all"])
def test_a_failure_in_the_middle_leaves_nothing(sim: Simulator, host: Host, procedure: str, tmp_path: Path) -> None:
    apply(host, projects=shop(environment(applications=[{"name": "web"}])))
    host.new_task()
    sim.fault("status", procedure, status=500, body={"message": "broken"})
    result = host.failed(OPERATION, secrets_file=str(tmp_path / "secrets.json"))
    assert "document" not in result
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_would_change_something_is_an_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.ok(TAG, name="a", color="#22c55e")

    def wrong(self: Describer, *args: Any) -> Any:
        found = describe(self, *args)
        if "color" in found.options:
            found.options["color"] = "#000000"
        return found

    describe = Describer.describe
    monkeypatch.setattr(Describer, "describe", wrong)
    host.new_task()
    message = host.failed(OPERATION)["msg"]
    assert "would not leave everything as it is: tag a (color)" in message


def test_a_refused_value_is_left_out_with_the_reason(host: Host) -> None:
    apply(host, projects=shop(environment(applications=[{"name": "web"}])))
    (own,) = _ids(host, "applications")
    for host_name in ("a.example.com", "b.example.com"):
        host.call("domain.create", applicationId=own, host=host_name, path="no slash", domainType="application")
    result = export(host)
    assert inner(result) == [{"name": "web", "deploy": "never", "ignore": ["domains"]}]
    (missing,) = (one for one in result["missing"] if one["kind"] == "application")
    assert (missing["path"], missing["option"]) == ("shop/production/web", "domains")
    assert missing["reason"] == "dokploy_manifest refuses it: domains[0].path: 'no slash' must begin with /"
    # Whoever reads the document sees it in its place.
    (comment,) = (one for one in result["comments"] if "applications" in one["path"])
    assert comment["path"] == ["projects", 0, "environments", 0, "applications", 0, "domains"]
    assert comment["text"] == f"domains: {missing['reason']}"


def test_credentials_in_urls_are_secrets_in_any_option(host: Host) -> None:
    url = "https://user:made-up@example.com/x"
    web = {
        "name": "web",
        "git": {"url": f"{url}.git", "branch": "main"},
        "args": ["--quiet", f"--url={url}"],
        "labels": {"plain": "x", "target": url},
    }
    apply(host, projects=shop(environment(applications=[web])))
    result = export(host)
    assert "made-up" not in json.dumps(result)
    (one,) = inner(result)
    assert one["args"] == ["--quiet", "{{ vault_shop_production_web_args }}"]
    assert one["labels"] == {"plain": "x", "target": "{{ vault_shop_production_web_labels }}"}
    options = sorted(found["option"] for found in result["secret_names"])
    assert options == ["args[1]", "git.url", "labels.target"]


def test_files_of_traefik_that_are_not_dokploys_own(sim: Simulator, host: Host) -> None:
    own = "http:\n  middlewares:\n    compress:\n      compress: {}\n"
    web = {
        "name": "web",
        "domains": [{"host": "a.example.com"}],
        "basic_auth": [{"username": "u", "password": "made-up"}],
    }
    apply(
        host,
        settings={"traefik": {"files": [{"path": "dynamic/company.yml", "content": own}], "access_log": True}},
        projects=shop(environment(applications=[web])),
    )
    result = export(host)
    traefik = result["document"]["settings"]["traefik"]
    assert traefik["access_log"] is True
    assert [one["path"] for one in traefik["files"]] == ["dynamic/company.yml"]
    assert set(traefik) == {"access_log", "files"}


def test_a_change_of_the_proof_is_told_by_the_options(host: Host) -> None:
    assert proof.is_stated(proof.PlannedChange("update", "tag", "a", {"before": {"color": 1}, "after": {"color": 2}}))
    assert not proof.is_stated(proof.PlannedChange("update", "tag", "a", {"before": {"x.y": 1}, "after": {"x.y": 2}}))
    assert proof.is_stated(proof.PlannedChange("create", "tag", "a"))


@pytest.mark.parametrize("procedure", ["application.delete", "project.remove"])
def test_what_is_removed_meanwhile_is_left_out(host: Host, monkeypatch: pytest.MonkeyPatch, procedure: str) -> None:
    """Other people go on while an export reads."""
    churned = {"name": "churn", "environments": [environment("staging", applications=[{"name": "api"}])]}
    apply(host, projects=[*shop(environment(applications=[{"name": "web"}])), churned])
    (project,) = [row for row in host.read("project.all") if row["name"] == "churn"]
    (staging,) = [row for row in project["environments"] if row["name"] == "staging"]
    ids = {**project, **staging, **staging["applications"][0]}
    key = f"{procedure.partition('.')[0]}Id"
    read = Server.read

    def removed_before(self: Server, records: Any, memory: Any) -> None:
        host.sim.execute(procedure, **{key: ids[key]})
        monkeypatch.setattr(Server, "read", read)
        read(self, records, memory)

    monkeypatch.setattr(Server, "read", removed_before)
    result = export(host)
    assert [entry["name"] for entry in result["document"]["projects"] if entry["name"] != "churn"] == ["shop"]
    gone = {row["path"] for row in result["missing"] if "removed meanwhile" in row["reason"]}
    assert gone & {"churn/staging", "churn/staging/api"}
    assert inner({"document": {"projects": [row for row in result["document"]["projects"] if row["name"] == "shop"]}})

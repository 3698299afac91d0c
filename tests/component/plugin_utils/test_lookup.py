# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup plugin: what its terms read, by how many requests, and what it says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsibleLookupError

from ansible_collections.community.dokploy.plugins.lookup.dokploy import LookupModule
from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._host import registration
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import (
    Reference,
    parse_reference,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.api_key import OPERATION as API_KEY
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    INFO_OPERATION as DATABASE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import (
    OPERATION as REGISTRY,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.info import INFO_OPERATION as INFO
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    INFO_OPERATION as APPLICATION_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.plugin_utils._lookup.terms import KINDS
from tests.support.builders import RECORD_SECRETS, create_records
from tests.support.examples import create_missing
from tests.support.host import Host
from tests.support.operations import MANAGED, OUTSIDE
from tests.support.strategies.resource_params import SECRET_MARK
from tools.workspace import ROOT

Query = Callable[..., list[Any]]
PASSWORD = "s3cret-password"
TOKEN = "s3cret-token"


@pytest.fixture
def query(host: Host) -> Query:
    """The lookup as C(query()) of a template calls it."""

    def run(*terms: Any, **options: Any) -> list[Any]:
        stated = {name: spec.get("default") for name, spec in CONNECTION.items()}
        stated.update(include_secrets=False, **host.connection)
        stated.update(options)
        plugin = LookupModule()
        plugin.set_options = lambda **_given: None
        plugin.get_option = stated.__getitem__
        result: list[Any] = plugin.run(list(terms), {}, **options)
        return result

    return run


@pytest.fixture
def shop(host: Host) -> Host:
    """A project with a service of every kind; two of them are named C(same)."""
    host.ok(PROJECT, name="shop")
    host.ok(
        APPLICATION,
        project="shop",
        name="web",
        docker={"image": "nginx:1", "username": "shop", "password": PASSWORD},
        env={"TOKEN": TOKEN, "MODE": "live"},
        domains=[{"host": "shop.example.com", "path": "/"}],
    )
    host.ok(APPLICATION, project="shop", name="same")
    host.ok(COMPOSE, project="shop", name="forum", raw={"definition": {"services": {"db": {"image": "postgres:17"}}}})
    login = {"database": "shop", "user": "shop", "password": "s3cretpassword"}
    host.ok(DATABASE, project="shop", name="postgres", type="postgres", **login)
    host.ok(DATABASE, project="shop", name="redis", type="redis", password="s3cretpassword")
    host.ok(DATABASE, project="shop", name="same", type="mysql", root_password="s3cretroot", **login)
    host.sim.reset_stats()
    return host


def test_a_resource_is_what_its_info_module_returns(shop: Host, query: Query) -> None:
    application, database = query("shop/production/web", "database://shop/production/postgres")
    (shown,) = shop.ok(APPLICATION_INFO, project="shop", name="web")["applications"]
    assert application == shown
    (shown,) = shop.ok(DATABASE_INFO, project="shop", name="postgres")["databases"]
    assert database == shown


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("shop:name", "shop"),
        ("project://shop:environments.0.name", "production"),
        ("shop/production:is_default", True),
        ("shop//web:docker.image", "nginx:1"),
        ("shop/production/web:domains.0.host", "shop.example.com"),
        ("shop/production/web:domains.-1.path", "/"),
        ("application://shop/production/web:schedules", []),
        ("shop/production/web:running.images", []),
        ("shop/production/web:running.commit", None),
        ("shop/production/forum:type", "docker-compose"),
        ("compose://shop//forum:name", "forum"),
        ("shop/production/redis:internal_port", 6379),
        ("database://shop/production/same:type", "mysql"),
        ("mysql://shop/production/same:type", "mysql"),
    ],
)
def test_a_value(shop: Host, query: Query, term: str, value: Any) -> None:
    assert query(term) == [value]


def test_ids_stand_for_names(shop: Host, query: Query) -> None:
    web, database = query("shop/production/web", "shop/production/postgres")
    ids = [web["project_id"], web["environment_id"], web["application_id"]]
    assert query("/".join(ids) + ":name", f"application://{ids[-1]}:name") == ["web", "web"]
    assert query(f"environment://{ids[1]}:name", f"database://{database['database_id']}:type") == [
        "production",
        "postgres",
    ]


def test_names_with_marks_in_them(host: Host, query: Query) -> None:
    host.ok(PROJECT, name="a/b:c.d\\e")
    host.ok(APPLICATION, project="a/b:c.d\\e", name="http://x", env={"A.B": "1", "A": "2"})
    assert query("a\\/b\\:c.d\\\\e:name") == ["a/b:c.d\\e"]
    term = "a\\/b\\:c.d\\\\e//http\\:\\/\\/x:env.A.B"
    assert query(term, include_secrets=True) == ["1"]


def test_what_documents_and_results_have(host: Host, query: Query) -> None:
    """References as exports write them, and paths as plans show them."""
    host.call("project.create", name="a")
    host.ok(APPLICATION, project="a", name="w:2/x")
    host.ok(REGISTRY, name="ghcr.io/acme", url="ghcr.io", username="acme", password="made-up")
    host.new_task()
    document = host.ok(EXPORT)["document"]
    (web,) = document["projects"][0]["environments"][0]["applications"]
    path = ("a", "production", web["name"])
    reference = Reference("", path, "name")
    assert query(str(reference), "a/production/w:2\\/x:name") == [web["name"]] * 2
    assert parse_reference(str(reference)) == reference
    host.new_task()
    planned = host.ok(MANIFEST, check=True, **{**document, "registries": [], "deploy": "never"}, prune=["registry"])
    (removed,) = planned["plan"]["changes"]
    assert query(f"{removed['kind']}://{removed['path']}:url") == ["ghcr.io"]
    host.new_task()
    tree = host.ok(INFO)["projects"][0]["environments"][0]
    assert tree["path"] == "a/production"
    assert query(f"{tree['services'][0]['path']}:name") == [web["name"]]


def test_what_is_in_no_project_is_what_its_info_module_returns(host: Host, query: Query) -> None:
    create_records(host)
    create_missing(host)
    infos = {managed.info.name: managed.info for managed in OUTSIDE}
    wanted: dict[str, Any] = {}
    for info in infos.values():
        host.new_task()
        resource, row = info.resources[0], host.ok(info)[info.resources[0].listing.results][-1]
        # What a record is in, before its own name.
        names = [row[name] for name in (*(listing.label for listing in resource.parents), resource.name_option)]
        wanted[f"{resource.name}://{'/'.join(filter(None, names))}"] = row
    assert "network://worker/remote" in wanted
    found = query(*wanted)
    assert dict(zip(wanted, found, strict=True)) == wanted
    shown = json.dumps(found)
    secrets = [json.dumps(value)[1:-1] for value in RECORD_SECRETS.values()]
    assert [secret for secret in (*secrets, SECRET_MARK) if secret in shown] == []


def test_accounts(host: Host, query: Query) -> None:
    host.ok(API_KEY, name="pipeline", include_secrets=True)
    (member,) = host.read("user.all")
    terms = ["user://%s:role" % member["user"]["email"], "organization://%s:default" % member["organizationId"]]
    assert query(*terms, "api_key://pipeline:enabled") == ["owner", True, True]
    (key,) = query("api_key://pipeline", include_secrets=True)
    assert "key" not in key


def test_the_kinds_are_those_of_the_info_modules() -> None:
    names = {managed.resource.name for managed in MANAGED}
    known = {name for name in names if (ROOT / f"plugins/modules/dokploy_{name}_info.py").exists()}
    assert set(KINDS) == known | {one.kind for one in KINDS["database"]}


def test_many_terms_are_few_requests(shop: Host, query: Query) -> None:
    """The tree, what it lacks of the two environments, and a request for each of the two kinds."""
    shop.sim.seed(project="big", applications=60)
    services = query("big/production")[0]["services"]
    names = [row["name"] for row in services]
    assert [row["path"] for row in services] == [f"big/production/{name}" for name in names]
    shop.sim.reset_stats()
    terms = [f"big/production/{name}:name" for name in names] + ["shop/production/postgres:name"]
    assert query(*terms) == [*names, "postgres"]
    assert shop.sim.stats()["http"] == 4


def test_secrets_are_returned_on_request_only(shop: Host, query: Query) -> None:
    terms = ["shop", "shop/production", "shop/production/web", "shop/production/postgres", "shop/production/forum"]
    assert "s3cret" not in json.dumps(query(*terms))
    web, database = query("shop/production/web", "shop/production/postgres", include_secrets=True)
    assert (web["env"], web["docker"]["password"]) == ({"TOKEN": TOKEN, "MODE": "live"}, PASSWORD)
    assert "s3cretpassword" in database["internal_url"]
    assert query("shop/production/web:env.TOKEN", include_secrets=True) == [TOKEN]
    for field in ("web:env.TOKEN", "web:env", "web:docker.password", "postgres:internal_url", "postgres:password"):
        with pytest.raises(AnsibleError) as caught:
            query("shop/production/" + field, default="")
        assert str(caught.value) == (
            f"'shop/production/{field}': this is a secret. Set include_secrets to true if the value is needed."
        )


def test_ansible_gets_to_know_the_key_and_what_is_revealed(
    shop: Host, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From ansible-core 2.22 on it redacts these in the output of the run; values of variables are not among them."""
    registered: list[str] = []
    monkeypatch.setattr(registration, "register_secrets", registered.extend)
    query("shop/production/web")
    assert registered == [shop.sim.key]
    query("shop/production/web:env", "shop/production/postgres", include_secrets=True)
    assert {PASSWORD, "s3cretpassword"} <= set(registered) and TOKEN not in registered


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("shp", "'shp': no project is named 'shp'. Did you mean: 'shop'?"),
        ("shop/prod", "'shop/prod': no environment is named 'prod' in shop. There are: 'production'."),
        ("shop/production/wbe", "no service is named 'wbe' in shop/production. Did you mean: 'web'?"),
        ("database://shop/production/web", "no database is named 'web' in shop/production. There are:"),
        ("application://nothing", "'application://nothing': there is no application with this ID"),
        ("registry://acme", "'registry://acme': no registry is named 'acme'. There is none at all."),
        ("shop\\/x", "'shop\\/x': no project is named 'shop/x'. Did you mean: 'shop'?"),
        ("shop/production/web:domains.1", "domains has no '1'"),
        ("shop/production/web:docker.imag", "docker has no 'imag'. Did you mean: 'image'?"),
        ("shop/production/web:git.url", "the application has no 'git.url'"),
        ("shop:environments.0.nme", "environments.0 has no 'nme'. Did you mean: 'name'?"),
    ],
)
def test_what_is_not_there(shop: Host, query: Query, term: str, message: str) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        query(term)
    assert message in str(caught.value)
    for default in ("x", None, [], {"a": 1}):
        assert query(term, default=default) == [default]
    assert query("shop:name", term, default="x") == ["shop", "x"]


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("", "names nothing"),
        ("shop/", "names nothing"),
        ("registry://", "names nothing"),
        ("//web", "'//web': the name of the project is empty"),
        ("application:///production/web", "the name of the project is empty"),
        ("shop/production/web/1", "a path has at most a project, an environment and a service"),
        ("shop:", "a colon separates a field from the path"),
        ("registries://acme", "there is no kind 'registries'. Did you mean: 'registry'?"),
        ("application://shop/web", "an application is application://PROJECT/ENVIRONMENT/APPLICATION"),
        (["shop"], "a term is text, such as shop/production/web, not a list. A * before a list makes its items terms."),
        (5, "a term is text, such as shop/production/web, not a number"),
        ("shop/production/web:domain", "an application has no field 'domain'. Did you mean: 'domains'"),
        ("shop/production/same", "2 services are named 'same' in shop/production: application "),
    ],
)
def test_errors_that_no_default_replaces(shop: Host, query: Query, term: Any, message: str) -> None:
    with pytest.raises(AnsibleError) as caught:
        query(term, default="x")
    assert message in str(caught.value)
    assert not isinstance(caught.value, AnsibleLookupError)


def test_an_unknown_option_is_an_error(query: Query) -> None:
    with pytest.raises(AnsibleError) as caught:
        query("shop", defualt="x", dokploy_url="http://127.0.0.1:1")
    assert str(caught.value) == "there is no option 'defualt'. Did you mean: 'default'?"


def test_the_keyword_with(shop: Host, query: Query) -> None:
    """ansible-core 2.18 passes an argument of templates on."""
    assert query("shop:name", wantlist=True) == ["shop"]


def test_failed_requests_are_errors(shop: Host, query: Query) -> None:
    with pytest.raises(AnsibleError) as caught:
        query("shop", dokploy_api_key="s3cret-wrong-key", default="x")
    assert "dokploy_api_key" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_no_terms_need_no_server(query: Query) -> None:
    assert query(dokploy_url="http://127.0.0.1:1") == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin: hosts, groups, variables, names, the cache, and the number of requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.inventory.dokploy import EXAMPLES, InventoryModule
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.user import OPERATION as USER
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.plugin_utils._inventory.hosts import (
    DIMENSIONS,
    HOST_VARIABLES,
    KINDS,
)
from dokploy_simulator import Simulator
from tests.support.builders import PRIVATE_KEY, SERVER
from tests.support.host import Host

try:
    from ansible.template import trust_as_template as template
except ImportError:
    # Before ansible-core 2.19 every text may be one.
    template = str

GIT = {"url": "https://git.example.com/acme/shop.git", "branch": "main"}
LOGIN = {"database": "shop", "user": "shop", "password": "s3cretpassword"}
DEFAULTS: dict[str, Any] = {
    **{name: spec.get("default") for name, spec in CONNECTION.items()},
    "filters": {},
    "group_by": list(DIMENSIONS),
    "group_prefix": "dokploy",
    "hostvars_prefix": "dokploy_",
    "hostname": None,
    "strict": False,
    "compose": {},
    "groups": {},
    "keyed_groups": [],
    "cache": False,
    "use_extra_vars": False,
    "leading_separator": True,
}


def trusted(value: Any) -> Any:
    """Options as a file has them, whose texts may be templates."""
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return template(value) if isinstance(value, str) else value


class Inventory:
    """One run of the plugin."""

    def __init__(
        self,
        host: Host,
        cache: dict[str, Any],
        options: dict[str, Any],
        read_cache: bool,
        data: InventoryData | None = None,
    ) -> None:
        self.warnings: list[str] = []
        self.data = data or InventoryData()
        plugin = InventoryModule()
        plugin.ansible_name = plugin._load_name = InventoryModule.NAME
        plugin._read_config_data = lambda path: options
        plugin._options = DEFAULTS
        stated = {**DEFAULTS, **host.connection, **trusted(options)}
        plugin.get_option = lambda name, hostvars=None: stated[name]
        plugin.display = self
        plugin._cache = cache
        plugin.parse(self.data, DataLoader(), "dokploy.yml", cache=read_cache)

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        return {name: one.get_vars() for name, one in self.data.hosts.items()}

    def groups(self, name: str) -> set[str]:
        """The groups of a host, without those that all hosts are in."""
        return {group.name for group in self.data.hosts[name].get_groups()} - {"all", "dokploy"}


Read = Callable[..., Inventory]


@pytest.fixture
def read(host: Host) -> Read:
    cache: dict[str, Any] = {}
    return lambda read_cache=True, data=None, **options: Inventory(host, cache, options, read_cache, data)


@pytest.fixture
def shop(host: Host) -> Host:
    """A project with a tag and a service of every kind, one of them on a server, with secrets wherever they can be."""
    host.call("sshKey.create", name="deploy", privateKey=PRIVATE_KEY, publicKey="ssh-ed25519 A", organizationId="")
    ssh_key = host.read("sshKey.all")[0]["sshKeyId"]
    host.call(
        "server.create", **{**SERVER, "name": "worker-1", "serverType": "deploy", "sshKeyId": ssh_key, "port": 2222}
    )
    host.call("tag.create", name="critical", color="#ff0000")
    host.ok(PROJECT, name="my shop", tags=["critical"], env={"A": "s3cret-shared"})
    host.ok(
        APPLICATION,
        project="my shop",
        name="web",
        server="worker-1",
        docker={"image": "nginx:1", "username": "shop", "password": "s3cret-docker"},
        env={"TOKEN": "s3cret-token"},
        build_args={"TOKEN": "s3cret-argument"},
        domains=[{"host": "shop.example.com", "https": True, "path": "/en"}],
        mounts=[{"type": "file", "path": "/k", "file_path": "k", "content": "s3cret-file"}],
        basic_auth=[{"username": "staff", "password": "s3cret-auth"}],
        webhook_token="s3cret-webhook",
    )
    services = {"db": {"image": "postgres:17", "environment": {"P": "s3cret-inline"}}, "web": {"image": "forum:1"}}
    host.ok(
        COMPOSE,
        project="my shop",
        name="forum",
        raw={"definition": {"services": services}},
        env={"TOKEN": "s3cret-stack"},
        domains=[{"host": "forum.example.com", "service": "web", "port": 80}],
    )
    host.ok(DATABASE, project="my shop", name="db", type="postgres", external_port=15432, **LOGIN)
    host.ok(DATABASE, project="my shop", name="cache", type="redis", password="s3cretredis")
    host.sim.reset_stats()
    return host


NAMES = ["forum.db", "forum.web", "cache", "db", "web"]
HOSTS = {*("my-shop.production." + name for name in NAMES), "worker-1"}


def test_hosts_and_their_variables(shop: Host, read: Read) -> None:
    found = read()
    assert set(found.hosts) == HOSTS and found.warnings == []
    web = found.hosts["my-shop.production.web"]
    assert (
        web.items()
        >= {
            "dokploy_kind": "application",
            "dokploy_project": "my shop",
            "dokploy_environment": "production",
            "dokploy_name": "web",
            "dokploy_image": "nginx:1",
            "dokploy_status": "idle",
            "dokploy_tags": ["critical"],
            "dokploy_server": "worker-1",
            "dokploy_server_address": "192.0.2.1",
            "dokploy_service": None,
            "dokploy_urls": ["https://shop.example.com/en"],
        }.items()
    )
    assert "ansible_host" not in web
    assert web["dokploy_domains"][0]["host"] == "shop.example.com"
    database = found.hosts["my-shop.production.db"]
    assert (
        database.items()
        >= {
            "dokploy_kind": "database",
            "dokploy_type": "postgres",
            "dokploy_internal_host": database["dokploy_app_name"],
            "dokploy_internal_port": 5432,
            "dokploy_external_port": 15432,
            "dokploy_database": "shop",
            "dokploy_server": None,
        }.items()
    )
    forum, inner = (found.hosts[f"my-shop.production.forum.{name}"] for name in ("web", "db"))
    assert (forum["dokploy_name"], forum["dokploy_service"], inner["dokploy_service"]) == ("forum", "web", "db")
    assert (forum["dokploy_urls"], inner["dokploy_urls"]) == (["http://forum.example.com/"], [])
    server = found.hosts["worker-1"]
    assert (server["ansible_host"], server["ansible_port"], server["ansible_user"]) == ("192.0.2.1", 2222, "root")
    assert (server["dokploy_type"], server["dokploy_in_use"], server["dokploy_project"]) == ("deploy", True, None)


def test_the_address_of_the_own_host(shop: Host, read: Read) -> None:
    shop.call("settings.updateServerIp", serverIp="192.0.2.9")
    assert read().hosts["my-shop.production.db"]["dokploy_server_address"] == "192.0.2.9"


def test_groups(shop: Host, read: Read) -> None:
    found = read()
    common = {"dokploy_project_my_shop", "dokploy_environment_production", "dokploy_tag_critical"}
    assert found.groups("my-shop.production.web") == {
        *common,
        *("dokploy_kind_application", "dokploy_status_idle", "dokploy_server_worker_1"),
    }
    assert found.groups("my-shop.production.cache") == {
        *common,
        *("dokploy_kind_database", "dokploy_kind_redis", "dokploy_status_idle"),
    }
    assert found.groups("worker-1") == {"dokploy_kind_server", "dokploy_status_active", "dokploy_server_worker_1"}
    assert {one.name for one in found.data.groups["dokploy"].get_hosts()} == HOSTS
    kinds = {one.name for one in found.data.groups["dokploy_kind_database"].child_groups}
    assert kinds == {"dokploy_kind_postgres", "dokploy_kind_redis"}


def test_groups_without_hosts(host: Host, read: Read) -> None:
    """A play for failed applications is no warning where none has failed."""
    found = read()
    assert found.hosts == {} and found.data.groups.keys() >= {
        "dokploy",
        "dokploy_kind_database",
        "dokploy_status_error",
    }
    assert set(read(group_by=["tag"]).data.groups) == {"all", "ungrouped", "dokploy"}


def test_other_groups(shop: Host, read: Read) -> None:
    found = read(group_by=["kind"], group_prefix="paas", hostvars_prefix="paas_")
    assert found.groups("my-shop.production.web") == {"paas", "paas_kind_application"}
    assert found.hosts["my-shop.production.web"]["paas_image"] == "nginx:1"
    assert found.hosts["my-shop.production.web"]["paas_path"] == "my shop/production/web"
    assert read(group_by=[]).groups("my-shop.production.web") == set()


def test_constructed(shop: Host, read: Read) -> None:
    found = read(
        compose={"ansible_host": "dokploy_server_address", "where": "dokploy_project ~ '/' ~ dokploy_name"},
        groups={"public": "dokploy_urls | default([]) | length > 0"},
        keyed_groups=[{"key": "dokploy_image", "prefix": "image"}],
    )
    web = found.hosts["my-shop.production.web"]
    assert (web["ansible_host"], web["where"]) == ("192.0.2.1", "my shop/web")
    assert found.groups("my-shop.production.web") >= {"public", "image_nginx_1"}
    assert "public" not in found.groups("worker-1")
    with pytest.raises(AnsibleError):
        read(compose={"x": "nowhere + 1"}, strict=True)


def test_the_example_of_groups(shop: Host, read: Read) -> None:
    example = list(yaml.safe_load_all(EXAMPLES))[-1]
    found = read(**{name: value for name, value in example.items() if name != "plugin"})
    assert {host.vars["dokploy_name"] for host in found.data.groups["has_domain"].get_hosts()} == {"forum", "web"}
    assert "image_nginx_1" in found.data.groups


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"project": "my shop"}, HOSTS - {"worker-1"}),
        ({"project": "my*", "kind": "application"}, {"my-shop.production.web"}),
        ({"project": "other"}, set()),
        ({"environment": ["staging", "production"], "kind": ["redis"]}, {"my-shop.production.cache"}),
        ({"kind": "database"}, {"my-shop.production.db", "my-shop.production.cache"}),
        ({"kind": ["database", "!redis"]}, {"my-shop.production.db"}),
        ({"kind": ["!database", "!compose"]}, {"my-shop.production.web", "worker-1"}),
        ({"tag": "critical", "kind": "compose"}, {"my-shop.production.forum.web", "my-shop.production.forum.db"}),
        ({"tag": "!critical"}, {"worker-1"}),
        ({"server": "worker-*"}, {"my-shop.production.web", "worker-1"}),
        ({"status": "active"}, {"worker-1"}),
        ({"status": "Idle"}, set()),
        ({"status": []}, HOSTS),
        ({"path": ["my shop/*/web", "worker-1"]}, {"my-shop.production.web", "worker-1"}),
    ],
)
def test_filters(shop: Host, read: Read, filters: dict[str, Any], left: set[str]) -> None:
    assert set(read(filters=filters).hosts) == left


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"projects": "x"}, "filters: there is no filter 'projects'. Did you mean: 'project'?"),
        ({"project": 5}, "filters.project must be a name, a pattern or a list of these"),
        ({"project": [5]}, "filters.project must be a name, a pattern or a list of these"),
        ({"kind": "applicaton"}, "filters.kind: there is no kind 'applicaton'. Did you mean: 'application'?"),
        ({"kind": ["compose", "!Postgres"]}, "filters.kind: there is no kind '!Postgres'. Did you mean: 'postgres'?"),
        (["project"], "filters must be a mapping such as {project: shop}, not a list"),
    ],
)
def test_bad_filters(host: Host, read: Read, filters: Any, message: str) -> None:
    with pytest.raises(AnsibleError) as caught:
        read(filters=filters)
    assert message in str(caught.value)
    assert host.sim.calls() == []


def test_an_option_that_does_not_exist(host: Host, read: Read) -> None:
    """Without the filter that it stands for, a play would run for all hosts."""
    with pytest.raises(AnsibleError) as caught:
        read(filter={"project": "shop"})
    assert str(caught.value) == "there is no option 'filter'. Did you mean: 'filters'?"
    assert host.sim.calls() == []


def test_filters_may_be_templates(shop: Host, read: Read) -> None:
    assert set(read(filters={"project": "{{ 'no ' }}*"}).hosts) == set()
    assert set(read(filters={"kind": ["{{ 'ser' ~ 'ver' }}"]}).hosts) == {"worker-1"}
    with pytest.raises(AnsibleError, match="nowhere"):
        read(filters={"project": "{{ nowhere }}"})


def test_the_number_of_requests(shop: Host, read: Read) -> None:
    """One for the tree and the servers, and one for each hundred services that the filters leave."""
    read()
    assert shop.sim.stats()["http"] == 2
    shop.sim.seed(project="big", applications=230)
    shop.sim.reset_stats()
    assert len(read().hosts) == 236
    assert shop.sim.stats()["http"] == 4
    shop.sim.reset_stats()
    assert len(read(filters={"project": "big", "kind": "database"}).hosts) == 0
    assert shop.sim.stats()["http"] == 1, "what the filters leave out is not read"


def test_no_secret_is_in_it(shop: Host, read: Read) -> None:
    assert "s3cret" in json.dumps(shop.read("project.all")) + json.dumps(shop.read("registry.all"))
    shop.ok(APPLICATION, project="my shop", name="web", description="see https://me:s3cret-x@example.com/")
    hosts = read().hosts
    assert "s3cret" not in json.dumps(hosts)
    assert hosts["my-shop.production.web"]["dokploy_description"] == "see https://********@example.com/"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind or kind.name)
def test_only_options_without_secrets_are_variables(kind: Any) -> None:
    """Each name is an option or a fact of the description, of one kind of databases at least."""
    fields = {".".join(path): field for path, field, _group in kind.fields()}
    children = {child.option: child for child in kind.children}
    facts = {name for name, _key in kind.reading.facts} | ({"type"} if kind.kind else set())
    selected = {group.selects[0].name for _path, _field, group in kind.fields() if group and group.selects}
    for name in HOST_VARIABLES[kind.name]:
        if name in children:
            assert not any(field.secret for field in children[name].fields)
        elif name in fields:
            assert not fields[name].secret
        else:
            assert name in facts | selected or (kind.kind and name in ("image", "database", "user", "app_name")), name


def test_texts_of_the_server_are_no_templates(shop: Host, read: Read) -> None:
    text = "{{ lookup('ansible.builtin.pipe', 'echo evaluated') }}"
    shop.ok(APPLICATION, project="my shop", name="web", description=text)
    found = read(compose={"copy": "dokploy_description"}, hostname="{{ dokploy_name }}.{{ dokploy_description }}")
    (name,) = (name for name in found.hosts if name.startswith("web.-lookup"))
    variables = found.hosts[name]
    templar = Templar(loader=DataLoader(), variables=variables)
    for variable in ("dokploy_description", "copy"):
        assert templar.template(template("{{ %s }}" % variable)) == text
        assert templar.template(variables[variable]) == text


def test_host_names(shop: Host, read: Read) -> None:
    assert set(read(hostname="{{ dokploy_kind }}-{{ dokploy_name }}", filters={"kind": "application"}).hosts) == {
        "application-web"
    }
    # It fails for servers, and is empty for services on the own host.
    template = "{{ dokploy_app_name[:3] ~ dokploy_image | replace('postgres', '') }}"
    names = set(read(hostname=template, filters={"kind": ["server", "application"]}).hosts)
    assert "worker-1" in names and len(names) == 2
    assert set(read(hostname="{{ 1 / 0 }}").hosts) == HOSTS
    with pytest.raises(AnsibleParserError) as caught:
        read(hostname=template, strict=True)
    assert "hostname failed for " in str(caught.value)


def test_names_that_no_host_can_have(host: Host, read: Read) -> None:
    host.ok(PROJECT, name="größe: a, b!")
    for name in ("***", "x y"):
        host.ok(APPLICATION, project="größe: a, b!", name=name)
    assert set(read().hosts) == {"größe-a-b.production", "größe-a-b.production.x-y"}


def test_no_two_resources_are_one_host(shop: Host, read: Read) -> None:
    """Names are not unique in Dokploy, and a template can give the same name twice, too."""
    shop.call("server.create", **{**SERVER, "name": "localhost", "serverType": "deploy", "sshKeyId": None})
    environment = shop.read("project.all")[0]["environments"][0]["environmentId"]
    shop.call("application.create", name="web", environmentId=environment)
    found = read()
    assert len(found.hosts) == 8 and "localhost" not in found.hosts
    ids = {one["dokploy_id"] for name, one in found.hosts.items() if name.startswith("my-shop.production.web.")}
    assert len(ids) == 2
    (warning,) = found.warnings
    assert warning.endswith("that are reserved: localhost, my-shop.production.web")
    assert len(read(hostname="same").hosts) == 8


def test_no_host_is_named_like_a_group(host: Host, read: Read) -> None:
    """The pattern C(dokploy) would select all hosts."""
    for name in ("dokploy", "team"):
        host.call("server.create", **{**SERVER, "name": name, "serverType": "deploy", "sshKeyId": None})
    data = InventoryData()
    data.add_group("team")
    found = read(data=data)
    # An ID can begin and end with a hyphen, which no part of the name of a host does.
    named = {f"{one['dokploy_name']}.{one['dokploy_id'].strip('-')}" for one in found.hosts.values()}
    assert set(found.hosts) == named
    assert found.warnings[0].endswith(": dokploy, team")


def test_two_files(shop: Host, read: Read) -> None:
    """The resources of one server are the same hosts in both, those of two servers are not."""
    first = read()
    again = read(data=first.data, group_prefix="other")
    assert set(again.hosts) == HOSTS and again.warnings == []
    assert "other_kind_application" in again.groups("my-shop.production.web")
    with Simulator() as sim:
        second = Host(sim)
        second.ok(PROJECT, name="my shop")
        second.ok(APPLICATION, project="my shop", name="web")
        both = Inventory(second, {}, {}, True, first.data)
    assert both.hosts["my-shop.production.web"] == first.hosts["my-shop.production.web"]
    (name,) = set(both.hosts) - HOSTS
    assert name == "my-shop.production.web." + both.hosts[name]["dokploy_id"]
    assert both.warnings[0].endswith(": my-shop.production.web")


def test_a_stack_from_a_repository(shop: Host, read: Read) -> None:
    shop.sim.reset_stats()
    shop.ok(COMPOSE, project="my shop", name="blog", git=GIT)
    shop.sim.reset_stats()
    blog = {name: one for name, one in read().hosts.items() if ".blog" in name}
    assert {name: one["dokploy_service"] for name, one in blog.items()} == {"my-shop.production.blog": None}
    assert shop.sim.stats()["http"] == 3
    shop.call("compose.deploy", composeId=blog["my-shop.production.blog"]["dokploy_id"])
    shop.sim.settle()
    blog = {name: one for name, one in read().hosts.items() if ".blog" in name}
    assert blog and all(one["dokploy_service"] == name.rpartition(".")[2] for name, one in blog.items())


def test_a_server_that_does_not_answer(shop: Host, read: Read) -> None:
    """Dokploy reads the Compose file over SSH, so that one server would keep all others out of the inventory."""
    shop.ok(COMPOSE, project="my shop", name="blog", git=GIT)
    shop.sim.fault("reset_before", "compose.loadServices", times=-1)
    found = read()
    assert set(found.hosts) == HOSTS | {"my-shop.production.blog"}
    (warning,) = found.warnings
    assert warning.startswith("The services of Compose stacks from repositories are not known: ")


def test_a_key_that_may_not_list_the_servers(shop: Host, read: Read) -> None:
    (project,) = shop.read("project.all")
    (environment,) = project["environments"]
    (web,) = environment["applications"]
    shop.sim.act(member="member@example.com", key="key-of-member")
    shop.new_task()
    shop.ok(
        USER,
        email="member@example.com",
        projects=["my shop"],
        environments=[environment["environmentId"]],
        services=[web["applicationId"]],
    )
    shop.connection["dokploy_api_key"] = "key-of-member"
    ((name, variables),) = read().hosts.items()
    assert name == "my-shop.production.web"
    server = variables["dokploy_server"]
    assert server and server != "worker-1" and variables["dokploy_server_address"] is None


def test_a_refused_key(shop: Host, read: Read) -> None:
    shop.connection["dokploy_api_key"] = "s3cret-wrong"
    with pytest.raises(AnsibleError) as caught:
        read()
    assert "dokploy_api_key" in str(caught.value) and "s3cret" not in str(caught.value)


def test_an_older_release(host: Host, read: Read) -> None:
    """It has no tags, and not the query for the settings."""
    host.sim.config(version="0.25.0")
    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, project="shop", name="web")
    host.ok(DATABASE, project="shop", name="db", type="postgres", **LOGIN)
    assert set(read().hosts) == {"shop.production.web", "shop.production.db"}


def test_the_cache(shop: Host, read: Read) -> None:
    first = read(cache=True)
    assert shop.sim.calls() != []
    shop.sim.reset_stats()
    again = read(cache=True)
    assert shop.sim.calls() == []
    assert again.hosts == first.hosts and again.groups("worker-1") == first.groups("worker-1")
    assert read(cache=True, hostname="x-{{ dokploy_name }}").hosts and shop.sim.calls() == [], "names are not cached"
    shop.ok(APPLICATION, project="my shop", name="new")
    assert set(read(cache=True).hosts) == HOSTS
    assert set(read(False, cache=True).hosts) == HOSTS | {"my-shop.production.new"}, "the cache is refreshed"
    assert set(read(cache=True).hosts) == HOSTS | {"my-shop.production.new"}
    shop.sim.reset_stats()
    assert set(read(cache=True, filters={"kind": "server"}).hosts) == {"worker-1"}, "other filters read again"
    assert shop.sim.calls() != []


def test_the_cache_of_another_key_is_not_used(shop: Host, read: Read) -> None:
    """It may be of another organization of the same server."""
    read(cache=True)
    with pytest.raises(AnsibleError, match="dokploy_api_key"):
        read(cache=True, dokploy_api_key="another-key-of-the-server")


def test_the_cache_of_another_release_is_not_used(shop: Host, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    read(cache=True)
    monkeypatch.setitem(HOST_VARIABLES, "server", (*HOST_VARIABLES["server"], "ssh_key"))
    assert "dokploy_ssh_key" in read(cache=True).hosts["worker-1"]


def test_nothing_is_cached_if_not_wanted(shop: Host, read: Read) -> None:
    for _run in range(2):
        shop.sim.reset_stats()
        read()
        assert shop.sim.calls() != []


def test_the_cache_holds_json_without_secrets(shop: Host) -> None:
    cache: dict[str, Any] = {}
    Inventory(shop, cache, {"cache": True}, read_cache=True)
    kept = list(cache.values())
    assert len(kept) == 1 and json.loads(json.dumps(kept)) == kept
    assert "s3cret" not in json.dumps(kept) and shop.sim.key not in json.dumps(kept)


def test_connection_options_may_be_templates(shop: Host, read: Read) -> None:
    parts = shop.connection.pop("dokploy_api_key").partition("a")
    assert set(read(dokploy_api_key="{{ %r | join }}" % (parts,)).hosts) == HOSTS


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("dokploy.yml", True),
        ("shop.dokploy.yaml", True),
        ("dokploy.json", False),
        ("dokploy.yml.bak", False),
        ("missing.dokploy.yml", False),
    ],
)
def test_files(tmp_path: Path, name: str, valid: bool) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_text("plugin: community.dokploy.dokploy\n")
    assert InventoryModule().verify_file(str(tmp_path / name)) is valid

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a document is said at once, each with its place, before anything is written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import Document
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import DOCUMENT
from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import reference
from tests.support.effort import example_count, slow
from tests.support.host import Host, judged
from tests.support.strategies.resource_params import SECRET_MARK

HERE = "projects[shop].environments[production]"
WEB, DB, COMPOSE = f"{HERE}.applications[web]", f"{HERE}.databases[db]", f"{HERE}.compose[c]"
DATABASE = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": SECRET_MARK}
IMAGE = {"docker": {"image": "nginx"}}
STACK = {"name": "c", "raw": {"content": "services: {w: {image: n}}"}}


def services(*applications: dict[str, Any], databases: Any = (), **more: Any) -> dict[str, Any]:
    """A document with one environment."""
    environment = {"name": "production", "applications": list(applications), "databases": list(databases), **more}
    return {"projects": [{"name": "shop", "environments": [environment]}]}


def web(**options: Any) -> dict[str, Any]:
    return services({"name": "web", **options})


def taking(option: str, text: str, value: Any = None) -> dict[str, Any]:
    """An application of which an option is a reference, beside a database."""
    return services({"name": "web", option: value or reference(text)}, databases=[DATABASE])


def raw(**options: Any) -> dict[str, Any]:
    """A Compose stack beside a database."""
    return services(databases=[DATABASE], compose=[{"name": "c", "raw": options}])


def database(**options: Any) -> dict[str, Any]:
    return services(databases=[{**DATABASE, **options}])


# Documents with mistakes that no request is needed for, and what is said of each.
PURE: list[tuple[dict[str, Any], list[str]]] = [
    # Unknown keys, with the near name, at each level.
    ({"registires": []}, ["registires is unknown. Did you mean: 'registries'?"]),
    ({"projects": [{"name": "shop", "enviroments": []}]}, ["projects[shop].enviroments is unknown. Did you mean"]),
    (
        {"projects": [{"name": "shop", "environments": [{"name": "production", "aplications": []}]}]},
        [f"{HERE}.aplications is unknown. Did you mean: 'applications'"],
    ),
    (web(domians=[]), [f"{WEB}.domians is unknown. Did you mean: 'domains'?"]),
    (web(domains=[{"host": "a.example.com", "prot": 80}]), [f"{WEB}.domains[0].prot is unknown. Did you mean: 'port'"]),
    ({"users": [{"email": "a@example.com", "name": "x"}]}, ["users[x].name is unknown. There are: 'email'"]),
    ({"settings": {"log_clean": {}}}, ["settings.log_clean is unknown. Did you mean: 'log_cleanup'"]),
    # Wrong types at each level; a list in place of a mapping, and the reverse.
    ({"projects": {"name": "shop"}}, ["projects is a mapping; it takes a list of mappings"]),
    ({"projects": ["shop"]}, ["projects[0] is text; it takes a mapping"]),
    ({"settings": ["x"]}, ["settings is a list; it takes a mapping"]),
    (
        {"projects": [{"name": "shop", "environments": {"name": "production"}}]},
        ["projects[shop].environments is a mapping; it takes a list of mappings"],
    ),
    (web(domains={"host": "a"}), [f"{WEB}.domains is a mapping; it takes a list of mappings"]),
    (web(docker=["nginx"]), [f"{WEB}.docker is a list; it takes a mapping"]),
    (web(replicas="two"), [f"{WEB}.replicas is text; it takes a whole number"]),
    # Where there is a reason for there being no other choice, no choice is meant.
    (
        web(mode={"type": "replicated-job"}),
        [
            f"{WEB}.mode.type is 'replicated-job'. It must be one of 'replicated'",
            "An application with runs=once runs to",
        ],
    ),
    (web(replicas=2**80), [f"{WEB}.replicas is out of range"]),
    (web(auto_deploy="perhaps"), [f"{WEB}.auto_deploy is text; it takes true or false"]),
    (web(args={"a": 1}), [f"{WEB}.args is a mapping; it takes a list"]),
    (web(env=["A=1"]), [f"{WEB}: env: it must be a mapping"]),
    (services({"name": ["web"]}), [f"{HERE}.applications[0].name is a list; it takes text"]),
    # What is missing, and what there is twice.
    (services({"replicas": 1}), [f"one of the following is required: {HERE}.applications[0].name"]),
    (services(databases=[{"name": "db"}]), [f"missing required arguments: {DB}.type"]),
    ({"projects": [{"name": ""}]}, ["projects[0]: name must not be empty"]),
    ({"projects": [{"name": "a"}, {"name": "a"}]}, ["projects[0] and projects[1] name the same project 'a'"]),
    (
        services(databases=[DATABASE, DATABASE]),
        [f"{HERE}.databases[0] and {HERE}.databases[1] name the same database 'db'"],
    ),
    (
        services({"name": "web", "application_id": "x"}, {"name": "api", "application_id": "x"}),
        [f"{WEB} and {HERE}.applications[api] name the same application 'x'"],
    ),
    (web(domains=[{"host": "a.example.com"}] * 2), [f"{WEB}: domains: entries 0 and 1 are both for host"]),
    (web(ports=[{"published_port": 80, "target_port": 1}] * 2), [f"{WEB}: ports: entries 0 and 1 are both for"]),
    (
        services(
            {"name": "web", "domains": [{"host": "a.example.com"}]},
            compose=[{**STACK, "domains": [{"host": "a.example.com", "service": "w"}]}],
        ),
        [f"{WEB}.domains[0] and {HERE}.compose[c].domains[0] are both for host 'a.example.com'"],
    ),
    # Options that exclude each other, or are those of another kind; values that do not exist.
    (web(**IMAGE, git={"url": "https://a/b", "branch": "m"}), [f"{WEB}.git and {WEB}.docker are mutually exclusive"]),
    ({"git_providers": [{"name": "g", "gitlab": {}, "gitea": {}}]}, ["git_providers[g].g", "are mutually exclusive"]),
    (database(replica_sets=True), [f"{DB}: replica_sets is not supported with type=postgres"]),
    (database(type="redis"), [f"{DB}: database and user are not supported with type=redis"]),
    (database(type="oracle"), [f"{DB}.type is 'oracle'. It must be one of 'postgres'"]),
    (web(state="restarted"), [f"{WEB}.state is 'restarted'. Did you mean: 'started'"]),
    ({"settings": {"state": "absent"}}, ["settings.state is 'absent'. Did you mean: 'present'?"]),
    (web(deploy="sometimes"), [f"{WEB}.deploy is 'sometimes'. It must be one of 'changed'"]),
    (web(http_check={"url": "x"}), [f"{WEB}: http_check.url must be an address"]),
    ({"version": 2}, ["version is '2'; this collection reads version 1"]),
    # What cannot be in a document.
    ({"api_keys": []}, ["api_keys cannot be in a document. ", "Use dokploy_api_key."]),
    ({"organizations": []}, ["organizations cannot be in a document. ", "Use dokploy_organization."]),
    ({"bootstrap": {}}, ["bootstrap cannot be in a document. ", "Use dokploy_bootstrap."]),
    # Characters that nothing can hold, and references where none can be.
    (web(description="a\0b"), [f"{WEB}.description contains a NUL character"]),
    (services({"name": "web\0"}), [f"{HERE}.applications[0].name contains a NUL character"]),
    (taking("replicas", "db:replicas"), [f"{WEB}.replicas is a reference; it takes a whole number"]),
    (taking("deploy", "db:status"), [f"{WEB}.deploy is a reference. It must be one of 'changed'"]),
    (taking("domains", "db:domains"), [f"{WEB}.domains is a reference; it takes a list of mappings"]),
    (services({"name": reference("db:app_name")}), [f"{HERE}.applications[0]: name cannot be a reference"]),
    (taking("revision", "db:app_name"), [f"{WEB}: revision cannot be a reference"]),
    (
        taking("http_check", "", {"url": f"http://{reference('db:app_name')}/"}),
        [f"{WEB}: http_check cannot be a reference"],
    ),
    (taking("env", "", {reference("db:id"): "x"}), [f"{WEB}.env contains a reference"]),
    (taking("env", "", {"A": reference("no path")}), [f"{WEB}.env contains a reference"]),
    (taking("memory_limit", "db:internal_host"), [f"{WEB}: memory_limit: "]),
    (raw(content="services: [" + reference("db:internal_host")), [f"{COMPOSE}: raw.content: it is not valid YAML"]),
]
# Those for which it has to be known what there is.
WITH_SERVER: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"git_providers": [{"name": "g", "github": {}}]},
        ["git_providers[g]: github: the API of Dokploy cannot create a provider", "in the web interface"],
    ),
    (
        {"registries": [{"name": "r", "url": "r.example.com"}]},
        ["registries[r]: username and password are needed to create a registry"],
    ),
    (web(registry="nowhere"), [f"{WEB}: registry: no registry is named 'nowhere'"]),
    (taking("env", "", {"A": reference("dbb:id")}), [f"{WEB}: reference: neither the document nor", "'dbb'"]),
    (taking("env", "", {"A": reference("db:hots")}), [f"{WEB}: reference: database shop/production/db has no 'hots'"]),
    (
        taking("env", "", {"A": reference("db:internal_hosts")}),
        ["has no 'internal_hosts'. Did you mean: 'internal_host'"],
    ),
    (taking("env", "", {"A": reference("db:host")}), ["Did you mean: 'internal_host'?"]),
    (taking("env", "", {"A": reference("db:xyz")}), ["There are: 'app_name', ", "'internal_url', ", "'user'."]),
    (
        services({"name": "web", "env": {"A": reference("api:url")}}, {"name": "api"}),
        [f"{WEB}: reference: 'url' of application shop/production/api is empty"],
    ),
    (taking("env", "", {"A": reference("db:id", "oracle")}), [f"{WEB}: reference: there is no kind 'oracle'"]),
    (taking("command", "db:password"), [f"{WEB}: command shows its value", "'password'", "is a secret"]),
    (taking("description", "db:internal_url"), [f"{WEB}: description shows its value", "is a secret"]),
    (
        raw(content=f"services: {{a: {{image: '{reference('db:password')}'}}}}"),
        [f"{COMPOSE}: raw.content shows its value", "is a secret"],
    ),
    (
        raw(definition={"services": {"a": {"image": reference("db:password")}}}),
        [f"{COMPOSE}: raw.definition shows its value", "is a secret"],
    ),
    (
        web(env={"A": reference("web:url")}),
        [f"{WEB}: reference: application shop/production/web can take of itself only app_name and application_id"],
    ),
    (
        services(
            {"name": "web", "env": {"A": reference("api:app_name")}},
            {"name": "api", "env": {"A": reference("web:app_name")}},
        ),
        [f"{WEB}: the references form a circle"],
    ),
]


def mistakes(host: Host, document: dict[str, Any], check: bool) -> list[str]:
    """What is said of a document; nothing was written."""
    host.new_task()
    host.sim.reset_stats()
    result = host.run(OPERATION, check=check, **document)
    assert (result["failed"], result["changed"], host.sim.calls("mutation")) == (True, False, [])
    assert SECRET_MARK not in repr(result)
    found: list[str] = result["mistakes"]
    assert all("\n" not in one for one in found)
    return found


def said(found: list[str], words: list[str]) -> bool:
    """Whether one sentence has all these words, in their order."""
    return any(re.search(".*".join(map(re.escape, words)), one) for one in found)


@pytest.mark.parametrize("case", PURE, ids=lambda case: ascii(case[1][0])[:80])
def test_what_no_server_has_to_tell(case: tuple[dict[str, Any], list[str]]) -> None:
    document, words = case
    found = Document(document).mistakes
    assert said(found, words), found
    assert SECRET_MARK not in repr(found)


@pytest.mark.parametrize("case", WITH_SERVER, ids=lambda case: ascii(case[1][0])[:80])
def test_what_the_server_tells(host: Host, case: tuple[dict[str, Any], list[str]]) -> None:
    document, words = case
    for check in (True, False):
        found = mistakes(host, document, check)
        assert said(found, words), found


def test_all_at_once(host: Host) -> None:
    """Those of each kind are in one message: keys and types, doubles, rules, values, references, names and owners.

    Nothing is said of what is wrong only because of another mistake.
    """
    assert not host.run(OPERATION, **services(), owner="other").get("failed")
    domains = [{"host": "a.example.com"}]
    applications = [
        # Beside a mistake of its own, what an entry refers to is looked up.
        {"name": "web", "domians": [], "replicas": "two", "registry": "nowhere", "env": {"A": reference("dbb:id")}},
        {"name": "both", **IMAGE, "git": {"url": "https://a/b", "branch": "m"}, "env": {"A": reference("dbc:id")}},
        {"name": "large", "memory_limit": "much", "server": "none", "domains": domains},
        {"name": "twice", "domains": domains},
        {"name": "lost", "registry": "gone"},
        {"name": "same"},
        {"name": "same"},
        # What has no name is nothing to the others.
        {"nmae": "x"},
        # These refer to entries with mistakes, which are there nevertheless.
        {"name": "follower", "registry": "hub", "env": {"A": reference("db:internal_url"), "B": reference("web:url")}},
    ]
    databases = [{**DATABASE, "type": "postgress"}, {"name": "typeless", "pasword": SECRET_MARK}]
    environments = [{"name": "production", "applications": applications, "databases": databases, "server": "none"}]
    wrong = {
        "version": 2,
        "registries": [{"name": "hub", "url": ["x"]}, {"nmae": "x"}],
        "projects": [{"name": "shop", "desciption": "", "environments": environments}],
        "owner": "own",
        "prune": ["registry", "nothing"],
    }
    expected = [
        ["version is '2'"],
        ["registries[hub].url is a list"],
        ["registries[1].nmae is unknown"],
        ["one of the following is required: registries[1].name"],
        ["projects[shop].desciption is unknown"],
        [f"{HERE}.server is unknown"],
        [f"{WEB}.domians is unknown"],
        [f"{WEB}.replicas is text"],
        [f"{HERE}.applications[both].git and {HERE}.applications[both].docker are mutually exclusive"],
        [f"{HERE}.applications[large]: memory_limit: "],
        [f"{HERE}.applications[large].domains[0] and {HERE}.applications[twice].domains[0] are both for"],
        [f"{HERE}.applications[5] and {HERE}.applications[6] name the same application 'same'"],
        [f"{HERE}.applications[7].nmae is unknown"],
        [f"one of the following is required: {HERE}.applications[7].name"],
        [f"{DB}.type is 'postgress'"],
        [f"{HERE}.databases[typeless].pasword is unknown"],
        [f"missing required arguments: {HERE}.databases[typeless].type"],
        ["prune: there is no kind 'nothing'"],
        ["projects[shop]: the project belongs to the owner 'other'"],
        [f"{WEB}: reference: neither the document nor", "'dbb'"],
        [f"{HERE}.applications[both]: reference: neither the document nor", "'dbc'"],
        [f"{WEB}: registry: no registry is named 'nowhere'"],
        [f"{HERE}.applications[large]: server: "],
        [f"{HERE}.applications[lost]: registry: no registry is named 'gone'"],
    ]
    found = mistakes(host, wrong, check=False)
    for words in expected:
        assert said(found, words), (words, found)
    assert len(found) == len(expected), "\n".join(found)


def test_what_needs_no_server_is_said_without_one(host: Host) -> None:
    host.sim.fault("status", procedure="project.all", status=401, times=9)
    found = mistakes(host, web(domians=[]), check=False)
    assert said(found, [f"{WEB}.domians is unknown"]) and len(found) == 1


def test_all_that_the_server_tells_at_once(host: Host) -> None:
    """References, names and owners; nothing is said of what is wrong only because of another mistake."""
    assert not host.run(OPERATION, **services(), owner="other").get("failed")
    follower = {"name": "follower", "env": {"A": reference("web:app_name")}}
    refers = {"A": reference("dbb:id") + reference("dbc:id"), "B": reference("db:id", "oracle")}
    wrong = services({"name": "web", "registry": "nowhere", "env": refers}, follower)
    found = mistakes(host, {**wrong, "owner": "own", "prune": ["registry"]}, check=True)
    for words in (
        ["projects[shop]: the project belongs to the owner 'other'"],
        [f"{WEB}: reference: neither the document nor", "'dbb'"],
        [f"{WEB}: reference: neither the document nor", "'dbc'"],
        [f"{WEB}: reference: there is no kind 'oracle'"],
        [f"{WEB}: registry: no registry is named 'nowhere'"],
    ):
        assert said(found, words), (words, found)
    assert len(found) == 5, found


@pytest.mark.parametrize("name", ["api_keys", "organizations", "bootstrap"])
def test_an_option_that_no_document_has(name: str) -> None:
    message = judged(OPERATION, {"dokploy_url": "http://localhost", name: []})
    assert isinstance(message, str) and message.startswith(f"{name} cannot be in a document. ")


def test_one_value_in_two_places() -> None:
    """As an anchor of YAML has it: what is converted in one place is as it was in the other."""
    config, domain = {"parallelism": "2"}, {"host": "a.example.com"}
    document = web(update_config=config, rollback_config=config, domains=[domain])
    assert Document(document).mistakes == []
    assert said(Document(web(domains=[domain, domain])).mistakes, [f"{WEB}: domains: entries 0 and 1 are both for"])
    assert (config, domain) == ({"parallelism": "2"}, {"host": "a.example.com"})


def test_options_of_the_only_kind_are_its_own() -> None:
    files = [{"path": "dynamic/a.yml", "content": "http: {}"}]
    assert Document({"settings": {"traefik": {"files": files}}}).mistakes == []


# --- anything at all -------------------------------------------------------------------------------------------------

_TEXTS = st.one_of(
    st.sampled_from(
        ["", "\0", "a\0b", "\ud800", "name", "postgres", "absent", reference("web:id"), reference("x"), reference("")]
    ),
    st.sampled_from(["\0facts of x\0id\0", "\\u0000reference\\u0000|\\u12:\\u0000", "{{ x }}", "1" * 5000]),
    st.text(max_size=4),
)
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), _TEXTS, st.sampled_from([10**400, -1, 2**63, 1e308])
)
_WORDS = sorted(
    {
        *DOCUMENT,
        *("name", "type", "environments", "applications", "databases", "compose", "env", "domains", "mounts", "docker"),
        *("git", "raw", "state", "slack", "registry", "http_check", "mode", "placement", "healthcheck", "project_id"),
    }
)
_KEYS = st.one_of(st.sampled_from(_WORDS), st.sampled_from([1, None, True, 1.5, "", "\0"]), st.text(max_size=3))
_ANYTHING = st.recursive(
    _SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4))
)
_ENTRIES = st.lists(
    st.dictionaries(st.sampled_from(["name", "type", *_WORDS]), _ANYTHING, max_size=4).map(
        lambda entry: {"name": "web", **entry}
    ),
    max_size=2,
)


@st.composite
def _anything(draw: st.DrawFn) -> dict[Any, Any]:
    """Anything, also in the places in which a document has entries."""
    document: dict[Any, Any] = draw(st.dictionaries(_KEYS, _ANYTHING, max_size=3))
    document.update(draw(st.dictionaries(st.sampled_from(sorted(DOCUMENT)), _ENTRIES, max_size=3)))
    inner = {name: draw(_ENTRIES) for name in ("applications", "databases", "compose")}
    if draw(st.booleans()):
        document["projects"] = [{"name": "shop", "environments": [{"name": "production", **inner}]}]
    return document


def _judge(host: Host, document: dict[Any, Any]) -> None:
    found = Document(document).mistakes
    assert all(isinstance(one, str) and len(one) < 4000 for one in found)
    sections = {name: document[name] for name in DOCUMENT if name in document}
    if not sections or isinstance(judged(OPERATION, {**host.connection, **sections}), str):
        return
    host.new_task()
    result = host.run(OPERATION, check=True, **sections)
    assert "Traceback" not in repr(result) and "exception" not in result
    assert not result.get("failed") or result["msg"]


@slow
def test_no_document_is_an_exception(host: Host) -> None:
    settings(
        max_examples=example_count(60, 2000),
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(_anything())(lambda document: _judge(host, document)))()


@pytest.mark.parametrize("opening", ["[", "{"])
def test_a_deep_document_is_a_mistake_or_read(opening: str) -> None:
    value: Any = "x"
    for _level in range(500):
        value = [value] if opening == "[" else {"a": value}
    for document in ({"projects": value}, web(env=value), web(replicas=value), {"projects": [value]}):
        assert said(Document(document).mistakes, ["projects has values more than 50 levels deep"])


def test_what_an_older_server_does_not_know_is_a_mistake_of_its_entry(sim: Simulator) -> None:
    """And of no other entry: not of a database whose port others could use, and not of what is new beside it."""
    sim.config(version="0.28.8")
    host = Host(sim)
    database = {"name": "db", "type": "postgres", "database": "a", "user": "a", "external_port": 5433}
    document = {
        "dns_providers": [{"name": "one"}, {"name": "two", "cloudflare": {"api_token": "t"}, "state": "absent"}],
        "git_providers": [
            {"name": "new", "gitea": {"url": "https://git.example.com", "client_id": "c", "client_secret": "s"}},
            {"name": "hub", "github": {}},
        ],
        "projects": [{"name": "shop", "environments": [{"name": "production", "databases": [database]}]}],
    }
    result = host.run(OPERATION, check=True, **document)
    host.close()
    too_old = "A DNS provider needs Dokploy 0.30.0 or newer, and this server does not know dnsProvider.all"
    assert [one for one in result["mistakes"] if "hub" not in one] == [
        f"dns_providers[one]: {too_old}",
        f"dns_providers[two]: {too_old}",
    ]
    assert len(result["mistakes"]) == 3

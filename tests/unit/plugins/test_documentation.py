# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation says what the code does: options against argument specs, return values against real results."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils import _errors
from ansible_collections.community.dokploy.plugins.module_utils._field import Field
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.environment import ENVIRONMENT
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._runner import Operation
from tests.simulator import Simulator
from tests.unit.plugins.helpers.docs import MODULES, ROOT, documentation, paths, seen, text, undocumented
from tests.unit.plugins.helpers.host import Host
from tests.unit.plugins.helpers.scenes import (  # noqa: F401 - they are found by their names
    run_application_action,
    run_preview_deployment,
    run_preview_deployment_info,
    run_traefik_config,
)

Options = Mapping[str, Any]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]


def operation(module: str) -> Operation:
    """What the module of this name runs."""
    found: Operation = importlib.import_module(
        "ansible_collections.community.dokploy.plugins.modules." + module
    ).__dict__["INFO_OPERATION" if module.endswith("_info") else "OPERATION"]
    return found


OPERATIONS = {module: operation(module) for module in MODULES}
RESOURCES: Mapping[str, Resource] = {"dokploy_%s" % one.name: one for one in (PROJECT, ENVIRONMENT, APPLICATION)}


def options(module: str) -> Options:
    found: Options = documentation()[module]["doc"]["options"]
    return found


def walk(described: Options, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every option and suboption with its dotted path."""
    for name, option in described.items():
        yield path + name, option
        yield from walk(option.get("suboptions") or {}, f"{path}{name}.")


# --- options ---------------------------------------------------------------------------------------------------------


def as_documented(spec: Options) -> dict[str, Any]:
    """An argument spec in the terms of the documentation."""
    return {
        name: {
            "type": one.get("type", "str"),
            "required": one.get("required", False),
            "default": one.get("default"),
            "choices": list(one.get("choices") or ()),
            "elements": one.get("elements"),
            "aliases": sorted(one.get("aliases") or ()),
            "suboptions": as_documented(one.get("options") or {}),
        }
        for name, one in spec.items()
    }


def as_spec(described: Options) -> dict[str, Any]:
    """Documented options, reduced to what an argument spec says."""
    return {
        name: {
            "type": one.get("type"),
            "required": one.get("required", False),
            "default": one.get("default"),
            "choices": list(one.get("choices") or ()),
            "elements": one.get("elements"),
            "aliases": sorted(one.get("aliases") or ()),
            "suboptions": as_spec(one.get("suboptions") or {}),
        }
        for name, one in described.items()
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_options_are_those_of_the_argument_spec(module: str) -> None:
    assert OPERATIONS[module].name == module
    assert as_spec(options(module)) == as_documented(OPERATIONS[module].argument_spec)


@pytest.mark.parametrize("module", MODULES)
def test_every_description_is_in_sentences(module: str) -> None:
    described = [*walk(options(module)), *walk_returns(module)]
    without = [path for path, one in described if not text(one).endswith((".", ":"))]
    assert not without


@pytest.mark.parametrize("module", MODULES)
def test_an_option_with_an_environment_variable_names_it(module: str) -> None:
    for name, one in OPERATIONS[module].argument_spec.items():
        if "fallback" in one:
            (variable,) = one["fallback"][1]
            assert f"E({variable})" in text(options(module)[name])


@pytest.mark.parametrize("module", MODULES)
def test_the_module_is_dated_and_says_how_it_behaves(module: str) -> None:
    doc = documentation()[module]["doc"]
    assert tuple(map(int, doc["version_added"].split("."))) <= tuple(map(int, VERSION.split(".")))
    attributes = doc["attributes"]
    assert attributes.keys() == {
        "action",
        "action_group",
        "async",
        "check_mode",
        "diff_mode",
        "idempotent",
    }
    assert attributes["action_group"]["membership"] == ["community.dokploy.dokploy"]
    for name, one in attributes.items():
        assert one["support"] == "full" or one.get("details") or (name, one["support"]) == ("diff_mode", "none")


@pytest.mark.parametrize("module", MODULES)
def test_see_also_leads_to_modules_that_exist(module: str) -> None:
    linked = {one["module"] for one in documentation()[module]["doc"]["seealso"] if "module" in one}
    assert linked
    assert linked <= {"community.dokploy." + name for name in MODULES} - {"community.dokploy." + module}


def fields(resource: Resource) -> Iterator[tuple[str, Field]]:
    """Every field of a resource and its children, with the dotted path of its option."""
    for path, field, _group in resource.fields():
        yield ".".join(path), field
    for child in resource.children:
        for field in child.fields:
            yield f"{child.option}.{field.name}", field


@pytest.mark.parametrize("module", RESOURCES)
def test_an_option_that_needs_a_newer_server_says_so(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in fields(RESOURCES[module]):
        words = text(described[path])
        if field.since is None:
            assert "Needs Dokploy" not in words, path
        else:
            assert "Needs Dokploy %d.%d.%d or newer." % field.since in words, path


@pytest.mark.parametrize("module", RESOURCES)
def test_a_secret_option_says_so(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in fields(RESOURCES[module]):
        assert ("secret" in text(described[path])) or not field.secret, path


@pytest.mark.parametrize("module", RESOURCES)
def test_an_option_that_clears_says_how(module: str) -> None:
    described = dict(walk(options(module)))
    silent = []
    for path, field in fields(RESOURCES[module]):
        kind = field.codec.type
        if kind in ("bool", "int") or field.choices or field.needed or field.key or field.limits:
            continue
        empty = {"str": 'V("")', "raw": 'V("")', "list": "V([])"}[kind]
        # Options for a second environment text refer to the first one.
        if empty not in text(described[path]) and "O(env)" not in text(described[path]):
            silent.append(path)
    # A server is for good, and without a version Railpack cannot be fetched.
    hard = ("server", "build.railpack_version")
    assert silent == [path for path, _field in fields(RESOURCES[module]) if path in hard]


def test_what_waits_for_a_deployment_says_so() -> None:
    described = options("dokploy_application")
    for option in APPLICATION.options:
        words = text(described[option.name])
        waits = not isinstance(option, Field) or not (option.api in APPLICATION.live or option.create_only)
        assert ("Changes need a deployment" in words) == waits, option.name
    for child in APPLICATION.children:
        words = text(described[child.option])
        assert ("Changes need a deployment" in words) == (not child.live), child.option
        assert ("Takes effect at once" in words) == child.live, child.option


# --- where else a module must be known -------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_the_module_is_in_the_action_group_and_has_an_action(module: str) -> None:
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    assert module in groups["dokploy"]
    action = importlib.import_module("ansible_collections.community.dokploy.plugins.action." + module)
    assert action.ActionModule.operation is OPERATIONS[module]


def test_the_guide_to_errors_lists_every_kind() -> None:
    guide = (ROOT / "docs/docsite/rst/errors.rst").read_text()
    rows = [line.removeprefix("   * - ``").removesuffix("``") for line in guide.splitlines() if "   * - ``" in line]
    kinds = {one.kind for one in vars(_errors).values() if isinstance(one, type) and hasattr(one, "kind")}
    assert set(rows) - {"error.kind"} == kinds


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text())["sections"]
    listed = [guide for section in sections for guide in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "docs/docsite/rst").glob("*.rst"))


# --- results ---------------------------------------------------------------------------------------------------------


def returns(module: str) -> Options:
    found: Options = documentation()[module]["return"]
    return found


def walk_returns(module: str) -> Iterator[tuple[str, Any]]:
    def inner(described: Options, path: str) -> Iterator[tuple[str, Any]]:
        for name, one in described.items():
            yield path + name, one
            yield from inner(one.get("contains") or {}, f"{path}{name}.")

    return inner(returns(module), "return ")


@pytest.mark.parametrize("module", MODULES)
def test_every_return_value_has_type_condition_and_sample(module: str) -> None:
    for path, one in walk_returns(module):
        assert one.get("type"), path
        assert one.get("returned"), path
        assert "sample" in one or one.get("contains"), path
        if one["type"] == "list":
            assert one.get("elements"), path


@pytest.mark.parametrize("module", MODULES)
def test_the_samples_are_of_the_documented_shape(module: str) -> None:
    for name, one in returns(module).items():
        if "sample" in one:
            assert undocumented({name: one["sample"]}, returns(module)) == []


class Ran:
    """Runs operations and keeps the results by module."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.sim: Simulator = host.sim
        self.results: dict[str, list[dict[str, Any]]] = {module: [] for module in MODULES}

    def __call__(self, module: str, *, check: bool = False, fails: bool = False, **params: Any) -> dict[str, Any]:
        result = self.host.run(OPERATIONS[module], check=check, **params)
        assert bool(result.get("failed")) == fails, result
        self.results[module].append(result)
        return result


BUILD = {
    "type": "dockerfile",
    "dockerfile": "Dockerfile",
    "context": ".",
    "target": "runtime",
    "heroku_version": "24",
    "railpack_version": "0.15.4",
    "publish_directory": "dist",
    "static_spa": True,
}
REPOSITORY = {"owner": "acme", "repository": "shop", "branch": "main", "build_path": "/", "submodules": True}
DOMAIN = {
    "host": "shop.example.com",
    "path": "/x",
    "port": 80,
    "https": True,
    "certificate": "custom",
    "certificate_resolver": "own",
    "internal_path": "/y",
    "strip_path": True,
    "entrypoint": "websecure",
    "middlewares": ["compress@file"],
}
MOUNTS = [
    {"path": "/a", "type": "volume", "name": "a"},
    {"path": "/b", "type": "bind", "host_path": "/srv/b"},
    {"path": "/c", "type": "file", "file_path": "c", "content": "text of the file"},
]


def sources(ran: Ran) -> Iterator[dict[str, Any]]:
    """Each source with all its options, and what they refer to."""
    for kind in ("github", "gitlab", "bitbucket", "gitea"):
        ran.sim.act(git_provider=kind, name="acme")
    pair = {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----", "publicKey": "ssh-ed25519 AAAA"}
    ran.host.call("sshKey.create", name="deploy", organizationId="any", **pair)
    provider = {**REPOSITORY, "provider": "acme", "watch_paths": ["src/**"]}
    yield {"github": {**provider, "trigger": "tag"}}
    yield {"gitlab": {**provider, "project_id": 7, "path_namespace": "acme/shop"}}
    yield {"bitbucket": {**provider, "repository_slug": "shop"}}
    yield {"gitea": provider}
    yield {
        "git": {
            "url": "https://git.example.com/a.git",
            "branch": "main",
            "build_path": "/",
            "ssh_key": "deploy",
            "watch_paths": ["a"],
            "submodules": False,
        }
    }
    yield {"drop": {"build_path": "app"}}
    yield {"docker": {"image": "nginx:1", "registry_url": "ghcr.io", "username": "acme", "password": "token of acme"}}


def broken(ran: Ran, module: str, **params: Any) -> None:
    """A failure with an HTTP status, and one where the connection broke."""
    for fault in ({"kind": "status", "status": 502}, {"kind": "reset_before"}):
        ran.host.new_task()
        ran.sim.fault(**fault)
        ran(module, fails=True, **params)
    ran.host.new_task()


def prepare(ran: Ran) -> None:
    """Two projects of one name, and one with an application that is deployed."""
    for _unused in range(2):
        ran.host.call("project.create", name="twin")
    ran.sim.seed(project="shop", applications=1, name="web", deployed=True, domains=1, mounts=1)
    ran.sim.seed(project="shop", environment="staging")


def run_project(ran: Ran) -> None:
    module = "dokploy_project"
    stated = {"name": "blog", "description": "All about it", "env": {"A": "one"}}
    for check in (True, False):
        ran(module, check=check, **stated)
    ran(module, name="blog", state="absent")
    ran(module, name="blog", state="absent")
    ran(module, name="twin", fails=True)
    ran(module, name="shop", state="absent", fails=True)
    ran.sim.config(drop_fields={"project.update": ["description"]})
    ran(module, name="shop", description="other", fails=True)
    broken(ran, module, name="shop")


def run_environment(ran: Ran) -> None:
    module = "dokploy_environment"
    stated = {"project": "shop", "name": "test", "description": "To try it", "env": {"A": "one"}}
    for check in (True, False):
        ran(module, check=check, **stated)
    ran(module, project="shop", name="test", state="absent")
    ran(module, project="shop", name="test", state="absent")
    ran(module, project="twin", name="test", fails=True)
    ran.sim.seed(project="shop", environment="staging", applications=1)
    ran.host.new_task()
    ran(module, project="shop", name="staging", state="absent", fails=True)
    ran.sim.config(drop_fields={"environment.update": ["description"]})
    ran(module, project="shop", name="staging", description="other", fails=True)
    broken(ran, module, project="shop", name="test")


def run_application(ran: Ran) -> None:
    module = "dokploy_application"
    for source in sources(ran):
        for name in ("web", *source):
            for check in (True, False):
                ran(module, check=check, project="shop", name=name, **source)
    whole = {"build": BUILD, "create_env_file": False, "clean_cache": True, "command": "run", "args": ["a b"]}
    whole = {**whole, "domains": [DOMAIN], "mounts": MOUNTS, "env": {"A": "one"}, "replicas": 3}
    for check in (True, False):
        ran(module, check=check, project="shop", name="api", app_name="shop-api", **whole)
    ran(module, project="shop", name="api", state="absent")
    ran(module, project="shop", name="api", state="absent")
    ran(module, project="twin", name="web", fails=True)
    ran.sim.config(drop_fields={"application.update": ["createEnvFile"]})
    ran(module, project="shop", name="web", create_env_file=False, fails=True)
    broken(ran, module, project="shop", name="web")


def run_deployment(ran: Ran) -> None:
    module, web = "dokploy_deployment", {"project": "shop", "application": "web"}
    source = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}}
    ran("dokploy_application", project="shop", name="web", **source)
    ran(module, check=True, **web)
    ran(module, **web)
    ran(module, state="redeployed", title="Again", description="The same", **web)
    ran.sim.config(next_results=["error"])
    ran(module, fails=True, **web)
    ran.sim.config(build_seconds=600.0)
    ran(module, wait=False, **web)
    ran(module, wait_timeout=0, fails=True, **web)
    ran(module, state="cancelled", check=True, **web)
    ran(module, state="cancelled", **web)
    ran(module, fails=True, project="twin", application="web")
    broken(ran, module, **web)


def run_project_info(ran: Ran) -> None:
    ran.host.call("project.create", name="blog", description="All about it", env="A=one")
    for include_secrets in (False, True):
        ran("dokploy_project_info", include_secrets=include_secrets)
    broken(ran, "dokploy_project_info")


def run_environment_info(ran: Ran) -> None:
    ran("dokploy_environment", project="shop", name="test", description="To try it", env={"A": "one"})
    for include_secrets in (False, True):
        ran("dokploy_environment_info", include_secrets=include_secrets)
    ran("dokploy_environment_info", project="twin", fails=True)
    broken(ran, "dokploy_environment_info")


def run_application_info(ran: Ran) -> None:
    for source in sources(ran):
        ran("dokploy_application", project="shop", name=next(iter(source)), **source)
    whole = {"build_args": {"A": "one"}, "build_secrets": {"B": "two"}, "args": ["a b"], "build": BUILD}
    ran("dokploy_application", project="shop", name="api", domains=[DOMAIN], mounts=MOUNTS, env={"C": "three"}, **whole)
    for include_secrets in (False, True):
        ran("dokploy_application_info", include_secrets=include_secrets)
    ran("dokploy_application_info", project="twin", fails=True)
    broken(ran, "dokploy_application_info")


def run_deployment_info(ran: Ran) -> None:
    module, web = "dokploy_deployment_info", {"project": "shop", "application": "web"}
    source = {"git": {"url": "https://git.example.com/a.git", "branch": "main"}}
    ran("dokploy_application", project="shop", name="web", **source)
    ran("dokploy_deployment", **web)
    ran(module, **web)
    ran(module, log_lines=5, **web)
    ran(module, fails=True, project="twin", application="web")
    broken(ran, module, **web)


def run_api(ran: Ran) -> None:
    module = "dokploy_api"
    ran(module, procedure="project.all")
    ran(module, procedure="settings.getDokployVersion")
    for check in (True, False):
        ran(module, procedure="project.create", input={"name": "blog"}, check=check)
    ran(module, procedure="application.one", input={"applicationId": "none"}, fails=True)
    broken(ran, module, procedure="project.all")


SCENES: Mapping[str, Callable[[Ran], None]] = {
    name.replace("run_", "dokploy_"): scene for name, scene in list(globals().items()) if name.startswith("run_")
}


@pytest.mark.parametrize("module", MODULES)
def test_results_are_as_documented(module: str, host: Host) -> None:
    """Nothing undocumented is returned, and nothing is documented that never comes."""
    ran = Ran(host)
    prepare(ran)
    SCENES[module](ran)
    met: set[str] = set()
    for result in ran.results[module]:
        assert undocumented(result, returns(module)) == []
        met.update(seen(result, returns(module)))
    assert sorted(set(paths(returns(module))) - met) == []


@pytest.mark.parametrize("module", MODULES)
def test_secrets_are_in_no_result_that_was_not_asked_for(module: str) -> None:
    """What is returned only with C(include_secrets) is exactly what the table calls secret."""
    found = {
        path.removeprefix("return ").partition(".")[2]
        for path, one in walk_returns(module)
        if "include_secrets=true" in one["returned"]
    }
    resource = RESOURCES.get(module.removesuffix("_info"))
    if resource is None or not module.endswith("_info"):
        assert found == set()
    else:
        assert found == {path for path, field in fields(resource) if field.secret}

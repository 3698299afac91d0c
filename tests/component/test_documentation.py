# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation matches the code: options the argument specs, return values the results."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils import _errors
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group, Version
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import SCOPES, Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.swarm import NUMBER
from tests.guides.snippets import LABEL, section_text
from tests.support.effort import sampled
from tests.support.host import Host
from tests.support.module_docs import (
    MODULES,
    ROOT,
    contents,
    documentation,
    paths,
    seen,
    short_example,
    text,
    undocumented,
)
from tests.support.operations import MANAGED, OPERATIONS
from tests.support.scenarios import (
    actions,
    backups,
    children,
    databases,
    deployments,
    infrastructure,
    integrations,
    manifest,
    resources,
    stacks,
)
from tests.support.scenarios.described import scene_of
from tests.support.scenarios.recorder import ResultRecorder, prepare_server
from tools import options as generated_options
from tools import returns as generator
from tools.documents import documented, module_path
from tools.returns import GUIDE, SHARED, generated, values_of

Options = Mapping[str, Any]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]


# The modules that manage a resource, with its kinds.
RESOURCES: Mapping[str, Sequence[Resource]] = {
    module: operation.resources
    for module, operation in OPERATIONS.items()
    if module in {"dokploy_%s" % resource.name for resource in operation.resources}
}
CHILDREN: Mapping[str, Child] = {"dokploy_%s" % child.singular: child for child in APPLICATION.children}


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
def test_see_also_lists_existing_modules(module: str) -> None:
    linked = {one["module"] for one in documentation()[module]["doc"]["seealso"] if "module" in one}
    assert linked
    assert linked <= {"community.dokploy." + name for name in MODULES} - {"community.dokploy." + module}


def fields(resources: Sequence[Resource]) -> Iterator[tuple[str, Field]]:
    """Every field of a resource and its children, with the dotted path of its option."""
    for resource in resources:
        for path, field, _group in resource.fields():
            yield ".".join(path), field
        for child in resource.children:
            for field in child.fields:
                yield f"{child.option}.{field.name}", field


# The fields that each module describes, by the dotted paths of their options.
FIELDS: Mapping[str, Mapping[str, Field]] = {
    **{module: dict(fields(resource)) for module, resource in RESOURCES.items()},
    **{module: {field.name: field for field in child.fields} for module, child in CHILDREN.items()},
}


def parts(path: str, field: Field) -> Iterator[tuple[str, Field]]:
    """Every part of a value, parts of parts too, with the dotted path of its suboption."""
    for part in field.parts:
        yield f"{path}.{part.name}", part
        yield from parts(f"{path}.{part.name}", part)


def fields_and_parts(module: str) -> Iterator[tuple[str, Field]]:
    for path, field in FIELDS[module].items():
        yield path, field
        yield from parts(path, field)


def says_since(words: str, version: Version | None) -> bool:
    """Whether a text names this first version, and no other."""
    if version is None:
        return "Needs Dokploy" not in words
    return words.count("Needs Dokploy %d.%d.%d or newer." % version) == words.count("Needs Dokploy") == 1


@pytest.mark.parametrize("module", FIELDS)
def test_an_option_that_needs_a_newer_server_says_so(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in fields_and_parts(module):
        assert says_since(text(described[path]), field.since), path


def test_children_that_need_a_newer_server_say_so() -> None:
    for module, child in CHILDREN.items():
        assert says_since(text(options("dokploy_application")[child.option]), child.since), child.option
        named = [line for line in documentation()[module]["doc"]["requirements"] if line.startswith("For this module")]
        wanted = "For this module, Dokploy %d.%d.%d or newer."
        assert named == ([] if child.since is None else [wanted % child.since]), module


@pytest.mark.parametrize("module", FIELDS)
def test_a_secret_option_says_so(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in fields_and_parts(module):
        assert ("secret" in text(described[path])) or not field.secret, path


@pytest.mark.parametrize("module", FIELDS)
def test_an_option_that_clears_says_how(module: str) -> None:
    assert silent_about_clearing(FIELDS[module], options(module)) == []


_NOTHING = {"str": 'V("")', "raw": 'V("")', "list": "V([])", "dict": "V({})"}


def silent_about_clearing(described: Mapping[str, Field], documented: Options) -> list[str]:
    """The options that can be cleared and do not say how."""
    known, silent = dict(walk(documented)), []
    for path, field in described.items():
        kind, words = field.codec.type, text(known[path])
        if field.create_only or field.key or field.replaces:
            continue
        if field.qualifies is not None or field.choices or field.needed:
            continue
        if kind in ("bool", "int", "float") or (kind == "str" and field.limits and field.limits[0] > 0):
            continue
        said = _NOTHING.get(kind, "")
        if field.input_only:
            # It is another way to set an option, which documents how to clear it, or nothing that stays.
            other = twin(described, path)
            if other is None:
                continue
            child = path.rpartition(".")[0]
            place = f"{child}[]." if known.get(child, {}).get("type") == "list" else f"{child}." if child else ""
            said = f"O({place}{other})"
        # Options for further variables refer to the first one.
        if said not in words and "O(env)" not in words:
            silent.append(path)
    return silent


def twin(described: Mapping[str, Field], path: str) -> str | None:
    """The option beside it with the same value, which results show."""
    place, _dot, name = path.rpartition(".")
    beside = (other for where, other in described.items() if where.rpartition(".")[0] == place and other.name != name)
    return next((one.name for one in beside if not one.input_only and one.api == described[path].api), None)


def test_an_option_that_sets_what_does_not_stay_is_not_cleared() -> None:
    described = {
        "note": Field("note", "note"),
        "text": Field("text", "note", input_only=True),
        "pin": Field("pin", "pin", input_only=True),
        "share": Field("share", "share", NUMBER),
        "server": Field("server", "serverId", create_only=True),
    }
    documented = {name: {"description": "One of O(note) and more."} for name in described}
    assert silent_about_clearing(described, documented) == ["note"]
    documented["text"] = {"description": "Something."}
    assert silent_about_clearing(described, documented) == ["note", "text"]


@pytest.mark.parametrize("module", FIELDS)
def test_a_value_with_parts_says_that_it_is_a_whole(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in FIELDS[module].items():
        words = text(described[path])
        assert ("as a whole. Parts that you leave out are not set" in words) == bool(field.parts), path


@pytest.mark.parametrize("module", RESOURCES)
def test_a_group_says_that_its_suboptions_stand_for_themselves(module: str) -> None:
    for option in (option for resource in RESOURCES[module] for option in resource.options):
        if isinstance(option, Group) and option.selects is None:
            words = text(options(module)[option.name])
            assert "Each suboption is independent, and those that are not set are not managed." in words, option.name


@pytest.mark.parametrize("module", FIELDS)
def test_a_limited_option_says_its_limits(module: str) -> None:
    described = dict(walk(options(module)))
    for path, field in fields_and_parts(module):
        low, high = field.limits or (0, 0)
        if low > 0:
            assert f"{low} to {high}" in text(described[path]), path


@pytest.mark.parametrize("module", RESOURCES)
def test_a_list_that_is_read_apart_says_so(module: str) -> None:
    for child in (child for resource in RESOURCES[module] for child in resource.children):
        words = text(options(module)[child.option])
        assert ("one more request, and they are in the result only" in words) == (child.listing is not None), (
            child.option
        )


@pytest.mark.parametrize("module", RESOURCES)
def test_a_list_says_that_it_is_authoritative_and_how_its_items_are_told_apart(module: str) -> None:
    for child in (child for resource in RESOURCES[module] for child in resource.children):
        words = text(options(module)[child.option])
        assert "Others are removed, and V([]) removes all" in words, child.option
        *first, last = [f"O({child.option}[].{field.name})" for field in child.key_fields]
        key = " and ".join([*filter(None, [", ".join(first)]), last])
        assert f"is identified by {key}." in words, child.option


def test_what_waits_for_a_deployment_says_so() -> None:
    described = options("dokploy_application")
    for option in APPLICATION.options:
        words = text(described[option.name])
        if isinstance(option, Field):
            waits = not (option.api in APPLICATION.deployable.applies_immediately or option.create_only)
        else:
            waits = option.selects is not None or not {field.api for field in option.fields} <= set(
                APPLICATION.deployable.applies_immediately
            )
            assert ("does not make a deployment needed" in words) == (not waits), option.name
        assert ("Changes need a deployment" in words) == waits, option.name
    for child in APPLICATION.children:
        words = text(described[child.option])
        assert ("Changes need a deployment" in words) == (not child.applies_immediately), child.option
        assert ("Takes effect at once" in words) == child.applies_immediately, child.option


@pytest.mark.parametrize("module", CHILDREN)
def test_the_module_of_a_child_says_which_list_it_stands_beside_and_when_it_takes_effect(module: str) -> None:
    child, words = CHILDREN[module], text(documentation()[module]["doc"])
    # A server has no list of them.
    lists = [name for name in RESOURCES if child.option in options(name)]
    parents = dict.fromkeys(one.name for one in OPERATIONS[module].resources if f"dokploy_{one.name}" in lists)
    assert all(f"O(community.dokploy.dokploy_{parent}#module:{child.option})" in words for parent in parents)
    assert f"Use one of the two for {'a service' if len(parents) > 1 else 'an application'}." in words
    assert ("Changes need a deployment." in words) == (not child.applies_immediately)
    assert ("Takes effect at once, without a deployment." in words) == child.applies_immediately
    key = " and ".join(f"O({field.name})" for field in child.key_fields)
    assert f"is identified by {key}" in words


# --- synopses --------------------------------------------------------------------------------------------------------

LARGE = [name for name in MODULES if len(options(name).keys() - CONNECTION) > 10 and not name.endswith("_info")]


@pytest.mark.parametrize("module", LARGE)
def test_the_synopsis_of_a_large_module_names_what_most_tasks_set(module: str) -> None:
    assert re.match(r"Most tasks set O\(", documentation()[module]["doc"]["description"][1])
    assert short_example(module) is not None


# --- where else a module must be known -------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_the_module_is_in_the_action_group_and_has_an_action(module: str) -> None:
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    # The attribute is only stated where a module is in none.
    stated = documented(module, "DOCUMENTATION").get("attributes", {})
    assert (module in groups["dokploy"]) == ("action_group" not in stated)
    action = importlib.import_module("ansible_collections.community.dokploy.plugins.action." + module)
    assert action.ActionModule.operation is OPERATIONS[module]


def test_the_overview_lists_every_module() -> None:
    overview = (ROOT / "docs/docsite/rst/overview.rst").read_text()
    tables = overview[overview.index("\nModules by subject\n") :]
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert sorted(re.findall(r"<community\.dokploy\.(\w+)#module>", tables)) == sorted(modules)


def test_the_guide_to_releases_lists_what_needs_a_newer_server() -> None:
    guide = (ROOT / "docs/docsite/rst/releases.rst").read_text()
    rows = re.findall(r"^   \* - (``.+)\n     - ([\d.]+)$", guide, re.M)
    stated = {option: version for options, version in rows for option in re.findall(r"``([\w.]+)``", options)}
    wanted = {path: field.since for path, field in fields_and_parts("dokploy_application")}
    wanted.update({child.option: child.since for child in APPLICATION.children})
    assert stated == {path: "%d.%d.%d" % since for path, since in wanted.items() if since is not None}


def test_the_guide_to_errors_lists_every_kind() -> None:
    guide = section_text(ROOT / "docs/docsite/rst/results.rst", "errors")
    rows = [line.removeprefix("   * - ``").removesuffix("``") for line in guide.splitlines() if "   * - ``" in line]
    kinds = {one.kind for one in vars(_errors).values() if isinstance(one, type) and hasattr(one, "kind")}
    assert set(rows) - {"error.kind"} == kinds


def test_the_guide_to_results_explains_what_modules_share() -> None:
    guide = (ROOT / "docs/docsite/rst/results.rst").read_text()
    for name, one in SHARED["values"].items():
        assert (GUIDE in one.get("description", "")) <= (f"\n``{name}``\n---" in guide), name
    error, diff = (returns("dokploy_application")[name] for name in ("error", "diff"))
    assert all(f"``error.{key}``" in guide for key in contents("error", error))
    assert all(f"``diff.{key}``" in guide for key in contents("diff", diff))


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text())["sections"]
    listed = [guide for section in sections for guide in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "docs/docsite/rst").glob("*.rst"))


# The guides that are a part of another one now, and those that have another name. Links by the old labels lead there.
MOVED = {
    "backup_sets": "backups",
    "check_mode": "results",
    "cloning": "staging",
    "concurrency": "speed",
    "environment_text": "options",
    "environment_variables": "connection",
    "errors": "results",
    "event_sources": "event_driven",
    "in_process": "speed",
    "lists": "options",
    "lookup": "inventory",
    "performance": "speed",
    "recovery": "backups",
    "swarm": "replicas",
    "taking_over": "adopting",
    "vault": "secrets",
}


def test_a_guide_that_has_moved_has_its_label_where_it_is_now() -> None:
    guides = ROOT / "docs/docsite/rst"
    labels = {guide.stem: LABEL.findall(guide.read_text()) for guide in guides.glob("*.rst")}
    assert [old for old, new in MOVED.items() if old not in labels[new] or old in labels] == []
    assert len(labels) <= 32


def test_the_page_of_environment_variables_lists_all() -> None:
    page = section_text(ROOT / "docs/docsite/rst/connection.rst", "environment_variables")
    listed = re.findall(r"^\.\. envvar:: (\w+)$", page, re.M)
    read = {
        one["fallback"][1][0]
        for operation in OPERATIONS.values()
        for one in operation.argument_spec.values()
        if "fallback" in one
    }
    plugins = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "extensions/eda/plugins").rglob("*.py")]
    read |= {name for path in plugins for name in re.findall(r"^ +- name: (DOKPLOY_\w+)$", path.read_text(), re.M)}
    assert set(listed) == read
    assert listed == yaml.safe_load((ROOT / "docs/docsite/config.yml").read_text())["envvar_directives"]


@pytest.mark.parametrize("module", MODULES)
def test_the_options_are_what_make_generate_writes(module: str) -> None:
    path = module_path(module)
    assert path.read_text() == generated_options.generated(module, path.read_text()), "make generate"


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
        # What a value contains is returned with it, unless it says otherwise.
        assert one.get("returned") or "." in path, path
        assert "sample" in one or one.get("contains"), path
        if one["type"] == "list":
            assert one.get("elements"), path


def sample(value: Mapping[str, Any]) -> Any:
    """The sample of a return value, or of all values that it contains."""
    if "contains" not in value:
        return value["sample"]
    whole = {name: sample(one) for name, one in value["contains"].items()}
    return [whole] if value["type"] == "list" else whole


@pytest.mark.parametrize("module", MODULES)
def test_the_samples_are_of_the_documented_shape(module: str) -> None:
    for name, one in returns(module).items():
        assert undocumented({name: sample(one)}, returns(module)) == []


@pytest.mark.parametrize("module", MODULES)
def test_the_return_values_are_what_make_generate_writes(module: str) -> None:
    path = module_path(module)
    assert path.read_text() == generated(module, path.read_text()), "make generate"


def test_a_return_value_follows_its_option() -> None:
    written = documented("dokploy_port", "RETURN")
    contents = written["port"]["contains"]
    contents["protocol"] = {"description": "See O(other).", "returned": "sometimes", "type": "int", "sample": "udp"}
    contents["port_id"] = {"sample": contents["port_id"]["sample"]}
    del written["error"]
    assert values_of("dokploy_port", written) == documented("dokploy_port", "RETURN")
    contents["protocol"]["description"] = "What only this module says."
    assert values_of("dokploy_port", written)["port"]["contains"]["protocol"] == contents["protocol"]
    del contents["protocol"]
    with pytest.raises(ValueError, match="write a sample of port.protocol$"):
        values_of("dokploy_port", written)


@pytest.mark.parametrize(
    ("module", "after"),
    [
        ("dokploy_port", {"ports": {"5353/udp": {"publish_mode": "host"}}}),
        ("dokploy_tag", {"color": "#22c55e"}),
        ("dokploy_api_key", None),
        ("dokploy_certificate", None),
    ],
)
def test_what_every_module_returns_is_generated_too(module: str, after: Any) -> None:
    written = documented(module, "RETURN")
    bare = {name: value for name, value in written.items() if name not in ("diff", "options", "ids", "error")}
    found = values_of(module, bare)
    assert found.keys() == written.keys()
    found["diff"].update(sample=written["diff"]["sample"] if after is None else found["diff"]["sample"])
    assert found == written
    assert after is None or found["diff"]["sample"]["after"] == after


def test_a_missing_sample_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path, lacking = module_path("dokploy_port"), documented("dokploy_port", "RETURN")
    del lacking["port"]["contains"]["protocol"]["sample"]
    monkeypatch.setattr(generator, "documented", lambda module, variable: lacking)
    with pytest.raises(ValueError, match=r"^plugins/modules/dokploy_port.py: RETURN: write a sample of port.protocol$"):
        generated("dokploy_port", path.read_text())


def test_a_record_that_follows_from_options_is_its_sample() -> None:
    """It has a key for each suboption that results show, and each key is one that results have."""
    written = documented("dokploy_application", "RETURN")
    whole = written["application"]["contains"]
    assert all(
        _shown_by(whole, child.option) == {field.name for field in child.fields if _shown(field)} | {child.id_option}
        for child in APPLICATION.children
    )
    whole["build"]["sample"]["unknown"] = 1
    whole["domains"]["sample"][0].pop("domain_id")
    with pytest.raises(ValueError, match=r"write a sample of application\.domains\.domain_id$"):
        values_of("dokploy_application", written)
    whole["domains"]["sample"][0]["domain_id"] = "t5NbVc8xZa1SdFg3HjKlQ"
    assert values_of("dokploy_application", written) == documented("dokploy_application", "RETURN")


def _shown_by(values: Mapping[str, Any], name: str) -> set[str]:
    (entry,) = values[name]["sample"]
    return set(entry)


def _shown(field: Field) -> bool:
    return field.returned and not field.secret


SCENARIOS: Mapping[str, Callable[[ResultRecorder], None]] = {
    name.replace("run_", "dokploy_"): scene
    for place in (
        *(resources, databases, backups, children, deployments, actions, stacks),
        *(infrastructure, integrations, manifest),
    )
    for name, scene in vars(place).items()
    if name.startswith("run_")
}


# The modules that return an answer, or a part of one, as it is.
AS_ANSWERED = ("dokploy_api", "dokploy_application_info")


@pytest.mark.parametrize("module", sampled(MODULES, 3))
def test_results_are_as_documented(module: str, host: Host) -> None:
    """Nothing undocumented is returned, and everything documented is returned, also by a newer server whose rows have
    columns that are not known."""
    host.sim.config(invented_columns=True)
    run = ResultRecorder(host)
    prepare_server(run)
    scene_of(module, SCENARIOS)(run)
    met: set[str] = set()
    for result in run.results[module]:
        assert undocumented(result, returns(module)) == []
        assert module in AS_ANSWERED or "inventedText" not in repr(result)
        met.update(seen(result, returns(module)))
    assert sorted(set(paths(returns(module))) - met) == []


@pytest.mark.parametrize("module", MODULES)
def test_secrets_are_only_in_results_with_include_secrets(module: str) -> None:
    """Exactly the secret fields are returned only with C(include_secrets)."""
    found = {
        path.removeprefix("return ").partition(".")[2]
        for path, one in walk_returns(module)
        if "include_secrets=true" in one.get("returned", "")
    }
    # Of a record that the options describe, its own description names them.
    for path, one in walk_returns(module):
        place = path.removeprefix("return ").partition(".")[2]
        for names in re.findall(r"\. ([^.]+) (?:is|are) returned with O\(include_secrets=true\) only\.", text(one)):
            found.update(f"{place}.{name}" for name in re.findall(r"C\((\w+)\)", names))
    resources, shown = RESOURCES.get(module.removesuffix("_info"), ()), "include_secrets" in options(module)
    secret = {path for path, field in fields(resources) if field.secret and field.returned}
    facts = {
        fact for one in resources if one.reading.secret_facts is not None for fact in one.reading.secret_facts({}, "")
    }
    # A part of a secret is one, too.
    found = {path for path in found if not any(path.startswith(f"{one}.") for one in secret)}
    # What no resource describes is the response of a procedure, or the key that is created.
    if module in ("dokploy_api", "dokploy_api_key", "dokploy_bootstrap"):
        return
    assert found == (secret | facts if shown else set())


def test_the_module_that_a_message_recommends_exists() -> None:
    fields = (field for managed in MANAGED for _path, field, _group in managed.resource.fields())
    listings = {*SCOPES["server"], *(field.reference for field in fields if field.reference is not None)}
    named = {listing.module for listing in listings if listing.module}
    assert {"dokploy_ssh_key", "dokploy_registry", "dokploy_server", "dokploy_network"} <= named <= OPERATIONS.keys()

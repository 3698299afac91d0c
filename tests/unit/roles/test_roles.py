# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the roles are those of the modules, and the tasks pass them on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import Document
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from ansible_collections.community.dokploy.plugins.plugin_utils._document.action import OF_ROLE
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.messages import variable_of
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import (
    PLACES,
    RoleOptions,
    whole_specification,
)
from tests.support.operations import OPERATIONS
from tools.roles import TASKS, generated
from tools.roles import passed as passed_sections

ROLES = Path(__file__).resolve().parents[3] / "roles"
# The variables of a role for these differ.
ADDRESS = {"project", "environment"}


def described(role: str) -> dict[str, Any]:
    """What C(ansible-doc) shows of a role."""
    spec: dict[str, Any] = yaml_load((ROLES / role / "meta/argument_specs.yml").read_text())
    result: dict[str, Any] = spec["argument_specs"]["main"]
    return result


def options(role: str) -> dict[str, Any]:
    """The options of a role as its first task checks them."""
    return whole_specification(role, described(role)["options"])


def load(role: str, name: str) -> Any:
    return yaml_load((ROLES / role / name).read_text())


def tasks(role: str) -> dict[str, dict[str, Any]]:
    """The tasks of a role by name, those in blocks too."""
    return {task["name"]: task for task in _flat(load(role, "tasks/main.yml"))}


def _flat(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in found:
        if "block" not in task:
            yield task
        yield from _flat([*task.get("block", ()), *task.get("always", ())])


def compare(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> None:
    """The specification of each option is that of the module."""
    assert set(ours) == set(theirs), path
    for name, spec in theirs.items():
        here = "%s.%s" % (path, name)
        for key in ("type", "elements", "choices", "default", "options", "aliases"):
            assert ours[name].get(key) == spec.get(key), "%s: %s" % (here, key)
        assert bool(ours[name].get("required")) == bool(spec.get("required")), here
        assert bool(ours[name].get("no_log")) == bool(spec.get("no_log")), here


def test_setup_passes_every_option_of_the_document() -> None:
    (task,) = (one for one in tasks("setup").values() if "community.dokploy.dokploy_manifest" in one)
    passed = task["community.dokploy.dokploy_manifest"]
    # The version of the format is that of files.
    assert set(passed) == set(MANIFEST.options) - {"version"}
    variables = load("setup", "vars/main.yml")["_setup_variables"]
    for option, text in passed.items():
        assert re.findall(r"setup_\w+", text) == [variable_of(option, variables)], option
        assert ("default(omit)" in text) == (variable_of(option, variables) not in load("setup", "defaults/main.yml"))
    assert set(options("setup")) >= {variable_of(option, variables) for option in passed}
    own = described("setup")["options"]
    for option in ("state", "force", "deploy", "wait", "wait_timeout", "verify", "follow"):
        ours, theirs = own[variable_of(option, variables)], MANIFEST.options[option]
        assert {key: ours.get(key) for key in theirs} == theirs, option


def test_the_result_of_setup_is_what_the_action_has_made() -> None:
    set_facts = tasks("setup")["Set the result"]["ansible.builtin.set_fact"]
    assert set_facts == {"setup_result": "{{ _setup_applied.get('%s', {}) }}" % OF_ROLE}


def test_the_sections_are_passed_as_make_generate_writes_them() -> None:
    text = TASKS.read_text()
    assert passed_sections(text) == text, "make generate"
    line = '            registries: "{{ setup_registries | default(omit) }}"\n'
    assert line in text and passed_sections(text.replace(line, "")) == text


@pytest.mark.parametrize("role", ["setup"])
def test_options_of_modules_are_described_as_there(role: str) -> None:
    text = (ROLES / role / "meta/argument_specs.yml").read_text()
    assert text == generated(role, text), "make generate"
    assert "{{" not in text, "Ansible takes it for a template"
    # What differs from the module is replaced, what is missing is added.
    assert generated(role, text.replace("Registries", "Others")) == text
    assert generated(role, text.replace("elements: dict", "elements: str")) == text
    without = re.sub(r"(?m)^( *)setup_registries:\n(?:\1 .*\n)+", "", text)
    assert without != text
    assert yaml_load(generated(role, without)) == yaml_load(text)


def described_places(role: str) -> Iterator[tuple[RoleOptions, dict[str, Any]]]:
    """The options of modules that a role has, place by place, as C(ansible-doc) shows them."""
    for place in PLACES[role]:
        found = described(role)["options"]
        yield place, {name: found[place.variable(name)] for name in place.options()}


@pytest.mark.parametrize("role", PLACES)
def test_an_option_of_a_module_is_one_sentence_with_its_type_and_a_link(role: str) -> None:
    for place, found in described_places(role):
        assert found and found.keys() <= OPERATIONS[place.module].argument_spec.keys()
        for name, one in found.items():
            assert one["description"].endswith(f". See O(community.dokploy.{place.module}#module:{name})."), name
            assert one["type"] == place.spec[name]["type"]
            assert ("A secret." in one["description"]) == bool(place.spec[name].get("no_log")), name
            # The page of the module has the rest.
            assert one.keys() <= {"description", "type", "elements", "required", "default"}, name


@pytest.mark.parametrize("role", PLACES)
def test_the_example_of_a_role_is_right(role: str) -> None:
    play = yaml_load(described(role)["examples"])[0]
    (called,) = play["roles"]
    assert called["role"] == "community.dokploy." + role
    given = called["vars"]
    assert mistakes_in(options(role), given) == []
    # The module checks what is in a section.
    assert Document({"projects": given["setup_projects"]}).mistakes == []


@pytest.mark.parametrize("role", ["setup", "drift", "server"])
def test_ansible_finds_no_specification_to_validate(role: str) -> None:
    """Ansible takes the file without an extension first, and C(ansible-doc) does not."""
    assert load(role, "meta/argument_specs") == {"argument_specs": {}}
    check = tasks(role)["Check the variables"]["community.dokploy.validate_role_arguments"]
    assert check["prefix"] == role + "_" and check["spec"] == "{{ role_path }}/meta/argument_specs.yml"


@pytest.mark.parametrize("role", ["setup", "drift", "server"])
def test_defaults_are_what_the_specification_says(role: str) -> None:
    defaults = load(role, "defaults/main.yml")
    specified = {name: spec["default"] for name, spec in options(role).items() if "default" in spec}
    assert specified == defaults


@pytest.mark.parametrize("role", ["setup"])
def test_connection_variables_are_the_connection_options(role: str) -> None:
    variables = {name if name.startswith("dokploy_") else "dokploy_" + name for name in CONNECTION}
    ours = {name for name in options(role) if name.startswith("dokploy_")}
    assert ours == variables
    template = load(role, "vars/main.yml")["_%s_connection" % role]
    for name in CONNECTION:
        variable = name if name.startswith("dokploy_") else "dokploy_" + name
        assert "'%s': %s | default(none)" % (name, variable) in template


def test_common_tasks_are_tagged_always() -> None:
    """With the tags of the parts, --skip-tags would skip them."""
    wanted = {
        "server": [
            "Check the variables",
            "Look for the service of Dokploy",
            "Remember what was there",
            "Return the result",
        ],
    }
    for role, names in wanted.items():
        assert [name for name, task in tasks(role).items() if task["tags"] == ["always"]] == names
    # A document is applied as a whole.
    assert not any("tags" in task for task in tasks("setup").values())


def tasks_of_modules() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The tasks of roles and playbooks that run a module, with their prefix of variables and the known variables."""
    for task in tasks("setup").values():
        yield "setup", task, load("setup", "vars/main.yml")
    for name in ("deploy", "rollback"):
        (play,) = yaml_load((ROLES.parent / "playbooks" / (name + ".yml")).read_text())
        for task in play["tasks"]:
            yield "dokploy", task, play["vars"]


def test_messages_name_the_variables_of_the_options() -> None:
    """The variable in a message is the one that the task passes as the option."""
    told = 0
    for prefix, task, known in tasks_of_modules():
        (passed,) = [value for key, value in task.items() if key.startswith("community.dokploy.dokploy_")] or [{}]
        named = task.get("vars", {}).get("_dokploy_variables", {})
        if isinstance(named, str):
            named = known[named.strip("{ }")]
        for option, text in passed.items():
            # Without inner variables, those of loops, and values that are not passed on unchanged.
            sources = set(re.findall(r"(?<!\w)%s_\w+" % prefix, str(text))) - {"setup_item"}
            if len(sources) == 1 and option != "state":
                assert variable_of(option, named) == sources.pop(), (task["name"], option)
                told += 1
    assert told > 40

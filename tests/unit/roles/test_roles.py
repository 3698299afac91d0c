# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles' own lists of options agree with the modules: a new option of a module must become one of the roles'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION as APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import OPERATION as DEPLOYMENT
from ansible_collections.community.dokploy.plugins.module_utils._resources.environment import OPERATION as ENVIRONMENT
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import OPERATION as PROJECT

ROLES = Path(__file__).resolve().parents[3] / "roles"
# The role says for these where an application is.
ADDRESS = {"project", "environment"}
LEVELS = {
    "project": (PROJECT.options, {"environments"}),
    "environment": (ENVIRONMENT.options, {"applications"}),
    "application": (APPLICATION.options, {"deploy", "health_check"}),
}


def options(role: str) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())
    result: dict[str, Any] = spec["argument_specs"]["main"]["options"]
    return result


def load(role: str, name: str) -> Any:
    return yaml.safe_load((ROLES / role / name).read_text())


def level(name: str) -> dict[str, Any]:
    found: dict[str, Any] = options("setup")["setup_projects"]["options"]
    for above, inner in (("project", "environments"), ("environment", "applications")):
        if name == above:
            break
        found = found[inner]["options"]
    return found


def tasks(role: str) -> dict[str, dict[str, Any]]:
    return {task["name"]: task for task in load(role, "tasks/main.yml")[0]["block"]}


def compare(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> None:
    """What the role says of each option is what the module says; the schema of roles has no aliases, so they stand as
    options, and an option with an alias cannot be required."""
    wanted = dict(theirs)
    for name, spec in theirs.items():
        wanted.update({alias: {"type": spec["type"]} for alias in spec.get("aliases", ())})
        if spec.get("aliases"):
            wanted[name] = {key: value for key, value in spec.items() if key not in ("aliases", "required")}
    assert set(ours) == set(wanted), path
    for name, spec in wanted.items():
        here = "%s.%s" % (path, name)
        for key in ("type", "elements", "choices", "default"):
            assert ours[name].get(key) == spec.get(key), "%s: %s" % (here, key)
        assert bool(ours[name].get("required")) == bool(spec.get("required")), here
        assert bool(ours[name].get("no_log")) == bool(spec.get("no_log")), here
        assert ours[name]["description"], here
        compare(ours[name].get("options", {}), spec.get("options", {}), here)


@pytest.mark.parametrize("name", LEVELS)
def test_setup_has_every_option_of_the_module(name: str) -> None:
    theirs, own = LEVELS[name]
    ours = {key: value for key, value in level(name).items() if key not in own}
    wanted = {key: dict(value) for key, value in theirs.items() if key not in ADDRESS}
    wanted["name"]["required"] = True
    if "force" in wanted:
        # The role's default is another option.
        del wanted["force"]["default"]
    compare(ours, wanted, name)


def test_application_has_every_option_of_the_module_and_passes_it() -> None:
    ours = options("application")
    renamed = {
        "application_id" if name == "application_id" else "application_" + name: spec
        for name, spec in APPLICATION.options.items()
        if name not in ADDRESS
    }
    renamed["application_name"] = {**renamed["application_name"], "required": True}
    compare({name: spec for name, spec in ours.items() if name in renamed}, renamed, "application")
    passed = tasks("application")["Create, update or remove the application"]["community.dokploy.dokploy_application"]
    assert set(passed) == set(APPLICATION.options)
    for name, text in passed.items():
        if name == "state":
            # What is to run or to stop is made present first; a task of its own does the rest.
            assert text == "{{ 'absent' if application_state == 'absent' else 'present' }}"
            continue
        variable = "application_id" if name == "application_id" else "application_" + name
        assert text.split() in (["{{", variable, "}}"], ["{{", variable, "|", "default(omit)", "}}"]), name


@pytest.mark.parametrize("role", ["setup", "application"])
def test_defaults_are_what_the_specification_says(role: str) -> None:
    defaults = load(role, "defaults/main.yml")
    specified = {name: spec["default"] for name, spec in options(role).items() if "default" in spec}
    # The module's own defaults apply to what the role passes on only when it is set.
    passed = {"application_" + name for name in APPLICATION.options} - set(defaults)
    assert {name: value for name, value in specified.items() if name not in passed} == defaults


@pytest.mark.parametrize("role", ["setup", "application"])
def test_connection_variables_are_the_connection_options(role: str) -> None:
    variables = {name if name.startswith("dokploy_") else "dokploy_" + name for name in CONNECTION}
    ours = {name for name in options(role) if name.startswith("dokploy_")}
    assert ours == variables
    template = load(role, "vars/main.yml")["_%s_connection" % role]
    for name in CONNECTION:
        variable = name if name.startswith("dokploy_") else "dokploy_" + name
        assert "'%s': %s | default(none)" % (name, variable) in template


@pytest.mark.parametrize(
    ("role", "name"), [("application", "Start, stop or reload"), ("setup", "Start, stop and reload applications")]
)
def test_what_is_started_stopped_or_reloaded_is_only_addressed(role: str, name: str) -> None:
    """The module takes nothing else in these states."""
    passed = tasks(role)[name]["community.dokploy.dokploy_application"]
    assert set(passed) == {"project", "environment", "name", "state", "wait_timeout"}


@pytest.mark.parametrize("role", ["setup", "application"])
def test_deployment_options_exist(role: str) -> None:
    assert set(tasks(role)["Deploy"]["community.dokploy.dokploy_deployment"]) <= set(DEPLOYMENT.options)


def test_no_task_of_setup_loops_over_what_may_be_secret() -> None:
    """Ansible prints loop items: they come from the addresses, and the options only through the defaults."""
    for name, task in tasks("setup").items():
        if "loop" in task:
            assert "setup_projects" not in task["loop"] and "_setup_stored" not in task["loop"], name
            assert task["loop_control"] == {"loop_var": "setup_item", "label": "{{ setup_item.label }}"}, name
    assert tasks("setup")["See what there is to set up"]["no_log"] is True

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the roles are those of the modules, and the tasks pass them on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.http_checks import (
    OPTIONS as HTTP_CHECKS,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._role_options import (
    PLACES,
    Place,
    options_at,
    whole_specification,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._roles import variable_of
from tests.support.operations import OPERATIONS
from tools.roles import generated

ROLES = Path(__file__).resolve().parents[3] / "roles"
# The variables of a role for these differ.
ADDRESS = {"project", "environment"}
# The role decides on the deployment of a database, which an option of the module triggers, and shows no secrets.
DECIDED = {"trigger", "force", "include_secrets"}
LEVELS = {
    "project": (PROJECT.options, {"environments"}),
    "environment": (ENVIRONMENT.options, {"databases", "compose", "applications"}),
    "database": ({name: spec for name, spec in DATABASE.options.items() if name not in DECIDED}, {"deploy"}),
    "compose": (COMPOSE.options, {"deploy", "revision"}),
    "application": (APPLICATION.options, {"deploy", "http_check", "revision", "archive", "path", "ignore"}),
}
# The options of dokploy_deployment in the roles: what to deploy, and how.
WANTED = ("revision", "archive", "path", "ignore")
HOW = ("title", "description", "wait", "verify", "verify_period", "follow", "log_lines")


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


def level(name: str) -> dict[str, Any]:
    found: dict[str, Any] = options("setup")["setup_projects"]["options"]
    if name != "project":
        found = found["environments"]["options"]
    inner = {"database": "databases", "compose": "compose", "application": "applications"}.get(name)
    return found[inner]["options"] if inner else found


def tasks(role: str) -> dict[str, dict[str, Any]]:
    """The tasks by name; those of the role setup with the tasks of the files that it includes."""
    found = load(role, "tasks/main.yml")[0]["block"]
    if role == "setup":
        files = sorted((ROLES / role / "tasks").glob("*.yml"))
        found = [*found, *(task for path in files if path.stem != "main" for task in yaml_load(path.read_text()))]
    return {task["name"]: task for task in found}


def compare(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> None:
    """The specification of each option is that of the module."""
    assert set(ours) == set(theirs), path
    for name, spec in theirs.items():
        here = "%s.%s" % (path, name)
        for key in ("type", "elements", "choices", "default", "options", "aliases"):
            assert ours[name].get(key) == spec.get(key), "%s: %s" % (here, key)
        assert bool(ours[name].get("required")) == bool(spec.get("required")), here
        assert bool(ours[name].get("no_log")) == bool(spec.get("no_log")), here


@pytest.mark.parametrize("name", LEVELS)
def test_setup_has_every_option_of_the_module(name: str) -> None:
    theirs, own = LEVELS[name]
    ours = {key: value for key, value in level(name).items() if key not in own}
    wanted = {key: dict(value) for key, value in theirs.items() if key not in ADDRESS}
    wanted["name"]["required"] = True
    # It deploys by another key, and does not delete data.
    wanted["state"]["choices"] = [one for one in wanted["state"]["choices"] if one not in ("deployed", "rebuilt")]
    if "force" in wanted:
        # The default of the role is another option.
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
            # Another task starts or stops the application.
            assert text == "{{ 'absent' if application_state == 'absent' else 'present' }}"
            continue
        variable = "application_id" if name == "application_id" else "application_" + name
        assert text.split() in (["{{", variable, "}}"], ["{{", variable, "|", "default(omit)", "}}"]), name


@pytest.mark.parametrize("role", ["setup", "application"])
def test_options_of_modules_are_described_as_there(role: str) -> None:
    text = (ROLES / role / "meta/argument_specs.yml").read_text()
    assert text == generated(role, text), "make generate"
    assert "{{" not in text, "Ansible takes it for a template"
    # What differs from the module is replaced, what is missing is added.
    assert generated(role, text.replace("Environment variables", "Variables")) == text
    assert generated(role, text.replace("type: raw", "type: str")) == text
    without = re.sub(r"(?m)^( *)(?:application_)?webhook_token:\n(?:\1 .*\n)+", "", text)
    assert without != text
    assert yaml_load(generated(role, without)) == yaml_load(text)


def described_places(role: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The options of modules that a role has, place by place, as C(ansible-doc) shows them."""
    for place in PLACES[role]:
        found = options_at(described(role)["options"], place.path)
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
def test_the_example_of_a_role_is_right_and_its_mistakes_are_told_with_their_place(role: str) -> None:
    (play,) = yaml_load(described(role)["examples"])
    (called,) = play["roles"]
    assert called["role"] == "community.dokploy." + role
    given = called["vars"]
    assert mistakes_in(options(role), given) == []
    application = given
    if role == "setup":
        application = given["setup_projects"][0]["environments"][0]["applications"][0]
    name = "application_domains" if role == "application" else "domains"
    application[name][0]["hots"] = application[name][0].pop("host")
    place = "setup_projects[shop].environments[production].applications[web]." if role == "setup" else ""
    wanted = [
        f"{place}{name}[0].hots is unknown. Did you mean: 'host', 'https'?",
        f"missing required arguments: {place}{name}[0].host",
    ]
    assert mistakes_in(options(role), given) == wanted


@pytest.mark.parametrize("role", ["setup", "application", "server"])
def test_ansible_finds_no_specification_to_validate(role: str) -> None:
    """Ansible takes the file without an extension first, and C(ansible-doc) does not."""
    assert load(role, "meta/argument_specs") == {"argument_specs": {}}
    check = tasks(role)["Check the variables"]["community.dokploy.validate_role_arguments"]
    assert check["prefix"] == role + "_" and check["spec"] == "{{ role_path }}/meta/argument_specs.yml"


@pytest.mark.parametrize("role", ["setup", "application", "server"])
def test_defaults_are_what_the_specification_says(role: str) -> None:
    defaults = load(role, "defaults/main.yml")
    specified = {name: spec["default"] for name, spec in options(role).items() if "default" in spec}
    # The defaults of the module apply to options that the role only passes on if they are set.
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
    ("role", "name"),
    [("application", "Start, stop or reload the application"), ("setup", "Start, stop and reload applications")],
)
def test_a_start_stop_or_reload_only_has_the_address(role: str, name: str) -> None:
    """The module refuses other options in these states."""
    passed = tasks(role)[name]["community.dokploy.dokploy_application"]
    assert set(passed) == {"project", "environment", "name", "state", "wait_timeout"}


DEPLOYS = {"application": ("Deploy the application",), "setup": ("Start deployments", "Wait for the deployments")}


@pytest.mark.parametrize("role", DEPLOYS)
def test_deployment_options_exist(role: str) -> None:
    for name in DEPLOYS[role]:
        assert set(tasks(role)[name]["community.dokploy.dokploy_deployment"]) <= set(DEPLOYMENT.options), name


@pytest.mark.parametrize("role", DEPLOYS)
def test_the_options_of_deployments_are_those_of_the_module_and_are_passed(role: str) -> None:
    passed: dict[str, str] = {}
    for name in DEPLOYS[role]:
        passed.update(tasks(role)[name]["community.dokploy.dokploy_deployment"])
    ours = {name: options(role)["%s_deploy_%s" % (role, name)] for name in HOW}
    level_of = level("application") if role == "setup" else options(role)
    ours.update({name: level_of[name if role == "setup" else "application_" + name] for name in WANTED})
    for name, spec in ours.items():
        for key in ("type", "elements", "choices"):
            assert spec.get(key) == DEPLOYMENT.options[name].get(key), name
        variable = "%s_deploy_%s" % (role, name) if name in HOW else "application_" + name
        # The role setup waits in another task, and passes the options of each application by module_defaults.
        if role != "setup" or (name != "wait" and name not in WANTED):
            assert variable in str(passed[name]), name
    # These defaults of the roles are those of the module.
    for name in ("wait", "verify", "follow"):
        assert ours[name]["default"] == DEPLOYMENT.options[name]["default"]
    assert options(role)["%s_deploy_timeout" % role]["default"] == DEPLOYMENT.options["wait_timeout"]["default"]


def test_every_part_of_setup_is_included_and_resets_what_it_registers() -> None:
    variables, parts = load("setup", "vars/main.yml"), {path.stem for path in (ROLES / "setup/tasks").glob("*.yml")}
    included = re.findall(r"\['(\w+)'\] \*", variables["_setup_configuring"] + variables["_setup_deploying"])
    assert set(included) == parts - {"main"} and len(set(included)) == len(included)
    reset = set(tasks("setup")["List the resources to set up"]["ansible.builtin.set_fact"])
    registered = {task["register"] for task in tasks("setup").values() if "register" in task}
    assert registered - reset == {"_setup_projects_before", "_setup_validated"}


@pytest.mark.parametrize("role", ["application", "setup"])
def test_the_http_check_of_the_roles_is_that_of_the_module(role: str) -> None:
    theirs = DEPLOYMENT.options["http_check"]
    ours = level("application")["http_check"] if role == "setup" else options(role)["application_http_check"]
    compare({"http_check": ours}, {"http_check": theirs}, role)
    if role == "setup":
        # The module has these defaults.
        own = {name: one.get("default") for name, one in HTTP_CHECKS["checks"]["options"].items()}
        assert own == {
            **{name: one.get("default") for name, one in theirs["options"].items()},
            "label": None,
            "secret_url": None,
        }
        return
    variables = load(role, "vars/main.yml")
    defaults = jinja2.Environment(autoescape=False).from_string(variables["_%s_check" % role].split("|")[0] + "}}")
    given = yaml_load(defaults.render())
    assert {name: None if value == "None" else value for name, value in given.items()} == {
        name: spec.get("default") for name, spec in theirs["options"].items()
    }


def test_options_of_the_deployment_are_not_passed_to_the_application() -> None:
    found = load("setup", "vars/main.yml")
    assert found["_setup_asked_keys"] == list(WANTED)
    own = set(WANTED) | set(re.findall(r"'(\w+)'", found["_setup_own_keys"]))
    assert "_setup_asked_keys" in found["_setup_own_keys"]
    assert own == LEVELS["application"][1]
    assert not own & {*APPLICATION.options, *COMPOSE.options, *DATABASE.options}
    assert "_setup_asked_keys" in found["_setup_deploy_defaults"]
    defaults = tasks("setup")["Start deployments"]["module_defaults"]
    assert defaults == {"community.dokploy.dokploy_deployment": "{{ _setup_deploy_defaults }}"}


def test_setup_starts_all_deployments_before_it_waits() -> None:
    start, wait = (tasks("setup")[name] for name in DEPLOYS["setup"])
    assert start["community.dokploy.dokploy_deployment"]["wait"] is False and "loop" in start
    assert wait["community.dokploy.dokploy_deployment"]["state"] == "finished" and "loop" not in wait
    names = list(tasks("setup"))
    assert names.index(DEPLOYS["setup"][0]) + 1 == names.index(DEPLOYS["setup"][1])
    # After a failure, the others are still reported.
    assert start["ignore_errors"] is wait["ignore_errors"] is True
    last = [task["name"] for task in load("setup", "tasks/main.yml")[0]["block"]][-2:]
    assert last == ["Show the deployments", "Report failures"]


def test_common_tasks_are_tagged_always() -> None:
    """With the tags of the parts, --skip-tags would skip them."""
    wanted = {
        "server": [
            "Check the variables",
            "Look for the service of Dokploy",
            "Remember what was there",
            "Return the result",
        ],
        "setup": [
            "Check the variables",
            "List the resources to set up",
            "Configure",
            "Deploy",
            "Set the result",
            "Report failures",
            "Keep the facts of the databases",
            "List the options of stacks and applications, which may refer to these facts",
        ],
        "application": ["Check the variables", "Set the result"],
    }
    for role, names in wanted.items():
        assert [name for name, task in tasks(role).items() if task["tags"] == ["always"]] == names


def test_no_task_of_setup_loops_over_secrets() -> None:
    """Ansible prints loop items, so they only contain addresses; the options are in module_defaults."""
    for name, task in tasks("setup").items():
        if "loop" in task and "ansible.builtin.include_tasks" not in task:
            assert "setup_projects" not in task["loop"] and "_setup_stored" not in task["loop"], name
            assert task["loop_control"] == {"loop_var": "setup_item", "label": "{{ setup_item.label }}"}, name
    assert tasks("setup")["List the resources to set up"]["no_log"] is True


def tasks_of_modules() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The tasks of roles and playbooks that run a module, with their prefix of variables and the known variables."""
    for role in ("application", "setup"):
        for task in tasks(role).values():
            yield role, task, load(role, "vars/main.yml")
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
    assert told > 100
    assert variable_of("force", tasks("setup")["Remove projects"]["vars"]["_dokploy_variables"]) == "setup_force"

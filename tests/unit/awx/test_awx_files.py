# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for AWX are what AWX takes, and name what the playbooks and the connection of the collection have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.arguments import OF_EVERY_TASK
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import specification
from tests.support.awx import (
    HIDDEN,
    NotStarted,
    credential_type_errors,
    extra_vars_file,
    filled_in,
    inject,
    job_variables,
    survey_errors,
)
from tests.support.awx_files import FOLDER, INJECTORS, INPUTS, PROJECT, job_templates, load, workflows

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES, WORKFLOWS = job_templates(), workflows()
FIELDS = {field["id"]: field for field in INPUTS["fields"]}
SURVEYS = sorted(path.stem for path in (FOLDER / "surveys").iterdir())
# The playbook of the collection behind each playbook of the project.
BEHIND = {
    "deploy.yml": "deploy",
    "rollback.yml": "rollback",
    "deploy_pushed.yml": "deploy",
    "export.yml": "export",
    "recover.yml": "recover",
    "backup.yml": "backup",
    "clone.yml": "clone",
    "drill.yml": "drill",
    "promote.yml": "promote",
    "promote_plan.yml": "promote",
    **{f"move_{step}.yml": "move" for step in ("prepare", "switch", "finish", "back")},
}
# Those that need a project and an application.
MOVES = {name for name in BEHIND if name.startswith("move_")}
OF_SEVERAL = {"export.yml", "recover.yml", "backup.yml", "clone.yml", "drill.yml", "promote.yml", "promote_plan.yml"}
OF_SEVERAL |= MOVES
OF_ONE = set(BEHIND) - OF_SEVERAL
DEPLOY, ROLL_BACK = TEMPLATES["Dokploy: deploy"], TEMPLATES["Dokploy: roll back"]
WEB = {"dokploy_project": "shop", "dokploy_application": "web"}
MOVE = {"move_projects": "shop", "move_dest": "/moves", "move_to_url": "https://b.test", "move_to_api_key": "key"}
CLONE = {"clone_from": "shop/production", "clone_to": "shop/staging"}
PROMOTION = {"dokploy_promote_from": "shop/staging/web", "dokploy_promote_to": "shop/production/web"}


def known(playbook: str) -> set[str]:
    """The variables of a playbook of the project."""
    if playbook in BEHIND:
        play = yaml.safe_load((ROOT / "playbooks" / (BEHIND[playbook] + ".yml")).read_text())[-1]
        if "vars" in play:
            return set(play["vars"]["_playbook_known"])
        # Of the role that it runs.
        entry_point = play["tasks"][0]["ansible.builtin.import_role"]["tasks_from"]
        return set(specification(str(ROOT / "roles/data/meta/argument_specs.yml"), entry_point)) | set(OF_EVERY_TASK)
    found = {"projects_file"}
    for role in ("setup", "drift") if playbook == "drift.yml" else ("setup",):
        specs = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())
        found |= set(specs["argument_specs"]["main"]["options"])
    return found


# --- the credential type ---------------------------------------------------------------------------------------------


def test_awx_takes_the_credential_type() -> None:
    assert credential_type_errors(INPUTS, INJECTORS) == []


@pytest.mark.parametrize(
    ("inputs", "injectors"),
    [
        ({"fields": [{"id": "url", "label": "URL", "type": "text"}]}, {}),
        ({"fields": [{"id": "url", "label": "URL", "type": "boolean", "secret": True}]}, {}),
        ({"fields": [{"id": "url", "label": "URL", "default": True}]}, {}),
        ({"fields": [{"id": "url", "label": "URL"}], "required": ["key"]}, {}),
        ({"fields": [{"id": "url", "label": "URL"}]}, {"env": {"DOKPLOY_URL": "{{ uri }}"}}),
        ({"fields": [{"id": "url", "label": "URL"}]}, {"env": {"DOKPLOY_URL": "{{ tower.filename }}"}}),
        ({"fields": [{"id": "url", "label": "URL"}]}, {"env": {"ANSIBLE_CONFIG": "{{ url }}"}}),
        ({"fields": [{"id": "url", "label": "URL"}]}, {"env": {"DOKPLOY_URL": True}}),
        ({"fields": [{"id": "url", "label": "URL"}]}, {"file": {"ca": "{{ url }}"}}),
    ],
)
def test_the_rules_of_credential_types_refuse(inputs: dict[str, Any], injectors: dict[str, Any]) -> None:
    assert credential_type_errors(inputs, injectors)


def test_the_credential_gives_the_connection() -> None:
    env = {"DOKPLOY_" + name.replace("dokploy_", "").upper() for name in CONNECTION}
    # How long to wait and how often to repeat is a matter of the job.
    assert env - set(INJECTORS["env"]) == {
        "DOKPLOY_REQUEST_TIMEOUT",
        "DOKPLOY_MAX_RETRIES",
        "DOKPLOY_RATE_LIMIT_TIMEOUT",
    }
    assert set(INJECTORS["env"]) < env
    assert [name for name, field in FIELDS.items() if field.get("secret")] == ["api_key"]
    assert FIELDS["auth_scheme"]["choices"] == CONNECTION["auth_scheme"]["choices"]
    assert FIELDS["auth_scheme"]["default"] == CONNECTION["auth_scheme"]["default"]


def injected(folder: Path, **values: Any) -> Any:
    (folder / "env").mkdir()
    given = {"url": "https://dokploy.example.com", "api_key": "the-key-of-the-api", **values}
    return inject(INPUTS, INJECTORS, given, folder, "/runner")


def test_a_credential_with_the_required_fields_verifies_certificates(tmp_path: Path) -> None:
    made = injected(tmp_path)
    assert made.env == {
        "DOKPLOY_URL": "https://dokploy.example.com",
        "DOKPLOY_API_KEY": "the-key-of-the-api",
        "DOKPLOY_AUTH_SCHEME": "auto",
        "DOKPLOY_CA_PATH": "",
        "DOKPLOY_VALIDATE_CERTS": "true",
    }
    assert made.shown == {**made.env, "DOKPLOY_API_KEY": HIDDEN}
    assert made.args == []


def test_a_credential_with_all_fields(tmp_path: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    made = injected(tmp_path, auth_scheme="bearer", ca_certificate=text, skip_verification=True)
    path = made.env.pop("DOKPLOY_CA_PATH")
    (file,) = (tmp_path / "env").iterdir()
    assert path == f"/runner/env/{file.name}"
    assert file.read_text().splitlines() == text.splitlines()
    assert made.env["DOKPLOY_AUTH_SCHEME"] == "bearer"
    assert made.env["DOKPLOY_VALIDATE_CERTS"] == "false"


# --- surveys ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SURVEYS)
def test_awx_takes_a_survey(name: str) -> None:
    assert survey_errors(load("surveys/" + name)) == []


def test_every_survey_is_used() -> None:
    assert sorted({row["survey"] for row in [*TEMPLATES.values(), *WORKFLOWS.values()]}) == SURVEYS


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_job_template_asks_for_variables_of_its_playbook(name: str) -> None:
    template = TEMPLATES[name]
    assert (PROJECT / template["playbook"]).is_file()
    assert {question["variable"] for question in template["survey_spec"]["spec"]} <= known(template["playbook"])
    assert set(template.get("extra_vars", {})) <= known(template["playbook"])


def of_procedure(playbook: str) -> dict[str, Any]:
    """The argument specification of the procedure on data behind a playbook of the project; nothing of another one."""
    play = yaml.safe_load((ROOT / "playbooks" / (BEHIND.get(playbook, "setup") + ".yml")).read_text())[-1]
    role = play["tasks"][0].get("ansible.builtin.import_role", {}) if "tasks" in play else {}
    if role.get("name") != "community.dokploy.data":
        return {}
    return specification(str(ROOT / "roles/data/meta/argument_specs.yml"), role["tasks_from"])


PROCEDURES = [name for name, template in TEMPLATES.items() if of_procedure(template["playbook"])]


def test_every_procedure_on_data_has_a_job_template() -> None:
    behind = {BEHIND[TEMPLATES[name]["playbook"]] for name in PROCEDURES}
    specs = yaml.safe_load((ROOT / "roles/data/meta/argument_specs.yml").read_text())
    assert behind == set(specs["argument_specs"])


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_question_is_of_the_type_of_its_option(name: str) -> None:
    template = TEMPLATES[name]
    described = of_procedure(template["playbook"])
    for question in template["survey_spec"]["spec"]:
        option = described[question["variable"]]
        where = question["variable"]
        choices = ["true", "false"] if option["type"] == "bool" else option.get("choices")
        if question["type"] == "multiplechoice":
            # An option that may be left out has an empty one.
            assert set(filter(None, question["choices"].splitlines())) <= set(choices), where
        elif option["type"] in ("int", "float"):
            assert question["type"] in ("integer", "float", "text"), where
        else:
            assert question["type"] in (("password",) if option.get("no_log") else ("text", "textarea")), where
        # A form may propose another folder, and another choice.
        if option["type"] in ("int", "float", "bool") and "default" in option and question["default"] != "":
            assert str(question["default"]) == str(option.get("default")).lower(), where
    asked = {question["variable"] for question in template["survey_spec"]["spec"] if question["required"]}
    stated = set(template.get("extra_vars", {})) | set(vars_of(template["playbook"]))
    assert {option for option, one in described.items() if one.get("required")} <= asked | stated


def vars_of(playbook: str) -> dict[str, Any]:
    """The variables that a playbook of the project states."""
    plays = yaml.safe_load((PROJECT / playbook).read_text())
    variables: dict[str, Any] = plays[-1].get("vars", {})
    return variables


def test_the_job_templates_run_every_playbook_of_the_project() -> None:
    run = {template["playbook"] for template in TEMPLATES.values()}
    playbooks = {path.name for path in PROJECT.glob("*.yml")} - {"execution-environment.yml"}
    # configure.yml has the job template of the webhook.
    assert playbooks - run == {"deploy_pushed.yml"}
    for name, behind in BEHIND.items():
        *_before, entry = yaml.safe_load((PROJECT / name).read_text())
        assert entry["ansible.builtin.import_playbook"] == "community.dokploy." + behind


def test_the_choices_are_those_of_the_modules() -> None:
    (state,) = [one for one in DEPLOY["survey_spec"]["spec"] if one["variable"] == "dokploy_deploy_state"]
    assert set(state["choices"].splitlines()) <= set(DEPLOYMENT.options["state"]["choices"])
    specs = yaml.safe_load((ROOT / "roles/setup/meta/argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    (deploy,) = [
        one for one in TEMPLATES["Dokploy: set up"]["survey_spec"]["spec"] if one["variable"] == "setup_deploy"
    ]
    assert deploy["choices"].splitlines() == options["setup_deploy"]["choices"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_form_as_it_is_shown_starts_a_job(name: str) -> None:
    template = TEMPLATES[name]
    playbook = template["playbook"]
    stated = {**dict.fromkeys(OF_ONE, WEB), **dict.fromkeys(MOVES, MOVE), "clone.yml": CLONE}
    given = stated.get(playbook, {})
    variables, safe = job_variables(template, filled_in(template["survey_spec"], given))
    assert given.items() <= variables.items()
    assert safe == set(template.get("extra_vars", {}))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_program_only_says_what_to_deploy(name: str) -> None:
    """As a rulebook or a request does, which has no form: what has a default needs no answer."""
    template = TEMPLATES[name]
    needed = {
        "export.yml": {},
        "backup.yml": {"backup_dest": "/var/lib/sets"},
        "clone.yml": CLONE,
        "drill.yml": {"drill_set": "sets/newest"},
        "recover.yml": {"recover_set": "sets/newest"},
        **dict.fromkeys(("promote.yml", "promote_plan.yml"), PROMOTION),
        **dict.fromkeys(OF_ONE, WEB),
        **dict.fromkeys(MOVES, MOVE),
    }
    given = needed.get(template["playbook"], {"projects_file": "shop"})
    variables, _safe = job_variables(template, given)
    defaults = {one["variable"]: one["default"] for one in template["survey_spec"]["spec"] if one["default"] != ""}
    assert {**defaults, **given}.items() <= variables.items()


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"dokploy_application": "web"}, "dokploy_project is below 1"),
        ({**WEB, "dokploy_deploy_timeout": 0}, "dokploy_deploy_timeout is below 1"),
        ({**WEB, "dokploy_deploy_timeout": "900"}, "dokploy_deploy_timeout is not of the type integer"),
        ({**WEB, "dokploy_deploy_state": "rebuilt"}, "dokploy_deploy_state is none of"),
        ({**WEB, "dokploy_deploy_verify": "yes"}, "dokploy_deploy_verify is none of"),
        ({**WEB, "dokploy_revision": "a" * 129}, "dokploy_revision is above 128"),
        ({**WEB, "dokploy_url": "https://other.example.com"}, "does not ask for dokploy_url"),
    ],
)
def test_awx_refuses_wrong_answers(answers: dict[str, Any], said: str) -> None:
    with pytest.raises(NotStarted, match=re.escape(said)):
        job_variables(DEPLOY, filled_in(DEPLOY["survey_spec"], answers))


def test_an_answer_is_not_a_template() -> None:
    text = extra_vars_file({"dokploy_project": "{{ lookup('env', 'DOKPLOY_API_KEY') }}", "own": "{{ x }}"}, {"own"})
    assert "!unsafe '{{ lookup" in text and "own: '{{ x }}'" in text


# --- workflows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_job_templates(name: str) -> None:
    nodes = {node["identifier"]: node for node in WORKFLOWS[name]["nodes"]}
    for node in nodes.values():
        assert ("approval_node" in node) != (node.get("unified_job_template") in TEMPLATES)
        assert {*node.get("success_nodes", ()), *node.get("failure_nodes", ())} <= set(nodes)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_all_jobs_of_a_workflow_take_all_of_its_variables(name: str) -> None:
    asked = {question["variable"] for question in WORKFLOWS[name]["survey_spec"]["spec"]}
    for node in WORKFLOWS[name]["nodes"]:
        template = TEMPLATES.get(node.get("unified_job_template"), {})
        own = template.get("extra_vars", {}).get("dokploy_own_variables", [])
        assert not template or asked <= known(template["playbook"]) | set(own)


def test_what_is_approved_is_planned_before_and_applied_after() -> None:
    nodes = {node["identifier"]: node for node in WORKFLOWS["Dokploy: review and set up"]["nodes"]}
    assert [nodes["plan"]["success_nodes"], nodes["approve"]["success_nodes"]] == [["approve"], ["set-up"]]
    (play,) = load("project/plan")
    (handed_on,) = play["post_tasks"][-1]["ansible.builtin.set_stats"]["data"]
    assert handed_on in known("setup.yml")
    assert all(role["check_mode"] for role in play["roles"])

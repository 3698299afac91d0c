# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks read what their heads and the guide to pipelines say, and each snippet of the guide is whole."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/docsite/rst/pipelines.rst").read_text()
NAMES = ("deploy", "rollback", "export")
PLAYBOOKS = (*NAMES, "drift", "setup", "teardown")
# For rulebooks; the guide to Event-Driven Ansible is about it.
EVENT_PLAYBOOKS = ("deployment_log",)
CONNECTING = {name if name.startswith("dokploy_") else "dokploy_" + name for name in CONNECTION}
# Keywords whose values are expressions without braces.
BARE = {"when", "that", "changed_when", "failed_when", "until"}


def play(name: str) -> dict[str, Any]:
    (found,) = yaml.safe_load((ROOT / "playbooks" / (name + ".yml")).read_text())
    result: dict[str, Any] = found
    return result


def expressions(value: Any, key: str = "") -> Iterator[str]:
    """Every template in a play."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from expressions(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from expressions(item, key)
    elif isinstance(value, str):
        yield "{{ %s }}" % value if key in BARE else value


class Known(dict[str, Any]):
    """Knows every filter and test: those of Ansible are not what is looked for."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, bool)


def reads(name: str) -> set[str]:
    """The variables that a playbook takes from outside."""
    found = play(name)
    own = set(found.get("vars", {})) | {"item", "omit", "ansible_check_mode", "query"}
    for task in [*found.get("pre_tasks", ()), *found.get("tasks", ())]:
        own |= set(task.get("vars", {})) | {task.get("register"), task.get("loop_control", {}).get("index_var")}
    environment = jinja2.Environment(autoescape=False)
    environment.filters, environment.tests = Known(environment.filters), Known(environment.tests)
    read: set[str] = set()
    for text in expressions(found):
        read |= jinja2.meta.find_undeclared_variables(environment.parse(text))
    return read - own


def head(name: str) -> str:
    return (ROOT / "playbooks" / (name + ".yml")).read_text().partition("\n- name: ")[0]


@pytest.mark.parametrize("name", [*NAMES, *EVENT_PLAYBOOKS])
def test_the_head_of_a_playbook_names_all_that_it_reads(name: str) -> None:
    named = set(re.findall(r"\bdokploy_\w+", head(name))) - {"dokploy_", "dokploy_deployment"}
    assert named | CONNECTING == reads(name)


@pytest.mark.parametrize("name", [*PLAYBOOKS, *EVENT_PLAYBOOKS])
def test_a_playbook_knows_all_that_it_reads_and_refuses_the_rest(name: str) -> None:
    found = play(name)
    # The roles read the connection, and the actions of the modules whether they run in process.
    read = {variable for variable in reads(name) if variable.startswith("dokploy_")} | CONNECTING
    assert set(found["vars"]["_playbook_known"]) == read | {"dokploy_in_process"}
    first = [*found.get("pre_tasks", ()), *found.get("tasks", ())][0]
    assert first["ansible.builtin.assert"]["that"] == "_playbook_unknown | length == 0"
    assert first.get("tags", ["always"]) == ["always"]


def table() -> dict[str, tuple[str, str]]:
    """The table of the guide: variable -> its playbooks, and its default."""
    rows = re.findall(r"^   \* - ``([\w*]+)``\n     - ([\w, ]+)\n     -(?: ``(.*)``)?\n     - ", GUIDE, flags=re.M)
    return {name: (playbooks, default) for name, playbooks, default in rows}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_guide_has_every_variable_of_a_playbook(name: str) -> None:
    listed = {variable for variable, (names, _default) in table().items() if name in names or names == "all"}
    assert listed - {"setup_*", "drift_*"} == set(play(name)["vars"]["_playbook_known"])
    assert ("setup_*" in listed) == ("roles" in play(name))
    assert ("drift_*" in listed) == (name == "drift")


@pytest.mark.parametrize(("variable", "default"), [(name, row[1]) for name, row in table().items() if row[1]])
def test_the_guide_has_the_defaults_of_the_playbooks(variable: str, default: str) -> None:
    playbooks = PLAYBOOKS if table()[variable][0] == "all" else table()[variable][0].split(", ")
    for name in playbooks:
        pattern = r"\b%s \| (?:default\(''\) \| string \| )?default\('?%s'?[,)]" % (variable, re.escape(default))
        assert any(re.search(pattern, text) for text in expressions(play(name))), name


@pytest.mark.parametrize("name", [*NAMES, *EVENT_PLAYBOOKS])
def test_the_playbooks_take_the_connection_as_the_roles_do(name: str) -> None:
    template = play(name)["vars"]["_%s_connection" % name]
    assert template == play("deploy")["vars"]["_deploy_connection"]
    for option in CONNECTION:
        variable = option if option.startswith("dokploy_") else "dokploy_" + option
        assert "'%s': %s | default(none)" % (option, variable) in template
    assert set(play(name)["module_defaults"].values()) == {"{{ _%s_connection }}" % name}


@pytest.mark.parametrize("name", NAMES)
def test_the_playbooks_use_options_that_exist(name: str) -> None:
    for task in play(name)["tasks"]:
        assert set(task.get("community.dokploy.dokploy_deployment", ())) <= set(DEPLOYMENT.options), task["name"]


@pytest.mark.parametrize("name", NAMES)
def test_the_playbooks_ask_nothing(name: str) -> None:
    assert "vars_prompt" not in play(name)
    assert "pause" not in "".join(key for task in play(name)["tasks"] for key in task)


# --- the guide -------------------------------------------------------------------------------------------------------


def snippets(language: str) -> list[str]:
    """The code blocks of the guide in one language."""
    parts = re.split(r"^\.\. code-block:: (\S+)\n\n", GUIDE, flags=re.M)
    found = []
    for name, rest in zip(parts[1::2], parts[2::2], strict=True):
        lines = []
        for line in rest.splitlines():
            if line and not line.startswith("    "):
                break
            lines.append(line)
        if name == language:
            found.append(textwrap.dedent("\n".join(lines)))
    return found


def documents() -> dict[str, Any]:
    """The YAML files of the guide, by their first line's comment, or by their first key."""
    found = {}
    for language in ("yaml", "yaml+jinja"):
        for text in snippets(language):
            value = yaml.safe_load(text)
            first = text.splitlines()[0]
            found[first[2:] if first.startswith("# ") else str(next(iter(value)))] = value
    return found


def commands() -> list[str]:
    """Every shell command of the guide."""
    found = []
    for text in snippets("console"):
        found += [line[2:] for line in text.replace("\\\n", " ").splitlines() if line.startswith("$ ")]
    for value in documents().values():
        for job in jobs(value):
            for step in [*job.get("steps", ()), *({"run": line} for line in job.get("script", ()))]:
                found += step.get("run", "").splitlines()
            found += job.get("before_script", ())
    return found


def jobs(value: Any) -> list[dict[str, Any]]:
    """The jobs of a workflow of GitHub, or of a pipeline of GitLab."""
    if not isinstance(value, dict):
        return []
    if "jobs" in value:
        return list(value["jobs"].values())
    return [item for item in value.values() if isinstance(item, dict) and {"script", "before_script"} & set(item)]


def runs() -> list[tuple[str, dict[str, Any]]]:
    """Each run of a playbook of the collection: its name, and the extra variables it is given."""
    found = []
    for command in commands():
        words = shlex.split(command)
        if words[0] != "ansible-playbook":
            continue
        given: dict[str, Any] = {}
        assert words[2::2] == ["-e"] * len(words[2::2]), command
        for text in words[3::2]:
            name, equals, value = text.partition("=")
            given.update(json.loads(text) if text.startswith("{") else {name: value})
            assert equals or text.startswith("{"), command
        found.append((words[1].removeprefix("community.dokploy."), given))
    return found


def test_a_drill_removes_all_kinds_of_what_it_can_create_beside_its_projects() -> None:
    """But for users, to which no service refers."""
    kinds = [section for section in SECTIONS if not (section.in_tree or section.resource.single or section.child)]
    expected = {section.kind: section.name for section in kinds if section.kind != "user"}
    tasks = ROOT / "roles/data/tasks"
    (drill,) = yaml.safe_load((tasks / "drill.yml").read_text())
    assert sorted(drill["vars"]["_data_drill_beside_kinds"]) == sorted(expected)
    removals = yaml.safe_load((tasks / "drill/remove.yml").read_text())
    (removal,) = (task for task in removals if task["name"] == "Remove that")
    options = removal["community.dokploy.dokploy_manifest"]
    assert {kind: options[name] for kind, name in expected.items()} == {
        kind: "{{ _data_drill_created.%s | default(omit) }}" % kind for kind in expected
    }


def test_the_guide_has_the_snippets_that_it_promises() -> None:
    assert set(documents()) == {
        ".github/workflows/deploy.yml",
        ".github/workflows/rollback.yml",
        ".gitlab-ci.yml",
        # tests/component/manifest/test_explanations.py applies it.
        "document.yml",
    }
    assert len(snippets("console")) == 4
    blocks = sum(len(snippets(language)) for language in ("yaml", "console"))
    assert blocks == GUIDE.count(".. code-block::")


def test_every_extra_variable_of_the_guide_is_one_that_the_playbook_reads() -> None:
    assert {name for name, _given in runs()} == {"deploy", "rollback"}
    for name, given in runs():
        assert set(given) <= reads(name), (name, given)
        for entry in given.get("dokploy_applications", ()):
            assert set(entry) <= set(play("deploy")["vars"]["_deploy_one"])


def test_the_pipelines_deploy_their_commit_and_can_go_back() -> None:
    for file, commit in ((".github/workflows/deploy.yml", "GITHUB_SHA"), (".gitlab-ci.yml", "CI_COMMIT_SHA")):
        said = json.dumps(documents()[file])
        assert '-e dokploy_revision=\\"$%s\\"' % commit in said
    for file in (".github/workflows/rollback.yml", ".gitlab-ci.yml"):
        assert "ansible-playbook community.dokploy.rollback" in json.dumps(documents()[file])


@pytest.mark.parametrize("name", ["deploy", "rollback"])
def test_the_workflows_of_github_are_whole(name: str) -> None:
    workflow = documents()[".github/workflows/%s.yml" % name]
    # YAML 1.1 reads the word as a boolean.
    assert workflow[True]
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        assert "secrets.DOKPLOY_API_KEY" in job["env"]["DOKPLOY_API_KEY"] and job["env"]["DOKPLOY_URL"]
        for step in job["steps"]:
            assert step["name"] and ("run" in step) != ("uses" in step)
            # What a user types in must not become part of a command.
            assert "${{" not in step.get("run", "")


def test_the_pipeline_of_gitlab_is_whole() -> None:
    pipeline = documents()[".gitlab-ci.yml"]
    for name in ("deploy", "rollback"):
        job = pipeline[name]
        assert job["script"] and job["rules"]
        shared = pipeline[job["extends"]]
        assert shared["stage"] in pipeline["stages"] and shared["image"] and shared["before_script"]
    # Variables of the project come by themselves, and must not stand here.
    assert "DOKPLOY_" not in json.dumps(pipeline)

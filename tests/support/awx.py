# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX 24 does with a credential type, a survey and the variables of a job, for tests.

The rules are those of AWX's source (C(awx/main/fields.py), C(awx/api/views/__init__.py), and C(credential.py),
C(mixins.py) and C(workflow.py) in C(awx/main/models)). Ansible Automation Platform 2.5 and newer have the same.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

HIDDEN = "*" * 10
# Settings of a field of a credential type, with the type of each.
FIELD: dict[str, type] = {
    "id": str,
    "type": str,
    "label": str,
    "help_text": str,
    "format": str,
    "choices": list,
    "multiline": bool,
    "secret": bool,
    "ask_at_runtime": bool,
    "default": object,
}
# Variables of the environment that no credential may set, beside those of Ansible.
FORBIDDEN = frozenset(
    "VIRTUAL_ENV PATH PYTHONPATH JOB_ID INVENTORY_ID INVENTORY_SOURCE_ID INVENTORY_UPDATE_ID AD_HOC_COMMAND_ID"
    " REST_API_URL REST_API_TOKEN MAX_EVENT_RES CALLBACK_QUEUE CALLBACK_CONNECTION CACHE JOB_CALLBACK_DEBUG"
    " INVENTORY_HOSTVARS AWX_HOST PROJECT_REVISION SUPERVISOR_CONFIG_PATH".split()
)
QUESTION_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}


# --- credential types ------------------------------------------------------------------------------------------------


def credential_type_errors(inputs: dict[str, Any], injectors: dict[str, Any]) -> list[str]:
    """Why AWX refuses a credential type; empty if it takes it."""
    errors = [f"inputs.{key} is unknown" for key in set(inputs) - {"fields", "required"}]
    errors += [f"injectors.{key} is unknown" for key in set(injectors) - {"env", "file", "extra_vars"}]
    names = [field.get("id", "") for field in inputs.get("fields", ())]
    errors += [f"{name} is not unique" for name in names if names.count(name) > 1]
    errors += [f"{name} is required and no field" for name in inputs.get("required", ()) if name not in names]
    for field in inputs.get("fields", ()):
        errors += _field_errors(field)
    return errors or _injector_errors(names, injectors)


def _field_errors(field: dict[str, Any]) -> list[str]:
    kind = field.get("type", "string")
    errors = [f"{key} of {field} is unknown" for key in set(field) - set(FIELD)]
    errors += [f"{field} has no {key}" for key in ("id", "label") if key not in field]
    errors += [f"{key} of {field}" for key, value in field.items() if not isinstance(value, FIELD.get(key, object))]
    if not re.match(r"^[a-zA-Z_]+[a-zA-Z0-9_]*$", field.get("id", "")) or field.get("id") == "tower":
        errors.append(f"{field.get('id')} is not a name")
    if kind not in ("string", "boolean") or field.get("format", "url") not in ("ssh_private_key", "url"):
        errors.append(f"{field} has an unknown type or format")
    if kind == "boolean":
        errors += [
            f"{key} needs a string: {field}" for key in ("choices", "multiline", "format", "secret") if key in field
        ]
    if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}.get(kind, ())):
        errors.append(f"the default of {field} is not a {kind}")
    return errors


class _Unnamed:
    """C(tower.filename) of a type whose files have names."""

    def __str__(self) -> str:
        raise jinja2.UndefinedError("tower.filename needs the name of a file")


def _injector_errors(names: list[str], injectors: dict[str, Any]) -> list[str]:
    files = injectors.get("file", {})
    errors = [
        f"{name} is not a file" for name in files if not re.match(r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$", name)
    ]
    if "template" in files and len(files) > 1:
        errors.append("the only file without a name has to be the only file")
    filename: Any = "EXAMPLE_FILENAME" if "template" in files else _Unnamed()
    for name in files:
        if "." in name:
            setattr(filename, name.split(".")[1], "EXAMPLE_FILENAME")
    for name, template in injectors.get("env", {}).items():
        if name.startswith("ANSIBLE_") or name in FORBIDDEN or not re.match(r"^[a-zA-Z_]+[a-zA-Z0-9_]*$", name):
            errors.append(f"{name} must not be set")
        if not isinstance(template, str) or not template.isascii():
            errors.append(f"{name} is not a text in ASCII")
    if errors:
        return errors
    space = {**dict.fromkeys(names, "EXAMPLE"), "tower": SimpleNamespace(filename=filename)}
    strict = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    for kind, templates in injectors.items():
        for name, template in templates.items():
            try:
                strict.from_string(template).render(space)
            except jinja2.TemplateError as error:
                errors.append(f"{kind}.{name}: {error}")
    return errors


class Injected:
    """What a credential adds to a job.

    :ivar env: variables of the environment.
    :ivar shown: the same as AWX stores and shows them, without secrets.
    :ivar args: arguments of C(ansible-playbook).
    """

    def __init__(self) -> None:
        self.env: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.args: list[str] = []


def inject(
    inputs: dict[str, Any], injectors: dict[str, Any], values: dict[str, Any], folder: Path, root: str | None = None
) -> Injected:
    """Render the injectors with the values of a credential.

    :param folder: the private data directory of the job, with a folder C(env).
    :param root: where that directory is for the job; default: where it is.
    """
    secret = {field["id"] for field in inputs["fields"] if field.get("secret")}
    space: dict[str, Any] = {}
    safe: dict[str, Any] = {}
    for name, value in values.items():
        # An empty text is not set; its template finds it undefined.
        if isinstance(value, bool) or value:
            space[name] = value
            safe[name] = HIDDEN if name in secret else value
    for field in inputs["fields"]:
        if field.get("type") == "boolean" and field["id"] not in values:
            space[field["id"]] = safe[field["id"]] = False
    tower = SimpleNamespace(filename=SimpleNamespace())
    space["tower"] = safe["tower"] = tower
    sandbox = ImmutableSandboxedEnvironment()
    for label, template in injectors.get("file", {}).items():
        handle, path = tempfile.mkstemp(dir=folder / "env")
        with os.fdopen(handle, "w") as file:
            file.write(sandbox.from_string(template).render(**space))
        inside = path if root is None else f"{root}/{Path(path).relative_to(folder)}"
        if "." in label:
            setattr(tower.filename, label.split(".")[1], inside)
        else:
            tower.filename = inside
    found = Injected()
    for name, template in injectors.get("env", {}).items():
        found.env[name] = sandbox.from_string(template).render(**space)
        found.shown[name] = sandbox.from_string(template).render(**safe)
    return found


# --- surveys ---------------------------------------------------------------------------------------------------------


def survey_errors(survey: dict[str, Any]) -> list[str]:
    """Why AWX refuses the specification of a survey; empty if it takes it."""
    errors = [f"{key} is missing" for key in ("name", "description", "spec") if key not in survey]
    if errors or not survey["spec"]:
        return errors or ["there is no question"]
    variables = [question.get("variable") for question in survey["spec"]]
    errors += [f"{name} is duplicated" for name in variables if variables.count(name) > 1]
    for question in survey["spec"]:
        errors += _question_errors(question)
    return errors


def _question_errors(question: dict[str, Any]) -> list[str]:
    name = question.get("variable")
    for key in ("type", "question_name", "variable", "required"):
        if not isinstance(question.get(key), bool if key == "required" else str):
            return [f"{key} of {name}"]
    kind = question["type"]
    if kind not in QUESTION_TYPES:
        return [f"the type of {name}: {kind}"]
    errors = []
    default = question.get("default", "")
    if default != "" and not isinstance(default, QUESTION_TYPES[kind]):
        errors.append(f"the default of {name}")
    errors += [f"{key} of {name}" for key in ("min", "max") if not isinstance(question.get(key, 0), int)]
    if kind in ("multiplechoice", "multiselect"):
        chosen = default.splitlines()
        if "choices" not in question or any(choice not in question["choices"] for choice in chosen) or len(chosen) > 1:
            errors.append(f"the choices of {name}")
    if isinstance(default, str) and default.startswith("$encrypted$"):
        errors.append(f"the default of {name} is reserved")
    return errors


def answer_errors(question: dict[str, Any], answers: dict[str, Any]) -> list[str]:
    """Why AWX does not start a job with these answers; empty if it does."""
    name, kind = question["variable"], question["type"]
    if name not in answers:
        return [f"{name} is not answered"] if question["required"] else []
    value = answers[name]
    wanted: Any = QUESTION_TYPES[kind]
    if not isinstance(value, wanted) or isinstance(value, bool):
        return [f"{name} is not of the type {kind}: {value!r}"]
    if kind == "multiplechoice":
        choices = question["choices"].splitlines()
        return [] if value in choices else [f"{name} is none of {choices}: {value!r}"]
    size = len(value) if isinstance(value, str) else value
    if question.get("min") not in ("", None) and size < question["min"]:
        return [f"{name} is below {question['min']}: {value!r}"]
    if question.get("max") not in ("", None) and size > question["max"]:
        return [f"{name} is above {question['max']}: {value!r}"]
    return []


class NotStarted(Exception):
    """AWX refuses to start a job; the text says why."""


def job_variables(
    template: dict[str, Any], answers: dict[str, Any], of_workflow: dict[str, Any] | None = None
) -> tuple[dict[str, Any], set[str]]:
    """The extra variables of a job, and which of them may have templates.

    :param template: a job template with C(extra_vars) and C(survey_spec).
    :param answers: what a user answers, or a program that starts the job.
    :param of_workflow: the variables of the workflow that starts the job. They are not checked, and the job gets those
        that it does not ask for, too.
    """
    variables = dict(template.get("extra_vars") or {})
    own = set(variables)
    questions = (template.get("survey_spec") or {}).get("spec", ())
    if of_workflow is None:
        errors = [error for question in questions for error in answer_errors(question, answers)]
        left = set(answers) - {question["variable"] for question in questions}
        if errors or left:
            raise NotStarted("; ".join(errors) or f"the template does not ask for {', '.join(sorted(left))}")
    for question in questions:
        default = question.get("default")
        if default is not None and not answer_errors(question, {question["variable"]: default}):
            variables[question["variable"]] = default
    variables.update(answers)
    variables.update(of_workflow or {})
    return variables, {name for name in own if variables[name] == template["extra_vars"][name]}


def filled_in(survey: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The answers as the form of AWX sends them: with the defaults it shows, and an empty text where there is none."""
    return {**{question["variable"]: question["default"] for question in survey["spec"]}, **answers}


# --- the variables of a job ------------------------------------------------------------------------------------------


class _Unsafe(str):
    """A text that Ansible does not evaluate."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def _unsafe(value: Any) -> Any:
    if isinstance(value, dict):
        return {_unsafe(key): _unsafe(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unsafe(item) for item in value]
    return _Unsafe(value) if isinstance(value, str) else value


def extra_vars_file(variables: dict[str, Any], safe: set[str]) -> str:
    """The file with the extra variables of a job: of these, only those of the job template itself are evaluated."""
    written = {name: value if name in safe else _unsafe(value) for name, value in variables.items()}
    return yaml.dump(written, Dumper=_Dumper)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generates the options that roles pass to modules from the documentation of the modules.

Replaces them in C(roles/*/meta/argument_specs.yml) and adds those that are missing. The other options of a role stay as
they are written.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from tools.documents import documented, dump, fragment
from tools.workspace import ROOT

Options = dict[str, Any]

# The role itself defines how it finds a resource, and what it does with it.
OWN = frozenset(
    "name state project environment project_id environment_id application_id database_id compose_id"
    " force wait_timeout trigger include_secrets".split()
)


@dataclass(frozen=True)
class Place:
    """Where a role has the options of a module: below the options of C(path), their names with C(prefix).

    :param module: C(connection) are the connection options of all modules.
    :param only: the options that the role has, if it does not have all.
    :param defaults: the defaults are those of the module; else the role has its own, or none.
    :param described: the descriptions are those of the module; else the role has its own, but for suboptions.
    """

    role: str
    module: str
    path: tuple[str, ...] = ()
    prefix: str = ""
    only: tuple[str, ...] = ()
    defaults: bool = True
    described: bool = True

    @property
    def location(self) -> str:
        return "".join(f"{name}[]." for name in self.path)

    def name(self, option: str) -> str:
        """The option of the role for an option of the module."""
        return option if self.prefix and option.startswith(self.prefix) else self.prefix + option

    def options(self) -> Options:
        """The documented options of the module that the role has."""
        if self.module == "connection":
            documentation = fragment("community.dokploy.connection")["options"]
        else:
            documentation = documented(self.module)["options"]
        names = self.only or [name for name in documentation if name not in OWN]
        return {name: documentation[name] for name in names}

    def specs(self) -> Options:
        """The argument spec of the module."""
        if self.module == "connection":
            return dict(CONNECTION)
        module = importlib.import_module(f"ansible_collections.community.dokploy.plugins.modules.{self.module}")
        specs: Options = module.OPERATION.argument_spec
        return specs


PROJECTS = ("setup_projects",)
ENVIRONMENTS = (*PROJECTS, "environments")
APPLICATIONS = (*ENVIRONMENTS, "applications")
DATABASES = (*ENVIRONMENTS, "databases")
COMPOSE = (*ENVIRONMENTS, "compose")
WHAT = ("revision", "archive", "path", "ignore")
HOW = ("title", "description", "verify_period", "log_lines")

PLACES = (
    Place("application", "dokploy_application", prefix="application_"),
    Place("application", "dokploy_deployment", prefix="application_", only=WHAT),
    Place("application", "dokploy_deployment", prefix="application_deploy_", only=HOW, defaults=False),
    Place("application", "dokploy_deployment", prefix="application_", only=("http_check",), described=False),
    Place("application", "connection", prefix="dokploy_", defaults=False),
    Place("setup", "dokploy_project", PROJECTS),
    Place("setup", "dokploy_environment", ENVIRONMENTS),
    Place("setup", "dokploy_database", DATABASES),
    Place("setup", "dokploy_compose", COMPOSE),
    Place("setup", "dokploy_deployment", COMPOSE, only=("revision",)),
    Place("setup", "dokploy_application", APPLICATIONS),
    Place("setup", "dokploy_deployment", APPLICATIONS, only=WHAT),
    Place("setup", "dokploy_deployment", APPLICATIONS, only=("http_check",), described=False),
    Place("setup", "dokploy_deployment", prefix="setup_deploy_", only=HOW, defaults=False),
    Place("setup", "connection", prefix="dokploy_", defaults=False),
)


def paragraphs(option: Mapping[str, Any], names: Container[str], place: Place) -> str | list[str]:
    """The description of an option, with references to the options of the role."""

    def reference(match: re.Match[str]) -> str:
        kind, target = match.groups()
        if "#" in target:
            return match[0]
        if kind == "O" and re.split(r"[.\[=]", target)[0] in names:
            return f"O({place.location}{place.name(target)})"
        return f"{kind}(community.dokploy.{place.module}#module:{target})"

    texts = [option["description"]] if isinstance(option["description"], str) else option["description"]
    # The argument specification of a role is an argument of a task, in which Ansible takes these for templates.
    plain = [text for text in texts if "{{" not in text]
    if len(plain) < len(texts):
        plain.append(f"M(community.dokploy.{place.module}) documents what double braces in a value mean.")
    plain = [re.sub(r"\b(O|RV)\(((?:[^()\\]|\\.)*)\)", reference, text) for text in plain]
    return plain if len(plain) > 1 else plain[0]


def converted(described: Options, specs: Options, names: Container[str], place: Place, path: str) -> Options:
    """Documented options in the terms of a role's argument specification, which has no aliases.

    :param specs: the options in the argument spec of the module, since the documentation does not have C(no_log).
    :param path: what precedes their names in C(O()).
    """
    found: Options = {}
    for name, option in described.items():
        aliases = option.get("aliases", ())
        # One of several names is required, which the specification cannot express.
        taken = ["type", "elements", "choices"]
        taken += ["required", "default"] if place.defaults and not aliases else []
        found[name] = {
            "description": paragraphs(option, names, place),
            **{key: option[key] for key in taken if key in option},
            **({"no_log": True} if specs[name].get("no_log") else {}),
        }
        if "suboptions" in option:
            inner = f"{path}{name}" + ("[]." if option["type"] == "list" else ".")
            found[name]["options"] = converted(option["suboptions"], specs[name]["options"], names, place, inner)
        for alias in aliases:
            found[alias] = {"description": f"Another name for O({path}{name}).", "type": option["type"]}
    return found


def options_of(place: Place) -> Options:
    """The generated options of a place."""
    described = place.options()
    options = converted(described, place.specs(), described, place, place.location + place.prefix)
    return {place.name(name): option for name, option in options.items()}


def generated(role: str, text: str) -> str:
    """The argument specification of a role.

    :param text: what is written in it.
    """
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith(("#", "---")))
    specification = yaml_load(text)
    for place in PLACES:
        if place.role == role:
            options = specification["argument_specs"]["main"]["options"]
            for name in place.path:
                options = options[name]["options"]
            for name, option in options_of(place).items():
                own = [key for key, kept in (("default", place.defaults), ("description", place.described)) if not kept]
                written = options.get(name, {})
                options[name] = {**option, **{key: written[key] for key in own if key in written}}
    return header + "\n" + dump(specification)


def files() -> Iterator[tuple[str, Path]]:
    for role in sorted({place.role for place in PLACES}):
        yield role, ROOT / "roles" / role / "meta/argument_specs.yml"


def main() -> None:
    for role, path in files():
        path.write_text(generated(role, path.read_text()))

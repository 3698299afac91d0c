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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.documents import documented, dump
from tools.workspace import ROOT

Options = dict[str, Any]

# The role itself defines how it finds a resource, and what it does with it.
OWN = frozenset("name state project environment project_id environment_id application_id force wait_timeout".split())


@dataclass(frozen=True)
class Place:
    """Where a role has the options of a module: below the options of C(path), their names with C(prefix)."""

    role: str
    module: str
    path: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def location(self) -> str:
        return "".join(f"{name}[]." for name in self.path) + self.prefix


PLACES = (
    Place("application", "dokploy_application", prefix="application_"),
    Place("setup", "dokploy_project", ("setup_projects",)),
    Place("setup", "dokploy_environment", ("setup_projects", "environments")),
    Place("setup", "dokploy_application", ("setup_projects", "environments", "applications")),
)


def paragraphs(option: Mapping[str, Any], names: frozenset[str], place: Place) -> str | list[str]:
    """The description of an option, with references to the options of the role."""

    def reference(match: re.Match[str]) -> str:
        kind, target = match.groups()
        if "#" in target:
            return match[0]
        if kind == "O" and re.split(r"[.\[=]", target)[0] in names:
            return f"O({place.location}{target})"
        return f"{kind}(community.dokploy.{place.module}#module:{target})"

    texts = [option["description"]] if isinstance(option["description"], str) else option["description"]
    # The argument specification of a role is an argument of a task, in which Ansible takes these for templates.
    plain = [text for text in texts if "{{" not in text]
    if len(plain) < len(texts):
        plain.append(f"M(community.dokploy.{place.module}) documents what double braces in a value mean.")
    plain = [re.sub(r"\b(O|RV)\(((?:[^()\\]|\\.)*)\)", reference, text) for text in plain]
    return plain if len(plain) > 1 else plain[0]


def converted(described: Options, specs: Options, names: frozenset[str], place: Place, path: str) -> Options:
    """Documented options in the terms of a role's argument specification, which has no aliases.

    :param specs: the options in the argument spec of the module, since the documentation does not have C(no_log).
    :param path: what precedes their names in C(O()).
    """
    found: Options = {}
    for name, option in described.items():
        aliases = option.get("aliases", ())
        found[name] = {"description": paragraphs(option, names, place)}
        found[name].update({key: option[key] for key in ("type", "elements", "choices") if key in option})
        # One of the names is required, which the specification cannot express.
        found[name].update({key: option[key] for key in ("required", "default") if key in option and not aliases})
        if specs[name].get("no_log"):
            found[name]["no_log"] = True
        if "suboptions" in option:
            inner = f"{path}{name}" + ("[]." if option["type"] == "list" else ".")
            found[name]["options"] = converted(option["suboptions"], specs[name]["options"], names, place, inner)
        for alias in aliases:
            found[alias] = {"description": f"Another name for O({path}{name}).", "type": option["type"]}
    return found


def options_of(place: Place) -> Options:
    """The generated options of a place."""
    found = importlib.import_module(f"ansible_collections.community.dokploy.plugins.modules.{place.module}")
    documentation = documented(place.module)["options"]
    names = frozenset(documentation) - OWN
    described = {name: documentation[name] for name in documentation if name in names}
    options = converted(described, found.OPERATION.argument_spec, names, place, place.location)
    return {place.prefix + name: option for name, option in options.items()}


def generated(role: str, text: str) -> str:
    """The argument specification of a role.

    :param text: what is written in it.
    """
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith(("#", "---")))
    specification = yaml.safe_load(text)
    for place in PLACES:
        if place.role == role:
            options = specification["argument_specs"]["main"]["options"]
            for name in place.path:
                options = options[name]["options"]
            options.update(options_of(place))
    return header + "\n" + dump(specification)


def files() -> Iterator[tuple[str, Path]]:
    for role in sorted({place.role for place in PLACES}):
        yield role, ROOT / "roles" / role / "meta/argument_specs.yml"


def main() -> None:
    for role, path in files():
        path.write_text(generated(role, path.read_text()))

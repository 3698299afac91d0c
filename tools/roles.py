# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generates the options that roles pass to modules from the documentation of the modules.

Each is one sentence, its type and a link to the option of the module, which describes the rest and the suboptions.
Replaces them in C(roles/*/meta/argument_specs.yml) and adds those that are missing. The other options of a role stay as
they are written. The task of the role C(setup) passes each section of a document as it is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import (
    DOCUMENT_OPTIONS,
    PLACES,
    RoleOptions,
)
from tools.documents import documented, dump, fragment
from tools.workspace import ROOT

Options = dict[str, Any]

TASKS = ROOT / "roles/setup/tasks/main.yml"


def summary(option: Mapping[str, Any], place: RoleOptions) -> str:
    """The first sentence of the description of an option, with references to the options of the role."""

    def reference(match: re.Match[str]) -> str:
        kind, target = match.groups()
        if "#" in target:
            return match[0]
        name, equals, value = target.partition("=")
        if kind == "O" and name in place.options():
            return f"O({place.variable(name)}{equals}{value})"
        return f"{kind}(community.dokploy.{place.module}#module:{target})"

    text = option["description"] if isinstance(option["description"], str) else option["description"][0]
    first = re.split(r"(?<=\.)\s", text)[0]
    return re.sub(r"\b(O|RV)\(((?:[^()\\]|\\.)*)\)", reference, first)


def options_of(place: RoleOptions) -> Options:
    """The generated options of a place."""
    of_every_module = place.spec is CONNECTION
    documentation = fragment("community.dokploy.connection") if of_every_module else documented(place.module)
    options: Options = {}
    for name, spec in place.options().items():
        secret = " A secret." if spec.get("no_log") else ""
        link = f"See O(community.dokploy.{place.module}#module:{name})."
        options[place.variable(name)] = {
            "description": f"{summary(documentation['options'][name], place)}{secret} {link}",
            **{key: spec[key] for key in ("type", "elements", "required") if spec.get(key)},
        }
    return options


def generated(role: str, text: str) -> str:
    """The argument specification of a role.

    :param text: what is written in it.
    """
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith(("#", "---")))
    specification = yaml_load(text)
    for place in PLACES[role]:
        options = specification["argument_specs"]["main"]["options"]
        for name, option in options_of(place).items():
            written = options.get(name, {})
            options[name] = {**option, **{key: written[key] for key in ("default",) if key in written}}
    return header + "\n" + dump(specification)


def files() -> Iterator[tuple[str, Path]]:
    for role in sorted(PLACES):
        yield role, ROOT / "roles" / role / "meta/argument_specs.yml"


def passed(text: str) -> str:
    """The tasks of the role C(setup), which pass each part of a document to the module.

    :param text: the tasks as they are written.
    """
    written = re.compile(r"(?m)(?:^( +)(\w+): \"\{\{ setup_\2 \| default\(omit\) \}\}\"\n)+")
    (block,) = written.finditer(text)
    lines = (f'{block[1]}{name}: "{{{{ setup_{name} | default(omit) }}}}"\n' for name in DOCUMENT_OPTIONS)
    return text[: block.start()] + "".join(lines) + text[block.end() :]


def main() -> None:
    for role, path in files():
        path.write_text(generated(role, path.read_text()))
    TASKS.write_text(passed(TASKS.read_text()))

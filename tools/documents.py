# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of modules, and YAML text in lines of at most 120 characters."""

from __future__ import annotations

import ast
import runpy
import textwrap
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.yaml import yaml_load

from tools.workspace import ROOT

WIDTH = 120
# The fragments of every module.
COMMON = ("connection", "attributes")


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(value: Any) -> str:
    """The YAML text of a value, in block style.

    :raises AssertionError: wrapping a line changes the value.
    """
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    wrapped = "".join(_wrapped(line) + "\n" for line in text.splitlines())
    assert yaml_load(wrapped) == value
    return wrapped


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    text = line.lstrip()
    indent = " " * (len(line) - len(text))
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def module_path(module: str) -> Path:
    return ROOT / f"plugins/modules/{module}.py"


def documented(module: str, variable: str = "DOCUMENTATION") -> dict[str, Any]:
    """What C(DOCUMENTATION) or C(RETURN) of a module contains, with the options of its own fragments."""
    (text,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(module_path(module).read_text()).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == variable
    )
    content: dict[str, Any] = yaml_load(text)
    for name in content.get("extends_documentation_fragment", ()):
        if name.split(".")[2] not in COMMON:
            content["options"] = fragment(name)["options"] | content["options"]
    return content


def fragment(name: str) -> dict[str, Any]:
    """A documentation fragment by its full name, such as C(community.dokploy.git_source.compose)."""
    _namespace, _collection, file, *variable = name.split(".")
    # By its path: not every tool has the collection where Python looks for it.
    place = runpy.run_path(str(ROOT / f"plugins/doc_fragments/{file}.py"))["ModuleDocFragment"]
    text = getattr(place, variable[0].upper() if variable else "DOCUMENTATION")
    content: dict[str, Any] = yaml_load(text)
    return content

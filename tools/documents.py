# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of modules, and YAML text in lines of at most 120 characters."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import Any

import yaml

from tools.workspace import ROOT

WIDTH = 120


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
    assert yaml.safe_load(wrapped) == value
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
    """What C(DOCUMENTATION) or C(RETURN) of a module contains."""
    (text,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(module_path(module).read_text()).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == variable
    )
    found: dict[str, Any] = yaml.safe_load(text)
    return found

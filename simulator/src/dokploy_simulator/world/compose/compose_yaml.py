# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as Dokploy's parser (YAML 1.2, JavaScript) reads and writes it."""

from __future__ import annotations

import re
from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """Without the types of YAML 1.1: ``on`` and ``22:22`` are text, and a key must not stand twice in a mapping."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "Map keys must be unique", node.start_mark)
        return super().construct_mapping(node, deep)


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
     list("-+0123456789.")),
    ("merge", r"<<", ["<"]),
):  # fmt: skip
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


class Dumper(yaml.SafeDumper):
    """Lists are indented, text that needs quotes has double ones, text of several lines is a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        style = super().choose_scalar_style()
        return '"' if style == "'" else style


def _text(dumper: Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.yaml_implicit_resolvers = Loader.yaml_implicit_resolvers
Dumper.add_representer(str, _text)
Dumper.add_representer(type(None), lambda dumper, _none: dumper.represent_scalar("tag:yaml.org,2002:null", "null"))


class YamlError(Exception):
    """A text that is no YAML, with the parser's words, place and line."""


def parse(text: str) -> Any:
    """The value of one document; None for an empty text. Raises ``YamlError``."""
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        assert mark is not None
        problem = str(error.problem)
        if "stream end" in problem and "flow" in str(error.context):
            closing = "]" if "flow node" in str(error.context) or "sequence" in str(error.context) else "}"
            kind = "sequence" if closing == "]" else "map"
            problem = f"Flow {kind} in block collection must be sufficiently indented and end with a {closing}"
        lines = text.split("\n")
        line = lines[mark.line] if mark.line < len(lines) else ""
        if not line[: mark.column].strip() and mark.line:
            line = f"{lines[mark.line - 1]}\n{line}"
        pointer = " " * mark.column + "^"
        raise YamlError(
            f"{problem} at line {mark.line + 1}, column {mark.column + 1}:\n\n{line}\n{pointer}\n"
        ) from None
    except yaml.YAMLError as error:
        raise YamlError(f"{error}\n") from None


def stringify(value: Any) -> str:
    """A document with two blanks of indentation, lines of any length and the keys in their order."""
    if value is None:
        return "null\n"
    text = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1000)
    return str(text)

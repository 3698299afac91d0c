# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schemas of the event sources and the reference of their options, written from their documentation."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import is_secret
from tools.workspace import ROOT

PAGE = ROOT / "docs/docsite/rst/event_driven.rst"
FOLDER = ROOT / "extensions/eda/plugins/event_source"
TYPES = {"str": "string", "path": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array"}
# O(custom.headers), also of another plugin; the text in the parentheses is what a reader sees.
MARKUP = re.compile(r"\b[OVCEMPB]\((?:[\w.]+#\w+:)?([^()#]*)(?:#\w+)?\)")

# The reference is the last part of the guide, from here on.
LABEL = ".. _ansible_collections.community.dokploy.docsite.event_sources:\n"
HEAD = f"""{LABEL}
Event sources
-------------

These are the options of the event sources. One that is not set, or is empty, has the value of its environment variable.
"""


def sources() -> dict[str, Path]:
    """The event sources by their names."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.py"))}


def documentation_text(path: Path, name: str) -> str:
    """A constant of a plugin, without running the plugin."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return str(ast.literal_eval(node.value))
    raise ValueError(f"{path} has no {name}")


def documentation(path: Path, name: str = "DOCUMENTATION") -> Any:
    """The value of a constant that is YAML."""
    return yaml.safe_load(documentation_text(path, name))


def paragraphs(text: str | list[str]) -> list[str]:
    """A description, which is one text or a list of them."""
    return [text] if isinstance(text, str) else text


def plain(text: str | list[str]) -> str:
    """A description without markup."""
    return MARKUP.sub(r"\1", " ".join(paragraphs(text)))


def schema_of(name: str) -> dict[str, Any]:
    """The arguments of an event source. What an environment variable can say is not required."""
    documented = documentation(sources()[name])
    properties = {}
    required = []
    for option, about in documented["options"].items():
        kind = about["type"]
        entry = {"title": option.replace("_", " ").capitalize(), "description": plain(about["description"])}
        single: dict[str, Any] = {"type": TYPES[about.get("elements", kind)]}
        if "choices" in about:
            single["enum"] = about["choices"]
        properties[option] = {**entry, **({"type": "array", "items": single} if kind == "list" else single)}
        if is_secret(option):
            properties[option]["format"] = "password"
        if "default" in about:
            properties[option]["default"] = about["default"]
        if about.get("required") and "env" not in about:
            required.append(option)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://github.com/ansible-collections/community.dokploy/event_sources/{name}.json",
        "title": f"community.dokploy.{name}",
        "description": documented["short_description"],
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def text_of(name: str) -> str:
    """The file of the schema."""
    return json.dumps(schema_of(name), indent=4) + "\n"


def reference() -> str:
    """The part of the guide with all options, in reStructuredText."""
    lines = HEAD.splitlines()
    for name in sources():
        title = f"community.dokploy.{name}"
        about = documentation(sources()[name])
        lines += ["", title, "~" * len(title)]
        for text in paragraphs(about["description"]):
            lines += ["", *_wrapped(text)]
        for option, about_option in about["options"].items():
            lines += ["", f"``{option}``", *_wrapped(_kind(about_option), indent=4)]
            for text in paragraphs(about_option["description"]):
                lines += ["", *_wrapped(text, indent=4)]
        example = documentation_text(sources()[name], "EXAMPLES").strip("\n")
        lines += ["", ".. code-block:: yaml+jinja", "", *(f"    {line}".rstrip() for line in example.splitlines())]
    return "\n".join(lines) + "\n"


def _kind(option: dict[str, Any]) -> str:
    """The type of an option and what else its value depends on, in one sentence."""
    kind = option["type"] if option["type"] != "list" else f"list of {option['elements']}"
    words = [f"*{kind}*"]
    if option.get("required"):
        words.append("required")
    if "choices" in option:
        words.append("one of " + ", ".join(f"``{choice}``" for choice in option["choices"]))
    if "default" in option:
        default = option["default"]
        values = default if isinstance(default, list) else [json.dumps(default) if default is True else default]
        words.append("default " + ", ".join(f"``{value}``" for value in values))
    words += [f"environment variable ``{variable['name']}``" for variable in option.get("env", ())]
    return "; ".join(words)


def _wrapped(text: str, indent: int = 0) -> list[str]:
    blank = " " * indent
    literal = MARKUP.sub(r"``\1``", text)
    return textwrap.wrap(literal, 120, initial_indent=blank, subsequent_indent=blank, break_on_hyphens=False)


def main() -> None:
    guide = PAGE.read_text("utf-8").partition(LABEL)[0]
    PAGE.write_text(guide + reference(), "utf-8")
    for name in sources():
        (FOLDER / "schemas" / f"{name}.json").write_text(text_of(name))

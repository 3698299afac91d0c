# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schemas of the event sources, written from their documentation."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import yaml

from tools.workspace import ROOT

FOLDER = ROOT / "extensions/eda/plugins/event_source"
TYPES = {"str": "string", "path": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array"}
# O(custom.headers), also of another plugin; the text in the parentheses is what a reader sees.
MARKUP = re.compile(r"\b[OVCEMPB]\((?:[\w.]+#\w+:)?([^()#]*)(?:#\w+)?\)")


def sources() -> dict[str, Path]:
    """The event sources by their names."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.py"))}


def documentation(path: Path, name: str = "DOCUMENTATION") -> Any:
    """A constant of a plugin, which is YAML, without running the plugin."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise ValueError(f"{path} has no {name}")


def plain(text: str | list[str]) -> str:
    """A description without markup."""
    return MARKUP.sub(r"\1", text if isinstance(text, str) else " ".join(text))


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


def main() -> None:
    for name in sources():
        (FOLDER / "schemas" / f"{name}.json").write_text(text_of(name))

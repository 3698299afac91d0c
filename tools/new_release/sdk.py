# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of npm's C(@dokploy/sdk), as JSON schemas: objects, arrays, unions, literals, and nothing of lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_DATA = re.compile(r"^export type \w+Data = (\{.*?^\});", re.M | re.S)
_CALL = re.compile(r"\.(get|post)\(\{\s*(?:\.\.\.\w+,\s*)*url: \"/([\w.]+)\"")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_$][\w$]*\??|[{}<>()\[\]|&;:,?]')
_WORDS: dict[str, Schema] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "unknown": {},
    "any": {},
    # A part of a form.
    "Blob": {},
    "File": {},
}


class _Types:
    """A recursive descent over the tokens of one type."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(_COMMENT.sub("", text))
        self.place = 0

    def next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def skip(self, token: str) -> bool:
        """Whether the next token is this one, which is then passed."""
        is_next = self.place < len(self.tokens) and self.tokens[self.place] == token
        self.place += is_next
        return is_next

    def union(self) -> Schema:
        """One type or several with C(|) between them."""
        self.skip("|")
        choices = [self.member()]
        while self.skip("|"):
            choices.append(self.member())
        literals = [choice for choice in choices if "enum" in choice]
        others = [choice for choice in choices if "enum" not in choice]
        if literals:
            values = [value for literal in literals for value in literal["enum"]]
            kind = {"type": "string"} if isinstance(values[0], str) else {"type": literals[0]["type"]}
            others.insert(0, {**kind, "enum": values})
        unique = [choice for number, choice in enumerate(others) if choice not in others[:number]]
        return unique[0] if len(unique) == 1 else {"anyOf": unique}

    def member(self) -> Schema:
        schema = self._single()
        while self.skip("["):
            self.next()
            schema = {"type": "array", "items": schema}
        return schema

    def _single(self) -> Schema:
        token = self.next()
        if token == "{":
            return self.object()
        if token == "(":
            schema = self.union()
            self.next()
            return schema
        if token == "Array":
            self.next()
            schema = {"type": "array", "items": self.union()}
            self.next()
            return schema
        if token[0] == '"':
            return {"type": "string", "enum": [token[1:-1]]}
        if token in ("true", "false"):
            return {"type": "boolean", "enum": [token == "true"]}
        if token[0].isdigit() or token[0] == "-":
            return {"type": "number", "enum": [float(token) if "." in token else int(token)]}
        return dict(_WORDS.get(token, {}))

    def object(self) -> Schema:
        properties: dict[str, Schema] = {}
        required = []
        schema: Schema = {"type": "object"}
        while not self.skip("}"):
            name = self.next()
            if name == "[":
                # [key: string]: type
                while self.next() != "]":
                    pass
                self.next()
                schema["additionalProperties"] = self.union()
            else:
                name, optional = name.strip('"'), name.endswith("?") or self.skip("?")
                self.next()
                properties[name.rstrip("?")] = self.union()
                if not optional:
                    required.append(name)
            self.skip(";")
            self.skip(",")
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = required
        return schema


def _types(text: str) -> Iterator[Schema]:
    for block in _DATA.findall(text):
        yield _Types(block).union()["properties"]


def inputs(text: str) -> dict[str, tuple[Schema, bool]]:
    """The input of each procedure, by its name, and whether it is a form: of C(types.gen.d.ts)."""
    schemas = {}
    for parts in _types(text):
        ((url,),) = (parts["url"]["enum"],)
        # ``never`` has no properties.
        body, query = parts.get("body", {}), parts.get("query", {})
        schema = body if body.get("properties") else query
        form = any(value == {} for value in body.get("properties", {}).values())
        schemas[url.strip("/")] = (schema, form)
    return schemas


def methods(text: str) -> dict[str, str]:
    """The method of each procedure: of C(sdk.gen.js)."""
    return {name: method.upper() for method, name in _CALL.findall(text)}

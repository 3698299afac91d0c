# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fact table at work: which procedures a release knows, and what input each of them accepts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import ValidationError
from .validate import MISSING, Check, compile_field, nonoptional, wrong_type

PRIMITIVES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "string1": {"type": "string", "minLength": 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "strings": {"type": "array", "items": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    check: Check
    required: bool
    nonoptional: bool
    coerced_boolean: bool


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure as one release has it. ``name`` is what its handler is registered under."""

    name: str
    method: str
    fields: tuple[Field, ...]
    coerce: bool
    multipart: bool
    takes_input: bool

    @property
    def kind(self) -> str:
        return "query" if self.method == "GET" else "mutation"

    def parse(self, value: Any) -> dict[str, Any]:
        """Input as the schema lets it through: known fields only, coerced. Raises ``ValidationError``."""
        if not self.takes_input:
            return {}
        if not isinstance(value, dict):
            raise ValidationError([wrong_type("object", value, ())])
        issues: list[dict[str, Any]] = []
        result: dict[str, Any] = {}
        for field in self.fields:
            name = field.name
            if name in value:
                result[name] = field.check(value[name], (name,), issues, self.coerce)
            elif field.nonoptional:
                issues.append(nonoptional((name,)))
            elif field.required:
                # A required boolean that is absent is coerced to false before anyone misses it.
                if field.coerced_boolean and self.coerce:
                    result[name] = False
                else:
                    field.check(MISSING, (name,), issues, False)
        if issues:
            raise ValidationError(issues)
        return result


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("."))


@cache
def raw_facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_text("utf-8"))
    return facts


@cache
def _check(type_name: str, nullable: bool) -> Check:
    return compile_field(PRIMITIVES.get(type_name) or raw_facts()["types"][type_name], nullable)


def _field(name: str, text: str, version: tuple[int, ...]) -> Field | None:
    spec, *tags = text.split(" ")
    marks = dict(tag.split("=", 1) for tag in tags)
    if "since" in marks and version_key(marks["since"]) > version:
        return None
    insisted = version_key(marks.get("required", "0")) <= version
    type_name, nullable = spec.lstrip("+!").rstrip("?"), spec.endswith("?")
    return Field(
        name=name,
        check=_check(type_name, nullable),
        required=spec[0] in "+!" and insisted,
        nonoptional=spec[0] == "+" and insisted,
        coerced_boolean=type_name == "boolean" and not nullable,
    )


@cache
def procedures_of(version: str) -> dict[str, Procedure]:
    """The served procedures that exist in ``version``; a renamed one also under its old name, in the old releases."""
    wanted = version_key(version)
    facts = raw_facts()
    table: dict[str, Procedure] = {}

    def add(name: str, entry: dict[str, Any], handler: str) -> None:
        fields = (_field(key, text, wanted) for key, text in entry["fields"].items())
        table[name] = Procedure(
            name=handler,
            method=entry["method"],
            fields=tuple(field for field in fields if field),
            coerce=entry.get("coerce", True),
            multipart=entry.get("multipart", False),
            takes_input=bool(entry["fields"]),
        )

    for name, entry in facts["procedures"].items():
        if version_key(entry.get("since", "0")) <= wanted:
            add(name, entry, name)
    for old, renamed in facts["renamed"].items():
        if wanted < version_key(renamed["until"]):
            add(old, facts["procedures"][renamed["to"]], renamed["to"])
    return table


@cache
def fields_after(name: str, version: str) -> frozenset[str]:
    """The fields of a procedure that came after ``version``: an older server's rows lack these columns."""
    wanted = version_key(version)
    found = set()
    for field, text in raw_facts()["procedures"][name]["fields"].items():
        marks = dict(tag.split("=", 1) for tag in text.split(" ")[1:])
        if "since" in marks and version_key(marks["since"]) > wanted:
            found.add(field)
    return frozenset(found)


def unserved_method(name: str) -> str | None:
    """GET or POST for a procedure of Dokploy that the simulator does not play, None for one that does not exist."""
    return next((method for method, names in raw_facts()["unserved"].items() if name in names), None)

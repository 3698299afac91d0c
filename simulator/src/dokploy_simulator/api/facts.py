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

from . import later_facts, zod3
from .errors import ValidationError
from .releases import ONCE, has, version_key
from .validate import MISSING, Check, compile_field, nonoptional, wrong_type

PRIMITIVES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "string1": {"type": "string", "minLength": 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "strings": {"type": "array", "items": {"type": "string"}},
    # Types that only older releases have.
    "anyHost": {"type": "string", "minLength": 1, "tooSmall": "Add a hostname"},
    "branchWithoutHash": {
        "type": "string",
        "minLength": 1,
        "pattern": r"^[a-zA-Z0-9._\-/]+$",
        "message": "Invalid branch name",
    },
    "bigint": {"type": "bigint"},
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    check: Check
    required: bool
    nonoptional: bool
    nullable: bool
    coerced_boolean: bool
    coerced_number: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure as one release has it. ``name`` is what its handler is registered under."""

    name: str
    method: str
    fields: tuple[Field, ...]
    coerce: bool
    multipart: bool
    takes_input: bool
    optional_input: bool = False
    zod_4: bool = True

    @property
    def kind(self) -> str:
        return {"GET": "query", "POST": "mutation"}.get(self.method, "subscription")

    def parse(self, value: Any) -> dict[str, Any]:
        """Input as the schema lets it through: known fields only, coerced. Raises ``ValidationError``."""
        if not self.takes_input or (value is MISSING and self.optional_input):
            return {}
        issues: list[dict[str, Any]] = []
        if not isinstance(value, dict):
            issues, result = [wrong_type("object", value, ())], {}
        elif self.zod_4:
            result = self._parse_4(value, issues)
        else:
            result = self._parse_3(value, issues)
        if issues:
            raise ValidationError(issues if self.zod_4 else [zod3.issue(issue) for issue in issues])
        return result

    def _parse_4(self, value: dict[str, Any], issues: list[dict[str, Any]]) -> dict[str, Any]:
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
        return result

    def _parse_3(self, value: dict[str, Any], issues: list[dict[str, Any]]) -> dict[str, Any]:
        """Fields that may be null are not coerced; what is absent of the others is, so that a boolean is false."""
        result: dict[str, Any] = {}
        for field in self.fields:
            name = field.name
            if name in value:
                result[name] = field.check(value[name], (name,), issues, not field.nullable)
            elif field.required:
                coerced = field.coerced_boolean or field.coerced_number
                given = field.check(MISSING, (name,), issues, coerced)
                if given is not MISSING:
                    result[name] = given
        return result


@cache
def raw_facts() -> dict[str, Any]:
    """The table of what is recorded, and what came after it.

    Raises ``ValueError`` for a type that is not known, which names the field."""
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_text("utf-8"))
    later_facts.add(facts)
    check_types(facts)
    return facts


def check_types(facts: dict[str, Any]) -> None:
    """Raises ``ValueError`` for the first field whose type has no name. A request would only fail."""
    known = PRIMITIVES.keys() | facts["types"].keys()
    for procedure, entry in facts["procedures"].items():
        for field, text in entry["fields"].items():
            name = text.partition(" ")[0].lstrip("+!").rstrip("?")
            if name not in known:
                raise ValueError(
                    f"{procedure}: the field {field} is {text!r}, which begins with no known type. It takes one of "
                    f"{', '.join(PRIMITIVES)}, or a name in the types of facts.json or later_facts.py: a schema there, "
                    "and its name here."
                )


def releases() -> list[str]:
    """The releases whose procedures and fields are known, oldest first."""
    known: list[str] = raw_facts()["releases"]
    return known


def check_release(version: Any) -> None:
    """Raises ``ValueError`` for a release, with or without the ``v`` of its tag, whose facts are not known."""
    if not isinstance(version, str) or version.removeprefix("v") not in releases():
        raise ValueError(f"{version!r} is not a release that it plays: {', '.join(releases())}")


NUMBERS = ("number", "port")


@cache
def _check(type_name: str, nullable: bool) -> Check:
    return compile_field(PRIMITIVES.get(type_name) or raw_facts()["types"][type_name], nullable)


def _type_then(name: str, type_name: str, version: str) -> str:
    """The type that a field had in a release."""
    if name == "stopGracePeriodSwarm" and not has(version, "zod_4"):
        return "bigint"
    return next((before for behaviour, before in ONCE.get(type_name, ()) if not has(version, behaviour)), type_name)


def _field(name: str, text: str, version: str) -> Field | None:
    spec, *tags = text.split(" ")
    marks = dict(tag.split("=", 1) for tag in tags)
    bare_branch = spec.lstrip("+!?") == "branch" and not has(version, "branches_checked")
    then = version_key(version)
    if "since" in marks and version_key(marks["since"]) > then:
        return None
    if "until" in marks and version_key(marks["until"]) <= then:
        return None
    insisted = spec[0] in "+!" and version_key(marks.get("required", "0")) <= then
    if "once" in marks:
        first, until = marks["once"].split("-")
        insisted = insisted or version_key(first) <= then < version_key(until)
    type_name, nullable = spec.lstrip("+!").rstrip("?"), spec.endswith("?")
    return Field(
        name=name,
        check=_check(_type_then(name, type_name, version), nullable),
        required=insisted,
        nonoptional=(spec[0] == "+" or bare_branch) and insisted,
        nullable=nullable,
        coerced_boolean=type_name == "boolean" and not nullable,
        coerced_number=type_name in NUMBERS and not nullable,
    )


@cache
def procedures_of(version: str) -> dict[str, Procedure]:
    """The served procedures that exist in ``version``; a renamed one also under its old name, in the old releases."""
    wanted = version_key(version)
    facts = raw_facts()
    table: dict[str, Procedure] = {}

    def add(name: str, entry: dict[str, Any], handler: str) -> None:
        fields = (_field(key, text, version) for key, text in entry["fields"].items())
        table[name] = Procedure(
            name=handler,
            method=entry["method"],
            fields=tuple(field for field in fields if field),
            coerce=entry.get("coerce", True),
            multipart=entry.get("multipart", False),
            takes_input=bool(entry["fields"]),
            optional_input=entry.get("optional", False),
            zod_4=has(version, "zod_4"),
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
    fields = set()
    for field, text in raw_facts()["procedures"][name]["fields"].items():
        marks = dict(tag.split("=", 1) for tag in text.split(" ")[1:])
        if "since" in marks and version_key(marks["since"]) > wanted:
            fields.add(field)
    return frozenset(fields)


def unserved_method(name: str, version: str) -> str | None:
    """GET or POST for a procedure of this release that the simulator does not play, None for one that does not
    exist."""
    for method, names in raw_facts()["unserved"].items():
        if name in names:
            return str(method) if version_key(names[name] or "0") <= version_key(version) else None
    return None

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables at work: which procedures a release knows, and what input each of them accepts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from . import zod3
from .errors import ValidationError
from .release_folders import version_key
from .releases import NEWEST, has
from .tables import PRIMITIVES, Entry, firsts, since, table_of, type_name
from .validate import MISSING, Check, compile_field, nonoptional, wrong_type

NUMBERS = ("number", "port")


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
def _check(defined: str, name: str, nullable: bool) -> Check:
    """The check of a type as it is since the release ``defined``."""
    return compile_field(table_of(defined).schema(name), nullable)


def _field(name: str, text: str, version: str) -> Field:
    kind, nullable, required = type_name(text), text.endswith("?"), text[0] in "+!"
    defined = NEWEST if kind in PRIMITIVES else table_of(version).since[kind]
    return Field(
        name=name,
        check=_check(defined, kind, nullable),
        required=required,
        nonoptional=text[0] == "+",
        nullable=nullable,
        coerced_boolean=kind == "boolean" and not nullable,
        coerced_number=kind in NUMBERS and not nullable,
    )


def _procedure(name: str, entry: Entry, version: str) -> Procedure:
    fields = entry.get("fields", {})
    return Procedure(
        name=entry.get("handler", name),
        method=entry["method"],
        fields=tuple(_field(key, text, version) for key, text in fields.items()),
        coerce=entry.get("coerce", True),
        multipart=entry.get("multipart", False),
        takes_input=bool(fields),
        optional_input=entry.get("optional", False),
        zod_4=has(version, "zod_4"),
    )


@cache
def procedures_of(version: str) -> dict[str, Procedure]:
    """The procedures of a release that routers play."""
    return {
        name: _procedure(name, entry, version)
        for name, entry in table_of(version).procedures.items()
        if entry.get("played", True)
    }


@cache
def fields_after(name: str, version: str) -> frozenset[str]:
    """The fields of a procedure that came after ``version``: an older server's rows lack these columns."""
    known = [field for procedure, field in firsts() if procedure == name and field]
    later = {field: since(name, field) for field in known}
    return frozenset(field for field, first in later.items() if first and version_key(first) > version_key(version))


def unserved_method(name: str, version: str) -> str | None:
    """GET or POST for a procedure of this release that the simulator does not play, None for one that does not
    exist."""
    entry = table_of(version).procedures.get(name, {})
    return str(entry["method"]) if entry and not entry.get("played", True) else None

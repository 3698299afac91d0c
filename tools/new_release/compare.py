# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inputs of two releases, compared."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.new_release.inputs import Inputs, Procedure
from tools.new_release.schemas import GONE, NARROWED, NEW, RENAMED, WIDENED, differences

# From this likeness on, what went and what came are one thing with another name.
_LIKE = 0.75


@dataclass(frozen=True)
class Finding:
    """What differs in a procedure.

    :param field: the path of the field; empty for the procedure itself.
    :param kind: new, gone, renamed, narrowed or widened.
    """

    procedure: str
    field: str
    kind: str
    text: str

    @property
    def top(self) -> str:
        """The field itself, of a path inside of it."""
        return self.field.partition(".")[0].partition("[")[0]

    @property
    def line(self) -> str:
        return f"{self.procedure}{f' {self.field}' if self.field else ''}: {self.text}"


def compared(before: Inputs, now: Inputs) -> list[Finding]:
    """What the second one has otherwise, by procedure."""
    exact = before.exact and now.exact
    gone = [name for name in before.procedures if name not in now.procedures]
    new = [name for name in now.procedures if name not in before.procedures]
    renamed = dict(_renamed_procedures(before, now, gone, new))
    findings = [Finding(old, "", RENAMED, f"is {name} now") for old, name in renamed.items()]
    findings += [Finding(name, "", GONE, "is gone") for name in gone if name not in renamed]
    findings += [_new(name, now.procedures[name]) for name in new if name not in renamed.values()]
    for name, procedure in before.procedures.items():
        later = now.procedures.get(renamed.get(name, name))
        if later is not None:
            findings += _of_procedure(name, procedure, later, exact)
    return sorted(findings, key=lambda finding: (finding.procedure, finding.field, finding.kind, finding.text))


def _new(name: str, procedure: Procedure) -> Finding:
    fields = " ".join(f"{field}{'' if field in procedure.required else '?'}" for field in procedure.fields or ())
    return Finding(name, "", NEW, f"is new, {procedure.method}, {f'with {fields}' if fields else 'without input'}")


def _renamed_procedures(before: Inputs, now: Inputs, gone: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of the same router, the same fields and a similar name."""
    left = list(new)
    for name in gone:
        old = before.procedures[name]
        candidates = [
            candidate
            for candidate in left
            if candidate.partition(".")[0] == name.partition(".")[0]
            and set(now.procedures[candidate].fields or ()) == set(old.fields or ())
            and _likeness(_verb(candidate), _verb(name)) >= _LIKE
        ]
        if candidates:
            nearest = max(candidates, key=lambda candidate: _likeness(_verb(candidate), _verb(name)))
            left.remove(nearest)
            yield name, nearest


def _verb(procedure: str) -> str:
    return procedure.partition(".")[2]


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()


def _of_procedure(name: str, before: Procedure, now: Procedure, exact: bool) -> Iterator[Finding]:
    if before.method != now.method:
        yield Finding(name, "", NARROWED, f"is {now.method} in place of {before.method}")
    if before.fields is None or now.fields is None:
        return
    renamed = dict(_renamed_fields(before.fields, now.fields, exact))
    for field, schema in before.fields.items():
        if field not in now.fields:
            text = f"is {renamed[field]} now" if field in renamed else "is gone"
            yield Finding(name, field, RENAMED if field in renamed else GONE, text)
            continue
        yield from _of_field(name, field, before, now, exact)
        for change in differences(schema, now.fields[field], exact):
            inner = change.place if change.place[:1] in ("", "[") else f".{change.place}"
            yield Finding(name, f"{field}{inner}", change.kind, change.text)
    for field, schema in now.fields.items():
        if field not in before.fields and field not in renamed.values():
            required = field in now.required
            kind = f"is new{' and required' if required else ''}, {described(schema)}"
            yield Finding(name, field, NARROWED if required else NEW, kind)


def _of_field(name: str, field: str, before: Procedure, now: Procedure, exact: bool) -> Iterator[Finding]:
    # The types of the SDK do not tell defaults.
    certain = exact or field not in before.defaults
    if field in now.required and field not in before.required and certain:
        yield Finding(name, field, NARROWED, "is required")
    if field in before.required and field not in now.required:
        yield Finding(name, field, WIDENED, "can be absent")
    if field in before.nullable and field not in now.nullable:
        yield Finding(name, field, NARROWED, "cannot be null any more")
    if field in now.nullable and field not in before.nullable:
        yield Finding(name, field, WIDENED, "can be null")


def _renamed_fields(before: Mapping[str, Any], now: Mapping[str, Any], exact: bool) -> Iterator[tuple[str, str]]:
    """Pairs of the same type and a similar name."""
    left = [field for field in now if field not in before]
    for field in before:
        if field in now:
            continue
        candidates = [
            other
            for other in left
            if _likeness(field, other) >= _LIKE and not list(differences(before[field], now[other], exact))
        ]
        if candidates:
            nearest = max(candidates, key=lambda other: _likeness(field, other))
            left.remove(nearest)
            yield field, nearest


def described(schema: Mapping[str, Any]) -> str:
    """A schema in few words."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return repr(schema["const"])
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(dict.fromkeys(described(choice) for choice in schema.get("oneOf") or schema["anyOf"]))
    if schema.get("type") == "array":
        return f"a list of {described(schema.get('items', {}))}"
    if schema.get("type") == "object" and "properties" in schema:
        return f"an object with {' '.join(schema['properties'])}"
    return str(schema.get("type", "anything"))

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a release for the simulator: what its inputs have otherwise than the release before.

What has not changed keeps its text, so that zod's own words, which no document has, stay as they were measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dokploy_simulator.api.release_folders import FOLDER, stored, version_key
from dokploy_simulator.api.tables import PRIMITIVES, Entry, Table, applied, check_types, stored_before, table_of
from tools.new_release.inputs import Inputs, Procedure, of_table
from tools.new_release.schemas import Schema, differences

_FORMATS = {"uri": ("url", "Invalid URL"), "email": ("email", "Invalid email address")}
# What only documents.
_NO_TYPE = ("default", "format", "propertyNames", "description")
Difference = dict[str, dict[str, Any]]


class _Types:
    """The types of a release, as names for schemas. One that is there is taken, whatever its messages say."""

    def __init__(self, known: Mapping[str, Schema], exact: bool) -> None:
        self.known, self.exact = dict(known), exact
        schemas = [*known.values(), *(schema.get("items", {}) for schema in known.values())]
        self.messages = {
            schema["pattern"]: schema["message"] for schema in schemas if {"pattern", "message"} <= schema.keys()
        }

    def name(self, field: str, schema: Schema) -> str:
        candidates = {**PRIMITIVES, **self.known} if self.exact else {**self.known, **PRIMITIVES}
        for name, known in candidates.items():
            if self._equal(known, schema):
                return name
        name, number = field, 1
        while name in self.known or name in PRIMITIVES:
            number += 1
            name = f"{field}{number}"
        self.known[name] = self._dressed(schema)
        return name

    def _equal(self, known: Schema, schema: Schema) -> bool:
        if known.keys() & {"custom", "coerced"} or ("type" not in known) != ("type" not in schema):
            return False
        if known.get("type") == "bigint":
            return False
        # The SDK tells no lengths: of a text, only the plain one is equal.
        exact = self.exact or not known.keys() & {"properties", "oneOf", "anyOf", "enum", "items"}
        return not list(differences(known, schema, exact))

    def _dressed(self, schema: Schema) -> Schema:
        """A schema with zod's messages."""
        kept = {key: value for key, value in schema.items() if key not in _NO_TYPE}
        if schema.get("format") in _FORMATS:
            kept["format"], kept["message"] = _FORMATS[schema["format"]]
        if schema.get("pattern") in self.messages:
            kept["message"] = self.messages[schema["pattern"]]
        if isinstance(schema.get("items"), dict):
            kept["items"] = self._dressed(schema["items"])
        return kept


def table(inputs: Inputs, before: Table) -> Table:
    """What the release takes, in the words of the simulator."""
    known = of_table(before, "")
    types = _Types(before.types, inputs.exact and known.exact)
    procedures: dict[str, Entry] = {
        name: entry for name, entry in before.procedures.items() if entry["method"] == "SUBSCRIPTION"
    }
    for name, procedure in inputs.procedures.items():
        entry = before.procedures.get(name)
        if entry is None:
            # A router has to be written first.
            fields = {field: _text(field, procedure, types) for field in procedure.fields or ()}
            form = {"multipart": True} if procedure.multipart else {}
            procedures[name] = {"method": procedure.method, "played": False, **form, "fields": fields}
            continue
        procedures[name] = entry
        if "fields" in entry and procedure.fields is not None:
            fields = {
                field: entry["fields"][field]
                if _unchanged(field, known.procedures[name], procedure, types.exact)
                else _text(field, procedure, types)
                for field in _ordered(entry["fields"], procedure.fields)
            }
            procedures[name] = {**entry, "fields": fields}
    return Table(dict(sorted(procedures.items())), types.known)


def _ordered(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The fields as the release before had them; each new one behind the one that it follows."""
    names = [field for field in before if field in now]
    previous = None
    for field in now:
        if field not in names:
            names.insert(names.index(previous) + 1 if previous else 0, field)
        previous = field
    return names


def _unchanged(field: str, before: Procedure, now: Procedure, exact: bool) -> bool:
    assert before.fields is not None and now.fields is not None
    if field not in before.fields:
        return False
    required = field in now.required and (exact or field not in before.defaults)
    return (
        required == (field in before.required)
        and (field in now.nullable) == (field in before.nullable)
        and not list(differences(before.fields[field], now.fields[field], exact))
    )


def _text(field: str, procedure: Procedure, types: _Types) -> str:
    assert procedure.fields is not None
    nullable = field in procedure.nullable
    mark = "~" if field in procedure.defaults else ""
    if field in procedure.required:
        mark = "+" if nullable else "!"
    return mark + types.name(field, procedure.fields[field]) + "?" * nullable


def difference(before: Table, now: Table) -> Difference:
    """What a folder says: the second table without what the first one has."""
    changes: Difference = {
        "types": {name: schema for name, schema in sorted(now.types.items()) if before.types.get(name) != schema},
        "procedures": {name: None for name in before.procedures if name not in now.procedures},
        "fields": {},
    }
    for name, entry in now.procedures.items():
        old = before.procedures.get(name)
        if old is None or _rest(old) != _rest(entry):
            changes["procedures"][name] = entry
        elif list(old.get("fields", {}).items()) != list(entry.get("fields", {}).items()):
            fields = _changes(old.get("fields", {}), entry["fields"])
            after = applied(Table({name: old}), "", {"types": {}, "procedures": {}, "fields": {name: fields}})
            # Fields in another order are given as a whole.
            in_order = list(after.procedures[name]["fields"]) == list(entry["fields"])
            changes["fields" if in_order else "procedures"][name] = fields if in_order else entry
    changes["procedures"] = dict(sorted(changes["procedures"].items()))
    return changes


def _rest(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "fields"}


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str | None]:
    changes: dict[str, str | None] = {field: None for field in before if field not in now}
    state = [field for field in before if field in now]
    previous = ""
    for field, text in now.items():
        if field in before:
            if before[field] != text:
                changes[field] = text
        elif state[-1:] == [previous] or not state:
            changes[field] = text
            state.append(field)
        elif previous:
            changes[field] = f"{text} after={previous}"
            state.insert(state.index(previous) + 1, field)
        else:
            # Nothing says that a field stands first: it stands last.
            changes[field] = text
            state.append(field)
        previous = field
    return changes


def dump(changes: Difference) -> str:
    """One line an entry, so that a diff shows what changed."""

    def block(entries: Mapping[str, Any]) -> str:
        lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items()]
        return "{\n" + ",\n".join(lines) + "\n }" if lines else "{}"

    return "{\n" + ",\n".join(f" {json.dumps(key)}: {block(entries)}" for key, entries in changes.items()) + "\n}\n"


def write(release: str, inputs: Inputs, folder: Path = FOLDER) -> list[Path]:
    """Write the folder of a release, and that of the next one anew if there is one, whose table stays as it is."""
    previous = stored_before(release)
    before = table_of(previous) if previous else Table()
    changes = difference(before, table(inputs, before))
    now = applied(before, release, changes)
    check_types(now, release)
    paths = [folder / release / "api.json"]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    paths[0].write_text(dump(changes), "utf-8")
    later = [version for version in stored() if version_key(version) > version_key(release)]
    if later:
        paths.append(folder / later[0] / "api.json")
        paths[1].parent.mkdir(exist_ok=True)
        paths[1].write_text(dump(difference(now, table_of(later[0]))), "utf-8")
    return paths

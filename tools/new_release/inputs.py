# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inputs of a release, from any of its sources: an OpenAPI document, the types of Dokploy's SDK, or a folder of the
simulator."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dokploy_simulator.api.tables import Table, type_name
from tools.new_release import sdk

Schema = dict[str, Any]
MULTIPART = "multipart/form-data"


class NoSource(Exception):
    """A source is not there, or is not what it is for; the text says what to do."""


@dataclass(frozen=True)
class Procedure:
    """The input of a procedure.

    :param method: C(GET) or C(POST).
    :param fields: the schemas of its fields, without null; C(None) if the source does not list them.
    :param required: the fields without which it fails. :param nullable: those that can be null.
    :param defaults: those that may be absent since a default stands for them. The SDK calls them required.
    """

    method: str
    fields: Mapping[str, Schema] | None
    required: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    defaults: frozenset[str] = frozenset()
    multipart: bool = False


@dataclass(frozen=True)
class Inputs:
    """All procedures of a release.

    :param exact: the source has lengths, bounds and patterns. The types of the SDK have none.
    """

    procedures: Mapping[str, Procedure]
    source: str
    exact: bool = True


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """A schema without null, and whether it takes null: C(anyOf) with null, or C(nullable) of OpenAPI 3.0."""
    if schema.get("format") == "binary":
        # A file has no type in the simulator's table.
        return {}, False
    nullable = bool(schema.get("nullable"))
    schema = {key: value for key, value in schema.items() if key != "nullable"}
    while {"type": "null"} in schema.get("anyOf", ()):
        nullable = True
        others = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}
    return schema, nullable


def _procedure(method: str, properties: Mapping[str, Schema], required: set[str], multipart: bool) -> Procedure:
    pairs = {name: without_null(schema) for name, schema in properties.items()}
    defaults = frozenset(name for name in required if "default" in pairs.get(name, ({}, False))[0])
    return Procedure(
        method,
        {name: schema for name, (schema, _nullable) in pairs.items()},
        frozenset(required) - defaults,
        frozenset(name for name, (_schema, nullable) in pairs.items() if nullable),
        defaults,
        multipart,
    )


def of_document(document: Mapping[str, Any], source: str) -> Inputs:
    """The procedures of an OpenAPI document, as C(settings.getOpenApiDocument) answers it.

    :raises NoSource: it is no such document.
    """
    paths = document.get("paths")
    if not isinstance(paths, dict) or not paths:
        raise NoSource(f"{source} is no OpenAPI document: it has no paths.")
    procedures = {}
    for path, item in paths.items():
        ((method, operation),) = item.items()
        name = path.strip("/").replace("/", ".")
        if "requestBody" in operation:
            ((content_type, body),) = list(operation["requestBody"]["content"].items())[:1]
            schema = body["schema"]
            procedures[name] = _procedure(
                method.upper(),
                schema.get("properties", {}),
                set(schema.get("required", ())),
                content_type == MULTIPART,
            )
            continue
        parameters = operation.get("parameters", ())
        required = {parameter["name"] for parameter in parameters if parameter.get("required")}
        properties = {parameter["name"]: parameter.get("schema", {}) for parameter in parameters}
        procedures[name] = _procedure(method.upper(), properties, required, False)
    return Inputs(procedures, source)


def of_sdk(folder: Path) -> Inputs:
    """The procedures of the package C(@dokploy/sdk), unpacked.

    :raises NoSource: the folder has none.
    """
    types, calls = sorted(folder.rglob("types.gen.d.ts")), sorted(folder.rglob("sdk.gen.js"))
    types = [path for path in types if path.parent in {call.parent for call in calls}]
    if not types:
        raise NoSource(f"{folder} is no SDK of Dokploy: it has no types.gen.d.ts beside a sdk.gen.js.")
    methods = sdk.methods(calls[0].read_text("utf-8"))
    procedures = {}
    for name, (schema, multipart) in sdk.inputs(types[0].read_text("utf-8")).items():
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        procedures[name] = _procedure(methods.get(name, "GET"), properties, required, multipart)
    return Inputs(procedures, str(folder), exact=False)


def of_table(table: Table, source: str) -> Inputs:
    """What the simulator has of a release. Subscriptions are in no document."""
    procedures = {}
    for name, entry in table.procedures.items():
        if entry["method"] == "SUBSCRIPTION":
            continue
        texts = entry.get("fields")
        procedures[name] = Procedure(
            entry["method"],
            None if texts is None else {key: table.schema(type_name(text)) for key, text in texts.items()},
            frozenset(key for key, text in (texts or {}).items() if text[0] in "+!"),
            frozenset(key for key, text in (texts or {}).items() if text.endswith("?")),
            frozenset(key for key, text in (texts or {}).items() if text[0] == "~"),
            entry.get("multipart", False),
        )
    return Inputs(procedures, source)


def read(path: Path) -> Inputs:
    """A file with a document, or a folder with the SDK.

    :raises NoSource: it is neither.
    """
    if path.is_dir():
        return of_sdk(path)
    if not path.is_file():
        raise NoSource(f"There is no {path}.")
    try:
        document = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise NoSource(f"{path} is no JSON: {error}") from None
    # As the API answers over tRPC, too.
    while isinstance(document, dict) and len(document) == 1 and next(iter(document)) in ("result", "data", "json"):
        document = next(iter(document.values()))
    return of_document(document if isinstance(document, dict) else {}, str(path))


RELEASE = re.compile(r"v?(\d+\.\d+\.\d+)\Z")


def release(text: str) -> str:
    """A release without the C(v) of its tag.

    :raises NoSource: the text is none.
    """
    match = RELEASE.match(text)
    if not match:
        raise NoSource(f"RELEASE is one such as 0.31.0, got {text!r}.")
    return match[1]

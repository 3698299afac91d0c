# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenAPI document of a release, from its table: inputs only, and no subscriptions, as Dokploy's own."""

from __future__ import annotations

from typing import Any

from .tables import Entry, Table, table_of, type_name

# zod's words, which a document does not have.
_WORDS = ("message", "tooSmall", "tooBig", "custom", "coerced")


def _schema(value: Any) -> Any:
    if isinstance(value, list):
        return [_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _schema(item) for key, item in value.items() if key not in _WORDS or isinstance(item, dict)}
    return {**schema, "format": "uri"} if schema.get("format") == "url" else schema


def _properties(entry: Entry, table: Table) -> dict[str, Any]:
    properties = {}
    for field, text in entry.get("fields", {}).items():
        schema = _schema(table.schema(type_name(text)))
        properties[field] = {"anyOf": [schema, {"type": "null"}]} if text.endswith("?") else schema
    return properties


def _operation(entry: Entry, table: Table) -> dict[str, Any]:
    properties = _properties(entry, table)
    required = [field for field, text in entry.get("fields", {}).items() if text[0] in "+!"]
    if entry["method"] == "GET":
        parameters = [
            {"name": field, "in": "query", "required": field in required, "schema": schema}
            for field, schema in properties.items()
        ]
        return {"get": {"parameters": parameters}}
    schema = {"type": "object", "properties": properties, "required": required}
    kind = "multipart/form-data" if entry.get("multipart") else "application/json"
    return {"post": {"requestBody": {"content": {kind: {"schema": schema}}}}}


def document(version: str) -> dict[str, Any]:
    """What ``settings.getOpenApiDocument`` answers."""
    table = table_of(version)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dokploy API", "version": version},
        "paths": {
            f"/{name}": _operation(entry, table)
            for name, entry in table.procedures.items()
            if entry["method"] != "SUBSCRIPTION"
        },
    }

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The OpenAPI document of a server, compared with what the collection calls and sends.

A server drops a field that it does not know without a word, so that only its own document tells that it went. It lists
fields with a default as required, and says nothing of what is inside of an object (dokploy-api.md, section 11).
"""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ..._model.field import Version
from ..._values.schema import needed, object_of
from .used_api import NEWEST, TABLE

QUERY = "settings.getOpenApiDocument"
DOCUMENT = needed(object_of(paths=needed(object_of())))

_ENTRY = re.compile(r"(\w+\.\w+)(?:@([0-9.]+))?\(([^)]*)\)")

Difference = Dict[str, Any]


class Used(NamedTuple):
    """A procedure that the collection calls.

    :param since: the first release that has it. :param fields: what it sends, each with the first release that has it.
    """

    since: Version
    fields: Mapping[str, Version]


class Endpoint(NamedTuple):
    """What a document says of a procedure. :param fields: C(None) if it does not list them."""

    fields: Optional[FrozenSet[str]]
    required: FrozenSet[str]


def _version(text: Optional[str]) -> Version:
    major, minor, patch = (int(part) for part in (text or "0.0.0").split("."))
    return major, minor, patch


def used() -> Dict[str, Used]:
    """What the collection calls, by procedure."""
    usages = {}
    for name, since, fields in _ENTRY.findall(TABLE):
        pairs = (field.partition("@") for field in fields.split())
        usages[name] = Used(_version(since), {field: _version(first) for field, _at, first in pairs})
    return usages


def newest_known() -> Version:
    """The newest release whose procedures and fields the collection knows."""
    return _version(NEWEST)


def differences(document: Mapping[str, Any], version: Version) -> List[Difference]:
    """What of the collection a server does not take, sorted: C(procedure), C(field) and C(difference) of each.

    :param version: that of the server, which need not have what came later.
    """
    paths = document["paths"]
    differing: List[Difference] = []
    for procedure, usage in sorted(used().items()):
        if usage.since <= version:
            item = paths.get("/%s" % procedure)
            differing += (
                [_no_procedure(procedure)] if item is None else _of(procedure, usage, _operation(item), version)
            )
    return differing


def _no_procedure(procedure: str) -> Difference:
    return {"procedure": procedure, "field": None, "difference": "unknown_procedure"}


def _of(procedure: str, usage: Used, operation: Endpoint, version: Version) -> Iterator[Difference]:
    if operation.fields is None:
        return
    sent = {field for field, since in usage.fields.items() if since <= version}
    for difference, fields in (
        ("unknown_field", sent - operation.fields),
        ("new_required_field", operation.required - set(usage.fields)),
    ):
        for field in sorted(fields):
            yield {"procedure": procedure, "field": field, "difference": difference}


def _operation(item: Any) -> Endpoint:
    """The fields in the document's entry of a procedure, whose method is the only key."""
    described: Any = next(iter(item.values()), None) if isinstance(item, dict) else None
    if not isinstance(described, dict):
        return Endpoint(None, frozenset())
    if "requestBody" not in described:
        parameters = [parameter for parameter in described.get("parameters") or [] if isinstance(parameter, dict)]
        names = frozenset(str(parameter.get("name")) for parameter in parameters)
        return Endpoint(
            names, frozenset(str(parameter.get("name")) for parameter in parameters if parameter.get("required"))
        )
    return Endpoint(*_schema(described["requestBody"]))


def _schema(body: Any) -> Tuple[Optional[FrozenSet[str]], FrozenSet[str]]:
    """The names of the properties of a body, and of the required ones."""
    content: Any = body.get("content") if isinstance(body, dict) else None
    media: Any = next(iter(content.values()), None) if isinstance(content, dict) else None
    schema: Any = media.get("schema") if isinstance(media, dict) else None
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return None, frozenset()
    properties: Dict[str, Any] = schema["properties"]
    with_default = {
        name for name, described in properties.items() if isinstance(described, dict) and "default" in described
    }
    return frozenset(properties), frozenset(map(str, schema.get("required") or ())) - with_default

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of the C(_info) modules."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._model.argspec import locator_spec
from .._model.resource import Resource
from .._reads.rows import Path, known_since, rows_of, with_children
from .lookup import api_name, paths_of
from .runner import Context, Operation
from .unknown import unknown_rows
from .view import view

Row = Mapping[str, Any]
Result = Dict[str, Any]


def info_operation(*kinds: Resource) -> Operation:
    """The operation C(dokploy_<resource>_info).

    :param kinds: the resource, or the kinds of it; the option C(type) limits the result to one of them.
    """
    resource = kinds[0]
    options = {**locator_spec(resource), resource.name_option: {"type": "str"}}
    if any(map(_has_secrets, kinds)):
        options["include_secrets"] = {"type": "bool", "default": False, "no_log": False}
    # What is read on request only, since each costs a request per resource.
    listed = [child.option for child in resource.children if child.listing is not None]
    choices = listed + sorted(resource.reading.includes[0])
    if choices:
        options["include"] = {"type": "list", "elements": "str", "choices": choices, "default": []}
    if "logs" in choices:
        options["log_lines"] = {"type": "int", "default": 100}
        options.update(log_since={"type": "str"}, log_search={"type": "str"})
    if resource.kind:
        options["type"] = {"type": "str", "choices": [kind.kind for kind in kinds]}
    perform = partial(list_resources, kinds)
    return Operation("dokploy_%s_info" % resource.name, options, perform, resources=kinds)


def _has_secrets(resource: Resource) -> bool:
    fields = [field for _path, field, _group in resource.fields()]
    fields += [field for child in resource.children for field in child.fields]
    return resource.reading.secret_facts is not None or any(field.secret and field.returned for field in fields)


def list_resources(kinds: Sequence[Resource], context: Context) -> Result:
    """The records that the parameters select, sorted by the names of their parents and their own.

    :raises ReferenceNotFound: the stated project or environment does not exist.
    """
    wanted = context.params.get("type")
    with known_since(kinds[0]):
        records = [row for kind in kinds if wanted in (None, kind.kind) for row in _records(kind, context)]
        records += [] if wanted is not None else _unknown(kinds, context)
    if len(kinds) > 1:
        labels = [listing.label for listing in kinds[0].parents]
        records.sort(key=lambda row: [str(row.get(key)) for key in (*labels, kinds[0].name_option)])
    return {"changed": False, kinds[0].listing.results: records}


def _unknown(kinds: Sequence[Resource], context: Context) -> List[Dict[str, Any]]:
    """The records of kinds that this collection does not know: the ID, the kind and the name of each."""
    resource, params = kinds[0], context.params
    listing = resource.listing
    keys = {resource.id_option: listing.id_key, "type": listing.kind_key, resource.name_option: listing.name_key}
    records = [{option: row.get(key) for option, key in keys.items()} for row in unknown_rows(kinds, context.reads)]
    asked = {option: params[option] for option in keys if option != "type" and params.get(option) is not None}
    return [row for row in records if asked.items() <= row.items()]


def _records(resource: Resource, context: Context) -> List[Dict[str, Any]]:
    """The records of one kind.

    :raises ReferenceNotFound: the stated project or environment does not exist.
    """
    params = context.params
    name = api_name(resource, params.get(resource.name_option))
    wanted = [(resource.id_key, params.get(resource.id_option)), (resource.listing.name_key, name)]
    paths = [
        path
        for path in paths_of(resource, params, context.reads)
        if all(value is None or path[-1].get(key) == value for key, value in wanted)
    ]
    return [record for _row, record in described(resource, paths, context)]


def described(resource: Resource, paths: Sequence[Path], context: Context) -> List[Tuple[Row, Dict[str, Any]]]:
    """The whole rows at these paths of the tree, each with what results show of it; none of what was removed meanwhile.

    The parameters C(include) and C(include_secrets) say what that is.
    """
    params, client = context.params, context.client
    include = params.get("include") or []
    existing = [(path, dict(row)) for path, row in zip(paths, _whole(resource, paths, client)) if row is not None]
    rows = with_children([(resource, include, row) for _path, row in existing], client)
    names, look_at_all = resource.reading.includes
    asked = [name for name in include if name in names]
    included = look_at_all(resource, asked, rows, context) if look_at_all is not None else [{} for _row in rows]
    secrets = bool(params.get("include_secrets"))
    views = [view(resource, row, {}, secrets, client.base_url) for row in rows]
    return [
        (row, {**_parents(resource, path[:-1]), **record, **more})
        for (path, _row), row, record, more in zip(existing, rows, views, included)
    ]


def _whole(resource: Resource, paths: Sequence[Path], client: Client) -> Sequence[Optional[Row]]:
    """The complete rows, read in batches; C(None) for what was removed meanwhile."""
    if resource.reading.in_listing:
        return [path[-1] for path in paths]
    return rows_of([(resource, str(path[-1][resource.id_key])) for path in paths], client)


def _parents(resource: Resource, path: Path) -> Dict[str, Any]:
    """The names of what a record is in; the ID of the environment is among its facts."""
    names = {listing.label: row.get("name") for listing, row in zip(resource.parents, path)}
    outermost = resource.levels[0]
    return {**names, "%s_id" % outermost.label: path[0].get(outermost.id_key)} if path else {}

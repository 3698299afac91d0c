# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run may change on a server: the columns of the options that are set, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import HOST
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    IDENTIFIER,
    INTEGER,
    PATH_LIST,
    TEXT,
    WORDS,
)
from tests.support.examples import child_example, example_of
from tests.support.run_verification import VerifiedRun
from tests.support.snapshots import Change, Snapshot, stored_row, table_name, table_of_key


def columns_of(resource: Resource, params: Mapping[str, Any]) -> set[str]:
    """The columns of the options that are set."""
    columns = set()
    for option in resource.options:
        stated = params.get(option.name)
        if stated is None:
            continue
        if isinstance(option, Field):
            columns.add(option.api)
            continue
        if option.selects is not None:
            columns.add(option.selects[0].api)
        columns |= {field.api for field in option.fields if field.name in stated}
        columns |= set(example_of(resource).resets.get(option.name, ()))
    return columns


def child_columns(child: Child, item: Mapping[str, Any]) -> set[str]:
    """The columns of a child's options, and the date of its last change."""
    return {field.api for field in child.fields if item.get(field.name) is not None or field.key} | {"updatedAt"}


def _key_fields(child: Child) -> list[Field]:
    """The parts of a natural key that are no references."""
    return [field for field in child.key_fields if field.reference is None]


def _key(child: Child, item: Mapping[str, Any]) -> list[Any]:
    return [_folded(field, item.get(field.name)) or field.default for field in _key_fields(child)]


def _row_key(child: Child, row: Mapping[str, Any]) -> list[Any]:
    return [_folded(field, row[field.api]) or field.default for field in _key_fields(child)]


def _folded(field: Field, value: Any) -> Any:
    """Host names are compared without case."""
    return value.lower() if field.codec is HOST and value else value


def _row_of(change: Change, verified: VerifiedRun) -> Mapping[str, Any]:
    """The row of a change, after or before it."""
    row: Mapping[str, Any] = (
        verified.after.tables[change.table].get(change.row) or verified.before.tables[change.table][change.row]
    )
    return row


def unexpected_changes(
    resource: Resource,
    verified: VerifiedRun,
    resource_id: str,
    lists: Mapping[str, Iterable[Mapping[str, Any]]],
) -> set[Change]:
    """Changes that no option asks for.

    :param lists: the children in the parameters, by option.
    """
    columns, table = columns_of(resource, verified.params), table_name(resource)
    parts = {resource.listing.nested}
    stated = {table_of_key(child.id_key): child for child in resource.children if child.option in lists}
    side_effects = {name for child in stated.values() for name in child_example(resource, child).leaves}
    side_effects |= example_of(resource).leaves
    found = set()
    for change in verified.touched:
        own = change.table == table and resource_id in (change.row, *_ids(resource, _row_of(change, verified)))
        if own and (change.column is None or change.column in columns | parts or _both_empty(change, verified)):
            continue
        child = stated.get(change.table)
        if child is not None and _row_of(change, verified)[resource.id_key] == resource_id:
            items = list(lists[child.option])
            if change.column is None or change.column in _stated_columns(child, items, _row_of(change, verified)):
                continue
        if change.table in side_effects:
            continue
        found.add(change)
    return found


def _both_empty(change: Change, verified: VerifiedRun) -> bool:
    """Whether a list without items stands for null, which rows of older releases have, and which no update takes."""
    rows = (verified.before.tables[change.table].get(change.row), verified.after.tables[change.table].get(change.row))
    return all(row is not None and row.get(change.column) in (None, []) for row in rows)


def _ids(resource: Resource, row: Mapping[str, Any]) -> Iterator[str]:
    yield from (one[resource.id_key] for one in resource.listing.own([row]))


def _stated_columns(child: Child, items: list[Mapping[str, Any]], row: Mapping[str, Any]) -> set[str]:
    item = next((item for item in items if _key(child, item) == _row_key(child, row)), None)
    return set() if item is None else child_columns(child, item)


# --- what was stated is so -------------------------------------------------------------------------------------------

_PLAIN = (TEXT, IDENTIFIER, INTEGER, BOOLEAN, WORDS, PATH_LIST)


def _matches(field: Field, value: Any, column: Any) -> bool:
    """Whether a column has the value of its option, without the engine; true where that needs a conversion."""
    if field.codec is HOST:
        return bool(_folded(field, column) == _folded(field, value))
    if field.codec not in _PLAIN or field.reference is not None or field.parts:
        return True
    if field.codec is BOOLEAN:
        return bool(column) is value
    if field.codec is PATH_LIST:
        return sorted(column or []) == sorted(value)
    return bool((column if column is not None else type(value)()) == value)


def mismatches(resource: Resource, params: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """The options of a resource whose columns have another value."""
    wrong = []
    for path, field, group in resource.fields():
        stated = params.get(path[0]) if group is None else (params.get(path[0]) or {}).get(path[-1])
        # What only one record can be is kept elsewhere.
        kept = not (field.create_only or field.initial or field.elected)
        if stated is not None and kept and not _matches(field, stated, row.get(field.api)):
            wrong.append(f"{'.'.join(path)} is {row.get(field.api)!r} instead of {stated!r}")
        if isinstance(group, Group) and group.selects and path[0] in params and row[group.selects[0].api] != group.name:
            wrong.append(f"the source is {row[group.selects[0].api]}")
    return wrong


def child_mismatches(child: Child, item: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The same for one child among the rows of its kind; there must be exactly one of its key."""
    twins = [row for row in rows if _row_key(child, row) == _key(child, item)]
    if len(twins) != 1:
        return [f"{len(twins)} {child.option} have the key {_key(child, item)}"]
    return [
        f"{child.option}: {field.name} is {twins[0][field.api]!r} instead of {item[field.name]!r}"
        for field in child.fields
        if item.get(field.name) is not None and field.codec.type != "path"
        if not _matches(field, item[field.name], twins[0][field.api])
    ]


def rows_of(now: Snapshot, resource: Resource, child: Child, resource_id: str) -> list[dict[str, Any]]:
    """The rows of a child, but for those that the server has made by itself with the parent."""
    rows, parent = now.rows(table_of_key(child.id_key), **{resource.id_key: resource_id}), None
    if rows:
        parent = stored_row(now.tables[table_name(resource)], resource, resource_id)
    return [row for row in rows if not child.protected(parent or {}, row)]

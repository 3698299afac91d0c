# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From rows to results: snake_case, in option names, without secrets."""

from __future__ import annotations

from typing import Any, Container, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import DesiredField
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import ChildChange, Diff, in_words
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty

Row = Mapping[str, Any]


def view(resource: Resource, row: Row, names: Mapping[str, str], include_secrets: bool = False) -> Dict[str, Any]:
    """A row as results and C(_engine.info) modules show it.

    Of groups that exclude each other only the one that is in force is shown. A column that is not in the row is not
    known, and null: a prediction has no defaults of the server's, and an older server lacks columns.

    :param names: names of ids, as far as they are known.
    """
    shown: Dict[str, Any] = {resource.id_option: row.get(resource.id_key)}
    for key, api in resource.facts:
        shown[key] = row.get(api) if isinstance(api, str) else api(row)
    for option in resource.options:
        if isinstance(option, Field):
            if include_secrets or not option.secret:
                shown[option.name] = _value(option, row, names)
            continue
        if option.selects is not None:
            selector, chosen = option.selects
            shown.setdefault(selector.name, None)
            if row.get(selector.api) != chosen:
                continue
            shown[selector.name] = chosen
            # A fresh application is of GitHub, without any repository.
            needed = [field for field in option.fields if field.needed is True]
            if needed and all(is_empty(row.get(field.api)) for field in needed):
                continue
        shown[option.name] = _group(option, row, names, include_secrets)
    for child in resource.children:
        # What the parent's read does not embed is shown where it was read.
        if child.listing is None or child.embedded in row:
            shown[child.option] = [child_view(child, item, names, include_secrets) for item in _rows(row, child)]
    return shown


def _group(group: Group, row: Row, names: Mapping[str, str], include_secrets: bool) -> Dict[str, Any]:
    return {f.name: _value(f, row, names) for f in group.fields if include_secrets or not f.secret}


def child_view(child: Child, row: Row, names: Mapping[str, str], include_secrets: bool = False) -> Dict[str, Any]:
    """A child as results show it."""
    shown: Dict[str, Any] = {child.id_option: row.get(child.id_key)}
    for field in child.fields:
        if not field.input_only and (include_secrets or not field.secret):
            shown[field.name] = _value(field, row, names)
    return shown


def _value(field: Field, row: Row, names: Mapping[str, str]) -> Any:
    if field.api not in row:
        return None
    return in_words(field, row[field.api], names)


def _rows(row: Row, child: Child) -> List[Row]:
    """Children in a stable order, since the server gives none."""
    rows = row.get(child.embedded) or []
    return sorted(
        rows, key=lambda item: [str(item.get(f.api)) for f in child.key_fields] + [str(item.get(child.id_key))]
    )


def predicted(
    resource: Resource, row: Optional[Row], diff: Diff, wants: Sequence[DesiredField] = (), lists: Container[str] = ()
) -> Dict[str, Any]:
    """The row as it would be after the diff: what check mode shows instead of a read-back.

    :param wants: what was stated; of what is yet to be made that is known, even where it needs no change.
    :param lists: the options of children that were stated, be it as empty lists.
    """
    future: Dict[str, Any] = dict(row or {})
    if row is None:
        future.update({want.field.api: want.value for want in wants if not want.merge})
    future.update({change.field.api: change.after for change in diff.changes})
    for child in resource.children:
        if (
            child.listing is not None
            and child.embedded not in future
            and child.option not in lists
            and not any(change.child is child for change in diff.children)
        ):
            continue
        changes = [change for change in diff.children if change.child is child]
        touched = {(change.row or {}).get(child.id_key) for change in changes if change.action != "add"}
        rows = [dict(item) for item in future.get(child.embedded) or [] if item.get(child.id_key) not in touched]
        future[child.embedded] = rows + [_after(change) for change in changes if change.action != "remove"]
    return future


def _after(change: ChildChange) -> Dict[str, Any]:
    child, own = change.child, change.row or {}
    stated = {want.field.api: want.value for want in change.wants}
    if change.action == "add":
        return {**_given(child), **stated}
    if change.action == "update":
        return {**own, **{c.field.api: c.after for c in change.changes}}
    key = {field.api: own.get(field.api) for field in child.key_fields}
    return {**_given(child), **key, **stated}


def _given(child: Child) -> Dict[str, Any]:
    """What a creation says of itself."""
    return {key: value for key, value in child.parent.items() if value != "$parent"}

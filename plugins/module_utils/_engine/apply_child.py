# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One child of a resource, alone: its siblings stay as they are."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import Desired, DesiredField, item_wants
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import (
    ChildChange,
    Diff,
    compare_one,
    difference,
    find_one,
    surplus,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.elsewhere import remember, twins
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import (
    Target,
    find_parent,
    read,
    resolved,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import SELF, Plan, Write, children_steps
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import read_back, with_children
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import idle, needs_for_child
from ansible_collections.community.dokploy.plugins.module_utils._engine.result import child_view, predicted
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.server_file import with_valid_file
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotApplied,
    NotFoundError,
    OptionError,
    ProtocolError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Generated, Resource

Result = Dict[str, Any]
Row = Dict[str, Any]


# --- the operation ---------------------------------------------------------------------------------------------------


def manage_child(resource: Resource, child: Child, context: Context) -> Result:
    """The operation of a child's own module.

    :raises Ambiguous: several children bear the natural key.
    """
    params = context.params
    present = params["state"] != "absent"
    resource_id: Optional[str] = params.get(child.id_option)
    generate = _asked_for(child, params)
    try:
        target = find_parent(resource, params, context.reads)
    except (ReferenceNotFound, NotFoundError) as error:
        if not present:
            return _result(child, Target(error.message), None, Diff("none"), {})
        if isinstance(error, NotFoundError):
            raise
        context.executor.parent_missing(error)
        target = Target("%s %r" % (resource.name, params.get(resource.name)))
    row = _read(resource, child, target, context)
    rows: List[Row] = list((row or {}).get(child.embedded) or [])
    stated = dict(params)
    if generate is not None:
        stated[generate.field] = _generated(child, generate, row, rows, context, present)
    wants = item_wants(child, stated, whole=resource_id is None)
    if not present and resource_id is not None and all(item.get(child.id_key) != resource_id for item in rows):
        return _result(child, target, None, Diff("none"), {})
    action = child.actions.get(params["state"])
    if action is not None:
        return action(resource, child, find_one(child, wants, rows, resource_id), target, context)
    desired, names = resolved(context.reads, Desired((), {child.option: (wants,)}))
    wants = desired.children[child.option][0]
    change = compare_one(child, wants, rows, resource_id, present)
    diff = Diff("none") if change is None else Diff("update", children=(change,))
    diff = with_valid_file(resource, (child.option,), diff, row, context)
    if present:
        context.warn(idle(wants, find_one(child, wants, rows, resource_id)))
    kept: Optional[Mapping[str, Any]] = None
    if change is None and present:
        kept = find_one(child, wants, rows, resource_id)
    whole = context.first(diff)
    if change is not None:
        needs_for_child(change, context.client)
        context.warn(twins(resource, diff.children, target.resource_id, context.reads))
    outcome = context.executor.run(Plan(tuple(children_steps(resource, diff, target.resource_id))))
    if change is not None:
        if outcome.sent:
            row = _read(resource, child, target, context, fresh=True) or {}
            doubled = surplus(child, wants, row.get(child.embedded) or []) if change.action == "add" else []
            steps = children_steps(resource, Diff("update", children=tuple(doubled)), target.resource_id)
            if context.executor.run(Plan(tuple(steps))).sent:
                row = _read(resource, child, target, context, fresh=True)
            remember(resource, row, context.reads)
            kept = _kept(child, wants, row, change, present, target)
        else:
            row = predicted(resource, row, diff)
            kept = _promised(child, row, change) if present else None
    result = _result(child, target, kept, whole, names)
    if not child.applies_immediately and present and resource.deploy_needed is not None:
        result["deploy_needed"] = resource.deploy_needed(resource, whole, row or {}, target.label, context)
    return result


def _read(resource: Resource, child: Child, target: Target, context: Context, fresh: bool = False) -> Optional[Row]:
    """The parent's row with its children; only its id, where nothing else of it is needed."""
    if target.resource_id is None:
        return None
    if child.listing is not None and child.applies_immediately:
        context.reads.note(target.resource_id)
        row: Optional[Row] = {resource.id_key: target.resource_id}
    elif fresh:
        row = read_back(resource, target.resource_id, (child.option,), context.reads)[0]
    else:
        row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s does not exist any more" % target.label)
    return row if child.embedded in row else with_children(resource, (child.option,), row, context.client)


def _kept(
    child: Child,
    wants: Tuple[DesiredField, ...],
    row: Optional[Row],
    change: ChildChange,
    present: bool,
    target: Target,
) -> Optional[Mapping[str, Any]]:
    """The child as the server shows it after the write.

    :raises NotApplied: it does not show what was written.
    """
    rows: List[Row] = list((row or {}).get(child.embedded) or [])
    same = change.row is not None and change.action == "update"
    resource_id = str((change.row or {})[child.id_key]) if same else None
    if not present:
        gone = (change.row or {}).get(child.id_key)
        left = any(item.get(child.id_key) == gone for item in rows)
    else:
        left = compare_one(child, wants, rows, resource_id, True) is not None
    if left:
        raise NotApplied(
            "%s: the server accepted the write, but %s %s is not as stated"
            % (target.label, child.singular, change.label),
            hint="An older Dokploy drops what it does not know, and somebody else may have written at the same time.",
        )
    return find_one(child, wants, rows, resource_id) if present else None


def _promised(child: Child, row: Row, change: ChildChange) -> Row:
    """The child as a prediction shows it: the last one, since what is added or changed comes last."""
    rows: List[Row] = row.get(child.embedded) or [{}]
    return rows[-1]


def _result(
    child: Child, target: Target, row: Optional[Mapping[str, Any]], diff: Diff, names: Dict[str, str]
) -> Result:
    shown = None if row is None else child_view(child, row, names)
    return difference(diff, names, target.label).result(application_id=target.resource_id, **{child.singular: shown})


def _asked_for(child: Child, params: Mapping[str, Any]) -> Optional[Generated]:
    """How the key is to be made up, if the parameters ask for it.

    :raises OptionError: it is stated as well, or nothing says which one is meant.
    """
    key = child.key_fields[0].name
    if child.generates is None:
        return None
    if not params.get("generate"):
        if params.get(key) is None and params.get(child.id_option) is None:
            raise OptionError("one of %s, %s and generate=true is needed" % (key, child.id_option))
        return None
    for option in (key, child.id_option):
        if params.get(option) is not None:
            raise OptionError("generate and %s are mutually exclusive" % option)
    return child.generates


def _generated(
    child: Child, made: Generated, row: Optional[Row], rows: List[Row], context: Context, present: bool
) -> str:
    """The value that the server made up before, or a new one.

    Making one up stores nothing, so it does not count as a change by itself.
    """
    field = next(f for f in child.fields if f.name == made.field)
    prefix = re.escape(str((row or {}).get(made.prefix) or "")[: made.longest])
    for item in rows:
        if re.match(made.pattern % prefix, str(item.get(field.api) or "")):
            return str(item[field.api])
    if row is None or not present:
        return made.label
    body = {key: row.get(column) for key, column in made.body.items() if row.get(column)}
    outcome = context.executor.run(Plan((Write(made.procedure, body, saves=SELF, writes=False),)))
    answer = outcome.rows.get(SELF)
    if outcome.sent and not answer:
        raise ProtocolError("%s answered nothing" % made.procedure, procedure=made.procedure)
    return str(answer or made.label)

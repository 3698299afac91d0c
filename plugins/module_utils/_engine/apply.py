# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource made present or absent: the steps of the engine in their order."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import (
    Desired,
    DesiredField,
    desire,
    dotted,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import (
    ChildChange,
    Diff,
    compare,
    difference,
    is_doubled,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.elsewhere import remember, twins
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Outcome
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import (
    Target,
    locate,
    read,
    resolved,
    stated,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import SELF, Plan, plan_present
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import read_back, with_children
from ansible_collections.community.dokploy.plugins.module_utils._engine.removal import removal_of
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import needs_server, without_effect
from ansible_collections.community.dokploy.plugins.module_utils._engine.result import predicted, view
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.server_file import with_valid_file
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotApplied,
    NotFoundError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import IDENTIFIER

Result = Dict[str, Any]


def manage(resource: Resource, context: Context) -> Result:
    """Bring a resource into its C(state)."""
    if context.params["state"] == "absent":
        return absent(resource, context)
    further = resource.states.get(context.params["state"])
    if further is not None:
        return further(resource, context)
    return present(resource, context)


def present(resource: Resource, context: Context) -> Result:
    """The resource exists and is as stated; what was not stated stays as it is."""
    params, reads = context.params, context.reads
    promised: Optional[Mapping[str, Any]] = None
    try:
        target = locate(resource, params, reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        target = Target("%s %r" % (resource.name, params.get("name")))
        # What comes with its parent need not be made.
        promised = resource.default_child if params.get("name") == resource.default_child.get("name") else None
    desired, names = _references(resource, desire(resource, stated(params, target)), target, context)
    row = read(resource, target, reads)
    if row is None and params.get(resource.id_option) is not None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, params[resource.id_option]))
    row = dict(promised) if promised else with_children(resource, desired.children, row, context.client)
    diff = with_valid_file(resource, desired.children, compare(resource, desired, row), row, context)
    whole, found = context.first((diff, difference(diff, names, target.label)))
    needs_server(resource, desired, diff, row, context.client)
    context.warn(without_effect(resource, desired, row))
    context.warn(twins(resource, diff.children, target.resource_id, context.reads))
    plan = plan_present(resource, diff, target.resource_id, target.parent_id, desired.children)
    outcome = context.executor.run(plan)
    after = row
    if outcome.sent:
        after, target = _read_back(resource, desired, target, outcome, context)
    elif not diff.empty:
        after = predicted(resource, row, diff, desired.wants, desired.children)
    result = found.result(**{resource.name: view(resource, after or {}, names)})
    if resource.deploy_needed is not None:
        result["deploy_needed"] = resource.deploy_needed(resource, whole, after or {}, target.label, context)
    if resource.result_facts is not None:
        columns = [want.field.api for want in desired.wants]
        result.update(resource.result_facts(resource, columns, after or {}, target.label, context))
    return result


def _references(
    resource: Resource, desired: Desired, target: Target, context: Context
) -> Tuple[Desired, Dict[str, str]]:
    """The desired state with ids for names, and the names of the ids that were met."""
    desired, names = resolved(context.reads, desired)
    if context.params.get(resource.id_option) is not None and target.parent is not None and target.parent_id:
        listing = resource.parents[-1]
        parent = Field(listing.label, listing.id_key, IDENTIFIER, reference=listing)
        names[target.parent_id] = str(target.parent.get("name"))
        moved = DesiredField((parent.name,), parent, target.parent_id)
        desired = Desired(desired.wants + (moved,), desired.children, desired.groups)
    return desired, names


def _read_back(
    resource: Resource, desired: Desired, target: Target, outcome: Outcome, context: Context
) -> Tuple[Dict[str, Any], Target]:
    """What the server shows after the writes.

    :raises NotApplied: an option did not stick; an older server drops silently what it does not know.
    """
    created = outcome.rows.get(SELF)
    if created is not None:
        target = Target(target.label, str(created[resource.id_key]), dict(created), target.parent, target.parent_id)
        context.reads.tree().enter(resource.levels, target.row or {}, target.parent_id)
    after = outcome.shown or read_back(resource, str(target.resource_id), desired.children, context.reads)[0]
    if after is None:
        raise NotApplied("%s was written, but the server does not show it any more" % target.label)
    context.reads.refresh(resource.levels, after)
    remember(resource, after, context.reads)
    left = compare(resource, desired, after)
    if not left.empty and _only_doubled(left, desired):
        # Somebody else has added the very same at the same time: one of each is enough.
        plan = plan_present(resource, left, target.resource_id, target.parent_id)
        again = context.executor.run(plan)
        if again.sent:
            return _read_back(resource, desired, target, again, context)
    if not left.empty:
        options = [dotted(change.path) for change in left.changes]
        options += ["%s (%s)" % (change.child.option, _which(change)) for change in left.children]
        raise NotApplied(
            "%s: the server accepted the write, but these options did not stick: %s"
            % (target.label, ", ".join(options)),
            hint="An older Dokploy drops what it does not know, and somebody else may have written at the same time.",
            details={"options": options},
        )
    return after, target


def _only_doubled(left: Diff, desired: Desired) -> bool:
    doubled = [is_doubled(change, desired.children[change.child.option]) for change in left.children]
    return not left.changes and bool(doubled) and all(doubled)


def _which(change: ChildChange) -> str:
    """A child in words; one that nobody stated with its id, by which it can be removed."""
    if change.action != "remove" or change.row is None:
        return change.label
    return "%s, which is there as %s %s" % (change.label, change.child.id_option, change.row.get(change.child.id_key))


# --- absent ----------------------------------------------------------------------------------------------------------


def absent(resource: Resource, context: Context) -> Result:
    """The resource is gone, and nothing that belonged to it runs on."""
    params = context.params
    try:
        target = locate(resource, params, context.reads)
    except ReferenceNotFound:
        # Nothing can be in a place that does not exist.
        target = Target("%s %r" % (resource.name, params.get("name") or params.get(resource.id_option)))
    row = _tree_row(resource, target, context)
    diff = Diff("none" if row is None else "remove")
    gone, found = context.first((row, difference(diff, {}, target.label)))
    if row is not None:
        context.executor.run(Plan(tuple(removal_of(resource, row, params, context.client))))
        context.reads.tree().forget(resource.levels, str(row[resource.id_key]))
    facts = {resource.id_option: gone[resource.id_key], "name": gone.get("name")} if gone else None
    return found.result(**{resource.name: facts})


def _tree_row(resource: Resource, target: Target, context: Context) -> Optional[Dict[str, Any]]:
    if target.resource_id is None or target.row is not None:
        return target.row
    path = context.reads.tree().path(resource.levels, target.resource_id)
    return path[-1] if path else None

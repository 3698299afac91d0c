# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource made present or absent, and the operation of its module."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict

from .._errors import ReferenceNotFound
from .._model.argspec import Spec, locator_spec, resource_spec
from .._model.resource import Resource
from .desired import dotted
from .diff import Diff, compare, difference
from .flow import check, confirm, observe, plan, predicted, view
from .lookup import Target, locate
from .plan import Plan
from .runner import Context, Operation

Result = Dict[str, Any]


def resource_operation(resource: Resource) -> Operation:
    """The operation C(dokploy_<resource>), with the states C(present), C(absent) and those of its description."""
    fields, rules = resource_spec(resource)
    options: Spec = {
        "state": {"type": "str", "choices": ["present", "absent", *resource.states], "default": "present"},
        **locator_spec(resource),
        **fields,
        "wait_timeout": {"type": "float", "default": 600.0},
    }
    if not resource.runs:
        options["force"] = {"type": "bool", "default": False}
    names = {field.api: dotted(path) for path, field, _group in resource.fields()}
    for child in resource.children:
        names.update({field.api: "%s.%s" % (child.option, field.name) for field in reversed(child.fields)})
    return Operation(
        name="dokploy_%s" % resource.name,
        options=options,
        perform=partial(manage, resource),
        resource=resource,
        rules={**rules, "required_one_of": [["name", resource.id_option]]},
        option_names=names,
        forms={dotted(path): field.form for path, field, _group in resource.fields() if field.form},
    )


def manage(resource: Resource, context: Context) -> Result:
    """Bring a resource into its C(state)."""
    states = {"present": present, "absent": absent, **resource.states}
    return states[context.params["state"]](resource, context)


def present(resource: Resource, context: Context) -> Result:
    """The resource exists and is as stated; what is not stated stays as it is."""
    (state,) = observe([(resource, context.params)], context.reads, context.executor.parent_missing)
    planned = check(plan(state), context)
    first = context.first(planned)
    outcome = context.executor.run(planned)
    after, label, desired = state.row or {}, state.target.label, state.desired
    if outcome.sent:
        after = confirm(planned, outcome, context, partial(compare, resource, desired))
    elif not planned.diff.empty:
        after = predicted(resource, state.row, planned.diff, desired.fields, desired.children)
    result = first.difference.result(**{resource.name: view(resource, after, state.names)})
    if resource.deploy_needed is not None:
        result["deploy_needed"] = resource.deploy_needed(resource, first.diff, after, label, context)
    if resource.result_facts is not None:
        stated = [want.field.api for want in desired.fields]
        result.update(resource.result_facts(resource, stated, after, label, context))
    return result


def absent(resource: Resource, context: Context) -> Result:
    """The resource is gone, and nothing that belonged to it runs on."""
    params = context.params
    try:
        target = locate(resource, params, context.reads)
    except ReferenceNotFound:
        # Nothing can be in a place that does not exist.
        target = Target("%s %r" % (resource.name, params.get("name") or params.get(resource.id_option)))
    row = target.row
    if row is None and target.resource_id is not None:
        path = context.reads.tree().path(resource.levels, target.resource_id)
        row = path[-1] if path else None
    diff = Diff("none" if row is None else "remove")
    gone, first = context.first((row, difference(diff, {}, target.label)))
    if row is not None and resource.removal is not None:
        context.executor.run(Plan(tuple(resource.removal(resource, row, params, context.client))))
        context.reads.tree().forget(resource.levels, str(row[resource.id_key]))
    facts = {resource.id_option: gone[resource.id_key], "name": gone.get("name")} if gone else None
    return first.result(**{resource.name: facts})

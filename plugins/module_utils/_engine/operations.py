# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of a resource: its options plus what every resource has."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import manage
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply_child import manage_child
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import dotted
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import list_resources
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec, child_spec, resource_spec
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource


def locator_spec(resource: Resource) -> Spec:
    """The options that locate a resource, but for its name."""
    return {name: {"type": "str"} for name in (*(one.label for one in resource.parents), resource.id_option)}


def resource_operation(resource: Resource) -> Operation:
    """The operation C(dokploy_<resource>) with states C(present), C(absent) and, for what runs, those of running."""
    fields, rules = resource_spec(resource)
    states = ["present", "absent", *resource.states]
    options: Spec = {
        "state": {"type": "str", "choices": states, "default": "present"},
        **locator_spec(resource),
        **fields,
        "wait_timeout": {"type": "float", "default": 600.0},
    }
    if not resource.runs:
        options["force"] = {"type": "bool", "default": False}

    def perform(context: Context) -> Dict[str, Any]:
        return manage(resource, context)

    return Operation(
        name="dokploy_%s" % resource.name,
        options=options,
        perform=perform,
        resource=resource,
        rules={**rules, "required_one_of": [["name", resource.id_option]]},
        option_names=_option_names(resource),
        forms={dotted(path): field.form for path, field, group in resource.fields() if field.form},
    )


def info_operation(resource: Resource) -> Operation:
    """The operation C(dokploy_<resource>_info)."""

    def perform(context: Context) -> Dict[str, Any]:
        return list_resources(resource, context)

    return Operation(
        name="dokploy_%s_info" % resource.name,
        options={
            **locator_spec(resource),
            "name": {"type": "str"},
            "include_secrets": {"type": "bool", "default": False, "no_log": False},
            **_included(resource),
        },
        perform=perform,
        resource=resource,
    )


def action_operation(
    name: str,
    resource: Resource,
    perform: Callable[[Resource, Context], Dict[str, Any]],
    options: Spec,
    rules: Mapping[str, Any],
    files: Tuple[str, ...] = (),
) -> Operation:
    """An operation on one resource besides managing it, such as C(dokploy_deployment).

    :param options: its options besides those that find the resource.
    """
    return Operation(
        name=name,
        options={**locator_spec(resource), resource.name: {"type": "str"}, **options},
        perform=partial(perform, resource),
        resource=resource,
        rules=rules,
        files=files,
    )


def _included(resource: Resource) -> Spec:
    """What is read only when it is asked for, since each costs a request an application."""
    listed = [child.option for child in resource.children if child.listing is not None]
    if not listed:
        return {}
    return {
        "include": {"type": "list", "elements": "str", "choices": listed + sorted(resource.includes[0]), "default": []},
        "log_lines": {"type": "int", "default": 100},
        "log_since": {"type": "str"},
        "log_search": {"type": "str"},
    }


def child_operation(resource: Resource, child: Child) -> Operation:
    """The operation C(dokploy_<child>): one child, whatever its siblings are."""
    states = ["present", "absent", *child.actions]
    options: Spec = {
        "state": {"type": "str", "choices": states, "default": "present"},
        **locator_spec(resource),
        resource.name: {"type": "str"},
        **child_spec(child),
    }
    if child.actions:
        options["wait_timeout"] = {"type": "float", "default": 600.0}
        options["log_lines"] = {"type": "int", "default": 50}
    ways = [child.key_fields[0].name, child.id_option] + (["generate"] if child.generates else [])

    def perform(context: Context) -> Dict[str, Any]:
        return manage_child(resource, child, context)

    return Operation(
        name="dokploy_%s" % child.singular,
        options=options,
        perform=perform,
        resource=resource,
        rules={"required_one_of": [[resource.name, resource.id_option], ways]},
        option_names={field.api: field.name for field in reversed(child.fields)},
    )


def _option_names(resource: Resource) -> Dict[str, str]:
    names = {field.api: dotted(path) for path, field, group in resource.fields()}
    for child in resource.children:
        names.update({field.api: "%s.%s" % (child.option, field.name) for field in reversed(child.fields)})
    return names

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operations of a resource: its options plus what every resource has."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._argspec import Spec, resource_spec
from ansible_collections.community.dokploy.plugins.module_utils._context import Context
from ansible_collections.community.dokploy.plugins.module_utils._desired import dotted
from ansible_collections.community.dokploy.plugins.module_utils._info import list_resources
from ansible_collections.community.dokploy.plugins.module_utils._manage import manage
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._runner import Operation

_PARENTS: Mapping[str, Spec] = {
    "project": {},
    "environment": {"project": {"type": "str"}},
    "application": {"project": {"type": "str"}, "environment": {"type": "str"}},
}


def address_spec(resource_name: str) -> Spec:
    """The options that say which one is meant."""
    return {**_PARENTS[resource_name], "%s_id" % resource_name: {"type": "str"}}


def resource_operation(resource: Resource) -> Operation:
    """The operation C(dokploy_<resource>) with states C(present) and C(absent)."""
    fields, rules = resource_spec(resource)
    options: Spec = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **address_spec(resource.name),
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
        rules={**rules, "required_one_of": [["name", resource.id_option]]},
        option_names=_option_names(resource),
    )


def info_operation(resource: Resource) -> Operation:
    """The operation C(dokploy_<resource>_info)."""

    def perform(context: Context) -> Dict[str, Any]:
        return list_resources(resource, context)

    return Operation(
        name="dokploy_%s_info" % resource.name,
        options={
            **address_spec(resource.name),
            "name": {"type": "str"},
            "include_secrets": {"type": "bool", "default": False, "no_log": False},
        },
        perform=perform,
    )


def _option_names(resource: Resource) -> Dict[str, str]:
    names = {field.api: dotted(path) for path, field, group in resource.fields()}
    for child in resource.children:
        names.update({field.api: "%s.%s" % (child.option, field.name) for field in child.fields})
    return names

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployment of an application: an action more than a thing, so it has operations of its own."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._context import Context
from ansible_collections.community.dokploy.plugins.module_utils._deploy import deploy
from ansible_collections.community.dokploy.plugins.module_utils._info import list_deployments
from ansible_collections.community.dokploy.plugins.module_utils._operations import address_spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._runner import Operation

_ADDRESS: Spec = {**address_spec("application"), "application": {"type": "str"}}
_RULES = {"required_one_of": [["application", "application_id"]]}


def _deploy(context: Context) -> Dict[str, Any]:
    return deploy(APPLICATION, context)


def _list(context: Context) -> Dict[str, Any]:
    return list_deployments(APPLICATION, context)


OPERATION = Operation(
    name="dokploy_deployment",
    options={
        "state": {"type": "str", "choices": ["deployed", "redeployed", "cancelled"], "default": "deployed"},
        **_ADDRESS,
        "title": {"type": "str"},
        "description": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 900.0},
        "log_lines": {"type": "int", "default": 50},
    },
    perform=_deploy,
    rules=_RULES,
)

INFO_OPERATION = Operation(
    name="dokploy_deployment_info",
    options={**_ADDRESS, "log_lines": {"type": "int", "default": 0}},
    perform=_list,
    rules=_RULES,
)

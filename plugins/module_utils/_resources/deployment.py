# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployment of an application: an action more than a thing, so it has operations of its own."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._deployment.deploy import deploy
from ansible_collections.community.dokploy.plugins.module_utils._deployment.handles import HANDLE
from ansible_collections.community.dokploy.plugins.module_utils._deployment.history import STATUSES, list_deployments
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import address_spec
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION

_ADDRESS: Spec = {**address_spec("application"), "application": {"type": "str"}}


def _deploy(context: Context) -> Dict[str, Any]:
    return deploy(APPLICATION, context)


def _list(context: Context) -> Dict[str, Any]:
    return list_deployments(APPLICATION, context)


_HEALTH: Spec = {
    "url": {"type": "str"},
    "host": {"type": "str"},
    "status_codes": {"type": "list", "elements": "int", "default": [200]},
    "timeout": {"type": "float", "default": 10.0},
    "retries": {"type": "int", "default": 10},
    "delay": {"type": "float", "default": 3.0},
    "validate_certs": {"type": "bool", "default": True},
    "follow_redirects": {"type": "bool", "default": True},
}

OPERATION = Operation(
    name="dokploy_deployment",
    options={
        "state": {
            "type": "str",
            "choices": ["deployed", "redeployed", "finished", "cancelled", "rolled_back"],
            "default": "deployed",
        },
        **_ADDRESS,
        "trigger": {"type": "str", "choices": ["changed", "always"], "default": "changed"},
        "revision": {"type": "str"},
        "archive": {"type": "path"},
        "path": {"type": "path"},
        "ignore": {"type": "list", "elements": "str"},
        "deployment_id": {"type": "str"},
        "title": {"type": "str"},
        "description": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 900.0},
        "follow": {"type": "bool", "default": False},
        "log_lines": {"type": "int", "default": 50},
        "verify": {"type": "bool", "default": True},
        "verify_period": {"type": "float", "default": 5.0},
        "health_check": {"type": "dict", "options": _HEALTH},
        "handles": {"type": "list", "elements": "dict", "options": HANDLE},
        "kill_build": {"type": "bool", "default": False},
    },
    perform=_deploy,
    resource=APPLICATION,
    rules={"mutually_exclusive": [["archive", "path"]]},
    files=("archive", "path"),
)

INFO_OPERATION = Operation(
    name="dokploy_deployment_info",
    options={
        **_ADDRESS,
        "deployment_id": {"type": "str"},
        "status": {"type": "list", "elements": "str", "choices": list(STATUSES), "default": []},
        "since": {"type": "str"},
        "limit": {"type": "int"},
        "log_lines": {"type": "int", "default": 0},
    },
    perform=_list,
    resource=APPLICATION,
    rules={"required_one_of": [["application", "application_id", "environment", "project"]]},
)

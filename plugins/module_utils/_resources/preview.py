# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Preview deployments: made by GitHub's webhook, so they have operations of their own."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._deployment.previews import (
    list_previews,
    manage_preview,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import address_spec
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION

_ADDRESS: Spec = {**address_spec("application"), "application": {"type": "str"}}
_WHICH: Spec = {"pull_request": {"type": "int"}, "branch": {"type": "str"}}


def _manage(context: Context) -> Dict[str, Any]:
    return manage_preview(APPLICATION, context)


def _list(context: Context) -> Dict[str, Any]:
    return list_previews(APPLICATION, context)


OPERATION = Operation(
    name="dokploy_preview_deployment",
    options={
        "state": {"type": "str", "choices": ["redeployed", "absent"], "default": "redeployed"},
        **_ADDRESS,
        "preview_deployment_id": {"type": "str"},
        **_WHICH,
        "title": {"type": "str"},
        "description": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 900.0},
        "log_lines": {"type": "int", "default": 50},
    },
    perform=_manage,
    resource=APPLICATION,
    rules={"required_one_of": [["preview_deployment_id", "application", "application_id"]]},
)

INFO_OPERATION = Operation(
    name="dokploy_preview_deployment_info",
    options={
        **_ADDRESS,
        **_WHICH,
        "status": {"type": "str", "choices": ["idle", "running", "done", "error"]},
    },
    perform=_list,
    resource=APPLICATION,
    rules={"required_one_of": [["application", "application_id"]]},
)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What can be done to an application besides configuring and deploying it."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._deployment.actions import ACTIONS, act_on
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import address_spec
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION

_ADDRESS: Spec = {**address_spec("application"), "application": {"type": "str"}}


def _act(context: Context) -> Dict[str, Any]:
    return act_on(APPLICATION, context)


OPERATION = Operation(
    name="dokploy_application_action",
    options={
        "action": {"type": "str", "choices": list(ACTIONS), "required": True},
        **_ADDRESS,
        "deployment_id": {"type": "str"},
        "kill_every_build": {"type": "bool", "default": False},
        "include_secrets": {"type": "bool", "default": False, "no_log": False},
    },
    perform=_act,
    resource=APPLICATION,
    rules={
        "required_one_of": [["application", "application_id"]],
        "required_if": [["action", "remove_deployment", ["deployment_id"]]],
    },
)

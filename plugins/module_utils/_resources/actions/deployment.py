# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments of applications and compose stacks."""

from __future__ import annotations

from dataclasses import replace

from ..._deployment.configured import DeploymentKind
from ..._deployment.handles import handles_spec
from ..._deployment.returning import WITH_ROWS
from ..._deployment.trigger import deploy
from ..._engine.runner import action_operation
from ..._model.argspec import Spec
from ..._model.resource import Resource
from ..databases.rollout import BY_LABEL
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .http_checks import HTTP_CHECK

DEPLOYABLES = (APPLICATION, COMPOSE)


def deployment_kind(service: Resource) -> DeploymentKind:
    """How a service is deployed, and how that is recorded."""
    return WITH_ROWS if service.deployable.history else BY_LABEL


_STATES = ("deployed", "redeployed", "finished", "cancelled", "rolled_back")
# The options of what starts a deployment.
RUN: Spec = {
    "title": {"type": "str"},
    "description": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 900.0},
    "log_lines": {"type": "int", "default": 50},
}

_OPERATION = action_operation(
    "dokploy_deployment",
    DEPLOYABLES,
    deploy,
    {
        "state": {"type": "str", "choices": list(_STATES), "default": "deployed"},
        "trigger": {"type": "str", "choices": ["changed", "always", "adopt"], "default": "changed"},
        "revision": {"type": "str"},
        "archive": {"type": "path"},
        "path": {"type": "path"},
        "exclude": {"type": "list", "elements": "str"},
        "deployment_id": {"type": "str"},
        "image": {"type": "str"},
        **RUN,
        "follow": {"type": "bool", "default": False},
        "verify": {"type": "bool", "default": True},
        "verify_period": {"type": "float", "default": 5.0},
        "http_check": {"type": "dict", "options": HTTP_CHECK},
        "handles": handles_spec(*DEPLOYABLES),
        "on_failure": {"type": "str", "choices": ["keep", "return"], "default": "keep"},
        "fresh_volumes": {"type": "bool", "default": False},
        "kill_build": {"type": "bool", "default": False},
    },
    {"mutually_exclusive": [["archive", "path"], ["deployment_id", "image"]]},
    files=("archive", "path"),
)
# The states of the services themselves.
_SERVICES = "Use %s with state=%%s." % " or ".join(
    "community.dokploy.dokploy_%s" % service.name for service in DEPLOYABLES
)
_STATES_OF_SERVICES = ("present", "absent", "started", "stopped", "reloaded")
OPERATION = replace(_OPERATION, elsewhere={"state": {state: _SERVICES % state for state in _STATES_OF_SERVICES}})

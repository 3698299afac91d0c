# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a server has what Dokploy needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Client
from ..._engine.apply import PRESENT
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome, Plan, Step
from ..._engine.runner import Context
from ..._engine.state import State
from ..._errors import Refused, enumerated, refused_as
from ..._model.states import Transition
from ..._values.schema import SCALAR, needed, object_of

Row = Mapping[str, Any]

_TOOLS = ("docker", "rclone", "nixpacks", "buildpacks", "railpack")
_FLAGS = {
    "swarm": "isSwarmInstalled",
    "network": "isDokployNetworkInstalled",
    "main_directory": "isMainDirectoryInstalled",
    "docker_group": "dockerGroupMember",
}
COMPONENTS = (*_TOOLS, *_FLAGS, "privileges")
# What only a server has that runs services (source of 0.30.2).
_OF_SERVICES = ("rclone", "swarm", "network")
_NAMES = {
    "docker": "Docker",
    "rclone": "rclone",
    "nixpacks": "Nixpacks",
    "buildpacks": "Buildpacks",
    "railpack": "Railpack",
    "swarm": "Docker Swarm",
    "network": "the network dokploy-network",
    "main_directory": "the directory /etc/dokploy",
    "docker_group": "the membership of the user in the group docker",
    "privileges": "sudo without a password",
}

_TOOL = object_of(version=SCALAR, enabled=SCALAR)
ANSWERS = {
    "server.validate": needed(
        object_of(
            **dict.fromkeys(_TOOLS, _TOOL),
            **dict.fromkeys((*_FLAGS.values(), "privilegeMode"), SCALAR),
        )
    ),
}

# Dokploy tries to connect for 20 s.
_CONNECT_TIMEOUT = 60.0


@dataclass(frozen=True)
class Validation(Step):
    """Look at a server over SSH. As a step of a plan, it is left out in check mode.

    :param required: the components that must be there; C(None) is all that a server of its type needs.
    :param facts: takes what there is.
    """

    row: Row
    label: str
    required: Optional[Sequence[str]]
    facts: Dict[str, Any] = field(default_factory=dict)

    def run(self, executor: Executor, outcome: Outcome) -> None:
        self.look(executor.client)

    def look(self, client: Client) -> None:
        """:raises Refused: Dokploy cannot connect to the server."""
        with refused_as(
            "%s: Dokploy cannot connect to it" % self.label, hint="Check ip_address, port, user and ssh_key."
        ):
            row = client.query("server.validate", {"serverId": self.row["serverId"]}, timeout=_CONNECT_TIMEOUT)
        tools = {name: row.get(name) or {} for name in _TOOLS}
        self.facts.update({name: tool.get("version") if tool.get("enabled") else None for name, tool in tools.items()})
        self.facts.update({name: row.get(key) for name, key in _FLAGS.items()})
        self.facts.update(privileges=row.get("privilegeMode"), missing=[])
        self.facts["missing"] = [name for name in self._required if not self._has(name)]

    @property
    def _required(self) -> Sequence[str]:
        if self.required is not None:
            return self.required
        builds = self.row.get("serverType") == "build"
        return [name for name in COMPONENTS if not (builds and name in _OF_SERVICES)]

    def _has(self, name: str) -> bool:
        value = self.facts[name]
        if name == "privileges":
            return bool(value != "none")
        if name == "docker_group":
            # Older releases do not tell, and root needs no group.
            return value is not False or self.facts["privileges"] == "root"
        return bool(value)

    @property
    def problem(self) -> str:
        """What is missing, in words; empty if nothing is."""
        missing: List[str] = self.facts["missing"]
        names = enumerated([_NAMES[name] for name in missing])
        return "%s %s missing" % (names, "is" if len(missing) == 1 else "are") if missing else ""


@dataclass(frozen=True)
class ValidatedPlan(ResourcePlan):
    """What configures a server, and what it has, if that is not about to change.

    :param validation: with nothing found where something of the server is to change first.
    """

    validation: Validation


def plan_validated(state: State, context: Context) -> ValidatedPlan:
    """As C(present), and Dokploy reaches the server, which has what it needs.

    :raises Refused: Dokploy cannot connect, or something is missing.
    """
    planned: ResourcePlan = PRESENT.plan(state, context)
    validation = Validation(state.row or {}, state.target.label, context.params["required_components"])
    if planned.diff.empty:
        validation.look(context.client)
        _refuse_missing(validation, context.params)
    return ValidatedPlan(planned.steps, planned.difference, state, planned.diff, validation)


def _refuse_missing(validation: Validation, params: Mapping[str, Any]) -> None:
    if params["state"] == "validated" and validation.facts and validation.problem:
        raise Refused(
            "%s is not ready: %s" % (validation.label, validation.problem),
            hint="Install %s with state=setup, or name what you need in required_components."
            % ("it" if len(validation.facts["missing"]) == 1 else "them"),
            procedure="server.validate",
            details={"validation": validation.facts},
        )


def _finish_validated(
    first: ValidatedPlan, planned: ValidatedPlan, outcome: Outcome, context: Context
) -> Dict[str, Any]:
    result, validation = configured(first, planned, outcome, context)
    _refuse_missing(validation, context.params)
    return {**result, "validation": validation.facts or None}


def configured(
    first: ResourcePlan, planned: ValidatedPlan, outcome: Outcome, context: Context
) -> Tuple[Dict[str, Any], Validation]:
    """The result of C(present), and what the server has; nothing if check mode has only predicted the connection."""
    result: Dict[str, Any] = PRESENT.finish(first, planned, outcome, context)
    validation = replace(planned.validation, row=outcome.shown or {})
    if not planned.diff.empty:
        context.executor.run(Plan((validation,)))
    return result, validation


VALIDATED = Transition(PRESENT.observe, plan_validated, _finish_validated)

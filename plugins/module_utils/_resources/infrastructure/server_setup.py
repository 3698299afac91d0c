# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a server has what Dokploy needs, and the set-up that installs it.

The set-up is a stream of lines that never ends by itself. Dokploy ignores how its script ends, and reports success
whenever it could connect (measured on 0.30.2), so that only a validation tells what the set-up has achieved.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Client
from ..._deployment.queue import FINAL
from ..._engine.apply import PRESENT
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome, Plan, Step
from ..._engine.rows import need
from ..._engine.runner import Context
from ..._engine.state import State
from ..._errors import DeploymentFailed, DokployError, Refused, StreamInterrupted, WaitTimeout, enumerated, refused_as
from ..._model.resource import FORCE, Resource
from ..._model.responses import DEPLOYMENT
from ..._model.states import Transition
from ..._swarm.logs import check_lines, clean
from ..._values.schema import SCALAR, list_of, needed, object_of

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

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "required_components": {"type": "list", "elements": "str", "choices": list(COMPONENTS)},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "log_lines": {"type": "int", "default": 50},
    "follow": {"type": "bool", "default": False},
    **FORCE,
}

_TOOL = object_of(version=SCALAR, enabled=SCALAR)
ANSWERS = {
    "server.validate": needed(
        object_of(
            **dict.fromkeys(_TOOLS, _TOOL),
            **dict.fromkeys((*_FLAGS.values(), "privilegeMode"), SCALAR),
        )
    ),
    "deployment.allByServer": needed(list_of(DEPLOYMENT)),
}

# Dokploy tries to connect for 20 s.
_CONNECT_TIMEOUT = 60.0
_SUCCESS = "Setup Server: ✅"
# What a diff shows of a set-up, before and after.
_NEW = {"setup": ""}, {"setup": "(a new one)"}


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
class Setup(Step):
    """Run the set-up script of a server, with its lines as they come.

    :param show: takes each line; C(None) if they are not followed.
    """

    server_id: str
    label: str
    timeout: float
    lines: Deque[str]
    show: Optional[Callable[[str], None]]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises DeploymentFailed: Dokploy could not connect. :raises WaitTimeout: it has not ended in time."""
        client, answered = executor.client, False
        before = {row.get("deploymentId") for row in self._runs(client)}
        stream = client.subscribe("server.setupWithLogs", {"serverId": self.server_id}, timeout=self.timeout)
        try:
            for text in stream:
                line, answered = clean(text).strip(), True
                if line:
                    self.lines.append(line)
                    if self.show is not None:
                        self.show("%s | %s" % (self.label, line))
                if line == _SUCCESS or line.endswith(" ❌"):
                    break
        except StreamInterrupted:
            # The server works on.
            executor.waiter.progress("%s: the connection broke, the set-up continues" % self.label)
        except DokployError as error:
            executor.sent = executor.sent or answered or bool(error.details.get("effect_unknown"))
            raise
        finally:
            stream.close()
        executor.sent = outcome.sent = True

        def status(_elapsed: float) -> Optional[str]:
            new = [row.get("status") for row in self._runs(client) if row.get("deploymentId") not in before]
            return str(new[0]) if new and new[0] in FINAL else None

        if executor.waiter.until(self.timeout, status, self._expired) == "error":
            raise self.failed("the set-up failed")

    def _runs(self, client: Client) -> List[Row]:
        """The set-ups so far, the newest first."""
        rows: List[Row] = client.query("deployment.allByServer", {"serverId": self.server_id})
        return sorted(rows, key=lambda row: str(row.get("createdAt")), reverse=True)

    def _expired(self) -> WaitTimeout:
        message = "%s: the set-up has not ended after %g s" % (self.label, self.timeout)
        return WaitTimeout(message, hint="It continues on the server. Raise wait_timeout.")

    def failed(self, what: str, **details: Any) -> DeploymentFailed:
        log = list(self.lines)
        end = "\nThe end of its log:\n%s" % "\n".join(log) if log else ""
        return DeploymentFailed("%s: %s%s" % (self.label, what, end), details={"log": log, **details})


@dataclass(frozen=True)
class ValidatedPlan(ResourcePlan):
    """What configures a server, and what it has, if that is not about to change.

    :param validation: with nothing found where something of the server is to change first.
    """

    validation: Validation


def _plan_validated(state: State, context: Context) -> ValidatedPlan:
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
    result, validation = _configured(first, planned, outcome, context)
    _refuse_missing(validation, context.params)
    return {**result, "validation": validation.facts or None}


def _configured(
    first: ResourcePlan, planned: ValidatedPlan, outcome: Outcome, context: Context
) -> Tuple[Dict[str, Any], Validation]:
    """The result of C(present), and what the server has; nothing if check mode has only predicted the connection."""
    result: Dict[str, Any] = PRESENT.finish(first, planned, outcome, context)
    validation = replace(planned.validation, row=outcome.shown or {})
    if not planned.diff.empty:
        context.executor.run(Plan((validation,)))
    return result, validation


def _plan_setup(state: State, context: Context) -> ValidatedPlan:
    """As C(validated), after the set-up script if something is missing or the script has changed.

    What a server lacks that is about to change is only known after that; until then the plan has a set-up.
    """
    need(context.client.version(), "state=setup", (0, 28, 0))
    planned = _plan_validated(state, context)
    facts = planned.validation.facts
    if facts and not facts["missing"]:
        return planned
    if planned.diff.empty:
        planned = replace(planned, difference=replace(planned.difference, action="setup"))
    return planned.also((), *_NEW)


def _finish_setup(first: ValidatedPlan, planned: ValidatedPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: something is missing after the script.
    :raises WaitTimeout: the script has not ended in time.
    """
    params = context.params
    result, validation = _configured(first, planned, outcome, context)
    lines: Deque[str] = deque(maxlen=params["log_lines"])
    needed = not validation.facts or bool(validation.facts["missing"]) or "command" in first.difference.after
    if needed:
        show = context.waiter.line if params["follow"] else None
        server_id = str(validation.row.get(planned.state.resource.id_key))
        setup = Setup(server_id, validation.label, params["wait_timeout"], lines, show)
        if context.executor.run(Plan((setup,))).sent:
            validation.look(context.client)
            if validation.problem:
                what = "the set-up ended, but %s" % validation.problem
                raise setup.failed(what, validation=validation.facts)
        else:
            validation.facts.clear()
    for side, entry in zip(("before", "after"), _NEW):
        known = {name: value for name, value in result["diff"][side].items() if name not in entry}
        result["diff"][side] = {**known, **(entry if needed else {})}
    return {**result, "validation": validation.facts or None, "set_up": needed, "log": list(lines)}


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    check_lines(params["log_lines"], least=1)


VALIDATED = Transition(PRESENT.observe, _plan_validated, _finish_validated)
SETUP = Transition(PRESENT.observe, _plan_setup, _finish_setup, _refuse)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One run of a job: an application is created and started, its command ends, and it is removed.

A reload starts it: that makes its service as a deployment does (source of 0.30.2), but at once, without a place in
the queue of builds. Docker pulls the image then. Only a deployment pulls it with the logins of the server, so that is
what follows where Docker does not get it.

A run that is killed leaves its application. The next run of that name waits until the command has ended, since another
run may wait for it too, and removes it. So jobs of one name never run side by side.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._engine.apply import PRESENT
from ..._engine.diff import compare
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan, fulfil, not_stored
from ..._engine.plan import SELF, Outcome, Plan, Step, Write
from ..._engine.runner import Context
from ..._engine.state import Node, State
from ..._engine.threads import in_thread
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DeploymentFailed, DokployError, Refused, ServerError
from ..._model.argspec import Spec, resource_spec
from ..._model.states import Transition
from ..._swarm.run_to_end import RunEnd
from ..._swarm.tasks import Row, Service
from ..._values.marks import FromResponse
from ..services.application import APPLICATION
from .command import ended
from .former import EndFormer, remove_service

# What an application is named that is a job.
PREFIX = "job-"
# The description of an application that is a job, by which it is told from others of that name.
MARK = "A job of community.dokploy, which is removed when its command has ended."
# How many of the steps of a plan run the job.
_OF_RUN = 2
# Under these names the outcome has the row of its application, and whether its command was started.
_ROW, _STARTED = "row", "started"


@dataclass(frozen=True)
class JobPlan(ChangePlan):
    """The run of a job. :param service: the application that another run has left instead, which ends first."""

    label: str
    former: Optional[Service] = None

    @property
    def parts(self) -> Tuple[Plan, Plan]:
        """What creates its application, and what runs it then, for a job before whose run something else happens."""
        if self.former is not None:
            return self, Plan(())
        return Plan(self.steps[:-_OF_RUN]), Plan(self.steps[-_OF_RUN:])


def _observe(nodes: Sequence[Node], context: Context) -> List[State]:
    return list(PRESENT.observe(nodes, context))


def _plan(state: State, context: Context) -> JobPlan:
    """:raises Refused: there is an application of that name that is no job."""
    label = "job %s" % context.params["name"][len(PREFIX) :]
    difference = Difference(label, {"run": ""}, {"run": "(a new one)"}, action="run")
    if state.row is not None:
        if state.row.get("description") != MARK:
            raise Refused(
                "%s exists, and is no job" % state.target.label,
                hint="Give the job another name, or rename the application.",
            )
        former = Service(APPLICATION, state.row, label)
        return JobPlan((EndFormer(former, context.params["timeout"]),), difference, label, former)
    created = PRESENT.plan(state, context)
    body = {name: FromResponse(SELF, name) for name in (APPLICATION.id_key, "appName")}
    start = Start(APPLICATION.deployable.reload, body, once=True, confirm_by_polling=True)
    return JobPlan((*created.steps, EnsureStored(created), start, RemoveAfterFailure()), difference, label)


@dataclass(frozen=True)
class EnsureStored(Step):
    """Check that the application of a job is as stated before its command runs.

    A command without one of its mounts writes into its container, and ends well.
    """

    created: ResourcePlan

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: the server has accepted a write, and dropped what it says."""
        state, row = fulfil(self.created, outcome).state, outcome.shown
        if row is None:
            resource_id = str(outcome.rows[SELF][APPLICATION.id_key])
            row, _answers = executor.reads.current.read_back(APPLICATION, resource_id, state.children)
        outcome.rows[_ROW] = row
        diff = compare(APPLICATION, state.desired, row or {}, written=True)
        if not diff.empty:
            remove(outcome.rows[SELF], executor)
            raise not_stored(state, diff)


@dataclass(frozen=True)
class Start(Write):
    """Start the command of a job."""

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises ServerError: Docker has refused its service; its application is removed."""
        try:
            super().run(executor, outcome)
        except ServerError:
            with contextlib.suppress(DokployError):
                remove(outcome.rows[SELF], executor)
            raise
        outcome.rows[_STARTED] = True


@dataclass(frozen=True)
class RemoveAfterFailure(Step):
    """Remove the application of a job that was not started."""

    def runs_after_failure(self, outcome: Outcome) -> bool:
        return bool(outcome.rows.get(SELF))

    def run(self, executor: Executor, outcome: Outcome) -> None:
        if not outcome.rows.get(_STARTED):
            remove(outcome.rows[SELF], executor)


def remove(row: Row, executor: Executor, queued: bool = True) -> None:
    """Remove the application of a job, with its container. :param queued: its deployment may not have ended."""
    remove_service(APPLICATION, row, executor, queued)


def _polls(planned: JobPlan, outcome: Outcome, context: Context) -> Polls:
    """How the job ended; its application is removed then, whatever has come of it."""
    created = outcome.rows.get(SELF)
    if created is None:
        return None
    try:
        end = yield from ended(Service(APPLICATION, outcome.rows[_ROW], planned.label), context)
    except BaseException:
        _remove_now(created, planned.label, context)
        raise
    yield from in_thread(planned.label, "removal", partial(_remove_now, created, planned.label, context, queued=False))
    return end


def _remove_now(created: Row, label: str, context: Context, queued: bool = True) -> None:
    """Remove the application of a job. How the job has ended matters more than a failure of it.

    :param queued: its deployment may not have ended.
    """
    for is_last in (False, True):
        try:
            remove(created, context.executor, queued)
            return
        except DokployError as error:
            text = "%s: its application stays until the next job of this name, since it cannot be removed: %s"
            context.warn([text % (label, error.message)] if is_last else ())


def _finish(first: JobPlan, _planned: JobPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: it ended with an exit code that is not among the expected ones."""
    end: Optional[RunEnd] = outcome.ended
    if end is None:
        return first.difference.result(job=None)
    job = end.facts()
    if end.exit_code not in context.params["exit_codes"]:
        how = "did not start" if end.exit_code is None else "ended with the exit code %d" % end.exit_code
        message = "%s %s (%s)" % (first.label, how, end.task)
        message += "\nThe end of its output:\n%s" % job["output"] if end.lines else ""
        raise DeploymentFailed(message, details={"job": job})
    return first.difference.result(job=job)


#: A command has run, and nothing of it is left.
JOB = Transition(_observe, _plan, _finish, configures=False, polls=_polls)


# --- the node of a job ---

# The options that a job has in common with an application.
_SAME = (
    "server",
    "command",
    "args",
    "env",
    "mounts",
    "networks",
    "memory_limit",
    "cpu_limit",
)
# Those of the source, as in the option docker of an application.
_OF_IMAGE = ("image", "username", "password", "registry_url")
# The program of a script, with what comes before its text: an error ends it.
SHELL = ("/bin/sh", "-ec")


def job_options() -> Spec:
    """The options of a job."""
    application, _rules = resource_spec(APPLICATION)
    docker = application["docker"]["options"]
    return {
        "name": {"type": "str", "required": True},
        "project": {"type": "str", "required": True},
        "environment": {"type": "str"},
        "image": {**docker["image"], "required": True},
        **{name: docker[name] for name in _OF_IMAGE[1:]},
        **{name: application[name] for name in _SAME},
        "script": {"type": "str"},
        "exit_codes": {"type": "list", "elements": "int", "default": [0]},
        "timeout": {"type": "float", "default": 600.0},
        "log_lines": {"type": "int", "default": 1000},
    }


def job_node(params: Mapping[str, Any], key: str = "self") -> Node:
    """The node of one job.

    :param params: the options of the module, with their defaults.
    :raises OptionError: C(script) beside C(command) or C(args).
    """
    application: Dict[str, Any] = {option: described.get("default") for option, described in _OF_APPLICATION.items()}
    application.update({option: params[option] for option in ("project", "environment", *_SAME)})
    if params["script"] is not None:
        application.update(command=SHELL[0], args=[SHELL[1], params["script"]])
    application.update(
        name=PREFIX + params["name"],
        description=MARK,
        docker={name: params[name] for name in _OF_IMAGE},
        restart_policy={"condition": "none"},
        # Otherwise Docker takes the end of a command that a deployment has started again for a failure of the update,
        # goes back to the service of before, and so runs the command twice (measured on 0.30.2).
        update_config={"failure_action": "pause"},
        endpoint_spec={"mode": "dnsrr"},
        replicas=1,
        auto_deploy=False,
    )
    own = {option: params[option] for option in ("exit_codes", "timeout", "log_lines")}
    return Node(APPLICATION, {**application, **own}, key=key, transition=JOB)


_OF_APPLICATION: Spec = {
    **resource_spec(APPLICATION)[0],
    **dict.fromkeys(("project", "environment", APPLICATION.id_option, "unstated", "ignore"), {}),
}

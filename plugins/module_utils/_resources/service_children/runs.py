# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One run of a job of a service: planned, started, waited for, with its log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence

from ..._api.client import Call
from ..._deployment.queue import FINAL, Row, deployment_facts
from ..._engine.apply_child import observe_children
from ..._engine.desired import label_of
from ..._engine.execute import Executor
from ..._engine.lookup import Target
from ..._engine.plan import Outcome, Write
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Poll, Polls
from ..._errors import BadRequest, DeploymentFailed, DokployError, ReferenceNotFound, ServerError, WaitTimeout
from ..._model.child import Child
from ..._model.resource import Resource
from ..._model.states import Transition
from ..._reads.rows import valid
from ..._secrets.masking import Scrubber, texts_of_secrets
from ..._swarm.logs import build_logs, check_lines, listed
from ..._values.codec import GENERATED
from ..infrastructure.bucket_files import file_view, latest_stamp, list_files, newest_file
from .archives import Archives

# The server answers when the command has ended, which a proxy may not wait for, so that its runs are polled.
ANSWER_TIMEOUT = 60.0
# Under this name the outcome has what is shown where the log cannot be read.
WRITTEN = "written"


@dataclass(frozen=True)
class Job:
    """A job of a service, as it was observed.

    :param parent: the row of the service.
    :param row: that of the job; check mode takes one for granted that an earlier task creates.
    :param archives: where its runs put files, if they make some. :param archive: the path of the newest one.
    :param before: the IDs of its runs. :param siblings: the rows of all jobs of this kind that the service has.
    """

    child: Child
    resource: Resource
    target: Target
    parent: Row
    row: Row
    archives: Optional[Archives] = None
    before: FrozenSet[str] = frozenset()
    archive: Optional[str] = None
    siblings: Sequence[Row] = ()

    @property
    def label(self) -> str:
        key = label_of(self.child, [self.row.get(field.api) for field in self.child.key_fields if not field.reference])
        return "%s %s of %s" % (_noun(self.child), key, self.target.label)

    @property
    def known(self) -> bool:
        return bool(self.row[self.child.id_key] != GENERATED)

    @property
    def kind(self) -> str:
        """The name of its runs in the API."""
        return (self.child.run or ("", ""))[1]

    @property
    def runs(self) -> Call:
        """The query for its runs, the newest first."""
        return Call("deployment.allByType", {"id": str(self.row[self.child.id_key]), "type": self.kind})

    def newest_archive(self, context: Context) -> Optional[Row]:
        """Its newest file; C(None) where there is none.

        :raises Refused: the bucket cannot be listed.
        """
        if self.archives is None:
            return None
        destination_id, folder, names = self.archives(self.parent, self.row)
        return newest_file(partial(list_files, context, destination_id, folder), names, latest_stamp())

    def after(self, answer: Any) -> Job:
        """The job with the runs that there are, of the answer to that query."""
        return replace(self, before=frozenset(run.get("deploymentId") for run in valid(answer) or ()))

    def newest(self, answer: Any) -> Optional[Row]:
        """The run that has begun since."""
        return next((run for run in valid(answer) or () if run.get("deploymentId") not in self.before), None)


@dataclass(frozen=True)
class RunPlan(ChangePlan):
    """One run of a job: the request that starts it."""

    job: Job


def executed(
    child: Child,
    parent: Optional[Target] = None,
    _params: Mapping[str, Any] = MappingProxyType({}),
    archives: Optional[Archives] = None,
) -> Transition:
    """A job runs once, and has ended.

    :param parent: the service of the only node, where it is known already.
    :param archives: where its runs put files: each has to make one.
    """
    observe = partial(_observe, child, parent, archives)
    return Transition(observe, plan_run, _finish, configures=False, polls=_polls)


def _observe(
    child: Child, parent: Optional[Target], archives: Optional[Archives], nodes: Sequence[Node], context: Context
) -> List[Job]:
    """The jobs and their runs.

    :raises OptionError: C(log_lines) is out of range. :raises ReferenceNotFound: one does not exist.
    """
    jobs = []
    for node, only in zip(nodes, observe_children(nodes, context, child, parent)):
        check_lines(node.params["log_lines"])
        target, row = only.parent.target, only.row()
        if row is None:
            context.executor.parent_missing(_no_job(child, target, node.params))
            row = {field.api: node.params.get(field.name) for field in child.key_fields}
            row[child.id_key] = GENERATED
        jobs.append(Job(child, node.resource, target, only.parent.row or {}, row, archives, siblings=only.rows))
    answers = iter(context.client.call_many([job.runs for job in jobs if job.known]))
    return [with_archive(job.after(next(answers)), context) if job.known else job for job in jobs]


def with_archive(job: Job, context: Context) -> Job:
    newest = job.newest_archive(context)
    return job if newest is None else replace(job, archive=str(newest["Path"]))


def plan_run(job: Job, context: Context) -> RunPlan:
    """One run of a job. Pure."""
    procedure, _kind = job.child.run or ("", "")
    timeout = min(context.params["wait_timeout"], context.params.get("answer_timeout", ANSWER_TIMEOUT))
    body = {job.child.id_key: str(job.row[job.child.id_key])}
    start = _Start(procedure=procedure, body=body, timeout=timeout, confirm_by_polling=True, once=True, job=job)
    return RunPlan((start,), Difference(job.label, {"run": ""}, {"run": "(a new one)"}), job)


@dataclass(frozen=True)
class _Start(Write):
    """Starts a job."""

    job: Optional[Job] = None

    def run(self, executor: Executor, outcome: Outcome) -> None:
        try:
            super().run(executor, outcome)
        except (BadRequest, ServerError) as error:
            # Those of backups refuse what has failed, without a reason or with the whole command. Before 0.29.14, those
            # of schedules answer a command that fails with what it wrote to its error channel (measured on 0.29.8).
            if self.job is None or self.job.kind not in ("backup", "schedule"):
                raise
            run = self.job.newest(executor.client.query(*self.job.runs))
            if run is None or run.get("status") not in FINAL:
                raise
            if self.job.kind == "schedule":
                outcome.rows[WRITTEN] = str(error.server_message or "")
            executor.sent = outcome.sent = True


def _polls(planned: RunPlan, outcome: Outcome, context: Context) -> Polls:
    """The run as results show it, as soon as it has ended.

    :raises WaitTimeout: it has not ended in time. :raises DeploymentFailed: it failed.
    """
    if not outcome.sent:
        return None
    run = yield RunEnded(planned.job), context.params["wait_timeout"]
    return run_facts(planned.job, run, outcome, context)


class RunEnded(Poll):
    """Waits for the end of a run."""

    def __init__(self, job: Job) -> None:
        self.label, self.state, self._job = job.label, "unknown", job

    def calls(self) -> List[Call]:
        return [self._job.runs]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        run = self._job.newest(answers[0])
        if run is not None:
            self.state = str(run.get("status"))
        return run if self.state in FINAL else None

    def expired(self, timeout: float) -> DokployError:
        message = "%s: the run has not ended after %g s (%s)" % (self.label, timeout, self.state)
        hint = "It continues on the server. Raise wait_timeout."
        return WaitTimeout(message, hint=hint, details={"status": self.state})


def _finish(first: RunPlan, planned: RunPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    job = planned.job
    ids = {job.resource.id_option: job.target.resource_id or GENERATED, job.child.id_option: job.row[job.child.id_key]}
    nothing = {"run": None} if job.archives is None else {"run": None, "file": None}
    return first.difference.result(**ids, **(outcome.ended or nothing))


def run_facts(job: Job, ended: Row, started: Outcome, context: Context) -> Dict[str, Any]:
    """What results show of a run that has ended: C(run), and C(file) where it has to make one.

    :param started: the outcome of its start.
    :raises DeploymentFailed: it failed; the message ends with the end of its log. Or it has made no file.
    """
    run = _facts(job, ended, str(started.rows.get(WRITTEN, "")), context)
    return {"run": run, **_file(job, run, context)}


def _file(job: Job, run: Mapping[str, Any], context: Context) -> Dict[str, Any]:
    """The file that a run has made, as results show it.

    :raises DeploymentFailed: there is none, or it is empty, whatever the server says of the run.
    """
    if job.archives is None:
        return {}
    newest, (_destination, folder, _names) = job.newest_archive(context), job.archives(job.parent, job.row)
    if newest is None or newest["Path"] == job.archive:
        problem = "the folder %r of the bucket has no new file" % folder
    elif not newest["Size"]:
        problem = "%r in the bucket is empty" % newest["Path"]
    else:
        return {"file": file_view(newest)}
    raise DeploymentFailed("%s: the run ended in done, but %s" % (job.label, problem), details={"run": run})


def _no_job(job: Child, target: Target, params: Mapping[str, Any]) -> ReferenceNotFound:
    stated = {field.name: params.get(field.name) for field in job.key_fields}
    which = " and ".join("%s %r" % (name, value) for name, value in stated.items() if value)
    message = "%s has no %s with %s" % (target.label, _noun(job), which)
    return ReferenceNotFound(message, hint="Create it with state=present.")


def _noun(job: Child) -> str:
    return job.singular.replace("_", " ")


def _facts(job: Job, ended: Row, written: str, context: Context) -> Dict[str, Any]:
    """An ended run as the result shows it, with its log.

    :param written: what is shown where the log cannot be read. :raises DeploymentFailed: the run failed.
    """
    facts = deployment_facts(job.resource, ended)
    deployment = job.resource, str(job.target.resource_id), str(facts["deployment_id"])
    (log,) = build_logs(context.client, [deployment], context.params["log_lines"])
    # That of Dokploy itself has the destination in its row, and older releases log the command of rclone.
    scrubber = Scrubber()
    scrubber.add(*texts_of_secrets(job.row))
    # Before 0.29.5 logs cannot be read.
    log = scrubber.mask(log or written) or log
    kept = {key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")}
    run = {**kept, "log": listed(log)}
    if facts["status"] != "done":
        message = "%s: the run ended in %s" % (job.label, facts["status"])
        message += "\nThe end of its log:\n%s" % log if log else ""
        raise DeploymentFailed(message, details={"run": run})
    return run

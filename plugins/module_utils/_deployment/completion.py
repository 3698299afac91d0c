# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From triggered deployments to their results: their end, their commit, their tasks and their HTTP check.

One deployment or many go through the same steps, all of them at once.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple

from .. import _errors as errors
from .._api.client import Call
from .._engine.execute import Executor
from .._engine.plan import Plan
from .._engine.runner import Context, repeated
from .._engine.threads import in_thread
from .._engine.wait import Poll, Polls, wait_together
from .._model.resource import Resource
from .._swarm.images import with_images
from .._swarm.logs import MAX_LINES, build_logs, listed, log_of_task, without_time
from .._swarm.rollout import Rollout
from .._swarm.run_to_end import RunEnd, RunToEnd, exit_code
from .._swarm.tasks import Service, running_facts, task_text
from .cause import BANNER_LINES, CAUSE_LINES, cause_of, without_banner
from .fingerprint import FingerprintWrite, fingerprint_write, stored_fingerprint
from .http_check import address_of, check_http
from .queue import DeploymentQuery, Row, Snapshot, deployment_facts
from .revision import Revision, built_revision
from .state import newest_first
from .tracker import DeploymentTracker, LogStream

# Seconds to wait for the commit, which the server writes into the row a moment after the end; more of them where a
# revision is wanted.
COMMIT_TIMEOUT, REVISION_TIMEOUT = 1.55, 11.55
# Seconds that the verification has at least beside its own period, however long the build took.
VERIFY_LEAST = 30.0
#: The parameter of a deployment whose images are read later, together with those of others.
IMAGES_LATER = "images_later"


@dataclass(frozen=True)
class TriggeredDeployment:
    """A triggered deployment.

    :param title: the title that it was given, where it is known. :param own: its row, where it is known already.
    :param old_tasks: the IDs of the service's tasks before it; C(None) where its tasks are not verified.
    :param clones: whether it takes a commit of a repository.
    """

    service: Service
    before: Snapshot
    title: Optional[str] = None
    own: Optional[Row] = None
    revision: Optional[Revision] = None
    old_tasks: Optional[FrozenSet[str]] = None
    clones: bool = False


@dataclass
class Completion:
    """The result of a deployment: its final row, the tasks, how they ended, the HTTP check, or the error.

    :ivar tasks: those that were verified. :ivar built: whether it has ended as it should, so that its tasks count.
    :ivar verification: how many seconds after the end of the build its tasks were verified.
    """

    triggered: TriggeredDeployment
    final: Optional[Row] = None
    running: Optional[Dict[str, Any]] = None
    run: Optional[RunEnd] = None
    http_check: Optional[Dict[str, Any]] = None
    error: Optional[errors.DokployError] = None
    log_shown: bool = False
    tasks: Sequence[Row] = ()
    built: bool = False
    verification: float = 0.0

    @property
    def seconds(self) -> Optional[float]:
        """From the beginning of the build until the tasks were verified; C(None) where the build has not ended."""
        duration = (self.facts or {}).get("duration")
        return None if duration is None else round(duration + self.verification, 3)

    @property
    def commit(self) -> Dict[str, Any]:
        """C(commit) as results show it beside the containers."""
        return {"commit": (self.facts or {}).get("commit")}

    @property
    def job(self) -> Optional[Dict[str, Any]]:
        """How the containers have ended, of a service whose containers run to their end."""
        return None if self.run is None else self.run.facts()

    @property
    def facts(self) -> Optional[Dict[str, Any]]:
        return None if self.final is None else deployment_facts(self.triggered.service.resource, self.final)

    def result_or_raise(self, result: Dict[str, Any]) -> Dict[str, Any]:
        """The result of an operation with that of the deployment; its error is raised."""
        result.update(deployment=self.facts, running=self.running, http_check=self.http_check, seconds=self.seconds)
        result["job"] = self.job
        if self.error is not None:
            self.error.details.setdefault("job", self.job)
            self.error.details.setdefault("seconds", self.seconds)
            self.error.details.setdefault("deployment", self.facts)
            self.error.details.setdefault("reason", result["reason"])
            raise self.error
        return result


def wait_for_completion(all_triggered: Sequence[TriggeredDeployment], context: Context) -> List[Completion]:
    """Wait for deployments and verify them, in order; what concerns all of them is raised."""
    waits = [completed(triggered, context) for triggered in all_triggered]
    completions: List[Completion] = wait_together(context.client, context.waiter, waits)
    answered(completions, context)
    return completions


def answered(completions: Sequence[Completion], context: Context) -> None:
    """Check deployments that stay up over HTTP, and make the next run deploy again what is not as it should be.

    What runs of the others gets its images.
    """
    verified = [completion for completion in completions if completion.error is None]
    _verify_http(verified, context)
    # What has not come up in time as well: the next run would find nothing to do, and not verify it again.
    failures = (errors.NotRunning, errors.NotAnswering, errors.WaitTimeout)
    for completion in completions:
        if completion.built and isinstance(completion.error, failures):
            invalidate_fingerprint(completion.triggered.service, context.executor)
    if not context.params.get(IMAGES_LATER):
        _add_images([completion for completion in verified if completion.error is None], context)


def _add_images(completions: Sequence[Completion], context: Context) -> None:
    """Add the images and the commit to what was seen to run, in three requests for all of them."""
    services, tasks = zip(*((own.triggered.service, own.tasks) for own in completions)) if completions else ((), ())
    # The rows of the services are those of before.
    running = [own.running and {**own.running, **own.commit} for own in completions]
    for completion, facts in zip(completions, with_images(services, running, context, tasks)):
        completion.running = facts


def completed(triggered: TriggeredDeployment, context: Context) -> Polls:
    """The completion of a deployment, when it has ended and its tasks stay up; with its error, if it has one."""
    completion, timeout, begin = Completion(triggered), context.params["wait_timeout"], context.waiter.clock()
    tracker = _tracker(triggered, context)
    try:
        completion.final = yield tracker, timeout
        completion.log_shown = tracker.log_shown
        yield from _commit(completion, context)
        completion.error = _failure(completion, context)
        if completion.error is None:
            completion.built = True
            yield from verified(completion, timeout - (context.waiter.clock() - begin), context)
    except errors.DokployError as error:
        completion.error = error
    return completion


def _tracker(triggered: TriggeredDeployment, context: Context) -> DeploymentTracker:
    service, waiter, log = triggered.service, context.waiter, None
    if context.params["follow"] and waiter.line is not None:
        log = LogStream(context.client, waiter.line, service.path, service.row)
    query = DeploymentQuery(service.resource, service.id)
    return DeploymentTracker(
        service.label, service.resource, query, waiter, triggered.before, triggered.title, triggered.own, log
    )


class _History(Poll):
    """Waits until the server has entered the commit that was built into the row of a deployment."""

    interval = 0.05

    def __init__(self, completion: Completion) -> None:
        self._completion, self._service = completion, completion.triggered.service
        self.label, self.state = self._service.label, "built"

    def calls(self) -> List[Call]:
        return [Call(self._service.resource.deployable.history, self._service.input())]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        own, rows = (self._completion.final or {}).get("deploymentId"), answers[0]
        # The deployment has ended: an error of this query does not matter, and the next one may succeed.
        own_rows = (row for row in (rows if isinstance(rows, list) else ()) if row.get("deploymentId") == own)
        self._completion.final = next(own_rows, self._completion.final)
        return None if _lacks_commit(self._completion) else True

    def expired(self, timeout: float) -> errors.DokployError:
        return errors.WaitTimeout("%s: the server does not tell the commit" % self.label)


def _commit(completion: Completion, context: Context) -> Polls:
    """Read the row with the commit that was built, as far as the server enters it in time."""
    if _lacks_commit(completion):
        with contextlib.suppress(errors.WaitTimeout):
            wanted = completion.triggered.revision is not None
            yield _History(completion), REVISION_TIMEOUT if wanted else COMMIT_TIMEOUT


def _lacks_commit(completion: Completion) -> bool:
    facts = completion.facts
    return bool(completion.triggered.clones and facts and facts["status"] == "done" and facts["commit"] is None)


def _failure(completion: Completion, context: Context) -> Optional[errors.DokployError]:
    """The error of an ended deployment that failed or has deployed another revision."""
    facts, service, revision = completion.facts, completion.triggered.service, completion.triggered.revision
    if facts is None or completion.final is None:
        return None
    if facts["status"] != "done":
        facts = {**facts, service.resource.id_option: service.id}
        return failure(service.resource, service.label, facts, context, completion.log_shown)
    if revision is None:
        return None
    built = built_revision(revision, context.client, service.row, completion.final)
    if revision.is_met_by(built):
        return None
    known = "the server does not tell which one" if built is None else built
    return errors.WrongRevision(
        "%s: the %s %s was wanted, and %s was deployed" % (service.label, revision.kind, revision.text, known),
        hint="Dokploy deploys the newest commit of the branch and what the image's tag means at that moment: has the "
        "wanted one been pushed, and was it the last?",
        details={"deployment": facts},
    )


def failure(
    resource: Resource, label: str, facts: Dict[str, Any], context: Context, log_shown: bool = False
) -> errors.DokployError:
    """The error of a failed deployment: why it failed, in the first line, and the end of its log unless the user has
    seen that."""
    deployment, wanted = (resource, str(facts[resource.id_option]), str(facts["deployment_id"])), _log_lines(context)
    log: Optional[List[str]] = None
    cause = facts["error_message"]
    try:
        (text,) = build_logs(context.client, [deployment], wanted and max(wanted, CAUSE_LINES) + BANNER_LINES)
        if text is not None:
            log = without_banner(listed(text))
            cause = cause or (cause_of(log) if facts["status"] == "error" else None)
    except errors.DokployError as error:
        # The failed deployment matters more than its log.
        log = ["(the log cannot be read: %s)" % error]
    message = "%s: the deployment ended in %s" % (label, facts["status"])
    if facts["status"] == "cancelled":
        message += ", as a build does that runs when Dokploy restarts; run it again"
    if cause:
        message += ": %s" % cause
    end_of_log = (log or [])[-wanted:] if wanted else []
    if log_shown:
        message += "\nIts log is above."
    elif end_of_log:
        message += "\nThe end of its log:\n%s" % "\n".join(end_of_log)
    if log is None:
        message += "\nTo read the log of a build here needs Dokploy 0.29.5 or newer; the web interface shows it."
    return errors.DeploymentFailed(message, details={"deployment": facts, "log": end_of_log})


def _log_lines(context: Context) -> int:
    """How many lines of a log the user wants to see; with those around them no more than the server gives."""
    wanted: int = context.params["log_lines"]
    return min(wanted, MAX_LINES - BANNER_LINES)


def verified(completion: Completion, timeout: float, context: Context) -> Polls:
    """Wait until the tasks of a deployment stay up, or have run to their end; where they do not, its error says so."""
    triggered, period = completion.triggered, context.params["verify_period"]
    service, old = triggered.service, triggered.old_tasks
    if old is None:
        return
    if service.mode.ends:
        wait: Rollout = RunToEnd(service, context.client, context.waiter, old)
    else:
        wait = Rollout(service, context.client, context.waiter, old, period=period)
    try:
        completion.tasks = yield wait, max(timeout, period + VERIFY_LEAST)
        completion.running = running_facts(service.mode, completion.tasks)
    except (errors.PermissionDenied, errors.UnknownProcedure) as error:
        context.warn([unverified(service, error)])
    except errors.DokployError as error:
        completion.error = error
    completion.verification = wait.seconds
    if service.mode.ends and completion.running is not None:
        yield from _judge_run(completion, wait.seconds, context)


def _judge_run(completion: Completion, seconds: float, context: Context) -> Polls:
    """How the tasks have ended, with the log of one that has failed, or of the newest."""
    service, tasks = completion.triggered.service, completion.tasks
    failed = [task for task in tasks if exit_code(task) != 0]
    task = (failed or list(tasks))[0]
    read = partial(log_of_task, context.client, service, str(task.get("containerId")), _log_lines(context))
    log, _own = yield from in_thread(service.label, "log", read)
    lines = [without_time(line) for line in log]
    completion.run = RunEnd(exit_code(task), task_text(task), lines, seconds)
    if failed:
        completion.error = _failed_run(service, completion.run)


def _failed_run(service: Service, run: RunEnd) -> errors.NotRunning:
    message = "%s has run, and failed: %s" % (service.label, run.task)
    if run.lines:
        message += "\nThe end of its log:\n%s" % "\n".join(run.lines)
    return errors.NotRunning(message, details={"log": run.lines})


def invalidate_fingerprint(service: Service, executor: Executor) -> None:
    """Make the next run with C(trigger=changed) deploy again, and never roll back to the newest deployment."""

    def attempt() -> None:
        row = executor.reads.current.row(Call(service.resource.reading.procedure, service.input()))
        executor.run(Plan(_invalidation(replace(service, row=row))))

    try:
        repeated(attempt, executor, service.label)
    except errors.DokployError as error:
        warning = "%s: The failed deployment still counts as good, since its fingerprint cannot be changed: %s"
        executor.warnings.append(warning % (service.label, error))


def _invalidation(service: Service) -> Tuple[FingerprintWrite, ...]:
    """The write after which the newest deployment does not count, unless it does not already. Pure."""
    old, rows = stored_fingerprint(service), newest_first(service.row.get("deployments"))
    if old is None:
        return ()
    newest = old.pending(rows, ()).after
    new = old.pending(rows, [*(bad_id for bad_id in old.bad if bad_id != newest), newest])
    return () if new == old else (fingerprint_write(service, new),)


def unverified(service: Service, error: errors.DokployError) -> str:
    """The warning that nothing is known of the tasks of a service."""
    return "%s: its tasks cannot be verified: %s" % (service.label, error)


def _verify_http(completions: Sequence[Completion], context: Context) -> None:
    options = context.params["http_check"]
    if options is None:
        return
    checked, checks = [], []
    for completion in completions:
        try:
            checks.append((completion.triggered.service.label, address_of(completion.triggered.service, options)))
            checked.append(completion)
        except errors.OptionError as error:
            completion.error = error
    for completion, answer in zip(checked, check_http(checks, options, context.waiter)):
        if isinstance(answer, errors.DokployError):
            completion.error = answer
        else:
            completion.http_check = answer

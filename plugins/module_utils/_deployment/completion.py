# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From triggered deployments to their results: their end, their commit, their tasks and their HTTP check.

One deployment or many go through the same steps, all of them at once.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple

from .. import _errors as errors
from .._api.client import Call
from .._engine.plan import Plan
from .._engine.runner import Context, repeated
from .._engine.wait import wait_for
from .._model.resource import Resource
from .._swarm.logs import MAX_LINES, build_logs, listed
from .._swarm.rollout import Rollout
from .._swarm.tasks import Service, can_run, ids_of, read_tasks, running_facts
from .cause import BANNER_LINES, CAUSE_LINES, cause_of, without_banner
from .fingerprint import FingerprintWrite, fingerprint_write, stored_fingerprint
from .http_check import address_of, check_http
from .queue import DeploymentQuery, Row, Snapshot, deployment_facts
from .revision import Revision, built_revision
from .state import newest_first
from .tracker import DeploymentTracker, LogStream

# Seconds between the queries for the commits, which the server writes into the rows a moment after their end; more of
# them where a revision is wanted.
COMMIT_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
MORE_COMMIT_PAUSES = (1.0, 2.0, 3.0, 4.0)
# Seconds that the verification has at least beside its own period, however long the build took.
VERIFY_LEAST = 30.0


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
    """The result of a deployment: its final row, the tasks, the HTTP check, or the error.

    :ivar verification: how many seconds after the end of the build its tasks were verified.
    """

    triggered: TriggeredDeployment
    final: Optional[Row] = None
    running: Optional[Dict[str, Any]] = None
    http_check: Optional[Dict[str, Any]] = None
    error: Optional[errors.DokployError] = None
    log_shown: bool = False
    verification: float = 0.0

    @property
    def seconds(self) -> Optional[float]:
        """From the beginning of the build until the tasks were verified; C(None) where the build has not ended."""
        duration = (self.facts or {}).get("duration")
        return None if duration is None else round(duration + self.verification, 3)

    @property
    def facts(self) -> Optional[Dict[str, Any]]:
        return None if self.final is None else deployment_facts(self.triggered.service.resource, self.final)

    def result_or_raise(self, result: Dict[str, Any]) -> Dict[str, Any]:
        """The result of an operation with that of the deployment; its error is raised."""
        result.update(deployment=self.facts, running=self.running, http_check=self.http_check)
        if self.error is not None:
            self.error.details.setdefault("deployment", self.facts)
            self.error.details.setdefault("reason", result["reason"])
            raise self.error
        return result


def tasks_before(service: Service, context: Context) -> Optional[FrozenSet[str]]:
    """The IDs of a service's tasks, where later ones can be verified."""
    if not context.params["verify"] or not can_run(service.row):
        return None
    try:
        return ids_of(read_tasks(context.client, service))
    except (errors.PermissionDenied, errors.UnknownProcedure) as error:
        _unverified(service, error, context)
        return None


def finish(all_triggered: Sequence[TriggeredDeployment], context: Context) -> List[Completion]:
    """Wait for deployments and verify them, in order; what concerns all of them is raised."""
    waiter, timeout = context.waiter, context.params["wait_timeout"]
    begin = waiter.clock()
    trackers = [_tracker(triggered, context) for triggered in all_triggered]
    found = wait_for(context.client, waiter, trackers, timeout)
    completions = [
        Completion(triggered, error=row, log_shown=tracker.log_shown)
        if isinstance(row, errors.DokployError)
        else Completion(triggered, row, log_shown=tracker.log_shown)
        for triggered, tracker, row in zip(all_triggered, trackers, found)
    ]
    _read_commits(completions, context)
    for completion in completions:
        try:
            completion.error = completion.error or _failure(completion, context)
        except errors.DokployError as error:
            # The log that names the image cannot be read, which concerns no other deployment.
            completion.error = error
    withdraw(verify(completions, timeout - (waiter.clock() - begin), context), context)
    return completions


def _tracker(triggered: TriggeredDeployment, context: Context) -> DeploymentTracker:
    service, waiter, log = triggered.service, context.waiter, None
    if context.params["follow"] and waiter.line is not None:
        log = LogStream(context.client, waiter.line, service.path, service.row)
    query = DeploymentQuery(service.resource, service.id)
    return DeploymentTracker(
        service.label, service.resource, query, waiter, triggered.before, triggered.title, triggered.own, log
    )


def _read_commits(completions: Sequence[Completion], context: Context) -> None:
    """Read the rows with the commits that were built, as far as the server enters them in time."""
    wanted = any(completion.triggered.revision is not None for completion in completions)
    for pause in COMMIT_PAUSES + (MORE_COMMIT_PAUSES if wanted else ()):
        lacking = [completion for completion in completions if _lacks_commit(completion)]
        if not lacking:
            return
        context.waiter.sleep(pause)
        services = [completion.triggered.service for completion in lacking]
        calls = [Call(service.resource.deployable.history, service.input()) for service in services]
        # The deployment has ended, and the next query may succeed.
        with contextlib.suppress(errors.DokployError):
            for completion, rows in zip(lacking, context.client.call_many(calls)):
                own = (completion.final or {}).get("deploymentId")
                rows = rows if isinstance(rows, list) else ()
                completion.final = next((row for row in rows if row.get("deploymentId") == own), completion.final)


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
    found = built_revision(revision, context.client, service.row, completion.final)
    if revision.is_met_by(found):
        return None
    known = "the server does not tell which one" if found is None else found
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
    shown = (log or [])[-wanted:] if wanted else []
    if log_shown:
        message += "\nIts log is above."
    elif shown:
        message += "\nThe end of its log:\n%s" % "\n".join(shown)
    if log is None:
        message += "\nTo read the log of a build here needs Dokploy 0.29.5 or newer; the web interface shows it."
    return errors.DeploymentFailed(message, details={"deployment": facts, "log": shown})


def _log_lines(context: Context) -> int:
    """How many lines of a log the user wants to see; with those around them no more than the server gives."""
    wanted: int = context.params["log_lines"]
    return min(wanted, MAX_LINES - BANNER_LINES)


def verify(completions: Sequence[Completion], timeout: float, context: Context) -> List[Completion]:
    """Verify that deployments stay up and pass their HTTP check, without a write; those that do not count any more."""
    good = [completion for completion in completions if completion.error is None]
    _verify_tasks([completion for completion in good if completion.triggered.old_tasks is not None], timeout, context)
    _verify_http([completion for completion in good if completion.error is None], context)
    # What has not come up in time as well: the next run would find nothing to do, and not verify it again.
    failures = (errors.NotRunning, errors.NotAnswering, errors.WaitTimeout)
    return [completion for completion in good if isinstance(completion.error, failures)]


def withdraw(completions: Sequence[Completion], context: Context) -> None:
    """Make the next run deploy again what did not stay up."""
    for completion in completions:
        invalidate_fingerprint(completion.triggered.service, context)


def invalidate_fingerprint(service: Service, context: Context) -> None:
    """Make the next run with C(trigger=changed) deploy again, and never roll back to the newest deployment."""

    def attempt() -> None:
        row = context.reads.fresh(Call(service.resource.read, service.input()))
        context.executor.run(Plan(_invalidation(replace(service, row=row))))

    try:
        repeated(attempt, context, service.label)
    except errors.DokployError as error:
        warning = "%s: The failed deployment still counts as good, since its fingerprint cannot be changed: %s"
        context.warn([warning % (service.label, error)])


def _invalidation(service: Service) -> Tuple[FingerprintWrite, ...]:
    """The write after which the newest deployment does not count, unless it does not already. Pure."""
    old, rows = stored_fingerprint(service), newest_first(service.row.get("deployments"))
    if old is None:
        return ()
    newest = old.pending(rows, ()).after
    new = old.pending(rows, [*(one for one in old.bad if one != newest), newest])
    return () if new == old else (fingerprint_write(service, new),)


def _verify_tasks(completions: Sequence[Completion], timeout: float, context: Context) -> None:
    period = context.params["verify_period"]
    rollouts = [
        Rollout(one.service, context.client, context.waiter, one.old_tasks or frozenset(), period=period)
        for one in (completion.triggered for completion in completions)
    ]
    found = wait_for(context.client, context.waiter, rollouts, max(timeout, period + VERIFY_LEAST)) if rollouts else ()
    for completion, rollout, tasks in zip(completions, rollouts, found):
        service, completion.verification = completion.triggered.service, rollout.seconds
        if isinstance(tasks, (errors.PermissionDenied, errors.UnknownProcedure)):
            _unverified(service, tasks, context)
        elif isinstance(tasks, errors.DokployError):
            completion.error = tasks
        else:
            completion.running = running_facts(service.mode, tasks)


def _unverified(service: Service, error: errors.DokployError, context: Context) -> None:
    context.warn(["%s: its tasks cannot be verified: %s" % (service.label, error)])


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
    for completion, found in zip(checked, check_http(checks, options, context.waiter)):
        if isinstance(found, errors.DokployError):
            completion.error = found
        else:
            completion.http_check = found

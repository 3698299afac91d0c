# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From triggered deployments to what came of them: their end, their commit, what runs of them, and whether it answers.

One deployment or many go through the same steps, all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import unmark
from ansible_collections.community.dokploy.plugins.module_utils._deployment.health import address_of, check_health
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    Snapshot,
    deployment_facts,
    deployments_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import Revision, built
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import short_words
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import (
    DeploymentTracker,
    LogStream,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    NotHealthy,
    NotRunning,
    OptionError,
    PermissionDenied,
    UnknownProcedure,
    WaitTimeout,
    WrongRevision,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import build_logs, listed
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import Rollout
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    Service,
    can_run,
    ids_of,
    mode_of,
    read_tasks,
    running_facts,
)

Row = Mapping[str, Any]

# Seconds between the looks for the commits, which the server writes into the rows a moment after their end; more of
# them where a certain commit is wanted.
COMMIT_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
MORE_COMMIT_PAUSES = (1.0, 2.0, 3.0, 4.0)
# Seconds that the verification has at least beside its own period, however long the build took.
VERIFY_LEAST = 30.0


@dataclass(frozen=True)
class Started:
    """A deployment that was triggered.

    :param row: the answer of C(application.one).
    :param before: what there was before. :param title: the one it was given, where it is known.
    :param own: its row, where it is known already.
    :param old_tasks: the ids of the tasks there were before; C(None): what runs of it is not verified.
    :param clones: whether it takes a commit of a repository.
    """

    resource: Resource
    label: str
    row: Row
    before: Snapshot
    title: Optional[str]
    own: Optional[Row] = None
    revision: Optional[Revision] = None
    old_tasks: Optional[FrozenSet[str]] = None
    clones: bool = False

    @property
    def application_id(self) -> str:
        return str(self.row.get(self.resource.id_key))


@dataclass
class Completion:
    """What came of it: the facts of its row, what runs, how it answered, or what went wrong."""

    started: Started
    final: Optional[Row] = None
    running: Optional[Dict[str, Any]] = None
    health: Optional[Dict[str, Any]] = None
    error: Optional[DokployError] = None
    log_shown: bool = False

    @property
    def facts(self) -> Optional[Dict[str, Any]]:
        return deployment_facts(self.started.resource, self.final) if self.final is not None else None


def tasks_before(row: Row, label: str, context: Context) -> Optional[FrozenSet[str]]:
    """The ids of an application's tasks, if what comes after them can be verified."""
    if not context.params["verify"] or not can_run(row):
        return None
    try:
        return ids_of(read_tasks(context.client, row))
    except (PermissionDenied, UnknownProcedure) as error:
        _unverified(label, error, context)
        return None


def finish(all_started: Sequence[Started], context: Context) -> List[Completion]:
    """Wait for deployments, and find out what came of each, in order.

    :raises DokployError: what concerns them all.
    """
    waiter = context.waiter
    begin = waiter.clock()
    outcomes = [Completion(started) for started in all_started]
    looks = [_look(started, context) for started in all_started]
    found_all = wait_for(context.client, waiter, looks, context.params["wait_timeout"])
    for outcome, look, found in zip(outcomes, looks, found_all):
        outcome.log_shown = look.log_shown
        if isinstance(found, DokployError):
            outcome.error = found
        else:
            outcome.final = found
    _commits(outcomes, context)
    for outcome in outcomes:
        try:
            outcome.error = outcome.error or _wrong(outcome, context)
        except DokployError as error:
            # What was pulled cannot be read; that concerns no other deployment.
            outcome.error = error
    verify(outcomes, context.params["wait_timeout"] - (waiter.clock() - begin), context)
    return outcomes


def _look(started: Started, context: Context) -> DeploymentTracker:
    waiter, log = context.waiter, None
    if context.params["follow"] and waiter.line is not None:
        log = LogStream(context.client, waiter.line, short_words(started.row), started.row)
    query = deployments_of(started.resource, started.application_id)
    return DeploymentTracker(
        started.label, started.resource, query, waiter, started.before, started.title, started.own, log
    )


# --- the commit ------------------------------------------------------------------------------------------------------


def _commits(outcomes: Sequence[Completion], context: Context) -> None:
    """Enter the commits that were built, as far as the server tells them in time."""
    wanted = any(outcome.started.revision is not None for outcome in outcomes)
    for pause in COMMIT_PAUSES + (MORE_COMMIT_PAUSES if wanted else ()):
        lacking = [outcome for outcome in outcomes if _lacks_commit(outcome)]
        if not lacking:
            return
        context.waiter.sleep(pause)
        resources = [(outcome.started.resource, outcome.started.application_id) for outcome in lacking]
        calls = [Call(resource.deployable.history, {resource.id_key: value}) for resource, value in resources]
        try:
            answers = context.client.call_many(calls)
        except DokployError:
            # That the deployment has ended is known, and what it built may be known by the next look.
            continue
        for outcome, rows in zip(lacking, answers):
            own = (outcome.final or {}).get("deploymentId")
            for row in rows if isinstance(rows, list) else ():
                if row.get("deploymentId") == own:
                    outcome.final = row


def _lacks_commit(outcome: Completion) -> bool:
    facts = outcome.facts
    return bool(outcome.started.clones and facts and facts["status"] == "done" and facts["commit"] is None)


def _wrong(outcome: Completion, context: Context) -> Optional[DokployError]:
    """What is wrong with a deployment that has ended."""
    facts, started = outcome.facts, outcome.started
    if facts is None or outcome.final is None:
        return None
    if facts["status"] != "done":
        facts = {**facts, started.resource.id_option: started.application_id}
        return failure(started.resource, started.label, facts, context, outcome.log_shown)
    revision = started.revision
    if revision is None:
        return None
    found = built(revision, context.client, started.row, outcome.final)
    if revision.is_met_by(found):
        return None
    if found is None:
        message = "%s: the %s %s was wanted, and the server does not tell which one was deployed"
        return WrongRevision(message % (started.label, revision.kind, revision.text), details={"deployment": facts})
    return WrongRevision(
        "%s: the %s %s was wanted, and %s was deployed" % (started.label, revision.kind, revision.text, found),
        hint="Dokploy deploys the newest commit of the branch and what the image's tag means at that moment: has the "
        "wanted one been pushed, and was it the last?",
        details={"deployment": facts},
    )


# --- what runs -------------------------------------------------------------------------------------------------------


def verify(outcomes: Sequence[Completion], timeout: float, context: Context) -> None:
    """Find out whether what was deployed stays up and answers; where it does not, the deployment counts no longer.

    :param timeout: seconds that are left for it; it has C(VERIFY_LEAST) beside its period in any case.
    """
    good = [one for one in outcomes if one.error is None]
    _watch([one for one in good if one.started.old_tasks is not None], timeout, context)
    _check([one for one in good if one.error is None], context)
    for outcome in good:
        # What has not come up in time as well: the next run would find nothing to do, and not look at it any more.
        if isinstance(outcome.error, (NotRunning, NotHealthy, WaitTimeout)):
            unmark(outcome.started.application_id, context)


def _watch(outcomes: Sequence[Completion], timeout: float, context: Context) -> None:
    period = context.params["verify_period"]
    timeout = max(timeout, period + VERIFY_LEAST)
    looks = [
        Rollout(
            Service(started.resource, started.row, started.label),
            context.client,
            context.waiter,
            started.old_tasks or frozenset(),
            reloaded=True,
            period=period,
        )
        for started in (outcome.started for outcome in outcomes)
    ]
    for outcome, found in zip(outcomes, wait_for(context.client, context.waiter, looks, timeout) if looks else ()):
        if isinstance(found, (PermissionDenied, UnknownProcedure)):
            _unverified(outcome.started.label, found, context)
        elif isinstance(found, DokployError):
            outcome.error = found
        else:
            outcome.running = running_facts(mode_of(outcome.started.row), found)


def _unverified(label: str, error: DokployError, context: Context) -> None:
    context.executor.warnings.append("%s: nobody can say whether it runs: %s" % (label, error))


def _check(outcomes: Sequence[Completion], context: Context) -> None:
    options = context.params["health_check"]
    if options is None:
        return
    asked, checks = [], []
    for outcome in outcomes:
        try:
            checks.append(address_of(outcome.started.label, outcome.started.row, options))
            asked.append(outcome)
        except OptionError as error:
            outcome.error = error
    for outcome, found in zip(asked, check_health(checks, options, context.waiter)):
        if isinstance(found, DokployError):
            outcome.error = found
        else:
            outcome.health = found


# --- failure ---
# What is said of a deployment that did not end well.


def failure(
    resource: Resource, label: str, facts: Dict[str, Any], context: Context, shown: bool = False
) -> DokployError:
    """The error for a deployment that did not end well, with the tail of its log.

    :param shown: the log was shown while it was written, so that the message does not repeat it.
    """
    lines, note = context.params["log_lines"], ""
    ids = str(facts[resource.id_option]), str(facts["deployment_id"])
    try:
        (tail,) = build_logs(context.client, resource, [ids], lines)
        if tail is None:
            note = "To read the log of a build here needs Dokploy 0.29.5 or newer; the web UI shows it."
    except DokployError as error:
        # The failed deployment is what counts, not that its log cannot be read.
        tail = "(the log cannot be read: %s)" % error
    message = "%s: the deployment ended in %s" % (label, facts["status"])
    if facts["status"] == "cancelled":
        message += ", as a build does that runs when Dokploy restarts; run it again"
    if facts["error_message"]:
        message += ": %s" % facts["error_message"]
    if shown:
        message += "\nIts log is above."
    elif tail:
        message += "\nThe end of its log:\n%s" % tail
    if note:
        message += "\n" + note
    return DeploymentFailed(message, details={"deployment": facts, "log": listed(tail)})

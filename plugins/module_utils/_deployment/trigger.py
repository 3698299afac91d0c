# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One deployment to be: whether it is needed, what it writes, what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._archive.source import Archive, source_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment import revision as uploads
from ansible_collections.community.dokploy.plugins.module_utils._deployment.cancel import cancel
from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import (
    Started,
    finish,
    tasks_before,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Mark,
    mark_of,
    present_mark,
    put_mark,
    rebuilt_mark,
    why_deploy,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.handles import finish_handles, handle_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.health import address_of, check_options
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    RUNNING,
    Snapshot,
    deployment_facts,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import (
    Revision,
    deployed,
    revision_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.rollback import roll_back
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import Standing, look, taken_back
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import find_parent
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Precondition, Step, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import has_source
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    OptionError,
    ReferenceNotFound,
    Refused,
    ServerError,
    WrongRevision,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service, can_run, monitored
from ansible_collections.community.dokploy.plugins.module_utils._values.names import template_warnings

Row = Mapping[str, Any]
Result = Dict[str, Any]

PROCEDURES = {"deployed": "application.deploy", "redeployed": "application.redeploy"}
TITLES = {"deployed": "Deployed by Ansible", "redeployed": "Rebuilt by Ansible"}
# With files Dokploy takes no title, and gives this one.
UPLOAD_TITLE = "Manual deployment"


class Deployment:
    """One deployment of an application, as the options ask for it.

    :param files: what is to be uploaded, if anything is.
    """

    def __init__(self, resource: Resource, standing: Standing, files: Optional[Archive], context: Context) -> None:
        self._resource, self._standing, self._files, self._context = resource, standing, files, context
        self._params = context.params
        self._state: str = context.params["state"]
        self._row = uploads.as_deployed(standing.row, files)
        self._revision: Optional[Revision] = None
        # Deployments that are found to have ended well and then not run well.
        self._bad: Tuple[str, ...] = ()

    def result(self) -> Result:
        """The result of the deployment, or that none is needed.

        :raises DokployError: the deployment failed.
        """
        params, standing = self._params, self._standing
        if self._files is not None:
            uploads.check(self._resource, self._standing, self._files, self._context.client)
        if params["revision"] is not None:
            self._revision = revision_of(self._row, params["revision"], standing.label)
        if self._state == "deployed" and params["trigger"] == "changed":
            joined = self._under_way()
            if joined is not None:
                done = self._join(joined)
                if done is not None:
                    return done
                reason: Optional[str] = "another revision is being deployed"
            else:
                reason = self._why()
            if reason is None:
                return self._unchanged()
        else:
            reason = "deployment requested" if self._state == "deployed" else "redeployment requested"
        self._need_source()
        if params["health_check"] is not None:
            # That there is nothing to ask shall be known before anything is done.
            address_of(standing.label, self._row, params["health_check"])
        self._context.warn(template_warnings(self._row, ("env",), standing.label))
        started = self._start(tasks_before(self._row, standing.label, self._context))
        sent = self._send(self._steps())
        result = self._frame(True, reason)
        if sent and not params["wait"]:
            result["handle"] = handle_of(started)
        elif sent:
            return finish([started], self._context)[0].enter(result)
        return result

    # --- whether it is needed ---------------------------------------------------------------------------------------

    def _why(self) -> Optional[str]:
        standing = self._standing
        reason = why_deploy(self._resource, self._row, standing.rows, self._content())
        if reason is None and taken_back(self._row, standing.rows, standing.label, self._context):
            self._bad = (str(standing.rows[0].get("deploymentId")),)
            reason = "rolled back by Docker"
        if reason is None and self._revision is not None:
            there = deployed(self._revision, self._context.client, self._row, standing.rows)
            if not self._revision.is_met_by(there):
                reason = "revision changed"
        return reason

    def _need_source(self) -> None:
        """:raises Refused: there is nothing to deploy; Dokploy starts a deployment all the same, which then fails."""
        standing = self._standing
        if self._files is not None or has_source(self._resource, self._row):
            return
        if standing.rows and (self._state == "redeployed" or self._row.get("sourceType") == "drop"):
            # It builds what the server has of before.
            return
        error = Refused(
            "%s has no source to deploy" % standing.label,
            hint="Set one with dokploy_application, such as docker or git, or upload files with archive or path.",
        )
        self._context.executor.parent_missing(error, "sets the source")

    def _under_way(self) -> Optional[Started]:
        """The deployment of this very configuration that has begun or waits, since somebody triggered it before."""
        standing, mark = self._standing, mark_of(self._row)
        if mark is None or not mark.same_as(self._mark()):
            return None
        jobs = standing.jobs
        before = standing.snapshot()
        if jobs:
            before = Snapshot(before.ids, jobs - 1)
            return self._start(frozenset(), before=before, title=None)
        running = standing.newest
        if running is not None and running.get("status") == RUNNING and mark.counts(standing.rows):
            return self._start(frozenset(), before=before, own=running)
        return None

    def _join(self, started: Started) -> Optional[Result]:
        """Wait for it instead of triggering another one; C(None) when it was not the revision that is wanted."""
        result = self._frame(False, None)
        if not self._params["wait"]:
            if self._revision is not None:
                return None
            result["handle"] = handle_of(started)
            return result
        old = tasks_before(self._row, started.service.label, self._context)
        outcome = finish([replace(started, old_tasks=None if old is None else frozenset())], self._context)[0]
        if isinstance(outcome.error, WrongRevision):
            return None
        return outcome.enter(result)

    def _unchanged(self) -> Result:
        result = self._frame(False, None)
        good = self._standing.last_good
        result["deployment"] = None if good is None else deployment_facts(self._resource, good)
        return result

    # --- what it writes ---------------------------------------------------------------------------------------------

    def _mark(self) -> Optional[Mark]:
        """The mark that goes with the deployment."""
        rows = self._standing.rows
        if self._state == "redeployed":
            return rebuilt_mark(self._resource, self._row, rows, self._unwatched())
        mark = present_mark(self._resource, self._row, rows, self._content(), self._unwatched())
        return replace(mark, bad=mark.bad + self._bad)

    def _unwatched(self) -> bool:
        """Whether Docker may roll the deployment back after the last look at it; who asks for none gets none later."""
        params = self._params
        return params["verify"] and can_run(self._row) and params["verify_period"] < monitored(self._row)

    def _content(self) -> Optional[str]:
        return None if self._files is None else self._files.content_hash

    def _send(self, steps: List[Step]) -> bool:
        """Write the mark and trigger the deployment; whether anything was sent."""
        executor = self._context.executor
        put_mark(self._row, self._mark(), self._standing.label, executor)
        try:
            return executor.run(Plan(tuple(steps))).sent
        except ServerError as error:
            if self._files is not None and "ADM-ZIP" in str(error.server_message):
                error.hint = "The server cannot read the files as a ZIP archive. Their source is now drop all the same."
            raise

    def _steps(self) -> List[Step]:
        resource_id = self._standing.application_id
        if self._files is not None and uploads.must_go(self._standing, self._files):
            return [uploads.upload(self._standing, self._files, self._took)]
        body = {"applicationId": resource_id, "title": self._title()}
        if self._params["description"] is not None:
            body["description"] = self._params["description"]
        precondition = Precondition(("deployment", resource_id), resource_id)
        return [Write(PROCEDURES[self._state], body, precondition=precondition, once=True, took=self._took)]

    def _took(self) -> Optional[bool]:
        return self._standing.has_begun(self._context.client)

    # --- what comes of it -------------------------------------------------------------------------------------------

    def _start(
        self,
        old_tasks: Any,
        before: Optional[Snapshot] = None,
        title: Any = "",
        own: Optional[Row] = None,
    ) -> Started:
        if title == "":
            title = UPLOAD_TITLE if uploads.must_go(self._standing, self._files) else self._title()
        return Started(
            Service(self._resource, self._row, self._standing.label),
            before=before or self._standing.snapshot(),
            title=title,
            own=own,
            revision=self._revision,
            old_tasks=old_tasks,
            clones=self._state == "deployed" and self._row.get("sourceType") not in ("docker", "drop"),
        )

    def _title(self) -> str:
        return self._params["title"] or TITLES[self._state]

    def _frame(self, changed: bool, reason: Optional[str]) -> Result:
        standing = self._standing
        newest = standing.newest.get("deploymentId") if standing.newest else None
        return {
            "changed": changed,
            "application_id": standing.application_id,
            "reason": reason,
            "deployment": None,
            "handle": None,
            "running": None,
            "health": None,
            "diff": {
                "before": {"newest_deployment": newest},
                "after": {"newest_deployment": "(a new one, %s)" % self._state if changed else newest},
                "before_header": standing.label,
                "after_header": standing.label,
            },
        }


# --- deploy ---
# Deployments: triggered where that is needed, waited for, cancelled, rolled back.


# What the server gives at the most.
MOST_LINES = 10000

# Option -> the states in which it means something.
_ONLY = {
    "revision": ("deployed",),
    "archive": ("deployed",),
    "path": ("deployed",),
    "ignore": ("deployed",),
    "deployment_id": ("rolled_back",),
    "handles": ("finished",),
    "kill_build": ("cancelled",),
    "health_check": ("deployed", "redeployed", "finished", "rolled_back"),
    "title": ("deployed", "redeployed"),
    "description": ("deployed", "redeployed"),
}


def deploy(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises OptionError: options that cannot be, or not together.
    :raises DeploymentFailed: it ended in C(error) or C(cancelled), does not stay up, does not answer, or is not the
        revision that was wanted; the message ends with the tail of the log.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    _check_options(params)
    if params["state"] == "finished":
        return finish_handles(resource, context)
    files = source_of(params["archive"], params["path"], params["ignore"] or ()) if _with_files(params) else None
    try:
        if params["state"] == "cancelled":
            target = find_parent(resource, params, context.reads)
            return cancel(resource, target, context, params["kill_build"], params["wait"])
        standing = look(resource, context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return _promised(params)
    if params["state"] == "rolled_back":
        return roll_back(standing, context)
    return Deployment(resource, standing, files, context).result()


def _promised(params: Mapping[str, Any]) -> Result:
    """What becomes of an application that an earlier task is to make, which check mode takes for granted."""
    state = params["state"]
    label = "application %r" % params["application"]
    before: Result = {"newest_deployment": None}
    after: Result = {"newest_deployment": "(a new one, %s)" % state}
    if state == "cancelled":
        # Nothing of a new application waits.
        before, after = {"waiting": 0}, {"waiting": 0}
    elif state == "rolled_back":
        before, after = {"deployed": None}, {"deployed": "(an earlier one)"}
    return {
        "changed": state != "cancelled",
        "application_id": None,
        "deployment": None,
        "diff": {"before": before, "after": after, "before_header": label, "after_header": label},
    }


def _check_options(params: Mapping[str, Any]) -> None:
    state = params["state"]
    for option, states in _ONLY.items():
        if params[option] not in (None, False) and state not in states:
            raise OptionError("%s means nothing with state=%s" % (option, state))
    if state == "finished" and params["handles"] is None:
        raise OptionError("state=finished needs handles, which state=deployed with wait=false returns")
    if state != "finished" and params["application"] is None and params["application_id"] is None:
        raise OptionError("one of application and application_id is needed with state=%s" % state)
    if params["ignore"] is not None and params["path"] is None:
        raise OptionError("ignore is for the files of a path")
    if not 0 <= params["log_lines"] <= MOST_LINES:
        raise OptionError("log_lines is %d; it must be 0 to %d" % (params["log_lines"], MOST_LINES))
    for option in ("wait_timeout", "verify_period"):
        # What compares with nothing is no number either.
        if not 0 <= params[option] <= 1e9:
            raise OptionError("%s is %s; it must be a number of seconds" % (option, params[option]))
    check_options(params["health_check"])


def _with_files(params: Mapping[str, Any]) -> bool:
    return params["archive"] is not None or params["path"] is not None

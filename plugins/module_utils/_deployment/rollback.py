# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Going back to an earlier deployment.

With a rollback registry Dokploy keeps, of each deployment, the image and a copy of the whole configuration. Going back
updates the service to both at once, without a build. It makes no deployment and leaves the configuration that is stored
as it is (source of 0.30.2), so the next deployment brings that again.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import (
    Completion,
    Started,
    verify,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import mark_of, unmark
from ansible_collections.community.dokploy.plugins.module_utils._deployment.health import address_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import deployment_facts
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import Standing
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    BadRequest,
    ConnectionFailed,
    DokployError,
    OptionError,
    PermissionDenied,
    ProtocolError,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    can_run,
    ids_of,
    inspect,
    live_tasks,
    running_slots,
    tasks_call,
)

Row = Mapping[str, Any]
Result = Dict[str, Any]

_NOT_BROUGHT_BACK = {"args": "args", "stop_grace_period": "stopGracePeriodSwarm", "endpoint_spec": "endpointSpecSwarm"}
# Seconds for the answer: the server logs in to the registry and updates the service.
TIMEOUT = 120.0


def roll_back(resource: Resource, standing: Standing, context: Context) -> Result:
    """Run what a good deployment of before has left, the given one or the previous.

    :raises OptionError: there is no such deployment.
    :raises Refused: nothing was kept of it, it did not end well, or another deployment is under way.
    :raises NotRunning: it does not stay up. :raises NotHealthy: it does not answer as it should.
    """
    params = context.params
    target = _target(standing, params["deployment_id"])
    facts = deployment_facts(standing.resource, target)
    if standing.running is not None or standing.jobs:
        raise Refused(
            "%s: a deployment is under way, and would take the place of what is rolled back" % standing.label,
            hint="Wait for it, or drop it with state=cancelled.",
        )
    row: Row = standing.row
    if params["health_check"] is not None:
        # That there is nothing to ask shall be known before anything is done.
        address_of(standing.label, row, params["health_check"])
    kept, tasks = _kept(standing, context)
    runs = _running_image(standing, tasks, context)
    there = runs is not None and runs == kept.get(facts["deployment_id"], {}).get("image")
    before = next(
        (resource_id for resource_id, rollback in kept.items() if runs and rollback.get("image") == runs), None
    )
    good = standing.last_good
    result: Result = {
        "changed": not there,
        "application_id": standing.application_id,
        "deployment": facts,
        "reason": None if there else "another image runs",
        "running": None,
        "health": None,
        "diff": {
            "before": {"deployed": before or (good and good.get("deploymentId"))},
            "after": {"deployed": facts["deployment_id"]},
            "before_header": standing.label,
            "after_header": standing.label,
        },
    }
    if there:
        mark = mark_of(row)
        if mark is not None and mark.counts(standing.rows):
            # A run before has ended between the two writes.
            unmark(standing.application_id, context)
        return result
    lost = _lost(kept.get(facts["deployment_id"], {}).get("fullContext") or {})
    if lost:
        context.executor.warnings.append(
            "%s: Dokploy goes back without what the deployment had of: %s" % (standing.label, ", ".join(lost))
        )
    if not _send(standing, target, context):
        return result
    # What is stored is not what runs any more, so that a later run with trigger=changed deploys again.
    unmark(standing.application_id, context)
    if not params["wait"]:
        return result
    row = _as_kept(row, kept.get(facts["deployment_id"], {}))
    verified = params["verify"] and can_run(row) and tasks is not None
    old = ids_of(tasks or []) if verified else None
    outcome = Completion(Started(resource, standing.label, row, standing.snapshot(), None, own=target, old_tasks=old))
    verify([outcome], params["wait_timeout"], context)
    if outcome.error is not None:
        outcome.error.details.setdefault("deployment", facts)
        outcome.error.details.setdefault("reason", result["reason"])
        raise outcome.error
    result.update(running=outcome.running, health=outcome.health)
    return result


def _target(standing: Standing, wanted: Optional[str]) -> Row:
    if wanted is None:
        mark = mark_of(standing.row)
        bad = mark.bad if mark is not None else ()
        # One whose containers did not stay up has ended well, too.
        good = (item for item in standing.rows[1:] if item.get("status") == "done" and item["deploymentId"] not in bad)
        row = next(good, None)
        if row is None:
            raise Refused("%s: before its newest deployment there is none that ended well" % standing.label)
    else:
        row = next((item for item in standing.rows if item.get("deploymentId") == wanted), None)
        if row is None:
            raise OptionError("deployment_id: %s has no deployment %r (any more)" % (standing.label, wanted))
        if row.get("status") != "done":
            raise Refused(
                "%s: the deployment %s ended in %s, so that there is nothing to go back to"
                % (standing.label, wanted, row.get("status"))
            )
    if not row.get("rollbackId"):
        raise _nothing_kept(standing, row)
    return row


def _nothing_kept(standing: Standing, row: Row) -> Refused:
    active = standing.row.get("rollbackActive") and standing.row.get("rollbackRegistryId")
    return Refused(
        "%s: nothing was kept of the deployment %s to go back to" % (standing.label, row.get("deploymentId")),
        hint="Deployments from now on can be gone back to; this one was made before that was switched on."
        if active
        else "Dokploy keeps images only where rollback.enabled and rollback.registry of dokploy_application are set.",
    )


def _kept(standing: Standing, context: Context) -> Tuple[Dict[str, Row], Optional[List[Row]]]:
    """What was kept, by the id of the deployment, and the tasks of the service, C(None) when they may not be read.

    The copies of the application hold the passwords of its registries in clear.
    """
    calls = [
        Call("deployment.allByType", {"id": standing.application_id, "type": "application"}),
        tasks_call(standing.row),
    ]
    rows, tasks = context.client.call_many(calls)
    if isinstance(rows, DokployError):
        raise rows
    kept = {
        str(row.get("deploymentId")): row["rollback"]
        for row in shaped(rows, list, calls[0].procedure)
        if row.get("rollback")
    }
    if isinstance(tasks, (PermissionDenied, UnknownProcedure)):
        context.executor.warnings.append("%s: nobody can say what runs: %s" % (standing.label, tasks))
        tasks = None
    if isinstance(tasks, DokployError):
        raise tasks
    return kept, tasks


def _lost(kept: Row) -> List[str]:
    """The options of what was kept that Dokploy does not bring back (source of 0.30.2, measured)."""
    lost = [name for name, key in _NOT_BROUGHT_BACK.items() if kept.get(key)]
    return lost + (["mounts of files"] if any(item.get("type") == "file" for item in kept.get("mounts") or []) else [])


def _as_kept(row: Row, rollback: Row) -> Row:
    """The application as it runs after it was gone back to: what is to run is what was configured then.

    The copy goes with it, since its variables are to be masked in the logs, too.
    """
    context = rollback.get("fullContext") or {}
    then = {column: context[column] for column in ("replicas", "modeSwarm") if column in context}
    return {**row, **then, "fullContext": context}


def _running_image(standing: Standing, tasks: Optional[List[Row]], context: Context) -> Optional[str]:
    """The image that runs, without its registry; C(None) when nobody can say, or while another one takes its place.

    For a second or so after a deployment the tasks of before are still wanted (measured), so that the newest of each
    slot tells, whether it runs yet or not.
    """
    if not running_slots(tasks or []):
        return None
    newest: Dict[str, Row] = {}
    for task in live_tasks(tasks or []):
        newest.setdefault(str(task.get("name")), task)
    images = set()
    for config in inspect(context.client, standing.row, ids_of(list(newest.values()))):
        spec = (config.get("Spec") or {}).get("ContainerSpec") or {}
        images.add(str(spec.get("Image") or "").partition("@")[0].rpartition("/")[2])
    return (images.pop() or None) if len(images) == 1 else None


def _send(standing: Standing, target: Row, context: Context) -> bool:
    request = Write("rollback.rollback", {"rollbackId": target["rollbackId"]}, timeout=TIMEOUT, once=True)
    try:
        return context.executor.run(Plan((request,))).sent
    except BadRequest as error:
        error.hint = (
            "Dokploy says no more than that; its own log does. Does the registry answer, with the login that was "
            "stored with the deployment?"
        )
        raise
    except (ConnectionFailed, ProtocolError, ServerError):
        # It may be done all the same, as after a restart of the server.
        unmark(standing.application_id, context)
        raise

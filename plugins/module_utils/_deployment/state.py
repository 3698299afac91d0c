# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The state of a service's deployments and its source, as one read finds them, and whether it needs another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._api.client import Call
from .._engine.diff import Diff
from .._engine.lookup import Target, locate_existing
from .._engine.runner import Context
from .._engine.state import Node
from .._errors import NotFoundError, PermissionDenied, UnknownProcedure
from .._model.child import Child
from .._model.field import Group, selected_fields
from .._model.resource import Resource
from .._reads.rows import listing_call, valid
from .._swarm.tasks import Service, can_run, container_specs, live_tasks, read_tasks
from .._values.codec import is_empty
from .fingerprint import Fingerprint, deploy_reason, stored_fingerprint
from .queue import QUEUE, RUNNING, DeploymentQuery, Deployments, Row, commit_of, deployment_facts


@dataclass(frozen=True)
class DeploymentState(Deployments):
    """A service and its deployments; the jobs are without those of its previews.

    :param service: its row includes the children that a deployment applies and its own read lacks.
    """

    service: Service

    @property
    def stored(self) -> Optional[Fingerprint]:
        return stored_fingerprint(self.service)

    @property
    def last_good(self) -> Optional[Row]:
        return last_good(self.rows)


def read_states(nodes: Sequence[Node], context: Context) -> List[DeploymentState]:
    """The services that nodes name, their deployments and their jobs: one request beside the project tree.

    :raises ReferenceNotFound: none has this name. :raises NotFoundError: none has this ID.
    """
    targets = [locate_existing(node.resource, node.params, context.reads, node.resource.name) for node in nodes]
    ids = [str(target.resource_id) for target in targets]
    calls = [Call(node.resource.reading.procedure, {node.resource.id_key: own_id}) for node, own_id in zip(nodes, ids)]
    for own_id in ids:
        context.reads.times.note(own_id)
    listed = [_listed(node.resource) for node in nodes]
    inner = [listing_call(child, own_id) for children, own_id in zip(listed, ids) for child in children]
    answers = context.client.call_many([*calls, QUEUE, *inner])
    jobs, of_children = answers[len(calls)], iter(answers[len(calls) + 1 :])
    return [
        _state(node, target, row, jobs, [(child, next(of_children)) for child in children])
        for node, target, row, children in zip(nodes, targets, answers, listed)
    ]


def _listed(resource: Resource) -> List[Child]:
    """The children that a deployment applies and the read of a service lacks."""
    return [child for child in resource.children if child.listing is not None and not child.applies_immediately]


def _state(node: Node, target: Target, row: Any, jobs: Any, children: Sequence[Tuple[Child, Any]]) -> DeploymentState:
    resource, resource_id = node.resource, str(target.resource_id)
    if isinstance(row, NotFoundError) and node.params[resource.id_option] is not None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, resource_id))
    whole: Dict[str, Any] = dict(valid(row))
    for child, answer in children:
        # An API key that may deploy need not see such children: whether they changed remains unknown.
        if not isinstance(answer, PermissionDenied):
            whole[child.embedded] = [] if isinstance(answer, UnknownProcedure) else list(valid(answer) or [])
    deployments = DeploymentQuery(resource, resource_id).read((newest_first(whole.get("deployments")), jobs))
    return DeploymentState(deployments.rows, deployments.queue, Service(resource, whole, node.label or target.label))


def rolled_back_by_docker(service: Service, rows: Sequence[Row], context: Context) -> bool:
    """Whether all tasks are of another deployment than the last one, which no task has watched long enough.

    Docker watches a new task for the monitor period of the update. When the task fails in it, Docker goes back to the
    version before, with its labels; the deployment stays C(done) (measured on 0.30.2). A run that verifies for as long
    notices. The fingerprint of any other deployment says so, and only then does this cost requests.
    """
    stored = stored_fingerprint(service)
    if stored is None or not stored.unwatched or not stored.counts(rows) or rows[0].get("status") != "done":
        return False
    try:
        specs = container_specs(context.client, service.row, live_tasks(read_tasks(context.client, service)))
    except (PermissionDenied, UnknownProcedure) as error:
        context.warn(["%s: it is unknown whether Docker has rolled it back: %s" % (service.label, error)])
        return False
    texts = [service.resource.deployable.fingerprint.get(spec.get("Labels")) for spec in specs if spec]
    return bool(texts) and stored.text not in texts


def was_stopped(service: Service, rows: Sequence[Row], context: Context) -> bool:
    """Whether it was stopped after its last deployment and nothing of it runs.

    The status alone does not tell: it is C(idle) as well after a build that was cancelled while containers run. Only
    then does this cost a request.
    """
    status = service.row.get(service.resource.deployable.status)
    if status != "idle" or not rows or rows[0].get("status") != "done":
        return False
    if not can_run(service):
        return False
    try:
        return not live_tasks(read_tasks(context.client, service))
    except (PermissionDenied, UnknownProcedure) as error:
        context.warn(["%s: it is unknown whether it was stopped: %s" % (service.label, error)])
        return False


def changes_deployed(resource: Resource, diff: Diff) -> bool:
    """Whether a change is among these that only a deployment brings to the running service."""
    return any(change.field.api not in resource.deployable.applies_immediately for change in diff.changes) or any(
        not change.child.applies_immediately for change in diff.children
    )


def why_not_adoptable(rows: Sequence[Row]) -> str:
    """Why what runs is not the result of the last deployment, of rows from the newest on; empty if it may be."""
    status = rows[0].get("status") if rows else None
    if not rows:
        return "it was never deployed"
    if status == RUNNING:
        return "a deployment of it is in progress"
    return "" if status == "done" else "its last deployment %s" % ("failed" if status == "error" else "was cancelled")


def deploy_needed(resource: Resource, diff: Diff, row: Row, label: str, context: Context) -> bool:
    """Whether what runs is not what is configured.

    It is not after a change that only a deployment brings to the running service, and for every reason that a
    deployment itself would have. It is never needed without a source to deploy.
    """
    service, rows = Service(resource, row, label), newest_first(row.get("deployments"))
    if not has_source(resource, row) and not rows:
        return False
    return (
        changes_deployed(resource, diff)
        or deploy_reason(service, rows) is not None
        or was_stopped(service, rows, context)
        or rolled_back_by_docker(service, rows, context)
    )


def last_deployment(resource: Resource, row: Row) -> Dict[str, Any]:
    """The last successful deployment, for the result of a service."""
    good = last_good(newest_first(row.get("deployments")))
    return {"deployment": None if good is None else deployment_facts(resource, good)}


def newest_first(rows: Optional[Sequence[Row]]) -> List[Row]:
    """Deployments as the row of their service lists them, in no order."""
    return sorted(rows or (), key=lambda row: str(row.get("createdAt")), reverse=True)


def last_good(rows: Sequence[Row]) -> Optional[Row]:
    """The newest deployment that succeeded, of rows from the newest on."""
    return next((row for row in rows if row.get("status") == "done"), None)


def running_commit(service: Service) -> Optional[str]:
    """The commit of the last successful deployment; C(None) if it was of no repository, or does not run any more."""
    good, stored = last_good(newest_first(service.row.get("deployments"))), stored_fingerprint(service)
    gone = good is not None and stored is not None and good.get("deploymentId") in stored.bad
    return None if good is None or gone else commit_of(good)


def commit_facts(service: Service) -> Dict[str, Any]:
    """C(commit) of what runs, of a service whose deployments have rows."""
    return {"commit": running_commit(service)} if service.resource.deployable.history else {}


def sources_of(resource: Resource) -> List[str]:
    """The options of the sources, of which one is selected."""
    return [option.name for option in resource.options if isinstance(option, Group) and option.selects is not None]


def clones_from(resource: Resource, row: Row) -> bool:
    """Whether the selected source is a repository."""
    return any(field.name == "branch" for field in selected_fields(resource.options, row))


def has_source(resource: Resource, row: Row) -> bool:
    """Whether there is something to deploy: the fields that the selected source needs are set."""
    needed = [field for field in selected_fields(resource.options, row) if field.needed]
    return bool(needed) and not any(is_empty(row.get(field.api)) for field in needed)

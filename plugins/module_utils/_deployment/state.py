# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How it stands with an application's deployments, read before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import mark_of, why_deploy
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    PREVIEW_KEY,
    QUEUE,
    RUNNING,
    Queue,
    Snapshot,
    deployment_facts,
    deployments_of,
    has_begun,
    last_good,
    newest_first,
    read_queue,
    snapshot,
    without_row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Diff
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import locate_existing
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import listing_call
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import has_source
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    PermissionDenied,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import inspect_call, live_tasks, read_tasks
from ansible_collections.community.dokploy.plugins.module_utils._values.names import (
    MARK_LABEL,
    TEXTS,
    template_warnings,
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """One application and its deployments.

    :param row: the answer of C(application.one), with the children that a deployment applies and its read lacks.
    :param rows: its deployments, newest first.
    :param queue: its jobs, without those of its previews.
    """

    resource: Resource
    label: str
    row: Row
    rows: List[Row]
    queue: Queue

    @property
    def application_id(self) -> str:
        return str(self.row[self.resource.id_key])

    @property
    def newest(self) -> Optional[Row]:
        return self.rows[0] if self.rows else None

    @property
    def last_good(self) -> Optional[Row]:
        """The newest deployment that ended well."""
        return last_good(self.rows)

    @property
    def running(self) -> Optional[Row]:
        return next((row for row in self.rows if row.get("status") == RUNNING), None)

    @property
    def jobs(self) -> int:
        """How many of its jobs have no row yet."""
        return without_row(self.rows, self.queue)

    def snapshot(self) -> Snapshot:
        return snapshot(self.rows, self.queue)

    def has_begun(self, client: Client) -> Optional[bool]:
        """Whether a deployment was triggered since; C(None) when the server cannot tell."""
        return has_begun(*deployments_of(self.resource, self.application_id).ask(client), before=self.snapshot())


def look(resource: Resource, context: Context) -> Standing:
    """The application that the options name, its deployments and its jobs: one request beside the project tree.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names.
    :raises NotFoundError: there is none of that id.
    """
    params, reads = context.params, context.reads
    target = locate_existing(resource, params, reads, "application")
    resource_id = str(target.resource_id)
    listed = [child for child in resource.children if child.listing is not None and not child.applies_immediately]
    calls = [Call(resource.read, {resource.id_key: resource_id}), QUEUE]
    reads.note(resource_id)
    row, jobs, *children = context.client.call_many(calls + [listing_call(child, resource_id) for child in listed])
    if isinstance(row, NotFoundError) and params[resource.id_option] is not None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, resource_id))
    whole: Dict[str, Any] = dict(_known(row))
    for child, answer in zip(listed, children):
        if isinstance(answer, PermissionDenied):
            # Who may deploy need not see them: nobody can say then whether they are others than before.
            continue
        # A server that does not know such children has none.
        whole[child.embedded] = [] if isinstance(answer, UnknownProcedure) else list(_known(answer) or [])
    queue = read_queue(jobs, {resource.id_key: resource_id, PREVIEW_KEY: None})
    return Standing(resource, target.label, whole, newest_first(whole.get("deployments") or []), queue)


def _known(answer: Any) -> Any:
    if isinstance(answer, DokployError):
        raise answer
    return answer


def short_words(row: Row) -> str:
    """C(shop/production/web)."""
    environment = row.get("environment") or {}
    names = ((environment.get("project") or {}).get("name"), environment.get("name"), row.get("name"))
    return "/".join(str(name) for name in names if name)


# --- needed ---
# Whether what runs waits for a deployment, also since Docker has rolled back the last one after its task had ended.
#
# Docker watches a new task for the monitor period of the update. When the task fails in it, Docker goes back to the
# version before, label and all; the deployment stays C(done) (measured on 0.30.2). A task that verifies for as long
# sees it. The mark of another deployment says so, and only then does this cost requests.


def taken_back(row: Row, rows: Sequence[Row], label: str, context: Context) -> bool:
    """Whether all that runs is of another deployment than the last one, where nobody has watched that for long enough.

    :param row: the answer of C(application.one). :param rows: its deployments, newest first.
    """
    mark = mark_of(row)
    if mark is None or not mark.unwatched or not rows or rows[0].get("status") != "done" or not mark.counts(rows):
        return False
    try:
        labels = _labels(row, context.client)
    except (PermissionDenied, UnknownProcedure) as error:
        context.executor.warnings.append("%s: it is unknown whether Docker has rolled it back: %s" % (label, error))
        return False
    return bool(labels) and mark.text not in labels


def _labels(row: Row, client: Client) -> Sequence[Any]:
    """The marks on the tasks that run or are about to."""
    found = []
    calls = [inspect_call(row, str(task.get("containerId"))) for task in live_tasks(read_tasks(client, row))]
    for config in client.call_many(calls) if calls else ():
        # A task that is gone by now is nothing in the answer.
        if isinstance(config, Mapping):
            container = (config.get("Spec") or {}).get("ContainerSpec") or {}
            found.append((container.get("Labels") or {}).get(MARK_LABEL))
        elif isinstance(config, PermissionDenied):
            raise config
    return found


def deploy_needed(resource: Resource, diff: Diff, row: Row) -> bool:
    """Whether what runs is not what is configured, as far as one read can tell.

    It is not when this run changed something that only a deployment brings to the running service, and for every reason
    that a deployment itself would have. It is never needed without a source to deploy.
    """
    deployments = newest_first(row.get("deployments") or [])
    if not has_source(resource, row) and not deployments:
        return False
    return (
        any(change.field.api not in resource.applies_immediately for change in diff.changes)
        or any(not change.child.applies_immediately for change in diff.children)
        or why_deploy(resource, row, deployments) is not None
    )


def waits_for_deployment(resource: Resource, diff: Diff, row: Row, label: str, context: Context) -> bool:
    """Whether what runs is not what is configured, what Docker has rolled back included."""
    rows = newest_first(row.get("deployments") or [])
    return deploy_needed(resource, diff, row) or taken_back(row, rows, label, context)


def deployed_facts(
    resource: Resource, columns: Sequence[str], row: Row, label: str, context: Context
) -> Dict[str, Any]:
    """What the result of an application tells beside its configuration: the deployment that runs.

    :param columns: the keys of the API that were stated; of those that Docker reads as templates it is warned.
    """
    context.warn(template_warnings(row, [column for column in columns if column in TEXTS], label))
    good = last_good(newest_first(row.get("deployments") or []))
    return {"deployment": None if good is None else deployment_facts(resource, good)}

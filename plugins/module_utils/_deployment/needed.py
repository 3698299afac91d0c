# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what runs waits for a deployment, also since Docker has rolled back the last one after its task had ended.

Docker watches a new task for the monitor period of the update. When the task fails in it, Docker goes back to the
version before, label and all; the deployment stays C(done) (measured on 0.30.2). A task that verifies for as long sees
it. The mark of another deployment says so, and only then does this cost requests.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import mark_of, why_deploy
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    deployment_facts,
    last_good,
    newest_first,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.changes import Diff
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import has_source
from ansible_collections.community.dokploy.plugins.module_utils._errors import PermissionDenied, UnknownProcedure
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import inspect_call, live_tasks, read_tasks
from ansible_collections.community.dokploy.plugins.module_utils._values.labels import MARK_LABEL
from ansible_collections.community.dokploy.plugins.module_utils._values.templates import TEXTS, template_warnings

Row = Mapping[str, Any]


def taken_back(row: Row, rows: Sequence[Row], words: str, context: Context) -> bool:
    """Whether all that runs is of another deployment than the last one, where nobody has watched that for long enough.

    :param row: the answer of C(application.one). :param rows: its deployments, newest first.
    """
    mark = mark_of(row)
    if mark is None or not mark.unwatched or not rows or rows[0].get("status") != "done" or not mark.counts(rows):
        return False
    try:
        labels = _labels(row, context.client)
    except (PermissionDenied, UnknownProcedure) as error:
        context.executor.warnings.append("%s: it is unknown whether Docker has rolled it back: %s" % (words, error))
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
        any(change.field.api not in resource.live for change in diff.changes)
        or any(not change.child.live for change in diff.children)
        or why_deploy(resource, row, deployments) is not None
    )


def waits_for_deployment(resource: Resource, diff: Diff, row: Row, words: str, context: Context) -> bool:
    """Whether what runs is not what is configured, what Docker has rolled back included."""
    rows = newest_first(row.get("deployments") or [])
    return deploy_needed(resource, diff, row) or taken_back(row, rows, words, context)


def deployed_facts(columns: Sequence[str], row: Row, words: str, context: Context) -> Dict[str, Any]:
    """What the result of an application tells beside its configuration: the deployment that runs.

    :param columns: the keys of the API that were stated; of those that Docker reads as templates it is warned.
    """
    context.warn(template_warnings(row, [column for column in columns if column in TEXTS], words))
    good = last_good(newest_first(row.get("deployments") or []))
    return {"deployment": None if good is None else deployment_facts(good)}

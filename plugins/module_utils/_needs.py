# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Two judgements over a diff: whether the server is new enough for it, and whether it waits for a deployment."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._client import Client
from ansible_collections.community.dokploy.plugins.module_utils._desired import Desired, dotted
from ansible_collections.community.dokploy.plugins.module_utils._diff import Diff
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values import is_empty

Row = Mapping[str, Any]


def needs_server(resource: Resource, desired: Desired, diff: Diff, row: Optional[Row], client: Client) -> None:
    """Refuse what this server does not know, before anything is written; older servers drop it silently.

    An existing row settles it without a request: a server that knows a field shows it. Otherwise the version is asked
    for, once a task.

    :raises Refused: an option needs a newer Dokploy; the message names the option and the version.
    """
    if diff.empty:
        return
    asked: List[Tuple[str, Field]] = [(dotted(change.path), change.field) for change in diff.changes]
    rows: List[Optional[Row]] = [row] * len(asked)
    for child in diff.children:
        for change in child.changes if child.action != "remove" else ():
            asked.append(("%s.%s" % (child.child.option, change.path[-1]), change.field))
            rows.append(child.row)
    for (path, field), present in zip(asked, rows):
        if field.since is None or (present is not None and field.api in present):
            continue
        version = client.version()
        if version < field.since:
            raise Refused(
                "%s needs Dokploy %s or newer; this server is %s" % (path, _text(field.since), _text(version)),
                hint="Leave the option out, or update the server. Nothing was written.",
            )


def _text(version: Tuple[int, int, int]) -> str:
    return ".".join(str(part) for part in version)


def deploy_needed(resource: Resource, diff: Diff, row: Row) -> bool:
    """Whether what runs is not what is configured, as far as one read can tell.

    It is not when nothing was deployed yet, when the last deployment failed or was cancelled, or when this run changed
    something that only a deployment brings to the running service. It is never needed without a source to deploy.
    """
    deployments = sorted(row.get("deployments") or [], key=lambda item: str(item.get("createdAt")))
    if not _has_source(resource, row) and not deployments:
        return False
    if not deployments or deployments[-1].get("status") in ("error", "cancelled"):
        return True
    return any(change.field.api not in resource.live for change in diff.changes) or any(
        not change.child.live for change in diff.children
    )


def _has_source(resource: Resource, row: Row) -> bool:
    for option in resource.options:
        if isinstance(option, Group) and option.selects is not None:
            field, chosen = option.selects
            if row.get(field.api) == chosen:
                needed = [f for f in option.fields if f.needed]
                return bool(needed) and not any(is_empty(row.get(f.api)) for f in needed)
    return False

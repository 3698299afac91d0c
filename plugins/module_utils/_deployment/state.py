# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How it stands with an application's deployments, read before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    RUNNING,
    Queue,
    Snapshot,
    has_begun,
    last_good,
    look_at,
    newest_first,
    read_queue,
    snapshot,
    without_row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.listings import listing_call
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import locate_existing
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    PermissionDenied,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """One application and its deployments.

    :param row: the answer of C(application.one), with the children that a deployment applies and its read lacks.
    :param rows: its deployments, newest first.
    :param queue: its jobs, without those of its previews.
    """

    words: str
    row: Row
    rows: List[Row]
    queue: Queue

    @property
    def application_id(self) -> str:
        return str(self.row.get("applicationId"))

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
        return has_begun(*look_at(client, self.application_id), before=self.snapshot())


def look(resource: Resource, context: Context) -> Standing:
    """The application that the options name, its deployments and its jobs: one request beside the project tree.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names.
    :raises NotFoundError: there is none of that id.
    """
    params, reads = context.params, context.reads
    target = locate_existing(resource, params, reads, "application")
    own_id = str(target.own_id)
    listed = [child for child in resource.children if child.listing is not None and not child.live]
    calls = [Call(resource.read, {resource.id_key: own_id}), Call("deployment.queueList", {})]
    reads.note(own_id)
    row, jobs, *children = context.client.call_many(calls + [listing_call(child, own_id) for child in listed])
    if isinstance(row, NotFoundError) and params[resource.id_option] is not None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, own_id))
    whole: Dict[str, Any] = dict(shaped(_known(row), dict, resource.read))
    for child, answer in zip(listed, children):
        if isinstance(answer, PermissionDenied):
            # Who may deploy need not see them: nobody can say then whether they are others than before.
            continue
        # A server that does not know such children has none.
        whole[child.embedded] = [] if isinstance(answer, UnknownProcedure) else list(_known(answer) or [])
    queue = read_queue(None if isinstance(jobs, UnknownProcedure) else _known(jobs), own_id, previews=False)
    return Standing(target.words, whole, newest_first(whole.get("deployments") or []), queue)


def _known(answer: Any) -> Any:
    if isinstance(answer, DokployError):
        raise answer
    return answer


def short_words(row: Row) -> str:
    """C(shop/production/web)."""
    environment = row.get("environment") or {}
    names = ((environment.get("project") or {}).get("name"), environment.get("name"), row.get("name"))
    return "/".join(str(name) for name in names if name)

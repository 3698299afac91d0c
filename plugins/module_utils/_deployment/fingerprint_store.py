# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The mark that goes with a deployment, how it gets onto the application, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Mark,
    config_print,
    mark_of,
    marking,
    patches_print,
    source_print,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import newest_first
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context, settled
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, PermissionDenied
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Mapping[str, Any]


def present_mark(
    resource: Resource, row: Row, rows: Sequence[Row], archive: Optional[str] = None, unwatched: bool = False
) -> Mark:
    """The mark of a deployment that is still to come, of what is configured now.

    :param row: the answer of C(application.one), with its patches. :param rows: its deployments, newest first.
    :param archive: the content hash of the files that come with it; without one those of before stay.
    :param unwatched: Docker may roll it back after the last look at what runs.
    """
    old = mark_of(row)
    if archive is None and old is not None:
        archive = old.archive
    return Mark(
        source_print(resource, row),
        config_print(resource, row),
        patches_print(resource, row) or "",
        (archive or "") if row.get("sourceType") == "drop" else "",
        unwatched=unwatched,
        bad=_still_there(old.bad if old is not None else (), rows),
    ).pending(rows)


def _still_there(ids: Sequence[str], rows: Sequence[Row]) -> Tuple[str, ...]:
    known = {row.get("deploymentId") for row in rows}
    return tuple(own_id for own_id in ids if own_id in known)


def rebuilt_mark(resource: Resource, row: Row, rows: Sequence[Row], unwatched: bool) -> Optional[Mark]:
    """The mark of a deployment that builds again what the last one took.

    C(None) when that is not what is configured, or nobody can say what it took: nothing may count as deployed then.
    """
    old, new = mark_of(row), present_mark(resource, row, rows, unwatched=unwatched)
    if old is None or not old.counts(rows) or rows[0].get("status") != "done":
        return None
    took_the_same = (old.source, old.patches, old.archive) == (new.source, new.patches, new.archive)
    return new if took_the_same else None


def put_mark(row: Row, mark: Optional[Mark], words: str, executor: Executor) -> bool:
    """Write a mark, or take it away, unless it is there.

    C(False) when somebody else has written to the application since it was read.
    """
    old = mark_of(row)
    if mark is None and old is None:
        return True
    # What Docker may roll back has a mark of its own, which tells it from the deployment before.
    if mark is not None and old is not None and mark.same_as(old) and not (mark.unwatched or old.unwatched):
        return True
    try:
        return not executor.run(Plan((marking(row, mark),))).overtaken
    except PermissionDenied as error:
        executor.warnings.append(
            "%s: the key may not change the application, so that nothing tells later runs what was deployed: %s"
            % (words, error)
        )
        return True


def unmark(application_id: str, context: Context) -> None:
    """Take it back that what is configured was deployed: the next run with C(trigger=changed) deploys again.

    The newest deployment is remembered as one that is not to be gone back to.
    """
    try:
        while not settled(lambda: _unmarked(application_id, context), context):
            pass
    except DokployError as error:
        context.executor.warnings.append(
            "the deployment could not be marked as one that did not work out, so that it counts as good: %s" % error
        )


def _unmarked(application_id: str, context: Context) -> bool:
    """One attempt; C(False) when somebody else has written to the application since it was read."""
    row = context.reads.fresh("application.one", "applicationId", application_id)
    mark = mark_of(row)
    if mark is None:
        return True
    rows = newest_first(row.get("deployments") or [])
    newest = tuple(str(item.get("deploymentId")) for item in rows[:1])
    known = _still_there([own_id for own_id in mark.bad if own_id not in newest], rows)
    again = replace(mark.pending(rows), bad=known + newest)
    return again == mark or not context.executor.run(Plan((marking(row, again),))).overtaken

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whole rows: with the children that the read of their parent does not embed."""

from __future__ import annotations

from typing import Any, Callable, Container, Dict, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads, shaped
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    Refused,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import version_text
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource

Row = Dict[str, Any]


def with_children(resource: Resource, stated: Container[str], row: Optional[Row], client: Client) -> Optional[Row]:
    """The row with the children in it that its own read does not embed, as far as they are asked for.

    :raises Refused: this server has no such children.
    """
    return row if row is None else with_children_of(resource, stated, [row], client)[0]


def with_children_of(resource: Resource, stated: Container[str], rows: Sequence[Row], client: Client) -> List[Row]:
    """The same for many rows, in few batches.

    :raises Refused: this server has no such children.
    """
    found = [dict(row) for row in rows]
    wanted = [(row, child) for row in found for child in _listed(resource, stated)]
    calls = [listing_call(child, str(row[resource.id_key])) for row, child in wanted]
    for (row, child), answer in zip(wanted, _answers(client, calls)):
        _put(row, child, answer)
    return found


def read_back(
    resource: Resource, own_id: str, stated: Container[str], reads: Reads, beside: Sequence[Call] = ()
) -> Tuple[Optional[Row], List[Any]]:
    """The row of an id as it is now, with its children as far as they are asked for, or C(None) when there is none; and
    the answers of further queries. All of it in one request.

    :raises Refused: this server has no such children.
    """
    children = _listed(resource, stated)
    calls = [*beside, *(listing_call(child, own_id) for child in children)]
    if calls:
        row, *answers = reads.fresh_with(resource.read, resource.id_key, own_id, calls)
    else:
        row, answers = _only(lambda: reads.fresh(resource.read, resource.id_key, own_id)), []
    if isinstance(row, NotFoundError):
        return None, answers[: len(beside)]
    if isinstance(row, DokployError):
        raise row
    whole = dict(shaped(row, dict, resource.read))
    for child, answer in zip(children, answers[len(beside) :]):
        _put(whole, child, answer)
    return whole, answers[: len(beside)]


def _listed(resource: Resource, stated: Container[str]) -> List[Child]:
    return [child for child in resource.children if child.listing is not None and child.option in stated]


def _put(row: Row, child: Child, answer: Any) -> None:
    if isinstance(answer, UnknownProcedure) and child.since is not None:
        raise Refused(
            "%s needs Dokploy %s or newer, and this server does not know %s"
            % (child.option, version_text(child.since), answer.procedure)
        )
    if isinstance(answer, DokployError):
        raise answer
    row[child.embedded] = list(answer or [])


def listing_call(child: Child, parent_id: str) -> Call:
    """The query that lists the children of a parent."""
    procedure, key, more = child.listing or ("", "", {})
    return Call(procedure, {key: parent_id, **more})


def _answers(client: Client, calls: List[Call]) -> Sequence[Any]:
    if len(calls) != 1:
        return client.call_many(calls) if calls else ()
    # A single call by REST, which is the documented way.
    return (_only(lambda: client.query(calls[0].procedure, calls[0].input)),)


def _only(query: Callable[[], Any]) -> Any:
    """What a query answers, or its error as a batch gives it."""
    try:
        return query()
    except DokployError as error:
        return error

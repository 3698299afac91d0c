# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The queries that show records whole, or with what belongs to them, and the rows in their answers."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._errors import DokployError, NotFoundError, Refused, UnknownProcedure, with_article
from .._model.child import Child
from .._model.field import Field, Listing, Version, version_text
from .._model.resource import Resource

Row = Dict[str, Any]


def siblings_call(levels: Sequence[Listing], parent_id: Optional[str]) -> Call:
    """The query that lists the records of the last level in their parent."""
    return Call(levels[-1].procedures[0], {levels[-2].id_key: parent_id} if len(levels) > 1 else {})


def read_call(resource: Resource, resource_id: str) -> Call:
    """The query that shows a record whole."""
    if not resource.read:
        return Call(resource.listing.procedures[0], {})
    return Call(resource.read, resource.own(resource_id))


def row_in(resource: Resource, answer: Any, resource_id: str) -> Optional[Row]:
    """The row in the answer to C(read_call), or C(None) if there is none."""
    if isinstance(answer, NotFoundError):
        return None
    listing = resource.listing
    rows = [listing.flat(valid(answer))] if resource.read else listing.own(listing.listed(valid(answer)))
    return next((row for row in rows if resource.read or row[resource.id_key] == resource_id), None)


def with_children(wanted: Sequence[Tuple[Resource, Container[str], Mapping[str, Any]]], client: Client) -> List[Row]:
    """The rows with the children that their own reads do not embed, as far as the options beside them ask for these.

    :raises Refused: this server has no such children.
    """
    found = [dict(row) for _resource, _stated, row in wanted]
    places = [
        (row, child, str(row[resource.id_key]))
        for row, (resource, stated, _row) in zip(found, wanted)
        for child in listed_children(resource, stated)
    ]
    calls = [listing_call(child, resource_id) for _row, child, resource_id in places]
    # A single call by REST, which is the documented way.
    answers = client.call_many(calls) if len(calls) != 1 else [answer_of(lambda: client.query(*calls[0]))]
    for (row, child, _resource_id), answer in zip(places, answers):
        row[child.embedded] = children_of(child, answer)
    return found


def answers_of_queries(fields: Sequence[Field], client: Client) -> Row:
    """The values of fields that queries of their own show."""
    asked = [field for field in fields if field.query]
    answers = client.call_many([Call(field.query, {}) for field in asked]) if asked else []
    return {field.api: field.known(valid(answer)) for field, answer in zip(asked, answers)}


def read_back_calls(
    resource: Resource, resource_id: str, stated: Container[str], beside: Sequence[Call] = ()
) -> List[Call]:
    """The queries of C(read_back)."""
    children = [listing_call(child, resource_id) for child in listed_children(resource, stated)]
    return [read_call(resource, resource_id), *beside, *children]


def listing_call(child: Child, parent_id: str) -> Call:
    """The query that lists the children of a parent."""
    procedure, key, more = child.listing or ("", "", {})
    return Call(procedure, {key: parent_id, **more})


def too_old(option: str, since: Optional[Version], error: UnknownProcedure) -> DokployError:
    """The error for an option whose procedure this server does not know."""
    if since is None:
        return error
    message = "%s needs Dokploy %s or newer, and this server does not know %s"
    return Refused(message % (option, version_text(since), error.procedure))


@contextlib.contextmanager
def known_since(resource: Resource) -> Iterator[None]:
    """:raises Refused: this server does not know such records; the message names the first version that does."""
    try:
        yield
    except UnknownProcedure as error:
        what = with_article(resource.noun if resource.by_suboption else resource.label)
        raise too_old(what[0].upper() + what[1:], resource.since, error) from None


def listed_children(resource: Resource, stated: Container[str]) -> List[Child]:
    return [child for child in resource.children if child.listing is not None and child.option in stated]


def children_of(child: Child, answer: Any) -> List[Any]:
    if isinstance(answer, UnknownProcedure):
        raise too_old(child.option, child.since, answer)
    return list(valid(answer))


def valid(answer: Any) -> Any:
    """An answer of a batch; an error is raised."""
    if isinstance(answer, DokployError):
        raise answer
    return answer


def rows_of(wanted: Sequence[Tuple[Resource, str]], client: Client) -> List[Optional[Row]]:
    """The rows of many resources, each with its ID, in few batches; C(None) for a record that does not exist."""
    answers = client.call_many([read_call(resource, resource_id) for resource, resource_id in wanted])
    return [row_in(resource, answer, resource_id) for (resource, resource_id), answer in zip(wanted, answers)]


def answer_of(query: Callable[[], Any]) -> Any:
    """The answer of a query, or its error as an object, as a batch has it."""
    try:
        return query()
    except DokployError as error:
        return error

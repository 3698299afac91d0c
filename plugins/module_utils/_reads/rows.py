# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rows of records: the queries that show them, the rows in the answers, and the one that a name or an ID means.

Names are not unique, so two matches are an error that lists both IDs.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._api.client import Call, Client
from .._errors import (
    Ambiguous,
    DokployError,
    NotFoundError,
    ReferenceNotFound,
    Refused,
    ServerError,
    UnknownProcedure,
    known_names,
    with_article,
)
from .._model.child import Child
from .._model.field import Field, Listing, Version, version_text
from .._model.resource import Resource

Row = Dict[str, Any]
Levels = Tuple[Listing, ...]
#: The rows from a project down to a record in it: C((project, environment, service)), or the first of these.
Path = Tuple[Row, ...]

# The REST answer of releases before 0.29 if a row has a grace period, a bigint; tRPC has the row (measured).
UNSHOWN = "Internal server error"


class Queries:
    """Sends the queries of one task, over tRPC where REST has no answer."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._unshown: Set[str] = set()

    def answer(self, procedure: str, input: Mapping[str, Any]) -> Any:
        """The answer of a query, over tRPC where REST cannot show it."""
        failed: Optional[ServerError] = None
        if procedure not in self._unshown:
            try:
                return self.client.query(procedure, input)
            except ServerError as error:
                if error.status != 500 or error.server_message != UNSHOWN:
                    raise
                failed = error
        (answer,) = self.client.call_many([Call(procedure, input)])
        if isinstance(answer, DokployError):
            raise failed or answer
        self._unshown.add(procedure)
        return answer

    def answers(self, calls: Sequence[Call]) -> List[Any]:
        """The answers of queries in order, each of which may be its error as an object; of several in one request."""
        return self.client.call_many(calls) if len(calls) != 1 else [answer_of(lambda: self.answer(*calls[0]))]


def siblings_call(levels: Sequence[Listing], parent_id: Optional[str]) -> Call:
    """The query that lists the records of the last level in their parent."""
    return Call(levels[-1].procedures[0], {levels[-2].id_key: parent_id} if len(levels) > 1 else {})


def read_call(resource: Resource, resource_id: str) -> Call:
    """The query that shows a record whole."""
    if not resource.reading.procedure:
        return Call(resource.listing.procedures[0], {})
    return Call(resource.reading.procedure, resource.own(resource_id))


def row_in(resource: Resource, answer: Any, resource_id: str) -> Optional[Row]:
    """The row in the answer to C(read_call), or C(None) if there is none."""
    if isinstance(answer, NotFoundError):
        return None
    listing = resource.listing
    rows = [listing.flat(valid(answer))] if resource.reading.procedure else listing.own(listing.listed(valid(answer)))
    return next((row for row in rows if resource.reading.procedure or row[resource.id_key] == resource_id), None)


def with_children(wanted: Sequence[Tuple[Resource, Container[str], Mapping[str, Any]]], client: Client) -> List[Row]:
    """The rows with the children that their own reads do not embed, as far as the options beside them ask for these.

    :raises Refused: this server has no such children.
    """
    rows = [dict(row) for _resource, _stated, row in wanted]
    places = [
        (row, child, str(row[resource.id_key]))
        for row, (resource, stated, _row) in zip(rows, wanted)
        for child in listed_children(resource, stated)
    ]
    calls = [listing_call(child, resource_id) for _row, child, resource_id in places]
    # A single call by REST, which is the documented way.
    answers = client.call_many(calls) if len(calls) != 1 else [answer_of(lambda: client.query(*calls[0]))]
    for (row, child, _resource_id), answer in zip(places, answers):
        row[child.embedded] = children_of(child, answer)
    return rows


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


def need(version: Version, what: str, since: Version, hint: str = "Update the server.") -> None:
    """:raises Refused: the version of the server is older than C(since); the message names both."""
    if version < since:
        raise Refused(
            "%s needs Dokploy %s or newer; this server is %s" % (what, version_text(since), version_text(version)),
            hint="%s Nothing was written." % hint,
        )


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


def pick(
    rows: Sequence[Row], wanted: str, listing: Listing, option: str, where: str = "", listed_by: Optional[Call] = None
) -> Optional[Row]:
    """The row with this name or ID, or C(None).

    :param listed_by: the query that lists the rows, with the dates of their creation.
    :raises Ambiguous: several have the name; the message lists the IDs.
    """
    named = [row for row in rows if row.get(listing.name_key) == wanted]
    if len(named) > 1:
        ids = sorted(str(row.get(listing.id_key)) for row in named)
        raise several(option, ids, listing.plural, "%r%s" % (wanted, where), listed_by and (listed_by, listing))
    return named[0] if named else next((row for row in rows if row.get(listing.id_key) == wanted), None)


def several(
    option: str, ids: List[str], plural: str, named: str, listed_by: Optional[Tuple[Call, Listing]] = None
) -> Ambiguous:
    """The error for a name of several records."""
    error = Ambiguous(
        "%s: %d %s are named %s: %s" % (option, len(ids), plural, named, ", ".join(ids)),
        hint="Dokploy does not keep names unique; give the id instead, or rename or delete the others.",
        details={"ids": ids},
    )
    error.listed_by = listed_by
    return error


def missing(rows: Sequence[Row], wanted: str, listing: Listing, option: str, where: str = "") -> ReferenceNotFound:
    """The error for an unknown name; its hint lists similar names, or else the known ones."""
    names = (row.get(listing.name_key) for row in rows)
    hint = known_names(wanted, (str(name) for name in names if name is not None), where)
    if listing.module:
        hint += " %s creates one." % listing.module
    return ReferenceNotFound("%s: no %s is named %r%s" % (option, listing.singular, wanted, where), hint=hint)

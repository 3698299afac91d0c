# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The read cache of one task's loop, and its read-ahead.

A loop over the applications of an environment reads them one after another. From the second one on the next ones
come along in growing tRPC batches: a batch of 100 takes a real server 0.65 s where 100 single reads take 3.1 s, and
counts once against the key's limit instead of 200 times (measured on Dokploy 0.30.2). What was read ahead serves once
and for a few seconds only, and a write drops what it touches.
"""

from __future__ import annotations

import itertools
import time
from typing import Any, Callable, Container, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import Levels, Tree
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    ProtocolError,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import version_text
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource

# Seconds for which a row that was read ahead is taken for the present one.
FRESH = 5.0
# Seconds after which a long loop reads the tree and the lists of names again.
TREE_FRESH = 60.0
# How many rows the n-th read of one environment fetches; the last figure is what one batch may hold.
GROWTH = (1, 8, 32, 100)
# What a release before 0.29 says over REST when a row holds a grace period, which it keeps as a bigint; over tRPC it
# shows it (measured).
UNSHOWN = "Internal server error"


def shaped(answer: Any, kind: type, procedure: str) -> Any:
    """The answer, if it is what the procedure answers.

    :raises DokployError: the answer of a batch is an error.
    :raises ProtocolError: something that is no Dokploy has answered JSON of its own.
    """
    if isinstance(answer, DokployError):
        raise answer
    if not isinstance(answer, kind):
        raise ProtocolError(
            "%s answered %s instead of %s"
            % (procedure, type(answer).__name__, "a list" if kind is list else "an object"),
            procedure=procedure,
            hint="Is dokploy_url the address of a Dokploy server?",
        )
    return answer


class Reads:
    """What was read in one task: the tree, lists of names, and rows that were read ahead.

    :param clock: seconds, monotonic; tests inject their own.
    """

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._tree: Optional[Tuple[float, Tree]] = None
        self._lists: Dict[str, Tuple[float, List[Any]]] = {}
        self._rows: Dict[Tuple[str, str], Tuple[float, Any]] = {}
        self._seen: Set[Tuple[str, str]] = set()
        self._misses: Dict[Tuple[str, str], int] = {}
        self._children: Dict[Tuple[str, str], Tuple[float, List[Any]]] = {}
        self._at: Dict[str, float] = {}
        self._unshown: Set[str] = set()

    def at(self, value: str = "") -> float:
        """When the row of an id was read, or the tree: the moment before the request, in seconds of the clock.

        C(inf) when it was not read, so that nothing can be older than it.
        """
        if not value:
            return self._tree[0] if self._tree is not None else float("inf")
        return self._at.get(value, float("inf"))

    def note(self, value: str) -> None:
        """Somebody else is about to read the row of an id."""
        self._at[value] = self._clock()

    def forget(self) -> None:
        """Forget the tree and what was read ahead, since somebody else has written."""
        self._tree = None
        self._rows.clear()
        self._children.clear()

    def tree(self) -> Tree:
        """The project tree; read once, then kept up to date by what this task writes."""
        now = self._clock()
        if self._tree is None or now - self._tree[0] > TREE_FRESH:
            self._tree = (now, Tree(self._read("project.all", {}, list)))
        return self._tree[1]

    def refresh(self, levels: Levels, row: Dict[str, Any]) -> None:
        """Enter into the tree, if it was read, what a read-back shows."""
        if self._tree is not None:
            self._tree[1].refresh(levels, row)

    def listing(self, procedures: Sequence[str]) -> List[Any]:
        """The rows of the first of these procedures that the server knows; read once a task."""
        for procedure in procedures:
            kept = self._lists.get(procedure)
            if kept is not None and self._clock() - kept[0] <= TREE_FRESH:
                return kept[1]
            try:
                rows = shaped(self.client.query(procedure), list, procedure)
            except UnknownProcedure:
                if procedure == procedures[-1]:
                    raise
                continue
            self._lists[procedure] = (self._clock(), rows)
            return list(rows)
        return []

    def one(
        self,
        procedure: str,
        id_key: str,
        value: str,
        siblings: Optional[Callable[[], Sequence[str]]] = None,
        group: str = "",
    ) -> Any:
        """The row of one id, from what was read ahead or by a read of its own.

        :param siblings: gives the ids that a loop is likely to ask for too, in its likely order.
        :param group: what the siblings have in common (the id of their environment).
        :raises NotFoundError: there is none.
        """
        key = (procedure, value)
        kept = self._rows.pop(key, None)
        self._seen.add(key)
        if kept is not None and self._clock() - kept[0] <= FRESH:
            self._at[value] = kept[0]
            return kept[1]
        self.note(value)
        size = 1 if siblings is None else self._size(procedure, group)
        ahead = self._ahead(procedure, value, siblings, size - 1)
        if not ahead:
            return self._read(procedure, {id_key: value}, dict)
        answers = self.client.call_many([Call(procedure, {id_key: item}) for item in [value] + ahead])
        for item, answer in zip(ahead, answers[1:]):
            if isinstance(answer, dict):
                self._rows[(procedure, item)] = (self._at[value], answer)
        if isinstance(answers[0], DokployError):
            raise answers[0]
        return shaped(answers[0], dict, procedure)

    def children(self, listing: str, id_key: str, parents: Sequence[str]) -> Dict[str, List[Any]]:
        """The children of many parents, read in batches once a task; without those that the key may not read.

        :param listing: the query that lists the children of one parent.
        """
        now = self._clock()
        unknown = [
            one for one in parents if now - self._children.get((listing, one), (-TREE_FRESH, []))[0] >= TREE_FRESH
        ]
        answers = self.client.call_many([Call(listing, {id_key: one}) for one in unknown]) if unknown else []
        for one, answer in zip(unknown, answers):
            self._children[(listing, one)] = (now, answer if isinstance(answer, list) else [])
        return {one: self._children[(listing, one)][1] for one in parents}

    def remember_children(self, listing: str, parent: str, rows: List[Any]) -> None:
        """Take over the children of a parent that another read shows."""
        self._children[(listing, parent)] = (self._clock(), rows)

    def fresh(self, procedure: str, id_key: str, value: str) -> Any:
        """The row as it is now, never from the cache."""
        self._begin(procedure, value)
        return self._read(procedure, {id_key: value}, dict)

    def fresh_with(self, procedure: str, id_key: str, value: str, beside: Sequence[Call]) -> List[Any]:
        """The same and the answers of further queries in one request; an error of one of them stands in its place."""
        self._begin(procedure, value)
        return self.client.call_many([Call(procedure, {id_key: value}), *beside])

    def _begin(self, procedure: str, value: str) -> None:
        self._rows.pop((procedure, value), None)
        self._seen.add((procedure, value))
        self.note(value)

    def _read(self, procedure: str, input: Mapping[str, Any], kind: type) -> Any:
        """The answer of a query, over tRPC where REST cannot say it."""
        failed: Optional[ServerError] = None
        if procedure not in self._unshown:
            try:
                return shaped(self.client.query(procedure, input), kind, procedure)
            except ServerError as error:
                if error.status != 500 or error.server_message != UNSHOWN:
                    raise
                failed = error
        (answer,) = self.client.call_many([Call(procedure, input)])
        if isinstance(answer, DokployError):
            raise failed or answer
        self._unshown.add(procedure)
        return shaped(answer, kind, procedure)

    def drop(self, value: str) -> None:
        """Forget what was read ahead of one id, since something wrote to it."""
        for key in [key for key in self._rows if key[1] == value]:
            del self._rows[key]

    def _size(self, procedure: str, group: str) -> int:
        count = self._misses.get((procedure, group), 0)
        self._misses[(procedure, group)] = count + 1
        return GROWTH[min(count, len(GROWTH) - 1)]

    def _ahead(
        self, procedure: str, value: str, siblings: Optional[Callable[[], Sequence[str]]], count: int
    ) -> List[str]:
        """The next ids after C(value) that this task has not read yet."""
        if count <= 0 or siblings is None:
            return []
        now = self._clock()
        for key in [key for key, kept in self._rows.items() if now - kept[0] > FRESH]:
            del self._rows[key]
        ids = siblings()
        start = ids.index(value) + 1 if value in ids else 0
        unread = (
            item
            for item in itertools.chain(ids[start:], ids[:start])
            if item != value and (procedure, item) not in self._seen and (procedure, item) not in self._rows
        )
        return list(itertools.islice(unread, count))


# --- listings ---
# Whole rows: with the children that the read of their parent does not embed.


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
    resource: Resource, resource_id: str, stated: Container[str], reads: Reads, beside: Sequence[Call] = ()
) -> Tuple[Optional[Row], List[Any]]:
    """The row of an id as it is now, with its children as far as they are asked for, or C(None) when there is none; and
    the answers of further queries. All of it in one request.

    :raises Refused: this server has no such children.
    """
    children = _listed(resource, stated)
    calls = [*beside, *(listing_call(child, resource_id) for child in children)]
    if calls:
        row, *answers = reads.fresh_with(resource.read, resource.id_key, resource_id, calls)
    else:
        row, answers = _only(lambda: reads.fresh(resource.read, resource.id_key, resource_id)), []
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

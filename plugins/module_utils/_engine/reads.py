# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The read cache of one task's loop, and its read-ahead.

A loop over the services of an environment reads them one after another. From the second one on, the next ones are read
with it in growing tRPC batches: a real server answers a batch of 100 in 0.65 s and 100 single reads in 3.1 s, and a
batch counts once against the limit of the API key, not 200 times (measured on Dokploy 0.30.2). A row that was read
ahead is used once and for a few seconds only, and a write drops it.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from typing import Any, Callable, Container, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from .._api.client import Call, Client
from .._errors import DokployError, NotFoundError, PermissionDenied, ServerError, UnknownProcedure
from .._model.field import Listing
from .._model.resource import PROJECTS, SERVERS, Resource
from .plan import Promises, is_promise
from .rows import (
    Levels,
    Path,
    Tree,
    answer_of,
    children_of,
    listed_children,
    read_back_calls,
    row_in,
    siblings_call,
    valid,
)

Row = Dict[str, Any]
Siblings = Callable[[], List[Call]]
#: What a tree grows from: its outermost listing, and whether it has the records in it.
_Trunk = Tuple[Listing, bool]

# Seconds for which a row that was read ahead counts as current.
FRESH = 5.0
# Seconds after which a long loop reads the tree and the listings again.
TREE_FRESH = 60.0
# How many rows the n-th read of one environment fetches; the last figure is the most that one batch takes.
GROWTH = (1, 8, 32, 100)
# The REST answer of releases before 0.29 if a row has a grace period, a bigint; tRPC has the row (measured).
UNSHOWN = "Internal server error"
_NEVER = float("-inf")


class Reads:
    """What one task has read: the tree, listings, and rows that were read ahead."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        #: The resources that the task is about; a loop may read of each of them.
        self.resources: Sequence[Resource] = ()
        self._clock = clock
        self._lists: Dict[str, Tuple[float, List[Any]]] = {}
        # Each with the answer that it was made from.
        self._trees: Dict[_Trunk, Tuple[List[Any], Tree]] = {}
        self._rows: Dict[Tuple[str, str], Tuple[float, Any]] = {}
        self._seen: Set[Tuple[str, str]] = set()
        self._misses = Counter[str]()
        self._children: Dict[Tuple[str, str], Tuple[float, List[Any]]] = {}
        self._at: Dict[str, float] = {}
        self._unshown: Set[str] = set()
        self._prefetched: Dict[Tuple[Any, ...], List[Any]] = {}
        self.promises = Promises()

    def at(self, value: str) -> float:
        """The time of the clock just before the row of this ID, or this listing, was read; C(inf) if it was not."""
        return self._at.get(value, self._lists.get(value, (float("inf"),))[0])

    def note(self, value: str) -> None:
        """Note that the caller is about to read the row of this ID without the cache."""
        self._at[value] = self._clock()

    def forget(self, listings: bool = False) -> None:
        """Forget all but the C(listings) of what options refer to, or these too, since another run has written."""
        if listings:
            self._lists.clear()
        for listing, _within in self._trees:
            self._lists.pop(listing.procedures[0], None)
        self._trees.clear()
        self._rows.clear()
        self._children.clear()

    def drop(self, value: str) -> None:
        """Forget what was read ahead of this ID, since it is about to be written."""
        self._rows = {key: kept for key, kept in self._rows.items() if key[1] != value}

    def tree(self, levels: Levels = (PROJECTS,)) -> Tree:
        """The records of these levels, as the listing of the outermost one shows them: the project tree for most.

        It is read once, then kept up to date with what this task writes.
        """
        trunk, answer = _trunk(levels), self.listing(levels[0].procedures)
        read, tree = self._trees.get(trunk, (None, None))
        if tree is None or read is not answer:
            rows: List[Row] = list(map(dict, levels[0].listed(answer[0]))) if levels[0].key else answer
            rows = levels[0].own(rows) if levels[0].selective or levels[0].derived else rows
            # The row of none of them.
            tree = Tree([dict.fromkeys((levels[0].id_key, levels[0].name_key)), *rows] if trunk[1] else rows)
            self._trees[trunk] = (answer, tree)
        return tree

    def complete(self, parents: Sequence[Path], levels: Levels) -> None:
        """Read what the tree lacks: the records in a server, and of a database in the project tree the name.

        :param parents: the environments, or servers, whose records of the last level must have names.
        """
        tree, listing = self.tree(levels), levels[-1]
        if levels[0].optional:
            there = (parent for parent in parents if not is_promise(parent[-1].get(levels[-2].id_key)))
            self._fill(tree, [parent for parent in there if listing.key not in parent[-1]], levels)
            return
        nameless = [path for path in parents if any(listing.name_key not in row for row in tree.rows(path, listing))]
        calls = [Call("environment.one", {"environmentId": path[-1]["environmentId"]}) for path in nameless]
        answers = self.client.call_many(calls) if len(calls) != 1 else [answer_of(lambda: self._read(*calls[0]))]
        for path, answer in zip(nameless, answers):
            # One that was removed meanwhile has no names.
            if not isinstance(answer, NotFoundError):
                tree.complete(path, valid(answer))

    def lists(self, resource: Resource, resource_id: str) -> bool:
        """Whether the listing shows a record of this ID."""
        tree = self.tree(resource.levels)
        if resource.levels[0].optional and resource.parents:
            self.complete(tree.paths(resource.parents), resource.levels)
        return bool(tree.path(resource.levels, resource_id))

    def _fill(self, tree: Tree, parents: Sequence[Path], levels: Levels) -> None:
        calls = [siblings_call(levels, path[-1].get(levels[-2].id_key)) for path in parents]
        # Those on Dokploy's own host are what the listing without a server has.
        known = [None if any(call.input.values()) else self._fresh_listing(call.procedure) for call in calls]
        unknown = [call for call, rows in zip(calls, known) if rows is None]
        answers = iter(self.client.call_many(unknown) if len(unknown) != 1 else [self._read(*unknown[0])])
        for path, rows in zip(parents, known):
            tree.fill(levels, path, list(valid(next(answers))) if rows is None else list(rows))

    def _fresh_listing(self, procedure: str) -> Optional[List[Any]]:
        """The rows that a procedure without input has answered, where that is not long ago."""
        at, rows = self._lists.get(procedure, (_NEVER, []))
        return rows if self._is_fresh(at, TREE_FRESH) else None

    def refresh(self, resource: Resource, row: Row) -> None:
        """Update the tree, if it was read, from a read-back."""
        if _trunk(resource.levels) in self._trees:
            tree = self._trees[_trunk(resource.levels)][1]
            # What was created may have answered with less than the listing shows.
            tree.refresh(resource.levels, row, whole=resource.reading.in_listing)

    def listing(self, procedures: Sequence[str]) -> List[Any]:
        """The rows of the first of these procedures that the server knows, or its only one; read once a task."""
        for procedure in procedures:
            at, rows = self._lists.get(procedure, (_NEVER, []))
            if not self._is_fresh(at, TREE_FRESH):
                now = self._clock()
                try:
                    answer = self._read(procedure, {})
                except UnknownProcedure:
                    if procedure == procedures[-1]:
                        raise
                    continue
                rows = [answer] if isinstance(answer, dict) else list(answer)
                self._lists[procedure] = (now, rows)
            return rows
        return []

    def list_together(self, listings: Sequence[Listing]) -> None:
        """Read several listings in one request. One that cannot be read has its error when it is asked for."""
        wanted = list(dict.fromkeys(listing.procedures[0] for listing in listings))
        calls = [
            Call(name, {}) for name in wanted if not self._is_fresh(self._lists.get(name, (_NEVER,))[0], TREE_FRESH)
        ]
        now = self._clock()
        for call, answer in zip(calls, self.client.call_many(calls) if len(calls) > 1 else ()):
            if not isinstance(answer, DokployError):
                self._lists[call.procedure] = (now, [answer] if isinstance(answer, dict) else list(answer))

    def on_servers(self, listing: Listing, wanted: Sequence[str], server_id: Optional[str]) -> List[Row]:
        """The records on a server that have the wanted names and IDs, or else those on Dokploy's own host, or else
        those on all servers, since the server of an existing record may not be known yet."""
        levels = (SERVERS, listing)

        def lacking(rows: List[Row]) -> bool:
            return not {row[key] for row in rows for key in (listing.id_key, listing.name_key)}.issuperset(wanted)

        def listed(paths: List[Path]) -> List[Row]:
            self.complete(paths, levels)
            return listing.rows([row for path in paths for row in self.tree(levels).rows(path, listing)])

        path = self.tree(levels).path((SERVERS,), server_id) if server_id is not None else ()
        rows = listed([path]) if path else []
        rows = listing.rows(self.listing(listing.procedures)) if lacking(rows) else rows
        with contextlib.suppress(PermissionDenied):
            rows = listed(self.tree(levels).paths((SERVERS,))) if lacking(rows) else rows
        return rows

    def children(self, listing: str, id_key: str, parents: Sequence[str]) -> Dict[str, List[Any]]:
        """The children of many parents, read in batches once a task; none of those that the API key may not read."""
        for parent_id in filter(is_promise, parents):
            self.remember_children(listing, parent_id, [])
        unknown = [
            parent_id
            for parent_id in parents
            if not self._is_fresh(self._children.get((listing, parent_id), (_NEVER,))[0], TREE_FRESH)
        ]
        answers = self.client.call_many([Call(listing, {id_key: parent_id}) for parent_id in unknown])
        for parent_id, answer in zip(unknown, answers):
            self.remember_children(listing, parent_id, [] if isinstance(answer, DokployError) else answer)
        return {parent_id: self._children[(listing, parent_id)][1] for parent_id in parents}

    def remember_children(self, listing: str, parent: str, rows: List[Any]) -> None:
        """Keep the children of a parent that another read shows."""
        self._children[(listing, parent)] = (self._clock(), rows)

    def row(self, call: Call, siblings: Optional[Siblings] = None, group: str = "") -> Any:
        """The row that a query answers, from what was read ahead or by a read of its own.

        :param call: the query; its input is the ID.
        :param siblings: gives the queries that a loop is likely to make too, in its likely order.
        :param group: what the siblings have in common (the ID of their environment).
        :raises NotFoundError: there is none.
        """
        key = _key(call)
        at, row = self._rows.pop(key, (_NEVER, None))
        self._seen.add(key)
        if self._is_fresh(at, FRESH):
            self._at[key[1]] = at
            return row
        self.note(key[1])
        ahead = self._ahead(call, siblings, group) if siblings is not None else []
        if not ahead:
            return self._read(*call)
        row, *others = self.client.call_many([call, *ahead])
        for item, other in zip(ahead, others):
            if not isinstance(other, DokployError):
                self._rows[_key(item)] = (self._at[key[1]], other)
        return valid(row)

    def fresh(self, call: Call) -> Any:
        """The current row, never from the cache."""
        return valid(self.fresh_with(call)[0])

    def fresh_with(self, call: Call, beside: Sequence[Call] = ()) -> List[Any]:
        """The current row and the answers of further queries in one request; each may be its error as an object."""
        key, known = _key(call), self._prefetched.pop(_whole([call, *beside]), None)
        self._rows.pop(key, None)
        self._seen.add(key)
        if known is not None:
            return known
        self.note(key[1])
        return self.client.call_many([call, *beside]) if beside else [answer_of(lambda: self._read(*call))]

    def prefetch(self, groups: Sequence[Sequence[Call]]) -> None:
        """Read at once what C(fresh_with) is going to be asked for; each of the groups is used once."""
        groups = [group for group in groups if group]
        calls = {_whole([call]): call for group in groups for call in group}
        if len(groups) < 2:
            return
        for group in groups:
            self.note(_key(group[0])[1])
        # Where it fails, each asks by itself and has its own error.
        with contextlib.suppress(DokployError):
            answers = dict(zip(calls, self.client.call_many(list(calls.values()))))
            self._prefetched.update({_whole(group): [answers[_whole([call])] for call in group] for group in groups})

    def _read(self, procedure: str, input: Mapping[str, Any]) -> Any:
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

    def _ahead(self, call: Call, siblings: Siblings, group: str) -> List[Call]:
        """The next queries after C(call) that this task has not made yet; more with each read of their group."""
        misses = self._misses[group]
        self._misses[group] += 1
        count = GROWTH[min(misses, len(GROWTH) - 1)] - 1
        if not count:
            return []
        self._rows = {key: kept for key, kept in self._rows.items() if self._is_fresh(kept[0], FRESH)}
        calls = siblings()
        start = calls.index(call) + 1 if call in calls else 0
        unread = (
            item
            for item in itertools.chain(calls[start:], calls[:start])
            if item != call and _key(item) not in self._seen and _key(item) not in self._rows
        )
        return list(itertools.islice(unread, count))

    def _is_fresh(self, at: float, seconds: float) -> bool:
        return self._clock() - at <= seconds


def _trunk(levels: Levels) -> _Trunk:
    return levels[0], levels[0].optional and len(levels) > 1


def read_back(
    resource: Resource, resource_id: str, stated: Container[str], reads: Reads, beside: Sequence[Call] = ()
) -> Tuple[Optional[Row], List[Any]]:
    """The current row with the stated children, or C(None) if there is none, and the answers of further queries; all of
    it in one request.

    :raises Refused: this server has no such children.
    """
    children = listed_children(resource, stated)
    call, *calls = read_back_calls(resource, resource_id, stated, beside)
    answer, *answers = reads.fresh_with(call, calls)
    row = row_in(resource, answer, resource_id)
    if row is None:
        return None, answers[: len(beside)]
    embedded = {child.embedded: children_of(child, listed) for child, listed in zip(children, answers[len(beside) :])}
    return {**row, **embedded}, answers[: len(beside)]


def _whole(calls: Sequence[Call]) -> Tuple[Any, ...]:
    """What names some queries."""
    return tuple((call.procedure, *sorted(call.input.items())) for call in calls)


def _key(call: Call) -> Tuple[str, str]:
    """The procedure and the ID, which is the only value of the input."""
    return call.procedure, str(next(iter(call.input.values()), ""))

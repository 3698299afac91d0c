# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What one task has read, in one place, so that it reads nothing twice."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from typing import Any, Callable, Container, Dict, List, Optional, Sequence, Set, Tuple

from .._api.client import Call, Client
from .._errors import DokployError
from .._model.resource import Resource
from .listings import ChildListings, Listings
from .promises import Promises
from .rows import Queries, Row, children_of, listed_children, read_back_calls, row_in, valid
from .tree import Trees

Siblings = Callable[[], List[Call]]
# The procedure, and the ID in its input.
_Key = Tuple[str, str]

# Seconds for which a row that was read ahead counts as current.
ROW_FRESH = 5.0
# How many rows the n-th read of one environment fetches; the last figure is the most that one batch takes.
GROWTH = (1, 8, 32, 100)


class Reads:
    """What one task has read, and what it has promised to create."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        #: The resources that the task is about; a loop may read of each of them.
        self.resources: Sequence[Resource] = ()
        self.promises = Promises()
        queries = Queries(client)
        self.listings = Listings(queries, clock)
        self.children = ChildListings(queries, clock)
        self.trees = Trees(queries, self.listings)
        self.times = ReadTimes(clock)
        self.ahead = ReadAhead(queries, self.times)
        self.current = CurrentRows(queries, self.times, self.ahead)

    def read_at(self, value: str) -> float:
        """The time of the clock just before the row of this ID, or this listing, was read; C(inf) if it was not."""
        times = (self.times.of(value), self.listings.read_at(value))
        return next((at for at in times if at is not None), float("inf"))

    def forget(self, listings: bool = False) -> None:
        """Forget all but the C(listings) of what options refer to, or these too, since another run has written."""
        if listings:
            self.listings.forget()
        self.trees.forget()
        self.ahead.forget()
        self.children.forget()


class ReadTimes:
    """When the row of each ID was read, by the clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._times: Dict[str, float] = {}

    def note(self, resource_id: str, at: Optional[float] = None) -> float:
        """Note that the row of this ID is about to be read, or was read at this time; returns the time."""
        self._times[resource_id] = self.clock() if at is None else at
        return self._times[resource_id]

    def of(self, resource_id: str) -> Optional[float]:
        """The time just before the row was read; C(None) if it was not."""
        return self._times.get(resource_id)


class ReadAhead:
    """The rows that a loop asks for one by one, and those that it is likely to ask for next.

    A loop over the services of an environment reads them one after another. From the second one on, the next ones are
    read with it in growing tRPC batches: a real server answers a batch of 100 in 0.65 s and 100 single reads in 3.1 s,
    and a batch counts once against the limit of the API key, not 200 times (measured on Dokploy 0.30.2). A row that was
    read ahead is used once and for a few seconds only, and a write drops it.
    """

    def __init__(self, queries: Queries, times: ReadTimes) -> None:
        self._queries, self._times = queries, times
        self._rows: Dict[_Key, Tuple[float, Any]] = {}
        self._asked: Set[_Key] = set()
        self._misses = Counter[str]()

    def row(self, call: Call, siblings: Optional[Siblings] = None, group: str = "") -> Any:
        """The row that a query answers, from what was read ahead or by a read of its own.

        :param call: the query; its input is the ID.
        :param siblings: gives the queries that a loop is likely to make too, in its likely order.
        :param group: what the siblings have in common (the ID of their environment).
        :raises NotFoundError: there is none.
        """
        at, row = self.take(call)
        if self._is_fresh(at):
            self._times.note(_id(call), at)
            return row
        now = self._times.note(_id(call))
        ahead = self._ahead(call, siblings, group) if siblings is not None else []
        if not ahead:
            return self._queries.answer(*call)
        row, *others = self._queries.client.call_many([call, *ahead])
        for item, other in zip(ahead, others):
            if not isinstance(other, DokployError):
                self._rows[_key(item)] = (now, other)
        return valid(row)

    def take(self, call: Call) -> Tuple[float, Any]:
        """What was read ahead for a query, which is not read ahead again, and the time of the clock before that."""
        self._asked.add(_key(call))
        return self._rows.pop(_key(call), (float("-inf"), None))

    def drop(self, resource_id: str) -> None:
        """Forget what was read ahead of this ID, since it is about to be written."""
        # Another thread may take one meanwhile.
        self._rows = {key: kept for key, kept in list(self._rows.items()) if key[1] != resource_id}

    def forget(self) -> None:
        self._rows.clear()

    def _ahead(self, call: Call, siblings: Siblings, group: str) -> List[Call]:
        """The next queries after C(call) that this task has not made yet; more with each read of their group."""
        misses = self._misses[group]
        self._misses[group] += 1
        count = GROWTH[min(misses, len(GROWTH) - 1)] - 1
        if not count:
            return []
        self._rows = {key: kept for key, kept in self._rows.items() if self._is_fresh(kept[0])}
        calls = siblings()
        start = calls.index(call) + 1 if call in calls else 0
        unread = (
            item
            for item in itertools.chain(calls[start:], calls[:start])
            if item != call and _key(item) not in self._asked and _key(item) not in self._rows
        )
        return list(itertools.islice(unread, count))

    def _is_fresh(self, at: float) -> bool:
        return self._times.clock() - at <= ROW_FRESH


class CurrentRows:
    """Rows as they are now: before a write that depends on them, and when a record is read back.

    What several nodes are about to ask for is read in one request.
    """

    def __init__(self, queries: Queries, times: ReadTimes, ahead: ReadAhead) -> None:
        self._queries, self._times, self._ahead = queries, times, ahead
        self._prefetched: Dict[Tuple[Any, ...], List[Any]] = {}

    def row(self, call: Call) -> Any:
        """The row that a query answers, whose input is the ID. :raises NotFoundError: there is none."""
        return valid(self.answers(call)[0])

    def answers(self, call: Call, beside: Sequence[Call] = ()) -> List[Any]:
        """The row and the answers of further queries in one request; each may be its error as an object."""
        self._ahead.take(call)
        prefetched = self._prefetched.pop(_name([call, *beside]), None)
        if prefetched is not None:
            return prefetched
        self._times.note(_id(call))
        return self._queries.answers([call, *beside])

    def prefetch(self, groups: Sequence[Sequence[Call]]) -> None:
        """Read at once what C(answers) is going to be asked for; each of the groups is used once."""
        groups = [group for group in groups if group]
        calls = {_name([call]): call for group in groups for call in group}
        if len(groups) < 2:
            return
        for group in groups:
            self._times.note(_id(group[0]))
        # Where it fails, each asks by itself and has its own error.
        with contextlib.suppress(DokployError):
            answers = dict(zip(calls, self._queries.client.call_many(list(calls.values()))))
            self._prefetched.update({_name(group): [answers[_name([call])] for call in group] for group in groups})

    def read_back(
        self, resource: Resource, resource_id: str, stated: Container[str], beside: Sequence[Call] = ()
    ) -> Tuple[Optional[Row], List[Any]]:
        """The current row with the stated children, or C(None) if there is none, and the answers of further queries;
        all of it in one request.

        :raises Refused: this server has no such children.
        """
        children = listed_children(resource, stated)
        call, *calls = read_back_calls(resource, resource_id, stated, beside)
        answer, *answers = self.answers(call, calls)
        row = row_in(resource, answer, resource_id)
        if row is None:
            return None, answers[: len(beside)]
        listed = answers[len(beside) :]
        embedded = {child.embedded: children_of(child, answer) for child, answer in zip(children, listed)}
        return {**row, **embedded}, answers[: len(beside)]


def _id(call: Call) -> str:
    """The only value of the input."""
    return str(next(iter(call.input.values()), ""))


def _key(call: Call) -> _Key:
    return call.procedure, _id(call)


def _name(calls: Sequence[Call]) -> Tuple[Any, ...]:
    """What names some queries."""
    return tuple((call.procedure, *sorted(call.input.items())) for call in calls)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The listings that one task has read: those without input, and those of the children of one parent.

Each is read once a task, and again in a loop that lasts long.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import DokployError, UnknownProcedure
from .._model.field import Listing
from .._values.marks import is_marked
from .rows import Queries

# Seconds after which a long loop reads a listing again.
LISTING_FRESH = 60.0
_NEVER = float("-inf")


class Listings:
    """The answers of queries without input, by their procedure."""

    def __init__(self, queries: Queries, clock: Callable[[], float]) -> None:
        self._queries, self._clock = queries, clock
        self._lists: Dict[str, Tuple[float, List[Any]]] = {}

    def rows(self, procedures: Sequence[str]) -> List[Any]:
        """The rows of the first of these procedures that the server knows, or its only one."""
        for procedure in procedures:
            rows = self.known(procedure)
            if rows is not None:
                return rows
            now = self._clock()
            try:
                return self._keep(procedure, now, self._queries.answer(procedure, {}))
            except UnknownProcedure:
                if procedure == procedures[-1]:
                    raise
        return []

    def known(self, procedure: str) -> Optional[List[Any]]:
        """The rows that a procedure has answered, where that is not long ago."""
        at, rows = self._lists.get(procedure, (_NEVER, []))
        return rows if self._clock() - at <= LISTING_FRESH else None

    def read_together(self, listings: Sequence[Listing]) -> None:
        """Read several listings in one request. One that cannot be read has its error when it is asked for."""
        procedures = dict.fromkeys(listing.procedures[0] for listing in listings)
        calls = [Call(procedure, {}) for procedure in procedures if self.known(procedure) is None]
        now = self._clock()
        for call, answer in zip(calls, self._queries.client.call_many(calls) if len(calls) > 1 else ()):
            if not isinstance(answer, DokployError):
                self._keep(call.procedure, now, answer)

    def read_at(self, procedure: str) -> Optional[float]:
        """The time of the clock just before it was read; C(None) if it was not."""
        return self._lists[procedure][0] if procedure in self._lists else None

    def forget(self, *procedures: str) -> None:
        """Forget what these procedures have answered, or all of them."""
        for procedure in procedures or list(self._lists):
            self._lists.pop(procedure, None)

    def _keep(self, procedure: str, at: float, answer: Any) -> List[Any]:
        rows = [answer] if isinstance(answer, dict) else list(answer)
        self._lists[procedure] = (at, rows)
        return rows


class ChildListings:
    """The answers of queries whose only input is the ID of a parent, by their procedure and that ID."""

    def __init__(self, queries: Queries, clock: Callable[[], float]) -> None:
        self._queries, self._clock = queries, clock
        self._lists: Dict[Tuple[str, str], Tuple[float, Any]] = {}

    def of(self, procedure: str, id_key: str, parents: Sequence[str]) -> Dict[str, Any]:
        """The children of many parents, read in batches; none of those that the API key may not read."""
        for parent_id in filter(is_marked, parents):
            self.keep(procedure, parent_id, [])
        unknown = [
            parent_id
            for parent_id in parents
            if self._clock() - self._lists.get((procedure, parent_id), (_NEVER,))[0] > LISTING_FRESH
        ]
        answers = self._queries.client.call_many([Call(procedure, {id_key: parent_id}) for parent_id in unknown])
        for parent_id, answer in zip(unknown, answers):
            self.keep(procedure, parent_id, [] if isinstance(answer, DokployError) else answer)
        return {parent_id: self._lists[(procedure, parent_id)][1] for parent_id in parents}

    def keep(self, procedure: str, parent_id: str, rows: Any) -> None:
        """Keep the children of a parent that another read shows."""
        self._lists[(procedure, parent_id)] = (self._clock(), rows)

    def forget(self) -> None:
        self._lists.clear()

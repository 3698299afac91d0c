# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counters, and the journal of calls in order. It has names of procedures and fields, never a value that was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .database_pool import IN_TRANSACTION


class RequestStats:
    """``calls``: one entry an executed or refused procedure: ``n`` (order), ``http`` (number of its HTTP request),
    ``transport`` (``rest`` or ``trpc``), ``batch`` (items of its HTTP request, 0 when it is none), ``procedure``,
    ``kind`` (``query``, ``mutation``, ``subscription`` or ``unknown``), ``status`` and ``fields`` (their names).
    ``refused_files``: one entry a call that left a file which Traefik refuses: ``procedure``, ``file`` and ``why``.
    ``most_in_flight``: how many calls of each procedure there were at once, at most, from arrival to answer;
    ``most_in_transaction``: of all together that can use up the connections of the database (``database_pool``)."""

    def __init__(self) -> None:
        self.in_flight: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        self.http = 0
        self.batches = 0
        self.statuses: Counter[int] = Counter()
        self.procedures: Counter[str] = Counter()
        self.reads = 0
        self.writes = 0
        self.journal: list[dict[str, Any]] = []
        self.refused_files: list[dict[str, str]] = []
        self.most_in_flight: Counter[str] = Counter()
        self.most_in_transaction = 0
        self._note_in_flight()

    def request(self, batch: int) -> None:
        self.http += 1
        self.batches += batch > 0

    @contextmanager
    def flight(self, names: list[str]) -> Iterator[None]:
        """The time in which a request for these procedures is answered."""
        self.in_flight.update(names)
        self._note_in_flight()
        try:
            yield
        finally:
            self.in_flight.subtract(names)
            self.in_flight += Counter()

    def _note_in_flight(self) -> None:
        self.most_in_flight |= self.in_flight
        together = sum(self.in_flight[name] for name in IN_TRANSACTION)
        self.most_in_transaction = max(self.most_in_transaction, together)

    def call(self, procedure: str, kind: str, transport: str, batch: int, status: int, sent: Any) -> None:
        self.procedures[procedure] += 1
        self.reads += kind == "query"
        self.writes += kind in ("mutation", "subscription")
        self.journal.append(
            {
                "n": len(self.journal) + 1,
                "http": self.http,
                "transport": transport,
                "batch": batch,
                "procedure": procedure,
                "kind": kind,
                "status": status,
                "fields": sorted(sent) if isinstance(sent, dict) else [],
            }
        )

    def refused(self, procedure: str, files: dict[str, str]) -> None:
        self.refused_files += [{"procedure": procedure, "file": name, "why": why} for name, why in files.items()]

    def as_dict(self) -> dict[str, Any]:
        return {
            "http": self.http,
            "batches": self.batches,
            "reads": self.reads,
            "writes": self.writes,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "procedures": dict(sorted(self.procedures.items())),
            "journal": list(self.journal),
            "refused_files": list(self.refused_files),
            "most_in_flight": dict(sorted(self.most_in_flight.items())),
            "most_in_transaction": self.most_in_transaction,
        }

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The order in which the entries of a document run, beside that of the references between them."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, FrozenSet, Iterable, List, Sequence, Set, Union

from .._engine.planned import Planned, foretold, waves
from .._engine.view import Difference
from .._values.paths import joined
from .deployments import Wanted
from .entries import Entry
from .recovery_nodes import RecoveryNode, Stages
from .running import HttpCheckNode, Switch

Running = Union[Wanted, Switch, HttpCheckNode, RecoveryNode]


class Order:
    """What entries state in C(after).

    :ivar mistakes: one sentence for each name that is none, and for each circle.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.mistakes: List[str] = []
        self._before: Dict[str, Set[str]] = {}
        services = [entry for entry in entries if entry.section.deploys and not entry.absent]
        by_path: Dict[str, List[str]] = {}
        for service in services:
            by_path.setdefault(service.path, []).append(service.key)
        for entry in services:
            for name in entry.own.get("after") or ():
                # A name alone is of the same environment.
                path = name if "/" in name else joined((*entry.names[:-1], name))
                keys = [key for key in by_path.get(path, ()) if key != entry.key]
                if not keys:
                    text = "%s: after: the document has no other application, stack or database %r"
                    self.mistakes.append(text % (entry.where, path))
                self._before.setdefault(entry.key, set()).update(keys)
        self.mistakes += self._circle()

    def before(self, key: str) -> FrozenSet[str]:
        """The keys of all entries that have to run before this one, directly or not."""
        known: Set[str] = set()
        left = [key]
        while left:
            more = self._before.get(left.pop(), set()) - known
            known |= more
            left += more
        return frozenset(known)

    def stated(self, key: str) -> FrozenSet[str]:
        """The keys of the entries that one states in C(after)."""
        return frozenset(self._before.get(key, ()))

    def _circle(self) -> List[str]:
        """The mistake of the first entry that comes after itself, with the way there; nothing if there is none."""
        for key in self._before:
            if key in self.before(key):
                path = [key]
                while len(path) == 1 or path[-1] != key:
                    path.append(next(name for name in sorted(self._before[path[-1]]) if self._leads(name, key)))
                return ["after: the entries form a circle: %s" % " -> ".join(path)]
        return []

    def _leads(self, name: str, key: str) -> bool:
        return name == key or key in self.before(name)


def running_waves(
    deployments: Sequence[Wanted],
    switches: Sequence[Switch],
    checks: Sequence[HttpCheckNode],
    order: Order,
    recovery: Stages,
) -> List[List[Planned]]:
    """The plans of what runs, in waves.

    Databases come first, since others need them to run; then the other deployments, what is started and stopped, and
    the HTTP checks. An entry that is stated in C(after) comes before, with all of its own. Files are restored before
    the first deployment of their service, and dumps after that, but before what may use the data is deployed. What is
    deployed after a mask needs it, since it may use the data without a reference to it.
    """
    first = [deployment for deployment in deployments if not deployment.kind.queued]
    queued = [deployment for deployment in deployments if deployment.kind.queued]
    early = [deployment for deployment in queued if deployment.entry.key in recovery.with_dumps]
    late = [deployment for deployment in queued if deployment not in early]
    stages: List[Sequence[Running]] = [
        recovery.locks,
        [*recovery.claims, *recovery.stopping, *recovery.saves_of_files, *recovery.files, *first],
        early,
        [*recovery.resumed, *recovery.unused, *recovery.saves_of_dumps, *recovery.dumps],
        [*recovery.checks, *recovery.masks, *recovery.missing, *recovery.releases],
        late,
        switches,
        recovery.starts,
        recovery.forgotten,
        recovery.gone,
        checks,
    ]
    placing = _Placing([running for stage in stages for running in stage], order, recovery)
    nodes: List[Planned] = []
    earlier: List[Running] = []
    for stage in stages:
        nodes += [placing.of(running, earlier) for running in stage]
        earlier += stage
    if recovery.together:
        restored = frozenset(node.key for node in (*recovery.restored, *recovery.checks))
        released = {node.key for node in recovery.releases}
        nodes = [replace(node, needs=node.needs | restored) if node.node.key in released else node for node in nodes]
    if recovery.scratch is not None:
        follows = frozenset(node.key for node in recovery.nodes)
        nodes.append(Planned(recovery.scratch, foretold(Difference("scratch volumes", {}, {})), follows=follows))
    return waves(nodes)


class _Placing:
    """What each of those that run needs and follows.

    :param whole: all of them, in the order in which those of one entry run.
    """

    def __init__(self, whole: Sequence[Running], order: Order, recovery: Stages) -> None:
        self._order = order
        self._masks, self._missing = ({node.key for node in nodes} for nodes in (recovery.masks, recovery.missing))
        self._starts, self._waits = {node.key for node in recovery.starts}, recovery.waits
        self._of_entry: Dict[str, List[str]] = {}
        self._data: Dict[str, List[str]] = {}
        for running in whole:
            self._of_entry.setdefault(running.entry.key, []).append(running.key)
            if isinstance(running, RecoveryNode):
                self._data.setdefault(running.entry.key, []).append(running.key)

    def of(self, running: Running, earlier: Iterable[Running]) -> Planned:
        """The plan of what runs. :param earlier: what is of the stages before."""
        own, planned = running.entry.key, running.planned()
        if running.key in self._missing:
            # That is known before anything runs.
            return planned
        of_own = self._of_entry[own]
        needs = planned.needs | set(of_own[: of_own.index(running.key)])
        if isinstance(running, RecoveryNode) and running.key in self._starts:
            # It looks at how far the data is, also when the restore has failed.
            entries = {own, *self._waits.get(own, ()), *running.data_of}
            before = {key for entry in entries for key in self._of_entry.get(entry, ())}
            follows = {other.key for other in earlier} & before
            return replace(planned, follows=frozenset(follows))
        if isinstance(running, RecoveryNode):
            # It concerns nothing but its own entry.
            return replace(planned, needs=needs)
        stated = self._order.before(own)
        needs |= {key for entry in stated for key in (entry, *self._of_entry.get(entry, ()))}
        # What waits for this entry cannot come before it.
        follows = {other.key for other in earlier if own not in self._order.before(other.entry.key)}
        # What refers to an entry may use its data.
        used = running.entry.takes | self._waits.get(own, frozenset()) - {own}
        data = {key for entry in used for key in self._data.get(entry, ())}
        needs |= ((data | self._masks) & follows) | (data & self._missing)
        return replace(planned, needs=frozenset(needs), follows=frozenset(follows))

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The wait for the other runs that work on services, as long as their leases are renewed."""

from __future__ import annotations

from typing import Any, Callable, FrozenSet, List, Optional, Sequence

from ..._api.client import Call
from ..._engine.lease import Held, Silence
from ..._engine.runner import Context
from ..._engine.wait import Poll, wait_for
from ..._errors import DokployError, NotFoundError, PlanOutdated, WaitTimeout, enumerated
from ..._reads.rows import read_call, row_in, valid
from ..._swarm.tasks import Service

#: What says at a service that another run works on it; C(None) if none does.
HeldBy = Callable[[Service], Optional[Held]]


def wait_for_others(services: Sequence[Service], held_by: HeldBy, doing: str, context: Context) -> None:
    """Wait while other runs work on services. What fell silent is in C(Context.silent) then.

    :param doing: what they do, such as C(restores data).
    :raises PlanOutdated: they were waited for, so that the services are not as they were read.
    :raises WaitTimeout: they have not ended in time.
    """
    busy = [service for service in services if is_held(held_by(service), context)]
    if not busy:
        return
    turn = _Turn(busy, held_by, doing)
    if context.executor.foretells_wait("%s: %s" % (turn.label, turn.state)):
        return
    context.waiter.progress("%s: %s" % (turn.label, turn.state))
    (silent,) = wait_for(context.client, context.waiter, [turn], context.params["wait_timeout"])
    if isinstance(silent, DokployError):
        raise silent
    context.silent.update(*silent)
    raise PlanOutdated


def is_held(held: Optional[Held], context: Context) -> bool:
    """Whether a run is alive that works on a service, as far as is known."""
    return held is not None and held.text not in context.silent


class _Turn(Poll):
    """Waits until no other run works on services. Its result, in a tuple, is the texts of those that fell silent."""

    def __init__(self, services: Sequence[Service], held_by: HeldBy, doing: str) -> None:
        self._services, self._held_by, self._silence = services, held_by, Silence()
        self.label = enumerated([service.label for service in services], 3)
        leases = {held.lease for held in map(held_by, services) if held is not None}
        named = ["%s since %s" % (lease.holder, lease.since) for lease in leases]
        self.state = "another run %s (%s); waiting for its end" % (doing, enumerated(sorted(set(named)), 3))

    def calls(self) -> List[Call]:
        return [read_call(service.resource, service.id) for service in self._services]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Sequence[FrozenSet[str]]]:
        silent, works = set(), False
        for service, answer in zip(self._services, answers):
            held = None if isinstance(answer, NotFoundError) else self._held(service, answer)
            if held is None:
                continue
            if self._silence.seconds(service.id, held.text, elapsed) >= held.lease.silent:
                silent.add(held.text)
            else:
                works = True
        return None if works else (frozenset(silent),)

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout(
            "%s: %s. It has not ended after %g s" % (self.label, self.state, timeout),
            hint="Nothing was written. Run this again when that one has ended, or raise wait_timeout.",
        )

    def _held(self, service: Service, answer: Any) -> Optional[Held]:
        row = row_in(service.resource, valid(answer), service.id)
        return None if row is None else self._held_by(Service(service.resource, row, service.label))

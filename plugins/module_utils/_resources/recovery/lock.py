# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lock of a service: what works on it in several tasks, such as a move, and which run of that was heard of when.

It is kept with the service, so that each run knows it. Another purpose is refused as long as the lock is there. Another
run of the same purpose is refused until the one before has ended, or was silent for a while: a run that is killed
leaves its lock. A run that was only slow finds the lock of the other one, and does nothing more.

A run that applies a document in one task can have it, too, with a purpose of its own. It renews its lock, and is in
nobody's way once it has ended or was killed.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence
from urllib.parse import quote, unquote

from ..._engine.lease import SILENT, Held, Lease, holder_of, now
from ..._engine.plan import Outcome, Write
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import Refused
from ..._model.states import Transition
from ..._swarm.switching import ContainersGone
from ..._swarm.tasks import Service
from ..._values.timestamps import instant
from .claims import MarkPlan, services_of
from .mark import own_text_write

#: The purpose of a run that applies a document.
DOCUMENT = "document"


@dataclass(frozen=True)
class Lock:
    """:param run: the run that works on the service; empty: none does. :param at: when it was heard of, ISO 8601.
    :param holder: where the run is; empty if nothing tells, as in a lock of an earlier release.
    :param since: since when it works; empty if nothing tells.
    """

    purpose: str
    run: str
    at: str
    holder: str = ""
    since: str = ""

    @property
    def text(self) -> str:
        words = (self.purpose, self.run, self.at, self.holder, self.since)
        return " ".join(["1", *(quote(word, safe=":/") or "-" for word in words)])

    @property
    def killed(self) -> bool:
        """Whether it is that of a document, whose run has ended without a word."""
        return self.purpose == DOCUMENT and self.silent_for(SILENT)

    def silent_for(self, seconds: float) -> bool:
        """Whether its run was not heard of for some time, or if nothing tells."""
        try:
            heard = instant(self.at)
        except ValueError:
            return True
        return datetime.datetime.now(datetime.timezone.utc) - heard >= datetime.timedelta(seconds=seconds)


def lock_of(service: Service) -> Optional[Lock]:
    """The lock in the row of a service; C(None) if it has none."""
    store = service.resource.deployable.lock
    words = store.get(service.row.get(store.column)).split()
    if not words:
        return None
    return Lock(*(unquote("" if word == "-" else word) for word in [*words[1:], "", "", "", ""][:5]))


def lock_write(service: Service, lock: Optional[Lock]) -> Write:
    """The write that locks a service, or removes its lock."""
    return own_text_write(service, service.resource.deployable.lock, "" if lock is None else lock.text)


def held_for_document(run: str, service: Service) -> Optional[Held]:
    """What says at a service that another run applies a document; C(None) if none does. :param run: this run.

    :raises Refused: the service is locked for something that takes several tasks.
    """
    lock = lock_of(service)
    if lock is None or lock.run == run:
        return None
    if lock.purpose != DOCUMENT:
        raise _locked_for_other(service, lock, DOCUMENT)
    return Held(lock.text, Lease(lock.holder, lock.since))


def renewed_lock(run: str, service: Service, lease: Optional[Lease]) -> Optional[Write]:
    """The write of the lock of a run that applies a document, or of none; C(None) if the run has it no more."""
    lock = lock_of(service)
    if lock is None or lock.run != run:
        return None
    return lock_write(service, None if lease is None else replace(lock, at=now()))


def _locked_for_other(service: Service, lock: Lock, purpose: str) -> Refused:
    return Refused(
        "%s is locked for %r since %s, and this is %r" % (service.label, lock.purpose, lock.at, purpose),
        hint="Nothing was written. Carry that to its end first.",
    )


def other_run(service: Service, lock: Lock, silent: float) -> Refused:
    """The error where another run has the lock. :param silent: seconds after which that counts as killed."""
    return Refused(
        "%s: another run of %r works on it, which was heard of at %s%s"
        % (service.label, lock.purpose, lock.at, " (%s)" % lock.holder if lock.holder else ""),
        hint="Nothing was written. Run this again when that one has ended, or was silent for %g s." % silent,
    )


def refuse_other(service: Service, asked: Mapping[str, Any]) -> Optional[Lock]:
    """The lock of a service. :param asked: the option.

    :raises Refused: it is locked for something else, or another run works on it, or has gone on in place of this one.
    """
    lock = lock_of(service)
    if asked["continues"] and (lock is None or (lock.purpose, lock.run) != (asked["purpose"], asked["run"])):
        raise Refused(
            "%s: another run has gone on in place of this one, which was silent for too long" % service.label,
            hint="Nothing was written. Look at how far that one is.",
        )
    if lock is None or lock.killed:
        return None
    if lock.purpose == DOCUMENT:
        raise other_run(service, lock, SILENT)
    if lock.purpose != asked["purpose"]:
        raise _locked_for_other(service, lock, asked["purpose"])
    if lock.run and lock.run != (asked["run"] or "") and not lock.silent_for(asked["silent"]):
        raise other_run(service, lock, asked["silent"])
    return lock


def _plan_lock(service: Service, context: Context) -> MarkPlan:
    """:raises Refused: it has been locked for something else since the plan was made."""
    asked = context.params["locked_for"]
    lock = refuse_other(service, asked)
    run = "" if asked["rest"] else asked["run"] or ""
    wanted = None if asked["release"] else Lock(asked["purpose"], run, now(), holder_of(asked["purpose"]))
    # What rests says nothing new by its time.
    same = lock is None if wanted is None else lock is not None and not (lock.run or wanted.run)
    steps = () if same else (lock_write(service, wanted),)
    return MarkPlan(steps, Difference(service.label, {}, {}))


def _nothing_more(first: ChangePlan, _planned: ChangePlan, _outcome: Outcome, _context: Context) -> Dict[str, Any]:
    return first.difference.result()


#: A service has the lock of a run, or no lock any more.
LOCKED = Transition(services_of, _plan_lock, _nothing_more, configures=False)


@dataclass(frozen=True)
class GonePlan(ChangePlan):
    """The end of the containers of a service that is stopped."""

    service: Service


def _observe_stopped(nodes: Sequence[Node], context: Context) -> List[Service]:
    return services_of(nodes, context)


def _plan_gone(service: Service, _context: Context) -> GonePlan:
    return GonePlan((), Difference(service.label, {}, {}), service)


def _polls(planned: GonePlan, _outcome: Outcome, context: Context) -> Polls:
    otherwise = "They may still write."
    return (yield ContainersGone(planned.service, otherwise), context.params["wait_timeout"])


#: Docker has no container of a service any more.
CONTAINERS_GONE = Transition(_observe_stopped, _plan_gone, _nothing_more, configures=False, polls=_polls)

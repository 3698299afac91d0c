# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The scratch volumes of a run, which are removed in the end, and how many archives are restored at once."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._api.client import Call, Client
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.threads import in_thread
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Pause, Poll, Polls
from ..._errors import ConnectionFailed, DokployError, ServerError, WaitTimeout
from ..._model.states import Transition
from ..backups.archives_file import SavedArchive
from ..databases.volumes import remove_volume, volumes_on

#: What the names of scratch volumes begin with.
SCRATCH = "recovery-"
# Seconds: Docker removes the container of a job some seconds after the job.
_PATIENCE, _INTERVAL = 30.0, 1.0


def key_of(archive: SavedArchive) -> str:
    """What stands for the data of an archive in the names of its job and its scratch volumes."""
    parts = (archive.kind, archive.path, archive.what, archive.service, archive.name)
    return hashlib.sha256(repr(parts).encode("utf-8")).hexdigest()[:10]


class Scratch:
    """The scratch volumes of a recovery.

    :param archives: those of the set. :ivar names: by their names, the further input of procedures about each.
    """

    def __init__(self, archives: Sequence[SavedArchive]) -> None:
        self.names: Dict[str, Mapping[str, Any]] = {}
        self._own = tuple("%s%s-" % (SCRATCH, key_of(archive)) for archive in archives)

    def new(self, archive: SavedArchive, server: Mapping[str, Any]) -> str:
        """The name of a new one. :param server: C(serverId), if it is not on Dokploy's own host."""
        name = "%s%s-%s" % (SCRATCH, key_of(archive), secrets.token_hex(4))
        self.names[name] = server
        return name

    def left(self, client: Client) -> Dict[str, Mapping[str, Any]]:
        """Those of this run, and of those of earlier runs what can be listed.

        Where Docker cannot list its volumes, Dokploy answers that there are none (source of 0.30.2).
        """
        left = dict(self.names)
        for server in {repr(server): server for server in ({}, *self.names.values())}.values():
            with contextlib.suppress(DokployError):
                names = [name for name in volumes_on(client, server) if name.startswith(self._own)]
                left.update(dict.fromkeys(names, server))
        return left


class Places:
    """How many archives are restored at once."""

    def __init__(self, most: int) -> None:
        self._free = most

    def taken(self) -> bool:
        """Take one, if there is one left."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def leave(self) -> None:
        self._free += 1


class PlaceTaken(Poll):
    """Waits for a place among those that are restored at once."""

    def __init__(self, label: str, places: Places) -> None:
        self.label, self.state, self._places = label, "waits for others", places

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[bool]:
        return True if self._places.taken() else None

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("%s: others were restored for more than %g s" % (self.label, timeout))


class _Removal:
    """The removal of volumes: a container may hold one for some seconds.

    :ivar left: those that there are. :ivar reason: why.
    """

    def __init__(self, names: Mapping[str, Mapping[str, Any]], context: Context) -> None:
        self.left, self.reason, self._names, self._context = dict(names), "something uses them", names, context

    def attempt(self) -> bool:
        """Whether all are removed."""
        for name, server in list(self.left.items()):
            try:
                if remove_volume(name, server, self._context.executor, Outcome()):
                    del self.left[name]
            except (ServerError, ConnectionFailed) as error:
                self.reason = str(error)
        # A removal answers nothing, so that one that is lost looks like one that is done.
        self.left = self.left or self._there()
        return not self.left

    def _there(self) -> Dict[str, Mapping[str, Any]]:
        """The volumes that Docker has; none where that is not known."""
        there: Dict[str, Mapping[str, Any]] = {}
        with contextlib.suppress(DokployError):
            for server in {repr(server): server for server in self._names.values()}.values():
                names = volumes_on(self._context.client, server)
                there.update({name: server for name in names if self._names.get(name) == server})
        return there


@dataclass(frozen=True)
class ScratchPlan(ChangePlan):
    """The removal of scratch volumes."""


def _observe(nodes: Sequence[Node], _context: Context) -> List[None]:
    return [None] * len(nodes)


def _plan(_observed: None, _context: Context) -> ScratchPlan:
    return ScratchPlan((), Difference("scratch volumes", {}, {}))


def _polls(_planned: ScratchPlan, _outcome: Outcome, context: Context) -> Polls:
    clock, removal = context.waiter.clock, _Removal(context.params["scratch"].left(context.client), context)
    end, label = clock() + _PATIENCE, "scratch volumes"
    try:
        while not (yield from in_thread(label, "removal", removal.attempt)) and clock() < end:
            yield Pause(label, _INTERVAL), _PATIENCE
        left, reason = list(removal.left), removal.reason
    except DokployError as error:
        left, reason = ["of the recovery"], str(error)
    for name in left:
        context.warn(["The scratch volume %s stays until the next recovery of this set: %s" % (name, reason)])
    return True


def _finish(first: ScratchPlan, _planned: ScratchPlan, _outcome: Outcome, _context: Context) -> Dict[str, Any]:
    return first.difference.result()


#: Nothing of the scratch volumes of a run is left.
SCRATCH_REMOVED = Transition(_observe, _plan, _finish, configures=False, polls=_polls)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The nodes of a recovery, each of which acts on the service of an entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, FrozenSet, List, Mapping, Optional, Sequence

from .._engine.planned import Planned, foretold
from .._engine.state import Node
from .._engine.view import Difference
from .._model.states import Transition
from .._resources.backups.archives_file import SavedArchive, SavedCheck
from .._resources.recovery.masks import Mask
from .._resources.recovery.words import age_of, data_of
from .._values.marks import sources_in
from .archive_choice import ServiceOfEntry
from .entries import Entry
from .plan import PlannedChange

_REPLACES = "; what was written since is lost"
_RELEASES = "its data is back, and the run that restored it has not ended"


@dataclass(frozen=True)
class RecoveryNode:
    """A node of a recovery, which acts on the service of an entry.

    :param archive: what it restores. :param check: what it runs, or the C(mask).
    :param counts: the archive whose rows or keys it counts.
    :param releases: it releases data that an earlier run has restored.
    :param after: the keys of the nodes of other entries that it needs. :param shown: what the plan shows beside that.
    :param data_of: the keys of the entries on whose data it depends. :param saves: the archive before whose restore it
        saves the present data. :param replaces: its archive replaces data of a service that was live.
    """

    entry: Entry
    node: Node
    archive: Optional[SavedArchive] = None
    check: Optional[SavedCheck] = None
    mask: Optional[Mask] = None
    counts: Optional[SavedArchive] = None
    releases: bool = False
    after: FrozenSet[str] = frozenset()
    shown: Sequence[PlannedChange] = ()
    data_of: FrozenSet[str] = frozenset()
    saves: Optional[SavedArchive] = None
    replaces: bool = False

    @property
    def key(self) -> str:
        return self.node.key

    @property
    def saves_running(self) -> bool:
        """Whether it saves data of a service that has to run for that."""
        return self.saves is not None and self.saves.archive_kind.saved_running

    @property
    def changes(self) -> List[PlannedChange]:
        """What the plan shows of it: nothing of what only prepares or proves a restore."""
        place = self.entry.section.kind, self.entry.path
        if self.archive is not None:
            sides = {"before": {"data": ""}, "after": {"data": self.archive.file, "size": self.archive.size}}
            reason = "%s, %s" % (data_of(self.archive), age_of(self.archive))
            reason += _REPLACES if self.replaces else ""
            return [PlannedChange("restore", *place, sides, reason)]
        if self.mask is not None:
            return [PlannedChange("mask", *place, reason=self.mask.name)]
        return [PlannedChange("release", *place, reason=_RELEASES)] if self.releases else list(self.shown)

    def planned(self) -> Planned:
        """Its node, which is planned once the entry is as described."""
        difference = Difference(self.entry.path, {}, {})
        if self.archive is not None:
            difference = Difference(self.entry.path, {"data": ""}, {"data": self.archive.file}, action="restore")
        needs = {self.entry.key, *sources_in(self.node.params), *self.after}
        return Planned(self.node, foretold(difference), frozenset(needs))


def node_key(what: str, entry: Entry) -> str:
    """The key of a node."""
    return "%s %s" % (what, entry.key)


def node_of(
    service: ServiceOfEntry, what: str, transition: Transition, params: Mapping[str, Any], **of: Any
) -> RecoveryNode:
    """:param what: of which its key tells with the entry. :param of: C(archive), C(check), C(mask) or C(counts)."""
    entry, resource = service.entry, service.resource
    kind = {"type": resource.kind} if resource.kind else {}
    own = {**kind, resource.id_option: service.resource_id, **params}
    node = Node(resource, own, node_key(what, entry), transition=transition, label=entry.path)
    return RecoveryNode(entry, node, **of)


@dataclass(frozen=True)
class Stages:
    """The nodes of a recovery.

    :param locks: of all services, before anything else runs. :param gone: the containers of what is stopped.
    :param claims: of each service whose data is restored, before the first; C(releases) after the last.
    :param files: what is restored before the first deployment of its service; C(dumps) after that.
    :param masks: what changes the data before anything that may use it is deployed.
    :param missing: the services of which an archive is not restored; nothing that may use their data is deployed.
    :param notes: of what C(stops) stops, before the data that it uses is replaced; C(starts) it after that, and
        C(forgotten) ends the notes. :param resumed: what starts a stack for its dumps.
    :param running_saves: what saves the present data of services that have to run for that, before C(last_stops) stops
        these.
    :param unused: what makes sure that nothing else uses a database. :param saves: what saves the present data first.
    :param waits: the keys of the entries whose data
        an entry uses without a reference, by its key.
    :param together: no service is live until the data of all are restored and checked.
    :param scratch: what removes the scratch volumes in the end.
    """

    locks: Sequence[RecoveryNode] = ()
    claims: Sequence[RecoveryNode] = ()
    files: Sequence[RecoveryNode] = ()
    dumps: Sequence[RecoveryNode] = ()
    checks: Sequence[RecoveryNode] = ()
    masks: Sequence[RecoveryNode] = ()
    missing: Sequence[RecoveryNode] = ()
    releases: Sequence[RecoveryNode] = ()
    gone: Sequence[RecoveryNode] = ()
    notes: Sequence[RecoveryNode] = ()
    stops: Sequence[RecoveryNode] = ()
    running_saves: Sequence[RecoveryNode] = ()
    last_stops: Sequence[RecoveryNode] = ()
    resumed: Sequence[RecoveryNode] = ()
    unused: Sequence[RecoveryNode] = ()
    saves: Sequence[RecoveryNode] = ()
    starts: Sequence[RecoveryNode] = ()
    forgotten: Sequence[RecoveryNode] = ()
    waits: Mapping[str, FrozenSet[str]] = field(default_factory=dict)
    together: bool = False
    scratch: Optional[Node] = None

    @property
    def nodes(self) -> List[RecoveryNode]:
        before = [*self.locks, *self.claims, *self.stopping]
        restored = [*self.files, *self.resumed, *self.unused, *self.saves, *self.dumps, *self.checks, *self.masks]
        return [*before, *restored, *self.missing, *self.releases, *self.starts, *self.forgotten, *self.gone]

    @property
    def stopping(self) -> List[RecoveryNode]:
        """What stops the users of the data, with what is saved between that."""
        return [*self.notes, *self.stops, *self.running_saves, *self.last_stops]

    @property
    def saves_of_files(self) -> List[RecoveryNode]:
        """Those of C(saves) that save volumes and folders."""
        return [node for node in self.saves if node.saves is not None and not node.saves.archive_kind.into_running]

    @property
    def saves_of_dumps(self) -> List[RecoveryNode]:
        return [node for node in self.saves if node.saves is not None and node.saves.archive_kind.into_running]

    @property
    def restored(self) -> List[RecoveryNode]:
        """Those that restore an archive."""
        return [*self.files, *self.dumps]

    @property
    def changes(self) -> List[PlannedChange]:
        """What the plan shows of it."""
        return [change for node in self.nodes for change in node.changes]

    @property
    def with_dumps(self) -> FrozenSet[str]:
        """The keys of the entries that have to run before their dumps are restored."""
        return frozenset(node.entry.key for node in self.dumps)

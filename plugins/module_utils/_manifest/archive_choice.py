# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which archives of a backup set are restored, and why others are not.

Only what the run creates is restored into, and what an earlier run of the recovery has not ended, or what C(overwrite)
names.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Callable, Container, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._engine.runner import Context
from .._engine.view import predicted
from .._errors import OptionError, Refused, enumerated
from .._model.resource import Resource
from .._resources.archive_kinds.kinds import DATABASE, VOLUME
from .._resources.backups.archives_file import BackupSet, NotSaved, SavedArchive, SavedServer
from .._resources.backups.archives_reader import read_archives
from .._resources.databases.volumes import has_volume
from .._resources.recovery.bucket import Placed, look_up
from .._resources.recovery.mark import RESTORED, SavedFirst, held_for_data, mark_of
from .._resources.recovery.masks import Mask
from .._resources.recovery.turn import wait_for_others
from .._resources.recovery.words import what_of
from .._resources.services.application import APPLICATION
from .._swarm.tasks import Service
from .._values.marks import FromResponse, is_marked
from .._values.timestamps import age, instant
from .archive_destinations import Destinations
from .archive_fit import refuse_stopped, refuse_unfit
from .entries import Entry
from .selection import saved_in_scope
from .unmanaged import Record

_NO_ENTRY = "the document has no such entry"
_IN_DUMP = "the dump of the database has its data"
_NO_ARCHIVE = "the set has no archive of it"
_REMOVED = "it is removed"
_EXISTS = "it exists, with data of which nothing tells that it is that of the set"
_KEPT = "its present data is kept"
_NOT_LOOKED_AT = "it is not looked at, since its destination does not exist yet"
#: What becomes of an archive, as far as the plan knows. C(MISSING) is whatever is not in its service in the end.
TO_RESTORE, PRESENT, KEPT, COVERED, REMOVED, MISSING = "to_restore", "present", "kept", "covered", "removed", "missing"


@dataclass(frozen=True)
class ServiceOfEntry:
    """The service of an entry. :param resource_id: its ID, or the promise of it."""

    entry: Entry
    resource: Resource
    resource_id: str


@dataclass(frozen=True)
class Chosen:
    """An archive of a set, and what becomes of it.

    :param outcome: as far as the plan knows. :param looked_up: its bucket was looked at.
    :param service: the one that it is of; C(None) if the document has no such entry.
    :param restores: it is restored. :param replaces: the target may have data.
    :param refills: the target has the data of another archive, and was never live. :param live: since when it is.
    :param unreleased: it is in the service, whose recovery an earlier run has not ended. :param masking: that run has
        begun to mask it.
    :param saved_first: the archive of what it has replaced in an earlier run.
    :param why_not: why it is not restored, or not looked at.
    """

    archive: SavedArchive
    outcome: str = MISSING
    service: Optional[ServiceOfEntry] = None
    destination_id: str = ""
    looked_up: bool = False
    restores: bool = False
    replaces: bool = False
    refills: bool = False
    unreleased: bool = False
    masking: bool = False
    live: Optional[str] = None
    saved_first: Optional[SavedFirst] = None
    why_not: Optional[str] = None


# Every service.
_ALL = "*"
# The options that say something of the set.
_NEEDING = ("archives_before", "archives_max_age", "archives_keep", "overwrite", "masks")
# What there is without a set.
_NOTHING = BackupSet("", "", SavedServer("", ""), True, [], [], [], [])


def _read(params: Mapping[str, Any]) -> Tuple[Optional[BackupSet], List[str]]:
    """The set of the task, if it has one, and the mistakes in it."""
    if params["archives"] is None:
        needing = [name for name in _NEEDING if params[name]]
        return None, ["%s: archives is needed" % name for name in needing]
    if isinstance(params["archives"], str):
        return None, ["archives: only the action of the module reads a file, on the controller"]
    try:
        return read_archives(params["archives"]), []
    except OptionError as error:
        return None, list(error.details["mistakes"])


class Choice:
    """What becomes of the archives of a set.

    :param listed: the plans of the entries. :param unmanaged: what no entry names. :ivar mistakes: of the set and of
        options, one sentence each.
    :param renamed: the set under the names that the entries have, and the mistakes of that. :param renamed_path: the
        same of a path.
    """

    def __init__(
        self,
        listed: Sequence[Planned],
        entries: Mapping[str, Entry],
        context: Context,
        renamed: Callable[[BackupSet], Tuple[BackupSet, List[str]]],
        renamed_path: Callable[[str], str],
        unmanaged: Iterable[Record],
    ) -> None:
        self._context, self._params = context, context.params
        self.saved, self.mistakes = _read(context.params)
        self._stated = self.saved or _NOTHING
        if self.saved is not None:
            self.saved, self.mistakes = renamed(saved_in_scope(self.saved, context.params["scope"]))
        self._set = self.saved or _NOTHING
        self._deployed: Container[str] = ()
        self._planned: Dict[Tuple[str, str], Tuple[Entry, Planned, ResourcePlan]] = {}
        self._removed: Set[Tuple[str, str]] = set()
        for planned in listed:
            entry = entries[planned.node.key]
            if not entry.section.deploys or entry.read_only:
                continue
            if isinstance(planned.plan, ResourcePlan):
                self._planned[(entry.section.kind, entry.path)] = (entry, planned, planned.plan)
            else:
                self._removed.add((entry.section.kind, entry.path))
        self._entries = entries
        self._unmanaged = unmanaged
        #: The masks, by the names of the entries.
        self.masks = [Mask(**{**mask, "service": renamed_path(mask["service"])}) for mask in context.params["masks"]]
        self.mistakes += self._mistakes() if self.saved else ()

    def _mistakes(self) -> Iterator[str]:
        known = [(service.kind, service.path) for service in self._set.services]
        if self._stated.archives and self._planned.keys().isdisjoint(known):
            text = "archives: the document has none of its services; is it of another scope? It has %s"
            yield text % enumerated(["%s %s" % (service.kind, service.path) for service in self._stated.services])
        for record in self._unmanaged:
            place = record.section.kind, record.path
            if place in known and place in self._planned:
                text = "archives: %s %s exists with the type %s, and a set tells services by their names; rename it"
                yield text % (*place, record.resource.kind)
        yield from self._mistaken_paths()
        paths = {archive.path for archive in self._set.archives}
        for mask, stated in zip(self.masks, self._params["masks"]):
            services = self._of_path(mask.service)
            images = [bool((entry.params.get("docker") or {}).get("image")) for entry, _planned, _plan in services]
            why_not = mask.why_not(services[0][1].node.resource.kind, images[0]) if services else None
            if mask.service not in paths or not services:
                text = "masks: %s: archives has no archive of an entry %r; it has those of %s"
                yield text % (mask.name, stated["service"], enumerated(sorted(paths)))
            elif why_not:
                yield "masks: %s of %s %s" % (mask.name, stated["service"], why_not)

    def _mistaken_paths(self) -> Iterator[str]:
        """The mistakes of the options that name services."""
        paths = sorted({archive.path for archive in self._set.archives})
        text = "%s: archives has no archive of %r; it has those of %s"
        overwrite, keep = self._params["overwrite"], self._params["archives_keep"]
        for path in overwrite:
            if path not in paths:
                yield text % ("overwrite", path, enumerated(paths))
        for pattern in keep:
            if pattern != _ALL and not any(fnmatchcase(path, pattern) for path in paths):
                yield text % ("archives_keep", pattern, enumerated(paths))
            if pattern in overwrite:
                yield "archives_keep: overwrite names %s, too; state it in one of them" % pattern

    def _of_path(self, path: str) -> List[Tuple[Entry, Planned, ResourcePlan]]:
        return [planned for (_kind, own_path), planned in self._planned.items() if own_path == path]

    @property
    def with_dumps(self) -> Set[str]:
        """The keys of the entries of databases that have to run before their dumps are restored."""
        names = {(a.kind, a.path) for a in self._set.archives if a.archive_kind.into_running and a.kind == DATABASE}
        return {self._planned[name][0].key for name in names if name in self._planned}

    @property
    def saved_names(self) -> Dict[Tuple[str, str], str]:
        """The C(app_name) of each service on the saved server, by its kind and path."""
        return {(service.kind, service.path): service.app_name for service in self._set.services}

    @property
    def lacking(self) -> List[NotSaved]:
        """The data of entries that the set lacks, and of entries that are created, without an archive of them."""
        if self.saved is None:
            return []
        missing = [data for data in self._set.not_saved if (data.kind, data.path) in self._planned]
        known = {(archive.kind, archive.path, archive.what) for archive in self._set.archives}
        known |= {(data.kind, data.path, data.what) for data in missing}
        for (kind, path), (_entry, planned, plan) in self._planned.items():
            state, resource = plan.state, planned.node.resource
            if state.row is not None:
                continue
            row = predicted(state.resource, None, plan.diff, state.desired.fields, state.desired.children)
            if kind == DATABASE and not known & {(kind, path, DATABASE), (kind, path, VOLUME)}:
                missing.append(NotSaved(kind, path, DATABASE, _NO_ARCHIVE, row.get("databaseName")))
            elif resource is APPLICATION and (kind, path, VOLUME) not in known:
                missing += [NotSaved(kind, path, VOLUME, _NO_ARCHIVE, name) for name in self._unsaved(row)]
        return missing

    def _unsaved(self, row: Mapping[str, Any]) -> List[Any]:
        """The volumes of an application of which there is no archive. One of several services is saved with one."""
        saved = {archive.volume for archive in self._set.archives if archive.what == VOLUME}
        names = [mount.get("volumeName") for mount in row.get("mounts") or () if mount.get("type") == VOLUME]
        return [name for name in names if name not in saved]

    def made(self, deployed: Container[str]) -> List[Chosen]:
        """Each archive of the set, with what becomes of it.

        :param deployed: the keys of the entries that are deployed.
        :raises Refused: an archive, or the set, is not what it has to be, or a target is in use. Nothing was written.
        :raises PlanOutdated: another run has restored into a target, and was waited for.
        """
        self._deployed = deployed
        wait_for_others(self._existing(), held_for_data, "restores data", self._context)
        dumped = {(a.kind, a.path, a.service) for a in self._set.archives if a.what == DATABASE}
        chosen = [self._chosen(archive, dumped) for archive in self._set.archives]
        if not any(item.restores for item in chosen):
            return chosen
        self._refuse_old()
        chosen = [_placed(item, self._destinations) if item.restores else item for item in chosen]
        for problem in look_up(
            [Placed(item.archive, item.destination_id) for item in chosen if item.looked_up], self._context
        ):
            if problem is not None:
                raise problem
        return chosen

    def _existing(self) -> List[Service]:
        """The services that exist, and of which the set has an archive."""
        names = dict.fromkeys((archive.kind, archive.path) for archive in self._set.archives)
        states = [self._planned[name][2].state for name in names if name in self._planned]
        return [Service(state.resource, state.row, state.target.label) for state in states if state.row is not None]

    def _chosen(self, archive: SavedArchive, dumped: Set[Tuple[str, str, Optional[str]]]) -> Chosen:
        if (archive.kind, archive.path) in self._removed:
            return Chosen(archive, REMOVED, why_not=_REMOVED)
        if (archive.kind, archive.path) not in self._planned:
            return self._left(Chosen(archive), _NO_ENTRY)
        entry, planned, plan = self._planned[(archive.kind, archive.path)]
        resource_id = plan.state.target.resource_id or FromResponse(entry.key, planned.node.resource.id_key)
        item = Chosen(archive, service=ServiceOfEntry(entry, planned.node.resource, resource_id))
        if archive.what == VOLUME and archive.database_type and (archive.kind, archive.path, archive.service) in dumped:
            return replace(item, outcome=COVERED, why_not=_IN_DUMP)
        item = self._judged(item, plan)
        if item.restores:
            refuse_unfit(archive, entry, plan)
        stays_down = plan.state.row is None and entry.key not in self._deployed
        if item.restores and archive.archive_kind.into_running and stays_down:
            raise Refused("%s: its dump needs it to run, and the document does not deploy it" % what_of(archive))
        return item

    def _judged(self, item: Chosen, plan: ResourcePlan) -> Chosen:
        """Whether an archive is restored, by what there is of its service."""
        state, overwrite = plan.state, item.archive.path in self._params["overwrite"]
        is_deployed = item.service is not None and item.service.entry.key in self._deployed
        if state.row is None:
            return _restored(item)
        service = Service(state.resource, state.row, state.target.label)
        mark = mark_of(service)
        if mark is not None:
            archive = self._of_moment(item.archive)
            saved_first = mark.before.get(archive.file)
            item = replace(item, archive=archive, live=mark.live or None, saved_first=saved_first)
        if mark is not None and mark.archives.get(item.archive.file) == RESTORED:
            since = "it is in it, live since %s" % mark.live if mark.live else "it is in it"
            ended = mark.live or (self._params["archives_rehearsal"] and not mark.run)
            return replace(item, outcome=PRESENT, unreleased=not ended, masking=mark.masking, why_not=since)
        if overwrite:
            starts = is_deployed or (mark is not None and mark.interrupted)
            refuse_stopped(item.archive, service, starts, self._context)
            return _restored(item, replaces=True)
        if mark is not None and mark.live:
            others = [file for file, how in mark.archives.items() if how == RESTORED]
            return self._left(item, "it was restored from %s, live since %s" % (enumerated(others), mark.live))
        if mark is not None or self._is_new(item.archive, service):
            return _restored(item, refills=mark is not None and mark.filled)
        return self._left(item, _EXISTS)

    def _of_moment(self, archive: SavedArchive) -> SavedArchive:
        """The archive that the run is about, of the data of one in the set.

        :raises Refused: there is none before the time of C(archives_before).
        """
        if self._params["archives_before"] is None:
            return archive
        return self._destinations.of(archive).archive

    @cached_property
    def _destinations(self) -> Destinations:
        return Destinations(self._entries.values(), self._context)

    def _left(self, item: Chosen, why: str) -> Chosen:
        """An archive that is not restored, and whose data the service does not have."""
        if any(fnmatchcase(item.archive.path, pattern) for pattern in self._params["archives_keep"]):
            return replace(item, outcome=KEPT, why_not="%s; %s" % (why, _KEPT))
        return replace(item, outcome=MISSING, why_not=why)

    def _is_new(self, archive: SavedArchive, service: Service) -> bool:
        """Whether a service exists of which nothing ever ran: the run that created it has ended before it went on."""
        row, deployable = service.row, service.resource.deployable
        if row.get("deployments") or row.get(deployable.status) not in (None, "idle"):
            return False
        if deployable.fingerprint.get(row.get(deployable.fingerprint.column)):
            return False
        if archive.archive_kind.on_host:
            return True
        return not has_volume(self._context.client, row, "%s-data" % row.get("appName"))

    def _refuse_old(self) -> None:
        """:raises Refused: the set is older than it may be."""
        limit, created = self._params["archives_max_age"], self._set.created_at
        if limit is None:
            return
        try:
            longest = age(limit)
        except ValueError as error:
            raise OptionError("archives_max_age: %s" % error) from None
        if datetime.datetime.now(datetime.timezone.utc) - instant(created) > longest:
            raise Refused(
                "archives: the set is of %s, older than archives_max_age=%s" % (created, limit),
                hint="Nothing was written. Use a newer set, or raise archives_max_age.",
            )


def _restored(item: Chosen, replaces: bool = False, refills: bool = False) -> Chosen:
    return replace(item, outcome=TO_RESTORE, restores=True, replaces=replaces, refills=refills)


def _placed(item: Chosen, destinations: Destinations) -> Chosen:
    """An archive in its destination; with C(archives_before), the newest one of the same data before that."""
    placed = destinations.of(item.archive)
    exists = not is_marked(placed.destination_id)
    return replace(
        item,
        archive=placed.archive,
        destination_id=placed.destination_id,
        looked_up=exists,
        why_not=None if exists else _NOT_LOOKED_AT,
    )

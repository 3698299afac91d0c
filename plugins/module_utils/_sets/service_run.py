# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One service of a set: what an earlier set has left of it goes, its checks run, and its data is saved.

Dumps come first, while it runs. Its volumes and folders follow, while it rests if it may be stopped, all in one stop.
Each failure is that of one archive, and the others go on.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Collection, Dict, Iterator, Mapping, Optional, Sequence

from .._deployment.removal import service_removal
from .._engine.lookup import Target
from .._engine.node_run import carried_out
from .._engine.plan import Plan, Write
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.wait import Polls
from .._errors import DokployError
from .._model.child import Child
from .._model.resource import DELETE_TIMEOUT, Resource
from .._reads.rows import listing_call
from .._resources.archive_kinds.file_sums import sums_in
from .._resources.archive_kinds.fingerprints import FileSums, Fingerprint
from .._resources.archive_kinds.key_counts import key_counts
from .._resources.archive_kinds.kinds import VOLUME
from .._resources.archive_kinds.row_counts import row_counts
from .._resources.backups.archives_file import BETWEEN
from .._resources.backups.checks import Check, image_of
from .._resources.backups.copies import copied_at
from .._resources.backups.coverage import Service
from .._resources.backups.promises import kept
from .._resources.backups.services import resource_of
from .._resources.backups.set_archives import prefix_of
from .._resources.infrastructure.bucket_files import folder_of, list_files
from .._resources.recovery.coming_up import while_it_comes_up
from .._resources.service_children.archives import archives_of_dumps, archives_of_volume
from .._resources.service_children.backup_lock import BackupLock
from .._resources.service_children.once import made_once
from .._resources.service_children.rest import Rest
from .._resources.service_children.single_runs import SET, is_of_a_set
from .._resources.services.application import APPLICATION
from .._swarm.switching import looked_at
from .._swarm.tasks import live_slots
from .answers import answer_of
from .dump_looks import Look, looked_into
from .items import Item, undumped
from .results import Checked, Failure, Results, Saved
from .scratch import (
    copy_of,
    removed,
    removed_at_once,
    volume_for,
    volumes_node,
)

Row = Mapping[str, Any]

# Seconds for which the answer to the start of a backup is waited for, which comes when it has ended. Others go on
# meanwhile, and its runs are polled.
_ANSWER_TIMEOUT = 2.0
_LOG_LINES = 20


@dataclass(frozen=True)
class Settings:
    """:param keep: how many archives of each folder of sets stay at least; 0 for all. :param image: of the jobs that
        copy.
    :param count_rows_below: the bytes from which on the rows of a table are not counted.
    :param series: the token of the sets. :param promised: the paths of the archives that other sets have.
    :param leave_out: the patterns of data that no set is incomplete without.
    """

    stop: bool
    jobs: bool
    keep: int
    image: str
    count_rows_below: int
    timeout: float
    leave_out: Sequence[str]
    series: str
    promised: Collection[str] = ()


@dataclass(frozen=True)
class ServiceRun:
    """What a set does with one service.

    :param left_jobs: the rows of jobs that an earlier set has left. :param left_volumes: the names of its volumes.
    """

    service: Service
    items: Sequence[Item]
    checks: Sequence[Check]
    left_jobs: Sequence[Row]
    left_volumes: Sequence[str]
    destination_id: str
    settings: Settings
    context: Context
    results: Results

    def polls(self) -> Polls:
        """What it waits for; errors are entered as failures."""
        context, label = self.context, "%s %s" % (self.service.kind, self.service.path)
        volumes = _child(self.resource, "volume_backups")
        lock = BackupLock(volumes, self._id, label, self.destination_id)
        try:
            context.executor.run(Plan((lock.creation(),)))
            yield from lock.held(lambda: self._with_bounds(lock, volumes), self.settings.timeout, context)
        except DokployError as error:
            known = [saved.item for saved in self.results.saved]
            known += [failure.item for failure in self.results.failures if failure.item is not None]
            for item in self.items:
                if not any(other is item for other in known):
                    self._failed(item, error)
            if all(any(other is item for other in known) for item in self.items):
                # Everything is saved, but the service may stand still.
                self._failed(None, error)

    @property
    def resource(self) -> Resource:
        """Its description."""
        return resource_of(self.service)

    @property
    def _id(self) -> str:
        return str(self.service.row[self.resource.id_key])

    @property
    def _target(self) -> Target:
        return Target("%s %s" % (self.service.kind, self.service.path), self._id)

    def _with_bounds(self, lock: BackupLock, volumes: Child) -> Polls:
        """Save everything, and run the checks again whose outputs before and after that are bounds."""
        yield from self._locked(lock, volumes)
        own = [checked for checked in self.results.checked if checked.service is self.service]
        for checked in own:
            if checked.check.compare == BETWEEN and checked.exit_code == 0:
                # The job that has run is gone.
                self.context.reads.forget()
                job = yield from self._ran(checked.check)
                number = self.results.checked.index(checked)
                self.results.checked[number] = replace(checked, exit_code=job["exit_code"], output_after=job["output"])

    def _locked(self, lock: BackupLock, volumes: Child) -> Polls:
        yield from self._without_leftovers(volumes)
        resting = [item for item in self.items if item.is_at_rest]
        stops = self.settings.stop and bool(resting) and self._can_stop()
        at_rest = self.checks if stops and self.service.kind != "database" else ()
        yield from self._as_it_runs(lock, () if at_rest else self.checks)
        if not resting and not lock.stopped:
            return
        state = looked_at(self.resource, self._id, self._target.label, self.context)
        stands_still = stops or not live_slots(state.tasks)
        if stops or lock.stopped or any(_turns_off(item) for item in resting):
            rest = Rest(state, stops, self.context, lock)
            yield from rest.during(lambda: self._resting(resting, at_rest, stands_still))
        else:
            yield from self._resting(resting, at_rest, stands_still)

    def _as_it_runs(self, lock: BackupLock, checks: Sequence[Check]) -> Polls:
        """Run the checks that need no rest, and make the dumps."""
        items = [item for item in self.items if not item.is_at_rest]
        # A set that was killed has left it standing still.
        comes_up = lock.stopped and bool(items or checks)
        if comes_up:
            state = looked_at(self.resource, self._id, self._target.label, self.context)
            yield from Rest(state, False, self.context, lock).during(_nothing)
        for check in checks:
            yield from self._check(check)
        for item in items:
            yield from self._save(item, None, comes_up=comes_up)

    def _can_stop(self) -> bool:
        why = self.resource.deployable.cannot_start(self.service.row)
        if why:
            text = "%s is not stopped, so that its volumes are saved while it runs: %s"
            self.context.warn([text % (self._target.label, why)])
        return not why

    def _resting(self, items: Sequence[Item], checks: Sequence[Check], at_rest: bool) -> Polls:
        """Save volumes and folders. :param at_rest: whether the service stands still."""
        for check in checks:
            yield from self._check(check)
        volumes = [item for item in items if item.what == VOLUME]
        sums: Mapping[str, FileSums] = {}
        if at_rest and volumes:
            sums = yield from self._sums(volumes)
        for item in items:
            yield from self._save(item, at_rest, sums.get(str(item.name)))
        return True

    def _sums(self, items: Sequence[Item]) -> Polls:
        """The fingerprints of volumes into which nothing writes, by their names."""
        names = [str(item.name) for item in items]
        node = volumes_node(self.service, names, self.settings.image, self.settings.timeout)
        try:
            job = (yield from carried_out(node, self.context))["job"]
        except DokployError as error:
            text = "%s: its volumes have no fingerprints in the set: %s"
            self.context.warn([text % (self._target.label, error)])
            return {}
        sums = sums_in(job["output_lines"])
        return {name: sums[number] for number, name in enumerate(names) if number in sums}

    # --- one archive ---

    def _save(
        self, item: Item, at_rest: Optional[bool], fingerprint: Optional[Fingerprint] = None, comes_up: bool = False
    ) -> Polls:
        """:param comes_up: its service was started just now."""
        try:
            if item.archive_kind.into_running:
                saved = yield from self._dumped(item, comes_up)
            elif item.archive_kind.is_copied:
                saved = yield from self._copied(item, at_rest)
            else:
                file = yield from self._archived(item, item.options)
                saved = Saved(item, file, self._rests(item, at_rest), None, fingerprint)
        except DokployError as error:
            self._failed(item, error)
            return
        self.results.saved.append(saved)
        self.context.waiter.progress("saved %s: %s" % (item.label, saved.file["path"]), item.label)

    def _rests(self, item: Item, at_rest: Optional[bool]) -> Optional[bool]:
        return None if item.what == "database" else bool(at_rest or _turns_off(item))

    def _archived(self, item: Item, options: Mapping[str, Any]) -> Polls:
        """The file of a backup that is made for an item."""
        return (yield from carried_out(self._node(item, options), self.context))["file"]

    def _dumped(self, item: Item, comes_up: bool) -> Polls:
        """The dump of a database, with the rows that its tables have before and after it. What its dump lacks is
        noted."""
        before = yield from self._look(item, True, comes_up)
        dump = partial(self._archived, item, item.options)
        file = yield from (while_it_comes_up(item.label, "saving", dump, self.context) if comes_up else dump())
        after = (yield from self._look(item, False)) if before.tables is not None else Look()
        fingerprint: Optional[Fingerprint] = None
        if before.tables is not None and after.tables is not None:
            fingerprint = row_counts(before.tables, after.tables)
        catalogue = before.catalogue
        if catalogue is not None and catalogue.undumped:
            self.results.left.append(undumped(item.entry, catalogue.undumped, self.settings.leave_out))
        return Saved(item, file, None, None if catalogue is None else list(catalogue.definers), fingerprint)

    def _look(self, item: Item, is_first: bool, comes_up: bool = False) -> Polls:
        """A look into the database of a dump; an empty one without jobs."""
        settings = self.settings
        if not settings.jobs:
            return Look()
        below, timeout = settings.count_rows_below, settings.timeout
        return (yield from looked_into(item, below, timeout, self.context, is_first, comes_up))

    def _copied(self, item: Item, at_rest: Optional[bool]) -> Polls:
        """The archive of a volume into which a job has copied data; the volume is gone then."""
        volume, clock = volume_for(item), self.context.waiter.clock
        copy, begin = copy_of(item, self.settings.image, self.settings.timeout), clock()
        try:
            lines = (yield from carried_out(copy, self.context))["job"]["output_lines"]
            file = yield from self._archived(item, {**item.options, "volume": volume})
        except DokployError:
            yield from self._without(volume, item)
            raise
        except BaseException:
            # The task is being interrupted: nothing is waited for.
            with contextlib.suppress(DokployError):
                removed_at_once(volume, self.service, self.context)
            raise
        seconds = clock() - begin
        yield from self._without(volume, item)
        sums = sums_in(lines).get(0)
        fingerprint = key_counts(lines, sums) if item.archive_kind.single_file else sums
        return Saved(item, copied_at(file, lines, seconds), self._rests(item, at_rest), None, fingerprint)

    def _without(self, volume: str, item: Item) -> Polls:
        problem = yield from removed([volume], self.service, self.context)
        self.context.warn(["%s: %s" % (item.label, problem)] if problem else ())

    def _node(self, item: Item, options: Mapping[str, Any]) -> Node:
        """The run of a backup that is made for it."""
        kind = item.archive_kind
        child = _child(self.resource, kind.backups)
        archives = archives_of_dumps if kind.into_running else archives_of_volume
        params: Dict[str, Any] = dict.fromkeys(
            [child.id_option, "generate", *(field.name for field in child.fields)], None
        )
        params.update(
            state="executed",
            wait_timeout=self.settings.timeout,
            answer_timeout=_ANSWER_TIMEOUT,
            log_lines=_LOG_LINES,
        )
        name = str(options["volume"] if "volume" in options else options["database_name"])
        prefix = prefix_of(self.settings.series, name)
        params.update(options, destination=item.destination_id, prefix=prefix)
        if "name" in params:
            params["name"] = "%s %s" % (SET, name)
        folder = folder_of(self.service.app_name, prefix, options.get("service"))
        transition = made_once(child, self._target, archives, self._keep(item.destination_id, folder))
        return Node(self.resource, params, key=item.label, transition=transition)

    def _keep(self, destination_id: str, folder: str) -> int:
        """How many files of a folder stay, with the new one: no set may lose an archive that it has.

        No other set writes into the folder now.
        """
        keep, promised = self.settings.keep, self.settings.promised
        if not (keep and promised):
            return keep
        try:
            rows = list_files(self.context, destination_id, folder)
        except DokployError:
            # All of them stay until it can be listed.
            return 0
        return kept(rows, promised, keep)

    # --- checks ---

    def _check(self, check: Check) -> Polls:
        job, image = (yield from self._ran(check)), image_of(check, self.service)
        self.results.checked.append(Checked(self.service, check, image, job["exit_code"], job["output"]))

    def _ran(self, check: Check) -> Polls:
        job, problem = yield from answer_of(check, self.service, self.context)
        if problem:
            self.results.failures.append(Failure(self.service, None, "check %r: %s" % (check.name, problem)))
        return job

    # --- what an earlier set has left ---

    def _without_leftovers(self, volumes: Child) -> Polls:
        """No other run works on the service now, so that what is there of a set was left by one that was killed."""
        for row in self._left_records(volumes):
            self._remove(volumes, row)
        if any(child.option == "backups" for child in self.resource.children):
            dumps = _child(self.resource, "backups")
            for row in self.service.row.get("backups") or ():
                if is_of_a_set(row):
                    self._remove(dumps, row)
        for row in self.left_jobs:
            steps = service_removal(APPLICATION, row, DELETE_TIMEOUT)
            self.context.executor.run(Plan(tuple(steps)))
        if self.left_volumes:
            problem = yield from removed(self.left_volumes, self.service, self.context)
            self.context.warn([problem] if problem else ())

    def _left_records(self, volumes: Child) -> Iterator[Row]:
        rows = self.context.client.query(*listing_call(volumes, self._id))
        return (row for row in rows if is_of_a_set(row))

    def _remove(self, child: Child, row: Row) -> None:
        self.context.executor.run(Plan((Write(child.remove, {child.id_key: row[child.id_key]}, missing_ok=True),)))

    def _failed(self, item: Optional[Item], error: DokployError) -> None:
        self.results.failures.append(Failure(self.service, item, str(error)))


def _turns_off(item: Item) -> bool:
    """Whether Dokploy itself stops the service for a volume, as for the existing backup of it."""
    return bool(item.options.get("stop_service"))


def _child(resource: Resource, option: str) -> Child:
    return next(child for child in resource.children if child.option == option)


def _nothing() -> Polls:
    """Nothing to wait for."""
    yield from ()

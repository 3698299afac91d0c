# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build queue: first come, first served, a job's row only when a worker takes it.

From 0.29.9 it is in memory, each server with its own, and builds of one service never run side by side; before, it was
in Redis, one for all servers, and outlived a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field

from ..store import deployments, rollbacks
from ..store.joins import whole, whole_compose, whole_preview
from ..store.store import Row, Table, now
from ..world.build_outcomes import FAILED, Plan
from ..world.docker.service_spec import DockerError
from ..world.world import World
from . import compose_deployments, custom_notifications

SETTLE = 0.003
"""Between the end of the log, that of the row, the service's own status and the new title lie a few milliseconds."""
KILLED = "ERROR: failed to build: context canceled\n"
SMALLEST_PAUSE = 0.001


ID_COLUMNS = {"application": "applicationId", "compose": "composeId", "application-preview": "previewDeploymentId"}
STATUS_COLUMNS = {
    "application": "applicationStatus",
    "compose": "composeStatus",
    "application-preview": "previewStatus",
}


@dataclass(eq=False)
class Job:
    """``kind`` is Dokploy's applicationType; ``key`` the id of what is built; ``owner`` that of a preview's
    application; ``server_id`` where it runs, ``host`` where it is built, None for Dokploy's own."""

    number: int
    id: str
    kind: str
    key: str
    type: str
    title: str
    description: str
    owner: str | None = None
    server_id: str | None = None
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))
    processed_on: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    killable: bool = False
    killed: bool = False
    host: str | None = None
    row: Row | None = None

    @property
    def group(self) -> tuple[str, str]:
        """What must not be built twice at a time: a preview counts as its application."""
        return ("compose", self.key) if self.kind == "compose" else ("application", self.owner or self.key)

    @property
    def id_column(self) -> str:
        return ID_COLUMNS[self.kind]

    def data(self) -> Row:
        return {
            **({"applicationId": self.owner} if self.owner else {}),
            self.id_column: self.key,
            "titleLog": self.title,
            "descriptionLog": self.description,
            "type": self.type,
            "applicationType": self.kind,
            "server": self.server_id is not None,
            **({"serverId": self.server_id} if self.server_id else {}),
        }


class Queue:
    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting: list[Job] = []
        self.active: list[Job] = []
        self.stalled: list[Job] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.timers: list[asyncio.TimerHandle] = []
        self.down = False
        self.count = 0

    @property
    def in_memory(self) -> bool:
        return self.world.config.has("queue_in_memory")

    def add(self, kind: str, row: Row, type_: str, title: str, description: str) -> Job:
        """Queue a build of an application, a compose or a preview. Nothing is deduplicated or checked."""
        self.count += 1
        owner, home = None, row
        if kind == "application-preview":
            owner = row["applicationId"]
            home = self.world.store.applications.rows[owner]
        name = f"job-{self.count}" if self.in_memory else str(self.count)
        job = Job(self.count, name, kind, row[ID_COLUMNS[kind]], type_, title, description, owner, home["serverId"])
        self.waiting.append(job)
        self._pump()
        return job

    def build_at_once(self, kind: str, service: Row, title: str) -> None:
        """A build of an application or a compose that has begun and ended now, beside the queue."""
        job = Job(0, "", kind, service[ID_COLUMNS[kind]], "deploy", title, "")
        snapshot = self._snapshot(job)
        assert snapshot is not None
        row = self._start_row(job, snapshot)
        plan = self._plan(job, snapshot)
        if plan.has_branch:
            self.world.store.code[snapshot["appName"]] = "clone"
        deployments.write_log(self.world.store, row, "".join([*plan.clone, *plan.lines, plan.verdict]))
        result = self._run_service(job, row, snapshot) if plan.result == "done" else plan.result
        self._set_status(job, result)
        message, commit = plan.commit or ("", "")
        if commit and self.world.config.has("commit_titles"):
            deployments.change(self.world.store, row, {"title": message, "description": f"Commit: {commit}"})
        deployments.finish(self.world.store, row, result, "")

    def jobs(self) -> list[Job]:
        """Newest first."""
        return sorted([*self.active, *self.stalled, *self.waiting], key=lambda job: job.number, reverse=True)

    def clean(self, column: str, key: str) -> None:
        """Drop the waiting jobs of one service, its previews included; a running build is not touched."""
        self.waiting = [job for job in self.waiting if job.data().get(column) != key]

    def clear(self) -> None:
        """Drop all that waits."""
        self.waiting.clear()

    def kill_builds(self, host: str | None, compose: bool = False) -> None:
        """``pkill -2 -f "docker build"``, or ``"docker compose"``: all of them on that host, whosever they are."""
        for job in self.active:
            if job.killable and job.host == host and compose == (job.kind == "compose"):
                job.killed = True
                job.ended.set()

    def finish(self) -> None:
        """End the running builds now, each as it was planned to end."""
        for job in self.active:
            job.ended.set()

    def restart(self, seconds: float = 0.0) -> None:
        """The server goes down, and comes up after so long. Rows that run are cancelled; waiting jobs are lost, but for
        those in Redis, which also has kept what was interrupted and may (``repeat_after``) let it be built again."""
        interrupted = [*self.stalled, *self.active]
        for job in self.active:
            if job.row is not None and job.row["deploymentId"] in self.world.store.deployments:
                self.world.store.deployments.update(job.row, {"status": "cancelled"})
                if job.kind != "application-preview":
                    self._set_status(job, "idle")
        kept = [] if self.in_memory else self.waiting
        self.shutdown()
        self.waiting, self.down = kept, True
        delay = self.world.config.repeat_after
        if delay > 0 and not self.in_memory:
            self.stalled = interrupted
            self._later(seconds + delay, self._repeat)
        if seconds > 0:
            self._later(seconds, self._come_up)
        else:
            self._come_up()

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        self.timers.append(asyncio.get_running_loop().call_later(seconds, what))

    def _come_up(self) -> None:
        self.down = False
        self._pump()

    def _repeat(self) -> None:
        """Redis has noticed that no one works on these: they wait again, under their old ids."""
        for job in self.stalled:
            fresh = Job(job.number, job.id, job.kind, job.key, job.type, job.title, job.description, job.owner)
            fresh.server_id, fresh.timestamp = job.server_id, job.timestamp
            self.waiting.append(fresh)
        self.stalled = []
        self._pump()

    def shutdown(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        for timer in self.timers:
            timer.cancel()
        self.waiting, self.active, self.stalled, self.tasks, self.timers = [], [], [], {}, []

    def _pump(self) -> None:
        while (job := self._next()) is not None:
            self.waiting.remove(job)
            job.processed_on = int(time.time() * 1000)
            self.active.append(job)
            self.tasks[job.id] = asyncio.get_running_loop().create_task(self._run(job))

    def _next(self) -> Job | None:
        """The oldest job that may run now."""
        if self.down:
            return None
        if not self.in_memory:
            return self.waiting[0] if self.waiting and not self.active else None
        for job in self.waiting:
            beside = [other for other in self.active if other.server_id == job.server_id]
            if len(beside) < self.world.config.concurrency and all(other.group != job.group for other in beside):
                return job
        return None

    def _table(self, job: Job) -> Table:
        store = self.world.store
        return store.previews if job.kind == "application-preview" else store.services[job.kind]

    def _set_status(self, job: Job, status: str) -> None:
        row = self._table(job).get(job.key)
        if row is not None:
            row[STATUS_COLUMNS[job.kind]] = status

    def _snapshot(self, job: Job) -> Row | None:
        """What the build works on: later changes, even the deletion, do not reach it."""
        row = self._table(job).get(job.key)
        if row is None:
            return None
        if job.kind == "application-preview":
            return deepcopy(whole_preview(self.world.store, row))
        joined = whole_compose if job.kind == "compose" else whole
        return deepcopy(joined(self.world.store, row))

    async def _run(self, job: Job) -> None:
        try:
            await self._build(job)
        finally:
            if job in self.active:
                self.tasks.pop(job.id, None)
                self.active.remove(job)
                self._pump()

    async def _build(self, job: Job) -> None:
        store = self.world.store
        self._set_status(job, "running")
        await asyncio.sleep(self.world.config.row_delay)
        snapshot = self._snapshot(job)
        if snapshot is None:
            return
        job.host = snapshot.get("buildServerId") or snapshot["serverId"]
        row = job.row = self._start_row(job, snapshot)
        plan = self._plan(job, snapshot)
        self._keep_rollback(job, row, snapshot)
        if plan.clone:
            store.code.pop(snapshot["appName"], None)
            await self._say(job, plan.clone, plan.clone_seconds)
            if plan.has_branch:
                store.code[snapshot["appName"]] = "clone"
        job.killable = plan.killable
        await self._say(job, plan.lines, plan.seconds)
        job.killable = False
        result = "error" if job.killed else plan.result
        killed = compose_deployments.KILLED if job.kind == "compose" else KILLED
        deployments.write_log(store, row, killed if job.killed else plan.verdict)
        if result == "done":
            result = self._run_service(job, row, snapshot)
        await asyncio.sleep(SETTLE)
        if job.kind == "compose":
            # Its own status is the first to change (measured).
            self._set_status(job, result)
            await asyncio.sleep(SETTLE)
        deployments.change(store, row, {"status": result, "finishedAt": now()})
        if job.kind != "compose":
            await asyncio.sleep(SETTLE)
            self._set_status(job, result)
        # Before a commit replaces the title (source).
        ended = custom_notifications.deployment_ended
        await ended(self.world, job.kind, job.type, snapshot, row, result)
        if plan.commit and job.kind != "application-preview" and self.world.config.has("commit_titles"):
            await asyncio.sleep(SETTLE)
            message, commit = plan.commit
            deployments.change(store, row, {"title": message, "description": f"Commit: {commit}"})

    async def _say(self, job: Job, lines: list[str], seconds: float) -> None:
        """Write lines evenly over so long, the first one at once. What is left is written when the build is told to
        end, and not when it is killed."""
        loop, written = asyncio.get_running_loop(), 0
        begin = loop.time()
        while not job.killed:
            passed = loop.time() - begin
            over = passed >= seconds or job.ended.is_set()
            due = len(lines) if over else min(len(lines), int(passed / seconds * len(lines)) + 1)
            assert job.row is not None
            deployments.write_log(self.world.store, job.row, "".join(lines[written:due]))
            if over:
                return
            written = due
            at = seconds * due / len(lines) if due < len(lines) else seconds
            with suppress(TimeoutError):
                await asyncio.wait_for(job.ended.wait(), max(at - passed, SMALLEST_PAUSE))

    def _run_service(self, job: Job, row: Row, snapshot: Row) -> str:
        """The build is ready: now Docker runs it, or refuses to. The result of the deployment."""
        if job.kind == "compose":
            succeeded, log = compose_deployments.run(self.world, snapshot)
            deployments.write_log(self.world.store, row, log)
            return "done" if succeeded else "error"
        try:
            self.world.docker.images.prepare(snapshot)
            self.world.docker.deploy(snapshot)
        except DockerError as error:
            deployments.write_log(self.world.store, row, f"{error}{FAILED}")
            return "error"
        return "done"

    def _plan(self, job: Job, snapshot: Row) -> Plan:
        if job.kind == "compose":
            return compose_deployments.plan(self.world, snapshot, job.type)
        return self.world.build_outcomes.plan(self.world.store, snapshot, job.type)

    def _keep_rollback(self, job: Job, row: Row, snapshot: Row) -> None:
        """With a registry for it, every build of an image leaves a way back before it begins."""
        active = job.kind == "application" and snapshot["rollbackActive"] and snapshot["rollbackRegistryId"]
        if active and (snapshot["sourceType"] != "docker" or snapshot["dockerImage"]):
            rollbacks.create(self.world.store, row, snapshot)

    def _start_row(self, job: Job, service: Row) -> Row:
        values = {
            "title": job.title,
            "description": job.description,
            "logPath": deployments.log_path("/etc/dokploy/logs", service["appName"]),
            job.id_column: job.key,
        }
        if job.kind == "application":
            values["buildServerId"] = service["buildServerId"]
        # The log of a preview's build lacks the line's end (source).
        first_line = "Initializing deployment" + ("" if job.kind == "application-preview" else "\n")
        return deployments.start(self.world.store, job.id_column, values, first_line)

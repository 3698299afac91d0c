# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build queue in memory: first come, first served, a job's row only when a worker takes it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import deployments, previews, rollbacks
from .routers.joins import whole
from .spec import DockerError
from .store import Row, Table, now
from .world import FAILED, Plan

if TYPE_CHECKING:
    from .server import Server

SETTLE = 0.003
"""Between the end of the row, the service's own status and the new title lie a few milliseconds each."""


ID_COLUMNS = {"application": "applicationId", "compose": "composeId", "application-preview": "previewDeploymentId"}
STATUS_COLUMNS = {
    "application": "applicationStatus",
    "compose": "composeStatus",
    "application-preview": "previewStatus",
}


@dataclass
class Job:
    """``kind`` is Dokploy's applicationType; ``key`` the id of what is built; ``owner`` that of a preview's
    application."""

    id: str
    kind: str
    key: str
    type: str
    title: str
    description: str
    owner: str | None = None
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))
    processed_on: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    killed: bool = False
    plan: Plan | None = None
    row: Row | None = None

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
            "server": False,
        }


class Queue:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.waiting: list[Job] = []
        self.active: list[Job] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.cloned: set[str] = set()
        self.count = 0

    def add(self, kind: str, row: Row, type_: str, title: str, description: str) -> Job:
        """Queue a build of an application, a compose or a preview. Nothing is deduplicated or checked."""
        self.count += 1
        owner = row["applicationId"] if kind == "application-preview" else None
        job = Job(f"job-{self.count}", kind, row[ID_COLUMNS[kind]], type_, title, description, owner)
        self.waiting.append(job)
        self._pump()
        return job

    def jobs(self) -> list[Job]:
        """Newest first."""
        return sorted([*self.active, *self.waiting], key=lambda job: int(job.id[4:]), reverse=True)

    def clean(self, column: str, key: str) -> None:
        """Drop the waiting jobs of one service, its previews included; a running build is not touched."""
        self.waiting = [job for job in self.waiting if job.data().get(column) != key]

    def kill_builds(self) -> None:
        """``pkill -2 -f "docker build"``: every docker build on the host, whosever it is."""
        for job in self.active:
            if job.plan and job.plan.docker_build:
                job.killed = True
                job.ended.set()

    def finish(self) -> None:
        """End the running builds now, each as it was planned to end."""
        for job in self.active:
            job.ended.set()

    def restart(self) -> None:
        """The server goes down and comes up: the running row is cancelled, waiting jobs are lost."""
        for job in list(self.active):
            if job.row is not None and job.row["deploymentId"] in self.server.store.deployments:
                self.server.store.deployments.update(job.row, {"status": "cancelled"})
            if job.kind != "application-preview":
                self._set_status(job, "idle")
        self.shutdown()

    def shutdown(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        self.waiting, self.active, self.tasks = [], [], {}

    def _pump(self) -> None:
        while self.waiting and len(self.active) < self.server.config.concurrency:
            job = self.waiting.pop(0)
            job.processed_on = int(time.time() * 1000)
            self.active.append(job)
            self.tasks[job.id] = asyncio.get_running_loop().create_task(self._run(job))

    def _table(self, job: Job) -> Table:
        store = self.server.store
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
            return previews.application_of(self.server, row)
        return whole(self.server.store, row) if job.kind == "application" else dict(row)

    async def _run(self, job: Job) -> None:
        try:
            await self._build(job)
        finally:
            self.tasks.pop(job.id, None)
            if job in self.active:
                self.active.remove(job)
                self._pump()

    async def _build(self, job: Job) -> None:
        self._set_status(job, "running")
        await asyncio.sleep(self.server.config.row_delay)
        snapshot = self._snapshot(job)
        if snapshot is None:
            return
        row = job.row = self._start_row(job, snapshot)
        plan = job.plan = self._plan(job, snapshot)
        self._keep_rollback(job, row, snapshot)
        result = plan.result
        with suppress(TimeoutError):
            await asyncio.wait_for(job.ended.wait(), plan.seconds)
        if job.killed:
            result = "error"
            plan.log = (
                plan.log.replace("✅ Docker build completed.\n", "") + "ERROR: failed to build: context canceled\n"
            )
        if result == "done":
            result = self._run_service(job, snapshot, plan)
        deployments.write_log(self.server.store, row, plan.log)
        if job.type == "deploy" and plan.commit:
            self.cloned.add(snapshot["appName"])
        deployments.change(self.server.store, row, {"status": result, "finishedAt": now()})
        await asyncio.sleep(SETTLE)
        self._set_status(job, result)
        if plan.commit and job.kind == "application":
            await asyncio.sleep(SETTLE)
            message, commit = plan.commit
            deployments.change(self.server.store, row, {"title": message, "description": f"Commit: {commit}"})

    def _run_service(self, job: Job, snapshot: Row, plan: Plan) -> str:
        """The build is ready: now Docker runs it, or refuses to. The result of the deployment."""
        if job.kind == "compose":
            self.server.docker.deploy_stack(snapshot)
            return "done"
        try:
            self.server.docker.deploy(snapshot)
        except DockerError as error:
            plan.log += f"{error}{FAILED}"
            return "error"
        return "done"

    def _plan(self, job: Job, snapshot: Row) -> Plan:
        world = self.server.world
        if job.kind != "compose":
            return world.plan(self.server.store, snapshot, job.type, snapshot["appName"] in self.cloned)
        results = self.server.config.next_results
        result = results.pop(0) if results else "done" if snapshot["composeFile"] else "error"
        return Plan("Docker Compose Deployed: ✅\n" if result == "done" else "Error ❌\n", result, self._seconds())

    def _seconds(self) -> float:
        return self.server.config.build_seconds

    def _keep_rollback(self, job: Job, row: Row, snapshot: Row) -> None:
        """With a registry for it, every build of an image leaves a way back before it begins."""
        active = job.kind == "application" and snapshot["rollbackActive"] and snapshot["rollbackRegistryId"]
        if active and (snapshot["sourceType"] != "docker" or snapshot["dockerImage"]):
            rollbacks.create(self.server.store, row, snapshot)

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
        return deployments.start(self.server.store, job.id_column, values, first_line)

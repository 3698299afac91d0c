# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build queue in memory: first come, first served, a job's row only when a worker takes it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .store import Row, new_id, now
from .world import Plan

if TYPE_CHECKING:
    from .server import Server

KEPT = 10
"""A new deployment prunes its elders to ten, so eleven remain."""
SETTLE = 0.003
"""Between the end of the row, the service's own status and the new title lie a few milliseconds each."""


@dataclass
class Job:
    id: str
    kind: str
    key: str
    type: str
    title: str
    description: str
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))
    processed_on: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    killed: bool = False
    plan: Plan | None = None
    row: Row | None = None

    @property
    def id_column(self) -> str:
        return f"{self.kind}Id"

    def data(self) -> Row:
        return {
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
        """Queue a build of an application or compose. Nothing else is deduplicated or checked."""
        self.count += 1
        job = Job(f"job-{self.count}", kind, row[f"{kind}Id"], type_, title, description)
        self.waiting.append(job)
        self._pump()
        return job

    def jobs(self) -> list[Job]:
        """Newest first."""
        return sorted([*self.active, *self.waiting], key=lambda job: int(job.id[4:]), reverse=True)

    def clean(self, column: str, key: str) -> None:
        """Drop the waiting jobs of one service; a running build is not touched."""
        self.waiting = [job for job in self.waiting if (job.id_column, job.key) != (column, key)]

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

    def _service(self, job: Job) -> Row | None:
        return self.server.store.services[job.kind].get(job.key)

    def _set_status(self, job: Job, status: str) -> None:
        row = self._service(job)
        if row is not None:
            row["composeStatus" if job.kind == "compose" else "applicationStatus"] = status

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
        service = self._service(job)
        if service is None:
            return
        # The build works on what it read at its start: later changes, even the deletion, do not reach it.
        snapshot = dict(service)
        row = job.row = self._start_row(job, snapshot)
        plan = job.plan = self._plan(job, snapshot)
        result = plan.result
        with suppress(TimeoutError):
            await asyncio.wait_for(job.ended.wait(), plan.seconds)
        if job.killed:
            result = "error"
            plan.log = (
                plan.log.replace("✅ Docker build completed.\n", "") + "ERROR: failed to build: context canceled\n"
            )
        self.server.store.logs[row["deploymentId"]] = "Initializing deployment\n" + plan.log
        if job.type == "deploy" and plan.commit:
            self.cloned.add(snapshot["appName"])
        if result == "done":
            if job.kind == "application":
                self.server.docker.deploy(snapshot)
            else:
                self.server.docker.deploy_stack(snapshot)
        self._update_row(row, {"status": result, "finishedAt": now()})
        await asyncio.sleep(SETTLE)
        self._set_status(job, result)
        if plan.commit:
            await asyncio.sleep(SETTLE)
            message, commit = plan.commit
            self._update_row(row, {"title": message, "description": f"Commit: {commit}"})

    def _plan(self, job: Job, snapshot: Row) -> Plan:
        world = self.server.world
        if job.kind == "application":
            return world.plan(self.server.store, snapshot, job.type, snapshot["appName"] in self.cloned)
        results = self.server.config.next_results
        result = results.pop(0) if results else "done" if snapshot["composeFile"] else "error"
        return Plan("Docker Compose Deployed: ✅\n" if result == "done" else "Error ❌\n", result, self._seconds())

    def _seconds(self) -> float:
        return self.server.config.build_seconds

    def _update_row(self, row: Row, values: dict[str, Any]) -> None:
        if row["deploymentId"] in self.server.store.deployments:
            row.update(values)

    def _start_row(self, job: Job, service: Row) -> Row:
        store = self.server.store
        elders = store.deployments.of(job.id_column, job.key)
        for old in sorted(elders, key=lambda row: row["createdAt"], reverse=True)[KEPT:]:
            store.deployments.delete(old)
            store.logs.pop(old["deploymentId"], None)
        stamp, name = now(), service["appName"]
        log_path = f"/etc/dokploy/logs/{name}/{name}-{datetime.now(UTC).strftime('%Y-%m-%d:%H:%M:%S')}.log"
        deployment_id = new_id()
        store.logs[deployment_id] = "Initializing deployment\n"
        return store.deployments.insert(
            {
                "deploymentId": deployment_id,
                "title": job.title,
                "description": job.description,
                "status": "running",
                "logPath": log_path,
                "pid": None,
                "applicationId": job.key if job.kind == "application" else None,
                "composeId": job.key if job.kind == "compose" else None,
                "serverId": service["serverId"],
                "isPreviewDeployment": False,
                "previewDeploymentId": None,
                "createdAt": stamp,
                "startedAt": stamp,
                "finishedAt": None,
                "errorMessage": None,
                "scheduleId": None,
                "backupId": None,
                "rollbackId": None,
                "volumeBackupId": None,
                "buildServerId": service.get("buildServerId"),
            }
        )

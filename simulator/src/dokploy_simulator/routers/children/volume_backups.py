# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router volumeBackups."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from ...api.errors import internal
from ...api.services import SERVICES
from ...api.sql_errors import failed_insert, failed_update
from ...store import deployments
from ...store.joins import environment_with_project
from ...store.store import DEPLOYED, Row, generate_app_name, new_id, now
from ...store.volumes import Volume
from ...world import archives
from ...world.buckets import folder, notice
from ...world.docker import volume_data
from ..common import broken_keys, find, newest_first, pick_service, service_of
from ..procedures import UNDEFINED, Context, procedure

DEFAULTS: Row = {
    **dict.fromkeys(("volumeBackupId", "name", "volumeName", "prefix")),
    "serviceType": "application",
    "appName": None,
    "serviceName": None,
    "turnOff": False,
    **dict.fromkeys(("cronExpression", "keepLatestCount", "enabled")),
    **dict.fromkeys(("applicationId", "postgresId", "mariadbId", "mongoId", "mysqlId", "redisId", "libsqlId")),
    **dict.fromkeys(("composeId", "createdAt", "destinationId")),
}
COLUMNS = tuple(DEFAULTS)
UNKNOWN = "Volume backup not found"
PLACE, LOCK = "/etc/dokploy/volume-backups", "/etc/dokploy/volume-backup-lock"


def refused(ctx: Context, values: Row) -> bool:
    return broken_keys(ctx.store, values) or isinstance(values.get("keepLatestCount"), float)


@procedure("volumeBackups.create")
def create_volume_backup(ctx: Context, data: Row) -> Row:
    """The cron expression is not looked at; ``enabled`` stays null unless it was sent."""
    own = {"volumeBackupId": new_id(), "appName": generate_app_name("volumeBackup"), "createdAt": now()}
    given = {**own, **data}
    if refused(ctx, data):
        raise internal(failed_insert("volume_backup", COLUMNS, given))
    return dict(ctx.store.volume_backups.insert({**DEFAULTS, **ctx.drop("volumeBackups.create", given)}))


@procedure("volumeBackups.update")
def update_volume_backup(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN)
    if refused(ctx, {name: value for name, value in data.items() if name != "volumeBackupId"}):
        raise internal(failed_update("volume_backup", COLUMNS, data, "volumeBackupId", row["volumeBackupId"]))
    return dict(ctx.store.volume_backups.update(row, ctx.drop("volumeBackups.update", data)))


@procedure("volumeBackups.list")
def list_volume_backups(ctx: Context, data: Row) -> list[Row]:
    rows = newest_first(ctx.store.volume_backups.of(f"{data['volumeBackupType']}Id", data["id"]))
    kinds = [kind for kind in SERVICES if kind != "libsql" or ctx.has("libsql")]
    return [{**row, **{kind: service_of(ctx, kind, row) for kind in kinds}} for row in rows]


@procedure("volumeBackups.one")
def one_volume_backup(ctx: Context, data: Row) -> Row:
    """With the destination (without its keys) and the service it belongs to, which is slim for applications only."""
    store, row = ctx.store, find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN)
    result: Row = dict(row)
    for kind in SERVICES:
        service = store.services[kind].get(row[f"{kind}Id"] or "")
        joined = pick_service(store, kind, row) if kind == "application" else service
        home = {"environment": environment_with_project(store, service["environmentId"])} if service else {}
        result[kind] = {**joined, **home} if joined else None
    destination = store.destinations.rows[row["destinationId"]]
    hidden = ("accessKey", "secretAccessKey")
    result["destination"] = {name: value for name, value in destination.items() if name not in hidden}
    return result


@procedure("volumeBackups.delete")
def delete_volume_backup(ctx: Context, data: Row) -> object:
    if data["volumeBackupId"] in ctx.store.volume_backups.rows or ctx.has("unknown_volume_backups"):
        ctx.store.drop(ctx.store.volume_backups, find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN))
    return UNDEFINED


@procedure("volumeBackups.runManually")
async def run_volume_backup(ctx: Context, data: Row) -> object:
    """Empty in success and failure; only the deployment's row tells them apart."""
    row = find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN)
    values = {"title": "Volume Backup", "description": "Volume Backup", "volumeBackupId": row["volumeBackupId"]}
    values["logPath"] = deployments.log_path(PLACE, row["appName"])
    deployment = deployments.start(ctx.store, "volumeBackupId", values, "Initializing volume backup\n")
    succeeded, log = await _run(ctx, row)
    deployments.finish(ctx.store, deployment, "done" if succeeded else "error", log)
    return UNDEFINED


async def _run(ctx: Context, row: Row) -> tuple[bool, str]:
    """Whether the file is in the bucket now, and what the log says."""
    store = ctx.store
    services = {kind: store.services[kind].get(row[f"{kind}Id"] or "") for kind in SERVICES}
    kind, service = next(((kind, row_of_kind) for kind, row_of_kind in services.items() if row_of_kind), ("", None))
    above = service["appName"] if service else row["appName"]
    if kind == "compose" and row["serviceName"]:
        above += f"_{row['serviceName']}"
    if not row["turnOff"]:
        return await _saved(ctx, row, kind, service, above)
    if row["serviceType"] not in DEPLOYED:
        # The server makes no command of it.
        return False, "/bin/sh: 1: undefined: not found\n"
    async with ctx.instance.volume_locks[above]:
        off, start, failed = await _turned_off(ctx, service or row, above, row["serviceName"] or "")
        lock = f"Waiting for volume backup lock: {LOCK}-{above}\nVolume backup lock acquired\n"
        if failed:
            return False, lock + off + failed
        succeeded, log = await _saved(ctx, row, kind, service, above, start)
        return succeeded, f"{lock}{off}{log}{'Volume backup lock released' if succeeded else ''}\n"


Start = Callable[[], str]
"""Starts what was turned off, and returns what the log says of it."""


async def _saved(
    ctx: Context, row: Row, kind: str, service: Row | None, above: str, start: Start = str
) -> tuple[bool, str]:
    """The tar file and its upload. When tar fails, nothing is started again (measured)."""
    name, base = f"{row['volumeName']}-{ctx.instance.buckets.file_time()}.tar", f"{above}/{folder(row['prefix'])}"
    log = (
        f"Volume name: {row['volumeName']}\nBackup file name: {name}\n"
        f"Turning off volume backup: {'Yes' if row['turnOff'] else 'No'}\nStarting volume backup\n"
        f"Dir: {PLACE}/{row['appName']}\n"
    )
    content = _packed(ctx, kind, service, row["volumeName"])
    lines = archives.listed(content)
    await asyncio.sleep(ctx.instance.config.backup_seconds)
    if ctx.instance.is_written(row["volumeName"]):
        return False, f"{log}./\ntar: {lines[-1]}: file changed as we read it\n"
    if archives.size(name, content) > ctx.instance.free_bytes():
        full = f"tar: /backup/{name}: Cannot write: No space left on device\n"
        return False, f"{log}./\n{full}tar: Error is not recoverable: exiting now\n"
    packed = "".join(f"{line}\n" for line in lines)
    log += f"{packed}Volume backup done ✅\n{start()}Starting upload to S3...\n{notice()}"
    destination = ctx.store.destinations.rows[row["destinationId"]]
    reach = await ctx.instance.buckets.tried(destination)
    if reach.problem:
        return False, log + reach.failed_upload(name)
    ctx.instance.buckets.of(destination)[base + name] = content
    ctx.instance.buckets.keep(
        destination, base, row["keepLatestCount"], re.compile(rf"{re.escape(row['volumeName'])}-.*\.tar")
    )
    return True, f"{log}Upload to S3 done ✅\nCleaning up local backup file...\nLocal backup file cleaned up ✅\n"


def _packed(ctx: Context, kind: str, service: Row | None, volume: str) -> str:
    """The tar file of a volume. That of a database on a remote server is looked for on Dokploy's own host, where Docker
    makes an empty one (source: only applications and stacks have their server looked up)."""
    if kind not in DEPLOYED and service and service["serverId"]:
        return archives.tar(Volume())
    return archives.tar(volume_data.read(ctx.instance.docker, ctx.store, volume))


async def _turned_off(ctx: Context, owner: Row, name: str, inside: str) -> tuple[str, Start, str]:
    """A swarm service is scaled to nothing, or a container of a compose is stopped: what the log says, what starts it
    again, and why that will not be, or nothing. The number of replicas is read behind the lock, so that the second of
    two backups takes the nothing for it that a failed first one has left (measured)."""
    docker = ctx.instance.docker
    await asyncio.sleep(2 * ctx.instance.config.scale_seconds)
    if owner.get("composeType") == "docker-compose":
        running = [item for item in docker.projects.of(owner["appName"], inside) if item.state == "running"]
        if not running:
            return "Stopping compose container\n", str, '"docker stop" requires at least 1 argument.\n'
        ids = "".join(f"{item.id[:12]}\n" for item in running)
        for item in running:
            item.become("exited")

        def start_containers() -> str:
            for item in running:
                item.become("running")
            return f"Starting compose container\n{ids}Compose container started\n"

        return f"Stopping compose container\n{ids}", start_containers, ""
    what = "compose" if "composeType" in owner else "application"
    below = f"Stopping {what} to 0 replicas\n" + (f"Service name: {name}\n" if what == "compose" else "")
    service = docker.services.get(name)
    if service is None:
        return below, str, f"Error: No such object: {name}\n"
    count = service.replicas
    docker.scale(name, 0)
    below += f"Actual replicas: {count}\n{name}\n"
    if count and ctx.instance.config.linger_seconds:
        # Docker has converged before the container has ended. What scales it up again comes after the tar (measured).
        return below, str, "tar: ./f: file changed as we read it\n"
    verify = f"verify: Waiting 5 seconds to verify that tasks are stable...\nverify: Service {name} converged\n"

    def scale_up() -> str:
        docker.scale(name, count)
        up = f"overall progress: 0 out of {count} tasks\noverall progress: {count} out of {count} tasks\n"
        return f"Starting {what} to {count} replicas\n{name}\n{up}{verify}"

    return f"{below}overall progress: 0 out of 0 tasks\n{verify}", scale_up, ""

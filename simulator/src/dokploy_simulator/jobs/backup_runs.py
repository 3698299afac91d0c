# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup reads and a restore writes: the container of a database or of a service of a compose stack."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ..store import deployments
from ..store.store import Row, now
from ..world import archives, backup_commands
from ..world.buckets import flags, folder, notice
from ..world.docker import volume_data
from ..world.world import World

LOGS = "/etc/dokploy/logs"
KINDS = ("postgres", "mysql", "mariadb", "mongo", "libsql")
TITLES = {"mysql": "MySQL Backup", "mariadb": "MariaDB Backup", "mongo": "MongoDB Backup"}
DUMPED = re.compile(r".*\.(sql|bson)\.gz|.*\.zip")
REACH = {
    "pg_dump": 'connection to server at "localhost" (127.0.0.1), port 5432 failed',
    "pg_restore": 'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed',
}


@dataclass(frozen=True)
class Place:
    """Where the data is: ``container`` is None when nothing runs, ``search`` the command that looks for it.

    ``row``: the database, or the compose; ``volume``: what holds the data; ``login``: what the engine in it has been
    initialised with, where that is known."""

    kind: str
    row: Row
    container: str | None
    volume: str
    search: str
    in_compose: bool = False
    login: Row | None = None

    def has(self, database: str) -> bool:
        """Whether the engine has this database; that of a stack has any that is not ``missing``."""
        if self.in_compose or self.kind == "mongo":
            return "missing" not in database
        known = self.login if self.login and "databaseName" in self.login else self.row
        return bool(database == known.get("databaseName", "iku.db"))

    def refusal(self, program: str, database: str, credentials: Row) -> str:
        """What the engine says to a client in its container, or nothing. A data volume of PostgreSQL keeps the user and
        the database of its origin (measured); a password is asked for by the others only.

        :param program: pg_dump or pg_restore.
        """
        login = self.login or credentials
        if self.kind == "postgres":
            user = credentials.get("databaseUser")
            if user != login.get("databaseUser"):
                return f'{program}: error: {REACH[program]}: FATAL:  role "{user}" does not exist\n'
            if not self.has(database):
                return f'{program}: error: {REACH[program]}: FATAL:  database "{database}" does not exist\n'
        elif self.kind in ("mysql", "mariadb"):
            user, secret = credentials.get("databaseUser"), "databasePassword"
            if self.kind == "mysql":
                user, secret = "root", "databaseRootPassword"
            if credentials.get(secret) != login.get(secret):
                return f"ERROR 1045 (28000): Access denied for user '{user}'@'localhost' (using password: YES)\n"
            if not self.has(database):
                return f"ERROR 1049 (42000): Unknown database '{database}'\n"
        return ""


def of_database(world: World, kind: str, row: Row) -> Place:
    volume = volume_data.of_database(world.store, kind, row)
    search = backup_commands.service_container(row["appName"])
    login = world.store.volumes[volume].login if volume in world.store.volumes else None
    return Place(kind, row, world.docker.running_container(row["appName"]), volume, search, login=login)


def of_compose(world: World, row: Row, kind: str, service: str) -> Place:
    container, volume = volume_data.of_service(world.docker, row, service)
    search = backup_commands.compose_container(row, service)
    return Place(kind, row, container, volume, search, in_compose=True)


def still_runs(world: World, place: Place) -> bool:
    """Whether the container is there that was found before."""
    tasks = (task for service in world.docker.services.values() for task in service.running())
    containers = [item.id for item in world.docker.projects.containers.values() if item.state == "running"]
    return place.container in (*(task.container for task in tasks), *containers)


def clock() -> str:
    """As ``date`` prints it."""
    return datetime.now(UTC).strftime("[%a %b %e %H:%M:%S UTC %Y]")


class BackupFailed(Exception):
    """A run that failed; the argument is the script, for what shows it."""


async def run(world: World, backup: Row, place: Place) -> None:
    """Back up and upload, with a deployment row. Raises ``BackupFailed``."""
    title = "Compose Backup" if place.in_compose else TITLES.get(place.kind, "Initializing Backup")
    deployment = start(world, backup, title)
    database, destination = backup["database"], world.store.destinations.rows[backup["destinationId"]]
    above = f"{place.row['appName']}_{backup['serviceName']}" if backup["serviceName"] and place.in_compose else ""
    base = f"{above or place.row['appName']}/{folder(backup['prefix'])}"
    path = f"{base}{world.buckets.file_time()}.{'bson' if place.kind == 'mongo' else 'sql'}.gz"
    known = place.row if not place.in_compose else metadata_of(backup) or {}
    user = known.get("databaseUser") or ""
    script = backup_commands.backup_script(place.search, user, database, destination, path, deployment["logPath"])
    log = f"{clock()} Starting backup process...\n{clock()} Executing backup command...\n"
    failed, content = "", ""
    if place.container is None:
        failed = f"{clock()} ❌ Error: Container not found\n"
    else:
        log += f"{clock()} Container Up: {place.container[:12]}\n{clock()} Starting backup and upload to S3...\n"
        # The dump is of one moment, its beginning (measured).
        content = archives.dump(place.kind, volume_data.written(world.store, place.volume))
        await asyncio.sleep(world.config.backup_seconds)
        reach = await world.buckets.tried(destination)
        why = ""
        if (place.in_compose and metadata_of(backup) is None) or backup["databaseType"] != place.kind:
            why = "/bin/bash: line 17: null: command not found\n" + notice()
        elif refusal := place.refusal("pg_dump", database, known):
            why = refusal + notice()
        elif reach.problem:
            why = f"{notice()}{reach.failed_upload(path)}"
        failed = f"{clock()} ❌ Error: Backup failed\nError: {why}" if why else ""
    if failed:
        deployments.finish(world.store, deployment, "error", log + failed)
        raise BackupFailed(script)
    world.buckets.of(destination)[path] = content
    log += f"{clock()} ✅ Backup uploaded to S3 successfully\nBackup done ✅\n"
    deployments.finish(world.store, deployment, "done", log)
    world.buckets.keep(destination, base, backup["keepLatestCount"], DUMPED)


def metadata_of(backup: Row) -> Row | None:
    """The credentials for a stack's own database, as the backup has them."""
    metadata = backup["metadata"]
    credentials = metadata.get(backup["databaseType"]) if isinstance(metadata, dict) else None
    return credentials if isinstance(credentials, dict) else None


def start(world: World, backup: Row, title: str) -> Row:
    values = {"title": title, "description": title, "backupId": backup["backupId"]}
    values["logPath"] = deployments.log_path(LOGS, backup["appName"])
    return deployments.start(world.store, "backupId", values, "Initializing backup\n")


async def run_web_server(world: World, backup: Row) -> str:
    """Back up Dokploy itself; why it failed, or nothing."""
    deployment = start(world, backup, "Web Server Backup")
    destination = world.store.destinations.rows[backup["destinationId"]]
    if not world.config.own_database:
        deployments.finish(world.store, deployment, "error", "Dokploy postgres container not found❌\n")
        return "Dokploy postgres container not found"
    name, base = f"webserver-backup-{world.buckets.file_time()}.zip", f"{backup['appName']}/{folder(backup['prefix'])}"
    content, work = f"dokploy {now()}", "/tmp/dokploy-backup-0SZ9Dq"
    log = (
        "Dokploy postgres container ID: 07b8d206a1f2\n\n"
        "Running dump command: docker exec 07b8d206a1f2 pg_dump -v -Fc -U dokploy -d dokploy -f /tmp/database.sql\n"
        f"Copying database dump: docker cp 07b8d206a1f2:/tmp/database.sql {work}/database.sql\n"
        "Cleaning up temp file: docker exec 07b8d206a1f2 rm -f /tmp/database.sql\n"
        "Copied filesystem to temp directory\n"
        + ("Included encryption key in backup\n" if backup["includeEncryptionKey"] else "")
        + f"Zipped database and filesystem\nBackup size: {len(content)} bytes\n"
        "Running command to upload backup to S3\n"
    )
    reach = await world.buckets.tried(destination)
    if reach.problem:
        command = f'rclone copyto {flags(destination)} "{work}/{name}" ":s3:{destination["bucket"]}/{base}{name}"'
        why = f"Command execution failed: Command failed: {command}\n{notice()}{reach.failed_upload(name)}"
        deployments.finish(world.store, deployment, "error", f"{log}Backup error❌\n{why}\n")
        return why
    world.buckets.of(destination)[base + name] = content
    deployments.finish(world.store, deployment, "done", log + "Uploaded backup to S3 ✅\n")
    world.buckets.keep(destination, base, backup["keepLatestCount"], DUMPED)
    return ""

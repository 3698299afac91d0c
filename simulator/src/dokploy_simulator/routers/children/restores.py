# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subscriptions that restore a database or a volume from a file of a bucket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ...api.errors import ProcedureError
from ...jobs import backup_runs
from ...jobs.backup_runs import Place
from ...store.store import Row
from ...store.volumes import Volume
from ...world import archives
from ...world.backup_commands import restore_script
from ...world.buckets import notice, stamp
from ...world.docker import volume_data
from ..common import find
from ..procedures import Context, subscription

TITLES = {"postgres": "Postgres", "mysql": "MySql", "mariadb": "Mariadb", "mongo": "Mongo", "libsql": "Libsql"}
UNKNOWN_DESTINATION = "Destination not found"
NO_CONTAINER = "Error response from daemon: No such container: sh\n"
SHORT = "\ngzip: stdin: unexpected end of file\npg_restore: error: input file is too short (read 0, expected 5)\n"
TAR_FAILS = "\ngzip: stdin: unexpected end of file\ntar: Child returned status 1\n" + (
    "tar: Error is not recoverable: exiting now\n"
)
# What the engines say of a file that is empty, as one that does not exist is to them. The client programs of MySQL and
# MariaDB take it for nothing to do.
NO_FILE = {
    "postgres": SHORT,
    "mongo": "gzip: {name}: No such file or directory\n",
    "libsql": TAR_FAILS,
}
# What they say of a file that is another; that of PostgreSQL was measured.
OTHER_FILE = {
    "postgres": "pg_restore: error: input file does not appear to be a valid archive\n",
    "mongo": "Failed: stream or file does not appear to be a mongodump archive\n",
    "libsql": "gzip: stdin: not in gzip format\ntar: Child returned status 1\n"
    "tar: Error is not recoverable: exiting now\n",
}
# What they say of a file that ends too early.
CUT_FILE = {
    "postgres": "pg_restore: error: could not read from input file: end of file\n",
    **dict.fromkeys(
        ("mysql", "mariadb"),
        "ERROR 1064 (42000) at line 45: You have an error in your SQL syntax; check the manual that corresponds to "
        "your MariaDB server version for the right syntax to use near '' at line 125\n",
    ),
    "mongo": "Failed: corruption found in archive; 858927154 is neither a valid bson length nor a archive terminator\n",
    "libsql": TAR_FAILS,
}
# What they say while their first set-up has not made the database; that of PostgreSQL was measured.
EARLY = {
    "postgres": 'pg_restore: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
    'FATAL:  database "{database}" does not exist\n',
    **dict.fromkeys(("mysql", "mariadb"), "ERROR 1049 (42000): Unknown database '{database}'\n"),
}
# What they say when their container is killed meanwhile, when another one restores into the same database, and when
# the disk is full: the first two are measured.
KILLED = {
    "postgres": "pg_restore: error: could not execute query: server closed the connection unexpectedly\n",
    **dict.fromkeys(("mysql", "mariadb"), "ERROR 2013 (HY000) at line 45: Lost connection to server during query\n"),
}
CONCURRENT = "pg_restore: error: could not execute query: ERROR:  tuple concurrently updated\n"
DISK_FULL = {
    "postgres": "pg_restore: error: COPY failed: ERROR:  could not extend file: No space left on device\n",
    **dict.fromkeys(("mysql", "mariadb"), "ERROR 1114 (HY000) at line 45: The table is full\n"),
}
DEFINER = (
    "ERROR 1227 (42000) at line 71: Access denied; you need (at least one of) the SUPER, SET USER privilege(s) for "
    "this operation\n"
)


def cut_download(name: str) -> str:
    """What rclone and gzip say of a download that breaks off."""
    sent = f"{stamp()} ERROR : {name}: Failed to send to output: unexpected EOF\n"
    return f"{sent}{stamp()} Failed to cat: unexpected EOF\n\ngzip: stdin: unexpected end of file\n"


@subscription("backup.restoreBackupWithLogs")
async def restore_backup(ctx: Context, data: Row) -> AsyncIterator[str]:
    """The effect is what the last words say, but for MySQL and MariaDB with a file that is not there."""
    destination = find(ctx.store.destinations, data["destinationId"], UNKNOWN_DESTINATION)
    kind, in_compose = data["databaseType"], data["backupType"] == "compose"
    if kind == "web-server":
        raise ProcedureError("NOT_IMPLEMENTED", "the simulator does not restore itself")
    row = ctx.store.services["compose" if in_compose else kind].get(data["databaseId"])
    if row is None:
        yield f"Error: {'Compose' if in_compose else TITLES[kind]} not found"
        return
    metadata: Row = data.get("metadata") or {}
    if in_compose:
        place = backup_runs.of_compose(ctx.instance, row, kind, metadata.get("serviceName") or "")
        credentials = metadata.get(kind) or {}
    else:
        place, credentials = backup_runs.of_database(ctx.instance, kind, row), row
    database, path = data["databaseName"], data["backupFile"]
    yield "Starting restore..."
    what = "libsql" if kind == "libsql" and not in_compose else f"database: {database}"
    yield f"Restoring {what} from {path}"
    why = await _restored(ctx, place, database, destination, path, credentials)
    if why:
        script = restore_script(kind, place.search, credentials, database, destination, path)
        for _twice in range(2):
            yield f"Error: Command execution failed: Command failed: {script}\n{why}"
        return
    yield "Restore completed successfully!"


async def _restored(ctx: Context, place: Place, database: str, destination: Row, path: str, known: Row) -> str:
    """Restore, or what the command says when it fails. ``known``: the credentials that it uses."""
    if place.container is None:
        return NO_CONTAINER + notice()
    world = ctx.instance
    reach = await world.buckets.tried(destination)
    content = None if reach.problem else world.buckets.of(destination).get(path)
    if world.config.early_restores and place.kind in EARLY:
        world.config.early_restores -= 1
        return notice() + EARLY[place.kind].format(database=database)
    refusal = place.refusal("pg_restore", database, known)
    if refusal:
        return notice() + refusal
    said, name = notice(), path.rpartition("/")[2]
    if content is not None and "breaks" in destination["endpoint"]:
        content, said = archives.cut(content), said + cut_download(name)
    full = len(content or "") > world.free_bytes()
    if content is not None and full:
        content = archives.cut(content)
    data, own = volume_data.written(ctx.store, place.volume), object()
    world.restoring[place.volume] = own
    try:
        await asyncio.sleep(world.config.restore_seconds)
    except asyncio.CancelledError:
        # What runs in Dokploy's container ends with it, as if that of the database had been killed.
        archives.interrupt(place.kind, data, content)
        world.restoring.pop(place.volume, None)
        raise
    overtaken = world.restoring.get(place.volume) is not own
    if not overtaken:
        del world.restoring[place.volume]
    if not backup_runs.still_runs(world, place):
        archives.interrupt(place.kind, data, content)
        return said + KILLED.get(place.kind, "unexpected EOF\n")
    if overtaken and place.kind == "postgres":
        return said + CONCURRENT
    user = known.get("databaseUser") or ""
    why = archives.load(place.kind, data, content, "root" if place.kind == "mysql" else user, user)
    if full:
        return said + DISK_FULL.get(place.kind, "write error: No space left on device\n")
    words = {"missing": NO_FILE, "foreign": OTHER_FILE, "cut": CUT_FILE}
    return f"{said}{DEFINER if why == 'definer' else words[why][place.kind].format(name=name)}" if why else ""


@subscription("volumeBackups.restoreVolumeBackupWithLogs")
async def restore_volume(ctx: Context, data: Row) -> AsyncIterator[str]:
    """An existing volume is removed before the download, so that a file that is not there loses its data."""
    destination = find(ctx.store.destinations, data["destinationId"], UNKNOWN_DESTINATION)
    yield "🚀 Starting volume restore process..."
    yield f"📂 Backup File: {data['backupFileName']}"
    yield f"🔧 Volume Name: {data['volumeName']}"
    yield f"🏷️ Service Type: {data['serviceType']}"
    yield ""
    row = ctx.store.services[data["serviceType"]].get(data["id"])
    succeeded = False
    if row is not None:
        yield "📋 Generated restore command:"
        yield "▶️ Executing restore..."
        yield ""
        yield "🖥️ Executing on local server"
        if data["serviceType"] == "application":
            yield f"=== VOLUME RESTORE FOR APPLICATION ===\nApplication: {row['appName']}\n"
        else:
            about = f"Compose: {row['appName']}\nCompose Type: {row['composeType']}\n"
            yield f"=== VOLUME RESTORE FOR COMPOSE ===\n{about}"
        async for line in _volume_lines(ctx, destination, data["volumeName"], data["backupFileName"]):
            yield line
            succeeded = line == RESTORED
    yield ""
    if succeeded:
        yield "✅ Volume restore completed successfully!"
        yield "🎉 All containers/services have been restarted with the restored volume."
    else:
        yield "❌ Volume restore failed!"


RESTORED = "Volume restore completed ✅\n"


async def _volume_lines(ctx: Context, destination: Row, volume: str, path: str) -> AsyncIterator[str]:
    """What the command prints, in the pieces in which it does."""
    store, docker = ctx.store, ctx.instance.docker
    about = (
        f"Volume name: {volume}\nBackup file name: {path}\n"
        f"Volume backup path: /etc/dokploy/volume-backups/{volume}\nDownloading backup from S3...\n"
    )
    if not volume_data.exists(docker, store, volume):
        yield f"Volume exists: 0\nVolume doesn't exist, proceeding with direct restore\n{about}"
    else:
        yield "Volume exists: 1\nVolume exists, checking for containers using it (including stopped ones)...\n"
        users = list(volume_data.users(docker, volume))
        if users:
            for line in _in_use(volume, users):
                yield line
            return
        yield "Volume exists but no containers are using it\nRemoving existing volume and proceeding with restore\n"
        store.volumes.pop(volume, None)
        yield f"{volume}\n"
        yield about
    yield notice()
    await asyncio.sleep(ctx.instance.config.restore_seconds)
    reach = await ctx.instance.buckets.tried(destination)
    if reach.problem:
        yield reach.failed_upload(path.rpartition("/")[2])
        return
    content = ctx.instance.buckets.of(destination).get(path)
    free, size = ctx.instance.free_bytes(), archives.size(path, content or "")
    if content is not None and size > free:
        target = f"/etc/dokploy/volume-backups/{volume}/{path}"
        yield f"{stamp()} Failed to copyto: write {target}: no space left on device\n"
        return
    yield "Download completed ✅\nCreating new volume and restoring data...\n"
    data = store.volumes[volume] = Volume()
    if content is None:
        lost = f"tar: /backup/{path}: Cannot open: No such file or directory\n"
        yield f"{lost}tar: Error is not recoverable: exiting now\n"
        return
    # It stays there for ever (measured).
    store.kept_archives[f"{volume}/{path}"] = size
    if 2 * size > free:
        archives.unpack(data, archives.cut(content))
        yield "tar: ./f: Cannot write: No space left on device\ntar: Exiting with failure status\n"
        return
    extracted = archives.unpack(data, content)
    names = "".join(f"{name}\n" for name in archives.listed(content)) if extracted or not data.is_empty else ""
    if not extracted:
        why = "Unexpected EOF in archive" if names else "This does not look like a tar archive"
        yield f"{names}tar: {why}\ntar: Error is not recoverable: exiting now\n"
        return
    yield names
    yield RESTORED


def _in_use(volume: str, users: list[volume_data.User]) -> list[str]:
    """The refusal: one piece up to each container's state, the rest in the next one."""
    pieces, before = (
        [],
        (
            "\n⚠️  WARNING: Cannot restore volume as it is currently in use!\n\n"
            f"📋 The following containers are using volume '{volume}':\n\n"
        ),
    )
    for user in users:
        pieces.append(f"{before}   🐳 Container: {user.name} ({user.id[:12]})\n      Status: {user.state}\n")
        before = f"      Type: {user.kind}\n\n"
    pieces.append(
        f"{before}\n🔧 To restore this volume, please:\n   1. Stop all containers/services using this volume\n"
        f"   2. Remove the existing volume: docker volume rm {volume}\n   3. Run the restore operation again\n\n"
        "❌ Volume restore aborted - volume is in use\n"
    )
    return pieces

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router backup: of databases, of services of compose stacks and of Dokploy itself."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from ...api.errors import bad_request, internal
from ...api.release_columns import later
from ...api.sql_errors import refused_insert, refused_update
from ...jobs import backup_runs
from ...jobs.backup_runs import KINDS, BackupFailed, Place
from ...store.accounts import account, visible
from ...store.joins import deployments_of, destination_of
from ...store.store import Row, Store, generate_app_name, new_id
from ...world.buckets import flags, quoted
from ..common import broken_keys, find, newest_first
from ..procedures import UNDEFINED, Context, procedure

DEFAULTS: Row = {
    **dict.fromkeys(("backupId", "appName", "schedule", "enabled", "database", "prefix", "serviceName")),
    **dict.fromkeys(("destinationId", "keepLatestCount")),
    "includeEncryptionKey": True,
    "backupType": "database",
    "databaseType": None,
    **dict.fromkeys(("composeId", "postgresId", "mariadbId", "mysqlId", "mongoId", "libsqlId", "userId", "metadata")),
}
COLUMNS = tuple(DEFAULTS)
UNKNOWN = "Backup not found"
# Verb of the procedure -> kind, and the words of a failure without a reason, if that is all it says.
MANUAL = {
    "Postgres": ("postgres", ""),
    "MySql": ("mysql", "Error running manual MySQL backup "),
    "Mariadb": ("mariadb", "Error running manual Mariadb backup "),
    "Mongo": ("mongo", "Error running manual Mongo backup "),
    "Libsql": ("libsql", "Error running manual Libsql backup "),
    "Compose": ("compose", "Error running manual Compose backup "),
}


def find_backup(ctx: Context, data: Row) -> Row:
    return find(ctx.store.backups, data["backupId"], UNKNOWN, bad_request)


def user_backups(store: Store, user_id: str) -> list[Row]:
    """Those of Dokploy itself, with the keys of their destinations."""
    return [
        {**row, "destination": store.destinations.rows[row["destinationId"]], "deployments": deployments_of(store, row)}
        for row in store.backups.of("userId", user_id)
    ]


def first_broken(ctx: Context, values: Row) -> str:
    return next((name for name, value in values.items() if not ctx.store.exists(name, value)), "")


@procedure("backup.create")
def create_backup(ctx: Context, data: Row) -> object:
    """Nothing but the foreign keys is checked, and the answer tells no ID."""
    given = {"backupId": new_id(), "appName": generate_app_name("backup"), **data}
    if broken_keys(ctx.store, data):
        broken = first_broken(ctx, data)
        lacking = later("backupId", ctx.instance.config.version)
        columns = [column for column in COLUMNS if column not in lacking]
        raise bad_request(refused_insert(ctx.has("raw_sql"), "backup", columns, given, broken))
    ctx.store.backups.insert({**DEFAULTS, **ctx.drop("backup.create", given)})
    return UNDEFINED


@procedure("backup.one")
def one_backup(ctx: Context, data: Row) -> Row:
    """With the complete row of its database or compose, passwords included."""
    row = find(ctx.store.backups, data["backupId"], UNKNOWN)
    joined = {kind: ctx.store.services[kind].get(row[f"{kind}Id"] or "") for kind in (*KINDS, "compose")}
    compose = joined.pop("compose")
    return {**row, **joined, "destination": destination_of(ctx.store, row), "compose": compose}


@procedure("backup.update")
def update_backup(ctx: Context, data: Row) -> object:
    """The parent cannot change; an absent ``includeEncryptionKey`` is kept, null makes it false."""
    row = find_backup(ctx, data)
    if broken_keys(ctx.store, data):
        raw, where = ctx.has("raw_sql"), {"backupId": row["backupId"]}
        raise bad_request(refused_update(raw, "backup", COLUMNS, data, where, first_broken(ctx, data)))
    ctx.store.backups.update(row, ctx.drop("backup.update", data))
    return UNDEFINED


@procedure("backup.remove")
def remove_backup(ctx: Context, data: Row) -> Row:
    return dict(ctx.store.drop(ctx.store.backups, find_backup(ctx, data)))


@procedure("backup.listBackupFiles")
async def list_files(ctx: Context, data: Row) -> list[Row]:
    destination = find(ctx.store.destinations, data["destinationId"], "Destination not found", bad_request)
    if data.get("serverId") and data["serverId"] not in ctx.store.servers:
        raise bad_request("Server not found")
    reach = await ctx.instance.buckets.tried(destination)
    if reach.problem:
        base = data["search"].rpartition("/")[0].strip("/")
        source = quoted(f":s3:{destination['bucket']}{f'/{base}/' if base else ''}")
        command = f"rclone lsjson {flags(destination)} {source} --no-mimetype --no-modtime 2>/dev/null"
        raise bad_request(f"Command execution failed: Command failed: {command}\n")
    return ctx.instance.buckets.listed(destination, data["search"])


def place_of(ctx: Context, row: Row, kind: str) -> Place | None:
    service = ctx.store.services[kind].get(row[f"{kind}Id"] or "")
    if service is None:
        return None
    if kind != "compose":
        return backup_runs.of_database(ctx.instance, kind, service)
    # A backup that is not of the type compose looks for a database's container, and there is none.
    name = row["serviceName"] if row["backupType"] == "compose" else ""
    return backup_runs.of_compose(ctx.instance, service, row["databaseType"], name or "")


def _register(verb: str, kind: str, words: str) -> None:
    @procedure(f"backup.manualBackup{verb}")
    async def manual(ctx: Context, data: Row) -> bool:
        """Blocks until the file is uploaded."""
        row = ctx.store.backups.get(data["backupId"])
        if row is None:
            raise bad_request(words or UNKNOWN)
        place = place_of(ctx, row, kind)
        if place is None:
            raise bad_request(words or "Postgres not found")
        try:
            await backup_runs.run(ctx.instance, row, place)
        except BackupFailed as failure:
            raise bad_request(words or f"Command execution failed: Command failed: {failure}\n") from None
        return True


for _verb, (_kind, _words) in MANUAL.items():
    _register(_verb, _kind, _words)


@procedure("backup.manualBackupWebServer")
async def manual_web_server(ctx: Context, data: Row) -> bool:
    row = find(ctx.store.backups, data["backupId"], UNKNOWN)
    problem = await backup_runs.run_web_server(ctx.instance, row)
    if problem:
        raise internal(problem)
    return True


@procedure("user.getBackups")
def get_backups(ctx: Context, _data: Row) -> Row:
    """The user, with the backups of Dokploy itself and all API keys; ``key`` is a hash."""
    user = ctx.store.users.rows[ctx.identity.user_id]
    secrets: dict[str, Any] = {row["id"]: secret for secret, row in ctx.store.keys_by_secret.items()}
    keys = [row for row in newest_first(ctx.store.api_keys) if row["referenceId"] == user["id"]]
    rows = [
        {**visible(row), "metadata": json.dumps({"organizationId": row["_organizationId"]}, separators=(",", ":"))}
        for row in keys
    ]
    return {
        **account(user),
        "backups": user_backups(ctx.store, user["id"]),
        "apiKeys": [{**row, "key": hashed(secrets.get(row["id"], ""))} for row in rows],
    }


def hashed(secret: str) -> str:
    """As better-auth stores a key: SHA-256 in base64url without padding."""
    digest = hashlib.sha256(secret.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

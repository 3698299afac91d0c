# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router volumeBackups."""

from __future__ import annotations

from .. import deployments
from ..errors import internal
from ..sql_errors import failed_insert, failed_update
from ..store import SERVICES, Row, generate_app_name, new_id, now
from . import UNDEFINED, Context, procedure
from .common import broken_keys, find, newest_first, pick_service
from .joins import environment_with_project

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
PLACE = "/etc/dokploy/volume-backups"


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
    return [{**row, **{kind: pick_service(ctx.store, kind, row) for kind in SERVICES}} for row in rows]


@procedure("volumeBackups.one")
def one_volume_backup(ctx: Context, data: Row) -> Row:
    """With the destination (without its keys) and the service it belongs to, which is slim for applications only."""
    store, row = ctx.store, find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN)
    result: Row = dict(row)
    for kind in SERVICES:
        service = store.services[kind].get(row[f"{kind}Id"] or "")
        shown = pick_service(store, kind, row) if kind == "application" else service
        home = {"environment": environment_with_project(store, service["environmentId"])} if service else {}
        result[kind] = {**shown, **home} if shown else None
    destination = store.destinations.rows[row["destinationId"]]
    hidden = ("accessKey", "secretAccessKey")
    result["destination"] = {name: value for name, value in destination.items() if name not in hidden}
    return result


@procedure("volumeBackups.delete")
def delete_volume_backup(ctx: Context, data: Row) -> object:
    ctx.store.drop(ctx.store.volume_backups, find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN))
    return UNDEFINED


@procedure("volumeBackups.runManually")
def run_volume_backup(ctx: Context, data: Row) -> object:
    """Empty in success and failure; only the deployment's row tells them apart."""
    row = find(ctx.store.volume_backups, data["volumeBackupId"], UNKNOWN)
    values = {"title": "Volume Backup", "description": "Volume Backup", "volumeBackupId": row["volumeBackupId"]}
    values["logPath"] = deployments.log_path(PLACE, row["appName"])
    deployment = deployments.start(ctx.store, "volumeBackupId", values, "Initializing volume backup\n")
    stamp = now().replace(":", "-").replace(".", "-")
    log = (
        f"Volume name: {row['volumeName']}\nBackup file name: {row['volumeName']}-{stamp}.tar\n"
        f"Turning off volume backup: {'Yes' if row['turnOff'] else 'No'}\nStarting volume backup\n"
        f"Dir: {PLACE}/{row['appName']}\n"
    )
    if ctx.server.build_outcomes.bucket_exists(ctx.store.destinations.rows[row["destinationId"]]):
        log += "Volume backup done ✅\nStarting upload to S3...\nUpload to S3 done ✅\n"
        deployments.finish(ctx.store, deployment, "done", log)
    else:
        deployments.finish(ctx.store, deployment, "error", log)
    return UNDEFINED

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router destination: the S3 buckets that backups go to."""

from __future__ import annotations

import asyncio

from ...api.errors import ProcedureError, bad_request
from ...store.store import Row, Store, new_id, now
from ...world.buckets import flags, notice, quoted, stamp
from ..common import find, newest_first
from ..procedures import UNDEFINED, Context, WithDates, procedure

UNKNOWN = "Destination not found"
DATES = ("createdAt",)
TRIED_ONCE = ("--retries 1", "--low-level-retries 1", "--timeout 10s", "--contimeout 5s")
USAGE = (
    "Error: unknown flag: {0}\nUsage:\n  rclone ls remote:path [flags]\n\nFlags:\n  -h, --help   help for ls\n\n"
    'Use "rclone [command] --help" for more information about a command.\n'
    'Use "rclone help flags" for to see the global flags.\n'
    'Use "rclone help backends" for a list of supported services.\n\n{1} Fatal error: unknown flag: {0}\n'
)


def insert_destination(store: Store, organization_id: str, values: Row) -> Row:
    """``values``: name, provider, both keys, bucket, region, endpoint; additionalFlags if any."""
    columns = ("name", "provider", "accessKey", "secretAccessKey", "bucket", "region", "endpoint")
    row = {"destinationId": new_id(), **{name: values[name] for name in columns}}
    row |= {"additionalFlags": values.get("additionalFlags", []), "organizationId": organization_id}
    return store.destinations.insert({**row, "createdAt": now()})


@procedure("destination.create")
def create_destination(ctx: Context, data: Row) -> WithDates:
    """Nothing is tried: only testConnection does."""
    values = ctx.drop("destination.create", data)
    return WithDates(dict(insert_destination(ctx.store, ctx.identity.organization_id, values)), DATES)


@procedure("destination.all")
def all_destinations(ctx: Context, _data: Row) -> list[Row]:
    return newest_first(ctx.store.destinations)


@procedure("destination.one")
def one_destination(ctx: Context, data: Row) -> WithDates:
    return WithDates(dict(find(ctx.store.destinations, data["destinationId"], UNKNOWN)), DATES)


@procedure("destination.update")
def update_destination(ctx: Context, data: Row) -> WithDates:
    """All fields are wanted; absent ``additionalFlags`` are reset."""
    try:
        row = find(ctx.store.destinations, data["destinationId"], UNKNOWN)
    except ProcedureError as error:
        raise bad_request(error.message) from None
    values = {"additionalFlags": [], **{name: value for name, value in data.items() if name in row}}
    return WithDates(dict(ctx.store.destinations.update(row, ctx.drop("destination.update", values))), DATES)


@procedure("destination.remove")
def remove_destination(ctx: Context, data: Row) -> WithDates:
    """Its backups and volume backups go with it; the files stay."""
    row = find(ctx.store.destinations, data["destinationId"], UNKNOWN)
    return WithDates(dict(ctx.store.drop(ctx.store.destinations, row)), DATES)


@procedure("destination.testConnection")
async def test_connection(ctx: Context, data: Row) -> object:
    """The error shows both keys in clear. It comes at once, but for an endpoint that never answers."""
    reach = ctx.instance.buckets.reach(data)
    unknown = next((flag for flag in data.get("additionalFlags") or [] if flag.startswith("--nope")), "")
    if not reach.problem and not unknown:
        return UNDEFINED
    if reach.problem == "silent":
        await asyncio.sleep(ctx.instance.config.block_seconds)
    command = f"rclone ls {flags(data, *TRIED_ONCE)} {quoted(':s3:' + data['bucket'])}"
    why = USAGE.format(unknown, stamp()) if unknown else f"{notice()}{stamp()} Failed to ls: {reach.why()}\n"
    raise bad_request(f"Command execution failed: Command failed: {command}\n{why}")

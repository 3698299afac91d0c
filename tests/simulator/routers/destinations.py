# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router destination: the S3 buckets that backups go to."""

from __future__ import annotations

import re

from ..errors import ProcedureError, bad_request
from ..store import Row, Store, new_id, now
from . import UNDEFINED, Context, WithDates, procedure
from .common import find, newest_first

UNKNOWN = "Destination not found"
DATES = ("createdAt",)


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
    """Its volume backups go with it."""
    row = find(ctx.store.destinations, data["destinationId"], UNKNOWN)
    return WithDates(dict(ctx.store.drop(ctx.store.destinations, row)), DATES)


def quoted(text: str) -> str:
    """A word as the server escapes it for the shell, when it needs no quotes."""
    return re.sub(r"([!\"$&'()*,:;<=>?@\[\\\]^`{|}#])", r"\\\1", text)


@procedure("destination.testConnection")
def test_connection(ctx: Context, data: Row) -> object:
    """The error shows both keys in clear."""
    if ctx.server.build_outcomes.bucket_exists(data):
        return UNDEFINED
    flags = [
        *([f"--s3-provider={quoted(data['provider'])}"] if data["provider"] else []),
        f"--s3-access-key-id={quoted(data['accessKey'])}",
        f"--s3-secret-access-key={quoted(data['secretAccessKey'])}",
        f"--s3-region={quoted(data['region'])}",
        f"--s3-endpoint={quoted(data['endpoint'])}",
        "--s3-no-check-bucket --s3-force-path-style --retries 1 --low-level-retries 1 --timeout 10s --contimeout 5s",
        *(data.get("additionalFlags") or []),
    ]
    command = f"rclone ls {' '.join(flags)} {quoted(':s3:' + data['bucket'])}"
    raise bad_request(f"Command execution failed: Command failed: {command}\nFailed to ls: directory not found\n")

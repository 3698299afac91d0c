# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Destinations: the S3 buckets that backups go to, which Dokploy uses with rclone.

Every answer shows both keys in clear, and so do the errors of rclone (measured on 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, List, Mapping, Optional, Tuple

from .._api.client import Call, Client
from .._engine.apply import resource_operation
from .._engine.diff import Diff, Row
from .._engine.info import info_operation, services_of
from .._engine.plan import Plan, Step, Write
from .._engine.runner import Context
from .._errors import BadRequest, Refused, enumerated
from .._model.field import Field, Listing
from .._model.resource import DELETE_TIMEOUT, Resource
from .._values.codec import WORDS

# What Dokploy makes no dumps of.
_WITHOUT_BACKUPS = ("application", "redis")

# rclone gives up a connection after 5 s, and a silent one after 10 s.
_TEST_TIMEOUT = 60.0
_FLAG = re.compile(r"--[a-zA-Z0-9-]+(=[a-zA-Z0-9._:/@-]+)?\Z")
# Dokploy inserts it into a command between double quotes.
_BUCKET = (r"[a-zA-Z0-9][a-zA-Z0-9._/-]*\Z", "is not the name of a bucket")


def _flags(value: Any) -> List[str]:
    for flag in value:
        if not _FLAG.match(str(flag)):
            raise ValueError("%r is not a flag such as --s3-sign-accept-encoding=false" % str(flag))
    return [str(flag) for flag in value]


_DEFAULTS: Mapping[str, Any] = {"provider": None, "region": "", "endpoint": "", "additionalFlags": []}
_COLUMNS = ("name", "accessKey", "secretAccessKey", "bucket", *_DEFAULTS)


def _tested(resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context) -> Diff:
    """Test the connection as it will be, if the parameters ask for it, before anything is written.

    :raises Refused: the bucket cannot be listed; the message ends with what rclone says.
    """
    if context.params["test_connection"]:
        after = {**_DEFAULTS, **(row or {}), **{change.field.api: change.after for change in diff.changes}}
        body = {column: after[column] for column in _COLUMNS if column in after}
        test = Write("destination.testConnection", body, writes=False, timeout=_TEST_TIMEOUT)
        try:
            context.executor.run(Plan((test,)))
        except BadRequest as error:
            message = "test_connection: the bucket %r cannot be listed" % after["bucket"]
            raise Refused(
                message,
                hint="Check bucket, endpoint, region, access_key and secret_access_key. Nothing was written.",
                procedure=error.procedure,
                status=error.status,
                server_message=said_by_rclone(error.server_message or ""),
            ) from None
    return diff


def said_by_rclone(text: str) -> str:
    """What rclone says about a failure, without its command line, the configuration that it misses, and dates."""
    found = re.search(r"(?:Failed to|Fatal error:) .*", text)
    return found.group() if found else text


def _removal(resource: Resource, row: Row, params: Mapping[str, Any], client: Client) -> List[Step]:
    """:raises Refused: backups go to the destination, and C(force) is not given."""
    resource_id = str(row[resource.id_key])
    found = [] if params["force"] else backups_to(resource_id, client)
    if found:
        raise Refused(
            "destination %r is used by %s; Dokploy removes these with it" % (row.get("name"), enumerated(found)),
            hint="Let them use another destination, or set force to true. The files in the bucket are kept.",
        )
    return [Write(resource.remove, {resource.id_key: resource_id}, missing_ok=True, timeout=DELETE_TIMEOUT)]


def backups_to(destination_id: str, client: Client) -> List[str]:
    """The backups and volume backups that go to a destination, as far as the API key shows them; in a few requests."""
    calls: List[Call] = [Call("user.getBackups", {})]
    for project in client.query("project.all"):
        for service, row in (found for one in project.get("environments") or [] for found in services_of(one)):
            kind, resource_id = service.listing.label, str(row[service.listing.id_key])
            calls.append(Call("volumeBackups.list", {"id": resource_id, "volumeBackupType": kind}))
            if kind not in _WITHOUT_BACKUPS:
                calls.append(Call("%s.one" % kind, {service.listing.id_key: resource_id}))
    found = []
    for call, answer in zip(calls, client.call_many(calls)):
        if isinstance(answer, list):
            found += [("volume backup %r" % one.get("name"), one) for one in answer]
        elif isinstance(answer, dict):
            # What the key may not read cannot be named.
            owner = "Dokploy" if call is calls[0] else "%s %r" % (call.procedure.split(".")[0], answer.get("name"))
            found += [("a backup of %s" % owner, one) for one in answer.get("backups") or []]
    return sorted(label for label, one in found if one.get("destinationId") == destination_id)


DESTINATION = Resource(
    name="destination",
    scope="instance",
    listing=Listing("destination", ("destination.all",), "destinationId"),
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("provider", "provider"),
        Field("bucket", "bucket", needed=True, pattern=_BUCKET),
        Field("region", "region"),
        Field("endpoint", "endpoint"),
        Field("access_key", "accessKey", secret=True, needed=True),
        Field("secret_access_key", "secretAccessKey", secret=True, needed=True),
        Field("additional_flags", "additionalFlags", replace(WORDS, to_api=_flags), since=(0, 29, 0)),
    ),
    create="destination.create",
    create_takes=_COLUMNS,
    create_defaults=_DEFAULTS,
    read="destination.one",
    update="destination.update",
    always_sent=dict.fromkeys(_COLUMNS),
    remove="destination.remove",
    removal=_removal,
    readable="in_listing",
    facts=(("created_at", "createdAt"),),
    checks=(_tested,),
    options_of_states={
        "force": {"type": "bool", "default": False},
        "test_connection": {"type": "bool", "default": False},
    },
)

OPERATION = resource_operation(DESTINATION)
INFO_OPERATION = info_operation(DESTINATION)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Destinations: the S3 buckets that backups go to, which Dokploy uses with rclone.

Every answer shows both keys in clear, and so do the errors of rclone (measured on 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, List, Mapping, Tuple

from ..._api.client import Call, Client
from ..._engine.apply import resource_operation
from ..._engine.diff import Row
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._engine.state import State
from ..._errors import (
    Refused,
    close_names,
    enumerated,
    suggested,
)
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import DELETE_TIMEOUT, FORCE, SERVICES, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._values.codec import WORDS
from ..._values.schema import SCALAR, TEXT, list_of, object_of
from ..projects.contents import every_service
from .connection_tests import OPTION, ConnectionTest, tested
from .listings import DESTINATIONS
from .references import staying

# What Dokploy makes no dumps of.
_WITHOUT_BACKUPS = ("application", "redis")
_BACKUPS = list_of(object_of(name=TEXT, destinationId=SCALAR))

# rclone gives up a connection after 5 s, and a silent one after 10 s.
_TEST_TIMEOUT = 60.0
_FLAG = re.compile(r"--[a-zA-Z0-9-]+(=[a-zA-Z0-9._:/@-]+)?\Z")
# Dokploy inserts it into a command between double quotes.
_BUCKET = (r"[a-zA-Z0-9][a-zA-Z0-9._/-]*\Z", "is not the name of a bucket")
# Those that rclone knows, in the spelling that it needs. It takes any other name for the provider Other, and notes that
# in a log that Dokploy discards (measured with rclone 1.60; these are the names of 2026).
_PROVIDERS = frozenset(
    "AWS AbrhaStorage Alibaba ArvanCloud BizflyCloud Ceph ChinaMobile Cloudflare Cubbit DigitalOcean"
    " Dreamhost Exaba Fastly FileLu FlashBlade GCS HCP Hetzner HuaweiOBS IBMCOS IDrive IONOS"
    " ImpossibleCloud Infomaniak Intercolo Leviia Liara Linode LyveCloud Magalu Mega Minio Neon Netease"
    " OVHcloud Other Outscale Petabox Qiniu Rabata RackCorp Rclone RelAix Scaleway Scality SeaweedFS"
    " Selectel Servercore SpectraLogic StackPath Storj Synology TencentCOS US3 Wasabi Zadara Zata"
    " ZeroServices".split()
)


def _check_provider(value: Any) -> None:
    if value not in _PROVIDERS:
        close = close_names(str(value), _PROVIDERS)
        hint = suggested(close) if close else "For any other storage, use Other."
        raise ValueError("rclone knows no provider %r. %s" % (str(value), hint))


def _flags(value: Any) -> List[str]:
    for flag in value:
        if not _FLAG.match(str(flag)):
            raise ValueError("%r is not a flag such as --s3-sign-accept-encoding=false" % str(flag))
    return [str(flag) for flag in value]


_DEFAULTS: Mapping[str, Any] = {"provider": None, "region": "", "endpoint": "", "additionalFlags": []}
_COLUMNS = ("name", "accessKey", "secretAccessKey", "bucket", *_DEFAULTS)


def _test(state: State, after: Row) -> ConnectionTest:
    """The connection as it will be. rclone says why it fails."""
    return ConnectionTest(
        connection_test(state.resource, after),
        "test_connection: the bucket %r cannot be listed" % after["bucket"],
        hint="Check bucket, endpoint, region, access_key and secret_access_key. Nothing was written.",
        said=said_by_rclone,
    )


def connection_test(resource: Resource, row: Row) -> Write:
    """The test of a connection, which lists the whole bucket."""
    body = {column: resource.sent(column, row.get(column)) for column in _COLUMNS}
    return Write("destination.testConnection", body, writes=False, timeout=_TEST_TIMEOUT)


# How rclone says why it failed, after dates and what it misses.
FAILURE = re.compile(r"(?:Failed to|Fatal error:) .*")


def said_by_rclone(text: str) -> str:
    """What rclone says about a failure, without its command line, the configuration that it misses, and dates."""
    failure = FAILURE.search(text)
    return failure.group() if failure else text


def _users(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The backups that C(use) the destination, unless it is removed all the same."""
    return staying([] if params["force"] else backups_to(resource, str(row[resource.id_key]), reads.client), reads)


def _removal(resource: Resource, row: Row, _params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: backups go to the destination, and C(force) is not given."""
    if known["users"]:
        raise Refused(
            "destination %r is used by %s; Dokploy removes these with it"
            % (row.get("name"), enumerated(known["users"])),
            hint="Let them use another destination, or set force to true. The files in the bucket are kept.",
        )
    return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=DELETE_TIMEOUT)]


def backups_to(resource: Resource, destination_id: str, client: Client) -> List[Tuple[str, str, str]]:
    """The backups that go to a destination, as far as the key shows them, with the ID of its service and the key."""
    calls: List[Call] = [Call("user.getBackups", {})]
    for kind, row, _place in every_service(client):
        resource_id = str(row[kind.id_key])
        calls.append(Call("volumeBackups.list", {"id": resource_id, "volumeBackupType": kind.label}))
        if kind.label not in _WITHOUT_BACKUPS:
            calls.append(Call("%s.one" % kind.label, {kind.id_key: resource_id}))
    backups: List[Tuple[str, str, Row]] = []
    for call, answer in zip(calls, client.call_many(calls)):
        owner_id = str(next(iter(call.input.values()), ""))
        if isinstance(answer, list):
            backups += [("volume backup %r" % backup.get("name"), owner_id, backup) for backup in answer]
        elif isinstance(answer, dict):
            owner = "Dokploy" if call is calls[0] else "%s %r" % (call.procedure.split(".")[0], answer.get("name"))
            backups += [("a backup of %s" % owner, owner_id, backup) for backup in answer.get("backups") or []]
    key = resource.id_key
    return sorted((label, owner_id, key) for label, owner_id, backup in backups if backup.get(key) == destination_id)


DESTINATION = Resource(
    name="destination",
    scope="instance",
    listing=DESTINATIONS,
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("provider", "provider", grammar=_check_provider),
        Field("bucket", "bucket", needed=True, pattern=_BUCKET),
        Field("region", "region"),
        Field("endpoint", "endpoint"),
        Field("access_key", "accessKey", secret=True, needed=True),
        Field("secret_access_key", "secretAccessKey", secret=True, needed=True),
        Field("additional_flags", "additionalFlags", replace(WORDS, to_api=_flags), since=(0, 29, 0)),
    ),
    creation=Creation("destination.create", takes=_COLUMNS, defaults=_DEFAULTS),
    reading=Reading("destination.one", in_listing=True, facts=(("created_at", "createdAt"),)),
    updating=Updating("destination.update", always_sent={**dict.fromkeys(_COLUMNS), **_DEFAULTS}),
    removal=Removal("destination.remove", steps=_removal, options=FORCE, observe=_users),
    answers={
        **dict.fromkeys(["user.getBackups", *("%s.one" % kind for kind in SERVICES)], object_of(backups=_BACKUPS)),
        "volumeBackups.list": _BACKUPS,
    },
    checks=(tested(_test),),
    states=States(options=OPTION),
)

OPERATION = resource_operation(DESTINATION)
INFO_OPERATION = info_operation(DESTINATION)

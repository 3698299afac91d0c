# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Destinations: the S3 buckets that backups go to, which Dokploy uses with rclone, and the files in them.

Every answer shows both keys in clear, and so do the errors of rclone (measured on 0.30.2).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call, Client
from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Row
from ..._engine.info import info_operation, services_of
from ..._engine.plan import ConnectionTest, Plan, Step, Write
from ..._engine.reads import Reads
from ..._engine.runner import Context
from ..._engine.view import predicted
from ..._errors import (
    BadRequest,
    ConnectionFailed,
    DokployError,
    OptionError,
    Refused,
    ServerError,
    close_names,
    enumerated,
    suggested,
)
from ..._model.field import Field, Listing
from ..._model.resource import DELETE_TIMEOUT, FORCE, Removal, Resource
from ..._values.codec import WORDS
from .references import staying

# What Dokploy makes no dumps of.
_WITHOUT_BACKUPS = ("application", "redis")

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


def _tested(resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context) -> Diff:
    """The diff with a test of the connection as it will be, if the parameters ask for it. rclone says why it fails."""
    if context.params["test_connection"]:
        after = predicted(resource, resource.create_defaults if row is None else row, diff)
        test = ConnectionTest(
            _test(resource, after),
            "test_connection: the bucket %r cannot be listed" % after["bucket"],
            hint="Check bucket, endpoint, region, access_key and secret_access_key. Nothing was written.",
            said=said_by_rclone,
        )
        return replace(diff, tests=(test,))
    return diff


def _test(resource: Resource, row: Row) -> Write:
    """The test of a connection, which lists the whole bucket."""
    body = {column: resource.sent(column, row.get(column)) for column in _COLUMNS}
    return Write("destination.testConnection", body, writes=False, timeout=_TEST_TIMEOUT)


# How rclone says why it failed, after dates and what it misses.
FAILURE = re.compile(r"(?:Failed to|Fatal error:) .*")


def said_by_rclone(text: str) -> str:
    """What rclone says about a failure, without its command line, the configuration that it misses, and dates."""
    found = FAILURE.search(text)
    return found.group() if found else text


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
    return [Write(resource.remove, {resource.id_key: row[resource.id_key]}, missing_ok=True, timeout=DELETE_TIMEOUT)]


def backups_to(resource: Resource, destination_id: str, client: Client) -> List[Tuple[str, str, str]]:
    """The backups that go to a destination, as far as the key shows them, with the ID of its service and the key."""
    calls: List[Call] = [Call("user.getBackups", {})]
    for project in client.query("project.all"):
        for service, row in (found for one in project.get("environments") or [] for found in services_of(one)):
            kind, resource_id = service.listing.label, str(row[service.listing.id_key])
            calls.append(Call("volumeBackups.list", {"id": resource_id, "volumeBackupType": kind}))
            if kind not in _WITHOUT_BACKUPS:
                calls.append(Call("%s.one" % kind, {service.listing.id_key: resource_id}))
    found: List[Tuple[str, str, Row]] = []
    for call, answer in zip(calls, client.call_many(calls)):
        owner_id = str(next(iter(call.input.values()), ""))
        if isinstance(answer, list):
            found += [("volume backup %r" % one.get("name"), owner_id, one) for one in answer]
        elif isinstance(answer, dict):
            owner = "Dokploy" if call is calls[0] else "%s %r" % (call.procedure.split(".")[0], answer.get("name"))
            found += [("a backup of %s" % owner, owner_id, one) for one in answer.get("backups") or []]
    key = resource.id_key
    return sorted((label, owner_id, key) for label, owner_id, one in found if one.get(key) == destination_id)


DESTINATION = Resource(
    name="destination",
    scope="instance",
    listing=Listing("destination", ("destination.all",), "destinationId", module="dokploy_destination"),
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
    create="destination.create",
    create_takes=_COLUMNS,
    create_defaults=_DEFAULTS,
    read="destination.one",
    update="destination.update",
    always_sent={**dict.fromkeys(_COLUMNS), **_DEFAULTS},
    remove="destination.remove",
    removal=Removal(_removal, FORCE, _users),
    readable="in_listing",
    facts=(("created_at", "createdAt"),),
    checks=(_tested,),
    options_of_states={"test_connection": {"type": "bool", "default": False}},
)

OPERATION = resource_operation(DESTINATION)
INFO_OPERATION = info_operation(DESTINATION)

# --- files ----------------------------------------------------------------------------------------------------------

_LIST = "backup.listBackupFiles"
# A list shows no more files: the first ones by name, which are the oldest backups.
MOST_FILES = 100
# rclone tries for about 90 s before it gives up a storage that does not answer (measured on 0.30.2), and Dokploy then
# discards what it says. A test of the connection tells it at once.
_LIST_TIMEOUT = 120.0
# Seconds after which a list that has not come makes a test worth its request.
PATIENCE = 10.0
# Of S3.
_LONGEST_PATH = 1024
# When a backup was made, in its name: that of 2026-11-25T15:54:00.986Z is 2026-11-25T15-54-00-986Z.
STAMP = r"(?P<stamp>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)"
# The parts of this time, the newest first.
_PARTS: Tuple[Sequence[str], ...] = (
    ["%d-" % year for year in range(2099, 2022, -1)],
    ["%02d-" % month for month in range(12, 0, -1)],
    ["%02dT" % day for day in range(31, 0, -1)],
    ["%02d-" % hour for hour in range(23, -1, -1)],
    ["%02d-" % minute for minute in range(59, -1, -1)],
)


def stamp_of(time: datetime.datetime) -> str:
    """A time as it stands in the name of a backup."""
    time = time.astimezone(datetime.timezone.utc)
    return "%s-%03dZ" % (time.strftime("%Y-%m-%dT%H-%M-%S"), time.microsecond // 1000)


def list_files(context: Context, destination_id: str, folder: str, part: str = "") -> List[Row]:
    """The files and folders in a folder whose path contains C(part); the first C(MOST_FILES) of them by name.

    :raises Refused: the bucket cannot be listed; the message ends with what rclone says.
    """
    search = "%s/%s" % (folder, part)
    if len(search) > _LONGEST_PATH:
        message = "folder, prefix, file and search may have at most %d characters together, not %d"
        raise OptionError(message % (_LONGEST_PATH, len(search)))
    query = {"destinationId": destination_id, "search": search}
    try:
        rows = _listed_soon(context, query)
        return list(context.client.query(_LIST, query, timeout=_LIST_TIMEOUT)) if rows is None else rows
    except BadRequest as error:
        # Dokploy discards what rclone says, and shows its command.
        silent = "rclone" in (error.server_message or "")
        raise _not_listed(_why_not(context, destination_id) if silent else error.server_message, error) from None


def _listed_soon(context: Context, query: Mapping[str, Any]) -> Optional[List[Row]]:
    """The list, or C(None) if it takes long although the connection works, or nothing tells whether it does.

    :raises Refused: the connection does not work.
    """
    try:
        return list(context.client.query(_LIST, query, timeout=PATIENCE, max_retries=0))
    except (ConnectionFailed, ServerError) as error:
        if isinstance(error, ConnectionFailed) and error.late:
            context.waiter.progress("the list of files takes long; testing the connection to the bucket")
            reason = _why_not(context, query["destinationId"])
            if reason:
                raise _not_listed(reason, error) from None
        return None


def _why_not(context: Context, destination_id: str) -> str:
    """What rclone says of a bucket that cannot be listed; empty if it can be, in check mode, or if nothing tells."""
    try:
        row = context.client.query(DESTINATION.read, {DESTINATION.id_key: destination_id})
        context.executor.run(Plan((_test(DESTINATION, row),)))
    except BadRequest as error:
        # Of a very large bucket Dokploy takes in too little of the list, which is no failure.
        found = FAILURE.search(error.server_message or "")
        return found.group() if found else ""
    except DokployError:
        # The test needs another permission than the list.
        pass
    return ""


def _not_listed(reason: Optional[str], error: DokployError) -> Refused:
    hint = "Test it with dokploy_destination and test_connection."
    if reason:
        hint = "Check that the storage runs, and bucket, endpoint, region and keys of the destination."
    return Refused(
        "destination: its files cannot be listed%s" % ("" if reason else ", and Dokploy does not say why"),
        hint=hint,
        procedure=error.procedure,
        status=error.status,
        server_message=reason or None,
    )


def newest_file(listed: Callable[[str], List[Row]], names: str, before: str) -> Optional[Row]:
    """The newest backup before a time, or C(None).

    :param listed: gives the files of the folder whose path contains a text, at most C(MOST_FILES).
    :param names: the pattern of their names, with C(STAMP) in it. :param before: the time, as in the names.
    """

    def newest(part: str, level: int) -> Optional[Row]:
        rows = listed(part)
        times = [(match.group("stamp"), row) for row in rows for match in [re.match(names, row["Name"])] if match]
        if len(rows) < MOST_FILES or level == len(_PARTS):
            return max((one for one in times if one[0] < before), key=lambda one: one[0], default=(None, None))[1]
        # The newest ones may be among those that the list lacks.
        parts = (part + more for more in _PARTS[level] if part + more <= before)
        return next((row for one in parts for row in [newest(one, level + 1)] if row is not None), None)

    return newest("", 0)


def file_view(row: Row) -> Dict[str, Any]:
    """A file as results show it."""
    found = re.search(STAMP, row["Name"])
    date, _t, time = found.group("stamp").partition("T") if found else ("", "", "")
    hour, minute, second, milli = time.rstrip("Z").split("-") if time else ("", "", "", "")
    return {
        "path": row["Path"],
        "name": row["Name"],
        "size": row["Size"],
        "is_folder": row["IsDir"],
        "created_at": "%sT%s:%s:%s.%sZ" % (date, hour, minute, second, milli) if found else None,
    }

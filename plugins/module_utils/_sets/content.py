# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a set has in the end, as C(archives.yml) says it."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import asdict
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._model.field import version_text
from .._resources.archive_kinds.kinds import DATABASE, VOLUME
from .._resources.backups.archives_file import (
    BackupSet,
    NotSaved,
    SavedArchive,
    SavedCheck,
    SavedDatabase,
    SavedServer,
    SavedService,
    archives_content,
)
from .._resources.backups.coverage import Service
from .._resources.backups.destinations import bucket_of
from .._resources.backups.promises import Promise, data_in_words
from .._resources.backups.set_archives import login_of
from .._secrets.masking import one_line
from .items import Left, matches
from .results import Checked, Failure, Results, Saved
from .versions import Version

Row = Mapping[str, Any]


_EMPTY = "It has no archive: no service in the scope has data. Look at scope, or do without the set."
_EMPTY_BUT_LEFT_OUT = "It has no archive. Look at not_saved, and at the patterns of leave_out."


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def set_content(
    results: Results,
    left: Sequence[Left],
    services: Sequence[Service],
    destinations: Mapping[str, Row],
    versions: Sequence[Version],
    **head: Any,
) -> Dict[str, Any]:
    """The content of C(archives.yml).

    :param destinations: their rows, by ID. :param versions: what runs of each service.
    :param head: when it began, the server, the scope and the series.
    """
    order = {service.app_name: number for number, service in enumerate(services)}
    saved = sorted(results.saved, key=lambda entry: order[entry.item.entry.service.app_name])
    checked = sorted(results.checked, key=lambda entry: order[entry.service.app_name])
    return archives_content(
        BackupSet(
            created_at=head["created_at"],
            finished_at=now(),
            dokploy=SavedServer(head["url"], version_text(head["version"])),
            scope={name: value for name, value in (head["scope"] or {}).items() if value} or None,
            complete=is_complete(results, left, len(results.saved)),
            services=[_service(service, version) for service, version in zip(services, versions)],
            archives=[_archive(entry, destinations) for entry in saved],
            checks=[_check(entry, _looked_at(entry, saved, destinations)) for entry in checked],
            not_saved=list(_not_saved(results, left)),
            series=head["series"],
        )
    )


def is_complete(results: Results, left: Sequence[Left], count: int) -> bool:
    """:param count: of the archives that there are, or would be. A set without any proves nothing."""
    return count > 0 and not results.failures and not any(entry.counts for entry in left)


def _service(service: Service, version: Version) -> SavedService:
    row = service.row
    own = row.get("dockerImage") if row.get("sourceType", "docker") == "docker" else None
    return SavedService(
        kind=service.kind,
        path=service.path,
        app_name=service.app_name,
        type=service.type if service.kind == DATABASE else None,
        server=(row.get("server") or {}).get("name"),
        image=own or None,
        digest=version.digest,
        commit=version.commit,
    )


def promise_of(saved: Saved, destinations: Mapping[str, Row]) -> Promise:
    """What the new set has of it."""
    return Promise(None, asdict(_archive(saved, destinations)))


def _archive(saved: Saved, destinations: Mapping[str, Row]) -> SavedArchive:
    item, entry = saved.item, saved.item.entry
    service, row = entry.service, destinations.get(item.destination_id, {})
    kind = item.archive_kind
    data = _data_volume(service) if kind.single_file else item.name if kind.what == VOLUME else None
    return SavedArchive(
        kind=service.kind,
        path=service.path,
        what=item.what,
        method=item.method,
        destination=bucket_of(row),
        file=str(saved.file["path"]),
        size=int(saved.file["size"]),
        created_at=str(saved.file["created_at"]),
        service=entry.inside,
        database_type=entry.database_type or entry.data_of,
        database=_database(saved),
        volume=data,
        bind=item.name if kind.on_host else None,
        at_rest=saved.at_rest,
        definers=saved.definers,
        fingerprint=saved.fingerprint,
    )


def _data_volume(service: Service) -> Optional[str]:
    names = [str(mount.get("volumeName")) for mount in service.row.get("mounts") or () if mount.get("volumeName")]
    own = "%s-data" % service.app_name
    return own if own in names or not names else names[0]


def _database(saved: Saved) -> Optional[SavedDatabase]:
    """The database of a dump, and of a volume with the data of a database whose login is known."""
    item, row = saved.item, saved.item.entry.service.row
    if item.archive_kind.into_running:
        return SavedDatabase(str(item.name), item.user)
    if item.what != VOLUME or not item.entry.data_of:
        return None
    if row.get("databaseName"):
        return SavedDatabase(str(row["databaseName"]), row.get("databaseUser"))
    login = login_of(item.entry)
    return SavedDatabase(login.database, login.user) if login is not None and login.database else None


def _looked_at(checked: Checked, saved: Sequence[Saved], destinations: Mapping[str, Row]) -> Optional[List[str]]:
    """What the archives have that a check looks at; C(None) if that is not stated."""
    if not checked.check.looks_at:
        return None
    app_name = checked.service.app_name
    own = [entry for entry in saved if entry.item.entry.service.app_name == app_name]
    return [
        _archive(entry, destinations).data
        for entry in own
        if any(matches(text, entry.item.entry) for text in checked.check.looks_at)
    ]


def _check(checked: Checked, looked_at: Optional[List[str]]) -> SavedCheck:
    check = checked.check
    return SavedCheck(
        name=check.name,
        kind=checked.service.kind,
        path=checked.service.path,
        script=check.script,
        output=checked.output,
        exit_code=-1 if checked.exit_code is None else checked.exit_code,
        image=check.image,
        compare=check.compare,
        output_after=checked.output_after,
        looks_at=looked_at,
    )


def _not_saved(results: Results, left: Sequence[Left]) -> Iterator[NotSaved]:
    for data in left:
        yield NotSaved(**data.view())
    for failure in results.failures:
        if failure.item is not None:
            view = failure.item.view()
            named = {key: view[key] for key in ("kind", "path", "what", "name", "service")}
            yield NotSaved(**named, reason=one_line(failure.message))


def complaints(results: Results, left: Sequence[Left]) -> List[str]:
    """A line for each thing that the set lacks."""
    lines = [] if results.saved else [_EMPTY_BUT_LEFT_OUT if left else _EMPTY]
    lines += [_line(entry.view()) for entry in left if entry.counts]
    reasons = Counter(_place_of(failure) for failure in results.failures if failure.destination)
    lines += ["%d archives for destination %s: %s" % (count, *place) for place, count in reasons.items() if count > 1]
    lines += [_line_of(failure) for failure in results.failures if reasons[_place_of(failure)] < 2]
    return lines


def _place_of(failure: Failure) -> Tuple[str, str]:
    """The destination that takes no archive, and why."""
    return failure.destination, one_line(failure.message)


def _line(view: Row) -> str:
    return "%s: %s" % (data_in_words(view), view["reason"])


def _line_of(failure: Failure) -> str:
    if failure.item is None:
        return "%s %s: %s" % (failure.service.kind, failure.service.path, one_line(failure.message))
    return _line({**failure.item.view(), "reason": one_line(failure.message)})

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The file C(archives.yml) of a backup set: what was saved of which service, where, when, and what was not. Pure.

C(archives_content) is its content, and C(archives_reader) reads that again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Mapping, Optional

from ..archive_kinds.fingerprints import Fingerprint
from ..archive_kinds.kinds import ARCHIVE_KINDS, DATABASE, VOLUME, ArchiveKind

#: That of the format. A file of another version is refused.
VERSION = 1
EQUAL, AT_LEAST, BETWEEN = "equal", "at_least", "between"


@dataclass(frozen=True)
class SavedService:
    """A service in the scope of a set, also without data.

    :param kind: C(database), C(application) or C(compose). :param path: C(shop/production/db).
    :param type: the kind of a database. :param app_name: on the saved server; the folders of the bucket begin with it.
    :param server: the name of the server on which it runs. :param image: what runs, with its C(digest), or the commit.
    """

    kind: str
    path: str
    app_name: str
    type: Optional[str] = None
    server: Optional[str] = None
    image: Optional[str] = None
    digest: Optional[str] = None
    commit: Optional[str] = None


@dataclass(frozen=True)
class SavedDatabase:
    """A database, and the user who owns it."""

    name: str
    user: Optional[str] = None


@dataclass(frozen=True)
class Bucket:
    """The destination that has an archive. :param name: on the saved server."""

    name: str
    endpoint: str
    bucket: str


@dataclass(frozen=True)
class SavedArchive:
    """One archive in a bucket.

    :param kind: of the service, with its C(path). :param what: C(DATABASE), C(VOLUME) or C(BIND).
    :param method: how it was made, a key of C(ARCHIVE_KINDS): C(DUMP); C(VOLUME), a tar of the volume; C(RDB), a tar
        that has C(dump.rdb); or C(BIND), a tar of what is in the folder of the host, or of C(SINGLE_FILE).
    :param file: its path in the bucket. :param size: in bytes. :param created_at: ISO 8601.
    :param service: the service of a stack that has the data.
    :param database_type: of a database; of a volume, the kind of the database whose data it has.
    :param database: of a dump, and of a volume with the data of a database.
    :param volume: its name in Docker on the saved server; of C(RDB) that of the volume with the data of Redis.
    :param bind: the path on the host. :param at_rest: of a volume, whether nothing wrote into it.
    :param definers: of MySQL and MariaDB, the users who own its views, triggers, routines and events; C(None) if that
        is not known.
    :param fingerprint: what the set saw of its data; C(None) if that was not looked at.
    """

    kind: str
    path: str
    what: str
    method: str
    destination: Bucket
    file: str
    size: int
    created_at: str
    service: Optional[str] = None
    database_type: Optional[str] = None
    database: Optional[SavedDatabase] = None
    volume: Optional[str] = None
    bind: Optional[str] = None
    at_rest: Optional[bool] = None
    definers: Optional[List[str]] = None
    fingerprint: Optional[Fingerprint] = None

    @property
    def archive_kind(self) -> ArchiveKind:
        """The description of its kind."""
        return ARCHIVE_KINDS[self.method]

    @property
    def name(self) -> Optional[str]:
        """That of the database or the volume, or the path on the host."""
        if self.what == DATABASE:
            return self.database.name if self.database else None
        return self.volume if self.what == VOLUME else self.bind

    @property
    def data(self) -> str:
        """What it has of its service, as checks name that: C(db:shop) in a stack, or C(shop)."""
        name = self.name or self.what
        return "%s:%s" % (self.service, name) if self.service else name


@dataclass(frozen=True)
class SavedCheck:
    """A command that was run beside the data of a service, and what it said.

    :param script: as it was stated. :param compare: C(EQUAL); C(AT_LEAST): no number of C(output) gets smaller; or
        C(BETWEEN): each number is between those of C(output) and C(output_after).
    :param output_after: of C(BETWEEN), what it said after the archives were made.
    :param looks_at: the C(data) of the archives that it looks at; C(None) if that was not stated.
    """

    name: str
    kind: str
    path: str
    script: str
    output: str
    exit_code: int = 0
    image: Optional[str] = None
    compare: str = EQUAL
    output_after: Optional[str] = None
    looks_at: Optional[List[str]] = None


@dataclass(frozen=True)
class NotSaved:
    """Data of a service that the set does not have.

    :param what: as that of an archive, or C(unknown). :param left_out: the set is complete without it.
    """

    kind: str
    path: str
    what: str
    reason: str
    name: Optional[str] = None
    service: Optional[str] = None
    left_out: bool = False


@dataclass(frozen=True)
class SavedServer:
    """The server of a set. :param release: of Dokploy."""

    url: str
    release: str


@dataclass(frozen=True)
class BackupSet:
    """What C(archives.yml) says.

    :param created_at: when the set began, ISO 8601; C(finished_at) alike. :param scope: as it was stated.
    :param complete: everything that was to be saved is saved, and no check failed.
    :param series: the token in the prefix of its archives; C(None) in sets of earlier releases.
    """

    created_at: str
    finished_at: str
    dokploy: SavedServer
    complete: bool
    services: List[SavedService]
    archives: List[SavedArchive]
    checks: List[SavedCheck]
    not_saved: List[NotSaved]
    scope: Optional[Mapping[str, Any]] = None
    series: Optional[str] = None
    version: int = VERSION


def looks_at(check: SavedCheck, archive: SavedArchive, saved: BackupSet) -> bool:
    """Whether a check is known to look at the data of an archive.

    Unless it states that, it looks at the database of its service, or at what its service has if there is nothing else.
    """
    place = (check.kind, check.path)
    if (archive.kind, archive.path) != place:
        return False
    if check.looks_at is not None:
        return archive.data in check.looks_at
    if archive.kind == DATABASE:
        return archive.database_type is not None
    others = [other for other in saved.archives if (other.kind, other.path) == place and other is not archive]
    lacking = [data for data in saved.not_saved if (data.kind, data.path) == place]
    return not (others or lacking)


def archives_content(saved: BackupSet) -> Dict[str, Any]:
    """The content of C(archives.yml), which has every key."""
    content = asdict(saved)
    first = ("version", "created_at", "finished_at", "dokploy", "scope", "series", "complete")
    return {**{name: content.pop(name) for name in first}, **content}

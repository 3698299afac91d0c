# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of archives: a description of each says how it is saved, where it is, what names it, and how it comes back.
Pure.

The fingerprint of a kind is in a file of its own: C(row_counts), C(file_sums) or C(key_counts).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional, Sequence

#: What an archive has.
DATABASE, VOLUME, BIND = "database", "volume", "bind"
#: How an archive of a database is made.
DUMP, RDB = "dump", "rdb"
#: The name under which the archive of a bind mount has a single file of the host.
SINGLE_FILE = ".community.dokploy.file"


@dataclass(frozen=True)
class ArchiveKind:
    """What archives of one kind have in common.

    :param method: what C(archives.yml) calls it. :param what: C(DATABASE), C(VOLUME) or C(BIND).
    :param backups: the option of a service that has the backups which make it: C(backups) or C(volume_backups).
    :param database_types: the kinds of databases that it is made of; none if it is of no database.
    :param named_by: the key of C(archives.yml) that names its data; C(None) if the service does.
    :param ending: that of its file; C(endings) has those of single kinds of databases.
    :param is_copied: a job copies the data into a volume of its own, whose backup is the archive.
    :param waits_for_rest: it is saved while nothing writes, where the service can be stopped.
    :param into_running: the server of the database restores it while the service runs. Files come back before that.
    :param unsure: the kinds of databases of which Dokploy reports any restore as a success (measured on 0.30.2).
    :param on_host: its files belong into a folder of the host, and otherwise into a volume.
    :param single_file: the name of the only file that it has.
    :param same_if: what gives it a fingerprint, where it has none; C(same_if_of) has that of single kinds of databases,
        and is empty for those that never have one.
    """

    method: str
    what: str
    backups: str
    database_types: Sequence[str] = ()
    named_by: Optional[str] = None
    ending: str = ".tar"
    endings: Mapping[str, str] = field(default_factory=dict)
    is_copied: bool = False
    waits_for_rest: bool = False
    into_running: bool = False
    unsure: Sequence[str] = ()
    on_host: bool = False
    single_file: Optional[str] = None
    same_if: str = "save it with an image of the jobs that has sha256sum"
    same_if_of: Mapping[str, str] = field(default_factory=dict)

    def fingerprinted_if(self, database_type: Optional[str]) -> str:
        """What gives an archive without a fingerprint one; empty if nothing does."""
        return self.same_if_of.get(str(database_type), self.same_if)

    @property
    def saved_running(self) -> bool:
        """Whether a job saves it while its server runs, although that rests while it comes back."""
        return self.is_copied and self.what == DATABASE

    def ending_of(self, database_type: Optional[str]) -> str:
        """How the name of its file ends."""
        return self.endings.get(str(database_type), self.ending)

    def proves_itself(self, database_type: Optional[str]) -> bool:
        """Whether the success of its restore says that it could be read to its end."""
        return database_type not in self.unsure


_KINDS = (
    ArchiveKind(
        DUMP,
        DATABASE,
        "backups",
        database_types=("postgres", "mysql", "mariadb", "mongo", "libsql"),
        named_by="database",
        ending=".sql.gz",
        endings={"mongo": ".bson.gz"},
        into_running=True,
        unsure=("mysql", "mariadb"),
        same_if="count its rows, with jobs and with count_rows_below above the size of its tables",
        same_if_of={"mongo": "", "libsql": ""},
    ),
    ArchiveKind(
        RDB,
        DATABASE,
        "volume_backups",
        database_types=("redis",),
        is_copied=True,
        single_file="dump.rdb",
        same_if="save it with an image that has sha256sum and redis-check-rdb",
    ),
    ArchiveKind(
        VOLUME,
        VOLUME,
        "volume_backups",
        named_by="volume",
        waits_for_rest=True,
        same_if="save it while its service is stopped, with stop, by an image of the jobs that has sha256sum",
    ),
    ArchiveKind(BIND, BIND, "volume_backups", named_by="bind", is_copied=True, waits_for_rest=True, on_host=True),
)
#: All kinds, by their methods.
ARCHIVE_KINDS: Mapping[str, ArchiveKind] = {kind.method: kind for kind in _KINDS}


def kind_of(what: str, database_type: Optional[str]) -> Optional[ArchiveKind]:
    """The kind of the archives of data; C(None) if there is none.

    :param what: C(DATABASE), C(VOLUME), C(BIND) or another word. :param database_type: of a database.
    """
    kinds = [kind for kind in _KINDS if kind.what == what]
    return next((kind for kind in kinds if what != DATABASE or database_type in kind.database_types), None)

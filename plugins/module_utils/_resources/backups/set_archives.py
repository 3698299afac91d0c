# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where backup sets put their archives: the folders of the bucket and their names. Pure.

The sets of one folder on the controller are a series, whose token is in the folders of their archives, so that nothing
else is in these. Sets of earlier releases have no series.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Optional

from ..archive_kinds.kinds import DATABASE, ArchiveKind, kind_of
from ..infrastructure.bucket_files import folder_of, names_of_dumps, names_of_volume
from ..service_children.single_runs import SET
from .coverage import Entry, Service
from .stack_data import StackData
from .stack_databases import StackLogin

# What tells the sets of one instance from those of another one.
_SERIES = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True)
class SetArchives:
    """The archives that sets make of an entry.

    :param destination_id: whose bucket has them. :param names: the pattern of their names.
    """

    destination_id: str
    prefix: str
    folder: str
    names: str


def is_series(text: str) -> bool:
    """Whether a text is the token of a series."""
    return _SERIES.match(text) is not None


def prefix_of(series: Optional[str], name: str) -> str:
    """The prefix of archives of a database or a volume: a folder of its own, since Dokploy counts all files of one."""
    return "/".join(filter(None, (SET, series, name)))


def copy_volume(service: Service, kind: ArchiveKind, inside: Optional[str], name: Optional[str]) -> str:
    """The name of the volume into which a job copies data, the same in each set, so that its archives are together.

    :param inside: the service of a stack. :param name: as that of the entry.
    """
    text = "%s %s %s" % (kind.method, inside or "", name or "")
    return "%s-%s-%s" % (SET, service.app_name, hashlib.sha256(text.encode()).hexdigest()[:8])


def database_of(entry: Entry) -> Optional[str]:
    """The name of the database of which there are dumps; C(None) if it is not known."""
    service = entry.service
    if service.kind != "compose":
        return entry.name or (service.row.get("databaseName") if service.type != "libsql" else service.app_name)
    login = login_of(entry)
    return entry.name or (login.database if login else None)


def login_of(entry: Entry) -> Optional[StackLogin]:
    """That of a database in a stack, as its Compose file has it; C(None) if that is not known."""
    stack = entry.service.stack
    return stack.logins.get(str(entry.inside)) if isinstance(stack, StackData) else None


def root_of(entry: Entry) -> str:
    """The folder that has those of the series of an entry."""
    return folder_of(entry.service.app_name, SET, entry.inside)


def set_archives(entry: Entry, destination_id: str, series: Optional[str] = None) -> Optional[SetArchives]:
    """Where the archives of an entry are; C(None) if sets make none of it.

    :param series: the token of the series; C(None) for sets of earlier releases.
    """
    kind = kind_of(entry.what, entry.database_type)
    name = None if kind is None else _name_of(entry, kind)
    if kind is None or name is None:
        return None
    names = names_of_dumps(str(entry.database_type)) if kind.into_running else names_of_volume(name)
    prefix = prefix_of(series, name)
    folder = folder_of(entry.service.app_name, prefix, entry.inside)
    return SetArchives(destination_id, prefix, folder, names)


def _name_of(entry: Entry, kind: ArchiveKind) -> Optional[str]:
    """What names the folder of its archives; C(None) if sets make none of it."""
    if kind.is_copied and (entry.name is not None or kind.named_by is None):
        return copy_volume(entry.service, kind, entry.inside, entry.name)
    return database_of(entry) if kind.what == DATABASE else entry.name

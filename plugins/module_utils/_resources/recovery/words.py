# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How messages and plans call archives and what they have."""

from __future__ import annotations

from ..._errors import size_in_words
from ..._values.timestamps import instant
from ..archive_kinds.kinds import DATABASE
from ..backups.archives_file import SavedArchive

#: Of an archive whose data is not what the set saw: its file, and how.
OTHER_DATA = "%s is not what the set saved: %s. If that is right, remove its fingerprint from archives.yml."


def data_of(archive: SavedArchive) -> str:
    """What an archive has: C(volume uploads), C(database shop of the service db)."""
    name = archive.name or (archive.database_type if archive.what == DATABASE else "")
    inside = " of the service %s" % archive.service if archive.service and archive.what == DATABASE else ""
    return " ".join(filter(None, (archive.what, name))) + inside


def what_of(archive: SavedArchive) -> str:
    """The same with its service: C(application shop/production/web, volume uploads)."""
    return "%s %s, %s" % (archive.kind, archive.path, data_of(archive))


def age_of(archive: SavedArchive) -> str:
    """From when an archive is, and how large: C(2026-12-01 02:15, 113.5 MiB)."""
    time = instant(archive.created_at).strftime("%Y-%m-%d %H:%M")
    return "%s, %s" % (time, size_in_words(archive.size))

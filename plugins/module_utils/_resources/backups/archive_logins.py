# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether the login of a database is one that an archive can be restored for. Pure.

A dump is restored by the user of the target, and MariaDB lets no other user than root create views and routines of
others (error 1227, measured on Dokploy 0.30.2, which restores dumps of MySQL as root). A data volume has the users of
its origin.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..._errors import Refused
from .archives_file import SavedArchive

Row = Mapping[str, Any]

_KEPT = {"databaseName": "name", "databaseUser": "user"}
_ROOT = "root"


def refuse_definers(archive: SavedArchive, user: Optional[str], what: str) -> None:
    """:param user: who restores a dump; C(None) if that is not known. :param what: what messages call it.
    :raises Refused: it may have views or routines of another user.
    """
    saved = archive.database.user if archive.database else None
    is_dump = archive.archive_kind.into_running
    if not is_dump or archive.database_type != "mariadb" or not saved or user in (None, saved, _ROOT):
        return
    if archive.definers is None or set(archive.definers) - {user}:
        raise Refused(
            "%s was saved with the user %s, and is to be restored as %s: MariaDB refuses views and routines of "
            "another user (error 1227)" % (what, saved, user),
            hint="Restore it as the same user.",
        )


def refuse_origin(archive: SavedArchive, row: Row, what: str) -> None:
    """:param row: of the database whose data volume is restored. :param what: what messages call it.
    :raises Refused: the volume has the data of another database or user.
    """
    if archive.archive_kind.into_running or archive.database_type is None or archive.database is None:
        return
    saved = {key: getattr(archive.database, name) for key, name in _KEPT.items()}
    if any(value and row.get(key) not in (None, value) for key, value in saved.items()):
        raise Refused(
            "%s keeps the database %s, its user %s and the password of that; the target has another one"
            % (what, archive.database.name, archive.database.user),
            hint="State the same database, user and password, or restore a dump.",
        )

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is lost with a service, and what Dokploy leaves of it (measured on 0.30.2)."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..._errors import enumerated

Row = Mapping[str, Any]

#: The children with what is kept of a service elsewhere.
BACKUPS = ("backups", "volume_backups")


def losses(row: Row, params: Row, known: Row, destinations: Mapping[str, str]) -> Iterator[str]:
    """What becomes of the data of a service that is removed: a few words for each.

    :param row: its row with its C(BACKUPS). :param params: those of its removal.
    :param known: what was observed for its removal. :param destinations: their names, by their IDs.
    """
    yield from _of_volumes(row, bool(params.get("delete_volumes")), known.get("volumes"))
    files = sorted(str(mount.get("filePath")) for mount in row.get("mounts") or () if mount.get("type") == "file")
    if files:
        yield "deletes the file%s %s" % (_plural(files), enumerated(files))
    backups = [*(row.get("backups") or ()), *(row.get("volumeBackups") or ())]
    if backups:
        ids = [str(backup.get("destinationId")) for backup in backups]
        places = enumerated(sorted({destinations.get(destination_id, destination_id) for destination_id in ids}))
        yield "ends %d backup%s, whose files stay in %s" % (len(backups), _plural(backups), places)


def _of_volumes(row: Row, deletes: bool, there: Any) -> Iterator[str]:
    """:param there: those that Docker has, if that is known."""
    verb = "deletes" if deletes else "leaves"
    if "composeId" in row:
        # Its compose file names them. What was never deployed has none.
        if row.get("deployments"):
            yield "%s the volumes of its containers" % verb
        return
    mounts = [str(mount.get("volumeName")) for mount in row.get("mounts") or () if mount.get("type") == "volume"]
    volumes = sorted({*(mounts if there is None else there)})
    if volumes:
        yield "%s the volume%s %s" % (verb, _plural(volumes), enumerated(volumes))


def _plural(items: Sequence[Any]) -> str:
    return "" if len(items) == 1 else "s"

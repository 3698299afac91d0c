# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""In which destination of the document, or of the server, an archive is."""

from __future__ import annotations

from typing import Dict, Iterable

from .._engine.runner import Context
from .._errors import OptionError, Refused
from .._resources.backups.archives_file import SavedArchive
from .._resources.backups.destinations import Destination, bucket_of, destination_for
from .._resources.infrastructure.bucket_files import destination_rows, stamp_of
from .._resources.infrastructure.listings import DESTINATIONS
from .._resources.recovery.bucket import Placed, newest_before
from .._resources.recovery.words import what_of
from .._values.marks import FromResponse, is_marked
from .._values.timestamps import instant
from .entries import Entry


class Destinations:
    """The destinations of a server, as the document describes them.

    :param entries: those of the document.
    """

    def __init__(self, entries: Iterable[Entry], context: Context) -> None:
        self._context = context
        rows = DESTINATIONS.own(destination_rows(context))
        known = [Destination(bucket_of(row), str(row["destinationId"])) for row in rows]
        self._known: Dict[str, Destination] = {destination.bucket.name: destination for destination in known}
        for entry in entries:
            if entry.section.kind == "destination" and not (entry.absent or entry.read_only):
                name = str(entry.params.get("name"))
                promised = FromResponse(entry.key, DESTINATIONS.id_key)
                destination_id = self._known[name].id if name in self._known else promised
                self._known[name] = Destination(bucket_of(entry.params), destination_id)

    def of(self, archive: SavedArchive) -> Placed:
        """An archive with its destination; with C(archives_before), the newest one of the same data before that.

        Check mode only foretells that a destination which does not exist yet cannot be listed.

        :raises Refused: no destination has it.
        """
        wanted, before = archive.destination, self._context.params["archives_before"]
        destination = destination_for(wanted, self._known.values())
        if destination is None:
            raise Refused(
                "%s: no destination of the document or the server is for the bucket %s of %s"
                % (what_of(archive), wanted.bucket, wanted.endpoint),
                hint="Add it to destinations.",
            )
        placed = Placed(archive, destination.id)
        if before is None:
            return placed
        try:
            stamp = stamp_of(instant(before))
        except ValueError as error:
            raise OptionError("archives_before: %s" % error) from None
        if is_marked(destination.id):
            unlisted = Refused(
                "archives_before: the bucket %s can be listed once its destination exists" % wanted.bucket,
                hint="Create the destination first, such as with a document that has only that.",
            )
            self._context.executor.foretell(unlisted, "an earlier task creates it")
            return placed
        return newest_before(placed, stamp, self._context)

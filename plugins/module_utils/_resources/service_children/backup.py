# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Backups of databases, of databases in stacks and of Dokploy itself, and the files that they make."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from ..._engine.apply_child import child_operation
from ..._engine.lookup import resolve
from ..._engine.runner import Context, Operation
from ..._model.field import Listing
from ..._model.procedures import Reading
from ..._model.resource import Resource
from ..databases.database import DUMPED_DATABASES
from ..infrastructure.bucket_files import LIST_ANSWERS, MOST_FILES, file_view, list_files
from ..infrastructure.destination import DESTINATION
from ..services.compose import COMPOSE
from .jobs import backups

# The user of the API key, to whom the backups of Dokploy itself belong: others are listed nowhere.
WEB_SERVER = Resource(
    name="web_server",
    scope="singleton",
    listing=Listing("web server", ("user.getBackups",), "id"),
    options=(),
    reading=Reading("user.getBackups", in_listing=True),
    children=(backups("web_server"),),
)

OWNERS: Tuple[Resource, ...] = (*DUMPED_DATABASES, COMPOSE, WEB_SERVER)

OPERATION = child_operation(
    *((owner, child) for owner in OWNERS for child in owner.children if child.singular == "backup"),
    without={"redis": "Dokploy makes no backups of Redis. Back up its volume with dokploy_volume_backup."},
)


def _files(context: Context) -> Dict[str, Any]:
    """The files and folders in a folder of a bucket, sorted by their paths."""
    params = context.params
    destination_id = resolve(context.reads, DESTINATION.listing, params["destination"], "destination")
    files = list_files(context, destination_id, params["folder"].strip("/"), params["search"])
    if len(files) == MOST_FILES:
        context.warn(["Dokploy lists no more than %d files. Set folder or search to see others." % MOST_FILES])
    return {"changed": False, "files": sorted(map(file_view, files), key=lambda file: str(file["path"]))}


INFO_OPERATION = Operation(
    "dokploy_backup_info",
    {
        "destination": {"type": "str", "required": True},
        "folder": {"type": "str", "default": ""},
        "search": {"type": "str", "default": ""},
    },
    _files,
    resources=(DESTINATION,),
    answers=LIST_ANSWERS,
)

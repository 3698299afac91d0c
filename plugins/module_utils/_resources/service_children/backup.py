# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Backups of databases, of databases in stacks and of Dokploy itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Tuple

from ..._engine.apply_child import ChildActions, child_operation
from ..._model.field import Listing
from ..._model.procedures import Reading
from ..._model.resource import Resource
from ..databases.database import DUMPED_DATABASES
from ..infrastructure.bucket_files import LIST_ANSWERS
from ..services.compose import COMPOSE
from .archives import archives_of_dumps
from .jobs import backups
from .once import OPTION, executed_or_once

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

OPERATION = replace(
    child_operation(
        *((owner, child) for owner in OWNERS for child in owner.children if child.singular == "backup"),
        without={"redis": "Dokploy makes no backups of Redis. Back up its volume with dokploy_volume_backup."},
        actions=ChildActions({"executed": partial(executed_or_once, archives=archives_of_dumps)}, OPTION),
    ),
    answers=LIST_ANSWERS,
)

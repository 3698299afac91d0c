# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The modules of what services of several kinds have: domains, mounts, schedules, volume backups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from ..._engine.apply_child import NO_ACTIONS, ChildActions, child_operation
from ..._engine.diff import Diff, Judgement
from ..._engine.runner import Operation
from ..._engine.state import State
from ..._errors import Refused
from ..._model.field import Listing
from ..._model.procedures import Reading
from ..._model.resource import ChangeCheck, Resource
from ..._reads.reads import Reads
from ..databases.database import DATABASES
from ..infrastructure.bucket_files import LIST_ANSWERS
from ..infrastructure.server import SERVER
from ..infrastructure.server_validation import Validation
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .at_rest import OPTIONS, saved
from .jobs import host_schedules
from .runs import executed


def _operation(option: str, *parents: Resource, actions: ChildActions = NO_ACTIONS) -> Operation:
    pairs = [(parent, child) for parent in parents for child in parent.children if child.option == option]
    return child_operation(*pairs, actions=actions)


def _connection(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(refusal) of a server that gets a schedule and to which Dokploy cannot connect."""
    row = state.row
    try:
        if row is not None and diff.children:
            Validation(row, "server %r" % row.get("name"), ()).look(reads.client)
    except Refused as error:
        return {"refusal": error}
    return {}


def _within_reach(_state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """Dokploy stores a schedule before it writes its script to the server, and keeps it when it cannot (measured on
    0.30.2), so that the next run would find nothing to do.

    :raises Refused: Dokploy cannot connect to the server.
    """
    if "refusal" in known:
        raise known["refusal"]
    return Judgement(diff)


# As what has schedules.
HOSTS = (
    replace(
        SERVER,
        children=(host_schedules("server", serverId="$parent"),),
        checks=(ChangeCheck(_within_reach, _connection),),
    ),
    # On releases before 0.29.7 they belong to the user, later ones list them with any ID.
    Resource(
        name="dokploy_host",
        scope="singleton",
        listing=Listing("Dokploy host", ("user.get",), "userId"),
        options=(),
        reading=Reading("user.get", in_listing=True),
        children=(host_schedules("dokploy-server"),),
    ),
)

DOMAIN_OPERATION = _operation("domains", APPLICATION, COMPOSE)
MOUNT_OPERATION = _operation("mounts", APPLICATION, COMPOSE, *DATABASES)
SCHEDULE_OPERATION = _operation("schedules", APPLICATION, COMPOSE, *HOSTS, actions=ChildActions({"executed": executed}))
VOLUME_BACKUP_OPERATION = replace(
    _operation(
        "volume_backups",
        APPLICATION,
        COMPOSE,
        *DATABASES,
        actions=ChildActions({"executed": saved}, OPTIONS),
    ),
    answers=LIST_ANSWERS,
)

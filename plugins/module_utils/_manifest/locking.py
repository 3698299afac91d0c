# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The services of a document are locked for something that takes several tasks, such as a move."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._engine.runner import Context
from .._errors import Refused
from .._model.argspec import Spec
from .._resources.recovery.lock import CONTAINERS_GONE, LOCKED, refuse_other
from .._swarm.tasks import Service
from .archive_choice import ServiceOfEntry
from .entries import Entry
from .recovery_nodes import node_of
from .running import Switch

OPTIONS: Spec = {
    "locked_for": {
        "type": "dict",
        "options": {
            "purpose": {"type": "str", "required": True},
            "run": {"type": "str"},
            "silent": {"type": "float", "default": 60.0},
            "rest": {"type": "bool", "default": False},
            "continues": {"type": "bool", "default": False},
            "release": {"type": "bool", "default": False},
        },
    }
}


def locking_of(
    listed: Sequence[Planned], entries: Mapping[str, Entry], switched: Sequence[Switch], context: Context
) -> Dict[str, Any]:
    """What locks the services that exist, and what waits for the end of the containers of those that are stopped, as
    C(locks) and C(gone) of C(Stages).

    :param switched: the entries that are started or stopped.
    :raises Refused: services are locked for something else; all of them are in the message.
    """
    asked = context.params["locked_for"]
    if not asked:
        return {}
    existing = existing_services(listed, entries)
    _refuse_locked(existing.values(), asked)
    services = {key: ServiceOfEntry(entries[key], service.resource, service.id) for key, service in existing.items()}
    wait = {"wait_timeout": context.params["wait_timeout"]}
    stopped = [switch.entry.key for switch in switched if switch.entry.state == "stopped"]
    locks = [node_of(service, "lock of", LOCKED, {"locked_for": asked}) for service in services.values()]
    gone = [node_of(services[key], "end of", CONTAINERS_GONE, wait) for key in stopped if key in services]
    return {"locks": locks, "gone": gone}


def _refuse_locked(services: Iterable[Service], asked: Mapping[str, Any]) -> None:
    """:raises Refused: services are locked for something else."""
    refusals: List[Refused] = []
    for service in services:
        try:
            refuse_other(service, asked)
        except Refused as error:
            refusals.append(error)
    if refusals:
        raise Refused("\n".join(error.message for error in refusals), hint=refusals[0].hint)


def existing_services(listed: Sequence[Planned], entries: Mapping[str, Entry]) -> Dict[str, Service]:
    """The services that exist, and that entries describe, by the keys of these."""
    services = {}
    for planned in listed:
        entry, plan = entries[planned.node.key], planned.plan
        if entry.section.deploys and not entry.absent and isinstance(plan, ResourcePlan) and plan.state.row is not None:
            services[entry.key] = Service(plan.state.resource, plan.state.row, plan.state.target.label)
    return services

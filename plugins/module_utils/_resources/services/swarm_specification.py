# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The specification of a service that runs in the swarm, and its networks with their names, in rounds of queries.

C(docker.getConfig) answers C(docker inspect), which takes the name of a service that Dokploy builds for that of its
image (measured on 0.30.2), so that such a one is found through its tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Generator, List, Mapping, Sequence

from ..._api.client import Call
from ..._errors import Refused
from ..._reads.rows import valid
from ..._swarm.comparison import nothing_runs
from ..._swarm.tasks import Row, Service, inspect_calls, inspected, live_tasks, tasks_call, tasks_in
from ..._values.codec import is_empty

Calls = Sequence[Call]
Answers = Sequence[Any]

_SHOWN_BY_TASKS = ("Image", "Command", "Args", "Env", "Labels", "Mounts", "Healthcheck")
_SHARED = "dokploy-network"


@dataclass(frozen=True)
class RunningService:
    """A service that runs.

    :param spec: its specification; that of a task lacks what only a service has, such as C(Mode).
    :param networks: those that are configured. :param shown_networks: those that it is in.
    """

    spec: Row
    networks: List[Any]
    shown_networks: List[Any]


def running_service(service: Service, row: Row, thorough: bool) -> Generator[Calls, Answers, RunningService]:
    """A service that runs, whose tasks are all of it; in one round, and in a second one where Dokploy builds it.

    :param thorough: whether the specification is that of the service in any case, and is compared with its tasks.
    :raises Refused: nothing of it runs, or an update of it is in progress.
    """
    names = _known_names(row)
    listing = [Call("network.all", {})] if row.get("networkIds") and not row.get("networkSwarm") else []
    tasks, named, *rest = yield [tasks_call(service), *inspect_calls(row, [str(row.get("appName")), *names]), *listing]
    rows = valid(rest.pop()) if listing else ()
    live, spec = live_tasks(tasks_in(valid(tasks))), _spec_in(inspected([named])[0])
    configs: List[Row] = []
    if thorough or not spec:
        ids = [str(task.get("containerId")) for task in live]
        configs = inspected((yield inspect_calls(row, ids if thorough else ids[:1])) if ids else ())
    if not spec:
        spec = yield from _spec_of(row, configs, thorough)
    _check(service, live, configs, spec)
    known = {str(network.get("Id")): str(network.get("Name")) for network in inspected(rest) if network}
    attachments = yield from _shown_networks(row, spec["TaskTemplate"], known, names)
    return RunningService(spec, _networks(row, rows), attachments)


def _known_names(row: Row) -> List[str]:
    """The names of networks that the row states by itself."""
    own = [str(network.get("Target")) for network in row.get("networkSwarm") or ()]
    return own or ([] if row.get("detachDokployNetwork") else [_SHARED])


def _shown_networks(
    row: Row, template: Row, known: Mapping[str, str], names: Sequence[str]
) -> Generator[Calls, Answers, List[Any]]:
    """The networks that a service is in, with names in place of IDs. :param known: names of some, by their IDs."""
    networks: Sequence[Row] = template.get("Networks") or ()
    targets = [str(network.get("Target")) for network in networks]
    lacking = [target for target in targets if target not in (*known, *names)]
    configs = inspected((yield inspect_calls(row, lacking)) if lacking else ())
    known = {**known, **{target: str(network.get("Name") or target) for target, network in zip(lacking, configs)}}
    attachments = [_attachment(network, known.get(target, target)) for network, target in zip(networks, targets)]
    return sorted(attachments, key=str)


def _spec_of(row: Row, tasks: Sequence[Row], thorough: bool) -> Generator[Calls, Answers, Row]:
    """The specification of the service of tasks, or that of one of them; empty without any."""
    service_id = next((str(task["ServiceID"]) for task in tasks if task.get("ServiceID")), None)
    if thorough and service_id is not None:
        return _spec_in(inspected((yield inspect_calls(row, [service_id])))[0])
    return next(({"TaskTemplate": task["Spec"]} for task in tasks if _container_in(task)), {})


def _check(service: Service, live: Sequence[Row], tasks: Sequence[Row], spec: Row) -> None:
    """:raises Refused: nothing of it runs, or an update of it is in progress."""
    lasts = not service.mode.ends and service.mode.minimum > 0
    if not spec or (not live and lasts):
        raise nothing_runs(service)
    part = _part(spec["TaskTemplate"]["ContainerSpec"])
    if any(_container_in(task) and _part(_container_in(task)) != part for task in tasks):
        hint = "Run the task again when it has ended."
        raise Refused("%s: an update of it is in progress in Docker" % service.label, hint=hint)


def _spec_in(config: Row) -> Row:
    """The specification of a service; empty where Docker shows something else."""
    spec: Row = config.get("Spec") or {}
    return spec if (spec.get("TaskTemplate") or {}).get("ContainerSpec") else {}


def _container_in(task: Row) -> Row:
    container: Row = (task.get("Spec") or {}).get("ContainerSpec") or {}
    return container


def _part(container: Row) -> List[Any]:
    """What a task shows as its service does; of other keys, a task shows no defaults (measured)."""
    return [container.get(key) or None for key in _SHOWN_BY_TASKS]


def _networks(row: Row, rows: Sequence[Row]) -> List[Any]:
    """The networks that are configured. :param rows: those that Dokploy knows, where it is one of them."""
    own = row.get("networkSwarm")
    if own:
        return sorted((_attachment(network, str(network.get("Target"))) for network in own), key=str)
    overlays, wanted = [network for network in rows if network.get("driver") == "overlay"], row.get("networkIds") or ()
    names = [network.get("name") for network in overlays if network.get("networkId") in wanted]
    names += [] if row.get("detachDokployNetwork") else [_SHARED]
    return sorted(({"Target": str(name)} for name in names), key=str)


def _attachment(network: Row, name: str) -> Dict[str, Any]:
    return {**set_values(network), "Target": name}


def set_values(value: Any) -> Dict[str, Any]:
    """An object of Docker's without what is not set; lists without an order are sorted."""
    values = {}
    for key, item in (value or {}).items():
        if isinstance(item, Mapping):
            item = set_values(item)
        elif isinstance(item, list) and key in ("Constraints", "Aliases"):
            item = sorted(item)
        if not is_empty(item) and item != 0 or key == "Replicas":
            values[key] = item
    return values

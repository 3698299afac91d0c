# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The networks that Docker makes for a stack of the swarm, which outlive its removal.

C(docker stack rm), with which Dokploy stops such a stack, returns when its services are gone. Its networks go when the
last container has ended, 10 to 20 seconds later. A deployment until then takes them for its own, and fails with
C(network ..._default not found) (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .._api.client import Client
from .tasks import Row, Service, inspect, live_tasks

_NAMESPACE = "com.docker.stack.namespace"


def own_networks(services: Sequence[Tuple[Service, Sequence[Row]]], client: Client) -> List[Dict[str, str]]:
    """The names of the networks that go with each service, by their IDs. :param services: each with its tasks."""
    names = []
    for service, tasks in services:
        # A container outside of the swarm keeps its networks when it is stopped.
        live = [task for task in live_tasks(tasks) if service.mode.name == "stack" and not task.get("keepsId")]
        targets = list(dict.fromkeys(_targets(inspect(client, service.row, _ids(live)))))
        networks = zip(targets, inspect(client, service.row, targets))
        own = {target: network for target, network in networks if _is_own(network, service.row)}
        names.append({target: str(network.get("Name")) for target, network in own.items()})
    return names


def remaining_networks(service: Service, networks: Mapping[str, str], client: Client) -> List[str]:
    """The names of those that Docker still has."""
    answers = inspect(client, service.row, networks)
    return [name for name, network in zip(networks.values(), answers) if network]


def _ids(tasks: Sequence[Row]) -> Iterator[str]:
    """One task of each service: the others are in the same networks."""
    yield from {str(task.get("name")).rpartition(".")[0]: str(task.get("containerId")) for task in tasks}.values()


def _targets(tasks: Iterable[Row]) -> Iterator[str]:
    for task in tasks:
        for network in (task.get("Spec") or {}).get("Networks") or ():
            yield str(network.get("Target"))


def _is_own(network: Row, row: Row) -> bool:
    return (network.get("Labels") or {}).get(_NAMESPACE) == row.get("appName")

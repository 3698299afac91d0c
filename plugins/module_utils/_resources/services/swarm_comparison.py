# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs beside what is configured, option by option, for a service that no deployment of this collection has made.

C(docker.getConfig) shows the whole specification of a service of the swarm, to which Dokploy translates the columns of
its row (source of 0.30.2, measured). What Docker fills in by itself counts as not set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Client
from ..._errors import Refused
from ..._swarm.tasks import Comparison, Row, Service, inspect, live_tasks, read_tasks
from ..._values import dotenv
from ..._values.codec import is_empty, stated_labels

# Docker's own values, which its answer shows where nothing is set.
_RESTART = {"Condition": "any", "Delay": 5000000000}
_UPDATE = {"FailureAction": "pause", "Monitor": 5000000000, "Order": "stop-first"}
# Dokploy's updates in place of none, of all releases and kinds of services.
_USUAL_UPDATE = {"Parallelism": 1, "Monitor": 5000000000}
_USUAL_GRACE = (None, 10000000000, 30000000000)
_SHOWN_BY_TASKS = ("Image", "Command", "Args", "Env", "Labels", "Mounts", "Healthcheck")
_MANAGER = "node.role==manager"
_REFERENCE = re.compile(r"\$\{\{(?:(project|environment)\.)?(.*?)\}\}")
_VAULT = "${{vault."

# An option, what is configured and what runs.
Pair = Tuple[str, Any, Any]


@dataclass(frozen=True)
class Translation:
    """How Dokploy translates what is special about a kind of service.

    :param image: the option of the image, and the image; its end, if it begins with C(/).
    :param variables: environment text before the service's own.
    :param command: the command and its arguments; C(None) where they are not compared.
    :param ports: the published ports where no endpoint is stated, and C(endpoint) its mode.
    :param port_option: the option of the ports.
    :param unread: columns that no deployment reads. :param unknown: options that cannot be seen in what runs.
    """

    image: Tuple[str, str]
    command: Optional[Tuple[Any, Any]]
    ports: Tuple[Mapping[str, Any], ...]
    variables: str = ""
    endpoint: str = "vip"
    port_option: str = "ports"
    unread: Tuple[str, ...] = ()
    unknown: Tuple[str, ...] = ()


def compare_service(service: Service, translation: Translation, client: Client) -> Comparison:
    """A service of the swarm beside its row.

    :raises Refused: nothing of it runs, or an update of it is in progress.
    """
    row = {**service.row, **dict.fromkeys(translation.unread)}
    spec = _running_spec(service, row, client)
    container = spec["TaskTemplate"]["ContainerSpec"]
    pairs = [
        *_container_pairs(row, container, translation),
        *_task_pairs(row, spec["TaskTemplate"], client),
        *_service_pairs(row, spec, translation),
    ]
    names, unresolved = _variables(row, container.get("Env") or (), translation.variables)
    labels = _different(stated_labels(row.get("labelsSwarm")), stated_labels(container.get("Labels")))
    different = [option for option, wanted, shown in pairs if wanted != shown]
    different += _in_brackets("env", names) + _in_brackets("labels", labels)
    compared = [option for option, _wanted, _shown in pairs if option not in different]
    compared += [option for option, names in (("env", names), ("labels", labels)) if not names]
    unknown = [*translation.unknown, *_in_brackets("env", unresolved)]
    if any(mount.get("type") == "file" for mount in row.get("mounts") or ()):
        unknown.append("mounts (content of files)")
    return Comparison(tuple(different), tuple(dict.fromkeys(compared)), tuple(unknown))


def _running_spec(service: Service, row: Row, client: Client) -> Row:
    """The specification of a service that runs, whose tasks are all of it."""
    live = live_tasks(read_tasks(client, service))
    tasks = inspect(client, row, [str(task.get("containerId")) for task in live])
    # Docker takes the name of a service that Dokploy builds for that of its image (measured), so it is asked by ID.
    wanted = next((str(task["ServiceID"]) for task in tasks if task.get("ServiceID")), str(row.get("appName")))
    (found,) = inspect(client, row, [wanted])
    spec: Row = found.get("Spec") or {}
    container = (spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
    if not container or (not live and service.mode.name != "job" and service.mode.minimum > 0):
        raise nothing_runs(service)
    running = [(task.get("Spec") or {}).get("ContainerSpec") for task in tasks]
    if any(one and _part(one) != _part(container) for one in running):
        hint = "Run the task again when it has ended."
        raise Refused("%s: an update of it is in progress in Docker" % service.label, hint=hint)
    return spec


def _part(container: Row) -> List[Any]:
    """What a task shows as its service does; of other keys, a task shows no defaults (measured)."""
    return [container.get(key) or None for key in _SHOWN_BY_TASKS]


def nothing_runs(service: Service) -> Refused:
    hint = "Deploy it with trigger=changed."
    return Refused("%s: nothing of it runs that could be adopted" % service.label, hint=hint)


def _in_brackets(option: str, names: Sequence[str]) -> List[str]:
    return ["%s (%s)" % (option, ", ".join(sorted(names)))] if names else []


def _container_pairs(row: Row, container: Row, translation: Translation) -> Iterator[Pair]:
    option, image = translation.image
    shown = str(container.get("Image") or "")
    # The client of Docker adds a digest to what it pulls.
    shown = shown if "@" in image else shown.partition("@")[0]
    yield option, image, shown[-len(image) :] if image.startswith("/") else shown
    if translation.command is not None:
        command, args = translation.command
        yield "command", command or [], container.get("Command") or []
        yield "args", args or [], container.get("Args") or []
    yield "mounts", sorted(_mounts(row)), sorted(_shown_mounts(row, container))
    yield "healthcheck", _set(row.get("healthCheckSwarm")), _set(container.get("Healthcheck"))
    yield "ulimits", _by_name(row.get("ulimitsSwarm")), _by_name(container.get("Ulimits"))
    grace = container.get("StopGracePeriod")
    wanted = row.get("stopGracePeriodSwarm")
    yield "stop_grace_period", wanted, None if wanted is None and grace in _USUAL_GRACE else grace


def _task_pairs(row: Row, template: Row, client: Client) -> Iterator[Pair]:
    resources = template.get("Resources") or {}
    for option, part, key, column in (
        ("memory_limit", "Limits", "MemoryBytes", "memoryLimit"),
        ("cpu_limit", "Limits", "NanoCPUs", "cpuLimit"),
        ("memory_reservation", "Reservations", "MemoryBytes", "memoryReservation"),
        ("cpu_reservation", "Reservations", "NanoCPUs", "cpuReservation"),
    ):
        yield option, _number(row.get(column)), (resources.get(part) or {}).get(key) or 0
    restart = {**_RESTART, **_set(row.get("restartPolicySwarm"))}
    yield "restart_policy", restart, {**_RESTART, **_set(template.get("RestartPolicy"))}
    placement = row.get("placementSwarm") or {"Constraints": [_MANAGER] if row.get("mounts") else []}
    yield "placement", _set(placement), _set(template.get("Placement"))
    yield "networks", _networks(row, client), _shown_networks(row, template.get("Networks") or (), client)


def _service_pairs(row: Row, spec: Row, translation: Translation) -> Iterator[Pair]:
    mode = row.get("modeSwarm") or {"Replicated": {"Replicas": row.get("replicas")}}
    option = "mode" if row.get("modeSwarm") else "replicas"
    yield option, {key: _set(value) for key, value in mode.items()}, _modes(spec.get("Mode"))
    for option, column, key in (
        ("update_config", "updateConfigSwarm", "UpdateConfig"),
        ("rollback_config", "rollbackConfigSwarm", "RollbackConfig"),
    ):
        wanted, shown = row.get(column), {**_UPDATE, **_set(spec.get(key))}
        if wanted is None:
            # The action and the order that Dokploy takes by itself depend on its release.
            yield option, _USUAL_UPDATE, {name: shown.get(name) for name in _USUAL_UPDATE}
        else:
            yield option, {**_UPDATE, **_set(wanted)}, shown
    endpoint, shown = row.get("endpointSpecSwarm"), spec.get("EndpointSpec") or {}
    ports: Sequence[Row] = translation.ports if endpoint is None else endpoint.get("Ports") or ()
    usual = translation.endpoint if endpoint is None else "vip"
    wanted = ((endpoint or {}).get("Mode") or usual, sorted(map(_port, ports)))
    option = translation.port_option if endpoint is None else "endpoint_spec"
    yield option, wanted, (shown.get("Mode") or "vip", sorted(map(_port, shown.get("Ports") or ())))


def _port(port: Row) -> Tuple[Any, ...]:
    mode = port.get("PublishMode") or "host"
    return port.get("PublishedPort") or 0, port.get("TargetPort") or 0, port.get("Protocol") or "tcp", mode


def _modes(shown: Any) -> Dict[str, Any]:
    return {key: _set(value) for key, value in (shown or {}).items()}


def _set(value: Any) -> Dict[str, Any]:
    """An object of Docker's without what is not set; lists without an order are sorted."""
    found = {}
    for key, item in (value or {}).items():
        if isinstance(item, Mapping):
            item = _set(item)
        elif isinstance(item, list) and key in ("Constraints", "Aliases"):
            item = sorted(item)
        if not is_empty(item) and item != 0 or key == "Replicas":
            found[key] = item
    return found


def _by_name(limits: Any) -> List[Dict[str, Any]]:
    return sorted((_set(one) for one in limits or ()), key=lambda one: str(one.get("Name")))


def _number(text: Any) -> int:
    found = re.match(r"\s*(\d+)", str(text or ""))
    return int(found.group(1)) if found else 0


def _mounts(row: Row) -> Iterator[Tuple[str, str, str]]:
    for mount in row.get("mounts") or ():
        kind, path = mount.get("type"), str(mount.get("mountPath"))
        if kind == "file":
            yield "bind", str(mount.get("filePath") or "").strip("/"), path
        else:
            source = mount.get("volumeName") if kind == "volume" else mount.get("hostPath")
            yield str(kind), str(source or ""), path


def _shown_mounts(row: Row, container: Row) -> Iterator[Tuple[str, str, str]]:
    folder = "/%s/files/" % row.get("appName")
    for mount in container.get("Mounts") or ():
        source = str(mount.get("Source") or "")
        # Where Dokploy keeps files depends on the server.
        file = source.partition(folder)[2] if mount.get("Type") == "bind" else ""
        yield str(mount.get("Type")), file or source, str(mount.get("Target"))


def _networks(row: Row, client: Client) -> List[Any]:
    own = row.get("networkSwarm")
    if own:
        return sorted((_attachment(one, str(one.get("Target"))) for one in own), key=str)
    wanted = row.get("networkIds") or ()
    rows = client.query("network.all", {}) if wanted else ()
    names = [one.get("name") for one in rows if one.get("networkId") in wanted and one.get("driver") == "overlay"]
    names += [] if row.get("detachDokployNetwork") else ["dokploy-network"]
    return sorted(({"Target": str(name)} for name in names), key=str)


def _shown_networks(row: Row, shown: Sequence[Row], client: Client) -> List[Any]:
    """With names in place of IDs."""
    found = inspect(client, row, [str(one.get("Target")) for one in shown])
    names = [str(one.get("Name") or network.get("Target")) for one, network in zip(found, shown)]
    return sorted((_attachment(network, name) for network, name in zip(shown, names)), key=str)


def _attachment(network: Row, name: str) -> Dict[str, Any]:
    return {**_set(network), "Target": name}


def _different(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> List[str]:
    return [name for name in {**wanted, **shown} if wanted.get(name) != shown.get(name)]


def _variables(row: Row, shown: Sequence[str], before: str) -> Tuple[List[str], List[str]]:
    """The names of the variables that differ, and of those whose value only a vault has."""
    wanted = resolved_variables(row, "%s\n%s" % (before, row.get("env") or ""))
    unresolved = [name for name, value in wanted.items() if value is None]
    found = dict(line.partition("=")[::2] for line in shown)
    known = {name: value for name, value in wanted.items() if value is not None}
    return _different(known, {name: value for name, value in found.items() if name not in unresolved}), unresolved


def resolved_variables(row: Row, text: str) -> Dict[str, Optional[str]]:
    """The variables of a text as a container gets them; C(None) where a vault has the value."""
    environment: Row = row.get("environment") or {}
    own = dotenv.parse(text)
    shared = {"project": environment.get("project") or {}, "environment": environment}
    tables = {"": own, **{name: dotenv.parse(one.get("env")) for name, one in shared.items()}}

    def value_of(match: Any) -> str:
        # A reference to nothing makes each deployment fail.
        return str(tables[match.group(1) or ""].get(match.group(2), match.group(0)))

    found: Dict[str, Optional[str]] = {}
    for name, value in own.items():
        # A variable of the project may refer to the service's own.
        value = _REFERENCE.sub(value_of, _REFERENCE.sub(value_of, value)) if _VAULT not in value else value
        found[name] = None if _VAULT in value else value
    return found

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

from ..._swarm.comparison import Comparison, Looks, Mismatch
from ..._swarm.tasks import Row, Service
from ..._values import dotenv
from ..._values.codec import stated_labels
from .swarm_specification import running_service, set_values

# Docker's own values, which its answer shows where nothing is set.
_RESTART = {"Condition": "any", "Delay": 5000000000}
_UPDATE = {"FailureAction": "pause", "Monitor": 5000000000, "Order": "stop-first"}
# Dokploy's updates in place of none, of all releases and kinds of services.
_USUAL_UPDATE = {"Parallelism": 1, "Monitor": 5000000000}
_USUAL_GRACE = (None, 10000000000, 30000000000)
_MANAGER = "node.role==manager"
# The options of which a change explains that another one differs.
_EXPLAINED: Mapping[str, Tuple[str, ...]] = {
    "networks": ("networks", "network_attachments", "detach_dokploy_network"),
    "replicas": ("replicas", "mode"),
    "mode": ("mode", "replicas"),
    "ports": ("ports", "endpoint_spec"),
    "external_port": ("external_port", "external_grpc_port", "external_admin_port"),
    # Dokploy constrains a service with mounts to managers.
    "placement": ("placement", "mounts"),
}
# Of a database, what its own variables and commands are made of.
_LOGIN = ("database", "user", "password", "root_password")
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


def compare_service(service: Service, translation: Translation, thorough: bool) -> Looks:
    """A service of the swarm beside its row.

    :raises Refused: nothing of it runs, or an update of it is in progress.
    """
    row = {**service.row, **dict.fromkeys(translation.unread)}
    running = yield from running_service(service, row, thorough)
    spec = running.spec
    container = spec["TaskTemplate"]["ContainerSpec"]
    of_service = list(_service_pairs(row, spec, translation))
    pairs = [
        *_container_pairs(row, container, translation),
        *_task_pairs(row, spec["TaskTemplate"]),
        ("networks", running.networks, running.shown_networks),
        *(of_service if "Mode" in spec else ()),
    ]
    names, unresolved = _variables(row, container.get("Env") or (), translation.variables)
    labels = _different(stated_labels(row.get("labelsSwarm")), stated_labels(container.get("Labels")))
    different = [
        Mismatch(option, _EXPLAINED.get(option, (option,))) for option, wanted, actual in pairs if wanted != actual
    ]
    own = set(dotenv.parse(translation.variables))
    different += _in_brackets("env", names, ("env", *(_LOGIN if own.intersection(names) else ())))
    different += _in_brackets("labels", labels, ("labels",))
    compared = [option for option, wanted, actual in pairs if wanted == actual]
    compared += [option for option, names in (("env", names), ("labels", labels)) if not names]
    unknown = [*translation.unknown, *(mismatch.text for mismatch in _in_brackets("env", unresolved, ("env",)))]
    unknown += [] if "Mode" in spec else [option for option, _wanted, _shown in of_service]
    if any(mount.get("type") == "file" for mount in row.get("mounts") or ()):
        unknown.append("mounts (content of files)")
    return Comparison(tuple(different), tuple(dict.fromkeys(compared)), tuple(unknown))


def _in_brackets(option: str, names: Sequence[str], options: Tuple[str, ...]) -> List[Mismatch]:
    text = "%s (%s)" % (option, ", ".join(sorted(names)))
    return [Mismatch(text, options, frozenset(names))] if names else []


def _container_pairs(row: Row, container: Row, translation: Translation) -> Iterator[Pair]:
    option, image = translation.image
    actual = str(container.get("Image") or "")
    # The client of Docker adds a digest to what it pulls.
    actual = actual if "@" in image else actual.partition("@")[0]
    yield option, image, actual[-len(image) :] if image.startswith("/") else actual
    if translation.command is not None:
        command, args = translation.command
        yield "command", command or [], container.get("Command") or []
        yield "args", args or [], container.get("Args") or []
    yield "mounts", sorted(_mounts(row)), sorted(_shown_mounts(row, container))
    yield "healthcheck", set_values(row.get("healthCheckSwarm")), set_values(container.get("Healthcheck"))
    yield "ulimits", _by_name(row.get("ulimitsSwarm")), _by_name(container.get("Ulimits"))
    grace = container.get("StopGracePeriod")
    wanted = row.get("stopGracePeriodSwarm")
    yield "stop_grace_period", wanted, None if wanted is None and grace in _USUAL_GRACE else grace


def _task_pairs(row: Row, template: Row) -> Iterator[Pair]:
    resources = template.get("Resources") or {}
    for option, part, key, column in (
        ("memory_limit", "Limits", "MemoryBytes", "memoryLimit"),
        ("cpu_limit", "Limits", "NanoCPUs", "cpuLimit"),
        ("memory_reservation", "Reservations", "MemoryBytes", "memoryReservation"),
        ("cpu_reservation", "Reservations", "NanoCPUs", "cpuReservation"),
    ):
        yield option, _number(row.get(column)), (resources.get(part) or {}).get(key) or 0
    restart = {**_RESTART, **set_values(row.get("restartPolicySwarm"))}
    yield "restart_policy", restart, {**_RESTART, **set_values(template.get("RestartPolicy"))}
    placement = row.get("placementSwarm") or {"Constraints": [_MANAGER] if row.get("mounts") else []}
    yield "placement", set_values(placement), set_values(template.get("Placement"))


def _service_pairs(row: Row, spec: Row, translation: Translation) -> Iterator[Pair]:
    mode = row.get("modeSwarm") or {"Replicated": {"Replicas": row.get("replicas")}}
    option = "mode" if row.get("modeSwarm") else "replicas"
    yield option, {key: set_values(value) for key, value in mode.items()}, _modes(spec.get("Mode"))
    for option, column, key in (
        ("update_config", "updateConfigSwarm", "UpdateConfig"),
        ("rollback_config", "rollbackConfigSwarm", "RollbackConfig"),
    ):
        wanted, actual = row.get(column), {**_UPDATE, **set_values(spec.get(key))}
        if wanted is None:
            # The action and the order that Dokploy takes by itself depend on its release.
            yield option, _USUAL_UPDATE, {name: actual.get(name) for name in _USUAL_UPDATE}
        else:
            yield option, {**_UPDATE, **set_values(wanted)}, actual
    endpoint, actual = row.get("endpointSpecSwarm"), spec.get("EndpointSpec") or {}
    ports: Sequence[Row] = translation.ports if endpoint is None else endpoint.get("Ports") or ()
    usual = translation.endpoint if endpoint is None else "vip"
    wanted = ((endpoint or {}).get("Mode") or usual, sorted(map(_port, ports)))
    option = translation.port_option if endpoint is None else "endpoint_spec"
    yield option, wanted, (actual.get("Mode") or "vip", sorted(map(_port, actual.get("Ports") or ())))


def _port(port: Row) -> Tuple[Any, ...]:
    mode = port.get("PublishMode") or "host"
    return port.get("PublishedPort") or 0, port.get("TargetPort") or 0, port.get("Protocol") or "tcp", mode


def _modes(mode: Any) -> Dict[str, Any]:
    return {key: set_values(value) for key, value in (mode or {}).items()}


def _by_name(limits: Any) -> List[Dict[str, Any]]:
    return sorted((set_values(limit) for limit in limits or ()), key=lambda limit: str(limit.get("Name")))


def _number(text: Any) -> int:
    match = re.match(r"\s*(\d+)", str(text or ""))
    return int(match.group(1)) if match else 0


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


def _different(wanted: Mapping[str, Any], actual: Mapping[str, Any]) -> List[str]:
    return [name for name in {**wanted, **actual} if wanted.get(name) != actual.get(name)]


def _variables(row: Row, lines: Sequence[str], before: str) -> Tuple[List[str], List[str]]:
    """The names of the variables that differ, and of those whose value only a vault has."""
    wanted = resolved_variables(row, "%s\n%s" % (before, row.get("env") or ""))
    unresolved = [name for name, value in wanted.items() if value is None]
    actual = dict(line.partition("=")[::2] for line in lines)
    known = {name: value for name, value in wanted.items() if value is not None}
    return _different(known, {name: value for name, value in actual.items() if name not in unresolved}), unresolved


def resolved_variables(row: Row, text: str) -> Dict[str, Optional[str]]:
    """The variables of a text as a container gets them; C(None) where a vault has the value."""
    environment: Row = row.get("environment") or {}
    own = dotenv.parse(text)
    shared = {"project": environment.get("project") or {}, "environment": environment}
    tables = {"": own, **{name: dotenv.parse(owner.get("env")) for name, owner in shared.items()}}

    def value_of(match: Any) -> str:
        # A reference to nothing makes each deployment fail.
        return str(tables[match.group(1) or ""].get(match.group(2), match.group(0)))

    resolved: Dict[str, Optional[str]] = {}
    for name, value in own.items():
        # A variable of the project may refer to the service's own.
        value = _REFERENCE.sub(value_of, _REFERENCE.sub(value_of, value)) if _VAULT not in value else value
        resolved[name] = None if _VAULT in value else value
    return resolved

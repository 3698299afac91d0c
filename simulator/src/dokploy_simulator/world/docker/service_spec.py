# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spec of the swarm service that Dokploy creates from an application's row, as ``docker inspect`` shows it.

Measured on Dokploy 0.30.2 with every swarm column set, and with values that Docker refuses."""

from __future__ import annotations

import re
from typing import Any

from ...store.rollbacks import registry_tag
from ...store.store import Row, Store

SMALLEST_MEMORY = 4 * 1024 * 1024
SMALLEST_CPU = 1_000_000
ASSIGNMENT = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*=[ \t]*"""
    r"""(?P<value>'[^']*'|"(?:\\"|[^"])*"|`[^`]*`|[^#\r\n]*)[ \t]*(?:\#.*)?\r?$""",
    re.MULTILINE,
)
LEADING_NUMBER = re.compile(r"\s*([+-]?\d+)")


class DockerError(Exception):
    """What ends a deployment after its build: Docker, or Dokploy before it asks Docker, refuses the service."""


def dotenv(text: str | None) -> dict[str, str]:
    """The variables of an env text as a container sees them; the last of two wins, in the place of the first."""
    result: dict[str, str] = {}
    for match in ASSIGNMENT.finditer(text or ""):
        value = match["value"].strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"`":
            quote, value = value[0], value[1:-1]
            if quote == '"':
                value = value.replace("\\n", "\n").replace("\\r", "\r")
        result[match["name"]] = value
    return result


def environment(app: Row) -> list[str]:
    """``NAME=value`` with the references to shared variables replaced. Raises ``DockerError`` for an unknown one."""
    home = app["environment"]
    own, project, shared = dotenv(app["env"]), dotenv(home["project"]["env"]), dotenv(home["env"])

    def replaced(pattern: str, table: dict[str, str], problem: str, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            if match[1] not in table:
                raise DockerError(f"{problem}{match[1]}")
            return table[match[1]]

        return re.sub(pattern, value, text)

    lines = []
    for name, text in own.items():
        text = replaced(r"\$\{\{project\.(.*?)\}\}", project, "Invalid project environment variable: project.", text)
        text = replaced(r"\$\{\{environment\.(.*?)\}\}", shared, "Invalid environment variable: environment.", text)
        text = replaced(r"\$\{\{(.*?)\}\}", own, "Invalid service environment variable: ", text)
        lines.append(f"{name}={text}")
    return lines


def mounts(app: Row) -> list[Row]:
    """Volumes, then binds, then files."""
    files = f"/etc/dokploy/applications/{app['appName']}/files"
    result = []
    for kind in ("volume", "bind", "file"):
        for row in app["mounts"]:
            if row["type"] == kind:
                path = (row["filePath"] or "").lstrip("/")
                file = f"{files}/{path}" if path else files
                source = {"volume": row["volumeName"], "bind": row["hostPath"], "file": file}[kind] or ""
                kind_of_mount = "volume" if kind == "volume" else "bind"
                result.append({"Type": kind_of_mount, "Source": source, "Target": row["mountPath"]})
    return result


def number(text: str | None) -> int | None:
    """``Number.parseInt``: ``512m`` is 512. Nought and what is no number do not count."""
    match = LEADING_NUMBER.match(text or "")
    return int(match[1]) if match and int(match[1]) else None


def invalid(text: str) -> DockerError:
    return DockerError(f"(HTTP code 400) unexpected - rpc error: code = InvalidArgument desc = {text} ")


def resources(app: Row) -> Row:
    result: Row = {}
    for name, cpu, memory in (
        ("Limits", number(app["cpuLimit"]), number(app["memoryLimit"])),
        ("Reservations", number(app["cpuReservation"]), number(app["memoryReservation"])),
    ):
        if cpu is not None and cpu < SMALLEST_CPU:
            raise invalid(f"invalid cpu value {cpu / 1e9:g}: Must be at least 0.001")
        if memory is not None and memory < SMALLEST_MEMORY:
            raise invalid(f"invalid memory value {memory}: Must be at least 4MiB")
        values = {"NanoCPUs": cpu, "MemoryBytes": memory}
        result[name] = {key: value for key, value in values.items() if value is not None}
    return result


def networks(store: Store, app: Row) -> list[Row]:
    """By name. ``networkSwarm`` stands for all else; of ``networkIds`` only overlay networks that exist count."""
    if app["networkSwarm"]:
        return list(app["networkSwarm"])
    names = [] if app["detachDokployNetwork"] else ["dokploy-network"]
    wanted = app["networkIds"] or ()
    rows = [row for row in store.networks if row["networkId"] in wanted and row["driver"] == "overlay"]
    return [{"Target": name} for name in (*names, *(row["name"] for row in rows))]


def endpoint(app: Row) -> Row:
    given = app["endpointSpecSwarm"]
    if given:
        defaults = {"Protocol": "tcp", "TargetPort": 0, "PublishedPort": 0, "PublishMode": "host"}
        ports = [{name: port.get(name) or value for name, value in defaults.items()} for port in given.get("Ports", ())]
        return {"Mode": given.get("Mode") or "vip", **({"Ports": ports} if ports else {})}
    ports = [
        {
            "Protocol": row["protocol"],
            "TargetPort": row["targetPort"],
            "PublishedPort": row["publishedPort"],
            "PublishMode": row["publishMode"],
        }
        for row in app["ports"]
    ]
    return {"Mode": "vip", **({"Ports": ports} if ports else {})}


def image_of(app: Row) -> str:
    if app["sourceType"] == "docker":
        return str(app["dockerImage"] or "ERROR-NO-IMAGE-PROVIDED")
    name = f"{app['appName']}:latest"
    registry = app["registry"] or app["buildRegistry"]
    return registry_tag(registry, name) if registry else name


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what Docker leaves out when it is empty."""
    return {name: value for name, value in values.items() if value not in (None, [], {}, "")}


def container_of(row: Row, image: str, env: list[str], command: Row) -> Row:
    """The container of a service; ``command``: its ``Command`` and ``Args``."""
    container = {
        "Image": image,
        "Labels": row["labelsSwarm"],
        **command,
        "Env": env,
        "Mounts": mounts(row),
        "StopGracePeriod": row["stopGracePeriodSwarm"],
        "Healthcheck": row["healthCheckSwarm"],
        "Isolation": "default",
        "Ulimits": row["ulimitsSwarm"],
    }
    return filled(container)


def task_template(row: Row, container: Row, joined: list[Row]) -> Row:
    placement = row["placementSwarm"] or ({"Constraints": ["node.role==manager"]} if row["mounts"] else {})
    return {
        "ContainerSpec": container,
        "Resources": resources(row),
        **({"RestartPolicy": row["restartPolicySwarm"]} if row["restartPolicySwarm"] else {}),
        "Placement": placement,
        "Networks": joined,
    }


def service_of(row: Row, task: Row, endpoint_spec: Row, order: str) -> Row:
    """The whole spec. ``order``: of an update that says none."""
    mode = row["modeSwarm"] or {"Replicated": {"Replicas": row["replicas"]}}
    if mode.get("Replicated", {}).get("Replicas", 0) < 0:
        raise DockerError(
            "(HTTP code 400) bad parameter - json: cannot unmarshal number into Go struct field Replicas "
        )
    usual = {"Parallelism": 1, "FailureAction": "rollback", "MaxFailureRatio": 0, "Order": order}
    return {
        "Name": row["appName"],
        "Labels": {},
        "TaskTemplate": task,
        "Mode": mode,
        "UpdateConfig": row["updateConfigSwarm"] or usual,
        "RollbackConfig": row["rollbackConfigSwarm"] or {**usual, "FailureAction": "pause"},
        "EndpointSpec": endpoint_spec,
    }


def service_spec(store: Store, app: Row) -> Row:
    """``app``: the application with everything joined. Raises ``DockerError`` for what Docker refuses."""
    command = {"Command": app["command"].split(" ") if app["command"] else None, "Args": app["args"]}
    container = container_of(app, image_of(app), environment(app), command)
    task = task_template(app, container, networks(store, app))
    return service_of(app, task, endpoint(app), "start-first")

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs of a Compose stack beside its Compose file, as far as containers show it.

C(compose.getConvertedCompose) answers the file that a deployment would write: with the domains as labels, and with the
names that C(randomize) makes. Of a repository it takes the last checkout (source of 0.30.2).
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from ..._api.client import Client
from ..._errors import Refused, ServerError
from ..._swarm.tasks import Comparison, Row, Service, inspect, live_tasks, read_tasks
from ..._values import yaml_text
from .swarm_comparison import nothing_runs, resolved_variables

_SERVICE = "com.docker.compose.service"
# $$, $NAME, ${NAME}, ${NAME:-default}; anything else is left alone.
_INTERPOLATED = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?-)([^{}$]*))?\}|(.?))")
_UNKNOWN = ("command", "mounts", "ports", "volumes", "networks", "deploy", "other keys of the Compose file")


def compare_stack(service: Service, client: Client) -> Comparison:
    """The services that run, their images, variables and labels beside the Compose file.

    :raises Refused: nothing of it runs, or its Compose file cannot be read here.
    """
    live = live_tasks(read_tasks(client, service))
    if not live:
        raise nothing_runs(service)
    wanted, values = _services(service, client), resolved_variables(service.row, str(service.row.get("env") or ""))
    running = _running(service, live, client)
    different = ["%s (is not in the Compose file)" % name for name in sorted(set(running) - set(wanted))]
    different += ["%s (does not run)" % name for name in sorted(set(wanted) - set(running))]
    unknown: Set[str] = set()
    swarm = service.row.get("composeType") == "stack"
    for name in sorted(set(wanted) & set(running)):
        for container in running[name]:
            found = list(_differences(wanted[name], container, values, swarm, unknown))
            different += ["%s (%s)" % (name, one) for one in found]
    return Comparison(
        tuple(dict.fromkeys(different)),
        ("services", "image", "environment", "labels"),
        (*_UNKNOWN, *sorted(unknown), *(() if service.row.get("sourceType") == "raw" else ("the commit",))),
    )


def _services(service: Service, client: Client) -> Dict[str, Row]:
    """The services of the file that a deployment would write."""
    if not yaml_text.HAS_YAML:
        raise Refused("%s: trigger=adopt needs PyYAML where the task runs" % service.label)
    try:
        text = client.query("compose.getConvertedCompose", service.input())
        services = yaml_text.mapping_of(str(text), "", "")["services"]
    except (ServerError, ValueError, KeyError) as error:
        raise Refused("%s: its Compose file cannot be read: %s" % (service.label, error)) from None
    return {str(name): one or {} for name, one in services.items()}


def _running(service: Service, live: Sequence[Row], client: Client) -> Dict[str, List[Row]]:
    """What runs of each service: C(image), C(env) and C(labels) of its containers."""
    row = service.row
    found: Dict[str, List[Row]] = {}
    if row.get("composeType") == "stack":
        names = sorted({str(task.get("name")).rpartition(".")[0] for task in live})
        prefix = "%s_" % row.get("appName")
        for name, one in zip(names, inspect(client, row, names)):
            spec = one.get("Spec") or {}
            container = (spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
            labels = {**(container.get("Labels") or {}), **(spec.get("Labels") or {})}
            found[name[len(prefix) :] if name.startswith(prefix) else name] = [
                {"image": container.get("Image"), "env": container.get("Env"), "labels": labels}
            ]
        return found
    for one in inspect(client, row, [str(task.get("containerId")) for task in live]):
        config = one.get("Config") or {}
        labels = config.get("Labels") or {}
        shown = {"image": config.get("Image"), "env": config.get("Env"), "labels": labels}
        found.setdefault(str(labels.get(_SERVICE)), []).append(shown)
    return found


def _differences(
    wanted: Row, container: Row, values: Mapping[str, Optional[str]], swarm: bool, unknown: Set[str]
) -> Iterator[str]:
    image = _interpolated(wanted.get("image"), values)
    if image is None and wanted.get("image") is not None:
        unknown.add("image")
    shown = str(container["image"] or "")
    if image and image not in (shown, shown.partition("@")[0]):
        yield "image"
    deploy = wanted.get("deploy") if isinstance(wanted.get("deploy"), Mapping) else {}
    env = dict(line.partition("=")[::2] for line in container["env"] or ())
    # Docker Compose leaves those of deploy out.
    labels = {**_pairs(wanted.get("labels")), **(_pairs((deploy or {}).get("labels")) if swarm else {})}
    for option, stated, there in (
        ("environment", _pairs(wanted.get("environment")), env),
        ("labels", labels, container["labels"]),
    ):
        names = []
        for name, text in stated.items():
            # A variable without a value is the one of the .env file.
            value = values.get(name) if text is None else _interpolated(text, values)
            if value is None:
                unknown.add("%s (%s)" % (option, name))
            elif there.get(name) != value:
                names.append(name)
        if names:
            yield "%s: %s" % (option, ", ".join(sorted(names)))


def _pairs(value: Any) -> Dict[str, Any]:
    """A mapping, or a list of C(name=value), as a Compose file has it."""
    if isinstance(value, Mapping):
        return {str(name): _text(one) for name, one in value.items()}
    found = {}
    for line in value or ():
        name, equals, text = str(line).partition("=")
        found[name] = text if equals else None
    return found


def _text(value: Any) -> Optional[str]:
    """A scalar as Docker Compose reads it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _interpolated(value: Any, values: Mapping[str, Optional[str]]) -> Optional[str]:
    """The text with its variables; C(None) if one of them is not known here, or its form is not."""
    if value is None:
        return None
    lacking = []

    def value_of(match: Any) -> str:
        dollar, bare, name, mark, default, _other = match.groups()
        if dollar:
            return "$"
        known = values.get(bare or name or "")
        if mark is not None and (known is None or (mark == ":-" and not known)):
            return str(default)
        if known is None:
            lacking.append(match.group(0))
        return str(known)

    text = _INTERPOLATED.sub(value_of, str(value))
    return None if lacking else text

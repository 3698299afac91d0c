# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs of a Compose stack beside its Compose file, as far as containers show it.

C(compose.getConvertedCompose) answers the file that a deployment would write: with the domains as labels, and with the
names that C(randomize) makes. Of a repository it takes the last checkout (source of 0.30.2).
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..._api.client import Call
from ..._errors import Refused, ServerError
from ..._reads.rows import valid
from ..._swarm.comparison import Comparison, Looks, Mismatch, nothing_runs
from ..._swarm.tasks import Row, Service, inspect_calls, inspected, live_tasks, tasks_call, tasks_in
from ..._values import yaml_text
from .swarm_comparison import resolved_variables

SERVICE_LABEL = "com.docker.compose.service"
# $$, $NAME, ${NAME}, ${NAME:-default}; anything else is left alone.
_VARIABLE = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?-)([^{}$]*))?\}|(.?))")
_UNKNOWN = ("command", "mounts", "ports", "volumes", "networks", "deploy", "other keys of the Compose file")


def compare_stack(service: Service, _thorough: bool) -> Looks:
    """The services that run, their images, variables and labels beside the Compose file.

    :raises Refused: nothing of it runs, or its Compose file cannot be read here.
    """
    row = service.row
    tasks, text = yield [tasks_call(service), Call("compose.getConvertedCompose", service.input())]
    live = live_tasks(tasks_in(valid(tasks)))
    if not live:
        raise nothing_runs(service)
    wanted, values = _services(service, text), resolved_variables(row, str(row.get("env") or ""))
    ids = _ids(row, live)
    running = _running(row, ids, inspected((yield inspect_calls(row, ids))))
    source = str(row.get("sourceType"))
    mismatches = [
        Mismatch("%s (%s)" % (name, said), (source,))
        for said, names in (
            ("is not in the Compose file", set(running) - set(wanted)),
            ("does not run", set(wanted) - set(running)),
        )
        for name in sorted(names)
    ]
    unknown: Set[str] = set()
    swarm = row.get("composeType") == "stack"
    for name in sorted(set(wanted) & set(running)):
        for container in running[name]:
            differences = _differences(wanted[name], container, values, swarm, unknown)
            mismatches += [Mismatch("%s (%s)" % (name, text), (source, *options)) for text, options in differences]
    return Comparison(
        tuple(dict.fromkeys(mismatches)),
        ("services", "image", "environment", "labels"),
        (*_UNKNOWN, *sorted(unknown), *(() if service.row.get("sourceType") == "raw" else ("the commit",))),
    )


def _services(service: Service, text: Any) -> Dict[str, Row]:
    """The services of the file that a deployment would write. :param text: the file, or why it cannot be read."""
    if not yaml_text.HAS_YAML:
        raise Refused("%s: trigger=adopt needs PyYAML where the task runs" % service.label)
    try:
        services = yaml_text.mapping_of(str(valid(text)), "", "")["services"]
    except (ServerError, ValueError, KeyError) as error:
        raise Refused("%s: its Compose file cannot be read: %s" % (service.label, error)) from None
    return {str(name): definition or {} for name, definition in services.items()}


def _ids(row: Row, live: Sequence[Row]) -> List[str]:
    """What Docker is asked for: the services of a stack of the swarm by their names, or containers."""
    if row.get("composeType") == "stack":
        return sorted({str(task.get("name")).rpartition(".")[0] for task in live})
    return [str(task.get("containerId")) for task in live]


def _running(row: Row, ids: Sequence[str], configs: Sequence[Row]) -> Dict[str, List[Row]]:
    """What runs of each service: C(image), C(env) and C(labels) of its containers."""
    running: Dict[str, List[Row]] = {}
    if row.get("composeType") == "stack":
        prefix = "%s_" % row.get("appName")
        for name, config in zip(ids, configs):
            spec = config.get("Spec") or {}
            container = (spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
            labels = {**(container.get("Labels") or {}), **(spec.get("Labels") or {})}
            running[name[len(prefix) :] if name.startswith(prefix) else name] = [
                {"image": container.get("Image"), "env": container.get("Env"), "labels": labels}
            ]
        return running
    for config in (answer.get("Config") or {} for answer in configs):
        labels = config.get("Labels") or {}
        container = {"image": config.get("Image"), "env": config.get("Env"), "labels": labels}
        running.setdefault(str(labels.get(SERVICE_LABEL)), []).append(container)
    return running


def _differences(
    wanted: Row, container: Row, values: Mapping[str, Optional[str]], swarm: bool, unknown: Set[str]
) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    """What differs of one container, and the options that explain it beside the Compose file."""
    image = interpolated(wanted.get("image"), values)
    if image is None and wanted.get("image") is not None:
        unknown.add("image")
    running_image = str(container["image"] or "")
    if image and image not in (running_image, running_image.partition("@")[0]):
        yield "image", ("env",)
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
            value = values.get(name) if text is None else interpolated(text, values)
            if value is None:
                unknown.add("%s (%s)" % (option, name))
            elif there.get(name) != value:
                names.append(name)
        if names:
            explained = ("env",) if option == "environment" else ("env", "domains")
            yield "%s: %s" % (option, ", ".join(sorted(names))), explained


def variables_of(definition: Row, values: Mapping[str, Optional[str]]) -> Dict[str, Optional[str]]:
    """The variables of a service of a Compose file; C(None) for those that are not known here.

    :param values: those of the C(.env) file, which a service can also take as a whole.
    """
    files = definition.get("env_file") or ()
    names = [str(file.get("path") if isinstance(file, Mapping) else file) for file in _listed(files)]
    own = dict(values) if any(name in (".env", "./.env") for name in names) else {}
    stated = _pairs(definition.get("environment"))
    return {
        **own,
        **{name: values.get(name) if text is None else interpolated(text, values) for name, text in stated.items()},
    }


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def _pairs(value: Any) -> Dict[str, Any]:
    """A mapping, or a list of C(name=value), as a Compose file has it."""
    if isinstance(value, Mapping):
        return {str(name): _text(item) for name, item in value.items()}
    pairs = {}
    for line in value or ():
        name, equals, text = str(line).partition("=")
        pairs[name] = text if equals else None
    return pairs


def _text(value: Any) -> Optional[str]:
    """A scalar as Docker Compose reads it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def interpolated(value: Any, values: Mapping[str, Optional[str]]) -> Optional[str]:
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

    text = _VARIABLE.sub(value_of, str(value))
    return None if lacking else text

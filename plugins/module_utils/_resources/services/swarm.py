# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How Docker Swarm runs an application: limits, health check, placement, updates, networks.

Dokploy stores Docker's own objects (PascalCase keys, nanoseconds) and refuses unknown keys; what Docker itself refuses
only shows at the next deployment (measured on 0.30.2).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Dict, List, Optional, Tuple

from ..._errors import kind_of
from ..._model.deployable import OwnText
from ..._model.field import Field
from ..._values.codec import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    OBJECTS,
    OWN_LABELS,
    PATH_LIST,
    TEXT_MAP,
    Codec,
    keeping_own_labels,
    own_label,
    stated_labels,
    text_map,
    with_own_label,
)
from ..._values.schema import NUMBER as NUMBER_SHAPE
from ..._values.schema import SCALAR, map_of, object_of
from ..infrastructure.listings import NETWORKS
from ..service_children.ports import PORT_NUMBERS
from .docker_units import CPUS, DURATION, MEMORY, PROBE_TIME
from .runs import runs_again

# The states of deployments, which what is deployed does not have.
DEPLOYMENTS = {
    "state": {
        state: "Use community.dokploy.dokploy_deployment with state=%s." % state
        for state in ("deployed", "redeployed", "rolled_back", "cancelled")
    }
}

APP_NAME = (r"[a-zA-Z0-9._-]+\Z", "may hold only letters, digits, '.', '_' and '-'")


def _labels(value: Any) -> Dict[str, str]:
    labels = text_map(value)
    for name in OWN_LABELS:
        if name in labels:
            raise ValueError("%s is a label that community.dokploy keeps for itself; leave it out" % name)
    return labels


LABELS = Codec(
    type="dict",
    to_api=_labels,
    same=lambda wanted, current: stated_labels(wanted) == stated_labels(current),
    shown=stated_labels,
    empty=None,
    kept=keeping_own_labels,
    stored=map_of(SCALAR),
)
#: The fingerprint of the last deployment, the mark of restored data, what ran before, and the lock, of services with
#: labels.
FINGERPRINT, DATA_MARK, EARLIER, LOCK = (
    OwnText("labelsSwarm", partial(own_label, name), partial(with_own_label, name)) for name in OWN_LABELS
)
NUMBER = Codec(type="float", empty=None)

_COUNT = (0, 2**31 - 1)


def _test(value: Any) -> List[str]:
    """The command of a health check: the shell runs text, as in a Compose file."""
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    if not isinstance(value, (list, tuple)):
        raise ValueError("takes a command as text or as a list, not %s" % kind_of(value))
    command = [str(item) for item in value]
    if command and command[0] not in ("NONE", "CMD", "CMD-SHELL"):
        raise ValueError("a list must begin with CMD, CMD-SHELL or NONE, not with %r" % command[0])
    return command


def _constraints(value: Any) -> List[str]:
    for item in value:
        if "==" not in str(item) and "!=" not in str(item):
            raise ValueError("%r is not a constraint such as node.role==worker" % str(item))
    return [str(item) for item in value]


_SPREAD = Codec(
    type="str",
    to_api=lambda value: {"SpreadDescriptor": str(value)},
    shown=lambda value: (value or {}).get("SpreadDescriptor", ""),
    stored=object_of(SpreadDescriptor=SCALAR),
)
_MODES = {"replicated": ("Replicated", {"replicas": "Replicas"}), "global": ("Global", {})}
# Dokploy puts an update configuration into each service, which Docker takes for no job (measured on 26.1, the source of
# 0.25.0 to 0.30.2).
_NO_JOBS = "Dokploy cannot deploy jobs of Docker's. An application with runs=once runs to its end, as dokploy_job does."
_JOBS = ("ReplicatedJob", "GlobalJob")

_MODE = object_of(
    Replicated=object_of(Replicas=NUMBER_SHAPE), Global=object_of(), ReplicatedJob=object_of(), GlobalJob=object_of()
)


def _unexported_job(value: Any) -> Optional[str]:
    is_job = any((value or {}).get(job) is not None for job in _JOBS)
    return "Dokploy cannot deploy jobs of Docker's" if is_job else None


def _mode(value: Any) -> Dict[str, Any]:
    """Docker's form: an object whose only key is the mode."""
    mode = value["type"]
    key, takes = _MODES[mode]
    for name in value:
        if name != "type" and name not in takes:
            raise ValueError("%s is not supported in the mode %s" % (name, mode))
    return {key: {api: value[name] for name, api in takes.items() if name in value}}


def _mode_parts(value: Any) -> Dict[str, Any]:
    for mode, (key, takes) in _MODES.items():
        if isinstance(value, dict) and value.get(key) is not None:
            return {"type": mode, **{name: value[key][api] for name, api in takes.items() if api in value[key]}}
    # What the web interface stores beside them is a job.
    return {"type": "".join(value)} if isinstance(value, dict) and value else {}


def _attachments(value: Any) -> List[Dict[str, Any]]:
    _refuse_duplicates([item["Target"] for item in value])
    return list(value)


def _endpoint(value: Any) -> Dict[str, Any]:
    ports = value.get("Ports") or []
    published = [item for item in ports if "PublishedPort" in item]
    _refuse_duplicates(["%s/%s" % (item["PublishedPort"], item.get("Protocol")) for item in published])
    if value.get("Mode") == "dnsrr" and any(item.get("PublishMode") != "host" for item in ports):
        raise ValueError("in the mode dnsrr, Docker publishes ports only with publish_mode host")
    return dict(value)


def _refuse_duplicates(names: List[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError("%s is listed twice" % name)


def _ulimits(value: Any) -> List[Dict[str, Any]]:
    """One number sets both limits, as in a Compose file."""
    _refuse_duplicates([item["Name"] for item in value])
    for item in value:
        item.setdefault("Hard", item["Soft"])
        if -1 < item["Hard"] < item["Soft"] or (item["Soft"] == -1 < item["Hard"]):
            raise ValueError("the soft limit of %s is above its hard limit" % item["Name"])
    return list(value)


def _object(name: str, api: str, *parts: Field, codec: Codec = OBJECT, **more: Any) -> Field:
    return Field(name, api, codec, parts=parts, **more)


def _update(name: str, api: str, actions: Tuple[str, ...]) -> Field:
    # The API requires parallelism and order each time; the defaults are Docker's.
    return _object(
        name,
        api,
        Field("parallelism", "Parallelism", INTEGER, default=1, limits=_COUNT),
        Field("delay", "Delay", DURATION),
        Field("failure_action", "FailureAction", choices=actions),
        Field("monitor", "Monitor", DURATION),
        Field("max_failure_ratio", "MaxFailureRatio", NUMBER, limits=(0, 1)),
        Field("order", "Order", choices=("stop-first", "start-first"), default="stop-first"),
    )


LIMITS: Tuple[Field, ...] = (
    Field("memory_limit", "memoryLimit", MEMORY),
    Field("memory_reservation", "memoryReservation", MEMORY),
    Field("cpu_limit", "cpuLimit", CPUS),
    Field("cpu_reservation", "cpuReservation", CPUS),
)


SWARM: Tuple[Field, ...] = (
    _object(
        "healthcheck",
        "healthCheckSwarm",
        Field("test", "Test", Codec(type="raw", to_api=_test, empty=None)),
        Field("interval", "Interval", PROBE_TIME),
        Field("timeout", "Timeout", PROBE_TIME),
        Field("start_period", "StartPeriod", PROBE_TIME),
        Field("retries", "Retries", INTEGER, limits=_COUNT),
    ),
    _object(
        "restart_policy",
        "restartPolicySwarm",
        Field("condition", "Condition", choices=("none", "on-failure", "any")),
        Field("delay", "Delay", DURATION),
        Field("max_attempts", "MaxAttempts", INTEGER, limits=_COUNT),
        Field("window", "Window", DURATION),
        warnings=runs_again,
    ),
    _object(
        "placement",
        "placementSwarm",
        Field("constraints", "Constraints", replace(PATH_LIST, to_api=_constraints)),
        _object(
            "preferences",
            "Preferences",
            Field("spread", "Spread", _SPREAD, needed=True),
            codec=Codec(type="list", elements="dict", empty=None, ordered=True),
        ),
        Field("max_replicas", "MaxReplicas", INTEGER, limits=_COUNT),
        _object(
            "platforms",
            "Platforms",
            Field("architecture", "Architecture", needed=True),
            Field("os", "OS", needed=True),
            codec=OBJECTS,
        ),
    ),
    _update("update_config", "updateConfigSwarm", ("pause", "continue", "rollback")),
    _update("rollback_config", "rollbackConfigSwarm", ("pause", "continue")),
    _object(
        "mode",
        "modeSwarm",
        Field("type", "type", choices=tuple(_MODES), needed=True, why_no_other_choice=_NO_JOBS),
        Field("replicas", "replicas", INTEGER, limits=_COUNT),
        codec=Codec(type="dict", to_api=_mode, shown=_mode_parts, empty=None, stored=_MODE),
        unexported=_unexported_job,
    ),
    Field("labels", "labelsSwarm", LABELS),
    _object(
        "network_attachments",
        "networkSwarm",
        Field("target", "Target", needed=True),
        Field("aliases", "Aliases", PATH_LIST),
        Field("driver_opts", "DriverOpts", TEXT_MAP),
        codec=replace(OBJECTS, to_api=_attachments),
    ),
    # Older servers accept a number, then answer 500 for the application until it is null again (measured).
    Field("stop_grace_period", "stopGracePeriodSwarm", DURATION, since=(0, 29, 0), shown_early=True),
    _object(
        "endpoint_spec",
        "endpointSpecSwarm",
        Field("mode", "Mode", choices=("vip", "dnsrr")),
        _object(
            "ports",
            "Ports",
            Field("target_port", "TargetPort", INTEGER, needed=True, limits=PORT_NUMBERS),
            Field("published_port", "PublishedPort", INTEGER, limits=PORT_NUMBERS),
            Field("protocol", "Protocol", choices=("tcp", "udp", "sctp"), default="tcp"),
            Field("publish_mode", "PublishMode", choices=("ingress", "host"), default="ingress"),
            codec=OBJECTS,
        ),
        codec=replace(OBJECT, to_api=_endpoint),
        since=(0, 25, 7),
    ),
    _object(
        "ulimits",
        "ulimitsSwarm",
        Field("name", "Name", needed=True),
        Field("soft", "Soft", INTEGER, needed=True, limits=(-1, 2**53 - 1)),
        Field("hard", "Hard", INTEGER, limits=(-1, 2**53 - 1)),
        codec=replace(OBJECTS, to_api=_ulimits),
        since=(0, 27, 0),
    ),
    Field("networks", "networkIds", PATH_LIST, reference=NETWORKS, since=(0, 29, 14)),
    Field("detach_dokploy_network", "detachDokployNetwork", BOOLEAN, since=(0, 29, 14)),
)

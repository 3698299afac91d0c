# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How Docker Swarm runs an application: limits, health check, placement, updates, networks.

Dokploy keeps Docker's own objects (PascalCase keys, nanoseconds) and refuses keys that it does not know; what Docker
itself refuses only shows at the next deployment (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    OBJECTS,
    PATH_LIST,
    TEXT_MAP,
    Codec,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.labels import LABELS
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import SCALAR, object_of
from ansible_collections.community.dokploy.plugins.module_utils._values.units import CPUS, DURATION, MEMORY, PROBE_TIME

_COUNT = (0, 2**31 - 1)
_PORT = (1, 65535)


def _test(value: Any) -> List[str]:
    """A health check's command: text is for the shell, as in a Compose file."""
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    if not isinstance(value, (list, tuple)):
        raise ValueError("takes a command as text, or a list, not a %s" % type(value).__name__)
    words = [str(item) for item in value]
    if words and words[0] not in ("NONE", "CMD", "CMD-SHELL"):
        raise ValueError("a list must begin with CMD, CMD-SHELL or NONE, not with %r" % words[0])
    return words


def _constraints(value: Any) -> List[str]:
    for item in value:
        if "==" not in str(item) and "!=" not in str(item):
            raise ValueError("%r is no constraint; write for example node.role==worker" % str(item))
    return [str(item) for item in value]


def _spread(value: Any) -> Dict[str, str]:
    return {"SpreadDescriptor": str(value)}


def _spread_in_words(value: Any) -> Any:
    return (value or {}).get("SpreadDescriptor", "")


_SPREAD = Codec(type="str", to_api=_spread, shown=_spread_in_words, stored=object_of(SpreadDescriptor=SCALAR))
_MODES = {
    "replicated": ("Replicated", {"replicas": "Replicas"}),
    "global": ("Global", {}),
    "replicated-job": ("ReplicatedJob", {"max_concurrent": "MaxConcurrent", "total_completions": "TotalCompletions"}),
    "global-job": ("GlobalJob", {}),
}


def _mode(value: Any) -> Dict[str, Any]:
    """Docker's form, in which the one key says which mode it is."""
    word = value["type"]
    key, takes = _MODES[word]
    for name in value:
        if name != "type" and name not in takes:
            raise ValueError("%s has no meaning in the mode %s" % (name, word))
    return {key: {api: value[name] for name, api in takes.items() if name in value}}


def _mode_parts(value: Any) -> Dict[str, Any]:
    for word, (key, takes) in _MODES.items():
        if isinstance(value, dict) and value.get(key) is not None:
            return {"type": word, **{name: value[key][api] for name, api in takes.items() if api in value[key]}}
    return {}


def _attachments(value: Any) -> List[Dict[str, Any]]:
    _refuse_twins([item["Target"] for item in value])
    return list(value)


def _endpoint(value: Any) -> Dict[str, Any]:
    ports = value.get("Ports") or []
    _refuse_twins(
        ["%s/%s" % (item["PublishedPort"], item.get("Protocol")) for item in ports if "PublishedPort" in item]
    )
    if value.get("Mode") == "dnsrr" and any(item.get("PublishMode") != "host" for item in ports):
        raise ValueError("Docker publishes ports of a service in the mode dnsrr with publish_mode host only")
    return dict(value)


def _refuse_twins(names: List[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError("%s is there twice" % name)


def _ulimits(value: Any) -> List[Dict[str, Any]]:
    """One number stands for both limits, as in a Compose file."""
    _refuse_twins([item["Name"] for item in value])
    for item in value:
        item.setdefault("Hard", item["Soft"])
        if -1 < item["Hard"] < item["Soft"] or (item["Soft"] == -1 < item["Hard"]):
            raise ValueError("the soft limit of %s is above its hard one" % item["Name"])
    return list(value)


def _update(name: str, api: str, actions: Tuple[str, ...]) -> Field:
    # The API wants parallelism and order each time; the defaults are Docker's own.
    return Field(
        name,
        api,
        OBJECT,
        parts=(
            Field("parallelism", "Parallelism", INTEGER, default=1, limits=_COUNT),
            Field("delay", "Delay", DURATION),
            Field("failure_action", "FailureAction", choices=actions),
            Field("monitor", "Monitor", DURATION),
            Field("max_failure_ratio", "MaxFailureRatio", NUMBER, limits=(0, 1)),
            Field("order", "Order", choices=("stop-first", "start-first"), default="stop-first"),
        ),
    )


LIMITS: Tuple[Field, ...] = (
    Field("memory_limit", "memoryLimit", MEMORY),
    Field("memory_reservation", "memoryReservation", MEMORY),
    Field("cpu_limit", "cpuLimit", CPUS),
    Field("cpu_reservation", "cpuReservation", CPUS),
)

SWARM: Tuple[Field, ...] = (
    Field(
        "healthcheck",
        "healthCheckSwarm",
        OBJECT,
        parts=(
            Field("test", "Test", Codec(type="raw", to_api=_test, empty=None)),
            Field("interval", "Interval", PROBE_TIME),
            Field("timeout", "Timeout", PROBE_TIME),
            Field("start_period", "StartPeriod", PROBE_TIME),
            Field("retries", "Retries", INTEGER, limits=_COUNT),
        ),
    ),
    Field(
        "restart_policy",
        "restartPolicySwarm",
        OBJECT,
        parts=(
            Field("condition", "Condition", choices=("none", "on-failure", "any")),
            Field("delay", "Delay", DURATION),
            Field("max_attempts", "MaxAttempts", INTEGER, limits=_COUNT),
            Field("window", "Window", DURATION),
        ),
    ),
    Field(
        "placement",
        "placementSwarm",
        OBJECT,
        parts=(
            Field(
                "constraints",
                "Constraints",
                Codec(type="list", elements="str", to_api=_constraints, same=PATH_LIST.same, shown=PATH_LIST.shown),
            ),
            Field(
                "preferences",
                "Preferences",
                Codec(type="list", elements="dict", empty=None, ordered=True),
                parts=(Field("spread", "Spread", _SPREAD, needed=True),),
            ),
            Field("max_replicas", "MaxReplicas", INTEGER, limits=_COUNT),
            Field(
                "platforms",
                "Platforms",
                OBJECTS,
                parts=(Field("architecture", "Architecture", needed=True), Field("os", "OS", needed=True)),
            ),
        ),
    ),
    _update("update_config", "updateConfigSwarm", ("pause", "continue", "rollback")),
    _update("rollback_config", "rollbackConfigSwarm", ("pause", "continue")),
    Field(
        "mode",
        "modeSwarm",
        Codec(type="dict", to_api=_mode, shown=_mode_parts, empty=None),
        parts=(
            Field("type", "type", choices=tuple(_MODES), needed=True),
            Field("replicas", "replicas", INTEGER, limits=_COUNT),
            Field("max_concurrent", "max_concurrent", INTEGER, limits=_COUNT),
            Field("total_completions", "total_completions", INTEGER, limits=_COUNT),
        ),
    ),
    Field("labels", "labelsSwarm", LABELS),
    Field(
        "network_attachments",
        "networkSwarm",
        Codec(type="list", elements="dict", to_api=_attachments, empty=None),
        parts=(
            Field("target", "Target", needed=True),
            Field("aliases", "Aliases", PATH_LIST),
            Field("driver_opts", "DriverOpts", TEXT_MAP),
        ),
    ),
    # Older servers accept a number and then answer 500 for the application until it is null again (measured).
    Field("stop_grace_period", "stopGracePeriodSwarm", DURATION, since=(0, 29, 0), shown_early=True),
    Field(
        "endpoint_spec",
        "endpointSpecSwarm",
        Codec(type="dict", to_api=_endpoint, empty=None),
        since=(0, 25, 7),
        parts=(
            Field("mode", "Mode", choices=("vip", "dnsrr")),
            Field(
                "ports",
                "Ports",
                OBJECTS,
                parts=(
                    Field("target_port", "TargetPort", INTEGER, needed=True, limits=_PORT),
                    Field("published_port", "PublishedPort", INTEGER, limits=_PORT),
                    Field("protocol", "Protocol", choices=("tcp", "udp", "sctp"), default="tcp"),
                    Field("publish_mode", "PublishMode", choices=("ingress", "host"), default="ingress"),
                ),
            ),
        ),
    ),
    Field(
        "ulimits",
        "ulimitsSwarm",
        Codec(type="list", elements="dict", to_api=_ulimits, empty=None),
        since=(0, 27, 0),
        parts=(
            Field("name", "Name", needed=True),
            Field("soft", "Soft", INTEGER, needed=True, limits=(-1, 2**53 - 1)),
            Field("hard", "Hard", INTEGER, limits=(-1, 2**53 - 1)),
        ),
    ),
    Field("networks", "networkIds", PATH_LIST, reference="network", since=(0, 29, 14)),
    Field("detach_dokploy_network", "detachDokployNetwork", BOOLEAN, since=(0, 29, 14)),
)

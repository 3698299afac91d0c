# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A compose file as ``docker compose`` and ``docker stack deploy`` read it: checked, with its variables replaced."""

from __future__ import annotations

import re
import shlex
from typing import Any

from . import compose_yaml

TOP_LEVEL = frozenset("version name services networks volumes secrets configs include".split())
SERVICE_KEYS = frozenset(
    "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name "
    "cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec "
    "depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file "
    "environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc "
    "isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit "
    "models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop "
    "privileged profiles provider pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open "
    "stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes "
    "volumes_from working_dir".split()
)
VARIABLE = re.compile(r"\$(?:\$|(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<other>[^}]*))?\})")
EXIT = re.compile(r"(?:^|;|&&)\s*(?:exit (?P<code>\d+)|(?P<word>true|false))\s*;?\s*$")

Service = dict[str, Any]


class ComposeError(Exception):
    """What Docker's client says of a file that it refuses."""


def load(text: str, variables: dict[str, str], path: str) -> dict[str, Any]:
    """The checked file. ``variables``: those of ``.env``. Raises ``ComposeError``; its words name ``path``."""
    try:
        file = compose_yaml.parse(text)
    except compose_yaml.YamlError as error:
        raise ComposeError(f"yaml: {error}") from None
    if file is None:
        raise ComposeError("empty compose file")
    if not isinstance(file, dict):
        raise ComposeError(f"validating {path}: top-level object must be a mapping")
    file = {str(key): _replaced(value, variables) for key, value in file.items()}
    for key in file:
        if key not in TOP_LEVEL and not key.startswith("x-"):
            raise ComposeError(f"validating {path}: (root) Additional property {key} is not allowed")
    services = file.get("services") or {}
    if not isinstance(services, dict):
        raise ComposeError(f"validating {path}: services must be a mapping")
    for name, service in services.items():
        _check(name, service, path)
    if not services:
        raise ComposeError("no service selected")
    for name, service in services.items():
        for other in dependencies(service):
            if other not in services:
                raise ComposeError(f'service "{name}" depends on undefined service "{other}": invalid compose project')
        for volume in named_volumes(service):
            if volume not in (file.get("volumes") or {}):
                raise ComposeError(f'service "{name}" refers to undefined volume {volume}: invalid compose project')
    return file


def _check(name: str, service: Any, path: str) -> None:
    if not isinstance(service, dict):
        raise ComposeError(f"validating {path}: services.{name} must be a mapping")
    for key in service:
        if key not in SERVICE_KEYS and not str(key).startswith("x-"):
            raise ComposeError(f"validating {path}: services.{name} Additional property {key} is not allowed")
    if not service.get("image") and not service.get("build"):
        raise ComposeError(
            f'service "{name}" has neither an image nor a build context specified: invalid compose project'
        )


def _replaced(value: Any, variables: dict[str, str]) -> Any:
    """Every text with its ``${VARIABLES}`` replaced; ``$$`` is a dollar sign."""
    if isinstance(value, dict):
        return {key: _replaced(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, variables) for item in value]
    if not isinstance(value, str):
        return value

    def interpolated(match: re.Match[str]) -> str:
        name, sign, other = match["bare"] or match["name"], match["sign"] or "", match["other"] or ""
        if name is None:
            return "$"
        value_of_name = variables.get(name)
        there = value_of_name is not None and (":" not in sign or value_of_name != "")
        if sign.endswith("+"):
            return other if there else ""
        if there:
            return value_of_name or ""
        if sign.endswith("?"):
            raise ComposeError(f"error while interpolating: required variable {name} is missing a value: {other}")
        return other if sign else ""

    return VARIABLE.sub(interpolated, value)


# --- what a service says ---------------------------------------------------------------------------------------------


def dependencies(service: Service) -> dict[str, str]:
    """Service -> condition."""
    wanted = service.get("depends_on") or {}
    if isinstance(wanted, dict):
        return {name: (item or {}).get("condition", "service_started") for name, item in wanted.items()}
    return dict.fromkeys(wanted, "service_started")


def volumes(service: Service) -> list[tuple[str, str]]:
    """``(source, target)`` of each; an anonymous one has no source."""
    result = []
    for volume in service.get("volumes") or ():
        if isinstance(volume, dict):
            result.append((volume.get("source") or "", volume.get("target") or ""))
        else:
            parts = str(volume).split(":")
            result.append(("", parts[0]) if len(parts) == 1 else (parts[0], parts[1]))
    return result


def volume_name(project: str, file: dict[str, Any], volume: str) -> str:
    """By which Docker knows a named volume: its own name, or that of the project before it."""
    entry = (file.get("volumes") or {}).get(volume) or {}
    return str(entry.get("name") or (volume if entry.get("external") else f"{project}_{volume}"))


def volume_names(project: str, file: dict[str, Any]) -> list[str]:
    return [volume_name(project, file, volume) for volume in file.get("volumes") or {}]


def ordered(services: dict[str, Service]) -> dict[str, Service]:
    """What others depend on first."""
    result: dict[str, Service] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ComposeError(f"dependency cycle detected: {' -> '.join((*above, name))}")
        for other in dependencies(services[name]):
            add(other, (*above, name))
        result.setdefault(name, services[name])

    for name in services:
        add(name, ())
    return result


def named_volumes(service: Service) -> list[str]:
    return [source for source, _target in volumes(service) if source and source[0] not in "./~$"]


def published_ports(service: Service) -> list[int]:
    """Ports of the host; ranges are not looked at."""
    numbers = []
    for port in service.get("ports") or ():
        published = port.get("published") if isinstance(port, dict) else str(port).partition("/")[0].split(":")[-2:-1]
        text = str(published[0] if isinstance(published, list) and published else published or "")
        numbers += [int(text)] if text.isdigit() else []
    return numbers


def pairs(value: Any) -> dict[str, str]:
    """``labels`` or ``environment``: a mapping or a list of ``NAME=value``."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return {text.partition("=")[0]: text.partition("=")[2] for text in map(str, value or ())}


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def command(service: Service) -> list[str]:
    given = service.get("command") or []
    return shlex.split(given) if isinstance(given, str) else [str(part) for part in given]


def replicas(service: Service) -> int:
    return int(service.get("scale") or (service.get("deploy") or {}).get("replicas", 1))


def exit_code(service: Service) -> int | None:
    """The code with which its container ends at once; None: it runs on."""
    words = command(service)
    script = words[-1] if words[:1] in (["sh"], ["bash"]) and "-c" in words else shlex.join(words)
    match = EXIT.search(script)
    if match is None:
        return None
    return int(match["code"] or match["word"] == "false")


def restarts(service: Service, code: int) -> bool:
    policy = str(service.get("restart") or "no").partition(":")[0]
    return policy in ("always", "unless-stopped") or (policy == "on-failure" and code != 0)


def fails_health_check(service: Service) -> bool:
    test = (service.get("healthcheck") or {}).get("test") or []
    words = test if isinstance(test, list) else ["CMD-SHELL", str(test)]
    return bool(words[1:]) and EXIT.search(" ".join(map(str, words[1:]))) is not None and not _succeeds(words)


def _succeeds(words: list[Any]) -> bool:
    return str(words[-1]).endswith(("true", "exit 0"))


def said(service: Service) -> list[str]:
    """What ``echo`` in its command logs."""
    return [words.strip() for text in command(service) for words in re.findall(r"echo ([^;]+);", text)]

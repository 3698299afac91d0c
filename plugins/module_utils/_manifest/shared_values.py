# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What two services of one server share, and should not: hosts, published ports, volumes, folders of the host. Pure.

A rule gives another value for one, by the value itself, by a text with one C(*) in it, or by C(*) for all. C({}) in it
stands for the old value, or for the part of it that C(*) is. Of folders, that of a folder around it counts as well.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._errors import OptionError
from .._values.host_paths import is_part_of_host
from .._values.marks import is_marked
from .._values.yaml_text import HAS_YAML, mapping_of, yaml_of

HOSTS, PORTS, VOLUMES, PATHS = "hosts", "ports", "volumes", "paths"
RULES = (HOSTS, PORTS, VOLUMES, PATHS)
ALL, OLD = "*", "{}"
Rules = Mapping[str, Callable[[str], str]]
# The options of databases that publish a port.
_PUBLISHED = ("external_port", "external_grpc_port", "external_admin_port")
# What names the source of a mount of each type: the option, its alias, and the one that stands for it.
_SOURCES: Mapping[str, Tuple[str, Sequence[str]]] = {
    "volume": (VOLUMES, ("name", "volume", "source")),
    "bind": (PATHS, ("host_path", "source")),
}
_NOT_PUBLISHED = "0"


@dataclass(frozen=True)
class Shared:
    """A value that no rule changes. :param option: where it is stated. :param label: how messages call it."""

    rule: str
    option: str
    label: str

    def is_stated_by(self, params: Mapping[str, Any]) -> bool:
        """Whether the option is still stated: it may be held."""
        return bool(params.get(self.option))


def rules_of(option: Mapping[str, Any]) -> Rules:
    """The rules of the task: each gives a new value for an old one, or the same.

    :raises OptionError: a port is none.
    """
    rules = {name: partial(_changed, _texts(option[name]), name == PATHS) for name in RULES if option.get(name)}
    for value in _texts(option.get(PORTS) or {}).values():
        if not value.isdigit():
            raise OptionError("rename_rules.ports: %r is no port; 0 publishes none" % value)
    return rules


def _texts(mapping: Mapping[Any, Any]) -> Dict[str, str]:
    return {str(old): str(new) for old, new in mapping.items()}


def _changed(rules: Mapping[str, str], folders: bool, value: str) -> str:
    if value in rules:
        return rules[value].replace(OLD, value)
    around = posixpath.dirname(value.rstrip("/")) if folders else ""
    while around.strip("/"):
        if around in rules:
            return rules[around].replace(OLD, around) + value[len(around) :]
        around = posixpath.dirname(around)
    # That with the longest text beside the star is the most exact one; the star alone is the last one.
    for pattern in sorted((rule for rule in rules if ALL in rule), key=len, reverse=True):
        before, _star, after = pattern.partition(ALL)
        if len(value) >= len(before) + len(after) and value.startswith(before) and value.endswith(after):
            return rules[pattern].replace(OLD, value[len(before) : len(value) - len(after)])
    return value


def with_rules(params: Mapping[str, Any], rules: Rules) -> Tuple[Dict[str, Any], List[Shared]]:
    """The parameters of a service after the rules, and the values that they leave as they are."""
    changed, shared = dict(params), _Shared(rules)
    for domain in _items(changed, "domains"):
        domain["host"] = shared.after(HOSTS, "domains", "host", domain.get("host"))
    for mount in _items(changed, "mounts"):
        rule, names = _SOURCES.get(str(mount.get("type")), ("", ()))
        for name in names:
            if mount.get(name) is not None:
                mount[name] = shared.after(rule, "mounts", "volume" if rule == VOLUMES else "folder", mount[name])
    for backup in _items(changed, "volume_backups"):
        backup["volume"] = shared.after(VOLUMES, "volume_backups", "volume", backup.get("volume"))
    kept = [port for port in _items(changed, "ports") if _port(port, "published_port", "ports", shared)]
    if changed.get("ports") is not None:
        changed["ports"] = kept
    for option in _PUBLISHED:
        if changed.get(option):
            _port(changed, option, option, shared)
    if isinstance(changed.get("raw"), Mapping):
        changed["raw"] = _compose(dict(changed["raw"]), shared)
    return changed, list(dict.fromkeys(shared.left))


class _Shared:
    """:ivar left: the values that no rule changes."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.left: List[Shared] = []

    def after(self, rule: str, option: str, noun: str, value: Any) -> Any:
        """A value after its rule. One with a reference in it is that of the service itself, or of another one."""
        if value in (None, "") or is_marked(value):
            return value
        new = self._rules[rule](str(value)) if rule in self._rules else str(value)
        if new == str(value) and not (rule == PATHS and is_part_of_host(new)):
            self.left.append(Shared(rule, option, "%s %s" % (noun, value)))
        return new


def _items(params: Dict[str, Any], option: str) -> Iterator[Dict[str, Any]]:
    """The entries of a list, as copies that the parameters then have."""
    if isinstance(params.get(option), (list, tuple)):
        params[option] = [dict(item) for item in params[option]]
        yield from params[option]


def _port(values: Dict[str, Any], name: str, option: str, shared: _Shared) -> bool:
    """Give a port its new number. :return: whether it is still published."""
    port = str(shared.after(PORTS, option, "port", values.get(name)))
    values[name] = int(port) if port.isdigit() else values.get(name)
    return port != _NOT_PUBLISHED


# --- what a Compose file shares ---


def _compose(raw: Dict[str, Any], shared: _Shared) -> Dict[str, Any]:
    """The options of a Compose file after the rules. One that cannot be read is judged as its module judges it."""
    content: Optional[Mapping[Any, Any]] = raw.get("definition")
    if content is None and isinstance(raw.get("content"), str) and HAS_YAML:
        try:
            content = mapping_of(raw["content"], "Docker Compose", "{services: ...}")
        except ValueError:
            return raw
    if not isinstance(content, Mapping):
        return raw
    after = _compose_after(content, shared)
    if after == content:
        return raw
    return {**raw, **({"definition": after} if raw.get("definition") is not None else {"content": yaml_of(after)})}


def _compose_after(content: Mapping[Any, Any], shared: _Shared) -> Dict[Any, Any]:
    after = dict(content)
    volumes = content.get("volumes")
    if isinstance(volumes, Mapping):
        after["volumes"] = {key: _volume(str(key), item, shared) for key, item in volumes.items()}
    services = content.get("services")
    if isinstance(services, Mapping):
        after["services"] = {
            key: _service(item, shared) if isinstance(item, Mapping) else item for key, item in services.items()
        }
    return after


def _volume(key: str, item: Any, shared: _Shared) -> Any:
    """A volume, which is shared if it has a name of its own, or is external."""
    if not isinstance(item, Mapping) or not (item.get("name") or item.get("external")):
        return item
    return {**item, "name": shared.after(VOLUMES, "raw", "volume", item.get("name") or key)}


def _service(service: Mapping[Any, Any], shared: _Shared) -> Dict[Any, Any]:
    after = dict(service)
    if service.get("container_name"):
        # Dokploy finds the container without it.
        del after["container_name"]
    if isinstance(service.get("ports"), list):
        after["ports"] = [port for port in (_published(port, shared) for port in service["ports"]) if port is not None]
    if isinstance(service.get("volumes"), list):
        after["volumes"] = [_mounted(mount, shared) for mount in service["volumes"]]
    return after


def _published(port: Any, shared: _Shared) -> Any:
    """A published port; C(None) if it is published no more. One without a number on the host is as it is."""
    if isinstance(port, Mapping):
        if not port.get("published"):
            return port
        number = shared.after(PORTS, "raw", "port", str(port["published"]))
        return None if number == _NOT_PUBLISHED else {**port, "published": number}
    outer, colon, inner = str(port).rpartition(":")
    if not colon:
        return port
    address, colon, number = outer.rpartition(":")
    new = shared.after(PORTS, "raw", "port", number)
    return None if new == _NOT_PUBLISHED else "%s%s%s:%s" % (address, colon, new, inner)


def _mounted(mount: Any, shared: _Shared) -> Any:
    """A mount with another folder of the host. Volumes are those of the stack, or have names at the top."""
    if isinstance(mount, Mapping):
        source = str(mount.get("source") or "")
        if mount.get("type") != "bind" or not source.startswith("/"):
            return mount
        return {**mount, "source": shared.after(PATHS, "raw", "folder", source)}
    source, colon, target = str(mount).partition(":")
    if not colon or not source.startswith("/"):
        return mount
    return "%s:%s" % (shared.after(PATHS, "raw", "folder", source), target)

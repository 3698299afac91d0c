# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a Compose stack keeps: its databases, volumes and bind mounts, as its Compose file names them. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ..._values import yaml_text
from ..services.compose_running import interpolated, variables_of
from ..services.swarm_comparison import resolved_variables
from .stack_databases import StackImage, StackLogin, text_of_command

Row = Mapping[str, Any]

# The folder of the host in which each stack has one.
_STACKS = "/etc/dokploy/compose"


@dataclass(frozen=True)
class StackMount:
    """What a service of a stack mounts.

    :param service: of the Compose file. :param source: the volume by its name in Docker, or the path on the host.
    :param target: the path in the container.
    """

    service: str
    source: str
    target: str


@dataclass(frozen=True)
class StackData:
    """What a stack keeps.

    :param databases: the kinds of databases, by the services of the Compose file that are servers of them.
    :param volumes: the services that mount a volume, by its name in Docker; C(binds) and C(unclear) alike, by the
        path on the host, and by what has variables that are not known here.
    :param unsure: the kinds of databases, by the services with an image that is called so, where nothing tells whether
        they are servers.
    :param data: which of the volumes and folders have the data of a database, by the service that is its server.
    :param keys: those of volumes in the Compose file, by their names in Docker.
    :param unnamed: the services that mount a volume without a name, by the folder at which it is.
    :param mounts: the same volumes and folders, as they are mounted.
    :param networks: those of a stack of the swarm, by their names in Docker.
    :param logins: those of its databases, by the services of the Compose file.
    """

    databases: Dict[str, str] = field(default_factory=dict)
    volumes: Dict[str, List[str]] = field(default_factory=dict)
    binds: Dict[str, List[str]] = field(default_factory=dict)
    unclear: Dict[str, List[str]] = field(default_factory=dict)
    mounts: List[StackMount] = field(default_factory=list)
    networks: List[str] = field(default_factory=list)
    logins: Dict[str, StackLogin] = field(default_factory=dict)
    unsure: Dict[str, str] = field(default_factory=dict)
    data: Dict[str, List[str]] = field(default_factory=dict)
    keys: Dict[str, str] = field(default_factory=dict)
    unnamed: Dict[str, List[str]] = field(default_factory=dict)


def stack_data(text: str, row: Row) -> StackData:
    """What the Compose file of a stack names.

    :param text: the file as a deployment would write it. :param row: the row of the stack.
    :raises ValueError: it cannot be read; the message goes on after C(it).
    """
    if not yaml_text.HAS_YAML:
        raise ValueError("needs the Python library PyYAML where the module runs")
    content = yaml_text.mapping_of(text, "Docker Compose", "{services: ...}")
    values = resolved_variables(row, str(row.get("env") or ""))
    names, networks = (
        {str(key): _own_name(str(key), item, row, values) for key, item in _mapping(content, section).items()}
        for section in ("volumes", "networks")
    )
    data, reader = StackData(), _Reader(row, values, names)
    for service, definition in _mapping(content, "services").items():
        if not isinstance(definition, Mapping):
            continue
        reader.read(str(service), definition, data)
        for name in _networks(definition):
            full = networks.get(name) or "%s_%s" % (row.get("appName"), name)
            if full not in data.networks:
                data.networks.append(full)
    return data


class _Reader:
    """Reads what the services of a Compose file keep.

    :param names: those of volumes in Docker, by their keys; C(None) for one that is not known here.
    """

    def __init__(self, row: Row, values: Mapping[str, Optional[str]], names: Mapping[str, Optional[str]]) -> None:
        self._row, self._values, self._names = row, values, names
        self._files = {"../files/%s" % str(file.get("filePath")).strip("/") for file in row.get("mounts") or ()}
        dumps = row.get("backups") or ()
        self._dumped = {str(dump.get("serviceName")): str(dump.get("databaseType")) for dump in dumps}

    def read(self, service: str, definition: Row, data: StackData) -> None:
        """:param data: gets what the service keeps."""
        image = _image(definition, self._values)
        mounts = list(_mounts(service, definition, self._values))
        kind = self._dumped.get(service) or image.kind
        targets = image.data_targets(kind, [mount.target for mount in mounts if mount.target]) if kind else []
        serves = service in self._dumped or (kind is not None and image.serves(kind, bool(targets)))
        if image.kind and serves:
            data.databases[service] = image.kind
            data.logins[service] = image.login(image.kind)
        elif kind and serves is None:
            data.unsure[service] = kind
        for mount in mounts:
            is_data = bool(serves) and mount.target in targets
            source = self._added(mount, is_data, data)
            if is_data and source is not None:
                data.data.setdefault(service, []).append(source)

    def _added(self, mount: _Mount, is_data: bool, data: StackData) -> Optional[str]:
        """The volume or the path of a mount, as C(data) has it from now on; C(None) if it has no name."""
        source = mount.source
        if mount.is_volume and source and self._names.get(source, "") is None:
            mount = replace(mount, is_volume=None)
        if mount.is_volume is None:
            _note(data.unclear, source, mount.service)
            return None
        if not source:
            # The entry of a database says what becomes of its data.
            if not is_data:
                _note(data.unnamed, mount.target, mount.service)
            return None
        if not mount.is_volume and source in self._files:
            # Its content is a part of the configuration.
            return None
        if mount.is_volume:
            name = self._names.get(source) or "%s_%s" % (self._row.get("appName"), source)
            data.keys.setdefault(name, source)
            _note(data.volumes, name, mount.service)
            data.mounts.append(StackMount(mount.service, name, mount.target))
            return name
        _note(data.binds, source, mount.service)
        data.mounts.append(StackMount(mount.service, host_path(source, self._row), mount.target))
        return source


def _note(services: Dict[str, List[str]], name: str, service: str) -> None:
    """:param services: those that mount something, by its name; gets one more."""
    known = services.setdefault(name, [])
    if service not in known:
        known.append(service)


def _image(definition: Row, values: Mapping[str, Optional[str]]) -> StackImage:
    texts = [text_of_command(definition.get(key)) for key in ("entrypoint", "command")]
    # What is not known here stays as it is written.
    known = [interpolated(text, values) or text for text in texts]
    name = interpolated(definition.get("image"), values)
    return StackImage(name, " ".join(known).strip(), bool(texts[0]), variables_of(definition, values))


def _networks(definition: Row) -> List[str]:
    """The keys of the networks of a service."""
    stated = definition.get("networks")
    if not stated:
        return [] if definition.get("network_mode") else ["default"]
    return [str(name) for name in stated]


def host_path(bind: str, row: Row) -> str:
    """The path on the host of a folder that a Compose file names, which may begin at the file itself.

    :param row: that of the stack. Its folder has C(code) with the file, and C(files) (measured on 0.30.2).
    """
    if bind.startswith(("/", "~")):
        return bind
    beside = posixpath.dirname(str(row.get("composePath") or "")) if row.get("sourceType") != "raw" else ""
    return posixpath.normpath(posixpath.join(_STACKS, str(row.get("appName")), "code", beside, bind))


def _mapping(content: Row, key: str) -> Row:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def _own_name(key: str, definition: Any, row: Row, values: Mapping[str, Optional[str]]) -> Optional[str]:
    """The name of a volume or network in Docker (those of a stack of the swarm are made alike, measured on 0.30.2);
    C(None) if it has a variable that is not known here."""
    stated = definition if isinstance(definition, Mapping) else {}
    external = stated.get("external")
    name = stated.get("name") or (external.get("name") if isinstance(external, Mapping) else None)
    if name:
        return interpolated(name, values)
    return key if external else "%s_%s" % (row.get("appName"), key)


@dataclass(frozen=True)
class _Mount:
    """A mount as a Compose file has it.

    :param source: empty for a volume without a name. :param target: empty if it is not known here.
    :param is_volume: or a path of the host; C(None) if it has a variable that is not known here.
    """

    service: str
    source: str
    target: str
    is_volume: Optional[bool]


def _mounts(service: str, definition: Row, values: Mapping[str, Optional[str]]) -> Iterator[_Mount]:
    """The volumes and folders of the host that a service mounts."""
    mounts = definition.get("volumes")
    for mount in mounts if isinstance(mounts, list) else ():
        known = (
            _long_mount(service, mount, values) if isinstance(mount, Mapping) else _mount(service, str(mount), values)
        )
        if known is not None:
            yield known


def _long_mount(service: str, mount: Row, values: Mapping[str, Optional[str]]) -> Optional[_Mount]:
    kind = str(mount.get("type") or "volume")
    if kind not in ("volume", "bind"):
        return None
    written = [str(mount.get(key) or "") for key in ("source", "target")]
    source, target = (interpolated(text, values) for text in written)
    if source is None or target is None:
        return _Mount(service, ":".join(written), target or "", None)
    return _Mount(service, source, target, kind == "volume") if target else None


def _mount(service: str, written: str, values: Mapping[str, Optional[str]]) -> Optional[_Mount]:
    text = interpolated(written, values)
    if text is None:
        return _Mount(service, written, "", None)
    source, colon, rest = text.partition(":")
    if not colon:
        return _Mount(service, "", source, True) if source.startswith("/") else None
    target = rest.partition(":")[0]
    return _Mount(service, source, target, source[:1] not in ("/", ".", "~")) if source and target else None

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a Compose stack keeps: its databases, volumes and bind mounts, as its Compose file names them. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ..._values import yaml_text
from ..services.compose_running import interpolated, variables_of
from ..services.swarm_comparison import resolved_variables

Row = Mapping[str, Any]

# The last part of the names of images, by the kind of the databases that they run.
_IMAGES: Mapping[str, str] = {
    "postgres": "postgres postgresql postgis timescaledb timescaledb-ha pgvector pgvecto-rs paradedb",
    "mysql": "mysql mysql-server percona percona-server",
    "mariadb": "mariadb",
    "mongo": "mongo mongodb mongodb-community-server percona-server-mongodb",
    "redis": "redis redis-stack redis-stack-server valkey keydb dragonfly",
}
# The folder of the host in which each stack has one.
_STACKS = "/etc/dokploy/compose"
_KINDS = {image: kind for kind, images in _IMAGES.items() for image in images.split()}


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
class StackLogin:
    """The login of a database in a stack, as its variables say; C(None) for what is not known.

    :param options: those of a backup of it: C({postgres: {user: forum}}); C(None) if they are not known.
    """

    database: Optional[str]
    user: Optional[str]
    options: Optional[Dict[str, Dict[str, str]]]


@dataclass(frozen=True)
class StackData:
    """What a stack keeps.

    :param databases: the kinds of databases, by the services of the Compose file that run them.
    :param volumes: the services that mount a volume, by its name in Docker; C(binds) and C(unclear) alike, by the
        path on the host, and by what has variables that are not known here.
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
    data = StackData()
    for service, definition in _mapping(content, "services").items():
        if not isinstance(definition, Mapping):
            continue
        kind = _database_kind(interpolated(definition.get("image"), values))
        if kind is not None:
            data.databases[str(service)] = kind
            data.logins[str(service)] = _login(kind, variables_of(definition, values))
        for name in _networks(definition):
            full = networks.get(name) or "%s_%s" % (row.get("appName"), name)
            if full not in data.networks:
                data.networks.append(full)
        for mount in _mounts(str(service), definition, values):
            _add(mount, names, row, data)
    return data


def _add(mount: _Mount, volumes: Mapping[str, str], row: Row, data: StackData) -> None:
    """:param volumes: the names of volumes in Docker, by their keys. :param data: gets the mount."""
    source = mount.source
    if mount.is_volume is None:
        data.unclear.setdefault(source, []).append(mount.service)
        return
    if mount.is_volume:
        source = volumes.get(source) or "%s_%s" % (row.get("appName"), source)
        data.volumes.setdefault(source, []).append(mount.service)
    elif source in {"../files/%s" % str(file.get("filePath")).strip("/") for file in row.get("mounts") or ()}:
        # Its content is a part of the configuration.
        return
    else:
        data.binds.setdefault(source, []).append(mount.service)
        source = host_path(source, row)
    data.mounts.append(StackMount(mount.service, source, mount.target))


# The variables of images with the name of the user, the password and the database, by the kind; the first that is set
# counts.
_USER, _PASSWORD, _NAME = "user", "password", "name"
_VARIABLES: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        _USER: "POSTGRES_USER POSTGRESQL_USERNAME",
        _NAME: "POSTGRES_DB POSTGRESQL_DATABASE",
    },
    "mysql": {_PASSWORD: "MYSQL_ROOT_PASSWORD", _NAME: "MYSQL_DATABASE"},
    "mariadb": {
        _USER: "MARIADB_USER MYSQL_USER",
        _PASSWORD: "MARIADB_PASSWORD MYSQL_PASSWORD",
        _NAME: "MARIADB_DATABASE MYSQL_DATABASE",
    },
    "mongo": {
        _USER: "MONGO_INITDB_ROOT_USERNAME",
        _PASSWORD: "MONGO_INITDB_ROOT_PASSWORD",
        _NAME: "MONGO_INITDB_DATABASE",
    },
}
_ROOT_PASSWORD = "MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD"


def _login(kind: str, variables: Mapping[str, Optional[str]]) -> StackLogin:
    """The login of a database, as its image takes it from variables."""

    def value(names: str) -> Optional[str]:
        return next((variables[name] for name in names.split() if variables.get(name)), None)

    known = {part: value(names) for part, names in _VARIABLES.get(kind, {}).items()}
    user, password, database = known.get(_USER), known.get(_PASSWORD), known.get(_NAME)
    if kind == "postgres":
        user = user or "postgres"
        return StackLogin(database or user, user, {kind: {"user": user}})
    if kind == "mysql":
        return StackLogin(database, "root", {kind: {"root_password": password}} if password else None)
    if kind == "mariadb" and not (user and password):
        user, password = "root", value(_ROOT_PASSWORD)
    return StackLogin(database, user, {kind: {"user": user, "password": password}} if user and password else None)


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


def _own_name(key: str, definition: Any, row: Row, values: Mapping[str, Optional[str]]) -> str:
    """The name of a volume or network in Docker (those of a stack of the swarm are made alike, measured on 0.30.2)."""
    stated = definition if isinstance(definition, Mapping) else {}
    external = stated.get("external")
    name = stated.get("name") or (external.get("name") if isinstance(external, Mapping) else None)
    if name:
        return interpolated(name, values) or str(name)
    return key if external else "%s_%s" % (row.get("appName"), key)


def _database_kind(image: Optional[str]) -> Optional[str]:
    """The kind of the database that an image runs, of which only the name tells."""
    name = (image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return _KINDS.get(name.lower())


@dataclass(frozen=True)
class _Mount:
    """A mount as a Compose file has it.

    :param is_volume: or a path of the host; C(None) if it has a variable that is not known here.
    """

    service: str
    source: str
    target: str
    is_volume: Optional[bool]


def _mounts(service: str, definition: Row, values: Mapping[str, Optional[str]]) -> Iterator[_Mount]:
    """What a service mounts. A volume without a name is new with each container."""
    mounts = definition.get("volumes")
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, Mapping):
            written, kind = str(mount.get("source") or ""), str(mount.get("type") or "volume")
        else:
            written, kind = str(mount), ""
        text = interpolated(written, values)
        if text is None:
            yield _Mount(service, written, "", None)
            continue
        if kind:
            source, target = text, str(interpolated(mount.get("target"), values) or "")
        else:
            source, _colon, rest = text.partition(":")
            target = rest.partition(":")[0]
        if source and target and kind in ("", "volume", "bind"):
            yield _Mount(service, source, target, kind == "volume" if kind else source[0] not in "/.~")

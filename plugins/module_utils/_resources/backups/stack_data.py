# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a Compose stack keeps: its databases, volumes and bind mounts, as its Compose file names them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ..._values import yaml_text
from ..services.compose_running import interpolated
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
_KINDS = {image: kind for kind, images in _IMAGES.items() for image in images.split()}


@dataclass(frozen=True)
class StackData:
    """What a stack keeps.

    :param databases: the kinds of databases, by the services of the Compose file that run them.
    :param volumes: the services that mount a volume, by its name in Docker; C(binds) and C(unclear) alike, by the
        path on the host, and by what has variables that are not known here.
    """

    databases: Dict[str, str] = field(default_factory=dict)
    volumes: Dict[str, List[str]] = field(default_factory=dict)
    binds: Dict[str, List[str]] = field(default_factory=dict)
    unclear: Dict[str, List[str]] = field(default_factory=dict)


def stack_data(text: str, row: Row) -> StackData:
    """What the Compose file of a stack names.

    :param text: the file as a deployment would write it. :param row: the row of the stack.
    :raises ValueError: it cannot be read; the message goes on after C(it).
    """
    if not yaml_text.HAS_YAML:
        raise ValueError("needs the Python library PyYAML where the module runs")
    content = yaml_text.mapping_of(text, "Docker Compose", "{services: ...}")
    values = resolved_variables(row, str(row.get("env") or ""))
    names = {str(key): _volume_name(str(key), item, row, values) for key, item in _mapping(content, "volumes").items()}
    # Their content is a part of the configuration.
    files = {"../files/%s" % str(mount.get("filePath")).strip("/") for mount in row.get("mounts") or ()}
    data = StackData()
    for service, definition in _mapping(content, "services").items():
        if not isinstance(definition, Mapping):
            continue
        kind = _database_kind(interpolated(definition.get("image"), values))
        if kind is not None:
            data.databases[str(service)] = kind
        for source, is_volume in _sources(definition.get("volumes"), values):
            if is_volume is None:
                data.unclear.setdefault(source, []).append(str(service))
            elif is_volume:
                name = names.get(source) or "%s_%s" % (row.get("appName"), source)
                data.volumes.setdefault(name, []).append(str(service))
            elif source not in files:
                data.binds.setdefault(source, []).append(str(service))
    return data


def _mapping(content: Row, key: str) -> Row:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def _volume_name(key: str, definition: Any, row: Row, values: Mapping[str, Optional[str]]) -> str:
    """The name of a volume in Docker (that of a stack of the swarm is made alike, measured on 0.30.2)."""
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


def _sources(mounts: Any, values: Mapping[str, Optional[str]]) -> Iterator[Tuple[str, Optional[bool]]]:
    """What a service mounts, and whether that is a volume, or a path of the host; C(None) if a variable is not known.

    A volume without a name is new with each container.
    """
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, Mapping):
            written, kind = str(mount.get("source") or ""), str(mount.get("type") or "volume")
        else:
            written, kind = str(mount), ""
        text = interpolated(written, values)
        if text is None:
            yield written, None
            continue
        source = text if kind else text.rpartition(":")[0] and text.partition(":")[0]
        if source and kind in ("", "volume", "bind"):
            yield source, kind == "volume" if kind else source[0] not in "/.~"

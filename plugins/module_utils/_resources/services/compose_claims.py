# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a Compose stack takes of its server: its domains, and what its Compose file names. Pure.

Volumes have the name of the stack before theirs, unless they have a C(name) or are external, and paths that do not
begin with a slash are in the folder of the stack. Mounts that are only read change nothing.
"""

from __future__ import annotations

import functools
from typing import Any, Iterator, Mapping, Optional

from ..._model.claims import Claim
from ..._values import yaml_text
from ..service_children.claims import claimed_folder, claimed_hosts, claimed_volume, port_claim
from .compose_running import interpolated
from .swarm_comparison import resolved_variables

Row = Mapping[str, Any]
Values = Mapping[str, Optional[str]]
_OPTION = "raw"
# More of a range of ports says nothing else.
_LONGEST_RANGE = 1000


def claimed_by_stack(row: Row) -> Iterator[Claim]:
    """What a stack takes. Of a repository, the Compose file is not known here."""
    yield from claimed_hosts(row)
    content = _content(str(row.get("composeFile") or "")) if row.get("sourceType") in (None, "raw") else {}
    if not content:
        return
    values = resolved_variables(row, str(row.get("env") or ""))
    for key, volume in _mapping(content.get("volumes")).items():
        yield from claimed_volume(_OPTION, interpolated(_own_name(str(key), _mapping(volume)), values))
    for service in _mapping(content.get("services")).values():
        definition = _mapping(service)
        for port in _items(definition.get("ports")):
            yield from _published(port, values)
        for mount in _items(definition.get("volumes")):
            yield from claimed_folder(_OPTION, _folder(mount, values))


@functools.lru_cache(maxsize=256)
def _content(text: str) -> Row:
    """The Compose file; empty if it cannot be read here, which its module judges."""
    try:
        return yaml_text.mapping_of(text, "Docker Compose", "{services: ...}") if text and yaml_text.HAS_YAML else {}
    except ValueError:
        return {}


def _mapping(value: Any) -> Row:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> Any:
    return value if isinstance(value, list) else ()


def _own_name(key: str, volume: Row) -> Any:
    """The name that a volume has by itself; C(None) if it has that of the stack before it."""
    external = volume.get("external")
    name = volume.get("name") or (external.get("name") if isinstance(external, Mapping) else None)
    return name or (key if external else None)


def _published(port: Any, values: Values) -> Iterator[Claim]:
    if isinstance(port, Mapping):
        number, protocol = interpolated(port.get("published"), values), str(port.get("protocol") or "tcp")
    else:
        outer, _colon, inner = str(interpolated(port, values) or "").rpartition(":")
        number, protocol = outer.rpartition(":")[2], inner.partition("/")[2] or "tcp"
    first, _dash, last = str(number or "").partition("-")
    if first.isdigit() and (last or first).isdigit():
        for published in range(int(first), min(int(last or first), int(first) + _LONGEST_RANGE) + 1):
            yield port_claim(_OPTION, published, protocol)


def _folder(mount: Any, values: Values) -> Optional[str]:
    """The folder of the host that a mount writes to."""
    if isinstance(mount, Mapping):
        source, only_read = interpolated(mount.get("source"), values), mount.get("read_only")
        source = source if mount.get("type") == "bind" else None
    else:
        source, _colon, rest = str(interpolated(mount, values) or "").partition(":")
        only_read = "ro" in rest.partition(":")[2].split(",")
    return source if source and source.startswith("/") and not only_read else None

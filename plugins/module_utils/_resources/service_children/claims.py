# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the domains, the mounts and the ports of a service take of its server. Pure."""

from __future__ import annotations

import posixpath
from typing import Any, Iterator, Mapping

from ..._model.claims import FOLDER, HOST, PORT, VOLUME, Claim
from ..._values.host_paths import is_part_of_host
from ..._values.marks import is_marked
from .ports import PORTS
from .routing import DOMAINS
from .storage import MOUNTS

Row = Mapping[str, Any]


def port_claim(option: str, port: int, protocol: str, single: bool = True) -> Claim:
    """A published port. :param single: Docker refuses it to a second service."""
    return Claim(option, PORT, (port, protocol), str(port) if protocol == "tcp" else "%d/%s" % (port, protocol), single)


def claimed_hosts(row: Row) -> Iterator[Claim]:
    """The hosts of the enabled domains, each with its path."""
    for domain in row.get(DOMAINS.embedded) or ():
        host, path = str(domain.get("host") or "").lower(), str(domain.get("path") or "/")
        if host and not is_marked(host) and domain.get("enabled") is not False:
            yield Claim(DOMAINS.option, HOST, (host, path), host if path == "/" else host + path)


def claimed_volume(option: str, name: Any) -> Iterator[Claim]:
    """A volume, unless its name is not known yet."""
    if name and not is_marked(name):
        yield Claim(option, VOLUME, str(name), str(name))


def claimed_folder(option: str, path: Any) -> Iterator[Claim]:
    """A folder of the host, unless it is a part of the host itself, such as Docker's socket, or not known yet."""
    if path and not is_marked(path) and not is_part_of_host(str(path)):
        folder = posixpath.normpath(str(path))
        yield Claim(option, FOLDER, folder, folder)


def claimed_mounts(row: Row) -> Iterator[Claim]:
    """The volumes, and the folders of the host."""
    for mount in row.get(MOUNTS.embedded) or ():
        if mount.get("type") == "volume":
            yield from claimed_volume(MOUNTS.option, mount.get("volumeName"))
        elif mount.get("type") == "bind":
            yield from claimed_folder(MOUNTS.option, mount.get("hostPath"))


def claimed_by_application(row: Row) -> Iterator[Claim]:
    """What an application takes."""
    yield from claimed_hosts(row)
    yield from claimed_mounts(row)
    for port in row.get(PORTS.embedded) or ():
        # In the mode host, each node of the swarm has the port.
        single = port.get("publishMode") != "host"
        yield port_claim(PORTS.option, int(port["publishedPort"]), str(port.get("protocol") or "tcp"), single)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of what stands in for hosts that Dokploy calls over HTTPS only, and how Dokploy comes to trust them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import certifi

from tools.certificates import Authority
from tools.real import bitbucket_host
from tools.real.room import Room


def certificate(room: Room) -> Path:
    """A certificate with its key for the stand-ins, made once."""
    path = room.path("tls/server.pem")
    if not path.is_file():
        authority = Authority(path.parent)
        shutil.copy(authority.bundle, authority_file(room))
        authority.certificate_file("127.0.0.1", *bitbucket_host.NAMES).rename(path)
    return path


def authority_file(room: Room) -> Path:
    """What trusts this trusts the stand-ins."""
    return room.path("tls/authority.pem")


def trusting(room: Room) -> dict[str, str]:
    """The variables with which Node.js and Git trust the stand-ins, beside what they trust anyway."""
    certificate(room)
    names = ("NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")
    trusted = {*filter(None, map(os.environ.get, names)), certifi.where(), str(authority_file(room))}
    bundle = room.path("tls/bundle.pem")
    bundle.write_text("\n".join(Path(file).read_text("utf-8") for file in trusted))
    return dict.fromkeys(names, str(bundle))


def knows_hosts() -> bool:
    """Whether Dokploy gets a table of hosts of its own, which only root can give it."""
    return os.geteuid() == 0 and shutil.which("unshare") is not None


def with_hosts(room: Room, command: list[str]) -> list[str]:
    """The command, to which the names of Bitbucket are loopback, where that can be."""
    if not knows_hosts():
        return command
    hosts = room.path("hosts")
    line = " ".join((bitbucket_host.ADDRESS[0], *bitbucket_host.NAMES))
    hosts.write_text(f"{Path('/etc/hosts').read_text('utf-8')}\n{line}\n")
    script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh", str(hosts), *command]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the services beside Dokploy listen, on 127.0.0.1: C(REAL_GIT_PORT=8419) in the environment moves one."""

from __future__ import annotations

import os
import socket

from tools.real.room import Failed, Room

# The integration targets name images of 127.0.0.1:5000.
DEFAULTS = {
    "registry": 5000,
    "registry_login": 5001,
    "git": 8418,
    "git_hosts": 8419,
    "github": 8420,
    "ssh": 2222,
    "s3": 5055,
    "http": 80,
    "https": 443,
}


def variable(name: str) -> str:
    return f"REAL_{name.upper()}_PORT"


def port(name: str) -> int:
    """The port of one of C(DEFAULTS)."""
    return int(os.environ.get(variable(name)) or DEFAULTS[name])


def answers(name: str) -> bool:
    """Whether something listens there."""
    with socket.socket() as connection:
        connection.settimeout(2)
        return connection.connect_ex(("127.0.0.1", port(name))) == 0


def require_free(room: Room, name: str, daemon: str) -> None:
    """Refuse a port that something else than the daemon of this room has.

    :raises Failed: it is taken; the text names the variable.
    """
    if not room.running(daemon) and answers(name):
        raise Failed(f"{daemon}: something listens on port {port(name)} already; set {variable(name)} to another one.")

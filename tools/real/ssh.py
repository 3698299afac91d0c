# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH: Git repositories, and this machine as a remote server, for one key."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from tools.real import git, ports
from tools.real.room import Failed, Room, until

READY_SECONDS = 30


def up(room: Room) -> dict[str, str]:
    """Start sshd for the user who calls this, with a host key and a key of this room.

    Returns C(REAL_SSH_SERVER) (address, port and user), C(REAL_SSH_KEY) (a file) and C(REAL_SSH_REPOSITORY).
    """
    ports.require_free(room, "ssh", "ssh")
    for name in ("ssh/key", "ssh/host"):
        if not room.path(name).is_file():
            room.run("ssh", ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "real", "-f", room.folder / name])
    allowed = room.path("ssh/allowed")
    allowed.write_text(room.path("ssh/key.pub").read_text())
    allowed.chmod(0o600)
    user = getpass.getuser()
    settings = {
        "Port": ports.port("ssh"),
        "ListenAddress": "127.0.0.1",
        "HostKey": room.folder / "ssh/host",
        "AuthorizedKeysFile": allowed,
        "AllowUsers": user,
        "PermitRootLogin": "prohibit-password",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "UsePAM": "no",
        # The folders above the room may belong to others.
        "StrictModes": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    file = room.path("ssh/sshd_config")
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    room.start("ssh", ["/usr/sbin/sshd", "-D", "-e", "-f", file])
    if not until(lambda: ports.answers("ssh"), READY_SECONDS):
        raise Failed(f"ssh: it does not answer; see {room.folder / 'log/ssh.log'}")
    address = f"127.0.0.1:{ports.port('ssh')}"
    return {
        "REAL_SSH_SERVER": f"{address.replace(':', ' ')} {user}",
        "REAL_SSH_KEY": str(room.folder / "ssh/key"),
        "REAL_SSH_REPOSITORY": f"ssh://{user}@{address}{git.repository(room, 'web')}",
    }

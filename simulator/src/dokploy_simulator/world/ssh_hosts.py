# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers Dokploy reaches over SSH, and what it finds there."""

from __future__ import annotations

from ..api.errors import bad_request, internal
from ..store.store import Row, Store
from .config import Config

REFUSED_LOGIN = "All configured authentication methods failed client-authentication"
TOOLS = ("rclone", "nixpacks", "buildpacks", "railpack")


class Unreachable(Exception):
    """``kind``: ``key`` (the server has none), ``login`` (it is not accepted) or ``refused`` (nothing listens)."""

    def __init__(self, kind: str, address: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.address = address

    def words(self) -> str:
        """What most procedures say."""
        return {
            "key": "No SSH Key found",
            "login": f"Authentication failed: Invalid SSH private key. ❌ Error: {REFUSED_LOGIN}",
            "refused": f"SSH connection error: connect ECONNREFUSED {self.address}",
        }[self.kind]


class SshHosts:
    """``Config.ssh_hosts`` at work. A host that it does not name lets every key in."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config, self.store = config, store
        # Addresses that the set-up script has run on to its end.
        self.set_up: set[str] = set()

    @staticmethod
    def address(row: Row) -> str:
        return f"{row['ipAddress']}:{row['port']}"

    def connect(self, row: Row) -> None:
        """Raises ``Unreachable``."""
        address, key = self.address(row), self.store.ssh_keys.get(row["sshKeyId"] or "")
        if key is None:
            raise Unreachable("key", address)
        hosts = self.config.ssh_hosts
        if address not in hosts:
            return
        if not hosts[address]:
            raise Unreachable("refused", address)
        if key["privateKey"] not in hosts[address]:
            raise Unreachable("login", address)

    def checked(self, row: Row, code: str = "internal") -> None:
        """The same as an error of the procedure: status 500, with ``bad_request`` 400."""
        try:
            self.connect(row)
        except Unreachable as problem:
            raise (bad_request if code == "bad_request" else internal)(problem.words()) from None

    def state(self, row: Row) -> Row:
        """What ``server.validate`` finds: all that the set-up installs, or nothing, and what a test has set."""
        ready = self.address(row) in self.set_up
        version = {"version": "1.0.0" if ready else "0.0.0", "enabled": ready}
        state = {
            "docker": {"version": "28.5.0" if ready else "0.0.0", "enabled": ready},
            **{tool: dict(version) for tool in TOOLS},
            "isDokployNetworkInstalled": ready,
            "isSwarmInstalled": ready,
            "isMainDirectoryInstalled": ready,
            "privilegeMode": "root",
            "dockerGroupMember": False,
        }
        return {**state, **self.config.ssh_host_states.get(self.address(row), {})}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router server: what needs a connection to the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from ...api.errors import bad_request
from ...store import deployments
from ...store.store import Row
from ...world.ssh_hosts import REFUSED_LOGIN, Unreachable
from ..common import find
from ..procedures import UNDEFINED, Context, NeverEnds, procedure, subscription
from .servers import UNKNOWN, shown

SECURITY: Row = {
    "ufw": {"installed": False, "active": False, "defaultIncoming": "unknown"},
    "ssh": {
        "enabled": False,
        "keyAuth": False,
        "permitRootLogin": "unknown",
        "passwordAuth": "unknown",
        "usePam": "unknown",
    },
    "fail2ban": {
        "installed": False,
        "enabled": False,
        "active": False,
        "sshEnabled": "false",
        "sshMode": "normal",
    },
}
SCRIPT = """
set -e;
DOCKER_VERSION=28.5.0
OS_TYPE=$(grep -w "ID" /etc/os-release | cut -d "=" -f 2 | tr -d '"')
SYS_ARCH=$(uname -m)
CURRENT_USER=$USER

echo "Installing requirements for: OS: $OS_TYPE"

# Auto-detect sudo requirement
if [ "$EUID" -eq 0 ]; then
\tSUDO_CMD=""
\techo "Running as root"
else
\tif sudo -n true 2>/dev/null; then
\t\tSUDO_CMD="sudo"
\t\techo "Running as $CURRENT_USER with sudo privileges"
"""
NOT_ACCEPTED = f"""
❌ Couldn't connect to your server — the SSH key was not accepted.

This usually means the key doesn't match what's on the server, or the key format is invalid.

Technical details: Error: {REFUSED_LOGIN}

💡 Hints:
  • Check that the SSH key you added in Dokploy is the same \
one installed on the server (e.g. in ~/.ssh/authorized_keys).
  • Try generating a new SSH key in Dokploy and add only the public key to the server, then try again.
  • Make sure to follow the instructions on the Setup Server Button on the SSH Keys tab"""
NOT_CONNECTED = """
❌ Couldn't connect to your server.

The connection failed before setup could run. Common causes: wrong IP or port, \
firewall blocking access, or the server is offline.

Technical details: connect ECONNREFUSED {0} client-socket

💡 Hints:
  • Check that the server IP address and SSH port are correct and the server is powered on.
  • If the server is in a private network, ensure Dokploy can reach it \
(VPN, firewall rules, or correct security groups).
  • Make sure the SSH port (usually 22) is open and the SSH service is running on the server."""


def bad_server(ctx: Context, data: Row) -> Row:
    """The server, known and reachable; every problem is a 400."""
    row = find(ctx.store.servers, data["serverId"], UNKNOWN, bad_request)
    ctx.instance.ssh_hosts.checked(row, "bad_request")
    return row


@procedure("server.getDefaultCommand")
def default_command(ctx: Context, data: Row) -> str:
    """The beginning of the set-up script."""
    find(ctx.store.servers, data["serverId"], UNKNOWN)
    return SCRIPT


@procedure("server.validate")
def validate(ctx: Context, data: Row) -> Row:
    return ctx.instance.ssh_hosts.state(bad_server(ctx, data))


@procedure("server.security")
def security(ctx: Context, data: Row) -> Row:
    bad_server(ctx, data)
    return SECURITY


@procedure("server.setupMonitoring")
def setup_monitoring(ctx: Context, data: Row) -> Row:
    """Stored before the connection is tried."""
    row = find(ctx.store.servers, data["serverId"], UNKNOWN)
    server = {**data["metricsConfig"]["server"], "type": "Remote"}
    row["metricsConfig"] = {**data["metricsConfig"], "server": server}
    ctx.instance.ssh_hosts.checked(row)
    return shown(ctx, row)


async def set_up(ctx: Context, row: Row, say: Callable[[str], None]) -> None:
    """The exit code of the script is not looked at: only a connection that fails is an error of the deployment."""
    say("\nInstalling Server Dependencies: ✅\n")
    values = {"title": "Setup Server", "description": "Setup Server", "serverId": row["serverId"], "startedAt": None}
    values["logPath"] = deployments.log_path("/etc/dokploy/logs", row["appName"])
    deployment = deployments.start(ctx.store, "serverId", values, "")
    try:
        ctx.instance.ssh_hosts.connect(row)
    except Unreachable as problem:
        for text in unreachable(problem):
            say(text)
        deployments.finish(ctx.store, deployment, "error", "")
        return
    await asyncio.sleep(ctx.instance.config.setup_seconds)
    for text in ctx.instance.config.setup_log:
        say(text)
    if not ctx.instance.config.setup_fails:
        ctx.instance.ssh_hosts.set_up.add(ctx.instance.ssh_hosts.address(row))
    say("\nSetup Server: ✅\n")
    deployments.finish(ctx.store, deployment, "done", "")


def unreachable(problem: Unreachable) -> tuple[str, str]:
    """What the log says before it ends."""
    if problem.kind == "key":
        return "❌ No SSH Key found, please assign one to this server", "Error: No SSH Key found ❌\n"
    if problem.kind == "login":
        why = f"Authentication failed: Invalid SSH private key. Error: {REFUSED_LOGIN}"
        return NOT_ACCEPTED, f"Error: {why} ❌\n"
    why = f"SSH connection error: connect ECONNREFUSED {problem.address} client-socket"
    return NOT_CONNECTED.format(problem.address), f"Error: {why} ❌\n"


@procedure("server.setup")
async def setup(ctx: Context, data: Row) -> object:
    """Waits for the end and says nothing of it."""
    await set_up(ctx, find(ctx.store.servers, data["serverId"], UNKNOWN), lambda text: None)
    return UNDEFINED


@subscription("server.setupWithLogs")
async def setup_with_logs(ctx: Context, data: Row) -> AsyncIterator[str]:
    """The stream stays open, however it went."""
    row = find(ctx.store.servers, data["serverId"], UNKNOWN)
    lines: list[str] = []
    await set_up(ctx, row, lines.append)
    for line in lines:
        yield line
    raise NeverEnds

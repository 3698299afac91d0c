# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Docker of this machine: what is asked of it here, the swarm, and the network of Dokploy."""

from __future__ import annotations

import json
import subprocess

from tools.real.room import Failed

NETWORK = "dokploy-network"
# Dokploy deploys stacks with the first one, and builds images with the second one. Debian's docker.io has neither.
PLUGINS = {"compose": "docker-compose-plugin or docker-compose", "buildx": "docker-buildx-plugin or docker-buildx"}


def call(*words: str) -> str:
    """What Docker prints.

    :raises Failed: it refuses; the text has its words.
    """
    try:
        process = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failed(f"docker: {error}") from None
    if process.returncode:
        raise Failed(f"docker {' '.join(words)}: {process.stderr.strip() or process.stdout.strip()}")
    return process.stdout


def succeeds(*words: str) -> bool:
    return subprocess.run(["docker", *words], capture_output=True, check=False).returncode == 0


def has(image: str) -> bool:
    return succeeds("image", "inspect", image)


def obtained(image: str) -> bool:
    """Whether Docker has an image, or could pull it."""
    return has(image) or succeeds("pull", "--quiet", image)


def require_plugins() -> None:
    """Look for the plugins of Docker's program that Dokploy runs, where it is built from its source.

    :raises Failed: one is missing. Without this, each stack fails later with Docker's help as the reason.
    """
    missing = [name for name in PLUGINS if not succeeds(name, "version")]
    if missing:
        packages = " and ".join(f"{name}: {PLUGINS[name]}" for name in missing)
        raise Failed(f"docker has no plugin {' and '.join(missing)}, which Dokploy runs. Install ({packages}).")


def swarm() -> None:
    """Docker has to run; a swarm on loopback is made of it if it is none.

    :raises Failed: Docker does not answer.
    """
    if json.loads(call("info", "--format", "{{json .Swarm}}")).get("LocalNodeState") != "active":
        call("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1")
    if not succeeds("network", "inspect", NETWORK):
        call("network", "create", "--driver", "overlay", "--attachable", NETWORK)

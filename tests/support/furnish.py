# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fill a server with what options can refer to."""

from __future__ import annotations

from typing import Any

from tests.support.host import Host
from tests.support.values import NAMES

PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n"

_SERVER: dict[str, Any] = {"description": "", "ipAddress": "192.0.2.1", "port": 22, "username": "root"}
_BUCKET = dict.fromkeys(("provider", "accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "x")
_LOGIN: dict[str, Any] = {
    "username": "u",
    "password": "p",
    "registryUrl": "registry.example.com",
    "registryType": "cloud",
    "imagePrefix": None,
}
_MADE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "SSH key": (
        "sshKey.create",
        "name",
        {"privateKey": PRIVATE_KEY, "publicKey": "ssh-ed25519 A", "organizationId": ""},
    ),
    "server": ("server.create", "name", {**_SERVER, "serverType": "deploy"}),
    "build server": ("server.create", "name", {**_SERVER, "serverType": "build"}),
    "registry": ("registry.create", "registryName", _LOGIN),
    "destination": ("destination.create", "name", _BUCKET),
    "network": ("network.create", "name", {"driver": "overlay"}),
}


def furnish(host: Host) -> None:
    """Make two of every kind that an option can refer to, named as ``NAMES`` says."""
    for kind in ("GitHub", "GitLab", "Bitbucket", "Gitea"):
        for name in NAMES[f"{kind} provider"]:
            host.sim.act(git_provider=kind.lower(), name=name)
    more: dict[str, Any] = {}
    for kind, (procedure, key, body) in _MADE.items():
        for name in NAMES[kind]:
            host.call(procedure, **{**body, **(more if procedure == "server.create" else {}), key: name})
        if kind == "SSH key":
            # A server without a key is not offered for builds.
            more["sshKeyId"] = host.read("sshKey.all")[0]["sshKeyId"]

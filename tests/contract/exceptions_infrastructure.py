# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded registries, keys, servers and the like, and what was left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator. ``SECRETS``: values of the recording's secrets that must have a
certain form or are known to the world around the server.
"""

from __future__ import annotations

from typing import Any

from .recording_player import made_up

SECTIONS: dict[str, str] = {
    "i-docker": "containers, volumes and images made by hand, which no module manages",
    "i-coercion": "whether a schema is coerced depends on what its process has answered before; here all are",
}
ANYTHING = r".*"
TRAEFIK_FILES = "the files of Traefik on a server are not simulated yet"
TRIMMED = (r"body$|\[\d*\]$", "recorded with a few of its columns")
RECORDS: dict[str, tuple[str, str]] = {
    "i-network#33": (r"message", "Docker's own ID of a network"),
    "i-schedule#27": (r"body", "the number of a process"),
    "i-server#30": (r"body", "creations that pinned nothing were left out of the recording"),
    **dict.fromkeys((f"i-server#{number}" for number in (20, 28, 29, 36, 37, 38, 40, 65, 95)), TRIMMED),
    **dict.fromkeys((f"i-server#{number}" for number in range(78, 83)), (ANYTHING, TRAEFIK_FILES)),
    **dict.fromkeys((f"i-schedule#{number}" for number in (5, 6, 17, 18, 21, 26)), TRIMMED),
    "i-certificates#7": (r"message", "the values of the statement hold a generated certificatePath"),
}
HOST_SCHEDULE = {"scheduleId": "4vVhGggTFOehkUnPw2jAa", "name": "r2-host", "cronExpression": "0 3 * * *"}
HOST_SCHEDULE |= {"command": "echo r2-run", "scheduleType": "dokploy-server"}
SERVER: dict[str, Any] = {
    "serverId": "eNcXy6wP8Zp32Bd2Bx_Su",
    "name": "r2-server",
    "description": "d",
    "ipAddress": "127.0.0.1",
}
SERVER |= {"port": 2222, "username": "root", "sshKeyId": "MZcQa4XNxOeL3xuUCgfMs", "serverType": "deploy"}
SERVER |= {"enableDockerCleanup": False}
PREPARE: dict[str, list[tuple[str, Any]]] = {
    "i-schedule#19": [("schedule.update", HOST_SCHEDULE)],
    "i-network#22": [
        ("act", {"network": "r2-net", "gone": True}),
        ("act", {"network": "r2-ext", "driver": "bridge", "subnet": "10.213.79.0/24"}),
    ],
    "i-network#33": [("act", {"network": "r2-net", "attached": True})],
    "i-network#34": [("act", {"network": "r2-net", "attached": False}), ("act", {"network": "r2-ext", "gone": True})],
    "i-server#64": [
        (
            "config",
            {"setup_fails": True, "setup_log": ["Installing requirements for: OS: debian\n", "E: no such package\n"]},
        )
    ],
    "i-webServerBackup#9": [("config", {"own_database": False})],
    "i-tag#19": [("tag.update", {"tagId": "Rb-kWfVPC8e19CW3EUc-x", "color": ""})],
    "i-server#36": [("server.update", {**SERVER, "command": "echo r2-remote-ok"})],
    "i-server#44": [
        (
            "config",
            {
                "ssh_hosts": {"127.0.0.1:2222": ["<secret:59>"], "127.0.0.1:2300": []},
                "ssh_host_states": {
                    "127.0.0.1:2222": {
                        "docker": {"version": "26.1.5+dfsg1", "enabled": True},
                        "rclone": {"version": "1.60.1-DEV", "enabled": True},
                        "isDokployNetworkInstalled": True,
                        "isSwarmInstalled": True,
                        "isMainDirectoryInstalled": True,
                    },
                },
            },
        )
    ],
}
REGISTRY_LOGINS = {"127.0.0.1:5001": {"r2user": made_up("<secret:8>"), "r2other": made_up("<secret:9>")}}
SETTINGS: dict[str, dict[str, Any]] = {
    "i-registry": {"registry_logins": REGISTRY_LOGINS},
    "i-server": {
        "registry_logins": REGISTRY_LOGINS,
        "ssh_hosts": {"127.0.0.1:2300": []},
        "setup_log": [
            "Installing requirements for: OS: debian\nRunning as root\n",
            "9. Installing Railpack\n",
            "warning on stderr\n",
        ],
    },
}
SECRETS: dict[str, str] = {
    # Without a line end, and of no answer.
    "<secret:13>": "-----BEGIN OPENSSH PRIVATE KEY-----\nSecret-13\n-----END OPENSSH PRIVATE KEY-----",
}

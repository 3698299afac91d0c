# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router dockerVolume: the volumes of Docker, and the files in them."""

from __future__ import annotations

from ...api.errors import internal
from ...store.store import Row
from ...world.docker import volume_data
from ..procedures import UNDEFINED, Context, procedure

FOLDER = "/var/lib/docker/volumes"
LISTED = {
    **dict.fromkeys(("Availability", "Group", "Links", "Size", "Status"), "N/A"),
    "Driver": "local",
    "Labels": "",
    "Scope": "local",
}
CREATED = "2026-11-25T15:59:41Z"


@procedure("dockerVolume.getVolumes")
def volumes(ctx: Context, data: Row) -> list[Row]:
    return [{**LISTED, "Mountpoint": f"{FOLDER}/{name}/_data", "Name": name} for name in ctx.store.volumes]


@procedure("dockerVolume.getVolumeConfig")
def config(ctx: Context, data: Row) -> Row:
    name = data["volumeName"]
    if name not in ctx.store.volumes:
        raise internal(
            f"Command execution failed: Command failed: docker volume inspect {name}\n"
            f"Error response from daemon: volume {name} not found\n"
        )
    return {
        "CreatedAt": CREATED,
        "Driver": "local",
        "Labels": None,
        "Mountpoint": f"{FOLDER}/{name}/_data",
        "Name": name,
        "Options": None,
        "Scope": "local",
    }


@procedure("dockerVolume.removeVolume")
def remove(ctx: Context, data: Row) -> object:
    """Refused while a container holds it, also one that has ended or belongs to a service that was just removed."""
    volume_data.remove(ctx.instance.docker, ctx.store, data["volumeName"])
    return UNDEFINED

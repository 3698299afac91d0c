# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router dockerVolume: the volumes of Docker, and the files in them."""

from __future__ import annotations

import base64

from ...api.errors import ProcedureError, internal
from ...store.store import Row
from ...world.containers import engine_files
from ...world.docker import volume_data
from ..procedures import UNDEFINED, Context, procedure

LISTED = {
    **dict.fromkeys(("Availability", "Group", "Links", "Size", "Status"), "N/A"),
    "Driver": "local",
    "Labels": "",
    "Scope": "local",
}
PLACE, LARGEST = "/__volume", 512 * 1024


@procedure("dockerVolume.getVolumes")
def volumes(ctx: Context, data: Row) -> list[Row]:
    return [{**LISTED, "Mountpoint": volume_data.mountpoint(name), "Name": name} for name in ctx.store.volumes]


@procedure("dockerVolume.getVolumeConfig")
def config(ctx: Context, data: Row) -> Row:
    name = data["volumeName"]
    if name not in ctx.store.volumes:
        raise internal(
            f"Command execution failed: Command failed: docker volume inspect {name}\n"
            f"Error response from daemon: volume {name} not found\n"
        )
    return volume_data.inspected(name)


@procedure("dockerVolume.removeVolume")
def remove(ctx: Context, data: Row) -> object:
    """Refused while a container holds it, also one that has ended or belongs to a service that was just removed.

    Of a remote server, Docker's words are not passed on.
    """
    try:
        volume_data.remove(ctx.instance.docker, ctx.store, data["volumeName"])
    except ProcedureError:
        if data.get("serverId"):
            raise internal("Remote command failed with exit code 1") from None
        raise
    return UNDEFINED


@procedure("dockerVolume.listVolumeFiles")
def list_files(ctx: Context, data: Row) -> list[Row]:
    """One level of a volume, folders first. Docker makes a volume that does not exist, and mounts it."""
    names = engine_files.of_volume(volume_data.mounted(ctx.store, data["volumeName"]))
    inside = data["path"].strip("/")
    base = f"{inside}/" if inside else ""
    if data["path"] == f"/{inside}" and inside in names:
        return [{"name": f"{PLACE}/{inside}", "isDirectory": False}]
    below = [name.removeprefix(base) for name in names if name.startswith(base)]
    if not below and inside:
        raise _failed(f"ls -1Ap {PLACE}/{inside}", f"ls: {PLACE}/{inside}: No such file or directory\n")
    folders = {name.partition("/")[0] for name in below if "/" in name}
    rows = [{"name": name, "isDirectory": True} for name in sorted(folders)]
    return rows + [{"name": name, "isDirectory": False} for name in sorted(set(below)) if "/" not in name]


@procedure("dockerVolume.readVolumeFile")
def read_file(ctx: Context, data: Row) -> Row:
    """The first 512 KiB of a file, in base64."""
    files = engine_files.of_volume(volume_data.mounted(ctx.store, data["volumeName"]))
    content = files.get(data["path"].strip("/"))
    if content is None:
        raise internal(f"cat: can't open '{PLACE}{data['path']}': No such file or directory\n")
    raw = content.encode()
    return {"content": base64.b64encode(raw[:LARGEST]).decode(), "truncated": len(raw) > LARGEST}


def _failed(command: str, said: str) -> Exception:
    return internal(f"Command execution failed: Command failed: docker run --rm busybox {command}\n{said}")

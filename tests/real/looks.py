# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of a project, and what runs have left of it, by the API and by the Docker of this machine."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import yaml

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.scratch import SCRATCH, key_of
from tests.real.playbooks import Server
from tests.real.shop import api, containers, docker

# Docker removes the containers of a service some seconds after the service.
PATIENCE = 90
KINDS = ("applications", "compose", "libsql", "mariadb", "mongo", "mysql", "postgres", "redis")


def services(server: Server, project: str) -> dict[str, dict[str, Any]]:
    """The rows of the services of a project, with their C(kind) and C(id), by their names; none without the project."""
    found = {}
    for row in api(server, "project.all"):
        for place in row["environments"] if row["name"] == project else ():
            content = api(server, "environment.one", environmentId=place["environmentId"])
            for section, rows in content.items():
                kind = section.removesuffix("s") if section == "applications" else section
                for listed in rows if section in KINDS else ():
                    own_id = listed[f"{kind}Id"]
                    service = api(server, f"{kind}.one", **{f"{kind}Id": own_id})
                    found[service["name"]] = {**service, "kind": kind, "id": own_id}
    return found


def app_names(server: Server, project: str) -> dict[str, str]:
    return {name: row["appName"] for name, row in services(server, project).items()}


def left_of_runs(server: Server, project: str, archives: str = "") -> list[str]:
    """What must not be there: jobs, records of backups, volumes of jobs and scratch volumes, and what stands still.

    :param archives: the text of the file of the set that was restored.
    """
    found, left = services(server, project), []
    volumes = docker("volume", "ls", "--quiet").split()
    keys = scratch_volumes(archives) if archives else ()
    for name, row in found.items():
        if name.startswith("job-"):
            left.append(f"the job {name}")
            continue
        records = api(server, "volumeBackups.list", id=row["id"], volumeBackupType=row["kind"])
        records += row.get("backups") or []
        left += [f"a record of a backup of {name}: {record.get('name') or record.get('prefix')}" for record in records]
        left += [f"the volume {volume}" for volume in volumes if volume.startswith(f"set-{row['appName']}-")]
        left += [] if containers(row["appName"]) else [f"{name} stands still"]
    return [*left, *(f"the volume {volume}" for volume in volumes if keys and volume.startswith(keys))]


def remove_volumes(names: list[str], app_names: list[str]) -> None:
    """Remove the volumes of services that are gone: those of these names, and those named after the services."""
    prefixes = tuple(f"{name}{sign}" for name in app_names for sign in "-_")
    end = time.monotonic() + PATIENCE
    while True:
        volumes = docker("volume", "ls", "--quiet").split()
        left = [name for name in volumes if name in names or (prefixes and name.startswith(prefixes))]
        if not left:
            return
        subprocess.run(["docker", "volume", "rm", *left], capture_output=True, check=False)
        assert time.monotonic() < end, left
        time.sleep(1)


def left_in_docker(names: list[str], app_names: list[str], archives: str) -> list[str]:
    """The services, volumes and networks of these names, or named after services that are gone, and scratch volumes."""
    prefixes = tuple(f"{name}{sign}" for name in app_names for sign in "-_.")
    keys = scratch_volumes(archives)
    end = time.monotonic() + PATIENCE
    while True:
        there = docker("volume", "ls", "--quiet").split()
        there += docker("network", "ls", "--format", "{{.Name}}").split()
        there += docker("ps", "--all", "--format", "{{.Names}}").split()
        left = [name for name in there if name in names or name.startswith((*prefixes, *keys))]
        # A container that is stopped stays for a moment.
        if not left or time.monotonic() > end:
            return left
        time.sleep(2)


def scratch_volumes(archives: str) -> tuple[str, ...]:
    """What the names of scratch volumes begin with. :param archives: the text of the file of the set."""
    return tuple(f"{SCRATCH}{key_of(archive)}-" for archive in read_archives(yaml.safe_load(archives)).archives)


def inventory(server: Server) -> dict[str, list[str]]:
    """What an instance has beside services, by the procedures that list it."""
    procedures = ("project.all", "destination.all", "tag.all", "network.all", "registry.all")
    return {name: sorted(row["name"] for row in api(server, name)) for name in procedures}

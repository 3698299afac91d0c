# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of a container that runs once, as a script of the shell with the programs that are played."""

from __future__ import annotations

import shlex

from ...store.volumes import Volume
from ..docker import volume_data
from ..docker.docker import Docker
from ..docker.docker_services import Task
from . import engines
from .database_clients import of_databases
from .programs import ContainerFiles, of_files
from .shell import Program, Shell

DOWNLOADS = "/etc/dokploy/volume-backups"
"""The folder of the host with the archives that Dokploy has downloaded."""


def run(docker: Docker, task: Task) -> tuple[str, int]:
    """Carry out the command of a task's container, with what it mounts and what it reaches by name: what it writes, and
    its exit code. A rule of ``commands`` in the settings comes first."""
    container = task.spec["ContainerSpec"]
    words = [*(container.get("Command") or []), *(container.get("Args") or [])]
    is_script = len(words) == 3 and words[0].endswith("sh") and words[1] in ("-c", "-ec")
    script = words[2] if is_script else shlex.join(words)
    rule = docker.build_outcomes.rule_of_command(script)
    if rule is not None:
        return rule.get("output", ""), int(rule.get("result") == "error")
    mounts = container.get("Mounts") or ()
    kept = docker.store.kept_archives
    downloads = Volume(files=dict.fromkeys(kept, ""))
    places = {
        item["Target"]: downloads if item["Source"] == DOWNLOADS else volume_data.mounted(docker.store, item["Source"])
        for item in mounts
    }
    for item in mounts:
        if item["Source"].startswith("/"):
            inner = volume_data.below(docker.store, item["Source"])
            places |= {f"{item['Target'].rstrip('/')}{path}": volume for path, volume in inner.items()}
    files = ContainerFiles(places)
    shell = Shell(lambda name: programs.get(name.rpartition("/")[2]), engines.environment(task.spec), files)
    programs: dict[str, Program] = {
        **of_files(files),
        **of_databases(lambda host: engines.reached(docker, host, task.spec), files, docker.store),
    }
    output = shell.run(script, stops=words[1:2] == ["-ec"])
    for name in set(kept) - set(downloads.files):
        del kept[name]
    return output.text + output.errors, output.status

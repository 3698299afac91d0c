# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of a container that runs once, and scripts in the containers of databases, for a shell with the programs
that are played."""

from __future__ import annotations

import shlex
from typing import Any

from ...store.database_kinds import KINDS
from ...store.store import Row
from ...store.volumes import Volume
from ..docker import volume_data
from ..docker.database_spec import VARIABLES
from ..docker.docker import Docker
from ..docker.docker_services import Task
from . import engines
from .database_clients import of_databases
from .engines import Engine
from .programs import ContainerFiles, of_files
from .shell import Output, Program, Shell

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


def in_database(docker: Docker, compose: Row, inside: str, script: str) -> Output | None:
    """A script in the container of a SQL database in a stack, which is C(localhost) there; None: it is another one."""
    template = _template(docker, compose, inside)
    variables = engines.environment(template)
    kind = next((kind for kind in ("postgres", "mysql", "mariadb") if VARIABLES[kind].keys() & variables.keys()), None)
    if kind is None:
        return None
    _container, volume = volume_data.of_service(docker, compose, inside)
    login = engines.from_environment(KINDS[kind], template)
    login["databaseUser"] = login["databaseUser"] or "postgres"
    engine = Engine(kind, volume_data.written(docker.store, volume), login, Task(1, "running", "Running", template))
    files = ContainerFiles({})
    clients = of_databases(lambda host: engine if host == "localhost" else None, files, docker.store)
    programs = {**of_files(files), **clients}
    return Shell(lambda name: programs.get(name.rpartition("/")[2]), variables, files).run(script, stops=False)


def _template(docker: Docker, compose: Row, inside: str) -> dict[str, Any]:
    """The template of the task of a service in a stack; of one of Docker Compose its variables."""
    if compose["composeType"] == "stack":
        template: dict[str, Any] = docker.services[f"{compose['appName']}_{inside}"].spec["TaskTemplate"]
        return template
    variables = next((item.env for item in docker.projects.of(compose["appName"], inside)), {})
    return {"ContainerSpec": {"Env": [f"{name}={value}" for name, value in variables.items()]}}

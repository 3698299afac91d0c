# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role C(server) on a machine with Dokploy as its installer makes it: C(make real-machine), C(REAL_MACHINE)."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tools import workspace
from tools.real.machine import Machine
from tools.workspace import ROOT, VENV

URL = "http://127.0.0.1:3000"
TIMEOUT = 1800
# Which of Dokploy's migrations its database has.
MIGRATION = "select max(created_at) from drizzle.__drizzle_migrations"


class Host:
    """The machine, and what the role says and leaves there."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine, self.folder = machine, folder
        self.releases = sorted(
            (path.name for path in (machine.folder / "builds").iterdir()),
            key=lambda name: [int(part) for part in name.split(".")],
        )

    def variables(self) -> dict[str, Any]:
        """Those with which the role installs Dokploy, and finds it on the next run."""
        return {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "dokploy_url": URL,
            "server_installer_src": str(ROOT / "tools/real/installer.sh"),
            "server_installer_environment": {"DOKPLOY_BUILDS": str(self.machine.folder / "builds")},
            "server_minimum_memory": 1,
            "server_upgrade_backup_folder": str(self.machine.folder / "backups"),
            "server_admin_email": "ops@example.com",
            "server_admin_password": "s3cret-Machine-1",
            "server_api_key_file": str(self.key_file),
            "server_wait_timeout": 600,
        }

    def start(self, *words: str, **variables: Any) -> subprocess.Popen[str]:
        result = {"dest": str(self.folder / "result"), "content": "{{ server_result | to_json }}", "mode": "0600"}
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "roles": [{"role": "community.dokploy.server"}],
            "post_tasks": [{"ansible.builtin.copy": result, "changed_when": False}],
            "vars": {**self.variables(), **variables},
        }
        (self.folder / "play.json").write_text(json.dumps([play]))
        command = [str(VENV / "bin/ansible-playbook"), str(self.folder / "play.json"), *words]
        return subprocess.Popen(
            [*self.machine.enter(), *command],
            cwd=ROOT,
            env=workspace.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, **variables: Any) -> tuple[int, str]:
        process = self.start(*words, **variables)
        output = process.communicate(timeout=TIMEOUT)[0]
        return process.returncode, output

    def succeed(self, *words: str, **variables: Any) -> dict[str, Any]:
        """Run the role; returns its result, with the number of tasks that have changed something."""
        status, output = self.run(*words, **variables)
        assert status == 0, output
        result: dict[str, Any] = json.loads((self.folder / "result").read_text()) if "--check" not in words else {}
        return result | {"output": output}

    def docker(self, *words: str) -> str:
        return self.machine.require("docker", *words).strip()

    def image(self) -> str:
        return self.docker("service", "inspect", "dokploy", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}")

    def sql(self, statement: str, database: str = "dokploy") -> str:
        container = self.docker("ps", "--quiet", "--filter", "name=dokploy-postgres")
        return self.docker("exec", container, "psql", "-U", "dokploy", "-d", database, "-Atc", statement)

    @property
    def key_file(self) -> Path:
        """It has the API key of the administrator."""
        return self.machine.folder / "api_key"

    def key(self) -> str:
        return self.key_file.read_text().strip()

    def version(self) -> str:
        key = self.key()
        url = f"{URL}/api/settings.getDokployVersion"
        return str(json.loads(self.machine.require("curl", "--silent", "--fail", "--header", f"x-api-key: {key}", url)))

    def keys(self) -> list[str]:
        return self.sql('select name from "ssh-key" order by name').splitlines()

    def lose(self) -> None:
        """Remove Dokploy and everything that it runs, with all data, as if the machine were a new one."""
        # This fails where there is none.
        self.machine.call("docker", "swarm", "leave", "--force")
        if containers := self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", *containers)
        if volumes := self.docker("volume", "ls", "--quiet").split():
            self.docker("volume", "rm", *volumes)
        self.docker("network", "prune", "--force")
        self.machine.require("sh", "-c", "rm -rf /etc/dokploy/* /etc/dokploy/.[!.]*")

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """This thread, and what it starts, reaches what the machine reaches, and its Docker."""
        if not hasattr(os, "setns"):
            pytest.skip("the network of a thread needs Python 3.12")
        process = self.machine.process()
        with (
            open("/proc/thread-self/ns/net") as own,
            open(f"/proc/{process}/ns/net") as network,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setenv("DOCKER_HOST", "/".join(("unix:///proc", process, "root", "run", "docker.sock")))
            os.setns(network.fileno())
            try:
                yield
            finally:
                os.setns(own.fileno())

    @contextlib.contextmanager
    def listening(self, port: int) -> Iterator[None]:
        """A process in the machine that has a port, as long as the context."""
        script = (
            "import socket, sys; place = socket.create_server(('', int(sys.argv[1]))); print('ready', flush=True); "
            "sys.stdin.read()"
        )
        command = [*self.machine.enter(), sys.executable, "-c", script, str(port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdin is not None
            assert process.stdout.readline() == b"ready\n"
            try:
                yield
            finally:
                process.stdin.close()
                process.wait()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role C(server) on a machine with Dokploy as its installer makes it: C(make real-machine), C(REAL_MACHINE).

Dokploy is installed in the oldest release that the machine has an image of, and upgraded to the newest one.
The migration of one image fails in the middle.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import workspace
from tools.real.machine import BROKEN, NEXT, Machine
from tools.real.room import Room
from tools.workspace import ROOT, VENV

URL = "http://127.0.0.1:3000"
TIMEOUT = 1800


class Host:
    """The machine, and what the role says and leaves there."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine, self.folder = machine, folder
        self.releases = sorted(
            (path.name for path in (machine.folder / "builds").iterdir()),
            key=lambda name: [int(part) for part in name.split(".")],
        )

    def start(self, *words: str, **variables: Any) -> subprocess.Popen[str]:
        result = {"dest": str(self.folder / "result"), "content": "{{ server_result | to_json }}", "mode": "0600"}
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "roles": [{"role": "community.dokploy.server"}],
            "post_tasks": [{"ansible.builtin.copy": result, "changed_when": False}],
            "vars": {
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "dokploy_url": URL,
                "server_installer_src": str(ROOT / "tools/real/installer.sh"),
                "server_installer_environment": {"DOKPLOY_BUILDS": str(self.machine.folder / "builds")},
                "server_minimum_memory": 1,
                "server_upgrade_backup_folder": str(self.machine.folder / "backups"),
                "server_admin_email": "ops@example.com",
                "server_admin_password": "s3cret-Machine-1",
                "server_api_key_file": str(self.machine.folder / "api_key"),
                "server_wait_timeout": 600,
                **variables,
            },
        }
        (self.folder / "play.json").write_text(json.dumps([play]))
        environment = [f"{name}={value}" for name, value in workspace.environment().items() if "\n" not in value]
        command = [str(VENV / "bin/ansible-playbook"), str(self.folder / "play.json"), *words]
        return subprocess.Popen(
            [*self.machine.enter(), "env", *environment, *command],
            cwd=ROOT,
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

    def version(self) -> str:
        key = (self.machine.folder / "api_key").read_text().strip()
        url = f"{URL}/api/settings.getDokployVersion"
        return str(json.loads(self.machine.require("curl", "--silent", "--fail", "--header", f"x-api-key: {key}", url)))

    def keys(self) -> list[str]:
        return self.sql('select name from "ssh-key" order by name').splitlines()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    if not os.environ.get("REAL_MACHINE"):
        pytest.skip("no REAL_MACHINE")
    return Host(Machine(Room(Path(os.environ["REAL_MACHINE"]), 0)), tmp_path)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_upgrade_and_way_back(host: Host) -> None:
    old, new = f"v{host.releases[0]}", f"v{host.releases[-1]}" if len(host.releases) > 1 else f"v{NEXT}"
    first = [{"name": "first", "generate": "ed25519"}]
    missing = host.machine.call("docker", "service", "inspect", "dokploy").returncode != 0
    installed = host.succeed(server_version=old, server_ssh_keys=first)
    assert installed["installed"] == missing and installed["image"].split("@")[0].endswith(old)
    again = host.succeed(server_version=old, server_ssh_keys=first)
    assert not again["upgraded"] and "changed=0 " in again["output"], again["output"]
    migration = "select max(created_at) from drizzle.__drizzle_migrations"
    before, image = host.sql(migration), host.image()

    # An image that there is not: nothing has changed.
    status, output = host.run(server_version="v98.0.0")
    assert status and host.image() == image and "v98.0.0" in output
    assert "A real run upgrades" in host.succeed("--check", server_version=new)["output"]
    assert host.image() == image

    # A migration that fails in the middle: Dokploy starts and calls itself healthy.
    for _run in range(2):
        status, output = host.run(server_version=f"v{BROKEN}")
        assert status and "its database was not migrated" in output and "server_state: restored" in output, output
    assert host.succeed(server_state="restored")["restored"]
    assert (host.sql(migration), host.image().split("@")[0]) == (before, image.split("@")[0])
    assert not host.succeed(server_state="restored")["restored"]

    # The upgrade, what is done after it, and back.
    upgraded = host.succeed(server_version=new, server_ssh_keys=[*first, {"name": "second", "generate": "ed25519"}])
    assert upgraded["upgraded"] and host.sql(migration) > before and host.keys() == ["first", "second"]
    unchanged = host.succeed(server_version=new)
    assert not unchanged["upgraded"]
    container = host.docker("ps", "--quiet", "--filter", "name=dokploy-traefik")

    # Killed while Dokploy stands still: the next run does all of it again.
    process = host.start(server_state="restored")
    until(lambda: "dokploy_restoring" in host.sql("select datname from pg_database") or process.poll() is not None)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert host.succeed(server_state="restored")["restored"]
    assert (host.sql(migration), host.keys(), host.version()) == (before, ["first"], old)
    assert host.image().split("@")[0] == image.split("@")[0]
    assert host.docker("ps", "--quiet", "--filter", "name=dokploy-traefik") == container
    # What was done after the upgrade is still to be had.
    assert host.sql('select count(*) from "ssh-key"', "dokploy_replaced") == "2"
    assert host.succeed(server_version=old, server_ssh_keys=first)["image"].split("@")[0] == image.split("@")[0]

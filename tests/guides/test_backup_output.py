# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup prints that fails at many services: short lines, why it has failed, and where the rest is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.support.effort import slow
from tools import workspace

LONGEST = 300
SERVICES = 40


def document() -> dict[str, Any]:
    """Databases without a backup, applications with two folders each, and a destination."""
    databases = [
        {
            "name": f"db{number}",
            "type": "postgres",
            "image": "postgres:17",
            "database": f"a-database-with-a-long-name-{number}",
            "user": "shop",
            "password": "made-up-password",
        }
        for number in range(SERVICES)
    ]
    applications = [
        {
            "name": f"web{number}",
            "docker": {"image": "nginx:1.29"},
            "mounts": [
                {"type": "bind", "host_path": f"/srv/a/folder/of/media/{number}", "path": "/media"},
                {"type": "bind", "host_path": f"/srv/a/folder/of/uploads/{number}", "path": "/uploads"},
            ],
        }
        for number in range(SERVICES)
    ]
    environment = {"name": "production", "databases": databases, "applications": applications}
    return {"projects": [{"name": "shop", "environments": [environment]}]}


@slow
def test_a_backup_that_fails_prints_short_lines(tmp_path: Path) -> None:
    (tmp_path / "vault-password").write_text("made-up")
    tasks = [{"community.dokploy.dokploy_manifest": document()}]
    (tmp_path / "shop.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    with Simulator() as sim:
        env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key, "PWD": str(tmp_path)}
        status, output = commands.run(["ansible-playbook", "shop.json"], tmp_path, env)
        assert status == 0, output
        command = ["ansible-playbook", "community.dokploy.backup", "--vault-password-file", "vault-password"]
        command += ["-e", json.dumps({"backup_dest": "sets", "backup_reports": ["backup.json", "backup.md"]})]
        status, output = commands.run(command, tmp_path, env)
    assert status == 2, output
    assert "Require a complete set" in output, output
    lines = output.splitlines()
    assert max(map(len, lines)) <= LONGEST, max(lines, key=len)
    report = json.loads((tmp_path / "backup.json").read_text())
    assert not report["complete"] and report["headline"] in output
    assert len(report["not_saved"]) == 3 * SERVICES
    assert not (tmp_path / "sets/newest").exists()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nightly command of the guide, word for word, with all kinds of data."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import yaml

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.support.effort import slow
from tools import workspace

GUIDE = workspace.ROOT / "docs/docsite/rst/backups.rst"
COMPOSE = {
    "services": {
        "store": {
            "image": "postgres:17",
            "environment": {"POSTGRES_USER": "forum", "POSTGRES_PASSWORD": "made-up", "POSTGRES_DB": "forum"},
            "volumes": ["store:/var/lib/postgresql/data"],
        }
    },
    "volumes": {"store": {}},
}
DOCUMENT: dict[str, Any] = {
    "destinations": [
        {
            "name": "offsite",
            "bucket": "b",
            "access_key": "made-up",
            "secret_access_key": "made-up",
            "endpoint": "https://s3.test",
        }
    ],
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "databases": [
                        {"name": "db", "type": "postgres", "image": "postgres:17", "database": "shop", "user": "shop"},
                        {
                            "name": "forum",
                            "type": "mariadb",
                            "image": "mariadb:11",
                            "database": "forum",
                            "user": "forum",
                        },
                        {"name": "cache", "type": "redis", "image": "redis:8"},
                    ],
                    "applications": [
                        {
                            "name": "web",
                            "docker": {"image": "nginx:1.29"},
                            "mounts": [
                                {"type": "volume", "name": "uploads", "path": "/uploads"},
                                {"type": "bind", "host_path": "/srv/media", "path": "/media"},
                            ],
                        }
                    ],
                    "compose": [{"name": "stack", "raw": {"definition": COMPOSE}}],
                }
            ],
        }
    ],
    "deploy": "changed",
    "verify_period": 0,
}


def nightly() -> list[str]:
    """The words of the command in the section about each night."""
    section = GUIDE.read_text().partition("\nEach night\n")[2]
    command = section.partition("    $ ")[2].partition("\n\n")[0]
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["ansible-playbook", "community.dokploy.backup"]
    return words


@slow
def test_the_nightly_command_saves_all_kinds_of_data(tmp_path: Path) -> None:
    for database in DOCUMENT["projects"][0]["environments"][0]["databases"]:
        database["password"] = "made-up-password"
    (tmp_path / "vault-password").write_text("made-up")
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"community.dokploy.dokploy_manifest": DOCUMENT}]}]
    (tmp_path / "shop.json").write_text(json.dumps(play))
    with Simulator() as sim:
        env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key, "PWD": str(tmp_path)}
        status, output = commands.run(["ansible-playbook", "shop.json"], tmp_path, env)
        assert status == 0, output
        sim.reset_stats()
        status, output = commands.run(nightly(), tmp_path, env)
        assert status == 0, output
        stopped = [name for name in sim.calls("mutation") if name.endswith(".stop")]
    saved = yaml.safe_load((tmp_path / "sets/newest/archives.yml").read_text())
    assert saved["complete"] and saved["not_saved"] == []
    archives = [(archive["path"].split("/")[-1], archive["what"]) for archive in saved["archives"]]
    assert sorted(archives) == [
        ("cache", "database"),
        ("db", "database"),
        ("forum", "database"),
        ("stack", "database"),
        ("web", "bind"),
        ("web", "volume"),
    ]
    assert all(archive["at_rest"] for archive in saved["archives"] if archive["what"] in ("bind", "volume"))
    # Only what would write into files meanwhile.
    assert stopped == ["application.stop"]
    assert (tmp_path / "backup.html").is_file() and (tmp_path / "backup.md").is_file()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible redacts in the output of a run: secrets by themselves, and no value of a variable or a file.

Up to ansible-core 2.21 it redacts nothing that a later task prints.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import common

from dokploy_simulator import Simulator
from tests.system.secrets.playbook_runs import playbook

REDACTS = (Path(common.__file__).parents[1] / "secrets.py").exists()
LINE = "shop/production/web on port 8080 UTC, instance 1"
PASSWORD = "of-the-registry"
RUNS = ("in process", "as modules")
LOOKUP = "lookup('community.dokploy.dokploy', 'shop/production/cache:password', include_secrets=true)"


def say(text: str) -> dict[str, Any]:
    return {"name": "Say", "ansible.builtin.debug": {"msg": text}}


def tasks() -> list[dict[str, Any]]:
    web: dict[str, Any] = {
        "project": "shop",
        "name": "web",
        "env": {"NODE_ENV": "production", "PORT": "8080", "TZ": "UTC", "ONE": "1"},
        "build_secrets": "A=instance",
        "mounts": [{"path": "/etc/zone", "type": "file", "file_path": "zone", "content": "port"}],
        "docker": {"image": "nginx", "username": "acme", "password": PASSWORD},
    }
    cache = {"project": "shop", "name": "cache", "type": "redis", "include_secrets": True}
    document = {"projects": [{"name": "other", "env": {"STAGE": "production"}}], "deploy": "never"}
    return [
        {"name": "Project", "community.dokploy.dokploy_project": {"name": "shop", "env": {"STAGE": "production"}}},
        {"name": "Application", "community.dokploy.dokploy_application": web, "diff": True},
        {"name": "Document", "community.dokploy.dokploy_manifest": document, "diff": True},
        {"name": "Database", "community.dokploy.dokploy_database": cache, "register": "made", "no_log": True},
        say(LINE),
        say(f"It is <{PASSWORD}>."),
        say("It is <{{ made.database.password }}> of {{ made.database.password | length }}."),
        say("It is <{{ %s }}>." % LOOKUP),
    ]


@pytest.mark.parametrize("name", RUNS)
def test_only_secrets_by_themselves_are_redacted(tmp_path: Path, name: str) -> None:
    with Simulator() as sim:
        connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
        defaults = {"group/community.dokploy.dokploy": connection}
        play = {"name": "All of it", "module_defaults": defaults, "tasks": tasks()}
        ran = playbook(tmp_path / "run", [play], connection, name)
    assert ran.status == 0, ran.end()
    text = dict(ran.channels())["stdout"]
    assert f'"msg": "{LINE}"' in text
    # The headers of the diffs.
    assert "application 'web' in shop/production" in text
    assert text.count("It is <$REDACTED$>") == (3 if REDACTS else 0)
    assert text.count("It is <$REDACTED$> of 16.") == (1 if REDACTS else 0)
    assert text.count(f"<{PASSWORD}>") == (0 if REDACTS else 1)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides to databases, Compose stacks and backups run from top to bottom, on a server with an empty project."""

from __future__ import annotations

import json
import shlex
import subprocess
import textwrap
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from tests.guides.snippets import snippets
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

GUIDES = ("compose", "databases", "backups")
# What the guides take from a vault. None may be printed.
VAULT = {f"vault_{name}": f"of-the-vault-{name}" for name in ("database_password", "search_key", "s3_key", "s3_secret")}
# What a guide takes for granted.
GIVEN = {
    "backups": """
- name: Create the destination
  community.dokploy.dokploy_destination:
    name: offsite
    bucket: shop-backups
    endpoint: https://s3.eu-central-1.amazonaws.com
    access_key: old
    secret_access_key: old

- name: Create the compose stack
  community.dokploy.dokploy_compose:
    project: shop
    name: forum
    raw: {definition: {services: {db: {image: "docker.io/library/postgres:17"}}}}

- name: Create the application
  community.dokploy.dokploy_application:
    project: shop
    name: web
    docker: {image: "docker.io/library/nginx:1"}
    mounts: [{type: volume, name: shop-uploads, path: /data}]
    volume_backups: [{name: uploads, volume: shop-uploads, destination: offsite, cron: "@daily"}]

- name: Deploy them
  community.dokploy.dokploy_deployment: {project: shop, application: web}

- name: Back up the volume
  community.dokploy.dokploy_volume_backup: {project: shop, application: web, name: uploads, state: executed}
""",
}
# The template that the simulated list has.
STAND_INS = {"id: plausible": "id: mini"}


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_runs(guide: str, tmp_path: Path) -> None:
    """Its tasks in one play, then its commands."""
    (tmp_path / "secrets.yml").write_text(json.dumps(VAULT))
    tasks, commands = [GIVEN.get(guide, "")], ["ansible-playbook guide.yml -e @secrets.yml --diff"]
    for snippet in snippets(ROOT / f"docs/docsite/rst/{guide}.rst"):
        if snippet.file is not None:
            (tmp_path / snippet.file).parent.mkdir(exist_ok=True)
            (tmp_path / snippet.file).write_text(snippet.text)
        elif snippet.text.startswith("- name: "):
            tasks.append(snippet.text)
        commands += snippet.commands
    text = "\n".join(tasks)
    for shown, real in STAND_INS.items():
        text = text.replace(shown, real)
    head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
    (tmp_path / "guide.yml").write_text(head + textwrap.indent(text, "    "))
    with Simulator(build_seconds=0.01) as sim:
        sim.seed(project="shop")
        for command in commands:
            done = subprocess.run(
                shlex.split(command),
                cwd=tmp_path,
                env={**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key},
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            said = done.stdout + done.stderr
            assert done.returncode == 0, said
            assert ansible_warnings.unexpected(said) == [], said
            assert [name for name, secret in VAULT.items() if secret in said] == []

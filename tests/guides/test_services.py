# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guides with commands run from top to bottom, on a server with an empty project; `test_pages` runs the others."""

from __future__ import annotations

import json
import shlex
import textwrap
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from tests.guides.commands import run
from tests.guides.snippets import snippets
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

GUIDES = ("databases",)
# What the guides take from a vault. None may be printed.
VAULT = {"vault_database_password": "of-the-vault-database_password"}


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_runs(guide: str, tmp_path: Path) -> None:
    """Its tasks in one play, then its commands."""
    (tmp_path / "secrets.yml").write_text(json.dumps(VAULT))
    tasks, commands = [""], ["ansible-playbook guide.yml -e @secrets.yml --diff"]
    for snippet in snippets(ROOT / f"docs/docsite/rst/{guide}.rst"):
        if snippet.file is not None:
            (tmp_path / snippet.file).parent.mkdir(exist_ok=True)
            (tmp_path / snippet.file).write_text(snippet.text)
        elif snippet.text.startswith("- name: "):
            tasks.append(snippet.text)
        commands += snippet.commands
    text = "\n".join(tasks)
    head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
    (tmp_path / "guide.yml").write_text(head + textwrap.indent(text, "    "))
    with Simulator(build_seconds=0.01) as sim:
        sim.seed(project="shop")
        for command in commands:
            env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
            status, said = run(shlex.split(command), tmp_path, env)
            assert status == 0, said
            assert ansible_warnings.unexpected(said) == [], said
            assert [name for name, secret in VAULT.items() if secret in said] == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-builder reads what the collection needs, and takes the definition of the project."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from tests.support.awx_files import PROJECT
from tools import workspace
from tools.workspace import ROOT


def builder(tools: Path, *words: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [tools / "ansible-builder", *words],
        cwd=cwd,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_introspection_finds_what_the_modules_require(tools: Path) -> None:
    said = builder(tools, "introspect", workspace.live(), cwd=ROOT)
    found = yaml.safe_load(said.partition("---")[2])
    required = (ROOT / "meta/ee-requirements.txt").read_text().splitlines()[-1]
    assert [line.partition("#")[0].strip() for line in found["python"]] == [required]
    # The collection talks HTTP and starts no programs.
    assert found["system"] == []


def test_the_definition_of_the_project_makes_a_build_context(tools: Path, tmp_path: Path) -> None:
    context = tmp_path / "context"
    builder(tools, "create", "--context", context, "--output-filename", "Containerfile", cwd=PROJECT)
    text = (context / "Containerfile").read_text()
    definition = yaml.safe_load((PROJECT / "execution-environment.yml").read_text())
    assert f'EE_BASE_IMAGE="{definition["images"]["base_image"]["name"]}"' in text
    wanted = [definition["dependencies"][name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    assert f'ANSIBLE_INSTALL_REFS="{" ".join(wanted)}"' in text
    # The base image has no Python.
    assert text.index("install $PYPKG") < text.index("pip_install $PYCMD")
    galaxy = text.partition(" AS galaxy")[2].partition("FROM ")[0].lower()
    assert galaxy.index("git-core") < galaxy.index("ansible-galaxy collection install")
    requirements = yaml.safe_load((context / "_build/requirements.yml").read_text())
    assert requirements == yaml.safe_load((PROJECT / "collections/requirements.yml").read_text())

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-builder reads what the collection needs, and takes the definitions of the project and of antsibull-nox."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.awx_files import PROJECT
from tools import workspace
from tools.workspace import ROOT, VENV

ENVIRONMENTS = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]["ee_check"][
    "execution_environments"
]


def output(*words: str | Path, cwd: Path) -> str:
    """What a command prints that has to end well."""
    process = subprocess.run(
        words,
        cwd=cwd,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def builder(tools: Path, *words: str | Path, cwd: Path) -> str:
    return output(tools / "ansible-builder", *words, cwd=cwd)


def test_introspection_finds_what_the_modules_require(tools: Path) -> None:
    introspected = builder(tools, "introspect", workspace.live(), cwd=ROOT)
    found = yaml.safe_load(introspected.partition("---")[2])
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


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment["name"])
def test_the_definitions_of_antsibull_nox_make_a_build_context(
    environment: dict[str, Any], tools: Path, tmp_path: Path
) -> None:
    (tmp_path / "execution-environment.yml").write_text(yaml.safe_dump({"version": 3, **environment["config"]}))
    builder(tools, "create", "--context", "context", "--output-filename", "Containerfile", cwd=tmp_path)
    text = (tmp_path / "context/Containerfile").read_text()
    dependencies = environment["config"]["dependencies"]
    assert f'EE_BASE_IMAGE="{environment["config"]["images"]["base_image"]["name"]}"' in text
    assert f'PYPKG="{dependencies["python_interpreter"]["package_system"]}"' in text
    assert dependencies["ansible_core"]["package_pip"] in text


def test_the_playbook_of_execution_environments(tmp_path: Path) -> None:
    output(VENV / "bin/ansible-playbook", ROOT / "tests/ee/all.yml", cwd=tmp_path)

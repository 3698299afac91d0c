# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as users install it: what its guide shows, in a virtual environment that has nothing of this one."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guides.snippets import Snippet, snippets
from tools import environments, workspace
from tools.workspace import CACHE, ROOT

GUIDE = ROOT / "docs/docsite/rst/simulator.rst"
VENV = CACHE / "package/venv"
PAGE = snippets(GUIDE)
SOURCE = re.compile(r"git\+https://\S+#subdirectory=simulator$", re.M)


def shown(name: str) -> Snippet:
    (found,) = [snippet for snippet in PAGE if snippet.file == name]
    return found


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the requirements of the guide, but this checkout's package."""
    text, count = SOURCE.subn((ROOT / "simulator").as_uri(), shown("requirements.txt").text)
    assert count == 1
    requirements = tmp_path_factory.mktemp("requirements") / "requirements.txt"
    requirements.write_text(text)
    environments.install(VENV, Path(sys.executable), "-r", requirements)
    return VENV


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the playbook and the tests of the guide."""
    for name in ("site.yml", "test_site.py"):
        (tmp_path / name).write_text(shown(name).text)
    return tmp_path


def run(venv: Path, folder: Path, *words: str) -> tuple[int, str]:
    """The exit status and the output of a command of that environment."""
    env = workspace.environment(venv=venv)
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=3600, check=False)
    return done.returncode, done.stdout + done.stderr


def commands() -> list[str]:
    return [command for snippet in PAGE for command in snippet.commands]


def test_the_package_is_whole(venv: Path) -> None:
    (installed,) = venv.glob("lib/python3*/site-packages")
    ours = ROOT / "simulator/src/dokploy_simulator"
    files = {str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    there = {str(path.relative_to(installed / ours.name)) for path in (installed / ours.name).rglob("*")}
    assert files - there == set() and {"releases/0.25.0/api.json", "http/page.css"} <= files
    (metadata,) = installed.glob("dokploy_simulator-*.dist-info")
    (licence,) = metadata.rglob("LICENSE")
    assert "GNU GENERAL PUBLIC LICENSE" in licence.read_text()
    assert "License-Expression: GPL-3.0-or-later" in (metadata / "METADATA").read_text()


def test_the_tests_of_the_guide(venv: Path, project: Path) -> None:
    count = len(re.findall(r"^def test_", shown("test_site.py").text, re.M))
    status, said = run(venv, project, "pytest", "-p", "no:cacheprovider")
    assert (status, re.findall(r"(\d+) passed", said)) == (0, [str(count)]), said


def test_they_find_a_playbook_that_is_wrong(venv: Path, project: Path) -> None:
    playbook = project / "site.yml"
    playbook.write_text(playbook.read_text().replace("replicas: 2", "replicas: 3"))
    status, said = run(venv, project, "pytest", "-p", "no:cacheprovider", "-k", "deployed")
    assert status == 1 and "assert 3 == 2" in said


def test_the_commands_of_the_guide(venv: Path, project: Path) -> None:
    examples, site = [shlex.split(command) for command in commands() if command.startswith("dokploy-simulator")]
    status, said = run(venv, project, *examples)
    assert status == 0 and '"name": "bakery"' in said and '"name": "office"' in said, said
    status, said = run(venv, project, *site)
    assert status == 0 and re.search(r"changed=3 +unreachable=0 +failed=0", said), said
    status, _said = run(venv, project, *site, "-e", "web_version=missing")
    assert status == 2

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README's quick start and the guide for beginners run from top to bottom, on a server that is empty at first."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.snippets import Snippet, snippets
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

README = ROOT / "README.md"
GUIDE = ROOT / "docs/docsite/rst/getting_started.rst"
# They would load what the tests have already; `test_install` is about the second one.
INSTALLS = ("pip install", "ansible-galaxy collection install")
# On a server without the project, check mode cannot look further; the guide says so.
PROMISED = "project: no project is named"
RECAP = re.compile(r"^localhost +: .*changed=(\d+)", re.M)


class Reader:
    """A reader who writes each file of a page, and runs each of its commands."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder = sim, folder
        self.env = workspace.environment()
        #: The commands that were run, and how many changes each reported.
        self.changes: dict[str, list[int]] = {}
        (folder / "vault-password").write_text("a password of the tests")

    def follow(self, page: list[Snippet]) -> None:
        for snippet in page:
            if snippet.file is not None:
                assert not (self.folder / snippet.file).exists(), f"{snippet.file} is shown twice"
                (self.folder / snippet.file).write_text(self._filled(snippet.text))
            for command in snippet.commands:
                if not command.startswith(INSTALLS):
                    self._run(command)

    def _filled(self, text: str) -> str:
        """With the server and the key of the test in place of those that the page leaves to the reader."""
        text = text.replace("https://dokploy.example.com", self.sim.url)
        return re.sub(r"(api_key[:=] ?)\.\.\.", rf"\g<1>{self.sim.key}", text, flags=re.I)

    def _run(self, command: str) -> None:
        words = shlex.split(self._filled(command))
        if words[0] == "export":
            self.env.update((name, value) for name, _equals, value in (word.partition("=") for word in words[1:]))
            return
        self.sim.reset_stats()
        status, said = commands.run(words, self.folder, self.env)
        assert status == 0, f"{command}\n{said}"
        assert ansible_warnings.unexpected(said, [PROMISED] if "--check" in words else []) == [], command
        assert self.sim.key not in said
        if "--check" in words:
            assert self.sim.calls("mutation") == [], command
        if words[0] == "ansible-playbook":
            recap = RECAP.search(said)
            assert recap, said
            self.changes.setdefault(command, []).append(int(recap[1]))


def read(path: Path, folder: Path, first: str = "", until: str = "") -> Reader:
    with Simulator(build_seconds=0.01) as sim:
        reader = Reader(sim, folder)
        reader.follow(snippets(path, first, until))
    return reader


def test_the_quick_start(tmp_path: Path) -> None:
    reader = read(README, tmp_path, "## Quick start", "## What do you want to do?")
    setup, site = "ansible-playbook community.dokploy.setup -e @shop.yml", "ansible-playbook site.yml"
    for command in (setup, site):
        check = command + " --check --diff"
        assert reader.changes[check][0] > 0 and reader.changes[command][0] > 0
        assert reader.changes[command][1:] == [0], "the second run changes nothing"
    (changes,) = [counts for command, counts in reader.changes.items() if ".deploy " in command]
    assert changes == [2], "the image is new, and it is deployed"
    (changes,) = [counts for command, counts in reader.changes.items() if ".teardown " in command]
    assert changes[0] > 0


def test_the_guide_for_beginners(tmp_path: Path) -> None:
    reader = read(GUIDE, tmp_path)
    site, setup = "ansible-playbook site.yml", "ansible-playbook community.dokploy.setup -e @shop.yml"
    release = "ansible-playbook release.yml -e web_version=v1.11.0"
    assert reader.changes.pop(site) == [3, 0], "project, application and the handler that deploys it"
    assert reader.changes.pop(release) == [2, 0]
    assert reader.changes.pop(setup) == reader.changes.pop(setup + " --check --diff") == [0]
    look = "look.yml -e @secrets.yml --vault-password-file vault-password"
    assert reader.changes.pop("ansible-playbook " + look) == [0]
    first, second = reader.changes.pop("ansible-playbook community.dokploy.setup -e @forum.yml")
    assert first > 0 and second == 0, "a database, a stack and an application"
    for name in ("shop", "forum"):
        assert reader.changes.pop(f"ansible-playbook community.dokploy.teardown -e @{name}.yml")[0] > 0
    assert list(reader.changes) == [site + " --check --diff"]


@pytest.mark.parametrize("page", [README, GUIDE], ids=lambda path: path.name)
def test_install(page: Path, tmp_path: Path) -> None:
    """What a reader installs is this repository, in the version that it has."""
    (shown,) = [snippet for snippet in snippets(page) if snippet.file == "requirements.yml"]
    (wanted,) = yaml.safe_load(shown.text)["collections"]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert wanted == {"name": galaxy["repository"] + ".git", "type": "git", "version": galaxy["version"]}
    assert [
        command.split("-r ")[1]
        for snippet in snippets(page)
        for command in snippet.commands
        if command.startswith("ansible-galaxy")
    ] == ["requirements.yml"]


def test_the_pipelines_install_the_same() -> None:
    text = (ROOT / "docs/docsite/rst/pipelines.rst").read_text()
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    sources = re.findall(r"ansible-galaxy collection install (\S+)", text)
    assert set(sources) == {f"git+{galaxy['repository']}.git,{galaxy['version']}"}


def test_a_reader_can_install_from_git(tmp_path: Path) -> None:
    (tmp_path / "requirements.yml").write_text(
        yaml.safe_dump({"collections": [{"name": ROOT.as_uri(), "type": "git", "version": "HEAD"}]})
    )
    command = ["ansible-galaxy", "collection", "install", "--offline", "-r", "requirements.yml", "-p", "installed"]
    env = {**workspace.environment(tmp_path / "installed"), "GIT_CONFIG_COUNT": "1"}
    env |= {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "installed/ansible_collections/community/dokploy/plugins/modules/dokploy_project.py").is_file()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide of the simulator shows beside the tests, which ``tests/system/package`` runs."""

from __future__ import annotations

import yaml

from dokploy_simulator.__main__ import introduction
from dokploy_simulator.control.runner import simulated
from dokploy_simulator.control.tested_server import TestedServer
from dokploy_simulator.world.config import Config
from tests.guides.snippets import Snippet, snippets
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/simulator.rst"
PAGE = snippets(GUIDE)


def shown(name: str) -> Snippet:
    (found,) = [snippet for snippet in PAGE if snippet.file == name]
    return found


def test_what_the_simulator_prints() -> None:
    (block,) = [snippet.text for snippet in PAGE if snippet.text.startswith("$ dokploy-simulator --port 3000")]
    _command, printed = block.split("\n", 1)
    assert printed.strip() == introduction(simulated("...", Config()), "http://127.0.0.1:3000")


def test_what_is_installed_is_this_repository() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    wanted = {"name": galaxy["repository"] + ".git", "type": "git", "version": galaxy["version"]}
    assert yaml.safe_load(shown("requirements.yml").text) == {"collections": [wanted]}
    source = f"git+{galaxy['repository']}.git@{galaxy['version']}#subdirectory=simulator"
    assert f"dokploy-simulator[pytest] @ {source}\n" in shown("requirements.txt").text


def test_the_workflow_runs_the_commands_of_the_guide() -> None:
    workflow = yaml.safe_load(shown(".github/workflows/test.yml").text)
    runs = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    commands = [command for snippet in PAGE for command in snippet.commands]
    assert runs == [command for command in commands if not command.startswith("dokploy-simulator")]


def test_the_table_names_the_whole_fixture() -> None:
    text = GUIDE.read_text()
    names = [name for name in vars(TestedServer) if not name.startswith("_")] + ["simulator"]
    assert [name for name in names if f"``dokploy.{name}" not in text] == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An execution environment gets what the modules and the README require."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
FRAGMENT = (ROOT / "plugins/doc_fragments/connection.py").read_text()


def test_the_requirements_are_those_of_the_modules() -> None:
    meta = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text())
    assert meta == {"version": 3, "dependencies": {"python": "meta/ee-requirements.txt"}}
    lines = (ROOT / meta["dependencies"]["python"]).read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["requests>=2.25.1"]
    (documented,) = re.findall(r"The Python library C\((\w+)\) ([\d.]+) or newer", FRAGMENT)
    assert documented == ("requests", "2.25.1")


def test_the_definition_for_users_has_the_releases_of_ansible_that_the_collection_supports() -> None:
    definition = yaml.safe_load((ROOT / "playbooks/awx/project/execution-environment.yml").read_text())
    oldest = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    core = definition["dependencies"]["ansible_core"]["package_pip"]
    assert core.startswith("ansible-core" + oldest.removesuffix(".0") + ",<")
    assert definition["version"] == 3
    # The collection brings its own requirements.
    assert "python" not in definition["dependencies"]


def test_the_project_installs_this_collection() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    requirements = yaml.safe_load((ROOT / "playbooks/awx/project/collections/requirements.yml").read_text())
    (own,) = requirements["collections"]
    assert own == {"name": galaxy["repository"] + ".git", "type": "git", "version": galaxy["version"]}

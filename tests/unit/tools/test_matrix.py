# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every place that says on which ansible-core and Python the collection runs says the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
import yaml

from tools import check, matrix, sanity
from tools.documents import fragment
from tools.workspace import ROOT

CORES = list(matrix.SUPPORTED)
README = (ROOT / "README.md").read_text()
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_the_readme_names_the_pythons_of_each_ansible_core() -> None:
    rows = re.findall(r"^ *\| (2\.[0-9., ]+) \| (3\.[0-9., ]+) \|$", README, re.M)
    named = {core: tuple(pythons.split(", ")) for cores, pythons in rows for core in cores.split(", ")}
    assert named == matrix.SUPPORTED
    assert f"ansible-core {CORES[0]} to {CORES[-1]}" in README
    assert f"ansible-core {CORES[0]} or newer" in README


def test_the_collection_requires_the_oldest_ansible_core() -> None:
    assert yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"] == f">={CORES[0]}.0"


def test_antsibull_nox_runs_sanity_of_the_same() -> None:
    session = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]["ansible_test_sanity"]
    assert (session["min_version"], session["max_version"]) == (CORES[0], CORES[-1])


def test_the_oldest_python_of_hosts_is_documented() -> None:
    oldest = f"Python {sanity.TARGETS[0]} or newer"
    assert oldest in README
    assert any(oldest in line for line in fragment("community.dokploy.connection")["requirements"])
    # ansible-test of the ansible-core that the tests keep to does not know Python 3.15.
    assert {version for versions in matrix.SUPPORTED.values() for version in versions} - {"3.15"} <= set(sanity.TARGETS)


def targets() -> set[str]:
    rules = re.findall(r"^([a-z_ -]+):", (ROOT / "Makefile").read_text(), re.M)
    return {name for rule in rules for name in rule.split()}


def steps(path: Any) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_of_the_makefile(workflow: Any) -> None:
    commands = "\n".join(step.get("run", "") for step in steps(workflow))
    assert set(re.findall(r"^make (?:--\w+ )?([\w-]+)", commands, re.M)) <= targets()


def test_the_workflow_gets_all_pairs_and_all_slow_parts() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.matrix", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lists = {
        name: json.loads(text) for name, _equals, text in (line.partition("=") for line in done.stdout.splitlines())
    }
    assert {(pair["core"], pair["python"], pair["optional"]) for pair in lists["pairs"]} == {
        (core, version, core == "devel")
        for core, versions in {**matrix.SUPPORTED, **matrix.DEVEL}.items()
        for version in versions
    }
    makefile = (ROOT / "Makefile").read_text()
    assert lists["parts"] == [part.name for part in check.PARTS if part.slow]
    assert [
        part for part in lists["parts"] if not re.search(rf"^([a-z_ ]+ )?{part}( [a-z_ ]+)?:", makefile, re.M)
    ] == []


def test_the_sanity_tests_have_every_python_in_the_workflow() -> None:
    texts = [str(step.get("with", {}).get("python-version", "")) for path in WORKFLOWS for step in steps(path)]
    assert any(set(sanity.TARGETS) == set(text.split()) for text in texts)

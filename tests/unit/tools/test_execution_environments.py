# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environments of antsibull-nox have pairs of ansible-core and Python that are supported."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tools import matrix
from tools.workspace import ROOT

ENVIRONMENTS = tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]["ee_check"][
    "execution_environments"
]
DEPENDENCIES = [one["config"]["dependencies"] for one in ENVIRONMENTS]
PACKAGES = [one["ansible_core"]["package_pip"] for one in DEPENDENCIES]
CORES = [".".join(re.findall(r"\d+", package)[:2]) for package in PACKAGES]


def test_pip_gets_each_requirement_as_one_word() -> None:
    # ansible-builder puts it into a command without quotes.
    assert [package for package in PACKAGES if " " in package] == []


def test_the_oldest_and_the_newest_ansible_core_are_among_them() -> None:
    supported = list(matrix.SUPPORTED)
    assert {supported[0], supported[-1]} <= set(CORES) <= set(supported)


@pytest.mark.parametrize("number", range(len(ENVIRONMENTS)), ids=lambda number: ENVIRONMENTS[number]["name"])
def test_the_name_says_what_is_in_it(number: int) -> None:
    one, core = ENVIRONMENTS[number], CORES[number]
    interpreter: dict[str, Any] = one["config"]["dependencies"]["python_interpreter"]
    python = interpreter["python_path"].removeprefix("/usr/bin/python")
    assert python in matrix.SUPPORTED[core]
    assert {package.split("-")[0] for package in interpreter["package_system"].split()} == {f"python{python}"}
    assert one["name"].startswith(f"{core}-")
    assert one["description"].startswith(f"ansible-core {core} on ")
    assert one["description"].endswith(f", Python {python}")


def test_the_playbooks_exist() -> None:
    assert [path for one in ENVIRONMENTS for path in one["test_playbooks"] if not (ROOT / path).is_file()] == []

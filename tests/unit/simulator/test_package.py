# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator is a package of its own: its version is the collection's, and it imports nothing undeclared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import yaml

import dokploy_simulator

SOURCES = Path(dokploy_simulator.__file__).parent
PROJECT = tomllib.loads((SOURCES.parents[1] / "pyproject.toml").read_text())["project"]
# What aiohttp itself is made of.
WITH_AIOHTTP = {"multidict", "yarl"}


def imported(path: Path) -> set[str]:
    """The packages that a file imports, other than its own."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found - sys.stdlib_module_names


def declared(texts: list[str]) -> set[str]:
    names = {re.split(r"[ ><=~\[]", text)[0].lower() for text in texts}
    return {{"pyyaml": "yaml"}.get(name, name) for name in names}


def test_it_imports_what_it_declares() -> None:
    needed = {name for path in SOURCES.rglob("*.py") if path.stem != "pytest_plugin" for name in imported(path)}
    assert needed - WITH_AIOHTTP == declared(PROJECT["dependencies"])
    assert imported(SOURCES / "pytest_plugin.py") == declared(PROJECT["optional-dependencies"]["pytest"]) == {"pytest"}


def test_it_has_the_version_of_the_collection() -> None:
    galaxy = yaml.safe_load((SOURCES.parents[2] / "galaxy.yml").read_text())
    assert PROJECT["version"] == str(galaxy["version"])

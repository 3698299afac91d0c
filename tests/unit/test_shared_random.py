# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing draws from the generator that the whole process shares.

Hypothesis sets it back for each example and refuses a test in which a thread draws from it meanwhile, as that of a
simulator: ``FlakyFailure``, on a busy machine only.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from dokploy_simulator.store.randomness import RANDOM

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("plugins", "extensions", "simulator/src", "tests/support", "tools/callback")
# The classes, of which each object is a generator of its own.
CLASSES = {"Random", "SystemRandom"}


def uses(source: str) -> Iterator[str]:
    """What a file takes of the module C(random) beside its classes."""
    tree = ast.parse(source)
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name for one in node.names if one.name == "random"}
        elif isinstance(node, ast.ImportFrom) and node.module == "random" and not node.level:
            yield from (one.name for one in node.names if one.name not in CLASSES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from {node.attr} - CLASSES if node.value.id in names else ()


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_draws_from_the_shared_generator(folder: str) -> None:
    sources = sorted((ROOT / folder).rglob("*.py"))
    assert sources
    found = {str(path.relative_to(ROOT)): list(uses(path.read_text())) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import random\nrandom.choices('ab')", ["choices"]),
        ("import random as chance\nx = chance.random", ["random"]),
        ("from random import Random, choice", ["choice"]),
        ("import random\nRANDOM = random.Random()\nRANDOM.choices('ab')", []),
        ("def backoff(random):\n    return random()", []),
    ],
)
def test_each_way_to_use_it_is_found(source: str, found: list[str]) -> None:
    assert list(uses(source)) == found


def test_the_generator_of_simulators_begins_with_the_name_of_the_test(request: pytest.FixtureRequest) -> None:
    assert RANDOM.random() == random.Random(request.node.nodeid).random()

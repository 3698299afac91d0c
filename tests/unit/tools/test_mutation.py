# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which mistakes make mutation puts into the source, and which tests it runs on each."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.support.effort import THOROUGH
from tools import workspace
from tools.mutation import __main__ as mutation
from tools.mutation.__main__ import Recorded
from tools.mutation.mutants import Mutant, chosen, mutants

PATH = "plugins/module_utils/_values/one.py"
SOURCE = '''
"""A docstring."""

import os

LIMIT: "int" = 3
TITLE = "a sentence"


class Thing:
    def size(self, rows: "list[str]") -> "int":
        """One more docstring."""
        if not rows or len(rows) < LIMIT and rows[0] == "é":
            os.sync()
        return LIMIT if f"{rows == []}" else 0
'''


def changes(source: str) -> set[tuple[str, str, str]]:
    return {(one.operator, one.before, one.after) for one in mutants(PATH, source)}


def test_the_mistakes_of_a_source() -> None:
    assert changes(SOURCE) == {
        ("constant", "3", "4"),
        (
            "and/or",
            'not rows or len(rows) < LIMIT and rows[0] == "é"',
            "(not rows and (len(rows) < LIMIT and rows[0] == 'é'))",
        ),
        ("and/or", 'len(rows) < LIMIT and rows[0] == "é"', "(len(rows) < LIMIT or rows[0] == 'é')"),
        ("not", "not rows", "(rows)"),
        ("comparison", "len(rows) < LIMIT", "(len(rows) >= LIMIT)"),
        ("comparison", "len(rows) < LIMIT", "(len(rows) <= LIMIT)"),
        ("comparison", 'rows[0] == "é"', "(rows[0] != 'é')"),
        ("call", "len(rows)", "(rows)"),
        ("constant", "0", "1"),
        ("call", "os.sync()", "pass"),
        ("return", 'return LIMIT if f"{rows == []}" else 0', "return None"),
    }


def test_a_mutant_changes_its_place_only() -> None:
    for one in mutants(PATH, SOURCE):
        changed = one.applied(SOURCE)
        ast.parse(changed)
        assert changed != SOURCE
        assert changed.splitlines()[:2] == SOURCE.splitlines()[:2]
        assert one.function == ("" if one.before == "3" else "Thing.size")


def test_a_place_is_found_again_when_lines_move() -> None:
    before, after = mutants(PATH, SOURCE), mutants(PATH, "# a line\n" + SOURCE)
    assert [one.place for one in before] == [one.place for one in after]
    rows = [{**vars(one), "killed_by": "import"} for one in before]
    assert mutation.found_again(after, rows) == [(one, "import") for one in after]
    moved = mutants("plugins/module_utils/_engine/two.py", SOURCE)
    assert mutation.found_again(moved, rows) == [(one, "import") for one in moved]


def test_what_is_gone_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**vars(one), "killed_by": ""} for one in mutants(PATH, SOURCE)]
    assert mutation.found_again([], rows) == []
    assert f"gone: {PATH}: Thing.size: len(rows) -> (rows)" in capsys.readouterr().out


def test_the_seed_chooses_alike_from_packages_and_operators() -> None:
    every = mutants(PATH, SOURCE) + mutants("plugins/module_utils/_engine/two.py", SOURCE * 3)
    few = chosen(every, 12, seed=1)
    assert few == chosen(every, 12, seed=1) != chosen(every, 12, seed=2)
    assert sorted(one.path for one in few) == ["plugins/module_utils/_engine/two.py"] * 6 + [PATH] * 6
    assert {one.operator for one in few} == {"constant", "and/or", "not", "comparison", "call", "return"}
    assert len(chosen(every, 1000, seed=1)) == len(every)


def mutant(before: str) -> Mutant:
    return next(one for one in mutants(PATH, SOURCE) if one.before == before)


TESTS = {
    "tests/unit/test_one.py::test_a": Recorded(1, {PATH: 1 << 13}),
    "tests/unit/test_all.py::test_b": Recorded(2, {PATH: 1 << 13, "plugins/other.py": 0b1110}),
    "tests/unit/test_all.py::test_c": Recorded(100, {PATH: 1 << 13}),
    "tests/unit/test_two.py::test_limit_of_one": Recorded(3, {PATH: 1 << 14}),
}


def test_the_tests_that_execute_a_line_are_relevant() -> None:
    a, b, c, _limit = TESTS
    assert mutation.relevance(mutant("not rows"), SOURCE, TESTS) == {a: 1, b: 0.25, c: 1}
    assert mutation.stages({a: 1, b: 0.25, c: 1}, TESTS, 90) == [[a, b]]
    assert mutation.stages({a: 1, b: 0.25, c: 1}, TESTS, 200) == [[a, b], [c]]


def test_a_line_that_runs_on_import_has_the_tests_with_its_name() -> None:
    found = mutation.relevance(mutant("3"), SOURCE, TESTS)
    assert list(found) == ["tests/unit/test_one.py::test_a", "tests/unit/test_two.py::test_limit_of_one"]


@pytest.mark.skipif(not THOROUGH, reason="takes five seconds, for a tool that no check runs")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="tells no lines")
def test_mutants_in_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutation, "BASE", tmp_path)
    folder = tmp_path / "checkout-0" / workspace.NAMESPACE
    files = {
        "plugins/module_utils/one.py": (
            "def double(n):\n    return n * 2\n\n\ndef done(n):\n    while n < 3:\n        n += 1\n    return n\n"
        ),
        "tests/unit/test_one.py": (
            "import sys\n\nsys.path.insert(0, 'plugins/module_utils')\nimport one\n\n\n"
            "def test_double():\n    assert one.double(2) == 4\n\n\n"
            "def test_done():\n    assert one.done(3) == 3\n\n\n"
            "def test_nothing():\n    one.double(1)\n"
        ),
        "tests/component/test_two.py": "def test_wrong():\n    assert False\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    tests = mutation.recorded(folder)
    path = "plugins/module_utils/one.py"
    unit = "tests/unit/test_one.py::test_"
    assert {name: one.lines for name, one in tests.items()} == {
        f"{unit}double": {path: 1 << 2},
        f"{unit}done": {path: 1 << 6 | 1 << 8},
        f"{unit}nothing": {path: 1 << 2},
    }
    by_change = {(one.before, one.after): one for one in mutants(path, files[path])}
    both = [[f"{unit}nothing"], [f"{unit}done", f"{unit}double"]]
    assert mutation.killed(folder, by_change["2", "3"], both, tests) == f"test {unit}double"
    assert mutation.killed(folder, by_change["1", "2"], both, tests) == ""
    monkeypatch.setattr(mutation, "LIMIT", 0.5)
    assert mutation.killed(folder, by_change["n < 3", "(n >= 3)"], [[f"{unit}done"]], tests) == "timeout"
    assert (folder / path).read_text() == files[path]

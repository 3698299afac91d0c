# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names say nothing of what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.variable_names import nameless, problems


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("for one in rows:\n    pass\n", [(1, "one")]),
        ("names = [\n    one.name\n    for number, one in rows\n]\n", [(3, "one")]),
        ("key = sorted(rows, key=lambda each: each.name)\n", [(1, "each")]),
        (
            "def text(found, *told, alike=1, **begun):\n    pass\n",
            [(1, n) for n in ("alike", "begun", "found", "told")],
        ),
        ("if (found := search()):\n    pass\n", [(1, "found")]),
        ("with opened() as found, other() as (one, two):\n    pass\n", [(1, "found"), (1, "one")]),
        ("try:\n    pass\nexcept OSError as found:\n    pass\n", [(3, "found")]),
        ("import sorting as one\n", [(1, "one")]),
        ("found: int = 1\nfound += 1\n", [(1, "found"), (2, "found")]),
        ("def one():\n    async def told(): ...\n", [(1, "one"), (2, "told")]),
        ("class Poll:\n    found = 1\n    told: int = 2\n", [(2, "found"), (3, "told")]),
        ("self.found = self.rows[0].begun = 1\n", [(1, "begun"), (1, "found")]),
        ("def text(value):\n    shown, done = value\n", [(2, "done"), (2, "shown")]),
        ("def text(shown, done):\n    pass\n", [(1, "done"), (1, "shown")]),
    ],
)
def test_a_variable_that_says_nothing_is_found_where_it_is_made(source: str, names: list[tuple[int, str]]) -> None:
    assert nameless(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "for node in one:\n    print(found, told)\n",
        "ones = found_again(one_line)\n",
        "call(one=1, found=2)\n",
        "def shown(self): ...\n",
        "class Task:\n    shown: str = ''\n    done = False\n",
        "self.done = field.shown(value)\n",
        "print('one', {'found': told.begun})  # one\n",
        "from plan import shown\n",
    ],
)
def test_what_is_used_or_goes_with_its_object_is_not(source: str) -> None:
    assert nameless(source) == []


def test_a_problem_says_where_the_name_is(tmp_path: Path) -> None:
    for path, source in (("old.py", "row = 1\n"), ("new.py", "row = 1\nfound = 1\n")):
        (tmp_path / path).write_text(source)
    assert list(problems(("old.py", "new.py"), tmp_path)) == ["new.py:2: found says nothing of what it holds"]

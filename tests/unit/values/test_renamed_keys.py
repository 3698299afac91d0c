# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that a release renames, in answers and in bodies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._values.renamed_keys import as_taken, renewed
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import (
    TEXT,
    Shape,
    both,
    list_of,
    needed,
    object_of,
)

UNTIL = (0, 31, 0)
BOX = replace(object_of(colour=TEXT), former={"colour": ("color", UNTIL)})
SHELF = object_of(boxes=list_of(BOX), name=TEXT)


@pytest.mark.parametrize(
    ("shape", "answer", "newest"),
    [
        (BOX, {"color": "red", "size": 1}, {"colour": "red", "size": 1}),
        (BOX, {"color": None}, {"colour": None}),
        (BOX, {"colour": "red"}, {"colour": "red"}),
        (BOX, {"colour": "red", "color": "another meaning"}, {"colour": "red", "color": "another meaning"}),
        (SHELF, {"boxes": [{"color": "red"}], "color": "a"}, {"boxes": [{"colour": "red"}], "color": "a"}),
        (needed(list_of(SHELF)), [{"boxes": [{"color": "red"}]}, {}], [{"boxes": [{"colour": "red"}]}, {}]),
        (both(object_of(size=TEXT), BOX), {"color": "red"}, {"colour": "red"}),
        (SHELF, {"boxes": None}, {"boxes": None}),
        (SHELF, "no object", "no object"),
        (TEXT, {"color": "red"}, {"color": "red"}),
    ],
)
def test_an_answer_has_the_newest_keys(shape: Shape, answer: Any, newest: Any) -> None:
    assert renewed(shape, answer) == newest


@pytest.mark.parametrize(
    ("version", "key"), [((0, 25, 0), "color"), ((0, 30, 9), "color"), (UNTIL, "colour"), ((1, 0, 0), "colour")]
)
def test_a_body_has_the_keys_that_the_release_takes(version: tuple[int, int, int], key: str) -> None:
    assert as_taken(BOX, {"colour": "red", "size": 1}, version) == {key: "red", "size": 1}
    packed = object_of(config=BOX)
    assert as_taken(packed, {"config": {"colour": "red"}}, version) == {"config": {key: "red"}}

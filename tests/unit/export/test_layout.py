# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an exported document."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._export.layout import (
    DocumentFile,
    document_files,
    file_names,
    read_as,
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["shop", "blog"], ["shop.yml", "blog.yml"]),
        (["a/b", "a b", "a-b"], ["a-b-3.yml", "a-b-2.yml", "a-b.yml"]),
        (["Shop", "shop", "SHOP"], ["Shop-2.yml", "shop-3.yml", "SHOP.yml"]),
        (["shop", "shop", "shop-2"], ["shop.yml", "shop-3.yml", "shop-2.yml"]),
        (["..", ".hidden", "../../etc/passwd", "-rf"], ["project.yml", "hidden.yml", "etc-passwd.yml", "rf.yml"]),
        (["größe", "gro\u0308ße"], ["größe.yml", "größe-2.yml"]),
        (["名前", "web.yml", "x\n\0y"], ["名前.yml", "web.yml.yml", "x-y.yml"]),
        (["a" * 300], ["a" * 60 + ".yml"]),
    ],
)
def test_projects_have_files_of_their_names(names: list[str], expected: list[str]) -> None:
    assert file_names(names) == expected


@given(st.lists(st.text(st.one_of(st.sampled_from("aA./-ßé"), st.characters(codec="utf-8")), max_size=4), max_size=8))
@example(["a", "A", "a-2", "A-2"])
def test_any_names_have_files_of_their_own(names: list[str]) -> None:
    found = file_names(names)
    assert len(found) == len(names) == len({name.casefold() for name in found})
    assert all(re.fullmatch(r"[\w][\w.-]*\.yml", name) and len(name.encode()) <= 250 for name in found)


DOCUMENT: dict[str, Any] = {
    "version": 1,
    "tags": [{"name": "a"}],
    "projects": [{"name": "web"}, {"name": "Blog", "env": {}}],
}
COMMENTS: list[dict[str, Any]] = [
    {"path": ["projects", 1, "env"], "text": "of blog"},
    {"path": ["projects", 2], "text": "of none"},
    {"path": ["tags", 0], "text": "of a tag"},
]


def test_a_folder_has_a_file_for_each_project() -> None:
    parts = document_files(DOCUMENT, COMMENTS)
    assert parts == [
        DocumentFile("instance.yml", {"version": 1, "tags": [{"name": "a"}]}, COMMENTS[1:]),
        DocumentFile(
            "projects/Blog.yml",
            {"version": 1, "projects": [DOCUMENT["projects"][1]]},
            [{"path": ["projects", 0, "env"], "text": "of blog"}],
        ),
        DocumentFile("projects/web.yml", {"version": 1, "projects": [{"name": "web"}]}, []),
    ]
    assert read_as(parts) == {**DOCUMENT, "projects": DOCUMENT["projects"][::-1]}


@pytest.mark.parametrize(
    ("document", "comments", "expected"),
    [
        ({"version": 1, "projects": [{"name": "a"}]}, [], ["projects/a.yml"]),
        ({"version": 1, "projects": [{"name": "a"}]}, [{"path": ["tags"]}], ["instance.yml", "projects/a.yml"]),
        ({"version": 1, "projects": []}, [], ["instance.yml"]),
        ({"version": 1, "tags": []}, [], ["instance.yml"]),
    ],
)
def test_the_instance_has_a_file_if_there_is_something_in_it(document: Any, comments: Any, expected: Any) -> None:
    assert [one.name for one in document_files(document, comments)] == expected

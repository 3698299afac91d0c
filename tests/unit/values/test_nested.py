# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Walking through nested values."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._values.nested import (
    at,
    copied,
    has,
    leaves,
    mapped,
    maybe_at,
    texts_at,
    texts_in,
    with_texts,
)

VALUE = {"a": ["x", {"b": 1, "c": None}], "d": MappingProxyType({"e": ("y", True)}), "f": [], "g": 1.5}
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def test_the_leaves_have_their_paths() -> None:
    assert list(leaves(VALUE)) == [
        (("a", 0), "x"),
        (("a", 1, "b"), 1),
        (("a", 1, "c"), None),
        (("d", "e", 0), "y"),
        (("d", "e", 1), True),
        (("g",), 1.5),
    ]
    assert list(texts_at(VALUE, ("top",))) == [(("top", "a", 0), "x"), (("top", "d", "e", 0), "y")]


def test_keys_are_texts_too() -> None:
    assert list(texts_in(VALUE)) == ["a", "d", "f", "g", "x", "b", "c", "e", "y"]


def test_leaves_are_changed_and_keys_stay() -> None:
    assert with_texts(VALUE, str.upper) == {
        "a": ["X", {"b": 1, "c": None}],
        "d": {"e": ["Y", True]},
        "f": [],
        "g": 1.5,
    }
    assert mapped({"a": ["a"]}, str.upper, keys=True) == {"A": ["A"]}


@given(NESTED)
def test_a_copy_is_equal_and_shares_nothing(value: Any) -> None:
    copy = copied([value, value])
    assert copy == [value, value]
    assert not isinstance(value, (list, dict)) or (copy[0] is not value and copy[0] is not copy[1])


@given(NESTED)
def test_each_leaf_is_at_its_path(value: Any) -> None:
    for path, leaf in leaves(value):
        assert at(value, path) is leaf
        assert maybe_at(value, path) is leaf
        assert has(value, path) == (leaf is not None)


@pytest.mark.parametrize("path", [("z",), ("a", 2), ("a", "x"), ("a", 0, "x"), ("g", 0), ("d", "e", "x")])
def test_nothing_is_at_other_paths(path: Any) -> None:
    assert maybe_at(VALUE, path) is None
    assert not has(VALUE, path)
    with pytest.raises((LookupError, TypeError)):
        at(VALUE, path)

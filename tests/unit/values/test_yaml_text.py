# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML texts: written from mappings, compared by their content, refused with a reason. Compose files in particular."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.services import compose_file
from ansible_collections.community.dokploy.plugins.module_utils._values import yaml_text
from ansible_collections.community.dokploy.plugins.module_utils._values.yaml_text import mapping_of, same, yaml_of
from tests.support.effort import example_count

# Characters that YAML has no escape for in the style that PyYAML chooses are its own concern.
_TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc")), max_size=12)
_SCALARS = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _TEXTS, st.none())
_TREES = st.dictionaries(
    _TEXTS,
    st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=10),
    min_size=1,
)


def _shuffled(tree: Any, order: random.Random) -> Any:
    if isinstance(tree, list):
        return [_shuffled(item, order) for item in tree]
    if not isinstance(tree, dict):
        return tree
    keys = list(tree)
    order.shuffle(keys)
    return {key: _shuffled(tree[key], order) for key in keys}


@settings(max_examples=example_count(40, 100))
@given(_TREES, st.randoms())
def test_the_order_of_keys_line_ends_comments_and_style_do_not_count(tree: Any, order: random.Random) -> None:
    text = yaml_of(tree)
    assert yaml.safe_load(text) == tree
    other = _shuffled(tree, order)
    assert same(text, yaml_of(other))
    assert same(text, yaml.safe_dump(other, default_flow_style=True, width=40))
    assert same(text, "# a comment\r\n" + text.replace("\n", "\r\n") + "\r\n")


@settings(max_examples=example_count(40, 100))
@given(_TREES, _TREES)
def test_other_content_is_another_text(one: Any, other: Any) -> None:
    # repr tells 1 from true and from 1.0.
    equal = repr(_sorted(one)) == repr(_sorted(other))
    assert same(yaml_of(one), yaml_of(other)) is equal


def _sorted(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_sorted(item) for item in tree]
    return {key: _sorted(tree[key]) for key in sorted(tree)} if isinstance(tree, dict) else tree


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("a: 1", "a:   1  # comment\n", True),
        ("a: web", "a: 'web'", True),
        ("a:", "a: null", True),
        ("a: True", "a: true", True),
        ("a: &x {b: 1}\nc: *x", "c: {b: 1}\na: {b: 1}", True),
        ("a: [", "a: [\n", True),
        ("  a: 1\n  b: 2", "a: 1\nb: 2\n", True),
        ("\xa0: 1", '"\\_": 1', True),
        ("\xa0: 1", "? ''\n: 1", False),
        ("a: 1", "a: 2", False),
        ("a: 1", "a: '1'", False),
        ("a: 1", "a: true", False),
        ("a: 1", "a: 1.0", False),
        # YAML 1.2, which Docker Compose and Dokploy read, takes yes for text and 010 for ten.
        ("a: yes", "a: true", False),
        ("a: 010", "a: 8", False),
        ("a: [1, 2]", "a: [2, 1]", False),
        ("a: 1", "a: [", False),
        ("{}", "", False),
        ("{}", None, False),
        ("a: &x [*x]", "a: &x [*x] # nothing can be said about it", False),
    ],
)
def test_comparing(one: str, other: str | None, equal: bool) -> None:
    assert same(one, other) is equal and same(other, one) is equal


def test_without_pyyaml_only_line_ends_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "HAS_YAML", False)
    assert same("a: 1\nb: 2\n", "a: 1\r\nb: 2")
    assert not same("a: 1\nb: 2", "b: 2\na: 1")
    assert compose_file.CONTENT.to_api("services: [") == "services: ["
    assert compose_file.service_names("services: {web: {}}") is None
    with pytest.raises(ValueError, match="PyYAML is missing"):
        yaml_of({"a": 1})


@pytest.mark.parametrize(
    "text", ["1e3", "1234e5", ".5", "0o17", "1_000", "yes", "on", "null", "~", "12:30", "2024-01-01"]
)
def test_text_that_a_parser_may_read_as_something_else_is_quoted(text: str) -> None:
    assert yaml_of({"a": text}).startswith(("a: '", 'a: "'))


def test_text_in_other_scripts_stays_readable() -> None:
    assert yaml_of({"a": "größer"}) == "a: größer\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "is not valid YAML: line 1, column 5: expected the node content, but found (...)"),
        ("a: 2024-99-99", "is not valid YAML: month must be in 1..12"),
        ("", "must be a mapping such as {b: 1}, not empty"),
        ("- a", "must be a mapping such as {b: 1}, not a list"),
        ("--- {a: 1}\n--- {a: 1}", "has 2 YAML documents; Reader reads one"),
        ("a: {b: 1, b: 2}", "has the key 'b' twice in one mapping, which Reader refuses"),
    ],
)
def test_what_is_no_mapping_is_refused_with_a_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        mapping_of(text, "Reader", "{b: 1}")
    assert str(caught.value) == problem


def test_a_key_that_replaces_a_merged_one_is_no_duplicate() -> None:
    text = "base: &base {image: a, tty: true}\nweb: {<<: *base, image: b}"
    assert mapping_of(text, "Reader", "{b: 1}")["web"] == {"image": "b", "tty": True}


def test_a_compose_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = yaml_text.mapping_of
    monkeypatch.setattr(yaml_text, "mapping_of", lambda text, *more: parsed.append(text) or parse(text, *more))
    right, wrong = "services: {web: {image: parsed-once}}", "services: [] # parsed-once"
    assert [compose_file.CONTENT.to_api(right) for _turn in range(3)] == [right] * 3
    assert parsed == [right]
    for _turn in range(2):
        with pytest.raises(ValueError, match="it has no services"):
            compose_file.CONTENT.to_api(wrong)


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(ValueError, match="it cannot be written as YAML"):
        yaml_of({"a": float("nan")})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("services: {web: {}, 1: {}}", ["web", "1"]),
        ("services: []", []),
        ("services: 1", None),
        ("volumes: {}", None),
        ("services: [", None),
        ("", None),
        (None, None),
    ],
)
def test_the_services_of_a_file(text: str | None, names: list[str] | None) -> None:
    assert compose_file.service_names(text) == names

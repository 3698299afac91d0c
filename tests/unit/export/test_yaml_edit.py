# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single changes of a text of YAML: what they leave as it is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.edits import ADD, REMOVE, SET, Edit, applied
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import Secret
from ansible_collections.community.dokploy.plugins.plugin_utils._export import yaml_nodes
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_edit import edited
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_nodes import Uneditable, loaded
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import document_text, writer_of
from tests.support.effort import example_count
from tests.support.odd_documents import TEXTS

WRITER = writer_of({})

DOCUMENT = """\
# head
---
version: 1  # v

projects:
  # the shop
  - name: shop
    env:
      # header
      A: "1"   # of A

      # of B
      B: 'two'
      C: |  # block
        x
          y # z

      D:
      'E': "{{ vault['E'] }}"
    environments:
      - {name: p, x: [1, 2,], }
      # staging, by hand
      -
        name: staging
        applications:
          - name: web
            replicas: 0x3
            list: []

          # the API
          - name: api
            text: >+
              folded

            env: {}

settings:
  a: größe ❌
"""

WEB = ("projects", 0, "environments", 1, "applications", 0)
ENV = ("projects", 0, "env")


def change(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are only before, and those that are only after, in the middle of two texts."""
    first, second = before.split("\n"), after.split("\n")
    begin = 0
    while begin < min(len(first), len(second)) and first[begin] == second[begin]:
        begin += 1
    end = 0
    while end < min(len(first), len(second)) - begin and first[-1 - end] == second[-1 - end]:
        end += 1
    return first[begin : len(first) - end], second[begin : len(second) - end]


CASES: dict[str, tuple[Edit, list[str], list[str]]] = {
    "a number with a comment": (Edit(SET, ("version",), 2), ["version: 1  # v"], ["version: 2  # v"]),
    "a secret": (
        Edit(SET, (*ENV, "A"), Secret("vault_env", "A").text),
        ['      A: "1"   # of A'],
        ["      A: \"{{ vault_env['A'] }}\"   # of A"],
    ),
    "what looks like a template": (
        Edit(SET, (*ENV, "B"), "{{ x }}"),
        ["      B: 'two'"],
        ['      B: !unsafe "{{ x }}"'],
    ),
    "a text for a block": (
        Edit(SET, (*ENV, "C"), "a # b"),
        ["      C: |  # block", "        x", "          y # z"],
        ['      C: "a # b"  # block'],
    ),
    "a block for a text with a comment": (
        Edit(SET, (*ENV, "A"), "a\nb"),
        ['      A: "1"   # of A'],
        ["      A: |-   # of A", "        a", "        b"],
    ),
    "a text that no block can have": (
        Edit(SET, (*ENV, "A"), "a \n\tb"),
        ['      A: "1"   # of A'],
        ['      A: "a \\n\\tb"   # of A'],
    ),
    "a mapping for a text": (
        Edit(SET, (*ENV, "A"), {"x": [1]}),
        ['      A: "1"   # of A'],
        ["      A:   # of A", "        x:", "          - 1"],
    ),
    "a value where there is none": (Edit(SET, (*ENV, "D"), "no"), ["      D:"], ['      D: "no"']),
    "a key in quotes": (Edit(SET, (*ENV, "E"), ""), ["      'E': \"{{ vault['E'] }}\""], ["      'E': \"\""]),
    "an item in brackets": (
        Edit(SET, ("projects", 0, "environments", 0, "x", 0), "a, b"),
        ["      - {name: p, x: [1, 2,], }"],
        ['      - {name: p, x: ["a, b", 2,], }'],
    ),
    "another item in brackets": (
        Edit(ADD, ("projects", 0, "environments", 0, "x", None), "c"),
        ["      - {name: p, x: [1, 2,], }"],
        ["      - {name: p, x: [1, 2, c,], }"],
    ),
    "a key in braces": (
        Edit(ADD, ("projects", 0, "environments", 0, "z"), {"a": [True]}),
        ["      - {name: p, x: [1, 2,], }"],
        ['      - {name: p, x: [1, 2,], z: {"a": [true]}, }'],
    ),
    "no item in brackets": (
        Edit(REMOVE, ("projects", 0, "environments", 0, "x", 1)),
        ["      - {name: p, x: [1, 2,], }"],
        ["      - {name: p, x: [1,], }"],
    ),
    "a key behind its neighbour": (
        Edit(ADD, (*ENV, "B2"), "x", after=("A", "B", "Z")),
        [],
        ["      B2: x"],
    ),
    "a key at the end": (Edit(ADD, (*ENV, "F"), "x"), [], ["      F: x"]),
    "an item of an empty list": (
        Edit(ADD, (*WEB, "list", None), {"host": "a", "port": 3}),
        ["            list: []"],
        ["            list:", "              - host: a", "                port: 3"],
    ),
    "an item apart from the others": (
        Edit(ADD, (*WEB[:-1], None), {"name": "new"}),
        [],
        ["          - name: new", ""],
    ),
    "a section": (Edit(ADD, ("tags",), [{"name": "a"}]), [], ["tags:", "  - name: a", ""]),
    "no variable, and not its comment": (Edit(REMOVE, (*ENV, "B")), ["      # of B", "      B: 'two'"], []),
    "no first variable, under a header": (Edit(REMOVE, (*ENV, "A")), ['      A: "1"   # of A', ""], []),
    "no item with a dash of its own": (
        Edit(REMOVE, ("projects", 0, "environments", 1, "name")),
        ["        name: staging"],
        [],
    ),
    "no first key beside a dash": (
        Edit(REMOVE, (*WEB, "name")),
        ["          - name: web", "            replicas: 0x3"],
        ["          - replicas: 0x3"],
    ),
    "no only key": (Edit(REMOVE, ("settings", "a")), ["settings:", "  a: größe ❌"], ["settings: {}"]),
    "no last section": (
        Edit(REMOVE, ("settings",)),
        ["settings:", "  a: größe ❌", ""],
        [],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", list(CASES))
def test_only_the_lines_of_a_value_change(name: str, newline: str) -> None:
    edit, before, after = CASES[name]
    for mark in ("", "\ufeff"):
        text = mark + DOCUMENT.replace("\n", newline)
        found = edited(text, edit, WRITER)
        assert found.count("\n") == found.count(newline)
        assert change(text.replace(newline, "\n"), found.replace(newline, "\n")) == (before, after)


@pytest.mark.parametrize(
    ("text", "edit", "line"),
    [
        ("a: &x {b: 1}\nc: *x\n", Edit(SET, ("c", "b"), 2), 1),
        ("a: &x\n  b: 1\nc: *x\n", Edit(SET, ("a", "b"), 2), 1),
        ("a: &x\n  b: 1\nc: *x\n", Edit(REMOVE, ("a",)), 1),
        ("x: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n", Edit(SET, ("c", "b"), 2), 4),
        ("x: &x\n  b: 1\nc:\n  <<: *x\n  b: 2\n  d: 1\n", Edit(REMOVE, ("c", "b")), 5),
        ("a:\n  - '{{ b }}'\n", Edit(SET, ("a", 0, "b"), 2), 2),
        ("a: '{{ b }}'\n", Edit(ADD, ("a", None), 2), 1),
        ("a: 1\n", Edit(REMOVE, ("a",)), 1),
    ],
)
def test_what_cannot_be_changed_by_itself_is_refused(text: str, edit: Edit, line: int) -> None:
    with pytest.raises(Uneditable) as caught:
        edited(text, edit, WRITER)
    assert caught.value.line == line


@pytest.mark.parametrize("text", ["", "a: [", "a: 1\n---\nb: 2\n"])
def test_what_is_no_single_document_is_refused(text: str) -> None:
    with pytest.raises(Uneditable):
        edited(text, Edit(SET, ("a",), 2), WRITER)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXTS.filter(lambda text: "\0" not in text))
KEYS = st.one_of(st.sampled_from(["a", "b c", "yes", "#", "größe"]), TEXTS.filter(lambda text: text and len(text) < 99))
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all that is in a value."""
    if not isinstance(value, (dict, list)):
        return []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [place for key, item in pairs for place in ((*path, key), *places(item, (*path, key)))]


@st.composite
def edits(draw: Any, document: Any) -> Edit:
    path = draw(st.sampled_from(places(document)))
    action = draw(st.sampled_from([SET, ADD, REMOVE]))
    value = draw(VALUES)
    if action != ADD:
        return Edit(action, path, value)
    container = document
    for key in path:
        container = container[key]
    if isinstance(container, list):
        return Edit(ADD, (*path, None), value)
    assume(isinstance(container, dict))
    key = draw(KEYS)
    assume(key not in container)
    return Edit(ADD, (*path, key), value, after=tuple(draw(st.lists(st.sampled_from([*container, "a"]), max_size=2))))


@settings(max_examples=example_count(40, 200))
@given(st.data())
def test_any_change_of_any_document_is_read_as_meant(data: st.DataObject) -> None:
    document = data.draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
    text = document_text(document)
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    for _turn in range(3):
        assume(places(document))
        edit = data.draw(edits(document))
        if edit.action == REMOVE and len(edit.path) == 1 and len(document) == 1:
            return
        text = edited(text, edit, WRITER)
        document = applied(document, edit)
        assert loaded(text) == loaded(document_text(document))


def test_both_parsers_give_the_same_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [edited(DOCUMENT, edit, WRITER) for edit, _before, _after in CASES.values()]
    monkeypatch.setattr(yaml_nodes, "_LOADER", yaml_nodes.yaml.SafeLoader)
    assert [edited(DOCUMENT, edit, WRITER) for edit, _before, _after in CASES.values()] == found

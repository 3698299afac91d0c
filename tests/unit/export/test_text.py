# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of an exported document: what Ansible and other readers of YAML make of it, and how it looks."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.marked import (
    Secret,
    template,
    with_secrets,
)
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import is_marked
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import read_texts
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import document_text
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import unsafe
from tests.support.odd_documents import MARKED, SECRETS, TEXTS, ansible_templar

LEAVES = st.one_of(
    MARKED,
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
)
KEYS = st.one_of(TEXTS, st.sampled_from(["name", "env"]), st.just("k" * 2000))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)

READERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]


def read(text: str, secrets: dict[str, Any] | None = None) -> Any:
    """What dokploy_manifest reads of a text."""
    templar = ansible_templar(unsafe(SECRETS if secrets is None else secrets))
    return read_texts([("/shop.yml", "shop.yml", text)], DataLoader(), templar).document


def parsed(text: str, reader: Any) -> Any:
    """What other programs read."""

    class Reader(reader):  # type: ignore[misc]
        pass

    Reader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    return yaml.load(text, Reader)


def in_quotes(value: Any) -> Any:
    """A document with the templates of its marked texts."""
    if isinstance(value, dict):
        return {key: in_quotes(one) for key, one in value.items()}
    if isinstance(value, list):
        return [in_quotes(one) for one in value]
    return template(value, SECRETS) if isinstance(value, str) and is_marked(value) else value


@given(DOCUMENTS.filter(bool), st.lists(st.tuples(st.lists(st.one_of(KEYS, st.integers(0, 2)), max_size=3), TEXTS)))
@example({"a": "{{ x }}\n"}, [])
@example({"a": "\tb\n c"}, [(["a"], "x\ny\x00")])
@example({"a": [[["x\n\n"], {"b": " c\n\n", "d": {}}]]}, [(["a", 0, 0, 0], "x"), (["a", 0, 1, "e"], "y")])
@example({"k" * 2000: "a\nb", "a\nb": ["\n\n"]}, [])
@example({"a": "\r\n x \n\u2028", "b": [-1e-7, 1e22, float("inf")]}, [])
def test_what_is_written_is_read_as_the_same(document: Any, comments: Any) -> None:
    told = [{"path": path, "text": text} for path, text in comments]
    text = document_text(document, ["first"], told, SECRETS)
    assert read(text) == with_secrets(document, SECRETS)
    for reader in READERS:
        assert parsed(text, reader) == in_quotes(document)
    assert document_text(document, ["first"], told, SECRETS) == text
    assert not any(line.endswith((" ", "\t", "\r")) for line in text.split("\n"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("ghcr.io/acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.2"),
        ("0 3 * * *", "0 3 * * *"),
        ("--port", "--port"),
        ("10.0.0.1", "10.0.0.1"),
        ("${{project.CURRENCY}}", '!unsafe "${{project.CURRENCY}}"'),
        ("a {% b %}", '!unsafe "a {% b %}"'),
        ("#jinja2: x", '!unsafe "#jinja2: x"'),
        ("", '""'),
        ("yes", '"yes"'),
        ("N", '"N"'),
        ("1e3", '"1e3"'),
        ("0777", '"0777"'),
        ("0o17", '"0o17"'),
        ("1_000", '"1_000"'),
        ("12:30:45", '"12:30:45"'),
        ("2026-01-02", '"2026-01-02"'),
        ("null", '"null"'),
        ("~", '"~"'),
        ("=", '"="'),
        ("<<", '"<<"'),
        (".inf", '".inf"'),
        ("-", '"-"'),
        ("- a", '"- a"'),
        ("---", '"---"'),
        ("a: b", '"a: b"'),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        ("a#b", "a#b"),
        (" a", '" a"'),
        ("#0ea5e9", '"#0ea5e9"'),
        ("*", '"*"'),
        ('{"a": "b"}', """'{"a": "b"}'"""),
        (r"^\w+'s$", r"^\w+'s$"),
        (r"[\w]'s", r"'[\w]''s'"),
        ("\ta", '"\\ta"'),
        ("\x1b\x85\u2028\ufeff", '"\\x1B\\N\\L\\uFEFF"'),
        ("é ❌", "é ❌"),
        (True, "true"),
        (None, "null"),
        (1e22, "1.0e+22"),
        ([], "[]"),
        ({}, "{}"),
        ("a\nb", "|-\n  a\n  b"),
        ("a\n", "|\n  a"),
        ("a\n\n", "|+\n  a\n"),
        ("\n a\n", "|2\n\n   a"),
        ("\ta\n\tb\n", "|2\n  \ta\n  \tb"),
        ("{{ a }}\n", "!unsafe |\n  {{ a }}"),
        # Neither editors nor checks for blanks at the ends of lines change these.
        ("a \nb\n", '"\\\n  a \\n\\\n  b\\n"'),
        ("a\r\n b", '"\\\n  a\\r\\n\\\n  \\ b"'),
        ("\n", '"\\\n  \\n"'),
        (Secret("vault_a").text, '"{{ vault_a }}"'),
        (f"A={Secret('vault_a').text}\nB=${{{{x}}}}\n", "|\n  A={{ vault_a }}\n  B=${{ '{{' }}x}}"),
        (Reference("", ("it's",), "id").text, "'{{ \"it''s:id\" | community.dokploy.reference }}'"),
    ],
)
def test_how_a_value_is_written(value: Any, expected: str) -> None:
    text = document_text({"key": value}, secrets=SECRETS)
    assert text == f"---\nkey: {expected}\n"
    assert read(text) == {"key": with_secrets(value, SECRETS)}


DOCUMENT = {
    "version": 1,
    "tags": [{"name": "a"}, {"name": "b"}],
    "projects": [
        {
            "name": "shop",
            "environments": [
                {"name": "production", "applications": [{"name": "web", "env": {"A": "1"}}, {"name": "api"}]},
            ],
        },
        {"name": "blog", "description": "two\nlines\n\n"},
        {"name": "last"},
    ],
}
COMMENTS: list[dict[str, Any]] = [
    {"path": [], "text": "All of it."},
    {"path": ["projects"], "text": "word " * 40},
    {"path": ["projects", 0, "name"], "text": "of a first key"},
    {"path": ["projects", 0, "environments", 0, "applications", 0, "env", "A"], "text": "of a\nkey \x1b[31m"},
    {"path": ["projects", 0, "environments", 0, "applications", 1, "registry"], "text": "registry cannot be read"},
    {"path": ["projects", 0, "environments", 0, "applications", 1, "git", "url"], "text": "git cannot be read"},
    {"path": ["projects", 2], "text": "of an entry"},
    {"path": ["projects", 3], "text": "of no entry"},
    {"path": ["registries", 0, "url"], "text": "of no section"},
]
TEXT = """\
# one
# two
---
# All of it.
version: 1

tags:
  - name: a
  - name: b

# word word word word word word word word word word word word word word word word word word word word word word word
# word word word word word word word word word word word word word word word word word
projects:
  # of a first key
  - name: shop
    environments:
      - name: production
        applications:
          - name: web
            env:
              # of a key
              A: "1"

          - name: api
            # registry cannot be read
            # git cannot be read

  - name: blog
    description: |+
      two
      lines

  # of an entry
  - name: last
  # of no entry
# of no section
"""


def test_how_a_document_is_written() -> None:
    text = document_text(DOCUMENT, ["one", "two"], COMMENTS)
    assert text == TEXT
    assert read(text) == DOCUMENT


def test_texts_with_a_mark_that_look_like_others_are_not_unsafe() -> None:
    marked = {"A": Secret("vault_c").text, "B": f'{{"a": "{Secret("vault_a").text}"}}'}
    assert document_text(marked, secrets=SECRETS) == (
        "---\n"
        'A: "{{ vault_c | string }}"\n'
        """B: '{{ (''{"a": "'' ~ vault_a ~ ''"}'') | string }}'\n"""
    )  # fmt: skip

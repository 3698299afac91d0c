# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that stand for a value of another entry of a document."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import (
    Reference,
    parse_reference,
    references_in,
    with_references,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import text_problem
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse

NAMES = st.text(st.one_of(st.sampled_from('/\\:|"{é❌ '), st.characters(codec="utf-8")), min_size=1).filter(
    lambda name: "\0" not in name
)
REFERENCES = st.builds(
    Reference,
    kind=st.sampled_from(["", "registry", "ssh_key"]),
    path=st.lists(NAMES, min_size=1, max_size=4).map(tuple),
    field=st.from_regex(r"[a-z_.0-9]+", fullmatch=True),
)
DB = Reference("", ("db",), "internal_url")


@given(REFERENCES)
@example(Reference("", ("a/b", "c:d", "e\\"), "id"))
def test_what_is_written_is_read_as_the_same(one: Reference) -> None:
    assert parse_reference(str(one), one.kind) == one
    nested = {"url": [f"before {one.text} after"], "number": 1}
    assert list(references_in(nested)) == [one]
    assert list(references_in(json.dumps(nested))) == [one]
    assert text_problem(one.text) is not None
    assert text_problem(one.text) == text_problem(json.dumps(one.text))


@given(REFERENCES, st.text().filter(lambda value: "\0" not in value))
def test_a_value_in_json_is_that_of_the_object(one: Reference, value: str) -> None:
    """A filter to_json after the reference is the same as before it."""
    nested = {"url": f"x {one.text} y"}
    inside = with_references(json.dumps(nested), lambda _one: value)
    assert json.loads(inside) == {"url": f"x {value} y"}


def test_it_is_a_promise_of_the_engine() -> None:
    assert DB.text == FromResponse("reference", "|db:internal_url")
    assert Reference("registry", ("ghcr",), "id").text == FromResponse("reference", "registry|ghcr:id")


@pytest.mark.parametrize(
    ("text", "path", "field"),
    [
        ("db:internal_url", ("db",), "internal_url"),
        ("shop/production/db:internal_url", ("shop", "production", "db"), "internal_url"),
        ("a:b:id", ("a:b",), "id"),
        ("a\\/b:id", ("a/b",), "id"),
        ("web:domains.0.host", ("web",), "domains.0.host"),
    ],
)
def test_what_is_read(text: str, path: tuple[str, ...], field: str) -> None:
    assert parse_reference(text) == Reference("", path, field)


@pytest.mark.parametrize("text", ["", "db", ":", "db:", ":id", "/db:id", "shop//db:id", "db/:id", "db\\:id", "d\0b:id"])
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="is no reference such as db:internal_url"):
        parse_reference(text)


@pytest.mark.parametrize("kind", ["Registry", "a|b", "registry\n", "\0"])
def test_what_is_no_kind(kind: str) -> None:
    with pytest.raises(ValueError, match="is no kind"):
        parse_reference("db:id", kind)


def test_values_are_put_in_at_any_depth() -> None:
    promised = FromResponse("database shop/db", "appName")
    values: dict[str, Any] = {"id": 7, "host": promised, "url": 'a"b'}
    text = {field: Reference("", ("db",), field).text for field in values}
    document = {"ids": [text["id"], f"{text['id']}{text['id']}"], "json": json.dumps(text), "reference": None}
    assert with_references(document, lambda one: values[one.field]) == {
        "ids": [7, "77"],
        "json": '{"id": "7", "host": "%s", "url": "a\\"b"}' % promised,
        "reference": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        DB.text,
        f"postgres://{DB.text}",
        json.dumps(DB.text),
        json.dumps(json.dumps(DB.text)),
        quote(DB.text),
        yaml.safe_dump(DB.text),
    ],
)
def test_outside_of_a_document_it_is_refused(text: str) -> None:
    assert "only documents of dokploy_manifest take it" in str(text_problem(text))


@pytest.mark.parametrize("text", ["reference", "the reference of db", "%00 reference %00"])
def test_the_word_alone_is_a_text_as_any_other(text: str) -> None:
    assert text_problem(text) is None
    assert with_references(text, lambda _one: "changed") == text

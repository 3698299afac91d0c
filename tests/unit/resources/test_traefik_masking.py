# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traefik's file without its secrets, in every style in which YAML can be written."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.traefik_masking import masked_config

M = "********"
CANARY = "sesame"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('Authorization: Digest username="a", response="b"\nb: 1\n', f"Authorization: {M}\nb: 1\n"),
        ("# api-key: abc\nb: 1\n", f"# api-key: {M}\nb: 1\n"),
        ("- password: a\n  user: b\n", f"- password: {M}\n  user: b\n"),
        ("- - secret: >-\n      a\n\n      b\n    c: 1\n", f"- - secret: {M}\n    c: 1\n"),
        ("tokens: # those of CI\n- a\n# b\n- 'c: d'\nx: 1\n", f"tokens: # those of CI\n- {M}\n# b\n- {M}\nx: 1\n"),
        ("token-check:\n  chain:\n    middlewares: [a]\n", "token-check:\n  chain:\n    middlewares: [a]\n"),
        ("headers: {Authorization: [a, b], X: c}", f"headers: {{Authorization: {M}, X: c}}"),
        ("token: [a,\n  b]\nx: 1", f"token: {M}\nx: 1"),
        ("a: {b: {\n  token: c}, d: {secret: '\n\n  e'}}\n", f"a: {{b: {{\n  token: {M}}}}}\n"),
        ("token:\n", "token:\n"),
        ("token: ", "token: "),
    ],
)
def test_the_value_of_a_secret_key_is_masked_whole(text: str, shown: str) -> None:
    assert masked_config(text) == shown


TEXTS = st.text(st.sampled_from("ab :#-'\"\n,{}[]|>&*!%@\\é"), max_size=8).map(lambda text: text + CANARY)
SECRETS = st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
ENTRIES = st.tuples(st.sampled_from(["Authorization", "X-Api-Key", "token", "client_secret"]), SECRETS)
OTHERS = st.tuples(st.sampled_from(["users", "rule", "headers"]), st.sampled_from(["a", "b c", "https://h", 1, None]))
LEAVES = st.lists(st.one_of(ENTRIES, OTHERS), max_size=4).map(dict)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["http", "middlewares", "login"]), inner, min_size=1, max_size=3),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: {"items": items}),
    ),
    max_leaves=6,
)


@given(TREES, st.sampled_from([None, False, True]), st.sampled_from([None, "'", '"', "|", ">"]), st.integers(20, 200))
def test_no_secret_survives_in_any_style(tree: Any, flow: Any, style: Any, width: int) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, default_style=style, width=width, allow_unicode=True)
    assert CANARY not in masked_config(text)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of several lines in a diff, and what Ansible prints of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.plugins.callback.default import CallbackModule
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.view import in_lines, shown_diff

FILE = "services:\n  web:\n    privileged: true\n    image: nginx\n"
HARMLESS = FILE.replace("    privileged: true\n", "")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"a": "x"}, {"a": "y"}, ({"a": "x"}, {"a": "y"})),
        ({"a": "x\ny"}, {"a": "x"}, ({"a": ["x", "y"]}, {"a": ["x"]})),
        ({"a": "x\n"}, {"a": "x"}, ({"a": ["x", ""]}, {"a": ["x"]})),
        ({"a": "x\r\n"}, {"a": ""}, ({"a": ["x\r", ""]}, {"a": []})),
        ({}, {"a": "x\ny", "b": None}, ({}, {"a": ["x", "y"], "b": None})),
        ({"a": None}, {"a": "x\ny"}, ({"a": None}, {"a": ["x", "y"]})),
        ({"a": {"b": "x\ny", "c": 1}}, {"a": {"b": "x"}}, ({"a": {"b": ["x", "y"], "c": 1}}, {"a": {"b": ["x"]}})),
        ({"a": {"b": "x\ny"}}, {"a": ""}, ({"a": {"b": ["x", "y"]}}, {"a": ""})),
        ({"a": [{"b": "x\ny"}, "z"]}, {"a": []}, ({"a": [{"b": ["x", "y"]}, "z"]}, {"a": []})),
    ],
)
def test_a_text_of_several_lines_is_a_list_of_them(before: Any, after: Any, shown: Any) -> None:
    assert in_lines(before, after) == shown
    undone = in_lines(before=after, after=before)
    assert undone == shown[::-1]


JSON = st.recursive(
    st.none() | st.integers() | st.text(alphabet="ab\n", max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
SIDES = st.dictionaries(st.sampled_from("ab"), JSON, max_size=2)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@given(before=SIDES, after=SIDES)
def test_no_text_has_several_lines(before: Any, after: Any) -> None:
    one, other = in_lines(before, after)
    assert not any("\n" in text for text in texts([one, other]))
    assert set(one) == set(before) and set(other) == set(after)
    assert in_lines(before, before) == (in_lines(before, before)[0],) * 2
    # What is there once stays.
    assert in_lines(one, other) == (one, other)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_ansible_prints_the_line_that_is_removed(form: str) -> None:
    callback = CallbackModule()
    given = {
        "result_format": form,
        "pretty_results": True,
        "result_indentation": 4,
        "result_yaml_line_width": "default",
    }
    callback.get_option = given.__getitem__
    diff = shown_diff("compose 'mail'", {"raw": {"definition": FILE}}, {"raw": {"definition": HARMLESS}})
    text = re.sub(r"\x1b\[[\d;]*m", "", callback._get_diff(diff))
    printed = re.findall(r"(?m)^[-+].*", text)
    removed = [line for line in printed if "privileged" in line]
    assert len(removed) == 1 and len(printed) == 3, printed


def test_two_texts_stay_texts() -> None:
    """Ansible compares them line by line."""
    assert shown_diff("x", FILE, "") == {"before": FILE, "after": "", "before_header": "x", "after_header": "x"}

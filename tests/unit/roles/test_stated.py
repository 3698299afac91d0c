# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a procedure are, as a command line, a survey or a file states them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.plugin_utils._roles.stated import converted, stated

SPEC: dict[str, Any] = {
    "x_names": {"type": "list", "elements": "str", "default": []},
    "x_checks": {"type": "list", "elements": "dict", "default": []},
    "x_rules": {"type": "dict"},
    "x_keep": {"type": "int", "default": 7},
    "x_stop": {"type": "bool", "default": True},
    "x_age": {"type": "str"},
    "x_dest": {"type": "path"},
    "x_reports": {"type": "list", "elements": "path", "default": []},
}


def options(**given_values: Any) -> dict[str, Any]:
    values, no_json = stated(SPEC, {"x_" + name: value for name, value in given_values.items()})
    assert no_json == []
    taken, mistakes = converted(SPEC, values)
    assert mistakes == []
    return {name[2:]: value for name, value in taken.items()}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("names", "a, b ,,c", ["a", "b", "c"]),
        ("names", '["a", "b,c"]', ["a", "b,c"]),
        ("names", "[ab]*/x,c", ["[ab]*/x", "c"]),
        ("names", ["a", "b"], ["a", "b"]),
        ("names", "", []),
        ("names", None, []),
        ("checks", '[{"name": "a"}]', [{"name": "a"}]),
        ("checks", [{"name": "a"}], [{"name": "a"}]),
        ("checks", " ", []),
        ("rules", '{"*": 0}', {"*": 0}),
        ("rules", {"*": 0}, {"*": 0}),
        ("rules", "", None),
        ("keep", "0", 0),
        ("keep", 0, 0),
        ("keep", "", 7),
        ("stop", "false", False),
        ("stop", "", True),
        ("age", 36, "36"),
        ("age", "", None),
        ("dest", "sets", str(Path.cwd() / "sets")),
        ("dest", "/sets/", "/sets"),
        ("reports", "a.html,/b.md", [str(Path.cwd() / "a.html"), "/b.md"]),
    ],
)
def test_a_variable_is_what_its_option_takes(name: str, value: Any, expected: Any) -> None:
    assert options(**{name: value})[name] == expected


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("checks", "[{", "x_checks is a text that is no JSON; it takes a list of mappings, or the JSON text of it"),
        ("rules", "a=1 s3cret", "x_rules is a text that is no JSON; it takes a mapping, or the JSON text of it"),
    ],
)
def test_what_is_no_json_is_told_without_the_text(name: str, text: str, told: str) -> None:
    assert stated(SPEC, {"x_" + name: text}) == ({}, [told])


def test_a_report_whose_name_does_not_tell_its_form_is_a_mistake() -> None:
    _taken, mistakes = converted(SPEC, {"x_reports": ["a.html", "report"]})
    assert mistakes == ["x_reports takes names that end in .html, .md or .json"]


@given(st.lists(st.text("abc/*:-_.", min_size=1)))
def test_a_list_is_the_same_as_its_two_texts(items: list[str]) -> None:
    assert options(names=items)["names"] == options(names=json.dumps(items))["names"]
    assert options(names=items)["names"] == options(names=",".join(items))["names"]

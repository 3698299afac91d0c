# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters for environment text."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.filter import deployment_table, drift
from ansible_collections.community.dokploy.plugins.filter.dotenv import FilterModule, from_dotenv, to_dotenv
from tools.workspace import ROOT

NAMES = st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True).filter(lambda name: name not in ("true", "false", "null"))
# Mostly what the format gives a meaning, beside any other character.
VALUES = st.text(st.one_of(st.sampled_from("#'\"`\\=$ \t\n\r\u2028\u00a0ée❌"), st.characters(codec="utf-8")))


def written(variables: dict[str, Any]) -> str | None:
    """The text; C(None) if a value cannot be written, which needs three things at once."""
    try:
        return to_dotenv(variables)
    except AnsibleFilterError as error:
        assert "it mixes quotes, '#' and line breaks" in str(error)
        assert any(any(mark in value for mark in "'\"`\\") for value in variables.values())
        return None


@given(st.dictionaries(NAMES, VALUES))
@example({"A": ""})
@example({"A": "#", "B": " x ", "C": '"', "D": "'x'", "E": "a\r\nb", "F": "\n", "G": "\\n"})
def test_what_is_written_is_read_as_the_same(variables: dict[str, str]) -> None:
    text = written(variables)
    if text is not None:
        assert from_dotenv(text) == variables
        assert list(from_dotenv(text)) == list(variables), "in the same order"
        assert from_dotenv(text.replace("\n", "\r\n")) == variables, "as a file of Windows"


@given(NAMES, VALUES.filter(lambda value: not set(value) & set("'\"`\\")))
def test_a_value_without_quotes_can_always_be_written(name: str, value: str) -> None:
    assert from_dotenv(to_dotenv({name: value})) == {name: value}


@given(st.text())
def test_what_is_read_is_a_fixed_point(text: str) -> None:
    """Another reading of what was read, written down, gives the same."""
    variables = from_dotenv(text)
    again = written(variables)
    assert again is None or from_dotenv(again) == variables


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, ""),
        ({"DEBUG": False, "GREETING": "hello # world", "OLD": None}, 'DEBUG=false\nGREETING="hello # world"'),
        ({"PORT": 8080, "RATIO": 0.5, "ON": True, 1: 2}, "PORT=8080\nRATIO=0.5\nON=true\n1=2"),
        ({"HOME": "$HOME"}, "HOME=$HOME"),
        # The variable omit before ansible-core 2.19; the integration target has that of newer ones.
        ({"A": 1, "B": "__omit_place_holder__5f0c"}, "A=1"),
        ({"KEY": "line 1\nline 2"}, 'KEY="line 1\nline 2"'),
    ],
)
def test_what_is_written(variables: dict[Any, Any], text: str) -> None:
    assert to_dotenv(variables) == text


SECRET = "s3cret-value"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ("A=1", "to_dotenv takes a mapping of variables, not text"),
        ([SECRET], "to_dotenv takes a mapping of variables, not a list"),
        (None, "to_dotenv takes a mapping of variables, not null"),
        ({"A": [SECRET]}, "to_dotenv: the value of 'A' is a list; it must be text"),
        ({True: SECRET}, "to_dotenv: a key is named 'true'; YAML reads yes, no, on and off so: quote it"),
        ({"A B": SECRET}, "to_dotenv: 'A...' is not the name of a variable"),
        ({"A": "'\"`#" + SECRET}, "to_dotenv: the value of 'A' cannot be written as environment text"),
    ],
)
def test_what_cannot_be_written(variables: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        to_dotenv(variables)
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"A": SECRET}, "from_dotenv takes text, not a mapping"),
        (None, "from_dotenv takes text, not null"),
        (1, "from_dotenv takes text, not a number"),
    ],
)
def test_what_cannot_be_read(text: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        from_dotenv(text)
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


def test_each_filter_is_documented() -> None:
    """The samples of the documentation are what the filters return."""
    folder = ROOT / "plugins/filter"
    pages = {path.stem: yaml.safe_load(path.read_text()) for path in folder.glob("*.yml")}
    modules = (deployment_table, drift)
    others = {"reference", *(name for module in modules for name in module.FilterModule().filters())}
    assert set(pages) == {*FilterModule().filters(), *others}
    # What only a role of ours uses is a step of data_step, and no public filter.
    assert len(pages) <= 10
    samples = {name: pages[name]["RETURN"]["_value"]["sample"] for name in FilterModule().filters()}
    assert from_dotenv(samples["to_dotenv"]) == samples["from_dotenv"]
    assert to_dotenv(samples["from_dotenv"]) == samples["to_dotenv"]

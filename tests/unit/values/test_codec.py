# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The codecs: the values that are sent, equal values, and the values that are shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    COMMAND,
    IDENTIFIER,
    INTEGER,
    PATH_LIST,
    PREFIX,
    TEXT,
    WORDS,
    Codec,
    is_empty,
    secret_values,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV


@pytest.mark.parametrize("value", [None, "", [], (), {}])
def test_empty_values(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, 0.0, " ", [None], {"": None}])
def test_values_that_are_not_empty(value: Any) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("codec", "wanted", "current", "same"),
    [
        (TEXT, "", None, True),
        (TEXT, "", "", True),
        (TEXT, "a", "a", True),
        (TEXT, "a", "a ", False),
        (TEXT, "a", None, False),
        (TEXT, "", "a", False),
        (IDENTIFIER, None, "", True),
        (IDENTIFIER, None, "x", False),
        (INTEGER, 0, None, False),
        (INTEGER, 0, 0, True),
        (INTEGER, None, None, True),
        (INTEGER, 2, 2.0, True),
        # Nullable booleans can be null, which means false.
        (BOOLEAN, False, None, True),
        (BOOLEAN, True, None, False),
        (BOOLEAN, True, True, True),
        (BOOLEAN, False, True, False),
        # Null, an empty list and an absent key are equal; the order matters for words, but not for paths.
        (PATH_LIST, [], None, True),
        (PATH_LIST, ["a", "b"], ["b", "a"], True),
        (PATH_LIST, ["a", "a"], ["a"], False),
        (PATH_LIST, [], ["a"], False),
        (WORDS, [], None, True),
        (WORDS, ["a", "b"], ["b", "a"], False),
        # The server lower-cases the name and appends six random characters.
        (PREFIX, "My-App", "my-app-roou2z", True),
        (PREFIX, "my-app", "my-app", True),
        (PREFIX, "my", "my-app-roou2z", False),
        (PREFIX, "my-app", "my-app-roou2", False),
        (PREFIX, "my-app", "my-app-roou2z\n", False),
        (PREFIX, "my.app", "myxapp-roou2z", False),
        (PREFIX, "my-app", None, False),
        (ENV, "A=1\nB=2", "B=2\n# c\nA='1'\n", True),
        (ENV, "A=1", "A=1\nB=2", False),
        (ENV, "A=", "", False),
        (ENV, "", None, True),
        (ENV, "A=1#x", "A=1", True),
    ],
)
def test_same(codec: Codec, wanted: Any, current: Any, same: bool) -> None:
    assert codec.same(wanted, current) is same


@pytest.mark.parametrize(
    ("codec", "value", "sent"),
    [
        (TEXT, " kept as it is ", " kept as it is "),
        (ENV, {"A": "1", "B": "x#y"}, 'A=1\nB="x#y"'),
        (
            ENV,
            {"YES": True, "NO": False, "N": 1, "F": 1.5, "NONE": None, "E": ""},
            "YES=true\nNO=false\nN=1\nF=1.5\nE=",
        ),
        (ENV, {1: 2}, "1=2"),
        (ENV, "# text\nA=1\n", "# text\nA=1\n"),
        (ENV, {}, ""),
    ],
)
def test_to_api(codec: Codec, value: Any, sent: Any) -> None:
    assert codec.to_api(value) == sent


@pytest.mark.parametrize("value", [{"A": {"nested": "hunter2"}}, {"A": ["hunter2"]}, ["A=hunter2"], 5])
def test_invalid_environments_are_refused(value: Any) -> None:
    with pytest.raises(ValueError) as caught:
        ENV.to_api(value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("codec", "value", "shown"),
    [
        (TEXT, None, ""),
        (IDENTIFIER, None, ""),
        (INTEGER, None, None),
        (INTEGER, 0, 0),
        (BOOLEAN, None, False),
        (PATH_LIST, None, []),
        (WORDS, ["a"], ["a"]),
        (ENV, "A=1\n#x", {"A": "1"}),
        (ENV, None, {}),
    ],
)
def test_shown(codec: Codec, value: Any, shown: Any) -> None:
    assert codec.shown(value) == shown
    assert type(codec.shown(value)) is type(shown)


@pytest.mark.parametrize(
    ("value", "current", "merged"),
    [
        ({"B": "2"}, "A=1", "A=1\nB=2"),
        ({"A": None}, "A=1\nB=2", "B=2"),
        ("B=2", "# c\nA=1", "# c\nA=1\nB=2"),
        ({}, "A=1", "A=1"),
        ("", "A=1", "A=1"),
        ({"A": True}, None, "A=true"),
    ],
)
def test_env_merge(value: Any, current: Any, merged: str) -> None:
    assert ENV.merge is not None
    assert ENV.merge(value, current) == merged


def test_masked_environments_show_names_only() -> None:
    assert ENV.masked is not None
    before, after = ENV.masked("SAME=s\nOLD=o\nCHANGED=a", "SAME=s\nCHANGED=b\nNEW=n")
    assert before == {"SAME": "(hidden)", "OLD": "(hidden)", "CHANGED": "(hidden) old"}
    assert after == {"SAME": "(hidden)", "NEW": "(hidden)", "CHANGED": "(hidden) new"}


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text("abc", min_size=1, max_size=3)))
def test_an_environment_equals_its_own_spelling(variables: dict[str, str]) -> None:
    text = ENV.to_api(variables)
    assert ENV.same(text, text)
    assert ENV.shown(text) == variables


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("hunter2", {"hunter2"}),
        ("A=one\nB='two words'", {"A=one\nB='two words'", "one", "two words"}),
        ({"A": "one", "B": {"C": ["two"]}}, {"one", "two"}),
        ({"A": 12345, "B": True, "C": None}, {"12345"}),
        ([{"A": "one"}, "two"], {"one", "two"}),
        (None, set()),
    ],
)
def test_secret_values(value: Any, texts: set[str]) -> None:
    assert set(secret_values(value)) == texts


@pytest.mark.parametrize(
    ("command", "warns"),
    [
        ("sh -c 'a; b'", True),
        ('sh -c "sleep 5"', True),
        ("sh -c 'a\nb'", True),
        ("--greeting='hi' all", True),
        # No blank is between these, nor after them.
        ("/app/server --name='shop'", False),
        ("/app/server", False),
        ("", False),
        (None, False),
    ],
)
def test_a_command_with_blanks_in_quotes_causes_a_warning(command: Any, warns: bool) -> None:
    assert bool(COMMAND.ignored(command)) is warns
    assert COMMAND.to_api(command) == command

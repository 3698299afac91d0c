# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in messages are complete or have the number of the remaining items; hints have similar names."""

from __future__ import annotations

import ast
import errno
import platform
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils import _errors
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    close_names,
    enumerated,
    kind_of,
    known_names,
    they_are,
    why_unreadable,
    with_article,
)

PLUGINS = Path(_errors.__file__).parents[1]


@pytest.mark.parametrize(
    ("count", "most", "text"),
    [
        (0, 10, ""),
        (1, 10, "n0"),
        (3, 3, "n0, n1, n2"),
        (4, 3, "n0, n1, n2, and 1 more"),
        (100, 1, "n0, and 99 more"),
    ],
)
def test_a_list_is_complete_or_counts_the_rest(count: int, most: int, text: str) -> None:
    assert enumerated(["n%d" % number for number in range(count)], most) == text


@pytest.mark.parametrize(
    ("wanted", "names", "close"),
    [
        ("wbe", ["web", "api"], ["web"]),
        ("WEB", ["web", "api"], ["web"]),
        ("web", ["web1", "web2", "web3", "web4"], ["web4", "web3", "web2"]),
        ("zzz", ["web"], []),
        ("", ["web"], []),
        ("web", [], []),
    ],
)
def test_up_to_three_similar_names(wanted: str, names: list[str], close: list[str]) -> None:
    assert close_names(wanted, names) == close


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x", "text"),
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ({}, "a mapping"),
        ([], "a list"),
        ((), "a list"),
        (None, "null"),
        (b"", "bytes"),
    ],
)
def test_kinds_of_values_have_the_words_of_yaml(value: object, words: str) -> None:
    assert kind_of(value) == words


@pytest.mark.parametrize(("names", "text"), [(["a"], "a is"), (["a", "b"], "a and b are")])
def test_a_verb_agrees_with_its_subject(names: list[str], text: str) -> None:
    assert they_are(names) == text


def test_a_hint_lists_the_similar_names_or_all() -> None:
    assert known_names("wbe", ["web", "api"]) == "Did you mean: 'web'?"
    assert known_names("zzz", []) == "There is none at all."
    assert known_names("zzz", ["web", "api", "web"]) == "There are: 'api', 'web'."


@pytest.mark.parametrize("noun", ["a server", "an organization", "an SSH key", "an AI provider", "a DNS provider"])
def test_a_noun_has_its_article(noun: str) -> None:
    assert with_article(noun.partition(" ")[2]) == noun


def test_no_message_cuts_a_list_silently() -> None:
    """A slice with an end inside a C(join) hides the rest; C(enumerated) counts it."""
    found = []
    for path in sorted(set(PLUGINS.rglob("*.py")) - {Path(_errors.__file__)}):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "join"):
                continue
            cut = (part for argument in call.args for part in ast.walk(argument) if isinstance(part, ast.Slice))
            if any(part.upper is not None for part in cut):
                found.append("%s:%d" % (path.name, call.lineno))
    assert found == []


def test_the_error_for_a_missing_file_names_the_host() -> None:
    missing, denied = FileNotFoundError(errno.ENOENT, "No such file"), PermissionError(errno.EACCES, "Denied")
    on_host = f"no such file on {platform.node()}, the host that runs the module"
    assert why_unreadable(missing, "/a") == on_host
    # In process, the action makes the path absolute; a relative one belongs to another host.
    assert why_unreadable(missing, "a") == on_host + "; with delegate_to: localhost it is a file of the controller"
    assert why_unreadable(missing) == "no such file"
    assert why_unreadable(denied, "a") == "denied"

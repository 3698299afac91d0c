# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of event sources."""

from __future__ import annotations

import datetime
import os
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError
from ansible_collections.community.dokploy.plugins.module_utils._events.options import checked, within

OPTIONS: dict[str, dict[str, Any]] = {
    "url": {"type": "str", "required": True, "env": [{"name": "DOKPLOY_URL"}]},
    "port": {"type": "int", "default": 80},
    "seconds": {"type": "float"},
    "verify": {"type": "bool", "default": True},
    "file": {"type": "path"},
    "kinds": {"type": "list", "elements": "str", "choices": ["a", "b"], "default": ["a"]},
}


def test_defaults_and_environment() -> None:
    found = checked(OPTIONS, {"eda_feedback_queue": object()}, {"DOKPLOY_URL": "u"})
    assert found == {"url": "u", "port": 80, "seconds": None, "verify": True, "file": None, "kinds": ["a"]}


def test_what_is_stated_counts_more() -> None:
    assert checked(OPTIONS, {"url": "stated", "port": 0}, {"DOKPLOY_URL": "u"})["port"] == 0
    assert checked(OPTIONS, {"url": "stated"}, {"DOKPLOY_URL": "u"})["url"] == "stated"


def test_an_empty_text_is_not_set() -> None:
    assert checked(OPTIONS, {"url": "", "port": ""}, {"DOKPLOY_URL": "u"})["port"] == 80
    with pytest.raises(ConfigurationError, match="url is missing. Set the option or the environment variable DOK"):
        checked(OPTIONS, {"url": ""}, {"DOKPLOY_URL": ""})


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("url", 5, "5"),
        ("url", datetime.date(2026, 11, 26), "2026-11-26"),
        ("port", "8080", 8080),
        ("port", 8080.0, 8080),
        ("seconds", "0.5", 0.5),
        ("verify", "False", False),
        ("verify", "yes", True),
        ("verify", 0, False),
        ("file", "~/x", os.path.expanduser("~/x")),
        ("kinds", "b", ["b"]),
        ("kinds", ["b", "a"], ["b", "a"]),
    ],
)
def test_texts_of_templates_are_converted(name: str, value: Any, found: Any) -> None:
    assert checked(OPTIONS, {"url": "u", name: value}, {})[name] == found


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("url", ["canary"], "url must be text, got a list"),
        ("port", "canary", "port must be a whole number, got text"),
        ("port", 1.5, "port must be a whole number, got a number"),
        ("port", True, "port must be a whole number, got true or false"),
        ("seconds", "nan", "seconds must be a number, got text"),
        ("seconds", "1e999", "seconds must be a number, got text"),
        ("verify", "perhaps", "verify must be true or false, got text"),
        ("verify", 2, "verify must be true or false, got a number"),
        ("file", {}, "file must be a path, got a mapping"),
        ("kinds", ["c"], "kinds must be one of a, b"),
        ("kinds", [{}], "kinds must be text, got a mapping"),
    ],
)
def test_other_values_are_refused_unquoted(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        checked(OPTIONS, {"url": "u", name: value}, {})
    assert str(error.value) == message


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"uri is no option of this event source. Did you mean: 'url'\?"):
        checked(OPTIONS, {"uri": "u"}, {})
    with pytest.raises(ConfigurationError, match="5 is no option of this event source"):
        checked(OPTIONS, {5: "u"}, {})


def test_ranges() -> None:
    within({"port": 1}, "port", 1, 2)
    with pytest.raises(ConfigurationError, match="port is 3; it must be from 1 to 2"):
        within({"port": 3}, "port", 1, 2)

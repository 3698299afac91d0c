# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments of another form than their option's, which Ansible would convert to something else without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._host.arguments import first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION as APPLICATION
from tests.support import action_and_module
from tests.support.operations import OPERATIONS

# Arguments of dokploy_application, and words of the refusal; none: they are let through.
CASES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"command": ["npm", "start"]}, ("command is a list; it takes text", "args")),
    ({"command": {"npm": "start"}}, ("command is a mapping; it takes text", "args")),
    ({"command": "npm"}, ()),
    ({"command": 5}, ()),
    ({"args": "npm start"}, ("args is text that contains whitespace or commas; it takes a list", "[npm, start]")),
    ({"args": "--listen,--verbose"}, ("args is text",)),
    ({"args": "npm\n"}, ("args is text",)),
    ({"args": "start"}, ()),
    ({"args": ""}, ()),
    ({"args": ["npm start"]}, ()),
    ({"args": [["npm"]]}, ("args[0] is a list; it takes text",)),
    ({"args": [1, 1.5, True]}, ()),
    ({"description": ("a", "b")}, ("description is a list",)),
    ({"build": {"context": ["a"]}}, ("build.context is a list",)),
    ({"docker": {"image": {"nginx": 1}}}, ("docker.image is a mapping",)),
    # A template that gives JSON is one as soon as Ansible has read it.
    ({"mounts": [{"path": "/a", "content": {"secret": "MARK"}}]}, ("mounts[0].content is a mapping",)),
    ({"mounts": [{"path": "/a", "src": ["/a"]}]}, ("mounts[0].src is a list",)),
    ({"domains": [{"host": "a", "middlewares": ["a", {"b": 1}]}]}, ("domains[0].middlewares[1] is a mapping",)),
    # The blank of a label is a part of it.
    ({"preview": {"labels": "good first issue"}}, ()),
    ({"name": ["web"]}, ("name is a list",)),
    ({"state": ["present"]}, ("state is a list",)),
    ({"dokploy_api_key": ["MARK"]}, ("dokploy_api_key is a list",)),
    ({"env": {"A": "1"}, "labels": {"a": "b"}, "healthcheck": {"test": ["CMD", "true"]}}, ()),
]


@pytest.mark.parametrize(("arguments", "words"), CASES, ids=[ascii(case[0])[:60] for case in CASES])
def test_an_argument_of_another_form_is_refused(arguments: dict[str, Any], words: tuple[str, ...]) -> None:
    problem = first_complaint(APPLICATION, {"name": "web", **arguments})
    assert (problem is None) is (not words), problem
    assert "MARK" not in str(problem)
    assert all(word in str(problem) for word in words), problem


SAME: list[dict[str, Any]] = [
    {"command": ["npm", "start"]},
    {"args": "npm start"},
    {"image": "nginx"},
    {"docker": {"image": "nginx"}, "git": {}},
    {"name": None},
    {"mounts": [{}]},
]


@pytest.mark.parametrize("arguments", SAME, ids=str)
def test_both_hosts_say_the_same(arguments: dict[str, Any]) -> None:
    params = {"dokploy_url": "http://127.0.0.1:9", "dokploy_api_key": "k", "name": "web", **arguments}
    here, there = action_and_module.in_process(APPLICATION, params), action_and_module.as_module(APPLICATION, params)
    assert here["failed"] and there["failed"] and here["msg"] == there["msg"]


def _texts(spec: Spec, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for name, one in spec.items():
        yield (*place, name), one
        yield from _texts(one.get("options") or {}, (*place, name))


@pytest.mark.parametrize("module", sorted(OPERATIONS))
@pytest.mark.parametrize("value", [["a"], {"a": 1}], ids=["list", "mapping"])
def test_no_option_that_takes_text_takes_anything_else(module: str, value: Any) -> None:
    for path, one in _texts(OPERATIONS[module].argument_spec):
        if one["type"] not in ("str", "path"):
            continue
        arguments: Any = value
        for name in reversed(path):
            arguments = {name: arguments}
        problem = first_complaint(OPERATIONS[module], arguments)
        assert problem is not None and "it takes text" in problem and path[-1] in problem, path

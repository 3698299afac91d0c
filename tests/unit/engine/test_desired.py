# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parameters ask for, judged without the server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import (
    Desired,
    desire,
    dotted,
    natural_key,
    with_values,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION


def wanted(**params: Any) -> Desired:
    return desire(APPLICATION, params)


def values(desired: Desired) -> dict[str, Any]:
    return {dotted(want.path): want.value for want in desired.fields}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {}),
        # Absent and null: not managed.
        ({"description": None, "env": None, "build": None, "domains": None}, {}),
        # Cleared: text to "", identifiers to null, lists to [].
        ({"description": ""}, {"description": ""}),
        ({"env": {}}, {"env": ""}),
        ({"env": ""}, {"env": ""}),
        ({"args": []}, {"args": []}),
        ({"server": ""}, {"server": None}),
        # These say something.
        ({"replicas": 0, "auto_deploy": False}, {"replicas": 0, "auto_deploy": False}),
        ({"env": {"A": "x#y"}}, {"env": 'A="x#y"'}),
        # The mere presence of a source asks for its type; null inside a group is not managed.
        ({"docker": {}}, {"source": "docker"}),
        ({"docker": {"image": "nginx", "username": None}}, {"source": "docker", "docker.image": "nginx"}),
        (
            {"git": {"watch_paths": [], "submodules": False}},
            {"source": "git", "git.watch_paths": [], "git.submodules": False},
        ),
        ({"build": {"type": "static"}}, {"build.type": "static"}),
    ],
)
def test_stated_values(params: dict[str, Any], expected: dict[str, Any]) -> None:
    assert values(wanted(**params)) == expected


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"name": "x" * 256}, "name has 256 characters; it must be between 1 and 255"),
        ({"app_name": "x" * 64}, "app_name has 64 characters; it must be between 1 and 63"),
        ({"app_name": "My App"}, "app_name: 'My App' may hold only letters"),
        ({"app_name": "app\n"}, "app_name: "),
        ({"replicas": -1}, "replicas is -1; it must be between 0 and 100000"),
        ({"git": {"branch": "bad branch!"}}, "git.branch: 'bad branch!' is not a valid branch name"),
        ({"git": {"branch": "-x"}}, "git.branch: '-x' is not a valid branch name"),
        ({"env": {"A B": "hunter2"}}, "env: 'A...' is not the name of a variable"),
        ({"env": {"A": ["hunter2"]}}, "env: the value of 'A' is a list; it must be text"),
        ({"env": {"A": "`'\"#hunter2"}}, "env: the value of 'A' cannot be written"),
        ({"env": {"A": "`'\"#hunter2"}, "env_mode": "merge"}, "env: the value of 'A' cannot be written"),
        ({"env": ["hunter2"]}, "env: it must be a mapping of variables or environment text, not a list"),
        ({"description": "a\0b"}, "description contains a NUL character"),
        ({"env": {"A": "hunter2\0"}}, "env contains a NUL character"),
        ({"env": {"A\0": "hunter2"}}, "env contains a NUL character"),
        ({"args": ["\0"]}, "args contains a NUL character"),
        ({"description": "\udc80"}, "description contains bytes that are not UTF-8 text"),
        ({"domains": [{"host": "a b"}]}, "domains[0].host: 'a b' is not a valid host name"),
        ({"domains": [{"host": "a"}, {"host": "b", "path": "x"}]}, "domains[1].path: 'x' must begin with /"),
        ({"domains": [{"host": "a", "port": 70000}]}, "domains[0].port is 70000; it must be between 1 and 65535"),
        ({"mounts": [{"path": "data", "type": "volume", "name": "v"}]}, "mounts[0].path: 'data' must begin with /"),
        (
            {"mounts": [{"path": "/f", "type": "file", "file_path": "f", "content": "hunter2\0"}]},
            "mounts[0].content contains a NUL character",
        ),
        ({"domains": [{"host": "a"}, {"host": "b"}, {"host": "a"}]}, "domains: entries 0 and 2 are both for host 'a'"),
        # The path's default is part of the key.
        ({"domains": [{"host": "a"}, {"host": "a", "path": "/"}]}, "domains: entries 0 and 1 are both for host 'a'"),
        (
            {
                "mounts": [
                    {"path": "/d", "type": "volume", "name": "v"},
                    {"path": "/d", "type": "bind", "host_path": "/x"},
                ]
            },
            "mounts: entries 0 and 1 are both for path '/d'",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(params: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        wanted(**params)
    assert str(caught.value).startswith(words)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "params",
    [
        {"name": "x" * 255},
        {"replicas": 100000},
        {"app_name": "My-App_1.x"},
        {"git": {"branch": "feature/x-1"}},
        {"git": {"branch": ""}},
        {"domains": [{"host": "a", "path": "/x"}, {"host": "a", "path": "/y"}]},
        {"description": "any\ntext ❌"},
    ],
)
def test_a_right_value_is_accepted(params: dict[str, Any]) -> None:
    assert desire(APPLICATION, params)


def test_children_are_managed_only_when_they_are_given() -> None:
    assert wanted().children == {}
    assert wanted(domains=[]).children == {"domains": ()}
    both = wanted(domains=[{"host": "a"}], mounts=[])
    assert set(both.children) == {"domains", "mounts"}


def test_the_default_of_a_natural_key_is_stated_for_the_user() -> None:
    (wants,) = wanted(domains=[{"host": "a", "port": None}]).children["domains"]
    assert {want.field.name: want.value for want in wants} == {"host": "a", "path": "/"}
    assert natural_key(APPLICATION.children[0], wants) == ("a", "/")


def test_an_empty_path_is_the_default_path() -> None:
    (wants,) = wanted(domains=[{"host": "a", "path": ""}]).children["domains"]
    assert natural_key(APPLICATION.children[0], wants) == ("a", "/")


def test_merge_keeps_what_the_user_wrote_until_the_current_value_is_known() -> None:
    (want,) = wanted(env={"A": 1, "B": None}, env_mode="merge").fields
    assert want.merge
    assert want.value == {"A": 1, "B": None}
    (want,) = wanted(env={"A": 1, "B": None}, env_mode="replace").fields
    assert not want.merge
    assert want.edits
    assert want.value == "A=1"


def test_only_a_mapping_changes_a_text_in_place() -> None:
    stated = wanted(env="A=1", build_args={"A": 1}, build_secrets={}, preview={"env": {"A": 1}}, labels={"a": "1"})
    edits = {want.path: want.edits for want in stated.fields}
    assert edits == {
        ("env",): False,
        ("build_args",): True,
        ("build_secrets",): False,
        ("preview", "env"): True,
        ("labels",): False,
    }


def test_with_values_replaces_one_value_and_nothing_else() -> None:
    before = wanted(git={"url": "https://h/u", "ssh_key": "deploy key"}, domains=[])
    after = with_values(before, {("git", "ssh_key"): "id-of-the-key"})
    assert values(after) == {**values(before), "git.ssh_key": "id-of-the-key"}
    assert after.children == before.children
    assert after.groups == before.groups

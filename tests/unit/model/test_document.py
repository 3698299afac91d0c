# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All mistakes of a document, each with its path, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import grouped, in_one_text, refusal

APPLICATION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "replicas": {"type": "int"},
    "cpu": {"type": "float"},
    "auto_deploy": {"type": "bool"},
    "labels": {"type": "dict"},
    "args": {"type": "list", "elements": "str"},
    "codes": {"type": "list", "elements": "int"},
    "certificate": {"type": "str", "choices": ["none", "letsencrypt"]},
    "token": {"type": "str", "choices": ["low", "high"], "no_log": True},
    "docker": {"type": "dict", "options": {"image": {"type": "str"}, "password": {"type": "str", "no_log": True}}},
    "domains": {"type": "list", "elements": "dict", "options": {"host": {"type": "str", "required": True}}},
}
SPEC: dict[str, Any] = {
    "projects": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "env": {"type": "raw", "no_log": True},
            "applications": {"type": "list", "elements": "dict", "options": APPLICATION},
        },
    },
}
WEB = "projects[shop].applications[web]"


def of_web(**options: Any) -> list[str]:
    return mistakes_in(SPEC, {"projects": [{"name": "shop", "applications": [{"name": "web", **options}]}]})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"replcas": 2}, ".replcas is unknown. Did you mean: 'replicas'?"),
        ({"host": "a"}, ".host is unknown. Did you mean: 'projects[].applications[].domains[].host'?"),
        ({"zzzz": 1}, ".zzzz is unknown. There are: 'args', 'auto_deploy', "),
        ({"replicas": "two"}, ".replicas is text; it takes a whole number"),
        ({"replicas": [2]}, ".replicas is a list; it takes a whole number"),
        ({"replicas": True}, ".replicas is true or false; it takes a number"),
        ({"replicas": 10**20}, ".replicas is out of range"),
        ({"cpu": "much"}, ".cpu is text; it takes a number"),
        ({"auto_deploy": "maybe"}, ".auto_deploy is text; it takes true or false"),
        ({"labels": 5}, ".labels is a number; it takes a mapping"),
        ({"args": {"a": 1}}, ".args is a mapping; it takes a list"),
        ({"args": [["a"]]}, ".args[0] is a list; it takes text"),
        ({"codes": [200, "ok"]}, ".codes[1] is text; it takes a whole number"),
        ({"certificate": "letsencrpyt"}, ".certificate is 'letsencrpyt'. Did you mean: 'letsencrypt'?"),
        ({"certificate": "zzz"}, ".certificate is 'zzz'. It must be one of 'none', 'letsencrypt'."),
        ({"token": "hunter2"}, ".token is text. It must be one of 'low', 'high'."),
        ({"docker": "nginx"}, ".docker is text; it takes a mapping of suboptions"),
        ({"docker": {"pasword": "hunter2"}}, ".docker.pasword is unknown. Did you mean: 'password'?"),
        ({"docker": {"password": ["hunter2"]}}, ".docker.password is a list; it takes text"),
        ({"domains": "shop.example.com"}, ".domains is text; it takes a list of mappings"),
        ({"domains": {"host": "a"}}, ".domains is a mapping; it takes a list of mappings"),
        ({"domains": ["shop.example.com"]}, ".domains[0] is text; it takes a mapping of suboptions"),
    ],
)
def test_a_mistake_is_told_with_its_path(options: dict[str, Any], said: str) -> None:
    (told,) = of_web(**options)
    assert told.startswith(WEB + said), told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "options",
    [
        {"replicas": "2", "cpu": "0.5", "auto_deploy": "yes", "args": "a,b", "certificate": "none"},
        {"replicas": None, "docker": None, "domains": None, "labels": {}},
        {"docker": '{"image": "nginx"}', "domains": [], "codes": ["200"]},
    ],
)
def test_what_ansible_takes_is_right(options: dict[str, Any]) -> None:
    assert of_web(**options) == []


def test_all_mistakes_are_told_at_once_and_entries_without_a_name_of_their_own_by_position() -> None:
    projects = [
        {"name": "shop", "enviroments": 1, "applications": [{"replicas": "two"}, {"name": "a b/c", "cpu": "x"}]},
        {"name": "twice", "zzzz": 1},
        {"name": "twice", "zzzz": 1},
        "shop",
    ]
    assert [one.partition(" is ")[0] for one in mistakes_in(SPEC, {"projects": projects})] == [
        "projects[shop].enviroments",
        "projects[shop].applications[0].replicas",
        "missing required arguments: projects[shop].applications[0].name",
        "projects[shop].applications[1].cpu",
        "projects[1].zzzz",
        "projects[2].zzzz",
        "projects[3]",
    ]
    assert mistakes_in(SPEC, {}) == ["missing required arguments: projects"]


def test_many_mistakes_make_a_short_text() -> None:
    told = of_web(**{"option_%d" % number: "x" * 5000 for number in range(100)}, **{"y" * 5000: 1})
    text = in_one_text(told)
    assert len(told) == 101 and len(text) < 1900
    shown = text.count(" is unknown.")
    assert text.endswith(" And %d more." % (101 - shown)) and shown > 3
    assert in_one_text(["a is b", "c is d. Did you mean: 'e'?"]) == "a is b. c is d. Did you mean: 'e'?"


def test_of_equal_mistakes_ten_are_told_and_how_many_more_there_are() -> None:
    applications = [{"name": "web%d" % number, "relpicas": 2} for number in range(1000)]
    project = {"name": "shop", "applications": [*applications, {"name": "db", "cpu": "much"}]}
    mistakes = mistakes_in(SPEC, {"projects": [project]})
    error = refusal(mistakes)
    shown = error.details["mistakes"]
    assert len(mistakes) == 1001 and len(shown) == 12
    assert shown[0] == mistakes[0] and shown[9] == mistakes[9]
    assert shown[10] == "projects[shop].applications[db].cpu is text; it takes a number"
    assert shown[11] == "And 990 more of the kind projects[].applications[].relpicas is unknown."
    assert len(str(error)) < 2000
    # The action adds places to what the module has grouped, and groups it with mistakes of its own.
    located = [text.replace(" is ", " (shop.yml:12:7) is ", 1) for text in shown[:11]]
    assert grouped(["pojects is unknown", *located, shown[11]]) == ["pojects is unknown", *located, shown[11]]


def test_of_many_kinds_of_mistakes_the_first_are_told() -> None:
    assert grouped(["%s is wrong" % ("a" * number) for number in range(1, 61)])[49:] == [
        "%s is wrong" % ("a" * 50),
        "And 10 more of other kinds.",
    ]


def test_what_may_be_meant_lists_no_names_that_are_much_less_similar() -> None:
    def hint(key: str) -> str:
        return mistakes_in(SPEC, {"projects": [{"name": "shop", "applications": [{"name": "web", key: 1}]}]})[0]

    # "codes" is similar, too.
    assert hint("docker_").endswith("Did you mean: 'docker'?")
    assert hint("domian").endswith("Did you mean: 'domains'?")
    # Where nothing similar is, or below it, the names of other places help.
    assert hint("image").endswith("Did you mean: 'projects[].applications[].docker.image'?")

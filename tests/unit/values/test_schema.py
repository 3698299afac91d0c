# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The problem of an answer: the place, but never the value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.responses import answers_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import (
    TEXT,
    Shape,
    both,
    list_of,
    needed,
    object_of,
    wrong,
)

ID = {"applicationId": "a"}
DEEP: Any = "x"
for _unused in range(70):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("procedure", "value", "words"),
    [
        ("project.all", [{"projectId": "p", "new": 1}], None),
        ("project.all", None, "the value is missing"),
        ("project.all", {}, "the value is an object instead of a list"),
        ("deployment.all", {"ok": True}, "the value is an object instead of a list"),
        ("docker.getServiceContainersByAppName", None, "the value is missing"),
        ("project.all", [None], "[0] is missing"),
        ("project.all", [{"projectId": None}], "[0].projectId is missing"),
        ("project.all", [{"projectId": "p", "environments": 5}], "[0].environments is a number instead of a list"),
        ("application.one", {**ID, "env": ["A=zzsecret"]}, "env is a list instead of text"),
        ("application.one", {**ID, "replicas": True}, "replicas is true or false instead of a number"),
        ("application.one", {**ID, "healthCheckSwarm": "text"}, "healthCheckSwarm is text instead of an object"),
        ("application.one", {**ID, "networkSwarm": {"Target": "a"}}, "networkSwarm is an object instead of a list"),
        (
            "application.one",
            {"applicationId": "a", "labelsSwarm": {"a": []}},
            "labelsSwarm.a is a list instead of a single value",
        ),
        (
            "application.one",
            {"applicationId": "a", "domains": [{"domainId": 1}]},
            "domains[0].domainId is a number instead of text",
        ),
        (
            "application.one",
            {"applicationId": "a", "healthCheckSwarm": {"Test": DEEP}},
            "healthCheckSwarm.Test is nested too deeply",
        ),
        ("schedule.list", [{"name": "n"}], "[0].scheduleId is missing"),
    ],
)
def test_the_problem_of_a_value_is_named(procedure: str, value: Any, words: str | None) -> None:
    assert wrong(answers_of(APPLICATION)[procedure], value) == words


@pytest.mark.parametrize("shape", [TEXT, list_of(TEXT), object_of(one=TEXT)], ids=str)
def test_what_one_reader_needs_is_needed_by_both(shape: Shape) -> None:
    assert both(shape, needed(shape)) == both(needed(shape), shape) == needed(shape)
    assert both(shape, shape) == shape

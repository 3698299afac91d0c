# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which the plans of many resources are carried out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.planned import Planned, waves
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import PROJECT

NOTHING: Any = None


def planned(**needs: str) -> list[Planned]:
    """Plans by the keys of their nodes, each with the keys that it needs."""
    return [Planned(Node(PROJECT, {}, key), NOTHING, frozenset(needed.split())) for key, needed in needs.items()]


def keys(found: list[list[Planned]]) -> list[list[str]]:
    return [[one.node.key for one in wave] for wave in found]


def test_what_needs_nothing_of_each_other_is_in_one_wave() -> None:
    found = waves(planned(web="project key", project="", key="", db="project", landing="project"))
    assert keys(found) == [["project", "key"], ["web", "db", "landing"]]


def test_what_is_in_no_plan_is_not_waited_for() -> None:
    assert keys(waves(planned(registry="web"))) == [["registry"]]


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"a": "b", "b": "c", "c": "d", "d": "c", "e": ""}, "c -> d -> c"),
        ({"x": "x"}, "x -> x"),
    ],
)
def test_a_circle_is_shown(needs: dict[str, str], circle: str) -> None:
    with pytest.raises(OptionError, match=f"the references form a circle: {circle}$"):
        waves(planned(**needs))


@given(st.lists(st.sets(st.integers(0, 20), max_size=4), max_size=20))
def test_each_plan_comes_after_what_it_needs(graph: list[set[int]]) -> None:
    plans = planned(**{f"n{at}": " ".join(f"n{one}" for one in needs if one < at) for at, needs in enumerate(graph)})
    found = waves(plans[::-1])
    assert sorted(one.node.key for wave in found for one in wave) == sorted(one.node.key for one in plans)
    done: set[str] = set()
    for wave in found:
        assert all(one.needs <= done for one in wave)
        done |= {one.node.key for one in wave}

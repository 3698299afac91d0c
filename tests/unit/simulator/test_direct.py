# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request without HTTP gets the answer that it gets over HTTP, and is counted alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from dokploy_simulator import Simulator
from tests.support.host import Host

CALLS: dict[str, Callable[[Client], Any]] = {
    "query": lambda client: client.query("project.one", {"projectId": "größer / #1"}),
    "list": lambda client: client.query("project.all"),
    "mutation": lambda client: client.mutate("project.create", {"name": "größer #1"}),
    "refused": lambda client: client.mutate("project.create", {"name": 1}),
    "batch": lambda client: client.call_many(
        [Call("project.all", {}), Call("project.one", {"projectId": "a,b"})] * 200
    ),
    "unknown": lambda client: client.query("project.none"),
    "too long": lambda client: client.query("project.one", {"projectId": "a" * 20_000}),
}


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator() as one:
        yield one


@pytest.mark.parametrize("name", CALLS)
def test_both_ways_agree(sim: Simulator, name: str) -> None:
    def answered(direct: bool) -> tuple[str, Any]:
        sim.reset(config=True)
        client = Host(sim, direct=direct).api()
        result: Any
        try:
            result = CALLS[name](client)
        except DokployError as error:
            result = (error.kind, error.message)
        finally:
            client.close()
        if name == "mutation":
            result = (result.keys(), result["project"]["name"])
        return str(result), sim.stats()

    assert answered(direct=True) == answered(direct=False)

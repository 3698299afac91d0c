# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record that is listed, and that its own query does not find, is not taken for absent: each resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node, observe
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from dokploy_simulator import Simulator
from tests.support.builders import create_references
from tests.support.described_options import OptionTestbed
from tests.support.examples import create, named
from tests.support.host import Host, validated
from tests.support.operations import MANAGED, ManagedResource

READ = [one for one in MANAGED if one.resource.reading.procedure and not one.resource.reading.in_listing]


@pytest.fixture(scope="module")
def testbed() -> Iterator[OptionTestbed]:
    with Simulator() as sim:
        # Faults are met over HTTP only.
        host = Host(sim)
        create_references(host)
        yield OptionTestbed(host)
        host.close()


@pytest.fixture(autouse=True)
def without_faults(testbed: OptionTestbed) -> Iterator[None]:
    yield
    testbed.host.sim.reset(state=False)


def not_found(testbed: OptionTestbed, procedure: str, times: int) -> None:
    data = {"code": "NOT_FOUND", "httpStatus": 404, "path": procedure, "zodError": None}
    body = {"message": "Record not found", "code": "NOT_FOUND", "data": data}
    testbed.host.sim.fault("status", procedure, status=404, body=body, times=times, transport="rest")


def there(testbed: OptionTestbed, managed: ManagedResource) -> dict[str, Any]:
    """The options that name one that exists."""
    testbed.count += 1
    name = f"listed-{testbed.count}"
    create(testbed.host, managed, name, testbed.homes)
    home = {"project": "shop", "environment": "production"}
    parents = {one.label: home[one.label] for one in managed.resource.parents if not one.optional}
    testbed.host.new_task()
    testbed.host.sim.reset_stats()
    return {**parents, **managed.kind, **named(managed.resource, name)}


@pytest.mark.parametrize("managed", READ, ids=str)
def test_it_is_read_again_and_never_created_a_second_time(testbed: OptionTestbed, managed: ManagedResource) -> None:
    options, host = there(testbed, managed), testbed.host
    not_found(testbed, managed.resource.reading.procedure, times=1)
    assert host.ok(managed.operation, **options)["changed"] is False
    not_found(testbed, managed.resource.reading.procedure, times=2)
    host.new_task()
    refused = host.failed(managed.operation, **options)
    assert refused["error"]["kind"] == "refused"
    assert f"but {managed.resource.reading.procedure} finds no such record" in refused["msg"]
    assert host.sim.calls("mutation") == []


def test_one_that_was_removed_meanwhile_is_absent(testbed: OptionTestbed) -> None:
    (managed,) = (one for one in READ if one.operation is APPLICATION)
    options, host = there(testbed, managed), testbed.host
    session = host.open(validated(APPLICATION, **host.connection, **options))
    session.reads.trees.of()
    host.sim.act(remove=options["name"])
    assert host.ok(APPLICATION, **options)["changed"] is True
    assert host.sim.calls()[:4] == ["project.all", "application.one", "project.all", "application.create"]


@pytest.mark.parametrize("times", [1, 2])
def test_several_that_are_read_at_once(testbed: OptionTestbed, times: int) -> None:
    (managed,) = (one for one in READ if one.operation is APPLICATION)
    stated = []
    for _unused in range(2):
        options = there(testbed, managed)
        stated.append(Node(APPLICATION.resources[0], validated(APPLICATION, **testbed.host.connection, **options)))
    context = testbed.host.context(validated(APPLICATION, **testbed.host.connection, **options))
    data = {"code": "NOT_FOUND", "httpStatus": 404, "path": "application.one"}
    error = {"json": {"message": "Application not found", "code": -32004, "data": data}}
    testbed.host.sim.fault("status", "application.one", status=404, body=[{"error": error}] * 2, transport="trpc")
    if times == 2:
        not_found(testbed, "application.one", times=1)
        with pytest.raises(Refused, match="lists it with the ID"):
            observe(stated, context)
    else:
        assert [state.row is not None for state in observe(stated, context)] == [True, True]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each state is a plan that is made before anything is written: of a removal also the steps are those that are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import ABSENT, planned_again
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Step, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure import certificate_files
from dokploy_simulator import Simulator
from tests.support.builders import create_references
from tests.support.described_options import OptionTestbed
from tests.support.examples import create, example_of, named
from tests.support.host import Host, validated
from tests.support.operations import MANAGED, ManagedResource


@pytest.fixture(scope="module")
def testbed() -> Iterator[OptionTestbed]:
    with Simulator() as sim:
        host = Host(sim)
        create_references(host)
        yield OptionTestbed(host)
        host.close()


def created(testbed: OptionTestbed, managed: ManagedResource) -> dict[str, Any]:
    """The options that find a new one, for the next task."""
    testbed.count += 1
    name, resource = f"one-{testbed.count}", managed.resource
    create(testbed.host, managed, name, testbed.homes)
    home = {"project": "shop", "environment": "production"}
    parents = {one.label: home[one.label] for one in resource.parents if not one.optional}
    testbed.host.new_task()
    return {**parents, **managed.kind, **named(resource, name)}


@pytest.mark.parametrize("managed", [one for one in MANAGED if not one.resource.single], ids=str)
def test_the_plan_of_a_removal_is_what_is_sent(testbed: OptionTestbed, managed: ManagedResource) -> None:
    host, resource, operation = testbed.host, managed.resource, managed.operation
    options = {**created(testbed, managed), **example_of(resource).removal, "state": "absent"}
    params = validated(operation, **host.connection, **options)
    context = host.context(params)
    context.reads.resources = operation.resources
    (state,) = ABSENT.observe([Node(resource, params)], context)
    host.sim.reset_stats()
    planned = ABSENT.plan(state, context)
    assert host.sim.calls() == []
    assert planned.difference.changed and planned.facts is not None
    assert host.ok(operation, **options)["diff"] == planned.difference.result()["diff"]
    # After the removal of a certificate, a file is written again.
    sent = [getattr(step, "procedure", certificate_files.WRITE) for step in planned.steps if _writes(step)]
    assert sent and host.sim.calls("mutation") == sent
    # It is planned again from what there is now.
    host.new_task()
    context = host.context(params)
    again = ABSENT.plan(*ABSENT.observe([Node(resource, params)], context), context)
    assert (again.steps, again.facts, again.difference.changed) == ((), None, False)


def _writes(step: Step) -> bool:
    return isinstance(step, (Write, certificate_files.ServeCertificate))


#: One kind of each resource.
KINDS = {one.resource.name: one for one in reversed(MANAGED)}
STATES = [
    (one, state)
    for one in KINDS.values()
    for state in one.resource.states.transitions
    if state not in ("present", "absent")
]
FURTHER: dict[str, dict[str, Any]] = {"rebuilt": {"force": True}, "validated": {"required_components": []}}
#: Those that need nothing that runs or answers.
QUICK = ("rotated", "synced", "validated")


@pytest.mark.parametrize(("managed", "state"), STATES, ids=str)
def test_the_plan_of_a_state_is_what_check_mode_shows(
    testbed: OptionTestbed, managed: ManagedResource, state: str
) -> None:
    host, resource, operation = testbed.host, managed.resource, managed.operation
    options = {**created(testbed, managed), **FURTHER.get(state, {}), "state": state}
    params = validated(operation, **host.connection, **options)
    context = host.context(params, check=True)
    context.reads.resources = operation.resources
    host.sim.reset_stats()
    planned = planned_again(Node(resource, params), context)
    assert host.sim.calls("mutation") == []
    host.new_task()
    shown = host.ok(operation, check=True, **options)
    assert shown["changed"] == planned.difference.changed
    assert shown.get("diff", planned.difference.result()["diff"]) == planned.difference.result()["diff"]
    if state in QUICK:
        host.new_task()
        done = host.ok(operation, **options)
        assert (done["changed"], done.get("diff")) == (shown["changed"], shown.get("diff"))

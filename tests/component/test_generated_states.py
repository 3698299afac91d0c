# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change resources from generated states to generated states.

``DOKPLOY_TEST_EXAMPLES`` sets how many examples each property gets; with it the examples differ each time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import IN_FILE
from tests.support.examples import example_of
from tests.support.expected_state import (
    child_mismatches,
    mismatches,
    rows_of,
    unexpected_changes,
)
from tests.support.operations import MANAGED, OPERATIONS, ManagedResource
from tests.support.property_runner import enough, run_property
from tests.support.resettable_server import ResettableServer
from tests.support.run_verification import VerifiedRun, run, verify_run
from tests.support.snapshots import Snapshot, stored_row, table_name
from tests.support.strategies.desired_states import rephrase, resource_states
from tests.support.strategies.external_rows import children_rows, rows, write_rows

# Several kinds of a module share its examples.
SHARE = {str(one): sum(other.operation is one.operation for other in MANAGED) for one in MANAGED}
each = pytest.mark.parametrize("managed", MANAGED, ids=str)


def examples(managed: ManagedResource, number: int) -> int:
    return max(number // SHARE[str(managed)], 4)


def two_states(resource: Resource) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """A state and one that often has to do with it."""
    return resource_states(resource, most=12).flatmap(
        lambda first: st.tuples(st.just(first), resource_states(resource, first))
    )


def only_the_stated(server: ResettableServer, managed: ManagedResource, verified: VerifiedRun) -> None:
    """What was stated is so, and nothing else was touched."""
    resource, key = managed.resource, server.own[str(managed)]
    children = [child for child in resource.children if child.option in verified.params]
    lists = {child.option: verified.params[child.option] for child in children}
    refused = verified.outcome == "refused"
    assert refused or not any(child.option in IN_FILE for child in children) or server.refused_files() == []
    assert unexpected_changes(resource, verified, key, lists) == set()
    if refused:
        return
    assert (
        mismatches(resource, verified.params, stored_row(verified.after.tables[table_name(resource)], resource, key))
        == []
    )
    for child in children:
        found, items = rows_of(verified.after, resource, child, key), lists[child.option]
        assert len(found) == len(items)
        for item in items:
            assert child_mismatches(child, item, found) == []


@each
def test_from_a_state_to_another(server: ResettableServer, managed: ManagedResource) -> None:
    resource, module = managed.resource, managed.operation.name

    def walk(drawn: tuple[tuple[dict[str, Any], dict[str, Any]], int]) -> str:
        (first, second), number = drawn
        server.reset()
        addresses = server.addresses(managed)
        run(server.host, module, {**addresses[0], **first})
        params = {**addresses[number % len(addresses)], **second}
        other = addresses[(number + 1) % len(addresses)]
        words = {**other, **rephrase(resource, second, server.reference_ids)}
        verified = verify_run(server.host, module, params, result_key=resource.name, otherwise=[words])
        only_the_stated(server, managed, verified)
        return verified.outcome

    drawn = st.tuples(two_states(resource), st.integers(0, 11))
    seen = run_property(str(managed), drawn, walk, examples=examples(managed, 40))
    assert not enough(seen) or seen["changed"] >= seen["refused"]


# Of what is in an object, the server accepts only what the modules write, too.
LEFT = [one for one in MANAGED if one.resource.scope != "project" and not one.resource.packed[0]]
# What cannot be changed in place is as it was created.
LEFT = [one for one in LEFT if one.resource.updating.procedure]


@pytest.mark.parametrize("managed", LEFT, ids=str)
def test_from_what_others_left(server: ResettableServer, managed: ManagedResource) -> None:
    """Columns and children as the web interface and other clients write them."""
    resource, module = managed.resource, managed.operation.name

    def walk(drawn: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> str:
        left, children, desired = drawn
        server.reset()
        address = managed.of(server.own[str(managed)])
        write_rows(server.host, resource, server.own[str(managed)], left, children)
        words = {**address, **rephrase(resource, desired, server.reference_ids)}
        verified = verify_run(server.host, module, {**address, **desired}, result_key=resource.name, otherwise=[words])
        only_the_stated(server, managed, verified)
        return verified.outcome

    drawn = st.tuples(rows(resource), children_rows(resource), resource_states(resource, most=6))
    seen = run_property(f"what others left of {managed}", drawn, walk, examples=examples(managed, 30))
    assert not enough(seen) or seen["changed"] * 2 >= seen["refused"]


# --- there and back --------------------------------------------------------------------------------------------------


def stated_of(resource: Resource, shown: dict[str, Any], desired: dict[str, Any]) -> dict[str, Any]:
    """What an ``_info`` module shows, as options: those that a wish will change, and the source."""
    options = {option.name: option for option in resource.options}
    found: dict[str, Any] = {}
    for name, option in options.items():
        value = shown.get(name)
        if value is None or (name not in desired and getattr(option, "selects", None) is None):
            continue
        if isinstance(option, Group):
            unseen = {field.name for field in option.fields if not field.compared}
            value = {key: part for key, part in value.items() if part is not None and key not in unseen}
        found[name] = value
    for name, child in ((child.option, child) for child in resource.children):
        if name in desired:
            fields = {field.name for field in child.fields if not field.input_only}
            # An empty text clears what a wish will have set.
            wished = {key for item in desired[name] for key in item}
            found[name] = [
                {key: row[key] for key in fields if row[key] not in (None, "") or (row[key] == "" and key in wished)}
                for row in shown[name]
            ]
    return found


def state_of(resource: Resource, now: Snapshot, key: str, desired: dict[str, Any]) -> dict[str, Any]:
    """The columns that count, null and empty being one, and the children without what the server gives them.

    Those of other sources than the chosen one stay as they were written, and count for nothing.
    """
    row = stored_row(now.tables[table_name(resource)], resource, key)
    found: dict[str, Any] = {}
    for path, field, group in resource.fields():
        if group is not None and group.selects is not None and row[group.selects[0].api] != group.name:
            continue
        value = field.shown(row.get(field.api))
        stored = row.get(field.api)
        if isinstance(stored, list) and isinstance(value, list) and field.same(stored[::-1], stored):
            # The order means nothing.
            value = sorted(value, key=repr)
        found[".".join(path)] = None if value in ("", [], {}, None) else value
    for child in resource.children:
        if child.option in desired:
            fields = [field for field in child.fields if not field.input_only]
            own = rows_of(now, resource, child, key)
            found[child.option] = sorted(repr([field.shown(one[field.api]) or None for field in fields]) for one in own)
    return found


@each
def test_there_and_back(server: ResettableServer, managed: ManagedResource) -> None:
    """What ``_info`` shows of a state brings it back after another one, and nothing of the other one is left."""
    resource, module = managed.resource, managed.operation.name
    listed = [child.option for child in resource.children if child.listing]
    include = {"include": listed} if "include" in OPERATIONS[f"{module}_info"].options else {}

    def walk(drawn: tuple[dict[str, Any], dict[str, Any]]) -> str:
        first, second = drawn
        server.reset()
        key = server.own[str(managed)]
        address = managed.of(key)
        run(server.host, module, {**address, **example_of(resource).existing})
        run(server.host, module, {**address, **first})
        before = state_of(resource, server.now(), key, second)
        stated = {**address, **managed.opened, **include}
        info, writes = run(server.host, f"{module}_info", stated, show_secrets=True)
        assert writes == []
        (shown,) = info[resource.listing.results]
        there, _writes = run(server.host, module, {**address, **second})
        if there.get("failed"):
            return "refused"
        back = verify_run(
            server.host, module, {**address, **stated_of(resource, shown, second)}, result_key=resource.name
        )
        assert back.outcome != "refused", back.real["msg"]
        assert state_of(resource, server.now(), key, second) == before
        return back.outcome

    drawn = two_states(resource)
    seen = run_property(f"{managed} and back", drawn, walk, examples=examples(managed, 10))
    assert not enough(seen) or seen["changed"] >= seen["refused"]

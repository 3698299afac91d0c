# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change resources from generated states to generated states.

``DOKPLOY_TEST_EXAMPLES`` sets how many examples each property gets; with it the examples differ each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources import application
from tests.support.expected_state import (
    CHILDREN,
    RESOURCES,
    child_mismatches,
    mismatches,
    rows_of,
    unexpected_changes,
)
from tests.support.property_runner import run_property
from tests.support.resettable_server import ResettableServer, resettable_server
from tests.support.run_verification import VerifiedRun, run, verify_run
from tests.support.snapshots import Snapshot
from tests.support.strategies.desired_states import rephrase, resource_states
from tests.support.strategies.external_rows import APPLICATION_ROWS, ROWS, write_rows


@pytest.fixture(scope="module")
def server() -> Iterator[ResettableServer]:
    with resettable_server() as one:
        yield one


def two_states(resource: Resource) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """A state and one that often has to do with it."""
    return resource_states(resource, most=12).flatmap(
        lambda first: st.tuples(st.just(first), resource_states(resource, first))
    )


TABLES = {"dokploy_project": "projects", "dokploy_environment": "environments", "dokploy_application": "applications"}


def resource_id(server: ResettableServer, module: str) -> str:
    name = {"dokploy_environment": "staging_id"}.get(module, f"{RESOURCES[module].name}_id")
    return server.ids[name]


def only_the_stated(server: ResettableServer, module: str, verified: VerifiedRun) -> None:
    """What was stated is so, and nothing else was touched."""
    resource, key = RESOURCES[module], resource_id(server, module)
    lists = {name: value for name, value in verified.params.items() if name in CHILDREN}
    assert (
        verified.outcome == "refused" or all(not CHILDREN[name].file for name in lists) or server.refused_files() == []
    )
    assert unexpected_changes(resource, verified, TABLES[module], key, lists) == set()
    if verified.outcome == "refused":
        return
    assert mismatches(resource, verified.params, verified.after.tables[TABLES[module]][key]) == []
    for option, items in lists.items():
        rows = rows_of(verified.after, option, key)
        assert len(rows) == len(items)
        for item in items:
            assert child_mismatches(CHILDREN[option], item, rows) == []


@pytest.mark.parametrize("module", RESOURCES)
def test_from_a_state_to_another(server: ResettableServer, module: str) -> None:
    resource = RESOURCES[module]

    def walk(drawn: tuple[tuple[dict[str, Any], dict[str, Any]], int]) -> str:
        (first, second), number = drawn
        server.reset()
        addresses = server.addresses(resource.name)
        run(server.host, module, {**addresses[0], **first})
        params = {**addresses[number % len(addresses)], **second}
        other = addresses[(number + 1) % len(addresses)]
        words = {**other, **rephrase(resource, second, server.reference_ids)}
        verified = verify_run(server.host, module, params, result_key=resource.name, otherwise=[words])
        only_the_stated(server, module, verified)
        return verified.outcome

    seen = run_property(module, st.tuples(two_states(resource), st.integers(0, 11)), walk, examples=40)
    assert seen["changed"] > seen["refused"]


def test_from_what_others_left(server: ResettableServer) -> None:
    """Columns and children as the web page and other clients write them."""
    module, resource = "dokploy_application", application.APPLICATION

    def walk(drawn: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> str:
        columns, rows, desired = drawn
        server.reset()
        address = {"application_id": server.ids["application_id"]}
        write_rows(server.host, address["application_id"], columns, rows)
        words = {**address, **rephrase(resource, desired, server.reference_ids)}
        verified = verify_run(server.host, module, {**address, **desired}, result_key=resource.name, otherwise=[words])
        only_the_stated(server, module, verified)
        return verified.outcome

    drawn = st.tuples(APPLICATION_ROWS, ROWS, resource_states(resource, most=6))
    seen = run_property("what others left", drawn, walk, examples=30)
    assert seen["changed"] > seen["refused"]


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
            value = {key: part for key, part in value.items() if part is not None}
        found[name] = value
    for name, child in CHILDREN.items():
        if name in desired:
            fields = {field.name for field in child.fields if not field.input_only}
            found[name] = [{key: row[key] for key in fields if row[key] not in (None, "")} for row in shown[name]]
    return found


def state_of(resource: Resource, now: Snapshot, module: str, key: str, desired: dict[str, Any]) -> dict[str, Any]:
    """The columns that count, null and empty being one, and the children without what the server gives them.

    Those of other sources than the chosen one stay as they were written, and count for nothing.
    """
    row = now.tables[TABLES[module]][key]
    found: dict[str, Any] = {}
    for path, field, group in resource.fields():
        if group is not None and group.selects is not None and row[group.selects[0].api] != group.name:
            continue
        value = field.shown(row[field.api])
        found[".".join(path)] = None if value in ("", [], {}, None) else value
    for option in CHILDREN:
        if option in desired:
            fields = [field for field in CHILDREN[option].fields if not field.input_only]
            rows = rows_of(now, option, key)
            found[option] = sorted(repr([field.shown(row[field.api]) or None for field in fields]) for row in rows)
    return found


@pytest.mark.parametrize("module", RESOURCES)
def test_there_and_back(server: ResettableServer, module: str) -> None:
    """What ``_info`` shows of a state brings it back after another one, and nothing of the other one is left."""
    resource = RESOURCES[module]
    include = {"include": [child.option for child in resource.children if child.listing]} if resource.children else {}

    def walk(drawn: tuple[dict[str, Any], dict[str, Any]]) -> str:
        first, second = drawn
        server.reset()
        key = resource_id(server, module)
        address = {resource.id_option: key}
        # A source that can be stated, which a fresh application does not have.
        start = {"docker": {"image": "nginx"}} if module == "dokploy_application" else {}
        run(server.host, module, {**address, **start})
        run(server.host, module, {**address, **first})
        before = state_of(resource, server.now(), module, key, second)
        info, writes = run(
            server.host, f"{module}_info", {**address, "include_secrets": True, **include}, show_secrets=True
        )
        assert writes == []
        (shown,) = info[f"{resource.name}s"]
        there, _writes = run(server.host, module, {**address, **second})
        if there.get("failed"):
            return "refused"
        back = verify_run(
            server.host, module, {**address, **stated_of(resource, shown, second)}, result_key=resource.name
        )
        assert back.outcome != "refused", back.real["msg"]
        assert state_of(resource, server.now(), module, key, second) == before
        return back.outcome

    seen = run_property(f"{module} and back", two_states(resource), walk)
    assert seen["changed"] > seen["refused"]

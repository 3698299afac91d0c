# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources brought from generated states to generated states.

``DOKPLOY_TEST_EXAMPLES`` is how many examples each property is tried with; a number of one's own also makes them new
ones each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources import application
from tests.support.managed import (
    CHILDREN,
    RESOURCES,
    child_not_so,
    not_so,
    rows_of,
    strangers,
)
from tests.support.proof import Proof, carried_out, run
from tests.support.snapshots import Snapshot
from tests.support.tries import tried
from tests.support.webstates import APPLICATION_ROWS, ROWS, leave
from tests.support.wishes import resource_wishes, reworded
from tests.support.worlds import World, world


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    with world() as one:
        yield one


def two_wishes(resource: Resource) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """A state and one that often has to do with it."""
    return resource_wishes(resource, most=12).flatmap(
        lambda first: st.tuples(st.just(first), resource_wishes(resource, first))
    )


TABLES = {"dokploy_project": "projects", "dokploy_environment": "environments", "dokploy_application": "applications"}


def resource_id(place: World, module: str) -> str:
    name = {"dokploy_environment": "staging_id"}.get(module, f"{RESOURCES[module].name}_id")
    return place.ids[name]


def only_the_stated(place: World, module: str, proof: Proof) -> None:
    """What was stated is so, and nothing else was touched."""
    resource, key = RESOURCES[module], resource_id(place, module)
    lists = {name: value for name, value in proof.params.items() if name in CHILDREN}
    assert (
        proof.outcome == "refused" or all(CHILDREN[name].file is None for name in lists) or place.refused_files() == []
    )
    assert strangers(resource, proof, TABLES[module], key, lists) == set()
    if proof.outcome == "refused":
        return
    assert not_so(resource, proof.params, proof.after.tables[TABLES[module]][key]) == []
    for option, items in lists.items():
        rows = rows_of(proof.after, option, key)
        assert len(rows) == len(items)
        for item in items:
            assert child_not_so(CHILDREN[option], item, rows) == []


@pytest.mark.parametrize("module", RESOURCES)
def test_from_a_state_to_another(place: World, module: str) -> None:
    resource = RESOURCES[module]

    def walk(drawn: tuple[tuple[dict[str, Any], dict[str, Any]], int]) -> str:
        (first, second), number = drawn
        place.again()
        addresses = place.addresses(resource.name)
        run(place.host, module, {**addresses[0], **first})
        params = {**addresses[number % len(addresses)], **second}
        other = addresses[(number + 1) % len(addresses)]
        words = {**other, **reworded(resource, second, place.reference_ids)}
        proof = carried_out(place.host, module, params, subject=resource.name, otherwise=[words])
        only_the_stated(place, module, proof)
        return proof.outcome

    seen = tried(module, st.tuples(two_wishes(resource), st.integers(0, 11)), walk, examples=40)
    assert seen["changed"] > seen["refused"]


def test_from_what_others_left(place: World) -> None:
    """Columns and children as the web page and other clients write them."""
    module, resource = "dokploy_application", application.APPLICATION

    def walk(drawn: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> str:
        columns, rows, wish = drawn
        place.again()
        address = {"application_id": place.ids["application_id"]}
        leave(place.host, address["application_id"], columns, rows)
        words = {**address, **reworded(resource, wish, place.reference_ids)}
        proof = carried_out(place.host, module, {**address, **wish}, subject=resource.name, otherwise=[words])
        only_the_stated(place, module, proof)
        return proof.outcome

    drawn = st.tuples(APPLICATION_ROWS, ROWS, resource_wishes(resource, most=6))
    seen = tried("what others left", drawn, walk, examples=30)
    assert seen["changed"] > seen["refused"]


# --- there and back --------------------------------------------------------------------------------------------------


def stated_of(resource: Resource, shown: dict[str, Any], wish: dict[str, Any]) -> dict[str, Any]:
    """What an ``_info`` module shows, as options: those that a wish will change, and the source."""
    options = {option.name: option for option in resource.options}
    found: dict[str, Any] = {}
    for name, option in options.items():
        value = shown.get(name)
        if value is None or (name not in wish and getattr(option, "family", "") != "source"):
            continue
        if isinstance(option, Group):
            value = {key: part for key, part in value.items() if part is not None}
        found[name] = value
    for name, child in CHILDREN.items():
        if name in wish:
            fields = {field.name for field in child.fields if not field.input_only}
            found[name] = [{key: row[key] for key in fields if row[key] not in (None, "")} for row in shown[name]]
    return found


def state_of(resource: Resource, now: Snapshot, module: str, key: str, wish: dict[str, Any]) -> dict[str, Any]:
    """The columns that count, null and empty being one, and the children without what the server gives them.

    Those of other sources than the chosen one stay as they were written, and count for nothing.
    """
    row = now.tables[TABLES[module]][key]
    found: dict[str, Any] = {}
    for path, field, group in resource.fields():
        if group is not None and group.selects is not None and row[group.selects[0].api] != group.name:
            continue
        value = field.to_word(row[field.api])
        found[".".join(path)] = None if value in ("", [], {}, None) else value
    for option in CHILDREN:
        if option in wish:
            fields = [field for field in CHILDREN[option].fields if not field.input_only]
            rows = rows_of(now, option, key)
            found[option] = sorted(repr([field.to_word(row[field.api]) or None for field in fields]) for row in rows)
    return found


@pytest.mark.parametrize("module", RESOURCES)
def test_there_and_back(place: World, module: str) -> None:
    """What ``_info`` shows of a state brings it back after another one, and nothing of the other one is left."""
    resource = RESOURCES[module]
    include = {"include": [child.option for child in resource.children if child.listing]} if resource.children else {}

    def walk(drawn: tuple[dict[str, Any], dict[str, Any]]) -> str:
        first, second = drawn
        place.again()
        key = resource_id(place, module)
        address = {resource.id_option: key}
        # A source that can be stated, which a fresh application does not have.
        start = {"docker": {"image": "nginx"}} if module == "dokploy_application" else {}
        run(place.host, module, {**address, **start})
        run(place.host, module, {**address, **first})
        before = state_of(resource, place.now(), module, key, second)
        info, writes = run(place.host, f"{module}_info", {**address, "include_secrets": True, **include}, leaks=True)
        assert writes == []
        (shown,) = info[f"{resource.name}s"]
        there, _writes = run(place.host, module, {**address, **second})
        if there.get("failed"):
            return "refused"
        back = carried_out(place.host, module, {**address, **stated_of(resource, shown, second)}, subject=resource.name)
        assert back.outcome != "refused", back.real["msg"]
        assert state_of(resource, place.now(), module, key, second) == before
        return back.outcome

    seen = tried(f"{module} and back", two_wishes(resource), walk)
    assert seen["changed"] > seen["refused"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change one child of a resource from generated states to generated states; its siblings stay.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_generated_states.py``."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import IN_FILE
from tests.support.examples import child_example
from tests.support.expected_state import child_columns, child_mismatches, rows_of
from tests.support.operations import MANAGED_CHILDREN, ManagedChild
from tests.support.property_runner import enough, run_property
from tests.support.resettable_server import ResettableServer
from tests.support.run_verification import VerifiedRun, find_differences, predict, run, verify_run
from tests.support.snapshots import table_of_key
from tests.support.strategies.desired_states import child_lists, child_states, rephrase_item
from tests.support.strategies.external_rows import child_rows, write_rows


def in_turn() -> list[ManagedChild]:
    """Each child in each resource that it can belong to; of several kinds of the resource in one, in turn."""
    found: dict[tuple[str, str], list[ManagedChild]] = {}
    for one in MANAGED_CHILDREN:
        found.setdefault((one.child.option, one.parent.name), []).append(one)
    return [kinds[zlib.crc32(name.encode()) % len(kinds)] for (name, _parent), kinds in found.items()]


CHILDREN = in_turn()


def examples(managed: ManagedChild, number: int) -> int:
    """The first parent gets all of them, each of the others a part."""
    first = next(one for one in CHILDREN if one.operation is managed.operation)
    return number if first is managed else max(number // 3, 8)


def addresses(server: ResettableServer, managed: ManagedChild) -> list[dict[str, str]]:
    """The ways to name the parent."""
    return [managed.parent.as_parent(address) for address in server.addresses(managed.parent)]


def only_this_one(managed: ManagedChild, verified: VerifiedRun, parent_id: str) -> None:
    """At most one row of this kind was touched, in the columns that were stated, and nothing else."""
    child, resource = managed.child, managed.parent.resource
    table = table_of_key(child.id_key)
    rows = {change.row for change in verified.touched if change.table == table}
    assert len(rows & verified.before.tables[table].keys()) <= 1
    assert len(rows & verified.after.tables[table].keys()) <= 1
    for row_id in rows:
        row = verified.after.tables[table].get(row_id) or verified.before.tables[table][row_id]
        assert row[resource.id_key] == parent_id
    columns = {change.column for change in verified.touched if change.table == table} - {None}
    assert columns <= child_columns(child, verified.params)
    elsewhere = {change.table for change in verified.touched} - {table} - child_example(resource, child).leaves
    assert elsewhere == set()


Drawn = tuple[list[dict[str, Any]], bool, dict[str, Any], int, int, bool]


def situations(managed: ManagedChild) -> st.SearchStrategy[Drawn]:
    """Rows that others left or the module made, a wish, and numbers that choose the address and a row by its id."""
    child = managed.child

    def wished(rows: tuple[list[dict[str, Any]], bool]) -> st.SearchStrategy[Drawn]:
        items, raw = rows
        earlier = st.one_of(st.none(), st.none() if raw or not items else st.sampled_from(items))
        desired = earlier.flatmap(lambda item: child_states(child, item, in_list=False))
        numbers = st.integers(0, 11)
        return st.tuples(st.just(items), st.just(raw), desired, numbers, numbers, st.sampled_from([True, True, False]))

    made = child_lists(child, [], most=3).map(lambda items: (items, False))
    left = st.lists(child_rows(managed.parent.resource, child), max_size=3).map(lambda rows: (rows, True))
    return st.one_of(made, left).flatmap(wished)


def prepared(
    server: ResettableServer, managed: ManagedChild, items: list[dict[str, Any]], raw: bool
) -> list[dict[str, Any]]:
    """The rows there are then."""
    server.reset()
    parent, option = managed.parent, managed.child.option
    resource_id = server.own[str(parent)]
    if raw:
        write_rows(server.host, parent.resource, resource_id, {}, {option: items})
    else:
        run(server.host, parent.operation.name, {**parent.of(resource_id), option: items})
    return rows_of(server.now(), parent.resource, managed.child, resource_id)


@pytest.mark.parametrize("managed", CHILDREN, ids=str)
def test_one_among_others(server: ResettableServer, managed: ManagedChild) -> None:
    child, parent_id, module = managed.child, server.own[str(managed.parent)], managed.operation.name

    def walk(drawn: Drawn) -> str:
        items, raw, desired, number, chosen, present = drawn
        rows = prepared(server, managed, items, raw)
        address = addresses(server, managed)
        own, other = address[number % len(address)], address[(number + 1) % len(address)]
        params = {**own, **desired, "state": "present" if present else "absent"}
        words = {**params, **rephrase_item(child, desired, server.reference_ids)}
        if rows and chosen % 2:
            # By its id, its key too can be changed.
            params[child.id_option] = words[child.id_option] = rows[chosen % len(rows)][child.id_key]
        elif chosen % 4 == 0 and child.generates is not None:
            for one in (params, words):
                del one[child.generates.field]
                one["generate"] = True
        words = {name: value for name, value in words.items() if name not in own}
        verified = verify_run(server.host, module, params, result_key=child.singular, otherwise=[{**other, **words}])
        if verified.outcome == "refused":
            return "refused"
        assert child.option not in IN_FILE or server.refused_files() == []
        only_this_one(managed, verified, parent_id)
        assert_applied(managed, verified, params, parent_id)
        return verified.outcome

    seen = run_property(str(managed), situations(managed), walk, examples=examples(managed, 25))
    assert not enough(seen) or seen["changed"] * 4 > seen["refused"]


def assert_applied(managed: ManagedChild, verified: VerifiedRun, params: Mapping[str, Any], parent_id: str) -> None:
    """What was stated is so, judged by the rows."""
    child = managed.child
    rows = rows_of(verified.after, managed.parent.resource, child, parent_id)
    shown = verified.real[child.singular]
    if params["state"] == "absent":
        assert shown is None or verified.real["changed"]
        return
    (own,) = [row for row in rows if row[child.id_key] == shown[child.id_option]]
    desired = {**shown, **{name: value for name, value in params.items() if name not in ("generate", "project")}}
    keys = {field.name for field in child.key_fields}
    stated = {name: desired[name] for name in desired if name in params or name in keys}
    assert child_mismatches(child, stated, [own]) == []


# --- run now ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("managed", [one for one in CHILDREN if one.child.run], ids=str)
def test_a_run_is_predicted(server: ResettableServer, managed: ManagedChild) -> None:
    """It is a change each time, so that only the foretelling is to be proven."""
    child, module = managed.child, managed.operation.name

    def walk(drawn: Drawn) -> str:
        items, raw, desired, number, chosen, _present = drawn
        rows = prepared(server, managed, items, raw)
        address = addresses(server, managed)[number % 4]
        key = child.key_fields[0].name
        params = {**address, "state": "executed", key: desired[key]}
        if rows and chosen % 2:
            params = {**address, "state": "executed", child.id_option: rows[chosen % len(rows)][child.id_key]}
        predicted, _before = predict(server.host, module, params)
        real, _writes = run(server.host, module, params)
        if predicted.get("failed"):
            assert predicted == real
            return "refused"
        assert predicted["changed"]
        if predicted.get("warnings"):
            # Of what does not exist yet check mode says that an earlier task would have to make it.
            assert real["failed"] and real["msg"].split(". ")[0] in predicted["warnings"][0]
            return "refused"
        if not real.get("failed"):
            # A run tells the file that it has made.
            predicted.update({name: real[name] for name in ("file",) if name in predicted})
            assert find_differences(predicted, real, False, params) == []
        return "changed"

    drawn = situations(managed)
    seen = run_property(f"{managed} run", drawn, walk, examples=examples(managed, 10))
    assert not enough(seen) or seen["changed"]

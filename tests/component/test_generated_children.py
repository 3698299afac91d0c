# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change one child of an application from generated states to generated states; its siblings stay.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_generated_states.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from tests.support.expected_state import MODULES, SIDE_EFFECTS, TABLES, child_columns, child_mismatches, rows_of
from tests.support.property_runner import run_property
from tests.support.resettable_server import ResettableServer, resettable_server
from tests.support.run_verification import VerifiedRun, find_differences, predict, run, verify_run
from tests.support.strategies.desired_states import child_lists, child_states, rephrase_item
from tests.support.strategies.external_rows import CHILD_ROWS, write_rows

RUN = [module for module, child in MODULES.items() if child.run is not None]


@pytest.fixture(scope="module")
def server() -> Iterator[ResettableServer]:
    with resettable_server() as one:
        yield one


def addresses(server: ResettableServer) -> list[dict[str, str]]:
    """The ways to name the application."""
    found = []
    for address in server.addresses("application"):
        found.append({"application" if name == "name" else name: value for name, value in address.items()})
    return found


def only_this_one(child: Child, verified: VerifiedRun, application_id: str) -> None:
    """At most one row of this kind was touched, in the columns that were stated, and nothing else."""
    table = TABLES[child.option]
    rows = {change.row for change in verified.touched if change.table == table}
    assert len(rows & verified.before.tables[table].keys()) <= 1
    assert len(rows & verified.after.tables[table].keys()) <= 1
    for row_id in rows:
        row = verified.after.tables[table].get(row_id) or verified.before.tables[table][row_id]
        assert row["applicationId"] == application_id
    columns = {change.column for change in verified.touched if change.table == table} - {None}
    assert columns <= child_columns(child, verified.params)
    elsewhere = {change.table for change in verified.touched} - {table} - SIDE_EFFECTS.get(child.option, frozenset())
    assert elsewhere == set()


Drawn = tuple[list[dict[str, Any]], bool, dict[str, Any], int, int, bool]


def situations(child: Child) -> st.SearchStrategy[Drawn]:
    """Rows that others left or the module made, a wish, and numbers that choose the address and a row by its id."""

    def wished(rows: tuple[list[dict[str, Any]], bool]) -> st.SearchStrategy[Drawn]:
        items, raw = rows
        earlier = st.one_of(st.none(), st.none() if raw or not items else st.sampled_from(items))
        desired = earlier.flatmap(lambda item: child_states(child, item, in_list=False))
        numbers = st.integers(0, 11)
        return st.tuples(st.just(items), st.just(raw), desired, numbers, numbers, st.sampled_from([True, True, False]))

    made = child_lists(child, [], most=3).map(lambda items: (items, False))
    left = st.lists(CHILD_ROWS[child.option], max_size=3).map(lambda rows: (rows, True))
    return st.one_of(made, left).flatmap(wished)


def prepared(server: ResettableServer, child: Child, items: list[dict[str, Any]], raw: bool) -> list[dict[str, Any]]:
    """The rows there are then."""
    server.reset()
    resource_id = server.ids["application_id"]
    if raw:
        write_rows(server.host, resource_id, {}, {child.option: items})
    else:
        run(server.host, "dokploy_application", {"application_id": resource_id, child.option: items})
    return rows_of(server.now(), child.option, resource_id)


@pytest.mark.parametrize("module", MODULES)
def test_one_among_others(server: ResettableServer, module: str) -> None:
    child = MODULES[module]

    def walk(drawn: Drawn) -> str:
        items, raw, desired, number, chosen, present = drawn
        rows = prepared(server, child, items, raw)
        address = addresses(server)
        params = {**address[number % 4], **desired, "state": "present" if present else "absent"}
        words = {**params, **rephrase_item(child, desired, server.reference_ids)}
        if rows and chosen % 2:
            # By its id, its key too can be changed.
            params[child.id_option] = words[child.id_option] = rows[chosen % len(rows)][child.id_key]
        elif chosen % 4 == 0 and child.generates is not None:
            for one in (params, words):
                del one[child.generates.field]
                one["generate"] = True
        words = {name: value for name, value in words.items() if name not in address[number % 4]}
        others = [{**address[(number + 1) % 4], **words}]
        verified = verify_run(server.host, module, params, result_key=child.singular, otherwise=others)
        if verified.outcome == "refused":
            return "refused"
        assert not child.file or server.refused_files() == []
        only_this_one(child, verified, server.ids["application_id"])
        assert_applied(child, verified, params, server)
        return verified.outcome

    seen = run_property(module, situations(child), walk, examples=25)
    assert seen["changed"] * 4 > seen["refused"]


def assert_applied(child: Child, verified: VerifiedRun, params: Mapping[str, Any], server: ResettableServer) -> None:
    """What was stated is so, judged by the rows."""
    rows = rows_of(verified.after, child.option, server.ids["application_id"])
    shown = verified.real[child.singular]
    if params["state"] == "absent":
        assert shown is None or verified.real["changed"]
        return
    (own,) = [row for row in rows if row[child.id_key] == shown[child.id_option]]
    desired = {**shown, **{name: value for name, value in params.items() if name not in ("generate", "project")}}
    assert (
        child_mismatches(
            child, {name: desired[name] for name in desired if name in params or _is_key(child, name)}, [own]
        )
        == []
    )


def _is_key(child: Child, name: str) -> bool:
    return any(field.name == name for field in child.key_fields)


# --- run now ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", RUN)
def test_a_run_is_predicted(server: ResettableServer, module: str) -> None:
    """It is a change each time, so that only the foretelling is to be proven."""
    child = MODULES[module]

    def walk(drawn: Drawn) -> str:
        items, raw, desired, number, chosen, _present = drawn
        rows = prepared(server, child, items, raw)
        address = addresses(server)[number % 4]
        params = {**address, "state": "executed", "name": desired["name"]}
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
            assert find_differences(predicted, real, False, params) == []
        return "changed"

    assert run_property(f"{module} run", situations(child), walk)["changed"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One child of an application among others, brought from generated states to generated states; its siblings stay.

``DOKPLOY_TEST_EXAMPLES`` as in ``test_states.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from tests.support.managed import BESIDE, MODULES, TABLES, child_columns, child_not_so, rows_of
from tests.support.proof import Proof, carried_out, foretell, run, unlike
from tests.support.tries import tried
from tests.support.webstates import CHILD_ROWS, leave
from tests.support.wishes import child_lists, child_wishes, reworded_item
from tests.support.worlds import World, world

RUN = [module for module, child in MODULES.items() if child.run is not None]


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    with world() as one:
        yield one


def addresses(place: World) -> list[dict[str, str]]:
    """The ways to name the application."""
    found = []
    for address in place.addresses("application"):
        found.append({"application" if name == "name" else name: value for name, value in address.items()})
    return found


def only_this_one(child: Child, proof: Proof, application_id: str) -> None:
    """At most one row of this kind was touched, in the columns that were stated, and nothing else."""
    table = TABLES[child.option]
    rows = {place.row for place in proof.touched if place.table == table}
    assert len(rows & proof.before.tables[table].keys()) <= 1
    assert len(rows & proof.after.tables[table].keys()) <= 1
    for row_id in rows:
        row = proof.after.tables[table].get(row_id) or proof.before.tables[table][row_id]
        assert row["applicationId"] == application_id
    columns = {place.column for place in proof.touched if place.table == table} - {None}
    assert columns <= child_columns(child, proof.params)
    elsewhere = {place.table for place in proof.touched} - {table} - BESIDE.get(child.option, frozenset())
    assert elsewhere == set()


Drawn = tuple[list[dict[str, Any]], bool, dict[str, Any], int, int, bool]


def situations(child: Child) -> st.SearchStrategy[Drawn]:
    """Rows that others left or the module made, a wish, and numbers that choose the address and a row by its id."""

    def wished(rows: tuple[list[dict[str, Any]], bool]) -> st.SearchStrategy[Drawn]:
        items, raw = rows
        earlier = st.one_of(st.none(), st.none() if raw or not items else st.sampled_from(items))
        wish = earlier.flatmap(lambda item: child_wishes(child, item, in_list=False))
        numbers = st.integers(0, 11)
        return st.tuples(st.just(items), st.just(raw), wish, numbers, numbers, st.sampled_from([True, True, False]))

    made = child_lists(child, [], most=3).map(lambda items: (items, False))
    left = st.lists(CHILD_ROWS[child.option], max_size=3).map(lambda rows: (rows, True))
    return st.one_of(made, left).flatmap(wished)


def prepared(place: World, child: Child, items: list[dict[str, Any]], raw: bool) -> list[dict[str, Any]]:
    """The rows there are then."""
    place.again()
    resource_id = place.ids["application_id"]
    if raw:
        leave(place.host, resource_id, {}, {child.option: items})
    else:
        run(place.host, "dokploy_application", {"application_id": resource_id, child.option: items})
    return rows_of(place.now(), child.option, resource_id)


@pytest.mark.parametrize("module", MODULES)
def test_one_among_others(place: World, module: str) -> None:
    child = MODULES[module]

    def walk(drawn: Drawn) -> str:
        items, raw, wish, number, chosen, present = drawn
        rows = prepared(place, child, items, raw)
        address = addresses(place)
        params = {**address[number % 4], **wish, "state": "present" if present else "absent"}
        words = {**params, **reworded_item(child, wish, place.reference_ids)}
        if rows and chosen % 2:
            # By its id, its key too can be changed.
            params[child.id_option] = words[child.id_option] = rows[chosen % len(rows)][child.id_key]
        elif chosen % 4 == 0 and child.generates is not None:
            for one in (params, words):
                del one[child.generates.field]
                one["generate"] = True
        words = {name: value for name, value in words.items() if name not in address[number % 4]}
        others = [{**address[(number + 1) % 4], **words}]
        proof = carried_out(place.host, module, params, subject=child.singular, otherwise=others)
        if proof.outcome == "refused":
            return "refused"
        assert child.file is None or place.refused_files() == []
        only_this_one(child, proof, place.ids["application_id"])
        came_out(child, proof, params, place)
        return proof.outcome

    seen = tried(module, situations(child), walk, examples=25)
    assert seen["changed"] * 4 > seen["refused"]


def came_out(child: Child, proof: Proof, params: Mapping[str, Any], place: World) -> None:
    """What was stated is so, judged by the rows."""
    rows = rows_of(proof.after, child.option, place.ids["application_id"])
    shown = proof.real[child.singular]
    if params["state"] == "absent":
        assert shown is None or proof.real["changed"]
        return
    (own,) = [row for row in rows if row[child.id_key] == shown[child.id_option]]
    wish = {**shown, **{name: value for name, value in params.items() if name not in ("generate", "project")}}
    assert (
        child_not_so(child, {name: wish[name] for name in wish if name in params or _is_key(child, name)}, [own]) == []
    )


def _is_key(child: Child, name: str) -> bool:
    return any(field.name == name for field in child.key_fields)


# --- run now ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", RUN)
def test_a_run_is_foretold(place: World, module: str) -> None:
    """It is a change each time, so that only the foretelling is to be proven."""
    child = MODULES[module]

    def walk(drawn: Drawn) -> str:
        items, raw, wish, number, chosen, _present = drawn
        rows = prepared(place, child, items, raw)
        address = addresses(place)[number % 4]
        params = {**address, "state": "executed", "name": wish["name"]}
        if rows and chosen % 2:
            params = {**address, "state": "executed", child.id_option: rows[chosen % len(rows)][child.id_key]}
        foretold, _before = foretell(place.host, module, params)
        real, _writes = run(place.host, module, params)
        if foretold.get("failed"):
            assert foretold == real
            return "refused"
        assert foretold["changed"]
        if foretold.get("warnings"):
            # Of what does not exist yet check mode says that an earlier task would have to make it.
            assert real["failed"] and real["msg"].split(". ")[0] in foretold["warnings"][0]
            return "refused"
        if not real.get("failed"):
            assert unlike(foretold, real, False, params) == []
        return "changed"

    assert tried(f"{module} run", situations(child), walk)["changed"]

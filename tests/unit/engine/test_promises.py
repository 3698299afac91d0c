# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that stand for values which do not exist yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import WHOLE, Outcome, with_generated
from ansible_collections.community.dokploy.plugins.module_utils._errors import ProtocolError
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse, is_marked, sources_in

HOST = FromResponse("database shop/db", "appName")
SECRET = FromResponse("database shop/db", "databasePassword")
NESTED = {"env": f"URL=postgres://u:{SECRET}@{HOST}:5432/db", "ids": [HOST, {"port": 5432, f"of {HOST}": str(HOST)}]}
ROWS = {"database shop/db": {"appName": "shop-db-1a", "databasePassword": "p"}}


def test_a_promise_is_fulfilled_at_any_depth_and_inside_texts() -> None:
    assert Outcome(rows=ROWS).value(NESTED) == {
        "env": "URL=postgres://u:p@shop-db-1a:5432/db",
        "ids": ["shop-db-1a", {"port": 5432, "of shop-db-1a": "shop-db-1a"}],
    }


def test_a_promise_keeps_the_type_of_what_it_stands_for() -> None:
    assert Outcome(rows={"a": {"number": 5432}}).value([FromResponse("a", "number")]) == [5432]


def test_an_answer_that_is_a_single_value_is_promised_as_a_whole() -> None:
    promise = FromResponse("domain.generateDomain", WHOLE)
    assert Outcome(rows={"domain.generateDomain": "a.example.com"}).value(f"{promise}/") == "a.example.com/"
    with pytest.raises(ProtocolError, match=r"domain\.generateDomain answered nothing"):
        Outcome(rows={"domain.generateDomain": ""}).value(promise)


def test_a_promise_names_its_source() -> None:
    assert set(sources_in(NESTED)) == {"database shop/db"}
    assert is_marked(NESTED["env"]) and is_marked(str(HOST)) and not is_marked(5432)


def test_results_of_check_mode_show_no_promise() -> None:
    assert with_generated(NESTED) == {
        "env": "URL=postgres://u:(generated)@(generated):5432/db",
        "ids": ["(generated)", {"port": 5432, "of (generated)": "(generated)"}],
    }


TEXTS = st.text(st.characters(exclude_characters="\0"))


@given(st.recursive(TEXTS | st.integers() | st.none(), lambda one: st.lists(one) | st.dictionaries(TEXTS, one)))
def test_what_holds_no_promise_stays(value: Any) -> None:
    assert Outcome().value(value) == with_generated(value) == value
    assert not list(sources_in(value))

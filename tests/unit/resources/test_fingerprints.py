# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a set saw of data, from the outputs of its jobs, and how restored data differs from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.fingerprints import (
    FileSums,
    KeyCounts,
    RowCounts,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.key_counts import (
    found_keys,
    key_counts,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.row_counts import (
    TableCount,
    counts_in,
    found_rows,
    row_counts,
)

SUMS = FileSums(3, 2048, "ab" * 32)


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        (SUMS, None),
        (replace(SUMS, sha256="cd" * 32), "it has 3 files with 2048 bytes as the set saw, and their names or contents"),
        (FileSums(1, 0, "cd" * 32), "it has 1 file with 0 bytes, and the set saw 3 files with 2048 bytes"),
    ],
)
def test_files_are_the_same_or_how_they_differ_is_said(found: FileSums, difference: str | None) -> None:
    said = SUMS.difference(found)
    assert said is None if difference is None else difference in str(said)


ROWS = RowCounts({"orders": [2250, 2252], "log": [1, None], "gone": [0, 0]}, True)


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ({"orders": 2251, "log": 10**9, "gone": 0, "more": 1}, None),
        ({"orders": 2250, "log": 1, "gone": 0}, None),
        ({"orders": 1, "log": 1, "gone": 0}, "the table orders has 1 rows, not 2250 to 2252"),
        ({"orders": 2253, "log": 1, "gone": 1}, "the table gone has 1 rows, not 0; the table orders has 2253"),
        ({"orders": 2250, "log": 0, "gone": 0}, "the table log has 0 rows, not at least 1"),
        ({"orders": 2250, "log": 1}, "the table gone is missing"),
    ],
)
def test_rows_are_within_their_bounds_or_each_table_is_named(found: dict[str, int], difference: str | None) -> None:
    said = ROWS.difference(found)
    assert said is None if difference is None else difference in str(said)


def test_a_database_without_tables_is_not_one_with_some() -> None:
    empty = RowCounts({}, False)
    assert empty.difference({}) is None
    assert empty.difference({"orders": 1}) == "it has the tables orders, and the set saw none"


def test_only_some_of_many_tables_are_named() -> None:
    many = RowCounts({f"t{number}": [1, 1] for number in range(9)}, False)
    assert str(many.difference({})).endswith("the table t4 is missing; and 4 more")


def lines(kind: str, *tables: tuple[str, int, int, int, int]) -> list[str]:
    rows = [
        f"fingerprint {kind} {name.encode().hex().upper()} {' '.join(map(str, numbers))}" for name, *numbers in tables
    ]
    return [*rows, f"fingerprint tables {len(tables)}"]


def test_what_a_job_has_counted_is_read_with_odd_names() -> None:
    tables = ("public.orders", 3, 5, 2, 7), ("odd S.new\nline", 0, 0, 0, 0)
    counts = counts_in(["NOTICE: hello", *lines("rows", *tables)])
    assert counts == {name: TableCount(rows, True, *rest) for name, rows, *rest in tables}
    # MySQL and MariaDB count what is written to all tables, and separate by tabs.
    tabs = [line.replace(" ", "\t").replace("\t", " ", 1) for line in lines("large", ("log", 1, 0, 0, 99))]
    known = counts_in(["Handler_delete\t4", "Handler_write\t11", *tabs])
    assert known == {"log": TableCount(1, False, 11, 4, 99)}


@pytest.mark.parametrize(
    "output",
    [
        [],
        ["ERROR: no"],
        lines("rows", ("a", 1, 0, 0, 0))[:-1],
        lines("rows", ("a", 1, 0, 0, 0), ("b", 1, 0, 0, 0))[1:],
        # The number is masked, as the password of the database.
        ["fingerprint rows 61 ******** 0 0 0", "fingerprint tables 1"],
    ],
)
def test_an_output_that_is_not_whole_tells_nothing(output: list[str]) -> None:
    assert counts_in(output) is None


def at(rows: int, added: int = 0, removed: int = 0, mark: int = 0, counted: bool = True) -> TableCount:
    return TableCount(rows, counted, added, removed, mark)


@pytest.mark.parametrize(
    ("before", "after", "bounds"),
    [
        (at(5), at(5), [5, 5]),
        # The server has written to other tables.
        (at(5, 10, 10, 3), at(5, 90, 80, 3), [5, 5]),
        (at(5), at(9), [5, 9]),
        (at(5, 0, 0, 1), at(5, 7, 7, 2), [0, 12]),
        (at(5, 0, 0, 1), at(5, 2, 2, 2), [3, 7]),
        # The statistics were reset.
        (at(5, 9, 9, 9), at(6, 0, 0, 0), [5, 6]),
        (at(1, counted=False), at(1, counted=False), [1, None]),
        (at(900), at(1, counted=False), [1, None]),
        (at(0, counted=False), at(1, counted=False), [0, None]),
    ],
)
def test_bounds_have_what_may_have_been_there_meanwhile(
    before: TableCount, after: TableCount, bounds: list[int | None]
) -> None:
    known = row_counts({"t": before}, {"t": after})
    assert known == RowCounts({"t": bounds}, bounds[1] is None)


def test_tables_that_come_or_go_meanwhile_are_no_part_of_it() -> None:
    assert row_counts({"a": at(1), "b": at(1)}, {"a": at(1), "c": at(1)}) == RowCounts({"a": [1, 1]}, False)
    assert row_counts({}, {}) == RowCounts({}, False)
    assert row_counts({}, {"c": at(1)}) is None


@given(
    st.integers(0, 30),
    st.lists(st.sampled_from(["insert", "delete", "update"]), max_size=40),
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)).map(sorted),
)
def test_a_dump_between_two_looks_is_within_their_bounds(rows: int, writes: list[str], looks: list[int]) -> None:
    states = [at(rows)]
    for write in writes:
        last = states[-1]
        if write == "delete" and not last.rows:
            continue
        step = {"insert": (1, 1, 0), "delete": (-1, 0, 1), "update": (0, 0, 0)}[write]
        states.append(at(last.rows + step[0], last.added + step[1], last.removed + step[2], last.mark + 1))
    before, dump, after = (states[min(look, len(states) - 1)] for look in looks)
    known = row_counts({"t": before}, {"t": after})
    assert known is not None and known.difference(found_rows({"t": dump})) is None


# --- Redis ---

CHECKED = [
    "[offset 0] Checking RDB file /set/dump.rdb",
    "[offset 205] \\o/ RDB looks OK! \\o/",
    "[info] 3 keys read",
    "[info] 1 expires",
    "[info] 0 already expired",
    "[info] 0 subexpires",
]


def test_the_keys_of_a_dump_are_those_that_it_has() -> None:
    known = key_counts(CHECKED, SUMS)
    assert known == KeyCounts([2, 3], 3, 2048, "ab" * 32) and known.dump == SUMS


def test_without_the_program_of_redis_the_file_is_known() -> None:
    known = key_counts(["redis-check-rdb: not found", "fingerprint of the dump alone"], SUMS)
    assert known == KeyCounts([0, None], 3, 2048, "ab" * 32)
    assert key_counts(CHECKED, None) is None


@pytest.mark.parametrize(
    ("lines", "counted", "difference"),
    [
        (["# Keyspace", "db0:keys=2,expires=0,avg_ttl=0", "db3:keys=1,expires=1,avg_ttl=9"], 3, None),
        (["# Keyspace", "db0:keys=2,expires=0,avg_ttl=0"], 2, None),
        (["# Keyspace"], 0, "it has 0 keys, not 2 to 3"),
        (["# Keyspace", "db0:keys=4,expires=0,avg_ttl=0"], 4, "it has 4 keys, not 2 to 3"),
        (["LOADING Redis is loading the dataset in memory"], None, None),
    ],
)
def test_keys_of_a_redis_that_runs(lines: list[str], counted: int | None, difference: str | None) -> None:
    assert found_keys(lines) == counted
    if counted is not None:
        assert KeyCounts([2, 3], 3, 2048, "ab" * 32).difference(counted) == difference


def test_a_redis_without_an_upper_bound_was_not_looked_at_whole() -> None:
    assert KeyCounts([2, 3], 3, 2048, "ab" * 32).is_exact
    assert not KeyCounts([0, None], 3, 2048, "ab" * 32).is_exact

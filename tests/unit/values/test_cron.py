# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cron expressions, with the results of the parser of Dokploy's scheduler (cron-parser 4.9)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import CRON, cron

RIGHT = [
    "* * * * *",
    "0 3 * * *",
    "*/5 * * * *",
    "1-5 * * * *",
    "1-5/2 * * * *",
    "5/15 * * * *",
    "5-5 * * * *",
    "0-59 * * * *",
    "*,5 * * * *",
    "01 * * * *",
    "59 23 31 12 7",
    "0 0 1 1 0",
    "0,30 8-18/2 1,15 jan-jun mon-fri",
    "* * * JAN,Feb *",
    "* * * jan/2 *",
    "* * * 1-dec *",
    "* * * * SUN",
    "* * * * sun-sat",
    "* * * * 0-7",
    "* * * * sun/2",
    "* * ? * *",
    "* * * * ?",
    "* * L * *",
    "* * 1,L * *",
    "0 3 29 2 *",
    # Six fields: seconds come first.
    "30 * * * * *",
    "*/10 0 3 * * mon",
    "  0  3\t* *  * ",
    "@yearly",
    "@monthly",
    "@weekly",
    "@daily",
    "@hourly",
    # The last Friday, the first Monday.
    "* * * * 5L",
    "* * * * monL",
    "* * * * 1#1",
    "* * * * mon#1",
]
# The message must have this beside the expression.
WRONG = [
    ("60 * * * *", "minute"),
    ("-1 * * * *", "minute"),
    ("5-1 * * * *", "minute"),
    ("*/0 * * * *", "minute"),
    ("1,,2 * * * *", "minute"),
    ("1, * * * *", "minute"),
    ("1- * * * *", "minute"),
    ("1.5 * * * *", "minute"),
    ("? * * * *", "minute"),
    ("L * * * *", "minute"),
    ("H 3 * * *", "minute"),
    ("*/5/2 * * * *", "minute"),
    ("٣ * * * *", "minute"),
    ("* 24 * * *", "hour"),
    ("* ? * * *", "hour"),
    ("* * 0 * *", "day of the month"),
    ("* * 32 * *", "day of the month"),
    ("* * LW * *", "day of the month"),
    ("* * 1W * *", "day of the month"),
    ("* * l * *", "day of the month"),
    ("* * * 0 *", "month"),
    ("* * * 13 *", "month"),
    ("* * * foo *", "month"),
    ("* * * january *", "month"),
    ("* * * mar-jan *", "month"),
    ("* * * ? *", "month"),
    ("* * * * 8", "day of the week"),
    ("* * * * sunday", "day of the week"),
    ("* * * * fri-mon", "day of the week"),
    ("* * * * 5#6", "day of the week"),
    ("60 * * * * *", "second"),
    ("", "five fields"),
    ("every day", "five fields"),
    ("* * * *", "five fields"),
    ("0 0 3 * * * 2026", "five fields"),
    ("@annually", "five fields"),
    ("@midnight", "five fields"),
    ("@reboot", "five fields"),
    ("@every 5m", "five fields"),
    ("TZ=UTC 0 3 * * * *", "five fields"),
]
# Days that do not exist in the months.
NEVER = ["0 3 31 2 *", *("0 3 31 %d *" % month for month in (4, 6, 9, 11)), "0 0 30 2 *", "0 3 31 feb,apr *"]


@pytest.mark.parametrize("text", RIGHT)
def test_valid_expressions(text: str) -> None:
    assert cron(text) == text
    assert CRON.to_api(text) == text


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_invalid_expressions(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="is not a cron expression") as caught:
        cron(text)
    assert words in str(caught.value) and " a hour" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", NEVER)
def test_days_that_do_not_exist(text: str) -> None:
    """The scheduler finds no next run and drops the job."""
    with pytest.raises(ValueError):
        cron(text)


@pytest.mark.parametrize("text", ["@DAILY", " @daily", "@daily "])
def test_nicknames_are_lower_case(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert cron(text) == "@daily"


LIMITS = [(0, 59), (0, 59), (0, 23), (1, 28), (1, 12), (0, 7)]


@st.composite
def _field(draw: st.DrawFn, low: int, high: int) -> str:
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    item = draw(st.sampled_from(["*", str(first), f"{first}-{last}"]))
    return item + draw(st.sampled_from(["", "", "/1", "/7"]))


@given(st.integers(0, 1).flatmap(lambda start: st.tuples(*(_field(*limit) for limit in LIMITS[start:]))))
def test_numbers_within_the_limits_are_accepted(fields: tuple[str, ...]) -> None:
    text = " ".join(fields)
    assert cron(text) == text


@given(st.integers(0, 5), st.integers(0, 10**6), st.booleans())
def test_numbers_beyond_the_limits_are_refused(place: int, beyond: int, last: bool) -> None:
    fields = ["*"] * 6
    number = (31 if place == 3 else LIMITS[place][1]) + 1 + beyond
    fields[place] = f"1-{number}" if last else str(number)
    with pytest.raises(ValueError):
        cron(" ".join(fields))


@given(st.text())
def test_any_text_is_accepted_or_refused(text: str) -> None:
    try:
        cron(text)
    except ValueError as error:
        assert "\n" not in str(error)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ages and dates of users, and timestamps of Dokploy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant, since

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def moment(value: str) -> datetime:
    return since(value, NOW)


@pytest.mark.parametrize(
    ("written", "ago"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("0d", timedelta()),
        ("007d", timedelta(days=7)),
        (" 1d\n", timedelta(days=1)),
        ("90m", timedelta(hours=1, minutes=30)),
        ("100000w", timedelta(weeks=100000)),
    ],
)
def test_ages(written: str, ago: timedelta) -> None:
    assert moment(written) == NOW - ago


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2026-03-14", "2026-03-14T00:00:00+00:00"),
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        ("2026-03-14T09:30", "2026-03-14T09:30:00+00:00"),
        ("2026-03-14t09:30", "2026-03-14T09:30:00+00:00"),
        ("2026-03-14 09:30:01", "2026-03-14T09:30:01+00:00"),
        ("2026-03-14T09:30:01Z", "2026-03-14T09:30:01+00:00"),
        ("2026-03-14T09:30Z", "2026-03-14T09:30:00+00:00"),
        ("2026-03-14T09:30z", "2026-03-14T09:30:00+00:00"),
        ("2026-03-14T09:30:01.120Z", "2026-03-14T09:30:01.120000+00:00"),
        ("2026-03-14T09:30:01.1", "2026-03-14T09:30:01.100000+00:00"),
        ("2026-03-14T09:30:01,123456789", "2026-03-14T09:30:01.123456+00:00"),
        ("2026-03-14T09:30:01+01:00", "2026-03-14T08:30:01+00:00"),
        ("2026-03-14T09:30:01 +01:00", "2026-03-14T08:30:01+00:00"),
        ("2026-03-14T09:30-0530", "2026-03-14T15:00:00+00:00"),
        ("2026-03-14T09:30+02", "2026-03-14T07:30:00+00:00"),
        ("2026-12-31T23:30-01:00", "2027-01-01T00:30:00+00:00"),
    ],
)
def test_dates(written: str, when: str) -> None:
    assert moment(written) == instant(written) == datetime.fromisoformat(when)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "30",
        "d",
        "-1d",
        "+1d",
        "1.5h",
        "1D",
        "1d12h",
        "1 d",
        "1y",
        "1ms",
        "yesterday",
        "٣d",
        "9" * 5000 + "d",
        "999999999w",
        "200000w",
        "2026-3-14",
        "2026-03",
        "20260314",
        "2026-W11-6",
        "2026-073",
        "2026-13-01",
        "2026-02-29",
        "0000-01-01",
        "14.03.2026",
        "2026-03-14T",
        "2026-03-14T09",
        "2026-03-14T24:00",
        "2026-03-14T09:60",
        "2026-03-14T09:30:60",
        "2026-03-14T09:30:00.",
        "2026-03-14T09:30+24:00",
        "2026-03-14T09:30+01:60",
        "2026-03-14T09:30 UTC",
        "2026-03-14Z",
        "2026-03-14\n2026-03-14",
        "1773480600",
    ],
)
def test_other_texts_are_refused(written: str) -> None:
    with pytest.raises(OptionError) as refused:
        moment(written)
    message = str(refused.value)
    assert message.startswith("since: %r is neither" % written)
    assert all(form in message for form in ("30m", "12h", "7d", "2w", "2026-03-14", "2026-03-14T09:30:00Z"))


@given(st.text(st.sampled_from("0123456789-+:.,TtZz smhdw"), max_size=30) | st.text(max_size=30))
def test_any_text_is_a_date_or_refused(written: str) -> None:
    try:
        assert moment(written).tzinfo is not None
    except OptionError as error:
        assert str(error).startswith("since: ")


ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES), st.sampled_from("T "), st.sampled_from(["auto", "minutes", "milliseconds"]))
def test_the_formats_of_python_are_read(when: datetime, separator: str, timespec: str) -> None:
    text = when.isoformat(separator, timespec)
    assert moment(text) == datetime.fromisoformat(text)


@given(st.integers(0, 10**7), st.sampled_from([("s", 1), ("m", 60), ("h", 3600)]))
def test_an_age_is_counted_back(number: int, unit: tuple[str, int]) -> None:
    assert (NOW - moment(f"{number}{unit[0]}")).total_seconds() == number * unit[1]


@pytest.mark.parametrize(
    "written",
    ["2026-03-14", "2026-03-14 09:30:00", "2026-03-14T09:30:00Z", "2026-03-14T09:30:00+02:00", "2026-03-14 9:30:00.5"],
)
def test_a_date_without_quotes_in_a_playbook(written: str) -> None:
    """YAML reads it as a date, and Ansible converts it to text: with C(str) in process, with JSON for a module."""
    value: Any = yaml.safe_load(written)
    assert not isinstance(value, str)
    assert moment(str(value)) == moment(value.isoformat())


@pytest.mark.parametrize("value", [None, "", 5, "soon"])
def test_invalid_dates_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        instant(value)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units of users and of Docker, converted in both directions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.docker_units import (
    CPUS,
    DURATION,
    LARGEST,
    MEMORY,
    PROBE_TIME,
    SMALLEST_CPUS,
    SMALLEST_MEMORY,
    bytes_in_words,
    cpus_to_nano,
    memory_to_bytes,
    nano_in_words,
    nanoseconds_in_words,
    to_nanoseconds,
)

MEBIBYTE = 1024 * 1024


# --- sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("4194304", 4 * MEBIBYTE),
        (4194304, 4 * MEBIBYTE),
        ("4194304B", 4 * MEBIBYTE),
        ("4096K", 4 * MEBIBYTE),
        ("512M", 512 * MEBIBYTE),
        ("512m", 512 * MEBIBYTE),
        ("512MB", 512 * MEBIBYTE),
        ("512MiB", 512 * MEBIBYTE),
        ("512mib", 512 * MEBIBYTE),
        (" 512 M ", 512 * MEBIBYTE),
        ("1.5G", 1536 * MEBIBYTE),
        ("0.5g", 512 * MEBIBYTE),
        ("2T", 2 * 1024 * 1024 * MEBIBYTE),
        ("1P", 1024**3 * MEBIBYTE),
    ],
)
def test_sizes(written: Any, size: int) -> None:
    # The API keeps text.
    assert memory_to_bytes(written) == str(size)


@pytest.mark.parametrize("written", ["0", 0, "0M", "0.0G", "000"])
def test_no_limit(written: Any) -> None:
    assert memory_to_bytes(written) is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("12", "without a unit is bytes"),
        ("512", "less than the 4M"),
        ("4194303", "less than the 4M"),
        ("3.9M", "less than the 4M"),
        ("1K", "less than the 4M"),
        ("", "is not a size"),
        ("M", "is not a size"),
        ("-512M", "is not a size"),
        ("+512M", "is not a size"),
        ("512 megabytes", "is not a size"),
        ("512X", "is not a size"),
        ("1,5G", "is not a size"),
        ("1e9", "is not a size"),
        ("0x100000", "is not a size"),
        ("512M\n512M", "is not a size"),
        ("nan", "is not a size"),
        (True, "is not a size"),
        ("9E", "is too large"),
        ("9007199254740992", "is too large"),
    ],
)
def test_invalid_sizes(written: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        memory_to_bytes(written)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("536870912", "512M"),
        ("1610612736", "1536M"),
        ("1073741824", "1G"),
        ("1099511627776", "1T"),
        ("4195328", "4097K"),
        ("4194305", "4194305"),
        (536870912, "512M"),
        ("0", "0"),
        (None, ""),
        ("", ""),
        # What others have written is shown as it is.
        ("512m", "512m"),
        ("-1", "-1"),
    ],
)
def test_sizes_shown(stored: Any, shown: str) -> None:
    assert bytes_in_words(stored) == shown


@given(st.integers(SMALLEST_MEMORY, LARGEST))
def test_a_shown_size_is_the_same_size(size: int) -> None:
    assert memory_to_bytes(bytes_in_words(str(size))) == str(size)


# --- CPUs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "nano"),
    [
        ("1.5", 1_500_000_000),
        (1.5, 1_500_000_000),
        (2, 2_000_000_000),
        ("2", 2_000_000_000),
        ("2.", 2_000_000_000),
        (".5", 500_000_000),
        (" 0.5 ", 500_000_000),
        ("0.1", 100_000_000),
        (0.1, 100_000_000),
        ("0.001", 1_000_000),
        (0.001, 1_000_000),
        ("1e-3", 1_000_000),
        ("0.123456789", 123_456_789),
        ("64", 64_000_000_000),
    ],
)
def test_cpus(written: Any, nano: int) -> None:
    assert cpus_to_nano(written) == str(nano)


@pytest.mark.parametrize("written", ["0", 0, 0.0, "0.000"])
def test_no_limit_of_cpus(written: Any) -> None:
    assert cpus_to_nano(written) is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0.0009", "less than the 0.001"),
        ("1e-9", "less than the 0.001"),
        ("1.0000000001", "is not a number of CPUs that Docker can store"),
        ("9007200", "is not a number of CPUs that Docker can store"),
        ("", "is not a number of CPUs"),
        ("two", "is not a number of CPUs"),
        ("-1", "is not a number of CPUs"),
        ("1,5", "is not a number of CPUs"),
        ("500m", "is not a number of CPUs"),
        ("1.5.2", "is not a number of CPUs"),
        (".", "is not a number of CPUs"),
        ("nan", "is not a number of CPUs"),
        ("inf", "is not a number of CPUs"),
        (True, "is not a number of CPUs"),
    ],
)
def test_invalid_cpus(written: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cpus_to_nano(written)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("1500000000", "1.5"),
        ("2000000000", "2"),
        ("10000000000", "10"),
        ("500000000", "0.5"),
        ("1000000", "0.001"),
        ("1", "0.000000001"),
        ("0", "0"),
        (None, ""),
        ("", ""),
        ("0.5", "0.5"),
    ],
)
def test_cpus_shown(stored: Any, shown: str) -> None:
    assert nano_in_words(stored) == shown


@given(st.integers(SMALLEST_CPUS, LARGEST))
def test_shown_cpus_are_the_same_number(nano: int) -> None:
    shown = nano_in_words(str(nano))
    assert cpus_to_nano(shown) == str(nano)
    assert Decimal(shown) * 10**9 == nano
    assert "E" not in shown


# --- durations -------------------------------------------------------------------------------------------------------

SECOND = 10**9


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("0", 0),
        (0, 0),
        ("0s", 0),
        ("30s", 30 * SECOND),
        (" 30s ", 30 * SECOND),
        ("1m30s", 90 * SECOND),
        ("90s", 90 * SECOND),
        ("1h", 3600 * SECOND),
        ("1h0m5s", 3605 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("500ms", SECOND // 2),
        ("0.5s", SECOND // 2),
        ("1.5us", 1500),
        ("1µs", 1000),
        ("100ns", 100),
        ("1m1m", 120 * SECOND),
    ],
)
def test_durations(written: Any, nanoseconds: int) -> None:
    assert to_nanoseconds(written) == nanoseconds


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("30", "is not a duration"),
        (30, "is not a duration"),
        ("", "is not a duration"),
        ("5 s", "is not a duration"),
        ("-5s", "is not a duration"),
        ("s", "is not a duration"),
        ("1d", "is not a duration"),
        ("1M", "is not a duration"),
        ("5S", "is not a duration"),
        ("5s5", "is not a duration"),
        ("5sec", "is not a duration"),
        ("soon", "is not a duration"),
        ("1,5s", "is not a duration"),
        ("0.1ns", "that Docker can store"),
        ("2502000h", "that Docker can store"),
    ],
)
def test_invalid_durations(written: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        to_nanoseconds(written)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (90 * SECOND, "1m30s"),
        (3605 * SECOND, "1h5s"),
        (SECOND // 2, "500ms"),
        (1500, "1us500ns"),
        (0, "0s"),
        (30e9, "30s"),
        (None, ""),
        # What no duration can be is shown as it is.
        ("10s", "10s"),
        (-1, -1),
        (0.5, 0.5),
        (True, True),
    ],
)
def test_durations_shown(stored: Any, shown: Any) -> None:
    assert nanoseconds_in_words(stored) == shown


@given(st.integers(0, LARGEST))
def test_a_shown_duration_is_the_same_duration(nanoseconds: int) -> None:
    assert to_nanoseconds(nanoseconds_in_words(nanoseconds)) == nanoseconds


def test_a_probe_takes_a_millisecond_or_zero() -> None:
    assert PROBE_TIME.to_api("0s") == 0
    assert PROBE_TIME.to_api("1ms") == 10**6
    with pytest.raises(ValueError, match="1ms"):
        PROBE_TIME.to_api("999us")
    assert DURATION.to_api("999us") == 999_000


# --- the same amount -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "wanted", "current", "same"),
    [
        (MEMORY, "536870912", "536870912", True),
        (MEMORY, "536870912", 536870912, True),
        (MEMORY, "536870912", "512m", False),
        (MEMORY, None, "", True),
        (MEMORY, None, "0", True),
        (MEMORY, None, "536870912", False),
        (MEMORY, "536870912", None, False),
        (CPUS, "500000000", "500000000", True),
        (CPUS, None, None, True),
        (DURATION, 10, 10, True),
        (DURATION, 10, 10.0, True),
        (DURATION, None, None, True),
        (DURATION, 0, None, False),
        (DURATION, None, 0, False),
        (DURATION, None, 10, False),
    ],
)
def test_same(codec: Any, wanted: Any, current: Any, same: bool) -> None:
    assert codec.same(wanted, current) is same

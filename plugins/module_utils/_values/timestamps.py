# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Timestamps and ages."""

from __future__ import annotations

import datetime
import re
from typing import Any

from .._errors import OptionError

# Python's own fromisoformat accepts no Z before 3.11, and more forms since then. YAML writes a date without quotes with
# a blank instead of the T.
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)? ?([Zz]|[+-][0-9]{2}(?::?[0-5][0-9])?)?)?\Z"
)


def instant(text: Any) -> datetime.datetime:
    """An ISO 8601 date, or date and time, with its time zone (by default UTC); raises C(ValueError) for others."""
    match = _DATE.match(str(text))
    if match is None:
        raise ValueError("%r is not a date, or a date and a time, such as 2026-11-25T15:54:00Z" % str(text))
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro, zone = int((match.group(7) or "").ljust(6, "0")[:6]), (match.group(8) or "Z").upper()
    offset = datetime.datetime.strptime(zone + "00" if len(zone) == 3 else zone, "%z").tzinfo
    return datetime.datetime(year, month, day, hour, minute, second, micro, tzinfo=offset)


_AGE = re.compile(r"([0-9]+)([smhdw])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def age(value: str) -> datetime.timedelta:
    """An age such as C(30m), C(36h) or C(7d); raises C(ValueError) for others."""
    match = _AGE.match(value.strip())
    if match is None:
        raise ValueError("%r is not an age such as 30m, 36h, 7d or 2w" % value)
    try:
        return datetime.timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})
    except OverflowError:
        raise ValueError("%r is too long" % value) from None


def since(value: str, now: datetime.datetime) -> datetime.datetime:
    """The point in time of the option C(since): an age before C(now) (C(30m), C(7d)) or a date, with a time zone.

    :raises OptionError: it is neither an age nor a date.
    """
    try:
        return now - age(value) if _AGE.match(value.strip()) else instant(value.strip())
    except (ValueError, OverflowError):
        raise OptionError(
            "since: %r is neither an age nor a date; write for example 30m, 12h, 7d, 2w, 2026-03-14 or "
            "2026-03-14T09:30:00Z" % value
        ) from None

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cron expressions, checked before they are written.

Dokploy stores any text (measured on 0.30.2); its scheduler then takes five fields, or six with seconds in front, and
drops a job that it cannot read without a word.
"""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from functools import cache
from typing import Any, Mapping, Sequence, Tuple
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from ansible_collections.community.dokploy.plugins.module_utils._values.codec import Codec

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
# Name, smallest, largest, words for numbers (the first one stands for the smallest number).
_FIELDS: Tuple[Tuple[str, int, int, Tuple[str, ...]], ...] = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, tuple(_MONTHS)),
    # 7 is Sunday too.
    ("day of the week", 0, 7, tuple(_DAYS)),
)
_NICKNAMES = ("@yearly", "@monthly", "@weekly", "@daily", "@hourly")
_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?\Z")
# The last Friday of a month, and the first.
_WEEKDAY_OF_MONTH = re.compile(r"(\w+?)(?:L|#[1-5])\Z")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron(value: Any) -> str:
    """A cron expression, with its blanks as they are.

    :raises ValueError: the scheduler could not read it, or it never comes; the words say which field.
    """
    text = str(value)
    nickname = text.strip().lower()
    if nickname in _NICKNAMES:
        return nickname
    fields = text.split()
    if len(fields) not in (5, 6):
        raise ValueError("%r is no cron expression; it takes five fields, not %d" % (text, len(fields)))
    for given, (name, low, high, words) in zip(fields, _FIELDS[6 - len(fields) :]):
        for item in given.split(","):
            if not _fits(item, low, high, words):
                raise ValueError("%r is no cron expression; %r is no %s" % (text, item, name))
    day, month, weekday = fields[-3:]
    if weekday in ("*", "?") and not _comes(day, month):
        raise ValueError("%r never comes; no such month has a day %s" % (text, day))
    return text


def _comes(day: str, month: str) -> bool:
    """Whether any of the months has any of the days."""
    if any(item in ("L", "?") for item in day.split(",")):
        return True
    days = [number for item in day.split(",") for number in _numbers(item, 1, 31, ())]
    months = [number for item in month.split(",") for number in _numbers(item, 1, 12, tuple(_MONTHS))]
    return min(days) <= max(_LONGEST[number - 1] for number in months)


def _numbers(item: str, low: int, high: int, words: Tuple[str, ...]) -> Sequence[int]:
    """The numbers that an item, known to be right, stands for."""
    match = _ITEM.match(item)
    first, last, step = match.groups() if match is not None else (None, None, None)
    start = low if first is None else _number(first, low, words)
    end = _number(last, low, words) if last is not None else high if first is None or step is not None else start
    return range(start, end + 1, int(step or 1))


def _fits(item: str, low: int, high: int, words: Tuple[str, ...]) -> bool:
    if item == "?" and high in (31, 7):
        return True
    if item == "L" and high == 31:
        return True
    weekday = _WEEKDAY_OF_MONTH.match(item) if high == 7 else None
    match = _ITEM.match(item if weekday is None else weekday.group(1))
    if match is None or match.group(3) == "0":
        return False
    numbers = [_number(part, low, words) for part in match.group(1, 2) if part is not None]
    if any(number is None or not low <= number <= high for number in numbers):
        return False
    return len(numbers) < 2 or (numbers[0] or 0) <= (numbers[1] or 0)


def _number(text: str, low: int, words: Tuple[str, ...]) -> Any:
    if text.lower() in words:
        return words.index(text.lower()) + low
    return int(text) if text.isdigit() and text.isascii() else None


CRON = Codec(type="str", to_api=cron)


# --- timezone ---
# Time zones, as far as the host on which the engine runs has data about them.
#
# Dokploy stores any text. Its scheduler reads it with Luxon, and drops a job of an unknown zone without an error.


# What Luxon knows besides the names of the tz database, in any capitals.
_LUXON = re.compile(r"(?:utc(?:[+-]\d{1,2})?|gmt|local|system|default)\Z", re.IGNORECASE)
# The oldest names are the first that a distribution leaves out: Debian has them in a package of their own. Without
# them, an unknown name may well exist.
_OLDEST = "us/eastern"


def timezone(value: Any) -> None:
    """The name of a time zone.

    :raises ValueError: none has this name.
    """
    text = str(value)
    if _LUXON.match(text) or _has_data(text):
        return
    known = _known()
    if text.lower() in known or _OLDEST not in known:
        return
    near = get_close_matches(text.lower(), known, 1)
    hint = "did you mean %s?" % known[near[0]] if near else "use a name such as Europe/Berlin"
    raise ValueError("time zone %r does not exist; %s" % (text, hint))


def _has_data(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _known() -> Mapping[str, str]:
    """Every name that the data of this host has, by itself in small letters."""
    names = set(available_timezones())
    for folder in TZPATH:
        try:
            # The source of the data also has the names that are not installed.
            with open(os.path.join(folder, "tzdata.zi"), encoding="utf-8") as file:
                names.update(line.split()[2] for line in file if re.match(r"L \S+ \S", line))
        except OSError:
            continue
    return {name.lower(): name for name in names}

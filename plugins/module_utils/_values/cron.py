# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cron expressions, checked before they are written.

Dokploy stores any text (measured on 0.30.2). Its scheduler accepts five fields, or six with seconds in front, and drops
a job that it cannot read without an error.
"""

from __future__ import annotations

import re
from typing import Any, Sequence, Tuple

from .._errors import with_article
from .codec import Codec

# Name, smallest and largest number, names of numbers (the first one stands for the smallest number).
_FIELDS: Tuple[Tuple[str, int, int, Sequence[str]], ...] = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec".split()),
    # 7 is Sunday, too.
    ("day of the week", 0, 7, "sun mon tue wed thu fri sat".split()),
)
_NICKNAMES = ("@yearly", "@monthly", "@weekly", "@daily", "@hourly")
_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?\Z")
# The last Friday of a month, and the first.
_WEEKDAY_OF_MONTH = re.compile(r"(\w+?)(?:L|#[1-5])\Z")
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron(value: Any) -> str:
    """A cron expression as it is; raises C(ValueError) if the scheduler could not read it, or it never occurs."""
    text = str(value)
    nickname = text.strip().lower()
    if nickname in _NICKNAMES:
        return nickname
    fields = text.split()
    if len(fields) not in (5, 6):
        raise ValueError("%r is not a cron expression; it requires five fields, not %d" % (text, len(fields)))
    found = []
    for given, (name, low, high, words) in zip(fields, _FIELDS[6 - len(fields) :]):
        found.append([number for item in given.split(",") for number in _numbers(text, item, name, low, high, words)])
    days, months = found[-3:-1]
    if fields[-1] in ("*", "?") and min(days) > max(_DAYS_OF_MONTHS[month - 1] for month in months):
        raise ValueError("%r never occurs; no such month has a day %s" % (text, fields[-3]))
    return text


def _numbers(text: str, item: str, name: str, low: int, high: int, words: Sequence[str]) -> Sequence[int]:
    """The numbers that an item of a field stands for."""
    if (item == "?" and high in (31, 7)) or (item == "L" and high == 31):
        return range(low, high + 1)
    weekday = _WEEKDAY_OF_MONTH.match(item) if high == 7 else None
    match = _ITEM.match(item if weekday is None else weekday.group(1))
    first, last, step = match.groups() if match is not None else ("", None, None)
    start = low if first is None else _number(first, low, words)
    end = _number(last, low, words) if last is not None else high if first is None or step is not None else start
    if not low <= start <= end <= high or int(step or 1) < 1:
        raise ValueError("%r is not a cron expression; %r is not %s" % (text, item, with_article(name)))
    return range(start, end + 1, int(step or 1))


def _number(text: str, low: int, words: Sequence[str]) -> int:
    if text.lower() in words:
        return words.index(text.lower()) + low
    return int(text) if text.isdigit() and text.isascii() else -1


CRON = Codec(type="str", to_api=cron)

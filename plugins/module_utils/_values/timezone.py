# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Time zones, as far as the host on which the engine runs has data about them.

Dokploy stores any text. Its scheduler reads it with Luxon, and drops a job of an unknown zone without an error.
"""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from functools import cache
from typing import Any, Mapping
from zoneinfo import TZPATH, ZoneInfo, available_timezones

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

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Time zones, checked before they are written.

Dokploy stores any text. Its scheduler reads it with Luxon, and drops a job whose time zone it does not know without an
error (measured on 0.30.2).
"""

from __future__ import annotations

import contextlib
import os
import re
from difflib import get_close_matches
from functools import cache
from typing import Any, Mapping

# What Luxon knows besides the names of the tz database, in any case.
_LUXON = re.compile(r"(?:utc(?:[+-]\d{1,2})?|gmt|local|system|default)\Z", re.IGNORECASE)
# One of the old names, which a distribution may leave out (Debian has a package of its own for them). Without it, an
# unknown name may exist.
_OLD_NAME = "us/eastern"


def timezone(value: Any) -> None:
    """Check the name of a time zone, as far as this host has data; raises C(ValueError) if there is none."""
    # Few tasks state a time zone, and the import takes as long as that of the largest description.
    from zoneinfo import ZoneInfo

    text = str(value)
    with contextlib.suppress(KeyError, ValueError, OSError):
        if _LUXON.match(text) or ZoneInfo(text):
            return
    known = _known()
    if text.lower() in known or _OLD_NAME not in known:
        return
    near = get_close_matches(text.lower(), known, 1)
    hint = "did you mean %s?" % known[near[0]] if near else "use a name such as Europe/Berlin"
    raise ValueError("time zone %r does not exist; %s" % (text, hint))


@cache
def _known() -> Mapping[str, str]:
    """Every name in the data of this host, by the name in lower case."""
    from zoneinfo import TZPATH, available_timezones

    names = set(available_timezones())
    for folder in TZPATH:
        # The source of the data also has the names that are not installed.
        with contextlib.suppress(OSError), open(os.path.join(folder, "tzdata.zi"), encoding="utf-8") as file:
            names.update(line.split()[2] for line in file if re.match(r"L \S+ \S", line))
    return {name.lower(): name for name in names}

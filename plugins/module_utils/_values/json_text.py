# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""JSON as it comes from somewhere else: strict where Python's own reading is lenient, and never an exception."""

from __future__ import annotations

import json
import math
import re
from typing import Any

NOTHING = object()

# Half of a pair of surrogates, or each of both.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parsed(text: str) -> Any:
    """The value of a JSON text; C(NOTHING) when it is none that can be worked with.

    Python would also take C(NaN) and C(Infinity), and make an infinite number of C(1e999).
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # Half of a pair of surrogates is JSON, but no text that could be shown or sent.
        return _whole_text(value) if _HALF.search(text) else value
    except (ValueError, RecursionError):
        return NOTHING


def _refuse(word: str) -> float:
    raise ValueError("%s is no JSON" % word)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _whole_text(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace"))

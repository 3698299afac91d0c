# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The diff of a result: a text of several lines is a list of them.

Ansible prints a mapping as JSON or YAML and compares it line by line. As text, a file would be one line of it,
in which a removed word cannot be seen.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

_MISSING = object()


def shown_diff(label: str, before: Any, after: Any) -> Dict[str, Any]:
    """C(diff) of a result. Ansible compares two texts line by line by itself; they stay as they are."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        before, after = in_lines(before, after)
    return {"before": before, "after": after, "before_header": label, "after_header": label}


def in_lines(before: Any, after: Any) -> Tuple[Any, Any]:
    """Both values with each text of several lines, at any depth, as the list of its lines: C("a\\n") is C(["a", ""]).

    A text becomes lines as well where the other side has several, so that only the lines that differ are printed.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = {key: in_lines(before.get(key, _MISSING), after.get(key, _MISSING)) for key in {**before, **after}}
        return {key: pairs[key][0] for key in before}, {key: pairs[key][1] for key in after}
    if any(isinstance(value, str) and "\n" in value for value in (before, after)):
        return _lines(before), _lines(after)
    return _within(before), _within(after)


def _within(value: Any) -> Any:
    """A value without one on the other side to compare with."""
    if isinstance(value, Mapping):
        return in_lines(value, {})[0]
    if isinstance(value, (list, tuple)):
        return [in_lines(item, None)[0] for item in value]
    return value


def _lines(value: Any) -> Any:
    if not isinstance(value, str):
        return _within(value)
    lines: List[str] = value.split("\n") if value else []
    return lines

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a new record has by itself on a release."""

from __future__ import annotations

from functools import cache
from typing import Any, Dict, Mapping

from .field import Version
from .new_records import BY_RELEASE, NEW

#: The value of an option that releases fill in differently, on one between these.
UNKNOWN = object()


@cache
def usual_values(version: Version) -> Dict[str, Mapping[str, Any]]:
    """The values that are not empty, by the kind of record and the option."""
    values: Dict[str, Mapping[str, Any]] = dict(NEW)
    for label, options in BY_RELEASE.items():
        known = {option: _on(version, measured) for option, measured in options.items()}
        values[label] = {**values.get(label, {}), **known}
    return values


def _on(version: Version, measured: Mapping[Version, Any]) -> Any:
    """The value on a release, if those before and after it have the same.

    :param measured: the value on each release on which it is known, the oldest first.
    """
    before = [value for release, value in measured.items() if release <= version]
    after = [value for release, value in measured.items() if release >= version]
    near = [*before[-1:], *after[:1]]
    return near[0] if all(value == near[0] for value in near) else UNKNOWN

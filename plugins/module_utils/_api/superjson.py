# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What superjson says beside JSON: the types of values that JSON has no form for."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"-?[0-9]+\Z")


def with_integers(value: Any, meta: Any) -> Any:
    """The value with its bigints as integers: C(meta) is C({"values": {"a.0.b": ["bigint"]}}).

    Whatever is not of that form is left as it is.
    """
    types = meta.get("values") if isinstance(meta, dict) else None
    for path, kinds in types.items() if isinstance(types, dict) else ():
        if kinds == ["bigint"]:
            _convert(value, path.split("."))
    return value


def _convert(value: Any, path: Any) -> None:
    for step in path[:-1]:
        value = _at(value, step)
    found = _at(value, path[-1])
    if isinstance(found, str) and _INTEGER.match(found):
        value[int(path[-1]) if isinstance(value, list) else path[-1]] = int(found)


def _at(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)] if re.match(r"[0-9]{1,9}\Z", step) and int(step) < len(value) else None
    return value.get(step) if isinstance(value, dict) else None

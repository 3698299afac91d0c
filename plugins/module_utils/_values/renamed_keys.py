# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keys of records that a release renames: everything else knows only the newest ones."""

from __future__ import annotations

from typing import Any, Tuple

from .schema import Shape


def renewed(shape: Shape, answer: Any) -> Any:
    """The answer of any release with the newest keys. An older release shows the former key, and not the newest one."""
    if not shape.has_former:
        return answer
    if isinstance(answer, list) and shape.item is not None:
        return [renewed(shape.item, item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    names = {former: key for key, (former, _until) in shape.former.items() if key not in answer}
    row = {str(names.get(key, key)): value for key, value in answer.items()}
    return {key: renewed(shape.keys[key], value) if key in shape.keys else value for key, value in row.items()}


def as_taken(shape: Shape, body: Any, version: Tuple[int, int, int]) -> Any:
    """The body of a write with the keys that a release takes."""
    if not (shape.has_former and isinstance(body, dict)):
        return body
    names = {key: former for key, (former, until) in shape.former.items() if version < until}
    return {
        names.get(key, key): as_taken(shape.keys[key], value, version) if key in shape.keys else value
        for key, value in body.items()
    }

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Paths of records: names with slashes between them, as in C(shop/production/web). A backslash before a slash, or
before a colon, which separates a field from a path, makes it part of a name."""

from __future__ import annotations

import re
from typing import Iterable, List, Sequence


def split(text: str, mark: str = "/") -> List[str]:
    """The parts between the marks, each as it is written; a mark with a backslash before it is none."""
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == mark:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def unescaped(part: str) -> str:
    """A part without its backslashes."""
    return re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)


def path_or_name(names: Sequence[str]) -> str:
    """C(shop/production/web), or the only name as it is."""
    return joined(names) if len(names) > 1 else names[0]


def joined(names: Iterable[str]) -> str:
    """The path of these names."""
    return "/".join(re.sub(r"([\\/:])", r"\\\1", name) for name in names)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The elements of DER (X.690), as far as keys and certificates need them, and PEM, the text of it (RFC 7468)."""

from __future__ import annotations

from typing import Any, List, Tuple

INTEGER, SEQUENCE, UTC_TIME, GENERAL_TIME, FIRST_OF_CONTEXT = 0x02, 0x30, 0x17, 0x18, 0xA0


def normal_pem(text: Any) -> str:
    """PEM with line feeds only, without blanks around its lines, and with one line break at the end.

    The marks with which files of Windows begin are left out, since Traefik finds no block right after one.
    """
    lines = str(text).replace("\ufeff", "").strip().splitlines()
    return "\n".join([*(line.strip() for line in lines), ""])


def element(data: bytes, at: int) -> Tuple[int, bytes, int]:
    """Tag and content of an element, and where the next one begins.

    :raises IndexError: the data ends before it does.
    """
    size, start = data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start : start + count], "big"), start + count
    end = start + size
    if end > len(data):
        raise IndexError(end)
    return data[at], data[start:end], end


def content(data: bytes, at: int, *tags: int) -> Tuple[bytes, int]:
    """The content of an element that has one of these tags, and where the next one begins.

    :raises IndexError: it has another one, or the data ends.
    """
    tag, inner, end = element(data, at)
    if tag not in tags:
        raise IndexError(at)
    return inner, end


def elements(data: bytes) -> List[Tuple[int, bytes]]:
    """Tags and contents of all elements.

    :raises IndexError: the data ends within one.
    """
    pairs, at = [], 0
    while at < len(data):
        tag, inner, at = element(data, at)
        pairs.append((tag, inner))
    return pairs

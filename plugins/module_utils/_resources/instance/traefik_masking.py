# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traefik's file as results and diffs may show it: without password hashes, credentials and values of secret keys.

A module's host needs no PyYAML, so the text is read by its lines and columns.
"""

from __future__ import annotations

import re
from typing import List, Mapping, Match, Optional, Tuple

from ..._secrets.masking import MASK, hide_credentials

# Password hashes as Traefik takes them, anywhere; those of digest authentication end a line of users.
_HASH = re.compile(r"\$(?:2[abxy]?|apr1|1|5|6)\$[^\s\"',\]}]+|\{SHA\}[A-Za-z0-9+/=]+|(?<=:)[0-9a-f]{32}\b")
# Keys with secret values: above all headers with credentials.
_NAME = (
    r"[\"']?[\w-]*(?:authorization|x-auth|token|secret|passw(?:or)?d|passphrase|credential|(?:api|private)-?key)[\w-]*"
    r"[\"']?[ \t]*:"
)
_KEY = re.compile(r"^((?: |#|- )*)" + _NAME + r"(?=\s|\Z)[ \t]*(#[^\n]*)?", re.IGNORECASE | re.MULTILINE)
_QUOTED = r"(?:\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*')"
_LIST = r"\[(?:\s*(?:" + _QUOTED + r"\s*|[^\s,\]\"'][^,\]]*)?(?:,|(?=\])))*\]"
_IN_FLOW = re.compile(
    r"[{,]\s*" + _NAME + r"\s*(" + _QUOTED + "|" + _LIST + r"|[^\s\"'{\[][^,}\]]*)", re.IGNORECASE | re.DOTALL
)
_LINE = re.compile(r"\n( *)(- +)?(\S[^\n]*)")
_IS_MAPPING = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\"'\n][^\n]*?):(?:\s|\Z)")


def masked_config(text: str, marks: Optional[Mapping[str, str]] = None) -> str:
    """The text without its secrets; C(marks) replace some of them instead of the usual mask."""
    pieces, position = [], 0
    for start, end in _places(text):
        pieces += [text[position:start], (marks or {}).get(text[start:end], MASK)]
        position = end
    return hide_credentials("".join(pieces) + text[position:])


def _places(text: str) -> List[Tuple[int, int]]:
    """The places of the secrets in order, those that overlap as one."""
    places = [match.span(1) for match in _IN_FLOW.finditer(text)] + [match.span() for match in _HASH.finditer(text)]
    places += [place for key in _KEY.finditer(text) for place in _values(text, key)]
    joined: List[Tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            start, last_end = joined.pop()
            end = max(end, last_end)
        joined.append((start, end))
    return joined


def _values(text: str, key: Match[str]) -> List[Tuple[int, int]]:
    """The value of a key at the beginning of a line: on that line and the deeper ones below, or only below it."""
    column, start = len(key.group(1)), key.end()
    first = text[start : start + 1]
    if first == "{":
        return []
    on_line = first not in ("", "\n")
    spans: List[Tuple[int, int]] = []
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    for line in _LINE.finditer(text, end):
        depth, content = len(line.group(1)), line.group(3)
        if depth < column or (depth == column and (on_line or not line.group(2))):
            if content.startswith("#"):
                continue
            break
        if on_line:
            end = line.end()
        elif not spans and _IS_MAPPING.match(content):
            # The keys of this mapping decide.
            break
        else:
            spans.append(line.span(3))
    return [(start, end)] if on_line else spans


def masked_pair(before: Optional[str], after: Optional[str]) -> Tuple[str, str]:
    """Both texts; a secret that is in one of them only is marked as old or new, so that its change can be seen."""
    old_text, new_text = before or "", after or ""
    old, new = ({text[start:end] for start, end in _places(text)} for text in (old_text, new_text))
    mark = MASK + " (%s)"
    masked_before = masked_config(old_text, dict.fromkeys(old - new, mark % "old"))
    return masked_before, masked_config(new_text, dict.fromkeys(new - old, mark % "new"))

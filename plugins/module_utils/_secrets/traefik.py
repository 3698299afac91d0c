# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traefik's file as results and diffs may show it: without hashes, credentials and what its name calls secret."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import MASK, hide_credentials

try:
    import yaml

    HAS_YAML = True
except ImportError:  # A module's host needs nothing but requests.
    HAS_YAML = False

# Hashes of passwords as Traefik takes them, wherever they stand; those of digest authentication end a line of users.
_HASH = re.compile(r"\$(?:2[abxy]?|apr1|1|5|6)\$[^\s\"',\]}]+|\{SHA\}[A-Za-z0-9+/=]+|(?<=:)[0-9a-f]{32}\b")
# Names that say that their values are secret: headers that log in somewhere, above all.
_NAMES = r"[\w-]*(?:authorization|x-auth|token|secret|passw(?:or)?d|passphrase|credential|(?:api|private)-?key)[\w-]*"
_NAME = re.compile(_NAMES + r"\Z", re.IGNORECASE)
_NAMED = re.compile(
    r"[\"']?\b" + _NAMES + r"[\"']?[ \t]*:[ \t]+(\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'#{\[|>][^\n,}]*)", re.IGNORECASE
)


def masked(text: str, marks: Tuple[str, Mapping[str, str]] = (MASK, {})) -> str:
    """The text without hashes of passwords, values of keys that are named like secrets, and passwords in addresses.

    :param marks: what stands for a secret, and what stands for certain ones instead.
    """
    usual, special = marks
    for start, end in reversed(_places(text)):
        text = text[:start] + special.get(text[start:end], usual) + text[end:]
    return hide_credentials(text)


def _places(text: str) -> List[Tuple[int, int]]:
    """Where secrets stand, in order, none in another."""
    found = [match.span(1) for match in _NAMED.finditer(text)]
    found += [match.span() for match in _HASH.finditer(text)] + list(_named_nodes(text))
    kept: List[Tuple[int, int]] = []
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _named_nodes(text: str) -> Iterator[Tuple[int, int]]:
    """The values of secret names that do not stand on the line of the name: blocks of lines, and items of lists."""
    try:
        nodes = [yaml.compose(text, Loader=yaml.SafeLoader)] if HAS_YAML else []
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    seen: Set[int] = set()
    while nodes:
        one = nodes.pop()
        if id(one) in seen or not isinstance(one, yaml.CollectionNode):
            continue
        seen.add(id(one))
        pairs = one.value if isinstance(one, yaml.MappingNode) else [(None, item) for item in one.value]
        for key, value in pairs:
            nodes.append(value)
            if isinstance(key, yaml.ScalarNode) and _NAME.match(str(key.value)):
                for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    start, end = item.start_mark.index, item.end_mark.index
                    if isinstance(item, yaml.ScalarNode) and text[start:end].strip():
                        yield start, start + len(text[start:end].rstrip())


def diff(words: str, before: Optional[str], after: Optional[str]) -> Dict[str, Any]:
    """Both texts; a secret that is in one of them only is told apart, so that its change can be seen."""
    old, new = (set(_secrets(text or "")) for text in (before, after))
    shown = []
    for text, only, word in ((before, old - new, "old"), (after, new - old, "new")):
        special = dict.fromkeys(only, "%s (%s)" % (MASK, word))
        shown.append(masked(text or "", (MASK, special)))
    return {"before": shown[0], "after": shown[1], "before_header": words, "after_header": words}


def _secrets(text: str) -> List[str]:
    return [text[start:end] for start, end in _places(text)]

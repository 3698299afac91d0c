# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report about drift leaves out: patterns such as C(shop/staging/*) and C(application shop/*:env). Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Collection, Iterable, Iterator, List, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import known_names
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import all_sections
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import split

#: The kinds whose paths have the names of what they are in.
INNER = ("environment", "application", "compose", "database")
KINDS = frozenset(section.kind for section in all_sections())
_OPTION = re.compile(r"(.+):([^:/\s]+)\Z", re.DOTALL)
# What stands before a blank and can be meant as a kind; of a path, it is the beginning of a name.
_WORD = re.compile(r"([A-Za-z_-]+)\s+\S")


class Exclusions:
    """Patterns of what is left out, as C([KIND ]PATH[:OPTION]).

    The path is a pattern of names with slashes between them, in which a C(*) matches any text. What is in something
    that it matches is left out too: C(shop/staging) stands for the environment with all of its services,
    C(shop/staging/*) for these services alone. The option is a pattern of an option, or of a suboption after it:
    C(env.TOKEN).
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._all: List[Tuple[str, str]] = []
        self._options: List[Tuple[str, str, str]] = []
        for text in patterns:
            for kind, path in _meanings(text.strip()):
                self._all.append((kind, path))
                match = _OPTION.match(path)
                if match is not None:
                    # A name can have a colon too, so that the text means both.
                    self._options.append((kind, match.group(1), match.group(2)))

    def has(self, kind: str, path: str) -> bool:
        """Whether all of a thing is left out."""
        return any(_matches(pattern, kind, path) for pattern in self._all)

    def has_option(self, kind: str, path: str, option: Sequence[str]) -> bool:
        """Whether an option, or a suboption, is left out. :param option: the names on the way to it."""
        named = list(accumulate(option, "{}.{}".format))
        return any(
            any(_fits(name, pattern) for name in named) and _matches((wanted, place), kind, path)
            for wanted, place, pattern in self._options
        )


def unknown_kinds(patterns: Iterable[str], paths: Collection[str]) -> List[str]:
    """What is wrong with patterns whose first word is no kind, a line for each.

    :param paths: those of all that is compared. The word may be the beginning of one of these names.
    """
    lines = []
    for text in patterns:
        match = _WORD.match(text.strip())
        word = match.group(1) if match is not None else ""
        if word and word not in KINDS and not any(path.startswith(word + " ") for path in paths):
            hint = known_names(word, KINDS, most=len(KINDS))
            lines.append("%r: there is no kind %r, and no name that begins with it. %s" % (text, word, hint))
    return lines


def _meanings(text: str) -> Iterator[Tuple[str, str]]:
    """The kind, empty for any, and the path that a pattern can mean."""
    yield "", text
    kind, blank, path = text.partition(" ")
    if blank and kind in KINDS:
        yield kind, path.strip()


def _matches(pattern: Tuple[str, str], kind: str, path: str) -> bool:
    wanted, place = pattern
    if wanted not in ("", kind):
        return False
    # Other kinds are in nothing, and a slash is a part of their name.
    names = split(path) if kind in INNER else [path]
    return any(_fits(part, place) for part in accumulate(names, "{}/{}".format))


def _fits(text: str, pattern: str) -> bool:
    # A name can have the brackets of a pattern.
    return text == pattern or fnmatchcase(text, pattern)

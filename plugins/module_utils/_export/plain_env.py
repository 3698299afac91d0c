# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The variables of environment text whose values may be read in a document: those that the user names."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, Callable, Dict, Iterable, List, Pattern, Sequence, Tuple

from .._secrets.masking import names_a_secret, worth_hiding
from .public import has_credentials, is_unguessable
from .text_index import TextIndex

#: The option of the operation.
OPTION: Dict[str, Any] = {"type": "list", "elements": "str", "default": []}

#: The name of a variable, or an empty one, and its value.
Named = Tuple[str, str]

_BOOLEAN = re.compile(r"(?:true|false|yes|no|on|off|enabled|disabled|0|1)\Z", re.IGNORECASE)
_LEVEL = re.compile(
    r"(?:trace|debug|verbose|info|notice|warn|warning|error|critical|fatal|off|silent)\Z", re.IGNORECASE
)
# Not by the data of the host, which differ from host to host.
_TIME_ZONE = re.compile(
    r"(?:UTC|GMT|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)"
    r"(?:/[A-Z][A-Za-z]*(?:[_+-][A-Za-z0-9]+)*){1,2})\Z"
)
_STAGE = re.compile(r"(?:production|staging|development|test)\Z", re.IGNORECASE)
#: Names, and the values that are no secrets under these.
_SURE: Sequence[Tuple[Pattern[str], Callable[[str], Any]]] = (
    (re.compile(""), _BOOLEAN.match),
    (
        re.compile(r".*(?:(?:\A|[_.-])(?:PORT|port)|[a-z0-9]Port)\Z"),
        lambda value: value.isascii() and value.isdigit() and len(value) <= 5 and 0 < int(value) <= 65535,
    ),
    (re.compile(r"(?:.*[_.-])?(?:TZ|TIME_?ZONE)\Z", re.IGNORECASE), _TIME_ZONE.match),
    (re.compile(r"(?:.*[_.-])?LOG_?(?:GING_?)?LEVEL\Z", re.IGNORECASE), _LEVEL.match),
    (re.compile(r"(?:.*[_.-])?(?:ENV|ENVIRONMENT|STAGE)\Z", re.IGNORECASE), _STAGE.match),
)


def is_surely_plain(name: str, value: str) -> bool:
    """Whether the value of a variable cannot be a secret, whoever has chosen it."""
    return not names_a_secret(name) and any(names.match(name) and values(value) for names, values in _SURE)


class PlainEnv:
    """Which values of variables may be read.

    :param patterns: names, and patterns as those of a shell. A pattern selects no name that says that it is a secret.
    :param variables: those that can be left readable. :param others: all other secrets.
    :ivar proposed: the names of variables that surely are no secrets, and that C(patterns) does not select.
    """

    def __init__(self, patterns: Sequence[str], variables: Iterable[Named], others: Iterable[Named]) -> None:
        self._patterns = patterns
        texts: Dict[str, List[str]] = {}
        for name, text in variables:
            texts.setdefault(name, []).append(text)
        sure = [name for name, values in texts.items() if all(is_surely_plain(name, value) for value in values)]
        named = [*((name, text) for name, values in texts.items() for text in values), *others]
        worthy = [(name, text) for name, text in named if name not in sure and self._is_worthy(name, text)]
        self._known = {text for _name, text in worthy}
        self._secrets = {text for name, text in worthy if not name or names_a_secret(name)}
        self._index = TextIndex((text, False) for text in self._known if worth_hiding(text))
        self.proposed = sorted(name for name in sure if self._is_proposed(name, texts[name]))

    def _is_worthy(self, name: str, text: str) -> bool:
        """Whether no other value may be the same. Of a variable, a common word or a short number is no secret."""
        return not name or (worth_hiding(text) and not self._selects(name))

    def _is_proposed(self, name: str, texts: Sequence[str]) -> bool:
        return not self._selects(name) and not any(map(self._is_secret, texts))

    def _selects(self, name: str) -> bool:
        if not name or name in self._patterns:
            return bool(name)
        return not names_a_secret(name) and any(fnmatchcase(name, pattern) for pattern in self._patterns)

    def is_readable(self, name: str, text: str) -> bool:
        """Whether the user names a variable, and its value is no secret elsewhere."""
        return self._selects(name) and not has_credentials(text) and not self._is_secret(text)

    def _is_secret(self, text: str) -> bool:
        return text in self._known or any(hit in self._secrets or is_unguessable(hit) for hit in self._hits(text))

    def tells(self, comment: str) -> bool:
        """Whether a comment has a secret of the export. A word that is the value of a variable is none."""
        return any(hit in self._secrets or not hit.isalpha() or is_unguessable(hit) for hit in self._hits(comment))

    def _hits(self, text: str) -> Iterable[str]:
        return (hit for _place, hit in self._index.find(text))

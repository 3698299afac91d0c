# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Passwords of databases that entries under another name do not take from the originals. Pure.

A database whose password is not stated gets one from Dokploy when it is created, and keeps it. Where other texts of the
document have the old password, such as the variables of an application, they take the new one. A database with its own
password in its own texts, such as the arguments of Redis, keeps it: an entry cannot take such a value of itself.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Pattern, Tuple

from .._errors import enumerated
from .._model.argspec import Spec
from .._values.marks import is_marked
from .._values.nested import texts_in, with_texts
from .reference_text import Reference

OPTION, KEEP, NEW = "rename_passwords", "keep", "new"
OPTIONS: Spec = {OPTION: {"type": "str", "choices": [KEEP, NEW], "default": KEEP, "no_log": False}}
_OPTIONS = ("password", "root_password")
_KIND = "database"
# A shorter one may be a part of what it has nothing to do with.
_SHORTEST = 8


class NewPasswords:
    """The passwords that are left out, and what stands in their place.

    :param entries: those that get other names, with the names of the document.
    :ivar mistakes: one sentence for each password that may be elsewhere, and is too short to tell.
    :ivar warnings: one for each that stays.
    """

    def __init__(self, entries: Iterable[Any]) -> None:
        self.mistakes: List[str] = []
        self.warnings: List[str] = []
        self._texts: Dict[str, str] = {}
        for entry, option in _passwords(entries):
            password = str(entry.params[option])
            own = [name for name, value in entry.params.items() if name not in _OPTIONS and _has(value, password)]
            if own:
                text = "%s: rename_passwords: it keeps its %s, which is in its %s, too"
                self.warnings.append(text % (entry.key, option, enumerated(own)))
                continue
            if len(password) < _SHORTEST:
                text = "%s: rename_passwords: %s has less than %d characters, so that nothing tells where else it is"
                self.mistakes.append(text % (entry.where, option, _SHORTEST))
            self._texts.setdefault(password, Reference(_KIND, entry.names, option).text)
        self._pattern = _pattern(self._texts) if self._texts else None

    def without(self, entry: Any) -> Dict[str, Any]:
        """The parameters of an entry without the old passwords."""
        params = dict(entry.params)
        for _entry, option in _passwords([entry]):
            if params[option] in self._texts:
                params[option] = None
        pattern = self._pattern
        if pattern is None:
            return params
        changed: Dict[str, Any] = with_texts(
            params, lambda text: pattern.sub(lambda match: self._texts[match[0]], text)
        )
        return changed


def _pattern(passwords: Iterable[str]) -> Pattern[str]:
    """What matches a password as a word of its own."""
    words = "|".join(re.escape(text) for text in sorted(passwords, key=len, reverse=True))
    return re.compile("(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % words)


def _has(value: Any, password: str) -> bool:
    return any(_pattern([password]).search(text) for text in texts_in(value))


def _passwords(entries: Iterable[Any]) -> Iterator[Tuple[Any, str]]:
    """The passwords that databases state, each as its option."""
    for entry in entries:
        params: Mapping[str, Any] = entry.params
        for option in _OPTIONS if entry.section.kind == _KIND and not entry.absent else ():
            if params.get(option) and not is_marked(params[option]):
                yield entry, option

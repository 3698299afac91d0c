# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Removal of secrets from a text.

Dokploy's answers contain values of the request in clear: the parameters of a failed SQL statement, the command line of
rclone with both keys (measured on 0.30.2). Every text of the server passes through here before it becomes a message.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Callable, Deque, Iterable, Iterator, List, Set, Tuple

from .patterns import MASK, READ, hide_credentials, one_line, spellings, texts_of_secrets, worth_hiding

MAX_LENGTH = 1000

# Shorter secrets are masked only where they stand alone; longer ones in capitals and small letters.
_ALONE = 4
_ANY_CASE = 8
# A piece of a longer secret is masked as well, since a server may cut what it quotes.
_PIECE = 16
_STEP = _PIECE // 2
# No more of a text is searched for pieces; what is shown is much shorter.
_SEARCHED = 4000
# The length from which secrets in requests and answers are remembered, and how many characters of them.
_TELLING = 8
_LEARNED = 4 * 1024 * 1024

_SQL = re.compile(
    # Drizzle (Dokploy 0.28 and later): statement and parameters in full, to the end of the text.
    r"Failed query:.*"
    # PostgreSQL's own sentences (before 0.28, and as a cause): some of them quote the value.
    r"|(?:insert or update on table|update or delete on table|null value in column|duplicate key value"
    r"|new row for relation|invalid input (?:syntax|value) for|value too long for type"
    r"|value \"?[^\"\n]*\"? is out of range|Key \([^)]*\)=).*"
    # A bare statement.
    r"|(?:insert into|update|delete from|select) \"[^\"]+\".*"
    r"|\bparams: .*",
    re.DOTALL | re.IGNORECASE,
)
_FOREIGN_KEY = re.compile(r'on table "([^"]+)" violates foreign key constraint "([^"]+)"')
_DATABASE = "the database refused the request (a referenced id that does not exist, or a value that does not fit?)"

# Secrets that are not registered, but recognised by their place in a text. No pattern may read from many places to the
# same end: a line of ten thousand dashes would take minutes.
_BY_PLACE = (
    # rclone, docker, curl: --s3-secret-access-key=..., --password ...
    r"(--(?![\w-]{0,80}stdin)[\w-]{0,80}(?:key|secret|token|pass)[\w-]{0,80}[= ]\s*)(?:\"[^\"]*\"|'[^']*'|\S+)",
    # docker build --build-arg NPM_TOKEN=..., docker exec -e DB_PASS=...
    r"(\b[\w-]{0,80}(?:password|passwd|_pass(?==)|secret|token|api[_-]?key)[\w-]{0,80}=)(?:\"[^\"]*\"|'[^']*'|[^\s&]+)",
    r"(\bBearer\s+)\S+",
    r"(\bBasic\s+)[A-Za-z0-9+/=]{8,}",
)


def cut_sql(text: str) -> str:
    """The text without the SQL statement and its parameters; what precedes them is kept."""
    found = _SQL.search(text)
    if not found:
        return text
    key = _FOREIGN_KEY.search(found.group())
    sentence = _DATABASE
    if key and key.group(2).startswith(key.group(1) + "_"):
        # <table>_<column>_<other table>_<its column>_fk: the column is the API's field name.
        sentence = "%s does not name anything that exists" % key.group(2)[len(key.group(1)) + 1 :].split("_")[0]
    before = text[: found.start()].strip().rstrip(":").strip()
    return sentence if before in ("", "Error") else "%s: %s" % (before, sentence)


class Scrubber:
    """The secrets of one client, and C(variables): the values of the variables in a text, for C(learn)."""

    def __init__(self, variables: Callable[[str], Iterable[str]] = lambda text: ()) -> None:
        self._variables = variables
        self._secrets: Set[str] = set()
        self._new: Set[str] = set()
        # The forms of the secrets.
        self._exact: Set[str] = set()
        self._any_case: Set[str] = set()
        self._short: Set[str] = set()
        # Texts of requests and answers under the keys of secrets, and their length in all.
        self._learned: Deque[str] = deque()
        self._size = 0

    def add(self, *values: str) -> None:
        """Register secrets; C(None) and empty values are ignored."""
        # Most runs mask no text, so the forms are computed later.
        self._new.update(value for value in values if isinstance(value, str) and value.strip())

    def learn(self, value: Any) -> None:
        """Remember the newest texts under the keys of secrets in a request or an answer: a server may quote either."""
        texts = [text for text in texts_of_secrets(value) if len(text) >= _TELLING]
        self._learned.extend(texts)
        self._size += sum(map(len, texts))
        while self._size > _LEARNED:
            self._size -= len(self._learned.popleft())

    def mask(self, text: str) -> str:
        """C(text) with every registered secret masked."""
        self._take_new()
        lowered = _lower(text)
        places = [
            (start, start + len(form))
            for forms, within in ((self._exact, text), (self._any_case, lowered))
            for form in forms
            if form in within
            for start in _starts(form, within)
        ]
        if self._short:
            alone = r"(?<!\w)(?:%s)(?!\w)" % "|".join(map(re.escape, sorted(self._short, key=len, reverse=True)))
            places += [match.span() for match in re.finditer(alone, text)]
        return _masked(text, places)

    def _take_new(self) -> None:
        learned = (value for text in self._learned for value in (text, *self._variables(text)))
        self.add(*(value for value in learned if len(value) >= _TELLING and worth_hiding(value)))
        self._learned.clear()
        self._size = 0
        for form in {form for secret in self._new - self._secrets for form in spellings(secret)}:
            if len(form) >= _ANY_CASE:
                self._any_case.add(_lower(form))
            else:
                (self._short if len(form) < _ALONE else self._exact).add(form)
        self._secrets |= self._new
        self._new = set()

    def _mask_pieces(self, text: str) -> str:
        """C(text) with the longer pieces of secrets masked, for a secret that is quoted in part."""
        secrets = "\n".join(_lower(secret) for secret in self._secrets if len(secret) > _PIECE)
        lowered = _lower(text)
        starts = (
            near
            # Each piece has a whole step in it.
            for start in range(0, len(text), _STEP)
            if lowered[start : start + _STEP] in secrets
            for near in range(max(0, start - _STEP), start + 1)
        )
        places = {(start, start + _PIECE) for start in starts if start + _PIECE <= len(text)}
        return _masked(text, [(start, end) for start, end in places if lowered[start:end] in secrets])

    def sanitize(self, text: str) -> str:
        """A text of the server for a message: no SQL, no secrets, one line, bounded length."""
        # Also before SQL is cut: half a secret must not stay.
        hidden = self.mask(text[:READ])
        kept = cut_sql(hidden)
        cut = len(text) > READ and kept == hidden
        text = hide_credentials(kept)
        for pattern in _BY_PLACE:
            text = re.sub(pattern, r"\1" + MASK, text, flags=re.IGNORECASE)
        # Again on one line: a secret with a line break in it may be recognised only now.
        text = self._mask_pieces(self.mask(one_line(text))[:_SEARCHED])
        if cut and len(text) <= MAX_LENGTH:
            # Where reading ended, the beginning of a secret may stand.
            text = text[:-_PIECE].rpartition(" ")[0] + " ..."
        return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH].rstrip() + " ..."


def _masked(text: str, places: Iterable[Tuple[int, int]]) -> str:
    """C(text) with one mask for each run of places that overlap."""
    pieces: List[str] = []
    done = 0
    for start, end in sorted(places):
        if start >= done:
            pieces += [text[done:start], MASK]
        done = max(done, end)
    return "".join(pieces) + text[done:]


def _starts(form: str, text: str) -> Iterator[int]:
    start = -1
    while (start := text.find(form, start + 1)) >= 0:
        yield start


def _lower(text: str) -> str:
    """In lower case, with each letter at its place."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)

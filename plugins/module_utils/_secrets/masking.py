# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Taking out of a text what must not be shown.

Dokploy answers with the values of the request in clear: the parameters of a failed SQL statement, the command line of
rclone with both keys (measured on 0.30.2). Every word of the server passes through here before it becomes a message.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from typing import Any, Deque, Dict, Iterable, Iterator, List, Match, Set, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import (
    MASK,
    hide_credentials,
    one_line,
    spellings,
    texts_of_secrets,
    worth_hiding,
)
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv

WITHHELD = "(the server's words contain a secret and are withheld)"
MAX_WORDS = 600

# Of a longer secret a piece gives away enough to be masked as well; a server may cut what it quotes.
PIECE = 16
_STEP = PIECE // 2
# An error may quote all that was sent. No more of it is looked at; what is shown is much shorter.
_READ = 16000
# No more of a text is searched for pieces; what is shown is much shorter.
_SEARCHED = 4000
_CODED = re.compile(r"[A-Za-z0-9+/_-]{16,}")
# How long a secret must be that was seen in a request or an answer, and how much of such is remembered.
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

# No pattern may read on from many places to the same end: a line of ten thousand dashes would take minutes.
# Secrets nobody registered, but whose place in a text gives them away.
_BY_PLACE = (
    # rclone, docker, curl: --s3-secret-access-key=..., --password ...
    (
        re.compile(
            r"(--(?![\w-]{0,80}stdin)[\w-]{0,80}(?:key|secret|token|pass)[\w-]{0,80}[= ]\s*)(\"[^\"]*\"|'[^']*'|\S+)",
            re.I,
        ),
        r"\1" + MASK,
    ),
    # docker build --build-arg NPM_TOKEN=...
    (
        re.compile(
            r"(\b[\w-]{0,80}(?:password|passwd|secret|token|api[_-]?key)[\w-]{0,80}=)(\"[^\"]*\"|'[^']*'|[^\s&]+)", re.I
        ),
        r"\1" + MASK,
    ),
    (re.compile(r"(\bBearer\s+)\S+", re.I), r"\1" + MASK),
    (re.compile(r"(\bBasic\s+)[A-Za-z0-9+/=]{8,}", re.I), r"\1" + MASK),
)


def cut_sql(text: str) -> str:
    """The server's words without statement and parameters; what stood before them is kept."""
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
    """Knows the secrets of one client; C(words) makes a text of the server fit for a message."""

    def __init__(self) -> None:
        self._secrets: Set[str] = set()
        self._new: List[str] = []
        self._needles = Needles()
        # Texts under the keys of secrets, of requests and answers, and how long they are together.
        self._learned: Deque[str] = deque()
        self._size = 0

    def add(self, *values: str) -> None:
        """Register secrets; C(None) and empty values are ignored."""
        new = {value for value in values if isinstance(value, str) and value.strip()} - self._secrets
        self._secrets |= new
        # Their spellings are found when the first text is to be searched, which most runs never come to.
        self._new += new

    def learn(self, value: Any) -> None:
        """Remember what stands under the keys of secrets in a request or an answer: a server may quote either.

        The newest of them, up to so many characters, and only what is long enough not to be a word by chance.
        """
        for text in texts_of_secrets(value):
            if len(text) >= _TELLING:
                self._learned.append(text)
                self._size += len(text)
        while self._size > _LEARNED:
            self._size -= len(self._learned.popleft())

    def hide(self, text: str) -> str:
        """C(text) with every registered secret masked."""
        while self._learned:
            learned = self._learned.popleft()
            values = (learned, *dotenv.parse(learned).values())
            self.add(*(value for value in values if len(value) >= _TELLING and worth_hiding(value)))
        self._size = 0
        for secret in self._new:
            self._needles.add(spellings(secret))
        self._new = []
        hidden = self._needles.replaced(text, MASK)
        # A mask beside the rest of a text could in theory spell another secret: then show nothing at all.
        return WITHHELD if hidden != text and self._needles.any_long(hidden) else hidden

    def _without_pieces(self, text: str) -> str:
        """C(text) with longer pieces of secrets masked, for a secret that was quoted in part."""
        secrets = [secret.lower() for secret in self._secrets if len(secret) > PIECE]
        lowered = text.lower()
        if len(lowered) != len(text):
            # A capital that is two letters in small print: then places in one are not those in the other.
            lowered = text
        start = 0
        while secrets and start + _STEP <= len(lowered):
            window = lowered[start : start + _STEP]
            pieces = [_piece(lowered, start, secret) for secret in secrets if window in secret]
            first, end = max(pieces, key=lambda piece: piece[1] - piece[0], default=(0, 0))
            start += _STEP
            if end - first >= PIECE:
                text, lowered = (one[:first] + MASK + one[end:] for one in (text, lowered))
                start = first + len(MASK)
        return text

    def _without_coded(self, text: str) -> str:
        """C(text) without what is base64 of something with a secret in it, or with a piece of one."""

        def judged(found: Match[str]) -> str:
            coded = found.group().replace("-", "+").replace("_", "/")
            for start in range(4):
                # Letters before it may belong to it or not.
                whole = coded[start : start + (len(coded) - start) // 4 * 4]
                said = base64.b64decode(whole).decode("utf-8", errors="replace")
                if self.hide(said) != said or self._without_pieces(said) != said:
                    return MASK
            return found.group()

        return _CODED.sub(judged, text)

    def words(self, text: str) -> str:
        """The server's words: no SQL, no secrets, one line, bounded length."""
        # Before the cut as well: it must not leave half a secret behind.
        hidden = self.hide(text[:_READ])
        kept = cut_sql(hidden)
        cut = len(text) > _READ and kept == hidden
        text = hide_credentials(kept)
        for pattern, replacement in _BY_PLACE:
            text = pattern.sub(replacement, text)
        # Once more on one line: a secret with a line break in it may only now be recognised.
        text = self._without_coded(self._without_pieces(self.hide(one_line(text))[:_SEARCHED]))
        # Where the reading ended less than a piece of a secret may stand.
        text = text[:-PIECE] + " ..." if cut and len(text) <= MAX_WORDS else text
        return text if len(text) <= MAX_WORDS else text[:MAX_WORDS].rstrip() + " ..."


def _piece(text: str, start: int, secret: str) -> Tuple[int, int]:
    """How far to both sides of a window, which is in the secret, the text is the secret's."""
    end = start + _STEP
    while end < len(text) and text[start : end + 1] in secret:
        end += 1
    while start and text[start - 1 : end] in secret:
        start -= 1
    return start, end


# --- needles ---
# Many texts sought in one at once: an environment of thousands of variables, each with dozens of spellings.
#
# A regular expression of them all tries each at every place, and one search after another reads the text as often as
# there are spellings. Here every place is looked at once, and what begins there is looked up.


# The characters by which a needle is looked up; a shorter one counts only where it stands alone.
HEAD = 4
# From this length on a needle is found in capitals and in small letters.
ANY_CASE = 8
# So few are sought one after another first, since most texts hold none.
_FEW = 300

_Heads = Dict[str, Dict[int, Set[str]]]


class Needles:
    """Texts to be found."""

    def __init__(self) -> None:
        self._exact: _Heads = {}
        self._small: _Heads = {}
        self._short: Set[str] = set()
        self._few: List[str] = []
        self._count = 0

    def add(self, texts: Iterable[str]) -> None:
        """Seek these as well."""
        for text in texts:
            self._count += 1
            if len(text) < HEAD:
                self._short.add(text)
                found = text
            else:
                found = _small(text) if len(text) >= ANY_CASE else text
                heads = self._small if len(text) >= ANY_CASE else self._exact
                heads.setdefault(found[:HEAD], {}).setdefault(len(found), set()).add(found)
            if self._count <= _FEW:
                self._few.append(found)

    def replaced(self, text: str, by: str) -> str:
        """C(text) with every needle in it replaced, from the left to the right, the longest of several."""
        small = _small(text)
        if self._count <= _FEW and not any(one in text or one in small for one in self._few):
            return text
        pieces: List[str] = []
        done = 0
        for start, end in self._places(text, small):
            pieces += [text[done:start], by]
            done = end
        return "".join(pieces) + text[done:] if pieces else text

    def any_long(self, text: str) -> bool:
        """Whether one of four characters and more is in it."""
        small = _small(text)
        if self._count <= _FEW:
            return any(len(one) >= HEAD and (one in text or one in small) for one in self._few)
        return any(self._long_at(text, small, position) for position in range(len(text)))

    def _places(self, text: str, small: str) -> Iterator[Tuple[int, int]]:
        position = 0
        while position < len(text):
            end = self._long_at(text, small, position) or (self._alone(text, position) if self._short else 0)
            if end:
                yield position, end
            position = end or position + 1

    def _long_at(self, text: str, small: str, start: int) -> int:
        """Where the longest one ends that begins here; 0 for none."""
        longest = 0
        for heads, within in ((self._small, small), (self._exact, text)):
            for length, needles in heads.get(within[start : start + HEAD], {}).items():
                if length > longest and within[start : start + length] in needles:
                    longest = length
        return start + longest if longest else 0

    def _alone(self, text: str, start: int) -> int:
        """Where the short one ends that stands alone here; 0 for none."""
        if start and _is_word(text[start - 1]):
            return 0
        for length in range(HEAD - 1, 0, -1):
            end = start + length
            if text[start:end] in self._short and not (end < len(text) and _is_word(text[end])):
                return end
        return 0


def _small(text: str) -> str:
    """In small letters, each at the place of its capital."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _is_word(char: str) -> bool:
    return char == "_" or char.isalnum()

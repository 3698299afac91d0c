# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Taking out of a text what must not be shown.

Dokploy answers with the values of the request in clear: the parameters of a failed SQL statement, the command line of
rclone with both keys (measured on 0.30.2). Every word of the server passes through here before it becomes a message.
"""

from __future__ import annotations

import json
import re
from typing import List, Optional, Pattern, Set
from urllib.parse import quote, quote_plus

MASK = "********"
WITHHELD = "(the server's words contain a secret and are withheld)"
MAX_WORDS = 600

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

# Secrets nobody registered, but whose place in a text gives them away.
_BY_PLACE = (
    # rclone, docker, curl: --s3-secret-access-key=..., --password ...
    (
        re.compile(r"(--(?![\w-]*stdin)[\w-]*(?:key|secret|token|pass)[\w-]*[= ]\s*)(\"[^\"]*\"|'[^']*'|\S+)", re.I),
        r"\1" + MASK,
    ),
    # https://token@host of a git remote or a registry, postgresql://user:password@host
    (re.compile(r"(\bhttps?://)[^/\s@]+@", re.I), r"\1" + MASK + "@"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/\s@:]*:)[^/\s@]+@", re.I), r"\1" + MASK + "@"),
    (re.compile(r"(\bBearer\s+)\S+", re.I), r"\1" + MASK),
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _spellings(secret: str) -> Set[str]:
    """The forms in which a value may come back: as it is, as JSON text, URL-encoded, shell-quoted, on one line."""
    forms = {secret, secret.strip(), one_line(secret)}
    forms.update(line.strip() for line in secret.splitlines() if len(line.strip()) >= 8)
    forms.update(
        {json.dumps(form)[1:-1] for form in forms} | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}
    )
    forms.update(
        {quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace"), secret.replace("'", "'\\''")}
    )
    return {form for form in forms if form.strip("*")}


def one_line(text: str) -> str:
    """Colours and control characters removed, every run of blanks one blank."""
    return _BLANKS.sub(" ", _ANSI.sub("", text)).strip()


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
        self._forms: Set[str] = set()
        self._pattern: Optional[Pattern[str]] = None

    def add(self, *values: str) -> None:
        """Register secrets; C(None) and empty values are ignored."""
        for value in values:
            if isinstance(value, str) and value.strip():
                self._forms |= _spellings(value)
                self._pattern = None

    def _compiled(self) -> Pattern[str]:
        if self._pattern is None:
            parts: List[str] = []
            # The longest first, or a secret that begins with another would show its end.
            for form in sorted(self._forms, key=len, reverse=True):
                # A very short one ("1", "ab") is only masked where it stands alone: it would shred every sentence.
                parts.append(re.escape(form) if len(form) >= 4 else r"(?<!\w)%s(?!\w)" % re.escape(form))
            self._pattern = re.compile("|".join(parts))
        return self._pattern

    def hide(self, text: str) -> str:
        """C(text) with every registered secret masked."""
        if not self._forms:
            return text
        hidden = self._compiled().sub(MASK, text)
        # A mask beside the rest of a text could in theory spell another secret: then show nothing at all.
        return WITHHELD if any(len(form) >= 4 and form in hidden for form in self._forms) else hidden

    def words(self, text: str) -> str:
        """The server's words: no SQL, no secrets, one line, bounded length."""
        # Before the cut as well: it must not leave half a secret behind.
        text = cut_sql(self.hide(text))
        for pattern, replacement in _BY_PLACE:
            text = pattern.sub(replacement, text)
        # Once more on one line: a secret with a line break in it may only now be recognised.
        text = self.hide(one_line(text))
        return text if len(text) <= MAX_WORDS else text[:MAX_WORDS].rstrip() + " ..."

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Secrets in texts: how they are recognised, and how they are removed.

They are recognised by their place in a text, by the name of their key, and by their value, which a server may quote in
another form than it was sent in; C(spellings) computes these forms.

Dokploy's answers contain values of the request in clear: the parameters of a failed SQL statement, the command line of
rclone with both keys (measured on 0.30.2). Every text of the server passes through C(Scrubber) before it becomes a
message.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections import deque
from functools import lru_cache
from typing import Any, Callable, Collection, Deque, Iterable, Iterator, List, Set, Tuple
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "(hidden)"
MASK = "********"

# Shorter values are not searched for in texts: every text would become stars, and nothing would be protected.
SHORTEST = 4
# Nor are shorter API keys. Those of Dokploy have 64 characters, and a placeholder such as "wrong" would hide words of
# messages.
SHORTEST_KEY = 8
# Neither are these common values of variables, nor short numbers.
COMMON = frozenset(
    "true false none null undefined default enabled disabled auto always never info warn warning error debug trace"
    " prod production stage staging test testing develop development local localhost main master latest"
    " node python ruby http https postgres postgresql mysql mariadb redis mongo mongodb root admin user users"
    " password secret token public private utf-8 utf8".split()
)
# Lines that are no secret themselves: the frame of PEM, a key with its value below it, the head of a section.
_FRAME = re.compile(r"(?:-----(?:BEGIN|END) [A-Z0-9 ]+-----|[\w.-]+:|\[[\w .-]+\])\Z")
# An error may quote all that was sent. No more of it is read; what is shown is much shorter.
READ = 16000
# The other forms of a longer value cost too much; its pieces are found anyway (see Scrubber).
_LONG = 4096

_SECRET_NAME = re.compile(
    r"pass(?:w(?:or)?d|phrase|wd)|secret|token|credential|(?:private|access|api|secret|user|license|encryption)[_-]?key"
    r"|\Akey\Z|\Acert\Z|privkey|\Aauth\Z|authorization|x-auth",
    re.IGNORECASE,
)
# Further keys of the API with secret values.
_SECRET_KEYS = frozenset(
    "env envVariables buildArgs previewEnv previewBuildArgs userKey webhookUrl headers content composeFile"
    " traefikConfig".split()
)
# Keys that only look like it.
_NO_SECRETS = frozenset("tokenEndpoint tokenEndpointAuthentication secretPath".split())

_USER_INFO = (
    re.compile(
        # A password with a slash is invalid, but it must not be shown either. Bounded: otherwise a long text would be
        # read to its end from each of many places.
        r"(\b[a-z][a-z0-9+.-]{0,30}://[^/\s@:]{0,500}:)(?!\d{1,5}(?:[/?#,;\s\"']|\Z))[^\s@\"'<>]{0,4000}(?:@[^/\s@]*)*@",
        re.IGNORECASE,
    ),
    # The user name of a web address may be a token.
    re.compile(r"(\bhttps?://)[^/\s]*@", re.IGNORECASE),
)
_PARAMETER = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|pass(?:w(?:or)?d)?|credentials?|signature|sig|auth)=)([^&#\s\"'<>]+)",
    re.IGNORECASE,
)
# What is no secret in the text of an environment or a Compose file, and what messages name: what the collection itself
# notes, such as the path of an archive, and images.
_NO_SECRET = re.compile(r"# community\.dokploy\.[^\n]*|^[ \t-]*image:[ \t]*\S+\s*$", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# The last ones change the direction of the text that follows.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# The longest message that quotes a value.
_MESSAGE = 2000


def one_line(text: str) -> str:
    """Colours and control characters removed, every run of blanks one blank."""
    return _BLANKS.sub(" ", _ANSI.sub("", text)).strip()


def shortened(text: str) -> str:
    """A message without the middle of a long value: the problem precedes it, the hint follows it."""
    return text if len(text) <= _MESSAGE else "%s ... %s" % (text[: _MESSAGE // 2], text[-_MESSAGE // 4 :])


def hide_credentials(text: str) -> str:
    """A text with the secrets in its URLs masked: C(https://user:token@host), C(https://token@host), C(?token=...)."""
    if "@" in text:
        for pattern in _USER_INFO:
            text = pattern.sub(r"\g<1>%s@" % MASK, text)
    return _PARAMETER.sub(r"\g<1>%s" % MASK, text)


def without(value: Any, secrets: Collection[str]) -> Any:
    """A value of JSON with these secrets masked in every text of it; the keys of mappings stay."""
    if isinstance(value, str):
        # The longest first: one may be a part of another.
        for secret in sorted((text for text in secrets if text in value), key=len, reverse=True):
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {key: without(item, secrets) for key, item in value.items()}
    return [without(item, secrets) for item in value] if isinstance(value, (list, tuple)) else value


def credentials_in(text: str) -> Iterator[str]:
    """The secrets in URLs: passwords, user names that are as long as tokens, and parameters named like secrets."""
    users = (user_info.partition(":") for user_info in re.findall(r"://([^/\s]*)@", text))
    parts = [part for user, _colon, password in users for part in (password, user if len(user) >= 12 else "")]
    parts += [value for _name, value in _PARAMETER.findall(text)]
    yield from {form for part in parts for form in (part, unquote(part)) if form}


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    """Whether a key of the API has secret values, in requests or answers."""
    return key in _SECRET_KEYS or names_a_secret(key)


def names_a_secret(key: str) -> bool:
    """Whether a key of the API is called as a secret by itself, unlike C(env) and C(composeFile)."""
    return bool(_SECRET_NAME.search(key)) and key not in _NO_SECRETS


def texts_of_secrets(value: Any) -> Iterator[str]:
    """The texts under the keys of secrets, anywhere in a request or an answer."""
    left: List[Any] = [[value]]
    while left:
        group = left.pop()
        for key, item in group.items() if isinstance(group, dict) else (("", item) for item in group):
            if isinstance(item, (dict, list)):
                left.append(item)
            elif isinstance(item, str) and item and is_secret(key):
                yield item


def worth_hiding(value: str) -> bool:
    """Whether a secret is searched for in texts."""
    text = value.strip()
    # A number needs one more digit.
    long = len(text) >= SHORTEST + text.isdigit()
    return long and text.lower() not in COMMON and bool(text.strip("*"))


def secret_lines(secret: str, shortest: int = 8) -> Set[str]:
    """The lines of a secret that are worth hiding by themselves, since a program may print it line by line."""
    lines = {line.strip() for line in secret.splitlines()}
    return {line for line in lines if len(line) >= shortest and worth_hiding(line) and not _FRAME.match(line)}


def spellings(secret: str) -> Set[str]:
    """The forms in which a value may come back, the value itself among them."""
    plain = {secret, secret.strip(), one_line(secret)} | secret_lines(secret)
    plain |= {json.dumps(text)[1:-1] for text in plain}
    forms = {form for text in plain if len(text) <= READ for form in _base64(text)}
    if len(secret) <= _LONG:
        forms.update(form for text in plain for form in _spelled(text))
    return {form for form in plain | forms if form.strip("*")}


def _spelled(text: str) -> Iterator[str]:
    for inner in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield inner
        # JSON in JSON, slashes as PHP escapes them, and JSON in HTML.
        yield json.dumps(inner)[1:-1]
        yield inner.replace("/", "\\/")
        yield re.sub("[<>&']", lambda match: "\\u%04x" % ord(match.group()), inner)
    yield from (quote(text, safe=safe, errors="replace") for safe in ("", "/", "!'()*"))
    yield quote_plus(text, errors="replace")
    yield quote(quote(text, safe="", errors="replace"), safe="")
    yield from (html.escape(text), html.escape(text).replace("&#x27;", "&#39;"), html.escape(text, quote=False))
    # Between a shell's quotes, single and double.
    yield from (text.replace("'", "'\\''"), text.replace("'", "'\"'\"'"), re.sub(r'(["\\$`])', r"\\\1", text))
    yield repr(text)[1:-1]


def _base64(text: str) -> Iterator[str]:
    """What a base64 text contains if the value is somewhere in what was encoded, as in C(user:password)."""
    data = text.encode("utf-8", errors="replace")
    whole = base64.b64encode(data).decode()
    if SHORTEST <= len(data) < 8:
        yield from (whole, whole.rstrip("="))
    # A part of a shorter one would match by chance.
    for before in range(3 if len(data) >= 8 else 0):
        coded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        # The first characters and the last one also depend on the neighbours.
        first = (before * 8 + 5) // 6
        last = len(coded) - (1 if (before + len(data)) % 3 else 0)
        yield coded[first:last]
        yield coded[first:last].replace("+", "-").replace("/", "_")


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
    statement = _SQL.search(text)
    if not statement:
        return text
    key = _FOREIGN_KEY.search(statement.group())
    sentence = _DATABASE
    if key and key.group(2).startswith(key.group(1) + "_"):
        # <table>_<column>_<other table>_<its column>_fk: the column is the API's field name.
        sentence = "%s does not name anything that exists" % key.group(2)[len(key.group(1)) + 1 :].split("_")[0]
    before = text[: statement.start()].strip().rstrip(":").strip()
    return sentence if before in ("", "Error") else "%s: %s" % (before, sentence)


class Scrubber:
    """The secrets of one client, and C(variables): the values of the variables in a text, for C(learn).

    Threads may use it at once: that of a subscription masks its lines while others learn secrets.
    """

    def __init__(self, variables: Callable[[str], Iterable[str]] = lambda text: ()) -> None:
        self._variables = variables
        self._lock = threading.RLock()
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
        with self._lock:
            self._new.update(value for value in values if isinstance(value, str) and value.strip())

    def learn(self, value: Any) -> None:
        """Remember the newest texts under the keys of secrets in a request or an answer: a server may quote either."""
        texts = [text for text in texts_of_secrets(value) if len(text) >= _TELLING]
        with self._lock:
            self._learned.extend(texts)
            self._size += sum(map(len, texts))
            while self._size > _LEARNED:
                self._size -= len(self._learned.popleft())

    def mask(self, text: str) -> str:
        """C(text) with every registered secret masked."""
        with self._lock:
            return self._mask(text)

    def _mask(self, text: str) -> str:
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
        with self._lock:
            secrets = "\n".join(_NO_SECRET.sub("", _lower(secret)) for secret in self._secrets if len(secret) > _PIECE)
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
    position = 0
    for start, end in sorted(places):
        if start >= position:
            pieces += [text[position:start], MASK]
        position = max(position, end)
    return "".join(pieces) + text[position:]


def _starts(form: str, text: str) -> Iterator[int]:
    start = -1
    while (start := text.find(form, start + 1)) >= 0:
        yield start


def _lower(text: str) -> str:
    """In lower case, with each letter at its place."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)

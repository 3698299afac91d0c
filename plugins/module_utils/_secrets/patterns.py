# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What must not be shown, and how it is recognised: by its place in a text, by its name, by its value.

A value comes back in another form than it was sent in: inside JSON, in an address, in a page, between a shell's quotes,
in base64 together with a user's name. C(spellings) knows these forms.
"""

from __future__ import annotations

import base64
import html
import json
import re
from functools import lru_cache
from typing import Any, Iterator, Set
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "(hidden)"
MASK = "********"

# What is shorter is not searched for in texts: it would turn every text into stars and protect nothing.
SHORTEST = 4
# Nor are these, whichever option has them, and short numbers: they are what variables usually say.
COMMON = frozenset(
    "true false none null undefined default enabled disabled auto always never info warn warning error debug trace"
    " prod production stage staging test testing develop development local localhost main master latest"
    " node python ruby http https postgres postgresql mysql mariadb redis mongo mongodb root admin user users"
    " password secret token public private utf-8 utf8".split()
)
# What frames the lines of a file and is no secret itself: the marks of PEM, a key with its value below it, a section.
_FRAME = re.compile(r"(?:-----(?:BEGIN|END) [A-Z0-9 ]+-----|[\w.-]+:|\[[\w .-]+\])\Z")
# Of a longer value the other forms cost more than they are worth: its pieces are found anyway (see Scrubber).
_LONG = 4096

# A name that says of its value that it is secret.
SMELLS = re.compile(
    r"pass(?:w(?:or)?d|phrase|wd)|secret|token|credential|(?:private|access|api|secret|user|license|encryption)[_-]?key"
    r"|\Akey\Z|\Acert\Z|privkey|\Aauth\Z|authorization|x-auth",
    re.IGNORECASE,
)

# Keys of the API that hold secrets, beside those whose name says so.
_SECRET_KEYS = frozenset(
    "env envVariables buildArgs previewEnv previewBuildArgs userKey webhookUrl headers content composeFile"
    " traefikConfig".split()
)
# Those that only look so.
_NO_SECRETS = frozenset("tokenEndpoint tokenEndpointAuthentication secretPath".split())

_USER_INFO = (
    # A slash in a password is a mistake, but no reason to show the password.
    re.compile(
        # As long as they come; a pattern without an end would read a long text through from each of many places.
        r"(\b[a-z][a-z0-9+.-]{0,30}://[^/\s@:]{0,500}:)(?!\d{1,5}(?:[/?#,;\s\"']|\Z))[^\s@\"'<>]{0,4000}(?:@[^/\s@]*)*@",
        re.IGNORECASE,
    ),
    # Of a web address the user's name may be the token.
    re.compile(r"(\bhttps?://)[^/\s]*@", re.IGNORECASE),
)
_PARAMETER = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|pass(?:w(?:or)?d)?|credentials?|signature|sig|auth)=)[^&#\s\"'<>]+",
    re.IGNORECASE,
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# The last ones turn the direction of what follows, and so what it seems to say.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# What a message may be that quotes a value.
_MESSAGE = 2000


def one_line(text: str) -> str:
    """Colours and control characters removed, every run of blanks one blank."""
    return _BLANKS.sub(" ", _ANSI.sub("", text)).strip()


def shortened(text: str) -> str:
    """A message without the middle of a long value: what is wrong stands before it, what to do behind."""
    return text if len(text) <= _MESSAGE else "%s ... %s" % (text[: _MESSAGE // 2], text[-_MESSAGE // 4 :])


def hide_credentials(text: str) -> str:
    """An address without the secrets in it: C(https://user:token@host), C(https://token@host), C(?token=...)."""
    # Most texts have none, and are not read through for what must end in one.
    if "@" in text:
        for pattern in _USER_INFO:
            text = pattern.sub(r"\g<1>%s@" % MASK, text)
    return _PARAMETER.sub(r"\g<1>%s" % MASK, text)


def hide_credentials_in(value: Any) -> Any:
    """The same for every text in a value."""
    if isinstance(value, str):
        return hide_credentials(value)
    if isinstance(value, dict):
        return {key: hide_credentials_in(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [hide_credentials_in(item) for item in value]
    return value


def credentials_in(text: str) -> Iterator[str]:
    """The secrets in addresses: passwords, users long enough to be tokens, and parameters that are named like them."""
    for found in re.finditer(r"://([^/\s]*)@", text):
        user, _colon, password = found.group(1).partition(":")
        for part in (password, user if len(user) >= 12 else ""):
            yield from {part, unquote(part)} - {""}
    for found in _PARAMETER.finditer(text):
        value = found.group(0)[len(found.group(1)) :]
        yield from {value, unquote(value)}


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    """Whether the API keeps a secret under a key, in requests as in answers."""
    return key in _SECRET_KEYS or (bool(SMELLS.search(key)) and key not in _NO_SECRETS)


def texts_of_secrets(value: Any) -> Iterator[str]:
    """The texts under the keys of secrets, anywhere in a request or an answer."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            for key, item in one.items():
                if isinstance(item, (dict, list)):
                    left.append(item)
                elif isinstance(item, str) and item and is_secret(key):
                    yield item
        elif isinstance(one, list):
            left.extend(one)


def worth_hiding(value: str) -> bool:
    """Whether a secret is searched for in texts."""
    text = value.strip()
    if len(text) < SHORTEST or (len(text) == SHORTEST and text.isdigit()):
        return False
    return text.lower() not in COMMON and bool(text.strip("*"))


def lines_of(secret: str, shortest: int = 8) -> Set[str]:
    """The lines of a secret that are worth hiding by themselves: what prints it may print one line at a time."""
    lines = {line.strip() for line in secret.splitlines()}
    return {line for line in lines if len(line) >= shortest and worth_hiding(line) and not _FRAME.match(line)}


def spellings(secret: str) -> Set[str]:
    """The forms in which a value may come back, the value itself among them."""
    plain = {secret, secret.strip(), one_line(secret)} | lines_of(secret)
    forms = set(plain)
    for text in plain if len(secret) <= _LONG else ():
        forms.update(_spelled(text))
        forms.update(_base64(text))
    if len(secret) > _LONG:
        forms.add(json.dumps(secret)[1:-1])
    return {form for form in forms if form.strip("*")}


def _spelled(text: str) -> Iterator[str]:
    for inner in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield inner
        # JSON in JSON, PHP's slashes, and what is made safe for a page.
        yield json.dumps(inner)[1:-1]
        yield inner.replace("/", "\\/")
        yield re.sub("[<>&']", lambda found: "\\u%04x" % ord(found.group()), inner)
    for safe in ("", "/", "!'()*"):
        yield quote(text, safe=safe, errors="replace")
    yield quote_plus(text, errors="replace")
    yield quote(quote(text, safe="", errors="replace"), safe="")
    yield html.escape(text)
    yield html.escape(text).replace("&#x27;", "&#39;")
    yield html.escape(text, quote=False)
    # Between a shell's quotes, single and double.
    yield text.replace("'", "'\\''")
    yield text.replace("'", "'\"'\"'")
    yield re.sub(r'(["\\$`])', r"\\\1", text)
    yield repr(text)[1:-1]


def _base64(text: str) -> Iterator[str]:
    """What a base64 text contains when the value stands somewhere in what was encoded, as in C(user:password)."""
    data = text.encode("utf-8", errors="replace")
    if len(data) < 8:
        # Too short a form would be found by chance; the value alone and whole is no chance.
        whole = base64.b64encode(data).decode()
        yield from (whole, whole.rstrip("=")) if len(data) >= SHORTEST else ()
        return
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        # The first characters and the last one also hold bits of the neighbours.
        first = (before * 8 + 5) // 6
        last = len(coded) - (1 if (before + len(data)) % 3 else 0)
        yield coded[first:last]
        yield coded[first:last].replace("+", "-").replace("/", "_")

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How secrets are recognised: by their place in a text, by the name of their key, by their value.

A server may quote a value in another form than it was sent in; C(spellings) computes these forms.
"""

from __future__ import annotations

import base64
import html
import json
import re
from functools import lru_cache
from typing import Any, Iterator, List, Set
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


def hide_credentials_in(value: Any) -> Any:
    """The same for every text in a value of JSON."""
    if isinstance(value, dict):
        return {key: hide_credentials_in(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [hide_credentials_in(item) for item in value]
    return hide_credentials(value) if isinstance(value, str) else value


def credentials_in(text: str) -> Iterator[str]:
    """The secrets in URLs: passwords, user names that are as long as tokens, and parameters named like secrets."""
    users = (found.partition(":") for found in re.findall(r"://([^/\s]*)@", text))
    parts = [part for user, _colon, password in users for part in (password, user if len(user) >= 12 else "")]
    parts += [value for _name, value in _PARAMETER.findall(text)]
    yield from {form for part in parts for form in (part, unquote(part)) if form}


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    """Whether a key of the API has secret values, in requests or answers."""
    return key in _SECRET_KEYS or (bool(_SECRET_NAME.search(key)) and key not in _NO_SECRETS)


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


def lines_of(secret: str, shortest: int = 8) -> Set[str]:
    """The lines of a secret that are worth hiding by themselves, since a program may print it line by line."""
    lines = {line.strip() for line in secret.splitlines()}
    return {line for line in lines if len(line) >= shortest and worth_hiding(line) and not _FRAME.match(line)}


def spellings(secret: str) -> Set[str]:
    """The forms in which a value may come back, the value itself among them."""
    plain = {secret, secret.strip(), one_line(secret)} | lines_of(secret)
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
        yield re.sub("[<>&']", lambda found: "\\u%04x" % ord(found.group()), inner)
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

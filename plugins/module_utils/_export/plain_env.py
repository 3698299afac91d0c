# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The variables of environment text whose values may be read in a document: those that the user names, and those that
surely are no secrets."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, Container, Dict, Iterable, List, Sequence, Tuple

from .._secrets.masking import names_a_secret, worth_hiding
from .public import has_credentials, is_unguessable
from .text_index import TextIndex

#: The options of the operation.
OPTIONS: Dict[str, Any] = {
    "plain_env": {"type": "list", "elements": "str", "default": []},
    "secret_env": {"type": "str", "choices": ["guessed", "all"], "default": "guessed", "no_log": False},
    "secret_env_names": {"type": "list", "elements": "str", "default": [], "no_log": False},
}

#: The name of a variable, or an empty one, and its value.
Named = Tuple[str, str]

# Parts of names under which any value may be a secret, even a short number. A name is split at capitals, too.
_SECRET_WORDS = frozenset(
    "auth authorization cert certificate code cookie credential credentials cred creds dsn hash hmac jwt key keys"
    " license licence login mnemonic nonce otp pass passcode passphrase passwd password passwords pepper pin pins"
    " private pw pwd salt secret secrets seed session sign signature signing sk ssh token tokens totp webhook"
    " webhooks".split()
)
_SECRET_ENDS = ("code", "key", "keys", "login", "pass", "password", "pin", "pwd", "secret", "token")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Values that are no secrets under any other name. A redaction of these makes output unreadable.
_USUAL = frozenset(
    "true false yes no on off enabled disabled none null undefined default auto always never"
    " trace debug verbose info notice warn warning error critical fatal silent"
    " production staging stage development develop test testing preview local localhost utc gmt"
    " json text plain html http https tcp udp smtp utf8 utf-8 utf8mb4 sync async memory file files disk database stdout"
    " stderr postgres postgresql mysql mariadb redis mongo mongodb sqlite node python".split()
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?\Z")
# Not by the data of the host, which differ from host to host.
_TIME_ZONE = re.compile(
    r"(?:UTC|GMT|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)"
    r"(?:/[A-Z][A-Za-z]*(?:[_+-][A-Za-z0-9]+)*){1,2})\Z"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = r"(?:%s\.)+[a-z]{2,24}" % _LABEL
_ADDRESS = r"(?:localhost|%s|(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::[0-9]{1,5})?" % _DOMAIN
_HOST = re.compile(_ADDRESS + r"\Z")
_SHORT_HOST = re.compile(r"[a-z][a-z-]{0,30}(?::[0-9]{1,5})?\Z")
_HOST_NAME = re.compile(r"(?:.*[_.-])?(?:HOST|HOSTNAME)\Z", re.IGNORECASE)
_URL = re.compile(r"[a-z]{2,10}://%s(?:/(?:[a-z][a-z_-]{0,15}|v?[0-9]{1,2}))*/?\Z" % _ADDRESS)
_SHORTEST = 4


def may_name_a_secret(name: str) -> bool:
    """Whether the value of a variable of this name may be a secret, whatever it looks like: C(PIN), C(API_KEY)."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return (
        names_a_secret(name)
        or not _SECRET_WORDS.isdisjoint(words)
        or any(word.endswith(_SECRET_ENDS) for word in words)
    )


def is_surely_plain(name: str, value: str, names: Container[str] = ()) -> bool:
    """Whether the value of a variable cannot be a secret, whoever has chosen it.

    An empty one, one of at most 3 characters, a number, a usual word, a time zone, a host, a URL without a login and
    a query, or a name that the document has. :param names: these.
    """
    if may_name_a_secret(name) or value != value.strip():
        return False
    if len(value) < _SHORTEST or value.lower() in _USUAL or value in names or _TIME_ZONE.match(value):
        return True
    if _NUMBER.match(value):
        return True
    is_address = _HOST.match(value) or _URL.match(value) or (_HOST_NAME.match(name) and _SHORT_HOST.match(value))
    return bool(is_address) and not any(map(is_unguessable, re.split(r"[./:]", value)))


class PlainEnv:
    """Which values of variables may be read.

    :param patterns: names, and patterns as those of a shell. A pattern selects no name that says that it is a secret.
    :param variables: those that can be left readable. :param others: all other secrets.
    :param guessed: whether values that surely are no secrets may be read as well.
    :param hidden: names, and patterns, of variables that are secrets in any case.
    :param names: those that the document has.
    :ivar proposed: the names of variables that surely are no secrets, and that are secrets nevertheless.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        variables: Iterable[Named],
        others: Iterable[Named],
        guessed: bool = False,
        hidden: Sequence[str] = (),
        names: Container[str] = (),
    ) -> None:
        self._patterns, self._guessed, self._hidden, self._names = patterns, guessed, hidden, names
        texts: Dict[str, List[str]] = {}
        for name, text in variables:
            texts.setdefault(name, []).append(text)
        sure = [name for name, values in texts.items() if all(self._is_sure(name, value) for value in values)]
        named = [*((name, text) for name, values in texts.items() for text in values), *others]
        worthy = [(name, text) for name, text in named if self._is_worthy(name, text)]
        self._known = {text for _name, text in worthy}
        # Not even a usual word that anything with the name of a secret has.
        self._named_secret = {text for name, text in named if name and may_name_a_secret(name)}
        self._secrets = {text for name, text in worthy if not name or names_a_secret(name)}
        self._index = TextIndex((text, False) for text in self._known if worth_hiding(text))
        self.proposed = sorted(name for name in sure if self._is_proposed(name, texts[name]))

    def _is_sure(self, name: str, text: str) -> bool:
        return not self._is_hidden(name) and is_surely_plain(name, text, self._names)

    def _is_hidden(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._hidden)

    def _is_worthy(self, name: str, text: str) -> bool:
        """Whether no other value may be the same. Of a variable, a common word or a short number is no secret."""
        return not name or (worth_hiding(text) and not self._selects(name) and not self._is_sure(name, text))

    def _is_proposed(self, name: str, texts: Sequence[str]) -> bool:
        return not any(self.is_readable(name, text) or not self._is_free(text) for text in texts)

    def _is_free(self, text: str) -> bool:
        """Whether nothing that may be a secret has a value that looks as if it were none."""
        return text not in self._named_secret and not has_credentials(text) and not self._is_secret(text)

    def _selects(self, name: str) -> bool:
        if self._is_hidden(name):
            return False
        if not name or name in self._patterns:
            return bool(name)
        return not names_a_secret(name) and any(fnmatchcase(name, pattern) for pattern in self._patterns)

    def is_readable(self, name: str, text: str) -> bool:
        """Whether the user names a variable, or it surely is no secret, and its value is no secret elsewhere."""
        if self._selects(name):
            return not has_credentials(text) and not self._is_secret(text)
        return self._guessed and self._is_sure(name, text) and self._is_free(text)

    def _is_secret(self, text: str) -> bool:
        return text in self._known or any(hit in self._secrets or is_unguessable(hit) for hit in self._hits(text))

    def tells(self, comment: str) -> bool:
        """Whether a comment has a secret of the export. A word that is the value of a variable is none."""
        return any(hit in self._secrets or not hit.isalpha() or is_unguessable(hit) for hit in self._hits(comment))

    def _hits(self, text: str) -> Iterable[str]:
        return (hit for _place, hit in self._index.find(text))

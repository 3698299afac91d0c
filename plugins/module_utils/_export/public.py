# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a text tells: whether anybody may guess it, and whether it is a secret beside the references in it."""

from __future__ import annotations

import re

from .._manifest.reference_text import references_in, with_references
from .._secrets.masking import MASK, hide_credentials
from .marked import parts

# Words of which people make passwords, the longer ones first.
_COMMON = re.compile(
    "administrator|postgresql|production|replaceme|changeme|database|password|passwort|postgres|username|compose|default"
    "|dokploy|example|letmein|mariadb|mongodb|staging|testing|welcome|change|docker|insert|libsql|passwd|please|qwerty"
    "|random|sample|secret|string|admin|guest|hello|local|mongo|mysql|owner|redis|super|token|world|abcd|asdf|demo|here"
    "|pass|prod|root|some|test|this|user|very|word|your|abc|api|app|bar|baz|dev|foo|for|key|not|now|pwd|the|top|web|xyz|db"
    "|is|it|me|my|pg|a"
)
# Generated texts have digits, or capitals in the middle of words.
_MIXED = re.compile("[0-9]|[a-z][A-Z].*[a-z][A-Z].*[a-z][A-Z]", re.DOTALL)
# One webhook token in 860 has neither: Dokploy makes them of 21 characters, seldom without a digit.
_TOKEN = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_-]{21}\Z")
_SHORTEST, _FEWEST_CHARACTERS, _PHRASE = 12, 8, 24


def is_unguessable(text: str) -> bool:
    """Whether a text is in another one not by chance: it is long, varied, and not made of common words."""
    letters = _COMMON.sub("", re.sub("[^a-z]", "", text.lower()))
    varied = len(text) >= _SHORTEST and len(set(text)) >= _FEWEST_CHARACTERS and len(letters) >= 3
    return varied and (len(text) >= _PHRASE or any(pattern.search(text) for pattern in (_MIXED, _TOKEN)))


# C(\0) stands for a reference. A user name, a port and the name of a database are shown where they are configured.
_NAME = r"[A-Za-z0-9_.-]{0,63}"
_HOST = r"(?:tasks\.)?\0(?:[._-](?:[a-z]{1,16}|[0-9]{1,2})){0,3}"
_PORT = r"(?::(?:[0-9]{1,5}|\0))?"
_SETTING = (
    r"(?i:application_?name|auth_?mechanism|auth_?source|charset|client_encoding|collation|connect_?timeout"
    r"|connection_limit|db|direct_?connection|encoding|encrypt|family|integrated security|keepalives|max_?pool_?size"
    r"|min_?pool_?size|multipleactiveresultsets|options|parse_?time|pgbouncer|pool_?size|pool_?timeout|pooling|protocol"
    r"|read_?preference|replica_?set|retry_?reads|retry_?writes|schema|search_path|server_?version|socket_timeout"
    r"|ssl|ssl_?mode|statement_cache_size|target_session_attrs|timeout|time_?zone|tls|trust ?server ?certificate"
    r"|use_?ssl|w)"
    r"=[A-Za-z0-9_.,%/+-]{0,40}"
)
_QUERY = r"(?:\?{0}(?:&{0})*)?".format(_SETTING)
_ADDRESS = re.compile(
    # The URL of a database, with a reference as password; any other one; or a host, or a URL of its own.
    r"(?:(?:jdbc:)?(?:postgres(?:ql)?|mysqlx?|mariadb|mongodb|rediss?|valkeys?|libsql|sqlserver)[0-9]?(?:\+[a-z0-9]+)?://"
    r"(?:(?:{name}|\0):\0@|\0@)?(?:{host}|{name}){port}(?:,{host}{port})*(?:/(?:{name}|\0))?"
    r"|[a-z]{{2,10}}://(?:(?:{name}|\0):\0@|\0@)?{host}{port}(?:/(?:[a-z][a-z_-]{{0,15}}|v[0-9]))*/?"
    r"|{host}{port}(?:/{name})?){query}\Z".format(name=_NAME, host=_HOST, port=_PORT, query=_QUERY)
)
# As libpq and ADO.NET take it.
_PAIR = (
    r"(?:(?:host|hostaddr|server|data source|address)=(?:tcp:)?(?:{host}|{name}){port}(?:,[0-9]{{1,5}})?"
    r"|(?:port|dbname|database|initial catalog|user|user ?id|uid|username)=(?:{name}|\0)|(?:password|pwd)=\0|{setting})"
).format(name=_NAME, host=_HOST, port=_PORT, setting=_SETTING)
_PAIRS = re.compile(r"{0}(?:(?: |; ?){0})*;?\Z".format(_PAIR), re.IGNORECASE)


def has_credentials(text: str) -> bool:
    """Whether a text has a URL with a secret, where no mark stands for it."""
    bare = "".join(part if isinstance(part, str) else MASK for part in parts(text))
    return hide_credentials(bare) != bare


def is_public(text: str) -> bool:
    """Whether a text has references, and beside these nothing that can be a secret: C(postgres://shop:...@.../shop)."""
    if not any(references_in(text)):
        return False
    bare = with_references(text, lambda reference: "\0")
    if any(map(is_unguessable, re.split(r"[^A-Za-z0-9_.-]", bare))):
        return False
    return (_ADDRESS.match(bare) or _PAIRS.match(bare)) is not None

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The comments of environment text as comments of a document, which anybody may read.

A comment may be a variable that was switched off, C(# PASSWORD=...), or tell a secret in words. What can be one is not
shown: the text on the server keeps it.
"""

from __future__ import annotations

import re
from typing import List, Tuple

from .._secrets.masking import HIDDEN, hide_credentials, names_a_secret
from .._values.dotenv_edit import comments
from .public import is_unguessable

# As the parser of environment text reads it without the sign of a comment.
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z0-9_.-]+)\s*(=\s*|:\s+)(?=\S)")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,63}\Z")
# What a person begins a sentence with.
_LABEL = re.compile(r"(?:note|todo|fixme|hint|tip|info|warning|attention|important|see|deprecated)\Z", re.IGNORECASE)
# A value after a name, wherever it is. A line of equals signs is none.
_ASSIGNED = re.compile(r"[\w\])'\".-]\s*=\s*[^\s=]")
# A user name with a password: no URL, no port and no time.
_LOGIN = re.compile(r"(?<!\w)[A-Za-z][\w.-]*:(?!//|\d{1,5}\b)[^\s:]")
_SAID = re.compile(r"(?:\s+(?:is|was|are|were)\b|\s*(?:[:=]|->))\s*\S", re.IGNORECASE)
_WORD = re.compile(r"[(\"']*[A-Za-z]?[a-z]*(?:['-][a-z]+)*[.,:;!?)\"']*\Z|[A-Z]+s?[.,:;!?)]*\Z|[-=#*_]+\Z")


def shown_comments(text: str) -> List[Tuple[str, str]]:
    """The comments of environment text, each with the name of its variable, see C(_values.dotenv_edit.comments).

    C((hidden)) stands for what may be a secret, once for several of these in a row.
    """
    pairs: List[Tuple[str, str]] = []
    for name, comment in comments(text):
        pair = (name, shown_comment(comment))
        if pair[1] != HIDDEN or pairs[-1:] != [pair]:
            pairs.append(pair)
    return pairs


def shown_comment(comment: str) -> str:
    """A comment, with C((hidden)) in place of the value of a variable, or of all of it."""
    variable = _VARIABLE.match(comment)
    if variable is not None and not (variable[2] != "=" and _LABEL.match(variable[1])):
        name = variable[1]
        return "%s=%s" % (name, HIDDEN) if _NAME.match(name) and not is_unguessable(name) else HIDDEN
    return HIDDEN if _may_tell(comment) else comment


def _may_tell(comment: str) -> bool:
    """Whether a comment may have a secret in it."""
    if _ASSIGNED.search(comment) or _LOGIN.search(comment) or hide_credentials(comment) != comment:
        return True
    if any(map(is_unguessable, re.split(r"[^A-Za-z0-9_.-]+", comment))):
        return True
    # A heading such as "Password of the database" says none.
    return names_a_secret(comment) and bool(_SAID.search(comment) or not all(map(_WORD.match, comment.split())))

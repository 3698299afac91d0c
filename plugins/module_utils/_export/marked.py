# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Marked texts of an exported document, and the Jinja expressions that users read in their place.

A mark is a reference, C(\\0reference\\0KIND|PATH:FIELD\\0), or a secret, C(\\0secret\\0NAME\\0), or one key of a
mapping of secrets, C(\\0secret\\0NAME|KEY\\0). It is a whole text or a part of a longer one.

Ansible's templates have peculiarities, measured on ansible-core 2.18 and 2.21. In a string of an expression, a
backslash is a backslash, so that nothing in it can be escaped. Carriage returns become line feeds. ansible-core 2.18
makes a mapping, a list or a boolean of what looks like one, unless the filter C(string) comes last.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Iterator, List, Mapping, Optional, Union

from .._manifest.reference_text import Reference, reference_of
from .._values.marks import MARK, REFERENCE, SECRET, mark, substituted
from .._values.nested import with_texts

# What begins a template, or changes how Ansible reads one.
_TEMPLATE = re.compile(r"\{[{%#]|\A#jinja2:")
# What is not itself in the text of a template: braces that begin an expression, carriage returns.
_NOT_ITSELF = re.compile(r"\{\{+|\{(?=[%#\r])|\r+")
_NOT_ITSELF_BEFORE_AN_EXPRESSION = re.compile(r"%s|\{\Z" % _NOT_ITSELF.pattern)
# What ansible-core 2.18 takes for a mapping, a list or a boolean, and what any takes for settings of the template.
_NO_TEXT = re.compile(r"[{\[]|(?:True|False)\Z|#jinja2:")

NO_SECRETS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Secret:
    """:param name: that of a variable. :param key: that of a mapping which is its value."""

    name: str
    key: Optional[str] = None

    @property
    def text(self) -> str:
        """The mark that stands for its value."""
        return mark(SECRET, self.name if self.key is None else "%s|%s" % (self.name, self.key))

    def value(self, secrets: Mapping[str, Any]) -> Any:
        """:raises KeyError: there is no such secret."""
        value = secrets[self.name]
        return value if self.key is None else value[self.key]


_Part = Union[str, Secret, Reference]


def _secret_of(key: str) -> Secret:
    """The secret whose mark has this key."""
    name, separator, inner = key.partition("|")
    return Secret(name, inner if separator else None)


def is_template(text: str) -> bool:
    """Whether Ansible takes a text for a template."""
    return _TEMPLATE.search(text) is not None


def with_secrets(value: Any, secrets: Mapping[str, Any]) -> Any:
    """A value with its secrets in place of their marks, at any depth. References stay.

    :raises KeyError: there is no such secret.
    """
    return substituted(
        value,
        lambda source, key: _secret_of(key).value(secrets) if source == SECRET else mark(source, key),
        keys=False,
    )


def as_templates(value: Any, secrets: Mapping[str, Any] = NO_SECRETS) -> Any:
    """A value whose texts are templates of what it has, at any depth. Keys of mappings stay: Ansible renders none.

    :param secrets: those whose values are known, since some need a filter.
    """
    return with_texts(value, lambda text: template(text, secrets))


def template(text: str, secrets: Mapping[str, Any] = NO_SECRETS) -> str:
    """The template of a text, marked or not; the text itself if it needs none."""
    pieces = parts(text)
    if not is_template(text) and all(isinstance(piece, str) for piece in pieces):
        return text
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return "{{ %s%s }}" % (_expression(pieces[0]), " | string" if _beginning(pieces, secrets) else "")
    if _beginning(pieces, secrets) or _ending(pieces, secrets):
        return "{{ %s | string }}" % _grouped(" ~ ".join(map(_operand, pieces)))
    return "".join(map(_in_text, pieces, [*pieces[1:], ""]))


def literal(text: str) -> str:
    """A text as an operand of a Jinja expression, which may be several strings with C(~) between them."""
    return " ~ ".join(_strings(text)) or "''"


def parts(text: str) -> List[_Part]:
    """The marks of a text, and what is before, between and after them."""
    pieces: List[_Part] = []
    end = 0
    for match in MARK.finditer(text):
        source, key = match.groups()
        part = _secret_of(key) if source == SECRET else reference_of(key) if source == REFERENCE else None
        if part is not None:
            pieces.extend([text[end : match.start()], part])
            end = match.end()
    return [piece for piece in (*pieces, text[end:]) if piece != ""]


# --- a text with expressions in it ---


def _in_text(part: _Part, after: _Part) -> str:
    if not isinstance(part, str):
        return "{{ %s }}" % _expression(part)
    wanted = _NOT_ITSELF_BEFORE_AN_EXPRESSION if after else _NOT_ITSELF
    return wanted.sub(lambda match: "{{ %s }}" % literal(match[0]), part)


def _beginning(pieces: List[_Part], secrets: Mapping[str, Any]) -> bool:
    """Whether Ansible can take the text that these make for something else."""
    return _NO_TEXT.match(_known(pieces[0], secrets)) is not None


def _ending(pieces: List[_Part], secrets: Mapping[str, Any]) -> bool:
    """Whether line feeds follow those at the end of a secret. Ansible leaves out some of them."""
    last = pieces[-1]
    return isinstance(last, str) and not last.strip("\n") and _known(pieces[-2], secrets).endswith("\n")


def _known(part: _Part, secrets: Mapping[str, Any]) -> str:
    """What is known of the text of a part."""
    if isinstance(part, Secret):
        with contextlib.suppress(KeyError):
            part = part.value(secrets)
    return part if isinstance(part, str) else ""


# --- expressions ---


def _expression(part: _Part) -> str:
    """A part as an expression that no filter follows."""
    if isinstance(part, Secret):
        return part.name if part.key is None else "%s[%s]" % (part.name, literal(part.key))
    if isinstance(part, Reference):
        kind = "(kind=%s)" % literal(part.kind) if part.kind else ""
        return "%s | community.dokploy.reference%s" % (_grouped(literal(str(part))), kind)
    return literal(part)


def _grouped(expression: str) -> str:
    """An expression before a filter, which binds tighter than C(~)."""
    return "(%s)" % expression if " ~ " in expression else expression


def _operand(part: _Part) -> str:
    return "(%s)" % _expression(part) if isinstance(part, Reference) else _expression(part)


def _strings(text: str) -> Iterator[str]:
    """The strings of Jinja that make a text: each has one kind of quotes around it and not in it."""
    at = 0
    while at < len(text):
        if text[at] == "\r":
            yield "'%c' % 13"
            at += 1
            continue
        piece, quote = max(((_until(text, at, quote), quote) for quote in "'\""), key=lambda piece: len(piece[0]))
        at += len(piece)
        backslashes = len(piece) - len(piece.rstrip("\\"))
        if backslashes % 2:
            # Otherwise Jinja takes the quote after it for a part of the string.
            piece = piece[:-1]
        if piece:
            yield quote + piece + quote
        if backslashes % 2:
            yield "'%c' % 92"


def _until(text: str, at: int, quote: str) -> str:
    """The text from a position to the next quote or carriage return."""
    match = re.compile("[^%s\r]*" % quote).match(text, at)
    return match[0] if match else ""

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML of an exported document, as a person would write it: keys in their order, texts of several lines as blocks,
comments, and nothing that a reader takes for another type or Ansible for a template.

The same document has the same text, whatever the versions of Python and PyYAML are.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any, Callable, Container, Dict, List, Mapping, Sequence, Tuple

from yaml import ScalarNode
from yaml.resolver import Resolver

from ansible_collections.community.dokploy.plugins.module_utils._export.marked import (
    NO_SECRETS,
    is_template,
    template,
)
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import one_line
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import is_marked
from ansible_collections.community.dokploy.plugins.module_utils._values.yaml_text import NUMBER

#: What editors complete and check a document by, see docs/manifest.schema.json.
SCHEMA = "https://raw.githubusercontent.com/ansible-collections/community.dokploy/1.0.0/docs/manifest.schema.json"

_Path = Tuple[Any, ...]

# The characters that a text without quotes and a block can hold, for PyYAML as for libyaml.
_PRINTABLE = "\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_BLOCK = re.compile("[%s]+\\Z" % _PRINTABLE)
# Editors remove them.
_BLANKS_AT_THE_END = re.compile(r"[ \t](?:\n|\Z)")
_NOT_PRINTABLE = re.compile("[^%s]" % _PRINTABLE.replace("\t\n", ""))
# A text without quotes. It begins with none of YAML's indicators, but for dashes and the like before a letter, and ends
# no value by a colon or a comment.
_PLAIN = re.compile(
    r"(?!---|\.\.\.)(?:[^\s%s]|[-?:](?=[\w.-]))(?:[^\s:#]|:(?=\S)|(?<!\s)#| (?=\S))*\Z"
    % re.escape("-?:,[]{}#&*!|>'\"%@`")
)
_BOOLEANS = re.compile(r"[yn]\Z", re.IGNORECASE)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x85": "\\N", "\u2028": "\\L"}
_TO_ESCAPE = re.compile('["\\\\]|%s' % _NOT_PRINTABLE.pattern)
# The longest key that PyYAML and libyaml find without a mark before it is of 1024 characters.
_LONGEST_KEY = 1000
_WIDTH = 118

_tag_of: Callable[..., str] = Resolver().resolve


class Template(str):
    """A text that is a template already."""


def document_text(
    document: Mapping[str, Any],
    head: Sequence[str] = (),
    comments: Sequence[Mapping[str, Any]] = (),
    secrets: Mapping[str, Any] = NO_SECRETS,
) -> str:
    """:param document: with marked texts, see C(_export.marked).
    :param head: lines of comments before it.
    :param comments: each C({path: keys and indexes, text}). It is before what has the path, or at the end of the
        mapping that lacks it.
    :param secrets: those that the document has marks of; some need a filter.
    """
    writer = writer_of(document, comments, secrets)
    lines = [*writer.above((), 0), *(writer.mapping(document, 0, (), apart=True) if document else ["{}"])]
    return "\n".join([*("# %s" % line for line in head), "---", *lines, ""])


def writer_of(
    document: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]] = (),
    secrets: Mapping[str, Any] = NO_SECRETS,
) -> Writer:
    """What writes parts of a document, with the comments of these. The parameters are those of C(document_text)."""
    texts: Dict[_Path, List[str]] = {}
    for comment in comments:
        texts.setdefault(_shown_path(document, comment["path"]), []).append(comment["text"])
    return Writer(texts, secrets)


def _shown_path(document: Mapping[str, Any], path: Sequence[Any]) -> _Path:
    """The beginning of a path that ends with what the document lacks, or with what has nothing in it."""
    value: Any = document
    for depth, key in enumerate(path):
        if not value or not _is_container(value):
            return tuple(path[:depth])
        if key not in (value if isinstance(value, Mapping) else range(len(value))):
            return tuple(path[: depth + 1])
        value = value[key]
    return tuple(path)


class Writer:
    """Writes values as lines.

    :param comments: the texts for each path.
    """

    def __init__(self, comments: Mapping[_Path, List[str]], secrets: Mapping[str, Any]) -> None:
        self._comments = comments
        self._missing: Dict[_Path, List[_Path]] = {}
        for path in comments:
            self._missing.setdefault(path[:-1], []).append(path)
        self._secrets = secrets

    def mapping(self, value: Mapping[str, Any], indent: int, path: _Path, apart: bool = False) -> List[str]:
        """:param apart: there are empty lines around its lists and mappings."""
        lines: List[str] = []
        before: Any = None
        for key, item in value.items():
            inner = (*path, key)
            if apart and lines and (_is_container(item) or _is_container(before)):
                _separate(lines)
            before = item
            lines.extend(self.pair(key, item, indent, inner))
        return [*lines, *self._at_the_end(value, indent, path)]

    def pair(self, key: str, value: Any, indent: int, path: _Path) -> List[str]:
        """The lines of a key with its value. :param path: that of the value in the document, for its comments."""
        return [*self.above(path, indent), *self._pair(key, value, indent, path)]

    def _pair(self, key: str, value: Any, indent: int, path: _Path) -> List[str]:
        name, *more = _scalar(key, 0)
        blanks = " " * indent
        if more or len(name) > _LONGEST_KEY:
            name, *more = [_quoted(key)]
            return ["%s? %s" % (blanks, name), *self._after("%s:" % blanks, value, indent, path)]
        return self._after("%s%s:" % (blanks, name), value, indent, path)

    def _after(self, before: str, value: Any, indent: int, path: _Path) -> List[str]:
        """The lines of what begins with a key."""
        if value and isinstance(value, Mapping):
            return [before, *self.mapping(value, indent + 2, path)]
        if value and isinstance(value, (list, tuple)):
            return [before, *self.items(value, indent + 2, path)]
        first, *more = self.leaf(value, indent + 2)
        return ["%s %s" % (before, first), *more]

    def items(self, value: Sequence[Any], indent: int, path: _Path) -> List[str]:
        """The lines of a list that is not empty."""
        lines: List[str] = []
        for index, item in enumerate(value):
            if index and (_is_nested(item) or _is_nested(value[index - 1])):
                _separate(lines)
            lines.extend(self.item(item, indent, (*path, index)))
        return [*lines, *self._at_the_end(range(len(value)), indent, path)]

    def item(self, value: Any, indent: int, path: _Path) -> List[str]:
        """The lines of one item of a list."""
        if not value or not _is_container(value):
            first, *more = self.leaf(value, indent + 2)
            return [*self.above(path, indent), "%s- %s" % (" " * indent, first), *more]
        inner = self.mapping if isinstance(value, Mapping) else self.items
        lines = inner(value, indent + 2, path)
        # Those of its first key.
        number = next(number for number, line in enumerate(lines) if not line.lstrip().startswith("#"))
        above = [line[2:] for line in lines[:number]]
        return [
            *self.above(path, indent),
            *above,
            "%s- %s" % (" " * indent, lines[number][indent + 2 :]),
            *lines[number + 1 :],
        ]

    def above(self, path: _Path, indent: int) -> List[str]:
        """The comments of a path."""
        before = "%s# " % (" " * indent)
        wrapper = textwrap.TextWrapper(
            max(_WIDTH, indent + 40), before, before, break_long_words=False, break_on_hyphens=False
        )
        texts = (_NOT_PRINTABLE.sub("?", one_line(text)) for text in self._comments.get(path, ()))
        return [line for text in texts for line in wrapper.wrap(text)]

    def _at_the_end(self, known: Container[Any], indent: int, path: _Path) -> List[str]:
        """The comments of what a value lacks. :param known: its keys."""
        missing = [inner for inner in self._missing.get(path, ()) if inner and inner[-1] not in known]
        return [line for inner in missing for line in self.above(inner, indent)]

    def leaf(self, value: Any, indent: int) -> List[str]:
        """What is neither a mapping nor a list, or an empty one: what comes after a key, and the lines after that."""
        if not isinstance(value, str):
            return [_other(value)]
        text, tag = self._text(value)
        first, *more = _scalar(text, indent)
        return [tag + first, *more]

    def _text(self, value: str) -> Tuple[str, str]:
        """The text that stands for a value, and the tag before it."""
        if isinstance(value, Template):
            return value, ""
        if is_marked(value):
            return template(value, self._secrets), ""
        return value, "!unsafe " if is_template(value) else ""

    def in_line(self, value: Any) -> str:
        """A value in one line, as it can be inside of braces and brackets."""
        if isinstance(value, Mapping):
            return "{%s}" % ", ".join("%s: %s" % (_quoted(key), self.in_line(item)) for key, item in value.items())
        if isinstance(value, (list, tuple)):
            return "[%s]" % ", ".join(map(self.in_line, value))
        if not isinstance(value, str):
            return _other(value)
        text, tag = self._text(value)
        plain = _is_plain(text) and not re.search(r"[,\[\]{}]|:\Z", text)
        return tag + (text if plain else _quoted(text))


def _separate(lines: List[str]) -> None:
    """Add an empty line, unless it would be part of the text before it."""
    if lines[-1]:
        lines.append("")


def _is_container(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple))


def _is_nested(value: Any) -> bool:
    """Whether a mapping has another one or a list in it."""
    return isinstance(value, Mapping) and any(item and _is_container(item) for item in value.values())


def _other(value: Any) -> str:
    """What is no text."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        text = repr(value)
        if text.lstrip("-") in ("inf", "nan"):
            return text.replace("inf", ".inf").replace("nan", ".nan")
        # YAML reads no number without a dot as this one.
        return text if "." in text else text.replace("e", ".0e")
    if isinstance(value, int):
        return str(value)
    return "{}" if isinstance(value, Mapping) else "[]"


# --- texts ---


def _scalar(text: str, indent: int) -> List[str]:
    """A text as what comes after a key, and the lines after that.

    :param indent: that of these lines.
    """
    if "\n" not in text:
        return [text if _is_plain(text) else _in_quotes(text)]
    if text.strip("\n") and _BLOCK.match(text) and not _BLANKS_AT_THE_END.search(text):
        return _block(text, indent)
    return _lines_in_quotes(text, indent)


def _is_plain(text: str) -> bool:
    """Whether a reader of YAML 1.1, as Ansible is one, or of YAML 1.2 takes a text without quotes for this text."""
    if not _PLAIN.match(text) or _NOT_PRINTABLE.search(text) or is_template(text):
        return False
    if NUMBER.match(text) or _BOOLEANS.match(text):
        return False
    return _tag_of(ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"


def _in_quotes(text: str) -> str:
    if _NOT_PRINTABLE.search(text) or not re.search(r'["\\]', text):
        return _quoted(text)
    return "'%s'" % text.replace("'", "''")


def _quoted(text: str) -> str:
    return '"%s"' % _TO_ESCAPE.sub(_escaped, text)


def _escaped(match: Any) -> str:
    code = ord(match[0])
    return _ESCAPES.get(match[0]) or ("\\x%02X" if code < 0x100 else "\\u%04X") % code


def _block(text: str, indent: int) -> List[str]:
    """A text of several lines as it is, with C(|), and how it ends."""
    lines = text.split("\n")
    first = next(line for line in lines if line)
    # Otherwise a reader takes its blanks for the indentation.
    blanks = "2" if first[0] in " \t" else ""
    end = text[len(text.rstrip("\n")) :]
    mark = {"": "-", "\n": ""}.get(end, "+")
    if end:
        lines.pop()
    return ["|%s%s" % (blanks, mark), *("%s%s" % (" " * indent, line) if line else "" for line in lines)]


def _lines_in_quotes(text: str, indent: int) -> List[str]:
    """A text of several lines that cannot be a block, in quotes, with the end of each line of it at the end of one."""
    escaped = [_TO_ESCAPE.sub(_escaped, line) for line in text.splitlines(keepends=True)]
    return ['"\\', *("%s%s\\" % (" " * indent, re.sub(r"\A ", r"\\ ", line)) for line in escaped[:-1])] + [
        '%s%s"' % (" " * indent, re.sub(r"\A ", r"\\ ", escaped[-1]))
    ]

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which files of a folder are left out: patterns as in a C(.gitignore) at the top of it.

There are two differences to Git. C(?) and C([...]) stand for one character instead of one byte. A pattern that Git
accepts but that can match nothing is an error, since it would upload what it is supposed to leave out.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import List, Match, Optional, Pattern, Sequence

from .._errors import OptionError

# The classes of characters, as the inside of a set.
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r",
    "upper": "A-Z",
    "xdigit": "a-fA-F0-9",
}
_CLASS = r"\[:[^\]]*:\]"
_CHAR = r"(?:\\.|[^\]\\])"
# What can be one end of a range is, so that a set is read in one way only.
_RANGE = "(?:-{0}|(?!-{0}))".format(_CHAR)
_TOKEN = re.compile(
    # "**" stands for any number of folders, but only where it is a whole step of a path, or begins what is matched.
    r"(?P<folders>(?<![^/])\*\*+/)|(?P<rest>(?<![^/])\*\*+(?=\\/|\Z))|(?P<star>\*+)|(?P<any>\?)"
    r"|\[(?P<negated>[!^]|(?![!^]))(?P<set>(?:\]{range}|{item})(?:{item})*)\]"
    r"|\\(?P<escaped>.)|(?P<plain>[^\\\[])".format(
        range=_RANGE, item="(?:{0}|(?!{0}){1}{2})".format(_CLASS, _CHAR, _RANGE)
    ),
    re.DOTALL,
)
# Git compares what is before the first special character by itself, and matches only the rest (match_pathname in its
# dir.c). So "**" right after a literal text is a whole step: "a**/b" matches "a/x/b", "ax/b" and "ab".
_SPECIAL = re.compile(r"[*?\[\\]")
_ITEM = re.compile(r"\[:([^\]]*):\]|\\?(.)(?:-\\?(.))?", re.DOTALL)
# A star and what follows it up to the next star of the step. The first place that matches is as good as any later
# one, so nothing is tried twice: plain stars would take exponential time to find out that a name does not match.
_FIRST_PLACE = r"(?=(?P<s%d>[^/]*?%s))(?P=s%d)"


@dataclass(frozen=True)
class _Rule:
    """One pattern; C(whole) ones are matched against the path from the top, others against its last name."""

    expression: Pattern[str]
    whole: bool
    folders_only: bool
    negated: bool


class IgnorePatterns:
    """What the patterns leave out. The last pattern that matches decides.

    :raises OptionError: a pattern can match nothing.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._rules = [rule for rule in map(_rule, reversed(patterns)) if rule is not None]

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether C(path), relative to the top, matches itself. What is in a folder that is left out is left out."""
        name = path.rpartition("/")[2]
        for rule in self._rules:
            if (is_folder or not rule.folders_only) and rule.expression.fullmatch(path if rule.whole else name):
                return not rule.negated
        return False


def _rule(pattern: str) -> Optional[_Rule]:
    text = pattern.rstrip(" ")
    if text != pattern and re.search(r"(?<!\\)(?:\\\\)*\\\Z", text):
        # A blank at the end counts if it is escaped.
        text += " "
    if not text or text.startswith("#"):
        return None
    negated, folders_only = text.startswith("!"), text.endswith("/")
    body = text[negated : len(text) - folders_only]
    try:
        if "\0" in text or "\n" in text:
            raise ValueError("has a NUL character or a line break; write each pattern as an item of its own")
        expression = re.compile(_translated(body[body.startswith("/") :]), re.DOTALL)
    except ValueError as exc:
        raise OptionError("exclude: %r %s" % (pattern, exc)) from None
    return _Rule(expression, "/" in body, folders_only, negated)


def _translated(text: str) -> str:
    """The regular expression of a pattern."""
    literal = _SPECIAL.split(text, maxsplit=1)[0]
    # The expressions between the stars of each step of the path, and the rest with a character for each expression.
    steps, rest, plain, position = [[re.escape(step)] for step in literal.split("/")], text[len(literal) :], "", 0
    while position < len(rest):
        token = _TOKEN.match(rest, position)
        if token is None:
            what = "ends with a backslash" if rest[position] == "\\" else "has a [ without a ]"
            raise ValueError("%s; write a backslash before the character to match it" % what)
        position, kind, char = token.end(), str(token.lastgroup), token.group("escaped") or token.group("plain")
        plain += char or ("*/" if kind == "folders" else "*")
        if char == "/":
            steps.append([""])
        elif kind == "star":
            steps[-1].append("")
        else:
            fixed = {"folders": "(?:.*/)?", "rest": ".*", "any": "[^/]", "set": _set(token)}
            steps[-1][-1] += fixed.get(kind) or re.escape(char)
    # The folders right after the literal text can be none: "a**/." matches "a.".
    shapes = {plain, plain[len("*/") :] if re.match(r"\*\*+/", rest) else plain}
    if all(any(step in ("", ".", "..") for step in (literal + shape).split("/")) for shape in shapes):
        raise ValueError("has a step that no path has; write it from the top of the folder, without . and ..")
    numbers = itertools.count()
    return "/".join(_step(chunks, numbers) for chunks in steps)


def _step(chunks: List[str], numbers: itertools.count[int]) -> str:
    """One step of a path: the chunks, with stars between them."""
    between = (_FIRST_PLACE % (number, chunk, number) for chunk, number in zip(chunks[1:-1], numbers))
    return chunks[0] + "".join(between) + ("[^/]*" + chunks[-1] if len(chunks) > 1 else "")


def _set(token: Match[str]) -> str:
    parts = []
    for name, first, last in _ITEM.findall(token.group("set") or ""):
        if name and name not in _CLASSES:
            raise ValueError("has [:%s:], which is no class of characters" % name)
        if last and last < first:
            raise ValueError("has a range that runs backwards, %s-%s" % (first, last))
        parts.append(_CLASSES[name] if name else re.escape(first) + ("-" + re.escape(last) if last else ""))
    return "(?!/)[%s%s]" % ("^" if token.group("negated") else "", "".join(parts))

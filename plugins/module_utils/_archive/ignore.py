# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which files of a folder are left out: patterns as in a C(.gitignore) at the top of it.

The one difference to git: a C(?) and a C([...]) stand for a character, and not for one byte of it. A pattern that git
takes and that can match nothing is refused here, since it would let through what its writer wanted to keep back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Pattern, Sequence, Tuple

# What the names between [: and :] stand for, as the inside of a set.
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
_STAR = "[^/]*"
_CLASS = re.compile(r"\[:([^\]]*):\]")


@dataclass(frozen=True)
class _Rule:
    """One pattern.

    :param whole: it is held against the path from the top, and not against the last name of it.
    """

    expression: Pattern[str]
    whole: bool
    folders_only: bool
    takes_back: bool


class Ignored:
    """What the patterns leave out. The last pattern that matches decides.

    :raises ValueError: a pattern that cannot be meant; the words name it.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        rules = [_rule(pattern) for pattern in patterns]
        self._rules = [rule for rule in rules if rule is not None]
        self._folders: Dict[str, bool] = {}

    def matches(self, path: str, is_dir: bool) -> bool:
        """Whether C(path) is left out, be it by itself or with a folder above it.

        :param path: relative to the top, with C(/), without a step C(.) or C(..).
        """
        if not self._rules:
            return False
        slash = path.find("/")
        while slash >= 0:
            above = path[:slash]
            if above not in self._folders:
                self._folders[above] = self._left_out(above, True)
            if self._folders[above]:
                return True
            slash = path.find("/", slash + 1)
        return self._left_out(path, is_dir)

    def _left_out(self, path: str, is_dir: bool) -> bool:
        name = path.rpartition("/")[2]
        for rule in reversed(self._rules):
            if rule.folders_only and not is_dir:
                continue
            if rule.expression.fullmatch(path if rule.whole else name):
                return not rule.takes_back
        return False


def _rule(pattern: str) -> Optional[_Rule]:
    if pattern.startswith("#"):
        return None
    for char, what in (("\0", "a NUL character"), ("\n", "a line break; give each pattern as an entry of its own")):
        if char in pattern:
            raise ValueError("%r holds %s" % (pattern, what))
    text = _without_blanks(pattern)
    if not text:
        return None
    takes_back = text.startswith("!")
    text = text[1:] if takes_back else text
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    whole = "/" in text
    text = text[1:] if text.startswith("/") else text
    try:
        if not text:
            raise ValueError("names nothing")
        expression = re.compile(_translated(text, whole), re.DOTALL)
    except ValueError as exc:
        raise ValueError("%r %s" % (pattern, exc)) from None
    return _Rule(expression, whole, folders_only, takes_back)


def _without_blanks(pattern: str) -> str:
    """Without the blanks at its end, but for one behind a backslash."""
    kept = pattern.rstrip(" ")
    escaped = (len(kept) - len(kept.rstrip("\\"))) % 2 == 1
    return kept + " " if escaped and kept != pattern else kept


def _translated(text: str, whole: bool) -> str:
    """The regular expression of a pattern."""
    parts: List[str] = []
    # Where in them the last star of this step of the path is, and how many stars are bound.
    last_star, bound = -1, 0
    # The pattern with a character for each part that may stand for several.
    plain = ""
    position = 0
    while position < len(text):
        char = text[position]
        if char == "*":
            part, position = _stars(text, position, whole)
            if part == _STAR:
                if last_star >= 0:
                    parts[last_star:] = [_bound("".join(parts[last_star + 1 :]), bound)]
                    bound += 1
                last_star = len(parts)
        elif char == "?":
            part, position = "[^/]", position + 1
        elif char == "[":
            part, position = _set(text, position + 1)
        else:
            literal, position = _literal(text, position)
            part, char = re.escape(literal), literal
        if char == "/":
            last_star = -1
        parts.append(part)
        plain += char + ("/" if char == "*" and text[position - 1] == "/" else "")
    if any(step in ("", ".", "..") for step in plain.split("/")):
        raise ValueError("has a step that no path has; write it from the top of the folder, without . and ..")
    return "".join(parts)


def _stars(text: str, start: int, whole: bool) -> Tuple[str, int]:
    """Two and more stars are for any number of folders, but only where they are a whole step of a path."""
    end = start
    while text[end : end + 1] == "*":
        end += 1
    if whole and end - start > 1 and (start == 0 or text[start - 1] == "/"):
        if end == len(text) or text.startswith("\\/", end):
            return ".*", end
        if text[end] == "/":
            return "(?:.*/)?", end + 1
    return _STAR, end


def _bound(behind: str, number: int) -> str:
    """A star and what comes behind it, up to another star of the same step.

    The first place that matches is as good as any later one, since the other star takes all that is left. So nothing is
    tried twice: a pattern of many stars would take years to find out that a long name does not match.
    """
    return "(?=(?P<s%d>[^/]*?%s))(?P=s%d)" % (number, behind, number)


def _literal(text: str, position: int) -> Tuple[str, int]:
    """The character that stands there, or the one that a backslash makes an ordinary one."""
    if text[position] != "\\":
        return text[position], position + 1
    if position + 1 == len(text):
        raise ValueError("ends with a backslash; write two for one")
    return text[position + 1], position + 2


def _set(text: str, start: int) -> Tuple[str, int]:
    """The regular expression of the set whose C([) stands before C(start), and where it ends."""
    position = start
    negated = text[position : position + 1] in ("!", "^")
    position += negated
    first, parts, before = position, [], ""
    while text[position : position + 1] != "]" or position == first:
        if position >= len(text):
            raise ValueError("has a [ that no ] closes; write \\[ for the character itself")
        named = _CLASS.match(text, position)
        if named is not None:
            if named.group(1) not in _CLASSES:
                raise ValueError("has %s, which is no class of characters" % named.group())
            parts.append(_CLASSES[named.group(1)])
            before, position = "", named.end()
        elif text[position] == "-" and before and text[position + 1 : position + 2] not in ("", "]"):
            last, position = _literal(text, position + 1)
            if last < before:
                raise ValueError("has a range that runs backwards, %s-%s" % (before, last))
            parts[-1] = "%s-%s" % (re.escape(before), re.escape(last))
            before = ""
        else:
            before, position = _literal(text, position)
            parts.append(re.escape(before))
    return "(?!/)[%s%s]" % ("^" if negated else "", "".join(parts)), position + 1

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Environment text with other variables, in which everything else stays, and the comments in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from .dotenv import BLANKS, LINE, LINE_ENDS, WHITE, parse, render, spelling, unified

_LINE_END = re.compile("[%s]" % LINE_ENDS)
_COMMENT_BEHIND = re.compile(r"[%s]+#[%s]" % (BLANKS, BLANKS))


def merge(text: Optional[str], changes: Mapping[str, Optional[str]]) -> str:
    """C(text) with some variables set, or removed if the new value is C(None).

    Other variables, comments, blank lines, the order and the line ends stay, and so does what is around a value on its
    line. New variables come last. Only a text with an open quote is written anew, with its comments and blank lines,
    since its other lines are ambiguous.

    :raises ValueError: as C(render).
    """
    known = parse(text)
    wanted = {**known, **changes}
    expected = {name: value for name, value in wanted.items() if value is not None}
    if expected == known:
        return text or ""
    edited = _edited(text or "", known, changes)
    return edited if parse(edited) == expected else _written_anew(text, expected)


def replace(text: Optional[str], variables: Mapping[str, str]) -> str:
    """C(text) with exactly these variables, as C(merge) sets them. The lines of others go.

    :raises ValueError: as C(render).
    """
    gone: Dict[str, Optional[str]] = {name: None for name in parse(text) if name not in variables}
    return merge(text, {**gone, **variables})


def comments(text: Optional[str]) -> List[Tuple[str, str]]:
    """The comments of a text, each with the name of the variable that it precedes or follows on its line.

    The name is empty for those after the last variable. A comment is without its C(#) and the blanks around it. What
    follows a value without blanks around the C(#) may be meant as a part of the value, and is none of them.
    """
    pairs: List[Tuple[str, str]] = []
    waiting: List[str] = []
    for line, assignment in _pieces(unified(text)):
        if assignment is None:
            waiting += [line] if line.strip(WHITE).startswith("#") else []
            continue
        waiting += [line] if _COMMENT_BEHIND.match(line) else []
        pairs += [(assignment.name, comment) for comment in waiting]
        waiting = []
    pairs += [("", comment) for comment in waiting]
    bodies = [(name, comment.strip(WHITE).lstrip("#").strip(WHITE)) for name, comment in pairs]
    return [(name, body) for name, body in bodies if body]


class _Assignment(NamedTuple):
    """Where a text sets a variable.

    :ivar start: the beginning of its first line, and C(end) the end of its last one. :ivar value: the beginning of the
        value, with its quotes, and C(value_end) its end.
    """

    name: str
    start: int
    value: int
    value_end: int
    end: int


def _assignments(source: str) -> Iterator[_Assignment]:
    """The assignments of a text with unified line ends."""
    for match in LINE.finditer(source):
        group, value = match.group("value") or "", match.end("mark")
        value_end = value
        if group.strip(WHITE):
            before = group[: len(group) - len(group.lstrip(WHITE))]
            # Only a value in quotes may begin on a later line.
            value += 0 if _LINE_END.search(before) else len(before)
            value_end += len(group.rstrip(WHITE))
        elif match.group("mark").endswith(tuple(LINE_ENDS)):
            # The blank that a colon needs is the end of the line.
            value = value_end = value - 1
        # The parser takes blank lines and a comment below for a part of the assignment.
        after = _LINE_END.search(source, value_end)
        end = after.start() if after is not None else len(source)
        yield _Assignment(match.group("name"), match.start(), value, value_end, end)


def _pieces(source: str) -> Iterator[Tuple[str, Optional[_Assignment]]]:
    """The lines that set no variable, and the assignments, each with what follows the value on its last line."""
    position = 0
    for assignment in _assignments(source):
        yield from ((line, None) for line in _LINE_END.split(source[position : assignment.start])[:-1])
        yield source[assignment.value_end : assignment.end], assignment
        position = assignment.end + 1
    if position < len(source):
        yield from ((line, None) for line in _LINE_END.split(source[position:]))


def _edited(text: str, known: Mapping[str, str], changes: Mapping[str, Optional[str]]) -> str:
    """A text with other values in their places. With an open quote in it, it may set others than these."""
    source, place = unified(text), _places(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    parts: List[str] = []
    position = 0
    for assignment in _assignments(source):
        name = assignment.name
        value = changes.get(name, known[name])
        if value == known[name]:
            continue
        if value is None:
            parts.append(text[position : place(assignment.start)])
            position = place(assignment.end + 1)
        else:
            parts += [text[position : place(assignment.value)], spelling(name, value).replace("\n", line_end)]
            position = place(assignment.value_end)
    result = "".join([*parts, text[position:]])
    added = render({name: value for name, value in changes.items() if value is not None and name not in known})
    apart = line_end if added and result and not result.endswith(("\n", "\r")) else ""
    return result + apart + added.replace("\n", line_end)


def _places(text: str) -> Callable[[int], int]:
    """Gives the place in a text for one in the same text with unified line ends."""
    pairs = [match.start() - number for number, match in enumerate(re.finditer("\r\n", text))]
    return lambda place: place + bisect_left(pairs, place)


def _written_anew(text: Optional[str], variables: Mapping[str, str]) -> str:
    """Variables with the comments and blank lines of a text, in its order."""
    left = dict(variables)
    lines: List[str] = []
    for line, assignment in _pieces(unified(text)):
        bare = line.strip(WHITE)
        if assignment is None:
            lines += [] if bare and not bare.startswith("#") else [bare]
        elif assignment.name in left:
            lines.append(render({assignment.name: left.pop(assignment.name)}))
    written = "\n".join([*lines, *([render(left)] if left else [])])
    return written if parse(written) == variables else render(variables)

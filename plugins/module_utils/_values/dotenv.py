# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Environment text, as Dokploy reads it.

Dokploy stores the text verbatim and parses it with the C(dotenv) package of npm when it deploys. C(parse) follows the
rules of that parser (measured on 0.30.2: C(HASH=a#b) gives C(a), quotes are removed, the last of two equal keys wins,
lines without C(=) are dropped), so two texts are equal if a container gets the same variables.
"""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Optional

# White space and line ends as JavaScript defines them; Python's differ.
LINE_ENDS = "\n\r\u2028\u2029"
BLANKS = "\t\v\f \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000\ufeff"
WHITE = BLANKS + LINE_ENDS
_START = "(?:\\A|(?<=[%s]))" % LINE_ENDS
_END = "(?=[%s]|\\Z)" % LINE_ENDS

# A line as npm's dotenv reads it: a key, '=' or ': ', a quoted or bare value, a comment. Before the key only blanks:
# otherwise a search would begin at each of many blank lines.
LINE = re.compile(
    r"{start}{blank}*(?:export{ws}+)?(?P<name>[A-Za-z0-9_.-]+)(?P<mark>{ws}*={ws}*?|:{ws}+?)"
    r"""(?P<value>{ws}*'(?:\\'|[^'])*'|{ws}*"(?:\\"|[^"])*"|{ws}*`(?:\\`|[^`])*`|[^#\r\n]+)?"""
    r"""{ws}*(?:#[^\n\r\u2028\u2029]*)?{end}""".format(start=_START, blank="[%s]" % BLANKS, ws="[%s]" % WHITE, end=_END)
)
_QUOTED = re.compile(r"""{start}(['"`])([\s\S]*)\1{end}""".format(start=_START, end=_END))
_MARKS = ("'", '"', "`")
# A name that the parser accepts.
_KEY = re.compile(r"[A-Za-z0-9_.-]+\Z")


def unified(text: Optional[str]) -> str:
    """A text with the line ends that the parser sees."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def parse(text: Optional[str]) -> Dict[str, str]:
    """The variables of a text, in its order: C({name: value})."""
    variables: Dict[str, str] = {}
    for match in LINE.finditer(unified(text)):
        value = (match.group("value") or "").strip(WHITE)
        quote = value[:1]
        value = _QUOTED.sub(r"\2", value)
        if quote == '"':
            value = value.replace("\\n", "\n").replace("\\r", "\r")
        variables[match.group("name")] = value
    return variables


def ignored_lines(text: Optional[str]) -> List[int]:
    """The numbers of the lines that set no variable and are neither blank nor comments: the parser drops them."""
    source = unified(text)
    covered = [match.span() for match in LINE.finditer(source)][::-1]
    ignored, start = [], 0
    for number, line in enumerate(source.split("\n"), 1):
        end, bare = start + len(line), line.strip(WHITE)
        while covered and covered[-1][1] <= start:
            covered.pop()
        if bare and not bare.startswith("#") and not (covered and covered[-1][0] < end):
            ignored.append(number)
        start = end + 1
    return ignored


def shown_name(name: str) -> str:
    """A name for a message; only the beginning of an invalid one, since a value may follow an '='."""
    return repr(name) if _KEY.match(name) else "'%s...'" % re.split(r"[^A-Za-z0-9_.-]", name)[0]


def quote(value: str) -> Optional[str]:
    """The shortest spelling of a value that parses back to it.

    C(None) if there is none, for example for a value with three kinds of quotes and a C(#).
    """
    escaped = value.replace("\n", "\\n").replace("\r", "\\r")
    for mark, inner in (("", value), ('"', value), ("'", value), ("`", value), ('"', escaped)):
        # The parser searches the following lines for the partner of an open quote, even of an escaped one.
        if inner[:1] in _MARKS if not mark else mark in inner or inner.endswith("\\"):
            continue
        spelling = mark + inner + mark
        if parse("A=1\nK=%s\nZ=2" % spelling) == {"A": "1", "K": value, "Z": "2"}:
            return spelling
    return None


def render(variables: Mapping[str, str]) -> str:
    """Environment text of C({name: value}), one line for each variable, without a final newline.

    :raises ValueError: a name or a value cannot be written; the message has the name, never the value.
    """
    return "\n".join("%s=%s" % (name, spelling(name, value)) for name, value in variables.items())


def spelling(name: str, value: str) -> str:
    """What stands behind the name of a variable; raises C(ValueError) as C(render)."""
    label, quoted = shown_name(name), quote(value)
    if not _KEY.match(name):
        raise ValueError("%s is not the name of a variable: use only letters, digits, '_', '.' and '-'" % label)
    if quoted is None:
        problem = "cannot be written as environment text: it mixes quotes, '#' and line breaks"
        raise ValueError("the value of %s %s" % (label, problem))
    return quoted

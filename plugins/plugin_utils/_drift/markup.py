# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML that is safe by its making: every text that is not markup is escaped. Pure."""

from __future__ import annotations

from html import escape
from typing import Any, Iterable, List, Optional, Sequence, Union

_EMPTY = ("meta", "link", "input")


class Markup(str):
    """HTML in which every text is escaped."""

    __slots__ = ()


Content = Union[str, int, None, List[Any]]


def element(tag: str, *content: Content, **attributes: Union[str, bool, None]) -> Markup:
    """An element. A list is its items, C(None) is nothing; attributes that are C(None) or false are left out."""
    shown = "".join(
        " %s" % _attribute(name) if value is True else ' %s="%s"' % (_attribute(name), escape(str(value)))
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    start = "<%s%s>" % (tag, shown)
    return Markup(start if tag in _EMPTY else "%s%s</%s>" % (start, _inner(content), tag))


def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _inner(content: Sequence[Any]) -> str:
    found = []
    for one in content:
        if isinstance(one, (list, tuple)):
            found.append(_inner(one))
        elif one is not None:
            found.append(one if isinstance(one, Markup) else escape(str(one)))
    return "".join(found)


class Room:
    """The bytes that are left for the rows of a part."""

    def __init__(self, left: int) -> None:
        self._left, self.left_out = left, 0

    def take(self, rows: Iterable[Markup]) -> List[Markup]:
        """Those of the rows for which there is room; after one that does not fit there is none."""
        found = []
        for row in rows:
            self._left -= len(row.encode("utf-8"))
            if self._left < 0:
                self._left, self.left_out = 0, self.left_out + 1
            else:
                found.append(row)
        return found

    def note(self) -> Optional[Markup]:
        """A line about the rows for which there was none."""
        if not self.left_out:
            return None
        return element("p", "%d more are left out, since the page would be too large." % self.left_out, class_="said")

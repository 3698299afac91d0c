# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML that is safe by its making: every text that is not markup is escaped."""

from __future__ import annotations

from html import escape


class Markup(str):
    """HTML, in which everything that came from outside is escaped."""

    __slots__ = ()


EMPTY = ("meta", "link")


def element(tag: str, /, *children: str | int | float | list[Markup] | None, **attributes: str | None) -> Markup:
    """One element. A list is its items one after the other, ``None`` is nothing; ``class_`` is the attribute class, an
    attribute that is ``None`` is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{written}>" if tag in EMPTY else f"<{tag}{written}>{_inner(children)}</{tag}>")


def _inner(children: tuple[str | int | float | list[Markup] | None, ...]) -> str:
    texts = []
    for child in children:
        if isinstance(child, list):
            texts.append(_inner(tuple(child)))
        elif child is not None:
            texts.append(child if isinstance(child, Markup) else escape(str(child)))
    return "".join(texts)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of HTML from the templates, the style and the script in C(templates), and what they have room for.

A page needs no server, no other file and no network. All texts are escaped, and its policy allows only its own style
and script.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from functools import cache
from typing import Any, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
_POLICY = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
# A line break before or after a tag, with the blanks around it, and any other one.
_AT_A_TAG = re.compile(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])")
_BREAK = re.compile(r"\s*\n\s*")


class _WithoutBreaks(Extension):
    """Templates without the line breaks that only make them readable.

    They would be a third of a page, and blanks between the words of a line and in the values of several lines.
    """

    def preprocess(self, source: str, name: Optional[str], filename: Optional[str] = None) -> str:
        return _BREAK.sub(" ", _AT_A_TAG.sub("", source))


class Room:
    """The bytes that are left for the rows of a part."""

    def __init__(self, left: int) -> None:
        self._left, self.left_out = left, 0

    def take(self, row: Markup) -> Markup:
        """The row if there is room for it, or nothing; after one that does not fit there is none."""
        self._left -= len(row.encode("utf-8"))
        if self._left >= 0:
            return row
        self._left, self.left_out = 0, self.left_out + 1
        return Markup("")


def rendered(template: str, **data: Any) -> str:
    """A page with its style and its script. :param template: the name of its file without its ending."""
    style, script = _file("page.css"), _file("page.js")
    page = _environment().get_template(template + ".html.j2")
    policy = _POLICY % (_hash(style), _hash(script))
    return page.render(policy=policy, style=Markup(style), script=Markup(script), **data) + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        # What is misspelt in a template would be missing from pages.
        undefined=StrictUndefined,
        extensions=[_WithoutBreaks],
        auto_reload=False,
    )


def _file(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        return file.read()


def _hash(text: str) -> str:
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")

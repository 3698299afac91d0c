# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The templates of the pages about drift: which of their line breaks are shown, and what there is room for."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from ansible_collections.community.dokploy.plugins.plugin_utils._report import rendering

ENVIRONMENT = rendering._environment()


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("<p>\n  <b>a</b>\n  <i>b</i>\n</p>\n", "<p><b>a</b><i>b</i></p>"),
        ("<p>\n  some words\n  in two lines\n</p>", "<p>some words in two lines</p>"),
        ('<p\n  class="a"\n  id="b"\n>\n', '<p class="a" id="b" >'),
        ("{% if 1 %}\n  <b>{{ text }}</b> c\n{% endif %}\n", "<b>x\n  y</b> c"),
        ("<pre>\n  {{ text }}\n</pre>", "<pre>x\n  y</pre>"),
        ("<a> {{ '<b>' }} </a>", "<a> &lt;b&gt; </a>"),
    ],
)
def test_a_line_break_next_to_a_tag_is_only_for_readers(template: str, page: str) -> None:
    assert ENVIRONMENT.from_string(template).render(text="x\n  y") == page


def test_what_is_misspelt_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nmae"):
        ENVIRONMENT.from_string("{{ row.nmae }}").render(row={"name": "web"})


def test_after_a_row_without_room_there_is_none() -> None:
    room = rendering.Room(4)
    assert [room.take(Markup(row)) for row in ("ü", "abc", "", "a")] == ["ü", "", "", ""]
    assert room.left_out == 2

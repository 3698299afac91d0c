# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README and the overview have one table of what people want to do, and it leads to the guides."""

from __future__ import annotations

import re

import pytest

from tools import overview

#: The guides that the table does not name, since a row leads to a page that does.
BESIDE_THE_TABLE = {"overview", "getting_started", "adding_a_resource", "connection", "previews", "releases"}


def test_the_readme_and_the_overview_have_one_table() -> None:
    assert overview.as_list_table(overview.rows()) in overview.OVERVIEW.read_text()


def test_the_table_leads_to_the_guides() -> None:
    guides = {page.stem for page in overview.PAGES.glob("*.rst")}
    linked = {guide for _task, where in overview.rows() for guide in re.findall(r"rst/(\w+)\.rst", where)}
    assert guides - linked == BESIDE_THE_TABLE


def test_an_anchor_needs_a_heading_with_a_label() -> None:
    assert overview.label("manifest", "rename-and-move").endswith(".manifest.rename")
    with pytest.raises(ValueError, match="no heading with a label for #renamed"):
        overview.label("manifest", "renamed")

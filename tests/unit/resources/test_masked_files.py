# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of files in diffs, where any line may have a secret."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.storage import SECRET_LINES


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("a", "b", "(hidden) old", "(hidden) new"),
        (None, "a\nb", "", "(hidden) new"),
        ("a\nb", "", "(hidden) old", ""),
        ("a\nb\nc", "a\nc", ["(hidden)", "(hidden) old", "(hidden)"], ["(hidden)", "(hidden)"]),
        ("a\na", "a\na\na", ["(hidden)"] * 2, ["(hidden)", "(hidden)", "(hidden) new"]),
        ("a\nb\nc\nd", "a\nx\nc\ny", ["(hidden)", *["(hidden) old"] * 3], ["(hidden)", *["(hidden) new"] * 3]),
        ("a\n", "a", ["(hidden)", "(hidden) old"], ["(hidden)"]),
    ],
)
def test_masked_files_show_where_they_differ(before: Any, after: Any, old: Any, new: Any) -> None:
    assert SECRET_LINES.masked is not None
    assert SECRET_LINES.masked(before, after) == (old, new)

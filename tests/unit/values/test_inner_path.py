# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths that Dokploy joins to a folder."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import inner_path


@pytest.mark.parametrize("path", ["..", "../x", "/../x", "a/../../x", "./../x", "//..", "../"])
def test_what_leads_out_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="leads out of its folder"):
        inner_path(path)


@pytest.mark.parametrize("path", ["", "/", "x", "/x", "a/../x", "..x", "a/..", ".../x", "nginx/app.conf"])
def test_what_stays_inside_is_accepted(path: str) -> None:
    inner_path(path)

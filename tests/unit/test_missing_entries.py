# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the generic tests need more of a new description, they name the line to add and its file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing
from tests.support.builders import reference_names
from tests.support.examples import required_value
from tests.support.scenarios.described import scene_of
from tests.support.snapshots import table_of_key
from tests.support.used_api import fields_of, since

POSTERS = Listing("poster", ("poster.all",), "posterId")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (lambda: fields_of("poster.create"), r"add its input to the procedures of .*/api\.json"),
        (lambda: since("poster.create", "name"), r"add its input to the procedures of .*/api\.json"),
        (lambda: table_of_key("posterId"), r"add a line self.NAME = Table\('posterId'\) to .*/store\.py"),
        (lambda: reference_names(POSTERS), r"add 'poster' to REFERENCE_NAMES and .* in tests/support/builders\.py"),
        (lambda: required_value("slogan"), r"add one to REQUIRED_VALUES in tests/support/examples\.py"),
        (lambda: scene_of("dokploy_slogan", {}), r"add a function run_slogan\(run\), .*tests/support/scenarios"),
    ],
)
def test_what_is_missing_is_named(asked: Callable[[], Any], line: str) -> None:
    with pytest.raises(LookupError, match=line) as raised:
        asked()
    assert not isinstance(raised.value, KeyError)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin of pytest for C(tools.quick): runs what the variable C(NARROWED_TESTS) of the environment says.

It is C({"seconds": 40, "words": {"tests/component/test_every_option.py": ["tag"]}}): of these files the tests with one
of the words in their name, and no test that would start after so many seconds.
"""

from __future__ import annotations

import json
import os
import time

import pytest

from tools.quick import has_word

START = time.monotonic()
CHOICE = json.loads(os.environ["NARROWED_TESTS"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        words = CHOICE["words"].get(item.nodeid.partition("::")[0])
        (kept if words is None or has_word(words, item.name) else dropped).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if time.monotonic() - START > CHOICE["seconds"]:
        pytest.skip("left to make test: the time of make quick is over")

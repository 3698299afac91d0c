# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin of pytest for C(tools.quick): runs what the variable C(NARROWED_TESTS) of the environment says.

It is C({"seconds": 40, "words": {"tests/component/test_every_option.py": ["tag"]}, "counts": "/tmp/counts.json"}): of
these files the tests with one of the words in their name, and no test that would start after so many seconds. The file
C(counts) gets C({"passed": 12, "collected": 80}), where C(collected) are the tests of all files before any is left out.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tools.quick import has_word

START = time.monotonic()
CHOICE = json.loads(os.environ["NARROWED_TESTS"])
COLLECTED = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[COLLECTED] = len(items)
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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker sends its number of tests to the process that reports."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["collected"] = session.config.stash.get(COLLECTED, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # All workers collect the same tests; one that crashed has sent none.
    collected = getattr(node, "workeroutput", {}).get("collected", 0)
    node.config.stash[COLLECTED] = max(collected, node.config.stash.get(COLLECTED, 0))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    counts = {"passed": len(terminalreporter.stats.get("passed", ())), "collected": config.stash.get(COLLECTED, 0)}
    Path(CHOICE["counts"]).write_text(json.dumps(counts))

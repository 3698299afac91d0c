# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin of pytest: which lines each test executes, and a choice of tests in a given order.

It is loaded by its bare name from its own folder, so that it serves any revision of the checkout. Two variables of the
environment say what it does:

C(EXECUTED_LINES): a file to write. It gets a pickle of C({test: (seconds, {path: lines})}) of the tests that pass; the
seconds are processor time, and the lines a number whose bit C(n) stands for line C(n). Lines that run before the first
test, while modules are imported, belong to none.

C(CHOSEN_TESTS): a file to read, with a JSON list of C([test, seconds]). Only these tests run, in this order. A test
that takes more processor time than its seconds ends the process by a signal, which also stops a loop without end.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis.internal.conjecture import engine

TRACED = str(Path("plugins/module_utils").resolve()) + os.sep
# Python 3.11 has none.
monitoring: Any = getattr(sys, "monitoring", None)
TOOL = 1
# That a test fails is enough: the search for a smaller example takes minutes.
engine.MAX_SHRINKS = 0


class Lines:
    """Records the executed lines of each test."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.tests: dict[str, tuple[float, dict[str, int]]] = {}
        self.masks: defaultdict[str, int] = defaultdict(int)
        self.failed = False
        events = monitoring.events
        monitoring.use_tool_id(TOOL, "executed lines")
        monitoring.register_callback(TOOL, events.PY_START, self.start)
        monitoring.register_callback(TOOL, events.LINE, self.line)
        monitoring.set_events(TOOL, events.PY_START)

    def start(self, code: CodeType, _offset: int) -> Any:
        """Watch the lines of code that is ours, and forget about other code until the next test."""
        if code.co_filename.startswith(TRACED):
            monitoring.set_local_events(TOOL, code, monitoring.events.LINE)
        return monitoring.DISABLE

    def line(self, code: CodeType, line: int) -> Any:
        """Note a line once for each test."""
        self.masks[os.path.relpath(code.co_filename)] |= 1 << line
        return monitoring.DISABLE

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.masks.clear()
        self.failed = False
        monitoring.restart_events()
        start = time.process_time()
        result = yield
        if not self.failed:
            self.tests[item.nodeid] = (time.process_time() - start, dict(self.masks))
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or not report.passed

    def pytest_sessionfinish(self) -> None:
        monitoring.set_events(TOOL, 0)
        self.target.write_bytes(pickle.dumps(self.tests))


class Chosen:
    """Runs chosen tests in a given order, each with its limit."""

    def __init__(self, source: Path) -> None:
        self.limits: dict[str, float] = dict(json.loads(source.read_text()))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {test: number for number, test in enumerate(self.limits)}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, self.limits[item.nodeid])
        # A test that waits for what never comes takes no processor time; on a busy machine, others get little of it.
        signal.setitimer(signal.ITIMER_REAL, 20 * self.limits[item.nodeid])
        result = yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return result


def pytest_configure(config: pytest.Config) -> None:
    if target := os.environ.get("EXECUTED_LINES"):
        config.pluginmanager.register(Lines(Path(target)))
    if source := os.environ.get("CHOSEN_TESTS"):
        config.pluginmanager.register(Chosen(Path(source)))

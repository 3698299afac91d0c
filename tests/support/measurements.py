# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Costs that do not depend on the load of the machine: lines that run, bytes, seconds of CPU time."""

from __future__ import annotations

import contextlib
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any


def count_lines(work: Callable[[], Any]) -> int:
    """The number of lines of the collection's code that run, once for each turn of a loop in one line, and of calls.
    Loops in C do not count."""
    count = 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        if "/plugins/module_utils/" not in frame.f_code.co_filename:
            return None
        count += event in ("line", "call")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth_factor(prepare: Callable[[int], Callable[[], Any]], size: int) -> float:
    """The ratio of the lines for four times the size: 4 for linear growth, 16 for quadratic."""
    return count_lines(prepare(4 * size)) / count_lines(prepare(size))


def peak_memory(work: Callable[[], Any]) -> int:
    """The peak of the bytes that Python allocates, above those allocated before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@contextlib.contextmanager
def limit_cpu_seconds(most: float) -> Iterator[None]:
    """Fail when the block takes more CPU time, such as a regular expression that backtracks for hours."""

    def give_up(number: int, frame: Any) -> None:
        raise AssertionError(f"more than {most} s of the processor")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

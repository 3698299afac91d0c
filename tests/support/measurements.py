# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Costs that do not depend on the load of the machine: instructions, bytes, seconds of CPU time."""

from __future__ import annotations

import contextlib
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any


def count_instructions(work: Callable[[], Any]) -> int:
    """How many bytecode instructions the collection's own code takes for it. Loops inside of C do not count."""
    count = 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        if "/plugins/module_utils/" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth_factor(prepare: Callable[[int], Callable[[], Any]], size: int) -> float:
    """How much more it takes for four times as many: 4 when it grows evenly, 16 when each looks at all others."""
    return count_instructions(prepare(4 * size)) / count_instructions(prepare(size))


def peak_memory(work: Callable[[], Any]) -> int:
    """The most bytes that Python held at once for it, above what it held before."""
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
    """Fails what takes more of the processor, as a regular expression that tries all ways does for hours."""

    def give_up(number: int, frame: Any) -> None:
        raise AssertionError(f"more than {most} s of the processor")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an event source as ansible-rulebook does: by its path, in an event loop, with a queue."""

from __future__ import annotations

import asyncio
import runpy
import threading
import time
from typing import Any

from tools.event_sources import sources

SECONDS = 900
"""What a test waits for something at most; the limit only ends a hanging test."""


def plugin(name: str) -> dict[str, Any]:
    """What the file of a source defines."""
    return runpy.run_path(str(sources()[name]))


class RunningSource:
    """A source in a thread of its own, until the block ends.

    :ivar events: what it has put into its queue.
    :ivar ticks: how often the event loop came round, every few milliseconds unless something blocks it.
    :ivar accepts: whether the queue takes events.
    """

    def __init__(self, name: str, **args: Any) -> None:
        self._main, self._args = plugin(name)["main"], args
        self.events: list[dict[str, Any]] = []
        self.ticks = 0
        self.accepts = True
        self.error: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    async def put(self, event: dict[str, Any]) -> None:
        """The queue that the source sees."""
        if not self.accepts:
            await asyncio.Event().wait()
        self.events.append(event)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.002)
            self.ticks += 1

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticking = asyncio.create_task(self._tick())
        self._task = asyncio.create_task(self._main(self, self._args))
        self._ready.set()
        try:
            await self._task
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.error = error
        ticking.cancel()

    def __enter__(self) -> RunningSource:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Cancel it, as ansible-rulebook does when it ends."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the source does not end"

    def ended(self) -> str:
        """Wait for its end; returns its error."""
        self._thread.join(SECONDS)
        assert self.error is not None, "the source did not fail"
        return str(self.error)

    def until(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many events; returns all."""
        self.wait(lambda: len(self.events) >= count)
        return self.events

    def wait(self, true: Any) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end and self.error is None, (self.error, self.events)
            time.sleep(0.002)


def failure(name: str, **args: Any) -> str:
    """The error with which a source ends at once."""
    with RunningSource(name, **args) as source:
        return source.ended()

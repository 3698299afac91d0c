# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lines of a subscription, read in a thread, so that other waits go on meanwhile."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any, Callable, Generator, List, Optional, Sequence, Union

from .._api.client import Call
from .._errors import DokployError, WaitTimeout
from .execute import Executor
from .plan import Outcome
from .wait import Poll, Polls

# Under this name a step that begins a subscription leaves the wait for its end.
ENDS = "ends"


def ends(_planned: Any, outcome: Outcome, _context: Any) -> Polls:
    """The wait for the end of what a step has begun; its result is C(None) where check mode has not."""
    polls: Optional[Polls] = outcome.rows.get(ENDS)
    return None if polls is None else (yield from polls)


def subscribed(
    executor: Executor,
    label: str,
    call: Call,
    timeout: float,
    take: Callable[[str], None],
    is_last: Callable[[str], bool] = lambda line: False,
) -> Polls:
    """Wait for the end of a subscription that changes something.

    :param timeout: seconds in total. :param take: gets each line, in the thread of the wait.
    :param is_last: whether the stream is closed after a line; of one that never ends by itself.
    :raises DokployError: as C(Client.subscribe).
    """
    stream = _Subscription(label, executor.client.subscribe(*call, timeout=timeout), take, is_last)
    try:
        # It ends by itself, or with an error that says why not.
        yield stream, float("inf")
    except DokployError as error:
        executor.sent = executor.sent or stream.answered or bool(error.details.get("effect_unknown"))
        raise


class _Subscription(Poll):
    """The lines of a subscription. :ivar answered: whether there was one."""

    interval = 0.05

    def __init__(
        self,
        label: str,
        lines: Generator[str, None, None],
        take: Callable[[str], None],
        is_last: Callable[[str], bool],
    ) -> None:
        self.label, self.state, self.answered = label, "reading its lines", False
        self._lines, self._take, self._is_last = lines, take, is_last
        # The end is an error, or C(True).
        self._read: SimpleQueue[Union[str, DokployError, bool]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        while not self._read.empty():
            item = self._read.get()
            if not isinstance(item, str):
                # An error is not raised: whether it is transient does not matter, since nothing is read any more.
                return item
            self.answered = True
            self._take(item)
        return None

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("%s: its stream has not ended after %g s" % (self.label, timeout))

    def _run(self) -> None:
        end: Union[DokployError, bool] = True
        try:
            for line in self._lines:
                self._read.put(line)
                if self._is_last(line):
                    break
        except DokployError as error:
            end = error
        finally:
            self._lines.close()
            self._read.put(end)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What threads do while others are polled: any work, and reading the lines of subscriptions."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any, Callable, Generator, List, Optional, Sequence

from .._api.client import Call
from .._errors import Conflict, DokployError, WaitTimeout
from .execute import Executor
from .plan import Outcome
from .wait import Poll, Polls


class ThreadPoll(Poll):
    """What a thread does while others are polled. Its result is that of C(work), which is not C(None), or its error.

    :param what: what it is in messages.
    """

    interval = 0.05

    def __init__(self, label: str, what: str, work: Callable[[], Any]) -> None:
        self.label, self.state, self._work = label, what, work
        self._result: Any = None
        self._broken: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        if self._thread.is_alive():
            return None
        if self._broken is not None:
            raise self._broken
        return self._result

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("%s: the %s has not ended after %g s" % (self.label, self.state, timeout))

    def join(self) -> None:
        """Wait for the end of the thread."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except (DokployError, Conflict) as error:
            # As a result it ends the wait, whether it is transient or not.
            self._result = error
        except BaseException as error:
            self._broken = error


def in_thread(label: str, what: str, work: Callable[[], Any]) -> Polls:
    """What C(work) answers, which sends requests of one node while those of others are sent or waited for.

    :param what: what it is in messages.
    :raises DokployError, Conflict: those of C(work).
    """
    poll = ThreadPoll(label, what, lambda: (work(),))
    try:
        return (yield poll, float("inf"))[0]
    finally:
        # Where the wait is interrupted, what is to be left as it was must not change any more.
        poll.join()


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


class _Subscription(ThreadPoll):
    """The lines of a subscription. :ivar answered: whether there was one."""

    def __init__(
        self,
        label: str,
        lines: Generator[str, None, None],
        take: Callable[[str], None],
        is_last: Callable[[str], bool],
    ) -> None:
        self._lines, self._take, self._is_last, self.answered = lines, take, is_last, False
        self._read: SimpleQueue[str] = SimpleQueue()
        super().__init__(label, "stream", self._read_all)

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        # What was read until the end is in the queue after it.
        end = super().judge(answers, elapsed)
        while not self._read.empty():
            self.answered = True
            self._take(self._read.get())
        return end

    def _read_all(self) -> bool:
        try:
            for line in self._lines:
                self._read.put(line)
                if self._is_last(line):
                    break
        finally:
            self._lines.close()
        return True

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The end of a task whose playbook has died, so that it does not write while the next run does.

A worker of C(ansible-playbook) and a module outlive a playbook that is killed alone, such as by SIGKILL or with its
terminal. They end as with Ctrl-C: what is left on the way out, such as a service that a backup has stopped, is started.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import threading
import time
from typing import Any, Callable, Set

# Seconds between two looks.
_PERIOD = 1.0
_STDOUT = 1
# Nothing else in a worker or a module uses it. SIGINT kills a worker of ansible-core 2.19 and later at once, and SIGHUP
# may be ignored on purpose.
_SIGNAL = signal.SIGUSR1
# The processes that look already: a fork has the variables of its parent, but none of its threads.
_looking: Set[int] = set()


def parent_has_died() -> bool:
    """Whether the process that has forked this one with C(multiprocessing) has died; C(False) if none has."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid


def reader_has_died() -> bool:
    """Whether nothing reads the standard output of this process any more.

    A shell is between a module and what has started it, so that the parent of the module tells nothing.
    """
    poll = select.poll()
    poll.register(_STDOUT, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


def end_when(has_died: Callable[[], bool], period: float = _PERIOD) -> None:
    """Interrupt the main thread, once, when C(has_died) is true. Only the first call in a process has an effect.

    :param has_died: is asked every C(period) seconds. :raises KeyboardInterrupt: later, in the main thread.
    """
    if os.getpid() in _looking or threading.current_thread() is not threading.main_thread():
        return
    _looking.add(os.getpid())
    signal.signal(_SIGNAL, _interrupt)
    threading.Thread(target=_look, args=(has_died, period), daemon=True).start()


def _look(has_died: Callable[[], bool], period: float) -> None:
    while not has_died():
        time.sleep(period)
    signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt

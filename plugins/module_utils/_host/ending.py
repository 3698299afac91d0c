# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The end of a task whose playbook has died, so that it does not write to Dokploy while the next run does.

A worker of C(ansible-playbook) and a module go on when the playbook is killed by SIGKILL or with its terminal. They are
interrupted here, so that they clean up first: a service that a backup has stopped is started.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import Any, Callable

# Seconds between two looks.
_PERIOD = 1.0
_STDOUT = 1
# Nothing else in a worker or a module uses it. SIGINT kills a worker of ansible-core 2.19 and later at once, and SIGHUP
# may be ignored on purpose.
_SIGNAL = signal.SIGUSR1
_THREAD = "dokploy-ending"


def parent_has_died(parent: int) -> bool:
    """Whether the parent of this process is another one than before: that one has died.

    :param parent: its process ID before. The one that C(multiprocessing) tells is not always that of the parent.
    """
    return os.getppid() != parent


def reader_has_died() -> bool:
    """Whether the standard output of this process is a pipe or a terminal that nothing reads any more.

    The parent of a module tells nothing: it is a shell, which goes on as well. A file, C(/dev/null) and a closed output
    need no reader.
    """
    poll = select.poll()
    poll.register(_STDOUT, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


def end_when(has_died: Callable[[], bool], period: float = _PERIOD) -> None:
    """Interrupt the main thread, once, when C(has_died) is true. Only the first call in a process has an effect.

    :param has_died: is asked every C(period) seconds. :raises KeyboardInterrupt: later, in the main thread.
    """
    # Only the main thread can set the handler of a signal. A fork has no threads of its parent.
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or any(thread.name == _THREAD for thread in threading.enumerate()):
        return
    signal.signal(_SIGNAL, _interrupt)
    arguments = (has_died, period, threading.get_ident())
    threading.Thread(target=_look, args=arguments, name=_THREAD, daemon=True).start()


def _look(has_died: Callable[[], bool], period: float, main_thread: int) -> None:
    while not has_died():
        time.sleep(period)
    # It also ends a system call in which the main thread waits.
    signal.pthread_kill(main_thread, _SIGNAL)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt

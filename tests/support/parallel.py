# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run several operations at once, each on a thread and with a session of its own, against one simulator.

File locks belong to an open file, so that threads stand for processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from dokploy_simulator import Simulator
from tests.support.host import Host

Result = dict[str, Any]


def run_in_parallel(
    sim: Simulator, *works: Callable[[Host], Result], during: Callable[[], None] = lambda: None
) -> list[Result]:
    """Run all at once and C(during) beside them; return the results in order."""
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[Host], Result]) -> None:
        host = Host(sim)
        try:
            results[number] = work(host)
        except BaseException as error:
            results[number] = error
        finally:
            host.close()

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    during()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), sim.holds()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def task_of(operation: Operation, **params: Any) -> Callable[[Host], Result]:
    """One task, for C(together)."""
    return lambda host: host.run(operation, **params)

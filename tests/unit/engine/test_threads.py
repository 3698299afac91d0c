# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What threads do while others are waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.threads import in_thread
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, wait_together
from ansible_collections.community.dokploy.plugins.module_utils._errors import Conflict, Refused, ServerError
from tests.support.fake_clients import ScriptedClient


def done(*works: Callable[[], Any]) -> list[Any]:
    client: Any = ScriptedClient()
    return wait_together(client, Waiter(), [in_thread("shop/web", "work", work) for work in works])


def raises(error: BaseException) -> Callable[[], Any]:
    def work() -> Any:
        raise error

    return work


def test_works_go_on_side_by_side() -> None:
    """Each of them waits for the other one."""
    barrier = threading.Barrier(2, timeout=60)

    def work() -> str:
        barrier.wait()
        return "done"

    assert done(work, work) == ["done", "done"]


@pytest.mark.parametrize("result", [None, 0, "", [], ("a", 1), Refused("a value, not raised")])
def test_the_result_may_be_anything(result: Any) -> None:
    assert done(lambda: result) == [result]


# A failed request of a thread has been repeated already, so that it does not count as an outage.
@pytest.mark.parametrize("error", [Refused("no"), ServerError("late", status=504), Conflict()], ids=repr)
def test_an_error_is_that_of_its_work_alone(error: BaseException) -> None:
    assert done(raises(error), lambda: "done") == [error, "done"]


def test_a_mistake_ends_all() -> None:
    with pytest.raises(ZeroDivisionError):
        done(raises(ZeroDivisionError()), lambda: "done")


def test_what_is_interrupted_ends_first() -> None:
    begun, goes_on, ended = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        goes_on.wait(60)
        ended.append("work")

    polls = in_thread("shop/web", "work", work)
    next(polls)
    assert begun.wait(60)
    threading.Timer(0.05, goes_on.set).start()
    polls.close()
    assert ended == ["work"]

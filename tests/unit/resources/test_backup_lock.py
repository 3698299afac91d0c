# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waits under the record of a backup gets each error, also the one after which it plans again."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Poll, Polls
from ansible_collections.community.dokploy.plugins.module_utils._errors import Conflict, DokployError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup_lock import (
    BackupLock,
)
from ansible_collections.community.dokploy.plugins.module_utils._sets import carrying


def a_poll() -> Poll:
    poll = Poll()
    poll.label = "application shop/web"
    return poll


@pytest.mark.parametrize("error", [Conflict(), Refused("no")])
def test_an_error_reaches_what_waits(error: Exception) -> None:
    def body() -> Polls:
        try:
            yield a_poll(), 1.0
        except (Conflict, DokployError) as caught:
            return caught

    child: Any = None
    context: Any = None
    polls = BackupLock(child, "s1", "application shop/web", "d1")._beating(body(), context)
    next(polls)
    with pytest.raises(StopIteration) as end:
        polls.throw(error)
    assert end.value.value is error


@pytest.mark.parametrize("error", [Conflict(), Refused("no")])
def test_no_service_is_lost_without_a_word(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that a service does not handle is one of the whole set."""

    def task() -> Polls:
        yield a_poll(), 1.0

    context: Any = type("Context", (), {"client": None, "waiter": None})
    monkeypatch.setattr(carrying, "wait_together", lambda _client, _waiter, _lanes: [error])
    with pytest.raises(type(error)):
        carrying.side_by_side(deque([task]), 1, context)

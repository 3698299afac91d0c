# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run tells of its progress."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.view import Difference
from ansible_collections.community.dokploy.plugins.module_utils._manifest.progress import EVERY, Teller
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION


def told(*actions: str) -> list[str]:
    """What is said of a wave whose plans are all carried out."""
    lines: list[str] = []
    times = iter((0.0, EVERY + 1.0))
    waiter: Any = SimpleNamespace(clock=lambda: next(times), notice=lines.append)
    wave: list[Any] = []
    for action in actions:
        difference = Difference("web", {"a": 1}, {"a": 2}, action=action)
        planned = SimpleNamespace(
            plan=SimpleNamespace(difference=difference), node=SimpleNamespace(resource=APPLICATION)
        )
        wave.append((planned, SimpleNamespace(left=[])))
    Teller(waiter)(wave)
    return lines


def test_what_is_recorded_is_not_called_a_deployment() -> None:
    assert told("record", "adopt", "deploy") == ["recorded 2 of 2 applications, began to deploy 1 of 1 applications"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs on one server, of which the second one runs while the first one stands after one of its writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency

Result = dict[str, Any]


def interleaved(
    first: Callable[[], Result],
    second: Callable[[], Result],
    stands_after: Callable[[str, str], bool],
    monkeypatch: pytest.MonkeyPatch,
    between: Callable[[Result], None] = lambda _result: None,
    stands: float = 600.0,
) -> tuple[Result, Result | None]:
    """The results of both, which are on different machines, so that no lock of one holds the other back.

    While the first one stands, none of its threads writes.

    :param stands_after: whether the first run stands after a write, from its procedure and the text of its input; the
        first such write counts. Without one, the second run does not run, and its result is C(None).
    :param between: what happens when the second one has ended while the first one stands.
    :param stands: the most seconds for which it stands, where the second one waits for it.
    """
    results: list[Result] = []
    own, mutate, clients, goes_on = threading.get_ident(), Client.mutate, list[Client](), threading.Event()
    goes_on.set()
    other = threading.Thread(target=lambda: results.append(second()), daemon=True)

    def sent(self: Client, procedure: str, input: Any = None, *args: Any, **options: Any) -> Any:
        if threading.get_ident() == own:
            clients.append(self)
        of_first = any(client is self for client in clients)
        if of_first:
            goes_on.wait(stands)
        answer = mutate(self, procedure, input, *args, **options)
        if of_first and other.ident is None and stands_after(procedure, repr(input)):
            goes_on.clear()
            other.start()
            other.join(stands)
            if results:
                between(results[0])
            goes_on.set()
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(concurrency, "lock_file", lambda _what, _flags=0: None)
        patch.setattr(Client, "mutate", sent)
        result = first()
        if other.ident is not None:
            other.join(600.0)
            assert not other.is_alive()
    return result, results[0] if results else None

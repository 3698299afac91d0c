# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to a write of the mark of a service is lost: the run goes on, since the mark is written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import ConnectionFailed
from tests.component.manifest.lost_shop import Content, recover, saved_and_lost
from tests.support.effort import sampled
from tests.support.host import Host

MARKS = ("live=", "restored=", "pending=", "restoring=")


@pytest.mark.parametrize("rehearsal", [False, True])
@pytest.mark.parametrize("mark", sampled(list(MARKS), 4))
def test_a_run_goes_on_after_a_lost_answer(
    host: Host, mark: str, rehearsal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: Content = saved_and_lost(host)
    mutate, lost = Client.mutate, []
    # A rehearsal ends with no mark of a run.
    last = "1 restored=" if rehearsal and mark == "live=" else mark

    def sent(self: Client, procedure: str, input: Any = None, *args: Any, **options: Any) -> Any:
        answer = mutate(self, procedure, input, *args, **options)
        if last in repr(input) and not lost:
            lost.append(procedure)
            error = ConnectionFailed("no answer", procedure=procedure, details={"effect_unknown": True})
            error.unsettled = True
            raise error
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Client, "mutate", sent)
        host.connection["max_retries"] = 2
        result = recover(host, saved, archives_rehearsal=rehearsal)
    assert lost and result.get("msg") is None
    assert host.sim.rows("db", "orders") == ["1", "2", "3"]
    assert host.sim.data()["uploads"]["files"] == {"cat.png": "miaow"}
    assert rehearsal or recover(host, saved)["changed"] is False

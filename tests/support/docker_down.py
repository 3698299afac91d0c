# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dokploy answers where Docker does not answer: lists without anything, and nothing of what is inspected."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client


def docker_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the queries of C(docker inspect) are answered so (source of 0.30.2)."""
    call_many = Client.call_many

    def answered(self: Client, calls: list[Call]) -> list[Any]:
        answers = call_many(self, calls)
        return [
            None if call.procedure == "docker.getConfig" else answer
            for call, answer in zip(calls, answers, strict=True)
        ]

    monkeypatch.setattr(Client, "call_many", answered)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether another look at several records of one name is likely to find fewer: by the clock of the server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine import uniqueness
from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, ServerError
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing

TAGS = Listing("tag", ("tag.all",), "tagId")
# 2026-11-30T12:00:00Z.
NOW = 1796040000.0
OLD = "2026-11-01T08:00:00.000Z"


class Server:
    """A client of a server that lists some rows, and says what time it is."""

    def __init__(self, answer: Any, date: float | None = NOW) -> None:
        self.answer, self.transport = answer, SimpleNamespace(date=date)

    def query(self, procedure: str, input: Any) -> Any:
        assert (procedure, input) == ("tag.all", {})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def pause(answer: Any, date: float | None = NOW, known: bool = True) -> float | None:
    error = Ambiguous("name: 2 tags are named 'a': 1, 2", details={"ids": ["1", "2"]})
    error.listed_by = (Call("tag.all", {}), TAGS) if known else None
    uniqueness.expect_settling(error, Server(answer, date))  # type: ignore[arg-type]
    return error.pause


def rows(*dates: str | None) -> list[dict[str, Any]]:
    other = {"tagId": "9", "name": "b", "createdAt": "2026-11-30T11:59:59.000Z"}
    return [other, *({"tagId": str(at + 1), "name": "a", "createdAt": date} for at, date in enumerate(dates))]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ((OLD, "2026-11-30T11:59:58.000Z"), uniqueness.PAUSE),
        (("2026-11-30T11:59:50.500Z", OLD), uniqueness.PAUSE),
        # The header Date has whole seconds.
        ((OLD, "2026-11-30T12:00:00.900Z"), uniqueness.PAUSE),
        ((OLD, "2026-11-30T11:59:49.000Z"), None),
        ((OLD, OLD), None),
        # Another clock: nothing can be said.
        ((OLD, "2026-11-30T13:00:00.000Z"), None),
        # Rows without dates.
        ((OLD, None), None),
        ((None, None), None),
    ],
)
def test_the_youngest_decides(dates: tuple[str | None, ...], expected: float | None) -> None:
    assert pause(rows(*dates)) == expected


def test_where_one_is_gone_already_another_look_finds_fewer() -> None:
    assert pause(rows(OLD)) == uniqueness.PAUSE
    assert pause([]) == uniqueness.PAUSE


def test_a_server_without_the_time_is_compared_with_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    young = rows(OLD, "2026-11-30T11:59:58.000Z")
    monkeypatch.setattr(uniqueness.time, "time", lambda: NOW)
    assert pause(young, None) == uniqueness.PAUSE
    monkeypatch.setattr(uniqueness.time, "time", lambda: NOW + 60)
    assert pause(young, None) is None


def test_what_cannot_be_listed_again_is_an_error_at_once() -> None:
    young = rows(OLD, "2026-11-30T11:59:58.000Z")
    assert pause(young) is not None
    assert pause(young, known=False) is None
    assert pause(ServerError("tag.all failed")) is None

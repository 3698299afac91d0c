# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployments are news."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._events import deployments
from ansible_collections.community.dokploy.plugins.module_utils._events.deployments import Watch, facts

STATUSES = ("done", "error", "cancelled")


def row(number: int, status: str, finished: int | None = None) -> dict[str, Any]:
    end = None if finished is None else f"2026-11-26T09:{finished:02}:00.000Z"
    return {
        "deploymentId": f"d{number}",
        "status": status,
        "createdAt": f"2026-11-26T09:{number:02}:00.000Z",
        "finishedAt": end,
    }


def ids(rows: list[Any]) -> list[str]:
    return [one["deploymentId"] for one in rows]


def test_what_is_there_at_first_is_no_news() -> None:
    watch = Watch(STATUSES)
    rows = [row(2, "running"), row(1, "error")]
    assert watch.news(rows) == [] and watch.news(rows) == []


def test_a_deployment_is_news_once_when_it_ends() -> None:
    watch = Watch(STATUSES)
    watch.news([row(1, "running")])
    ended = [row(1, "error", 3), row(2, "running")]
    assert ids(watch.news(ended)) == ["d1"] and watch.news(ended) == []


def test_every_wanted_status_is_news() -> None:
    watch = Watch(("running", "done"))
    assert watch.news([]) == []
    seen = [ids(watch.news([row(1, status)])) for status in ("running", "running", "done", "done")]
    assert seen == [["d1"], [], ["d1"], []]


def test_the_oldest_news_come_first() -> None:
    watch = Watch(STATUSES)
    watch.news([])
    assert ids(watch.news([row(3, "done", 4), row(1, "cancelled"), row(2, "done", 5)])) == ["d1", "d3", "d2"]


def test_a_deployment_that_was_out_of_sight_is_no_news_again() -> None:
    watch = Watch(STATUSES)
    watch.news([])
    one = [row(1, "done", 2)]
    assert [ids(watch.news(rows)) for rows in (one, [], one)] == [["d1"], [], []]


def test_older_deployments_that_appear_later_are_no_news() -> None:
    """As when the key gets more permissions."""
    watch = Watch(STATUSES)
    watch.news([row(5, "done", 5)])
    assert ids(watch.news([row(5, "done", 5), row(4, "error", 4), row(6, "error", 6)])) == ["d6"]


def test_a_deployment_of_the_same_time_as_the_newest_is_news() -> None:
    watch = Watch(STATUSES)
    watch.news([row(5, "done", 5)])
    assert ids(watch.news([row(5, "done", 5), {**row(5, "error", 6), "deploymentId": "twin"}])) == ["twin"]


def test_since_a_moment() -> None:
    watch = Watch(STATUSES, datetime.datetime(2026, 11, 26, 9, 4, tzinfo=datetime.UTC))
    rows = [row(1, "done", 3), row(2, "error", 4), row(3, "done", 5), row(5, "cancelled"), row(6, "running")]
    assert ids(watch.news([*rows, {"deploymentId": "odd", "status": "done"}])) == ["d2", "d3", "d5"]
    assert watch.news(rows) == []


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployments, "_REMEMBERED", 3)
    watch = Watch(STATUSES)
    for number in range(50):
        assert ids(watch.news([row(number, "done", number)])) == ([f"d{number}"] if number else [])
        assert len(watch._known) <= 6


def test_facts() -> None:
    place = {"environmentId": "e1", "name": "production", "project": {"projectId": "p1", "name": "shop"}}
    one = {
        **row(1, "error", 2),
        "title": "see https://u:canary@x.example",
        "description": "Commit: abc",
        "errorMessage": "Command failed: canary",
        "logPath": "/log",
        "application": None,
        "compose": {"composeId": "c1", "name": "stack", "environment": place},
    }
    found = facts(one)
    assert "canary" not in str(found)
    assert {key: found[key] for key in "kind service service_id project environment_id commit log_path".split()} == {
        "kind": "compose",
        "service": "stack",
        "service_id": "c1",
        "project": "shop",
        "environment_id": "e1",
        "commit": "abc",
        "log_path": "/log",
    }


def test_facts_of_a_service_that_was_removed_meanwhile() -> None:
    found = facts(row(1, "done", 2))
    assert (found["deployment_id"], found["kind"], found["service_id"], found["project"]) == ("d1", None, None, None)

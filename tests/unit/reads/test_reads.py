# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The read cache of one task, with a fake clock, and its read-ahead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotFoundError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._reads.listings import LISTING_FRESH
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import ROW_FRESH, Reads
from tests.support.fake_clients import FakeClock, ScriptedClient, batch, reads
from tests.support.sample_rows import tree

IDS = ["id-%03d" % number for number in range(150)]


def call(resource_id: str) -> Call:
    return Call("application.one", {"applicationId": resource_id})


class Server:
    """Answers any query with a row of its ID, and records the size of each request."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.asked: list[str] = []
        self.missing: set[str] = set()
        self.version = 0

    def _row(self, input: Any) -> Any:
        self.asked.append(input["applicationId"])
        if input["applicationId"] in self.missing:
            return NotFoundError("Application not found")
        return {**input, "version": self.version}

    def query(self, procedure: str, input: Any = None, **_more: Any) -> Any:
        self.sizes.append(1)
        row = self._row(input)
        if isinstance(row, NotFoundError):
            raise row
        return row

    def call_many(self, calls: list[Call]) -> list[Any]:
        assert 1 < len(calls) <= 100
        self.sizes.append(len(calls))
        return [self._row(call.input) for call in calls]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def one(server: Server, clock: FakeClock) -> Callable[..., Any]:
    cache = Reads(server, clock)  # type: ignore[arg-type]

    def read(resource_id: str, siblings: list[str] | None = None, group: str = "e") -> Any:
        return cache.ahead.row(
            call(resource_id), None if siblings == [] else lambda: list(map(call, siblings or IDS)), group
        )

    read.cache = cache  # type: ignore[attr-defined]
    return read


def test_a_loop_reads_in_growing_batches(server: Server, one: Callable[..., Any]) -> None:
    for resource_id in IDS:
        assert one(resource_id)["applicationId"] == resource_id
    assert server.sizes == [1, 8, 32, 100, 9]
    assert sorted(server.asked) == IDS


def test_a_single_application_is_read_by_itself(server: Server, one: Callable[..., Any]) -> None:
    one(IDS[7])
    assert server.asked == [IDS[7]]
    one("elsewhere", siblings=[])
    assert server.sizes == [1, 1]


def test_the_batches_of_each_environment_grow_separately(server: Server, one: Callable[..., Any]) -> None:
    one(IDS[0], group="a")
    one(IDS[100], group="b")
    assert server.sizes == [1, 1]


def test_a_loop_that_starts_in_the_middle_reads_ahead_from_there(server: Server, one: Callable[..., Any]) -> None:
    one(IDS[50])
    one(IDS[51])
    assert server.asked == IDS[50:59]


def test_a_row_that_was_read_ahead_is_used_once(server: Server, one: Callable[..., Any]) -> None:
    for resource_id in IDS[:3]:
        one(resource_id)
    assert server.sizes == [1, 8]
    server.version = 1
    assert one(IDS[2])["version"] == 1


def test_a_row_that_was_read_ahead_expires(server: Server, one: Callable[..., Any], clock: FakeClock) -> None:
    one(IDS[0])
    one(IDS[1])
    server.version = 1
    clock.now += ROW_FRESH
    assert one(IDS[2])["version"] == 0
    clock.now += 0.01
    assert one(IDS[3])["version"] == 1


def test_nothing_is_kept_for_long() -> None:
    """Other processes may write at any time: rows are kept for seconds, the tree of a loop for a minute."""
    assert 0 < ROW_FRESH <= 5
    assert 0 < LISTING_FRESH <= 60


def test_a_write_drops_the_row_that_was_read_ahead(server: Server, one: Callable[..., Any]) -> None:
    one(IDS[0])
    one(IDS[1])
    server.version = 1
    one.cache.ahead.drop(IDS[2])  # type: ignore[attr-defined]
    assert one(IDS[2])["version"] == 1
    assert one(IDS[3])["version"] == 0


def test_a_fresh_read_never_comes_from_the_cache(server: Server, one: Callable[..., Any]) -> None:
    one(IDS[0])
    one(IDS[1])
    server.version = 1
    assert one.cache.current.row(call(IDS[2]))["version"] == 1  # type: ignore[attr-defined]
    # And what had been read ahead of it is not used afterwards either.
    assert one(IDS[2])["version"] == 1


def test_the_rest_of_a_batch_with_a_missing_row_is_used(server: Server, one: Callable[..., Any]) -> None:
    server.missing = {IDS[2], IDS[3]}
    one(IDS[0])
    one(IDS[1])
    with pytest.raises(NotFoundError):
        one(IDS[2])
    assert one(IDS[4])["applicationId"] == IDS[4]
    with pytest.raises(NotFoundError):
        one(IDS[3])


def test_the_error_of_the_requested_row_is_raised(clock: FakeClock) -> None:
    client: Any = ScriptedClient(
        reads("application.one", {}, applicationId="a"),
        batch(
            ("application.one", {"applicationId": "b"}, ServerError("500")),
            ("application.one", {"applicationId": "c"}, {"applicationId": "c"}),
        ),
    )
    cache = Reads(client, clock)
    for resource_id in "ab":
        if resource_id == "a":
            cache.ahead.row(call(resource_id), lambda: list(map(call, "abc")))
            continue
        with pytest.raises(ServerError):
            cache.ahead.row(call(resource_id), lambda: list(map(call, "abc")))
    assert cache.ahead.row(call("c"), lambda: list(map(call, "abc"))) == {"applicationId": "c"}
    client.done()


# --- the tree and the listings ---------------------------------------------------------------------------------------


def test_the_tree_is_read_once_and_again_after_a_minute(clock: FakeClock) -> None:
    client: Any = ScriptedClient(reads("project.all", tree("a")), reads("project.all", []))
    cache = Reads(client, clock)
    first = cache.trees.of()
    clock.now += LISTING_FRESH
    assert cache.trees.of() is first
    clock.now += 0.01
    assert cache.trees.of().roots == []
    client.done()


def test_a_listing_is_read_once_and_again_after_a_minute(clock: FakeClock) -> None:
    client: Any = ScriptedClient(reads("server.all", [{"serverId": "s"}]), reads("server.all", []))
    cache = Reads(client, clock)
    for _time in range(2):
        assert cache.listings.rows(("server.all",)) == [{"serverId": "s"}]
    clock.now += LISTING_FRESH + 0.01
    assert cache.listings.rows(("server.all",)) == []
    client.done()


def test_older_servers_are_asked_with_the_other_procedure(clock: FakeClock) -> None:
    unknown = UnknownProcedure("404")
    client: Any = ScriptedClient(
        reads("sshKey.allForApps", unknown),
        reads("sshKey.all", [{"sshKeyId": "k"}]),
    )
    assert Reads(client, clock).listings.rows(("sshKey.allForApps", "sshKey.all")) == [{"sshKeyId": "k"}]
    client.done()
    client = ScriptedClient(reads("a.all", unknown), reads("b.all", unknown))
    with pytest.raises(UnknownProcedure):
        Reads(client, clock).listings.rows(("a.all", "b.all"))

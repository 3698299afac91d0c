# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's subscriptions against the simulator: live lines, and streams that break, fall silent or are left."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    DokployError,
    NotFoundError,
    ServerError,
    StreamInterrupted,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import ClientConfig
from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST

RESTORE = "backup.restoreBackupWithLogs"
STARTING, RESTORING, DONE = "Starting restore...", "Restoring database: db from x", "Restore completed successfully!"


@pytest.fixture
def client(sim: Simulator) -> Any:
    one = Client(ClientConfig(sim.url, sim.key, max_retries=0))
    yield one
    one.close()


@pytest.fixture
def restored(sim: Simulator) -> dict[str, Any]:
    """The input of a restore, and ``volume``, which gets C(the backup)."""
    home = sim.execute("project.create", name="shop")["environment"]["environmentId"]
    values = {"databaseName": "db", "databaseUser": "u", "databasePassword": "pw"}
    row = sim.execute("postgres.create", name="db", environmentId=home, **values)
    sim.execute("postgres.deploy", postgresId=row["postgresId"])
    target = sim.act(destination="s3")["destinationId"]
    sim.act(put="x", destination="s3", data="the backup")
    sim.reset_stats()
    given = {"databaseId": row["postgresId"], "databaseType": "postgres", "backupType": "database"}
    given |= {"databaseName": "db", "backupFile": "x", "destinationId": target}
    return {"input": given, "volume": f"{row['appName']}-data"}


def received(client: Client, given: dict[str, Any], **limits: float) -> tuple[list[str], DokployError | None]:
    lines: list[str] = []
    try:
        for line in client.subscribe(RESTORE, given, **{"timeout": 60.0, **limits}):
            lines.append(line)
    except DokployError as error:
        return lines, error
    return lines, None


def test_lines_arrive_while_the_restore_works(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.config(restore_seconds=2)
    begin, times = time.monotonic(), []
    for _line in client.subscribe(RESTORE, restored["input"], timeout=60.0):
        times.append(time.monotonic() - begin)
    assert len(times) == 3 and times[1] < 2 <= times[2]
    assert sim.volumes()[restored["volume"]] == "the backup"
    assert sim.calls("mutation") == [RESTORE]


@pytest.mark.parametrize("kind", ["cut_body", "cut_json"])
def test_a_restore_goes_on_when_its_stream_breaks(
    sim: Simulator, client: Client, restored: dict[str, Any], kind: str
) -> None:
    sim.config(restore_seconds=0.1)
    sim.fault(kind, RESTORE, lines=2)
    lines, error = received(client, restored["input"])
    assert lines == [STARTING, RESTORING] and isinstance(error, StreamInterrupted)
    sim.settle()
    assert sim.volumes()[restored["volume"]] == "the backup"
    assert sim.calls("mutation") == [RESTORE]


def test_a_proxy_may_answer_in_place_of_the_stream(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.fault("html", RESTORE, after=True)
    lines, error = received(client, restored["input"])
    assert lines == [] and isinstance(error, ServerError) and error.details["effect_unknown"] is True
    sim.settle()
    assert sim.volumes()[restored["volume"]] == "the backup"


def test_a_stream_that_falls_silent_is_given_up(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.fault("silent", RESTORE, lines=1, seconds=5)
    lines, error = received(client, restored["input"], silence=0.3)
    assert lines == [STARTING] and isinstance(error, WaitTimeout) and "sent nothing for 0.3 s" in str(error)


def test_the_total_time_is_limited_while_lines_come(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.fault("slow_lines", RESTORE, seconds=0.6)
    lines, error = received(client, restored["input"], timeout=1.5)
    assert lines[:1] == [STARTING] and DONE not in lines and isinstance(error, WaitTimeout)


def test_one_who_leaves_stops_nothing(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.config(restore_seconds=0.2)
    lines = client.subscribe(RESTORE, restored["input"], timeout=60.0)
    assert next(lines) == STARTING
    lines.close()
    sim.settle()
    assert sim.volumes()[restored["volume"]] == "the backup"
    assert client.query("settings.getDokployVersion") == f"v{NEWEST}"


def test_keys_in_the_lines_are_masked(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    sim.act(destination="other", accessKey="access-key-1", secretAccessKey="secret-key-1", bucket="missing")
    target = next(row for row in client.query("destination.all") if row["name"] == "other")["destinationId"]
    lines, _error = received(client, {**restored["input"], "destinationId": target})
    failed = [line for line in lines if line.startswith("Error: ")]
    assert len(failed) == 2 and "--s3-secret-access-key=********" in failed[0]
    assert not any("secret-key-1" in line or "access-key-1" in line for line in lines)


def test_errors_are_mapped_as_usual(sim: Simulator, client: Client, restored: dict[str, Any]) -> None:
    unknown = {**restored["input"], "destinationId": "nope"}
    lines, error = received(client, unknown)
    assert lines == [] and isinstance(error, NotFoundError) and error.what == "Destination"
    other = Client(ClientConfig(sim.url, "wrong-key", max_retries=0))
    assert isinstance(received(other, restored["input"])[1], AuthenticationError)
    other.close()
    sim.config(version="0.27.1")
    assert isinstance(received(client, restored["input"])[1], UnknownProcedure)

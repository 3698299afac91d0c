# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Destinations: their life, the test of the connection, and what uses them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import (
    INFO_OPERATION,
    OPERATION,
    said_by_rclone,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from dokploy_simulator import Simulator
from tests.support.host import Host

KEY, SECRET = "access-key-of-the-bucket", "secret+key/of*the bucket"
BUCKET: dict[str, Any] = {
    "name": "backups",
    "provider": "Other",
    "bucket": "shop-backups",
    "region": "eu-central-1",
    "endpoint": "https://s3.example.com",
    "access_key": KEY,
    "secret_access_key": SECRET,
}
VIEW = {key: value for key, value in BUCKET.items() if key not in ("access_key", "secret_access_key")}


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("destination.all"))


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **BUCKET)
    assert predicted["changed"]
    assert rows(host) == []
    host.sim.reset_stats()
    made = host.ok(OPERATION, **BUCKET)
    # The read-back also lists those of the same name.
    assert host.sim.calls() == ["destination.create", "destination.one", "destination.all"]
    assert made["destination"] == {
        **VIEW,
        "additional_flags": [],
        "destination_id": rows(host)[0]["destinationId"],
        "created_at": rows(host)[0]["createdAt"],
    }
    assert made["diff"]["after"] == {
        "state": "present",
        **VIEW,
        "access_key": "(hidden) new",
        "secret_access_key": "(hidden) new",
    }
    host.new_task()
    host.sim.reset_stats()
    again = host.ok(OPERATION, **BUCKET)
    assert not again["changed"]
    assert again["destination"] == made["destination"]
    assert host.sim.calls() == ["destination.all"]
    gone = host.ok(OPERATION, name="backups", state="absent")
    assert gone["changed"]
    assert gone["destination"] == {"destination_id": made["destination"]["destination_id"], "name": "backups"}
    assert rows(host) == []
    assert not host.ok(OPERATION, name="backups", state="absent")["changed"]


def test_an_update_sends_all_and_changes_one(host: Host) -> None:
    """The updating procedure requires every key and resets the flags that it is not sent."""
    host.ok(OPERATION, **BUCKET, additional_flags=["--s3-sign-accept-encoding=false"])
    before = rows(host)[0]
    result = host.ok(OPERATION, name="backups", region="us-east-1")
    assert result["diff"]["before"] == {"region": "eu-central-1"}
    assert rows(host) == [{**before, "region": "us-east-1"}]
    assert not host.ok(OPERATION, name="backups", region="us-east-1")["changed"]


def test_flags_that_are_null_are_sent_as_the_server_takes_them(host: Host) -> None:
    """A destination from before 0.29 has none, and the server refuses null (measured on 0.30.2)."""
    made = host.ok(OPERATION, **BUCKET)["destination"]["destination_id"]
    row = host.sim.server.store.destinations.rows[made]
    host.sim.server.store.destinations.update(row, {"additionalFlags": None})
    host.new_task()
    assert host.ok(OPERATION, name="backups", region="us-east-1", test_connection=True)["changed"]
    assert rows(host)[0]["additionalFlags"] == []


@pytest.mark.parametrize("option", ["bucket", "access_key", "secret_access_key"])
def test_what_is_needed_is_not_cleared(host: Host, option: str) -> None:
    host.ok(OPERATION, **BUCKET)
    before = rows(host)
    assert host.failed(OPERATION, name="backups", **{option: ""})["msg"] == f"{option} must not be empty"
    assert rows(host) == before


def test_the_keys_are_compared_and_never_shown(host: Host) -> None:
    host.ok(OPERATION, **BUCKET)
    assert not host.ok(OPERATION, name="backups", secret_access_key=SECRET)["changed"]
    result = host.ok(OPERATION, name="backups", secret_access_key="another secret")
    assert result["diff"]["before"] == {"secret_access_key": "(hidden) old"}
    assert result["diff"]["after"] == {"secret_access_key": "(hidden) new"}
    assert rows(host)[0]["secretAccessKey"] == "another secret"
    assert rows(host)[0]["accessKey"] == KEY
    (shown,) = host.ok(INFO_OPERATION)["destinations"]
    assert not set(shown) & {"access_key", "secret_access_key"}
    (shown,) = host.ok(INFO_OPERATION, name="backups", include_secrets=True)["destinations"]
    assert (shown["access_key"], shown["secret_access_key"]) == (KEY, "another secret")


def test_it_is_renamed_by_its_id(host: Host) -> None:
    made = host.ok(OPERATION, **BUCKET)["destination"]["destination_id"]
    assert host.ok(OPERATION, destination_id=made, name="other")["changed"]
    host.new_task()
    assert host.ok(OPERATION, name="other")["destination"]["destination_id"] == made
    assert "no destination" in host.failed(OPERATION, destination_id="nope")["msg"]


def test_two_of_one_name_are_ambiguous(host: Host) -> None:
    columns = dict.fromkeys(("provider", "accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "x")
    for _number in range(2):
        host.call("destination.create", name="twice", **columns)
    result = host.failed(OPERATION, name="twice", region="r")
    assert result["error"]["kind"] == "ambiguous"
    assert sorted(result["ids"]) == sorted(row["destinationId"] for row in rows(host))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bucket": None}, "bucket is needed to create a destination"),
        ({"access_key": "", "secret_access_key": ""}, "access_key and secret_access_key are needed"),
        ({"name": ""}, "name must not be empty"),
        ({"bucket": "a$(id)"}, "bucket: 'a$(id)' is not the name of a bucket"),
        ({"provider": "aws"}, "provider: rclone knows no provider 'aws'. Did you mean: 'AWS'?"),
        ({"provider": "Cloudfare"}, "Did you mean: 'Cloudflare'?"),
        ({"provider": "acme"}, "rclone knows no provider 'acme'. For any other storage, use Other."),
        ({"additional_flags": ["-x"]}, "additional_flags: '-x' is not a flag such as"),
        ({"additional_flags": ["--a=$(id)"]}, "additional_flags: '--a=$(id)' is not a flag such as"),
    ],
)
def test_bad_input_writes_nothing(host: Host, changes: dict[str, Any], message: str) -> None:
    given = {key: value for key, value in {**BUCKET, **changes}.items() if value is not None}
    assert message in host.failed(OPERATION, **given)["msg"]
    assert rows(host) == []


def test_the_connection_is_tested_before_anything_is_written(host: Host) -> None:
    lost = {**BUCKET, "bucket": "missing-bucket"}
    result = host.failed(OPERATION, **lost, test_connection=True)
    assert result["msg"].startswith("test_connection: the bucket 'missing-bucket' cannot be listed: Failed to ls: ")
    assert "Nothing was written" in result["msg"]
    assert not result["changed"]
    assert result["error"] == {"kind": "refused", "procedure": "destination.testConnection", "status": 400}
    assert KEY not in str(result)
    assert SECRET not in str(result)
    assert rows(host) == []
    # Check mode cannot know.
    assert host.ok(OPERATION, check=True, **lost, test_connection=True)["changed"]


def test_the_reason_of_an_unreachable_storage_is_not_cut(host: Host) -> None:
    """It stands at the end, after a long command line."""
    endpoint = "https://missing.storage.example.com"
    result = host.failed(OPERATION, **{**BUCKET, "endpoint": endpoint}, test_connection=True)
    assert "connect: connection refused. Check bucket, endpoint" in result["msg"]


def test_what_is_stored_is_tested_too(host: Host) -> None:
    host.ok(OPERATION, **BUCKET)
    host.sim.reset_stats()
    host.new_task()
    result = host.ok(OPERATION, name="backups", test_connection=True)
    assert not result["changed"]
    assert host.sim.calls() == ["destination.all", "destination.testConnection"]
    host.call("destination.update", **{**rows(host)[0], "bucket": "missing-bucket"})
    host.new_task()
    result = host.failed(OPERATION, name="backups", test_connection=True)
    assert KEY not in str(result)
    assert SECRET not in str(result)


def test_what_uses_it_is_named_unless_forced(host: Host) -> None:
    host.ok(OPERATION, **BUCKET)
    host.ok(PROJECT, name="shop")
    backup = {"name": "nightly", "volume": "uploads", "destination": "backups", "cron": "@daily"}
    host.ok(APPLICATION, project="shop", name="web", volume_backups=[backup])
    host.new_task()
    result = host.failed(OPERATION, name="backups", state="absent")
    assert "destination 'backups' is used by volume backup 'nightly'" in result["msg"]
    assert len(rows(host)) == 1
    assert host.ok(OPERATION, name="backups", state="absent", force=True)["changed"]
    assert rows(host) == []


def test_older_servers_have_no_flags() -> None:
    with Simulator(version="0.28.8") as sim:
        host = Host(sim)
        flags = ["--s3-sign-accept-encoding=false"]
        assert (
            "additional_flags needs Dokploy 0.29.0" in host.failed(OPERATION, **BUCKET, additional_flags=flags)["msg"]
        )
        assert host.ok(OPERATION, **BUCKET)["changed"]
        assert host.ok(OPERATION, name="backups", region="r")["changed"]
        assert not host.ok(OPERATION, **{**BUCKET, "region": "r"})["changed"]
        host.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Command failed: rclone ls --s3-region=r :s3:b 2026/11/25 15:53:48 NOTICE: Config file not found"
            " 2026/11/25 15:53:48 Failed to ls: directory not found",
            "Failed to ls: directory not found",
        ),
        ("Error: unknown flag: --nope 2026/11/25 15:53:48 Fatal error: unknown flag", "Fatal error: unknown flag"),
        ("Server not found", "Server not found"),
    ],
)
def test_what_rclone_says(text: str, said: str) -> None:
    assert said_by_rclone(text) == said

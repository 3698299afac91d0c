# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications that are jobs are no configuration: an export leaves out what a run that was killed has left of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from tests.component.export.test_export import apply, environment, export, inner, shop
from tests.support.host import Host

S3 = {
    "name": "s3",
    "provider": "AWS",
    "access_key": "a-key",
    "secret_access_key": "another-key",
    "bucket": "b",
    "endpoint": "http://127.0.0.1:9",
}
LOGIN = {"database": "shop", "user": "shop", "password": "of-the-database"}
_STORED = {"destination": "s3", "cron": "0 2 * * *"}


def saved(name: str, prefix: str) -> dict[str, Any]:
    return {"name": name, "volume": "data", "prefix": prefix, **_STORED}


def dumped(prefix: str) -> dict[str, Any]:
    return {"prefix": prefix, "database_name": "shop", **_STORED}


def test_jobs_are_left_out(host: Host) -> None:
    job = {"name": "job-set-cache", "description": MARK, "docker": {"image": "busybox"}}
    own = {"name": "job-of-the-user", "docker": {"image": "busybox"}}
    apply(host, projects=shop(environment(applications=[job, own]), environment("staging", applications=[job])))
    result = export(host)
    assert [entry["name"] for entry in inner(result)] == ["job-of-the-user"]
    missing = [(row["path"], row["reason"]) for row in result["missing"] if row["kind"] == "application"]
    assert [path for path, _reason in missing] == ["shop/production/job-set-cache", "shop/staging/job-set-cache"]
    assert {reason.partition(",")[0] for _path, reason in missing} == {"It is a job"}
    # It changes nothing, and a document of it is written.
    assert not apply(host, **result["document"])["changed"]


def test_records_of_a_killed_set_are_left_out(host: Host) -> None:
    apply(host, destinations=[S3])
    web = {"name": "web", "docker": {"image": "busybox"}, "volume_backups": [saved("nightly", "n")]}
    database = {"name": "db", "type": "postgres", **LOGIN, "backups": [dumped("n")]}
    stated = shop(environment(applications=[web], databases=[database]))
    document = {"destinations": [S3], "projects": stated}
    apply(host, **document)
    once: dict[str, Any] = {"cron": "0 0 1 1 *", "enabled": False, "keep": 0}
    web["volume_backups"] = [*web["volume_backups"], {**saved("set data", "set/0a1b2c3d/data"), **once}]
    database["backups"] = [*database["backups"], {**dumped("set/0a1b2c3d/db"), **once}]
    apply(host, **document)
    result = export(host)
    (application,) = inner(result)
    assert [backup["name"] for backup in application["volume_backups"]] == ["nightly"]
    (exported,) = inner(result, "databases")
    assert [backup["prefix"] for backup in exported["backups"]] == ["n"]
    # Nor does a document remove what a set needs that runs now.
    host.sim.reset_stats()
    web["volume_backups"], database["backups"] = [saved("nightly", "n")], [dumped("n")]
    assert not apply(host, **document)["changed"]
    assert host.sim.calls("mutation") == []

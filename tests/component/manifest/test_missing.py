# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a set has and is not in its service in the end is missing, is a failure, and keeps back what refers to it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.component.manifest.test_manifest import apply, counts
from tests.component.manifest.test_recovery import CACHE, DB, DEPLOY, DOCUMENT, S3, WEB, lose
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

Content = dict[str, Any]
PLACE = "shop/production"
# It starts after the database, without a reference to it.
WORKER = {"name": "worker", "docker": {"image": "nginx:1.29"}, "after": ["db"]}
# It has nothing to do with it.
PAGE = {"name": "page", "docker": {"image": "nginx:1.29"}}
COUNT = 'psql -tAc "select count(*) from orders"'


def document(*names: str) -> dict[str, Any]:
    """The document of a project. :param names: those of its applications, of all if there are none."""
    content: dict[str, Any] = copy.deepcopy(DOCUMENT)
    (environment,) = content["projects"][0]["environments"]
    applications = [entry for entry in (WEB, WORKER, PAGE) if not names or entry["name"] in names]
    environment.update(databases=[DB, CACHE], compose=[], applications=applications)
    return content


@pytest.fixture
def saved(host: Host) -> Content:
    """The content of archives.yml with a check, of an instance that is lost."""
    apply(host, document(), **DEPLOY)
    host.sim.act(insert="db", table="orders", count=3)
    host.sim.act(insert="cache", count=3)
    host.sim.act(write="uploads", path="cat.png", data="miaow")
    host.new_task()
    checks = [{"name": "rows", "service": f"{PLACE}/db", "script": COUNT}]
    made: Content = host.ok(OPERATIONS["dokploy_backup_set"], data="all", destination="s3", jobs=True, checks=checks)[
        "set"
    ]
    lose(host)
    return made


def recover(host: Host, content: Content, stated: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return apply(host, stated or document(), **{**DEPLOY, "archives": copy.deepcopy(content), **options})


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    return {f"{row['path'].rpartition('/')[2]} {row['what']}": row["outcome"] for row in result["archives"]}


def waiting(result: dict[str, Any]) -> list[str]:
    return [row["path"].rpartition("/")[2] for row in result["waiting"]]


def set_up_before(host: Host) -> None:
    """The database exists with a row of its own, as where the document was applied without the set."""
    host.new_task()
    apply(host, document("page"), **DEPLOY)
    host.sim.act(insert="db", table="orders", count=1)
    host.new_task()


def test_a_service_that_exists_is_missing_and_what_refers_to_it_is_not_deployed(host: Host, saved: Content) -> None:
    set_up_before(host)
    result = recover(host, saved)
    assert outcomes(result) == {"db database": "missing", "cache database": "missing", "web volume": "restored"}
    assert result["failed"] and f"database {PLACE}/db: its data is not restored; database shop (" in result["msg"]
    assert "it exists, with data of which nothing tells that it is that of the set" in result["msg"]
    assert "Name its path in overwrite" in result["msg"] and "archives_keep" in result["msg"]
    assert sorted(waiting(result)) == ["web", "worker"]
    status = {row["name"]: row["applicationStatus"] for row in host.sim.server.store.applications}
    assert status == {"web": "idle", "worker": "idle", "page": "done"}
    # The check of the set is run beside what there is.
    (check,) = result["archive_checks"]
    assert (check["passed"], check["output"]) == (False, "1")
    assert host.sim.rows("db", "orders") == ["1"]
    host.new_task()
    paths = [f"{PLACE}/{name}" for name in ("db", "cache")]
    done = recover(host, saved, overwrite=[paths[0]], archives_keep=[paths[1]])
    assert done.get("msg") is None, done.get("msg")
    assert outcomes(done) == {"db database": "restored", "cache database": "kept", "web volume": "present"}
    assert host.sim.rows("db", "orders") == ["1", "2", "3"] and waiting(done) == []


def test_check_mode_tells_what_is_missing_and_what_would_wait(host: Host, saved: Content) -> None:
    set_up_before(host)
    planned = recover(host, saved, check=True)
    assert planned.get("msg") is None and host.sim.calls("mutation") == []
    assert outcomes(planned) == {"db database": "missing", "cache database": "missing", "web volume": "to_restore"}
    assert sorted(waiting(planned)) == ["web", "worker"]
    assert {row["path"] for row in planned["failures"]} == {f"{PLACE}/db", f"{PLACE}/cache"}
    assert any("A real run fails" in text and f"{PLACE}/db" in text for text in planned["warnings"])
    assert "2 not restored:" in planned["plan"]["text"]
    looked_up = {row["path"].rpartition("/")[2]: row["looked_up"] for row in planned["archives"]}
    assert looked_up == {"db": False, "cache": False, "web": True}
    done = recover(host, saved)
    assert done["plan"]["id"] == planned["plan"]["id"]


@slow
def test_a_check_that_passes_does_not_make_it_restored(host: Host, saved: Content) -> None:
    set_up_before(host)
    host.sim.act(insert="db", table="orders", count=2)
    result = recover(host, saved)
    assert [row["passed"] for row in result["archive_checks"]] == [True]
    assert result["failed"] and outcomes(result)["db database"] == "missing"
    kept = recover(host, saved, archives_keep=[f"{PLACE}/*"])
    assert (kept.get("msg"), [row["passed"] for row in kept["archive_checks"]]) == (None, [True])


@slow
def test_what_is_kept_is_no_failure_also_where_its_check_fails(host: Host, saved: Content) -> None:
    set_up_before(host)
    kept = recover(host, saved, archives_keep=["*"])
    assert (kept.get("msg"), waiting(kept)) == (None, [])
    assert outcomes(kept) == {"db database": "kept", "cache database": "kept", "web volume": "restored"}
    (check,) = kept["archive_checks"]
    assert (check["passed"], check["output"], check["msg"]) == (False, "1", "its output is '1', not '3'")
    assert host.sim.rows("db", "orders") == ["1"] and host.sim.data()["uploads"]["files"] == {"cat.png": "miaow"}


@slow
def test_what_this_set_has_restored_is_present_and_its_check_has_had_its_turn(host: Host, saved: Content) -> None:
    assert set(outcomes(recover(host, saved)).values()) == {"restored"}
    host.sim.act(insert="db", table="orders", count=2)
    again = recover(host, saved)
    assert (again.get("msg"), again["changed"], set(outcomes(again).values())) == (None, False, {"present"})
    (check,) = again["archive_checks"]
    assert check["passed"] is None and check["msg"].startswith("not run: it is in it, live since ")


@slow
def test_another_archive_than_that_which_is_live_is_missing(host: Host, saved: Content) -> None:
    recover(host, saved)
    host.new_task()
    later = host.ok(OPERATIONS["dokploy_backup_set"], data="all", destination="s3", jobs=True)["set"]
    result = recover(host, later)
    assert set(outcomes(result).values()) == {"missing"}
    assert result["failed"] and "it was restored from " in result["msg"]
    assert recover(host, later, archives_keep=["*"]).get("msg") is None


@slow
def test_a_service_that_the_document_lacks_is_missing_and_one_outside_of_the_scope_is_none(
    host: Host, saved: Content
) -> None:
    stated = document()
    (environment,) = stated["projects"][0]["environments"]
    environment["databases"] = [DB]
    planned = recover(host, saved, stated, check=True)
    assert outcomes(planned)["cache database"] == "missing" and planned.get("msg") is None
    result = recover(host, saved, stated)
    assert f"database {PLACE}/cache: its data is not restored; database redis (" in result["msg"]
    assert "Add it to the document, or name its path in archives_keep." in result["msg"]
    assert {key for key, outcome in outcomes(result).items() if outcome == "restored"} == {"db database", "web volume"}
    assert recover(host, saved, stated, archives_keep=[f"{PLACE}/cache"]).get("msg") is None
    lose(host)
    scope = {"services": [f"{PLACE}/db"], "references": True}
    part = recover(host, saved, scope=scope)
    assert (part.get("msg"), outcomes(part)) == (None, {"db database": "restored"})
    without_data = recover(host, saved, scope={"services": [f"{PLACE}/page"]})
    assert (without_data.get("msg"), without_data["archives"]) == (None, [])
    environment["applications"] += [{**PAGE, "name": "other"}]
    other = recover(host, saved, stated, scope={"services": [f"{PLACE}/other"]})
    assert "archives: the document has none of its services; is it of another scope?" in other["msg"]


@slow
def test_what_the_document_removes_is_removed(host: Host, saved: Content) -> None:
    set_up_before(host)
    stated = document("page")
    stated["projects"][0]["environments"][0]["databases"][1] = {**CACHE, "state": "absent"}
    result = recover(host, saved, stated, archives_keep=[f"{PLACE}/db", f"{PLACE}/web"], force=True)
    assert (result.get("msg"), outcomes(result)["cache database"]) == (None, "removed")


def test_names_that_are_none_are_mistakes(host: Host, saved: Content) -> None:
    result = recover(host, saved, archives_keep=["blog/*", f"{PLACE}/db"], overwrite=[f"{PLACE}/db"])
    assert result["mistakes"] == [
        f"archives_keep: archives has no archive of 'blog/*'; it has those of {PLACE}/cache, {PLACE}/db, {PLACE}/web",
        f"archives_keep: overwrite names {PLACE}/db, too; state it in one of them",
    ]
    assert apply(host, document(), archives_keep=["*"], check=True)["mistakes"] == ["archives_keep: archives is needed"]


def test_a_bucket_without_a_destination_is_not_looked_at_in_check_mode(host: Host, saved: Content) -> None:
    """As on a fresh server, on which the first task of the playbook creates it."""
    (row,) = host.read("destination.all")
    host.call("destination.remove", destinationId=row["destinationId"])
    host.new_task()
    before = {"archives_before": "2100-01-01"}
    for options in ({}, before):
        planned = recover(host, saved, check=True, **options)
        assert planned.get("msg") is None and host.sim.calls("mutation") == []
        rows = [(item["outcome"], item["looked_up"], item["reason"]) for item in planned["archives"]]
        assert set(rows) == {
            ("to_restore", False, "it is not looked at, since its destination does not exist yet"),
        }
    assert any("can be listed once its destination exists" in text for text in planned["warnings"])
    refused = recover(host, saved, **before)
    assert "can be listed once its destination exists" in refused["msg"] and host.sim.calls("mutation") == []
    host.new_task()
    host.ok(OPERATIONS["dokploy_destination"], **S3)
    done = recover(host, saved, **before)
    assert done.get("msg") is None and counts(done)["restore"] == 3
    assert {(item["outcome"], item["looked_up"]) for item in done["archives"]} == {("restored", True)}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dump of another database is found after its restore, by the rows that the set has counted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._sets import service_run
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from tests.component.sets.test_round_trip import ALL, LOGIN, document
from tests.support.host import Host

Row = dict[str, Any]
DATABASES: dict[str, Row] = {
    "postgres": {"type": "postgres", "image": "postgres:16"},
    "mysql": {"type": "mysql", "image": "mysql:8", "root_password": "made-up-2"},
    "mariadb": {"type": "mariadb", "image": "mariadb:11", "root_password": "made-up-2"},
}


@pytest.fixture(params=sorted(DATABASES))
def wanted(request: pytest.FixtureRequest) -> Row:
    """A document with one database."""
    return document(databases=[{"name": "db", **DATABASES[request.param], **LOGIN}])


def make(host: Host, wanted: Row) -> None:
    host.ok(MANIFEST, **wanted, verify_period=0.0)
    host.sim.act(insert="db", count=3)
    host.new_task()


def save(host: Host, **options: Any) -> Row:
    """A set of an instance that is lost then."""
    saved: Row = host.ok(OPERATION, **ALL, **options)["set"]
    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    host.new_task()
    return saved


def recover(host: Host, wanted: Row, saved: Row, ok: bool = True) -> tuple[Row, Row]:
    """The result, and the row of the only archive."""
    perform = host.ok if ok else host.failed
    result = perform(MANIFEST, **wanted, archives=copy.deepcopy(saved), verify_period=0.0)
    (row,) = result["archives"]
    return result, row


def tables_of(saved: Row) -> Row:
    (archive,) = saved["archives"]
    assert archive["fingerprint"]["kind"] == "tables"
    tables: Row = archive["fingerprint"]["tables"]
    return tables


def test_a_dump_with_the_rows_that_the_set_saw_is_the_same(host: Host, wanted: Row) -> None:
    make(host, wanted)
    saved = save(host)
    assert list(tables_of(saved).values()) == [[3, 3]]
    assert saved["archives"][0]["fingerprint"]["estimated"] is False
    _result, row = recover(host, wanted, saved)
    assert (row["outcome"], row["proof"]) == ("restored", "same")


def test_the_dump_of_another_database_of_the_same_size_is_found(host: Host, wanted: Row) -> None:
    make(host, wanted)
    saved = save(host)
    (archive,) = saved["archives"]
    (files,) = (files for files in host.sim.server.buckets.files.values() if archive["file"] in files)
    own = files[archive["file"]]
    other = own.replace('"1", "2", "3"', '"1", "2223"  ')
    assert other != own and len(other) == len(own)
    files[archive["file"]] = other
    result, row = recover(host, wanted, saved, ok=False)
    assert "has 2 rows, not 3" in result["msg"]
    assert (row["outcome"], row["failed"], row["proof"]) == ("failed", True, None)
    assert "is not what the set saved" in row["msg"]

    # Nothing has become live, and the next run looks at it again.
    host.new_task()
    _result, again = recover(host, wanted, saved, ok=False)
    assert (again["outcome"], again["failed"], again["proof"]) == ("failed", True, None)


def test_rows_that_are_written_meanwhile_are_bounds(host: Host, wanted: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    make(host, wanted)
    look: Callable[..., Any] = service_run.looked_into

    def looked_into(*args: Any) -> Any:
        seen = yield from look(*args)
        host.sim.act(insert="db", count=2)
        return seen

    monkeypatch.setattr(service_run, "looked_into", looked_into)
    saved = save(host)
    # Two are written between the look and the dump.
    assert list(tables_of(saved).values()) == [[3, 5]]
    _result, row = recover(host, wanted, saved)
    assert row["proof"] == "same"


def test_a_table_that_is_not_counted_proves_no_more_than_the_restore(host: Host, wanted: Row) -> None:
    make(host, wanted)
    saved = save(host, count_rows_below="0")
    assert list(tables_of(saved).values()) == [[1, None]]
    _result, row = recover(host, wanted, saved)
    is_postgres = saved["archives"][0]["database_type"] == "postgres"
    assert row["proof"] == ("whole" if is_postgres else "not_proven")


def test_a_size_that_is_none_is_refused(host: Host) -> None:
    assert "count_rows_below: 'huge' is not a size" in host.failed(OPERATION, **ALL, count_rows_below="huge")["msg"]


def test_a_job_that_cannot_count_fails_no_set_and_no_recovery(host: Host, wanted: Row) -> None:
    make(host, wanted)
    saved = save(host)
    host.sim.config(commands=[{"command": "*fingerprint*", "result": "error", "output": "sh: not found"}])
    result, row = recover(host, wanted, saved)
    assert row["outcome"] == "restored" and row["proof"] in ("whole", "not_proven")
    assert "its restored rows could not be counted" in " ".join(result["warnings"])

    host.new_task()
    result = host.ok(OPERATION, **ALL)
    assert result["complete"] and result["set"]["archives"][0]["fingerprint"] is None
    assert "its rows have no fingerprint in the set" in " ".join(result["warnings"])


STACK = {
    "services": {
        "db": {
            "image": "postgres:16",
            "environment": {"POSTGRES_USER": "shopper", "POSTGRES_DB": "shop", "POSTGRES_PASSWORD": "made-up"},
            "volumes": ["rows:/var/lib/postgresql/data"],
        }
    },
    "volumes": {"rows": {}},
}


@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_the_rows_of_a_database_in_a_stack_are_compared(host: Host, kind: str) -> None:
    """No job reaches it: they are counted in its container, by a schedule that is gone then."""
    wanted = document(compose=[{"name": "forum", "type": kind, "raw": {"definition": STACK}}])
    made = host.ok(MANIFEST, **wanted, verify_period=0.0)
    (name,) = (row["app_name"] for row in made["resources"] if "app_name" in row)
    host.sim.server.store.volumes[f"{name}_rows"].tables["numbers"] = ["1", "2", "3"]
    host.new_task()
    saved = save(host)
    assert tables_of(saved) == {"public.numbers": [3, 3]}
    assert not list(host.sim.server.store.schedules)
    _result, row = recover(host, wanted, saved)
    assert (row["outcome"], row["proof"]) == ("restored", "same")
    assert not list(host.sim.server.store.schedules)

    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    saved["archives"][0]["fingerprint"]["tables"] = {"public.numbers": [4, 4]}
    host.new_task()
    result, row = recover(host, wanted, saved, ok=False)
    assert "has 3 rows, not 4" in result["msg"]
    assert (row["outcome"], row["proof"]) == ("failed", None)

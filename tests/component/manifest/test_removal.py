# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a document removes: entries that are absent with all that is in them, or all entries of the document."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.component.manifest.test_manifest import DOCUMENT, apply, changed
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.host import Host

NAMED = ["project shop", "application shop/staging/web", "compose shop/staging/search", "database shop/staging/db"]
BESIDE = ["registry ghcr", "ssh_key deploy", "destination s3"]


def absent_project(**more: Any) -> dict[str, Any]:
    """The document with the project absent."""
    return {**DOCUMENT, "projects": [{**DOCUMENT["projects"][0], "state": "absent", **more}]}


@pytest.mark.parametrize(
    ("document", "options", "gone"),
    [(DOCUMENT, {"state": "absent"}, [*NAMED, *BESIDE]), (absent_project(), {}, NAMED)],
    ids=["document", "project"],
)
def test_all_that_is_named_is_removed(
    host: Host, document: dict[str, Any], options: dict[str, Any], gone: list[str]
) -> None:
    apply(host)
    planned = apply(host, document, check=True, **options)
    done = apply(host, document, **options)
    assert (planned.get("msg"), done.get("msg")) == (None, None)
    assert changed(planned) == changed(done) == dict.fromkeys(gone, "remove")
    assert host.read("project.all") == []
    again = apply(host, document, **options)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])


@pytest.mark.parametrize("document", [DOCUMENT, absent_project()], ids=["document", "project"])
def test_what_is_not_named_is_removed_only_by_force(host: Host, document: dict[str, Any]) -> None:
    options = {"state": "absent"} if document is DOCUMENT else {}
    apply(host)
    more = {"name": "shop", "environments": [{"name": "production", "applications": [{"name": "other"}]}]}
    apply(host, {"projects": [more]})
    for force in ({}, {"force": False}):
        refused = apply(host, document, **options, **force)
        assert "project 'shop' still has 1 service: application production/other" in refused["msg"]
        assert host.sim.calls("mutation") == []
    own = absent_project(force=False)
    assert "still has" in apply(host, own, force=True, **options)["msg"]
    assert apply(host, document, force=True, **options).get("msg") is None
    assert host.read("project.all") == []


def test_settings_are_not_removed(host: Host) -> None:
    document = {"settings": {"builds_concurrency": 2}}
    done = apply(host, document, state="absent")
    assert (done.get("msg"), done["changed"], host.sim.calls("mutation")) == (None, False, [])


def reasons(result: dict[str, Any]) -> dict[str, str]:
    return {f"{one['kind']} {one['path']}": one["reason"] for one in result["plan"]["changes"]}


def test_the_plan_tells_what_is_lost(host: Host) -> None:
    """And what stays: volumes, and the files of backups."""
    kept = {"name": "nightly", "volume": "data", "destination": "s3", "cron": "0 4 * * *", "enabled": True}
    file = {"type": "file", "file_path": "extra.conf", "content": "x", "target": "/etc/extra.conf"}
    document = copy.deepcopy(DOCUMENT)
    (web,), (database,) = (document["projects"][0]["environments"][1][one] for one in ("applications", "databases"))
    web.update(mounts=[*web["mounts"], file], volume_backups=[kept])
    apply(host, document)
    (project,) = host.read("project.all")
    (row,) = next(one for one in project["environments"] if one["name"] == "staging")["postgres"]
    volume = f"{host.read('postgres.one', postgresId=row['postgresId'])['appName']}-data"
    of_web = "leaves the volume data; deletes the file extra.conf; ends 1 backup, whose files stay in s3"
    of_database = f"leaves the volume {volume}; ends 1 backup, whose files stay in s3"
    # Those of a stack are known only when it was deployed.
    of_each = {
        "application shop/staging/web": of_web,
        "compose shop/staging/search": None,
        "database shop/staging/db": of_database,
    }
    planned = apply(host, document, check=True, state="absent")
    beside = {"registry ghcr": None, "ssh_key deploy": "deletes its private key", "project shop": None}
    assert reasons(planned) == {**of_each, **beside, "destination s3": "the files in the bucket b stay"}
    assert of_database in planned["plan"]["text"]
    # All that is in a project that goes by force.
    gone = {"projects": [{"name": "shop", "state": "absent", "force": True}]}
    both = {"project shop": f"application staging/web {of_web}; postgres staging/db {of_database}"}
    assert reasons(apply(host, gone, check=True)) == both
    # One batch for what there is to lose.
    environment: dict[str, Any] = {"name": "staging"}
    entries = {"applications": web, "compose": {"name": "search"}, "databases": database}
    requests = {}
    for section, entry in entries.items():
        environment[section] = [{"name": entry["name"], "state": "absent"}]
        if section == "databases":
            environment[section][0].update(type="postgres", delete_volumes=True)
        found = apply(host, {"projects": [{"name": "shop", "environments": [environment]}]}, check=True)
        requests[section] = host.sim.stats()["http"]
    assert requests["compose"] == requests["applications"]
    # Of the volumes only those that Docker has.
    assert reasons(found)["database shop/staging/db"] == "ends 1 backup, whose files stay in s3"
    forced = {"destinations": [{"name": "s3", "state": "absent", "force": True}]}
    ended = "ends a backup of postgres 'db', volume backup 'nightly'; the files in the bucket b stay"
    assert reasons(apply(host, forced, check=True)) == {"destination s3": ended}
    done = apply(host, gone)
    assert reasons(done) == both


def test_a_server_goes_with_the_services_on_it(host: Host) -> None:
    """Dokploy's number of services is 9 with these, since it multiplies what it joins."""
    create_references(host, "SSH key")
    server = {"name": "far", "ip_address": "192.0.2.7", "ssh_key": REFERENCE_NAMES["SSH key"][0]}
    services = {
        "applications": [{"name": name, "server": "far", "docker": {"image": "nginx:1"}} for name in ("a", "b", "c")],
        "compose": [{"name": "stack", "server": "far", "raw": {"content": "services: {web: {image: nginx}}"}}],
        "databases": [{"name": "cache", "type": "redis", "server": "far"}],
    }
    project = {"name": "shop", "environments": [{"name": "production", **services}]}
    assert apply(host, {"servers": [server], "projects": [project]}).get("msg") is None
    assert [row["totalSum"] for row in host.read("server.all")] == [9]
    refused = apply(host, {"servers": [{**server, "state": "absent"}]})["msg"]
    assert "used by application 'a', application 'b', application 'c', compose 'stack', redis 'cache';" in refused
    gone = {"servers": [{**server, "state": "absent"}], "projects": [{"name": "shop", "state": "absent"}]}
    planned, done = (apply(host, gone, check=check, force=True) for check in (True, False))
    assert (planned.get("msg"), done.get("msg")) == (None, None)
    assert changed(planned) == changed(done) == {"project shop": "remove", "server far": "remove"}
    assert host.read("server.all") == [] and host.read("project.all") == []

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of moves: the services of a document, what is in the way, and the report of a step."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.checks import copy_of, unanswered
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.refusals import (
    readers_of,
    refusals_of,
    sessions_of,
    vain_checks,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.services import document_of, named, renamed
from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from tests.unit.filter.test_data_reports import ABOUT, ROW

DOCUMENT: dict[str, Any] = {
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "applications": [
                        {"name": "web", "domains": [{"host": "shop.test"}], "env": {"U": "{{ 'db:internal_url' }}"}},
                        {"name": "old", "deploy": "never", "ports": [{"published_port": 8080, "target_port": 80}]},
                    ],
                    "databases": [{"name": "db", "type": "postgres", "backups": [{"prefix": "a"}]}],
                    "compose": [{"name": "search", "type": "stack"}],
                }
            ],
        }
    ]
}
SERVICES: list[dict[str, Any]] = STEPS["move_services"](DOCUMENT)


def test_the_services_of_a_document() -> None:
    assert [(row["kind"], row["path"], row["runs"], row["lists"], row["hosts"]) for row in SERVICES] == [
        ("application", "shop/production/web", True, ["domains"], ["shop.test"]),
        ("application", "shop/production/old", False, [], []),
        ("compose", "shop/production/search", True, [], []),
        ("database", "shop/production/db", True, ["backups"], []),
    ]


def test_a_job_is_no_service() -> None:
    document = copy.deepcopy(DOCUMENT)
    applications = document["projects"][0]["environments"][0]["applications"]
    applications.append({"name": "job-recovery", "description": MARK})
    assert STEPS["move_services"](document) == SERVICES


def test_a_document_names_services_and_states_nothing_else() -> None:
    (project,) = document_of(SERVICES, state="stopped", empty=["domains"], kinds=["application"])
    assert project == {
        "name": "shop",
        "environments": [
            {
                "name": "production",
                "applications": [
                    {"name": "web", "domains": [], "state": "stopped"},
                    {"name": "old", "state": "stopped"},
                ],
            }
        ],
    }
    (project,) = document_of(SERVICES, kinds=["database"])
    assert project["environments"][0]["databases"] == [{"name": "db", "type": "postgres"}]


def test_a_stack_that_dokploy_cannot_start_is_deployed_instead() -> None:
    compose = {"name": "forum", "type": "docker-compose"}
    document = {"projects": [{"name": "shop", "environments": [{"name": "production", "compose": [compose]}]}]}
    services = [row for row in SERVICES if row["kind"] == "compose"] + STEPS["move_services"](document)
    (project,) = document_of(services, state="started")
    assert project["environments"][0]["compose"] == [
        {"name": "search", "deploy": "changed"},
        {"name": "forum", "state": "started"},
    ]
    (project,) = document_of(services[:1], state="stopped")
    assert project["environments"][0]["compose"] == [{"name": "search", "state": "stopped"}]


def test_services_beside_others_of_their_names() -> None:
    moving = named(SERVICES, "-moving")
    assert [row["path"] for row in moving][::3] == ["shop/production/web-moving", "shop/production/db-moving"]
    assert named(SERVICES, "") == SERVICES
    (project,) = renamed(SERVICES, "-moving", "")
    assert project["environments"][0]["databases"] == [
        {"name": "db", "type": "postgres", "moved_from": "shop/production/db-moving"}
    ]
    (project,) = renamed(SERVICES[:1], "", "-moved", auto_deploy=False)
    assert project["environments"][0]["applications"] == [
        {"name": "web-moved", "moved_from": "shop/production/web", "auto_deploy": False}
    ]


def test_the_sessions_of_databases_are_a_check_of_the_source_only() -> None:
    own = {"name": "rows", "service": "shop/production/db", "script": "true"}
    checks = STEPS["move_checks"](SERVICES, [own])
    assert [check["name"] for check in checks] == ["rows", "other sessions"]
    assert STEPS["move_checks"](SERVICES, [own], sessions=False) == [own]
    assert copy_of({"version": 1, "checks": checks}) == {"version": 1, "checks": [own]}


OWN: dict[str, Any] = {"name": "rows", "service": "shop/production/db", "script": "true", "image": None}
SAVED = {
    "name": "rows",
    "kind": "database",
    "path": "shop/production/db",
    "script": "true",
    "output": "3",
    "exit_code": 0,
}
BOUNDS = {**SAVED, "compare": "between", "output_after": "5"}
COPY = {"version": 1, "services": [{"kind": "database", "path": "shop/production/db"}]}


def copied(saved: dict[str, Any], stated: dict[str, Any], first: bool) -> dict[str, Any]:
    """A copy with one check, by what the user states now."""
    made: dict[str, Any] = copy_of({**COPY, "checks": [saved]}, [stated], first=first)
    return made


def test_the_checks_of_the_first_copy_are_bounds() -> None:
    assert STEPS["move_checks"](SERVICES, [{**OWN, "compare": "equal"}], first=True) == [{**OWN, "compare": "between"}]
    # However it is to compare in the end.
    for compare in ("equal", "at_least"):
        assert copied(BOUNDS, {**OWN, "compare": compare}, first=True)["checks"] == [BOUNDS]
    assert copy_of({**COPY, "checks": [BOUNDS]}, first=True)["checks"] == [BOUNDS]


@pytest.mark.parametrize("first", [True, False])
def test_a_copy_has_the_checks_as_they_are_stated_now(first: bool) -> None:
    for changed in ({"script": "false"}, {"image": "busybox"}, {"name": "others"}):
        stated = {**OWN, **changed}
        copy_without = copied(BOUNDS, stated, first)
        assert copy_without["checks"] == []
        (row,) = unanswered(copy_without, [stated], first=first)
        assert (row["name"], row["kind"], row["passed"], row["waits"]) == (stated["name"], "database", None, first)
        assert row["msg"].startswith("the first copy" if first else "the last copy")
    assert copy_of({**COPY, "checks": [BOUNDS]}, [], first=first)["checks"] == []
    assert unanswered(copied(BOUNDS, OWN, first), [OWN], first=first) == []
    assert copy_of({}, [OWN], first=first) == {}
    assert unanswered({}, [OWN], first=first) == []


def test_a_last_copy_compares_as_it_is_stated_now() -> None:
    (check,) = copied({**SAVED, "compare": "equal"}, {**OWN, "compare": "at_least"}, first=False)["checks"]
    assert check["compare"] == "at_least"
    (check,) = copied({**SAVED, "compare": "at_least"}, OWN, first=False)["checks"]
    assert check["compare"] == "equal"


def test_a_first_copy_without_both_outputs_has_no_bounds() -> None:
    content = copied({**SAVED, "compare": "equal"}, OWN, first=True)
    assert content["checks"] == []
    assert [row["waits"] for row in unanswered(content, [OWN], first=True)] == [True]


def test_a_check_that_proves_nothing_is_refused() -> None:
    checks = [{**SAVED, "output": text, "compare": "at_least"} for text in ("none\n", "3")]
    checks.append({**SAVED, "output": "none", "compare": "equal"})
    assert list(vain_checks(checks)) == [
        "the check rows of database shop/production/db proves nothing: its compare is at_least, and its output 'none' "
        "has no number"
    ]


def test_the_report_tells_which_checks_wait_for_the_switch() -> None:
    run = {"name": "rows", "kind": "database", "path": "shop/production/db", "expected": "3", "output": None}
    rows = [{**run, "passed": True, "waits": False, "msg": ""}, {**run, "passed": None, "waits": True, "msg": "no"}]
    applied = {"archives": [ROW], "archive_checks": rows, "recovery": ABOUT}
    report = STEPS["move_report"]("prepare", applied, SERVICES, unanswered=[{**rows[1], "name": "more"}])
    assert report["headline"].endswith(", 2 checks wait for the switch")
    assert [check["name"] for check in report["checks"]] == ["rows", "rows", "more"]
    (table,) = (table for table in report["tables"] if table["title"] == "Checks")
    assert [row[2] for row in table["rows"]] == ["passed", "waits for the switch", "waits for the switch"]


def test_who_refers_to_what_moves() -> None:
    moved = [row for row in SERVICES if row["kind"] == "database"]
    assert readers_of(DOCUMENT, moved) == ["shop/production/web"]
    assert readers_of(DOCUMENT, SERVICES) == []


def test_what_is_in_the_way_is_said() -> None:
    volume = {"kind": "application", "what": "volume", "name": "uploads"}
    host = {"kind": "application", "what": "bind", "name": "/var/run/docker.sock"}
    coverage = [
        {**row, "path": path} for row in (volume, host) for path in ("shop/production/web", "blog/production/web")
    ]
    session = {"kind": "database", "path": "shop/production/db", "name": "other sessions"}
    refusals = refusals_of(
        SERVICES,
        coverage=coverage,
        not_saved=[{**volume, "path": "shop/production/web", "service": None, "reason": "It is far away."}],
        hosts=[{"path": "blog/production/web", "hosts": ["shop.test"], "ports": [8080]}],
        read=["shop/production/worker"],
    )
    assert refusals == [
        "the volume uploads of shop/production/web is also that of blog/production/web, which stays",
        "volume uploads of application shop/production/web cannot be copied: It is far away.",
        "the target has the host shop.test already, of blog/production/web",
        "the target has the port 8080 already, of blog/production/web",
        "shop/production/worker refers to what is moved, and may write to it; move it as well, or name it in "
        "move_readers",
    ]
    assert list(sessions_of([{**session, "output": "2\n"}, {**session, "output": "0\n"}])) == [
        "database shop/production/db is still written to: it has 2 other sessions after the applications were stopped"
    ]
    there = [{**SERVICES[0], "server": "edge"}, SERVICES[1]]
    assert refusals_of(there, server="edge") == ["application shop/production/web is on the server edge already"]
    assert refusals_of(there, server="") == ["application shop/production/old is on the own host of Dokploy already"]
    assert refusals_of(there) == []
    assert refusals_of([]) == ["there is nothing to move: no application, stack or database is selected"]


def test_the_report_of_a_step() -> None:
    applied = {"archives": [ROW], "archive_checks": [], "recovery": ABOUT}
    report = STEPS["move_report"](
        "switch", applied, SERVICES, "https://a.test", "https://b.test", "2026-12-01T04:15:00Z", [], 18.44, ["Look."]
    )
    assert report["headline"] == "Switched: the target is live, 18 s without service"
    assert (report["good"], report["without_service_seconds"], report["left"]) == (True, 18.4, ["Look."])
    json.dumps(report)
    markdown = STEPS["report_markdown"](report)
    assert "| application | shop/production/web | yes | shop.test |" in markdown
    assert "Switched" in STEPS["report_page"](report)
    planned = STEPS["move_report"]("prepare", {}, planned=True)
    assert (planned["headline"], planned["good"]) == ("To be prepared", True)
    failed = STEPS["move_report"]("back", {}, error="it is live")
    assert (failed["headline"], failed["errors"]) == ("The step back has failed: 1 error", [["the step", "it is live"]])


@pytest.mark.parametrize(
    ("folder", "is_shared"),
    [("/var/run/docker.sock", False), ("/etc/ssl/certs", False), ("/runners/data", True), ("/etc/myapp", True)],
)
def test_a_folder_that_is_no_part_of_the_host_is_shared(folder: str, is_shared: bool) -> None:
    row = {"kind": "application", "what": "bind", "name": folder}
    coverage = [{**row, "path": path} for path in ("shop/production/web", "blog/production/web")]
    assert bool(refusals_of(SERVICES, coverage=coverage)) is is_shared


def test_what_the_target_has_is_in_the_way_unless_the_move_has_made_it() -> None:
    run = {"created": [], "paths": [], "is_same": False, "server": ""}
    row: dict[str, Any] = {"project": "blog", "environment": "production", "name": "web", "server": None}
    row.update(domains=[{"host": "shop.test"}], ports=[{"published_port": 8080}])

    def refused(run: dict[str, Any], server_id: str = "") -> list[str]:
        refusals: list[str] = STEPS["move_refused"](run, SERVICES, [], [], {}, [], [row], server_id)
        return [text.partition(" already")[0] for text in refusals]

    assert refused(run) == ["the target has the host shop.test", "the target has the port 8080"]
    assert refused(run, "another") == ["the target has the host shop.test"]
    assert refused({**run, "created": ["blog/production/web"]}) == []


def test_who_may_refer_to_what_moves() -> None:
    run = {"created": [], "paths": [], "is_same": False, "server": ""}
    moved = [row for row in SERVICES if row["kind"] == "database"]
    (refusal,) = STEPS["move_refused"](run, moved, [], [], DOCUMENT, [], [])
    assert refusal.startswith("shop/production/web refers to what is moved")
    assert STEPS["move_refused"](run, moved, [], [], DOCUMENT, ["shop/production/web"], []) == []


def test_a_plan_may_only_create() -> None:
    created = {"kind": "application", "path": "shop/production/web"}
    changes = [{"action": "create", "kind": "database", "path": "shop/production/db"}]
    changes += [{"action": "update", **created}, {"action": "update", "kind": "tag", "path": "red"}]
    planned = STEPS["move_planned"](changes, {"created": [created]}, SERVICES)
    assert planned["created"] == [created, {"kind": "database", "path": "shop/production/db"}]
    assert planned["changes"] == ["update tag red"]
    assert planned["others"] == ["shop/production/old", "shop/production/search"]


def test_a_target_that_is_not_as_it_has_to_be() -> None:
    change = {"kind": "application", "path": "shop/production/web"}
    applied: dict[str, Any] = {"plan": {"changes": [{"action": "update", **change}, {"action": "deploy", **change}]}}
    applied["archives"] = [{**change, "live": True}, {**change, "kind": "database", "live": False}]
    assert STEPS["move_dead"](applied, {"plan": {"changes": [{"action": "start", **change}]}}) == [
        "deploy application shop/production/web",
        "start application shop/production/web",
        "database shop/production/web is not marked as live",
    ]
    assert STEPS["move_dead"]({"plan": {"changes": []}}, {"skipped": True}) == []


def test_what_is_left_of_a_source() -> None:
    row = {"project": "shop", "environment": "production", "name": "web-moved"}
    rest = STEPS["move_rest"](SERVICES, "-moved", [row, {**row, "name": "db"}])
    assert rest["paths"] == ["shop/production/web-moved"]
    (project,) = rest["removed"]
    assert project["environments"][0]["applications"] == [{"name": "web-moved", "state": "absent"}]


def test_the_copies_have_the_checks_as_they_are_stated_now() -> None:
    copies = STEPS["move_copies"](
        [{**OWN, "compare": "at_least"}], {**COPY, "checks": [{**BOUNDS, "output": "no"}]}, {}
    )
    assert (copies["last"], [check["compare"] for check in copies["first"]["checks"]]) == ({}, ["between"])
    assert [text.partition(" of ")[0] for text in copies["vain"]] == ["the check rows"]
    made = STEPS["move_last_copy"]({**COPY, "checks": [SAVED, {**SAVED, "name": "other sessions", "output": "1"}]})
    assert (made["content"]["checks"], len(made["written_to"])) == ([SAVED], 1)
    assert STEPS["move_last_copy"](None) == {"content": {}, "written_to": []}

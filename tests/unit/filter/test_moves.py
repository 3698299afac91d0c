# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the playbook move: the services of a document, what is in the way, and the report of a step."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.filter.data_reports import FilterModule as DataReports
from ansible_collections.community.dokploy.plugins.filter.moves import FilterModule
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from tests.unit.filter.test_data_reports import ABOUT, ROW

FILTERS = FilterModule().filters()
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
SERVICES: list[dict[str, Any]] = FILTERS["move_services"](DOCUMENT)


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
    assert FILTERS["move_services"](document) == SERVICES


def test_a_document_names_services_and_states_nothing_else() -> None:
    (project,) = FILTERS["move_document"](SERVICES, state="stopped", empty=["domains"], kinds=["application"])
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
    (project,) = FILTERS["move_document"](SERVICES, kinds=["database"])
    assert project["environments"][0]["databases"] == [{"name": "db", "type": "postgres"}]


def test_a_stack_that_dokploy_cannot_start_is_deployed_instead() -> None:
    compose = {"name": "forum", "type": "docker-compose"}
    document = {"projects": [{"name": "shop", "environments": [{"name": "production", "compose": [compose]}]}]}
    services = [row for row in SERVICES if row["kind"] == "compose"] + FILTERS["move_services"](document)
    (project,) = FILTERS["move_document"](services, state="started")
    assert project["environments"][0]["compose"] == [
        {"name": "search", "deploy": "changed"},
        {"name": "forum", "state": "started"},
    ]
    (project,) = FILTERS["move_document"](services[:1], state="stopped")
    assert project["environments"][0]["compose"] == [{"name": "search", "state": "stopped"}]


def test_services_beside_others_of_their_names() -> None:
    moving = FILTERS["move_named"](SERVICES, "-moving")
    assert [row["path"] for row in moving][::3] == ["shop/production/web-moving", "shop/production/db-moving"]
    assert FILTERS["move_named"](SERVICES, "") == SERVICES
    (project,) = FILTERS["move_renamed"](SERVICES, "-moving", "")
    assert project["environments"][0]["databases"] == [
        {"name": "db", "type": "postgres", "moved_from": "shop/production/db-moving"}
    ]
    (project,) = FILTERS["move_renamed"](SERVICES[:1], "", "-moved", auto_deploy=False)
    assert project["environments"][0]["applications"] == [
        {"name": "web-moved", "moved_from": "shop/production/web", "auto_deploy": False}
    ]


def test_the_sessions_of_databases_are_a_check_of_the_source_only() -> None:
    own = {"name": "rows", "service": "shop/production/db", "script": "true"}
    checks = FILTERS["move_checks"](SERVICES, [own])
    assert [check["name"] for check in checks] == ["rows", "other sessions"]
    assert FILTERS["move_checks"](SERVICES, [own], sessions=False) == [own]
    assert FILTERS["move_copy"]({"version": 1, "checks": checks}) == {"version": 1, "checks": [own]}


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
    made: dict[str, Any] = FILTERS["move_copy"]({**COPY, "checks": [saved]}, [stated], first=first)
    return made


def test_the_checks_of_the_first_copy_are_bounds() -> None:
    assert FILTERS["move_checks"](SERVICES, [{**OWN, "compare": "equal"}], first=True) == [
        {**OWN, "compare": "between"}
    ]
    # However it is to compare in the end.
    for compare in ("equal", "at_least"):
        assert copied(BOUNDS, {**OWN, "compare": compare}, first=True)["checks"] == [BOUNDS]
    assert FILTERS["move_copy"]({**COPY, "checks": [BOUNDS]}, first=True)["checks"] == [BOUNDS]


@pytest.mark.parametrize("first", [True, False])
def test_a_copy_has_the_checks_as_they_are_stated_now(first: bool) -> None:
    for changed in ({"script": "false"}, {"image": "busybox"}, {"name": "others"}):
        stated = {**OWN, **changed}
        copy_without = copied(BOUNDS, stated, first)
        assert copy_without["checks"] == []
        (row,) = FILTERS["move_unanswered"](copy_without, [stated], first=first)
        assert (row["name"], row["kind"], row["passed"], row["waits"]) == (stated["name"], "database", None, first)
        assert row["msg"].startswith("the first copy" if first else "the last copy")
    assert FILTERS["move_copy"]({**COPY, "checks": [BOUNDS]}, [], first=first)["checks"] == []
    assert FILTERS["move_unanswered"](copied(BOUNDS, OWN, first), [OWN], first=first) == []
    assert FILTERS["move_copy"]({}, [OWN], first=first) == {}
    assert FILTERS["move_unanswered"]({}, [OWN], first=first) == []


def test_a_last_copy_compares_as_it_is_stated_now() -> None:
    (check,) = copied({**SAVED, "compare": "equal"}, {**OWN, "compare": "at_least"}, first=False)["checks"]
    assert check["compare"] == "at_least"
    (check,) = copied({**SAVED, "compare": "at_least"}, OWN, first=False)["checks"]
    assert check["compare"] == "equal"


def test_a_first_copy_without_both_outputs_has_no_bounds() -> None:
    content = copied({**SAVED, "compare": "equal"}, OWN, first=True)
    assert content["checks"] == []
    assert [row["waits"] for row in FILTERS["move_unanswered"](content, [OWN], first=True)] == [True]


def test_a_check_that_proves_nothing_is_refused() -> None:
    checks = [{**SAVED, "output": text, "compare": "at_least"} for text in ("none\n", "3")]
    checks.append({**SAVED, "output": "none", "compare": "equal"})
    assert FILTERS["move_refusals"](SERVICES, checks=checks) == [
        "the check rows of database shop/production/db proves nothing: its compare is at_least, and its output 'none' "
        "has no number"
    ]


def test_the_report_tells_which_checks_wait_for_the_switch() -> None:
    run = {"name": "rows", "kind": "database", "path": "shop/production/db", "expected": "3", "output": None}
    rows = [{**run, "passed": True, "waits": False, "msg": ""}, {**run, "passed": None, "waits": True, "msg": "no"}]
    applied = {"archives": [ROW], "archive_checks": rows, "recovery": ABOUT}
    report = FILTERS["move_report"]("prepare", applied, SERVICES, unanswered=[{**rows[1], "name": "more"}])
    assert report["headline"].endswith(", 2 checks wait for the switch")
    assert [check["name"] for check in report["checks"]] == ["rows", "rows", "more"]
    (table,) = (table for table in report["tables"] if table["title"] == "Checks")
    assert [row[2] for row in table["rows"]] == ["passed", "waits for the switch", "waits for the switch"]


def test_who_refers_to_what_moves() -> None:
    moved = [row for row in SERVICES if row["kind"] == "database"]
    assert FILTERS["move_readers"](DOCUMENT, moved) == ["shop/production/web"]
    assert FILTERS["move_readers"](DOCUMENT, SERVICES) == []


def test_what_is_in_the_way_is_said() -> None:
    volume = {"kind": "application", "what": "volume", "name": "uploads"}
    host = {"kind": "application", "what": "bind", "name": "/var/run/docker.sock"}
    coverage = [
        {**row, "path": path} for row in (volume, host) for path in ("shop/production/web", "blog/production/web")
    ]
    session = {"kind": "database", "path": "shop/production/db", "name": "other sessions"}
    refusals = FILTERS["move_refusals"](
        SERVICES,
        coverage=coverage,
        not_saved=[{**volume, "path": "shop/production/web", "service": None, "reason": "It is far away."}],
        hosts=[{"path": "blog/production/web", "hosts": ["shop.test"], "ports": [8080]}],
        read=["shop/production/worker"],
        checks=[{**session, "output": "2\n"}, {**session, "output": "0\n"}],
    )
    assert refusals == [
        "the volume uploads of shop/production/web is also that of blog/production/web, which stays",
        "volume uploads of application shop/production/web cannot be copied: It is far away.",
        "the target has the host shop.test already, of blog/production/web",
        "the target has the port 8080 already, of blog/production/web",
        "shop/production/worker refers to what is moved, and may write to it; move it as well, or name it in "
        "move_readers",
        "database shop/production/db is still written to: it has 2 other sessions after the applications were stopped",
    ]
    there = [{**SERVICES[0], "server": "edge"}, SERVICES[1]]
    assert FILTERS["move_refusals"](there, server="edge") == [
        "application shop/production/web is on the server edge already"
    ]
    assert FILTERS["move_refusals"](there, server="") == [
        "application shop/production/old is on the own host of Dokploy already"
    ]
    assert FILTERS["move_refusals"](there) == []
    assert FILTERS["move_refusals"]([]) == ["there is nothing to move: no application, stack or database is selected"]


def test_the_report_of_a_step() -> None:
    applied = {"archives": [ROW], "archive_checks": [], "recovery": ABOUT}
    report = FILTERS["move_report"](
        "switch", applied, SERVICES, "https://a.test", "https://b.test", "2026-12-01T04:15:00Z", [], 18.44, ["Look."]
    )
    assert report["headline"] == "Switched: the target is live, 18 s without service"
    assert (report["good"], report["without_service_seconds"], report["left"]) == (True, 18.4, ["Look."])
    json.dumps(report)
    markdown = DataReports().filters()["tables_markdown"](report)
    assert "| application | shop/production/web | yes | shop.test |" in markdown
    assert "Switched" in DataReports().filters()["tables_page"](report)
    planned = FILTERS["move_report"]("prepare", {}, planned=True)
    assert (planned["headline"], planned["good"]) == ("To be prepared", True)
    failed = FILTERS["move_report"]("back", {}, error="it is live")
    assert (failed["headline"], failed["errors"]) == ("The step back has failed: 1 error", [["the step", "it is live"]])


@pytest.mark.parametrize("name", FILTERS)
def test_a_wrong_value_is_an_error_of_the_filter(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=name):
        FILTERS[name](5, 5)

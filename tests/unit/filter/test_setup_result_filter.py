# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With what the role setup tells what it has done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.filter.deployment_table import deployment_table
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.setup_result import setup_result


def resource(kind: str, path: str, **facts: Any) -> dict[str, Any]:
    """An entry of C(resources) of the module."""
    return {"kind": kind, "path": path, "id": kind[:2], "state": "present", "changed": False, **facts}


def service(kind: str, path: str, **facts: Any) -> dict[str, Any]:
    known = {"app_name": "app-" + kind, "url": None, "deployment": None}
    return resource(kind, path, **{**known, **facts})


def deployment(kind: str, path: str, **facts: Any) -> dict[str, Any]:
    """One of C(deployments) of the module."""
    known = {
        "action": "deploy",
        "reason": "never deployed",
        "failed": False,
        "changed": True,
        "status": None,
        "msg": "",
    }
    return {"kind": kind, "path": path, **known, **facts}


EARLIER = {"deployment_id": "e1", "status": "done", "commit": "abc", "duration": 3.5}
APPLIED: dict[str, Any] = {
    "plan": {"id": "p1", "changes": []},
    "resources": [
        resource("registry", "ghcr"),
        resource("project", "shop", changed=True),
        resource("environment", "shop/production"),
        service("application", "shop/production/web", url="https://shop.example.com/", deployment=EARLIER),
        service("application", "shop/production/a\\/b", state="stopped"),
        service("compose", "shop/production/mail", changed=True),
        service("database", "shop/production/db", id=None, state="absent", app_name=None),
    ],
    "deployments": [
        deployment("database", "shop/production/db", status="done", seconds=1.25),
        deployment("compose", "shop/production/mail", failed=True, status="error", msg="it ended\nlog", duration=2.0),
    ],
    "runs": [
        {
            "kind": "application",
            "path": "shop/production/a\\/b",
            "state": "stopped",
            "changed": True,
            "failed": False,
            "running": 0,
        },
    ],
    "http_checks": [
        {"kind": "application", "path": "shop/production/web", "passed": True, "status": 200, "error": None}
    ],
}
IN = {"project": "shop", "environment": "production"}
KNOWN = {"state": "present", "changed": False}


def test_what_was_set_up_is_listed_by_kind() -> None:
    found = setup_result(APPLIED)
    assert found["plan"] == APPLIED["plan"]
    assert found["resources"] == APPLIED["resources"]
    assert found["projects"] == [{"name": "shop", **KNOWN, "changed": True, "project_id": "pr"}]
    environment = {"project": "shop", "name": "production", **KNOWN, "environment_id": "en"}
    assert found["environments"] == [environment]
    known = {"application_id": "ap", "app_name": "app-application"}
    assert found["applications"] == [
        {**IN, "name": "web", **KNOWN, **known, "url": "https://shop.example.com/"},
        {**IN, "name": "a/b", **KNOWN, **known, "url": None},
    ]
    compose = {**IN, "name": "mail", **KNOWN, "changed": True, "compose_id": "co", "app_name": "app-compose"}
    assert found["compose"] == [compose]
    database = {**IN, "name": "db", "state": "absent", "changed": False, "database_id": None, "app_name": None}
    assert found["databases"] == [database]


def test_what_is_deployed_is_listed_whoever_has_deployed_it() -> None:
    found = setup_result(APPLIED)
    nothing = {"deployment_id": None, "commit": None}
    assert found["deployments"] == [
        {
            **IN,
            "compose": "mail",
            "application": None,
            "changed": True,
            "failed": True,
            "reason": "never deployed",
            "status": "error",
            **nothing,
            "duration": 2.0,
            "seconds": 2.0,
            "msg": "it ended",
        },
        {
            **IN,
            "compose": None,
            "application": "web",
            "changed": False,
            "failed": False,
            "reason": None,
            **EARLIER,
            "seconds": None,
            "msg": "",
        },
    ]


def test_what_is_left_alone_keeps_its_record_and_says_why() -> None:
    facts = {"action": "none", "status": "left_alone", "reason": "configuration changed: command", "changed": False}
    left_alone = deployment("application", "shop/production/web", **facts)
    found = setup_result({**APPLIED, "deployments": [left_alone]})["deployments"]
    told = {name: facts[name] for name in ("status", "reason", "changed")}
    assert found == [{**setup_result(APPLIED)["deployments"][1], **told}]
    table = deployment_table([left_alone])
    assert table[1].split() == ["shop/production/web", "left_alone", "configuration", "changed:", "command"]


def test_what_was_started_and_checked_is_listed() -> None:
    found = setup_result(APPLIED)
    run = {"state": "stopped", "changed": True, "failed": False, "running": 0}
    assert found["runs"] == [{**IN, "database": None, "compose": None, "application": "a/b", **run}]
    assert found["http_checks"] == [{**IN, "compose": None, "application": "web", "passed": True}]


def test_of_a_refused_document_nothing_is_listed() -> None:
    found = setup_result({"failed": True, "msg": "projects[shop] is wrong."})
    assert found.pop("plan") is None
    assert set(found) == set(setup_result(APPLIED)) - {"plan"}
    assert not any(found.values())


def test_the_table_is_aligned_and_tells_the_error_or_the_reason() -> None:
    adopted = deployment("application", "shop/production/web", action="adopt", commit="0123456789", reason="no record")
    assert deployment_table([adopted, *APPLIED["deployments"]]) == [
        "service               status   commit   seconds",
        "shop/production/db    done                  1.2  never deployed",
        "shop/production/mail  error                 2.0  it ended",
        "shop/production/web   started  0123456           no record",
    ]
    planned = [deployment("application", "shop/production/api"), {**adopted, "commit": None}]
    assert deployment_table(planned, check_mode=True) == [
        "service              status    commit   seconds",
        "shop/production/api  planned                     never deployed",
        "shop/production/web  to adopt                    no record",
    ]
    assert len(deployment_table([])) == 1


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="deployment_table takes the .* of dokploy_manifest, not "):
        deployment_table({})

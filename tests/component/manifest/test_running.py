# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a document deploys, starts and stops."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._swarm import states
from tests.component.manifest.test_manifest import LOGIN, apply, changed
from tests.support.host import Host
from tests.support.operations import OPERATIONS

DEPLOY = {"deploy": "changed", "verify_period": 0.01}
WEB = {"name": "web", "docker": {"image": "nginx:1.29"}}
DATABASE = {"name": "db", "type": "postgres", **LOGIN}
STACK = {"name": "mail", "raw": {"definition": {"services": {"smtp": {"image": "axllent/mailpit:v1"}}}}}


def document(*applications: dict[str, Any], **services: Any) -> dict[str, Any]:
    """One environment with these services."""
    environment = {"name": "production", "applications": list(applications), **services}
    return {"projects": [{"name": "shop", "environments": [environment]}]}


WHOLE = document(WEB, databases=[DATABASE], compose=[STACK])
SERVICES = ["application shop/production/web", "database shop/production/db", "compose shop/production/mail"]


def actions(result: dict[str, Any]) -> list[str]:
    return sorted(f"{one['action']} {one['kind']} {one['path']}" for one in result["plan"]["changes"])


def row_of(host: Host, name: str) -> dict[str, Any]:
    (project,) = host.read("project.all")
    rows = [one for environment in project["environments"] for one in environment["applications"]]
    (row,) = (one for one in rows if one["name"] == name)
    return dict(row)


def test_what_needs_it_is_deployed_once(host: Host) -> None:
    planned = apply(host, WHOLE, check=True, **DEPLOY)
    assert {one for one in actions(planned) if one.startswith("deploy")} == {f"deploy {one}" for one in SERVICES}
    told = [("database", None), ("application", None), ("compose", None)]
    assert [(one["kind"], one["status"]) for one in planned["deployments"]] == told
    done = apply(host, WHOLE, **DEPLOY)
    assert host.sim.calls("mutation").index("postgres.deploy") < host.sim.calls("mutation").index("application.deploy")
    assert (done.get("msg"), actions(done)) == (None, actions(planned))
    assert {(one["kind"], one["status"], one["reason"]) for one in done["deployments"]} == {
        (kind, "done", "never deployed") for kind in ("application", "compose", "database")
    }
    again = apply(host, WHOLE, **DEPLOY)
    assert (again["changed"], again["deployments"], host.sim.calls("mutation")) == (False, [], [])
    other = document({**WEB, "docker": {"image": "nginx:1.30"}}, databases=[DATABASE], compose=[STACK])
    planned = apply(host, other, check=True, **DEPLOY)
    done = apply(host, other, **DEPLOY)
    assert actions(done) == actions(planned) == [f"deploy {SERVICES[0]}", f"update {SERVICES[0]}"]
    assert done["deployments"][0]["reason"] == "source changed"
    assert not apply(host, other, **DEPLOY)["changed"]
    host.sim.act(set=row_of(host, "web")["applicationId"], fields={"dockerImage": "nginx:1.31"})
    changed_by_hand = apply(host, other, check=True, **DEPLOY)
    assert changed_by_hand["deployments"][0]["reason"] == "configuration changed"
    sides = {"before": {"docker": {"image": "nginx:1.31"}}, "after": {"docker": {"image": "nginx:1.30"}}}
    named = {"action": "update", "kind": "application", "path": "shop/production/web"}
    (diff,) = changed_by_hand["diff"]
    assert {**named, **sides}.items() <= diff.items()


def test_an_entry_says_when_it_is_deployed(host: Host) -> None:
    mixed = document({**WEB, "deploy": "never"}, {**WEB, "name": "api"}, compose=[{**STACK, "deploy": "always"}])
    for _run in range(2):
        done = apply(host, mixed, **DEPLOY)
        assert done.get("msg") is None
    assert actions(done) == [f"deploy {SERVICES[2]}"]
    assert done["deployments"][0]["reason"] == "deployment requested"
    # It was never deployed, and nothing was asked for.
    assert actions(apply(host, document(WEB), **DEPLOY)) == [f"deploy {SERVICES[0]}"]


def test_services_are_stopped_and_started(host: Host) -> None:
    apply(host, WHOLE, **DEPLOY)
    for state, action in (("stopped", "stop"), ("started", "start"), ("reloaded", "reload")):
        # A stack cannot be reloaded.
        services = SERVICES[:2] if state == "reloaded" else SERVICES
        stacks = [{**STACK, "state": state}] if services is SERVICES else []
        wanted = document({**WEB, "state": state}, databases=[{**DATABASE, "state": state}], compose=stacks)
        # A start is no deployment.
        options = {**DEPLOY, "deploy": "never"} if state == "started" else DEPLOY
        planned = apply(host, wanted, check=True, **options)
        done = apply(host, wanted, **options)
        assert done.get("msg") is None
        assert actions(done) == actions(planned) == sorted(f"{action} {one}" for one in services)
        assert done["runs"] == planned["runs"]
        running = 0 if state == "stopped" else 1
        told = {(one["state"], one["changed"], one["failed"], one["running"]) for one in done["runs"]}
        assert told == {(state, True, False, running)}
        again = apply(host, wanted, **options)
        # Who wants it again states it again.
        assert again["changed"] == (state == "reloaded")
        assert {(one["changed"], one["running"]) for one in again["runs"]} == {(state == "reloaded", running)}


def test_a_stopped_service_is_only_configured(host: Host) -> None:
    wanted = document({**WEB, "state": "stopped"})
    done = apply(host, wanted, **DEPLOY)
    assert changed(done) == {"project shop": "create", SERVICES[0]: "create"}
    assert not apply(host, wanted, **DEPLOY)["changed"]


def test_a_failed_deployment_leaves_the_others_alone(host: Host) -> None:
    host.sim.fault("status", "application.deploy", status=400, times=1, body={"message": "not now"})
    done = apply(host, WHOLE, **DEPLOY)
    assert done["msg"].startswith("application shop/production/web: ") and "not now" in done["msg"]
    assert "\n" not in done["msg"]
    assert {one["kind"]: one["failed"] for one in done["deployments"]} == {
        "application": True,
        "compose": False,
        "database": False,
    }
    again = apply(host, WHOLE, **DEPLOY)
    assert (again.get("msg"), actions(again)) == (None, [f"deploy {SERVICES[0]}"])


def test_the_last_deployment_of_a_service_is_told(host: Host) -> None:
    """Whether it succeeded or not, and when the last one did that succeeded."""
    apply(host, WHOLE, **DEPLOY)
    good, mail, db = apply(host, WHOLE, check=True)["resources"][-3:]
    assert good["deployment"]["status"] == mail["deployment"]["status"] == good["status"] == "done"
    assert good["deployed_at"] == good["deployment"]["finished_at"] > good["deployment"]["created_at"]
    assert (db["deployment"], db["deployed_at"]) == (None, None)
    host.sim.config(next_results=["error"])
    host.sim.act(deploy=row_of(host, "web")["applicationId"])
    host.sim.settle()
    failed = apply(host, WHOLE, check=True)["resources"][-3]
    assert (failed["deployment"]["status"], failed["deployed_at"]) == ("error", good["deployed_at"])
    assert failed["deployment"]["deployment_id"] != good["deployment"]["deployment_id"]


def test_what_runs_is_recorded_without_a_deployment(host: Host) -> None:
    wanted, adopt = document(WEB), {**DEPLOY, "deploy": "adopt"}
    apply(host, wanted)
    (project,) = host.read("project.all")
    own = project["environments"][0]["applications"][0]["applicationId"]
    host.ok(OPERATIONS["dokploy_deployment"], application_id=own, trigger="always", verify=False)
    host.call("application.update", applicationId=own, labelsSwarm=None)
    planned = apply(host, wanted, check=True, **adopt)
    done = apply(host, wanted, **adopt)
    assert (done.get("msg"), actions(done)) == (None, [f"adopt {SERVICES[0]}"])
    assert actions(planned) == actions(done)
    assert "application.deploy" not in host.sim.calls("mutation")
    assert not apply(host, wanted, **adopt)["changed"]
    assert not apply(host, wanted, **DEPLOY)["changed"]


CHECK = {"url": "http://127.0.0.1:1/", "retries": 0, "delay": 0}


def test_a_check_without_an_address_is_a_mistake(host: Host) -> None:
    lacking = document({**WEB, "http_check": {}}, {**WEB, "name": "api", "http_check": CHECK})
    for check in (True, False):
        done = apply(host, lacking, check=check, **DEPLOY)
        assert done["mistakes"] == [
            "projects[shop].environments[production].applications[web]: http_check needs a url, "
            "since application 'web' in shop/production has no domain"
        ]
    assert host.sim.calls("mutation") == []


def test_what_was_not_deployed_is_not_checked(host: Host) -> None:
    host.sim.fault("status", "application.deploy", status=400, times=1, body={"message": "not now"})
    done = apply(host, document({**WEB, "http_check": CHECK}), **DEPLOY)
    assert (done["http_checks"], done["deployments"][0]["failed"]) == ([], True)
    done = apply(host, document({**WEB, "http_check": CHECK, "domains": [{"host": "127.0.0.1", "port": 1}]}), **DEPLOY)
    assert [one["passed"] for one in done["http_checks"]] == [False]
    (web,) = (one for one in done["resources"] if one["kind"] == "application")
    assert (web["url"], web["state"], web["app_name"][:3]) == ("http://127.0.0.1/", "present", "app")


def test_databases_run_before_the_others_and_are_waited_for_together(host: Host) -> None:
    cache = {"name": "cache", "type": "redis", "password": "made-up"}
    done = apply(host, document(WEB, databases=[DATABASE, cache]), **DEPLOY)
    assert (done.get("msg"), [one["status"] for one in done["deployments"]]) == (None, ["done"] * 3)
    calls = host.sim.calls()
    begun = [calls.index(one) for one in ("postgres.deploy", "redis.deploy", "application.deploy")]
    assert begun == sorted(begun)
    between = calls[begun[0] : begun[1]]
    # A look at what runs of the second one, and its fingerprint.
    assert between.count("docker.getServiceContainersByAppName") <= 1
    assert not apply(host, document(WEB, databases=[DATABASE, cache]), **DEPLOY)["changed"]


def test_redis_that_gets_no_signal_is_warned_of_before_its_container_is_ended(host: Host) -> None:
    cache = {"name": "cache", "type": "redis", "password": "made-up"}
    warned: list[list[str]] = []

    def note(**options: Any) -> None:
        database = {**cache, **options}
        for check in (True, False):
            result = apply(host, document(databases=[DATABASE, database]), check=check, **DEPLOY)
            assert result.get("msg") is None
            warned.append([text for text in result.get("warnings", ()) if "has not saved is lost" in text])

    note()
    note()
    assert warned == [[]] * 4
    # A deployment, a reload and a stop.
    for state in ("present", "reloaded", "stopped"):
        warned.clear()
        note(env={"A": "1"}, state=state)
        assert [len(texts) for texts in warned] == [1, 1]
        assert warned[0] == warned[1] and warned[0][0].startswith("database shop/production/cache: ")
    warned.clear()
    note(env={"A": "1"}, state="stopped")
    assert warned == [[], []]


def test_a_database_that_fails_leaves_the_other_alone(host: Host) -> None:
    cache = {"name": "cache", "type": "redis", "password": "made-up"}
    host.sim.fault("status", "postgres.deploy", status=400, times=1, body={"message": "not now"})
    done = apply(host, document(databases=[DATABASE, cache]), **DEPLOY)
    assert [(one["path"], one["failed"]) for one in done["deployments"]] == [
        ("shop/production/db", True),
        ("shop/production/cache", False),
    ]
    again = apply(host, document(databases=[DATABASE, cache]), **DEPLOY)
    assert (again.get("msg"), actions(again)) == (None, ["deploy database shop/production/db"])


def test_what_no_longer_runs_of_databases_is_deployed(host: Host) -> None:
    """The containers of all of them are looked at in two requests, as each module looks at those of its one."""
    names = ["db", "gone", "other"]
    wanted = document(databases=[{**DATABASE, "name": name} for name in names])
    apply(host, wanted, **DEPLOY)
    again = apply(host, wanted, **DEPLOY)
    assert (again["changed"], host.sim.calls().count("docker.getServiceContainersByAppName")) == (False, len(names))
    requests = host.sim.stats()["http"]
    one = document(databases=[DATABASE])
    assert (apply(host, one, **DEPLOY)["changed"], host.sim.stats()["http"]) == (False, requests)
    rows = {one["name"]: one for one in host.sim.server.store.services["postgres"].rows.values()}
    host.sim.server.docker.remove(rows["gone"]["appName"])
    ((label, recorded),) = rows["other"]["labelsSwarm"].items()
    newer = {label: recorded.replace("number=1", "number=2")}
    host.call("postgres.update", postgresId=rows["other"]["postgresId"], labelsSwarm=newer)
    planned = apply(host, wanted, check=True, **DEPLOY)
    done = apply(host, wanted, **DEPLOY)
    reasons = {"gone": "nothing of it runs", "other": "another version runs"}
    assert {one["path"].split("/")[-1]: one["reason"] for one in planned["deployments"]} == reasons
    assert (done.get("msg"), actions(done)) == (None, actions(planned))
    assert not apply(host, wanted, **DEPLOY)["changed"]
    # A key that may not read Docker sees what was recorded.
    host.sim.server.docker.remove(rows["gone"]["appName"])
    host.sim.fault("status", "docker.getServiceContainersByAppName", status=403, times=9, body={"message": "no"})
    assert not apply(host, wanted, check=True, **DEPLOY)["changed"]


def test_a_stack_of_the_swarm_is_deployed_at_once_after_its_stop(host: Host) -> None:
    """Its network outlives the stop for a while, and a deployment until then fails."""
    stack = {**STACK, "type": "stack"}
    done = apply(host, document(compose=[stack]), **DEPLOY)
    assert (done.get("msg"), done["deployments"][0]["status"]) == (None, "done")
    networks = host.sim.server.docker.networks
    (name,) = [name for name in networks.rows if name.endswith("_default")]
    host.sim.config(linger_seconds=0.3)
    stopped = apply(host, document(compose=[{**stack, "state": "stopped"}]), **DEPLOY)
    assert (stopped.get("msg"), stopped["runs"][0]["running"]) == (None, 0)
    assert "warnings" not in stopped and name not in networks.rows
    done = apply(host, document(compose=[stack]), **DEPLOY)
    assert (done.get("msg"), done["deployments"][0]["reason"]) == (None, "stopped")


def test_a_network_that_stays_is_warned_of(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else may be in it."""
    monkeypatch.setattr(states, "NETWORKS_TIMEOUT", 0.0)
    stack = {**STACK, "type": "stack"}
    apply(host, document(compose=[stack]), **DEPLOY)
    host.sim.config(linger_seconds=60)
    stopped = apply(host, document(compose=[{**stack, "state": "stopped"}]), **DEPLOY)
    (warning,) = stopped["warnings"]
    assert stopped.get("msg") is None and "Docker still has its networks" in warning and "_default" in warning

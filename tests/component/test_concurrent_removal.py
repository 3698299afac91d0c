# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another user removes something before or after each request: the run reports it, or succeeds.

Generated: each scenario runs once to count its requests, and then once for each request, each stage and each object
that can be removed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from dokploy_simulator import Simulator
from tests.support.effort import THOROUGH, sampled
from tests.support.host import Host, validated
from tests.support.operations import OPERATIONS

WEB = {"project": "shop", "environment": "staging", "application": "web"}
SELF = {"project": "shop", "environment": "staging", "name": "web"}
DOMAIN = {"host": "a.example.com"}
CHILDREN: dict[str, Any] = {
    "domains": [DOMAIN],
    "ports": [{"published_port": 80, "target_port": 80}],
    "redirects": [{"regex": "^/a", "replacement": "/b"}],
    "schedules": [{"name": "s", "cron": "0 4 * * *", "command": "echo"}],
}
IMAGE = {"docker": {"image": "nginx:1"}}


class Hasty(Host):
    """Its clock runs fast while it waits, so that what does not come is soon given up."""

    def run(self, operation: Operation, *, check: bool = False, diff: bool = True, **params: Any) -> dict[str, Any]:
        params = validated(operation, **self.connection, **params)
        waiter = Waiter(clock=lambda: time.monotonic() * 40, sleep=lambda seconds: time.sleep(seconds / 40))
        return run(operation, params, self.open, check_mode=check, diff_mode=diff, waiter=waiter)


@dataclass(frozen=True)
class Scenario:
    """One task, on shop/staging with or without web in it.

    :param there: the options of the application that is there before; None: there is none.
    :param domain: what is stated about the domain a.example.com.
    """

    module: str
    params: dict[str, Any]
    there: dict[str, Any] | None


# By the clock of Hasty, half a second of a busy machine.
DEPLOY = {"verify": False, "wait_timeout": 20}
REMOVALS = ("application", "project", "domain")
SCENARIOS = {
    "create": Scenario("dokploy_application", {**SELF, **IMAGE, **CHILDREN, "env": {"A": "1"}}, None),
    "update": Scenario("dokploy_application", {**SELF, "replicas": 2, **CHILDREN}, {**IMAGE, "domains": [DOMAIN]}),
    "merge": Scenario("dokploy_application", {**SELF, "env": {"B": "1"}, "env_mode": "merge"}, {"env": {"A": "1"}}),
    "domain": Scenario("dokploy_domain", {**WEB, **DOMAIN}, IMAGE),
    "changed domain": Scenario("dokploy_domain", {**WEB, **DOMAIN, "port": 81}, {"domains": [DOMAIN]}),
    "removed domain": Scenario("dokploy_domain", {**WEB, **DOMAIN, "state": "absent"}, {"domains": [DOMAIN]}),
    "schedule": Scenario("dokploy_schedule", {**WEB, **CHILDREN["schedules"][0]}, IMAGE),
    "deploy": Scenario("dokploy_deployment", {**WEB, **DEPLOY}, IMAGE),
    "absent": Scenario("dokploy_application", {**SELF, "state": "absent"}, IMAGE),
    "environment": Scenario("dokploy_environment", {"project": "shop", "name": "new", "env": {"A": "1"}}, None),
    "project": Scenario("dokploy_project", {"name": "new", "env": {"A": "1"}}, None),
}
STAGES = ("before", "after")


def stage(sim: Simulator, scenario: Scenario) -> Host:
    """An empty server with shop/staging on it, and web where the scenario has it."""
    sim.reset(config=True)
    sim.config(build_seconds=0.0, row_delay=0.0)
    host = Hasty(sim)
    host.ok(OPERATIONS["dokploy_project"], name="shop")
    host.ok(OPERATIONS["dokploy_environment"], project="shop", name="staging")
    if scenario.there is not None:
        host.ok(OPERATIONS["dokploy_application"], **SELF, **scenario.there)
    host.new_task()
    sim.reset_stats()
    return host


def requests_of(sim: Simulator, scenario: Scenario) -> int:
    host = stage(sim, scenario)
    result = host.ok(OPERATIONS[scenario.module], **scenario.params)
    host.close()
    assert result["changed"]
    return int(sim.stats()["http"])


def removal(what: str) -> list[dict[str, Any]]:
    """A user removes it; what is not there cannot be removed, which the hold notes and no one minds."""
    calls = {
        "application": ("application.delete", "applicationId", "web"),
        "project": ("project.remove", "projectId", "shop"),
    }
    if what == "domain":
        return [{"remove_domain": DOMAIN["host"]}]
    procedure, key, name = calls[what]
    return [{"call": procedure, "input": {key: name}}]


def holds_true(host: Host, scenario: Scenario, result: dict[str, Any]) -> str | None:
    """What a success says and is not so; None when it is."""
    state = scenario.params.get("state", "present")
    if scenario.module in ("dokploy_project", "dokploy_environment"):
        return None
    rows = [
        app
        for project in host.read("project.all")
        for environment in project["environments"]
        for app in environment["applications"]
        if app["name"] == "web"
    ]
    if state == "absent":
        if scenario.module == "dokploy_application":
            return "it is still there" if rows else None
        domains = [
            item for row in rows for item in host.read("application.one", applicationId=row["applicationId"])["domains"]
        ]
        return "it is still there" if domains else None
    return None if rows else "it is not there"


@pytest.mark.parametrize("name", sampled(sorted(SCENARIOS), 2))
def test_whatever_goes_meanwhile(name: str, running_simulator: Simulator) -> None:
    sim, scenario = running_simulator, SCENARIOS[name]
    count = requests_of(sim, scenario)
    wrong: list[str] = []
    outcomes = {"failed": 0, "ok": 0}
    for number in range(1, count + 1) if THOROUGH else [*range(1, count, 2), count]:
        for at in STAGES:
            for what in REMOVALS:
                host = stage(sim, scenario)
                sim.hold("*", nth=number, stage=at, act=removal(what))
                result = host.run(OPERATIONS[scenario.module], **scenario.params)
                case = "%s of request %d of %d, %s goes: " % (at, number, count, what)
                # A busy machine may ask once more or once less whether a build has ended.
                last = int(sim.stats()["http"]) == number
                (hold,) = sim.holds()
                done = any("done" in one for one in hold["acted"])
                problem = judged(host, scenario, result, done, last)
                outcomes["failed" if result.get("failed") else "ok"] += 1
                if problem:
                    wrong.append(case + problem)
                host.close()
    sim.reset(config=True)
    print("%s: %d requests, %s" % (name, count, outcomes))
    assert wrong == []


def judged(host: Host, scenario: Scenario, result: dict[str, Any], done: bool, last: bool) -> str | None:
    """What is wrong with an outcome."""
    if result.get("failed"):
        # Some procedures meet a missing parent with the text of the database, which is an error 500.
        if result["error"]["kind"] == "server" and "does not exist" not in result["msg"]:
            return "the error is %s" % result["msg"]
        return None if done else "nothing was removed, and yet: %s" % result["msg"]
    # What goes after we have looked for the last time is no one's fault.
    return None if not done or last else holds_true(host, scenario, result)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The middlewares of a server that Dokploy reaches by SSH, where it loses one of two changes that it makes at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.middlewares import READ
from tests.support.builders import create_references
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.parallel import run_in_parallel, task_of

# Seconds for which Dokploy has the file in hand.
SHORT, LONG = 0.03, 0.5
COUNT = 4
PATH: dict[str, Any] = {"path": "/p", "strip_path": True}


def of(name: str) -> dict[str, Any]:
    return {"project": "shop", "application": name}


@pytest.fixture
def far(host: Host) -> str:
    """The ID of a server with applications, each with a domain."""
    create_references(host, "SSH key", "server")
    server = host.read("server.all")[0]
    environment = host.call("project.create", name="shop")["environment"]["environmentId"]
    for number in range(COUNT):
        for kind in ("path", "login", "gone"):
            body = {"name": f"{kind}{number}", "environmentId": environment, "serverId": server["serverId"]}
            made = host.call("application.create", **body)["applicationId"]
            host.call("domain.create", applicationId=made, host=f"{kind}{number}.example.com")
            if kind == "gone":
                host.call("security.create", applicationId=made, username="old", password="p")
    return str(server["serverId"])


def kinds(host: Host, server: str) -> list[str]:
    """The kinds of the middlewares of a server, those of each application one by one."""
    return sorted(name.partition("-app-")[0] for name in host.sim.server.store.remote_middlewares[server])


def many_changes(host: Host) -> None:
    tasks: list[tuple[str, dict[str, Any]]] = []
    for number in range(COUNT):
        tasks.append(("dokploy_domain", {**of(f"path{number}"), "host": "b.example.com", **PATH}))
        tasks.append(("dokploy_basic_auth", {**of(f"login{number}"), "username": "u", "password": "s3cret-p"}))
        tasks.append(("dokploy_application", {"project": "shop", "name": f"gone{number}", "state": "absent"}))
    results = run_in_parallel(host.sim, *[task_of(OPERATIONS[name], **params) for name, params in tasks])
    assert all(result["changed"] for result in results), [result.get("msg") for result in results]


ALL = sorted(["redirect-to-https", *["auth", "stripprefix"] * COUNT])


def test_no_change_at_once_is_lost_on_one_machine(far: str, host: Host) -> None:
    host.sim.config(traefik_seconds=SHORT)
    many_changes(host)
    assert kinds(host, far) == ALL


def test_without_locks_the_server_loses_changes(far: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above can fail."""
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)
    host.sim.config(traefik_seconds=LONG)
    many_changes(host)
    assert kinds(host, far) != ALL


# --- a redirect, whose creation is answered before it is written ----------------------------------------------------


def redirects_and_logins(host: Host) -> None:
    tasks: list[tuple[str, dict[str, Any]]] = []
    for number in range(COUNT):
        tasks.append(("dokploy_redirect", {**of(f"path{number}"), "regex": "^/a$", "replacement": "/b"}))
        tasks.append(("dokploy_basic_auth", {**of(f"login{number}"), "username": "u", "password": "s3cret-p"}))
    results = run_in_parallel(host.sim, *[task_of(OPERATIONS[name], **params) for name, params in tasks])
    assert all(result["changed"] for result in results), [result.get("msg") for result in results]
    assert not any("warnings" in result for result in results), results


def test_a_new_redirect_is_waited_for(far: str, host: Host) -> None:
    host.sim.config(traefik_seconds=SHORT)
    redirects_and_logins(host)
    assert kinds(host, far) == sorted([*["auth"] * 2 * COUNT, *["redirect"] * COUNT, "redirect-to-https"])


def test_on_dokploys_own_host_nothing_is_waited_for(host: Host) -> None:
    host.sim.seed(applications=1, project="shop", domains=1)
    host.sim.reset_stats()
    host.ok(OPERATIONS["dokploy_redirect"], **of("app-000"), regex="^/a$", replacement="/b")
    assert READ not in host.sim.calls() and "application.readTraefikConfig" not in host.sim.calls()

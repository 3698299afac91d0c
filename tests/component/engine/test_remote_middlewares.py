# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The middlewares of a server that Dokploy reaches by SSH, where it loses one of two changes that it makes at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import middlewares
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.middlewares import READ
from tests.support.builders import PRIVATE_KEY, SERVER, create_references
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.parallel import run_in_parallel, task_of

# Seconds for which Dokploy has the file in hand.
SHORT, LONG = 0.03, 0.5
COUNT = 4
MANIFEST = OPERATIONS["dokploy_manifest"]
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


def test_without_the_wait_a_redirect_is_lost(far: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above can fail: then the end of a run finds what is missing."""
    monkeypatch.setattr(middlewares, "_wait_until_written", lambda *_what: None)
    host.sim.config(traefik_seconds=LONG)
    result = host.run(OPERATIONS["dokploy_redirect"], **of("path0"), regex="^/a$", replacement="/b")
    assert result.get("failed") or result["warnings"]


def test_on_dokploys_own_host_nothing_is_waited_for(host: Host) -> None:
    host.sim.seed(applications=1, project="shop", domains=1)
    host.sim.reset_stats()
    host.ok(OPERATIONS["dokploy_redirect"], **of("app-000"), regex="^/a$", replacement="/b")
    assert READ not in host.sim.calls() and "application.readTraefikConfig" not in host.sim.calls()


# --- what was written is looked up, and written again where it is missing -------------------------------------------

WRITE = "settings.updateTraefikFile"
OLD = "http:\n  middlewares:\n    redirect-to-https:\n      redirectScheme:\n        scheme: https\n"
CHANGES: dict[str, dict[str, Any]] = {
    "dokploy_domain": {"host": "b.example.com", **PATH, "internal_path": "/i"},
    "dokploy_redirect": {"regex": "^/a$", "replacement": "/b", "permanent": True},
    "dokploy_basic_auth": {"username": "u", "password": "s3cret-p"},
}


def lose(host: Host, server: str, times: int = 1) -> None:
    """Before each look at the file, someone else writes it as it was."""
    path = "/etc/dokploy/traefik/dynamic/middlewares.yml"
    act = {"call": WRITE, "input": {"path": path, "serverId": server, "traefikConfig": OLD}}
    for number in range(times):
        host.sim.hold(READ, nth=number + 1, act=[act], seconds=0.01, until="told")


def names(host: Host, server: str) -> set[str]:
    return {name.partition("-app-")[0] for name in host.sim.server.store.remote_middlewares[server]}


@pytest.mark.parametrize("module", CHANGES)
def test_what_is_missing_is_written_again(module: str, far: str, host: Host) -> None:
    lose(host, far)
    params = {**of("login0"), **CHANGES[module]}
    result = host.ok(OPERATIONS[module], **params)
    assert result["changed"] and result["diff"]["before"] != result["diff"]["after"]
    (warning,) = result["warnings"]
    assert "was not in Traefik's file of middlewares on the server" in warning
    assert "written again" in warning
    kinds = {"dokploy_domain": {"addprefix", "stripprefix"}, "dokploy_redirect": {"redirect"}}
    assert names(host, far) == {"redirect-to-https", *kinds.get(module, {"auth"})}
    # The result shows what there is now.
    (shown,) = (value for key, value in result.items() if key in ("domain", "redirect", "basic_auth"))
    child = OPERATIONS[module].resources[0]
    row = host.read("application.one", applicationId=result[child.id_option])
    ids = [str(entry) for key in ("domains", "redirects", "security") for entry in row[key]]
    (shown_id,) = (value for key, value in shown.items() if key.endswith("_id"))
    assert any(shown_id in entry for entry in ids)
    host.new_task()
    assert not host.ok(OPERATIONS[module], **params)["changed"]


def test_a_changed_redirect_is_written_again(far: str, host: Host) -> None:
    """The file has it, as it was before."""
    params = {**of("login0"), **CHANGES["dokploy_redirect"]}
    host.ok(OPERATIONS["dokploy_redirect"], **params)
    host.new_task()
    text = host.read(READ, path="/etc/dokploy/traefik/dynamic/middlewares.yml", serverId=far)
    path = "/etc/dokploy/traefik/dynamic/middlewares.yml"
    act = {"call": WRITE, "input": {"path": path, "serverId": far, "traefikConfig": text}}
    host.sim.hold(READ, act=[act], seconds=0.01, until="told")
    result = host.ok(OPERATIONS["dokploy_redirect"], **{**params, "replacement": "/other"})
    assert len(result["warnings"]) == 1
    (content,) = (
        value
        for name, value in host.sim.server.store.remote_middlewares[far].items()
        if name.startswith("redirect-app")
    )
    assert content["redirectRegex"]["replacement"] == "/other"


def test_what_stays_missing_is_an_error(far: str, host: Host) -> None:
    lose(host, far, times=6)
    failed = host.failed(OPERATIONS["dokploy_redirect"], **of("login0"), **CHANGES["dokploy_redirect"])
    assert failed["changed"] and failed["error"]["kind"] == "not_applied"
    assert "application 'login0' in shop/production: the redirect of ^/a$" in failed["msg"]
    assert "Traefik answers 404" in failed["msg"] and "create it again" in failed["msg"]


def test_a_file_that_cannot_be_read_is_told(far: str, host: Host) -> None:
    body = {"message": "You don't have permission", "code": "UNAUTHORIZED"}
    host.sim.fault(kind="status", procedure=READ, status=401, body=body)
    result = host.ok(OPERATIONS["dokploy_basic_auth"], **of("login0"), **CHANGES["dokploy_basic_auth"])
    (warning,) = result["warnings"]
    assert "is not known, since it cannot be read" in warning


def test_a_file_is_read_once(far: str, host: Host) -> None:
    """And only where something of that kind was written on a server by SSH."""
    application = OPERATIONS["dokploy_application"]
    routes = {
        "domains": [{"host": "login0.example.com", **PATH}],
        "basic_auth": [{key: CHANGES["dokploy_basic_auth"][key] for key in ("username", "password")}],
    }
    web = {"project": "shop", "name": "login0"}
    for params, reads in (({"replicas": 2}, 0), (routes, 1), (routes, 0), ({"domains": []}, 0)):
        for check in (True, False):
            host.new_task()
            host.sim.reset_stats()
            result = host.ok(application, check=check, **web, **params)
            assert host.sim.calls().count(READ) == (0 if check else reads)
            assert "warnings" not in result
    # On Dokploy's own host, nothing comes between.
    environment = host.read("project.all")[0]["environments"][0]["environmentId"]
    host.call("application.create", name="near", environmentId=environment)
    host.new_task()
    host.sim.reset_stats()
    host.ok(application, project="shop", name="near", **routes)
    assert READ not in host.sim.calls()


# --- a document ------------------------------------------------------------------------------------------------------

ROUTES: dict[str, Any] = {
    "redirects": [{"regex": "^/a$", "replacement": "/b"}],
    "basic_auth": [{"username": "u", "password": "s3cret-p"}],
}


def document(*names: str) -> dict[str, Any]:
    applications = [
        {"name": name, "server": "far", "domains": [{"host": f"{name}.example.com", **PATH}], **ROUTES}
        for name in names
    ]
    environment = {"name": "production", "applications": applications}
    return {"deploy": "never", "projects": [{"name": "new", "environments": [environment]}]}


@pytest.fixture
def server(host: Host) -> str:
    host.call("sshKey.create", name="key", organizationId="", privateKey=PRIVATE_KEY, publicKey="ssh-ed25519 A")
    key = host.read("sshKey.all")[0]["sshKeyId"]
    return str(host.call("server.create", **SERVER, name="far", serverType="deploy", sshKeyId=key)["serverId"])


def test_a_document_reads_the_file_of_a_server_once(server: str, host: Host) -> None:
    result = host.ok(MANIFEST, check=True, **document("a", "b", "c"))
    assert READ not in host.sim.calls() and "warnings" not in result
    host.new_task()
    result = host.ok(MANIFEST, **document("a", "b", "c"))
    assert host.sim.calls().count(READ) == 1 and "warnings" not in result
    assert names(host, server) == {"auth", "redirect", "redirect-to-https", "stripprefix"}
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(MANIFEST, **document("a", "b", "c"))["changed"]
    assert READ not in host.sim.calls()


def test_a_document_writes_again_what_is_missing(server: str, host: Host) -> None:
    lose(host, server)
    result = host.ok(MANIFEST, **document("a", "b"))
    assert len(result["warnings"]) == 6 and result["overtaken"] == []
    assert len(host.sim.server.store.remote_middlewares[server]) == 7
    assert len(result["plan"]["changes"]) == 3
    host.new_task()
    assert not host.ok(MANIFEST, **document("a", "b"))["changed"]


def test_a_document_fails_where_something_stays_missing(server: str, host: Host) -> None:
    lose(host, server, times=6)
    failed = host.failed(MANIFEST, **document("a"))
    assert failed["error"]["kind"] == "incomplete" and failed["failures"] == []
    assert "application 'a' in new/production: the login of u" in failed["msg"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents whose entries run what others run, and what comes back if that fails."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._swarm import rollout
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented

GIT = {"url": "https://git.example.com/shop.git", "branch": "main"}
FILE = "services:\n  web:\n    image: nginx:%d\n"
REGISTRY = {"name": "own", "url": "registry.example.com", "username": "acme", "password": "pass-of-registry"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "SETTLED", 0.2)


def document(environment: str, applications: Any = (), compose: Any = (), **more: Any) -> dict[str, Any]:
    services = {"applications": list(applications), "compose": list(compose)}
    return {"projects": [{"name": "shop", "environments": [{"name": environment, **services}]}], **more}


def applied(host: Host, content: dict[str, Any], fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    quick = {"verify_period": 0.2, "wait_timeout": 30.0}
    result = (host.failed if fails else host.ok)(MANIFEST, **{**quick, **options}, **content)
    assert undocumented(result, documentation()["dokploy_manifest"]["return"]) == []
    return result


def staging(host: Host) -> None:
    """What was tested: an image, a build with a registry, one without, and a stack."""
    login = {"username": "reader", "password": "pass-of-reader", "registry_url": "ghcr.io"}
    applications = [
        {"name": "web", "docker": {"image": "ghcr.io/acme/web:2", **login}},
        {"name": "pushed", "git": GIT, "registry": "own"},
        {"name": "local", "git": GIT},
    ]
    stack = {"name": "stack", "raw": {"content": FILE % 2}}
    applied(host, document("staging", applications, [stack], registries=[REGISTRY]))


def row_of(host: Host, name: str, kind: str = "application") -> dict[str, Any]:
    """The row of a service of production."""
    (project,) = (own for own in host.read("project.all") if own["name"] == "shop")
    (home,) = (own for own in project["environments"] if own["name"] == "production")
    rows = home["applications" if kind == "application" else "compose"]
    (own,) = (row for row in rows if row["name"] == name)
    row: dict[str, Any] = host.read(f"{kind}.one", **{f"{kind}Id": own[f"{kind}Id"]})
    return row


def test_what_runs_in_staging_is_promoted_by_its_digest(host: Host) -> None:
    staging(host)
    production = document(
        "production",
        [{"name": "web", "image_of": "shop/staging/web"}, {"name": "pushed", "image_of": "shop/staging/pushed"}],
        [{"name": "stack", "image_of": "shop/staging/stack"}],
    )
    predicted = applied(host, production, check=True)
    assert host.sim.calls("mutation") == []
    real = applied(host, production)
    assert predicted["plan"]["id"] == real["plan"]["id"]
    web, pushed = row_of(host, "web"), row_of(host, "pushed")
    assert web["dockerImage"].startswith("ghcr.io/acme/web@sha256:")
    # The login comes with it.
    assert (web["username"], web["password"]) == ("reader", "pass-of-reader")
    assert pushed["sourceType"] == "docker" and pushed["dockerImage"].startswith("registry.example.com/acme/")
    assert row_of(host, "stack", "compose")["composeFile"] == FILE % 2
    assert host.sim.services()[web["appName"]]["image"] == web["dockerImage"]
    assert not applied(host, production)["changed"]
    # A new image in staging is the next promotion.
    applied(host, document("staging", [{"name": "web", "docker": {"image": "ghcr.io/acme/web:3"}}]))
    assert applied(host, production)["changed"]
    assert row_of(host, "web")["dockerImage"] != web["dockerImage"]


@slow
def test_a_build_that_was_pushed_needs_no_registry_any_more(host: Host) -> None:
    staging(host)
    applied(host, document("production", [{"name": "pushed", "git": GIT, "registry": "own"}]))
    promoted = document("production", [{"name": "pushed", "image_of": "shop/staging/pushed"}])
    applied(host, promoted)
    row = row_of(host, "pushed")
    assert row["registryId"] is None and row["sourceType"] == "docker"
    assert not applied(host, promoted)["changed"]


@slow
def test_a_repository_takes_the_commit(host: Host) -> None:
    staging(host)
    promoted = document("production", [{"name": "local", "git": GIT, "image_of": "shop/staging/local"}])
    result = applied(host, promoted)
    assert result["deployments"][0]["commit"] is not None
    host.sim.act(push="main", message="another one", hash=40 * "a")
    applied(host, document("staging", [{"name": "local", "deploy": "always"}]))
    assert applied(host, promoted)["deployments"][0]["commit"] == 40 * "a"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"image_of": "shop/staging/local"}, "no registry has the image"),
        ({"image_of": "shop/staging/nothing"}, "there is no application"),
        ({"image_of": "web"}, "is no path such as"),
        ({"image_of": "shop/production/web"}, "is the entry itself"),
        ({"image_of": "shop/staging/web", "docker": {"image": "nginx:1"}}, "mutually exclusive with docker.image"),
        ({"image_of": "shop/staging/web", "registry": "own"}, "mutually exclusive with registry"),
    ],
)
def test_what_cannot_be_promoted_is_a_mistake_before_anything_changes(
    host: Host, entry: dict[str, Any], words: str
) -> None:
    staging(host)
    good = {"name": "other", "docker": {"image": "nginx:1"}}
    result = applied(host, document("production", [{"name": "web", **entry}, good]), fails=True)
    assert words in result["msg"] and "projects[shop].environments[production].applications[web]" in result["msg"]
    assert host.sim.calls("mutation") == []


def test_a_tag_is_not_taken_for_what_ran(host: Host) -> None:
    staging(host)
    stopped = [{"name": name, "state": "stopped"} for name in ("web", "local")]
    applied(host, document("staging", stopped))
    wanted = [{"name": name, "image_of": f"shop/staging/{name}"} for name in ("web", "local")]
    for check in (True, False):
        refused = applied(host, document("production", wanted), fails=True, check=check)["msg"]
        assert "web runs, so that it has no digest. Start or deploy it. Its tag ghcr.io/acme/web:2 may mean" in refused
        assert "if that is right, state docker.image" in refused and "pass-of-reader" not in refused
        assert refused.count("Its tag") == 1 and refused.count("Start or deploy it") == 2
        assert host.sim.calls("mutation") == []


def test_a_stack_that_is_not_as_deployed_is_not_promoted(host: Host) -> None:
    staging(host)
    applied(host, document("staging", compose=[{"name": "stack", "raw": {"content": FILE % 3}}]), deploy="never")
    promoted = document("production", compose=[{"name": "stack", "image_of": "shop/staging/stack"}])
    assert "is not what runs" in applied(host, promoted, fails=True)["msg"]


@slow
def test_the_requests_of_a_promotion_are_few(host: Host) -> None:
    names = [f"web-{number}" for number in range(8)]
    applied(host, document("staging", [{"name": name, "docker": {"image": f"acme/{name}:1"}} for name in names]))
    promoted = document("production", [{"name": name, "image_of": f"shop/staging/{name}"} for name in names])
    applied(host, promoted)

    def requests(content: dict[str, Any]) -> int:
        applied(host, content, check=True)
        return int(host.sim.stats()["http"])

    plain = document("production", [{"name": name} for name in names])
    assert requests(promoted) <= requests(plain) + 6


@slow
def test_all_are_promoted_or_none(host: Host) -> None:
    applied(host, document("staging", [{"name": name, "docker": {"image": f"acme/{name}:2"}} for name in ("a", "b")]))
    names = ("a", "b")
    applied(host, document("production", [{"name": name, "docker": {"image": f"acme/{name}:1"}} for name in names]))
    before = {name: row_of(host, name)["dockerImage"] for name in names}
    assert before == {"a": "acme/a:1", "b": "acme/b:1"}
    # Not the tag: what staging runs.
    host.sim.config(rolls_back=False, builds=[{"application": "b", "image": "acme/b@*", "crash_after": 0.05}])
    promoted = document("production", [{"name": name, "image_of": f"shop/staging/{name}"} for name in names])
    result = applied(host, promoted, fails=True, on_failure="return_all")
    a, b = sorted(result["deployments"], key=lambda report: str(report["path"]))
    assert not a["failed"] and a["returned"]["runs"], result["msg"]
    assert b["failed"] and "returned" in b
    running = {name: host.sim.services()[row_of(host, name)["appName"]]["image"] for name in names}
    assert running["a"].startswith("acme/a@sha256:") and running["a"] == row_of(host, "a")["dockerImage"]
    # The next plan wants both again.
    host.sim.config(builds=[])
    again = applied(host, promoted, on_failure="return_all")
    assert {report["path"] for report in again["deployments"]} == {"shop/production/a", "shop/production/b"}
    assert not applied(host, promoted, on_failure="return_all")["changed"]


@slow
@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_a_document_returns_its_first_change_of_a_stack(host: Host, kind: str) -> None:
    """What it has read before it writes is what comes back: no earlier run has recorded it."""
    good = {"name": "stack", "type": kind, "raw": {"content": FILE % 1}, "env": {"A": "1"}}
    applied(host, document("production", compose=[good]))
    bad = {**good, "raw": {"content": FILE % 1 + '    command: "false"\n    restart: always\n'}, "env": {"A": "2"}}
    result = applied(host, document("production", compose=[bad]), fails=True, on_failure="return")
    assert result["deployments"][0]["returned"]["runs"], result["msg"]
    row = row_of(host, "stack", "compose")
    assert row["composeFile"] == FILE % 1 and "A=1" in row["env"]
    assert applied(host, document("production", compose=[bad]), check=True)["changed"]


@slow
def test_a_document_returns_the_variables_of_an_application(host: Host) -> None:
    web = {"name": "web", "docker": {"image": "acme/web:1"}, "env": {"A": "1"}, "replicas": 1}
    applied(host, document("production", [web]))
    bad = {**web, "docker": {"image": "acme/web:2"}, "env": {"A": "2"}, "on_failure": "return"}
    host.sim.config(rolls_back=False, builds=[{"application": "web", "image": "acme/web:2", "crash_after": 0.05}])
    result = applied(host, document("production", [bad]), fails=True)
    row = row_of(host, "web")
    assert result["deployments"][0]["returned"]["runs"] and "A=1" in row["env"]
    assert row["dockerImage"].startswith("acme/web@sha256:")


@slow
def test_a_failed_http_check_returns(host: Host) -> None:
    web = {"name": "web", "docker": {"image": "acme/web:1"}}
    applied(host, document("production", [web]))
    check = {"url": f"{host.sim.url}/nothing", "retries": 0, "delay": 0}
    bad = {**web, "docker": {"image": "acme/web:2"}, "http_check": check}
    result = applied(host, document("production", [bad]), fails=True, on_failure="return")
    assert result["deployments"][0]["returned"]["runs"], result["msg"]
    assert row_of(host, "web")["dockerImage"].startswith("acme/web@sha256:")


def test_a_task_that_does_not_wait_cannot_return(host: Host) -> None:
    result = applied(host, document("production"), fails=True, on_failure="return", wait=False)
    assert "needs wait: true" in result["msg"]

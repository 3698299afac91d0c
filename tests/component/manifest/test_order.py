# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which the entries of a document run: C(after), and how few requests deploy many of them."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.component.manifest.test_manifest import LOGIN, apply
from tests.support.host import Host

DEPLOY = {"deploy": "changed", "verify_period": 0.01, "wait_timeout": 60.0}
DATABASE = {"name": "db", "type": "postgres", **LOGIN}


def application(name: str, *after: str, **options: Any) -> dict[str, Any]:
    stated = {"after": list(after)} if after else {}
    return {"name": name, "docker": {"image": "nginx:1.29"}, **stated, **options}


def document(*applications: dict[str, Any], **services: Any) -> dict[str, Any]:
    environment = {"name": "production", "applications": list(applications), **services}
    return {"projects": [{"name": "shop", "environments": [environment]}]}


def deployed(host: Host) -> list[str]:
    """The names of the applications in the order of their deployments."""
    (project,) = host.read("project.all")
    ids = [row["applicationId"] for environment in project["environments"] for row in environment["applications"]]
    rows = [host.read("application.one", applicationId=own_id) for own_id in ids]
    return [
        name for _when, name in sorted((run["createdAt"], row["name"]) for row in rows for run in row["deployments"])
    ]


def test_what_is_stated_runs_before(host: Host) -> None:
    chain = document(
        application("web", "api", "shop/production/migrations"),
        application("api", "migrations"),
        application("migrations"),
    )
    applied = apply(host, chain, **DEPLOY)
    assert deployed(host) == ["migrations", "api", "web"]
    assert {report["status"] for report in applied["deployments"]} == {"done"}
    assert not apply(host, chain, **DEPLOY)["changed"]
    # Nothing waits for what need not run.
    changed = document(
        application("web", "api", "shop/production/migrations", command="sleep 1"),
        application("api", "migrations"),
        application("migrations"),
    )
    assert [report["path"] for report in apply(host, changed, **DEPLOY)["deployments"]] == ["shop/production/web"]


def test_a_database_may_come_after_an_application(host: Host) -> None:
    applied = apply(
        host, document(application("web"), application("api"), databases=[{**DATABASE, "after": ["web"]}]), **DEPLOY
    )
    assert [report["failed"] for report in applied["deployments"]] == [False] * 3
    calls = host.sim.calls("mutation")
    assert calls.index("application.deploy") < calls.index("postgres.deploy")


def test_what_waits_for_a_failure_is_left_out(host: Host) -> None:
    host.sim.config(next_results=["error"])
    entries = document(application("web", "migrations"), application("migrations"), application("other"))
    failed = apply(host, entries, **DEPLOY)
    assert {report["path"]: report["status"] for report in failed["deployments"]} == {
        "shop/production/migrations": "error",
        "shop/production/other": "done",
    }
    waits = {"kind": "application", "path": "shop/production/web"}
    assert failed["waiting"] == [{**waits, "waits_for": {**waits, "path": "shop/production/migrations"}}]
    assert "1 more waited for these and were left out." in failed["msg"]
    assert len(failed["resources"]) == 5
    repeated = apply(host, entries, **DEPLOY)
    assert [report["path"] for report in repeated["deployments"]] == [
        "shop/production/web",
        "shop/production/migrations",
    ]
    assert deployed(host)[-2:] == ["migrations", "web"]


@pytest.fixture
def broken() -> Iterator[str]:
    """The address of a service that does not answer as it should."""

    class Broken(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_an_http_check_is_waited_for(host: Host, broken: str) -> None:
    checked = application("api", http_check={"url": broken, "retries": 0})
    failed = apply(host, document(application("web", "api"), checked), **DEPLOY)
    assert [(check["path"], check["passed"], check["error"]) for check in failed["http_checks"]] == [
        ("shop/production/api", False, "HTTP 503")
    ]
    assert deployed(host) == ["api"]
    assert [left["path"] for left in failed["waiting"]] == ["shop/production/web"]


@pytest.mark.parametrize(
    ("entries", "mistake"),
    [
        ([application("web", "api")], "has no other application, stack or database 'shop/production/api'"),
        ([application("web", "web")], "has no other application, stack or database 'shop/production/web'"),
        ([application("web", "shop/staging/web")], "has no other application, stack or database 'shop/staging/web'"),
        (
            [application("a", "b"), application("b", "c"), application("c", "a")],
            "after: the entries form a circle: application shop/production/a -> application shop/production/b -> "
            "application shop/production/c -> application shop/production/a",
        ),
    ],
)
def test_an_order_that_cannot_be(host: Host, entries: list[Any], mistake: str) -> None:
    failed = apply(host, document(*entries), **DEPLOY)
    assert mistake in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_the_deployments_of_many_are_begun_in_few_requests(host: Host) -> None:
    """Each of the 20 has a request of its own, since the order in the queue counts; what they read is shared."""
    entries = document(*(application(f"web{number}") for number in range(20)))
    apply(host, entries, deploy="never")
    host.sim.config(build_seconds=3600)
    planned = apply(host, entries, wait=False, **DEPLOY)
    assert len(planned["deployments"]) == 20
    assert host.sim.calls("mutation").count("application.deploy") == 20
    assert host.sim.stats()["http"] <= 25

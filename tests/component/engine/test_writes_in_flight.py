# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten writes that read inside a transaction stop the whole server: the runs of a machine send at most four at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency, execute
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure import certificate_files
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance import traefik_settings
from dokploy_simulator import Simulator
from tests.support import waiting
from tests.support.certificates import CERTIFICATES, KEYS
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.parallel import run_in_parallel, task_of
from tests.support.parallel_process import ParallelProcess, Task, threads_that_wait

IN_TRANSACTION = ("domain.create", "mounts.update", "redirects.create", "security.create")
LIMIT = 4
# Seconds for which a deadlock lasts.
SHORT = 0.2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locks are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def hold_all(sim: Simulator) -> None:
    for procedure in IN_TRANSACTION:
        sim.hold(procedure, count=1000, until="told", name="all", seconds=600)


def held(sim: Simulator) -> int:
    return sum(hold["waiting"] for hold in sim.holds())


@slow
def test_fifty_forks_in_two_processes_send_four_at_most(sim: Simulator, folder: Path) -> None:
    sim.seed(applications=50, project="shop", domains=1, mounts=1)
    params: dict[str, dict[str, Any]] = {
        "dokploy_mount": {"path": "/data0", "type": "volume", "name": "other"},
        "dokploy_domain": {"host": "a.example.com"},
        "dokploy_redirect": {"regex": "^/a$", "replacement": "/b"},
        "dokploy_basic_auth": {"username": "u", "password": "s3cret-p"},
    }
    names = ["dokploy_mount"] * 25 + [*list(params)[1:]] * 8 + ["dokploy_domain"]
    tasks: list[Task] = [
        (name, {"project": "shop", "application": f"app-{number:03d}", **params[name]})
        for number, name in enumerate(names)
    ]
    sim.config(deadlock_seconds=SHORT)
    sim.reset_stats()
    hold_all(sim)
    with ExitStack() as stack:
        # A failure leaves nothing behind for the next test.
        stack.callback(sim.settle)
        stack.callback(sim.release, "all")

        def start(number: int) -> ParallelProcess:
            """Run half of the tasks until each has sent its write or waits for a lock; no lock ends before a write."""
            process = ParallelProcess(sim, folder, tasks[25 * number :][:25])
            stack.callback(process.end)
            settled = 25 * (number + 1)
            waiting.until(lambda: held(sim) + threads_that_wait(folder) == settled or not process.runs, sim.holds)
            assert held(sim) == LIMIT
            return process

        processes = [start(0), start(1)]
        sim.release("all")
        results = [result for process in processes for result in process.results()]
    assert results == [{"changed": True, "msg": None}] * 50
    stats = sim.stats()
    assert stats["most_in_transaction"] == LIMIT
    assert stats["most_in_flight"]["mounts.update"] == LIMIT
    # These also write files of which Dokploy keeps only the last.
    assert {stats["most_in_flight"][name] for name in IN_TRANSACTION} == {1, LIMIT}


def test_without_the_limit_they_stop_the_server(sim: Simulator, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above can fail: the same tasks, when no lock is held."""
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)
    sim.seed(applications=12, project="shop", mounts=1)
    sim.config(deadlock_seconds=SHORT)
    hold_all(sim)
    stated = {"project": "shop", "path": "/data0", "type": "volume", "name": "other"}
    works = [task_of(OPERATIONS["dokploy_mount"], **stated, application=f"app-{number:03d}") for number in range(12)]

    def release() -> None:
        waiting.until(lambda: held(sim) == 12, sim.holds)
        sim.release("all")

    results = run_in_parallel(sim, *works, during=release)
    failed = [result["msg"] for result in results if result.get("failed")]
    assert len(failed) == 10
    assert all("write CONNECTION_CLOSED" in message for message in failed)
    assert sim.stats()["most_in_transaction"] == 12


WEB = {"project": "shop", "application": "app-000"}


@pytest.mark.parametrize(
    ("module", "params", "limit"),
    [
        ("api", {"procedure": "mounts.update", "input": {"mountId": "none"}}, 4),
        ("api", {"procedure": "security.delete", "input": {"securityId": "none"}}, 1),
        ("api", {"procedure": "application.delete", "input": {"applicationId": "none"}}, 1),
        ("api", {"procedure": "project.create", "input": {"name": "new"}}, 0),
        # The project tree does not say on which server it is.
        ("application", {"project": "shop", "name": "app-000", "state": "absent"}, 1),
        ("compose", {"project": "shop", "name": "stack", "state": "absent"}, 0),
        ("traefik_config", {**WEB, "content": {"http": {"routers": {"a": {"rule": "Host(`a`)", "service": "a"}}}}}, 1),
        ("domain", {"project": "shop", "compose": "stack", "service": "web", "host": "a.example.com"}, 4),
        ("mount", {"project": "shop", "compose": "stack", "file_path": "a", "content": "b"}, 0),
    ],
)
def test_the_limit_of_a_write(
    module: str, params: dict[str, Any], limit: int, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = host.sim.seed(applications=1, project="shop")["environmentId"]
    host.call("compose.create", name="stack", environmentId=environment)
    limits = []

    def in_flight(_server: str, limit: int) -> AbstractContextManager[None]:
        limits.append(limit)
        return nullcontext()

    monkeypatch.setattr(execute, "in_flight", in_flight)
    host.run(OPERATIONS[f"dokploy_{module}"], **params)
    assert limits == [limit] * bool(limit)


OWN = {"http": {"middlewares": {"a": {"compress": {}}}}}


@pytest.mark.parametrize(
    ("module", "params", "writes"),
    [
        (certificate_files, {"certificate": CERTIFICATES[1]}, "settings.updateTraefikFile"),
        (traefik_settings, {"traefik": {"middlewares": OWN}}, "settings.updateMiddlewareTraefikConfig"),
    ],
)
def test_a_file_of_middlewares_is_read_and_written_in_one_place(
    module: Any, params: dict[str, Any], writes: str, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written whole has what others have written, since none of them comes between."""
    certificate = "certificate" in params
    operation = OPERATIONS["dokploy_certificate" if certificate else "dokploy_settings"]
    shop = {"name": "shop", "certificate": CERTIFICATES[0], "private_key": KEYS[0]} if certificate else {}
    if certificate:
        host.ok(operation, **shop)
        host.new_task()
    inside: list[list[str]] = []

    @contextmanager
    def in_flight(_server: str, limit: int) -> Iterator[None]:
        assert limit == 1
        host.sim.reset_stats()
        yield
        inside.append(host.sim.calls())

    monkeypatch.setattr(module, "in_flight", in_flight)
    host.ok(operation, **{**shop, **params})
    (calls,) = inside
    assert calls[0].startswith("settings.read") and calls[-1] == writes

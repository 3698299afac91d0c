# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option on every measured release: it does what it does on the newest one, or it is refused before any write."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import version_text
from tests.contract.older import VERSIONS
from tests.simulator.eras import NEWEST, version_key
from tests.support.releases import OLDER, RELEASES, first_release
from tests.support.subjects import OPERATIONS, SUBJECTS, Bench, Subject, furnished
from tests.support.values import values

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = (
    *("registryId", "buildRegistryId", "rollbackRegistryId", "buildServerId", "githubId", "gitlabId", "giteaId"),
    *("bitbucketId", "customGitSSHKeyId", "destinationId"),
)
VERSION = "settings.getDokployVersion"
ONE = settings(
    max_examples=1, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
# What differs from one run to the next, and what says nothing of what a request did.
PASSING = ("createdAt", "updatedAt", "uniqueConfigKey", "refreshToken", "appName", "deployments", "environment")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with furnished() as one:
        yield one


def run(bench: Bench, subject: Subject, params: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """A result with ``writes``. A new task: its version is asked for at most once, and only for an option that needs
    it."""
    bench.host.new_task()
    bench.host.sim.reset_stats()
    result = bench.host.run(subject.operation, check=check, **params)
    calls = bench.host.sim.calls()
    assert calls.count(VERSION) <= (0 if first_release(subject) is None else 1)
    result["writes"] = bench.host.sim.calls("mutation")
    assert not check or not result["writes"], "check mode wrote"
    return result


def says_something(subject: Subject, value: Any) -> bool:
    """An older server's rows are as if it were null."""
    return not subject.field.same(api_value(subject.path, subject.field, value), None)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_on_every_release(bench: Bench, subject: Subject) -> None:
    first = first_release(subject)

    @seed(zlib.crc32(str(subject).encode()))
    @ONE
    @given(values(subject.path, subject.field).filter(lambda value: says_something(subject, value)))
    def tried(value: Any) -> None:
        newest: set[str] | None = None
        for release in OLDER:
            bench.host.sim.config(version=NEWEST)
            if first is not None and first > version_key(release):
                refused(bench, subject, value, first, release)
                continue
            newest = accepted(bench, subject, value, NEWEST) if newest is None else newest
            # The same columns change as on the newest release: what is not stated keeps its value.
            assert accepted(bench, subject, value, release) == newest, release

    tried()


@pytest.mark.parametrize("name", ["README.md", "docs/docsite/rst/releases.rst"])
def test_the_documentation_names_the_releases(name: str) -> None:
    told = " ".join((ROOT / name).read_text("utf-8").split())
    assert f"{', '.join(RELEASES[:-1])} and {RELEASES[-1]}" in told


def test_what_is_measured_is_what_is_recorded() -> None:
    assert (*VERSIONS, NEWEST) == RELEASES


def accepted(bench: Bench, subject: Subject, value: Any, release: str) -> set[str]:
    """Foretold by check mode, done, and nothing left to do. Returns the columns that have changed."""
    bench.host.sim.config(version=release)
    ids = bench.prepare(subject)
    params = subject.params(value, ids)
    foretold, before = run(bench, subject, params, check=True), columns(bench, ids)
    real, after = run(bench, subject, params), columns(bench, ids)
    assert not foretold.get("failed") and not real.get("failed"), (release, foretold.get("msg"), real.get("msg"))
    assert foretold["changed"] == real["changed"] == bool(real["writes"])
    assert foretold["diff"] == real["diff"], release
    again = run(bench, subject, params)
    assert not again.get("failed"), again["msg"]
    assert not again["changed"] and again["writes"] == [], again["diff"]
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def columns(bench: Bench, ids: dict[str, str]) -> dict[str, Any]:
    """What the server holds of the thing: its columns, and those of its children in their places."""
    store = bench.host.sim.server.store
    own = ids.get("application_id")
    if own is None:
        table = store.projects if "project_id" in ids else store.environments
        return flat(table.rows[next(iter(ids.values()))])
    found = flat(store.applications.rows[own])
    for table in (*store.children, store.applications):
        if "applicationId" in table.parents:
            for number, row in enumerate(table.of("applicationId", own)):
                found |= {f"{table.key}.{number}.{name}": value for name, value in flat(row).items()}
    return found


def flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in PASSING and not name.endswith("Id")} | {
        name: value for name, value in row.items() if name in REFERENCES
    }


def refused(bench: Bench, subject: Subject, value: Any, first: tuple[int, ...], release: str) -> None:
    bench.fresh()
    own = subject.operation not in (OPERATIONS["project"], OPERATIONS["environment"])
    ids = {"application_id": bench.application()} if own else bench.prepare(subject)
    params = subject.params(value, ids)
    bench.host.sim.config(version=release)
    for check in (True, False):
        result = run(bench, subject, params, check=check)
        assert result.get("failed") and result["error"]["kind"] == "refused", (release, result)
        assert f"needs Dokploy {version_text(first)} or newer" in result["msg"]
        assert result["writes"] == [] and not result["changed"]

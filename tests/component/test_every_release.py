# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option on older releases: it works as on the newest one, or it is refused before any write."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._errors import with_article
from ansible_collections.community.dokploy.plugins.module_utils._model.field import version_text
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator.api.release_folders import version_key
from dokploy_simulator.api.releases import NEWEST
from tests.support.described_options import DESCRIBED_OPTIONS, DescribedOption, OptionTestbed
from tests.support.effort import THOROUGH, sampled
from tests.support.releases import RELEASES, first_release
from tests.support.strategies.option_values import values
from tests.support.used_api import before, since

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


def run(
    testbed: OptionTestbed, described: DescribedOption, params: dict[str, Any], check: bool = False
) -> dict[str, Any]:
    """A result with ``writes``. A new task: its version is asked for at most once, and only for an option that needs
    it."""
    testbed.host.new_task()
    testbed.host.sim.reset_stats()
    result = testbed.host.run(described.operation, check=check, **params)
    calls = testbed.host.sim.calls()
    assert calls.count(VERSION) <= (0 if first_release(described) is None else 1)
    result["writes"] = testbed.host.sim.calls("mutation")
    assert not check or not result["writes"], "check mode wrote"
    return result


def says_something(described: DescribedOption, value: Any) -> bool:
    """An older server's rows are as if it were null."""
    return not described.field.same(api_value(described.path, described.field, value), None)


def telling(described: DescribedOption, first: tuple[int, ...] | None) -> list[str]:
    """The newest release without the option, the oldest one with it, and in C(make test-all) of the others one, in turn
    of the options."""
    since = described.managed.resource.since or (0,)
    there = sorted((release for release in RELEASES if version_key(release) >= since), key=version_key)
    known = [release for release in there if first is None or version_key(release) >= first]
    others = known[1:]
    turn = zlib.crc32(described.option.encode()) % len(others) if others else 0
    more = others[turn : turn + 1] if THOROUGH else []
    return [*[release for release in there if release not in known][-1:], *known[:1], *more]


@pytest.mark.parametrize("described", sampled(DESCRIBED_OPTIONS, 6), ids=str)
def test_on_older_releases(testbed: OptionTestbed, described: DescribedOption) -> None:
    first = first_release(described)

    @seed(zlib.crc32(str(described).encode()))
    @ONE
    @given(values(described.path, described.field).filter(lambda value: says_something(described, value)))
    def tried(value: Any) -> None:
        newest: set[str] | None = None
        for release in telling(described, first):
            testbed.host.sim.config(version=NEWEST)
            if first is not None and first > version_key(release):
                refused(testbed, described, value, first, release)
                continue
            newest = accepted(testbed, described, value, NEWEST) if newest is None else newest
            # The same columns change as on the newest release: what is not stated keeps its value.
            assert accepted(testbed, described, value, release) == newest, release

    tried()


@pytest.mark.parametrize("name", ["README.md", "docs/docsite/rst/releases.rst"])
def test_the_documentation_names_the_releases(name: str) -> None:
    told = " ".join((ROOT / name).read_text("utf-8").split())
    assert f"{', '.join(RELEASES[:-1])} and {RELEASES[-1]}" in told


def accepted(testbed: OptionTestbed, described: DescribedOption, value: Any, release: str) -> set[str]:
    """Foretold by check mode, done, and nothing left to do. Returns the columns that have changed."""
    testbed.host.sim.config(version=release)
    ids = testbed.prepare(described)
    params, resource = described.params(value, ids), described.managed.resource
    own = ids[resource.id_option]
    predicted, before = run(testbed, described, params, check=True), columns(testbed, resource, own)
    real, after = run(testbed, described, params), columns(testbed, resource, own)
    assert not predicted.get("failed") and not real.get("failed"), (release, predicted.get("msg"), real.get("msg"))
    assert predicted["changed"] == real["changed"] == bool(real["writes"])
    assert predicted["diff"] == real["diff"], release
    again = run(testbed, described, params)
    assert not again.get("failed"), again["msg"]
    assert not again["changed"] and again["writes"] == [], again["diff"]
    if resource.unique and described.child is None:
        # Its name is free for the next release.
        testbed.host.ok(described.operation, **{resource.id_option: own}, state="absent")
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def columns(testbed: OptionTestbed, resource: Resource, own: str) -> dict[str, Any]:
    """What the server holds of the thing: its columns, and those of its children in their places."""
    store, key = testbed.host.sim.server.store, resource.id_key
    found = flat(testbed.row(resource, own))
    for table in (*store.children, store.applications):
        if key in table.parents:
            for number, row in enumerate(table.of(key, own)):
                found |= {f"{table.key}.{number}.{name}": value for name, value in flat(row).items()}
    return found


def flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in PASSING and not name.endswith("Id")} | {
        name: value for name, value in row.items() if name in REFERENCES
    }


def refused(
    testbed: OptionTestbed, described: DescribedOption, value: Any, first: tuple[int, ...], release: str
) -> None:
    testbed.fresh()
    params = described.params(value, testbed.create(described.managed))
    testbed.host.sim.config(version=release)
    for check in (True, False):
        assert refusal(testbed, described, params, first, check) in names(described)


def names(described: DescribedOption) -> set[str]:
    """What a message may call an option. Where the whole child is too new, it is what the message names."""
    path = described.path
    return {".".join(path[:2] if described.grouped else path[:1]), path[-1], path[0], described.option}


def refusal(
    testbed: OptionTestbed, described: DescribedOption, params: dict[str, Any], first: tuple[int, ...], check: bool
) -> str:
    """What needs a newer release, by the message."""
    result = run(testbed, described, params, check=check)
    assert result.get("failed") and result["error"]["kind"] == "refused", result
    assert f"needs Dokploy {version_text(first)} or newer" in result["msg"]
    assert result["writes"] == [] and not result["changed"]
    return str(result["msg"].split(" needs ")[0].replace("[0]", ""))


# An older server drops silently what it lacks.
LATER = [one for one in DESCRIBED_OPTIONS if one.child is None and first_release(one) is not None]


@pytest.mark.parametrize("described", LATER, ids=str)
def test_a_new_one_is_refused_on_the_release_before(testbed: OptionTestbed, described: DescribedOption) -> None:
    first, expected = first_release(described), names(described)
    assert first is not None
    created = since(described.managed.resource.creation.procedure)
    if created is not None and created > first:
        # That server creates none at all.
        first, expected = created, {f"Creating {with_article(described.managed.resource.noun)}"}

    @seed(zlib.crc32(str(described).encode()))
    @ONE
    @given(values(described.path, described.field).filter(lambda value: says_something(described, value)))
    def tried(value: Any) -> None:
        testbed.fresh()
        testbed.host.sim.config(version=before(first))
        params = described.params(value, testbed.address(described.managed))
        assert refusal(testbed, described, params, first, check=False) in expected

    tried()

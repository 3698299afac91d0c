# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An option that an older server lacks is refused before anything is written, since that server drops it silently."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import version_text
from ansible_collections.community.dokploy.plugins.module_utils._errors import with_article
from dokploy_simulator.api.releases import NEWEST
from tests.support.described_options import DESCRIBED_OPTIONS, DescribedOption, OptionTestbed, open_testbed
from tests.support.releases import first_release
from tests.support.strategies.option_values import values
from tests.support.used_api import before, since

LATER = [described for described in DESCRIBED_OPTIONS if first_release(described) is not None]
ONE = settings(max_examples=1, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def running_testbed() -> Iterator[OptionTestbed]:
    with open_testbed() as one:
        yield one


@pytest.fixture
def testbed(running_testbed: OptionTestbed) -> Iterator[OptionTestbed]:
    yield running_testbed
    running_testbed.host.sim.config(version=NEWEST)


def says_something(described: DescribedOption, value: Any) -> bool:
    """An older server's rows are as if it were null."""
    return not described.field.same(api_value(described.path, described.field, value), None)


@pytest.mark.parametrize("way", ["existing", "new", "checked"])
@pytest.mark.parametrize("described", LATER, ids=str)
def test_refused_before_anything_is_written(testbed: OptionTestbed, described: DescribedOption, way: str) -> None:
    first = first_release(described)
    assert first is not None
    name = ".".join(described.path[:2] if described.grouped else described.path[:1])
    named = {name, described.path[-1], described.path[0], described.option}
    if way == "new" and described.child is None:
        created = since(described.managed.resource.create)
        if created is not None and created > first:
            # That server creates none at all.
            first, named = created, {f"Creating {with_article(described.managed.resource.noun)}"}

    @seed(zlib.crc32(str(described).encode()))
    @ONE
    @given(values(described.path, described.field).filter(lambda value: says_something(described, value)))
    def refused(value: Any) -> None:
        testbed.fresh()
        sim = testbed.host.sim
        if way == "new" and described.child is None:
            ids = testbed.address(described.managed)
        else:
            ids = testbed.create(described.managed)
        sim.config(version=before(first))
        sim.reset_stats()
        result = testbed.host.failed(described.operation, check=way == "checked", **described.params(value, ids))
        assert result["error"]["kind"] == "refused"
        assert "needs Dokploy %s or newer" % version_text(first) in result["msg"]
        # Where the whole child is too new, it is what the message names.
        assert result["msg"].split(" needs ")[0].replace("[0]", "") in named
        assert not result["changed"]
        assert sim.calls("mutation") == []
        sim.config(version=NEWEST)

    refused()


def test_there_are_such_options() -> None:
    assert len(LATER) > 40

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An option that an older server does not have is refused before anything is written; the server drops it silently."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import version_text
from tests.support.releases import first_release
from tests.support.subjects import SUBJECTS, Bench, Subject, furnished
from tests.support.used import before
from tests.support.values import values

LATER = [subject for subject in SUBJECTS if first_release(subject) is not None]
ONE = settings(max_examples=1, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def benches() -> Iterator[Bench]:
    with furnished() as one:
        yield one


@pytest.fixture
def bench(benches: Bench) -> Iterator[Bench]:
    yield benches
    benches.host.sim.config(version="0.30.2")


def says_something(subject: Subject, value: Any) -> bool:
    """An older server's rows are as if it were null."""
    return not subject.field.same(api_value(subject.path, subject.field, value), None)


@pytest.mark.parametrize("way", ["existing", "new", "checked"])
@pytest.mark.parametrize("subject", LATER, ids=str)
def test_refused_before_anything_is_written(bench: Bench, subject: Subject, way: str) -> None:
    first = first_release(subject)
    assert first is not None
    name = ".".join(subject.path[:2] if subject.grouped else subject.path[:1])

    @seed(zlib.crc32(str(subject).encode()))
    @ONE
    @given(values(subject.path, subject.field).filter(lambda value: says_something(subject, value)))
    def refused(value: Any) -> None:
        bench.fresh()
        sim = bench.host.sim
        if way == "new" and subject.child is None:
            ids = bench.address(subject)
        else:
            ids = {"application_id": bench.application()}
        sim.config(version=before(first))
        sim.reset_stats()
        result = bench.host.failed(subject.operation, check=way == "checked", **subject.params(value, ids))
        assert result["error"]["kind"] == "refused"
        assert "needs Dokploy %s or newer" % version_text(first) in result["msg"]
        # Where the whole child is too new, it is what the message names.
        assert result["msg"].split(" needs ")[0].replace("[0]", "") in (name, subject.path[-1], subject.path[0])
        assert not result["changed"]
        assert sim.calls("mutation") == []
        sim.config(version="0.30.2")

    refused()


def test_there_are_such_options() -> None:
    assert len(LATER) > 40

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of one generated instance, into which another one is exported: they describe that one then."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from dokploy_simulator import Simulator
from tests.component.export.test_generated_exports import emptied, filled, known, planned
from tests.component.manifest.test_generated_documents import valid
from tests.support.effort import slow
from tests.support.exported_files import export, merge, read
from tests.support.host import Host
from tests.support.property_runner import run_property
from tests.support.releases import NEWEST
from tests.support.strategies.documents import documents

Result = dict[str, Any]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Host, Host]]:
    with Simulator(block_seconds=0.0) as first, Simulator(block_seconds=0.0) as second:
        hosts = Host(first), Host(second)
        yield hosts
        for host in hosts:
            host.close()


def prepared(host: Host, document: Result) -> None:
    """A server with what a document describes."""
    emptied(host).sim.act(git_provider="github", name="GitHub provider eins")
    # An empty document is none.
    document["projects"] = [{"name": "always", "environments": []}, *(document.get("projects") or [])]
    filled(host, valid(host, known(document, NEWEST)), [])
    host.new_task()


def exported(host: Host, dest: str) -> Result:
    """The document of an export."""
    with tempfile.TemporaryDirectory() as name:
        host.new_task()
        export(host, Path(name), dest)
        return read(Path(name), dest).document


@slow
def test_any_document_becomes_that_of_any_server(servers: tuple[Host, Host]) -> None:
    def walk(drawn: tuple[Result, Result, str]) -> str:
        *contents, dest = drawn
        first, second = servers
        for host, content in zip(servers, contents, strict=True):
            prepared(host, content)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            export(first, folder, dest)
            result = merge(second, folder, dest)
            assert result["conflicts"] == []
            plan = planned(second, read(folder, dest).document)["plan"]
            assert plan["changes"] == []
            assert plan["unmanaged"] == planned(second, exported(second, dest))["plan"]["unmanaged"]
            second.new_task()
            again = merge(second, folder, dest)
            assert not again["changed"] and again["changes"] == []
        return "merged" if result["changes"] else "the same"

    both = st.tuples(documents(), documents(), st.sampled_from(["shop.yml", "shop"]))
    run_property("merges of exports", both, walk, examples=4)

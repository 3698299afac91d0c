# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of instances with records of every kind.

The document changes nothing, also with prune of every kind; applied to an empty server, it makes one with the same
export."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.prune import KINDS
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import BY_KIND, SECTIONS
from ansible_collections.community.dokploy.plugins.module_utils._model.usual import usual_values
from dokploy_simulator import Simulator
from tests.component.manifest.test_generated_documents import valid
from tests.component.test_generated_states import LEFT
from tests.support.effort import THOROUGH, slow
from tests.support.host import Host
from tests.support.property_runner import run_property
from tests.support.releases import NEWEST, SAMPLE
from tests.support.resettable_server import resettable_server
from tests.support.snapshots import snapshot
from tests.support.strategies.documents import documents, every_kind, places
from tests.support.strategies.external_rows import children_rows, columns, rows, write_rows
from tests.support.strategies.resource_params import SECRET_MARK
from tools.new_records import TABLE, is_nothing, new_records, table

Result = dict[str, Any]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Host, Host]]:
    """Two servers that are emptied before each use. The removal of a network would not end on others."""
    with Simulator(block_seconds=0.0) as one, Simulator(block_seconds=0.0) as other:
        hosts = Host(one), Host(other)
        yield hosts
        for host in hosts:
            host.close()


def emptied(host: Host, release: str = NEWEST) -> Host:
    host.sim.reset(config=True)
    host.sim.config(version=release, block_seconds=0.0)
    return host


def exported(host: Host, **options: Any) -> tuple[Result, Result]:
    """The result, which has no secret, and the document with its secrets."""
    host.new_task()
    before = snapshot(host.sim)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "secrets.json")
        result = host.run(OPERATION, secrets_file=str(file), **options)
        assert not result.get("failed"), result["msg"]
        kept = json.loads(file.read_text())
    assert snapshot(host.sim).changes_since(before) == set()
    assert SECRET_MARK not in repr(result), "a secret is shown"
    assert SECRET_MARK not in repr(kept["document"])
    return result, with_secrets(kept["document"], kept["secrets"])


def planned(host: Host, document: Result, **options: Any) -> Result:
    host.new_task()
    result = host.run(MANIFEST, check=True, **{"deploy": "never", **copy.deepcopy(document), **options})
    assert not result.get("failed"), result["msg"]
    return result


def supplied(document: Result, missing: list[dict[str, str]]) -> Result:
    """The document with what Dokploy never shows, and what a new record needs."""
    found = copy.deepcopy(document)
    entries = {}
    for section, _place, _container, _key, entry in places(found):
        entries[section.kind, entry.get("name") or entry.get("email")] = entry
    for one in missing:
        entry = entries.get((one["kind"], one["path"]))
        if entry is not None and "A new one needs it" in one["reason"]:
            group, _dot, option = one["option"].rpartition(".")
            (entry[group] if group else entry)[option] = SECRET_MARK
    return found


def filled(host: Host, document: Result, missing: list[dict[str, str]]) -> None:
    """Apply a document to an empty server."""
    for one in missing:
        if one["option"] == "github" and one["kind"] == "git_provider":
            host.sim.act(git_provider="github", name=one["path"])
    host.new_task()
    result = host.run(MANIFEST, deploy="never", **supplied(document, missing))
    assert not result.get("failed"), result["msg"]


def check(host: Host, another: Host) -> None:
    """All that is promised of the export of one server."""
    result, document = exported(host)
    assert exported(host) == (result, document)
    assert planned(host, document)["plan"]["changes"] == []
    pruned = planned(host, document, prune=list(KINDS), prune_limit="100%")
    assert pruned["plan"]["changes"] == []
    # What no document could create.
    fixed = {(one["kind"], one["path"]) for one in result["missing"] if one["option"] == "github"}
    assert {(one["kind"], one["path"]) for one in pruned["plan"]["unmanaged"]} == fixed
    filled(another, document, result["missing"])
    twin, same = exported(another)
    assert same == document
    assert without_address(twin) == without_address(result)


def without_address(result: Result) -> Result:
    """A result without what it says of the address of the host, and without the comments of environment text, which no
    document brings to another server."""
    missing = [one for one in result["missing"] if one["option"] != "server_ip"]
    comments = [one for one in result["comments"] if "server_ip" not in one["text"] and not _of_variables(one)]
    return {**result, "missing": missing, "comments": comments}


def _of_variables(comment: Result) -> bool:
    """Whether a comment is one of environment text: others say something of an option, C(option: reason)."""
    options = ("env", "build_args", "build_secrets")
    reasons = tuple(f"{group}{option}:" for option in options for group in ("", "preview."))
    return bool(set(options).intersection(map(str, comment["path"]))) and not comment["text"].startswith(reasons)


@pytest.mark.parametrize("release", dict.fromkeys([*SAMPLE, NEWEST]))
def test_of_every_kind(release: str, servers: tuple[Host, Host]) -> None:
    one, other = (emptied(host, release) for host in servers)
    one.sim.act(git_provider="github", name="GitHub provider eins")
    one.new_task()
    filled(one, valid(one, every_kind()), [])
    check(one, other)


@pytest.mark.parametrize("release", SAMPLE)
def test_what_a_new_record_has_by_itself(release: str) -> None:
    """It is left out, so that it has to be so on each release."""
    usual = usual_values(tuple(map(int, release.split("."))))
    for label, found in new_records(release).items():
        for option, value in found.items():
            assert usual.get(label, {}).get(option, value if is_nothing(value) else None) == value, (label, option)


def test_the_table_of_new_records_is_up_to_date() -> None:
    assert not THOROUGH or TABLE.read_text() == table()


def known(document: Result, release: str) -> Result:
    """The sections of a document that a release knows at least one kind of."""
    version = tuple(map(int, release.split(".")))
    return {
        one.name: document[one.name]
        for one in SECTIONS
        if one.name in document and any((kind.since or version) <= version for kind in one.operation.resources)
    }


@pytest.mark.parametrize("release", SAMPLE if THOROUGH else [NEWEST])
def test_of_generated_instances(release: str, servers: tuple[Host, Host]) -> None:
    def walk(document: Result) -> str:
        one, other = (emptied(host, release) for host in servers)
        one.sim.act(git_provider="github", name="GitHub provider eins")
        # An empty document is none.
        project = {"name": "always", "environments": []}
        document["projects"] = [project, *(document.get("projects") or [])]
        filled(one, valid(one, known(document, release)), [])
        check(one, other)
        return "exported"

    run_property(f"exports {release}", documents(), walk, examples=6)


@slow
def test_of_what_others_have_made() -> None:
    """Columns with null, empty text and values that the modules refuse, children twice, and names several times."""
    # As in test_generated_states.py.
    kinds = [one for one in LEFT if one.name in BY_KIND and columns(one.resource)]
    drawn = st.fixed_dictionaries(
        {str(one): st.tuples(rows(one.resource), children_rows(one.resource)) for one in kinds}
    )
    with resettable_server(block_seconds=0.0) as server:

        def walk(left: dict[str, Any]) -> str:
            server.reset()
            for one in kinds:
                write_rows(server.host, one.resource, server.own[str(one)], *left[str(one)])
            _result, document = exported(server.host)
            changes = planned(server.host, document)["plan"]["changes"]
            # A file of Traefik that is invalid is replaced in any case.
            assert [one for one in changes if one["options"] != ["application.readTraefikConfig"]] == []
            assert len(list(places(document))) > len(kinds)
            return "exported"

        run_property("exports of what others left", drawn, walk, examples=6)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents with entries of every kind.

Check mode predicts the run, a second run changes nothing, and prune leaves what the document has."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._manifest.prune import KINDS
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import Section, all_sections
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator import Simulator
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.property_runner import run_property
from tests.support.releases import NEWEST, RELEASES, SAMPLE
from tests.support.resettable_server import ResettableServer, resettable_server
from tests.support.snapshots import snapshot, table_name
from tests.support.strategies.documents import Document, documents, every_kind, places, without
from tests.support.strategies.resource_params import SECRET_MARK

Result = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[ResettableServer]:
    # The removal of a network with a blank in its name would not end.
    with resettable_server(block_seconds=0.0) as one:
        yield one


def run(host: Host, document: Document, check: bool = False, **options: Any) -> tuple[Result, list[str]]:
    """The result of a task of its own, and what it wrote."""
    host.new_task()
    host.sim.reset_stats()
    content = copy.deepcopy(document)
    result = host.run(OPERATION, check=check, **{"deploy": "never", **content, **options})
    assert SECRET_MARK not in repr(result), "a secret is shown"
    return result, host.sim.calls("mutation")


def planned(host: Host, document: Document, **options: Any) -> Result:
    """The result in check mode, which changes nothing."""
    before = snapshot(host.sim)
    result, writes = run(host, document, check=True, **options)
    assert (writes, snapshot(host.sim).changes_since(before)) == ([], set())
    return result


def valid(host: Host, document: Document, **options: Any) -> Document:
    """The document without the entries that have mistakes."""
    for _turn in range(20):
        result = planned(host, document, **options)
        if "mistakes" not in result:
            assert not result.get("failed"), result["msg"]
            return document
        document = without(document, result["mistakes"])
    raise AssertionError(result["mistakes"])


def apply(host: Host, document: Document, **options: Any) -> Result:
    """Apply a document as check mode predicts it; a second run changes nothing."""
    predicted = planned(host, document, **options)
    done, writes = run(host, document, **options)
    assert not done.get("failed"), done["msg"]
    assert done["plan"] == predicted["plan"]
    assert done["diff"] == predicted["diff"]
    assert done["changed"] == predicted["changed"] == bool(writes)
    after = snapshot(host.sim)
    assert host.sim.refused_files() == []
    for check in (True, False):
        again, writes = run(host, document, check=check, **options)
        assert not again.get("failed"), again["msg"]
        assert (again["plan"]["changes"], again["changed"], writes) == ([], False, [])
    assert snapshot(host.sim).changes_since(after) == set()
    return done


@pytest.mark.parametrize("release", [RELEASES[0], NEWEST])
def test_an_empty_server_is_filled_and_emptied(sim: Simulator, release: str) -> None:
    """The document has all to which its entries refer, but for what no API creates."""
    sim.config(version=release, build_seconds=0.01)
    sim.act(git_provider="github", name="GitHub provider eins")
    host = Host(sim)
    document = valid(host, every_kind())
    assert release != NEWEST or document == every_kind()
    apply(host, document)
    filled = len(list(places(document)))
    if release == NEWEST:
        done = apply(host, document, deploy="changed", verify=False)
        assert done["plan"]["counts"]["deploy"] == len(done["deployments"]) >= 5
        assert all(one["status"] == "done" for one in done["deployments"])
    done = apply(host, document, state="absent", force=True)
    # What is in a project goes with it.
    assert 0 < done["plan"]["counts"]["remove"] < filled
    host.close()


@pytest.mark.parametrize("release", dict.fromkeys([*SAMPLE, NEWEST]))
def test_no_release_makes_a_difference_of_what_is_as_described(sim: Simulator, release: str) -> None:
    """What a release normalises, fills in, sorts or renders is no drift. What an upgrade adds is none either, but for
    options that only say something to the newer release."""
    sim.config(version=release, build_seconds=0.01)
    sim.act(git_provider="github", name="GitHub provider eins")

    def walk(drawn: Document, deploy: str = "never", *upgrades: str) -> str:
        sim.config(version=release)
        host = Host(sim)
        options = {"deploy": deploy, "verify": False}
        document = valid(host, drawn, **options)
        done, _writes = run(host, document, **options)
        assert not done.get("failed"), done["msg"]
        for version in (release, *upgrades):
            sim.config(version=version)
            again = planned(host, document, **options)
            assert (again.get("msg"), again["plan"]["changes"]) == (None, []), version
        host.close()
        return "changed" if done["changed"] else "unchanged"

    # It has all to which other documents refer.
    assert walk(every_kind(), "changed", NEWEST) == "changed"
    assert run_property(f"documents on {release}", documents(), walk, examples=4)["changed"]


@slow
def test_from_a_document_to_another(server: ResettableServer) -> None:
    def walk(drawn: tuple[Document, Document]) -> str:
        server.reset()
        for document in drawn:
            changes = apply(server.host, valid(server.host, document))["plan"]["changes"]
        return "changed" if changes else "unchanged"

    two = documents().flatmap(lambda first: st.tuples(st.just(first), documents(first)))
    assert run_property("documents", two, walk)["changed"]


def prunable(host: Host, document: Document) -> tuple[Document, dict[str, Any]]:
    """The document without mistakes, and the options to prune all kinds of which it refers to none that it has not."""
    kinds = list(KINDS)
    for _turn in range(20):
        options = {"prune": kinds, "prune_limit": "100%"}
        mistakes = planned(host, document, **options).get("mistakes", [])
        used = [one.removeprefix("prune: ") for one in mistakes if one.startswith("prune: ")]
        if not mistakes:
            return document, options
        nouns = {one.kind: one.resource.noun for one in all_sections() if one.kind in kinds}
        kinds = [kind for kind in kinds if not any(one.startswith((f"{nouns[kind]} '", f"{kind} ")) for one in used)]
        document = without(document, [one for one in mistakes if not one.startswith("prune: ")])
    raise AssertionError(mistakes)


def assert_pruned(server: ResettableServer, document: Document, kinds: list[str]) -> None:
    """Of these kinds there is what the document names, and what the server makes itself."""
    now = server.now()
    expected: dict[str, list[str]] = {}
    for section, _place, _container, _key, entry in places(document):
        resource = kind_of_entry(section, entry)
        expected.setdefault(resource.label, []).append(entry.get(resource.name_option))
    for section in all_sections():
        inner = section.resource.scope in ("project", "environment")
        if (
            section.kind not in kinds
            or section.kind == "user"
            or (inner and not {"project", "environment"} <= {*kinds})
        ):
            # In what it does not name, and does not remove, a document removes nothing.
            continue
        for resource in (one for one in section.operation.resources if one.creation.procedure):
            rows = resource.listing.own(list(now.tables[table_name(resource)].values()))
            names = sorted(row[resource.listing.name_key] for row in rows)
            assert names == sorted(expected.get(resource.label, [])), resource.label


def kind_of_entry(section: Section, entry: Document) -> Resource:
    kinds = section.operation.resources
    return next((one for one in kinds if one.kind == entry.get("type") or one.kind in entry), kinds[0])


@slow
def test_prune_leaves_the_rest(server: ResettableServer) -> None:
    def walk(drawn: tuple[Document, list[int]]) -> str:
        document, numbers = drawn
        server.reset()
        document = valid(server.host, document)
        apply(server.host, document)
        less = copy.deepcopy(document)
        known = list(places(less))
        for number in numbers if known else ():
            _section, _place, container, key, _entry = known[number % len(known)]
            if isinstance(container, list):
                container[:] = [one for one in container if one is not key]
        less["projects"] = less.get("projects") or [{"name": "shop", "environments": []}]
        for project in less["projects"]:
            # Of a default environment that it does not name, a document removes nothing.
            if not any(one["name"] == "production" for one in project["environments"]):
                project["environments"].append({"name": "production"})
        less, options = prunable(server.host, less)
        done = apply(server.host, less, **options)
        assert_pruned(server, less, options["prune"])
        return "changed" if done["plan"]["counts"]["remove"] else "unchanged"

    drawn = st.tuples(documents(), st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
    assert run_property("prune", drawn, walk)["changed"]

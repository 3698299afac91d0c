# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a document removes: entries that are absent with all that is in them, or all entries of the document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.manifest.test_manifest import DOCUMENT, apply, changed
from tests.support.host import Host

NAMED = ["project shop", "application shop/staging/web", "compose shop/staging/search", "database shop/staging/db"]
BESIDE = ["registry ghcr", "ssh_key deploy", "destination s3"]


def absent_project(**more: Any) -> dict[str, Any]:
    """The document with the project absent."""
    return {**DOCUMENT, "projects": [{**DOCUMENT["projects"][0], "state": "absent", **more}]}


@pytest.mark.parametrize(
    ("document", "options", "gone"),
    [(DOCUMENT, {"state": "absent"}, [*NAMED, *BESIDE]), (absent_project(), {}, NAMED)],
    ids=["document", "project"],
)
def test_all_that_is_named_is_removed(
    host: Host, document: dict[str, Any], options: dict[str, Any], gone: list[str]
) -> None:
    apply(host)
    planned = apply(host, document, check=True, **options)
    done = apply(host, document, **options)
    assert (planned.get("msg"), done.get("msg")) == (None, None)
    assert changed(planned) == changed(done) == dict.fromkeys(gone, "remove")
    assert host.read("project.all") == []
    again = apply(host, document, **options)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])


@pytest.mark.parametrize("document", [DOCUMENT, absent_project()], ids=["document", "project"])
def test_what_is_not_named_is_removed_only_by_force(host: Host, document: dict[str, Any]) -> None:
    options = {"state": "absent"} if document is DOCUMENT else {}
    apply(host)
    more = {"name": "shop", "environments": [{"name": "production", "applications": [{"name": "other"}]}]}
    apply(host, {"projects": [more]})
    for force in ({}, {"force": False}):
        refused = apply(host, document, **options, **force)
        assert "project 'shop' still has 1 service: application production/other" in refused["msg"]
        assert host.sim.calls("mutation") == []
    own = absent_project(force=False)
    assert "still has" in apply(host, own, force=True, **options)["msg"]
    assert apply(host, document, force=True, **options).get("msg") is None
    assert host.read("project.all") == []


def test_settings_are_not_removed(host: Host) -> None:
    document = {"settings": {"builds_concurrency": 2}}
    done = apply(host, document, state="absent")
    assert (done.get("msg"), done["changed"], host.sim.calls("mutation")) == (None, False, [])

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields that a coming release renames: the server of the tests is the older release, which has the former keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import config_hash
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import info_operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Option
from ansible_collections.community.dokploy.plugins.module_utils._model.responses import bodies_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import REDIRECTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.host import Host

COMING, GONE = (9, 0, 0), (0, 1, 0)
RENAMED = {"description": "summary", "icon": "picture"}


def renamed(option: Option, until: tuple[int, int, int]) -> Option:
    if not isinstance(option, Field) or option.api not in RENAMED:
        return option
    return replace(option, api=RENAMED[option.api], formerly=(option.api, until))


def application(until: tuple[int, int, int]) -> Any:
    permanent = replace(REDIRECTS.fields[-1], api="lasting", formerly=("permanent", until))
    redirects: Child = replace(
        REDIRECTS,
        fields=(*REDIRECTS.fields[:-1], permanent),
        parent={"applicationId": "$parent", "lasting": False},
        always_sent=("regex", "replacement", "lasting"),
    )
    takes = tuple(RENAMED.get(key, key) for key in APPLICATION.creation.takes)
    return replace(
        APPLICATION,
        options=tuple(renamed(option, until) for option in APPLICATION.options),
        creation=replace(APPLICATION.creation, takes=takes),
        children=(redirects,),
    )


REDIRECT = {"regex": "^/a", "replacement": "/b", "permanent": True}


@pytest.fixture
def home(host: Host) -> dict[str, str]:
    host.call("project.create", name="shop")
    return {"project": "shop", "name": "web"}


def run(host: Host, operation: Any, **params: Any) -> dict[str, Any]:
    host.new_task()
    return host.ok(operation, **params)


@pytest.mark.parametrize("check", [True, False])
def test_a_new_record_has_them(host: Host, home: dict[str, str], check: bool) -> None:
    stated = {"description": "d", "icon": "i", "redirects": [REDIRECT]}
    operation = resource_operation(application(COMING))
    created = run(host, operation, check=check, **home, **stated)
    assert created["changed"] and created["application"].items() >= {"description": "d", "icon": "i"}.items()
    if not check:
        assert not run(host, operation, **home, **stated)["changed"]
        (listed,) = run(host, info_operation(application(COMING)), project="shop")["applications"]
        assert listed.items() >= {"description": "d", "icon": "i"}.items()


def test_they_are_changed_cleared_and_as_in_a_new_record(host: Host, home: dict[str, str]) -> None:
    operation, redirects = resource_operation(application(COMING)), [{**REDIRECT, "permanent": False}]
    created = run(host, operation, **home, description="d", icon="i", redirects=[REDIRECT])["application"]
    for stated, description in (
        ({"description": "other", "redirects": redirects}, "other"),
        ({"description": "", "icon": ""}, None),
        ({"description": "again"}, "again"),
        ({"unstated": "default"}, None),
    ):
        foretold = run(host, operation, check=True, **home, **stated)
        result = run(host, operation, **home, **stated)
        assert result["changed"] and result["diff"] == foretold["diff"]
        assert not run(host, operation, **home, **stated)["changed"]
        stored = host.read("application.one", applicationId=created["application_id"])
        assert (stored["description"] or None) == description
        assert "summary" not in stored
    assert stored["redirects"] == []


def test_a_newer_release_is_sent_the_newer_key(host: Host, home: dict[str, str]) -> None:
    failed = host.failed(resource_operation(application(GONE)), **home, redirects=[REDIRECT])
    assert failed["error"]["procedure"] == "redirects.create"


def test_a_deployment_before_stays_known() -> None:
    row = {"applicationId": "a", "description": "d", "args": ["-v"], "redirects": []}
    before = config_hash(Service(APPLICATION, row))
    options = tuple(
        replace(option, api="arguments", formerly=("args", COMING)) if option.name == "args" else option
        for option in APPLICATION.options
    )
    renamed_row = {("arguments" if key == "args" else key): value for key, value in row.items()}
    assert config_hash(Service(replace(APPLICATION, options=options), renamed_row)) == before
    assert config_hash(Service(APPLICATION, renamed_row)) != before


def test_only_bodies_with_renamed_keys_are_looked_at() -> None:
    assert bodies_of(APPLICATION) == {}
    procedures = {"application.create", "application.update", "redirects.create", "redirects.update"}
    assert procedures <= bodies_of(application(COMING)).keys()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource that no module manages works by its description alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import info_operation
from ansible_collections.community.dokploy.plugins.module_utils._errors import with_article
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Reading,
    Removal,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.host import Host

# Its creation answers nothing.
SSH_KEY = Resource(
    name="ssh_key",
    scope="instance",
    listing=Listing("SSH key", ("sshKey.all",), "sshKeyId", many="SSH keys"),
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field("private_key", "privateKey", secret=True, create_only=True, needed=True),
        Field("public_key", "publicKey", create_only=True, needed=True),
    ),
    creation=Creation(
        "sshKey.create",
        takes=("name", "description", "privateKey", "publicKey"),
        defaults={"description": "", "organizationId": "-"},
        row_path=None,
    ),
    reading=Reading("sshKey.one", facts=(("created_at", "createdAt"),)),
    updating=Updating("sshKey.update"),
    removal=Removal("sshKey.remove"),
)
# Its name is in another key, and no procedure shows its password.
REGISTRY = Resource(
    name="registry",
    scope="instance",
    listing=Listing("registry", ("registry.all",), "registryId", "registryName"),
    options=(
        Field("name", "registryName", limits=(1, 255)),
        Field("url", "registryUrl", needed=True),
        Field("username", "username", needed=True),
        Field("password", "password", secret=True, write_only=True, needed=True),
        Field("prefix", "imagePrefix"),
    ),
    creation=Creation(
        "registry.create",
        takes=("registryName", "registryUrl", "username", "password", "imagePrefix"),
        defaults={"registryType": "cloud", "imagePrefix": None},
    ),
    reading=Reading("registry.one"),
    updating=Updating("registry.update"),
    removal=Removal("registry.remove"),
)
LISTED = Reading("registry.one", in_listing=True)
# What is stated of a new one, and the option that is changed and cleared.
CASES: list[tuple[Resource, dict[str, Any], str]] = [
    (
        SSH_KEY,
        {"name": "deploy", "description": "d", "private_key": "-----BEGIN PRIVATE KEY-----", "public_key": "ssh-rsa A"},
        "description",
    ),
    (
        REGISTRY,
        {"name": "hub", "url": "127.0.0.1:5000", "username": "u", "password": "canary-password", "prefix": "p"},
        "prefix",
    ),
]
each = pytest.mark.parametrize(("resource", "new", "option"), CASES, ids=[case[0].name for case in CASES])


def run(host: Host, resource: Resource, check: bool = False, **params: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(resource_operation(resource), check=check, **params)


def listed(host: Host, resource: Resource) -> list[dict[str, Any]]:
    host.new_task()
    found: list[dict[str, Any]] = host.ok(info_operation(resource))[resource.listing.results]
    return found


@each
def test_it_is_created_changed_cleared_and_removed(
    host: Host, resource: Resource, new: dict[str, Any], option: str
) -> None:
    secrets = {key: value for key, value in new.items() if key in ("password", "private_key")}
    public = {key: value for key, value in new.items() if key not in secrets}
    foretold = run(host, resource, check=True, **new)
    assert listed(host, resource) == []
    created = run(host, resource, **new)
    assert created["changed"] and created["diff"] == foretold["diff"]
    assert created[resource.name].items() >= public.items()
    assert not any(value in str(created) for value in secrets.values())
    key = created[resource.name][resource.id_option]
    for changed in ({option: "other"}, {option: ""}):
        stated = {"name": new["name"], **changed}
        foretold = run(host, resource, check=True, **stated)
        result = run(host, resource, **stated)
        assert result["changed"] and result["diff"] == foretold["diff"]
        assert result[resource.name].items() >= {resource.id_option: key, **changed}.items()
        assert not run(host, resource, **stated)["changed"]
    (shown,) = listed(host, resource)
    assert shown.items() >= {**public, option: ""}.items()
    gone = {resource.id_option: key, "state": "absent"}
    assert run(host, resource, check=True, **gone)["changed"] and listed(host, resource)
    assert run(host, resource, **gone)[resource.name] == {resource.id_option: key, "name": new["name"]}
    assert listed(host, resource) == []
    assert not run(host, resource, name=new["name"], state="absent")["changed"]


@each
def test_an_unchanged_one_costs_its_listing_and_its_read(
    host: Host, resource: Resource, new: dict[str, Any], option: str
) -> None:
    stated = {key: value for key, value in new.items() if key not in ("password", "private_key")}
    run(host, resource, **new)
    assert not run(host, resource, **stated)["changed"]
    assert host.sim.calls() == [resource.listing.procedures[0], resource.reading.procedure]


@each
def test_it_is_created_again_within_a_task_that_removed_it(
    host: Host, resource: Resource, new: dict[str, Any], option: str
) -> None:
    operation = resource_operation(resource)
    for state in ("present", "absent", "present"):
        assert host.ok(operation, **new, state=state)["changed"], state
    assert not host.ok(operation, name=new["name"], **{option: new[option]})["changed"]


@each
def test_two_of_a_name_are_an_error_that_lists_them(
    host: Host, resource: Resource, new: dict[str, Any], option: str
) -> None:
    first = run(host, resource, **new)[resource.name][resource.id_option]
    row = host.read(resource.reading.procedure, **{resource.id_key: first})
    host.call(
        resource.creation.procedure, **{**resource.creation.defaults, **row, "password": "x", resource.id_key: None}
    )
    host.new_task()
    failed = host.failed(resource_operation(resource), name=new["name"])
    assert first in failed["msg"] and failed["error"]["kind"] == "ambiguous"


@each
def test_what_is_needed_must_be_stated(host: Host, resource: Resource, new: dict[str, Any], option: str) -> None:
    failed = host.failed(resource_operation(resource), name=new["name"])
    assert failed["msg"].endswith("needed to create %s" % with_article(resource.noun))
    assert host.sim.calls("mutation") == []


def test_a_secret_that_no_procedure_shows_is_written_on_request(host: Host) -> None:
    new = CASES[1][1]
    run(host, REGISTRY, **new)
    assert not run(host, REGISTRY, **{**new, "password": "another"})["changed"]
    again = run(host, REGISTRY, check=True, **new, update_secrets="always")
    # The row lacks it, which does not say that it was empty.
    assert again["diff"]["before"] == {"password": "(hidden) old"}
    assert again["changed"] and host.sim.calls("mutation") == []
    written = run(host, REGISTRY, **{**new, "password": "another"}, update_secrets="always")
    assert written["diff"] == again["diff"] and "another" not in str(written)
    assert [row["password"] for row in host.read("registry.all")] == ["another"]


def test_a_secret_that_no_procedure_shows_is_in_no_result(host: Host) -> None:
    run(host, REGISTRY, **CASES[1][1])
    operation = info_operation(REGISTRY)
    assert "include_secrets" not in operation.options
    # The list has it all the same.
    (shown,) = listed(host, replace(REGISTRY, reading=LISTED))
    assert shown.keys() == {"registry_id", "name", "url", "username", "prefix"}
    # What is shown beside it, and replaced by the server, can be asked for.
    renewed = tuple(replace(one, write_only=False, renewed=one.write_only) for one in REGISTRY.options)
    operation = info_operation(replace(REGISTRY, reading=LISTED, options=renewed))
    host.new_task()
    (shown,) = host.ok(operation, include_secrets=True)["registries"]
    assert shown["password"] == "canary-password"
    operation = resource_operation(replace(REGISTRY, options=renewed))
    assert not host.ok(operation, name="hub", password="another")["changed"]
    assert host.ok(operation, name="hub", password="another", update_secrets="always")["changed"]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that Dokploy's API offers for applications is an option or an operation, or is left out with a reason.

The table of facts that this is held against is made from the OpenAPI document of 0.30.2; ``tests/contract`` checks it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import needs_new
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.unused_api import OFFERED_LATER, UNUSED_FIELDS, UNUSED_PROCEDURES
from tests.support.used_api import (
    RESOURCES,
    all_procedures,
    described_procedures,
    fields_of,
    sent_keys,
    since,
    used_procedures,
    value_key,
)

OWN_ROUTERS = {procedure.split(".")[0] for one in RESOURCES for procedure in described_procedures(one)}
# Of projects and environments the modules use a part only.
BESIDE = {"previewDeployment", "deployment", "rollback", "docker", "dockerVolume"}
ROUTERS = tuple(sorted(BESIDE | OWN_ROUTERS - {"project", "environment"}))
LEFT_OUT = "give the reason in tests/support/unused_api.py"
ALL = sorted(all_procedures(ROUTERS))
LIMITS = Path(__file__).resolve().parents[2] / "docs/docsite/rst/limits.rst"


def test_every_procedure_is_used_or_left_out_with_a_reason() -> None:
    used = set(used_procedures())
    assert set(ALL) - used - UNUSED_PROCEDURES.keys() == set(), f"neither used nor left out: {LEFT_OUT}"
    assert used & UNUSED_PROCEDURES.keys() == set(), "used, so their exceptions can go"


def test_every_field_is_used_or_left_out_with_a_reason() -> None:
    used = [procedure for procedure in ALL if procedure in used_procedures()]
    assert len(used) > 100
    fields = {(procedure, field) for procedure in used for field in fields_of(procedure)}
    sent = {(procedure, field) for procedure in used for field in used_procedures()[procedure]}
    assert fields - sent - UNUSED_FIELDS.keys() == set(), f"neither used nor left out: {LEFT_OUT}"
    assert sent & UNUSED_FIELDS.keys() == set(), "used, so their exceptions can go"


def test_exceptions_name_what_there_is_and_say_why() -> None:
    assert set(UNUSED_PROCEDURES) <= set(ALL)
    for procedure, field in (*UNUSED_FIELDS, *OFFERED_LATER):
        assert procedure in used_procedures() and field in fields_of(procedure), (procedure, field)
    reasons = [
        *UNUSED_PROCEDURES.values(),
        *UNUSED_FIELDS.values(),
        *(reason for _version, reason in OFFERED_LATER.values()),
    ]
    assert all(len(reason.split()) > 3 for reason in reasons)


def test_the_guide_to_limits_names_what_no_module_calls() -> None:
    named = set(re.findall(r"``([a-z]\w*\.[a-z]\w*)``", LIMITS.read_text()))
    # Of applications there is a module.
    assert named & set(used_procedures()) == {"patch.create"}
    assert len(named) > 15


def only_created(resource: Resource, field: Field) -> bool:
    """Whether the updating procedure does not take it."""
    return field.create_only or field.initial or needs_new(resource, field)


def test_descriptions_send_only_what_the_api_takes() -> None:
    """The server drops what it does not know without a word."""
    for resource in RESOURCES:
        fields = [one for _path, one, _group in resource.fields() if not only_created(resource, one)]
        columns = sent_keys(resource, (field.api for field in fields if not field.procedure))
        assert not columns or columns <= set(fields_of(resource.updating.procedure)), resource.name
        for field in (one for one in fields if one.procedure):
            own = set() if resource.single else {resource.removal.id_key or resource.own_key}
            assert own | value_key(field) <= set(fields_of(field.procedure)), field.name
        takes = sent_keys(resource, resource.creation.takes)
        assert not takes or takes <= set(fields_of(resource.creation.procedure)), resource.name
        for child in resource.children:
            columns = {field.api for field in child.fields}
            assert columns - set(child.create_ignores) | set(child.parent) <= set(fields_of(child.create)), child.option
            columns = {field.api for field in child.fields if not field.replaces} | {child.id_key, *child.always_sent}
            assert columns <= set(fields_of(child.update)), child.option


# --- since -----------------------------------------------------------------------------------------------------------

CHILDREN = [
    pytest.param(resource, child, id=f"{resource.label}.{child.option}")
    for resource in RESOURCES
    for child in resource.children
]


def _first(procedure: str, field: Field) -> tuple[int, ...] | None:
    later = OFFERED_LATER.get((procedure, field.api))
    return later[0] if later else since(procedure, *value_key(field))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.label)
def test_an_option_says_which_release_brought_it(resource: Resource) -> None:
    for path, field, _group in resource.fields():
        procedure = field.procedure or (
            resource.creation.procedure if only_created(resource, field) else resource.updating.procedure
        )
        # What shows it may be newer than what writes it.
        (key,) = sent_keys(resource, [field.api])
        sent = field if key == field.api else replace(field, api=key)
        first = max(filter(None, (_first(procedure, sent), resource.since)), default=None)
        assert max(filter(None, (field.since, resource.since)), default=None) == first, path


@pytest.mark.parametrize(("resource", "child"), CHILDREN)
def test_a_childs_option_says_which_release_brought_it(resource: Resource, child: Child) -> None:
    for field in child.fields:
        procedures = [child.update] if field.api in child.create_ignores else [child.create]
        procedures += [] if field.replaces else [child.update]
        # The release that brought the child brought these options with it.
        assert {_first(procedure, field) for procedure in procedures} == {field.since or child.since}, field.name


@pytest.mark.parametrize(("resource", "child"), CHILDREN)
def test_a_child_says_which_release_brought_it(resource: Resource, child: Child) -> None:
    procedures = [child.create, child.update, child.remove]
    procedures += [child.listing[0]] if child.listing else []
    assert {since(procedure) for procedure in procedures} == {child.since}
    # What runs it may have come with its parent.
    assert child.run is None or since(child.run[0]) in (child.since, resource.since)


def test_what_is_offered_later_is_accepted_earlier() -> None:
    """Otherwise the exception says nothing."""
    for (procedure, field), (version, _reason) in OFFERED_LATER.items():
        assert (since(procedure, field) or (0,)) < version, (procedure, field)


def test_the_records_of_one_kind_are_listed_in_one_way() -> None:
    """What options refer to, and what is managed, are the same records under the same names."""
    listings = [one.listing for one in RESOURCES if not one.single]
    fields = [field for one in RESOURCES for _path, field, _group in one.fields()]
    fields += [field for one in RESOURCES for child in one.children for field in child.fields]
    fields += [part for field in fields for part in field.parts]
    listings += [field.reference for field in fields if field.reference is not None]
    ways: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in listings:
        # Records of several kinds have the ID of this name.
        if one.id_key != "id":
            ways.setdefault((one.id_key, one.nested), set()).add((one.name_key, one.key))
    assert {key: found for key, found in ways.items() if len(found) > 1} == {}

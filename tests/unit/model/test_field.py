# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of options: the user's words for the API's."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN

RESOURCES = [PROJECT, ENVIRONMENT, APPLICATION]


def test_values_are_shown_by_their_codec() -> None:
    assert Field("certificate", "certificateType", choices=("none", "custom")).shown("none") == "none"
    assert Field("https", "https", BOOLEAN).shown(None) is False


def test_descriptions_cannot_be_changed() -> None:
    field = Field("a", "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        field.name = "c"  # type: ignore[misc]


def _sources(resource: Resource) -> list[Group]:
    return [option for option in resource.options if isinstance(option, Group) and option.selects]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_no_option_and_no_column_is_described_twice_in_one_source(resource: Resource) -> None:
    paths = [path for path, _field, _group in resource.fields()]
    assert len(paths) == len(set(paths))
    own = [
        field.api
        for _path, field, group in resource.fields()
        if (group is None or not group.selects) and not field.presets
    ]
    assert len(own) == len(set(own))
    for group in _sources(resource):
        columns = [field.api for field in group.fields]
        assert len(columns) == len(set(columns)), group.name


def test_the_options_that_hold_secrets_are_marked() -> None:
    secret = {path for path, field, _group in APPLICATION.fields() if field.secret}
    variables = ("env", "build_args", "build_secrets")
    assert secret == {
        *((name,) for name in variables),
        *(("preview", name) for name in variables),
        ("docker", "password"),
        ("webhook_token",),
    }
    assert [field.name for child in APPLICATION.children for field in child.fields if field.secret] == [
        "content",
        "src",
        "password",
    ]
    assert [path for path, field, _group in PROJECT.fields() if field.secret] == [("env",)]
    assert [path for path, field, _group in ENVIRONMENT.fields() if field.secret] == [("env",)]


def test_the_sources_exclude_each_other_and_choose_the_type() -> None:
    groups = _sources(APPLICATION)
    assert [group.name for group in groups] == ["github", "gitlab", "bitbucket", "gitea", "git", "docker", "drop"]
    for group in groups:
        assert isinstance(group, Group)
        assert group.selects is not None
        assert (group.selects[0].api, group.selects[1]) == ("sourceType", group.name)

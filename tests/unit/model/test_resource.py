# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from a description is computed once, for each description by itself."""

from __future__ import annotations

import dataclasses

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import DOMAINS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION


def test_what_follows_is_computed_once() -> None:
    assert APPLICATION.levels is APPLICATION.levels
    assert DOMAINS.key_fields is DOMAINS.key_fields
    assert list(APPLICATION.fields()) == list(APPLICATION.fields())
    assert next(APPLICATION.fields()) is next(APPLICATION.fields())


def test_a_description_made_of_another_one_has_its_own() -> None:
    assert (APPLICATION.id_option, APPLICATION.name_option) == ("application_id", "name")
    other = dataclasses.replace(APPLICATION, name="thing", scope="instance", options=(Field("title", "name"),))
    assert (other.id_option, other.name_option, other.parents) == ("thing_id", "title", ())
    assert [path for path, _field, _group in other.fields()] == [("title",)]
    assert DOMAINS.id_option == "domain_id"
    assert dataclasses.replace(DOMAINS, singular="route", fields=()).id_option == "route_id"
    assert dataclasses.replace(DOMAINS, fields=()).key_fields == ()


def test_an_equal_description_stays_equal() -> None:
    one, two = Field("a", "a"), Field("a", "a")
    assert one == two
    assert dataclasses.replace(DOMAINS) == DOMAINS

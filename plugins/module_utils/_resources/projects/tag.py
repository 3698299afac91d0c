# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tags: labels of projects, whose names are unique in an organization."""

from __future__ import annotations

from ..._engine.apply import resource_operation
from ..._engine.info import info_operation
from ..._model.field import Field, Listing
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import Resource

# The web interface appends two digits for its transparency.
_COLOR = (r"#[0-9a-fA-F]{6}\Z", "is not a color as # and six hexadecimal digits, such as #22c55e")

TAGS = Listing("tag", ("tag.all",), "tagId", module="dokploy_tag")
TAG = Resource(
    name="tag",
    scope="instance",
    listing=TAGS,
    since=(0, 29, 0),
    options=(Field("name", "name", needed=True, limits=(1, 255)), Field("color", "color", pattern=_COLOR)),
    creation=Creation("tag.create", takes=("name", "color")),
    reading=Reading(in_listing=True, facts=(("created_at", "createdAt"),)),
    updating=Updating("tag.update"),
    removal=Removal("tag.remove"),
    unique=True,
)

OPERATION = resource_operation(TAG)
INFO_OPERATION = info_operation(TAG)

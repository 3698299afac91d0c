# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Organizations of the user of the API key.

A key sees what is in its own organization only, so nothing tells what the removal of another one removes: Dokploy
removes an organization with all its projects, and without a question (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Any, List, Mapping

from ..._engine.apply import resource_operation
from ..._engine.diff import Row
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._errors import Refused
from ..._model.field import Field, Listing
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import DELETE_TIMEOUT, FORCE, Resource
from ..._values.codec import BOOLEAN, IDENTIFIER
from ..._values.schema import SCALAR, list_of, object_of
from .accounts import NO_OTHER_ROLES, ROLES


def _is_default(row: Row) -> bool:
    """Whether the user starts in it: a column of the user's own membership. Releases before 0.25.7 do not show it."""
    return any(member.get("isDefault") for member in row.get("members") or [])


def _removal(resource: Resource, row: Row, params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: C(force) is not set."""
    if not params["force"]:
        raise Refused(
            "organization %r is not removed: Dokploy removes it with all its projects, services and settings"
            % row.get("name"),
            hint="Set force to true if it can go.",
        )
    return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=DELETE_TIMEOUT)]


ORGANIZATION = Resource(
    name="organization",
    scope="instance",
    listing=Listing(
        "organization",
        ("organization.all",),
        "id",
        derived=(("isDefault", _is_default),),
        read=object_of(members=list_of(object_of(isDefault=SCALAR))),
        module="dokploy_organization",
    ),
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("logo", "logo"),
        # The server refuses an empty one.
        Field(
            "default_role",
            "defaultRole",
            IDENTIFIER,
            choices=(*ROLES, ""),
            since=(0, 30, 0),
            why_no_other_choice=NO_OTHER_ROLES,
        ),
        Field(
            "default",
            "isDefault",
            BOOLEAN,
            since=(0, 25, 7),
            shown_early=True,
            procedure="organization.setDefault",
            elected=True,
        ),
    ),
    creation=Creation("organization.create", takes=("name", "logo")),
    reading=Reading(in_listing=True, facts=(("slug", "slug"), ("owner_id", "ownerId"), ("created_at", "createdAt"))),
    updating=Updating("organization.update", always_sent={"name": None}),
    removal=Removal("organization.delete", steps=_removal, options=FORCE),
    # It answers an empty list.
    acknowledged=("organization.delete",),
    input_key="organizationId",
)

OPERATION = resource_operation(ORGANIZATION)
INFO_OPERATION = info_operation(ORGANIZATION)

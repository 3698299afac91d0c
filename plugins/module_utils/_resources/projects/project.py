# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Projects and their environments.

C(project.all) answers every column of a project, so an unchanged project needs no read of its own. The default
environment is named C(production), cannot be renamed and is removed with its project.
"""

from __future__ import annotations

from ..._engine.apply import resource_operation
from ..._engine.info import info_operation
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Updating
from ..._model.resource import ENVIRONMENTS, PROJECTS, Resource
from ..._reads.tree import is_default
from ..._values.codec import PATH_LIST
from ..._values.env import ENV
from .contents import read_environments, read_services
from .removal import ANSWERS, removal_with_services
from .tag import TAGS

PROJECT = Resource(
    name="project",
    scope="instance",
    listing=PROJECTS,
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field("env", "env", ENV, secret=True, mode_option="env_mode"),
        Field("tags", "tagIds", PATH_LIST, reference=TAGS, procedure="tag.bulkAssign", since=(0, 29, 0)),
    ),
    creation=Creation("project.create", takes=("name", "description", "env"), row_path=("project",)),
    reading=Reading(
        "project.one",
        in_listing=True,
        facts=(("created_at", "createdAt"), ("organization_id", "organizationId")),
        includes=((), read_environments),
    ),
    updating=Updating("project.update"),
    removal=removal_with_services("project.remove"),
    answers=ANSWERS,
)

OPERATION = resource_operation(PROJECT)
INFO_OPERATION = info_operation(PROJECT)

ENVIRONMENT = Resource(
    name="environment",
    scope="project",
    listing=ENVIRONMENTS,
    options=(
        Field("name", "name", limits=(1, 255), frozen_where="isDefault"),
        Field("description", "description"),
        Field("env", "env", ENV, secret=True, mode_option="env_mode"),
    ),
    creation=Creation(
        "environment.create",
        # env is ignored at creation (measured on 0.30.2).
        takes=("name", "description"),
    ),
    reading=Reading(
        "environment.one", facts=(("project_id", "projectId"), ("is_default", is_default)), includes=((), read_services)
    ),
    updating=Updating("environment.update"),
    removal=removal_with_services("environment.remove"),
    answers=ANSWERS,
)

ENVIRONMENT_OPERATION = resource_operation(ENVIRONMENT)
ENVIRONMENT_INFO_OPERATION = info_operation(ENVIRONMENT)

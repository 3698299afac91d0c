# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Project: the top of the tree. C(project.all) shows every column, so an unchanged one needs no read of its own."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import (
    info_operation,
    resource_operation,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import ENV

PROJECT = Resource(
    name="project",
    id_key="projectId",
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field("env", "env", ENV, secret=True, mode_option="env_mode"),
    ),
    create="project.create",
    create_takes=("name", "description", "env"),
    created=("project",),
    read="project.one",
    update="project.update",
    remove="project.remove",
    tree_has_all=True,
    siblings=("project.all", ""),
    # environment.remove refuses where there are services, visible or not; project.remove does not (source).
    cascades=True,
    facts=(("created_at", "createdAt"), ("organization_id", "organizationId")),
)

OPERATION = resource_operation(PROJECT)
INFO_OPERATION = info_operation(PROJECT)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Environment of a project. The default one is named C(production), cannot be renamed and goes with its project."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import (
    info_operation,
    resource_operation,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import ENV

ENVIRONMENT = Resource(
    name="environment",
    id_key="environmentId",
    options=(
        Field("name", "name", limits=(1, 255), frozen_where="isDefault"),
        Field("description", "description"),
        Field("env", "env", ENV, secret=True, mode_option="env_mode"),
    ),
    create="environment.create",
    create_parent="projectId",
    # env is ignored at creation (measured on 0.30.2).
    create_takes=("name", "description"),
    read="environment.one",
    update="environment.update",
    remove="environment.remove",
    # environment.byProjectId leaves createdAt out.
    siblings=("project.one", "environments"),
    # What project.create makes beside the project.
    born={"name": "production", "description": "Production environment", "env": "", "isDefault": True},
    facts=(("project_id", "projectId"), ("is_default", is_default)),
)

OPERATION = resource_operation(ENVIRONMENT)
INFO_OPERATION = info_operation(ENVIRONMENT)

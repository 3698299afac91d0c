# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Application: what is built or pulled, and how it runs.

C(application.update) takes every column of every C(save*) procedure, is partial and leaves C(applicationStatus) alone
(measured on 0.30.2), so one changed application is one write.
"""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._operations import info_operation, resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.domain import DOMAINS
from ansible_collections.community.dokploy.plugins.module_utils._resources.mount import MOUNTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.source import SOURCES
from ansible_collections.community.dokploy.plugins.module_utils._values import (
    BOOLEAN,
    ENV,
    IDENTIFIER,
    INTEGER,
    PREFIX,
    WORDS,
)

BUILD_TYPES = ("nixpacks", "dockerfile", "heroku_buildpacks", "paketo_buildpacks", "railpack", "static")

BUILD = Group(
    "build",
    (
        Field("type", "buildType", choices=BUILD_TYPES),
        Field("dockerfile", "dockerfile"),
        Field("context", "dockerContextPath"),
        Field("target", "dockerBuildStage"),
        Field("heroku_version", "herokuVersion"),
        Field("railpack_version", "railpackVersion"),
        Field("publish_directory", "publishDirectory"),
        Field("static_spa", "isStaticSpa", BOOLEAN),
    ),
)

APPLICATION = Resource(
    name="application",
    id_key="applicationId",
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field(
            "app_name",
            "appName",
            PREFIX,
            create_only=True,
            limits=(1, 63),
            pattern=(r"[a-zA-Z0-9._-]+\Z", "may hold only letters, digits, '.', '_' and '-'"),
        ),
        Field("server", "serverId", IDENTIFIER, reference="server", create_only=True),
        *SOURCES,
        BUILD,
        Field("env", "env", ENV, secret=True, mode_option="env_mode"),
        Field("build_args", "buildArgs", ENV, secret=True, mode_option="build_args_mode"),
        Field("build_secrets", "buildSecrets", ENV, secret=True, mode_option="build_secrets_mode", since=(0, 25, 6)),
        Field("create_env_file", "createEnvFile", BOOLEAN, since=(0, 26, 1)),
        Field("auto_deploy", "autoDeploy", BOOLEAN),
        Field("clean_cache", "cleanCache", BOOLEAN),
        Field("replicas", "replicas", INTEGER, limits=(0, 100000)),
        Field("command", "command"),
        Field("args", "args", WORDS, since=(0, 26, 0)),
    ),
    create="application.create",
    create_parent="environmentId",
    create_takes=("name", "appName", "description", "serverId"),
    read="application.one",
    update="application.update",
    remove="application.delete",
    children=(DOMAINS, MOUNTS),
    facts=(("environment_id", "environmentId"), ("status", "applicationStatus"), ("created_at", "createdAt")),
    runs=True,
    live=("name", "description", "autoDeploy", "cleanCache", "environmentId"),
)

OPERATION = resource_operation(APPLICATION)
INFO_OPERATION = info_operation(APPLICATION)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Applications: what is built or pulled, how it runs, and what can be done to it.

C(application.update) accepts every column of every C(save*) procedure, is partial and does not change
C(applicationStatus) (measured on 0.30.2), so one changed application is one write.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Mapping, Optional

from ..._api.client import Call
from ..._deployment.removal import BUILD_TIMEOUT, removal_of
from ..._deployment.run_states import RUN_STATE
from ..._deployment.state import deploy_needed, last_deployment
from ..._engine.apply import resource_operation
from ..._engine.apply_child import child_operation
from ..._engine.info import info_operation
from ..._errors import PermissionDenied
from ..._model.deployable import Deployable
from ..._model.exportable import Exportable
from ..._model.field import Field, Group
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import SERVERS, SERVICES, Resource
from ..._model.states import States
from ..._reads.rows import valid
from ..._swarm.states import STATES
from ..._swarm.tasks import Service
from ..._values.codec import (
    BOOLEAN,
    COMMAND,
    IDENTIFIER,
    INTEGER,
    PATH_LIST,
    PREFIX,
    WORDS,
)
from ..._values.env import ENV
from ..._values.grammar import template_warnings
from ..._values.schema import TEXT
from ..infrastructure.listings import BUILD_SERVERS, REGISTRIES
from ..service_children.claims import claimed_by_application
from ..service_children.duplicates import DUPLICATES
from ..service_children.jobs import SCHEDULES, VOLUME_BACKUPS
from ..service_children.middlewares import ON_SERVER, READ, are_in_files
from ..service_children.ports import PORTS
from ..service_children.routing import (
    ABSOLUTE,
    BASIC_AUTH,
    DOMAINS,
    READ_FILE,
    REDIRECTS,
    VALID_FILE,
    first_url,
    needs_https,
)
from ..service_children.server_limits import REMOVAL_LIMITS
from ..service_children.storage import MOUNTS
from .live_facts import LiveFact, live_facts
from .runs import RUNS, runs_once
from .source import KEY_FOR_SSH, PATCHES, SOURCES, WEBHOOK_TOKEN, text_or
from .swarm import APP_NAME, DATA_MARK, DEPLOYMENTS, EARLIER, FINGERPRINT, LIMITS, LOCK, SWARM

BUILD_TYPES = ("nixpacks", "dockerfile", "heroku_buildpacks", "paketo_buildpacks", "railpack", "static")


def _no_railpack(row: Mapping[str, Any]) -> Optional[str]:
    return None if row.get("buildType") == "railpack" else "build.type is not railpack"


BUILD = Group(
    "build",
    (
        Field("type", "buildType", choices=BUILD_TYPES),
        Field("dockerfile", "dockerfile", text_or("Dockerfile")),
        Field("context", "dockerContextPath"),
        Field("target", "dockerBuildStage"),
        Field("heroku_version", "herokuVersion", text_or("24")),
        Field("railpack_version", "railpackVersion", no_effect=_no_railpack),
        Field("publish_directory", "publishDirectory"),
        Field("static_spa", "isStaticSpa", BOOLEAN),
        Field("server", "buildServerId", IDENTIFIER, reference=BUILD_SERVERS, since=(0, 26, 0)),
        Field("registry", "buildRegistryId", IDENTIFIER, reference=REGISTRIES, since=(0, 26, 0)),
    ),
)


def _no_previews(row: Mapping[str, Any]) -> Optional[str]:
    """Only GitHub's webhook creates previews, and only of applications with a GitHub source."""
    if row.get("sourceType") == "github" and row.get("githubId"):
        return None
    return "Dokploy deploys pull requests only for applications with a GitHub source"


PREVIEW = Group(
    "preview",
    (
        Field("enabled", "isPreviewDeploymentsActive", BOOLEAN, no_effect=_no_previews),
        Field("wildcard", "previewWildcard"),
        Field("port", "previewPort", INTEGER, limits=(1, 65535)),
        Field("path", "previewPath", pattern=ABSOLUTE),
        Field("https", "previewHttps", BOOLEAN),
        Field(
            "certificate",
            "previewCertificateType",
            choices=("none", "letsencrypt", "custom"),
            no_effect=needs_https("previewCertificateType", "previewHttps"),
        ),
        Field("certificate_resolver", "previewCustomCertResolver", needed=("certificate", "custom")),
        Field("limit", "previewLimit", INTEGER, limits=(0, 100000)),
        Field("labels", "previewLabels", PATH_LIST),
        Field("require_collaborator", "previewRequireCollaboratorPermissions", BOOLEAN),
        Field("env", "previewEnv", ENV, secret=True, warnings=partial(template_warnings, column="previewEnv")),
        Field("build_args", "previewBuildArgs", ENV, secret=True),
        Field("build_secrets", "previewBuildSecrets", ENV, secret=True, since=(0, 25, 6)),
    ),
)

ROLLBACK = Group(
    "rollback",
    (
        Field("enabled", "rollbackActive", BOOLEAN),
        Field("registry", "rollbackRegistryId", IDENTIFIER, reference=REGISTRIES, since=(0, 26, 0)),
    ),
)

# A change of these takes effect at once, or at the next event that they control.
_LIVE = "name description icon autoDeploy cleanCache environmentId refreshToken triggerType watchPaths".split()


def _load(answer: Any, _params: Mapping[str, Any]) -> Any:
    if isinstance(answer, PermissionDenied) and "cloud" in str(answer):
        # Dokploy Cloud refuses it to everyone, as a missing right.
        return None
    return valid(answer)


def _file(answer: Any, params: Mapping[str, Any]) -> Any:
    if answer is None or params["include_secrets"]:
        return valid(answer)
    # Few tasks show the file, and its patterns are many.
    from ..instance.traefik_masking import masked_config

    return masked_config(str(valid(answer)))


def _compared(service: Service, thorough: bool) -> Any:
    """What runs beside what is configured. Few tasks ask, so that only these load the comparison."""
    from .running import compare_application

    return compare_application(service, thorough)


LIVE_FACTS = {
    "monitoring": LiveFact(
        lambda service: Call("application.readAppMonitoring", {"appName": service.row.get("appName")}), _load
    ),
    "traefik_config": LiveFact(lambda service: Call(READ_FILE, service.input()), _file),
}

APPLICATION = Resource(
    name="application",
    scope="environment",
    listing=SERVICES["application"],
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field("app_name", "appName", PREFIX, create_only=True, limits=(1, 63), pattern=APP_NAME),
        Field("server", "serverId", IDENTIFIER, reference=SERVERS, create_only=True),
        *SOURCES,
        BUILD,
        Field("env", "env", ENV, secret=True, mode_option="env_mode", warnings=template_warnings),
        Field("build_args", "buildArgs", ENV, secret=True, mode_option="build_args_mode"),
        Field("build_secrets", "buildSecrets", ENV, secret=True, mode_option="build_secrets_mode", since=(0, 25, 6)),
        Field("create_env_file", "createEnvFile", BOOLEAN, since=(0, 26, 1), default=True),
        Field("auto_deploy", "autoDeploy", BOOLEAN),
        Field("clean_cache", "cleanCache", BOOLEAN),
        Field("replicas", "replicas", INTEGER, limits=(0, 100000)),
        Field("command", "command", COMMAND, form=", the program to run: put its arguments into args"),
        Field("args", "args", WORDS, since=(0, 26, 0), form=" with one argument per entry, as in [npm, start]"),
        RUNS,
        *LIMITS,
        *SWARM,
        Field("registry", "registryId", IDENTIFIER, reference=REGISTRIES),
        ROLLBACK,
        PREVIEW,
        # The server accepts 2097152 characters, but at most 1 MB in one request.
        Field("icon", "icon", since=(0, 29, 0), limits=(0, 1000000)),
        WEBHOOK_TOKEN,
    ),
    creation=Creation("application.create", takes=("name", "appName", "description", "serverId")),
    reading=Reading(
        "application.one",
        facts=(
            ("environment_id", "environmentId"),
            ("status", "applicationStatus"),
            ("created_at", "createdAt"),
            ("url", first_url),
        ),
        includes=(("logs", "images", "running", *LIVE_FACTS), partial(live_facts, own=LIVE_FACTS)),
    ),
    updating=Updating("application.update"),
    removal=Removal("application.delete", steps=removal_of, options=BUILD_TIMEOUT, in_flight=REMOVAL_LIMITS),
    acknowledged=(
        "application.clearDeployments",
        "application.disconnectGitProvider",
        "application.refreshToken",
        "application.update",
    ),
    children=(DOMAINS, MOUNTS, PORTS, REDIRECTS, BASIC_AUTH, SCHEDULES, VOLUME_BACKUPS, PATCHES),
    deployable=Deployable(
        deploy="application.deploy",
        redeploy="application.redeploy",
        history="deployment.all",
        status="applicationStatus",
        fingerprint=FINGERPRINT,
        mark=DATA_MARK,
        lock=LOCK,
        earlier=EARLIER,
        upload="application.dropDeployment",
        rollback="rollback.rollback",
        clean_queue="application.cleanQueues",
        kill_build="application.killBuild",
        previews="previewDeployment.all",
        logs="application.readLogs",
        start="application.start",
        stop="application.stop",
        reload="application.reload",
        runs_once=runs_once,
        compare=_compared,
        applies_immediately=(*_LIVE, *(field.api for group in (PREVIEW, ROLLBACK) for field in group.fields)),
        deploy_needed=deploy_needed,
        result_facts=last_deployment,
    ),
    claims=claimed_by_application,
    exportable=Exportable(address="app_name"),
    states=States(dict.fromkeys(STATES, RUN_STATE)),
    answers={READ_FILE: TEXT, READ: TEXT},
    checks=(VALID_FILE, ON_SERVER, DUPLICATES, KEY_FOR_SSH),
    proof=are_in_files,
)


OPERATION = replace(resource_operation(APPLICATION), elsewhere=DEPLOYMENTS)
INFO_OPERATION = info_operation(APPLICATION)
BASIC_AUTH_OPERATION = child_operation((APPLICATION, BASIC_AUTH))
PATCH_OPERATION = child_operation((APPLICATION, PATCHES))
PORT_OPERATION = child_operation((APPLICATION, PORTS))
REDIRECT_OPERATION = child_operation((APPLICATION, REDIRECTS))

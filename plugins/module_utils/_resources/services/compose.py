# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compose stacks: a Compose file, stated or in a repository, which C(docker compose) or Docker Swarm runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._deployment.removal import BUILD_TIMEOUT, DELETE_VOLUMES, removal_of
from ..._deployment.run_states import RUN_STATE
from ..._deployment.state import deploy_needed, last_deployment
from ..._engine.apply import resource_operation
from ..._engine.desired import dotted
from ..._engine.diff import Change, Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Step
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import Refused, enumerated
from ..._model.deployable import Deployable
from ..._model.exportable import Exportable
from ..._model.field import Field, Group
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import SERVERS, SERVICES, ChangeCheck, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._values import dotenv
from ..._values.codec import BOOLEAN, IDENTIFIER, OBJECTS, PATH_LIST, PREFIX
from ..._values.schema import ID, TEXT, list_of, needed, object_of
from ..infrastructure.listings import NETWORKS
from ..service_children.duplicates import DUPLICATES
from ..service_children.jobs import backups, schedules, volume_backups
from ..service_children.routing import domains, first_url
from ..service_children.storage import STACK_FILES
from . import compose_file
from .compose_claims import claimed_by_stack
from .compose_running import SERVICE_LABEL, compare_stack
from .compose_services import HAS_SERVICES, NAMING
from .live_facts import live_facts
from .source import GIT_SOURCES, KEY_FOR_SSH, WEBHOOK_TOKEN, git_sources
from .swarm import APP_NAME, DEPLOYMENTS
from .template import FROM_TEMPLATE, TEMPLATE, TEMPLATES

SOURCE = Field("source", "sourceType", choices=("raw", *GIT_SOURCES))
COMPOSE_PATH = Field("compose_path", "composePath", compose_file.PATH)

RAW = Group(
    "raw",
    (
        Field("content", "composeFile", compose_file.CONTENT, needed=True, form=" of a Compose file: set definition"),
        Field("src", "composeFile", compose_file.CONTENT_FILE, input_only=True),
        Field("definition", "composeFile", compose_file.DEFINITION, input_only=True),
    ),
    selects=(SOURCE, "raw"),
)


def _networks(value: Any) -> List[Dict[str, Any]]:
    """The server requires all keys of each entry."""
    names = [item["serviceName"] for item in value]
    for name in names:
        if names.count(name) > 1:
            raise ValueError("%s is listed twice" % name)
    return [{"networkIds": [], "detachDokployNetwork": False, **item} for item in value]


def _randomized(row: Mapping[str, Any]) -> Optional[str]:
    if row.get("randomize") or row.get("isolatedDeployment"):
        return None
    return "neither randomize nor isolated_deployment is true"


_SUFFIX = (r"[a-zA-Z0-9_.-]+\Z", "may hold only letters, digits, '_', '.' and '-'")


def _isolated(row: Mapping[str, Any]) -> Optional[str]:
    return None if row.get("isolatedDeployment") else "isolated_deployment is not true"


def _resets_path(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """Reset the path of the Compose file in a repository when the stack leaves it: Dokploy writes the variables beside
    that path, where the file of a raw stack is not (measured on 0.30.2)."""
    path = (state.row or {}).get(COMPOSE_PATH.api)
    raw = any((change.field.api, change.after) == ("sourceType", "raw") for change in diff.changes)
    if not raw or path is None or compose_file.PATH.same(compose_file.DEFAULT_PATH, path):
        return Judgement(diff)
    change = Change((RAW.name, COMPOSE_PATH.name), COMPOSE_PATH, path, compose_file.DEFAULT_PATH)
    return Judgement(replace(diff, changes=(*diff.changes, change)))


def _changes_type(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """Warn of a new type of a stack that runs: a deployment removes nothing of the old type, and no state sees it."""
    if (state.row or {}).get(state.resource.deployable.status, "idle") == "idle":
        return Judgement(diff)
    text = (
        "%s: the containers of the type %s keep running after the next deployment, which makes new ones beside "
        "them. Use state=stopped before you change the type"
    )
    changes = (change for change in diff.changes if change.field.api == "composeType")
    return Judgement(diff, tuple(text % (dotted(change.path), change.before) for change in changes))


def _has_lines(state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """Warn of variables of several lines that a stack of Docker Swarm reads from the file .env: C(docker stack deploy)
    takes each line for a variable, so that only the first one arrives (measured on 0.30.2)."""
    after = predicted(state.resource, state.row, diff)
    if params.get("env") is None and not any(change.field.api in NAMING for change in diff.changes):
        return Judgement(diff)
    if after.get("composeType") != "stack" or not compose_file.reads_env_file(after.get("composeFile")):
        return Judgement(diff)
    names = [dotenv.shown_name(name) for name, value in dotenv.parse(after.get("env")).items() if "\n" in value]
    text = "env: of %s only the first line arrives in a service with env_file: .env, since the type is stack. %s"
    hint = 'State the variable in the Compose file, as in environment: {NAME: "${NAME}"}'
    return Judgement(diff, (text % (enumerated(names), hint),) if names else ())


def _type(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(type) of a stack whose volumes are to be removed."""
    if not params["delete_volumes"]:
        return {}
    whole = reads.client.query(resource.reading.procedure, {resource.id_key: row[resource.id_key]})
    return {"type": whole.get("composeType")}


def _removal(resource: Resource, row: Row, params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: Dokploy never removes the volumes of this stack."""
    if known.get("type") == "stack":
        raise Refused(
            "delete_volumes: Dokploy does not remove the volumes of a %s with the type stack" % resource.name,
            hint="Leave it out, and remove the volumes with docker volume rm on the nodes. Nothing was removed.",
        )
    deletion = replace(resource.removal, body={"deleteVolumes": params["delete_volumes"]})
    return removal_of(replace(resource, removal=deletion), row, params, known)


def _containers(row: Mapping[str, Any]) -> Tuple[str, Mapping[str, Any]]:
    """The query for what runs."""
    if row.get("composeType") == "stack":
        return "docker.getStackContainersByAppName", {}
    return "docker.getContainersByAppNameMatch", {"appType": "docker-compose"}


def _content(row: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    """What runs of a stack whose Compose file is stated."""
    if row.get("sourceType") != "raw":
        return None
    columns = ("sourceType", "composeFile", "composePath", "command")
    return {**{name: row.get(name) or "" for name in columns}, "env": compose_file.without_own(row.get("env") or "")}


def _keeps_volumes(row: Mapping[str, Any]) -> str:
    """Why a deployment cannot delete the volumes; the server ignores it silently."""
    return "the type of the stack is not docker-compose" if row.get("composeType") == "stack" else ""


def _cannot_start(row: Mapping[str, Any]) -> str:
    """Its stop removes a stack from the swarm, and its start only sets the status (measured on 0.30.2)."""
    return "Dokploy starts no stack of the type stack" if row.get("composeType") == "stack" else ""


COMPOSE = Resource(
    name="compose",
    scope="environment",
    listing=replace(SERVICES["compose"], noun="Compose stack"),
    options=(
        Field("name", "name", limits=(1, 255)),
        Field("description", "description"),
        Field("app_name", "appName", PREFIX, create_only=True, limits=(1, 63), pattern=APP_NAME),
        Field("server", "serverId", IDENTIFIER, reference=SERVERS, create_only=True),
        Field("type", "composeType", choices=("docker-compose", "stack")),
        RAW,
        *git_sources(SOURCE, COMPOSE_PATH),
        Field("env", "env", compose_file.STACK_ENV, secret=True, mode_option="env_mode"),
        Field("create_env_file", "createEnvFile", BOOLEAN, since=(0, 30, 0), default=True),
        Field("auto_deploy", "autoDeploy", BOOLEAN),
        Field("command", "command", grammar=compose_file.compose_command),
        Field("randomize", "randomize", BOOLEAN),
        Field("suffix", "suffix", no_effect=_randomized, pattern=_SUFFIX),
        Field("isolated_deployment", "isolatedDeployment", BOOLEAN),
        Field("isolated_volumes", "isolatedDeploymentsVolume", BOOLEAN, no_effect=_isolated),
        Field(
            "service_networks",
            "serviceNetworks",
            replace(OBJECTS, to_api=_networks),
            parts=(
                Field("service", "serviceName", needed=True),
                Field("networks", "networkIds", PATH_LIST, reference=NETWORKS),
                Field("detach_dokploy_network", "detachDokployNetwork", BOOLEAN),
            ),
            since=(0, 29, 14),
        ),
        Field("icon", "icon", since=(0, 29, 14), limits=(0, 1000000)),
        WEBHOOK_TOKEN,
    ),
    creation=Creation(
        "compose.create", takes=("name", "appName", "description", "serverId", "composeType", "composeFile")
    ),
    reading=Reading(
        "compose.one",
        facts=(
            ("environment_id", "environmentId"),
            ("status", "composeStatus"),
            ("created_at", "createdAt"),
            ("url", first_url),
        ),
        includes=(("images", "running"), live_facts),
    ),
    updating=Updating("compose.update"),
    removal=Removal(
        "compose.delete",
        body={"deleteVolumes": False},
        steps=_removal,
        options={**BUILD_TIMEOUT, **DELETE_VOLUMES},
        observe=_type,
    ),
    # The answer for an ID that does not exist is empty.
    acknowledged=("compose.update",),
    answers={
        "compose.getConvertedCompose": needed(TEXT),
        "compose.loadServices": needed(list_of(needed(TEXT))),
        "compose.deployTemplate": needed(object_of(composeId=ID)),
        **TEMPLATES,
    },
    children=(domains("compose"), STACK_FILES, schedules("compose"), volume_backups("compose"), backups("compose")),
    deployable=Deployable(
        deploy="compose.deploy",
        redeploy="compose.redeploy",
        fresh_volumes=("freshVolumes", _keeps_volumes),
        history="deployment.allByCompose",
        status="composeStatus",
        fingerprint=compose_file.FINGERPRINT,
        mark=compose_file.DATA_MARK,
        lock=compose_file.LOCK,
        earlier=compose_file.EARLIER,
        content=_content,
        clean_queue="compose.cleanQueues",
        kill_build="compose.killBuild",
        containers=_containers,
        service_label=SERVICE_LABEL,
        compare=compare_stack,
        logs="compose.readLogs",
        starts=compose_file.starts_containers,
        start="compose.start",
        cannot_start=_cannot_start,
        stop="compose.stop",
        applies_immediately=tuple(
            "name description icon autoDeploy environmentId refreshToken triggerType watchPaths".split()
        ),
        deploy_needed=deploy_needed,
        result_facts=last_deployment,
    ),
    claims=claimed_by_stack,
    # Docker appends the names that volumes have in the Compose file.
    exportable=Exportable(address="app_name", volumes=("_", False)),
    states=States(
        {"present": FROM_TEMPLATE, "started": RUN_STATE, "stopped": RUN_STATE},
        options={"template": TEMPLATE},
        begins_as="template",
    ),
    checks=(
        ChangeCheck(_resets_path),
        HAS_SERVICES,
        ChangeCheck(_changes_type),
        ChangeCheck(_has_lines),
        DUPLICATES,
        KEY_FOR_SSH,
    ),
)

OPERATION = replace(resource_operation(COMPOSE), elsewhere=DEPLOYMENTS)
INFO_OPERATION = info_operation(COMPOSE)

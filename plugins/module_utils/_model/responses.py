# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the engine relies on of the answers of each procedure.

What is stored of a resource follows from its description; here stands the rest. An answer that is not so comes from a
server that this collection does not know, or from something that stands in front of it.
"""

from __future__ import annotations

import itertools
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import SERVICES, Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import (
    ANY,
    ID,
    NUMBER,
    SCALAR,
    TEXT,
    Shape,
    both,
    list_of,
    map_of,
    needed,
    object_of,
)

Shapes = Mapping[str, Shape]

# --- the tree --------------------------------------------------------------------------------------------------------

_ENVIRONMENT = object_of(
    environmentId=ID,
    projectId=TEXT,
    name=TEXT,
    isDefault=SCALAR,
    env=TEXT,
    **{one.listing.key: list_of(object_of(name=TEXT, **{one.listing.id_key: ID})) for one in SERVICES.values()},
)
_PROJECT = object_of(projectId=ID, name=TEXT, env=TEXT, environments=list_of(_ENVIRONMENT))

# --- deployments and what runs ---------------------------------------------------------------------------------------

_DEPLOYMENT = object_of(
    deploymentId=ID,
    applicationId=SCALAR,
    status=TEXT,
    title=TEXT,
    description=TEXT,
    createdAt=TEXT,
    startedAt=TEXT,
    finishedAt=TEXT,
    errorMessage=SCALAR,
    logPath=SCALAR,
    rollbackId=TEXT,
)
_JOB = object_of(data=object_of(applicationId=SCALAR, previewDeploymentId=SCALAR), state=TEXT, processedOn=NUMBER)
_TASK = object_of(containerId=TEXT, name=TEXT, state=TEXT, currentState=TEXT, error=TEXT, node=SCALAR)
_TEMPLATE = object_of(ForceUpdate=NUMBER)
_CONFIG = object_of(
    ServiceID=TEXT,
    Spec=object_of(ForceUpdate=NUMBER, TaskTemplate=_TEMPLATE, ContainerSpec=object_of(Image=TEXT)),
)
_DOMAIN = object_of(host=TEXT, path=TEXT, https=SCALAR, enabled=SCALAR, createdAt=TEXT)
_MODE = object_of(
    Replicated=object_of(Replicas=NUMBER), Global=object_of(), ReplicatedJob=object_of(), GlobalJob=object_of()
)
# What is kept of an application for going back to it.
_COPY = object_of(
    replicas=NUMBER,
    modeSwarm=_MODE,
    args=ANY,
    stopGracePeriodSwarm=ANY,
    endpointSpecSwarm=ANY,
    mounts=list_of(object_of(type=TEXT)),
    environment=object_of(env=TEXT, project=object_of(env=TEXT)),
    **dict.fromkeys(
        ("env", "buildArgs", "buildSecrets", "password", "previewEnv", "previewBuildArgs", "previewBuildSecrets"), TEXT
    ),
)
_APPLICATION = both(
    _COPY,
    object_of(
        applicationId=ID,
        name=TEXT,
        appName=TEXT,
        applicationStatus=TEXT,
        environmentId=TEXT,
        serverId=TEXT,
        buildServerId=TEXT,
        sourceType=TEXT,
        dockerImage=TEXT,
        dropBuildPath=TEXT,
        refreshToken=TEXT,
        rollbackActive=SCALAR,
        rollbackRegistryId=TEXT,
        labelsSwarm=map_of(SCALAR),
        environment=object_of(name=TEXT, project=object_of(name=TEXT)),
        deployments=list_of(_DEPLOYMENT),
        domains=list_of(_DOMAIN),
    ),
)
_PREVIEW = object_of(
    previewDeploymentId=ID,
    applicationId=TEXT,
    branch=TEXT,
    pullRequestNumber=SCALAR,
    pullRequestTitle=SCALAR,
    pullRequestURL=SCALAR,
    previewStatus=TEXT,
    appName=SCALAR,
    createdAt=SCALAR,
    domain=_DOMAIN,
    deployments=list_of(_DEPLOYMENT),
)

ANSWERS: Shapes = {
    "project.all": needed(list_of(_PROJECT)),
    "project.one": needed(_PROJECT),
    "project.create": needed(object_of(project=object_of(projectId=ID))),
    "environment.one": needed(_ENVIRONMENT),
    "environment.create": needed(object_of(environmentId=ID)),
    "application.one": needed(_APPLICATION),
    "application.create": needed(object_of(applicationId=ID)),
    "application.readLogs": TEXT,
    "application.readTraefikConfig": TEXT,
    "deployment.all": needed(list_of(_DEPLOYMENT)),
    "deployment.allByType": needed(
        list_of(both(_DEPLOYMENT, object_of(rollback=object_of(image=TEXT, fullContext=_COPY))))
    ),
    "deployment.queueList": list_of(_JOB),
    "deployment.readLogs": TEXT,
    "docker.getServiceContainersByAppName": needed(list_of(_TASK)),
    "docker.getConfig": _CONFIG,
    "domain.byApplicationId": list_of(_DOMAIN),
    "domain.generateDomain": needed(TEXT),
    "previewDeployment.all": needed(list_of(_PREVIEW)),
    "previewDeployment.one": needed(object_of(applicationId=TEXT)),
    # Nobody looks whether these were done, or looks for long, so that nothing is no answer to them.
    **dict.fromkeys(
        (
            "application.clearDeployments",
            "application.disconnectGitProvider",
            "application.refreshToken",
            "application.reload",
            "application.update",
            "previewDeployment.delete",
        ),
        needed(SCALAR),
    ),
    **dict.fromkeys(
        (
            "application.start",
            "application.stop",
            "deployment.removeDeployment",
            "environment.remove",
            "project.remove",
            *(service.remove for service in SERVICES.values()),
        ),
        needed(object_of()),
    ),
    "settings.getDokployVersion": needed(TEXT),
    "user.get": needed(object_of(role=needed(TEXT))),
}


# --- what follows from descriptions ----------------------------------------------------------------------------------


_by_resource: Dict[str, Shapes] = {}


def answers_of(resource: Optional[Resource]) -> Shapes:
    """The shapes of all answers that an operation reads which is about this resource, or about none."""
    if resource is None:
        return ANSWERS
    if resource.name not in _by_resource:
        _by_resource[resource.name] = _described(resource)
    return _by_resource[resource.name]


def _described(resource: Resource) -> Shapes:
    shapes = dict(ANSWERS)
    for procedure, shape in _shapes(resource):
        shapes[procedure] = both(shapes[procedure], shape) if procedure in shapes else shape
    return shapes


def _shapes(resource: Resource) -> Iterator[Tuple[str, Shape]]:
    """Procedures and what their answers are according to a description."""
    fields = [field for _path, field, _group in resource.fields()]
    row = object_of(**{field.api: stored(field) for field in fields})
    for child in resource.children:
        rows = list_of(_child(child))
        if child.listing is not None:
            # No list is not an empty list.
            yield child.listing[0], needed(rows)
        else:
            row = both(row, object_of(**{child.embedded: rows}))
    yield resource.read, needed(row)
    if resource.readable == "in_listing":
        yield resource.listing.procedures[0], list_of(row)
    for field in itertools.chain(fields, *(child.fields for child in resource.children)):
        if field.reference is not None:
            yield from ((procedure, _listed(field.reference)) for procedure in field.reference.procedures)


def _listed(listing: Listing) -> Shape:
    """The answer of a query that lists what options refer to."""
    record = object_of(**{listing.id_key: ID})
    row = object_of(**{listing.nested: record}) if listing.nested else record
    return needed(list_of(both(row, object_of(**{listing.name_key: TEXT}))))


def _child(child: Child) -> Shape:
    keys: Dict[str, Any] = {field.api: stored(field) for field in child.fields if not field.input_only}
    return object_of(**{**keys, child.id_key: ID})


def stored(field: Field) -> Shape:
    """What the API shows of a field."""
    codec = field.codec
    if codec.stored is not None:
        return codec.stored
    if field.parts:
        inner = object_of(**{part.api: stored(part) for part in field.parts})
        return list_of(inner) if codec.type == "list" else inner
    if codec.type == "list":
        return list_of(TEXT)
    return ANY if codec.type in ("dict", "raw") else SCALAR

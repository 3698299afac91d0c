# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The shapes of answers: what the engine requires of each. The shape of a record follows from its description.

An answer of another shape comes from a server that this collection does not know, or from something in front of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Dict, Iterator, Mapping, Sequence, Tuple

from .._values.schema import ANY, ID, NUMBER, SCALAR, TEXT, Shape, both, list_of, map_of, needed, object_of
from .child import Child
from .field import Field, Listing
from .resource import SERVICES, Resource

Shapes = Mapping[str, Shape]

_ENVIRONMENT = object_of(
    environmentId=ID,
    projectId=TEXT,
    name=TEXT,
    isDefault=SCALAR,
    env=TEXT,
    **{kind.key: list_of(object_of(name=TEXT, **{kind.id_key: ID})) for kind in SERVICES.values()},
)
_TAGS = list_of(object_of(tagId=TEXT, tag=needed(object_of(name=needed(TEXT)))))
_PROJECT = object_of(projectId=ID, name=TEXT, env=TEXT, environments=list_of(_ENVIRONMENT), projectTags=_TAGS)
_IDS = dict.fromkeys([service.id_key for service in SERVICES.values()], SCALAR)
#: A deployment, as each query for deployments shows it.
DEPLOYMENT = object_of(
    deploymentId=ID,
    errorMessage=SCALAR,
    logPath=SCALAR,
    **dict.fromkeys(("status", "title", "description", "createdAt", "startedAt", "finishedAt", "rollbackId"), TEXT),
    **_IDS,
)
_JOB = object_of(data=object_of(previewDeploymentId=SCALAR, **_IDS), state=TEXT, processedOn=NUMBER)
_TASK = object_of(containerId=TEXT, name=TEXT, state=TEXT, currentState=TEXT, error=TEXT, node=SCALAR)
_CONTAINER = object_of(containerId=TEXT, name=TEXT, state=TEXT, status=TEXT)
_CONTAINER_SPEC = object_of(
    Image=TEXT,
    Labels=map_of(SCALAR),
    Healthcheck=object_of(),
    **dict.fromkeys(("Env", "Command", "Args"), list_of(TEXT)),
    **dict.fromkeys(("Mounts", "Ulimits"), list_of(object_of())),
)
_TEMPLATE = {
    "ForceUpdate": NUMBER,
    "ContainerSpec": _CONTAINER_SPEC,
    "Resources": object_of(Limits=object_of(), Reservations=object_of()),
    "RestartPolicy": object_of(),
    "Placement": object_of(Constraints=list_of(TEXT)),
    "Networks": list_of(object_of(Target=TEXT, Aliases=list_of(TEXT))),
}
_PORT = object_of(TargetPort=NUMBER, PublishedPort=NUMBER, Protocol=TEXT, PublishMode=TEXT)
# Of a service, and of a task, which has the parts of its template.
_SPEC = object_of(
    **_TEMPLATE,
    TaskTemplate=object_of(**_TEMPLATE),
    Labels=map_of(SCALAR),
    EndpointSpec=object_of(Mode=TEXT, Ports=list_of(_PORT)),
    **dict.fromkeys(("Mode", "UpdateConfig", "RollbackConfig"), object_of()),
)

# Of operations on any resource, or on none.
ANSWERS: Shapes = {
    "project.all": needed(list_of(_PROJECT)),
    "project.one": needed(_PROJECT),
    "environment.one": needed(_ENVIRONMENT),
    "deployment.queueList": list_of(_JOB),
    "deployment.readLogs": TEXT,
    "docker.getServiceContainersByAppName": needed(list_of(_TASK)),
    "docker.getStackContainersByAppName": needed(list_of(_TASK)),
    "docker.getContainersByAppNameMatch": needed(list_of(_CONTAINER)),
    "dockerVolume.getVolumes": needed(list_of(object_of(Name=needed(TEXT)))),
    "docker.getConfig": object_of(
        **dict.fromkeys(("ServiceID", "Id", "Name", "Image"), TEXT),
        RepoDigests=list_of(TEXT),
        Labels=map_of(SCALAR),
        Spec=_SPEC,
        Config=object_of(Image=TEXT, Env=list_of(TEXT), Labels=map_of(SCALAR)),
        State=object_of(Running=SCALAR),
        Status=object_of(ContainerStatus=object_of(ContainerID=TEXT)),
        UpdateStatus=object_of(State=TEXT),
        HostConfig=object_of(PortBindings=map_of(list_of(object_of(HostPort=TEXT)))),
    ),
    **dict.fromkeys(["%s.one" % name for name in SERVICES], object_of()),
    "settings.getDokployVersion": needed(TEXT),
    "server.all": needed(list_of(object_of(serverId=ID, name=TEXT))),
}


@cache
def answers_of(*resources: Resource) -> Shapes:
    """The shapes of all answers of operations on these resources, by their procedures."""
    shapes = dict(ANSWERS)
    for resource in resources:
        for procedure, shape in _shapes(resource):
            shapes[procedure] = both(shapes[procedure], shape) if procedure in shapes else shape
    return shapes


@cache
def bodies_of(*resources: Resource) -> Shapes:
    """The shapes of the bodies in which older releases have other keys, by their procedures."""
    shapes: Dict[str, Shape] = {}
    for resource in resources:
        fields = [field for _path, field, _group in resource.fields()]
        body = _record(fields)
        if resource.packed[0]:
            body = replace(body, keys={resource.packed[0]: body})
        procedures = (resource.creation.procedure, resource.updating.procedure, *(field.procedure for field in fields))
        shapes.update(dict.fromkeys(procedures, body))
        for child in resource.children:
            shapes.update(dict.fromkeys((child.create, child.update), _record(child.fields)))
    return {procedure: shape for procedure, shape in shapes.items() if shape.has_former}


def _record(fields: Sequence[Field], **keys: Shape) -> Shape:
    """A record with these keys, of which older releases have some under other ones."""
    return replace(object_of(**keys), former={field.api: field.formerly for field in fields if field.formerly})


def _shapes(resource: Resource) -> Iterator[Tuple[str, Shape]]:
    yield from _of_writes(resource)
    yield from _of_listing(resource)
    yield from resource.answers.items()
    for child in resource.children:
        yield from _of_child(child)
    fields = [field for _path, field, _group in resource.fields()]
    fields += [field for child in resource.children for field in child.fields]
    for field in [*fields, *(part for outer in fields for part in outer.parts)]:
        if field.reference is not None and not field.inside:
            yield from ((procedure, _listed(field.reference)) for procedure in field.reference.procedures)
    yield from ((field.query, stored(field)) for field in fields if field.query)
    row = _row(resource)
    if resource.runs:
        yield from _of_deployments(resource, row)
        row = both(row, object_of(deployments=list_of(DEPLOYMENT)))
    if resource.reading.procedure:
        yield resource.reading.procedure, needed(row)


def _of_writes(resource: Resource) -> Iterator[Tuple[str, Shape]]:
    created = object_of(**{resource.id_key: ID})
    for key in reversed(resource.creation.row_path or ()):
        created = object_of(**{key: created})
    if resource.creation.row_path is not None and not resource.creation.row_optional:
        yield resource.creation.procedure, needed(created)
    if not resource.removal.unanswered:
        yield (
            resource.removal.procedure,
            needed(ANY if resource.removal.procedure in resource.acknowledged else object_of()),
        )
    yield from dict.fromkeys(resource.acknowledged, needed(ANY)).items()


def _of_listing(resource: Resource) -> Iterator[Tuple[str, Shape]]:
    if resource.reading.in_listing and not resource.single:
        rows = list_of(both(_row(resource, listed=True), resource.listing.read))
        yield (
            resource.listing.procedures[0],
            needed(object_of(**{resource.listing.key: rows}) if resource.listing.key else rows),
        )
    elif resource.scope in ("instance", "server") and not resource.single:
        yield resource.listing.procedures[0], _listed(resource.listing)


def _of_child(child: Child) -> Iterator[Tuple[str, Shape]]:
    if child.listing is not None:
        # No list is not an empty list.
        yield child.listing[0], needed(list_of(_child(child)))
    if child.everywhere is not None:
        for query in (child.everywhere.listing, *child.everywhere.others.values()):
            yield query, needed(list_of(_child(child)))
    if child.generates is not None:
        yield child.generates.procedure, needed(TEXT)


def _of_deployments(resource: Resource, row: Shape) -> Iterator[Tuple[str, Shape]]:
    service = resource.deployable
    yield service.history, needed(list_of(DEPLOYMENT))
    # Of a deployment that can be rolled back to, Dokploy keeps the image and a copy of the service.
    kept = object_of(rollback=object_of(image=TEXT, fullContext=row)) if service.rollback else ANY
    yield "deployment.allByType", needed(list_of(both(DEPLOYMENT, kept)))
    yield service.logs, TEXT
    # An application's are its row, a stack's are true.
    yield from dict.fromkeys((service.start, service.stop), needed(ANY)).items()
    yield service.reload, needed(SCALAR)


def _of_fields(resource: Resource) -> Dict[str, Shape]:
    """The shapes of the values of all options."""
    keys: Dict[str, Shape] = {}
    for _path, field, group in resource.fields():
        # Another way to state an option says nothing of what is stored.
        if not (field.input_only and field.api in keys):
            keys[field.api] = stored(field)
        if group is not None and group.selects is not None:
            keys[group.selects[0].api] = stored(group.selects[0])
    return keys


def _row(resource: Resource, listed: bool = False) -> Shape:
    """The answer of the reading procedure, or one row of the listing."""
    keys: Dict[str, Shape] = {}
    for listing in resource.parents:
        keys = {listing.label: object_of(name=TEXT, env=TEXT, **keys)}
    nested, own = resource.listing.nested, {resource.id_key: ID}
    keys.update({api: TEXT for _name, api in resource.reading.facts if isinstance(api, str)})
    keys.update(_of_fields(resource))
    keys.update({child.embedded: list_of(_child(child)) for child in resource.children if child.listing is None})
    fields = [field for _path, field, _group in resource.fields()]
    if not resource.listing.selective:
        return _record(fields, **{**keys, **own})
    # The values are in the row or in its part, whose ID starts with its name. Of other kinds only the listing has rows.
    outside = {} if listed and resource.id_key == "%sId" % nested else own
    # The object that tells the kind, too.
    kind_key, kind_value = resource.listing.where
    kind = {kind_key: needed(TEXT)} if kind_key in resource.packed[1] else {}
    part = _record(fields, **{**keys, **({} if outside else own), **kind})
    # One of a kind that this collection does not know may have other values under the same keys.
    parts = {nested: replace(part, only=(kind_key, (kind_value,))) if kind else part} if nested else {}
    if resource.listing.outer:
        parts[resource.listing.outer] = _record(fields, **keys)
    # What is beside the part is the same for all kinds.
    beside = {field.api: stored(field) for _path, field, group in resource.fields() if group is None}
    return _record(fields, **{**(beside if listed else keys), **outside, **parts})


def _listed(listing: Listing) -> Shape:
    """The answer of a query that lists what options refer to."""
    record = object_of(**{listing.id_key: ID})
    row = object_of(**{listing.nested: record}) if listing.id_key == "%sId" % listing.nested else record
    return needed(list_of(both(both(row, listing.read), object_of(**{listing.name_key: TEXT}))))


def _child(child: Child) -> Shape:
    keys: Dict[str, Shape] = {"createdAt": TEXT}
    for field in child.fields:
        keys[field.api] = both(keys.get(field.api, ANY), ANY if field.input_only else stored(field))
    return _record(child.fields, **{**keys, child.id_key: ID})


def stored(field: Field) -> Shape:
    """The shape of a field's value in the API."""
    codec = field.codec
    if codec.stored is not None:
        return codec.stored
    if field.parts:
        inner = object_of(**{part.api: stored(part) for part in field.parts})
        return list_of(inner) if codec.type == "list" else inner
    return {"list": list_of(TEXT), "str": TEXT, "int": NUMBER, "float": NUMBER, "bool": SCALAR}.get(codec.type, ANY)

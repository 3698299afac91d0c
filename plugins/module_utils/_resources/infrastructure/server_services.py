# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services are on a server. From 0.30.5 on one query tells it; before, each service is asked where it is."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..._api.client import Call, Client
from ..._engine.runner import Context
from ..._errors import NotFoundError
from ..._model.resource import Resource
from ..._reads.rows import valid
from ..._values.schema import ID, TEXT, list_of, needed, object_of
from ..projects.contents import every_service

FIRST_WITH_QUERY = (0, 30, 5)
INCLUDE = "service_list"
ANSWERS = {"server.getServices": needed(list_of(object_of(id=ID, type=needed(TEXT), name=TEXT)))}

Row = Mapping[str, Any]
Service = Dict[str, Any]


def service_lists(
    _resource: Resource, asked: Sequence[str], servers: Sequence[Row], context: Context
) -> List[Dict[str, Any]]:
    """C(service_list) for each server: the services that the API key may see, sorted by their places."""
    if not asked:
        return [{} for _server in servers]
    ids = [str(row["serverId"]) for row in servers]
    by_query = context.client.version() >= FIRST_WITH_QUERY
    services = _queried(ids, context.client) if by_query else _looked_for(ids, context.client)
    return [{INCLUDE: sorted(services[server_id], key=_place)} for server_id in ids]


def _place(service: Service) -> Tuple[str, ...]:
    return tuple(str(service[key]) for key in ("project", "environment", "name", "type", "id"))


def _queried(ids: Sequence[str], client: Client) -> Dict[str, List[Service]]:
    answers = client.call_many([Call("server.getServices", {"serverId": server_id}) for server_id in ids])
    # A server that was removed meanwhile has none.
    rows = [[] if isinstance(answer, NotFoundError) else valid(answer) for answer in answers]
    return {
        server_id: [
            _service(row.get("type"), row, row.get("projectName"), row.get("environmentName"), row.get("environmentId"))
            for row in services
        ]
        for server_id, services in zip(ids, rows)
    }


def _service(kind: Any, row: Row, project: Any, environment: Any, environment_id: Any) -> Service:
    place = {"project": project, "environment": environment, "environment_id": environment_id}
    return {"type": kind, "id": row.get("id"), "name": row.get("name"), **place}


def _looked_for(ids: Sequence[str], client: Client) -> Dict[str, List[Service]]:
    """By the rows of all services, in a few requests."""
    services: Dict[str, List[Service]] = {server_id: [] for server_id in ids}
    everywhere = list(every_service(client)) if ids else []
    calls = [Call("%s.one" % kind.label, {kind.id_key: str(row[kind.id_key])}) for kind, row, _place in everywhere]
    for (kind, row, (project, environment)), answer in zip(everywhere, client.call_many(calls)):
        # What the key may not read cannot be named.
        if isinstance(answer, dict) and str(answer.get("serverId")) in services:
            place = (project.get("name"), environment.get("name"), environment.get("environmentId"))
            facts = {"id": str(row[kind.id_key]), "name": answer.get("name")}
            services[str(answer["serverId"])].append(_service(kind.label, facts, *place))
    return services

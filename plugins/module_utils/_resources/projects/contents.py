# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is in projects and environments: the services, by their kinds, and their names."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call, Client
from ..._engine.runner import Context
from ..._errors import DokployError
from ..._model.field import Listing
from ..._model.resource import SERVICES, Resource
from ..._reads.tree import is_default
from ..._values.paths import joined

Row = Mapping[str, Any]


def read_environments(
    _resource: Resource, _asked: Sequence[str], projects: Sequence[Row], context: Context
) -> List[Dict[str, Any]]:
    """The environments in each project, with the names of the databases in them, which the tree does not have."""
    environments = [row for project in projects for row in project.get("environments") or []]
    whole = with_environments(projects, with_names(context.client, environments))
    return [{"environments": environments_in(project)} for project in whole]


def read_services(
    _resource: Resource, _asked: Sequence[str], environments: Sequence[Row], _context: Context
) -> List[Dict[str, Any]]:
    """The services in each environment."""
    return [{"services": _services(row, (row.get("project") or {}).get("name"))} for row in environments]


def with_environments(projects: Sequence[Row], environments: Sequence[Row]) -> List[Dict[str, Any]]:
    """The projects with these rows of all their environments, in the same order."""
    rows = iter(environments)
    return [
        {**project, "environments": [next(rows) for _row in project.get("environments") or []]} for project in projects
    ]


def environments_in(project: Row) -> List[Dict[str, Any]]:
    """The environments of a project and the services in each: names, IDs and paths."""
    environments = _sorted(project.get("environments") or [], "environmentId")
    return [_environment(environment, project.get("name")) for environment in environments]


def _environment(row: Row, project: Any) -> Dict[str, Any]:
    facts = {"environment_id": row.get("environmentId"), "name": row.get("name"), "is_default": is_default(row)}
    return {**facts, "path": _path(project, row.get("name")), "services": _services(row, project)}


def _services(environment: Row, project: Any) -> List[Dict[str, Any]]:
    return [
        {
            "type": name,
            "id": row.get(service.id_key),
            "name": row.get("name"),
            "path": _path(project, environment.get("name"), row.get("name")),
        }
        for name, service in SERVICES.items()
        for row in _sorted(environment.get(service.key) or [], service.id_key)
    ]


def _path(*names: Any) -> Optional[str]:
    """The path of these names; C(None) where one is not known."""
    return joined(map(str, names)) if all(names) else None


def _sorted(rows: Sequence[Row], id_key: str) -> List[Row]:
    return sorted(rows, key=lambda row: (str(row.get("name")), str(row.get(id_key))))


def services_of(environment: Row) -> List[Tuple[Listing, Row]]:
    """Every service that a row of an environment lists, with its kind."""
    return [(service, row) for service in SERVICES.values() for row in environment.get(service.key) or []]


def every_service(client: Client) -> Iterator[Tuple[Listing, Row, Tuple[Row, Row]]]:
    """Every service that the API key shows, with its kind, and with the rows of its project and its environment."""
    for project in client.query("project.all"):
        for environment in project.get("environments") or []:
            for kind, row in services_of(environment):
                yield kind, row, (project, environment)


def with_names(client: Client, environments: Sequence[Row]) -> List[Row]:
    """The environments, read again where the tree does not name every service: of a database it has only the ID."""
    return named_by(client.call_many(name_calls(environments)), environments)


def name_calls(environments: Sequence[Row]) -> List[Call]:
    """The queries for the environments of which the tree does not name every service."""
    nameless = [
        row for row in environments if any(service.get("name") is None for _service, service in services_of(row))
    ]
    return [Call("environment.one", {"environmentId": row["environmentId"]}) for row in nameless]


def named_by(answers: Sequence[Any], environments: Sequence[Row]) -> List[Row]:
    """The environments with the answers to C(name_calls). One that cannot be read stays as the tree shows it."""
    answered = {row["environmentId"]: row for row in answers if not isinstance(row, DokployError)}
    return [answered.get(row["environmentId"], row) for row in environments]


def service_labels(environment: Row) -> List[str]:
    """The services of an environment, C(application production/web); where there is no name, the ID."""
    return [
        "%s %s/%s" % (kind.label, environment.get("name"), row.get("name") or row[kind.id_key])
        for kind, row in services_of(environment)
    ]

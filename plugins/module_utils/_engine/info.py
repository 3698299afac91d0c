# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the C(_engine.info) modules read."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import with_children_of
from ansible_collections.community.dokploy.plugins.module_utils._engine.removal import with_names
from ansible_collections.community.dokploy.plugins.module_utils._engine.result import view
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, NotFoundError
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import SERVICES, Resource

Row = Mapping[str, Any]
Result = Dict[str, Any]


def list_resources(resource: Resource, context: Context) -> Result:
    """The rows of a resource that the parameters choose, sorted by the names of their parents and their own.

    :raises ReferenceNotFound: a project or environment that was named does not exist.
    """
    params = context.params
    found: List[Dict[str, Any]] = []
    places = _chosen(resource, context)
    rows = _whole(resource, [place["row"] for place in places], context)
    there = [(place, dict(row)) for place, row in zip(places, rows) if row is not None]
    include = params.get("include") or []
    whole = with_children_of(resource, include, [row for _place, row in there], context.client)
    if resource.name == "project":
        whole = _with_names(whole, context.client)
    names, look_at_all = resource.includes
    asked = [name for name in include if name in names]
    looks = look_at_all(resource, asked, whole, context) if look_at_all is not None else [{} for _row in whole]
    for (place, _row), row, seen in zip(there, whole, looks):
        shown = {key: value for key, value in place.items() if key != "row"}
        shown.update(view(resource, row, {}, params["include_secrets"]))
        shown.update(seen)
        if resource.name != "application":
            shown.update(_contents(resource, row))
        found.append(shown)
    return {"changed": False, "%ss" % resource.name: found}


def _chosen(resource: Resource, context: Context) -> List[Dict[str, Any]]:
    """Where in the tree the wanted rows stand: the names of their parents and the tree's row of each."""
    params, tree = context.params, context.reads.tree()
    resource_id, name = params.get(resource.id_option), params.get("name")
    projects = _sorted(tree.projects, "projectId")
    if params.get("project") is not None:
        projects = [tree.need_project(params["project"], "project")]
    if resource.name == "project":
        return [{"row": row} for row in projects if _wanted(row, "projectId", resource_id, name)]
    found = []
    for project in projects:
        environments = _sorted(project.get("environments") or [], "environmentId")
        if params.get("environment") is not None:
            if params.get("project") is not None:
                environments = [tree.need_environment(project, params["environment"], "environment")]
            else:
                environments = [row for row in environments if row.get("name") == params["environment"]]
        for environment in environments:
            place = {"project": project.get("name"), "project_id": project.get("projectId")}
            if resource.name == "environment":
                if _wanted(environment, "environmentId", resource_id, name):
                    found.append({**place, "row": environment})
                continue
            place["environment"] = environment.get("name")
            for row in _sorted(environment.get("applications") or [], "applicationId"):
                if _wanted(row, "applicationId", resource_id, name):
                    found.append({**place, "row": row})
    return found


def _sorted(rows: List[Dict[str, Any]], id_key: str) -> List[Dict[str, Any]]:
    """By name; the server's own order is not stable."""
    return sorted(rows, key=lambda row: (str(row.get("name")), str(row.get(id_key))))


def _wanted(row: Row, id_key: str, resource_id: Optional[str], name: Optional[str]) -> bool:
    return (resource_id is None or row.get(id_key) == resource_id) and (name is None or row.get("name") == name)


def _whole(resource: Resource, rows: List[Row], context: Context) -> List[Optional[Row]]:
    """The complete rows, read in batches; C(None) for what was removed meanwhile."""
    if resource.tree_has_all:
        return list(rows)
    calls = [Call(resource.read, {resource.id_key: row[resource.id_key]}) for row in rows]
    found: List[Optional[Row]] = []
    for answer in context.client.call_many(calls) if calls else []:
        if isinstance(answer, DokployError) and not isinstance(answer, NotFoundError):
            raise answer
        found.append(None if isinstance(answer, DokployError) else answer)
    return found


def _with_names(projects: Sequence[Row], client: Client) -> List[Dict[str, Any]]:
    """The projects with the names of the databases in them, which the tree does not have."""
    named = iter(with_names(client, [row for project in projects for row in project.get("environments") or []]))
    return [
        {**project, "environments": [next(named) for _row in project.get("environments") or []]} for project in projects
    ]


def _contents(resource: Resource, row: Row) -> Dict[str, Any]:
    """What lives in a project or an environment: names and ids."""
    if resource.name == "project":
        return {
            "environments": [
                {
                    "environment_id": item.get("environmentId"),
                    "name": item.get("name"),
                    "is_default": is_default(item),
                    **_services(item),
                }
                for item in _sorted(row.get("environments") or [], "environmentId")
            ]
        }
    return _services(row)


def _services(environment: Row) -> Dict[str, Any]:
    return {
        "services": [
            {"type": kind.delete.split(".")[0], "id": row.get(kind.id_key), "name": row.get("name")}
            for kind in SERVICES
            for row in _sorted(environment.get(kind.kind) or [], kind.id_key)
        ]
    }

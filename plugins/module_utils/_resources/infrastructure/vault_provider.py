# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Vault providers: where the services of assigned projects and environments get secrets from.

Assignments outlive their projects, and an update that sends one of a project that is gone is refused, so that these are
left out (dokploy-infrastructure.md, section 1.5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Mapping, Optional, Sequence

from ..._engine.apply import resource_operation
from ..._engine.diff import Change, Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.state import State
from ..._model.field import Field, Version
from ..._model.resource import ENVIRONMENTS, PROJECTS, ChangeCheck, Resource
from ..._reads.reads import Reads
from ..._values.codec import OBJECTS, PATH_LIST
from .provider_config import URL, config_provider, hidden

_ENVIRONMENTS = replace(ENVIRONMENTS, procedures=PROJECTS.procedures)
_ASSIGNMENTS = Field(
    "assignments",
    "assignments",
    replace(OBJECTS, empty=[]),
    parts=(
        Field("project", "projectId", reference=PROJECTS, needed=True),
        Field("environments", "environmentIds", PATH_LIST, reference=_ENVIRONMENTS, inside="projectId"),
    ),
)


def _projects(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(projects) that there are, if an update sends the stored assignments."""
    stated = any(change.field.api == "assignments" for change in diff.changes)
    if diff.action != "update" or stated or not _stored(state):
        return {}
    return {"projects": reads.listings.rows(PROJECTS.procedures)}


def _without_stale(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """An update without the assignments to projects and environments that are gone."""
    stored, projects = _stored(state), known.get("projects")
    kept = (
        stored if projects is None else [assignment for assignment in _kept(stored, projects) if assignment is not None]
    )
    if kept == stored:
        return Judgement(diff)
    return Judgement(replace(diff, changes=(*diff.changes, Change(("assignments",), _ASSIGNMENTS, stored, kept))))


def _stored(state: State) -> List[Mapping[str, Any]]:
    return (state.row or {}).get("assignments") or []


def _kept(stored: Sequence[Mapping[str, Any]], projects: Sequence[Row]) -> Sequence[Optional[Mapping[str, Any]]]:
    """Each assignment with the environments that exist, or C(None) if nothing of it does."""
    known = {str(row["projectId"]): row.get("environments") or [] for row in projects}
    kept: List[Optional[Mapping[str, Any]]] = []
    for assignment in stored:
        ids = {row["environmentId"] for row in known.get(str(assignment["projectId"]), ())}
        listed = assignment.get("environmentIds") or []
        left = [environment for environment in listed if environment in ids]
        # Without environments it is assigned to all of the project.
        gone = assignment["projectId"] not in known or (listed and not left)
        kept.append(None if gone else {**assignment, "environmentIds": left})
    return kept


def _vault(kind: str, *fields: Field, since: Version = (0, 30, 0), **defaults: Any) -> Resource:
    return config_provider(
        "vaultProvider",
        "vault provider",
        kind,
        *fields,
        more=(_ASSIGNMENTS,),
        checks=(ChangeCheck(_without_stale, _projects),),
        defaults=defaults,
        further={"assignments": []},
        since=since,
    )


def _needed(name: str, api: str) -> Field:
    return Field(name, api, needed=True, limits=(1, 255))


def _url(name: str, api: str, needed: bool = False) -> Field:
    return Field(name, api, needed=needed, pattern=URL, limits=(1, 1024))


_AWS = (
    _needed("region", "region"),
    Field("access_key_id", "accessKeyId", secret=True, needed=True, limits=(1, 255)),
    hidden("secret_access_key", "secretAccessKey"),
    Field("endpoint", "endpoint", pattern=URL),
)
KINDS = (
    _vault("aws", *_AWS),
    _vault(
        "aws_parameter_store",
        *_AWS,
        Field("path", "parameterPath", limits=(0, 1024), pattern=(r"(?:/.*)?\Z", "does not begin with a slash")),
        since=(0, 30, 6),
    ),
    _vault(
        "azure",
        _url("vault_uri", "vaultUri", needed=True),
        _needed("tenant_id", "tenantId"),
        _needed("client_id", "clientId"),
        hidden("client_secret", "clientSecret"),
    ),
    _vault(
        "doppler",
        hidden("service_token", "serviceToken"),
        Field("project", "project"),
        Field("config", "config"),
    ),
    _vault(
        "hashicorp",
        _url("url", "url", needed=True),
        hidden("token", "token"),
        Field("namespace", "namespace"),
        Field("mount", "mount", limits=(1, 1024)),
        mount="secret",
    ),
    _vault(
        "infisical",
        _url("site_url", "siteUrl"),
        _needed("client_id", "clientId"),
        hidden("client_secret", "clientSecret"),
        _needed("project_id", "projectId"),
        _needed("environment_slug", "environmentSlug"),
        Field("folder", "secretPath", limits=(1, 1024)),
        siteUrl="https://app.infisical.com",
        secretPath="/",
    ),
    _vault(
        "phase",
        hidden("token", "token"),
        _needed("app_id", "appId"),
        _needed("environment", "env"),
        Field("path", "path", limits=(1, 1024)),
        _url("api_url", "apiUrl"),
        since=(0, 30, 5),
        path="/",
        apiUrl="https://api.phase.dev",
    ),
    _vault(
        "scaleway",
        _needed("project_id", "projectId"),
        hidden("secret_key", "secretKey"),
        Field("region", "region", limits=(1, 255)),
        _url("api_url", "apiUrl"),
        region="fr-par",
        apiUrl="https://api.scaleway.com",
    ),
)
OPERATION = resource_operation(*KINDS)
INFO_OPERATION = info_operation(*KINDS)

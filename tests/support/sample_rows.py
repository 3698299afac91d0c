# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows as Dokploy 0.30.2 returns them, and the effect of its writes on a row (measured)."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Outcome, Step, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.uniqueness import EnsureUnique
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = dict[str, Any]

APPLICATION_ID = "wt5vMVRL9eMUT3X_tiaQO"
ENVIRONMENT_ID = "GotF5zXn0N2reerrsxU54"
PROJECT_ID = "Ue1vLI1JDrxRekUSQHO2e"
ORGANIZATION_ID = "BDyElAK5qAS-Q4nTefoE3"
CREATED_AT = "2026-11-24T13:55:26.134Z"

_NULL = (
    "description env previewEnv watchPaths previewBuildArgs previewBuildSecrets previewLabels previewWildcard"
    " previewCustomCertResolver buildArgs buildSecrets memoryReservation memoryLimit cpuReservation cpuLimit title"
    " enabled subtitle command args icon repository owner branch gitlabProjectId gitlabRepository gitlabOwner"
    " gitlabBranch gitlabPathNamespace giteaRepository giteaOwner giteaBranch bitbucketRepository"
    " bitbucketRepositorySlug bitbucketOwner bitbucketBranch username password dockerImage registryUrl customGitUrl"
    " customGitBranch customGitBuildPath customGitSSHKeyId dockerContextPath dockerBuildStage dropBuildPath"
    " healthCheckSwarm restartPolicySwarm placementSwarm updateConfigSwarm rollbackConfigSwarm modeSwarm labelsSwarm"
    " networkSwarm stopGracePeriodSwarm endpointSpecSwarm ulimitsSwarm publishDirectory isStaticSpa registryId"
    " rollbackRegistryId githubId gitlabId giteaId bitbucketId serverId buildServerId buildRegistryId"
).split()


def application(**values: Any) -> Row:
    """``application.one`` of a fresh application."""
    row: Row = dict.fromkeys(_NULL)
    row.update(
        applicationId=APPLICATION_ID,
        name="web",
        appName="app-connect-multi-byte-port-ic2dza",
        previewPort=3000,
        previewHttps=False,
        previewPath="/",
        previewCertificateType="none",
        previewLimit=3,
        isPreviewDeploymentsActive=False,
        previewRequireCollaboratorPermissions=True,
        rollbackActive=False,
        refreshToken="refresh-token-of-web",
        sourceType="github",
        cleanCache=False,
        buildPath="/",
        triggerType="push",
        autoDeploy=True,
        gitlabBuildPath="/",
        giteaBuildPath="/",
        bitbucketBuildPath="/",
        enableSubmodules=False,
        dockerfile="Dockerfile",
        replicas=1,
        applicationStatus="idle",
        buildType="nixpacks",
        railpackVersion="0.15.4",
        herokuVersion="24",
        createEnvFile=True,
        createdAt=CREATED_AT,
        environmentId=ENVIRONMENT_ID,
        networkIds=[],
        detachDokployNetwork=False,
        domains=[],
        deployments=[],
        mounts=[],
        redirects=[],
        security=[],
        ports=[],
        previewDeployments=[],
        hasGitProviderAccess=True,
        unauthorizedProvider=None,
    )
    row.update(values)
    return row


def domain(number: int = 1, **values: Any) -> Row:
    row: Row = {
        "domainId": "xWCN7euDJkts4iVMNZ2x%d" % number,
        "host": "a.example.com",
        "https": False,
        "port": 3000,
        "customEntrypoint": None,
        "path": "/",
        "serviceName": None,
        "domainType": "application",
        "uniqueConfigKey": number,
        "createdAt": CREATED_AT,
        "composeId": None,
        "customCertResolver": None,
        "applicationId": APPLICATION_ID,
        "previewDeploymentId": None,
        "certificateType": "none",
        "internalPath": "/",
        "stripPath": False,
        "middlewares": [],
        "forwardAuthEnabled": False,
        "enabled": True,
    }
    row.update(values)
    return row


def mount(number: int = 1, **values: Any) -> Row:
    row: Row = {
        "mountId": "DiPiw-C2au1VXipQdSqo%d" % number,
        "type": "volume",
        "hostPath": None,
        "volumeName": "vol1",
        "filePath": None,
        "content": None,
        "serviceType": "application",
        "mountPath": "/data",
        "applicationId": APPLICATION_ID,
        "composeId": None,
        "libsqlId": None,
        "mariadbId": None,
        "mongoId": None,
        "mysqlId": None,
        "postgresId": None,
        "redisId": None,
    }
    row.update(values)
    return row


def deployment(number: int = 1, **values: Any) -> Row:
    """A row of ``deployment.all``; a higher number is a later one."""
    row: Row = {
        "deploymentId": "Jtp3RlwLSWAPB4ChqI%03d" % number,
        "title": "Manual deployment",
        "description": "",
        "status": "done",
        "logPath": "/etc/dokploy/logs/dk-s3wis3/dk-s3wis3-2026-11-24:13:59:15.log",
        "pid": None,
        "applicationId": APPLICATION_ID,
        "composeId": None,
        "serverId": None,
        "isPreviewDeployment": False,
        "previewDeploymentId": None,
        "createdAt": "2026-11-24T13:59:%02d.276Z" % number,
        "startedAt": "2026-11-24T13:59:%02d.276Z" % number,
        "finishedAt": "2026-11-24T13:59:%02d.405Z" % number,
        "errorMessage": None,
        "scheduleId": None,
        "backupId": None,
        "rollbackId": None,
        "volumeBackupId": None,
        "buildServerId": None,
    }
    row.update(values)
    if row["status"] == "running":
        row["finishedAt"] = None
    return row


def job(number: int, state: str, application_id: str = APPLICATION_ID, title: str = "Manual deployment") -> Row:
    """An entry of ``deployment.queueList``, which lists the newest first."""
    row: Row = {
        "id": "job-%d" % number,
        "name": "deployments",
        "data": {
            "applicationId": application_id,
            "titleLog": title,
            "descriptionLog": "",
            "type": "deploy",
            "applicationType": "application",
            "server": False,
        },
        "timestamp": 1795528804343 + number,
        "state": state,
        "servicePath": {"href": "/dashboard/project/x", "label": "Application"},
    }
    if state == "active":
        row["processedOn"] = row["timestamp"] + 1
    return row


def environment(**values: Any) -> Row:
    """An environment in ``project.all``."""
    row: Row = {"name": "production", "environmentId": ENVIRONMENT_ID, "isDefault": True}
    for kind in ("applications", "mariadb", "mongo", "mysql", "postgres", "redis", "compose", "libsql"):
        row[kind] = []
    row.update(values)
    return row


def project(**values: Any) -> Row:
    """A project in ``project.all``."""
    row: Row = {
        "projectId": PROJECT_ID,
        "name": "shop",
        "description": "",
        "createdAt": CREATED_AT,
        "organizationId": ORGANIZATION_ID,
        "env": "",
        "environments": [environment()],
        "projectTags": [],
    }
    row.update(values)
    return row


def service(name: str, application_id: str) -> Row:
    """An application in ``project.all``."""
    return {"applicationId": application_id, "name": name, "applicationStatus": "idle"}


def tree(*names: str) -> list[Row]:
    """``project.all`` of one project with these applications; their ids are ``id-<name>``."""
    return [project(environments=[environment(applications=[service(name, "id-" + name) for name in names])])]


# --- what the writes do ---

_FRESH = {
    "project": {"projectId": PROJECT_ID, "description": None, "createdAt": CREATED_AT, "env": ""},
    "environment": {"environmentId": ENVIRONMENT_ID, "description": None, "env": "", "isDefault": False},
}
_CREATE_TAKES = {
    "project": {"name", "description", "env"},
    # env is ignored at creation.
    "environment": {"name", "description", "projectId"},
    "application": {"name", "description", "appName", "serverId", "environmentId", "sourceType"},
}


class StoredResource:
    """One stored resource, to which a plan is applied as a real server would: partial updates, suffix on appName."""

    # No two rows that were ever made have one id.
    _numbers = itertools.count(101)

    def __init__(self, resource: Resource, row: Row | None) -> None:
        self.resource = resource
        self.row = copy.deepcopy(row)
        self.writes: list[str] = []

    def apply(self, steps: Iterable[Step]) -> Row:
        saved: dict[str, Any] = {}
        for step in steps:
            if isinstance(step, EnsureUnique):
                continue
            assert isinstance(step, Write)
            body = Outcome(rows=saved).value(step.body)
            self.writes.append(step.procedure)
            answer = self._carry_out(step, body)
            if step.saves is not None:
                saved[step.saves] = answer
        assert self.row is not None
        return self.row

    def _carry_out(self, step: Write, body: Row) -> Row:
        resource = self.resource
        if step.procedure == resource.creation.procedure:
            assert self.row is None
            self.row = application() if resource.name == "application" else dict(_FRESH[resource.name])
            assert set(body) <= _CREATE_TAKES[resource.name], "ignored at creation"
            self.row.update(body)
            if "appName" in body:
                self.row["appName"] = body["appName"].lower() + "-a1b2c3"
            return self.row
        assert self.row is not None
        if step.procedure == resource.updating.procedure:
            assert body.pop(resource.id_key) == self.row[resource.id_key]
            assert body, "No values to set"
            self.row.update({key: value for key, value in body.items() if key not in ("appName", "serverId")})
            return self.row
        return self._child(step.procedure, body)

    def _child(self, procedure: str, body: Row) -> Row:
        assert self.row is not None
        for child in self.resource.children:
            rows: list[Row] = self.row[child.embedded]
            if procedure == child.create:
                number = next(self._numbers)
                made = domain(number) if child.option == "domains" else mount(number)
                if child.option == "mounts":
                    assert body.pop("serviceType") == "application", "the mount would belong to nothing"
                    assert body.pop("serviceId") == self.row["applicationId"]
                    made = dict.fromkeys(made) | {"mountId": made["mountId"]}
                made.update(body)
                rows.append(made)
                return made
            if procedure not in (child.update, child.remove):
                continue
            own = next(row for row in rows if row[child.id_key] == body[child.id_key])
            if procedure == child.remove:
                rows.remove(own)
            else:
                assert child.option != "domains" or "host" in body, "domain.update wants the host"
                own.update(body)
            return own
        raise AssertionError("unexpected %s" % procedure)

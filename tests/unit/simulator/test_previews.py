# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preview deployments and rollbacks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.simulator_client import Api


def previewed(api: Api, **fields: Any) -> str:
    github = api.sim.act(git_provider="github", name="acme")["githubId"]
    source = {"sourceType": "github", "githubId": github, "owner": "acme", "repository": "shop", "branch": "main"}
    return api.application(**source, isPreviewDeploymentsActive=True, previewPort=8080, previewEnv="A=1", **fields)


def test_a_pull_request_gets_a_preview(api: Api) -> None:
    application = previewed(api)
    opened = api.sim.act(preview=application, branch="feature", pull_request=7, commit="abc")
    api.idle()
    (row,) = api.get("previewDeployment.all", applicationId=application).json()
    assert (row["branch"], row["pullRequestNumber"], row["previewStatus"]) == ("feature", "7", "done")
    assert row["domain"]["host"] == opened["host"] and row["domain"]["port"] == 8080
    (deployment,) = row["deployments"]
    assert (deployment["title"], deployment["description"]) == ("Preview Deployment", "Hash: abc")
    assert deployment["applicationId"] is None
    assert api.deployments(application) == [] and list(api.sim.services()) == [opened["appName"]]
    one = api.get("previewDeployment.one", previewDeploymentId=opened["previewDeploymentId"]).json()
    assert one["application"] == {"applicationId": application, "serverId": None}
    whole = api.get("application.one", applicationId=application).json()
    assert [preview["appName"] for preview in whole["previewDeployments"]] == [opened["appName"]]
    # A push to the same pull request builds the same preview again.
    assert api.sim.act(preview=application, pull_request=7) == opened
    api.idle()
    rows = api.get("deployment.allByType", id=opened["previewDeploymentId"], type="previewDeployment").json()
    assert len(rows) == 2


def test_previews_are_redeployed_and_deleted(api: Api) -> None:
    application = previewed(api)
    key = {"previewDeploymentId": api.sim.act(preview=application)["previewDeploymentId"]}
    api.idle()
    assert api.post("previewDeployment.redeploy", **key, title="again").json() is True
    api.idle()
    rows = api.get("deployment.allByType", id=key["previewDeploymentId"], type="previewDeployment").json()
    assert [row["title"] for row in rows] == ["again", "Preview Deployment"]
    assert api.post("previewDeployment.delete", **key).json() is True
    assert api.post("previewDeployment.delete", **key).status_code == 404
    assert api.get("deployment.readLogs", deploymentId=rows[0]["deploymentId"]).status_code == 404
    assert api.sim.services() == {}
    api.sim.act(preview=application, pull_request=2)
    api.sim.act(preview=application, pull_request=2, closed=True)
    assert api.get("previewDeployment.all", applicationId=application).json() == []


def test_a_waiting_preview_is_in_the_queue(api: Api) -> None:
    api.sim.config(build_seconds=60)
    application = previewed(api)
    opened = api.sim.act(preview=application)
    (job,) = api.get("deployment.queueList").json()
    assert job["data"]["applicationType"] == "application-preview"
    assert job["data"]["previewDeploymentId"] == opened["previewDeploymentId"]
    assert job["servicePath"]["href"].endswith(application)
    assert api.post("application.delete", applicationId=application).status_code == 200
    assert api.get("previewDeployment.one", previewDeploymentId=opened["previewDeploymentId"]).status_code == 404


def test_not_every_pull_request_gets_one(api: Api) -> None:
    application = previewed(api, previewLimit=1, previewLabels=["preview"])
    with pytest.raises(ValueError, match="no preview"):
        api.sim.act(preview=application, pull_request=1)
    api.sim.act(preview=application, pull_request=1, labels=["preview"])
    with pytest.raises(ValueError, match="no preview"):
        api.sim.act(preview=application, pull_request=2, labels=["preview"])
    with pytest.raises(ValueError, match="no preview"):
        api.sim.act(preview=api.application())


def test_rolling_back(api: Api) -> None:
    registry = api.sim.act(registry="hub", imagePrefix="acme", password="hush")["registryId"]
    application = api.application(
        sourceType="docker", dockerImage="nginx:1", replicas=2, rollbackActive=True, rollbackRegistryId=registry
    )
    name = api.get("application.one", applicationId=application).json()["appName"]
    for image in ("nginx:1", "nginx:2"):
        api.post("application.update", applicationId=application, dockerImage=image)
        api.post("application.deploy", applicationId=application)
        api.idle()
    newest, first = api.get("deployment.allByType", id=application, type="application").json()
    assert (first["rollback"]["version"], first["rollback"]["image"]) == (1, f"{name}:v1")
    # Measured: the copy of the application shows its registries' passwords.
    assert first["rollback"]["fullContext"]["rollbackRegistry"]["password"] == "hush"
    assert newest["rollbackId"] == newest["rollback"]["rollbackId"]
    api.post("application.update", applicationId=application, replicas=5)
    assert api.post("rollback.rollback", rollbackId=first["rollbackId"]).content == b""
    image = f"registry.example.com/acme/{name}:v1"
    assert api.sim.services()[name] == {"replicas": 2, "running": 2, "image": image}
    row = api.get("application.one", applicationId=application).json()
    assert (row["dockerImage"], row["replicas"], len(row["deployments"])) == ("nginx:2", 5, 2)


def test_deleting_a_rollback_deletes_its_deployment(api: Api) -> None:
    registry = api.sim.act(registry="hub")["registryId"]
    application = api.application(
        sourceType="docker", dockerImage="nginx:1", rollbackActive=True, rollbackRegistryId=registry
    )
    api.post("application.deploy", applicationId=application)
    api.idle()
    (row,) = api.deployments(application)
    deleted = api.post("rollback.delete", rollbackId=row["rollbackId"]).json()
    assert deleted["deployment"]["deploymentId"] == row["deploymentId"]
    assert api.deployments(application) == []
    for verb in ("delete", "rollback"):
        assert api.post(f"rollback.{verb}", rollbackId=row["rollbackId"]).status_code == 400

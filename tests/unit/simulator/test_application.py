# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The smaller verbs of an application and its smaller children."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.simulator_client import Api


def one(api: Api, application: str) -> dict[str, Any]:
    row: dict[str, Any] = api.get("application.one", applicationId=application).json()
    return row


def mount(api: Api, application: str, **values: Any) -> requests.Response:
    body = {"type": "file", "content": "x", "mountPath": "/f", "serviceType": "application", **values}
    return api.post("mounts.create", serviceId=application, **body)


def test_small_setters(api: Api) -> None:
    application = api.application()
    before = one(api, application)["refreshToken"]
    assert api.post("application.refreshToken", applicationId=application).json() is True
    assert one(api, application)["refreshToken"] != before
    assert api.post("application.markRunning", applicationId=application).content == b""
    assert one(api, application)["applicationStatus"] == "running"
    assert api.post("application.cleanQueues", applicationId="nope").content == b""
    for verb in ("refreshToken", "markRunning", "clearDeployments", "disconnectGitProvider"):
        assert api.post(f"application.{verb}", applicationId="nope").status_code == 404, verb


def test_moving(api: Api) -> None:
    application = api.application()
    project = one(api, application)["environment"]["projectId"]
    target = api.post("environment.create", name="staging", projectId=project).json()["environmentId"]
    moved = api.post("application.move", applicationId=application, targetEnvironmentId=target).json()
    assert moved["environmentId"] == target
    assert api.post("application.move", applicationId=application, targetEnvironmentId="nope").status_code == 500
    assert api.post("application.move", applicationId="nope", targetEnvironmentId=target).status_code == 500


def test_disconnecting_keeps_the_docker_source(api: Api) -> None:
    git = {"sourceType": "git", "customGitUrl": "http://git/x.git", "customGitBranch": "main", "triggerType": "tag"}
    application = api.application(dockerImage="nginx:1", watchPaths=["src/**"], **git)
    assert api.post("application.disconnectGitProvider", applicationId=application).json() is True
    row = one(api, application)
    assert (row["sourceType"], row["customGitUrl"], row["watchPaths"], row["triggerType"]) == (
        "github",
        None,
        None,
        "push",
    )
    assert (row["dockerImage"], row["applicationStatus"]) == ("nginx:1", "idle")


def test_file_mounts(api: Api) -> None:
    application = api.application()
    for path in ("conf/a.txt", "conf/b.txt", "conf/a.txt", "/root.txt"):
        assert mount(api, application, filePath=path).status_code == 200, path
    # One without a path is refused for the folder of the others, but its row stays (measured).
    refused = mount(api, application)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(
        "Error Error creating the mount EISDIR: illegal operation on a directory"
    )
    assert len(one(api, application)["mounts"]) == 5
    below = mount(api, application, filePath="root.txt/c.txt")
    assert below.status_code == 400 and "EEXIST: file already exists, mkdir" in below.json()["message"]
    first = one(api, application)["mounts"][3]
    assert api.post("mounts.remove", mountId=first["mountId"]).status_code == 200
    assert mount(api, application, filePath="root.txt/c.txt").status_code == 200


def test_a_file_without_a_path_takes_the_folders_place(api: Api) -> None:
    application = api.application()
    assert mount(api, application).status_code == 200
    blocked = mount(api, application, filePath="a.txt")
    assert blocked.status_code == 400 and "EEXIST: file already exists, mkdir" in blocked.json()["message"]


def test_mounts_update_answers_the_old_row(api: Api) -> None:
    application = api.application()
    made = mount(api, application, filePath="a.txt").json()
    old = api.post("mounts.update", mountId=made["mountId"], mountPath="/g").json()
    assert (old["mountPath"], old["application"]["appName"]) == ("/f", one(api, application)["appName"])
    assert api.get("mounts.one", mountId=made["mountId"]).json()["mountPath"] == "/g"


def test_ports_forget_what_they_are_not_told(api: Api) -> None:
    application = api.application()
    made = api.post(
        "port.create", applicationId=application, publishedPort=1, targetPort=2, protocol="udp", publishMode="host"
    ).json()
    row = api.post("port.update", portId=made["portId"], publishedPort=3, targetPort=4).json()
    assert (row["protocol"], row["publishMode"], row["publishedPort"]) == ("tcp", "ingress", 3)


def test_redirects_and_users_answer_without_their_ids(api: Api) -> None:
    application = api.application()
    assert (
        api.post("redirects.create", applicationId=application, regex="a", replacement="b", permanent=True).json()
        is True
    )
    user = {"applicationId": application, "username": "u", "password": "hush"}
    assert api.post("security.create", **user).json() is True
    twice = api.post("security.create", **user)
    assert twice.status_code == 400 and "hush" in twice.json()["message"]
    (row,) = one(api, application)["security"]
    assert api.post("security.update", securityId=row["securityId"], username="v", password="p").content == b""
    assert api.post("security.delete", securityId=row["securityId"]).json()["username"] == "v"

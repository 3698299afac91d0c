# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator posts to custom notifications has the keys of a real server's requests (measured on 0.30.2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.support.simulator_client import Api

COMMON = "title message projectName applicationName applicationType".split()
SUCCESS = [*COMMON, *"buildLink timestamp date domains status type".split()]
ERROR = [*COMMON, *"errorMessage buildLink timestamp date status type".split()]


class Receiver(HTTPServer):
    """Keeps the headers and the body of each request, and answers C(status)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 204
        self.url = f"http://127.0.0.1:{self.server_port}/dokploy"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def notification(api: Api, endpoint: str, **events: bool) -> None:
    names = "databaseBackup volumeBackup dokployRestart dokployBackup dockerCleanup serverThreshold".split()
    made = api.post(
        "notification.createCustom",
        name="own",
        endpoint=endpoint,
        headers={"Authorization": "Bearer abc"},
        **{**dict.fromkeys((*names, "appDeploy", "appBuildError"), False), **events},
    )
    assert made.status_code == 200, made.text


def deploy(api: Api, **fields: Any) -> str:
    application = api.application(**fields)
    api.post("application.deploy", applicationId=application)
    api.idle()
    return application


def test_both_results_are_posted(api: Api, receiver: Receiver) -> None:
    api.sim.config(send_notifications=True, next_results=["done", "error"])
    notification(api, receiver.url, appDeploy=True, appBuildError=True)
    application = deploy(api, sourceType="docker", dockerImage="nginx:1")
    api.post("application.deploy", applicationId=application)
    api.idle()
    (headers, good), (_headers, bad) = receiver.received
    assert headers["Authorization"] == "Bearer abc" and headers["Content-Type"] == "application/json"
    assert (list(good), list(bad)) == (SUCCESS, ERROR)
    assert (good["status"], bad["status"]) == ("success", "error")
    assert f"/services/application/{application}?tab=deployments" in bad["buildLink"]
    assert [message["body"] for message in api.sim.messages()] == [good, bad]
    log = api.deployments(application)[0]["logPath"]
    assert bad["errorMessage"].endswith(f">> {log} 2>&1\n")


def test_a_failed_build_tells_the_environment(api: Api, receiver: Receiver) -> None:
    api.sim.config(send_notifications=True)
    notification(api, receiver.url, appBuildError=True)
    git = {"customGitUrl": "https://git.example.com/web.git", "customGitBranch": "broken", "buildType": "dockerfile"}
    deploy(api, sourceType="git", env="A=secret value", buildSecrets="B=other", **git)
    ((_headers, bad),) = receiver.received
    assert base64.b64encode(b"A=secret value").decode() in bad["errorMessage"] and "B=other" in bad["errorMessage"]


def test_what_is_not_wanted_is_not_posted(api: Api, receiver: Receiver) -> None:
    api.sim.config(send_notifications=True)
    notification(api, receiver.url, appBuildError=True)
    deploy(api, sourceType="docker", dockerImage="nginx:1")
    assert receiver.received == [] and api.sim.messages() == []


def test_nothing_is_posted_without_the_setting_or_off_loopback(api: Api, receiver: Receiver) -> None:
    notification(api, receiver.url, appDeploy=True)
    deploy(api, sourceType="docker", dockerImage="nginx:1")
    assert receiver.received == [] and len(api.sim.messages()) == 1
    api.sim.reset()
    api.sim.config(send_notifications=True)
    notification(api, "https://hooks.example.com/x", appDeploy=True)
    deploy(api, sourceType="docker", dockerImage="nginx:1")
    assert [message["to"] for message in api.sim.messages()] == ["https://hooks.example.com/x"]


def test_a_test_reaches_the_receiver(api: Api, receiver: Receiver) -> None:
    api.sim.config(send_notifications=True)
    done = api.post("notification.testCustomConnection", endpoint=receiver.url, headers={"X-Own": "1"})
    ((headers, body),) = receiver.received
    assert done.json() is True and headers["X-Own"] == "1" and list(body) == ["title", "message", "timestamp"]
    receiver.status = 503
    refused = api.post("notification.testCustomConnection", endpoint=receiver.url, headers={})
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        "Failed to send custom notification: Service Unavailable",
    )

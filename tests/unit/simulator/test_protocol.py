# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol's facts that clients meet, for a clone without the recorded contract.

The contract judges the protocol in full: also broken bodies, coercion and the limits of keys.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api


@pytest.mark.parametrize("refilled", [False, True])
def test_a_key_that_is_used_up_is_gone_unless_it_is_filled_up_again(api: Api, refilled: bool) -> None:
    organization = api.get("organization.active").json()["id"]
    body = {"name": "k", "metadata": {"organizationId": organization}, "rateLimitEnabled": False, "remaining": 4}
    more = {"refillAmount": 4, "refillInterval": 86400000} if refilled else {}
    made = api.post("user.createApiKey", **body, **more).json()
    api.session.headers["x-api-key"] = made["key"]
    assert [api.get("project.all").status_code for _unused in range(3)] == [200, 200, 401]
    api.session.headers["x-api-key"] = api.sim.key
    assert api.post("user.deleteApiKey", apiKeyId=made["id"]).status_code == (200 if refilled else 404)


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"Authorization": "Bearer KEY"}])
def test_key_failures_look_alike(api: Api, headers: dict[str, str]) -> None:
    headers = {name: value.replace("KEY", api.sim.key) for name, value in headers.items()}
    answer = requests.get(f"{api.sim.url}/api/project.all", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_paths_and_methods(api: Api) -> None:
    url = api.sim.url
    assert api.session.get(f"{url}/api//project.all/").json() == []
    assert api.session.get(f"{url}/project.all").headers["Content-Type"].startswith("text/html")
    assert api.session.head(f"{url}/api/no.thing").status_code == 204
    for method, path in (
        ("GET", "no.thing"),
        ("POST", "project.all"),
        ("GET", "project.create"),
        ("PUT", "project.all"),
    ):
        answer = api.session.request(method, f"{url}/api/{path}", json={})
        assert answer.status_code == 404 and "path" not in answer.json()["data"], path
    unknown = api.get("project.one", projectId="nope")
    assert unknown.status_code == 404 and unknown.json()["data"]["path"] == "project.one"
    long = api.session.get(f"{url}/api/project.all", params={"x": "y" * 16_400})
    assert (long.status_code, long.content) == (431, b"")


def test_batches(api: Api) -> None:
    application = api.application()
    good, bad = ("application.one", {"applicationId": application}), ("application.one", {"applicationId": "nope"})
    assert [api.batch(*calls).status_code for calls in ((good, good), (bad, bad), (good, bad))] == [200, 404, 207]
    assert [("result" in item) for item in api.batch(good, bad).json()] == [True, False]
    mixed = api.batch(good, ("application.update", {}))
    assert (mixed.status_code, mixed.headers["Content-Type"]) == (400, "text/plain;charset=UTF-8")
    assert mixed.json()["error"]["json"]["message"] == "Cannot mix procedure types in call: query, mutation"
    trpc = f"{api.sim.url}/api/trpc"
    assert api.session.post(f"{trpc}/project.all", json={"json": None}).status_code == 405
    assert api.session.get(f"{trpc}/project.create").status_code == 405
    assert (
        api.session.get(f"{trpc}/a.b,c.d").json()["error"]["json"]["message"] == 'No procedure found on path "a.b,c.d"'
    )
    nothing = api.session.post(f"{trpc}/application.cleanQueues", json={"json": {"applicationId": application}})
    assert nothing.json()["result"]["data"] == {"json": None, "meta": {"values": ["undefined"], "v": 1}}
    bare = api.session.get(f"{trpc}/application.one", params={"input": json.dumps({"applicationId": application})})
    assert bare.json()["error"]["json"]["data"]["zodError"]["formErrors"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"memoryLimit": 5}, "Invalid input: expected string, received number"),
        ({"name": None}, "Invalid input: expected string, received null"),
        ({"args": "x"}, "Invalid input: expected array, received string"),
        ({"healthCheckSwarm": {"bogus": 1}}, 'Unrecognized key: "bogus"'),
        ({"labelsSwarm": "{}"}, "Invalid input: expected record, received string"),
    ],
)
def test_refused_values(api: Api, sent: dict[str, Any], message: str) -> None:
    answer = api.post("application.update", applicationId=api.application(), **sent)
    (column,) = sent
    assert answer.status_code == 400
    assert answer.json()["data"]["zodError"]["fieldErrors"] == {column: [message]}


def test_raw_sql_gives_values_away(api: Api) -> None:
    answer = api.post("application.update", applicationId=api.application(), registryId="nope", env="SECRET=1")
    assert answer.status_code == 500
    assert answer.json()["message"].startswith('Failed query: update "application" set "env" = $1, "registryId" = $2')
    assert "params: SECRET=1,nope," in answer.json()["message"]


def test_webhook(api: Api) -> None:
    application = api.application(sourceType="git", customGitUrl="https://x/y.git", customGitBranch="main")
    token = api.get("application.one", applicationId=application).json()["refreshToken"]
    url = f"{api.sim.url}/api/deploy/{token}"
    assert requests.post(url, json={}, allow_redirects=False).status_code == 301
    push = {"ref": "refs/heads/main", "commits": [{"id": "1", "message": "m"}]}
    assert requests.post(url, json=push, headers={"x-gitea-event": "push"}).status_code == 200
    api.idle()
    assert len(api.deployments(application)) == 1
    assert requests.post(f"{api.sim.url}/api/deploy/nope", json={}).json() == {"message": "Application Not Found"}


def test_save_provider_resets_the_status_and_update_does_not(api: Api) -> None:
    application = api.application(sourceType="docker", dockerImage="nginx:1", applicationStatus="done")
    api.post("application.update", applicationId=application, dockerImage="nginx:2")
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "done"
    docker = {"dockerImage": "nginx:2", "username": None, "password": None, "registryUrl": None}
    api.post("application.saveDockerProvider", applicationId=application, **docker)
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "idle"

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol's facts, for a clone without the recorded contract (which the replay judges in full)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api


def test_a_rest_call_counts_twice_and_a_batch_once(api: Api) -> None:
    organization = api.get("organization.active").json()["id"]
    body = {"name": "k", "metadata": {"organizationId": organization}, "rateLimitEnabled": True, "rateLimitMax": 5}
    key = api.post("user.createApiKey", **body).json()["key"]
    api.session.headers["x-api-key"] = key
    answers = [api.get("project.all") for _unused in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]
    # The third is refused by the second of its two verifications, the fourth by the first.
    assert answers[2].json()["code"] == "UNAUTHORIZED"
    assert answers[3].json() == {"message": "Unauthorized"}
    api.session.headers["x-api-key"] = api.sim.key
    key = api.post("user.createApiKey", **body).json()["key"]
    api.session.headers["x-api-key"] = key
    batch: list[tuple[str, dict[str, Any]]] = [("settings.getDokployVersion", {})] * 20
    assert [api.batch(*batch).status_code for _unused in range(6)] == [200] * 5 + [401]


def test_a_key_is_limited_unless_it_says_otherwise(api: Api) -> None:
    organization = api.get("organization.active").json()["id"]
    made = api.post("user.createApiKey", name="k", metadata={"organizationId": organization}).json()
    api.session.headers["x-api-key"] = made["key"]
    assert [api.get("project.all").status_code for _unused in range(6)] == [200] * 5 + [401]


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


def test_first_key_by_signing_in(api: Api) -> None:
    api.sim.config(sign_in_seconds=10.0)
    url = f"{api.sim.url}/api"
    with requests.Session() as session:
        credentials = {"email": "admin@example.com", "password": "simulator"}
        assert session.post(f"{url}/auth/sign-in/email", json=credentials).status_code == 200
        organization = session.get(f"{url}/organization.all").json()[0]["id"]
        body = {"name": "first", "metadata": {"organizationId": organization}, "rateLimitEnabled": False}
        key = session.post(f"{url}/user.createApiKey", json=body).json()["key"]
        wrong = {**credentials, "password": "wrong"}
        codes = [session.post(f"{url}/auth/sign-in/email", json=wrong).status_code for _unused in range(3)]
        assert codes == [401, 401, 429]
    assert requests.get(f"{url}/project.all", headers={"x-api-key": key}).json() == []


def raw(api: Api, data: bytes, content_type: str | None) -> requests.Response:
    headers = {"Content-Type": content_type} if content_type else {}
    return api.session.post(f"{api.sim.url}/api/project.create", data=data, headers=headers)


def test_bodies(api: Api) -> None:
    broken = raw(api, b"{broken", "application/json")
    assert (broken.status_code, broken.text) == (400, "Invalid JSON") and "Content-Type" not in broken.headers
    big = raw(api, b'{"name": "' + b"x" * 1_050_000 + b'"}', "application/json")
    assert (big.status_code, big.text) == (413, "Body exceeded 1mb limit")
    assert raw(api, b"name=x", "application/x-www-form-urlencoded").status_code == 415
    assert raw(api, b"", None).json()["message"] == "Missing content-type header"
    for empty in (b"", b"[1]", b'"x"'):
        assert raw(api, empty, "application/json; charset=utf-8").json()["message"] == "Input validation failed"


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
    ("sent", "stored"),
    [
        ({"autoDeploy": "false"}, True),
        ({"autoDeploy": 0}, False),
        ({"autoDeploy": None}, None),
        ({"replicas": "4"}, 4),
        ({"replicas": None}, 0),
        ({"createEnvFile": None}, False),
        ({"description": ""}, ""),
        ({"description": None}, None),
    ],
)
def test_coercion(api: Api, sent: dict[str, Any], stored: Any) -> None:
    application = api.application(createEnvFile=True)
    assert api.post("application.update", applicationId=application, **sent).json() is True
    (column,) = sent
    read = api.get("application.one", applicationId=application).json()[column]
    assert (type(read), read) == (type(stored), stored)


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

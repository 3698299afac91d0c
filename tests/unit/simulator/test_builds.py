# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds: logs that grow, clones, what is killed, commits, digests, restarts, several at once."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api

REPOSITORY = "https://git.example.com/shop.git"
DIGEST = "sha256:" + "0123456789abcdef" * 4
KILLED = "ERROR: failed to build: context canceled\n"


def docker(api: Api, image: str = "nginx:1") -> str:
    return api.application(sourceType="docker", dockerImage=image)


def git(api: Api, branch: str = "main", build_type: str = "dockerfile") -> str:
    return api.application(sourceType="git", customGitUrl=REPOSITORY, customGitBranch=branch, buildType=build_type)


def deploy(api: Api, application: str, verb: str = "deploy", **body: str) -> None:
    assert api.post(f"application.{verb}", applicationId=application, **body).status_code == 200


def deployed(api: Api, application: str, verb: str = "deploy", **body: str) -> dict[str, Any]:
    deploy(api, application, verb, **body)
    api.idle()
    return api.deployments(application)[0]


def until_said(api: Api, application: str, words: str) -> str:
    """Wait until the log of the newest deployment has these words; the log."""
    api.until(lambda: bool(api.deployments(application)) and words in api.log(application))
    return api.log(application)


# --- logs ------------------------------------------------------------------------------------------------------------


def test_the_log_shows_what_there_is_so_far(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx*", "seconds": 60, "log": ["one", "two"]}])
    application = docker(api)
    deploy(api, application)
    # The first line comes at once, each other a quarter of the time later, the verdict at the end.
    assert until_said(api, application, "Pulling") == "Initializing deployment\nPulling nginx:1\n"
    api.sim.act(finish=True)
    api.idle()
    lines = api.log(application).splitlines()
    assert lines[1:5] == ["Pulling nginx:1", "1: Pulling from nginx", "one", "two"]
    assert lines[5].startswith("Digest: ") and lines[-1] == "✅ Pulling image completed."


def test_the_log_grows(api: Api) -> None:
    said = [f"line {number}" for number in range(3000)]
    api.sim.config(builds=[{"branch": "main", "seconds": 60, "log": said}])
    application = git(api)
    deploy(api, application)
    api.until(lambda: bool(api.deployments(application)))
    seen = [api.log(application)]
    while len(set(seen)) < 3:
        assert api.deployments(application)[0]["status"] == "running"
        seen.append(api.log(application))
    api.sim.act(finish=True)
    api.idle()
    seen.append(api.log(application))
    assert all(after.startswith(before) for before, after in zip(seen, seen[1:], strict=False))
    assert len(set(seen)) == 4
    assert "\n".join(["", *said, "✅ Docker build completed.", ""]) in seen[-1]


def test_ten_thousand_lines_take_no_longer_than_ten(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx*", "seconds": 0.05, "log": [str(n) for n in range(10_000)]}])
    application = docker(api)
    assert deployed(api, application)["status"] == "done"
    assert "\n9999\nDigest: " in api.log(application)


def test_any_text_may_be_in_a_log(api: Api) -> None:
    said = ["\x1b[32mgreen\x1b[0m", "10%\r", "20%\r", "100%", "TOKEN=hunter2", {"part": "no end"}]
    api.sim.config(builds=[{"branch": "main", "result": "error", "log": said}])
    application = git(api)
    assert deployed(api, application)["status"] == "error"
    middle = "\x1b[32mgreen\x1b[0m\n10%\r20%\r100%\nTOKEN=hunter2\nno endERROR: failed to solve"
    assert middle in api.log(application)
    # A carriage return ends no line, as far as ``tail`` is concerned.
    api.sim.config(builds=[{"branch": "main", "seconds": 60, "log": ["first", "10%\r", "20%\r", {"part": "30"}]}])
    api.sim.act(deploy=application)
    api.until(lambda: len(api.deployments(application)) == 2)
    api.sim.server.config.builds.clear()
    api.sim.act(finish=True)
    api.idle()
    assert api.log(application, tail=1) == "10%\r20%\r30✅ Docker build completed.\n"
    assert api.log(application, tail=2).startswith("first\n10%\r")


@pytest.mark.parametrize("rule", [{"log": "text"}, {"log": [1]}, {"log": [{"text": "a"}]}, {"pace": 1}, "slow"])
def test_rules_that_mean_nothing_are_refused(api: Api, rule: Any) -> None:
    with pytest.raises(ValueError, match="rule"):
        api.sim.config(builds=[rule])


# --- clones and killed builds ----------------------------------------------------------------------------------------


def test_a_killed_build_keeps_its_log(api: Api) -> None:
    api.sim.config(builds=[{"branch": "main", "seconds": 60, "log": ["one", "two"]}])
    application = git(api)
    deploy(api, application)
    so_far = until_said(api, application, "Building")
    api.post("application.killBuild", applicationId=application)
    api.idle()
    assert api.log(application) == so_far + KILLED
    row = api.deployments(application)[0]
    assert (row["status"], row["title"]) == ("error", "work on main")


@pytest.mark.parametrize("build_type", ["nixpacks", "railpack", "heroku_buildpacks", "paketo_buildpacks", "static"])
def test_other_builds_go_on(api: Api, build_type: str) -> None:
    api.sim.config(build_seconds=60)
    application = git(api, build_type=build_type)
    deploy(api, application)
    until_said(api, application, "Building")
    api.post("application.killBuild", applicationId=application)
    api.sim.act(finish=True)
    api.idle()
    assert api.deployments(application)[0]["status"] == "done"


def test_a_rule_says_what_can_be_killed(api: Api) -> None:
    api.sim.config(builds=[{"branch": "main", "seconds": 60, "killable": True}])
    application = git(api, build_type="static")
    deploy(api, application)
    until_said(api, application, "Building")
    api.post("application.killBuild", applicationId=application)
    api.idle()
    assert api.deployments(application)[0]["status"] == "error"


def test_a_clone_is_no_docker_build(api: Api) -> None:
    api.sim.config(builds=[{"branch": "main", "clone_seconds": 2, "seconds": 3600}])
    application = git(api)
    deploy(api, application)
    until_said(api, application, "Cloning")
    api.post("application.killBuild", applicationId=application)
    until_said(api, application, "Building")
    assert api.deployments(application)[0]["status"] == "running"
    api.post("application.killBuild", applicationId=application)
    api.idle()
    assert api.deployments(application)[0]["status"] == "error"


def test_killing_hits_the_builds_of_one_server(api: Api) -> None:
    api.sim.config(build_seconds=60)
    here, there = git(api), git(api)
    server = api.sim.act(server="two")["serverId"]
    api.sim.act(set=there, fields={"serverId": server})
    for application in (here, there):
        deploy(api, application)
        until_said(api, application, "Building")
    api.post("application.killBuild", applicationId=there)
    api.until(lambda: api.deployments(there)[0]["status"] == "error")
    assert api.deployments(here)[0]["status"] == "running"


def test_a_failed_clone_leaves_nothing_to_rebuild(api: Api) -> None:
    application = git(api)
    assert deployed(api, application)["status"] == "done"
    assert deployed(api, application, "redeploy")["status"] == "done"
    api.post("application.update", applicationId=application, customGitBranch="missing")
    row = deployed(api, application, title="mine")
    assert (row["status"], row["title"]) == ("error", "mine")
    assert deployed(api, application, "redeploy")["status"] == "error"


# --- commits and images ----------------------------------------------------------------------------------------------


def test_somebody_pushes(api: Api) -> None:
    api.sim.config(builds=[{"branch": "main", "message": "first", "hash": "1" * 40}])
    application = git(api)
    assert deployed(api, application)["title"] == "first"
    pushed = api.sim.act(push="main")
    row = deployed(api, application)
    assert (row["title"], row["description"]) == (pushed["message"], f"Commit: {pushed['hash']}")
    assert len(pushed["hash"]) == 40 and pushed["hash"] != api.sim.act(push="main")["hash"]
    api.sim.act(push="main", message="third", hash="3" * 40)
    row = deployed(api, application)
    assert (row["title"], row["description"]) == ("third", "Commit: " + "3" * 40)
    assert deployed(api, application, "redeploy", title="mine")["title"] == "mine"
    assert deployed(api, git(api, "other"))["title"] == "work on other"
    # A branch begins with its first push.
    lost = git(api, "missing")
    assert deployed(api, lost)["status"] == "error"
    api.sim.act(push="missing", message="here")
    assert deployed(api, lost)["title"] == "here"


@pytest.mark.parametrize(("version", "title"), [("0.25.6", "mine"), ("0.25.7", "work on main")])
def test_old_releases_keep_the_title(api: Api, version: str, title: str) -> None:
    api.sim.config(version=version)
    application = git(api)
    deploy(api, application, title="mine", description="id 7")
    api.until(lambda: [row["title"] for row in api.deployments(application) if row["finishedAt"]] == [title])
    row = api.deployments(application)[0]
    assert (row["description"] == "id 7") == (title == "mine")


def test_the_digest_of_an_image(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx:fixed", "digest": DIGEST}])

    def digest(image: str) -> str:
        application = docker(api, image)
        deployed(api, application)
        return api.log(application).split("Digest: ")[1].splitlines()[0]

    assert digest("nginx:1") == "sha256:" + hashlib.sha256(b"nginx:1").hexdigest() != digest("nginx:2")
    assert digest("nginx:fixed") == DIGEST
    assert digest(f"shop/web@{DIGEST}") == DIGEST
    assert digest(f"shop/web:1@{DIGEST}") == DIGEST
    assert digest("127.0.0.1:5000/busybox:latest").startswith("sha256:58bbabb0")


# --- restarts --------------------------------------------------------------------------------------------------------


def test_a_server_that_restarts_answers_nothing(api: Api) -> None:
    api.sim.config(build_seconds=60)
    application = docker(api)
    deploy(api, application)
    deploy(api, application, title="lost")
    api.until(lambda: len(api.deployments(application)) == 1)
    api.sim.reset_stats()
    api.sim.act(restart=True, seconds=0.3)
    with pytest.raises(requests.ConnectionError):
        api.get("settings.getDokployVersion")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{api.sim.url}/api/health", timeout=120)
    seen = [(call["procedure"], call["status"]) for call in api.sim.stats()["journal"]]
    assert seen == [("settings.getDokployVersion", 0), ("/api/health", 0)]
    assert api.sim.stats()["statuses"] == {"0": 2}

    def is_back() -> bool:
        try:
            return api.get("settings.getDokployVersion").status_code == 200
        except requests.ConnectionError:
            return False

    api.until(is_back)
    assert [row["status"] for row in api.deployments(application)] == ["cancelled"]
    assert api.get("deployment.queueList").json() == []
    deploy(api, application)
    api.until(lambda: len(api.deployments(application)) == 2)


def test_a_restart_cuts_off_who_waits(api: Api) -> None:
    api.sim.config(scale_seconds=60)
    application = docker(api)
    api.post("application.reload", applicationId=application, appName="x")
    problems: list[Exception] = []

    def stop() -> None:
        try:
            body = {"applicationId": application}
            headers = {"x-api-key": api.sim.key}
            requests.post(f"{api.sim.url}/api/application.stop", json=body, headers=headers, timeout=30)
        except requests.ConnectionError as error:
            problems.append(error)

    thread = threading.Thread(target=stop)
    thread.start()
    api.until(lambda: all(service["running"] == 0 for service in api.sim.services().values()))
    api.sim.act(restart=True, seconds=0.01)
    thread.join()
    assert len(problems) == 1
    time.sleep(0.02)
    # Docker has done it, and no one was there to say so.
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "done"
    assert ("application.stop", 0) in [(call["procedure"], call["status"]) for call in api.sim.stats()["journal"]]


def test_a_build_without_a_row_is_lost_without_a_trace(api: Api) -> None:
    api.sim.config(row_delay=60)
    application = docker(api)
    deploy(api, application)
    api.sim.act(restart=True)
    assert api.deployments(application) == []
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "running"


def test_redis_keeps_what_waits(api: Api) -> None:
    api.sim.config(version="0.29.8", build_seconds=60)
    application = docker(api)
    for title in ("one", "two"):
        deploy(api, application, title=title)
    api.until(lambda: len(api.deployments(application)) == 1)
    assert [job["id"] for job in api.get("deployment.queueList").json()] == ["2", "1"]
    api.sim.act(restart=True, seconds=0.05)
    api.until(lambda: len(api.sim.server.store.deployments) == 2)
    time.sleep(0.05)
    rows = api.deployments(application)
    assert [(row["title"], row["status"]) for row in rows] == [("two", "running"), ("one", "cancelled")]
    assert [job["id"] for job in api.get("deployment.queueList").json()] == ["2"]


def test_redis_may_repeat_what_was_interrupted(api: Api) -> None:
    api.sim.config(version="0.29.8", build_seconds=60, repeat_after=0.1)
    application = docker(api)
    for title in ("one", "two"):
        deploy(api, application, title=title)
    api.until(lambda: len(api.deployments(application)) == 1)
    api.sim.act(restart=True)
    api.until(lambda: len(api.deployments(application)) == 2)
    assert {(job["id"], job["state"]) for job in api.get("deployment.queueList").json()} >= {("2", "active")}
    api.until(lambda: {job["state"] for job in api.get("deployment.queueList").json()} == {"active", "waiting"})
    api.sim.act(finish=True)
    api.until(lambda: len(api.deployments(application)) == 3)
    api.sim.act(finish=True)
    api.idle()
    rows = [(row["title"], row["status"]) for row in api.deployments(application)]
    assert rows == [("one", "done"), ("two", "done"), ("one", "cancelled")]


def test_the_queue_of_old_releases(api: Api) -> None:
    api.sim.config(version="0.28.2")
    assert api.get("deployment.queueList").status_code == 404
    api.sim.config(version="0.28.3", build_seconds=60, concurrency=5)
    first, second = docker(api), docker(api)
    for application in (first, second):
        deploy(api, application)
    # One build at a time on the whole server.
    jobs = [(job["id"], job["state"]) for job in api.get("deployment.queueList").json()]
    assert jobs == [("2", "waiting"), ("1", "active")]


# --- several at once -------------------------------------------------------------------------------------------------


def states(api: Api) -> dict[str, str]:
    return {job["data"]["titleLog"]: job["state"] for job in api.get("deployment.queueList").json()}


def test_as_many_builds_as_may_be_at_once(api: Api) -> None:
    api.sim.config(build_seconds=60, concurrency=2)
    for number in range(3):
        deploy(api, docker(api), title=str(number))
    assert states(api) == {"0": "active", "1": "active", "2": "waiting"}
    api.until(lambda: all(job.row for job in api.sim.server.queue.active))
    api.sim.act(finish=True)
    api.until(lambda: states(api) == {"2": "active"})


def test_builds_of_one_application_never_run_side_by_side(api: Api) -> None:
    api.sim.config(build_seconds=60, concurrency=2)
    one, two = docker(api), docker(api)
    for application, title in ((one, "a"), (one, "b"), (two, "c"), (two, "d")):
        deploy(api, application, title=title)
    assert states(api) == {"a": "active", "b": "waiting", "c": "active", "d": "waiting"}


def test_every_server_has_its_own_queue(api: Api) -> None:
    api.sim.config(build_seconds=60)
    server = api.sim.act(server="two")["serverId"]
    here, there = docker(api), docker(api)
    api.sim.act(set=there, fields={"serverId": server})
    for application, title in ((here, "a"), (there, "b"), (docker(api), "c")):
        deploy(api, application, title=title)
    assert states(api) == {"a": "active", "b": "active", "c": "waiting"}
    data = {job["data"]["titleLog"]: job["data"] for job in api.get("deployment.queueList").json()}
    assert (data["a"]["server"], "serverId" in data["a"]) == (False, False)
    assert (data["b"]["server"], data["b"]["serverId"]) == (True, server)

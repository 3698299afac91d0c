# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queue: when rows appear, in which order builds run, how they end."""

from __future__ import annotations

from tests.support.simulator_client import Api

REPOSITORY = "https://git.example.com/shop.git"


def git_application(api: Api, branch: str) -> str:
    application = api.application(buildType="dockerfile")
    body = {"customGitUrl": REPOSITORY, "customGitBranch": branch, "customGitBuildPath": "/", "watchPaths": []}
    assert api.post("application.saveGitProvider", applicationId=application, **body).json() is True
    return application


def test_a_waiting_build_has_no_row(api: Api) -> None:
    api.sim.config(build_seconds=60)
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    for title in ("one", "two"):
        assert api.post("application.deploy", applicationId=application, title=title).content == b""
    api.until(lambda: len(api.deployments(application)) == 1)
    assert [row["title"] for row in api.deployments(application)] == ["one"]
    jobs = api.get("deployment.queueList").json()
    assert [(job["data"]["titleLog"], job["state"]) for job in jobs] == [("two", "waiting"), ("one", "active")]
    api.post("application.cleanQueues", applicationId=application)
    assert [job["data"]["titleLog"] for job in api.get("deployment.queueList").json()] == ["one"]


def test_the_row_comes_later_than_the_status(api: Api) -> None:
    api.sim.config(row_delay=60)
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    api.post("application.deploy", applicationId=application)
    status = api.get("application.one", applicationId=application).json()["applicationStatus"]
    assert (status, api.deployments(application)) == ("running", [])


def test_git_title_is_replaced_and_docker_title_is_kept(api: Api) -> None:
    application = git_application(api, "main")
    api.post("application.deploy", applicationId=application, title="mine", description="id 7")
    api.idle()
    row = api.deployments(application)[0]
    assert (row["title"], row["status"]) == ("work on main", "done")
    assert row["description"].startswith("Commit: ")
    # A redeploy does not clone.
    api.post("application.redeploy", applicationId=application, title="again")
    api.idle()
    assert api.deployments(application)[0]["title"] == "again"
    docker = api.application(sourceType="docker", dockerImage="nginx:1")
    api.post("application.deploy", applicationId=docker, title="mine")
    api.idle()
    assert api.deployments(docker)[0]["title"] == "mine"


def test_failures(api: Api) -> None:
    for values, words in (
        ({"sourceType": "docker", "dockerImage": "shop/missing:1"}, "❌ Pulling image failed"),
        ({"sourceType": "docker"}, "Docker image not found"),
        ({"sourceType": "git", "customGitUrl": REPOSITORY, "customGitBranch": "missing"}, "Fail to clone"),
        ({"sourceType": "git", "customGitUrl": REPOSITORY, "customGitBranch": "broken"}, "failed to solve"),
        ({"sourceType": "github"}, "Github Provider not found"),
    ):
        application = api.application(**values)
        api.post("application.deploy", applicationId=application)
        api.idle()
        row = api.deployments(application)[0]
        assert (row["status"], row["errorMessage"]) == ("error", None), values
        log = api.get("deployment.readLogs", deploymentId=row["deploymentId"]).json()
        assert words in log and log.endswith("\nError occurred ❌, check the logs for details.\n"), values
        assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "error"


def test_results_and_durations_can_be_set(api: Api) -> None:
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    api.sim.config(next_results=["error", "done"], builds=[{"image": "nginx*", "seconds": 0.01}])
    for _unused in range(3):
        api.post("application.deploy", applicationId=application)
    api.idle()
    assert [row["status"] for row in reversed(api.deployments(application))] == ["error", "done", "done"]


def test_eleven_rows_are_kept(api: Api) -> None:
    api.sim.config(build_seconds=0.001, row_delay=0.002)
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    for number in range(13):
        api.post("application.deploy", applicationId=application, title=str(number))
    api.idle()
    assert [row["title"] for row in api.deployments(application)] == [str(n) for n in range(12, 1, -1)]


def test_deleting_during_a_build_leaves_an_orphan(api: Api) -> None:
    api.sim.config(build_seconds=60)
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    name = api.get("application.one", applicationId=application).json()["appName"]
    api.post("application.deploy", applicationId=application)
    api.until(lambda: len(api.deployments(application)) == 1)
    assert api.post("application.delete", applicationId=application).status_code == 200
    assert api.sim.services() == {}
    api.sim.act(finish=True)
    api.idle()
    assert list(api.sim.services()) == [name]
    assert api.deployments(application) == []


def test_others_may_deploy_and_the_server_may_restart(api: Api) -> None:
    api.sim.config(build_seconds=60)
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    api.sim.act(deploy="web")
    api.sim.act(deploy="web")
    api.until(lambda: len(api.deployments(application)) == 1)
    api.sim.act(restart=True)
    row = api.deployments(application)[0]
    assert (row["title"], row["status"], row["finishedAt"]) == ("NEW CHANGES", "cancelled", None)
    assert api.get("deployment.queueList").json() == []
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "idle"


def test_start_forgets_replicas_and_reload_knows_them(api: Api) -> None:
    application = api.application(sourceType="docker", dockerImage="nginx:1", replicas=3)
    api.post("application.deploy", applicationId=application)
    api.idle()
    for verb, running in (("stop", 0), ("start", 1)):
        api.post(f"application.{verb}", applicationId=application)
        assert [service["running"] for service in api.sim.services().values()] == [running]
    api.post("application.reload", applicationId=application, appName="whatever")
    assert [service["running"] for service in api.sim.services().values()] == [3]


def test_removing_a_project_leaves_its_services_running(api: Api) -> None:
    made = api.sim.seed(applications=1, deployed=True)
    assert api.post("project.remove", projectId=made["projectId"]).status_code == 200
    assert len(api.sim.services()) == 1


def test_every_kind_of_service_can_be_made_and_removed(api: Api) -> None:
    environment = api.post("project.create", name="p").json()["environment"]["environmentId"]
    password = {"databasePassword": "secret1", "databaseUser": "u", "databaseName": "d"}
    bodies = {"libsql": {"appName": "l", "description": None, "sqldNode": "primary"}}
    bodies["libsql"] |= {"sqldPrimaryUrl": None, "serverId": None}
    kinds = ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
    for kind in kinds:
        body = {**password, **bodies.get(kind, {}), "name": kind, "environmentId": environment}
        assert api.post(f"{kind}.create", **body).status_code == 200, kind
    assert api.post("compose.create", name="c", environmentId=environment).status_code == 200
    tree = api.get("environment.one", environmentId=environment).json()
    for kind in kinds:
        (row,) = tree[kind]
        key = {f"{kind}Id": row[f"{kind}Id"]}
        assert api.get(f"{kind}.one", **key).json()["mounts"][0]["volumeName"].endswith("-data")
        assert api.post(f"{kind}.deploy", **key).json()["applicationStatus"] == "idle", "the row as it was before"
        assert api.get(f"{kind}.one", **key).json()["applicationStatus"] == "done"
        assert api.post(f"{kind}.stop", **key).status_code == 200
        assert api.post(f"{kind}.remove", **key).status_code == 200
    (row,) = tree["compose"]
    assert api.post("compose.stop", composeId=row["composeId"]).status_code == 500, "it was never fetched"
    assert api.post("compose.delete", composeId=row["composeId"], deleteVolumes=False).status_code == 200
    tree = api.get("environment.one", environmentId=environment).json()
    assert not any(tree[kind] for kind in (*kinds, "compose"))
    assert api.sim.services() == {}

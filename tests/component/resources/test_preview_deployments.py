# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preview deployments: redeployed, removed and listed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import DeploymentQuery, read_queue
from ansible_collections.community.dokploy.plugins.module_utils._errors import NotFoundError
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.preview_deployments import (
    INFO_OPERATION,
    OPERATION,
    matches,
    preview_facts,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.builders import COMMIT, create_previews, finish_on, wait_until_idle
from tests.support.fake_clients import ScriptedClient, batch
from tests.support.host import Host

APP: dict[str, Any] = {"project": "shop", "environment": "production", "application": "previewed"}
FIRST: dict[str, Any] = {**APP, "pull_request": 1}


def ready(host: Host, *numbers: int) -> str:
    resource_id = create_previews(host, *numbers)
    host.new_task()
    host.sim.reset_stats()
    return resource_id


def all_of(host: Host, resource_id: str) -> list[Any]:
    found: list[Any] = host.read("previewDeployment.all", applicationId=resource_id)
    return found


def test_a_preview_is_redeployed_and_tracked(host: Host) -> None:
    resource_id = ready(host, 1, 2)
    predicted = host.ok(OPERATION, check=True, **FIRST)
    assert host.sim.calls("mutation") == []
    assert predicted["changed"] is True
    assert predicted["deployment"] is None
    result = host.ok(OPERATION, **FIRST, title="Again", description="by hand")
    assert result["diff"] == predicted["diff"]
    assert result["changed"] is True
    assert result["application_id"] == resource_id
    assert result["preview_deployment"]["pull_request"]["number"] == 1
    deployment = result["deployment"]
    assert (deployment["status"], deployment["title"], deployment["description"]) == ("done", "Again", "by hand")
    assert deployment["application_id"] == resource_id
    assert host.sim.calls("mutation") == ["previewDeployment.redeploy"]
    second = host.ok(OPERATION, **FIRST)["deployment"]
    assert second["deployment_id"] != deployment["deployment_id"]
    assert second["title"] == "Rebuild Preview Deployment"


def test_the_trigger_takes_four_requests(host: Host) -> None:
    ready(host, 1)
    assert host.ok(OPERATION, **FIRST, wait=False)["deployment"] is None
    assert host.sim.calls() == [
        "settings.getDokployVersion",
        "project.all",
        "previewDeployment.all",
        "deployment.queueList",
        "previewDeployment.redeploy",
    ]


def test_by_id_and_by_branch(host: Host) -> None:
    resource_id = ready(host, 1, 2)
    for row in all_of(host, resource_id):
        for address in (
            {"preview_deployment_id": row["previewDeploymentId"]},
            {**APP, "branch": row["branch"]},
            {"application_id": resource_id, "pull_request": int(row["pullRequestNumber"])},
        ):
            found = host.ok(OPERATION, check=True, **address)["preview_deployment"]
            assert found["preview_deployment_id"] == row["previewDeploymentId"]


def test_a_branch_of_several_pull_requests(host: Host) -> None:
    resource_id = ready(host, 1)
    host.sim.act(preview="previewed", branch="feature/1", pull_request=7)
    wait_until_idle(host)
    result = host.failed(OPERATION, **APP, branch="feature/1")
    assert result["error"]["kind"] == "ambiguous"
    assert sorted(result["ids"]) == sorted(row["previewDeploymentId"] for row in all_of(host, resource_id))
    assert host.ok(OPERATION, check=True, **APP, branch="feature/1", pull_request=7)["changed"] is True


def test_a_missing_preview_lists_the_others(host: Host) -> None:
    ready(host, 1, 2)
    for check in (True, False):
        result = host.failed(OPERATION, check=check, **APP, pull_request=3)
        assert result["error"]["kind"] == "reference"
        assert "#2 (branch feature/2), #1 (branch feature/1)" in result["msg"]
    assert "webhook" in result["msg"]
    unknown = host.failed(OPERATION, preview_deployment_id="none")
    assert unknown["error"]["kind"] == "not_found"


def test_no_previews(host: Host) -> None:
    ready(host)
    assert "there is none at all" in host.failed(OPERATION, **FIRST)["msg"]


def test_an_incomplete_address(host: Host) -> None:
    result = host.failed(OPERATION, **APP)
    assert result["error"]["kind"] == "option"
    assert host.sim.calls() == []


def test_a_build_that_fails_ends_with_its_log_and_without_secrets(host: Host) -> None:
    ready(host, 1)
    host.sim.config(next_results=["error"])
    result = host.failed(OPERATION, **FIRST)
    assert result["error"]["kind"] == "deployment"
    assert result["changed"] is True
    assert result["msg"].splitlines()[0] == ("preview deployment of pull request #1: the deployment ended in error")
    assert result["log"]
    assert "of-previews" not in repr(result)


def test_a_deployment_behind_that_of_another_preview(host: Host) -> None:
    ready(host, 1, 2)
    finish_on(host, "queued behind 1")
    host.ok(OPERATION, **APP, pull_request=2, wait=False)
    assert host.ok(OPERATION, **FIRST, title="ours")["deployment"]["title"] == "ours"
    assert any("queued behind 1" in line for line in host.progress)


def test_a_timeout_leaves_the_deployment_running(host: Host) -> None:
    ready(host, 1)
    host.sim.config(build_seconds=3600)
    result = host.failed(OPERATION, **FIRST, wait_timeout=0.3)
    assert result["error"]["kind"] == "timeout"
    assert result["changed"] is True


def test_an_older_server_cannot_redeploy_a_preview(host: Host) -> None:
    ready(host, 1)
    host.sim.config(version="0.26.3")
    assert "state=redeployed needs Dokploy 0.26.4 or newer" in host.failed(OPERATION, **FIRST)["msg"]


def test_removing(host: Host) -> None:
    resource_id = ready(host, 1, 2)
    first = {**FIRST, "state": "absent"}
    predicted = host.ok(OPERATION, check=True, **first)
    assert host.sim.calls("mutation") == []
    result = host.ok(OPERATION, **first)
    assert predicted == result
    assert result["changed"] is True
    assert result["diff"]["before"] == {"state": "present"}
    assert [row["pullRequestNumber"] for row in all_of(host, resource_id)] == ["2"]
    gone = result["preview_deployment"]["preview_deployment_id"]
    for again in (first, {"preview_deployment_id": gone, "state": "absent"}):
        result = host.ok(OPERATION, **again)
        assert result["changed"] is False
        assert result["preview_deployment"] is None
        assert result["diff"]["before"] == result["diff"]["after"] == {"state": "absent"}
    assert host.sim.calls("mutation") == ["previewDeployment.delete"]


def test_a_missing_application_has_no_previews(host: Host) -> None:
    ready(host)
    for missing in ({**APP, "application": "none"}, {"application_id": "none"}):
        assert host.ok(OPERATION, **missing, pull_request=1, state="absent")["changed"] is False
        assert host.failed(OPERATION, **missing, pull_request=1)["error"]["kind"] in ("reference", "not_found")


def test_a_build_is_waited_for_before_the_removal(host: Host) -> None:
    """Otherwise it would create a service without a preview. Builds of other previews are not waited for."""
    ready(host, 1, 2)
    builds = [{"branch": "feature/1", "seconds": 0.3}, {"branch": "feature/2", "seconds": 600}]
    host.sim.config(builds=builds, concurrency=2)
    host.ok(OPERATION, **FIRST, wait=False)
    host.ok(OPERATION, **APP, pull_request=2, wait=False)
    assert host.ok(OPERATION, **FIRST, state="absent")["changed"] is True
    assert any("waiting for its build to end" in line for line in host.progress)
    result = host.failed(OPERATION, **APP, pull_request=2, state="absent", wait_timeout=0.1)
    assert result["error"]["kind"] == "timeout"
    host.sim.act(finish=True)


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list(host: Host) -> None:
    resource_id = ready(host, 1, 2)
    result = host.ok(INFO_OPERATION, **APP)
    assert result["changed"] is False
    assert result["application_id"] == resource_id
    second, first = result["preview_deployments"]
    assert [second["pull_request"]["number"], first["pull_request"]["number"]] == [2, 1]
    assert first["branch"] == "feature/1"
    assert first["pull_request"] == {
        "number": 1,
        "title": "Pull request 1",
        "url": "https://github.com/acme/shop/pull/1",
    }
    assert first["status"] == "done"
    assert first["host"].endswith(".preview.example.com")
    assert first["url"] == f"http://{first['host']}/"
    (deployment,) = first["deployments"]
    assert deployment["status"] == "done"
    assert deployment["commit"] == COMMIT
    assert deployment["application_id"] == resource_id
    assert host.sim.calls() == ["project.all", "previewDeployment.all"]


def test_the_filters_of_the_list(host: Host) -> None:
    ready(host, 1, 2)

    def numbers(**params: Any) -> list[int]:
        rows = host.ok(INFO_OPERATION, **APP, **params)["preview_deployments"]
        return [row["pull_request"]["number"] for row in rows]

    assert numbers(pull_request=1) == [1]
    assert numbers(branch="feature/2") == [2]
    assert numbers(branch="feature/2", pull_request=1) == []
    host.sim.config(next_results=["error"])
    host.failed(OPERATION, **FIRST)
    wait_until_idle(host)
    assert numbers(status="error") == [1]
    assert numbers(status="done") == [2]


def test_the_list_of_a_missing_application(host: Host) -> None:
    ready(host)
    assert host.failed(INFO_OPERATION, **{**APP, "application": "none"})["error"]["kind"] == "reference"


# --- pure ------------------------------------------------------------------------------------------------------------


def test_facts_of_a_row_without_a_domain() -> None:
    facts = preview_facts(APPLICATION, {"previewDeploymentId": "p", "pullRequestNumber": "", "domain": None})
    assert facts["host"] is None
    assert facts["url"] is None
    assert facts["pull_request"]["number"] is None
    domain = {"host": "a.example.com", "https": True, "path": "/x"}
    assert preview_facts(APPLICATION, {"domain": domain})["url"] == "https://a.example.com/x"


@pytest.mark.parametrize(("params", "fits"), [({}, True), ({"pull_request": 7}, True), ({"pull_request": 70}, False)])
def test_matching(params: dict[str, Any], fits: bool) -> None:
    assert matches({"pullRequestNumber": "7"}, params) is fits


def test_jobs_of_other_previews_do_not_count() -> None:
    def job(preview: str, state: str) -> dict[str, Any]:
        return {"data": {"applicationId": "a", "previewDeploymentId": preview}, "state": state}

    jobs = [job("p", "waiting"), job("q", "waiting"), job("p", "active")]
    ours = read_queue(jobs, {"previewDeploymentId": "p"})
    assert (ours.waiting, ours.active, ours.ahead) == (1, 1, 2)
    # Dropping the application's jobs drops those of its previews.
    assert read_queue(jobs, {"applicationId": "a"}).waiting == 2


def test_a_preview_removed_meanwhile() -> None:
    client: Any = ScriptedClient(
        batch(("previewDeployment.all", {"applicationId": "a"}, []), ("deployment.queueList", {}, []))
    )
    with pytest.raises(NotFoundError):
        DeploymentQuery(APPLICATION, "a", preview_id="p").ask(client)

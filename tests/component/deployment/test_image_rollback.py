# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks of an image that Dokploy has not kept: the image is set and deployed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.earlier_image import TITLE, images_of
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotFoundError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.builders import wait_until_idle
from tests.support.fake_clients import FakeClock, TimedClient
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented
from tests.support.sample_rows import deployment

WEB: dict[str, Any] = {"project": "shop", "application": "web", "verify": False}


def configure(host: Host, **options: Any) -> str:
    host.new_task()
    made = host.ok(APPLICATION, project="shop", name="web", **options)
    return str(made["application"]["application_id"])


def task(host: Host, check: bool = False, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    result = (host.failed if fails else host.ok)(DEPLOYMENT, check=check, **{**WEB, **options})
    wait_until_idle(host)
    assert undocumented(result, documentation()["dokploy_deployment"]["return"]) == []
    return result


def back(host: Host, **options: Any) -> dict[str, Any]:
    return task(host, state="rolled_back", **options)


def runs(host: Host, resource_id: str) -> tuple[str, str]:
    """The image that is configured, and the one that runs."""
    row = host.read("application.one", applicationId=resource_id)
    return str(row["dockerImage"]), str(host.sim.services()[row["appName"]]["image"])


@pytest.fixture
def web(host: Host) -> str:
    """The application, deployed as nginx:1, nginx:2 and nginx:3."""
    host.ok(PROJECT, name="shop")
    resource_id = ""
    for number in (1, 2, 3):
        resource_id = configure(host, docker={"image": f"nginx:{number}"}, env={"RELEASE": str(number)})
        task(host)
    return resource_id


def test_the_image_before_is_set_and_deployed(host: Host, web: str) -> None:
    predicted = back(host, check=True)
    assert host.sim.calls("mutation") == []
    real = back(host)
    # The image, the fingerprint, and the deployment.
    assert host.sim.calls("mutation") == ["application.update", "application.update", "application.deploy"]
    for key in ("changed", "diff", "reason", "image"):
        assert predicted[key] == real[key]
    assert real["diff"]["before"]["image"] == "nginx:3"
    assert real["diff"]["after"]["image"] == real["image"] == "nginx:2"
    assert (real["reason"], real["deployment"]["title"]) == ("another image was deployed", TITLE)
    assert real["deployment"]["description"] == "Image: nginx:2"
    assert runs(host, web) == ("nginx:2", "nginx:2")
    # The rest of the configuration stays.
    assert host.read("application.one", applicationId=web)["env"] == "RELEASE=3"


def test_a_second_run_changes_nothing(host: Host, web: str) -> None:
    first = back(host)["deployment"]
    again = back(host)
    assert (again["changed"], again["reason"], again["image"], host.sim.calls("mutation")) == (
        False,
        None,
        "nginx:2",
        [],
    )
    assert again["deployment"] == first
    # It is what is configured.
    assert not task(host)["changed"]


def test_forward_again(host: Host, web: str) -> None:
    back(host)
    configure(host, docker={"image": "nginx:3"})
    assert task(host)["reason"] == "source changed"
    assert back(host)["image"] == "nginx:2"


def test_a_given_deployment(host: Host, web: str) -> None:
    first = host.read("deployment.all", applicationId=web)[-1]["deploymentId"]
    assert back(host, deployment_id=first)["image"] == "nginx:1"
    assert runs(host, web) == ("nginx:1", "nginx:1")
    assert not back(host, deployment_id=first)["changed"]
    assert not back(host)["changed"]


def test_a_stated_image(host: Host, web: str) -> None:
    assert back(host, image="nginx:0.9")["changed"]
    assert runs(host, web) == ("nginx:0.9", "nginx:0.9")
    assert not back(host, image="nginx:0.9")["changed"]
    assert back(host, image="nginx:1")["changed"]


def test_an_image_that_is_set_and_not_deployed(host: Host, web: str) -> None:
    """An earlier run was killed between its two writes."""
    configure(host, docker={"image": "nginx:2"})
    assert back(host)["image"] == "nginx:2"
    assert runs(host, web) == ("nginx:2", "nginx:2")
    # The same for an image that is configured for the next deployment.
    configure(host, docker={"image": "nginx:4"})
    assert back(host)["diff"]["before"]["image"] == "nginx:4"


def test_the_reason_of_a_stated_image(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    configure(host, docker={"image": "nginx:1"})
    host.sim.config(next_results=["error"])
    assert back(host, check=True, image="nginx:0.9")["reason"] == "never deployed"
    assert back(host, fails=True, image="nginx:0.9")["reason"] == "never deployed"
    assert back(host, image="nginx:0.9")["reason"] == "last deployment failed"
    configure(host, docker={"image": "nginx:2"})
    assert back(host, image="nginx:0.9")["reason"] == "source changed"
    assert back(host, image="nginx:0.9")["reason"] is None
    assert back(host, image="nginx:2")["reason"] == "another image was deployed"


def test_what_did_not_stay_up_is_no_target(host: Host, web: str) -> None:
    configure(host, command="false")
    for _run in range(2):
        failed = task(host, fails=True, verify=True, verify_period=0)
        assert failed["error"]["kind"] == "not_running"
        assert back(host)["image"] == "nginx:2"
        configure(host, docker={"image": "nginx:3"})


def test_a_failed_rollback_is_tried_again(host: Host, web: str) -> None:
    host.sim.config(next_results=["error"])
    assert back(host, fails=True)["error"]["kind"] == "deployment"
    assert back(host)["image"] == "nginx:2"
    # But not with an image that was never there.
    host.sim.config(next_results=["error"])
    back(host, fails=True, image="nginx:nope")
    assert back(host)["image"] == "nginx:2"


def test_no_other_image(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    configure(host, docker={"image": "nginx:1"})
    for _run in range(2):
        failed = back(host, fails=True)
        assert failed["error"]["kind"] == "refused"
        assert "no log of a successful deployment before the newest one names another image" in failed["msg"]
        assert "State the image with the option image" in failed["msg"]
        task(host, trigger="always")


def test_a_log_that_is_gone(host: Host, web: str) -> None:
    first = host.read("deployment.all", applicationId=web)[-1]["deploymentId"]
    host.call("application.clearDeployments", applicationId=web)
    assert "no log of a successful deployment" in back(host, fails=True)["msg"]
    assert (
        f"the log of the deployment {first} does not name its image"
        in back(host, fails=True, deployment_id=first)["msg"]
    )
    assert back(host, image="nginx:1")["changed"]
    # The description of the deployment names it.
    assert not back(host, image="nginx:1")["changed"]


def test_a_deployment_under_way(host: Host, web: str) -> None:
    host.sim.config(build_seconds=3600)
    host.sim.act(deploy="web")
    host.new_task()
    failed = host.failed(DEPLOYMENT, **WEB, state="rolled_back")
    assert "a deployment is under way" in failed["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"deployment_id": "x"}, "deployment_id: application 'web' in shop/production has no deployment 'x'"),
        ({"image": "nginx:1 2"}, "image"),
        ({"image": ""}, "image"),
        ({"http_check": {}}, "http_check needs a url"),
    ],
)
def test_refusals_write_nothing(host: Host, web: str, options: dict[str, Any], words: str) -> None:
    assert words in back(host, fails=True, **options)["msg"]
    assert host.sim.calls("mutation") == []


def test_a_registry_that_has_kept_nothing_yet(host: Host, web: str) -> None:
    host.sim.act(registry="kept")
    configure(host, rollback={"enabled": True, "registry": "kept"})
    failed = back(host, fails=True)["msg"]
    assert "you can roll back only to later deployments. Or state the image with the option image." in failed
    assert back(host, image="nginx:2")["changed"]


def test_only_of_an_image(host: Host, web: str) -> None:
    configure(host, git={"url": "https://git.example.com/a.git", "branch": "main"}, build={"type": "dockerfile"})
    assert (
        "image: the source of application 'web' in shop/production is no image"
        in back(host, fails=True, image="a")["msg"]
    )
    assert "rollback.enabled and rollback.registry" in back(host, fails=True)["msg"]
    assert "image is not supported with state=deployed" in task(host, fails=True, image="nginx:1")["msg"]


def test_the_image_in_a_log() -> None:
    logs: list[Any] = [
        "Initializing deployment\nPulling ghcr.io/acme/web:1\n1: Pulling from acme/web\nPulling other\n",
        "Initializing deployment\n\x1b[32mPulling nginx\x1b[0m\r\n",
        "Cloning\nPulling from library\n",
        "",
        None,
        NotFoundError("404"),
        UnknownProcedure("404"),
    ]
    rows = [deployment(number) for number in range(len(logs))]
    rows.append(deployment(9, title=TITLE, description="Image: nginx:9"))
    answers = {f"deployment.readLogs {row['deploymentId']}": log for row, log in zip(rows, [*logs, ""], strict=True)}
    client: Any = TimedClient(FakeClock())
    client.answers.update(answers)
    assert images_of(rows, client) == ["ghcr.io/acme/web:1", "nginx", None, None, None, None, None, "nginx:9"]
    client.answers.update({f"deployment.readLogs {rows[0]['deploymentId']}": ServerError("boom")})
    with pytest.raises(ServerError):
        images_of(rows, client)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipe of the guide: deploy, and roll back after a crash, several times."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.builders import wait_until_idle
from tests.support.host import Host

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
WEB: dict[str, Any] = {**PLACE, "application": "web", "verify_period": 0}


def state(host: Host, **options: Any) -> None:
    host.new_task()
    host.ok(APPLICATION, **PLACE, name="web", **options)


def task(host: Host, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    result = (host.failed if fails else host.ok)(DEPLOYMENT, **{**WEB, **options})
    wait_until_idle(host)
    return result


def test_the_target_is_never_a_deployment_that_crashed(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.sim.act(registry="keeping")
    rollback = {"enabled": True, "registry": "keeping"}
    state(host, docker={"image": "nginx:1"}, command="sleep 1000", rollback=rollback)
    good = task(host, title="good", verify=False)["deployment"]["deployment_id"]
    state(host, command="false")
    for _run in range(2):
        assert task(host, fails=True)["error"]["kind"] == "not_running"
        assert task(host, state="rolled_back")["deployment"]["deployment_id"] == good
        assert not task(host, state="rolled_back")["changed"]
    # What mends it is good, and what comes after it goes back to that.
    state(host, command="sleep 2000")
    mended = task(host, title="mended", verify=False)["deployment"]["deployment_id"]
    state(host, command="false")
    assert task(host, fails=True)["error"]["kind"] == "not_running"
    assert task(host, state="rolled_back", verify=False)["deployment"]["deployment_id"] == mended


def test_options_that_dokploy_does_not_roll_back_cause_a_warning(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.sim.act(registry="keeping")
    mounts = [{"type": "file", "path": "/etc/web.conf", "file_path": "web.conf", "content": "x"}]
    rollback = {"enabled": True, "registry": "keeping"}
    state(host, docker={"image": "nginx:1"}, args=["a b"], mounts=mounts, rollback=rollback)
    for _run in range(2):
        task(host, trigger="always", verify=False)
    warnings = task(host, state="rolled_back", verify=False)["warnings"]
    assert any("goes back without what the deployment had of: args, mounts of files" in text for text in warnings)

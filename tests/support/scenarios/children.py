# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for the children of an application: they return every documented value."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.builders import PRIVATE_KEY, SERVER
from tests.support.scenarios import databases, stacks
from tests.support.scenarios.actions import WEB
from tests.support.scenarios.recorder import ResultRecorder, fail_requests
from tests.support.scenarios.resources import CHILDREN, create_referenced


def _child(run: ResultRecorder, option: str, **other: Any) -> None:
    """One child that comes and goes, two that are alike, and one that an older server drops a part of.

    :param other: another value of one of its options.
    """
    child: Child = next(child for child in APPLICATION.children if child.option == option)
    module = "dokploy_%s" % child.singular
    create_referenced(run)
    for one in CHILDREN[option]:
        for state in ("present", "absent"):
            for check in (True, False):
                run(module, state=state, check=check, **WEB, **one)
        run(module, state="absent", **WEB, **one)
    if option in stacks.CHILDREN:
        run("dokploy_compose", **stacks.STACK, raw={"content": stacks.FILE})
        run(module, **stacks.IN_STACK, **stacks.CHILDREN[option][0])
    if option in ("mounts", "volume_backups"):
        run("dokploy_database", project="shop", name="db", type="redis", **databases.NEEDED["redis"])
        run(module, project="shop", database="db", **CHILDREN[option][0])
    made = run(module, **WEB, **CHILDREN[option][0])
    if child.run:
        _run(run, module, CHILDREN[option][0]["name"])
    run(module, fails=True, project="twin", application="web", **CHILDREN[option][0])
    fail_requests(run, module, **WEB, **CHILDREN[option][0])
    name = "".join(other)
    field = next(field for field in child.fields if field.name == name)
    run.sim.config(drop_fields={child.update: [field.api]})
    identity = {child.id_option: made[child.singular][child.id_option]}
    run(module, fails=True, **WEB, **identity, **other)


def _run(run: ResultRecorder, module: str, name: str) -> None:
    """It is run, in check mode too, and does not end in time."""
    run("dokploy_application", project="shop", name="web", docker={"image": "nginx"})
    run("dokploy_deployment", **WEB)
    for check in (True, False):
        run(module, state="executed", check=check, **WEB, name=name)
    run(module, state="executed", wait_timeout=0, fails=True, **WEB, name=name)


def run_domain(run: ResultRecorder) -> None:
    _child(run, "domains", port=8080)


def run_mount(run: ResultRecorder) -> None:
    _child(run, "mounts", name="other")


def run_schedule(run: ResultRecorder) -> None:
    _child(run, "schedules", command="false")
    run.host.call("server.create", **SERVER, name="far", serverType="deploy", sshKeyId=_key(run))
    for where in ({"server": "far"}, {"dokploy_host": True}):
        run.host.new_task()
        run("dokploy_schedule", **where, name="nightly", cron="@daily", script="df -h")


def _key(run: ResultRecorder) -> str:
    pair = {"privateKey": PRIVATE_KEY, "publicKey": "ssh-ed25519 A"}
    run.host.call("sshKey.create", name="deploy", organizationId="", **pair)
    return str(run.host.read("sshKey.all")[0]["sshKeyId"])


def run_volume_backup(run: ResultRecorder) -> None:
    _child(run, "volume_backups", keep=8)


def run_patch(run: ResultRecorder) -> None:
    _child(run, "patches", content="other\n")

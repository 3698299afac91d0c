# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenes in which the modules for the children of an application return all that their documentation says."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from tests.support.scenes import WEB
from tests.support.scenes_resources import CHILDREN, refer
from tests.support.stage import Ran, broken


def _child(ran: Ran, option: str, **other: Any) -> None:
    """One child that comes and goes, two that are alike, and one that an older server drops a part of.

    :param other: another value of one of its options.
    """
    child: Child = next(child for child in APPLICATION.children if child.option == option)
    module = "dokploy_%s" % child.singular
    refer(ran)
    for one in CHILDREN[option]:
        for state in ("present", "absent"):
            for check in (True, False):
                ran(module, state=state, check=check, **WEB, **one)
        ran(module, state="absent", **WEB, **one)
    made = ran(module, **WEB, **CHILDREN[option][0])
    if child.run:
        _run(ran, module, CHILDREN[option][0]["name"])
    ran(module, fails=True, project="twin", application="web", **CHILDREN[option][0])
    broken(ran, module, **WEB, **CHILDREN[option][0])
    name = "".join(other)
    field = next(field for field in child.fields if field.name == name)
    ran.sim.config(drop_fields={child.update: [field.api]})
    identity = {child.id_option: made[child.singular][child.id_option]}
    ran(module, fails=True, **WEB, **identity, **other)


def _run(ran: Ran, module: str, name: str) -> None:
    """It is run, in check mode too, and does not end in time."""
    ran("dokploy_application", project="shop", name="web", docker={"image": "nginx"})
    ran("dokploy_deployment", **WEB)
    for check in (True, False):
        ran(module, state="executed", check=check, **WEB, name=name)
    ran(module, state="executed", wait_timeout=0, fails=True, **WEB, name=name)


def run_domain(ran: Ran) -> None:
    _child(ran, "domains", port=8080)


def run_mount(ran: Ran) -> None:
    _child(ran, "mounts", name="other")


def run_port(ran: Ran) -> None:
    _child(ran, "ports", target_port=81)


def run_redirect(ran: Ran) -> None:
    _child(ran, "redirects", replacement="/newer")


def run_basic_auth(ran: Ran) -> None:
    _child(ran, "basic_auth", password="another one")


def run_schedule(ran: Ran) -> None:
    _child(ran, "schedules", command="false")


def run_volume_backup(ran: Ran) -> None:
    _child(ran, "volume_backups", keep=8)


def run_patch(ran: Ran) -> None:
    _child(ran, "patches", content="other\n")

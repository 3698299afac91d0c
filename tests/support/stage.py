# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where scenes are played: operations by module, and a recorder of what they return."""

from __future__ import annotations

import importlib
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from tests.simulator import Simulator
from tests.support.docs import MODULES
from tests.support.host import Host


def operation(module: str) -> Operation:
    """What the module of this name runs."""
    found: Operation = importlib.import_module(
        "ansible_collections.community.dokploy.plugins.modules." + module
    ).__dict__["INFO_OPERATION" if module.endswith("_info") else "OPERATION"]
    return found


OPERATIONS = {module: operation(module) for module in MODULES}


class Ran:
    """Runs operations and keeps the results by module."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.sim: Simulator = host.sim
        self.results: dict[str, list[dict[str, Any]]] = {module: [] for module in MODULES}

    def __call__(self, module: str, *, check: bool = False, fails: bool = False, **params: Any) -> dict[str, Any]:
        result = self.host.run(OPERATIONS[module], check=check, **params)
        assert bool(result.get("failed")) == fails, result
        self.results[module].append(result)
        return result


def broken(ran: Ran, module: str, **params: Any) -> None:
    """A failure with an HTTP status, and one where the connection broke."""
    for fault in ({"kind": "status", "status": 502}, {"kind": "reset_before"}):
        ran.host.new_task()
        ran.sim.fault(**fault)
        ran(module, fails=True, **params)
    ran.host.new_task()


def prepare(ran: Ran) -> None:
    """Two projects of one name, and one with an application that is deployed."""
    for _unused in range(2):
        ran.host.call("project.create", name="twin")
    ran.sim.seed(project="shop", applications=1, name="web", deployed=True, domains=1, mounts=1)
    ran.sim.seed(project="shop", environment="staging")

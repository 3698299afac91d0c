# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the modules of a scenario and record their results."""

from __future__ import annotations

from typing import Any

from dokploy_simulator import Simulator
from tests.support.host import Host
from tests.support.module_docs import MODULES
from tests.support.operations import OPERATIONS


class ResultRecorder:
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


def fail_requests(run: ResultRecorder, module: str, **params: Any) -> None:
    """A failure with an HTTP status, and one where the connection broke."""
    for fault in ({"kind": "status", "status": 502}, {"kind": "reset_before"}):
        run.host.new_task()
        run.sim.fault(**fault)
        run(module, fails=True, **params)
    run.host.new_task()


def prepare_server(run: ResultRecorder) -> None:
    """Two projects of one name, and one with an application that is deployed."""
    for _unused in range(2):
        run.host.call("project.create", name="twin")
    run.sim.seed(project="shop", applications=1, name="web", deployed=True, domains=1, mounts=1)
    run.sim.seed(project="shop", environment="staging")

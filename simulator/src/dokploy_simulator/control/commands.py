# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface's commands that reset the simulator, add faults and holds, and seed rows."""

from __future__ import annotations

from typing import Any

from ..http.faults import KINDS
from ..http.request_holds import STAGES, UNTIL
from ..http.server import Server
from ..routers.children.mounts import insert_mount
from ..routers.projects.project import create_project
from ..routers.services.application import create_row
from ..store.joins import whole
from ..store.store import new_id, now
from ..world.domains import insert_domain


def reset(
    server: Server, state: bool = True, stats: bool = True, faults: bool = True, config: bool = False
) -> dict[str, Any]:
    """Forget what happened; ``config`` also restores the settings the simulator was started with."""
    if config:
        server.config.restore(server.initial)
    if state:
        server.reset_state()
    if stats:
        server.stats.reset()
    if faults:
        server.faults.reset()
        server.holds.reset()
    return {"ok": True}


def faults(server: Server, values: dict[str, Any]) -> dict[str, Any]:
    """``{"faults": [...]}`` adds a list, ``{"clear": true}`` forgets all, a single fault may be given as it is."""
    if values.get("clear"):
        server.faults.reset()
    given = values.get("faults", [])
    if "kind" in values:
        given = [values]
    for fault in given:
        server.faults.add(fault)
    return {"faults": server.faults.as_list(), "kinds": KINDS}


def holds(server: Server, values: dict[str, Any]) -> dict[str, Any]:
    """A hold, ``{"holds": [...]}`` for a list, ``{"release": NAME}`` or ``{"clear": true}``; ``{}`` only looks."""
    if values.get("clear"):
        server.holds.reset()
    elif "release" in values:
        server.holds.release(values["release"])
    elif values:
        for hold in values.get("holds", [values]):
            server.holds.add(hold)
    return {"holds": server.holds.as_list(), "stages": STAGES, "until": UNTIL}


def seed(
    server: Server,
    applications: int = 0,
    project: str = "bench",
    environment: str = "production",
    name: str = "app-{:03d}",
    fields: dict[str, Any] | None = None,
    domains: int = 0,
    mounts: int = 0,
    deployed: bool = False,
) -> dict[str, Any]:
    """Create ``applications`` applications at once; ``{}`` in the texts of ``fields`` is the number of each.

    Returns ``projectId``, ``environmentId`` and the list ``applicationIds`` in order."""
    store = server.store
    home_project = next((row for row in store.projects if row["name"] == project), None)
    if home_project is None:
        organization = next(iter(store.organizations))["id"]
        home_project, _environment = create_project(store, organization, {"name": project})
    project_id = home_project["projectId"]
    home = next((row for row in store.environments.of("projectId", project_id) if row["name"] == environment), None)
    if home is None:
        home = store.environments.insert(
            {"environmentId": new_id(), "name": environment, "description": None, "createdAt": now()}
            | {"env": "", "projectId": project_id, "isDefault": False}
        )
    ids = []
    for number in range(applications):
        label = name.format(number)
        row = create_row(store, {"name": label, "environmentId": home["environmentId"], "appName": label})
        values = {k: v.replace("{}", str(number)) if isinstance(v, str) else v for k, v in (fields or {}).items()}
        store.applications.update(row, values)
        for index in range(domains):
            insert_domain(store, {"host": f"{label}-{index}.example.com", "applicationId": row["applicationId"]})
        for index in range(mounts):
            volume = {"type": "volume", "volumeName": f"{label}-{index}", "mountPath": f"/data{index}"}
            insert_mount(store, {**volume, "serviceType": "application", "serviceId": row["applicationId"]})
        if deployed:
            server.docker.deploy(whole(store, row))
            row["applicationStatus"] = "done"
        ids.append(row["applicationId"])
    return {"projectId": project_id, "environmentId": home["environmentId"], "applicationIds": ids}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests make happen behind the API's back: resets, faults, seeds, deeds of other people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .faults import KINDS
from .routers.application import create_row, find_application
from .routers.domain import insert_domain
from .routers.git_providers import GIT_KINDS, insert_provider
from .routers.mounts import insert_mount
from .routers.project import create_project
from .store import Row, new_id, now

if TYPE_CHECKING:
    from .server import Server


AUTHORISED: dict[str, dict[str, Any]] = {
    "github": {
        "githubUrl": "https://github.com",
        "githubAppName": "dokploy-app",
        "githubAppId": 1,
        "githubClientId": "client",
        "githubClientSecret": "client-secret",
        "githubInstallationId": "2",
        "githubPrivateKey": "private-key",
        "githubWebhookSecret": "webhook-secret",
    },
    "gitlab": {"gitlabUrl": "https://gitlab.com", "secret": "s", "accessToken": "a", "refreshToken": "r"},
    "bitbucket": {"bitbucketUsername": "user", "apiToken": "a"},
    "gitea": {"giteaUrl": "https://gitea.example.com", "clientId": "c", "clientSecret": "s", "accessToken": "a"},
}
"""What an authorised provider has, secrets included."""


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


def application(server: Server, wanted: str) -> Row:
    """By id, or by a name that only one application has. Raises ``ValueError``."""
    found = server.store.applications.get(wanted)
    if found:
        return found
    named = [row for row in server.store.applications if row["name"] == wanted]
    if len(named) != 1:
        raise ValueError(f"{len(named)} applications are called {wanted}")
    return named[0]


def act(server: Server, values: dict[str, Any]) -> dict[str, Any]:
    """``{"deploy": APP, "title"?, "description"?, "redeploy"?}``: somebody else's deployment, queued now.
    ``{"set": APP, "fields": {...}}``: somebody changes columns in the web UI.
    ``{"remove": APP}``: somebody deletes the application.
    ``{"crash": APP}``: its containers begin to exit again and again.
    ``{"git_provider": KIND, "name": NAME, ...}``: somebody authorises a git provider in the web UI, the only way to
    have one of GitHub; further keys are columns of its table.
    ``{"finish": true}``: the running builds end now, as they were planned to.
    ``{"restart": true}``: the server restarts; the running build is cancelled, waiting ones are lost."""
    if "deploy" in values:
        row = application(server, values["deploy"])
        kind = "redeploy" if values.get("redeploy") else "deploy"
        title = values.get("title", "NEW CHANGES")
        job = server.queue.add("application", row, kind, title, values.get("description", ""))
        return {"job": job.id, "applicationId": row["applicationId"]}
    if "set" in values:
        row = application(server, values["set"])
        unknown = sorted(set(values["fields"]) - set(row))
        if unknown:
            raise ValueError(f"an application has no {', '.join(unknown)}")
        server.store.applications.update(row, values["fields"])
        return {"applicationId": row["applicationId"]}
    if "remove" in values:
        row = application(server, values["remove"])
        server.store.drop_service("application", row)
        return {"applicationId": row["applicationId"]}
    if "crash" in values:
        row = application(server, values["crash"])
        server.docker.crash(row["appName"])
        return {"applicationId": row["applicationId"]}
    if "git_provider" in values:
        return git_provider(server, **values)
    if values.get("finish"):
        server.queue.finish()
        return {"ok": True}
    if values.get("restart"):
        server.queue.restart()
        return {"ok": True}
    raise ValueError("an action is one of deploy, set, remove, crash, git_provider, finish, restart")


def git_provider(server: Server, git_provider: str, name: str, **details: Any) -> dict[str, Any]:
    """Returns ``gitProviderId`` and the ``<kind>Id`` that applications refer to."""
    if git_provider not in GIT_KINDS:
        raise ValueError(f"a git provider is one of {', '.join(GIT_KINDS)}")
    member = next(iter(server.store.members))
    columns = {**AUTHORISED[git_provider], **details, "name": name}
    row = insert_provider(server.store, member["userId"], member["organizationId"], git_provider, columns)
    key = f"{git_provider}Id"
    return {"gitProviderId": row["gitProviderId"], key: row[git_provider][key]}


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
    found = next((row for row in store.projects if row["name"] == project), None)
    if found is None:
        organization = next(iter(store.organizations))["id"]
        found, _environment = create_project(store, organization, {"name": project})
    project_id = found["projectId"]
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
            insert_domain(server, {"host": f"{label}-{index}.example.com", "applicationId": row["applicationId"]})
        for index in range(mounts):
            volume = {"type": "volume", "volumeName": f"{label}-{index}", "mountPath": f"/data{index}"}
            insert_mount(store, {**volume, "serviceType": "application", "serviceId": row["applicationId"]})
        if deployed:
            server.docker.deploy(find_application(store, row["applicationId"]))
            row["applicationStatus"] = "done"
        ids.append(row["applicationId"])
    return {"projectId": project_id, "environmentId": home["environmentId"], "applicationIds": ids}

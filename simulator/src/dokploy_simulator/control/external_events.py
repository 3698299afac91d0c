# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events outside of the API: other users' changes, pushes, crashes, restarts. One function an event."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any

from ..http.server import Server
from ..jobs import previews
from ..routers.children.schedules import run, start_run
from ..routers.infrastructure.destinations import insert_destination
from ..routers.infrastructure.git_providers import GIT_KINDS, TOKEN_SECONDS, insert_provider, owner_of
from ..routers.infrastructure.registries import insert_registry
from ..routers.infrastructure.servers import insert_server
from ..routers.procedures import Context
from ..store import accounts, deployments
from ..store.identities import api_key_row, identity_of
from ..store.store import Row
from ..world.config import CONTAINER_STATES
from ..world.docker import compose_stack
from . import data_events
from .data_events import service

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
    "gitea": {
        "giteaUrl": "https://gitea.example.com",
        "clientId": "c",
        "clientSecret": "s",
        "accessToken": "a",
        "refreshToken": "r",
    },
}
"""What an authorised provider has, secrets included."""


def application(server: Server, wanted: str) -> Row:
    """By id, or by a name that only one application has. Raises ``ValueError``."""
    row = server.store.applications.get(wanted)
    if row:
        return row
    named = [row for row in server.store.applications if row["name"] == wanted]
    if len(named) != 1:
        raise ValueError(f"{len(named)} applications are called {wanted}")
    return named[0]


def identified(kind: str, row: Row) -> dict[str, Any]:
    return {f"{kind}Id": row[f"{kind}Id"]}


def deploy(server: Server, app: str, **details: Any) -> dict[str, Any]:
    """``{"deploy": SERVICE, "title"?, "description"?, "redeploy"?}``: another user's deployment, queued now;
    that of a database begins at once."""
    kind, row = service(server, app)
    if kind not in ("application", "compose"):
        work = server.handler(f"{kind}.deploy")(as_owner(server), identified(kind, row))
        asyncio.get_running_loop().create_task(work)
        return identified(kind, row)
    what = "redeploy" if details.get("redeploy") else "deploy"
    title, description = details.get("title", "NEW CHANGES"), details.get("description", "")
    job = server.queue.add(kind, row, what, title, description)
    return {"job": job.id, **identified(kind, row)}


def set_columns(server: Server, app: str, fields: dict[str, Any]) -> dict[str, Any]:
    """``{"set": SERVICE, "fields": {...}}``: a user changes columns in the web UI."""
    kind, row = service(server, app)
    unknown = sorted(fields.keys() - row.keys())
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(unknown)}")
    server.store.services[kind].update(row, fields)
    return identified(kind, row)


def remove(server: Server, app: str) -> dict[str, Any]:
    """``{"remove": SERVICE}``: a user deletes it."""
    kind, row = service(server, app)
    server.store.drop_service(kind, row)
    return identified(kind, row)


def remove_domain(server: Server, host: str) -> dict[str, Any]:
    """``{"remove_domain": HOST}``: a user deletes the only domain of that host."""
    domains = [row for row in server.store.domains if row["host"] == host]
    if len(domains) != 1:
        raise ValueError(f"{len(domains)} domains have the host {host}")
    server.handler("domain.delete")(as_owner(server), {"domainId": domains[0]["domainId"]})
    return {"domainId": domains[0]["domainId"]}


def take_back(server: Server, app: str) -> dict[str, Any]:
    """``{"take_back": SERVICE}``: its new containers fail, and Docker rolls the last update back."""
    kind, row = service(server, app)
    server.docker.take_back(row["appName"])
    return identified(kind, row)


def crash(server: Server, app: str, service_name: str | None = None, state: str = "restarting") -> dict[str, Any]:
    """``{"crash": SERVICE, "service_name"?, "state"?}``: its containers begin to exit again and again. Of a compose all
    of them or those of one service of the file, whose ``state`` may also be another of ``CONTAINER_STATES``."""
    kind, row = service(server, app)
    if kind != "compose":
        server.docker.crash(row["appName"])
    elif row["composeType"] == "stack":
        for item in compose_stack.services_of(server.docker, row["appName"]):
            if service_name is None or item.name == f"{row['appName']}_{service_name}":
                server.docker.crash(item.name)
    elif state not in CONTAINER_STATES:
        raise ValueError(f"a state is one of {', '.join(CONTAINER_STATES)}")
    elif not server.docker.projects.set_state(row["appName"], state, service_name):
        raise ValueError(f"{app} has no container of {service_name or 'any service'}")
    return identified(kind, row)


def say(server: Server, app: str, lines: list[str], service_name: str | None = None) -> dict[str, Any]:
    """``{"say": SERVICE, "lines": [...], "service_name"?}``: its containers log this, those of one service of a
    compose."""
    kind, row = service(server, app)
    name = f"{row['appName']}_{service_name}" if service_name else row["appName"]
    containers = server.docker.projects.of(row["appName"], service_name)
    for line in lines:
        for item in containers:
            item.say(line)
        if not containers:
            server.docker.services[name].say(line)
    return identified(kind, row)


def preview(
    server: Server, app: str, branch: str = "feature", pull_request: int = 1, title: str = "", **details: Any
) -> dict[str, Any]:
    """``{"preview": APP, "branch"?, "pull_request"?, "title"?, "labels"?, "commit"?, "closed"?}``: a user opens the
    pull request of that number, pushes to it, or (``closed``) closes it. Its preview is built at once. The application
    must have a GitHub source and previews switched on, as for the real webhook."""
    row = application(server, app)
    if details.get("closed"):
        for old in server.store.previews.of("applicationId", row["applicationId"]):
            if old["pullRequestNumber"] == str(pull_request):
                previews.remove(server, old)
        return {"applicationId": row["applicationId"]}
    title = title or f"Pull request {pull_request}"
    labels, commit = details.get("labels"), details.get("commit", "")
    made = previews.open_pull_request(server, row, branch, pull_request, title, labels, commit)
    if made is None:
        raise ValueError("no preview: the source is not GitHub, previews are off, a label is missing or it is one more")
    domain = server.store.domains.rows[made["domainId"]]
    return {"previewDeploymentId": made["previewDeploymentId"], "appName": made["appName"], "host": domain["host"]}


def run_schedule(server: Server, schedule_id: str) -> dict[str, Any]:
    """``{"run_schedule": ID}``: its time has come."""
    row = server.store.schedules.get(schedule_id)
    if row is None:
        raise ValueError(f"there is no schedule {schedule_id}")
    context = as_owner(server)
    deployment = start_run(context, row)
    result, log = run(context, row, deployment)
    deployments.finish(server.store, deployment, result, log)
    return {"deploymentId": deployment["deploymentId"], "status": result}


def network(
    server: Server,
    name: str,
    driver: str = "overlay",
    gone: bool = False,
    subnet: str | None = None,
    attached: bool | None = None,
) -> dict[str, Any]:
    """``{"network": NAME, "driver"?, "subnet"?, "gone"?, "attached"?}``: a user makes, or removes, a network of
    Docker's, or starts a container in one that is there, or removes it (``attached`` false)."""
    networks = server.docker.networks
    if gone:
        server.docker.remove_network(name)
    elif attached is not None:
        (networks.attached.add if attached else networks.attached.discard)(name)
    else:
        ipam = {"ipam": {"driver": "default", "config": [{"subnet": subnet}]}} if subnet else {}
        networks.create({"name": name, "driver": driver, **ipam})
    return {"name": name}


def destination(server: Server, name: str, **columns: Any) -> dict[str, Any]:
    """``{"destination": NAME, ...}``: there is a destination; further keys are its columns."""
    values = dict.fromkeys(("provider",))
    values |= dict.fromkeys(("accessKey", "secretAccessKey", "bucket", "region", "endpoint"), "x")
    row = insert_destination(server.store, organization(server), {**values, **columns, "name": name})
    return {"destinationId": row["destinationId"]}


def registry(server: Server, name: str, **columns: Any) -> dict[str, Any]:
    """``{"registry": NAME, ...}``: there is a registry, without any login; further keys are its columns."""
    values = {"imagePrefix": None, "username": "user", "password": "password", "registryUrl": "registry.example.com"}
    values |= {"registryType": "cloud", "registryName": name}
    row = insert_registry(server.store, organization(server), {**values, **columns})
    return {"registryId": row["registryId"]}


def remote_server(server: Server, name: str, **columns: Any) -> dict[str, Any]:
    """``{"server": NAME, ...}``: there is a server, ready to be used; further keys are its columns."""
    values = {"description": "", "ipAddress": "192.0.2.1", "port": 22, "username": "root", "serverType": "deploy"}
    values |= {"sshKeyId": None, **columns, "name": name}
    row = insert_server(server.store, organization(server), values)
    return {"serverId": row["serverId"]}


def git_provider(server: Server, kind: str, name: str, **details: Any) -> dict[str, Any]:
    """``{"git_provider": KIND, "name": NAME, ...}``: a user authorises a git provider in the web UI, the only way to
    have one of GitHub; further keys are columns of its table. Returns ``gitProviderId`` and the ``<kind>Id`` that
    applications refer to."""
    if kind not in GIT_KINDS:
        raise ValueError(f"a git provider is one of {', '.join(GIT_KINDS)}")
    member = next(iter(server.store.members))
    columns = {**AUTHORISED[kind], **details, "name": name}
    row = insert_provider(server.store, member["userId"], member["organizationId"], kind, columns)
    key = f"{kind}Id"
    return {"gitProviderId": row["gitProviderId"], key: row[kind][key]}


def authorise(server: Server, kind_id: str, **tokens: Any) -> dict[str, Any]:
    """``{"authorise": GITLAB_ID, "accessToken"?, ...}``: a user signs in to a provider of GitLab or Gitea in the web
    UI, which stores its tokens."""
    for kind in ("gitlab", "gitea"):
        row = owner_of(server.store, kind, kind_id)
        if row is not None:
            given = {"accessToken": "a", "refreshToken": "r", "expiresAt": int(time.time()) + TOKEN_SECONDS}
            row[kind].update({**given, **tokens})
            return {"gitProviderId": row["gitProviderId"]}
    raise ValueError(f"no provider of GitLab or Gitea has the ID {kind_id}")


def member(server: Server, email: str, key: str, **accessed: list[str]) -> dict[str, Any]:
    """``{"member": EMAIL, "key": KEY, "projects"?, "environments"?, "services"?}``: a user invites a member who
    may see what these ids name and do everything with it, and makes an API key of that text."""
    user = accounts.add_user(server.store, email, "")
    row = accounts.add_member(server.store, organization(server), user["id"], "member", default=True)
    row.update(
        {f"accessed{what.capitalize()}": accessed.pop(what, []) for what in ("projects", "environments", "services")}
    )
    if accessed:
        raise ValueError(f"a member has no {', '.join(accessed)}")
    key_row = api_key_row(user["id"], "member", row["organizationId"], {"rateLimitEnabled": False})
    server.store.add_key(key_row, key)
    return {"userId": user["id"]}


def call(server: Server, name: str, input: dict[str, Any] | None = None) -> dict[str, Any]:
    """``{"call": PROCEDURE, "input"?}``: the owner calls a procedure in the web UI. A project, an environment or a
    service may be named where its id belongs, if only one has the name. One that waits is begun."""
    procedure = server.procedures[name]
    values = {key: meant(server, key, value) for key, value in (input or {}).items()}
    answer = server.handler(name)(as_owner(server), procedure.parse(values))
    if asyncio.iscoroutine(answer):
        asyncio.get_running_loop().create_task(answer)
    return {"answer": answer if isinstance(answer, (dict, list, bool)) else None}


def meant(server: Server, key: str, value: Any) -> Any:
    """The id for the name of a place. Raises ``ValueError`` when not one has it."""
    tables = {"projectId": server.store.projects, "environmentId": server.store.environments}
    table = {**tables, **{f"{kind}Id": table for kind, table in server.store.services.items()}}.get(key)
    if table is None or value in table:
        return value
    named = [row[key] for row in table if row["name"] == value]
    if len(named) != 1:
        raise ValueError(f"{key}: {len(named)} are called {value}")
    return named[0]


def release(server: Server, name: str) -> dict[str, Any]:
    """``{"release": NAME}``: what a hold of that name holds continues."""
    server.holds.release(name)
    return {"ok": True}


def finish(server: Server, _yes: bool) -> dict[str, Any]:
    """``{"finish": true}``: the running builds end now, as they were planned to."""
    server.queue.finish()
    return {"ok": True}


def restart(server: Server, _yes: bool, seconds: float = 0.0) -> dict[str, Any]:
    """``{"restart": true, "seconds"?}``: the server restarts; the running build is cancelled, waiting ones are lost
    (before 0.29.9: built afterwards). For so many seconds all connections are reset."""
    server.restart(seconds)
    return {"ok": True}


def push(server: Server, branch: str, message: str = "", hash: str = "") -> dict[str, Any]:
    """``{"push": BRANCH, "message"?, "hash"?}``: from now on a clone of that branch, in whatever repository, finds
    this commit; a rule of ``builds`` does not hide it."""
    number = server.store.count("push")
    message = message or f"change {number} of {branch}"
    hash = hash or hashlib.sha1(f"{branch} {number}".encode(), usedforsecurity=False).hexdigest()
    server.store.pushes[branch] = message, hash
    return {"branch": branch, "message": message, "hash": hash}


def organization(server: Server) -> str:
    return str(next(iter(server.store.organizations))["id"])


def as_owner(server: Server) -> Context:
    return Context(server, identity_of(server.store, next(iter(server.store.members))["userId"]))


def pass_time(server: Server, seconds: float) -> dict[str, Any]:
    """``{"pass": SECONDS}``: so long nobody signs in or up."""
    server.auth.limits = {path: (count, last - seconds) for path, (count, last) in server.auth.limits.items()}
    return {"ok": True}


EVENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "deploy": deploy,
    "set": set_columns,
    "remove": remove,
    "remove_domain": remove_domain,
    "crash": crash,
    "take_back": take_back,
    "say": say,
    "preview": preview,
    "run_schedule": run_schedule,
    "network": network,
    "destination": destination,
    "put": data_events.put,
    "cut": data_events.cut,
    "discard": data_events.discard,
    "write": data_events.write,
    "insert": data_events.insert,
    "view": data_events.view,
    "routine": data_events.routine,
    "outage": data_events.outage,
    "writer": data_events.writer,
    "registry": registry,
    "server": remote_server,
    "git_provider": git_provider,
    "authorise": authorise,
    "member": member,
    "call": call,
    "release": release,
    "finish": finish,
    "restart": restart,
    "push": push,
    "pass": pass_time,
}


def act(server: Server, values: dict[str, Any]) -> dict[str, Any]:
    """Perform the event of the first known key. Raises ``ValueError`` when there is none, ``TypeError`` for keys the
    event does not take."""
    name = next((name for name in values if name in EVENTS), None)
    if name is None:
        raise ValueError(f"an action is one of {', '.join(EVENTS)}")
    rest = {key: value for key, value in values.items() if key != name}
    return EVENTS[name](server, values[name], **rest)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers postgres, mysql, mariadb, mongo, redis and libsql: what makes them run, their ports and passwords."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from ...api.errors import ProcedureError, ValidationError, bad_request, internal, no_values
from ...jobs import database_engines
from ...store.database_kinds import KINDS, Kind
from ...store.store import Row
from ...world.docker import host_ports, volume_data
from ...world.docker.database_spec import database_spec
from ...world.docker.service_spec import DockerError
from ..common import find
from ..procedures import Context, NeverEnds, procedure, subscription
from . import service_run
from .databases import find_database, joined, set_values
from .service_run import read_logs


def pull_failure(ctx: Context, image: str, rule: Row) -> str | None:
    """What the daemon says when it does not get an image."""
    if not image:
        return "Error: Docker image not found"
    if ctx.instance.build_outcomes.image_exists(image) and rule.get("result") != "error":
        return None
    return f"Error: Error response from daemon: manifest for {image} not found: manifest unknown: manifest unknown\n"


def pull_output(image: str) -> str:
    name, _colon, tag = image.rpartition("/")[2].partition(":")
    repository = name if "/" in image else f"library/{name}"
    digest = hashlib.sha256(image.encode()).hexdigest()
    lines = (f"{tag or 'latest'}: Pulling from {repository}", f"Digest: sha256:{digest}")
    return "\n".join((*lines, f"Status: Image is up to date for {image}", image, ""))


async def run_deployment(ctx: Context, kind: Kind, row: Row, say: Callable[[str], None] = lambda text: None) -> Row:
    """Pull, then create or update the service. It is synchronous, has no deployment row and goes on without a client.
    Answers the database as it was before; what fails is a 500."""
    before = joined(ctx, kind, row)
    row["applicationStatus"] = "running"
    say(f"Starting {kind.name} deployment...")
    rule = ctx.instance.build_outcomes.database_rule(before)
    await asyncio.sleep(rule.get("seconds", ctx.instance.config.deploy_seconds))
    problem = pull_failure(ctx, before["dockerImage"], rule)
    say(pull_output(before["dockerImage"]) if problem is None else problem.removeprefix("Error: "))
    if problem is None:
        try:
            spec = database_spec(ctx.store, kind, before)
            ctx.instance.docker.apply(spec, rule.get("crash_after"), force=kind.name != "libsql")
            if ctx.has("databases_converge"):
                await converge(ctx, row["appName"])
        except DockerError as error:
            # Docker's refusal is an Error of JavaScript, Dokploy's own text has that name, too.
            problem = f"Error: {error}"
    row["applicationStatus"] = "error" if problem else "done"
    if problem:
        say(f"Error: {problem}")
        raise internal(f"Error on deploy {kind.name}{problem}")
    say("Deployment completed successfully!")
    database_engines.initialise(ctx.instance, kind, row["appName"])
    return before


async def converge(ctx: Context, name: str) -> None:
    """Wait until as many tasks of a service run as are wanted (source of 0.30.5), or it is removed. Raises
    ``DockerError``."""
    service, seconds = ctx.instance.docker.services[name], ctx.instance.config.converge_seconds
    wanted = service.spec["Mode"].get("Replicated", {}).get("Replicas", 1)
    deadline = time.monotonic() + seconds
    while (run := service.healthy()) < wanted and ctx.instance.docker.services.get(name) is service:
        # With no time given, what can run gets the time that it takes.
        if time.monotonic() >= deadline and (seconds or not service.running()):
            last = next((task.error or task.actual.lower() for task in reversed(service.alive())), "unknown")
            raise DockerError(
                f"Service {name} did not converge within 45000ms: {run}/{wanted} tasks running (last state: {last})"
            )
        await asyncio.sleep(0.01)


def check_port(ctx: Context, port: int | None, name: str = "") -> None:
    user = host_ports.user_of(ctx.instance.docker, port) if port else None
    if user:
        raise ProcedureError("CONFLICT", f"Port {port}{f' ({name})' if name else ''} is already in use by {user}")


def _register(kind: Kind) -> None:
    """The procedures of one kind of database; they differ only in names."""

    @procedure(f"{kind.name}.deploy")
    async def deploy(ctx: Context, data: Row) -> Row:
        return await run_deployment(ctx, kind, find_database(ctx, kind, data))

    @subscription(f"{kind.name}.deployWithLogs")
    async def deploy_with_logs(ctx: Context, data: Row) -> AsyncIterator[str]:
        """Says nothing about an unknown ID; the stream of mariadb stays open."""
        row = ctx.store.services[kind.name].get(data[kind.key])
        if row is not None:
            lines: list[str] = []
            with suppress(ProcedureError):
                await run_deployment(ctx, kind, row, lines.append)
            for line in lines:
                yield line
        if kind.name == "mariadb":
            raise NeverEnds

    @procedure(f"{kind.name}.stop")
    async def stop(ctx: Context, data: Row) -> Row:
        row = find_database(ctx, kind, data)
        before = joined(ctx, kind, row)
        await service_run.stop(ctx, row)
        return before

    @procedure(f"{kind.name}.start")
    async def start(ctx: Context, data: Row) -> Row:
        row = find_database(ctx, kind, data)
        before = joined(ctx, kind, row)
        await service_run.start(ctx, row)
        database_engines.initialise(ctx.instance, kind, row["appName"])
        return before

    @procedure(f"{kind.name}.reload")
    async def reload(ctx: Context, data: Row) -> bool:
        """Stop and start: nothing of the row reaches the service. The appName sent is not looked at."""
        row = find_database(ctx, kind, data)
        await service_run.stop(ctx, row)
        await service_run.start(ctx, row)
        database_engines.initialise(ctx.instance, kind, row["appName"])
        return True

    @procedure(f"{kind.name}.rebuild")
    async def rebuild(ctx: Context, data: Row) -> bool:
        """The service and the volumes of its mounts go, then it is deployed. A container that needs longer to end than
        the server waits leaves it without a service, and with its data."""
        row = find(ctx.store.services[kind.name], data[kind.key], "Database not found", internal)
        ctx.instance.docker.remove(row["appName"])
        await asyncio.sleep(ctx.instance.config.scale_seconds)
        for mount in ctx.store.mounts.of(kind.key, row[kind.key]):
            if mount["type"] == "volume":
                volume_data.remove(ctx.instance.docker, ctx.store, mount["volumeName"], force=True)
        await run_deployment(ctx, kind, row)
        return True

    @procedure(f"{kind.name}.readLogs")
    def logs(ctx: Context, data: Row) -> str:
        return read_logs(ctx, find_database(ctx, kind, data)["appName"], data)


def _register_all_but_libsql(kind: Kind) -> None:
    @procedure(f"{kind.name}.saveExternalPort")
    async def save_external_port(ctx: Context, data: Row) -> Row:
        """Stores the port and deploys, also one that was stopped. Its own port is in use while it runs."""
        row = find_database(ctx, kind, data)
        before = joined(ctx, kind, row)
        check_port(ctx, data["externalPort"])
        set_values(ctx, f"{kind.name}.saveExternalPort", kind, row, {"externalPort": data["externalPort"]})
        await run_deployment(ctx, kind, row)
        return before

    @procedure(f"{kind.name}.changePassword")
    def change_password(ctx: Context, data: Row) -> bool:
        """The row changes only when the command in the container ends well."""
        row = find_database(ctx, kind, data)
        target = data.get("type", "user")
        database_engines.change_password(ctx.instance, kind, row, data["password"], target)
        row["databaseRootPassword" if target == "root" else "databasePassword"] = data["password"]
        return True


for _kind in KINDS.values():
    _register(_kind)
    if _kind.name != "libsql":
        _register_all_but_libsql(_kind)


@procedure("libsql.saveExternalPorts")
async def save_external_ports(ctx: Context, data: Row) -> Any:
    """Three ports at once; absent ones stay. A stored one is not in its own way."""
    kind = KINDS["libsql"]
    names = list(kind.ports)
    if all(data.get(name, 0) is None for name in names):
        message = "Either externalPort, externalGRPCPort or externalAdminPort must be provided."
        raise ValidationError([{"code": "custom", "path": names, "message": message}])
    row = find_database(ctx, kind, data)
    before = joined(ctx, kind, row)
    if row["sqldNode"] == "replica" and data.get("externalGRPCPort", 0) is not None:
        raise bad_request("externalGRPCPort cannot be set when sqldNode is 'replica'")
    values = {name: data[name] for name in names if name in data}
    for name, port in values.items():
        if port != row[name]:
            check_port(ctx, port, name)
    if not values:
        raise no_values()
    set_values(ctx, "libsql.saveExternalPorts", kind, row, values)
    await run_deployment(ctx, kind, row)
    return before

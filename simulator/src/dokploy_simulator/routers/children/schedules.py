# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router schedule: commands that run by the clock, here only when they are told to."""

from __future__ import annotations

from ...api.errors import internal, not_found
from ...api.sql_errors import failed_insert, failed_update
from ...store import deployments
from ...store.joins import environment_with_project
from ...store.store import Row, generate_app_name, new_id, now
from ...world.containers import commands
from ...world.docker import compose_stack
from ..common import broken_keys, find, newest_first, pick_service, service_of
from ..procedures import Context, procedure

DEFAULTS: Row = {
    "scheduleId": None,
    "name": None,
    "description": None,
    "cronExpression": None,
    "appName": None,
    "serviceName": None,
    "shellType": "bash",
    "scheduleType": "application",
    "command": None,
    "script": None,
    "applicationId": None,
    "composeId": None,
    "serverId": None,
    "organizationId": None,
    "enabled": True,
    "timezone": None,
    "createdAt": None,
}
COLUMNS = tuple(DEFAULTS)
PLACE = "/etc/dokploy/schedules"
FAILED = "❌ Command failed\n"


@procedure("schedule.create")
def create_schedule(ctx: Context, data: Row) -> Row:
    """The cron expression is not looked at, and nothing has to be named that it runs in (measured)."""
    if data.get("scheduleType") == "server" and data.get("serverId"):
        find(ctx.store.servers, data["serverId"], "Server not found")
    own = {"scheduleId": new_id(), "appName": generate_app_name("schedule"), "createdAt": now()}
    given = {**own, **{name: value for name, value in data.items() if name != "scheduleId"}}
    if data.get("scheduleType") == "dokploy-server":
        given["organizationId"] = ctx.identity.organization_id
    if broken_keys(ctx.store, data):
        raise internal(failed_insert("schedule", COLUMNS, given))
    row = ctx.store.schedules.insert({**DEFAULTS, **ctx.drop("schedule.create", given)})
    server = ctx.store.servers.get(row["serverId"] or "") if row["scheduleType"] == "server" else None
    if server is not None and server["sshKeyId"]:
        # A file is written there once the row is stored. What a server without a key answers is not measured.
        ctx.instance.ssh_hosts.checked(server)
    return dict(row)


@procedure("schedule.update")
def update_schedule(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.schedules, data["scheduleId"], "Schedule not found")
    values = {name: value for name, value in data.items() if name != "scheduleId"}
    if broken_keys(ctx.store, values):
        raise internal(failed_update("schedule", COLUMNS, values, "scheduleId", row["scheduleId"]))
    return dict(ctx.store.schedules.update(row, ctx.drop("schedule.update", values)))


@procedure("schedule.delete")
def delete_schedule(ctx: Context, data: Row) -> bool:
    ctx.store.drop(ctx.store.schedules, find(ctx.store.schedules, data["scheduleId"], "Schedule not found"))
    return True


@procedure("schedule.list")
def list_schedules(ctx: Context, data: Row) -> list[Row]:
    """Oldest first; those of the Dokploy server itself whatever id was sent."""
    store, kind = ctx.store, data["scheduleType"]
    if kind == "dokploy-server":
        rows = [row for row in store.schedules if row["organizationId"] == ctx.identity.organization_id]
    else:
        if kind == "server" and data["id"] not in store.servers:
            raise not_found("Server not found")
        rows = store.schedules.of(f"{kind}Id", data["id"])
    return [
        {
            **row,
            "application": service_of(ctx, "application", row, "name"),
            "server": store.servers.get(row["serverId"] or ""),
            "compose": service_of(ctx, "compose", row, "name"),
            "deployments": newest_first(store.deployments.of("scheduleId", row["scheduleId"])),
        }
        for row in sorted(rows, key=lambda row: row["createdAt"])
    ]


@procedure("schedule.one")
def one_schedule(ctx: Context, data: Row) -> Row:
    store, row = ctx.store, find(ctx.store.schedules, data["scheduleId"], "Schedule not found")
    application = pick_service(store, "application", row)
    if application is not None:
        home = store.applications.rows[row["applicationId"]]["environmentId"]
        application["environment"] = environment_with_project(store, home)
    compose = store.services["compose"].get(row["composeId"] or "")
    if compose is not None:
        compose = {**compose, "environment": environment_with_project(store, compose["environmentId"])}
    server = store.servers.get(row["serverId"] or "")
    if server is not None:
        server = {**server, "organization": store.organizations.get(server["organizationId"])}
    return {**row, "application": application, "compose": compose, "server": server}


@procedure("schedule.runManually")
def run_schedule(ctx: Context, data: Row) -> Row | bool:
    """Runs and waits. A failure is no error of the call: the row says so. Before 0.29.14 it was a 500."""
    row = find(ctx.store.schedules, data["scheduleId"], "Schedule not found")
    deployment = start_run(ctx, row)
    result, log = run(ctx, row, deployment)
    deployments.finish(ctx.store, deployment, result, log)
    if not ctx.has("schedule_results"):
        if result != "done":
            raise internal(log.removesuffix(FAILED).partition("\n")[2])
        return True
    return {"status": result, "deploymentId": deployment["deploymentId"], "logPath": deployment["logPath"]}


def start_run(ctx: Context, row: Row) -> Row:
    values = {"title": "Schedule", "description": "Schedule", "scheduleId": row["scheduleId"]}
    values["logPath"] = deployments.log_path(PLACE, row["appName"])
    return deployments.start(ctx.store, "scheduleId", values, "Initializing schedule\n")


def run(ctx: Context, row: Row, deployment: Row) -> tuple[str, str]:
    """Its result (done or error) and what the log says of it."""
    outcomes = ctx.instance.build_outcomes
    if row["scheduleType"] not in ("application", "compose"):
        result, output = outcomes.command(row["script"] or "")
        if row["scheduleType"] == "dokploy-server":
            deployment["pid"] = str(20_000 + ctx.store.count("pid"))
            return result, f"PID: {deployment['pid']} | Schedule ID: {row['scheduleId']}\n{output}"
        return result, f"Running script\n{output}" + ("✅ Command executed successfully\n" if result == "done" else "")
    container, target = container_of(ctx, row)
    if container is None and not ctx.has("schedule_results"):
        said = f"docker exec  {row['shellType']} -c {row['command']}\nError: No such container: \n"
        return "error", said + FAILED
    if container is None:
        return "error", f"❌ Container not found for {target}, make sure the service is running\n"
    result, output = outcomes.command(row["command"])
    if row["scheduleType"] == "compose" and outcomes.rule_of_command(row["command"]) is None:
        compose = ctx.store.services["compose"].rows[row["composeId"]]
        played = commands.in_database(ctx.instance.docker, compose, str(row["serviceName"]), row["command"])
        if played is not None:
            result, output = "error" if played.status else "done", played.text + played.errors
    said = f"docker exec {container} {row['shellType']} -c {row['command']}\n{output}"
    return result, said + ("✅ Command executed successfully\n" if result == "done" else FAILED)


def container_of(ctx: Context, row: Row) -> tuple[str | None, str]:
    """The running container that a command enters, and what the server calls the place."""
    kind = row["scheduleType"]
    service = ctx.store.services[kind].get(row[f"{kind}Id"] or "")
    name = service["appName"] if service else "undefined"
    if kind == "application":
        return ctx.instance.docker.running_container(name), f"application '{name}'"
    container = compose_stack.running_container(ctx.instance.docker, service, row["serviceName"]) if service else None
    label = service["name"] if service else "undefined"
    return container, f"service '{row['serviceName'] or 'null'}' of compose '{label}'"

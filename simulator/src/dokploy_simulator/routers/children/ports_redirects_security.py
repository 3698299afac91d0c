# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers port, redirects and security: the smaller children of an application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ...api.errors import ProcedureError, bad_request, not_found
from ...api.sql_errors import failed_insert, failed_update
from ...store.joins import environment_with_project
from ...store.store import Row, new_id, now
from ...world import traefik
from ..common import find
from ..procedures import UNDEFINED, Context, procedure


def app_of(ctx: Context, row: Row) -> Row:
    """The application that a child belongs to."""
    return ctx.store.applications.rows[row["applicationId"]]


def parent(ctx: Context, data: Row, problem: str) -> None:
    """Raises what a release says when there is no such application."""
    if data["applicationId"] not in ctx.store.applications:
        raise bad_request(problem) if ctx.has("unknown_ids_late") else not_found("Application not found")


@contextmanager
def in_bad_request() -> Iterator[None]:
    """What goes wrong with the Traefik file is BAD_REQUEST here, in the same words."""
    try:
        yield
    except ProcedureError as error:
        raise bad_request(error.message) from None


# --- port: an absent publishMode or protocol is reset to its default, also by update --------------------------------

PORT_DEFAULTS: Row = {"publishMode": "ingress", "protocol": "tcp"}
PORT_COLUMNS = ("portId", "publishedPort", "publishMode", "targetPort", "protocol", "applicationId")


@procedure("port.create")
def create_port(ctx: Context, data: Row) -> Row | bool:
    if data["applicationId"] not in ctx.store.applications:
        raise bad_request("Error input: Inserting port")
    row = {"portId": new_id(), **PORT_DEFAULTS, **ctx.drop("port.create", data)}
    ctx.store.ports.insert({column: row[column] for column in PORT_COLUMNS})
    return {column: row[column] for column in PORT_COLUMNS} if ctx.has("port_rows") else True


@procedure("port.one")
def one_port(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.ports, data["portId"], "Port not found", bad_request)
    application = {"applicationId": row["applicationId"]}
    if not ctx.has("slim_joins"):
        whole = ctx.store.applications.rows[row["applicationId"]]
        application = {**whole, "environment": environment_with_project(ctx.store, whole["environmentId"])}
    return {**row, "application": application}


@procedure("port.update")
def update_port(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.ports, data["portId"], "Port not found")
    return dict(ctx.store.ports.update(row, ctx.drop("port.update", {**PORT_DEFAULTS, **data})))


@procedure("port.delete")
def delete_port(ctx: Context, data: Row) -> Row:
    return dict(ctx.store.ports.delete(find(ctx.store.ports, data["portId"], "Port not found")))


# --- redirects: create answers true, the id is only in application.one -----------------------------------------------


@procedure("redirects.create")
def create_redirect(ctx: Context, data: Row) -> bool:
    parent(ctx, data, "Error creating this redirect")
    own = {"redirectId": new_id(), "regex": data["regex"], "replacement": data["replacement"]}
    rest = {"permanent": data["permanent"], "uniqueConfigKey": ctx.store.count("redirect"), "createdAt": now()}
    row = ctx.store.redirects.insert({**own, **rest, "applicationId": data["applicationId"]})
    app, seconds = app_of(ctx, row), ctx.instance.config.traefik_seconds

    def write() -> None:
        traefik.write_redirect(ctx.store, app, row, create=True)
        with suppress(ProcedureError):
            # No one waits for it: a broken file stays as it is, and the answer is the same.
            traefik.add_middleware(ctx.store, app["appName"], f"redirect-{app['appName']}-{row['uniqueConfigKey']}")

    if app["serverId"] and seconds:
        traefik.in_background(ctx.store, seconds, write)
    else:
        write()
    return True


@procedure("redirects.one")
def one_redirect(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.redirects, data["redirectId"], "Redirect not found"))


@procedure("redirects.update")
def update_redirect(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.redirects, data["redirectId"], "Redirect not found")
    ctx.store.redirects.update(row, ctx.drop("redirects.update", data))
    traefik.write_redirect(ctx.store, app_of(ctx, row), row)
    return dict(row)


@procedure("redirects.delete")
def delete_redirect(ctx: Context, data: Row) -> Row:
    row = ctx.store.redirects.delete(find(ctx.store.redirects, data["redirectId"], "Redirect not found"))
    try:
        traefik.remove_redirect(ctx.store, app_of(ctx, row), row)
    except ProcedureError:
        raise bad_request("Error removing this redirect") from None
    return dict(row)


# --- security: the same user twice in one application is refused by the database, password in the text ---------------

SECURITY_COLUMNS = ("securityId", "username", "password", "createdAt", "applicationId")


@procedure("security.create")
def create_security(ctx: Context, data: Row) -> object:
    parent(ctx, data, "Application not found")
    row = {"securityId": new_id(), "createdAt": now(), **data}
    row = {column: row[column] for column in SECURITY_COLUMNS}
    if any(old["username"] == row["username"] for old in ctx.store.security.of("applicationId", data["applicationId"])):
        problem = failed_insert("security", SECURITY_COLUMNS, row)
        raise bad_request(problem if ctx.has("raw_sql") else "Error creating this security")
    with in_bad_request():
        traefik.add_user(ctx.store, app_of(ctx, row), row["username"])
    ctx.store.security.insert(row)
    return True if ctx.has("security_true") else UNDEFINED


@procedure("security.one")
def one_security(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.security, data["securityId"], "Security not found"))


@procedure("security.update")
def update_security(ctx: Context, data: Row) -> object:
    row = find(ctx.store.security, data["securityId"], "Security not found")
    app, before = app_of(ctx, row), row["username"]
    values = ctx.drop("security.update", data)
    after = {**row, **values}
    with in_bad_request():
        traefik.remove_user(ctx.store, app, before)
        others = ctx.store.security.of("applicationId", row["applicationId"])
        if any(other is not row and other["username"] == after["username"] for other in others):
            # The file has lost the user by then.
            set_ = {key: value for key, value in values.items() if key != "securityId"}
            raise bad_request(failed_update("security", SECURITY_COLUMNS, set_, "securityId", row["securityId"]))
        traefik.add_user(ctx.store, app, str(values.get("username", before)))
    ctx.store.security.update(row, values)
    return UNDEFINED if ctx.has("silent_security") else dict(row)


@procedure("security.delete")
def delete_security(ctx: Context, data: Row) -> Row:
    row = ctx.store.security.delete(find(ctx.store.security, data["securityId"], "Security not found"))
    with in_bad_request():
        traefik.remove_user(ctx.store, app_of(ctx, row), row["username"])
    return dict(row)

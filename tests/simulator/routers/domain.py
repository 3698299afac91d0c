# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router domain, and the Traefik file that a domain of an application is written into at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import bad_request, not_found
from ..sql import failed_insert
from ..store import LOWER, Row, Store, new_id, now
from . import Context, procedure

if TYPE_CHECKING:
    from ..server import Server

DEFAULTS: Row = {
    "domainId": None,
    "host": None,
    "https": False,
    "port": 3000,
    "customEntrypoint": None,
    "path": "/",
    "serviceName": None,
    "domainType": "application",
    "uniqueConfigKey": None,
    "createdAt": None,
    "composeId": None,
    "customCertResolver": None,
    "applicationId": None,
    "previewDeploymentId": None,
    "certificateType": "none",
    "internalPath": "/",
    "stripPath": False,
    "middlewares": [],
    "forwardAuthEnabled": False,
    "enabled": True,
}


def find_domain(store: Store, domain_id: str) -> Row:
    row = store.domains.get(domain_id)
    if row is None:
        raise not_found("Domain not found")
    return row


def with_parent(store: Store, row: Row) -> Row:
    for kind in ("application", "compose"):
        service = store.services[kind].get(row[f"{kind}Id"] or "")
        if service:
            return {
                **row,
                kind: {f"{kind}Id": row[f"{kind}Id"], "appName": service["appName"], "name": service["name"]},
            }
    return dict(row)


def write_traefik(server: Server, application_id: str | None) -> None:
    """Write the routers and services of an application's enabled domains, or remove the file with the last one."""
    app = server.store.applications.get(application_id or "")
    if app is None:
        return
    write_traefik_file(server, {**app, "domains": server.store.domains.of("applicationId", application_id)})


def write_traefik_file(server: Server, app: Row) -> None:
    """``app``: an application or preview by its appName, with its ``domains``."""
    name = app["appName"]
    routers, services = [], []
    for row in app["domains"]:
        if not row["enabled"]:
            continue
        key = row["uniqueConfigKey"]
        path = f" && PathPrefix(`{row['path']}`)" if row["path"] not in (None, "/") else ""
        for infix, entry in [("", "web"), ("websecure-", "websecure")][: 2 if row["https"] else 1]:
            redirect = row["https"] and entry == "web"
            middlewares = "\n        - redirect-to-https" if redirect else " []"
            routers.append(
                f"    {name}-router-{infix}{key}:\n      rule: Host(`{row['host']}`){path}\n"
                f"      service: {name}-service-{key}\n      middlewares:{middlewares}\n"
                f"      entryPoints:\n        - {row['customEntrypoint'] or entry}\n"
            )
        services.append(
            f"    {name}-service-{key}:\n      loadBalancer:\n        servers:\n"
            f"          - url: http://{name}:{row['port'] or 80}\n        passHostHeader: true\n"
        )
    if routers:
        server.store.traefik[name] = "http:\n  routers:\n" + "".join(routers) + "  services:\n" + "".join(services)
    else:
        server.store.traefik.pop(name, None)


def insert_domain(server: Server, values: Row) -> Row:
    row = {
        **DEFAULTS,
        "middlewares": [],
        "domainId": new_id(),
        "uniqueConfigKey": server.store.count("domain"),
        "createdAt": now(),
        **values,
    }
    server.store.domains.insert(row)
    write_traefik(server, row["applicationId"])
    return row


@procedure("domain.create")
def create(ctx: Context, data: Row) -> Row:
    if not all(ctx.store.exists(column, data.get(column)) for column in ("applicationId", "composeId")):
        # The serial is used up all the same.
        ctx.store.count("domain")
        given = {"domainId": new_id(), "createdAt": now(), **data}
        raise bad_request(failed_insert("domain", DEFAULTS, given))
    return dict(insert_domain(ctx.server, ctx.drop("domain.create", data)))


@procedure("domain.one")
def one(ctx: Context, data: Row) -> Row:
    return with_parent(ctx.store, find_domain(ctx.store, data["domainId"]))


@procedure("domain.byApplicationId")
def by_application_id(ctx: Context, data: Row) -> list[Row]:
    return [with_parent(ctx.store, row) for row in ctx.store.domains.of("applicationId", data["applicationId"])]


@procedure("domain.byComposeId")
def by_compose_id(ctx: Context, data: Row) -> list[Row]:
    return [with_parent(ctx.store, row) for row in ctx.store.domains.of("composeId", data["composeId"])]


@procedure("domain.update")
def update(ctx: Context, data: Row) -> Row:
    row = find_domain(ctx.store, data["domainId"])
    ctx.store.domains.update(row, ctx.drop("domain.update", data))
    write_traefik(ctx.server, row["applicationId"])
    return dict(row)


@procedure("domain.toggleEnable")
def toggle_enable(ctx: Context, data: Row) -> Row:
    """Flips; an ``enabled`` that was sent is not looked at."""
    row = find_domain(ctx.store, data["domainId"])
    ctx.store.domains.update(row, {"enabled": not row["enabled"]})
    write_traefik(ctx.server, row["applicationId"])
    return {**row, "requiresRedeploy": row["composeId"] is not None}


@procedure("domain.delete")
def delete(ctx: Context, data: Row) -> Row:
    row = ctx.store.drop(ctx.store.domains, find_domain(ctx.store, data["domainId"]))
    write_traefik(ctx.server, row["applicationId"])
    return dict(row)


@procedure("domain.generateDomain")
def generate_domain(_ctx: Context, data: Row) -> str:
    tail = new_id().lower().translate({ord("-"): "a", ord("_"): "b"})[:6]
    return f"{data['appName']}-{tail or LOWER[:6]}-127-0-0-1.sslip.io"


@procedure("domain.canGenerateTraefikMeDomains")
def can_generate(_ctx: Context, _data: Row) -> str:
    return "127.0.0.1"


@procedure("domain.validateDomain")
def validate_domain(_ctx: Context, data: Row) -> Row:
    return {"isValid": False, "error": f"queryA ENOTFOUND {data['domain']}"}

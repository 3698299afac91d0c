# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router domain, and the Traefik file that a domain of an application is written into at once."""

from __future__ import annotations

from ...api.errors import bad_request
from ...api.release_columns import later
from ...api.sql_errors import refused_insert
from ...store.randomness import RANDOM
from ...store.store import Row, Store, new_id, now
from ...world import traefik
from ...world.domains import DEFAULTS, insert_domain, routed, write_traefik
from ..common import find
from ..procedures import Context, procedure


def columns(ctx: Context) -> list[str]:
    hidden = later("domainId", ctx.instance.config.version)
    return [column for column in DEFAULTS if column not in hidden]


def find_domain(store: Store, domain_id: str) -> Row:
    return find(store.domains, domain_id, "Domain not found")


def with_parent(ctx: Context, row: Row) -> Row:
    for kind in ("application", "compose"):
        service = ctx.store.services[kind].get(row[f"{kind}Id"] or "")
        if service:
            slim = {f"{kind}Id": row[f"{kind}Id"], "appName": service["appName"], "name": service["name"]}
            return {**row, kind: slim if ctx.has("slim_joins") else dict(service)}
    return dict(row)


@procedure("domain.create")
def create(ctx: Context, data: Row) -> Row:
    for column in ("applicationId", "composeId"):
        if not ctx.store.exists(column, data.get(column)):
            # The serial is used up nevertheless.
            ctx.store.count("domain")
            given = {"domainId": new_id(), "createdAt": now(), **data}
            raise bad_request(refused_insert(ctx.has("raw_sql"), "domain", columns(ctx), given, column))
    return dict(insert_domain(ctx.store, ctx.drop("domain.create", data)))


@procedure("domain.one")
def one_domain(ctx: Context, data: Row) -> Row:
    return with_parent(ctx, find_domain(ctx.store, data["domainId"]))


@procedure("domain.byApplicationId")
def by_application_id(ctx: Context, data: Row) -> list[Row]:
    if not ctx.has("unknown_ids_late"):
        find(ctx.store.applications, data["applicationId"], "Application not found")
    return [with_parent(ctx, row) for row in ctx.store.domains.of("applicationId", data["applicationId"])]


@procedure("domain.byComposeId")
def by_compose_id(ctx: Context, data: Row) -> list[Row]:
    return [with_parent(ctx, row) for row in ctx.store.domains.of("composeId", data["composeId"])]


@procedure("domain.update")
def update(ctx: Context, data: Row) -> Row:
    row = find_domain(ctx.store, data["domainId"])
    ctx.store.domains.update(row, ctx.drop("domain.update", data))
    write_traefik(ctx.store, row)
    return dict(row)


@procedure("domain.toggleEnable")
def toggle_enable(ctx: Context, data: Row) -> Row:
    """Flips; an ``enabled`` that was sent is not looked at."""
    row = find_domain(ctx.store, data["domainId"])
    ctx.store.domains.update(row, {"enabled": not row["enabled"]})
    write_traefik(ctx.store, row)
    return {**row, "requiresRedeploy": row["composeId"] is not None}


@procedure("domain.delete")
def delete(ctx: Context, data: Row) -> Row:
    row = find_domain(ctx.store, data["domainId"])
    app = routed(ctx.store, row)
    ctx.store.drop(ctx.store.domains, row)
    if app is not None and row["applicationId"]:
        traefik.remove_domain(ctx.store, app, row["uniqueConfigKey"])
    return dict(row)


@procedure("domain.generateDomain")
def generate_domain(_ctx: Context, data: Row) -> str:
    return f"{data['appName'][:40]}-{RANDOM.randbytes(3).hex()}-127-0-0-1.sslip.io"


@procedure("domain.canGenerateTraefikMeDomains")
def can_generate(_ctx: Context, _data: Row) -> str:
    return "127.0.0.1"


@procedure("domain.validateDomain")
def validate_domain(_ctx: Context, data: Row) -> Row:
    return {"isValid": False, "error": f"queryresolve4 ENOTFOUND {data['domain']}"}

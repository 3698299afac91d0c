# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router certificates: pairs of PEM texts that become files of Traefik. Their contents are not looked at."""

from __future__ import annotations

from ...api.errors import internal, no_values
from ...api.sql_errors import failed_insert
from ...store.store import Row, generate_app_name, new_id
from ..common import find
from ..procedures import Context, procedure

COLUMNS = (
    *("certificateId", "name", "certificateData", "privateKey", "certificatePath", "autoRenew", "organizationId"),
    "serverId",
)
UNKNOWN = "Certificate not found"


@procedure("certificates.create")
def create_certificate(ctx: Context, data: Row) -> Row:
    """The client may choose the ID; the organization it sends is ignored. An unreachable server is not noticed."""
    values = {"certificateId": new_id(), "certificatePath": generate_app_name("certificate"), **data}
    values["organizationId"] = ctx.identity.organization_id
    if values["certificateId"] in ctx.store.certificates or not ctx.store.exists("serverId", values.get("serverId")):
        raise internal(failed_insert("certificate", COLUMNS, values))
    values = ctx.drop("certificates.create", values)
    return dict(ctx.store.certificates.insert({name: values.get(name) for name in COLUMNS}))


@procedure("certificates.all")
def all_certificates(ctx: Context, _data: Row) -> list[Row]:
    servers = ctx.store.servers
    return [{**row, "server": servers.get(row["serverId"] or "")} for row in ctx.store.certificates]


@procedure("certificates.one")
def one_certificate(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.certificates, data["certificateId"], UNKNOWN))


@procedure("certificates.update")
def update_certificate(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.certificates, data["certificateId"], UNKNOWN)
    values = {name: value for name, value in data.items() if name != "certificateId"}
    if not values:
        raise no_values()
    return dict(ctx.store.certificates.update(row, ctx.drop("certificates.update", values)))


@procedure("certificates.remove")
def remove_certificate(ctx: Context, data: Row) -> bool:
    ctx.store.certificates.delete(find(ctx.store.certificates, data["certificateId"], UNKNOWN))
    return True

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers user and organization: who one is, and API keys."""

from __future__ import annotations

from ..auth import api_key_row
from ..errors import ProcedureError, internal, not_found
from ..store import Row, token
from . import Context, WithDates, procedure

DAY = 86_400
RIGHTS = (
    "canCreateProjects canAccessToSSHKeys canCreateServices canDeleteProjects canDeleteServices canAccessToDocker "
    "canAccessToAPI canAccessToGitProviders canAccessToTraefikFiles canDeleteEnvironments canCreateEnvironments"
).split()
ACCESSED = "accessedProjects accessedEnvironments accessedServices accessedGitProviders accessedServers".split()


@procedure("user.createApiKey")
def create_api_key(ctx: Context, data: Row) -> WithDates:
    """The secret is told once. A key made without ``rateLimitEnabled`` is limited to 10 verifications a day."""
    organization = data["metadata"]["organizationId"]
    if not any(m["organizationId"] == organization for m in ctx.store.members.of("userId", ctx.identity.user_id)):
        raise ProcedureError("FORBIDDEN", "You are not a member of this organization")
    if data.get("expiresIn") is not None and data["expiresIn"] < DAY:
        raise internal("The expiresIn is smaller than the predefined minimum value.")
    secret = token()
    row = api_key_row(ctx.identity.user_id, data["name"], data)
    row["start"] = secret[:6]
    ctx.store.add_key(row, secret)
    shown: Row = {}
    if not ctx.has("key_reference"):
        row = {"userId": row["referenceId"], **row}
    for name, value in row.items():
        if name in ("referenceId", "configId") and not ctx.has("key_reference"):
            continue
        shown[name] = value
        if name == "prefix":
            shown["key"] = secret
    return WithDates(shown, ("createdAt", "updatedAt"))


@procedure("user.deleteApiKey")
def delete_api_key(ctx: Context, data: Row) -> bool:
    row = ctx.store.api_keys.get(data["apiKeyId"])
    if row is None:
        raise not_found("API key not found")
    ctx.store.drop_key(row)
    return True


@procedure("user.get")
def get(ctx: Context, _data: Row) -> WithDates:
    member = ctx.store.members.of("userId", ctx.identity.user_id)[0]
    user = ctx.store.users.rows[ctx.identity.user_id]
    return WithDates(
        {
            **dict.fromkeys(RIGHTS, False),
            **{name: [] for name in ACCESSED},
            **member,
            "user": {
                "id": user["id"],
                "firstName": user["name"],
                "lastName": user["lastName"],
                "email": user["email"],
                "image": None,
                "allowImpersonation": False,
                "twoFactorEnabled": False,
                "stripeCustomerId": None,
                "stripeSubscriptionId": None,
                "serversQuantity": 0,
                "isEnterpriseCloud": False,
                "sendInvoiceNotifications": False,
                "apiKeys": [],
            },
        },
        ("createdAt",),
    )


@procedure("organization.all")
def all_organizations(ctx: Context, _data: Row) -> list[Row]:
    members = {"members": ctx.store.members.of("userId", ctx.identity.user_id)}
    return [{**row, **(members if ctx.has("members_of_organizations") else {})} for row in ctx.store.organizations]


@procedure("organization.active")
def active_organization(ctx: Context, _data: Row) -> Row:
    return dict(ctx.store.organizations.rows[ctx.identity.organization_id])


@procedure("organization.one")
def one_organization(ctx: Context, data: Row) -> Row:
    row = ctx.store.organizations.get(data["organizationId"])
    if row is None:
        raise ProcedureError("FORBIDDEN", "You are not a member of this organization")
    return dict(row)

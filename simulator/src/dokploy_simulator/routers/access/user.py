# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router user: accounts, members and their rights."""

from __future__ import annotations

from ...api.errors import ProcedureError, bad_request, not_found
from ...api.rights import ACCESSED, RIGHTS
from ...api.sql_errors import failed_update
from ...store.accounts import (
    account,
    add_member,
    add_user_with_credentials,
    membership,
    remove_user,
)
from ...store.store import Row
from ..common import forget, newest_first
from ..infrastructure.git_providers import GIT_KINDS
from ..procedures import UNDEFINED, Context, WithDates, procedure

DATES = ("createdAt",)
KEY_COLUMNS = ("id", "name", "prefix", "enabled", "expiresAt", "createdAt")
# The columns of the table, by their names in the database.
COLUMNS = (
    "id firstName lastName isRegistered expirationDate createdAt created_at two_factor_enabled email email_verified "
    "image banned ban_reason ban_expires updated_at role enablePaidFeatures allowImpersonation "
    "enableEnterpriseFeatures licenseKey isValidEnterpriseLicense stripeCustomerId stripeSubscriptionId "
    "serversQuantity sendInvoiceNotifications isEnterpriseCloud trustedOrigins bookmarkedTemplates"
).split()
# Of the statements, what a member may do; an owner may do everything, another role nothing.
STATEMENTS: dict[str, tuple[str, ...]] = {
    "organization": ("update", "delete"),
    "member": ("read", "create", "update", "delete"),
    "invitation": ("create", "cancel"),
    "team": ("create", "update", "delete"),
    "ac": ("create", "read", "update", "delete"),
    "project": ("create", "delete"),
    "service": ("create", "read", "delete"),
    "environment": ("create", "read", "delete"),
    "docker": ("read",),
    "sshKeys": ("read", "create", "delete"),
    "gitProviders": ("read", "create", "delete"),
    "traefikFiles": ("read", "write"),
    "api": ("read",),
    "volume": ("read", "create", "delete"),
    "deployment": ("read", "create", "cancel"),
    "envVars": ("read", "write"),
    "projectEnvVars": ("read", "write"),
    "environmentEnvVars": ("read", "write"),
    "server": ("read", "create", "delete"),
    "registry": ("read", "create", "delete"),
    "certificate": ("read", "create", "update", "delete"),
    "backup": ("read", "create", "update", "delete", "restore"),
    "volumeBackup": ("read", "create", "update", "delete", "restore"),
    "schedule": ("read", "create", "update", "delete"),
    "domain": ("read", "create", "delete"),
    "destination": ("read", "create", "delete"),
    "notification": ("read", "create", "update", "delete"),
    "tag": ("read", "create", "update", "delete"),
    "logs": ("read",),
    "monitoring": ("read",),
    "auditLog": ("read",),
    "vaultProvider": ("read", "create", "update", "delete"),
    "dnsProvider": ("read", "create", "update", "delete"),
}
OF_MEMBERS = {
    "ac": ("read",),
    "service": ("read",),
    "environment": ("read",),
    "tag": ("read",),
    "vaultProvider": ("read",),
    **{
        name: STATEMENTS[name]
        for name in "volume deployment envVars projectEnvVars environmentEnvVars backup volumeBackup schedule domain "
        "logs monitoring".split()
    },
}


def _own_member(ctx: Context) -> Row:
    member = membership(ctx.store, ctx.identity.user_id, ctx.identity.organization_id)
    assert member is not None
    return member


def _member(ctx: Context, user_id: str, problem: ProcedureError) -> Row:
    member = membership(ctx.store, user_id, ctx.identity.organization_id)
    if member is None:
        raise problem
    return member


def _with_user(ctx: Context, member: Row) -> Row:
    return {**member, "user": account(ctx.store.users.rows[member["userId"]])}


@procedure("user.get")
def get(ctx: Context, _data: Row) -> WithDates:
    user = ctx.store.users.rows[ctx.identity.user_id]
    keys = [row for row in ctx.store.api_keys if row["referenceId"] == user["id"]]
    own = {
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
        "apiKeys": [{name: row[name] for name in KEY_COLUMNS} for row in keys],
    }
    return WithDates({**_own_member(ctx), "user": own}, DATES)


@procedure("user.all")
def all_users(ctx: Context, _data: Row) -> list[Row]:
    return [_with_user(ctx, row) for row in ctx.store.members.of("organizationId", ctx.identity.organization_id)]


@procedure("user.one")
def one_user(ctx: Context, data: Row) -> Row:
    return _with_user(ctx, _member(ctx, data["userId"], not_found("User not found in this organization")))


@procedure("user.session")
def session(ctx: Context, _data: Row) -> Row | None:
    if not ctx.identity.user_id:
        return None
    active = {"activeOrganizationId": ctx.identity.organization_id}
    return {"user": {"id": ctx.identity.user_id}, "session": active}


@procedure("user.checkUserOrganizations")
def check_user_organizations(ctx: Context, data: Row) -> int:
    problem = ProcedureError("FORBIDDEN", "User is not a member of your active organization")
    return len(ctx.store.members.of("userId", _member(ctx, data["userId"], problem)["userId"]))


@procedure("user.getPermissions")
def get_permissions(ctx: Context, _data: Row) -> Row:
    everything = ctx.identity.role in ("owner", "admin")
    allowed = STATEMENTS if everything else OF_MEMBERS if ctx.identity.role == "member" else {}
    permissions = {
        name: {action: action in allowed.get(name, ()) for action in actions} for name, actions in STATEMENTS.items()
    }
    if ctx.identity.role == "member":
        permissions["api"]["read"] = _own_member(ctx)["canAccessToAPI"]
    return permissions


@procedure("customRole.getStatements")
def get_statements(_ctx: Context, _data: Row) -> Row:
    return {name: list(actions) for name, actions in STATEMENTS.items()}


@procedure("user.createUserWithCredentials")
def create_user(ctx: Context, data: Row) -> Row:
    """Any text but C(owner) is taken for a role."""
    email = data["email"].lower()
    if data["role"] == "owner":
        raise ProcedureError("FORBIDDEN", "Cannot create a user with the owner role")
    if any(user["email"] == email for user in ctx.store.users):
        raise bad_request("This email already has an account. Use the invitation link flow for existing users.")
    user = add_user_with_credentials(ctx.store, email, data["password"])
    add_member(ctx.store, ctx.identity.organization_id, user["id"], data["role"], default=True)
    return {"userId": user["id"], "email": email, "role": data["role"]}


@procedure("user.assignPermissions")
def assign_permissions(ctx: Context, data: Row) -> object:
    """An unknown user is no error. Git providers and servers are stored with a licence only."""
    member = membership(ctx.store, data["id"], ctx.identity.organization_id)
    if member is not None:
        licensed = ("accessedGitProviders", "accessedServers")
        names = [name for name in (*RIGHTS, *ACCESSED) if name not in licensed]
        ctx.store.members.update(member, ctx.drop("user.assignPermissions", {name: data[name] for name in names}))
    return UNDEFINED


@procedure("user.remove")
def remove(ctx: Context, data: Row) -> object:
    if ctx.identity.role not in ("owner", "admin"):
        raise ProcedureError("FORBIDDEN", "Only owners or admins can delete users")
    member = _member(ctx, data["userId"], not_found("Target user is not a member of this organization"))
    if member["role"] == "owner":
        raise ProcedureError("FORBIDDEN", "You cannot delete the organization owner")
    for row in [row for row in ctx.store.git_providers if row["userId"] == data["userId"]]:
        ctx.store.git_providers.delete(row)
        for kind in GIT_KINDS:
            if row[kind]:
                forget(ctx, (f"{kind}Id",), row[kind][f"{kind}Id"])
    remove_user(ctx.store, ctx.store.users.rows[data["userId"]])
    return UNDEFINED


@procedure("user.update")
def update(ctx: Context, data: Row) -> Row:
    user = ctx.store.users.rows[ctx.identity.user_id]
    if "password" in data or "currentPassword" in data:
        if data.get("currentPassword") != user["_password"]:
            raise bad_request("Current password is incorrect")
        if not data.get("password"):
            raise bad_request("New password is required")
        user["_password"] = data["password"]
    given: Row = {name: data[name] for name in ("firstName", "lastName", "email") if name in data}
    if not given and "password" not in data:
        raise bad_request("No values to set")
    if any(row["email"] == given.get("email") and row is not user for row in ctx.store.users):
        raise bad_request(failed_update("user", COLUMNS, given, "id", user["id"]))
    names = {"firstName": "name"}
    return account(ctx.store.users.update(user, {names.get(name, name): value for name, value in given.items()}))


@procedure("user.listSessions")
def list_sessions(ctx: Context, _data: Row) -> list[Row]:
    store = ctx.store
    rows = [row for row in newest_first(store.sessions.values()) if row["userId"] in store.users]
    return [
        {name: row[name] for name in ("id", "userId")}
        | {
            "email": store.users.rows[row["userId"]]["email"],
            "firstName": store.users.rows[row["userId"]]["name"],
            "lastName": store.users.rows[row["userId"]]["lastName"],
            **{name: row[name] for name in ("ipAddress", "userAgent", "createdAt", "expiresAt")},
            "isCurrent": False,
        }
        for row in rows
    ]


@procedure("user.listPasskeys")
def none_of_them(_ctx: Context, _data: Row) -> list[Row]:
    return []


@procedure("user.getBookmarkedTemplates")
def bookmarks(ctx: Context, _data: Row) -> list[str]:
    return list(ctx.store.users.rows[ctx.identity.user_id].get("_bookmarks", ()))


@procedure("user.toggleTemplateBookmark")
def toggle_bookmark(ctx: Context, data: Row) -> Row:
    marked: list[str] = ctx.store.users.rows[ctx.identity.user_id].setdefault("_bookmarks", [])
    if data["templateId"] in marked:
        marked.remove(data["templateId"])
    else:
        marked.append(data["templateId"])
    return {"isBookmarked": data["templateId"] in marked}


@procedure("user.generateToken")
def generate_token(_ctx: Context, _data: Row) -> str:
    return "token"


@procedure("user.getMetricsToken")
def metrics_token(ctx: Context, _data: Row) -> Row:
    settings = ctx.store.settings
    return {"serverIp": settings["serverIp"], "enabledFeatures": False, "metricsConfig": settings["metricsConfig"]}


@procedure("customRole.all")
def custom_roles(_ctx: Context, _data: Row) -> list[Row]:
    return []


@procedure("customRole.membersByRole")
def members_by_role(ctx: Context, data: Row) -> list[Row]:
    members = ctx.store.members.of("organizationId", ctx.identity.organization_id)
    users = [(row, ctx.store.users.rows[row["userId"]]) for row in members if row["role"] == data["roleName"]]
    return [
        {"id": row["id"], "userId": user["id"], "email": user["email"]}
        | {"firstName": user["name"], "lastName": user["lastName"]}
        for row, user in users
    ]

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router organization, with its invitations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ...api.errors import ProcedureError, not_found
from ...store.accounts import ROLES, add_organization, membership, remove_organization
from ...store.store import Row, iso, new_id, now
from ..common import find, newest_first
from ..procedures import UNDEFINED, Context, procedure

COLUMNS = "id name slug logo createdAt metadata defaultRole ownerId".split()
SHOWN_TO_THE_INVITED = "id email status role inviterId".split()
INVITATION_HOURS = 48


def forbidden(message: str) -> ProcedureError:
    return ProcedureError("FORBIDDEN", message)


def _check_role(role: str | None, owner: str, unknown: str) -> None:
    if role == "owner":
        raise forbidden(owner)
    if role is not None and role not in ROLES:
        raise not_found(unknown)


@procedure("organization.all")
def all_organizations(ctx: Context, _data: Row) -> list[Row]:
    """Those of the user, newest first, each with the user's own membership."""
    own = {row["organizationId"]: row for row in ctx.store.members.of("userId", ctx.identity.user_id)}
    with_members = ctx.has("members_of_organizations")
    return [
        {**row, **({"members": [own[row["id"]]]} if with_members else {})}
        for row in ctx.store.organizations
        if row["id"] in own
    ]


@procedure("organization.active")
def active_organization(ctx: Context, _data: Row) -> object:
    row = ctx.store.organizations.get(ctx.identity.organization_id)
    return dict(row) if row else UNDEFINED


@procedure("organization.one")
def one_organization(ctx: Context, data: Row) -> Row:
    row = ctx.store.organizations.get(data["organizationId"])
    if row is None or membership(ctx.store, ctx.identity.user_id, row["id"]) is None:
        raise forbidden("You are not a member of this organization")
    return dict(row)


@procedure("organization.create")
def create_organization(ctx: Context, data: Row) -> Row:
    if ctx.identity.role not in ("owner", "admin"):
        raise forbidden("Only the organization owner can create an organization")
    owner = ctx.store.users.rows[ctx.identity.user_id]
    values = ctx.drop("organization.create", data)
    return dict(add_organization(ctx.store, owner, values["name"], new_id(), values.get("logo")))


@procedure("organization.update")
def update_organization(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.organizations, data["organizationId"], "Organization not found")
    role = data.get("defaultRole")
    _check_role(role, "Cannot set owner as the default role", f'Role "{role}" not found')
    values: Row = {name: data[name] for name in ("name", "logo", "defaultRole") if name in data}
    return dict(ctx.store.organizations.update(row, ctx.drop("organization.update", values)))


@procedure("organization.delete")
def delete_organization(ctx: Context, data: Row) -> list[Row]:
    row = find(ctx.store.organizations, data["organizationId"], "Organization not found")
    owned = [
        organization for organization in ctx.store.organizations if organization["ownerId"] == ctx.identity.user_id
    ]
    if len(owned) < 2:
        raise forbidden("You must maintain at least one organization where you are the owner")
    remove_organization(ctx.store, row)
    return []


@procedure("organization.setDefault")
def set_default(ctx: Context, data: Row) -> Row:
    """For new sessions of oneself; an API key stays in its organization."""
    wanted = membership(ctx.store, ctx.identity.user_id, data["organizationId"])
    if wanted is None:
        raise forbidden("You are not a member of this organization")
    for row in ctx.store.members.of("userId", ctx.identity.user_id):
        row["isDefault"] = row is wanted
    return {"success": True}


@procedure("organization.updateMemberRole")
def update_member_role(ctx: Context, data: Row) -> bool:
    row = ctx.store.members.get(data["memberId"])
    if row is None or row["organizationId"] != ctx.identity.organization_id:
        raise not_found("Member not found")
    role = data["role"]
    _check_role(role, "The owner role is nontransferable", f'Custom role "{role}" not found')
    row["role"] = role
    return True


# --- invitations ---------------------------------------------------------------------------------------------------


@procedure("organization.inviteMember")
def invite(ctx: Context, data: Row) -> Row:
    store, email, role = ctx.store, data["email"].lower(), data["role"]
    _check_role(role, "Cannot invite a user with the owner role", f'Role "{role}" not found')
    organization = ctx.identity.organization_id
    members = [store.users.rows[row["userId"]]["email"] for row in store.members.of("organizationId", organization)]
    if email in members:
        raise ProcedureError("CONFLICT", "User is already a member of this organization")
    if any(row["email"] == email and row["status"] == "pending" for row in store.invitations):
        raise ProcedureError("CONFLICT", "An invitation has already been sent to this email")
    return dict(
        store.invitations.insert(
            {"id": new_id(), "organizationId": organization, "email": email, "role": role, "status": "pending"}
            | {"expiresAt": iso(datetime.now(UTC) + timedelta(hours=INVITATION_HOURS))}
            | {"inviterId": ctx.identity.user_id, "teamId": None, "createdAt": now()}
        )
    )


@procedure("organization.allInvitations")
def all_invitations(ctx: Context, _data: Row) -> list[Row]:
    rows = newest_first(ctx.store.invitations)
    return [row for row in rows if row["organizationId"] == ctx.identity.organization_id]


@procedure("organization.removeInvitation")
def remove_invitation(ctx: Context, data: Row) -> list[Row]:
    ctx.store.invitations.delete(find(ctx.store.invitations, data["invitationId"], "Invitation not found"))
    return []


@procedure("user.getInvitations")
def own_invitations(ctx: Context, _data: Row) -> list[Row]:
    email = ctx.store.users.rows[ctx.identity.user_id]["email"]
    return [row for row in ctx.store.invitations if row["email"] == email and row["status"] == "pending"]


@procedure("user.getUserByToken")
def invited(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.invitations, data["token"], "Invitation not found")
    exists = any(user["email"] == row["email"] for user in ctx.store.users)
    invitation = {name: row[name] for name in SHOWN_TO_THE_INVITED}
    return {**invitation, "isExpired": row["expiresAt"] < now(), "userAlreadyExists": exists}


@procedure("user.sendInvitation")
def send_invitation(ctx: Context, data: Row) -> str:
    """The link that the mail has; nothing is sent here."""
    find(ctx.store.notifications, data["notificationId"], "Notification not found")
    row = find(ctx.store.invitations, data["invitationId"], "Invitation not found")
    settings = ctx.store.settings
    scheme = "https" if settings["https"] else "http"
    return f"{scheme}://{settings['host'] or settings['serverIp'] + ':3000'}/invitation?token={row['id']}"

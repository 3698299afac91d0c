# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, the organizations that they are members of, and what goes with either of them."""

from __future__ import annotations

from ..api.rights import ACCESSED, RIGHTS
from .store import Row, Store, Table, long_id, new_id, now

ROLES = ("owner", "admin", "member")


def add_user(store: Store, email: str, password: str, name: str = "", last_name: str = "") -> Row:
    """An account as sign-up makes it, without an organization."""
    stamp = now()
    return store.users.insert(
        {
            "name": name,
            "email": email.lower(),
            "emailVerified": False,
            "image": None,
            "createdAt": stamp,
            "updatedAt": stamp,
            "twoFactorEnabled": False,
            "role": "user",
            "banned": False,
            "banReason": None,
            "banExpires": None,
            "allowImpersonation": False,
            "lastName": last_name,
            "enableEnterpriseFeatures": False,
            "isValidEnterpriseLicense": False,
            "id": long_id(),
            "_password": password,
        }
    )


def add_user_with_credentials(store: Store, email: str, password: str) -> Row:
    """The same as a table row of Dokploy's own: another form of ID, and verified."""
    user = store.users.delete(add_user(store, email, password))
    return store.users.insert({**user, "id": new_id(), "emailVerified": True, "banned": None})


def add_organization(store: Store, owner: Row, name: str, slug: str | None = None, logo: str | None = None) -> Row:
    """With its owner as the first member. The first one of all has no slug."""
    organization = store.organizations.insert(
        {"id": new_id(), "name": name, "slug": slug, "logo": logo, "createdAt": now(), "metadata": None}
        | {"defaultRole": None, "ownerId": owner["id"]}
    )
    add_member(store, organization["id"], owner["id"], "owner", not store.members.of("userId", owner["id"]))
    return organization


def add_member(store: Store, organization_id: str, user_id: str, role: str, default: bool, row_id: str = "") -> Row:
    return store.members.insert(
        {"id": row_id or new_id(), "organizationId": organization_id, "userId": user_id, "role": role}
        | {"createdAt": now(), "teamId": None, "isDefault": default}
        | dict.fromkeys(RIGHTS, False)
        | {name: [] for name in ACCESSED}
    )


def membership(store: Store, user_id: str, organization_id: str) -> Row | None:
    members = store.members.of("userId", user_id)
    return next((row for row in members if row["organizationId"] == organization_id), None)


def default_membership(store: Store, user_id: str) -> Row | None:
    members = store.members.of("userId", user_id)
    return next((row for row in members if row["isDefault"]), members[0] if members else None)


def visible(row: Row) -> Row:
    """A row without what the simulator keeps beside its columns."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def account(user: Row) -> Row:
    """A user with all columns of the table, as Dokploy's own procedures show it."""
    return {
        "id": user["id"],
        "firstName": user["name"],
        "lastName": user["lastName"],
        "isRegistered": False,
        "expirationDate": user["createdAt"],
        "createdAt2": user["createdAt"],
        **{name: user[name] for name in ("createdAt", "twoFactorEnabled", "email", "emailVerified", "image")},
        **{name: user[name] for name in ("banned", "banReason", "banExpires", "updatedAt", "role")},
        "enablePaidFeatures": False,
        **{name: user[name] for name in ("allowImpersonation", "enableEnterpriseFeatures")},
        "licenseKey": None,
        "isValidEnterpriseLicense": user["isValidEnterpriseLicense"],
        "stripeCustomerId": None,
        "stripeSubscriptionId": None,
        "serversQuantity": 0,
        "sendInvoiceNotifications": False,
        "isEnterpriseCloud": False,
        "trustedOrigins": None,
        "bookmarkedTemplates": user.get("_bookmarks", []),
    }


def remove_user(store: Store, user: Row) -> None:
    """With the memberships, sessions and keys; what the user made stays, apart from git providers."""
    for member in store.members.of("userId", user["id"]):
        store.members.delete(member)
    for key in [row for row in store.api_keys if row["referenceId"] == user["id"]]:
        store.drop_key(key)
    store.sessions = {secret: row for secret, row in store.sessions.items() if row["userId"] != user["id"]}
    store.users.delete(user)


def remove_organization(store: Store, organization: Row) -> None:
    """With everything in it. Its API keys stay, and reach nothing."""
    for project in [row for row in store.projects if row["organizationId"] == organization["id"]]:
        for environment in store.environments.of("projectId", project["projectId"]):
            store.drop_environment(environment)
        store.projects.delete(project)
    for table in [value for value in vars(store).values() if isinstance(value, Table)]:
        for row in [row for row in table if row.get("organizationId") == organization["id"]]:
            store.drop(table, row)
    store.organizations.delete(organization)

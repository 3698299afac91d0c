# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may call a procedure, as far as it was recorded; what a member may do with services is not checked."""

from __future__ import annotations

from ..api.errors import ProcedureError, bad_request, unauthorized
from ..store.accounts import ROLES
from ..store.identities import Identity

# Procedure, or all of a router -> the resource that a member may not access.
RESOURCES = {
    "registry": "registry",
    "destination": "destination",
    "notification": "notification",
    "dnsProvider": "dnsProvider",
    "server.all": "server",
    "sshKey.all": "sshKeys",
    "user.all": "member",
    "user.assignPermissions": "member",
    "user.createUserWithCredentials": "member",
    "organization.allInvitations": "member",
}
ADMINISTRATION = frozenset(
    "ai.getAll settings.readTraefikConfig settings.updateTraefikConfig settings.updateServerIp "
    "settings.assignDomainServer settings.updateDockerCleanup settings.updateBuildsConcurrency "
    "settings.saveSSHPrivateKey settings.cleanSSHPrivateKey settings.writeTraefikEnv settings.updateTraefikPorts "
    "settings.toggleDashboard settings.reloadServer settings.reloadTraefik settings.cleanAll".split()
)
# What an account without an organization may ask.
HOMELESS = frozenset("organization.all organization.active user.session".split())


def check(name: str, identity: Identity) -> None:
    """Raises ``ProcedureError`` for a procedure that the role may not call; the input is not looked at before."""
    if not identity.role:
        if name == "project.create":
            raise bad_request("Error creating the project: Permission denied")
        if name not in HOMELESS:
            raise unauthorized("Permission denied")
    if identity.role in ("owner", "admin"):
        return
    resource = RESOURCES.get(name) or RESOURCES.get(name.partition(".")[0])
    if resource and identity.role not in ROLES:
        raise unauthorized("Invalid role")
    if resource:
        raise unauthorized(f'unauthorized to access resource "{resource}"')
    if name in ADMINISTRATION:
        raise unauthorized()


def licence_required() -> ProcedureError:
    return ProcedureError("FORBIDDEN", "Valid enterprise license required")

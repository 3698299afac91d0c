# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights of a member, which are columns and fields alike, and the procedures that need a licence."""

from __future__ import annotations

RIGHTS = (
    "canCreateProjects canAccessToSSHKeys canCreateServices canDeleteProjects canDeleteServices canAccessToDocker "
    "canAccessToAPI canAccessToGitProviders canAccessToTraefikFiles canDeleteEnvironments canCreateEnvironments"
).split()
ACCESSED = "accessedProjects accessedEnvironments accessedServices accessedGitProviders accessedServers".split()
# Refused without a licence before their input is looked at, so that their fields do not matter.
LICENSED = frozenset(
    "auditLog.all customRole.create customRole.update customRole.remove forwardAuth.deployOnServer "
    "forwardAuth.getAuthDomain forwardAuth.listProviders forwardAuth.removeAuthDomain forwardAuth.removeOnServer "
    "forwardAuth.serverStatus forwardAuth.setAuthDomain gitProvider.allForPermissions scim.deleteProvider "
    "scim.generateToken scim.listProviders server.allForPermissions sso.addTrustedOrigin sso.deleteProvider "
    "sso.getTrustedOrigins sso.listProviders sso.one sso.register sso.removeTrustedOrigin sso.update "
    "sso.updateTrustedOrigin whitelabeling.reset whitelabeling.update".split()
)

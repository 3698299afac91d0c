# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs a licence is refused, since there is none; router licenseKey; router stripe outside of the cloud."""

from __future__ import annotations

from ...api.errors import internal, not_found
from ...api.rights import LICENSED
from ...store.store import Row
from ..permissions import licence_required
from ..procedures import Context, procedure


@procedure(*LICENSED, "settings.updateRemoteServersOnly", "settings.updateEnforceSSO")
def refuse(_ctx: Context, _data: Row) -> None:
    raise licence_required()


@procedure("forwardAuth.status", "forwardAuth.enable", "forwardAuth.disable")
def forward_auth(_ctx: Context, _data: Row) -> None:
    raise not_found("Domain not found")


@procedure("licenseKey.haveValidLicenseKey", "sso.showSignInWithSSO", "sso.enforceSSO")
def no(_ctx: Context, _data: Row) -> bool:
    return False


@procedure("whitelabeling.get", "whitelabeling.getPublic", "stripe.getCurrentPlan")
def nothing(_ctx: Context, _data: Row) -> None:
    return None


@procedure("stripe.getInvoices")
def none_of_them(_ctx: Context, _data: Row) -> list[Row]:
    return []


@procedure("stripe.canCreateMoreServers")
def yes(_ctx: Context, _data: Row) -> bool:
    return True


@procedure("licenseKey.getEnterpriseSettings")
def enterprise_settings(ctx: Context, _data: Row) -> Row:
    return {"enableEnterpriseFeatures": ctx.store.enterprise, "licenseKey": ""}


@procedure("licenseKey.updateEnterpriseSettings")
def update_enterprise_settings(ctx: Context, data: Row) -> bool:
    if "enableEnterpriseFeatures" not in data:
        raise internal("enableEnterpriseFeatures must be provided")
    ctx.store.enterprise = data["enableEnterpriseFeatures"]
    return True


@procedure("licenseKey.activate")
def activate(ctx: Context, _data: Row) -> None:
    """There is no licence server."""
    if not ctx.store.enterprise:
        raise internal("Please activate enterprise features to activate license key")
    raise internal("Could not reach the license server. Check your connection or try again later.")


@procedure("licenseKey.validate", "licenseKey.deactivate")
def no_key(_ctx: Context, _data: Row) -> None:
    raise internal("No license key found")

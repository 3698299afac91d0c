# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router vaultProvider: where secrets of projects come from."""

from __future__ import annotations

from ...api.errors import ProcedureError, bad_request
from ...store.store import Row
from ...world.outside import Outside, closed, port_of, wrong
from ..common import find
from ..procedures import Context, procedure
from .provider_configs import ConfigTable, register

# What a vault says of a wrong secret: the key of the secret, and the words.
REFUSED = {
    "hashicorp": ("token", "HashiCorp Vault: token validation failed (status 403)"),
    "infisical": ("clientSecret", "Infisical: authentication failed (status 401)"),
    "aws": ("secretAccessKey", "The security token included in the request is invalid."),
    "doppler": ("serviceToken", "Doppler: failed to fetch secrets (status 401: Invalid Service token)"),
    "azure": (
        "clientSecret",
        "Azure Key Vault: authentication failed (status 401: AADSTS7000215: Invalid client secret provided.\r)",
    ),
    "scaleway": (
        "secretKey",
        "Scaleway Secret Manager: authentication failed (status 403: denied authentication)",
    ),
    # Read in the source of 0.30.6.
    "phase": ("token", "Phase: authentication failed (status 401)"),
    "aws-parameter-store": ("secretAccessKey", "The security token included in the request is invalid."),
}
ADDRESS = {
    "hashicorp": "url",
    "infisical": "siteUrl",
    "aws": "endpoint",
    "azure": "vaultUri",
    "scaleway": "apiUrl",
    "phase": "apiUrl",
    "aws-parameter-store": "endpoint",
}
OF_AWS = ("aws", "aws-parameter-store")
NAMES = {"hashicorp": ["app:DB_PASSWORD", "app:API"], "aws": ["r2/db"]}
TIMEOUT = 15


def check_assignments(ctx: Context, assignments: list[Row]) -> None:
    for assignment in assignments:
        outside = "Assignment references a project outside this organization"
        project = find(ctx.store.projects, assignment["projectId"], outside, bad_request)
        environments = {row["environmentId"] for row in ctx.store.environments.of("projectId", project["projectId"])}
        if not set(assignment["environmentIds"]) <= environments:
            raise bad_request("Assignment references an environment outside the selected project")


TABLE = ConfigTable(
    "vaultProviderId", lambda store: store.vault_providers, "vault_provider", "Vault provider not found", "assignments"
)


def _values(ctx: Context, data: Row) -> Row:
    check_assignments(ctx, data["assignments"])
    return {name: data[name] for name in ("name", "config", "assignments")}


register("vaultProvider", TABLE, _values)


async def _problem(outside: Outside, config: Row) -> str:
    """Why a vault cannot be used; empty if it can."""
    kind = config["providerType"]
    url = config.get(ADDRESS.get(kind, ""), "")
    if kind in OF_AWS and url and (host := url.removeprefix("http://")) and closed(url, port_of(url)):
        return f"connect ECONNREFUSED {host}"
    if url and kind not in OF_AWS:
        if outside.seconds(url) > TIMEOUT:
            return "The operation was aborted due to timeout"
        _status, unreachable = await outside.fetch(url)
        if unreachable:
            return unreachable
    secret, words = REFUSED[kind]
    return words if wrong(config[secret]) else ""


@procedure("vaultProvider.testConnection")
async def test_vault(ctx: Context, data: Row) -> bool:
    problem = await _problem(ctx.instance.outside, TABLE.tested(ctx, data))
    if problem:
        raise bad_request(problem)
    return True


@procedure("vaultProvider.listSecretNames")
def secret_names(ctx: Context, data: Row) -> list[str]:
    row = TABLE.row_of(ctx, data["vaultProviderId"])
    for assignment in row["assignments"]:
        environments = assignment["environmentIds"]
        if assignment["projectId"] == data["projectId"] and (
            not environments or data.get("environmentId") in environments
        ):
            return NAMES.get(row["providerType"], ["API"])
    raise ProcedureError("FORBIDDEN", "This vault provider is not enabled for the given project/environment")

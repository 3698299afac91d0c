# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers gitProvider, github, gitlab, bitbucket and gitea."""

from __future__ import annotations

from ..errors import bad_request
from ..store import Row, Store, new_id, now
from . import UNDEFINED, Context, Handler, procedure
from .common import forget, newest_first

GIT_KINDS = ("gitlab", "bitbucket", "github", "gitea")
LATER = ("accessToken", "refreshToken", "expiresAt")
# The columns that creation leaves to the database.
DEFAULTS: dict[str, Row] = {
    "gitlab": dict.fromkeys(("gitlabInternalUrl", *LATER)),
    "gitea": {
        **dict.fromkeys(("giteaInternalUrl", *LATER, "lastAuthenticatedAt")),
        "scopes": "repo,repo:status,read:user,read:org",
    },
}


def insert_provider(store: Store, user_id: str, organization_id: str, kind: str, details: Row) -> Row:
    """A provider of ``kind``; ``details`` are the columns of its own table, and its ``name``."""
    row = {
        "gitProviderId": new_id(),
        "name": details["name"],
        "providerType": kind,
        "createdAt": now(),
        "organizationId": organization_id,
        "userId": user_id,
        "sharedWithOrganization": False,
        **dict.fromkeys(GIT_KINDS),
    }
    own = {name: value for name, value in details.items() if name not in ("name", "authId")}
    row[kind] = {f"{kind}Id": new_id(), **DEFAULTS.get(kind, {}), **own, "gitProviderId": row["gitProviderId"]}
    return store.git_providers.insert(row)


def _insert(ctx: Context, kind: str, data: Row) -> Row:
    return insert_provider(ctx.store, ctx.identity.user_id, ctx.identity.organization_id, kind, data)


@procedure("gitea.create")
def create_gitea(ctx: Context, data: Row) -> Row:
    row = _insert(ctx, "gitea", data)
    details = row["gitea"]
    return {name: details.get(name) for name in ("giteaId", "clientId", "giteaUrl")}


@procedure("gitlab.create")
def create_gitlab(ctx: Context, data: Row) -> object:
    _insert(ctx, "gitlab", data)
    return UNDEFINED


@procedure("bitbucket.create")
def create_bitbucket(ctx: Context, data: Row) -> object:
    _insert(ctx, "bitbucket", data)
    return UNDEFINED


CONFIGURED = {"gitlab": "accessToken", "bitbucket": "apiToken", "github": "githubAppId", "gitea": "accessToken"}


def _configured(kind: str, details: Row) -> bool:
    return bool(details.get(CONFIGURED[kind]))


SHOWN = {
    "gitlab": ("gitlabId", "applicationId", "gitlabUrl"),
    "bitbucket": ("bitbucketId", "bitbucketUsername"),
    "github": ("githubId", "githubAppName"),
    "gitea": ("giteaId", "clientId", "giteaUrl"),
}


@procedure("gitProvider.getAll")
def all_git_providers(ctx: Context, _data: Row) -> list[Row]:
    result = []
    for row in newest_first(ctx.store.git_providers):
        entry: Row = {**row, "isOwner": True}
        for kind in GIT_KINDS:
            if row[kind]:
                shown = {name: row[kind].get(name) for name in SHOWN[kind]}
                entry[kind] = {**shown, "isConfigured": kind != "bitbucket" and _configured(kind, row[kind])}
                if kind == "bitbucket":
                    entry[kind]["isDeprecated"] = bool(row[kind].get("appPassword") and not row[kind].get("apiToken"))
        result.append(entry)
    return result


@procedure("gitProvider.remove")
def remove_git_provider(ctx: Context, data: Row) -> Row:
    row = ctx.store.git_providers.get(data["gitProviderId"])
    if row is None:
        raise bad_request("Git Provider not found")
    ctx.store.git_providers.delete(row)
    for kind in GIT_KINDS:
        if row[kind]:
            forget(ctx, (f"{kind}Id",), row[kind][f"{kind}Id"])
    return {name: value for name, value in row.items() if name not in GIT_KINDS}


ADDRESSES = {"github": ("githubUrl",), "gitlab": ("gitlabUrl",), "bitbucket": (), "gitea": ()}


def _providers(kind: str) -> Handler:
    """The ``<kind>Providers`` query: only those that have been authorised (Bitbucket: all)."""

    def providers(ctx: Context, _data: Row) -> list[Row]:
        return [
            {
                f"{kind}Id": row[kind][f"{kind}Id"],
                **{name: row[kind].get(name) for name in ADDRESSES[kind]},
                "gitProvider": {name: value for name, value in row.items() if name not in GIT_KINDS},
            }
            for row in ctx.store.git_providers
            if row[kind] and (kind == "bitbucket" or _configured(kind, row[kind]))
        ]

    return providers


for _kind in GIT_KINDS:
    procedure(f"{_kind}.{_kind}Providers")(_providers(_kind))

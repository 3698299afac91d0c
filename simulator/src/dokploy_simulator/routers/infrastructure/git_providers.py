# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers gitProvider, github, gitlab, bitbucket and gitea."""

from __future__ import annotations

import time

from ...api.errors import ProcedureError, bad_request, internal, no_values, not_found, unauthorized
from ...store.store import Row, Store, new_id, now
from ...world.outside import Outside, wrong
from ..common import find, forget, newest_first
from ..procedures import UNDEFINED, Context, Handler, procedure

GIT_KINDS = ("gitlab", "bitbucket", "github", "gitea")
LABELS = {"gitlab": "Gitlab", "bitbucket": "Bitbucket", "github": "Github", "gitea": "Gitea"}
TOKENS = ("accessToken", "refreshToken", "expiresAt")
# The columns of each kind's own table besides its ID, with their defaults.
COLUMNS: dict[str, Row] = {
    "gitlab": {
        "gitlabUrl": "https://gitlab.com",
        **dict.fromkeys(("gitlabInternalUrl", "applicationId", "redirectUri", "secret", "groupName", *TOKENS)),
    },
    "bitbucket": dict.fromkeys(
        ("bitbucketUsername", "bitbucketEmail", "appPassword", "apiToken", "bitbucketWorkspaceName")
    ),
    "github": {
        "githubUrl": "https://github.com",
        **dict.fromkeys(("githubAppName", "githubAppId", "githubClientId", "githubClientSecret")),
        **dict.fromkeys(("githubInstallationId", "githubPrivateKey", "githubWebhookSecret")),
    },
    "gitea": {
        "giteaUrl": "https://gitea.com",
        **dict.fromkeys(("giteaInternalUrl", "redirectUri", "clientId", "clientSecret", *TOKENS)),
        "scopes": "repo,repo:status,read:user,read:org",
        "lastAuthenticatedAt": None,
    },
}
# Columns whose values are all there in a provider that can be used.
CONFIGURED = {
    "gitlab": ("accessToken", "refreshToken"),
    "github": ("githubPrivateKey", "githubAppId", "githubInstallationId"),
    "gitea": ("accessToken", "refreshToken"),
}
# The list of all shows these columns, and the lists of each kind those that can be used.
SHOWN = {
    "gitlab": ("gitlabId", "applicationId", "gitlabUrl"),
    "bitbucket": ("bitbucketId", "bitbucketUsername"),
    "github": ("githubId", "githubAppName", "githubAppId", "githubInstallationId", "githubUrl"),
    "gitea": ("giteaId", "clientId", "giteaUrl"),
}
LISTED = {**CONFIGURED, "bitbucket": (), "gitea": ("clientId", "clientSecret")}
ADDRESSES = {"github": ("githubUrl",), "gitlab": ("gitlabUrl",), "bitbucket": (), "gitea": ()}
TOKEN_SECONDS = 3600


def insert_provider(store: Store, user_id: str, organization_id: str, kind: str, details: Row) -> Row:
    """A provider of ``kind``; ``details`` are the columns of its own table, perhaps with its ID, and its ``name``."""
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
    key = f"{kind}Id"
    own = {name: details.get(name, default) for name, default in COLUMNS[kind].items()}
    row[kind] = {key: details.get(key) or new_id(), **own, "gitProviderId": row["gitProviderId"]}
    return store.git_providers.insert(row)


def _parent(row: Row) -> Row:
    """A row without the rows of the kinds, as its table has it."""
    return {name: value for name, value in row.items() if name not in GIT_KINDS}


def owner_of(store: Store, kind: str, kind_id: str) -> Row | None:
    """The row of the provider whose row of ``kind`` has an ID."""
    return next((row for row in store.git_providers if row[kind] and row[kind][f"{kind}Id"] == kind_id), None)


def _found(ctx: Context, kind: str, kind_id: str) -> Row:
    row = owner_of(ctx.store, kind, kind_id)
    if row is None:
        raise not_found(f"{LABELS[kind]} Provider not found")
    return row


def _create(ctx: Context, kind: str, data: Row) -> Row:
    """Of most kinds the ID may be chosen by the client."""
    chosen = data.get(f"{kind}Id")
    if chosen and owner_of(ctx.store, kind, chosen):
        raise bad_request(f"Error creating this {LABELS[kind]} provider")
    values = ctx.drop(f"{kind}.create", data)
    return insert_provider(ctx.store, ctx.identity.user_id, ctx.identity.organization_id, kind, values)


@procedure("gitea.create")
def create_gitea(ctx: Context, data: Row) -> Row:
    details = _create(ctx, "gitea", data)["gitea"]
    return {name: details[name] for name in ("giteaId", "clientId", "giteaUrl")}


@procedure("gitlab.create")
def create_gitlab(ctx: Context, data: Row) -> object:
    _create(ctx, "gitlab", data)
    return UNDEFINED


@procedure("bitbucket.create")
def create_bitbucket(ctx: Context, data: Row) -> object:
    _create(ctx, "bitbucket", data)
    return UNDEFINED


def _has(details: Row, columns: tuple[str, ...]) -> bool:
    return all(details[name] for name in columns)


@procedure("gitProvider.getAll")
def all_git_providers(ctx: Context, _data: Row) -> list[Row]:
    result = []
    for row in newest_first(ctx.store.git_providers):
        entry: Row = {**row, "isOwner": True}
        for kind in GIT_KINDS if ctx.has("slim_git_providers") else ():
            details = row[kind]
            if details:
                configured = kind in CONFIGURED and _has(details, CONFIGURED[kind])
                entry[kind] = {**{name: details[name] for name in SHOWN[kind]}, "isConfigured": configured}
                if kind == "bitbucket":
                    entry[kind]["isDeprecated"] = bool(details["appPassword"] and not details["apiToken"])
        result.append(entry)
    return result


@procedure("gitProvider.toggleShare")
def share(ctx: Context, data: Row) -> Row:
    """It sets the value; it does not toggle it."""
    row = find(ctx.store.git_providers, data["gitProviderId"], "Git Provider not found")
    if row["userId"] != ctx.identity.user_id:
        raise unauthorized("Only the owner can share this provider")
    values = ctx.drop("gitProvider.toggleShare", {"sharedWithOrganization": data["sharedWithOrganization"]})
    return _parent(ctx.store.git_providers.update(row, values))


@procedure("gitProvider.remove")
def remove_git_provider(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.git_providers, data["gitProviderId"], "Git Provider not found", bad_request)
    ctx.store.git_providers.delete(row)
    for kind in GIT_KINDS:
        if row[kind]:
            forget(ctx, (f"{kind}Id",), row[kind][f"{kind}Id"])
    return _parent(row)


def _one(kind: str) -> Handler:
    def read(ctx: Context, data: Row) -> Row:
        row = _found(ctx, kind, data[f"{kind}Id"])
        return {**row[kind], "gitProvider": _parent(row)}

    return read


def _providers(kind: str) -> Handler:
    """The ``<kind>Providers`` query: only those that can be used."""

    def providers(ctx: Context, _data: Row) -> list[Row]:
        return [
            {
                f"{kind}Id": row[kind][f"{kind}Id"],
                **{name: row[kind][name] for name in ADDRESSES[kind]},
                "gitProvider": _parent(row),
            }
            for row in ctx.store.git_providers
            if row[kind] and _has(row[kind], LISTED[kind])
        ]

    return providers


def _rename(ctx: Context, data: Row) -> None:
    row = ctx.store.git_providers.get(data["gitProviderId"])
    if row is not None and "name" in data:
        ctx.store.git_providers.update(row, {"name": data["name"]})


def _change(ctx: Context, kind: str, data: Row) -> None:
    """Change the row of ``kind`` with an ID, if there is one. The ``gitProviderId`` of another provider takes it away
    from its own: nothing compares the two."""
    _rename(ctx, data)
    row = owner_of(ctx.store, kind, data[f"{kind}Id"])
    if row is not None:
        row[kind].update({name: value for name, value in data.items() if name in COLUMNS[kind]})
        if data["gitProviderId"] != row["gitProviderId"] and data["gitProviderId"] in ctx.store.git_providers:
            row[kind] = None


@procedure("gitea.update")
def update_gitea(ctx: Context, data: Row) -> Row:
    values = ctx.drop("gitea.update", data)
    known = owner_of(ctx.store, "gitea", data["giteaId"])
    _change(ctx, "gitea", values)
    if known is None:
        raise internal(f"Failed to update Gitea provider with ID {data['giteaId']}")
    return {"success": True}


@procedure("gitlab.update")
def update_gitlab(ctx: Context, data: Row) -> object:
    _change(ctx, "gitlab", ctx.drop("gitlab.update", data))
    return UNDEFINED


@procedure("github.update")
def update_github(ctx: Context, data: Row) -> object:
    _change(ctx, "github", ctx.drop("github.update", data))
    return UNDEFINED


@procedure("bitbucket.update")
def update_bitbucket(ctx: Context, data: Row) -> Row:
    row = owner_of(ctx.store, "bitbucket", data["bitbucketId"])
    if row is None:
        raise not_found("Bitbucket provider not found")
    values = ctx.drop("bitbucket.update", data)
    own = {name: value for name, value in values.items() if name in COLUMNS["bitbucket"]}
    if not own:
        raise no_values()
    row["bitbucket"].update(own)
    _rename(ctx, {**values, "gitProviderId": row["gitProviderId"]})
    return dict(row["bitbucket"])


# --- what is on the other side ----------------------------------------------------------------------------------------

REPOSITORIES: dict[str, list[Row]] = {
    "gitea": [{"id": 3, "name": "web", "url": "me/web", "owner": {"username": "me"}}],
    "gitlab": [{"id": 7, "name": "web", "url": "me/web", "owner": {"username": "me"}}],
    "github": [
        {
            "id": 5,
            "name": "web",
            "full_name": "me/web",
            "owner": {"login": "me"},
            "url": "https://ghe.r2.example/me/web",
        }
    ],
    "bitbucket": [
        {"name": "web", "url": "https://bitbucket.org/me/web", "slug": "web", "owner": {"username": "me"}},
    ],
}
TEAM = [{"id": 8, "name": "api", "url": "team/api", "owner": {"username": "team"}}]
BRANCHES: dict[str, list[Row]] = {
    "gitea": [{"id": "main", "name": "main", "commit": {"id": "b" * 40}}],
    "gitlab": [{"name": "main", "commit": {"id": "a" * 40}}],
    "github": [{"name": "main", "commit": {"sha": "d" * 40}}],
    "bitbucket": [{"name": "main", "commit": {"sha": "c" * 40}}],
}
COUNTED = "Found 1 repositories"


async def _reach(outside: Outside, details: Row, kind: str, label: str) -> None:
    """Raises ``ProcedureError`` if the provider's own server does not take the token."""
    url = details[f"{kind}InternalUrl"] or details[f"{kind}Url"]
    status, problem = await outside.fetch(url, details["accessToken"])
    if problem or status >= 400:
        raise bad_request(problem or f"Failed to connect to {label} API: {status} Unauthorized")


@procedure("gitea.testConnection")
async def test_gitea(ctx: Context, data: Row) -> str:
    details = _found(ctx, "gitea", data.get("giteaId", ""))["gitea"]
    if not details["accessToken"]:
        raise bad_request("No access token available. Please authorize with Gitea.")
    seconds = int(time.time())
    if details["refreshToken"] and (details["expiresAt"] or seconds) < seconds:
        details.update(expiresAt=seconds + TOKEN_SECONDS, lastAuthenticatedAt=seconds)
    await _reach(ctx.instance.outside, details, "gitea", "Gitea")
    return COUNTED


@procedure("gitlab.testConnection")
async def test_gitlab(ctx: Context, data: Row) -> str:
    details = _found_by_test(ctx, "gitlab", data)
    if not details["accessToken"]:
        raise bad_request("Failed to refresh token: Bad Request")
    await _reach(ctx.instance.outside, details, "gitlab", "GitLab")
    return COUNTED


@procedure("bitbucket.testConnection")
def test_bitbucket(ctx: Context, data: Row) -> str:
    """It uses the stored credentials, and the account that the request names, without which it asks for none."""
    details = _found_by_test(ctx, "bitbucket", data)
    if not (data.get("bitbucketUsername") or data.get("workspaceName")):
        raise bad_request("Failed to fetch repositories: Not Found")
    if wrong(details["apiToken"] or details["appPassword"]):
        raise bad_request("Failed to fetch repositories: Unauthorized")
    return COUNTED


@procedure("github.testConnection")
def test_github(ctx: Context, data: Row) -> str:
    details = _found_by_test(ctx, "github", data)
    if not details["githubInstallationId"]:
        raise bad_request("[@octokit/auth-app] installationId is set to a falsy value")
    return COUNTED


def _found_by_test(ctx: Context, kind: str, data: Row) -> Row:
    """The row of ``kind``; an unknown one is a bad request here."""
    try:
        row: Row = _found(ctx, kind, data[f"{kind}Id"])[kind]
    except ProcedureError as error:
        raise bad_request(error.message) from None
    return row


@procedure("gitea.getGiteaUrl")
def gitea_url(ctx: Context, data: Row) -> str:
    url: str = _found(ctx, "gitea", data["giteaId"])["gitea"]["giteaUrl"]
    return url


def _repositories(kind: str) -> Handler:
    def repositories(ctx: Context, data: Row) -> list[Row]:
        details = _found(ctx, kind, data[f"{kind}Id"])[kind]
        return TEAM if details.get("groupName") else REPOSITORIES[kind]

    return repositories


def _branches(kind: str) -> Handler:
    def branches(ctx: Context, data: Row) -> list[Row]:
        _found(ctx, kind, data.get(f"{kind}Id", ""))
        return BRANCHES[kind]

    return branches


for _kind in GIT_KINDS:
    procedure(f"{_kind}.one")(_one(_kind))
    procedure(f"{_kind}.{_kind}Providers")(_providers(_kind))
    procedure(f"{_kind}.get{_kind.capitalize()}Repositories")(_repositories(_kind))
    procedure(f"{_kind}.get{_kind.capitalize()}Branches")(_branches(_kind))

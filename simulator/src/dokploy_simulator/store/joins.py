# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dokploy's lookups of a service join to its row."""

from __future__ import annotations

from .store import Row, Store

PROVIDERS = ("gitlab", "github", "bitbucket", "gitea")
PROVIDER_SECRETS = {
    "gitlab": ("secret", "accessToken", "refreshToken"),
    "github": ("githubClientSecret", "githubPrivateKey", "githubWebhookSecret"),
    "bitbucket": ("appPassword", "apiToken"),
    "gitea": ("clientSecret", "accessToken", "refreshToken"),
}


def environment_with_project(store: Store, environment_id: str) -> Row:
    environment = store.environments.rows[environment_id]
    return {**environment, "project": dict(store.projects.rows[environment["projectId"]])}


def tags_of(store: Store, project_id: str) -> list[Row]:
    """The tags of a project as its row shows them."""
    rows = store.project_tags.of("projectId", project_id)
    return [{**row, "tag": dict(store.tags.rows[row["tagId"]])} for row in rows]


def provider(store: Store, kind: str, row: Row, secrets: bool = False) -> Row | None:
    """The git provider a service points at; a compose shows its ``secrets`` too."""
    wanted = row[f"{kind}Id"]
    if wanted is None:
        return None
    for candidate in store.git_providers:
        details = candidate[kind]
        if details and details[f"{kind}Id"] == wanted:
            hidden = () if secrets else PROVIDER_SECRETS[kind]
            return {name: value for name, value in details.items() if name not in hidden}
    return None


def registry(store: Store, registry_id: str | None) -> Row | None:
    row = store.registries.get(registry_id or "")
    return {name: value for name, value in row.items() if name != "password"} if row else None


def owned(store: Store, kind: str, row: Row) -> Row:
    """What belongs to an application or a compose, and the environment and server it is in."""
    server = store.servers.get(row["serverId"] or "")
    return {
        "environment": environment_with_project(store, row["environmentId"]),
        "server": dict(server) if server else None,
        **{name: table.of(f"{kind}Id", row[f"{kind}Id"]) for name, table in store.tables_of(kind)},
    }


def related(store: Store, row: Row) -> Row:
    """What an application owns or points at."""
    return {
        **owned(store, "application", row),
        **{kind: provider(store, kind, row) for kind in PROVIDERS},
        "previewDeployments": store.previews.of("applicationId", row["applicationId"]),
        "registry": registry(store, row["registryId"]),
        "buildRegistry": registry(store, row["buildRegistryId"]),
        "rollbackRegistry": registry(store, row["rollbackRegistryId"]),
    }


def whole(store: Store, row: Row) -> Row:
    """The same with all columns, as the server works on it."""
    return {**row, **related(store, row)}


def whole_compose(store: Store, row: Row) -> Row:
    """A compose with everything that it owns or points at."""
    return {
        **row,
        **owned(store, "compose", row),
        **{kind: provider(store, kind, row, secrets=True) for kind in PROVIDERS},
        "backups": backups_of(store, "composeId", row["composeId"]),
    }


def destination_of(store: Store, row: Row) -> Row:
    """Without its keys."""
    hidden = ("accessKey", "secretAccessKey")
    destination = store.destinations.rows[row["destinationId"]]
    return {name: value for name, value in destination.items() if name not in hidden}


def backups_of(store: Store, parent: str, parent_id: str) -> list[Row]:
    """As the row of a service shows them."""
    return [
        {**row, "destination": destination_of(store, row), "deployments": deployments_of(store, row)}
        for row in store.backups.of(parent, parent_id)
    ]


def deployments_of(store: Store, row: Row) -> list[Row]:
    return store.deployments.of("backupId", row["backupId"])


def whole_preview(store: Store, preview: Row) -> Row:
    """What a preview's build works on: its application with the preview's name, branch and variables."""
    application = whole(store, store.applications.rows[preview["applicationId"]])
    domain = store.domains.get(preview["domainId"] or "")
    host = f"\nDOKPLOY_DEPLOY_URL={domain['host'] if domain else 'undefined'}"
    # A null is spelt out, as JavaScript joins texts.
    own = {
        name: ("null" if application[column] is None else application[column]) + host
        for name, column in (
            ("env", "previewEnv"),
            ("buildArgs", "previewBuildArgs"),
            ("buildSecrets", "previewBuildSecrets"),
        )
    }
    none = {"rollbackActive": False, "registry": None, "buildRegistry": None, "rollbackRegistry": None}
    return {**application, **own, **none, "appName": preview["appName"], "branch": preview["branch"]}

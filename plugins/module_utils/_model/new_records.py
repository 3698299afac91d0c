# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a new record has by itself: written by C(make generate)."""

from __future__ import annotations

from typing import Any, Mapping

from .field import Version

#: The values of options that are not empty, by the kind of record, on every release.
NEW: Mapping[str, Mapping[str, Any]] = {
    "AI provider": {"enabled": True},
    "Dokploy host.schedules": {"enabled": True},
    "application": {
        "source": "github",
        "github.build_path": "/",
        "github.trigger": "push",
        "gitlab.build_path": "/",
        "bitbucket.build_path": "/",
        "gitea.build_path": "/",
        "build.type": "nixpacks",
        "build.heroku_version": "24",
        "create_env_file": True,
        "auto_deploy": True,
        "replicas": 1,
        "preview.port": 3000,
        "preview.path": "/",
        "preview.certificate": "none",
        "preview.limit": 3,
        "preview.require_collaborator": True,
    },
    "application.domains": {"path": "/", "port": 3000, "certificate": "none", "internal_path": "/", "enabled": True},
    "application.patches": {"type": "update", "enabled": True},
    "application.ports": {"protocol": "tcp", "publish_mode": "ingress"},
    "application.schedules": {"shell": "bash", "enabled": True},
    "application.volume_backups": {"enabled": True},
    "compose": {
        "source": "github",
        "type": "docker-compose",
        "github.compose_path": "./docker-compose.yml",
        "github.trigger": "push",
        "gitlab.compose_path": "./docker-compose.yml",
        "bitbucket.compose_path": "./docker-compose.yml",
        "gitea.compose_path": "./docker-compose.yml",
        "git.compose_path": "./docker-compose.yml",
        "create_env_file": True,
        "auto_deploy": True,
    },
    "compose.backups": {"enabled": True},
    "compose.domains": {"path": "/", "port": 3000, "certificate": "none", "internal_path": "/", "enabled": True},
    "compose.mounts": {"type": "file"},
    "compose.schedules": {"shell": "bash", "enabled": True},
    "compose.volume_backups": {"enabled": True},
    "default environment": {"description": "Production environment"},
    "discord notification": {"discord.decoration": True},
    "email notification": {"email.smtp_port": 587},
    "gitea git provider": {"gitea.url": "https://gitea.com", "gitea.scopes": "repo,repo:status,read:user,read:org"},
    "gitlab git provider": {"gitlab.url": "https://gitlab.com"},
    "gotify notification": {"gotify.priority": 5, "gotify.decoration": True},
    "hashicorp vault provider": {"hashicorp.mount": "secret"},
    "infisical vault provider": {"infisical.site_url": "https://app.infisical.com", "infisical.folder": "/"},
    "libsql database": {"node": "primary", "replicas": 1},
    "libsql database.backups": {"enabled": True},
    "libsql database.volume_backups": {"enabled": True},
    "mariadb database": {"replicas": 1},
    "mariadb database.backups": {"enabled": True},
    "mariadb database.volume_backups": {"enabled": True},
    "mongo database": {"replicas": 1},
    "mongo database.backups": {"enabled": True},
    "mongo database.volume_backups": {"enabled": True},
    "mysql database": {"replicas": 1},
    "mysql database.backups": {"enabled": True},
    "mysql database.volume_backups": {"enabled": True},
    "network": {"driver": "bridge", "ipv4": True},
    "ntfy notification": {"ntfy.priority": 3},
    "ovh DNS provider": {"ovh.endpoint": "ovh-eu"},
    "phase vault provider": {"phase.path": "/", "phase.api_url": "https://api.phase.dev"},
    "postgres database": {"replicas": 1},
    "postgres database.backups": {"enabled": True},
    "postgres database.volume_backups": {"enabled": True},
    "redis database": {"replicas": 1},
    "redis database.volume_backups": {"enabled": True},
    "scaleway vault provider": {"scaleway.region": "fr-par", "scaleway.api_url": "https://api.scaleway.com"},
    "server": {"port": 22, "user": "root", "type": "deploy", "builds_concurrency": 1},
    "settings": {
        "domain.certificate_type": "none",
        "log_cleanup": "0 0 * * *",
        "docker_cleanup": True,
        "builds_concurrency": 1,
    },
    "web server.backups": {"enabled": True, "include_encryption_key": True},
}
#: Those that releases fill in differently, on each that was measured.
BY_RELEASE: Mapping[str, Mapping[str, Mapping[Version, Any]]] = {
    "application": {
        "build.dockerfile": {(0, 25, 0): "", (0, 27, 1): "", (0, 28, 8): "Dockerfile", (0, 30, 8): "Dockerfile"},
        "build.railpack_version": {
            (0, 25, 0): "0.2.2",
            (0, 25, 6): "0.2.2",
            (0, 26, 7): "0.15.4",
            (0, 30, 8): "0.15.4",
        },
    },
    "server": {"docker_cleanup": {(0, 25, 0): False, (0, 28, 8): False, (0, 29, 8): True, (0, 30, 8): True}},
}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project with something of most that a project can have."""

from __future__ import annotations

from typing import Any

from tests.real.playbooks import task


def project(name: str, image: str, deploy: str = "never") -> dict[str, Any]:
    """An entry of a document: two applications and a database; with C(deploy), the first application runs."""
    return {
        "name": name,
        "env": {"REGION": "north"},
        "environments": [
            {
                "name": "production",
                "databases": [
                    {
                        "name": "db",
                        "type": "postgres",
                        "database": "shop",
                        "user": "shop",
                        "password": "s3cret-database",
                        "deploy": "never",
                    }
                ],
                "applications": [
                    {
                        "name": "web",
                        "docker": {"image": image},
                        "env": {"TOKEN": "s3cret-token", "GREETING": "hello"},
                        "domains": [{"host": f"{name}.example.com", "port": 80}],
                        "mounts": [
                            {"type": "volume", "name": f"{name}-data", "path": "/data"},
                            {
                                "type": "file",
                                "file_path": "web.toml",
                                "path": "/etc/web.toml",
                                "content": "workers = 4",
                            },
                        ],
                        "schedules": [{"name": "cleanup", "cron": "30 3 * * *", "command": "true", "shell": "sh"}],
                        "deploy": deploy,
                    },
                    {
                        "name": "worker",
                        "docker": {"image": image},
                        "command": "sleep 1000",
                        "memory_limit": "64M",
                        "deploy": "never",
                    },
                ],
            }
        ],
    }


def apply(name: str, image: str, deploy: str = "never") -> dict[str, Any]:
    """The task that brings it up."""
    return task("apply", "dokploy_manifest", version=1, projects=[project(name, image, deploy)])

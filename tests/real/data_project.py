# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project with each kind of data: databases, an application with a volume, and a stack with both."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.real.numbered import files, mariadb, postgres, redis
from tests.real.playbooks import task
from tests.real.shop import BY_NAME, destination

PASSWORD = "s3cret-database"
LOGIN = {"database": "shop", "user": "shop", "password": PASSWORD}
STORES = (
    postgres("db", "shop", "shop"),
    mariadb("forum", "shop", PASSWORD, "shop"),
    redis("cache", PASSWORD),
    files("web", "/data"),
    postgres("stack", "postgres", "postgres", inside="db"),
    files("stack", "/files", inside="keeper"),
)
_SQL = "select count(*) from numbers"
# By the place of the store: what shows on each server how many rows there are.
CHECKS = {
    "db": f'psql -At -c "{_SQL}"',
    "forum": f'mariadb -h "$DB_HOST" -u "$DB_USER" -N "$DB_NAME" -e "{_SQL}"',
    "cache": 'redis-cli -h "$DB_HOST" llen numbers',
    "web": "wc -l < /data/numbers",
    "stack": "wc -l < /files/numbers",
}
# What Debian's busybox does not do by itself: end at once.
_ENDS = "trap 'exit 0' TERM; while :; do sleep 1; done"


def images() -> dict[str, str]:
    """By the names of the variables that say what Docker has."""
    names = ("REAL_IMAGE", "REAL_POSTGRES", "REAL_REDIS", "REAL_MARIADB", "REAL_S3", "REAL_BUCKET")
    return {name: os.environ.get(name) or pytest.skip(f"no {name}") for name in names}


def document(name: str, known: dict[str, str]) -> dict[str, Any]:
    """The project of this name, with a destination of the same name."""
    stack = {
        "services": {
            "db": {
                "image": known["REAL_POSTGRES"],
                "environment": {"POSTGRES_PASSWORD": PASSWORD},
                "volumes": ["rows:/var/lib/postgresql/data"],
            },
            "keeper": {"image": known["REAL_IMAGE"], "command": ["sh", "-c", _ENDS], "volumes": ["files:/files"]},
        },
        "volumes": {"rows": {}, "files": {}},
    }
    cache = {
        "name": "cache",
        "type": "redis",
        "image": known["REAL_REDIS"],
        "password": PASSWORD,
        # Dokploy's own command does not pass the signal on that lets Redis save.
        "command": "/bin/sh",
        "args": ["-c", f"exec redis-server --requirepass {PASSWORD}"],
        "endpoint_spec": BY_NAME,
    }
    web = {
        "name": "web",
        "docker": {"image": known["REAL_IMAGE"]},
        "command": "sh",
        "args": ["-c", _ENDS],
        "env": {"DATABASE": "{{ 'db:internal_url' | community.dokploy.reference }}"},
        "mounts": [{"type": "volume", "name": f"{name}-data", "path": "/data"}],
        "endpoint_spec": BY_NAME,
    }
    databases = [
        {"name": "db", "type": "postgres", "image": known["REAL_POSTGRES"], **LOGIN, "endpoint_spec": BY_NAME},
        {
            "name": "forum",
            "type": "mariadb",
            "image": known["REAL_MARIADB"],
            **LOGIN,
            "root_password": PASSWORD,
            "endpoint_spec": BY_NAME,
        },
        cache,
    ]
    services = {
        "databases": databases,
        "applications": [web],
        "compose": [{"name": "stack", "raw": {"definition": stack}}],
    }
    return {
        "destinations": [destination(name, known["REAL_S3"], known["REAL_BUCKET"])],
        "projects": [{"name": name, "environments": [{"name": "production", **services}]}],
    }


def apply(name: str, known: dict[str, str]) -> dict[str, Any]:
    """The task that brings it up."""
    return task("apply", "dokploy_manifest", version=1, verify_period=1, **document(name, known))


def checks(name: str, known: dict[str, str]) -> list[dict[str, Any]]:
    """What a set looks at, and a recovery again."""
    image = {"stack": {"image": known["REAL_IMAGE"]}}
    return [
        {
            "name": "rows",
            "service": f"{name}/production/{service}",
            "script": script,
            "compare": "at_least",
            **image.get(service, {}),
        }
        for service, script in CHECKS.items()
    ]

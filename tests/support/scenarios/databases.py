# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for databases: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.scenarios.recorder import ResultRecorder, fail_requests
from tests.support.scenarios.resources import LISTED, MOUNTS, SWARM, create_referenced

MODULE = "dokploy_database"
# What a new database of each kind needs.
NEEDED: dict[str, dict[str, Any]] = {
    "postgres": {"database": "shop", "user": "shop", "image": "postgres:17"},
    "mysql": {"database": "shop", "user": "shop", "image": "mysql:8"},
    "mariadb": {"database": "shop", "user": "shop", "image": "mariadb:11"},
    "mongo": {"user": "shop", "image": "mongo:8"},
    "redis": {"image": "redis:8"},
    "libsql": {"user": "shop"},
}
WHOLE: dict[str, Any] = {
    **{name: value for name, value in SWARM.items() if name != "registry"},
    "description": "All about it",
    "env": {"A": "one"},
    "mounts": MOUNTS,
    "volume_backups": LISTED["volume_backups"],
    "password": "S3cret-of-the-shop",
    "command": "run",
}
MORE: dict[str, dict[str, Any]] = {
    **{kind: {"args": ["a b"]} for kind in NEEDED},
    "mysql": {"args": ["a b"], "root_password": "S3cret-of-the-root"},
    "mongo": {"replica_sets": True},
    "libsql": {
        "node": "replica",
        "primary_url": "http://primary:5001",
        "namespaces": True,
        "external_grpc_port": 5001,
        "external_admin_port": 5002,
    },
}
BACKUP = {"destination": "bucket", "prefix": "nightly", "database_name": "shop", "cron": "@daily", "keep": 3}
# Columns that libSQL lacks.
LACKING = ("stop_grace_period", "endpoint_spec", "ulimits")


def whole(kind: str) -> dict[str, Any]:
    """Every option of a kind."""
    options = {name: value for name, value in WHOLE.items() if kind != "libsql" or name not in LACKING}
    if "endpoint_spec" in options:
        # Each database needs a port of its own.
        (port,) = options["endpoint_spec"]["ports"]
        own = {**port, "published_port": port["published_port"] + list(NEEDED).index(kind)}
        options["endpoint_spec"] = {**options["endpoint_spec"], "ports": [own]}
    lists = {} if kind == "redis" else {"backups": [BACKUP]}
    return {**options, **NEEDED[kind], **MORE[kind], **lists}


def run_modes(run: ResultRecorder) -> None:
    """What excludes the other options of a whole database."""
    job = {"type": "replicated", "replicas": 1}
    out = {"project": "shop", "name": "out", "type": "redis", "password": "S3cret-of-the-cache"}
    run(MODULE, external_port=6380, mode=job, include_secrets=True, **out)


def run_database(run: ResultRecorder) -> None:
    create_referenced(run)
    for kind in NEEDED:
        db = {"project": "shop", "name": "db", "type": kind}
        for check in (True, False):
            run(MODULE, check=check, app_name=f"shop-{kind}", include_secrets=not check, **db, **whole(kind))
    run_modes(run)
    run_states(run)
    db = {"project": "shop", "name": "db", "type": "redis"}
    for _unused in range(2):
        run(MODULE, state="absent", **db)
    run(MODULE, fails=True, **{**db, "project": "twin"})
    run.sim.config(drop_fields={"mysql.update": ["description"]})
    run(MODULE, project="shop", name="db", type="mysql", description="other", fails=True)
    fail_requests(run, MODULE, project="shop", name="db", type="mysql")


def run_states(run: ResultRecorder) -> None:
    """A database that is stopped and started, and one whose container does not stay up."""
    cache = {"project": "shop", "name": "cache", "type": "redis"}
    run.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0)
    for state in ("deployed", "stopped", "started", "reloaded"):
        for check in (True, False):
            run(MODULE, state=state, check=check, **cache)
    run(MODULE, state="rebuilt", force=True, verify_period=0, **cache)
    made = run(MODULE, **{**cache, "name": "old"})
    run.host.call("redis.deploy", redisId=made["database"]["database_id"])
    run(MODULE, state="deployed", trigger="adopt", memory_limit="1G", fails=True, **{**cache, "name": "old"})
    run(MODULE, state="deployed", trigger="adopt", **{**cache, "name": "old"})
    run(MODULE, state="deployed", command="false", fails=True, **cache)


def run_database_info(run: ResultRecorder) -> None:
    create_referenced(run)
    for kind in NEEDED:
        run(MODULE, project="shop", name="db", type=kind, app_name=f"shop-{kind}", **whole(kind))
    run_modes(run)
    for include_secrets in (False, True):
        run("dokploy_database_info", include_secrets=include_secrets)
    run.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0)
    run(MODULE, project="shop", name="cache", type="redis", state="deployed")
    run("dokploy_database_info", include=["volume_backups", "logs", "running", "images"])
    run("dokploy_database_info", project="twin", fails=True)
    fail_requests(run, "dokploy_database_info")

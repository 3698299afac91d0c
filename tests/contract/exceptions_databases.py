# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded databases, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

LEFT_OUT = (
    r"(description|database|memoryLimit|name|dockerImage|environment|networkIds|mounts|cpuLimit|env|labelsSwarm)",
    "the row shows updates that were left out of the recording",
)
GENERATED = (r"message", "the values of the statement hold a generated appName")

SECTIONS: dict[str, str] = {}
RECORDS: dict[str, tuple[str, str]] = {
    "s-postgres-create#32": (r"total", "creations that pinned nothing were left out of the recording"),
    "s-postgres-life#13": (r"body", "the words of a real PostgreSQL"),
    "s-libsql-life#9": (r"Spec\.ContainerSpec\.Env\[1\]", "the recording hides the encoded login"),
    **dict.fromkeys(("s-mariadb-create#5", "s-redis-create#9", "s-libsql-create#10"), GENERATED),
    **dict.fromkeys(("s-mysql-update#9", "s-mariadb-update#4", "s-mongo-update#7", "s-redis-update#12"), LEFT_OUT),
    "s-postgres-life#43": (r"body", "docker's output comes in pieces of another size"),
}

UPDATED, BLOCKED = "yiCV-v6Ym_FeSoltiCLJA", "CiqA-PllATJIs52niqAp2"
LIVE = {
    "mysql": "8HI8a217YjLFow7V4KrV8",
    "mariadb": "uKHNE_nExISJM4WTrTCfg",
    "mongo": "ocBGkgqwkZ6GEaBrBa7aJ",
    "redis": "0cC7pOUjR3l7-hXKHuzTN",
    "libsql": "F8yY80VOqiCEfxAiigmCD",
}
SECOND = {
    "env": "X1=two",
    "labelsSwarm": {"r1.hash": "h2"},
    "memoryLimit": "268435456",
    "cpuLimit": "500000000",
}
IMAGE = {"dockerImage": "127.0.0.1:5000/r1-fake:1", "enableNamespaces": False}


def live(kind: str, verb: str, **values: Any) -> tuple[str, Any]:
    return f"{kind}.{verb}", {f"{kind}Id": LIVE[kind], **values}


PREPARE: dict[str, list[tuple[str, Any]]] = {
    "s-postgres-update#52": [
        (
            "postgres.update",
            {"postgresId": UPDATED, "databaseName": "db2", "databaseUser": "u2", "env": None, "networkIds": None},
        ),
    ],
    "s-postgres-update#54": [("postgres.changeStatus", {"postgresId": UPDATED, "applicationStatus": "idle"})],
    "s-postgres-update#67": [
        ("mounts.remove", {"mountId": "VlBlZJQBuoFYbJGDdDcft"}),
        ("mounts.remove", {"mountId": "O0krew_KJ_Ak3V7RxBoQ8"}),
    ],
    "s-database-blocking#7": [("wait", 0.8)],
    "s-database-blocking#14": [("redis.stop", {"redisId": BLOCKED})],
    "s-database-blocking#16": [("redis.stop", {"redisId": BLOCKED})],
    "s-mysql-life#5": [live("mysql", "changeStatus", applicationStatus="error")],
    "s-mysql-life#9": [live("mysql", "update", **SECOND)],
    "s-mysql-life#23": [live("mysql", "update", memoryLimit=None, replicas=1)],
    "s-mariadb-life#5": [live("mariadb", "changeStatus", applicationStatus="error")],
    "s-mariadb-life#10": [live("mariadb", "update", **SECOND)],
    "s-mongo-life#5": [live("mongo", "changeStatus", applicationStatus="error")],
    "s-mongo-life#10": [live("mongo", "update", **SECOND)],
    "s-redis-life#5": [live("redis", "changeStatus", applicationStatus="error")],
    "s-redis-life#13": [live("redis", "update", replicas=2)],
    "s-redis-life#14": [live("redis", "update", replicas=1), live("redis", "start")],
    "s-redis-life#19": [live("redis", "update", memoryLimit=None, externalPort=None)],
    "s-libsql-life#6": [live("libsql", "changeStatus", applicationStatus="error")],
    "s-libsql-life#12": [live("libsql", "update", **SECOND, **IMAGE)],
}
RUNNING = {"rolls_back": True, "host_ports": [8418]}
SETTINGS: dict[str, dict[str, Any]] = {
    "s-postgres-swarm": {"healthy_seconds": 60.0},
    **{f"s-{kind}-life": RUNNING for kind in ("postgres", *LIVE)},
    "s-database-blocking": {"builds": [{"image": "127.0.0.1:5999/*", "seconds": 0.8, "result": "error"}]},
}
BESIDE: frozenset[str] = frozenset()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix plays of data: backups, at rest and once. No row is lost, and what was stopped runs again."""

from __future__ import annotations

from typing import Any

from dokploy_simulator import Simulator
from tests.system.fault_injection.resource_scenarios import HOME, WEB, others, play, running
from tests.system.fault_injection.task_runner import Scenario, Task, TaskRunner

OWN_OF_DATABASE: dict[str, Any] = {
    "name": "db",
    "type": "postgres",
    "database": "shop",
    "user": "shopper",
    "password": "s3cret-of-db",
    "backups": [{"destination": "s3", "cron": "0 3 * * *", "database_name": "shop"}],
}
DATABASE: Task = ("dokploy_database", {**HOME, **OWN_OF_DATABASE})
OF_DATABASE = {**HOME, "database": "db", "destination": "s3", "database_name": "shop", "state": "executed"}
ONCE = {**OF_DATABASE, "once": True}
FILES = {**WEB, "name": "files", "volume": "data", "destination": "s3"}
AT_REST = {**FILES, "state": "executed", "stop": True}


def with_data(sim: Simulator) -> None:
    """An application that has files in a volume, and a database with rows, both with a backup; both run."""
    running(sim)
    play(sim, DATABASE, ("dokploy_database", {**HOME, "name": "db", "type": "postgres", "state": "deployed"}))
    play(sim, ("dokploy_volume_backup", {**FILES, "cron": "0 3 * * *"}))
    sim.act(insert="db", table="orders", count=5)
    sim.act(write="data", path="cat.png", data="miaow")


# --- sets, and what comes back from them ---

SHOP: dict[str, Any] = {
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "databases": [OWN_OF_DATABASE, {"name": "cache", "type": "redis", "password": "s3cret-of-cache"}],
                    "applications": [
                        {
                            "name": "web",
                            "docker": {"image": "nginx:1.27"},
                            "mounts": [
                                {"type": "volume", "name": "data", "path": "/data"},
                                {"type": "bind", "host_path": "/srv/shop", "path": "/shop"},
                                {"type": "bind", "host_path": "/srv/shop.conf", "path": "/etc/shop.conf"},
                            ],
                        },
                    ],
                }
            ],
        }
    ],
}
APPLY: Task = ("dokploy_manifest", {**SHOP, "deploy": "changed", "verify_period": 0.0})
COUNT = {"name": "orders", "service": "shop/production/db", "script": 'psql -tAc "select count(*) from orders"'}
SET: Task = (
    "dokploy_backup_set",
    {
        "scope": {"projects": ["shop"]},
        "data": "all",
        "destination": "s3",
        "stop": True,
        "jobs": True,
        "checks": [COUNT],
    },
)
# The content of archives.yml, once there is a set.
SAVED: dict[str, Any] = {}
RECOVER: Task = (APPLY[0], {**APPLY[1], "archives": SAVED})


def shop(sim: Simulator) -> None:
    """What a set saves: it runs, and has rows, keys, and files in a volume and on the host."""
    others(sim)
    play(sim, APPLY)
    sim.act(insert="db", table="orders", count=5)
    sim.act(insert="cache", count=5)
    sim.act(write="data", path="cat.png", data="miaow")
    sim.act(write="/srv/shop", path="a/b", data="of the host")
    sim.act(write="/srv/shop.conf", path="/", data="colour=red")


def _save(sim: Simulator) -> None:
    """Make a set, as C(SAVED)."""
    result = TaskRunner(sim).run(SET)
    assert result["complete"], result
    SAVED.clear()
    SAVED.update(result["set"])


def lost(sim: Simulator) -> None:
    """A set was made, and then all of it was lost."""
    shop(sim)
    _save(sim)
    play(sim, ("dokploy_project", {"name": "shop", "state": "absent", "force": True}))
    sim.server.store.volumes.clear()
    sim.server.store.host_folders.clear()


# --- an environment as another one is ---

# What the copy cannot have as the original has it.
RULES: dict[str, Any] = {
    "volumes": {"*": "{}-shop-staging"},
    "paths": {"/srv": "/srv/staging"},
}
MASK = {"name": "orders", "service": "shop/production/db", "sql": "update orders set customer = 'masked'"}
CLONE: Task = (
    RECOVER[0],
    {
        **RECOVER[1],
        "rename": {"shop/production": "shop/staging"},
        "rename_rules": RULES,
        "masks": [MASK],
    },
)


def original(sim: Simulator) -> None:
    """The original runs, with a set of its data."""
    shop(sim)
    _save(sim)


def outdated(sim: Simulator) -> None:
    """There is a copy with masked data, and since then, the original has got more, which a newer set has."""
    original(sim)
    (row,) = [row for row in sim.server.store.services["postgres"] if row["name"] == "db"]
    play(sim, CLONE)
    sim.act(insert=row["postgresId"], table="orders", count=2)
    sim.act(write="data", path="dog.png", data="wuff")
    _save(sim)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("back up a volume at rest", (("dokploy_volume_backup", AT_REST),), with_data, idempotent=False),
    Scenario(
        "back up a volume once",
        (("dokploy_volume_backup", {**AT_REST, "name": "before the upgrade", "once": True}),),
        with_data,
        idempotent=False,
    ),
    Scenario("back up a database", (("dokploy_backup", OF_DATABASE),), with_data, idempotent=False),
    Scenario("back up a database once", (("dokploy_backup", ONCE),), with_data, idempotent=False),
    Scenario("make a backup set", (SET,), shop, idempotent=False, sampled=4, killed=True),
    Scenario("recover from a backup set", (RECOVER,), lost, sampled=4, killed=True),
    Scenario("clone with masked data", (CLONE,), original, sampled=6, killed=True),
)

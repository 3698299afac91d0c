# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the matrix plays of data: backups, at rest and once. No row is lost, and what was stopped runs again."""

from __future__ import annotations

from dokploy_simulator import Simulator
from tests.system.fault_injection.resource_scenarios import HOME, WEB, play, running
from tests.system.fault_injection.task_runner import Scenario, Task

DATABASE: Task = (
    "dokploy_database",
    {
        **HOME,
        "name": "db",
        "type": "postgres",
        "database": "shop",
        "user": "shopper",
        "password": "s3cret-of-db",
        "backups": [{"destination": "s3", "cron": "0 3 * * *", "database_name": "shop"}],
    },
)
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
)

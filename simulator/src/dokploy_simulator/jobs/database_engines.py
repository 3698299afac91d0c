# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which passwords the engine of a running database takes, and the commands that change them.

postgres, mysql, mariadb and mongo keep their logins in the data directory, so that a new password in the environment
changes nothing once it is initialised; redis and libsql take what their container is started with."""

from __future__ import annotations

from typing import Any

from ..api.errors import internal
from ..store.database_kinds import KINDS, Kind
from ..store.store import Row
from ..world.containers import engines
from ..world.docker import volume_data
from ..world.docker.database_spec import VARIABLES
from ..world.world import World

REFUSED = "failme"
"""A new password with this in it is refused by the engine."""
ALTER_USER = """-u root -p'{root}' -e "ALTER USER '{target}'@'%' IDENTIFIED BY '{new}'; FLUSH PRIVILEGES;\""""
COMMANDS = {
    "postgres": """psql -U {user} -c "ALTER USER \\"{user}\\" WITH PASSWORD '{new}';\"""",
    "mysql": f"mysql {ALTER_USER}",
    "mariadb": f"mariadb {ALTER_USER}",
    "mongo": (
        "mongosh -u '{user}' -p '{old}' --authenticationDatabase admin --eval "
        "\"db.getSiblingDB('admin').changeUserPassword('{user}', '{new}')\""
    ),
    "redis": "redis-cli -a '{old}' CONFIG SET requirepass '{new}'",
}
SCRIPT = """
\t\t\t\tCONTAINER_ID=$(docker ps -q --filter "status=running" --filter "label=com.docker.swarm.service.name={name}" \
| head -n 1)
\t\t\t\tif [ -z "$CONTAINER_ID" ]; then
\t\t\t\t\techo "No running container found for {name}" >&2
\t\t\t\t\texit 1
\t\t\t\tfi
\t\t\t\tdocker exec "$CONTAINER_ID" {command}
\t\t\t
"""


def initialise(world: World, kind: Kind, name: str) -> None:
    """The engine comes up: with an empty data directory it takes its logins from the environment."""
    service = world.docker.services.get(name)
    task = service.running()[-1] if service is not None and service.running() else None
    if task is None:
        return
    volume = engines.data_volume(kind, task)
    if volume is not None:
        volume_data.written(world.store, volume)
    if kind.name == "redis":
        engines.keys(world.store, task)
    if kind.name in VARIABLES:
        engines.login_of(world.store, kind, task)


def change_password(world: World, kind: Kind, row: Row, new: str, target: str = "user") -> None:
    """What ``changePassword`` runs. Raises with the whole script, which holds the passwords."""
    column = "databaseRootPassword" if target == "root" else "databasePassword"
    user = row.get("databaseUser")
    command = COMMANDS[kind.name].format(
        user=user,
        target="root" if target == "root" else user,
        old=row["databasePassword"],
        root=row.get("databaseRootPassword"),
        new=new,
    )

    def refused(problem: str) -> Exception:
        script = SCRIPT.format(name=row["appName"], command=command)
        return internal(f"Command execution failed: Command failed: {script}{problem}\n")

    service = world.docker.services.get(row["appName"])
    running = service.running() if service else []
    if service is None or not running:
        raise refused(f"No running container found for {row['appName']}")
    login = engines.login_of(world.store, kind, running[-1])
    problem = _problem(kind, row, login)
    if not problem and kind.name in ("mysql", "mariadb", "mongo") and REFUSED in new:
        problem = "ERROR 1396: no"
    if problem:
        raise refused(problem)
    # redis-cli ends well even when the login fails.
    if kind.name != "redis" or login["databasePassword"] == row["databasePassword"]:
        login[column] = new


def _problem(kind: Kind, row: Row, login: dict[str, Any]) -> str:
    """Why the engine refuses, if it does."""
    if kind.name == "postgres":
        reach = 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL: '
        if login["databaseUser"] != row["databaseUser"]:
            return f'{reach} role "{row["databaseUser"]}" does not exist'
        if login["databaseName"] != row["databaseUser"]:
            return f'{reach} database "{row["databaseUser"]}" does not exist'
    elif kind.name in ("mysql", "mariadb") and login["databaseRootPassword"] != row["databaseRootPassword"]:
        return "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)"
    elif kind.name == "mongo" and login["databasePassword"] != row["databasePassword"]:
        return "MongoServerError: Authentication failed."
    return ""


def logins(world: World) -> dict[str, Any]:
    """By appName, what the engine of every database that runs takes; the keys are columns."""
    return {
        row["appName"]: dict(engines.login_of(world.store, kind, service.running()[-1]))
        for kind in KINDS.values()
        for row in world.store.services[kind.name]
        if kind.name in VARIABLES
        and (service := world.docker.services.get(row["appName"])) is not None
        and service.running()
    }

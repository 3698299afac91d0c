# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs of a service, run by cron or on request: schedules, backups and volume backups."""

from __future__ import annotations

from typing import Any

from ..._model.child import Child, child
from ..._model.field import Field
from ..._values.codec import BOOLEAN, COUNT, IDENTIFIER, Codec
from ..._values.grammar import CRON, inner_path
from ..._values.schema import TEXT as TEXT_SHAPE
from ..._values.schema import object_of
from ..infrastructure.listings import DESTINATIONS
from .backup_lock import is_lock
from .routing import service_of_stack
from .server_limits import removed_alone
from .single_runs import is_of_a_set
from .storage import VOLUME_NAME
from .time_zones import timezone

_TIMEZONE = (r"[A-Za-z]+[A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\Z", "is not a valid time zone, such as Europe/Berlin")
# Dokploy inserts it into shell commands, once without quotes.
SHELL_SAFE = (r"[^\"'$`\\\s;&|<>()*?\[\]{}~#!]*\Z", "has characters that Dokploy cannot use in a path")


def _schedule(kind: str, *fields: Field, **more: Any) -> Child:
    """
    :param fields: what it runs. :param more: further parameters of C(child).
    """
    return child(
        "schedule",
        "schedule",
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        *fields,
        Field("cron", "cronExpression", CRON, needed=True),
        Field("timezone", "timezone", since=(0, 26, 0), pattern=_TIMEZONE, grammar=timezone),
        Field("description", "description", since=(0, 29, 3)),
        Field("enabled", "enabled", BOOLEAN),
        always_sent=("name", "cronExpression", "command"),
        applies_immediately=True,
        listing=("schedule.list", "id", {"scheduleType": kind}),
        in_batch=removed_alone,
        run=("schedule.runManually", "schedule"),
        **more,
    )


def schedules(service: str) -> Child:
    """The schedules of a service, which run a command in a container of it."""
    return _schedule(
        service,
        *service_of_stack(service),
        Field("command", "command", needed=True),
        Field("shell", "shellType", choices=("bash", "sh")),
        parent={"%sId" % service: "$parent", "scheduleType": service},
    )


def host_schedules(kind: str, **parent: str) -> Child:
    """The schedules of a host, which run a script on it with bash. Dokploy requires a command and ignores it.

    :param kind: C(server) or C(dokploy-server). :param parent: the key of the parent's ID, if it has one.
    """
    script = Field("script", "script", needed=True)
    return _schedule(kind, script, parent={**parent, "scheduleType": kind, "command": ""})


def volume_backups(service: str, stops: bool = True) -> Child:
    """The volume backups of a service.

    :param stops: Dokploy can stop the service for it; for a database, such a run fails (measured on 0.30.2).
    """
    stop = (Field("stop_service", "turnOff", BOOLEAN),) if stops else ()
    return child(
        "volumeBackups",
        "volume_backup",
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        *service_of_stack(service),
        Field("volume", "volumeName", needed=True, pattern=VOLUME_NAME),
        Field("destination", "destinationId", IDENTIFIER, reference=DESTINATIONS, needed=True),
        Field("cron", "cronExpression", CRON, needed=True),
        Field("prefix", "prefix", pattern=SHELL_SAFE, grammar=inner_path),
        Field("keep", "keepLatestCount", COUNT, limits=(0, 100000)),
        *stop,
        Field("enabled", "enabled", BOOLEAN),
        embedded="volumeBackups",
        id_key="volumeBackupId",
        # The server requires a prefix. Its default for enabled is null, with which the backup never runs.
        parent={"%sId" % service: "$parent", "serviceType": service, "prefix": "", "enabled": True},
        always_sent=("name", "volumeName", "prefix", "cronExpression", "destinationId"),
        applies_immediately=True,
        listing=("volumeBackups.list", "id", {"volumeBackupType": service}),
        run=("volumeBackups.runManually", "volumeBackup"),
        protected=lambda parent, row: is_lock(row) or is_of_a_set(row),
    )


# The procedures that run a backup, by the kind of what is backed up.
_RUN = {
    "postgres": "Postgres",
    "mysql": "MySql",
    "mariadb": "Mariadb",
    "mongo": "Mongo",
    "libsql": "Libsql",
    "compose": "Compose",
    "web_server": "WebServer",
}
_SERVICE_NAME = (r"[a-zA-Z0-9._-]+\Z", "is not the name of a service")
# Dokploy inserts it between quotes into variables and commands; it accepts any text.
DATABASE_NAME = (r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", "may hold only letters, digits, '_', '.' and '-'")
# Of a path in a bucket, slashes at both ends mean nothing. The server requires a text.
_FOLDER = Codec(
    type="str",
    to_api=lambda value: str(value).strip("/") or "/",
    same=lambda wanted, current: str(wanted).strip("/") == str(current or "").strip("/"),
    shown=lambda value: str(value or "").strip("/"),
    empty="/",
)


def _login(kind: str, *parts: Field) -> Field:
    """The login with which a database in a stack is dumped, which C(metadata) holds under the kind of the database."""
    codec = Codec(
        type="dict",
        to_api=lambda value: {kind: value},
        shown=lambda value: (value or {}).get(kind),
        empty=None,
        stored=object_of(**{kind: object_of(**{part.api: TEXT_SHAPE for part in parts})}),
    )
    # The name of a user is none.
    secret = any(part.secret for part in parts)
    return Field(kind, "metadata", codec, parts=parts, secret=secret, needed=("database_type", kind))


_DATABASE_USER = Field("user", "databaseUser", needed=True)
_DATABASE_PASSWORD = Field("password", "databasePassword", secret=True, needed=True)
DUMPED = Field("database_name", "database", key=True, needed=True, pattern=DATABASE_NAME)
_LOGINS = (
    _login("postgres", _DATABASE_USER),
    _login("mysql", Field("root_password", "databaseRootPassword", secret=True, needed=True)),
    _login("mariadb", _DATABASE_USER, _DATABASE_PASSWORD),
    _login("mongo", _DATABASE_USER, _DATABASE_PASSWORD),
)
STACK = (
    Field("service", "serviceName", key=True, needed=True, pattern=_SERVICE_NAME),
    Field("database_type", "databaseType", choices=tuple(field.name for field in _LOGINS), needed=True),
    *_LOGINS,
)


def backups(kind: str) -> Child:
    """The backups of a database, of the databases in a stack, or of Dokploy itself.

    Nothing names them, so that they are told apart by where they go and what they hold.
    """
    web, stack = kind == "web_server", kind == "compose"
    owner = {"userId" if web else "%sId" % kind: "$parent"}
    if stack:
        owner["backupType"] = "compose"
    else:
        owner["databaseType"] = "web-server" if web else kind
    if web:
        owner["database"] = "dokploy"
    return child(
        "backup",
        "backup",
        Field("destination", "destinationId", IDENTIFIER, key=True, reference=DESTINATIONS, needed=True),
        Field("prefix", "prefix", _FOLDER, key=True, default="/", pattern=SHELL_SAFE, grammar=inner_path),
        *(() if web else (DUMPED,)),
        *(STACK if stack else ()),
        Field("cron", "schedule", CRON, needed=True),
        Field("keep", "keepLatestCount", COUNT, limits=(0, 100000)),
        Field("enabled", "enabled", BOOLEAN),
        *((Field("include_encryption_key", "includeEncryptionKey", BOOLEAN, since=(0, 29, 12)),) if web else ()),
        # The server's default for enabled is null, with which the backup never runs.
        parent={**owner, "enabled": True},
        remove="backup.remove",
        always_sent=tuple(
            "schedule enabled prefix destinationId database keepLatestCount serviceName metadata databaseType".split()
        ),
        applies_immediately=True,
        run=("backup.manualBackup%s" % _RUN[kind], "backup"),
        joint="/",
        protected=lambda parent, row: is_of_a_set(row),
    )


SCHEDULES = schedules("application")
VOLUME_BACKUPS = volume_backups("application")

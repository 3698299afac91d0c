# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Databases: six kinds that differ in a few options, each with procedures of its own.

C(<kind>.update) is partial, answers no row, and reaches nothing that runs: only a deployment does (measured on 0.30.2).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import quote, urlsplit

from ..._deployment.removal import BUILD_TIMEOUT, DELETE_VOLUMES
from ..._deployment.run_states import RUN_STATE
from ..._engine.apply import resource_operation
from ..._engine.info import info_operation
from ..._model.deployable import Deployable
from ..._model.field import Field, Version
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import SERVERS, SERVICES, Resource
from ..._model.states import States
from ..._swarm.states import STATES
from ..._values.codec import (
    BOOLEAN,
    COMMAND,
    COUNT,
    GENERATED,
    IDENTIFIER,
    INTEGER,
    PREFIX,
    WORDS,
)
from ..._values.env import ENV
from ..._values.grammar import image_reference, template_warnings
from ..service_children.jobs import DATABASE_NAME, backups, volume_backups
from ..service_children.storage import mounts
from ..services.live_facts import live_facts
from ..services.running import compare_database
from ..services.swarm import APP_NAME, DATA_MARK, FINGERPRINT, LIMITS, LOCK, SWARM
from .actions import DEPLOYED, OPTIONS, database_deploy_needed
from .checks import CHECKS
from .claims import claimed_by_database
from .exports import EXPORTABLE
from .redis_saving import lost_on_stop
from .volumes import database_removal, observe_volumes

Row = Mapping[str, Any]

# The image that runs, whatever is stored.
LIBSQL_IMAGE = "ghcr.io/tursodatabase/libsql-server:v0.24.32"

# The server's rule, but for {{, which Docker takes for a template in the variables of a service.
_PASSWORD = (
    r"(?!.*\{\{)[a-zA-Z0-9@#%^&*()_+\-=\[\]{}|;:,.<>?~`]*\Z",
    "may hold only letters, digits and @ # % ^ & * ( ) _ + - = [ ] { } | ; : , . < > ? ~ `, and not {{",
)
# Dokploy inserts it without quotes into the shell command that starts Redis; it accepts any text.
_REDIS_PASSWORD = (
    r"(?!--)[a-zA-Z0-9@%^_+=:,.-]*\Z",
    "may hold only letters, digits and @ % ^ _ + = : , . -, and not begin with --",
)

# Each release runs another one by itself.
_IMAGE = Field("image", "dockerImage", limits=(1, 512), grammar=image_reference, by_server=True)
_DATABASE = Field("database", "databaseName", needed=True, limits=(1, 255), pattern=DATABASE_NAME)
_USER = Field("user", "databaseUser", needed=True, limits=(1, 255), pattern=DATABASE_NAME)
_SECRET = Field("password", "databasePassword", secret=True, limits=(1, 255), pattern=_PASSWORD)
_ROOT = replace(_SECRET, name="root_password", api="databaseRootPassword")

# 0 is no port.
_PORT = replace(COUNT, to_api=lambda value: value or None)


def _port(name: str, api: str) -> Field:
    return Field(name, api, _PORT, limits=(0, 65535))


# An empty text is a command of its own for some kinds, and an empty list starts Redis without its password.
_COMMAND = Field("command", "command", replace(COMMAND, empty=None))
# Here, a shell reads the command.
_SHELL_COMMAND = Field("command", "command", IDENTIFIER)
_ARGS = Field(
    "args",
    "args",
    replace(WORDS, empty=None),
    since=(0, 26, 0),
    form=" with one argument per entry, as in [-c, max_connections=200]",
)
# Columns of libSQL that no deployment reads.
_UNREAD = ("stop_grace_period", "endpoint_spec", "ulimits")


def _no_primary(row: Row) -> Optional[str]:
    return None if row.get("sqldNode") == "replica" else "node is not replica"


# It is written into a line of variables in quotes.
_PRIMARY = (
    r"https?://[^\s/?#\"'`\\{}]+(?:/[^\s\"'`\\{}]*)?\Z",
    "is not an address that begins with http:// or https://, such as http://primary:5001",
)
_REPLICATION = (
    Field("node", "sqldNode", choices=("primary", "replica")),
    Field("primary_url", "sqldPrimaryUrl", IDENTIFIER, no_effect=_no_primary, pattern=_PRIMARY),
)


def _address(scheme: str, row: Row, host: Optional[str], port: Any, query: str = "") -> Optional[str]:
    """The URL for clients, C(None) if a part of it is not known."""
    user = str(row.get("databaseUser") or "default")
    # Dokploy creates no other user then, and the root password is the one that counts.
    key = "databaseRootPassword" if user == "root" and "databaseRootPassword" in row else "databasePassword"
    if not (host and port and row.get(key)):
        return None
    path = "/%s" % quote(row["databaseName"], safe="") if row.get("databaseName") else ""
    login = ":".join(quote(text, safe="") for text in (user, str(row[key])))
    return "%s://%s@%s:%s%s%s" % (scheme, login, host, port, path, query)


def _host(row: Row, kind: str) -> Optional[str]:
    """The name in Docker, which is complete once there is a record."""
    return row.get("appName") if row.get(SERVICES[kind].id_key) else None


def _urls(kind: str, scheme: str, port: int) -> Callable[[Row, str], Dict[str, Any]]:
    def facts(row: Row, base_url: str) -> Dict[str, Any]:
        inside, outside = ("/?replicaSet=rs0", "/?directConnection=true") if row.get("replicaSets") else ("", "")
        server = (row.get("server") or {}).get("ipAddress") or urlsplit(base_url).hostname
        host = "[%s]" % server if ":" in str(server) else server
        # An own specification of the endpoint replaces the published port.
        published = row.get("externalPort") if row.get("endpointSpecSwarm") is None else None
        internal = _address(scheme, row, _host(row, kind), port, inside)
        external = _address(scheme, row, host, published, outside)
        password = quote(row.get("databasePassword") or "", safe="") or None
        if row.get(SERVICES[kind].id_key) is None:
            # The name of a new one, and mostly its password, is Dokploy's choice.
            internal, external = GENERATED, external or (GENERATED if published else None)
            password = password or GENERATED
        return {"internal_url": internal, "external_url": external, "urlencoded_password": password}

    return facts


def _is_data(parent: Row, mount: Row) -> bool:
    """Whether a mount is the volume that the server makes for the data."""
    return mount.get("type") == "volume" and mount.get("volumeName") == "%s-data" % parent.get("appName")


def _database(
    kind: str,
    port: int,
    scheme: str,
    *own: Field,
    more: Tuple[Field, ...] = (),
    defaults: Optional[Mapping[str, Any]] = None,
    since: Optional[Version] = None,
) -> Resource:
    """:param own: the fields that the creating procedure takes. :param more: further fields of this kind.

    :param defaults: further defaults of the creating procedure.
    """
    libsql = kind == "libsql"
    more_ports = {"externalGRPCPort": 5001, "externalAdminPort": 5000} if libsql else {}
    taken = [field.api for field in own if field not in _REPLICATION]
    return Resource(
        name="database",
        kind=kind,
        since=since,
        scope="environment",
        listing=replace(SERVICES[kind], label="database"),
        options=(
            Field("name", "name", limits=(1, 255)),
            Field("description", "description"),
            Field("app_name", "appName", PREFIX, create_only=True, limits=(1, 63), pattern=APP_NAME),
            Field("server", "serverId", IDENTIFIER, reference=SERVERS, create_only=True),
            *own,
            Field("env", "env", ENV, secret=True, mode_option="env_mode", warnings=template_warnings),
            _port("external_port", "externalPort"),
            *more,
            Field("replicas", "replicas", INTEGER, limits=(0, 100000)),
            *((_SHELL_COMMAND,) if libsql else (_COMMAND, _ARGS)),
            *LIMITS,
            *(field for field in SWARM if not libsql or field.name not in _UNREAD),
        ),
        creation=Creation(
            "%s.create" % kind,
            # libsql.create checks the node and its primary against each other, the update does not.
            takes=("name", "appName", "description", "serverId", *taken),
            # Releases before 0.26.7 require a name and the root password; the server generates empty passwords.
            defaults={"appName": kind, **{field.api: "" for field in own if field.secret}, **(defaults or {})},
            row_path=None if libsql else (),
            # Releases before 0.26.3 answer without a row.
            row_optional=not libsql,
        ),
        reading=Reading(
            "%s.one" % kind,
            facts=(
                ("environment_id", "environmentId"),
                ("status", "applicationStatus"),
                ("created_at", "createdAt"),
                ("internal_host", lambda row: _host(row, kind)),
                ("internal_port", lambda row: port),
            ),
            secret_facts=_urls(kind, scheme, port),
            includes=(("logs", "images", "running"), live_facts),
        ),
        updating=Updating(
            "%s.update" % kind,
            always_sent={"dockerImage": LIBSQL_IMAGE, "enableNamespaces": False} if libsql else {},
        ),
        removal=Removal(
            "%s.remove" % kind,
            steps=database_removal,
            options={**BUILD_TIMEOUT, **DELETE_VOLUMES},
            observe=observe_volumes,
        ),
        acknowledged=("%s.update" % kind,),
        children=(
            replace(mounts(kind), protected=_is_data),
            volume_backups(kind, stops=False),
            # Redis has no dumps.
            *(() if kind == "redis" else (backups(kind),)),
        ),
        deployable=Deployable(
            deploy="%s.deploy" % kind,
            status="applicationStatus",
            fingerprint=FINGERPRINT,
            mark=DATA_MARK,
            lock=LOCK,
            logs="%s.readLogs" % kind,
            start="%s.start" % kind,
            stop="%s.stop" % kind,
            reload="%s.reload" % kind,
            reload_applies=False,
            lost_on_stop=lost_on_stop if kind == "redis" else lambda row: "",
            compare=compare_database(kind, {"externalPort": port, **more_ports}, LIBSQL_IMAGE if libsql else ""),
            rebuild="%s.rebuild" % kind,
            set_status="%s.changeStatus" % kind,
            # That of Redis answers true although it has failed, and the next restart undoes it.
            change_password="" if kind in ("redis", "libsql") else "%s.changePassword" % kind,
            applies_immediately=("name", "description", "environmentId"),
            deploy_needed=database_deploy_needed,
        ),
        claims=claimed_by_database,
        exportable=EXPORTABLE,
        states=States(
            {**dict.fromkeys(STATES, RUN_STATE), **dict.fromkeys(("deployed", "rebuilt"), DEPLOYED)},
            options=OPTIONS,
        ),
        checks=CHECKS,
    )


_NEEDED_IMAGE = replace(_IMAGE, needed=True)

DATABASES: Tuple[Resource, ...] = (
    _database("postgres", 5432, "postgresql", _IMAGE, _DATABASE, _USER, _SECRET),
    _database("mysql", 3306, "mysql", _IMAGE, _DATABASE, _USER, _SECRET, _ROOT),
    # Dokploy's default images of these two, mariadb:6 and mongo:15, do not exist. Clients know MariaDB as MySQL.
    _database("mariadb", 3306, "mysql", _NEEDED_IMAGE, _DATABASE, _USER, _SECRET, _ROOT),
    _database(
        "mongo",
        27017,
        "mongodb",
        _NEEDED_IMAGE,
        _USER,
        _SECRET,
        Field("replica_sets", "replicaSets", BOOLEAN),
    ),
    _database("redis", 6379, "redis", _IMAGE, replace(_SECRET, pattern=_REDIS_PASSWORD)),
    _database(
        "libsql",
        8080,
        "http",
        _USER,
        _SECRET,
        *_REPLICATION,
        Field("namespaces", "enableNamespaces", BOOLEAN),
        more=(_port("external_grpc_port", "externalGRPCPort"), _port("external_admin_port", "externalAdminPort")),
        since=(0, 29, 0),
        defaults={"description": None, "serverId": None, "sqldNode": "primary", "sqldPrimaryUrl": None},
    ),
)
# Those that Dokploy makes dumps of.
DUMPED_DATABASES = tuple(
    database for database in DATABASES if any(child.option == "backups" for child in database.children)
)

OPERATION = resource_operation(*DATABASES)
INFO_OPERATION = info_operation(*DATABASES)

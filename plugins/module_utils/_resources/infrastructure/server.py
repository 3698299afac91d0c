# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Remote servers, on which Dokploy runs services or builds images over SSH.

Dokploy stores any address and never tries to connect, and it uses its own Docker instead of that of a server without an
SSH key (measured on 0.30.2).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, List, Mapping

from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import Refused, enumerated
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import DELETE_TIMEOUT, FORCE, SERVERS, SERVICES, ChangeCheck, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._values.codec import BOOLEAN, IDENTIFIER, INTEGER
from ..._values.schema import NUMBER, list_of, object_of
from . import server_services, server_setup
from .listings import SSH_KEYS
from .references import users_of
from .server_services import INCLUDE, service_lists
from .server_setup import OPTIONS, SETUP
from .server_validation import VALIDATED

_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\Z"
)
_USER = (r"[^\s:/]+\Z", "is not the name of a user: it has a blank, a colon or a slash")
# What refers to a server: what runs on it, and what is built on it.
_USED_BY = {**dict.fromkeys(SERVICES, ("serverId",)), "application": ("serverId", "buildServerId")}


def _address(value: Any) -> None:
    """:raises ValueError: it is neither an IP address nor a host name."""
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        # Of digits and dots only, it is a mistyped IP address.
        if not _HOST_NAME.match(str(value)) or re.match(r"[0-9.]+\Z", str(value)):
            raise ValueError("%r is not an IP address or a host name, without scheme and port" % str(value)) from None


def _with_key(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """A warning of a server without an SSH key."""
    row = state.row
    if row is None or predicted(state.resource, row, diff).get("sshKeyId"):
        return Judgement(diff)
    message = "server %r has no SSH key, so that Dokploy uses its own Docker instead of the server's. Set ssh_key."
    return Judgement(diff, (message % row.get("name"),))


def _users(resource: Resource, row: Row, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The services that C(use) the server."""
    return users_of(reads, str(row[resource.id_key]), _USED_BY)


def _in_use(row: Row) -> bool:
    """Whether services are on a server, but for libSQL databases.

    C(totalSum) adds up counts over the product of joined tables, so that it tells zero from not zero only (measured on
    0.30.2: 9 for three applications, a stack and a database).
    """
    return bool(row.get("serverId") and row.get("totalSum"))


def _removal(resource: Resource, row: Row, params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: services are on the server, or are built on it and C(force) is not given."""
    references, label = known["users"], "server %r" % row.get("name")
    users = [user.label for user in references if user.key == "serverId"]
    if _in_use(row) and not (users or known["released"]):
        users.append("services that the API key does not show")
    if users:
        message = "%s is used by %s; Dokploy removes no server with services on it"
        raise Refused(message % (label, enumerated(users)), hint="Remove these services first.")
    builds = [user.label for user in references if user.key == "buildServerId"]
    if builds and not params["force"]:
        message = "%s builds %s; Dokploy would build them where they run"
        hint = "Let them use another build server, or set force to true."
        raise Refused(message % (label, enumerated(builds)), hint=hint)
    return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=DELETE_TIMEOUT)]


_DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "port": 22,
    "username": "root",
    "serverType": "deploy",
    "enableDockerCleanup": True,
}
_COLUMNS = ("name", "ipAddress", "sshKeyId", *_DEFAULTS)

SERVER = Resource(
    name="server",
    scope="instance",
    listing=SERVERS,
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("description", "description"),
        Field("ip_address", "ipAddress", needed=True, grammar=_address, aliases=("host",)),
        Field("port", "port", INTEGER, limits=(1, 65535)),
        Field("user", "username", limits=(1, 255), pattern=_USER),
        Field("ssh_key", "sshKeyId", IDENTIFIER, reference=SSH_KEYS, needed=True),
        Field("type", "serverType", choices=("deploy", "build"), since=(0, 26, 0)),
        Field("docker_cleanup", "enableDockerCleanup", BOOLEAN, since=(0, 29, 8), shown_early=True),
        Field(
            "builds_concurrency",
            "buildsConcurrency",
            INTEGER,
            limits=(1, 100),
            since=(0, 29, 9),
            procedure="server.updateBuildsConcurrency",
        ),
        Field("command", "command"),
    ),
    creation=Creation("server.create", takes=_COLUMNS, defaults=_DEFAULTS),
    reading=Reading(
        # Only the listing tells whether services are on it.
        in_listing=True,
        facts=(("created_at", "createdAt"), ("in_use", _in_use)),
        includes=((INCLUDE,), service_lists),
    ),
    updating=Updating(
        "server.update",
        # An update takes null as the description, so that one stays as it is.
        always_sent={**dict.fromkeys(_COLUMNS), **_DEFAULTS, "description": None},
    ),
    removal=Removal("server.remove", steps=_removal, options=FORCE, observe=_users),
    answers={
        **server_setup.ANSWERS,
        **server_services.ANSWERS,
        "server.all": list_of(object_of(totalSum=NUMBER)),
    },
    checks=(ChangeCheck(_with_key),),
    states=States({"validated": VALIDATED, "setup": SETUP}, options=OPTIONS),
)

OPERATION = resource_operation(SERVER)
INFO_OPERATION = info_operation(SERVER)

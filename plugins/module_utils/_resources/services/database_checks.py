# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is checked of a changed database before it is written: Dokploy stores anything, and a later deployment fails."""

from __future__ import annotations

import base64
import contextlib
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..._engine.desired import dotted
from ..._engine.diff import Change, Diff
from ..._engine.plan import Outcome, StepExecutor, Write
from ..._engine.requirements import need
from ..._engine.runner import Context
from ..._errors import BadRequest, OptionError, PermissionDenied, Refused, ServerError, UnknownProcedure
from ..._model.resource import Resource
from ..._secrets.patterns import worth_hiding
from ..._swarm.logs import nothing_there
from ..._swarm.tasks import Service, read_tasks, running_slots

Row = Mapping[str, Any]

PASSWORDS = ("databasePassword", "databaseRootPassword")
PORTS = {"externalPort": "external_port", "externalGRPCPort": "external_grpc_port"}
PORTS["externalAdminPort"] = "external_admin_port"

ENDPOINT = "endpoint_spec"
# The query for the containers of a server, and the key of the server.
_CONTAINERS = ("docker.getContainers", "serverId")
# What Docker's list of containers shows of a published port: 0.0.0.0:5432->5432/tcp.
_PUBLISHED = re.compile(r":(\d+)->\d*/(\w+)")
# The container in front of all services of a server.
_TRAEFIK = "dokploy-traefik"
# A published port, and its protocol.
Port = Tuple[int, str]
# What a failed change of a password says after the script that the server quotes, in the one line of a message. Neither
# the names nor the passwords in it can have quotes.
_AFTER_SCRIPT = re.compile(r'docker exec .*?[;)]" (?P<reason>.+)')
# The text from which Dokploy concludes where PostgreSQL keeps its data.
_POSTGRES = re.compile(r"postgres:(\d+)")


def passwords_of(row: Row) -> List[str]:
    """The passwords that an answer may quote, and what libSQL is started with instead of one."""
    login = "%s:%s" % (row.get("databaseUser"), row.get("databasePassword"))
    texts = [str(row.get(key) or "") for key in PASSWORDS] + [base64.b64encode(login.encode()).decode()]
    return [text for text in texts if worth_hiding(text)]


def check_change(
    resource: Resource, _stated: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """The diff, with the passwords of a database that was deployed changed in the database itself.

    :raises OptionError: options that exclude each other. :raises Refused: it cannot take effect; nothing was written.
    """
    after = {**(row or {}), **{change.field.api: change.after for change in diff.changes}}
    context.client.add_secret(*passwords_of(row or {}))
    context.warn(_warnings(resource, after, context.params))
    if after.get("sqldNode") == "replica" and not after.get("sqldPrimaryUrl"):
        raise OptionError("primary_url is needed with node=replica")
    _check_ports(resource, diff, after, context)
    if row is None:
        return diff
    if resource.kind == "postgres":
        _check_data_path(diff, row, after)
    inside = [change for change in diff.changes if change.field.api in (*PASSWORDS, "databaseName", "databaseUser")]
    if not inside or not resource.deployable.change_password or context.params["state"] == "rebuilt":
        return diff
    return _check_inside(Service(resource, row, "database %r" % row.get("name")), diff, inside, context)


def _warnings(resource: Resource, after: Row, params: Mapping[str, Any]) -> Iterator[str]:
    image = str(params.get("image") or "")
    if image and "@" not in image and ":" not in image.rpartition("/")[2]:
        yield "image: %s has no tag, so that a deployment may run another major version than the data is of" % image
    if (params.get("replicas") or 0) > 1:
        yield "replicas: more than one container writes to the same data volume, which damages the data"
    if (
        after.get("externalPort")
        and after.get("endpointSpecSwarm") is not None
        and _any(params, "endpoint_spec", "external_port")
    ):
        yield "external_port has no effect: endpoint_spec replaces it"
    if resource.kind == "redis" and _any(params, "command", "args") and (after.get("command") or after.get("args")):
        yield (
            "command and args replace the command with which Dokploy sets the password. Redis accepts connections "
            "without one, unless they set it"
        )


def _any(params: Mapping[str, Any], *names: str) -> bool:
    return any(params.get(name) is not None for name in names)


# --- ports -----------------------------------------------------------------------------------------------------------


def _published(row: Row) -> Dict[str, List[Port]]:
    """The published ports of a database, by the options that set them: those of an endpoint replace the single one."""
    found = {option: [(int(row[api]), "tcp")] for api, option in PORTS.items() if row.get(api)}
    endpoint = row.get("endpointSpecSwarm")
    # No deployment of libSQL, which has more ports, reads it.
    if endpoint is None or "sqldNode" in row:
        return found
    published = (port for port in endpoint.get("Ports") or () if port.get("PublishedPort"))
    return {ENDPOINT: [(int(port["PublishedPort"]), str(port.get("Protocol") or "tcp")) for port in published]}


def _check_ports(resource: Resource, diff: Diff, after: Row, context: Context) -> None:
    """:raises OptionError: two ports are the same. :raises Refused: a new port is in use on the server."""
    wanted = _published(after)
    options = {change.path[0] for change in diff.changes}
    changed = [(option, port) for option, ports in wanted.items() for port in ports if option in options]
    for option, port in changed:
        twin = next((other for other in wanted if other != option and port in wanted[other]), None)
        if twin is not None:
            raise OptionError("%s and %s are both %d" % (option, twin, port[0]))
    users = _ports_in_use(resource, after, context) if changed else {}
    for option, port in changed:
        if port in users:
            raise Refused("%s: port %d is used by %s" % (option, port[0], users[port]))
    if changed:
        _note_ports(after, [] if after.get(resource.id_key) else changed, context)
    if after.get(resource.id_key) is not None and options & {*PORTS.values(), ENDPOINT}:
        # For the other databases of a loop.
        context.reads.remember_children(resource.read, str(after[resource.id_key]), [after])


def _place(context: Context) -> Tuple[Any, ...]:
    return tuple(context.params.get(option) for option in ("project", "environment", "name"))


def _note_ports(after: Row, ports: List[Tuple[str, Port]], context: Context) -> None:
    """Note the ports of a new database for the next ones of a loop, which check mode does not find on the server.

    :param ports: none of one that exists by now.
    """
    server = str(after.get("serverId") or "")
    listed = [
        one for one in context.reads.children(*_CONTAINERS, [server])[server] if one.get("new") != _place(context)
    ]
    shown = [{"new": _place(context), "ports": ":%d->/%s" % port} for _option, port in ports]
    context.reads.remember_children(_CONTAINERS[0], server, [*listed, *shown])


def _ports_in_use(resource: Resource, after: Row, context: Context) -> Dict[Port, str]:
    """The published ports of the server on which a database runs, and what uses them; read once a task.

    Containers are left out where the API key may not see them.
    """
    server, reads, used = str(after.get("serverId") or ""), context.reads, {}
    own = "%s." % after.get("appName")
    for container in reads.children(*_CONTAINERS, [server])[server] or ():
        new = container.get("new")
        if new != _place(context) and not str(container.get("name")).startswith(own):
            for port, protocol in _PUBLISHED.findall(str(container.get("ports"))):
                used[(int(port), protocol)] = (
                    "container %r" % container.get("name") if new is None else "database %r" % new[-1]
                )
    used.update(dict.fromkeys(_ports_of_traefik(server, context), "container %r" % _TRAEFIK))
    for kind in reads.resources:
        ids = [str(path[-1][kind.id_key]) for path in reads.tree(kind.levels).paths(kind.levels)]
        for found in reads.children(kind.read, kind.id_key, ids).values():
            # What the API key may not read is an empty list.
            row: Row = found if isinstance(found, Mapping) else found[0] if found else {}
            if str(row.get("serverId") or "") == server and row.get(kind.id_key) != after.get(kind.id_key, ""):
                ports = (port for own_ports in _published(row).values() for port in own_ports)
                used.update(dict.fromkeys(ports, "database %r" % row.get("name")))
    return used


def _ports_of_traefik(server: str, context: Context) -> Iterator[Port]:
    """The published ports of Traefik, which the list of containers leaves out, as Dokploy's own check does (measured on
    0.30.2). None where the API key may not see them."""
    query = {"containerId": _TRAEFIK, **({"serverId": server} if server else {})}
    with contextlib.suppress(PermissionDenied, UnknownProcedure, ServerError):
        host = (context.client.query("docker.getConfig", query) or {}).get("HostConfig") or {}
        for inner, places in (host.get("PortBindings") or {}).items():
            for place in places or ():
                if str(place.get("HostPort")).isdigit():
                    yield int(place["HostPort"]), str(inner).partition("/")[2]


# --- what is in the data volume --------------------------------------------------------------------------------------


def _data_path(image: str) -> str:
    """Where the image keeps its data, as Dokploy concludes from its name; empty if the name does not tell."""
    found = _POSTGRES.search(image)
    if found is None:
        return ""
    return "/var/lib/postgresql/%s/docker" % found.group(1) if int(found.group(1)) >= 18 else "/var/lib/postgresql/data"


def _check_data_path(diff: Diff, row: Row, after: Row) -> None:
    """:raises Refused: with another image, the data volume would be mounted where PostgreSQL keeps nothing."""
    old, new = (_data_path(str(one.get("dockerImage") or "")) for one in (row, after))
    if "" in (old, new) or old == new or not any(change.field.api == "dockerImage" for change in diff.changes):
        return
    gone = [change.row for change in diff.children if change.action == "remove"]
    kept = [mount.get("mountPath") for mount in row.get("mounts") or () if mount not in gone]
    kept += [want.value for change in diff.children for want in change.item if want.field.api == "mountPath"]
    if new not in kept:
        raise Refused(
            "image: %s keeps its data in %s, but the data volume is mounted at %s: without a volume, each deployment "
            "deletes the data" % (after.get("dockerImage"), new, old),
            hint="Create another database and restore a dump into it, or mount a volume at the new path with mounts.",
        )


def _check_inside(service: Service, diff: Diff, inside: Sequence[Change], context: Context) -> Diff:
    """:raises Refused: the database has been created, and only its owner can change this in it."""
    tasks = read_tasks(context.client, service)
    if not tasks and not _was_deployed(service, context):
        return diff
    names = [dotted(change.path) for change in inside if change.field.api not in PASSWORDS]
    if names:
        raise Refused(
            "%s cannot be changed: the data volume of %s was created with another one, and Dokploy would only show the "
            "new one" % (" and ".join(names), service.label),
            hint="Change it in the database itself, or lose all data with state=rebuilt.",
        )
    # Without a user of its own, the root password is the one that counts.
    root = service.row.get("databaseUser") == "root" and "databaseRootPassword" in service.row
    changes = [change for change in inside if not (root and change.field.api == "databasePassword")]
    options = " and ".join(dotted(change.path) for change in changes)
    if not changes:
        return diff
    need(context.client.version(), "A change of %s of a database that was deployed" % options, (0, 29, 0))
    if not running_slots(tasks, settled=False):
        raise Refused(
            "%s: %s does not run, and Dokploy changes passwords in the running database" % (options, service.label),
            hint="Start it with state=started first.",
        )
    if any("`" in str(change.after) for change in changes):
        raise OptionError("%s: Dokploy cannot change a password to one with a backtick" % options)
    # That of root comes last, since the other one is changed with it.
    steps = {change.field.api: _change_password(service, change) for change in changes}
    done = tuple(replace(one, step=steps.get(one.field.api, one.step)) for one in diff.changes)
    return replace(diff, changes=tuple(sorted(done, key=lambda one: one.field.api == "databaseRootPassword")))


def _was_deployed(service: Service, context: Context) -> bool:
    """Whether Docker has a service of it, which keeps its volume also when it is stopped."""
    try:
        context.client.query(service.resource.deployable.logs, service.input(tail=1))
    except UnknownProcedure:
        return service.row.get("applicationStatus") != "idle"
    except ServerError as error:
        if not nothing_there(error):
            raise
        return False
    return True


@dataclass(frozen=True)
class ChangePassword(Write):
    """Change a password in the running database; the row changes only if that succeeds."""

    label: str = ""

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
        """:raises Refused: the database did not accept it."""
        try:
            super().run(executor, outcome)
        except (BadRequest, ServerError) as error:
            text = str(error.server_message or "")
            if error.pause is not None or not ("Command execution failed" in text or "No running container" in text):
                raise
            executor.sent = outcome.sent_before or outcome.sent
            found = _AFTER_SCRIPT.search(text)
            reason = found.group("reason") if found else text
            hint = None
            if "FATAL" in reason and "does not exist" in reason:
                hint = "Dokploy connects to a database with the name of the user. Create one, and run the task again."
            raise Refused("%s was not changed: %s" % (self.label, reason), hint=hint) from None


def _change_password(service: Service, change: Change) -> ChangePassword:
    root = {"type": "root"} if change.field.api == "databaseRootPassword" else {}
    label = "%s of %s" % (dotted(change.path), service.label)
    body = service.input(password=change.after, **root)
    return ChangePassword(procedure=service.resource.deployable.change_password, body=body, label=label)

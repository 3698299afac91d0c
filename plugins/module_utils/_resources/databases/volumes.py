# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The rebuild of a database and its removal: Docker removes no volume that a container holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, List, Mapping, Optional, Sequence

from ..._api.client import Client
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._errors import DokployError, NotFoundError, Refused, ServerError, WaitTimeout, enumerated
from ..._model.resource import DELETE_TIMEOUT, Resource
from ..._reads.reads import Reads
from ..._reads.rows import need, valid
from ..._swarm.states import STOP_AGAIN, STOP_TIMEOUT
from ..._swarm.tasks import Service, docker_call, inspect_calls, inspected, live_slots, read_tasks
from .write import BEGIN, DeployDatabase

Row = Mapping[str, Any]

# What Docker says of a volume that a container holds, also one that has exited.
_IN_USE = re.compile(r"volume is in use[^\n]*")
# What Dokploy says instead of Docker's words where a command on a remote server fails (measured on 0.30.2).
_UNTOLD = "Remote command failed"
# A network that each Docker has.
_NETWORK = "bridge"
# Docker's states of a container that has ended, or that was never started.
_GONE = ("exited", "dead", "created")


def _unfinished_containers(client: Client, service: Service) -> List[str]:
    """The names of the containers of a service that have not ended, also when Docker has removed the service.

    Docker lists a task no more as soon as its service is removed, while its container may still be ending.
    """
    name = str(service.row.get("appName"))
    containers = client.query(*docker_call("docker.getContainersByAppNameMatch", service.row, appName=name))
    # Its answer has all whose names begin with that text.
    own = (container for container in containers if str(container.get("name")).startswith("%s." % name))
    return [str(container.get("name")) for container in own if container.get("state") not in _GONE]


@dataclass(frozen=True)
class Rebuild(Step):
    """Deploy a database with new volumes, as soon as no container holds the old ones.

    Dokploy removes the service, waits 6 seconds and removes the volumes. When a container needs longer to end, it fails
    there and leaves the service removed and the data in place (measured on 0.30.2). So the database is stopped first.

    :param write: the request that rebuilds it. :param timeout: seconds to wait for the containers.
    """

    service: Service
    write: DeployDatabase
    timeout: float

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises WaitTimeout: a container does not end, or something else holds a volume."""
        label, stopped, held = self.service.label, -STOP_AGAIN, ""
        outcome.rows[BEGIN] = executor.waiter.clock()

        def attempt(elapsed: float) -> Optional[bool]:
            nonlocal stopped, held
            if _unfinished_containers(executor.client, self.service):
                live = bool(live_slots(read_tasks(executor.client, self.service)))
                # Docker scales no other mode down. There, the first attempt removes the service.
                if not live or self.service.mode.name == "replicated":
                    if live and elapsed - stopped >= STOP_AGAIN:
                        self._stop(executor, outcome)
                        stopped = elapsed
                    executor.waiter.progress("%s: waiting until its containers have ended" % label)
                    return None
            try:
                executor.write(self.write, outcome)
            except ServerError as error:
                in_use = _IN_USE.search(str(error.server_message))
                if in_use is None:
                    self.write.judge(error, executor, outcome)
                    return True
                held = in_use.group()
                executor.waiter.progress("%s: waiting until no container holds its volumes" % label)
                return None
            return True

        def expired() -> DokployError:
            if held:
                return WaitTimeout(
                    "%s was not rebuilt: after %g s Docker says %r. Its service is removed, its data are still there"
                    % (label, self.timeout, held),
                    hint="Remove what holds the volume and repeat state=rebuilt. state=deployed starts the old data.",
                )
            return WaitTimeout(
                "%s was not rebuilt: its containers have not ended %g s after they were told to stop"
                % (label, self.timeout),
                hint="Its data are still there. Raise wait_timeout and repeat state=rebuilt.",
            )

        executor.waiter.until(self.timeout, attempt, expired)

    def _stop(self, executor: Executor, outcome: Outcome) -> None:
        stop = self.service.resource.deployable.stop
        executor.write(Write(stop, self.service.input(), timeout=STOP_TIMEOUT, confirm_by_polling=True), outcome)


@dataclass(frozen=True)
class RemoveVolumes(Step):
    """Remove volumes as soon as no container holds them any more: those of a removed service end some seconds later.

    :param names: the volumes. :param server: the further input of procedures about them.
    """

    names: Sequence[str]
    server: Mapping[str, Any]
    timeout: float

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: a container still holds one."""
        left = list(self.names)

        def remove(_elapsed: float) -> Optional[bool]:
            left[:] = [name for name in left if not remove_volume(name, self.server, executor, outcome)]
            if left:
                executor.waiter.progress("waiting until no container holds %s" % enumerated(left))
            return None if left else True

        def expired() -> DokployError:
            held = "%s still used by a container after %g s" % (enumerated(left), self.timeout)
            return Refused("delete_volumes: the database is removed, but not the volumes that are %s" % held)

        executor.waiter.until(self.timeout, remove, expired)


def remove_volume(name: str, server: Mapping[str, Any], executor: Executor, outcome: Outcome) -> bool:
    """Remove a volume; whether it is gone, since it stays as long as a container holds it.

    :param server: the further input of procedures about it.
    """

    def took(client: Client) -> bool:
        return not has_volume(client, server, name)

    try:
        body = {"volumeName": name, **server}
        executor.write(Write("dockerVolume.removeVolume", body, once=True, took=took), outcome)
    except ServerError as error:
        if _IN_USE.search(str(error)):
            return False
        if has_volume(executor.client, server, name):
            if _UNTOLD not in str(error):
                raise
            return False
    return True


def volumes_on(client: Client, server: Mapping[str, Any]) -> List[str]:
    """The names of the volumes of a host; none, too, where Docker cannot list them (source of 0.30.2)."""
    return [volume["Name"] for volume in client.query("dockerVolume.getVolumes", server)]


def has_volume(client: Client, row: Row, name: str) -> bool:
    """Whether the host of a service has a volume.

    Dokploy shows nothing of what Docker does not have, and likewise where Docker does not answer (measured on 0.30.2).

    :param row: that of the service, or what else tells its C(serverId). :raises ServerError: Docker does not answer.
    """
    volume, network = inspected(map(valid, client.call_many(inspect_calls(row, [name, _NETWORK]))))
    if not (volume or network):
        raise ServerError(
            "docker.getConfig shows nothing, so that it is not known whether the volume %s exists" % name,
            hint="Docker does not answer on the host of the service. Make sure that it runs, and run the task again.",
            procedure="docker.getConfig",
        )
    return bool(volume)


def observe_volumes(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(volumes) of a database that are to be removed with it, and the C(server) that has them.

    :raises Refused: this server cannot remove volumes.
    """
    if not params["delete_volumes"]:
        return {}
    need(reads.client.version(), "delete_volumes", (0, 30, 0), hint="Update the server, or leave it out.")
    body = {resource.id_key: row[resource.id_key]}
    whole = reads.client.query(resource.reading.procedure, body)
    server = {"serverId": whole["serverId"]} if whole.get("serverId") else {}
    names = [str(mount.get("volumeName")) for mount in whole.get("mounts") or () if mount.get("type") == "volume"]
    return {"volumes": [name for name in names if has_volume(reads.client, server, name)], "server": server}


def _is_gone(read: str, body: Mapping[str, Any], client: Client) -> bool:
    try:
        client.query(read, body)
    except NotFoundError:
        return True
    return False


def database_removal(resource: Resource, row: Row, params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """The steps that remove a database, and then its volumes, which the containers of earlier versions hold, too."""
    remove = Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=DELETE_TIMEOUT)
    if "volumes" not in known:
        return [remove]
    # Only while it exists, its volumes are known: what takes effect without an answer is not left to another run.
    remove = replace(remove, once=True, took=partial(_is_gone, resource.reading.procedure, remove.body))
    return [remove, RemoveVolumes(known["volumes"], known["server"], params["wait_timeout"])]

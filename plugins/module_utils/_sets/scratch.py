# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The jobs of sets, and volumes that exist for a moment: a job copies data into one, which is saved as any volume."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence

from .._engine.plan import Outcome
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.wait import Pause, Polls
from .._errors import DokployError, PermissionDenied, UnknownProcedure
from .._resources.archive_kinds.file_sums import sums_command
from .._resources.archive_kinds.kinds import DATABASE
from .._resources.backups.checks import beside, without_networks
from .._resources.backups.copies import copy_node
from .._resources.backups.coverage import Service
from .._resources.backups.set_archives import copy_volume
from .._resources.backups.stack_data import host_path
from .._resources.databases.volumes import remove_volume, volumes_on
from .._resources.service_children.single_runs import SET
from .items import Item

#: What the names of the volumes and jobs of sets begin with.
PREFIX = "%s-" % SET
# Seconds between two attempts to remove a volume, and how many there are: a container may end late.
_PAUSE, _ATTEMPTS = 2.0, 15


def volume_for(item: Item) -> str:
    """The name of the volume for an item."""
    return copy_volume(item.service, item.archive_kind, item.entry.inside, item.name)


def is_of(name: str, service: Service) -> bool:
    """Whether a volume, or the name of a job, is one that a set has made for a service."""
    return name.startswith("%s%s-" % (PREFIX, service.app_name))


def copy_of(item: Item, image: str, timeout: float) -> Node:
    """The job that fills the volume of an item. :param image: for the copy of a folder."""
    folder = None if item.what == DATABASE else host_path(str(item.name), item.service.row)
    return copy_node(item.service, folder, volume_for(item), "%s copy" % item.label, image, timeout)


def volumes_node(service: Service, names: Sequence[str], image: str, timeout: float) -> Node:
    """The job that takes the fingerprints of volumes. :param names: those of the volumes."""
    paths = ["/volumes/%d" % number for number in range(len(names))]
    mounts = [{"path": path, "type": "volume", "name": name} for path, name in zip(paths, names)]
    job = "%s%s-fingerprint" % (PREFIX, service.app_name)
    own = beside(without_networks(service), job, image, "fingerprint of %s" % service.path)
    return own.node(script=sums_command(paths), mounts=mounts, timeout=timeout)


def left_volumes(services: Sequence[Service], context: Context) -> Dict[str, List[str]]:
    """The volumes of sets that were killed, by the names in Docker of the services for which they were made.

    None where the server does not list volumes; then no set has made one either.
    """
    left: Dict[str, List[str]] = {}
    for server in dict.fromkeys(service.server for service in services):
        try:
            names = [name for name in volumes_on(context.client, server_input(server)) if name.startswith(PREFIX)]
        except (UnknownProcedure, PermissionDenied):
            continue
        for service in services:
            if service.server == server:
                own = [name for name in names if is_of(name, service)]
                left.setdefault(service.app_name, []).extend(own)
    return left


def server_input(server: str) -> Mapping[str, str]:
    return {"serverId": server} if server else {}


def removed(names: Sequence[str], service: Service, context: Context) -> Polls:
    """Remove volumes, as soon as no container holds them any more.

    :return: the sentence about those that stay; C(None) if there are none.
    """
    left = list(names)
    reason = "a container holds it"
    for _attempt in range(_ATTEMPTS):
        try:
            left = [name for name in left if not removed_at_once(name, service, context)]
            # A removal answers nothing, so that one that is lost looks like one that is done.
            left = left or [name for name in volumes_on(context.client, server_input(service.server)) if name in names]
        except DokployError as error:
            reason = str(error)
        if not left:
            return None
        yield Pause("volume %s" % left[0], _PAUSE), context.params["wait_timeout"]
    return "the volume %s stays until the next set: %s" % (left[0], reason)


def removed_at_once(name: str, service: Service, context: Context) -> bool:
    """Remove a volume; whether it is gone.

    :raises DokployError: it cannot be removed.
    """
    return remove_volume(name, server_input(service.server), context.executor, Outcome())

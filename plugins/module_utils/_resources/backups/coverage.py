# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which data services have, and which backups have it, from their rows. Pure.

Each database and each volume is one entry. Of a volume with the data of a database, the entry of the database says
whether it is saved: a dump is consistent, and the archive of a volume that is written is not, or fails (measured on
0.30.2). Redis has no dumps, so that there its volume says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ..infrastructure.bucket_files import folder_of, names_of_dumps, names_of_volume
from ..service_children.backup_lock import is_lock
from .runs import Backup
from .stack_data import StackData

Row = Mapping[str, Any]

#: What an entry is of.
DATABASE, VOLUME, BIND, UNKNOWN = "database", "volume", "bind", "unknown"
_NONE = "There is no backup of it."
_OFF = "Its backup is switched off."
_BINDS = "Dokploy cannot save a folder of the host."
_REDIS = "Dokploy makes no dumps of Redis. Its data is what its volume has."
_REDIS_ALONE = "Dokploy makes no dumps of Redis, and nothing that has a name is mounted at the folder of its data."
_IN_DATABASE = "It has the data of the database, which is listed by itself."
_VOLUME_ALONE = "There is no dump of it. The archive of its volume is no consistent copy while it runs."
_OTHER_HOST = "%s does not save it: of a database on a remote server, Dokploy saves an empty volume of its own host."
_UNMOUNTED = "No mount that is known here has this volume."
_UNCLEAR = "The value of a variable in it is not known here."
_UNNAMED = "The volume at %s has no name, by which Dokploy could save it."
_UNSURE = (
    "Its image is called like a database, and nothing tells that it is one: it starts no server, and nothing is mounted"
    " at the folder of the data."
)


@dataclass(frozen=True)
class Service:
    """A service, with what was read of it.

    :param kind: C(application), C(compose) or C(database), with C(type), its kind for Dokploy, such as C(postgres).
    :param path: C(shop/production/db). :param row: its row, with its mounts and its backups.
    :param volume_backups: their rows.
    :param stack: what its Compose file names, or why that is not known; C(None) for another service, or a stack that
        was never deployed.
    """

    kind: str
    type: str
    path: str
    row: Row
    volume_backups: Sequence[Row] = ()
    stack: Union[StackData, str, None] = None

    @property
    def own_volume_backups(self) -> List[Row]:
        """The rows of its volume backups, without the record of a run that works on it."""
        return [row for row in self.volume_backups if not is_lock(row)]

    @property
    def server(self) -> str:
        return str(self.row.get("serverId") or "")

    @property
    def app_name(self) -> str:
        return str(self.row.get("appName"))

    @property
    def is_remote_database(self) -> bool:
        return self.kind == DATABASE and bool(self.server)

    def archive_of(self, backup: Backup) -> Archive:
        """Where the files of a backup of this service are."""
        row, inside = backup.row, backup.row.get("serviceName") if self.kind == "compose" else None
        if backup.is_of_volume:
            names = names_of_volume(str(row.get("volumeName")))
        else:
            names = names_of_dumps(str(row.get("databaseType") or self.type))
        return Archive(self, backup, folder_of(self.app_name, row.get("prefix"), inside), names)


@dataclass(frozen=True)
class Archive:
    """A backup, and where its files are.

    :param service: whose backup it is. :param folder: of the bucket. :param names: the pattern of their names.
    """

    service: Service
    backup: Backup
    folder: str
    names: str

    @property
    def destination_id(self) -> str:
        return str(self.backup.row.get("destinationId"))


@dataclass(frozen=True)
class Entry:
    """A database, a volume or a bind mount.

    :param what: C(DATABASE), C(VOLUME), C(BIND), or C(UNKNOWN) for a stack whose data is not known.
    :param name: of the database or the volume in Docker, or the path on the host; C(None) if it is not known.
    :param inside: the service of a stack that has it. :param database_type: such as C(postgres).
    :param archives: the backups that have it. :param reason: why there is none that works.
    :param expected: whether there should be one: its data is in no other entry, and Dokploy can save it.
    :param data_of: of a volume or folder with the data of a database, the kind of that.
    :param mounted_by: the services of a stack that mount it. :param key: of a volume, that in the Compose file.
    """

    service: Service
    what: str
    name: Optional[str]
    inside: Optional[str] = None
    database_type: Optional[str] = None
    archives: Sequence[Archive] = ()
    reason: Optional[str] = None
    expected: bool = True
    data_of: Optional[str] = None
    mounted_by: Sequence[str] = ()
    key: Optional[str] = None


# The backups of volumes, by the ID of the server and the name of the volume.
_Volumes = Dict[Tuple[str, str], List[Archive]]


@dataclass(frozen=True)
class _Saved:
    """The backups of volumes of all services, and the names of those that save nothing."""

    archives: _Volumes
    empty: Mapping[Tuple[str, str], str]

    def of(self, service: Service, volume: str) -> List[Archive]:
        return self.archives.get((service.server, volume), [])

    def why_not(self, service: Service, volume: str) -> str:
        name = self.empty.get((service.server, volume))
        return _NONE if name is None else _OTHER_HOST % name


def coverage(services: Sequence[Service]) -> List[Entry]:
    """The data of services, in their order, with the backups that have it.

    A volume that several services mount has the backups of each of them.
    """
    saved = _saved(services)
    entries = [entry for service in services for entry in _entries(service, saved)]
    used = {archive.backup.id for entry in entries for archive in entry.archives}
    entries += [entry for service in services for entry in _unmounted(service, used)]
    order = {id(service): number for number, service in enumerate(services)}
    entries.sort(key=lambda entry: order[id(entry.service)])
    return [_explained(entry) for entry in entries]


def _saved(services: Sequence[Service]) -> _Saved:
    archives: _Volumes = {}
    empty: Dict[Tuple[str, str], str] = {}
    for service in services:
        for row in service.own_volume_backups:
            key = (service.server, str(row.get("volumeName")))
            backup = Backup("volumeBackup", row)
            if service.is_remote_database:
                empty[key] = backup.label
            else:
                archives.setdefault(key, []).append(service.archive_of(backup))
    return _Saved(archives, empty)


def _entries(service: Service, saved: _Saved) -> Iterator[Entry]:
    if service.kind == "compose":
        yield from _of_stack(service, saved)
    elif service.kind == DATABASE:
        yield from _of_database(service, saved)
    else:
        yield from _of_mounts(service, saved)


def _of_mounts(service: Service, saved: _Saved) -> Iterator[Entry]:
    """The volumes and bind mounts of a service. What is in a file mount is a part of its configuration."""
    for mount in service.row.get("mounts") or ():
        if mount.get("type") == VOLUME:
            name = str(mount.get("volumeName"))
            archives = saved.of(service, name)
            yield Entry(service, VOLUME, name, archives=archives, reason=saved.why_not(service, name))
        elif mount.get("type") == BIND:
            yield Entry(service, BIND, mount.get("hostPath"), reason=_BINDS, expected=False)


def _of_database(service: Service, saved: _Saved) -> Iterator[Entry]:
    mounts = list(_of_mounts(service, saved))
    data = [entry for entry in mounts if entry.what == VOLUME and entry.name == "%s-data" % service.app_name]
    others = [entry for entry in mounts if entry not in data]
    dumps = [Backup("backup", row) for row in service.row.get("backups") or ()]
    yield from _databases(service, None, service.type, service.row.get("databaseName"), dumps, data)
    yield from (_with_data(entry, service.type) for entry in data)
    yield from others


def _of_stack(service: Service, saved: _Saved) -> Iterator[Entry]:
    stack = service.stack if isinstance(service.stack, StackData) else StackData()
    if isinstance(service.stack, str):
        yield Entry(service, UNKNOWN, None, reason="Its Compose file %s" % service.stack)
    dumps = [Backup("backup", row) for row in service.row.get("backups") or ()]
    kinds = {str(dump.row.get("serviceName")): str(dump.row.get("databaseType")) for dump in dumps}
    kinds = {**stack.databases, **kinds}
    # The first of several that have the same data.
    pairs = [(name, inside) for inside, names in stack.data.items() if inside in kinds for name in names]
    servers = dict(reversed(pairs))
    mounted = list(_of_stack_mounts(service, stack, saved, servers))
    for inside, kind in kinds.items():
        own = [dump for dump in dumps if dump.row.get("serviceName") == inside]
        data = [entry for entry in mounted if entry.name in stack.data.get(inside, ())]
        yield from _databases(service, inside, kind, None, own, data)
    for inside in stack.unsure:
        if inside not in kinds:
            yield Entry(service, UNKNOWN, None, inside, reason=_UNSURE, expected=False)
    for entry in mounted:
        server = servers.get(str(entry.name))
        yield entry if server is None else _with_data(entry, kinds[server])
    for target, mounted_by in stack.unnamed.items():
        reason = _UNNAMED % target
        yield Entry(service, VOLUME, None, mounted_by[0], reason=reason, expected=False, mounted_by=mounted_by)
    for text, mounted_by in stack.unclear.items():
        yield Entry(service, UNKNOWN, text, mounted_by[0], reason=_UNCLEAR, mounted_by=mounted_by)


def _of_stack_mounts(service: Service, stack: StackData, saved: _Saved, servers: Mapping[str, str]) -> Iterator[Entry]:
    """The volumes and folders of a stack. :param servers: the services whose data they have, by their names."""
    for name, mounted_by in stack.volumes.items():
        archives, why_not = saved.of(service, name), saved.why_not(service, name)
        inside, key = servers.get(name, mounted_by[0]), stack.keys.get(name)
        yield Entry(service, VOLUME, name, inside, None, archives, why_not, mounted_by=mounted_by, key=key)
    for path, mounted_by in stack.binds.items():
        inside = servers.get(path, mounted_by[0])
        yield Entry(service, BIND, path, inside, reason=_BINDS, expected=False, mounted_by=mounted_by)


def _databases(
    service: Service,
    inside: Optional[str],
    kind: str,
    name: Optional[str],
    dumps: Sequence[Backup],
    data: Sequence[Entry],
) -> Iterator[Entry]:
    """The databases of a server of databases: its own one, and those that its backups dump.

    :param inside: the service of a stack. :param name: that of its own one, where it is known.
    :param data: the volumes and folders with its data.
    """
    if kind == "redis":
        yield Entry(service, DATABASE, None, inside, kind, reason=_REDIS if data else _REDIS_ALONE, expected=False)
        return
    alone = _VOLUME_ALONE if any(entry.archives for entry in data) else _NONE
    names = [name] if name else []
    names += [str(dump.row.get("database")) for dump in dumps]
    for database in dict.fromkeys(names) or (None,):
        own = [service.archive_of(dump) for dump in dumps if database in (None, dump.row.get("database"))]
        yield Entry(service, DATABASE, database, inside, kind, own, alone)


def _with_data(entry: Entry, kind: str) -> Entry:
    """A volume or a folder with the data of a kind of databases."""
    if kind == "redis" or entry.archives or entry.what == BIND:
        return replace(entry, data_of=kind)
    return replace(entry, reason=_IN_DATABASE, expected=False, data_of=kind)


def _unmounted(service: Service, used: Container[str]) -> Iterator[Entry]:
    """The volume backups whose volume nothing mounts: Dokploy makes an empty one, and saves it.

    :param used: the IDs of the others.
    """
    for row in () if service.is_remote_database else service.own_volume_backups:
        backup = Backup("volumeBackup", row)
        if backup.id not in used:
            inside = row.get("serviceName") if service.kind == "compose" else None
            archives = [service.archive_of(backup)]
            yield Entry(service, VOLUME, str(row.get("volumeName")), inside, None, archives, _UNMOUNTED, expected=False)


def _explained(entry: Entry) -> Entry:
    """An entry with a reason only where its backups do not work, or save nothing that is known."""
    if not entry.archives or not entry.expected:
        return entry
    enabled = any(archive.backup.row.get("enabled") for archive in entry.archives)
    return replace(entry, reason=None if enabled else _OFF)

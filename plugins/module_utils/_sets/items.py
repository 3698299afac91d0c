# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a set saves of the data in its scope, and how; and what it cannot save, with the reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Dict, Iterator, List, Mapping, NoReturn, Optional, Sequence, Tuple, Union

from .._errors import OptionError, enumerated
from .._resources.archive_kinds.kinds import ARCHIVE_KINDS, BIND, DATABASE, DUMP, RDB, VOLUME, ArchiveKind
from .._resources.backups.coverage import Archive, Entry, Service
from .._resources.backups.set_archives import database_of, login_of
from .._resources.backups.stack_data import StackData, host_path
from .._values.host_paths import is_part_of_host

Row = Mapping[str, Any]

#: What is saved of the databases in stacks.
DUMPS, VOLUMES = "dumps", "volumes"
_NO_BACKUP = "There is no backup of it, and data is configured."
_NO_LOGIN = "There is no backup of it, and its login is not in the Compose file."
_NO_NAME = "There is no backup of it, and the name of its database is not known."
_NO_DUMPS = "There is no backup of it, and Dokploy makes no dumps of this kind of database."
_NO_JOBS = "Dokploy cannot save a folder of the host, and jobs is false."
_IS_SYSTEM = "It is a part of the host, and no data of a service."
_IS_LEFT_OUT = "It is left out, as stated in leave_out."
_REMOTE = "It is on a remote server, where Dokploy saves an empty volume of its own host instead."
_NO_DATA = "Nothing that has a name is mounted at the folder of its data, so that %s."
_NO_VOLUME = _NO_DATA % "stacks=volumes saves nothing of it"
_REDIS_ALONE = _NO_DATA % "Dokploy cannot save it"
_NOT_AT_REST = "There is no dump of it. Its volume is saved while it runs, which may be no consistent copy."
_NOT_DUMPED = "Dokploy's dumps have no routines and events. Create them again after a restore: %s"
# How many names of data a message has.
_MOST_NAMES = 40
#: What C(leave_out) calls these.
ROUTINES = "routines"
_WITH_ROUTINES = ("mysql", "mariadb")
_DUMPED_IN_STACKS = ("postgres", "mysql", "mariadb", "mongo")


@dataclass(frozen=True)
class Item:
    """One archive of a set.

    :param service: that saves it, which may be another one than the first that mounts the volume.
    :param method: a key of C(ARCHIVE_KINDS).
    :param backup: the one that exists, whose destination and login it takes. It is not run, since its C(keep) would
        remove what older sets have.
    :param options: further options of the backup that is made for it.
    :param user: the owner of a database.
    """

    service: Service
    entry: Entry
    method: str
    destination_id: str
    backup: Optional[Archive] = None
    options: Mapping[str, Any] = field(default_factory=dict)
    user: Optional[str] = None

    @property
    def archive_kind(self) -> ArchiveKind:
        return ARCHIVE_KINDS[self.method]

    @property
    def what(self) -> str:
        return self.archive_kind.what

    @property
    def name(self) -> Optional[str]:
        """That of the database or the volume, or the path on the host."""
        return str(self.options["database_name"]) if "database_name" in self.options else self.entry.name

    @property
    def label(self) -> str:
        inside = " in %s" % self.entry.inside if self.entry.inside else ""
        return "%s %s%s of %s" % (self.what, self.name or self.entry.database_type, inside, self.service.path)

    @property
    def is_at_rest(self) -> bool:
        """Whether it is saved while nothing writes, where a service can be stopped."""
        return self.archive_kind.waits_for_rest

    def view(self) -> Dict[str, Any]:
        """What results show of it before it is saved."""
        return {
            **_named(self.entry),
            "what": self.what,
            "name": self.name,
            "method": self.method,
            "backup": None if self.backup is None else self.backup.backup.label,
        }


@dataclass(frozen=True)
class Left:
    """Data that a set does not save.

    :param counts: whether the set is incomplete without it.
    """

    entry: Entry
    reason: str
    counts: bool = True

    def view(self) -> Dict[str, Any]:
        known = {"what": self.entry.what, "name": self.entry.name, "reason": self.reason}
        return {**_named(self.entry), **known, "left_out": not self.counts}


def _named(entry: Entry) -> Dict[str, Any]:
    return {"kind": entry.service.kind, "path": entry.service.path, "service": entry.inside}


@dataclass(frozen=True)
class Wishes:
    """What the options state.

    :param everything: C(data) is C(all). :param destination_id: of what is made once.
    :param jobs: whether jobs copy what no backup can have. :param stop: whether services are stopped for their volumes.
    :param leave_out: patterns of paths, C(shop/production/web), and of data, C(shop/production/web:/srv/cache). A
        stack is C(shop/production/forum), and its service C(shop/production/forum/db).
    :param stacks: C(DUMPS) or C(VOLUMES).
    """

    everything: bool = False
    destination_id: Optional[str] = None
    jobs: bool = False
    stop: bool = False
    leave_out: Sequence[str] = ()
    stacks: str = DUMPS


def planned_items(entries: Sequence[Entry], wishes: Wishes) -> Tuple[List[Item], List[Left]]:
    """What is saved of entries, and what is not.

    :raises OptionError: a destination is needed, or a pattern of C(leave_out) selects nothing; the message has those
        that there are.
    """
    items: List[Item] = []
    left: List[Left] = []
    unused = set(wishes.leave_out)
    plan = _Plan(entries, wishes)
    for entry in entries:
        patterns = [text for text in wishes.leave_out if matches(text, entry)]
        unused.difference_update(patterns)
        if entry.database_type in _WITH_ROUTINES:
            # Whether there are some is known later.
            unused.difference_update([text for text in unused if matches(text, _routines_of(entry))])
        chosen = Left(entry, _IS_LEFT_OUT, False) if patterns else plan.of(entry)
        if isinstance(chosen, Item):
            items.append(chosen)
        elif chosen is not None:
            left.append(chosen)
    if unused:
        refuse_unused("leave_out", sorted(unused), entries)
    return items, left


def refuse_unused(option: str, patterns: Sequence[str], entries: Sequence[Entry]) -> NoReturn:
    """:raises OptionError: patterns of an option select nothing; the message has those that there are."""
    texts = enumerated([repr(text) for text in patterns])
    known = enumerated(sorted({_name_of(entry) for entry in entries}), most=_MOST_NAMES)
    hint = "There is: %s" % known if known else "There is no data in the scope."
    raise OptionError("%s: no data is at %s" % (option, texts), hint=hint)


def undumped(entry: Entry, names: Sequence[str], leave_out: Sequence[str]) -> Left:
    """The routines and events of a database, which its dump lacks."""
    left = _routines_of(entry)
    return Left(left, _NOT_DUMPED % ", ".join(names), not any(matches(text, left) for text in leave_out))


def _routines_of(entry: Entry) -> Entry:
    return replace(entry, what=ROUTINES, name=None)


def matches(pattern: str, entry: Entry) -> bool:
    """Whether a pattern is one of the service of an entry, or of its data.

    What several services of a stack mount is that of a single one only if the pattern fits each of them: leaving out
    the cache of a worker must not leave out what others have.
    """
    path = entry.service.path
    inner = entry.mounted_by or [name for name in (entry.inside,) if name]
    return _fits(pattern, path, entry) or (
        bool(inner) and all(_fits(pattern, "%s/%s" % (path, name), entry) for name in inner)
    )


def _fits(pattern: str, path: str, entry: Entry) -> bool:
    names = [path, *("%s:%s" % (path, name) for name in (entry.name, entry.key, entry.what) if name)]
    return any(fnmatchcase(name, pattern) for name in names)


def _name_of(entry: Entry) -> str:
    """The pattern that selects an entry."""
    inner = entry.mounted_by or [name for name in (entry.inside,) if name]
    path = "%s/%s" % (entry.service.path, inner[0]) if len(inner) == 1 else entry.service.path
    return "%s:%s" % (path, entry.key or entry.name or entry.what)


class _Plan:
    """The choice for each entry."""

    def __init__(self, entries: Sequence[Entry], wishes: Wishes) -> None:
        self._wishes = wishes
        # The volumes that are saved already, by their server; several services may mount one.
        self._volumes: Dict[Tuple[str, str], bool] = {}
        # The services of databases, and those inside stacks, of which there is a dump.
        self._dumped: Dict[Tuple[str, Optional[str]], bool] = {}
        # What has the data of databases, by the services of these, and those inside stacks.
        self._data: Dict[Tuple[str, Optional[str]], List[Entry]] = {}
        for entry in entries:
            for inside in _servers_of(entry):
                self._data.setdefault((entry.service.app_name, inside), []).append(entry)

    def of(self, entry: Entry) -> Union[Item, Left, None]:
        """What becomes of an entry; C(None) if its data is in another one.

        :raises OptionError: a destination is needed.
        """
        if entry.what == DATABASE:
            return self._of_database(entry)
        if entry.what == VOLUME:
            return self._of_volume(entry)
        if entry.what == BIND:
            return self._of_bind(entry)
        return Left(entry, str(entry.reason), entry.expected)

    def _of_database(self, entry: Entry) -> Union[Item, Left, None]:
        place = entry.service.app_name, entry.inside
        if entry.inside and self._wishes.stacks == VOLUMES:
            return None if place in self._data else Left(entry, _NO_VOLUME)
        chosen = self._of_redis(entry) if entry.database_type == "redis" else self._dump(entry)
        self._dumped[place] = self._dumped.get(place, True) and isinstance(chosen, Item)
        if isinstance(chosen, Left) and self._saves_volume(place):
            return None if self._wishes.stop else Left(entry, _NOT_AT_REST)
        return chosen

    def _in_place_of_a_dump(self, entry: Entry) -> bool:
        """Whether a volume has the data of a database in a stack, of which no dump is made."""
        return bool(entry.inside and entry.data_of) and self._wishes.stacks == VOLUMES

    def _saves_volume(self, place: Tuple[str, Optional[str]]) -> bool:
        """Whether the volumes with the data of a database without a dump have a backup."""
        data = self._data.get(place, ())
        return bool(data) and all(entry.archives for entry in data)

    def _of_redis(self, entry: Entry) -> Union[Item, Left, None]:
        """A dump by a job; otherwise its volume is what has its data."""
        service = entry.service
        if not self._wishes.jobs or service.kind != DATABASE or service.server:
            return None if (service.app_name, entry.inside) in self._data else Left(entry, _REDIS_ALONE)
        return Item(service, entry, RDB, self._destination(entry))

    def _dump(self, entry: Entry) -> Union[Item, Left]:
        service, user = entry.service, entry.service.row.get("databaseUser")
        best = _best(entry.archives)
        if best is not None:
            options = _of_row(best.backup.row)
            user = user or next((login.get("databaseUser") for login in _logins(best.backup.row)), None)
            return _like(best, entry, DUMP, options, user)
        if not self._wishes.everything:
            return Left(entry, _NO_BACKUP)
        if service.kind != "compose":
            name = database_of(entry)
            if not name:
                return Left(entry, _NO_NAME)
            return Item(service, entry, DUMP, self._destination(entry), options={"database_name": name}, user=user)
        return self._dump_in_stack(entry)

    def _dump_in_stack(self, entry: Entry) -> Union[Item, Left]:
        kind, inside, login = str(entry.database_type), str(entry.inside), login_of(entry)
        if kind not in _DUMPED_IN_STACKS:
            return Left(entry, _NO_DUMPS)
        if login is None or login.options is None:
            return Left(entry, _NO_LOGIN)
        name = database_of(entry)
        if not name:
            return Left(entry, _NO_NAME)
        options = {"database_name": name, "service": inside, "database_type": kind, **login.options}
        return Item(entry.service, entry, DUMP, self._destination(entry), options=options, user=login.user)

    def _of_volume(self, entry: Entry) -> Union[Item, Left, None]:
        place, key = (entry.service.app_name, entry.inside), (entry.service.server, str(entry.name))
        if entry.name is None:
            return Left(entry, str(entry.reason), False)
        if entry.data_of is not None and self._dumped.get(place):
            return None
        if not (entry.expected or self._in_place_of_a_dump(entry)) or key in self._volumes:
            # Nothing mounts it, or the entry of the database says it all.
            return None
        best = _best(entry.archives)
        if best is None and entry.service.is_remote_database:
            return Left(entry, _REMOTE)
        if best is None and not self._wishes.everything:
            return Left(entry, _NO_BACKUP)
        self._volumes[key] = True
        if best is not None:
            return _like(best, entry, VOLUME, _of_volume_row(best), None)
        options = {"volume": str(entry.name), **({"service": entry.inside} if entry.inside else {})}
        return Item(entry.service, entry, VOLUME, self._destination(entry), options=options)

    def _of_bind(self, entry: Entry) -> Union[Item, Left, None]:
        if entry.data_of is not None and self._dumped.get((entry.service.app_name, entry.inside)):
            return None
        path = host_path(str(entry.name), entry.service.row)
        if is_part_of_host(path):
            return Left(entry, _IS_SYSTEM, False)
        if entry.service.is_remote_database:
            return Left(entry, _REMOTE)
        if not self._wishes.jobs:
            return Left(entry, _NO_JOBS)
        options = {"service": entry.inside} if entry.inside else {}
        return Item(entry.service, entry, BIND, self._destination(entry), options=options)

    def _destination(self, entry: Entry) -> str:
        """:raises OptionError: none is stated."""
        if self._wishes.destination_id is None:
            text = "destination is needed: there is no backup of the %s of %s %s"
            raise OptionError(text % (entry.what, entry.service.kind, entry.service.path))
        return self._wishes.destination_id


def _servers_of(entry: Entry) -> Sequence[Optional[str]]:
    """The services inside of a stack whose databases have their data in an entry; others may mount it, too."""
    if entry.data_of is None:
        return ()
    stack = entry.service.stack
    if not (entry.mounted_by and isinstance(stack, StackData)):
        return (entry.inside,)
    return [inside for inside in entry.mounted_by if entry.name in stack.data.get(inside, ())]


def _best(archives: Sequence[Archive]) -> Optional[Archive]:
    """The backup that is the model: one that is enabled, if there is one."""
    return max(archives, key=lambda archive: bool(archive.backup.row.get("enabled")), default=None)


def _like(archive: Archive, entry: Entry, method: str, options: Mapping[str, Any], user: Optional[str]) -> Item:
    """An archive to the destination of an existing backup, in a folder of the sets."""
    destination_id = str(archive.backup.row.get("destinationId"))
    return Item(archive.service, entry, method, destination_id, archive, options, user)


def _logins(row: Row) -> Iterator[Row]:
    """The login of a database in a stack, as its backup has it."""
    yield from (login for login in (row.get("metadata") or {}).values() if isinstance(login, Mapping))


def _of_volume_row(archive: Archive) -> Dict[str, Any]:
    """The options with which a volume backup like an existing one is made."""
    row = archive.backup.row
    options: Dict[str, Any] = {"volume": str(row.get("volumeName"))}
    if archive.service.kind == "compose" and row.get("serviceName"):
        options["service"] = row["serviceName"]
    if row.get("turnOff"):
        options["stop_service"] = True
    return options


def _of_row(row: Row) -> Dict[str, Any]:
    """The options with which a backup like an existing one is made."""
    options: Dict[str, Any] = {"database_name": str(row.get("database"))}
    if row.get("backupType") == "compose":
        kind = str(row.get("databaseType"))
        names = {"databaseUser": "user", "databasePassword": "password", "databaseRootPassword": "root_password"}
        login = {names[key]: value for login in _logins(row) for key, value in login.items() if key in names}
        options.update({"service": row.get("serviceName"), "database_type": kind, kind: login})
    return options

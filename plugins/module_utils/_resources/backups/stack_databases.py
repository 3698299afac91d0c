# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services of a Compose file are servers of databases, where these keep their data, and their logins. Pure.

The name of an image only tells which program it has. The same image runs C(psql) as a client, so that the command, the
folder at which a volume is mounted, and the variables that only a server reads tell whether a service keeps data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

Variables = Mapping[str, Optional[str]]


@dataclass(frozen=True)
class _Kind:
    """What images of a kind of databases have in common.

    :param images: the last parts of their names.
    :param folders: those with the data, as official images and those of Bitnami have them; C(*) stands for a version.
    :param volumes: the folders that these images declare as volumes: Docker makes one without a name there, unless
        something is mounted at just this folder.
    :param servers: the programs that serve it. :param clients: programs that only use it.
    :param folder_variables: those with the name of the folder. :param folder_option: that of a command.
    :param server_variables: the beginnings of those that only a server reads.
    :param user_variables: those with the name of the user, of which the first that is set counts;
        C(password_variables) with the password, and C(name_variables) with the name of the database alike.
    """

    images: str
    folders: str
    volumes: str
    servers: str
    clients: str
    folder_variables: str = ""
    folder_option: str = ""
    server_variables: str = ""
    user_variables: str = ""
    password_variables: str = ""
    name_variables: str = ""


_KINDS: Mapping[str, _Kind] = {
    "postgres": _Kind(
        images="postgres postgresql postgresql-repmgr postgis timescaledb timescaledb-ha pgvector pgvecto-rs paradedb",
        # From 18 on, the data is in a folder of the version (docker-library/docs, postgres, PGDATA).
        folders="/var/lib/postgresql/data /var/lib/postgresql/*/docker /bitnami/postgresql/data"
        " /home/postgres/pgdata/data",
        volumes="/var/lib/postgresql/data /var/lib/postgresql /bitnami/postgresql",
        servers="postgres postmaster",
        clients="psql pg_dump pg_dumpall pg_restore pg_isready pg_basebackup pg_receivewal pgbench createdb vacuumdb",
        folder_variables="PGDATA POSTGRESQL_DATA_DIR",
        folder_option=r"(?:-D\s*|data_directory=)",
        server_variables="POSTGRES_ POSTGRESQL_",
        user_variables="POSTGRES_USER POSTGRESQL_USERNAME",
        name_variables="POSTGRES_DB POSTGRESQL_DATABASE",
    ),
    "mysql": _Kind(
        images="mysql mysql-server percona percona-server",
        folders="/var/lib/mysql /bitnami/mysql/data",
        volumes="/var/lib/mysql /bitnami/mysql",
        servers="mysqld mysqld_safe",
        clients="mysql mysqldump mysqladmin mysqlpump mysqlsh mysqlcheck mysqlbinlog mysqlslap",
        folder_variables="MYSQL_DATA_DIR",
        folder_option=r"--datadir[=\s]",
        server_variables="MYSQL_",
        password_variables="MYSQL_ROOT_PASSWORD",
        name_variables="MYSQL_DATABASE",
    ),
    "mariadb": _Kind(
        images="mariadb mariadb-galera",
        folders="/var/lib/mysql /bitnami/mariadb/data",
        volumes="/var/lib/mysql /bitnami/mariadb",
        servers="mariadbd mariadbd-safe mysqld mysqld_safe",
        clients="mariadb mariadb-dump mariadb-admin mariadb-backup mariabackup mysql mysqldump mysqladmin",
        folder_variables="MARIADB_DATA_DIR",
        folder_option=r"--datadir[=\s]",
        server_variables="MARIADB_ MYSQL_",
        user_variables="MARIADB_USER MYSQL_USER",
        password_variables="MARIADB_PASSWORD MYSQL_PASSWORD",
        name_variables="MARIADB_DATABASE MYSQL_DATABASE",
    ),
    "mongo": _Kind(
        images="mongo mongodb mongodb-community-server percona-server-mongodb",
        folders="/data/db /bitnami/mongodb/data",
        volumes="/data/db /bitnami/mongodb",
        servers="mongod",
        clients="mongosh mongo mongodump mongorestore mongoexport mongoimport mongos",
        folder_variables="MONGODB_DATA_DIR",
        folder_option=r"--dbpath[=\s]",
        server_variables="MONGO_INITDB_ MONGODB_",
        user_variables="MONGO_INITDB_ROOT_USERNAME",
        password_variables="MONGO_INITDB_ROOT_PASSWORD",
        name_variables="MONGO_INITDB_DATABASE",
    ),
    "redis": _Kind(
        images="redis redis-stack redis-stack-server valkey keydb dragonfly",
        folders="/data /bitnami/redis/data /bitnami/valkey/data /bitnami/keydb/data",
        volumes="/data /bitnami/redis /bitnami/valkey /bitnami/keydb",
        servers="redis-server valkey-server keydb-server redis-stack-server dragonfly",
        clients="redis-cli valkey-cli keydb-cli redis-sentinel valkey-sentinel redis-benchmark",
        folder_variables="REDIS_DATA_DIR VALKEY_DATA_DIR",
        folder_option=r"--dir[=\s]",
        server_variables="REDIS_PASSWORD REDIS_ARGS VALKEY_PASSWORD VALKEY_EXTRA_FLAGS ALLOW_EMPTY_PASSWORD",
    ),
}
# That of the user C(root) of MariaDB, which has no other name.
_ROOT_PASSWORD = "MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD"
_KIND_OF_IMAGE = {image: name for name, kind in _KINDS.items() for image in kind.images.split()}
# Those of which the data is elsewhere, by a part of the name of the image.
_FOLDERS_OF_PUBLISHERS: Mapping[str, str] = {"linuxserver": "/config"}
# Images without a part before their name, and those of publishers that only make servers.
_PUBLISHERS = frozenset(
    "library bitnami bitnamilegacy linuxserver timescale postgis pgvector tensorchord paradedb supabase percona"
    " mongodb redis valkey eqalpha dragonflydb circleci cimg".split()
)
# What an entry point does beside the program that it runs.
_AROUND = frozenset(
    "docker-entrypoint.sh entrypoint.sh entrypoint run.sh sh bash ash dash -c -e -ec -lc exec env tini --"
    " dumb-init catatonit".split()
)
# What waits and serves nothing.
_IDLE = frozenset("sleep tail crond cron true".split())
# How the last version began that has its data in a folder without a version.
_LAST_OLD_POSTGRES = 17
# Of what runs as another user, the name of that.
_AS_USER = re.compile(r"\b(?:gosu|su-exec|su)\s+(?:-\s+|-l\s+)?[\w:]+")
_WORD = re.compile(r"[^\s'\"();&|`{}<>\[\],]+")


@dataclass(frozen=True)
class StackLogin:
    """The login of a database in a stack, as its variables say; C(None) for what is not known.

    :param options: those of a backup of it: C({postgres: {user: forum}}); C(None) if they are not known.
    """

    database: Optional[str]
    user: Optional[str]
    options: Optional[Dict[str, Dict[str, str]]]


@dataclass(frozen=True)
class StackImage:
    """What a service of a Compose file runs.

    :param name: that of the image. :param command: the entry point and the command, as one text.
    :param has_entrypoint: whether the file replaces the entry point of the image. :param variables: its own ones.
    """

    name: Optional[str]
    command: str
    has_entrypoint: bool
    variables: Variables

    @property
    def kind(self) -> Optional[str]:
        """The kind of the databases that the image can serve, of which only its name tells."""
        return _KIND_OF_IMAGE.get(self._path[-1].lower())

    def data_targets(self, kind: str, targets: Sequence[str]) -> List[str]:
        """Those of the folders at which something is mounted that have the data of a kind of databases.

        The data is in what is mounted at its folder or nearest above it, and in what is mounted below it. Nothing above
        a volume of the image has it: Docker mounts one without a name there (measured with Docker 26).
        """
        if kind not in _KINDS:
            return []
        places = {_without_slash(target): target for target in targets}
        chosen: Set[str] = set()
        for folder in self._folders(kind):
            nearest = max(
                (place for place in (*places, *self._volumes(kind)) if _has(place, folder)), key=len, default=""
            )
            chosen.update(place for place in places if place == nearest or _has(folder, place))
        return [target for place, target in places.items() if place in chosen]

    def serves(self, kind: str, has_data: bool) -> Optional[bool]:
        """Whether it is a server of databases; C(None) if nothing tells.

        :param has_data: whether something is mounted at the folder of the data.
        """
        known, programs = _KINDS[kind], self._programs()
        servers, clients = known.servers.split(), known.clients.split()
        if "--sentinel" in self.command:
            return False
        # What follows may be a host or a user: psql -h postgres.
        first = next((word for word in programs if word in servers or word in clients), None)
        if first is not None:
            return first in servers
        if not _IDLE.isdisjoint(programs):
            return False
        if has_data or (not programs and self._is_of_a_server(known)):
            return True
        return None

    def _programs(self) -> List[str]:
        """The words of the command, without what is around the program; none if the image runs its own one."""
        first = (self.command.split() or [""])[0]
        if not self.has_entrypoint and (first.startswith("-") or first.endswith(".conf")):
            # The entry points of these images take options and files as those of the server.
            return []
        words = _WORD.findall(_AS_USER.sub(" ", self.command))
        names = (word.rpartition("/")[2].lower() for word in words)
        return [name for name in names if name not in _AROUND]

    def login(self, kind: str) -> StackLogin:
        """The login of a database, as images of its kind take it from variables."""
        known = _KINDS[kind]
        user, password = self._value(known.user_variables), self._value(known.password_variables)
        database = self._value(known.name_variables)
        if kind == "postgres":
            user = user or "postgres"
            return StackLogin(database or user, user, {kind: {"user": user}})
        if kind == "mysql":
            return StackLogin(database, "root", {kind: {"root_password": password}} if password else None)
        if kind == "mariadb" and not (user and password):
            user, password = "root", self._value(_ROOT_PASSWORD)
        return StackLogin(database, user, {kind: {"user": user, "password": password}} if user and password else None)

    @property
    def _path(self) -> Tuple[str, ...]:
        """The parts of the name, without its tag and its digest."""
        *around, last = (self.name or "").partition("@")[0].split("/")
        return (*around, last.partition(":")[0])

    @property
    def _tag(self) -> str:
        return (self.name or "").partition("@")[0].rpartition("/")[2].partition(":")[2]

    def _folders(self, kind: str) -> Iterator[str]:
        """Where the data of a kind is, as far as that is known: all folders where it may be."""
        known = _KINDS[kind]
        stated = [self._value(name) for name in known.folder_variables.split()]
        stated += re.findall(r"%s['\"]?(/[^\s'\"]*)" % known.folder_option, self.command)
        own = [_without_slash(folder) for folder in stated if folder]
        publishers = [folder for name, folder in _FOLDERS_OF_PUBLISHERS.items() if name in self._path[:-1]]
        yield from own or publishers or [folder for folder in known.folders.split() if self._may_be(folder)]

    def _volumes(self, kind: str) -> List[str]:
        return [folder for folder in _KINDS[kind].volumes.split() if self._may_be(folder)]

    def _may_be(self, folder: str) -> bool:
        """Whether the version of the image, where it is known, has this folder."""
        pattern = r"(\d+)" if self._path[-1].lower() in ("postgres", "postgis") else r".*\bpg(\d+)"
        version = re.match(pattern, self._tag)
        if version is None or not folder.startswith("/var/lib/postgresql"):
            return True
        return (int(version.group(1)) <= _LAST_OLD_POSTGRES) == (folder == "/var/lib/postgresql/data")

    def _is_of_a_server(self, known: _Kind) -> bool:
        """Whether an image that runs its own program is one of a server, and no tool that is called so."""
        *around, _name = self._path
        host = around[:1] if around and re.search(r"[.:]|^localhost$", around[0]) else []
        publisher = around[len(host) :][:1]
        if not publisher or publisher[0].lower() in _PUBLISHERS:
            return True
        # A client has the name of a host beside the login.
        uses = any(name == "PGHOST" or (name.endswith("_HOST") and "ROOT" not in name) for name in self.variables)
        return not uses and any(name.startswith(tuple(known.server_variables.split())) for name in self.variables)

    def _value(self, names: str) -> Optional[str]:
        return next((self.variables[name] for name in names.split() if self.variables.get(name)), None)


def text_of_command(value: Any) -> str:
    """A command or an entry point of a Compose file, which is a text or a list."""
    if isinstance(value, (list, tuple)):
        return " ".join(str(word) for word in value)
    return "" if value is None else str(value)


def _without_slash(folder: str) -> str:
    return folder.rstrip("/") or "/"


def _has(folder: str, inner: str) -> bool:
    """Whether a folder is another one, or has it in it. A C(*) stands for a version."""
    parts, inner_parts = folder.split("/"), inner.split("/")
    same = all(_is_same(*pair) for pair in zip(parts, inner_parts))
    return folder == "/" or (len(parts) <= len(inner_parts) and same)


def _is_same(part: str, other: str) -> bool:
    return part == other or (part == "*" and other.isdigit()) or (other == "*" and part.isdigit())

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command lines that copy rows and files from a service beside the living one, one for each archive. Pure.

They are for a shell on the host of the services. They have no double quotes and no backslashes, which the output of
Ansible would escape, and no secrets: the containers of the databases have these in their variables. The reader replaces
the words in capitals.
"""

from __future__ import annotations

import re
import shlex
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.plugin_utils._recoveries.beside import archives_of

Row = Mapping[str, Any]

_POSTGRES = (
    "docker exec {beside} psql -U {user} -d {database} -c 'COPY (SELECT * FROM TABLE WHERE CONDITION) TO STDOUT'"
    " | docker exec -i {living} psql -U {user} -d {database} -c 'COPY TABLE FROM STDIN'"
)
# Nothing of the condition is split or expanded. Rows that exist stay as they are.
_MYSQL = (
    "docker exec {beside} sh -fc 'IFS=; MYSQL_PWD=${variable} {dump} -u {user} --no-create-info --no-tablespaces"
    " --insert-ignore --where=$0 {database} TABLE' 'CONDITION'"
    " | docker exec -i {living} sh -fc 'IFS=; MYSQL_PWD=${variable} {client} -u {user} {database}'"
)
# The last character is the end of the line that the client prints. A key that exists stays as it is.
_REDIS = (
    "docker exec {beside} sh -fc 'IFS=; REDISCLI_AUTH=$REDIS_PASSWORD redis-cli --raw DUMP $0' KEY | head -c -1"
    " | docker exec -i {living} sh -fc 'IFS=; REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -x RESTORE $0 0' KEY"
)
_MONGO_LOGIN = "-u $MONGO_INITDB_ROOT_USERNAME -p $MONGO_INITDB_ROOT_PASSWORD --authenticationDatabase admin"
# Documents that exist stay as they are.
_MONGO = (
    "docker exec {beside} sh -fc 'IFS=; mongodump --quiet --archive %s -d {database} -c $0' COLLECTION"
    " | docker exec -i {living} sh -fc 'IFS=; mongorestore --quiet --archive %s'" % (_MONGO_LOGIN, _MONGO_LOGIN)
)
_VOLUME = "docker run --rm -v {beside}:/from:ro -v {living}:/to {image} cp -a /from/PATH /to/PATH"
_FOLDER = "cp -a {beside}/PATH {living}/PATH"
_LINES = {"postgres": _POSTGRES, "mysql": _MYSQL, "mariadb": _MYSQL, "redis": _REDIS, "mongo": _MONGO}
_CLIENTS = {"mysql": ("MYSQL", "mysqldump", "mysql"), "mariadb": ("MARIADB", "mariadb-dump", "mariadb")}


def copying_lines(saved: Row, beside: Row, living: Row, copy: Row, image: str = "ubuntu") -> List[Dict[str, str]]:
    """A line for each archive of the service.

    :param saved: the content of C(archives.yml). :param beside: what C(recovery_beside) returns.
    :param living: the service that runs, with its C(app_name), and the C(type) of a stack. :param copy: C(app_name) of
        the one beside it.
    :param image: one with C(cp).
    :return: each with C(what), the data, and C(line).
    """
    lines = []
    for archive in archives_of(saved, beside["path"]):
        line = _line(archive, saved, beside, living, copy, image)
        if line:
            parts = (archive["what"], _name(archive), archive.get("service") and "of %s" % archive["service"])
            lines.append({"what": " ".join(str(part) for part in parts if part), "line": line})
    return lines


def _name(archive: Row) -> Optional[str]:
    database = archive.get("database") or {}
    name = {"database": database.get("name"), "volume": archive.get("volume")}.get(archive["what"], archive.get("bind"))
    return None if name is None else str(name)


def _line(archive: Row, saved: Row, beside: Row, living: Row, copy: Row, image: str) -> str:
    kind = str(archive.get("database_type") or "")
    if kind in _LINES and (archive["what"] == "database" or beside["kind"] == "database"):
        return _of_database(kind, archive, living, copy)
    if archive["what"] == "bind":
        folder = str(archive["bind"])
        moved = beside["rename_rules"]["paths"]["*"].replace("{}", folder)
        return _FOLDER.format(beside=shlex.quote(moved), living=shlex.quote(folder))
    if archive["what"] != "volume":
        return ""
    volume, saved_app = str(archive["volume"]), _saved_app(saved, beside["path"])
    names = {"beside": beside["rename_rules"]["volumes"]["*"].replace("{}", volume), "living": volume}
    if saved_app and volume.startswith(saved_app):
        # It has the name of its service.
        rest = volume[len(saved_app) :]
        names = {"beside": copy["app_name"] + rest, "living": living["app_name"] + rest}
    return _VOLUME.format(image=shlex.quote(image), **{key: shlex.quote(name) for key, name in names.items()})


def _of_database(kind: str, archive: Row, living: Row, copy: Row) -> str:
    database = archive.get("database") or {}
    user = _word(database.get("user"), "USER")
    prefix, dump, client = _CLIENTS.get(kind, ("", "", ""))
    return _LINES[kind].format(
        beside=_container(copy, living, archive),
        living=_container(living, living, archive),
        user=user,
        database=_word(database.get("name"), "DATABASE"),
        variable="%s_%sPASSWORD" % (prefix, "ROOT_" if user == "root" else ""),
        dump=dump,
        client=client,
    )


def _word(name: Optional[str], unknown: str) -> str:
    """A name that needs no quotes; another one is left to the reader."""
    return str(name) if re.match(r"[\w.@%+=:,-]+\Z", str(name or "")) else unknown


def _container(service: Row, living: Row, archive: Row) -> str:
    """What finds the container of a service, or of the service of a stack."""
    app_name, inner = service["app_name"], archive.get("service")
    if not inner:
        label = "com.docker.swarm.service.name=%s" % app_name
    elif living.get("type") == "stack":
        label = "com.docker.swarm.service.name=%s_%s" % (app_name, inner)
    else:
        label = "com.docker.compose.project=%s -f label=com.docker.compose.service=%s" % (app_name, inner)
    return "$(docker ps -qf label=%s)" % label


def _saved_app(saved: Row, path: str) -> str:
    """The name in Docker that the service had when it was saved."""
    apps = (str(service["app_name"]) for service in saved.get("services") or () if service.get("path") == path)
    return next(apps, "")

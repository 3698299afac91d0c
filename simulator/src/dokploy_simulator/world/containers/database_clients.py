# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client programs of databases: they reach an engine by its host, log in, and ask for what a count needs.

Their SQL is ``select`` of ``count(*)``, ``count(COLUMN)``, ``min``, ``max`` or ``sum`` of a table, of a number, or of
all rows, ``update TABLE set COLUMN = 'TEXT'`` and ``delete from TABLE``, both of all rows, and that of MongoDB
``db.COLLECTION.countDocuments()``, and what ``table_counts`` plays. All else is refused, in words that say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from ...store.store import Store
from ...store.volumes import Volume
from . import engines, redis_data, table_counts
from .engines import Engine
from .programs import ContainerFiles
from .shell import Call, Output, Program

Reach = Callable[[str], Engine | None]
_FROM = r"\s+from\s+[`\"]?(\w+)[`\"]?(?:\s+order\s+by\s+\w+(?:\s+asc)?)?"
_SELECT = re.compile(rf"select\s+(.+?)(?:{_FROM})?\s*", re.I | re.S)
_CHANGE = re.compile(r"(?:update\s+(\w+)\s+set\s+\w+\s*=\s*'([^']*)'|delete\s+from\s+(\w+))\s*", re.I)
_DOCUMENTS = re.compile(r"(?:print\()?db\.(\w+)\.countDocuments\((?:\{\})?\)\)?;?\s*")
_FUNCTION = re.compile(r"(count|min|max|sum)\s*\(\s*(\*|\w+)\s*\)(?:\s+as\s+\w+)?", re.I)
# Of all that may have a definer, the simulator has views.
_DEFINERS = re.compile(r"select distinct hex\(definer\) from information_schema\.", re.I)
_ROUTINES = re.compile(r"select lower\(routine_type\), routine_name from information_schema\.", re.I)
# Those that others have, of the same database.
_SESSIONS = re.compile(r"select count\(\*\) from (?:pg_stat_activity|information_schema\.processlist) where ", re.I)
NOT_PLAYED = "the simulator does not run this statement"


class Refused(Exception):
    """The engine refuses a statement; the argument says why."""


def answered(data_tables: dict[str, list[str]], sql: str, lost: str) -> list[list[str]]:
    """The rows that a statement gives.

    :param lost: what the engine says of a table that it does not have. :raises Refused: the statement fails.
    """
    change = _CHANGE.fullmatch(sql.strip())
    if change is not None:
        changed = change[1] or change[3]
        if changed not in data_tables:
            raise Refused(lost.format(changed))
        data_tables[changed] = [change[2]] * len(data_tables[changed]) if change[1] else []
        return []
    match = _SELECT.fullmatch(sql.strip())
    if match is None:
        raise Refused(NOT_PLAYED)
    columns, table = match[1].strip(), match[2]
    if table is None:
        if not re.fullmatch(r"\d+|'[^']*'", columns):
            raise Refused(NOT_PLAYED)
        return [[columns.strip("'")]]
    if table not in data_tables:
        raise Refused(lost.format(table))
    rows = data_tables[table]
    if columns == "*" or re.fullmatch(r"\w+", columns):
        return [[row] for row in sorted(rows, key=lambda row: (len(row), row))]
    values = []
    for column in re.split(r",(?![^(]*\))", columns):
        function = _FUNCTION.fullmatch(column.strip())
        if function is None:
            raise Refused(NOT_PLAYED)
        numbers = [int(row) for row in rows if row.lstrip("-").isdigit()]
        results: dict[str, Any] = {"count": len(rows), "sum": sum(numbers) if numbers else ""}
        results |= {"min": min(numbers, default=""), "max": max(numbers, default="")}
        values.append(str(results[function[1].lower()]))
    return [values]


def _rows(data: Volume, sql: str, lost: str, schema: str) -> list[list[str]]:
    """What an engine answers to a statement. :param schema: that of its tables."""
    try:
        counted = table_counts.answered(data, sql.strip(), schema)
    except table_counts.Unknown as error:
        raise Refused(f"{NOT_PLAYED}: {error}") from None
    if counted is not None:
        return counted
    if _SESSIONS.match(sql.strip()):
        return [[str(data.sessions)]]
    return answered(data.tables, sql, lost)


def _catalogue(sql: str, engine: Engine) -> list[list[str]] | None:
    """What the catalogue of MySQL and MariaDB has of a database; ``None``: the statement asks for something else."""
    if _DEFINERS.match(sql):
        return [[f"{user}@%".encode().hex().upper()] for user in sorted(set(engine.data.views.values()))]
    if _ROUTINES.match(sql):
        return [[kind, name] for name, kind in sorted(engine.data.routines.items())]
    return None


class Arguments:
    """The options of a client program. ``flags``: those that have no value, ``values``: those that have one."""

    def __init__(self, words: list[str], valued: dict[str, str]) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, list[str]] = {}
        self.rest: list[str] = []
        left = list(words)
        while left:
            word = left.pop(0)
            name, equals, value = word.partition("=")
            if word.startswith("--"):
                known = valued.get(name)
                if known and (equals or left):
                    self.values.setdefault(known, []).append(value if equals else left.pop(0))
                else:
                    self.flags.add(name)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], left, valued)
            else:
                self.rest.append(word)

    def _short(self, letters: str, left: list[str], valued: dict[str, str]) -> None:
        for at, letter in enumerate(letters):
            known = valued.get(f"-{letter}")
            if known is None:
                self.flags.add(f"-{letter}")
                continue
            behind = letters[at + 1 :]
            if behind or (left and known != "glued"):
                self.values.setdefault(known, []).append(behind or left.pop(0))
            return

    def last(self, name: str, default: str = "") -> str:
        return self.values.get(name, [default])[-1]


PSQL = {"-h": "host", "--host": "host", "-p": "port", "--port": "port", "-U": "user", "--username": "user"}
PSQL |= {"-d": "name", "--dbname": "name", "-c": "sql", "--command": "sql", "-v": "set", "-P": "set"}
PSQL |= {"-F": "separator", "--field-separator": "separator"}
MYSQL = {"-h": "host", "--host": "host", "-P": "port", "--port": "port", "-u": "user", "--user": "user"}
MYSQL |= {"-D": "name", "--database": "name", "-e": "sql", "--execute": "sql", "--password": "password"}
MONGOSH = {"--host": "host", "--port": "port", "-u": "user", "--username": "user", "-p": "password"}
MONGOSH |= {"--password": "password", "--eval": "eval", "--authenticationDatabase": "source"}
REDIS = {"-h": "host", "-p": "port", "-a": "password", "--pass": "password", "--rdb": "rdb", "-n": "number"}
REDIS |= {"--user": "user"}


def of_databases(reach: Reach, files: ContainerFiles, store: Store) -> dict[str, Program]:
    """The client programs by their names."""
    clients = _Clients(reach, files, store)
    return {
        "psql": clients.psql,
        "pg_isready": clients.pg_isready,
        "mysql": clients.mysql,
        "mariadb": clients.mysql,
        "mongosh": clients.mongosh,
        "redis-cli": clients.redis_cli,
        "redis-check-rdb": clients.redis_check,
    }


class _Clients:
    def __init__(self, reach: Reach, files: ContainerFiles, store: Store) -> None:
        self.reach, self.files, self.store = reach, files, store

    def psql(self, call: Call) -> Output:
        options = Arguments(call.words, PSQL)
        env = call.variables
        host, user = options.last("host", env.get("PGHOST", "")), options.last("user", env.get("PGUSER", ""))
        password, name = env.get("PGPASSWORD", ""), options.last("name", env.get("PGDATABASE", ""))
        for word in options.rest:
            name = name if options.values.get("name") else word
        if "://" in name:
            address = urlsplit(name)
            host, user = address.hostname or "", unquote(address.username or "")
            password, name = unquote(address.password or ""), address.path.lstrip("/")
        engine = self.reach(host)
        if engine is None or engine.kind != "postgres":
            said = f'could not translate host name "{host}" to address: Name or service not known'
            return Output("", 2, f"psql: error: {said}\n")
        at = f'psql: error: connection to server at "{host}" (10.0.1.5), port 5432 failed: FATAL:  '
        login = engine.login
        if user != login["databaseUser"] or (host != "localhost" and password != login["databasePassword"]):
            return Output("", 2, f'{at}password authentication failed for user "{user}"\n')
        if (name or user) != (login["databaseName"] or login["databaseUser"]):
            return Output("", 2, f'{at}database "{name or user}" does not exist\n')
        texts = options.values.get("sql") or [call.given]
        bare = {"-t", "--tuples-only"} & options.flags
        text = ""
        for sql in [part for statements in texts for part in table_counts.statements(statements)]:
            try:
                rows = _rows(engine.data, sql, 'relation "{}" does not exist', "public")
            except Refused as error:
                return Output(text, 1, f"ERROR:  {error}\n")
            lines = [options.last("separator", "|").join(row) for row in rows]
            if _CHANGE.fullmatch(sql.strip()):
                lines = [] if "-q" in options.flags else [f"{sql.split()[0].upper()} {len(rows)}"]
            elif not bare:
                ending = "" if len(lines) == 1 else "s"
                lines = [" count ", "-------", *(f" {line}" for line in lines), f"({len(lines)} row{ending})", ""]
            elif not {"-A", "--no-align"} & options.flags:
                lines = [*(f" {line}" for line in lines), ""]
            text += "".join(f"{line}\n" for line in lines)
        return Output(text)

    def pg_isready(self, call: Call) -> Output:
        host = Arguments(call.words, PSQL).last("host", call.variables.get("PGHOST", ""))
        engine = self.reach(host)
        state = "accepting connections" if engine is not None and engine.kind == "postgres" else "no response"
        return Output(f"{host}:5432 - {state}\n", 0 if state.startswith("accepting") else 2)

    def mysql(self, call: Call) -> Output:
        options = Arguments(call.words, {**MYSQL, "-p": "glued"})
        host, user = options.last("host"), options.last("user", "root")
        password = options.last("glued", options.last("password", call.variables.get("MYSQL_PWD", "")))
        name = options.last("name", (options.rest or [""])[0])
        engine = self.reach(host)
        if engine is None or engine.kind not in ("mysql", "mariadb"):
            return Output("", 1, f"ERROR 2005 (HY000): Unknown server host '{host}' (-2)\n")
        login = engine.login
        known = {"root": login["databaseRootPassword"], login["databaseUser"]: login["databasePassword"]}
        if known.get(user) != password:
            said = f"Access denied for user '{user}'@'10.0.1.9' (using password: {'YES' if password else 'NO'})"
            return Output("", 1, f"ERROR 1045 (28000): {said}\n")
        if name and name != login["databaseName"]:
            return Output("", 1, f"ERROR 1049 (42000): Unknown database '{name}'\n")
        text = ""
        for sql in table_counts.statements(options.last("sql") or call.given):
            try:
                rows = _catalogue(sql.strip(), engine)
                if rows is None:
                    rows = _rows(engine.data, sql, f"Table '{name}.{{}}' doesn't exist", name)
            except Refused as error:
                code = "1064 (42000)" if str(error) == NOT_PLAYED else "1146 (42S02)"
                return Output(text, 1, f"ERROR {code} at line 1: {error}\n")
            if _CHANGE.fullmatch(sql.strip()) is None and not {"-N", "--skip-column-names"} & options.flags:
                text += f"{sql.strip().split(None, 1)[1].partition(' from ')[0]}\n"
            text += "".join("\t".join(row) + "\n" for row in rows)
        return Output(text)

    def mongosh(self, call: Call) -> Output:
        options = Arguments(call.words, MONGOSH)
        address = urlsplit((options.rest or [""])[0])
        host = options.last("host", address.hostname or "")
        user = options.last("user", unquote(address.username or ""))
        password = options.last("password", unquote(address.password or ""))
        engine = self.reach(host)
        if engine is None or engine.kind != "mongo":
            return Output("", 1, f"MongoNetworkError: getaddrinfo ENOTFOUND {host}\n")
        if (user, password) != (engine.login["databaseUser"], engine.login["databasePassword"]):
            return Output("", 1, "MongoServerError: Authentication failed.\n")
        match = _DOCUMENTS.fullmatch(options.last("eval").strip())
        if match is None:
            return Output("", 1, f"SyntaxError: {NOT_PLAYED}\n")
        return Output(f"{len(engine.data.tables.get(match[1], ()))}\n")

    def redis_cli(self, call: Call) -> Output:
        """It ends well whatever the server answers, but where it reaches none, and where it gets no dump."""
        options = Arguments(call.words, REDIS)
        host = options.last("host", "127.0.0.1")
        password = options.last("password", call.variables.get("REDISCLI_AUTH", ""))
        engine = self.reach(host)
        if engine is None or engine.kind != "redis":
            return Output("", 1, f"Could not connect to Redis at {host}:6379: Name or service not known\n")
        is_in = password == engine.login["databasePassword"]
        if options.values.get("rdb"):
            if not is_in:
                return Output("", 1, "SYNC with master failed: -NOAUTH Authentication required.\n")
            content = redis_data.packed(engines.keys(self.store, engine.task))
            self.files.write(options.last("rdb"), content)
            return Output(f"sending REPLCONF capa eof\nTransfer finished with success after {len(content)} bytes\n")
        if not is_in:
            return Output("NOAUTH Authentication required.\n")
        return self._asked(engine, [word.lower() for word in options.rest])

    def redis_check(self, call: Call) -> Output:
        """Reads a dump to its end."""
        content = self.files.read(call.words[0]) or ""
        return Output(f"[info] {len(redis_data.unpacked(content))} keys read\n[info] 0 expires\n")

    def _asked(self, engine: Engine, words: list[str]) -> Output:
        keys = engines.keys(self.store, engine.task)
        if words[:1] == ["dbsize"]:
            return Output(f"{len(keys)}\n")
        if words == ["info", "keyspace"]:
            return Output("# Keyspace\n" + (f"db0:keys={len(keys)},expires=0,avg_ttl=0\n" if keys else ""))
        if words[:1] == ["ping"]:
            return Output("PONG\n")
        if words[:1] == ["save"]:
            engines.save(self.store, engine.task)
            return Output("OK\n")
        return Output(f"ERR {NOT_PLAYED}\n")

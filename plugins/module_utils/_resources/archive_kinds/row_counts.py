# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fingerprint of a SQL database: the scripts of jobs that count the rows of its tables, and what they write. Pure.

A dump has the rows of one moment between two looks. Its rows are within those of the looks, and within what was added
and removed meanwhile, as far as the database tells that: PostgreSQL for each table, MySQL and MariaDB for all tables
together. Rows that are removed and added again in the last second before the dump may be missing in what is told.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence

from .fingerprints import Bounds, RowCounts

_LINE = re.compile(r"fingerprint (rows|large)\s+((?:[0-9A-F]{2})+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\Z")
_END = re.compile(r"fingerprint tables\s+(\d+)\Z")
_STATUS = re.compile(r"Handler_(write|delete)\s+(\d+)\Z")

# Of the statistics, those from before the count are what the next look is compared with. The tables of extensions are
# made by these; of partitioned tables the parts are counted.
_POSTGRES = """
select format(
  case when {large}
    then 'select ''fingerprint large'', %L, count(*), %s, %s, %s from (select 1 from only %I.%I limit 1) as t'
    else 'select ''fingerprint rows'', %L, count(*), %s, %s, %s from only %I.%I' end,
  name, added, removed, added + removed + changed, nspname, relname)
from {tables} \\gexec
select 'fingerprint tables', count(*) from {tables};
"""
_POSTGRES_TABLES = """(
  select c.oid, n.nspname, c.relname,
    upper(encode(convert_to(n.nspname || '.' || c.relname, 'UTF8'), 'hex')) as name,
    coalesce(pg_stat_get_tuples_inserted(c.oid), 0) as added, coalesce(pg_stat_get_tuples_deleted(c.oid), 0) as removed,
    coalesce(pg_stat_get_tuples_updated(c.oid), 0) as changed
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
      and d.deptype = 'e')
) as tables"""
_PSQL = "psql -X -q -At -F ' ' -v ON_ERROR_STOP=1"
# MySQL 8 keeps statistics for a day, which is a setting that MariaDB does not know.
_MYSQL = """
/*!80000 set session information_schema_stats_expiry = 0 */;
select concat(
  case when {large} then 'select ''fingerprint large'', ''' else 'select ''fingerprint rows'', ''' end,
  hex(table_name), ''', count(*), 0, 0, ', coalesce(unix_timestamp(update_time), 0),
  case when {large} then ' from (select 1 from `' else ' from `' end,
  replace(table_schema, '`', '``'), '`.`', replace(table_name, '`', '``'),
  case when {large} then '` limit 1) as t;' else '`;' end)
from {tables};
select concat('select ''fingerprint tables'', ', count(*), ';') from {tables};
"""
_MYSQL_TABLES = """information_schema.tables
where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')"""
_MYSQL_CLIENT = '%s -h "$DB_HOST" -P "$DB_PORT" -u "$DB_USER" -N -B -r "$DB_NAME"'
_MYSQL_SCRIPT = """\
{client} -e "show global status where variable_name in ('Handler_write', 'Handler_delete')"
statements=$(printf '%s\\n' {sql} | {client})
printf '%s\\n' "$statements" | {client}
"""
#: The kinds of databases whose rows are counted.
COUNTED = ("postgres", "mysql", "mariadb")


def count_script(database_type: str, below: Optional[int] = None, uncounted: Sequence[str] = ()) -> str:
    """The script that counts the rows of a database, with its variables.

    :param database_type: one of C(COUNTED). :param below: the bytes from which on a table is not counted.
    :param uncounted: the names of further tables that are not counted.
    """
    is_postgres = database_type == "postgres"
    names = ["'%s'" % name.encode("utf-8").hex().upper() for name in uncounted]
    name, size = ("name", "pg_relation_size(oid)") if is_postgres else ("hex(table_name)", "coalesce(data_length, 0)")
    conditions = ["%s in (%s)" % (name, ", ".join(names))] if names else []
    conditions += ["%s >= %d" % (size, below)] if below is not None else []
    large = " or ".join(conditions) or "1 = 0"
    if is_postgres:
        statements = shlex.quote(_POSTGRES.format(large=large, tables=_POSTGRES_TABLES))
        return "printf '%%s\\n' %s | %s\n" % (statements, _PSQL)
    sql = shlex.quote(_MYSQL.format(large=large, tables=_MYSQL_TABLES))
    return _MYSQL_SCRIPT.format(client=_MYSQL_CLIENT % database_type, sql=sql)


def inside_script(database_type: str, database: str, user: Optional[str], script: str) -> str:
    """A script of C(count_script) for the container of the database itself, whose variables have the password.

    PostgreSQL trusts what comes from there, as the dumps of Dokploy need it, too.
    """
    if database_type == "postgres":
        names = {"PGHOST": "localhost", "PGUSER": user or "postgres", "PGDATABASE": database}
        password = ""
    else:
        names = {"DB_HOST": "localhost", "DB_PORT": "3306", "DB_USER": user or "root", "DB_NAME": database}
        whose = "ROOT_PASSWORD" if names["DB_USER"] == "root" else "PASSWORD"
        password = 'export MYSQL_PWD="${MARIADB_%s:-$MYSQL_%s}"\n' % (whose, whose)
    lines = ["export %s=%s\n" % (name, shlex.quote(value)) for name, value in names.items()]
    return "%s%s%s" % ("".join(lines), password, script)


@dataclass(frozen=True)
class TableCount:
    """A table at one look.

    :param counted: C(rows) are all; otherwise they only tell whether there are some.
    :param added: the rows that were added to it ever, at least; C(removed) alike.
    :param mark: another number after each change of it.
    """

    rows: int
    counted: bool
    added: int
    removed: int
    mark: int


def counts_in(lines: Sequence[str]) -> Optional[Dict[str, TableCount]]:
    """The tables that a job has counted, by their names; C(None) if its output is not whole."""
    numbers = {match[1]: int(match[2]) for match in map(_STATUS.match, lines) if match}
    counts: Dict[str, TableCount] = {}
    for match in map(_LINE.match, lines):
        if match is not None:
            rows, added, removed, mark = (int(match[group]) for group in range(3, 7))
            added, removed = added + numbers.get("write", 0), removed + numbers.get("delete", 0)
            name = bytes.fromhex(match[2]).decode("utf-8", "replace")
            counts[name] = TableCount(rows, match[1] == "rows", added, removed, mark)
    ends = [int(match[1]) for match in map(_END.match, lines) if match]
    return counts if ends == [len(counts)] else None


def row_counts(before: Mapping[str, TableCount], after: Mapping[str, TableCount]) -> Optional[RowCounts]:
    """The rows that a dump between two looks may have; C(None) if nothing is known of it.

    A table that is made or dropped meanwhile is no part of it.
    """
    tables = {name: _bounds(count, after[name]) for name, count in sorted(before.items()) if name in after}
    if not tables and (before or after):
        return None
    return RowCounts(tables, any(high is None for _low, high in tables.values()))


def _bounds(before: TableCount, after: TableCount) -> Bounds:
    rows: List[int] = [before.rows, after.rows]
    if not (before.counted and after.counted):
        return [min(1, *rows), None]
    if before.mark != after.mark or before.rows != after.rows:
        rows.append(before.rows + max(0, after.added - before.added))
        rows.append(max(0, before.rows - max(0, after.removed - before.removed)))
    return [min(rows), max(rows)]


def found_rows(counts: Mapping[str, TableCount]) -> Dict[str, int]:
    """The rows of restored tables, as a fingerprint is compared with them."""
    return {name: count.rows for name, count in counts.items()}

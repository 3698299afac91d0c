# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SQL that counts the rows of all tables: statements about the catalogue, whose rows are statements that count.

The engine keeps no statistics of writes: they are 0. The bytes of a table are those of its rows.
"""

from __future__ import annotations

import re

from ...store.volumes import Volume

GEXEC = "\\gexec"
_QUOTED = r"'(?:[^']|'')*'"
_ENDS = re.compile(rf"({_QUOTED}|;|\\gexec)")
_TOKENS = re.compile(rf"{_QUOTED}|[(),]|\bfrom\b|[^'(),]", re.I)
_CATALOGUE = re.compile(r"\bpg_class\b|\binformation_schema\.tables\b", re.I)
_CASE = re.compile(rf"case\s+when\s+(.+?)\s+then\s+({_QUOTED})\s+else\s+({_QUOTED})\s+end", re.I | re.S)
_CALL = re.compile(r"(format|concat|hex|replace|coalesce)\s*\((.*)\)", re.I | re.S)
_NAMES = re.compile(r"(?:name|hex\(table_name\)) in \((.*)\)", re.I)
_SIZE = re.compile(r"(?:pg_relation_size\(oid\)|coalesce\(data_length, 0\)) >= (\d+)", re.I)
_COUNT = re.compile(
    r"select\s+(.+?)\s+from\s+(\(select 1 from )?(?:only )?[`\"]?\w+[`\"]?\.[`\"]?(\w+)[`\"]?(?: limit 1\) as t)?",
    re.I | re.S,
)
_CONSTANTS = re.compile(rf"select\s+({_QUOTED}(?:\s*,\s*\d+)+)", re.I)
_STATUS = re.compile(r"show global status where variable_name in \((.+)\)", re.I)
_STATISTICS = ("added", "removed", "added + removed + changed", "unix_timestamp(update_time)")


class Unknown(Exception):
    """The statement has something that is not played; the argument says what."""


def statements(text: str) -> list[str]:
    """The statements of a text, which end with ``;`` or ``\\gexec``; the latter stays."""
    ended, current = [], ""
    for part in _ENDS.split(text):
        if part in (";", GEXEC):
            ended.append(f"{current} {GEXEC}" if part == GEXEC else current)
            current = ""
        else:
            current += part
    return [statement.strip() for statement in [*ended, current] if statement.strip()]


def answered(data: Volume, sql: str, schema: str) -> list[list[str]] | None:
    """The rows that a statement gives; ``None``: it counts nothing, and is for others.

    :param schema: that of all tables. :raises Unknown: it has something that is not played.
    """
    if re.fullmatch(r"/\*.*\*/", sql, re.S):
        return []
    status = _STATUS.fullmatch(sql)
    if status is not None:
        return [[name.strip(" '"), "0"] for name in status[1].split(",")]
    if _CATALOGUE.search(sql):
        return _of_catalogue(data, sql, schema)
    constants = _CONSTANTS.fullmatch(sql)
    if constants is not None:
        return [[_column(constant, 0) for constant in _parts(constants[1])]]
    count = _COUNT.fullmatch(sql)
    if count is None or count[3] not in data.tables:
        return None
    number = len(data.tables[count[3]])
    rows = min(number, 1) if count[2] else number
    return [[_column(column.strip(), rows) for column in _parts(count[1])]]


def _column(text: str, rows: int) -> str:
    if text == "count(*)":
        return str(rows)
    if re.fullmatch(rf"\d+|{_QUOTED}", text):
        return text if text.isdigit() else _literal(text)
    raise Unknown(text)


def _of_catalogue(data: Volume, sql: str, schema: str) -> list[list[str]]:
    runs = sql.endswith(GEXEC)
    columns = _parts(_selected(sql))
    counts = any("count(*)" in re.sub(_QUOTED, "", column) for column in columns)
    names: list[str] = [""] if counts else sorted(data.tables)
    rows = [[_value(column, name, data, schema) for column in columns] for name in names]
    if not runs:
        return rows
    results: list[list[str]] = []
    for statement in (cell for row in rows for cell in row):
        results += answered(data, statement, schema) or []
    return results


def _selected(sql: str) -> str:
    """What stands between ``select`` and the ``from`` that belongs to it."""
    depth, text = 0, ""
    for token in _TOKENS.findall(sql.partition("select")[2]):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token.lower() == "from":
            return text
        text += token
    raise Unknown(sql)


def _parts(text: str) -> list[str]:
    """The parts of a list with commas."""
    parts, depth = [""], 0
    for token in _TOKENS.findall(text):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def _literal(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _value(text: str, table: str, data: Volume, schema: str) -> str:
    """What an expression gives for a table."""
    full = table if schema != "public" else f"{schema}.{table}"
    known = {"name": full, "table_name": table, "relname": table, "nspname": schema, "table_schema": schema}
    known |= {"count(*)": str(len(data.tables)), **dict.fromkeys(_STATISTICS, "0")}
    known["name"] = full.encode().hex().upper()
    if text in known or re.fullmatch(_QUOTED, text):
        return known[text] if text in known else _literal(text)
    case = _CASE.fullmatch(text)
    if case is not None:
        is_large = any(_holds(part, table, full, data) for part in case[1].split(" or "))
        return _literal(case[2] if is_large else case[3])
    call = _CALL.fullmatch(text)
    if call is None:
        raise Unknown(text)
    first, *others = _parts(call[2])
    value = _value(first, table, data, schema)
    if call[1] == "hex":
        return value.encode().hex().upper()
    values = [_value(other, table, data, schema) for other in others] if call[1] in ("format", "concat") else []
    return _formatted(value, values) if call[1] == "format" else "".join([value, *values])


def _formatted(template: str, values: list[str]) -> str:
    left = iter(values)
    return re.sub(r"%([LsI])", lambda match: f"'{next(left)}'" if match[1] == "L" else next(left), template)


def _holds(condition: str, table: str, full: str, data: Volume) -> bool:
    names, size = _NAMES.fullmatch(condition), _SIZE.fullmatch(condition)
    if names is not None:
        return full.encode().hex().upper() in [name.strip(" '") for name in names[1].split(",")]
    if size is not None:
        return sum(map(len, data.tables[table])) >= int(size[1])
    if condition != "1 = 0":
        raise Unknown(condition)
    return False

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The looks of a set into a database before and after its dump: a job each, in the image of the database.

They tell what the dump may have, and what it lacks. What they do not tell fails no set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Dict, List, Optional, Sequence

from .._engine.lookup import Target
from .._engine.node_run import carried_out
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.wait import Polls
from .._errors import DokployError
from .._resources.archive_kinds.row_counts import COUNTED, TableCount, count_script, counts_in, inside_script
from .._resources.backups.checks import beside, variables
from .._resources.recovery.coming_up import while_it_comes_up
from .._resources.service_children.inside import inside_node
from .._resources.service_children.single_runs import SET
from .._resources.services.compose import COMPOSE
from .._swarm.logs import MAX_LINES
from .items import Item
from .scratch import PREFIX

# Who owns what a dump has, in a form in which the user is not masked, since it is in the environment of the job, too.
# Those of Dokploy have no routines and events (its source, 0.30.2), which are listed then.
_DEFINERS = " union ".join(
    "select distinct hex(definer) from information_schema.%s where %s_schema = '$DB_NAME'" % (table, column)
    for table, column in (("views", "table"), ("triggers", "trigger"))
)
_ROUTINES = (
    "select lower(routine_type), routine_name from information_schema.routines where routine_schema = '$DB_NAME'"
    " union select 'event', event_name from information_schema.events where event_schema = '$DB_NAME'"
)
_HEX = re.compile(r"(?:[0-9A-F]{2})+\Z")
# What a job writes behind the catalogue.
_CATALOGUE_ENDS = "catalogue ends"


@dataclass(frozen=True)
class Catalogue:
    """What is in a database of MySQL or MariaDB beside its tables.

    :param definers: the users who own its views and triggers. :param undumped: C(procedure refill), C(event nightly).
    """

    definers: Sequence[str]
    undumped: Sequence[str]


@dataclass(frozen=True)
class Look:
    """What a job has seen of a database; C(None) of what it has not looked at."""

    catalogue: Optional[Catalogue] = None
    tables: Optional[Dict[str, TableCount]] = None


def looked_into(
    item: Item, below: int, timeout: float, context: Context, is_first: bool, comes_up: bool = False
) -> Polls:
    """The C(Look) into the database of a dump; an empty one of a kind whose rows are not counted.

    :param below: the bytes from which on the rows of a table are not counted.
    :param is_first: before the dump. :param comes_up: the database was started just now.
    """
    if item.entry.database_type not in COUNTED:
        return Look()
    lines: Sequence[str] = ()
    why = "the output of the job that counts them is not whole"
    try:
        look = partial(_lines, item, below, timeout, context, is_first)
        lines = yield from (while_it_comes_up(item.label, "counting", look, context) if comes_up else look())
    except DokployError as error:
        lines = (error.details.get("job") or {}).get("output_lines") or ()
        why = str(error)
    tables = counts_in(lines)
    if tables is None:
        context.warn(["%s: its rows have no fingerprint in the set: %s" % (item.label, why)])
    return Look(_catalogue_in(lines), tables)


def _lines(item: Item, below: int, timeout: float, context: Context, is_first: bool) -> Polls:
    """What the script writes."""
    # An earlier job of this name is gone.
    context.reads.forget()
    if item.entry.inside:
        return (yield from carried_out(_node_inside(item, below, timeout), context))["run"]["log"]
    return (yield from carried_out(_look_node(item, below, timeout, is_first), context))["job"]["output_lines"]


def _look_node(item: Item, below: int, timeout: float, is_first: bool) -> Node:
    service = item.service
    # A backup may be of another database than that of the service.
    service = replace(service, row={**service.row, "databaseName": item.name})
    script = count_script(service.type, below)
    if is_first and service.type != "postgres":
        sql = "%s; %s" % (_DEFINERS, _ROUTINES)
        client = '%s -h "$DB_HOST" -P "$DB_PORT" -u "$DB_USER" -N -e "%s"\n' % (service.type, sql)
        script = "%secho %s\n%s" % (client, _CATALOGUE_ENDS, script)
    image, key = str(service.row.get("dockerImage")), "rows of %s" % item.label
    own = beside(service, "%s%s-rows" % (PREFIX, service.app_name), image, key)
    return own.node(script=script, env=variables(service), timeout=timeout, log_lines=MAX_LINES)


def _node_inside(item: Item, below: int, timeout: float) -> Node:
    """What counts in the container of a database in a stack."""
    service, kind = item.service, str(item.entry.database_type)
    script = inside_script(kind, str(item.name), item.user, count_script(kind, below))
    target = Target("%s %s" % (service.kind, service.path), str(service.row[COMPOSE.id_key]))
    return inside_node(COMPOSE, target, str(item.entry.inside), "%s rows" % SET, script, timeout)


def _catalogue_in(lines: Sequence[str]) -> Optional[Catalogue]:
    """:param lines: C(forum@%) in hexadecimal, of which the user counts; or C(procedure), a tab and a name."""
    if _CATALOGUE_ENDS not in lines:
        return None
    rows: List[List[str]] = [line.split("\t") for line in lines[: list(lines).index(_CATALOGUE_ENDS)]]
    owners = [bytes.fromhex(row[0]).decode("utf-8") for row in rows if len(row) == 1 and _HEX.match(row[0])]
    definers = {owner.rpartition("@")[0] for owner in owners}
    return Catalogue(sorted(definers), sorted(" ".join(row) for row in rows if len(row) == 2))

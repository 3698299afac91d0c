# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why services cannot be moved. Pure."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.checks import proves_nothing
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.checks import SESSIONS
from ansible_collections.community.dokploy.plugins.module_utils._values.host_paths import is_part_of_host
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.services import KINDS, Row

_READS = "%s refers to what is moved, and may write to it; move it as well, or name it in move_readers"
_VAIN = "the check %s of %s %s proves nothing: its compare is at_least, and its output %r has no number"


def refusals_of(
    services: Sequence[Row],
    coverage: Sequence[Row] = (),
    not_saved: Sequence[Row] = (),
    hosts: Sequence[Row] = (),
    read: Sequence[str] = (),
    server: Optional[str] = None,
) -> List[str]:
    """Why the services cannot be moved, one sentence each.

    :param coverage: that of the whole source.
    :param not_saved: what a copy would not have.
    :param hosts: the services of the target, with their hosts, and the ports of those on the same server.
    :param read: the paths of other services whose options refer to these.
    :param server: of the same Dokploy, to which they move; empty for its own host, C(None) for another Dokploy.
    """
    return [
        *_states(services),
        *_there(services, server),
        *_shared(services, coverage),
        *_lost(not_saved),
        *_taken(services, hosts),
        *(_READS % path for path in read),
    ]


def _states(services: Sequence[Row]) -> Iterator[str]:
    if not services:
        yield "there is nothing to move: no application, stack or database is selected"


def _there(services: Sequence[Row], server: Optional[str]) -> Iterator[str]:
    for service in services:
        if server is not None and service["server"] == server:
            where = "the server %s" % server if server else "the own host of Dokploy"
            yield "%s %s is on %s already" % (service["kind"], service["path"], where)


def _shared(services: Sequence[Row], coverage: Sequence[Row]) -> Iterator[str]:
    """Volumes and folders of the host that a service which stays has as well."""
    own = {(service["kind"], service["path"]) for service in services}
    mounted: Dict[Tuple[str, str], List[Row]] = {}
    for row in coverage:
        if row["what"] in ("volume", "bind") and row.get("name"):
            if row["what"] == "bind" and is_part_of_host(str(row["name"])):
                # Many services mount it, and no copy has it.
                continue
            mounted.setdefault((row["what"], str(row["name"])), []).append(row)
    for (what, name), rows in mounted.items():
        here = [row for row in rows if (row["kind"], row["path"]) in own]
        others = sorted({row["path"] for row in rows if (row["kind"], row["path"]) not in own})
        if here and others:
            text = "the %s %s of %s is also that of %s, which stays"
            yield text % (what, name, here[0]["path"], ", ".join(others))


def _lost(not_saved: Sequence[Row]) -> Iterator[str]:
    for row in not_saved:
        inside = " in %s" % row["service"] if row.get("service") else ""
        named = " ".join(str(part) for part in (row["what"], row.get("name")) if part)
        yield "%s%s of %s %s cannot be copied: %s" % (named, inside, row["kind"], row["path"], row["reason"])


def _taken(services: Sequence[Row], others: Sequence[Row]) -> Iterator[str]:
    for what in ("host", "port"):
        known = {value: row["path"] for row in others for value in row.get("%ss" % what) or ()}
        for service in services:
            for value in service["%ss" % what]:
                if value in known:
                    yield "the target has the %s %s already, of %s" % (what, value, known[value])


def sessions_of(checks: Sequence[Row]) -> Iterator[str]:
    """The databases that others wrote to while the last copy was made."""
    for check in checks:
        if check["name"] == SESSIONS and check["output"].strip() not in ("", "0"):
            text = "%s %s is still written to: it has %s other sessions after the applications were stopped"
            yield text % (check["kind"], check["path"], check["output"].strip())


def vain_checks(checks: Sequence[Row]) -> Iterator[str]:
    """The checks that no output can fail."""
    for check in checks:
        if proves_nothing(str(check.get("compare")), check["output"]):
            yield _VAIN % (check["name"], check["kind"], check["path"], check["output"].strip())


def readers_of(whole: Row, services: Sequence[Row]) -> List[str]:
    """The paths of the services of the whole document of the source that refer to services which move, and do not move
    themselves."""
    moved = {service["path"] for service in services}
    readers = []
    for project in whole.get("projects") or ():
        for environment in project.get("environments") or ():
            around = joined((str(project["name"]), str(environment["name"])))
            texts = ["'%s:" % path for path in moved]
            texts += ["'%s:" % path[len(around) + 1 :] for path in moved if path.startswith("%s/" % around)]
            for section in KINDS:
                for entry in environment.get(section) or ():
                    path = "%s/%s" % (around, joined((str(entry["name"]),)))
                    written = json.dumps(entry, ensure_ascii=False, default=str)
                    if path not in moved and any(text in written for text in texts):
                        readers.append(path)
    return readers


def move_refused(
    run: Row,
    locked: Sequence[Row],
    coverage: Sequence[Row],
    not_saved: Sequence[Row],
    whole: Row,
    readers: Sequence[str],
    target: Sequence[Row],
    server_id: str = "",
) -> List[str]:
    """Why a move cannot begin or switch, one sentence each.

    :param run: what C(move_run) gives. :param locked: the services that move. :param coverage: that of the source.
    :param not_saved: what a copy of them would not have. :param whole: the document of the source; empty if nobody asks
        who refers to what. :param readers: the paths that may refer to it.
    :param target: all services that the target has. :param server_id: of its server; empty for its own host.
    """
    created = set(run["created"])
    # Services of the move have the hosts once it has switched.
    own = created | set(run["paths"] if run["is_same"] else ())
    others = [taken for taken in (_taken_by(row, server_id) for row in target) if taken["path"] not in own]
    allowed = created | set(readers)
    return refusals_of(
        locked,
        coverage=[row for row in coverage if row["path"] not in created],
        # What is left out is no data that is missing.
        not_saved=[row for row in not_saved if not row["left_out"]],
        hosts=others,
        read=[path for path in readers_of(whole, locked) if path not in allowed],
        server=run["server"] if run["is_same"] else None,
    )


def _taken_by(row: Row, server_id: str) -> Dict[str, Any]:
    """The hosts that a service of the target has, and the ports if it is on the server."""
    ports = [port["published_port"] for port in row.get("ports") or ()]
    is_there = (row.get("server") or "") == server_id
    return {
        "path": joined((row["project"], row["environment"], row["name"])),
        "hosts": [domain["host"] for domain in row.get("domains") or ()],
        "ports": [*ports, row.get("external_port") or 0] if is_there else [],
    }

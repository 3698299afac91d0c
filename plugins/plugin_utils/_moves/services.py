# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of a document that move, a document that names only these, and why they cannot be moved. Pure.

A service is a mapping with C(section) of the document, C(kind), C(path), C(names), C(type) of a database, C(runs),
C(lists) of what acts on others, and C(hosts).
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined

Row = Mapping[str, Any]

_KINDS = {"applications": "application", "compose": "compose", "databases": "database"}
#: The lists of a service that act on others, or on its data.
ACTING = ("domains", "schedules", "backups", "volume_backups")
# Databases whose other sessions can be counted, by their own client.
_SESSIONS = {
    "postgres": 'psql -At -c "select count(*) from pg_stat_activity where datname = current_database()'
    " and pid <> pg_backend_pid() and backend_type = 'client backend'\"",
    **dict.fromkeys(
        ("mysql", "mariadb"),
        '$(command -v mariadb || echo mysql) -h "$DB_HOST" -u "$DB_USER" -N -e "select count(*) from'
        ' information_schema.processlist where db = database() and id <> connection_id()" "$DB_NAME"',
    ),
}
_READS = "%s refers to what is moved, and may write to it; move it as well, or name it in move_readers"
#: The name of the check that counts these.
SESSIONS = "other sessions"


def move_services(document: Row) -> List[Dict[str, Any]]:
    """The services of the document of an export."""
    return list(_services(document))


def _services(document: Row) -> Iterator[Dict[str, Any]]:
    for project in document.get("projects") or ():
        for environment in project.get("environments") or ():
            for section, kind in _KINDS.items():
                for entry in environment.get(section) or ():
                    names = [str(level["name"]) for level in (project, environment, entry)]
                    yield {
                        "section": section,
                        "kind": kind,
                        "path": joined(tuple(names)),
                        "names": names,
                        "type": entry.get("type"),
                        "runs": entry.get("deploy") != "never",
                        "lists": [name for name in ACTING if entry.get(name)],
                        "hosts": [domain["host"] for domain in entry.get("domains") or () if domain.get("host")],
                    }


def move_document(
    services: Sequence[Row], state: str = "", empty: Sequence[str] = (), kinds: Sequence[str] = ()
) -> List[Dict[str, Any]]:
    """The projects of a document that only names services.

    :param state: that of each. :param empty: the lists that are emptied, of those that have them.
    :param kinds: only services of these.
    """
    projects: Dict[str, Dict[str, Dict[str, List[Dict[str, Any]]]]] = {}
    for service in services:
        if kinds and service["kind"] not in kinds:
            continue
        project, environment, name = service["names"]
        entry = {"name": name, **({"type": service["type"]} if service["kind"] == "database" else {})}
        entry.update({option: [] for option in empty if option in service["lists"]})
        if state:
            entry["state"] = state
        sections = projects.setdefault(project, {}).setdefault(environment, {})
        sections.setdefault(service["section"], []).append(entry)
    return [
        {"name": project, "environments": [{"name": name, **sections} for name, sections in environments.items()]}
        for project, environments in projects.items()
    ]


def move_checks(services: Sequence[Row], checks: Sequence[Row], sessions: bool = True) -> List[Dict[str, Any]]:
    """The checks of the last copy: those of the user, and one for each database that counts the sessions of others."""
    return [*(dict(check) for check in checks), *(_session_checks(services) if sessions else ())]


def _session_checks(services: Sequence[Row]) -> Iterator[Dict[str, Any]]:
    for service in services:
        if service["runs"] and service["type"] in _SESSIONS:
            yield {"name": SESSIONS, "service": service["path"], "script": _SESSIONS[service["type"]]}


def move_copy(content: Row) -> Dict[str, Any]:
    """The content of C(archives.yml) of the last copy, without the checks that are for the source only."""
    return {**content, "checks": [check for check in content.get("checks") or () if check["name"] != SESSIONS]}


def move_readers(whole: Row, services: Sequence[Row]) -> List[str]:
    """The paths of the services of the whole document of the source that refer to services which move, and do not move
    themselves."""
    moved = {service["path"] for service in services}
    readers = []
    for project in whole.get("projects") or ():
        for environment in project.get("environments") or ():
            around = joined((str(project["name"]), str(environment["name"])))
            texts = ["'%s:" % path for path in moved]
            texts += ["'%s:" % path[len(around) + 1 :] for path in moved if path.startswith("%s/" % around)]
            for section in _KINDS:
                for entry in environment.get(section) or ():
                    path = "%s/%s" % (around, joined((str(entry["name"]),)))
                    written = json.dumps(entry, ensure_ascii=False, default=str)
                    if path not in moved and any(text in written for text in texts):
                        readers.append(path)
    return readers


# --- why something cannot be moved ---


def move_refusals(
    services: Sequence[Row],
    document: Row,
    coverage: Sequence[Row] = (),
    not_saved: Sequence[Row] = (),
    hosts: Sequence[Row] = (),
    read: Sequence[str] = (),
    checks: Sequence[Row] = (),
) -> List[str]:
    """Why the services cannot be moved, one sentence each.

    :param document: of the export. :param coverage: that of the whole source.
    :param not_saved: what a copy would not have. :param hosts: the services of the target, with their domains.
    :param read: the paths of other services whose options refer to these. :param checks: those of the last copy.
    """
    return [
        *_states(services),
        *_kinds(document),
        *_shared(services, coverage),
        *_lost(not_saved),
        *_hosts(services, hosts),
        *(_READS % path for path in read),
        *_sessions(checks),
    ]


def _states(services: Sequence[Row]) -> Iterator[str]:
    if not services:
        yield "there is nothing to move: no application, stack or database is selected"


def _kinds(document: Row) -> Iterator[str]:
    for project in document.get("projects") or ():
        for environment in project.get("environments") or ():
            for stack in environment.get("compose") or ():
                if stack.get("type") == "stack":
                    path = joined((str(project["name"]), str(environment["name"]), str(stack["name"])))
                    yield "compose %s is of the type stack, which Dokploy cannot start again once it is stopped" % path


def _shared(services: Sequence[Row], coverage: Sequence[Row]) -> Iterator[str]:
    """Volumes and folders of the host that a service which stays has as well."""
    own = {(service["kind"], service["path"]) for service in services}
    mounted: Dict[Tuple[str, str], List[Row]] = {}
    for row in coverage:
        if row["what"] in ("volume", "bind") and row.get("name") and not _is_system(row):
            mounted.setdefault((row["what"], str(row["name"])), []).append(row)
    for (what, name), rows in mounted.items():
        here = [row for row in rows if (row["kind"], row["path"]) in own]
        others = sorted({row["path"] for row in rows if (row["kind"], row["path"]) not in own})
        if here and others:
            text = "the %s %s of %s is also that of %s, which stays"
            yield text % (what, name, here[0]["path"], ", ".join(others))


def _is_system(row: Row) -> bool:
    """Whether a folder is a part of the host that many services mount, and that no copy has."""
    return row["what"] == "bind" and str(row["name"]).startswith(("/var/run", "/run", "/proc", "/sys", "/dev", "/etc/"))


def _lost(not_saved: Sequence[Row]) -> Iterator[str]:
    for row in not_saved:
        inside = " in %s" % row["service"] if row.get("service") else ""
        named = " ".join(str(part) for part in (row["what"], row.get("name")) if part)
        yield "%s%s of %s %s cannot be copied: %s" % (named, inside, row["kind"], row["path"], row["reason"])


def _hosts(services: Sequence[Row], others: Sequence[Row]) -> Iterator[str]:
    known = {host: row["path"] for row in others for host in row["hosts"]}
    for service in services:
        for host in service["hosts"]:
            if host in known:
                yield "the target has the host %s already, of %s" % (host, known[host])


def _sessions(checks: Sequence[Row]) -> Iterator[str]:
    for check in checks:
        if check["name"] == SESSIONS and check["output"].strip() not in ("", "0"):
            text = "%s %s is still written to: it has %s other sessions after the applications were stopped"
            yield text % (check["kind"], check["path"], check["output"].strip())

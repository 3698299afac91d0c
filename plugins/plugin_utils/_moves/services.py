# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of a document that move, a document that names only these, and why they cannot be moved. Pure.

A service is a mapping with C(section) of the document, C(kind), C(path), C(names), C(type) of a database, C(runs),
its C(server), C(lists) of what acts on others, and the C(hosts) and published C(ports) that a server has once.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.checks import proves_nothing
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK as JOB
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.checks import SESSIONS
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined

Row = Mapping[str, Any]

_KINDS = {"applications": "application", "compose": "compose", "databases": "database"}
#: The lists of a service that act on others, or on its data.
ACTING = ("domains", "schedules", "backups", "volume_backups")
# The options of databases that publish a port.
_EXTERNAL = ("external_port", "external_grpc_port", "external_admin_port")
_READS = "%s refers to what is moved, and may write to it; move it as well, or name it in move_readers"
_VAIN = "the check %s of %s %s proves nothing: its compare is at_least, and its output %r has no number"


def move_services(document: Row) -> List[Dict[str, Any]]:
    """The services of the document of an export, without jobs."""
    return list(_services(document))


def _services(document: Row) -> Iterator[Dict[str, Any]]:
    for project in document.get("projects") or ():
        for environment in project.get("environments") or ():
            for section, kind in _KINDS.items():
                for entry in environment.get(section) or ():
                    if entry.get("description") == JOB:
                        # A run that was killed has left it.
                        continue
                    names = [str(level["name"]) for level in (project, environment, entry)]
                    yield {
                        "section": section,
                        "kind": kind,
                        "path": joined(tuple(names)),
                        "names": names,
                        "type": entry.get("type"),
                        "runs": entry.get("deploy") != "never",
                        "server": entry.get("server") or "",
                        "lists": [name for name in ACTING if entry.get(name)],
                        "hosts": [domain["host"] for domain in entry.get("domains") or () if domain.get("host")],
                        "ports": list(_published(entry)),
                    }


def _published(entry: Row) -> Iterator[int]:
    """The ports of its server that an application or a database publishes."""
    yield from (port["published_port"] for port in entry.get("ports") or ())
    yield from (entry[option] for option in _EXTERNAL if entry.get(option))


def move_named(services: Sequence[Row], suffix: str) -> List[Dict[str, Any]]:
    """The services under the names that they have beside each other on one Dokploy, until one of two has gone."""
    renamed = ({**service, "names": [*service["names"][:-1], service["names"][-1] + suffix]} for service in services)
    return [{**service, "path": joined(tuple(service["names"]))} for service in renamed]


def move_renamed(
    services: Sequence[Row], before: str, after: str, auto_deploy: Optional[bool] = None
) -> List[Dict[str, Any]]:
    """The projects of a document that renames services, from names with one suffix to names with another one.

    :param auto_deploy: whether a webhook may deploy them then; C(None) leaves that as it is.
    """

    def entry_of(service: Row) -> Dict[str, Any]:
        (now,) = move_named([service], before)
        has_webhook = auto_deploy is not None and service["kind"] != "database"
        more = {"auto_deploy": auto_deploy} if has_webhook else {}
        return {"name": service["names"][-1] + after, "moved_from": now["path"], **more}

    return _document(services, entry_of)


def move_document(
    services: Sequence[Row], state: str = "", empty: Sequence[str] = (), kinds: Sequence[str] = ()
) -> List[Dict[str, Any]]:
    """The projects of a document that only names services.

    :param state: that of each. A stack that Dokploy cannot start is deployed instead.
    :param empty: the lists that are emptied, of those that have them. :param kinds: only services of these.
    """
    chosen = [service for service in services if not kinds or service["kind"] in kinds]

    def entry_of(service: Row) -> Dict[str, Any]:
        emptied: Dict[str, Any] = {option: [] for option in empty if option in service["lists"]}
        return {"name": service["names"][-1], **emptied, **_state(service, state)}

    return _document(chosen, entry_of)


def _state(service: Row, state: str) -> Dict[str, Any]:
    """The options of an entry for its state."""
    if state == "started" and service["type"] == "stack":
        # It has no containers and no start once it is stopped. A deployment that is up to date is none.
        return {"deploy": "changed"}
    return {"state": state} if state else {}


def _document(services: Sequence[Row], entry_of: Callable[[Row], Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The projects with the entries of services. :param entry_of: gives the entry of one, without its type."""
    projects: Dict[str, Dict[str, Dict[str, List[Dict[str, Any]]]]] = {}
    for service in services:
        project, environment, _name = service["names"]
        entry = {**entry_of(service), **({"type": service["type"]} if service["kind"] == "database" else {})}
        sections = projects.setdefault(project, {}).setdefault(environment, {})
        sections.setdefault(service["section"], []).append(entry)
    return [
        {"name": project, "environments": [{"name": name, **sections} for name, sections in environments.items()]}
        for project, environments in projects.items()
    ]


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
    coverage: Sequence[Row] = (),
    not_saved: Sequence[Row] = (),
    hosts: Sequence[Row] = (),
    read: Sequence[str] = (),
    checks: Sequence[Row] = (),
    server: Optional[str] = None,
) -> List[str]:
    """Why the services cannot be moved, one sentence each.

    :param coverage: that of the whole source.
    :param not_saved: what a copy would not have.
    :param hosts: the services of the target, with their hosts, and the ports of those on the same server.
    :param read: the paths of other services whose options refer to these. :param checks: those of a copy.
    :param server: of the same Dokploy, to which they move; empty for its own host, C(None) for another Dokploy.
    """
    return [
        *_states(services),
        *_there(services, server),
        *_shared(services, coverage),
        *_lost(not_saved),
        *_taken(services, hosts),
        *(_READS % path for path in read),
        *_sessions(checks),
        *_vain(checks),
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


def _taken(services: Sequence[Row], others: Sequence[Row]) -> Iterator[str]:
    for what in ("host", "port"):
        known = {value: row["path"] for row in others for value in row.get("%ss" % what) or ()}
        for service in services:
            for value in service["%ss" % what]:
                if value in known:
                    yield "the target has the %s %s already, of %s" % (what, value, known[value])


def _sessions(checks: Sequence[Row]) -> Iterator[str]:
    for check in checks:
        if check["name"] == SESSIONS and check["output"].strip() not in ("", "0"):
            text = "%s %s is still written to: it has %s other sessions after the applications were stopped"
            yield text % (check["kind"], check["path"], check["output"].strip())


def _vain(checks: Sequence[Row]) -> Iterator[str]:
    """The checks that no output can fail."""
    for check in checks:
        if proves_nothing(str(check.get("compare")), check["output"]):
            yield _VAIN % (check["name"], check["kind"], check["path"], check["output"].strip())

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of a document that move, and documents that name only these. Pure.

A service is a mapping with C(section) of the document, C(kind), C(path), C(names), C(type) of a database, C(runs),
its C(server), C(lists) of what acts on others, and the C(hosts) and published C(ports) that a server has once.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK as JOB
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined

Row = Mapping[str, Any]

KINDS = {"applications": "application", "compose": "compose", "databases": "database"}
#: The lists of a service that act on others, or on its data.
ACTING = ("domains", "schedules", "backups", "volume_backups")
# The options of databases that publish a port.
_EXTERNAL = ("external_port", "external_grpc_port", "external_admin_port")


def move_services(document: Row) -> List[Dict[str, Any]]:
    """The services of the document of an export, without jobs."""
    return list(_services(document))


def _services(document: Row) -> Iterator[Dict[str, Any]]:
    for project in document.get("projects") or ():
        for environment in project.get("environments") or ():
            for section, kind in KINDS.items():
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


def named(services: Sequence[Row], suffix: str) -> List[Dict[str, Any]]:
    """The services under the names that they have beside each other on one Dokploy, until one of two has gone."""
    rows = []
    for service in services:
        names = [*service["names"][:-1], service["names"][-1] + suffix]
        rows.append({**service, "names": names, "path": joined(tuple(names))})
    return rows


def renamed(
    services: Sequence[Row], before: str, after: str, auto_deploy: Optional[bool] = None
) -> List[Dict[str, Any]]:
    """The projects of a document that renames services, from names with one suffix to names with another one.

    :param auto_deploy: whether a webhook may deploy them then; C(None) leaves that as it is.
    """

    def entry_of(service: Row) -> Dict[str, Any]:
        (now,) = named([service], before)
        has_webhook = auto_deploy is not None and service["kind"] != "database"
        more = {"auto_deploy": auto_deploy} if has_webhook else {}
        return {"name": service["names"][-1] + after, "moved_from": now["path"], **more}

    return _document(services, entry_of)


def document_of(
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

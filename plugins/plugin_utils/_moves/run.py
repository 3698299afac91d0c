# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of a move goes by: where it goes, how far it is, and the documents that it applies. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.services import (
    ACTING,
    Row,
    document_of,
    named,
    renamed,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.states import (
    FINISHED,
    LIVE,
    NAMED,
    PREPARE,
    STATES,
    noted,
    refusal_of,
    state_of,
)

# On one Dokploy, names must not be there twice: the target has others until it is live, and after that the source has.
MOVING = "-moving"
MOVED = "-moved"
DATABASE = "database"
_SCOPES = ("projects", "environments", "services")
_NEEDS = (
    "Set what is moved in move_projects, move_environments or move_services, and where it goes: move_to_url to another "
    "Dokploy than the source, or move_to_server or move_to_own_host to another server of it."
)
_OTHER = "move_dest is the folder of another move, of %s to %s."
_NOTHING = "Nothing is prepared in %s. Run the step prepare first, with the same move_dest."


def move_mistakes(options: Row, source: str, known: Row) -> List[str]:
    """Why the options are no move, or not the one of its folder.

    :param options: those of the role by their names. :param source: the URL of the source.
    """
    place = _Place(options, source)
    if not place.scope or not place.url or place.is_same and not place.is_placed or place.is_placed_twice:
        return [_NEEDS]
    if known.get("to", place.text) != place.text or known.get("scope", place.scope) != place.scope:
        return [_OTHER % (known.get("scope"), known.get("to"))]
    return [] if known or options["step"] == PREPARE else [_NOTHING % options["dest"]]


def move_run(
    options: Row,
    source: str,
    known: Row,
    locked: Sequence[Row],
    event: str = "",
    more: Optional[Row] = None,
    now: Any = 0,
) -> Dict[str, Any]:
    """What the run goes by.

    :param options: those of the role by their names. :param source: the URL of the source.
    :param known: what the folder of the move keeps. :param locked: the services that the run has locked.
    :param event: what has just happened, and is noted. :param more: what is known with it. :param now: when that was.
    """
    place = _Place(options, source)
    known = noted(known, event, more or {}, float(now)) if event else dict(known)
    services = list(known.get("services") or ())
    of_document = services if known.get("stopped_at") or not locked else list(locked)
    names = _Names(place, known, of_document)
    paths = [service["path"] for service in of_document]
    return {
        **_progress(known),
        "known": known,
        "refusal": refusal_of(known, options["step"], _way_back(options, place, source, services)) or "",
        "is_same": place.is_same,
        "is_placed": place.is_placed,
        "server": place.server,
        "to": place.text,
        "to_url": place.url,
        "scope": place.scope,
        # On one Dokploy, that without what the move has made there.
        "own_scope": {"services": paths} if place.is_same else place.scope,
        "services": services,
        "paths": paths,
        "hosts": _hosts(services or locked),
        "has_writers": any(service["kind"] != DATABASE for service in services),
        "has_databases": any(service["kind"] == DATABASE for service in services),
        "there": names.there,
        "rename": dict(zip(paths, (service["path"] for service in names.there))) if names.suffix else {},
        "old_suffix": names.old_suffix,
        "created": names.created,
        "made": [service["path"] for service in names.mine],
        "made_projects": [row["path"] for row in known.get("created") or () if row["kind"] == "project"],
        "documents": _documents(services, locked, names),
    }


def _progress(known: Row) -> Dict[str, Any]:
    state = state_of(known)
    reached = STATES.index(state)
    return {
        "state": state,
        "is_stopped": bool(known.get("stopped_at")),
        "is_live": reached >= STATES.index(LIVE),
        "is_named": reached >= STATES.index(NAMED),
        "is_finished": state == FINISHED,
    }


def _hosts(services: Sequence[Row]) -> List[str]:
    """The hosts of services, each once."""
    hosts: Dict[str, None] = {}
    for service in services:
        hosts.update(dict.fromkeys(service["hosts"]))
    return list(hosts)


def _documents(services: Sequence[Row], locked: Sequence[Row], names: _Names) -> Dict[str, Any]:
    """The documents that a run applies, by what they state."""
    return {
        "locked": document_of(locked),
        "unlocked": document_of(named(locked, names.old_suffix)),
        "writers_stopped": document_of(services, "stopped", ACTING, ("application", "compose")),
        "databases_stopped": document_of(services, "stopped", ACTING, (DATABASE,)),
        "started": document_of([service for service in services if service["runs"]], "started"),
        "started_there": document_of([service for service in names.there if service["runs"]], "started"),
        "removed_there": document_of(names.mine, "absent"),
        "without_domains_there": document_of(names.mine, empty=("domains",)),
        # A webhook finds one of two services with the same token. It must not start the old one again.
        "named_as_old": renamed(services, "", MOVED, auto_deploy=False),
        "named_as_source": renamed(services, MOVING, ""),
    }


class _Names:
    """The names that services have at the target, and at the source.

    :ivar suffix: of names at the target. :ivar old_suffix: of those at the source. :ivar there: the services of the
        document as the target calls them. :ivar mine: those of them that the move has created.
    """

    def __init__(self, place: _Place, known: Row, services: Sequence[Row]) -> None:
        is_named = STATES.index(state_of(known)) >= STATES.index(NAMED)
        self.suffix = MOVING if place.is_same and not is_named else ""
        self.old_suffix = MOVED if place.is_same and is_named else ""
        self.there = named(services, self.suffix)
        self.created = [row["path"] for row in known.get("created") or ()]
        self.mine = [service for service in self.there if service["path"] in self.created]


class _Place:
    """Where a move goes.

    :ivar text: as reports and locks call it. :ivar server: empty for the own host.
    """

    def __init__(self, options: Row, source: str) -> None:
        self.url = str(options["to_url"] or source)
        self.scope = {name: options[name] for name in _SCOPES if options[name]}
        self.is_same = self.url.rstrip("/") == source.rstrip("/")
        self.server = str(options["to_server"] or "") if not options["to_own_host"] else ""
        self.is_placed = bool(options["to_own_host"] or self.server)
        self.is_placed_twice = bool(options["to_own_host"] and options["to_server"])
        where = ", its own host" if options["to_own_host"] else ", server " + self.server
        self.text = self.url + (where if self.is_placed else "")


def _way_back(options: Row, place: _Place, source: str, services: Sequence[Row]) -> str:
    """The command of a move the other way."""
    server = str(services[0]["server"]) if services else ""
    if not place.is_same:
        there = "-e dokploy_url=%s -e move_to_url=%s" % (place.url, source)
    elif server:
        there = "-e move_to_server=" + server
    else:
        there = "-e move_to_own_host=true"
    return "ansible-playbook community.dokploy.move -e move_step=prepare -e move_dest=%s-back %s" % (
        options["dest"],
        there,
    )


def move_planned(changes: Sequence[Row], known: Row, there: Sequence[Row]) -> Dict[str, Any]:
    """What the plan of a preparation means.

    :param changes: of the plan. :param there: the services as they are called at the target.
    :return: C(created), all that the move has created then; C(changes), what it would change that exists, a line each;
        C(others), the paths of services that exist and that no run of the move has created.
    """
    created = [dict(row) for row in known.get("created") or ()]
    would_change = []
    for change in changes:
        row = {"kind": change["kind"], "path": change["path"]}
        if change["action"] not in _HARMLESS and row not in created:
            would_change.append(_line(change))
    for change in changes:
        row = {"kind": change["kind"], "path": change["path"]}
        if change["action"] == "create" and row not in created:
            created.append(row)
    own = {row["path"] for row in created}
    others = [service["path"] for service in there if service["path"] not in own]
    return {"created": created, "changes": would_change, "others": others}


# What a preparation may do to what exists at the target: nothing.
_HARMLESS = ("create", "deploy", "restore")


def move_dead(applied: Row, running: Row) -> List[str]:
    """Why a target is not as it has to be for its source to be removed, a line each.

    :param applied: the result of C(dokploy_manifest) with the whole document, in check mode.
    :param running: that with the services that have to run; empty if there are none.
    """
    changes: List[Mapping[str, Any]] = [*applied["plan"]["changes"], *(running.get("plan") or {}).get("changes", ())]
    lines = [_line(change) for change in changes if change["action"] in ("create", "restore", "deploy", "start")]
    for archive in applied.get("archives") or ():
        if not archive["live"]:
            lines.append("%s %s is not marked as live" % (archive["kind"], archive["path"]))
    return lines


def _line(change: Row) -> str:
    return " ".join((change["action"], change["kind"], change["path"]))


def move_rest(services: Sequence[Row], suffix: str, rows: Sequence[Row]) -> Dict[str, Any]:
    """What is still there of a source that is removed: its paths, and documents that state it stopped, or absent.

    :param suffix: of its names by now. :param rows: all services that the source has.
    """
    existing = {joined((row["project"], row["environment"], row["name"])) for row in rows}
    rest = [service for service in named(services, suffix) if service["path"] in existing]
    return {
        "paths": [service["path"] for service in rest],
        "stopped": document_of(rest, "stopped"),
        "removed": document_of(rest, "absent"),
    }

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is replaced is saved first, while what uses it rests, and runs again afterwards: the nodes of that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Collection, Dict, List, Mapping, Optional, Sequence, Set, Tuple, TypeVar

from .._engine.runner import Context
from .._engine.state import Node
from .._resources.archive_kinds.kinds import VOLUME
from .._resources.backups.archives_file import SavedArchive
from .._resources.recovery.checks import UNUSED, sessions_check
from .._resources.recovery.copy_script import volume_of
from .._resources.recovery.dumps import login_of, source_of
from .._resources.recovery.mark import mark_of, token_of
from .._resources.recovery.save_first import SAVED_BEFORE
from .._resources.recovery.stopping import FORGOTTEN, NOTED, USER_STARTED, USER_STOPPED, Replaced
from .._resources.recovery.words import data_of, what_of
from .._resources.services.compose import COMPOSE
from .._swarm.tasks import Service
from .data_users import DataUser, DataUsers
from .plan import PlannedChange
from .recovery_nodes import RecoveryNode, Stages, node_key, node_of

Restoring = TypeVar("Restoring", bound=Stages)
_NOT_SAVED = "%s: its present state is not saved before it is replaced, since Dokploy has no backup of it."


def with_users(recovery: Restoring, uses: DataUsers, context: Context) -> Restoring:
    """A recovery that stops what uses the data, and starts it again."""
    if not uses.targets:
        return recovery
    runs = {claim.entry.key: claim.node.params["run"] for claim in recovery.claims}
    making = _Making(uses, runs, {"wait_timeout": context.params["wait_timeout"]})
    saves = making.saves(recovery, context)
    running_saves = [node for node in saves if node.saves_running]
    own_stops = {making.key("stop", (node.entry.section.kind, node.entry.path)) for node in running_saves}
    stops = [making.stop(user) for user in uses.users if user.stops]
    last_stops = [node for node in stops if node.key in own_stops]
    after_stops = partial(_after, making.stops_by_target())
    return replace(
        recovery,
        notes=making.notes(),
        stops=[node for node in stops if node not in last_stops],
        running_saves=after_stops(running_saves, without=own_stops),
        last_stops=last_stops,
        files=after_stops(recovery.files),
        unused=after_stops(making.sessions()),
        saves=after_stops([node for node in saves if not node.saves_running]),
        dumps=after_stops(recovery.dumps),
        resumed=making.resumed(),
        starts=[making.start(user) for user in uses.users if user.starts],
        forgotten=making.forgotten(),
        waits=uses.waits,
    )


def _after(
    stops: Mapping[str, Set[str]], nodes: Sequence[RecoveryNode], without: Collection[str] = ()
) -> List[RecoveryNode]:
    """Nodes that come after what stops the users of the data of their entries.

    :param stops: their keys, by those of the entries. :param without: those that do not count.
    """
    return [replace(node, after=node.after | stops.get(node.entry.key, set()).difference(without)) for node in nodes]


@dataclass(frozen=True)
class _Making:
    """Makes the nodes. :param runs: of the claims of this run, by the keys of entries."""

    uses: DataUsers
    runs: Mapping[str, str]
    shared: Mapping[str, Any]

    def notes(self) -> List[RecoveryNode]:
        """What notes in the mark of each target what is stopped for it."""
        nodes = []
        for key, target in self.uses.targets.items():
            tokens = [token_of(user.service) for user in self.uses.users if key in user.targets and user.starts]
            if key in self.runs and tokens:
                params = {"run": self.runs[key], "tokens": tokens}
                nodes.append(node_of(target.place, "note of what is stopped for", NOTED, params))
        return nodes

    def forgotten(self) -> List[RecoveryNode]:
        """What removes that note again, once everything runs."""
        nodes = []
        for key, target in self.uses.targets.items():
            mark = mark_of(target.service)
            own = [user for user in self.uses.users if user.starts and key in user.targets]
            if own or (mark is not None and mark.stopped):
                started = frozenset(self.key("start", user.named) for user in own)
                params = {"run": self.runs.get(key, "")}
                node = node_of(target.place, "end of the stop for", FORGOTTEN, params)
                nodes.append(replace(node, after=started))
        return nodes

    def stop(self, user: DataUser) -> RecoveryNode:
        noted = {node.key for node in self.notes() if node.entry.key in user.targets}
        change = PlannedChange("stop", *user.named, reason=user.why)
        node = self._node("stop", user, USER_STOPPED, {}, [change])
        claims = {node_key("claim", self.uses.targets[key].place.entry) for key in user.targets if key in self.runs}
        return replace(node, after=frozenset(noted | claims))

    def stops_by_target(self) -> Dict[str, Set[str]]:
        """The keys of what stops users, by the keys of the entries whose data they use."""
        by_target: Dict[str, Set[str]] = {}
        for user in self.uses.users:
            for key in user.targets if user.stops else ():
                by_target.setdefault(key, set()).add(self.key("stop", user.named))
        return by_target

    def start(self, user: DataUser) -> RecoveryNode:
        replaced = []
        for key in user.targets:
            target = self.uses.targets[key]
            what = "%s %s" % (target.place.entry.section.kind, target.place.entry.path)
            replaced.append(Replaced(target.service, what, self.runs.get(key, "")))
        change = PlannedChange("start", *user.named, reason=user.why)
        params = {"replaced": replaced, "deploys": user.deploys}
        node = self._node("start", user, USER_STARTED, params, [] if user.deploys else [change])
        return replace(node, data_of=frozenset(user.targets))

    def sessions(self) -> List[RecoveryNode]:
        """What counts the sessions of others in each database that gets a dump."""
        nodes = []
        for key, target in self.uses.targets.items():
            entry, kind = target.place.entry, target.place.resource.kind
            check = sessions_check(entry.section.kind, entry.path, kind)
            if key in self.runs and target.has_dump and check is not None:
                params = {"check": check, **self.shared}
                nodes.append(node_of(target.place, "sessions of", UNUSED, params))
        return nodes

    def saves(self, recovery: Stages, context: Context) -> List[RecoveryNode]:
        """What saves the present data of each target before it is replaced."""
        nodes: List[RecoveryNode] = []
        names = ("destination_id", "restore_timeout", "wait_timeout", "log_lines", "heartbeat", "scratch")
        for restore in recovery.restored if context.params["archives_save_first"] else ():
            target, archive = self.uses.targets.get(restore.entry.key), restore.archive
            if target is None or archive is None:
                continue
            options = options_of(archive, target.service, target.saved_name)
            if options is None:
                context.warn([_NOT_SAVED % what_of(archive)])
                continue
            params = {name: restore.node.params[name] for name in names}
            params.update(archive=archive, options=options, run=self.runs[restore.entry.key])
            params.update(image=context.params["archives_image"])
            change = PlannedChange("save", restore.entry.section.kind, restore.entry.path, reason=data_of(archive))
            node = node_of(target.place, "save of the present %s of" % data_of(archive), SAVED_BEFORE, params)
            nodes.append(replace(node, shown=(change,), saves=archive))
        return nodes

    def resumed(self) -> List[RecoveryNode]:
        """What starts a stack again between its files and its dumps."""
        nodes = []
        for user in self.uses.users:
            target = self.uses.targets.get(user.entry.key) if user.entry is not None else None
            if target is not None and target.has_dump and target.has_files and not user.deploys:
                params = {"replaced": (), "deploys": False, **self.shared}
                nodes.append(node_of(target.place, "start for the dump of", USER_STARTED, params))
        return nodes

    def key(self, what: str, named: Tuple[str, str]) -> str:
        """The key of a node. :param named: the kind and the path of a user."""
        return "%s of %s" % (what, " ".join(named))

    def _node(
        self, what: str, user: DataUser, transition: Any, params: Mapping[str, Any], changes: Sequence[PlannedChange]
    ) -> RecoveryNode:
        """A node of a user: of its own entry, or of that of the first target."""
        entry = user.entry or self.uses.targets[user.targets[0]].place.entry
        service, resource = user.service, user.service.resource
        kind = {"type": resource.kind} if resource.kind else {}
        own = {**kind, resource.id_option: service.id, **self.shared, **params}
        node = Node(resource, own, self.key(what, user.named), transition=transition, label=service.label)
        return RecoveryNode(entry, node, shown=tuple(changes))


def options_of(archive: SavedArchive, service: Service, saved_name: str) -> Optional[Dict[str, Any]]:
    """The options of the backup of what an archive replaces; C(None) if Dokploy has no such backup.

    :param saved_name: the C(app_name) of the service on the saved server.
    """
    in_stack = service.resource is COMPOSE
    inside = {"service": archive.service} if in_stack and archive.service else {}
    if archive.what == VOLUME:
        return {"volume": volume_of(archive, saved_name, str(service.row.get("appName"))), **inside}
    if archive.archive_kind.is_copied:
        # Its volume is known once it is copied.
        return inside
    options = {"database_name": source_of(service, archive).body["databaseName"], **inside}
    if not in_stack:
        return options
    login = login_of(service.row, archive)
    names = {"databaseUser": "user", "databasePassword": "password", "databaseRootPassword": "root_password"}
    if login is None or not set(login) <= set(names):
        return None
    return {
        **options,
        "database_type": archive.database_type,
        str(archive.database_type): {names[key]: value for key, value in login.items()},
    }

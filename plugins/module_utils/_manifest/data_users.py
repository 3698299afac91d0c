# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What uses data that is replaced: it is stopped before that, and started again when the data is back.

Found are the services whose entries refer to that of the data, or come after it, and those that name its host in their
variables or their Compose file, or mount the same volume or folder, also without an entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import (
    Any,
    Callable,
    Container,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
)

from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._engine.runner import Context
from .._model.claims import FOLDER, VOLUME
from .._reads.rows import valid
from .._resources.backups.archives_file import SavedArchive
from .._resources.recovery.copy_script import volume_of
from .._resources.recovery.mark import mark_of, token_of
from .._resources.services.compose import COMPOSE
from .._swarm.states import ServiceState, plan_started, plan_stopped, warn_of_losses
from .._swarm.tasks import Service, live_slots, tasks_call, tasks_in
from .archive_choice import Chosen, ServiceOfEntry
from .entries import Entry
from .sharing import other_services

Row = Mapping[str, Any]
_SHARED_VARIABLE = r"\$\{\{(?:project|environment)\.(\w+)\}\}"
_OWN = "its data is replaced"


@dataclass(frozen=True)
class Target:
    """A service whose data is replaced, or was by an earlier run that has not started what it had stopped.

    :param archives: those that are restored. :param saved_name: the C(app_name) on the saved server.
    """

    place: ServiceOfEntry
    service: Service
    archives: Sequence[SavedArchive]
    saved_name: str

    @property
    def key(self) -> str:
        return self.place.entry.key

    @property
    def has_files(self) -> bool:
        return any(not archive.archive_kind.into_running for archive in self.archives)

    @property
    def has_dump(self) -> bool:
        return any(archive.archive_kind.into_running for archive in self.archives)

    @property
    def claims(self) -> Set[Tuple[str, str]]:
        """The volumes and folders that are replaced; of a dump, the volumes in which its database is."""
        known: Set[Tuple[str, str]] = set()
        for archive in self.archives:
            if archive.archive_kind.into_running:
                own = self.service.resource.claims(self.service.row)
                known |= {(VOLUME, claim.name) for claim in own if claim.kind == VOLUME}
            elif archive.archive_kind.on_host:
                known.add((FOLDER, str(archive.bind)))
            else:
                known.add((VOLUME, volume_of(archive, self.saved_name, str(self.service.row.get("appName")))))
        return known


@dataclass(frozen=True)
class DataUser:
    """What uses the data of targets.

    :param targets: the keys of their entries. :param why: how it uses the data, for people.
    :param stops: it runs, and is stopped. :param deploys: the run deploys it, which starts it.
    """

    service: Service
    entry: Optional[Entry]
    targets: Sequence[str]
    why: str
    stops: bool
    deploys: bool

    @property
    def named(self) -> Tuple[str, str]:
        """The kind and the path, as results show them."""
        if self.entry is not None:
            return self.entry.section.kind, self.entry.path
        return self.service.resource.name, self.service.path

    @property
    def starts(self) -> bool:
        """Whether it is to run in the end."""
        return self.entry is None or self.entry.state != "stopped"


@dataclass(frozen=True)
class DataUsers:
    """What uses the data that a run replaces.

    :param waits: the keys of the entries whose data an entry uses, by its key, whether it runs or not.
    """

    targets: Mapping[str, Target] = field(default_factory=dict)
    users: Sequence[DataUser] = ()
    waits: Mapping[str, FrozenSet[str]] = field(default_factory=dict)


def targets_of(chosen: Sequence[Chosen], listed: Sequence[Planned], saved_names: Mapping[Any, str]) -> List[Target]:
    """The services that exist and whose data is replaced, or of which an earlier run has stopped users."""
    rows = {
        planned.node.key: planned.plan.state
        for planned in listed
        if isinstance(planned.plan, ResourcePlan) and planned.plan.state.row is not None
    }
    items: Dict[str, List[Chosen]] = {}
    for item in chosen:
        if item.service is not None and item.service.entry.key in rows:
            items.setdefault(item.service.entry.key, []).append(item)
    targets = []
    for key, own in items.items():
        state, place = rows[key], own[0].service
        service = Service(state.resource, state.row or {}, state.target.label)
        mark = mark_of(service)
        due = [item.archive for item in own if item.restores]
        replaced = any(item.restores and item.replaces for item in own)
        if place is not None and (replaced or (mark is not None and mark.stopped)):
            saved_name = saved_names[(own[0].archive.kind, own[0].archive.path)]
            targets.append(Target(place, service, due, saved_name))
    return targets


def data_users(
    targets: Sequence[Target],
    listed: Sequence[Planned],
    entries: Mapping[str, Entry],
    stated_before: Callable[[str], Container[str]],
    existing: Iterable[Row],
    deployed: Container[str],
    context: Context,
) -> DataUsers:
    """What uses the data of targets.

    :param stated_before: gives the keys of the entries that one states in C(after), by its key.
    :param existing: the rows of what entries name. :param deployed: the keys of the entries that are deployed.
    :raises Refused: one of them cannot be stopped, or not be started again.
    """
    if not targets:
        return DataUsers()
    services = [
        *_of_entries(listed, entries),
        *((service, None) for service in other_services(existing, context.reads)),
    ]
    uses: List[Tuple[Service, Optional[Entry], Dict[str, str]]] = []
    for service, entry in services:
        why = {target.key: text for target in targets for text in [_why(target, service, entry, stated_before)] if text}
        if why:
            uses.append((service, entry, why))
    calls = [tasks_call(service) for service, _entry, _why_of in uses]
    answers = context.client.call_many(calls) if calls else []
    users = []
    for (service, entry, why), answer in zip(uses, answers):
        tasks = tasks_in(valid(answer))
        deploys = entry is not None and entry.key in deployed
        stops = bool(live_slots(tasks))
        user = DataUser(service, entry, list(why), "; ".join(dict.fromkeys(why.values())), stops, deploys)
        if stops and _is_replaced(user, targets):
            _ensure_possible(user, tasks, context)
            users.append(user)
        elif not stops and _is_noted(user, targets):
            users.append(user)
    waits = {entry.key: frozenset(why) for _service, entry, why in uses if entry is not None}
    return DataUsers({target.key: target for target in targets}, users, waits)


def _of_entries(listed: Sequence[Planned], entries: Mapping[str, Entry]) -> Iterator[Tuple[Service, Optional[Entry]]]:
    """The services of entries that exist."""
    for planned in listed:
        entry, plan = entries[planned.node.key], planned.plan
        if entry.section.deploys and not entry.absent and isinstance(plan, ResourcePlan) and plan.state.row is not None:
            yield Service(plan.state.resource, plan.state.row, plan.state.target.label), entry


def _is_replaced(user: DataUser, targets: Sequence[Target]) -> bool:
    return any(target.archives for target in targets if target.key in user.targets)


def _is_noted(user: DataUser, targets: Sequence[Target]) -> bool:
    """Whether an earlier run has stopped a service."""
    marks = [mark_of(target.service) for target in targets]
    return any(mark is not None and token_of(user.service) in mark.stopped for mark in marks)


def _ensure_possible(user: DataUser, tasks: Sequence[Row], context: Context) -> None:
    """:raises Refused: it cannot be stopped, or not be started again."""
    plan_stopped(ServiceState(user.service, tasks))
    if user.starts and not user.deploys:
        plan_started(ServiceState(user.service, ()))
    warn_of_losses(user.service, tasks, context)


def _why(
    target: Target, service: Service, entry: Optional[Entry], stated_before: Callable[[str], Container[str]]
) -> str:
    """How a service uses the data of a target; empty: it does not."""
    what = "%s %s" % (target.place.entry.section.kind, target.place.entry.path)
    if entry is not None and entry.key == target.key:
        # A dump needs its database to run.
        return _OWN if target.has_files else ""
    if entry is not None and target.key in entry.takes:
        return "it refers to %s" % what
    if entry is not None and target.key in stated_before(entry.key):
        return "it comes after %s" % what
    own = {(claim.kind, claim.name) for claim in service.resource.claims(service.row)}
    same_server = (service.row.get("serverId") or "") == (target.service.row.get("serverId") or "")
    shared = sorted(own & target.claims) if same_server else []
    if shared:
        return "it has the %s %s of %s" % (*shared[0], what)
    option = _naming(str(target.service.row.get("appName") or ""), target.service.resource is COMPOSE, service.row)
    return "its %s names %s" % (option, what) if option else ""


def _naming(host: str, is_stack: bool, row: Row) -> str:
    """The option of a service that names a host; empty: none does. Pure.

    :param is_stack: the hosts of a stack begin with its name.
    """
    if not host:
        return ""
    named = re.compile(r"(?<![\w.-])" + re.escape(host) + ("" if is_stack else r"(?![\w-])"))
    texts = {
        "env": str(row.get("env") or ""),
        "Compose file": str(row.get("composeFile") or ""),
        "command": "%s %s" % (row.get("command") or "", row.get("args") or ""),
        "mounts": " ".join(str(mount.get("content") or "") for mount in row.get("mounts") or ()),
    }
    environment = row.get("environment") or {}
    shared = "%s\n%s" % (environment.get("env") or "", (environment.get("project") or {}).get("env") or "")
    used = set(re.findall(_SHARED_VARIABLE, texts["env"]))
    texts["env"] += "\n".join(line for line in shared.splitlines() if line.partition("=")[0].strip() in used)
    return next((option for option, text in texts.items() if named.search(text)), "")

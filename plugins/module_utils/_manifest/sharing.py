# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Warnings of what two services of one server share, and do not say so: volumes, folders, hosts and ports.

Each entry is compared with the others, and with the services that no entry names. These are only read if an entry takes
something that it has not had: a query for each of them, up to 100 in one request, and none in a second run. Their hosts
are what C(DUPLICATES) compares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .._api.client import Call
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._engine.view import predicted
from .._model.argspec import Spec
from .._model.claims import FOLDER, HOST, PORT, VOLUME, Claim
from .._model.resource import Resource
from .._reads.reads import Reads
from .._reads.tree import place
from .._resources.service_children.duplicates import SHARED
from .._swarm.tasks import Service
from .._values.marks import is_marked

#: What an entry says of it: names of what it shares, or patterns of these.
SPEC: Spec = {SHARED: {"type": "list", "elements": "str"}}
_EFFECTS = {
    VOLUME: "Both write to it, which destroys the data of a database.",
    FOLDER: "Both may write to it.",
    HOST: "Traefik serves only one of them.",
    PORT: "Only one of them can publish it.",
}
_TEXT = "%s: %s: the %s is that of %s, too. %s If that is right, name it in %s."


@dataclass(frozen=True)
class Holder:
    """A service, and what it takes.

    :param server: the ID of its server; empty for Dokploy's own host. :param shared: what it says that it shares.
    """

    label: str
    server: str
    claims: Sequence[Claim]
    shared: Sequence[str] = ()

    def says(self, claim: Claim) -> bool:
        """Whether it says that it shares this."""
        return any(fnmatchcase(claim.name, str(pattern)) for pattern in self.shared)


@dataclass(frozen=True)
class Shared:
    """What two services share. :param other: the one that has it already, or comes first."""

    holder: Holder
    claim: Claim
    other: Holder

    @property
    def warning(self) -> str:
        """What is shared, its effect, and what to do."""
        claim = self.claim
        parts = (self.holder.label, claim.option, claim.text, self.other.label, _EFFECTS[claim.kind], SHARED)
        return _TEXT % parts


def shared_by(holders: Sequence[Holder], others: Iterable[Holder] = ()) -> Iterator[Shared]:
    """What services share with those before them, or with others, unless one of the two says so. Pure."""
    first: Dict[Any, Holder] = {}
    for other in others:
        for claim in other.claims:
            first.setdefault((other.server, claim.key), other)
    for holder in holders:
        for claim in dict.fromkeys(holder.claims):
            owner = first.setdefault((holder.server, claim.key), holder)
            if owner is not holder and not holder.says(claim) and not owner.says(claim):
                yield Shared(holder, claim, owner)


def holder_of(label: str, resource: Resource, row: Mapping[str, Any], shared: Sequence[str] = ()) -> Holder:
    """A service with what its row takes."""
    return Holder(label, str(row.get("serverId") or ""), list(resource.claims(row)), shared)


def sharing_warnings(
    listed: Sequence[Planned], entries: Mapping[str, Any], existing: Iterable[Mapping[str, Any]], reads: Reads
) -> List[str]:
    """A sentence for each thing that an entry shares.

    :param listed: the plans of the entries. :param existing: the rows of what they name, and of what is removed.
    """
    holders: List[Holder] = []
    takes_more = False
    for planned in listed:
        entry, plan = entries[planned.node.key], planned.plan
        if not entry.section.deploys or entry.absent or entry.read_only or not isinstance(plan, ResourcePlan):
            continue
        state, resource = plan.state, plan.state.resource
        after = predicted(resource, state.row, plan.diff, state.desired.fields, state.desired.children)
        holder = holder_of(entry.key, resource, after, entry.own.get(SHARED) or ())
        holders.append(holder)
        if not plan.diff.empty:
            before = set(resource.claims(state.row)) if state.row else set()
            takes_more |= any(claim.kind != HOST and claim not in before for claim in holder.claims)
    others = list(_others(existing, reads)) if takes_more else []
    return [shared.warning for shared in shared_by(holders, others)]


def _others(existing: Iterable[Mapping[str, Any]], reads: Reads) -> Iterator[Holder]:
    """The services that no entry names, as far as the API key may read them, without their hosts."""
    for service in other_services(existing, reads):
        whole = holder_of(service.label, service.resource, service.row)
        yield replace(whole, claims=[claim for claim in whole.claims if claim.kind != HOST])


def other_services(existing: Iterable[Mapping[str, Any]], reads: Reads) -> Iterator[Service]:
    """The services that no entry names, as far as the API key may read them.

    :param existing: the rows of what entries name.
    """
    known = {str(row.get(resource.id_key)) for row in existing for resource in reads.resources if resource.runs}
    services: List[Tuple[Resource, Any, str]] = []
    for resource in (kind for kind in reads.resources if kind.runs):
        for path in reads.trees.of(resource.levels).paths(resource.levels):
            resource_id = str(path[-1][resource.id_key])
            if resource_id not in known and not is_marked(resource_id):
                services.append((resource, path, resource_id))
    calls = [Call(resource.reading.procedure, {resource.id_key: own_id}) for resource, _path, own_id in services]
    for (resource, path, _own_id), row in zip(services, reads.client.call_many(calls) if calls else ()):
        # What the API key may not read is an error.
        if isinstance(row, Mapping):
            yield Service(resource, row, "%s %r%s" % (resource.name, row.get("name"), place(path[:-1])))

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The archives of a backup set that are not restored: each is a failure of its service, and what refers to the service
waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._engine.plan import Outcome
from .._engine.planned import Planned
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import ChangePlan, Difference
from .._errors import Refused, enumerated
from .._model.states import Transition
from .._resources.recovery.words import age_of, data_of
from .archive_choice import MISSING, Chosen, ServiceOfEntry
from .recovery_nodes import RecoveryNode, node_of

_WHAT = "what"
_TO_REPLACE = (
    "Name its path in overwrite to replace its present data, which loses what was written since the archive, or in "
    "archives_keep to leave it as it is."
)
_TO_ADD = "Add it to the document, or name its path in archives_keep."


@dataclass(frozen=True)
class MissingPlan(ChangePlan):
    """Data of a set that is not restored. :param refusal: why."""

    refusal: Refused


def _observe(nodes: Sequence[Node], _context: Context) -> List[Refused]:
    return [node.params[_WHAT] for node in nodes]


def _plan(refusal: Refused, _context: Optional[Context] = None) -> MissingPlan:
    return MissingPlan((), Difference("", {}, {}), refusal)


def _finish(first: MissingPlan, _planned: MissingPlan, _outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises Refused: also in check mode, so that it shows what would wait."""
    raise first.refusal


#: The data of a service is that of the set. No service with missing data reaches this state.
THERE = Transition(_observe, _plan, _finish, configures=False)


@dataclass(frozen=True)
class MissingData(RecoveryNode):
    """Data of a set that is not restored, as a node that always fails."""

    def planned(self) -> Planned:
        """Its node, whose plan is known."""
        return Planned(self.node, _plan(self.node.params[_WHAT]), frozenset({self.entry.key}))


def missing_data(chosen: Sequence[Chosen]) -> List[MissingData]:
    """A node for each service of the document of which an archive is not restored."""
    by_entry: Dict[str, List[Chosen]] = {}
    services: Dict[str, ServiceOfEntry] = {}
    for item in chosen:
        if item.outcome == MISSING and item.service is not None:
            services[item.service.entry.key] = item.service
            by_entry.setdefault(item.service.entry.key, []).append(item)
    return [_node(services[key], items) for key, items in by_entry.items()]


def _node(service: ServiceOfEntry, items: Sequence[Chosen]) -> MissingData:
    of_entry = node_of(service, "data of", THERE, {_WHAT: _refusal(items, _TO_REPLACE)})
    return MissingData(of_entry.entry, of_entry.node)


def without_entry(chosen: Sequence[Chosen]) -> List[Dict[str, Any]]:
    """The failures of archives whose services the document does not have, as results show them."""
    by_place: Dict[Any, List[Chosen]] = {}
    for item in chosen:
        if item.outcome == MISSING and item.service is None:
            by_place.setdefault((item.archive.kind, item.archive.path), []).append(item)
    refusals = {place: _refusal(items, _TO_ADD) for place, items in by_place.items()}
    return [
        {"kind": kind, "path": path, "msg": str(refusal), "error": refusal.facts}
        for (kind, path), refusal in refusals.items()
    ]


def _refusal(items: Sequence[Chosen], hint: str) -> Refused:
    """Why the archives of one service are not restored."""
    by_reason: Dict[str, List[str]] = {}
    for item in items:
        words = "%s (%s)" % (data_of(item.archive), age_of(item.archive))
        by_reason.setdefault(str(item.why_not), []).append(words)
    texts = ["%s: %s" % (enumerated(words), reason) for reason, words in by_reason.items()]
    return Refused("its data is not restored; %s" % "; ".join(texts), hint=hint)


def reasons_of_missing(chosen: Sequence[Chosen]) -> Mapping[str, str]:
    """Why archives are not restored, by what they are of, as the text of a plan lists them."""
    return {
        "%s %s, %s" % (item.archive.kind, item.archive.path, data_of(item.archive)): str(item.why_not)
        for item in chosen
        if item.outcome == MISSING
    }

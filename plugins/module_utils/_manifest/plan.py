# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The plan of a document as data: what would change, as results show it, and its ID."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .held import HeldOption
from .unmanaged import Unknown

#: What can happen to an entry, in the order in which results count it.
ACTIONS = (
    "create",
    "update",
    "reset",
    "rename",
    "move",
    "replace",
    "remove",
    "save",
    "restore",
    "mask",
    "release",
    "deploy",
    "adopt",
    "start",
    "stop",
    "reload",
)
# The beginning of the hash is enough to compare two plans.
_ID_LENGTH = 16


@dataclass(frozen=True)
class PlannedChange:
    """What happens to one entry.

    :param kind: the name of its module without C(dokploy_). :param path: C(shop/production/web), or the name.
    :param diff: both sides, in option names and without secrets.
    :param reason: why it is deployed, started or stopped, what is lost with what is removed and what stays of it, or
        that what is created begins without the data of what is removed.
    :param reset: the options that are not stated, and that differ from those of a new record: C(backups[nightly].keep).
    """

    action: str
    kind: str
    path: str
    diff: Mapping[str, Any] = field(default_factory=dict)
    reason: Optional[str] = None
    reset: Sequence[str] = ()

    @property
    def options(self) -> List[str]:
        """The options that differ."""
        before, after = (self.diff.get(side) for side in ("before", "after"))
        sides = [side if isinstance(side, Mapping) else {} for side in (before, after)]
        names = list(dict.fromkeys([*sides[0], *sides[1]]))
        return [name for name in names if name != "state" and sides[0].get(name) != sides[1].get(name)]

    def shown(self) -> Dict[str, Any]:
        """How results show it."""
        return {
            "action": self.action,
            "kind": self.kind,
            "path": self.path,
            "options": self.options,
            "reason": self.reason,
            "reset": list(self.reset),
        }


@dataclass(frozen=True)
class UnstatedOptions:
    """What was set of one entry on the server, that the entry does not state.

    :param options: as C(Change.reset). :param diff: what is set, and what a new record has.
    """

    kind: str
    path: str
    options: Sequence[str]
    diff: Mapping[str, Any]

    def shown(self) -> Dict[str, Any]:
        """How results show it."""
        options = {"kind": self.kind, "path": self.path, "options": list(self.options)}
        return {**options, "before": self.diff["before"], "after": self.diff["after"]}


@dataclass(frozen=True)
class DocumentPlan:
    """All that a run would change.

    :param unmanaged: the kind and the path of what exists and no entry names.
    :param unknown: what exists of kinds that this collection does not know.
    :param unstated: what was set on the server that no entry states, and that stays.
    :param left_alone: the services that are not deployed, with why they would be.
    :param held: what the document states, and the run leaves out.
    :param not_restored: the data of a backup set that stays missing, with the reasons.
    """

    changes: Sequence[PlannedChange]
    unmanaged: Sequence[Tuple[str, str]] = ()
    unknown: Sequence[Unknown] = ()
    unstated: Sequence[UnstatedOptions] = ()
    left_alone: Sequence[PlannedChange] = ()
    held: Sequence[HeldOption] = ()
    not_restored: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> Dict[str, int]:
        """How many entries each action concerns."""
        count = Counter(change.action for change in self.changes)
        return {action: count[action] for action in ACTIONS}

    @property
    def id(self) -> str:
        """The same for two plans that change the same in the same way; no secret is in it."""
        content = [[change.action, change.kind, change.path, change.reason, change.diff] for change in self.changes]
        text = json.dumps(sorted(content, key=json.dumps), sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:_ID_LENGTH]

    def shown(self) -> Dict[str, Any]:
        """How results show it."""
        unmanaged = [{"kind": kind, "path": path} for kind, path in self.unmanaged]
        changes = [change.shown() for change in self.changes]
        unknown = [record.shown() for record in self.unknown]
        return {
            "id": self.id,
            "changes": changes,
            "counts": self.counts,
            "unmanaged": unmanaged,
            "unknown": unknown,
            "unstated": [options.shown() for options in self.unstated],
            "held": [option.shown() for option in self.held],
        }

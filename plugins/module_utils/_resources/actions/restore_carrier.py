# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The service through which the volume of a database is restored.

Dokploy restores volumes of applications and stacks only, and looks at nothing of these but whether they exist: the ID
of any of them restores any volume (measured on 0.30.2). An instance that has neither gets an application for the time
of the restore. One that a killed run has left is removed by the next restore of a volume of a database beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, Optional, Tuple

from ..._engine.apply import PRESENT
from ..._engine.plan import SELF, Outcome, Step
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._reads.reads import Reads
from ..._reads.rows import read_call
from ..._swarm.tasks import Row
from ..._values.marks import FromResponse
from ..jobs.run import MARK, PREFIX, remove
from ..services.application import APPLICATION
from ..services.compose import COMPOSE

_NAME = PREFIX + "restore"


@dataclass(frozen=True)
class Carrier:
    """:param kind: C(application) or C(compose). :param id: its ID, or the promise of it.

    :param steps: what creates it. :param left: the application that an earlier run has left.
    """

    kind: str
    id: str
    steps: Tuple[Step, ...] = ()
    left: Optional[Row] = None

    def removed(self, outcome: Outcome, context: Context) -> None:
        """Remove what was there for the restore only."""
        row = outcome.rows.get(SELF) if self.steps else self.left
        if row is not None:
            remove(row, context.executor)


def carrier_beside(row: Row, context: Context) -> Carrier:
    """The service through which a volume is restored. :param row: that of the database whose volume it is."""
    left = _left_beside(row, context)
    others = [known for known in _known(context.reads) if left is None or known[1] != left[APPLICATION.id_key]]
    if others:
        kind, service_id = others[0]
        return Carrier(kind, service_id, left=left)
    if left is not None:
        return Carrier(APPLICATION.name, str(left[APPLICATION.id_key]), left=left)
    node = _node(row)
    (state,) = PRESENT.observe([node], replace(context, params=node.params))
    steps = PRESENT.plan(state, replace(context, params=node.params)).steps
    return Carrier(APPLICATION.name, FromResponse(SELF, APPLICATION.id_key), steps)


def _known(reads: Reads) -> Iterator[Tuple[str, str]]:
    """The applications and stacks of the instance: the kind and the ID of each."""
    for resource in (APPLICATION, COMPOSE):
        for path in reads.trees.of().paths(resource.levels):
            yield resource.name, str(path[-1][resource.id_key])


def _left_beside(row: Row, context: Context) -> Optional[Row]:
    """The application that a run has left in the environment of a database."""
    for path in context.reads.trees.of().paths(APPLICATION.levels):
        known = path[-1]
        if known.get("name") == _NAME and path[-2].get("environmentId") == row.get("environmentId"):
            whole = context.reads.current.row(read_call(APPLICATION, str(known[APPLICATION.id_key])))
            return dict(whole) if whole.get("description") == MARK else None
    return None


def _node(row: Row) -> Node:
    params: Dict[str, Any] = {
        **dict.fromkeys(option.name for option in APPLICATION.options),
        **dict.fromkeys(child.option for child in APPLICATION.children),
        "project": row["environment"]["projectId"],
        "environment": row["environmentId"],
        "name": _NAME,
        "description": MARK,
        "state": "present",
    }
    return Node(APPLICATION, params, transition=PRESENT)

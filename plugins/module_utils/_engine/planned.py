# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plans of nodes, what they need of each other, and the waves in which they can be carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, Dict, FrozenSet, List, Sequence

from .._errors import OptionError
from .plan import Step, with_generated
from .runner import Context
from .state import Node
from .view import ChangePlan, Difference


class Later(Step):
    """Stands for what is planned when the turn of a node comes, since nodes before it make what it acts on."""


class Foretold(ChangePlan):
    """What a node will do, as far as it is known before its turn; check mode knows no more."""


def foretold(difference: Difference) -> Foretold:
    """The plan of a node that is planned when its turn comes."""
    return Foretold((Later(),), difference)


@dataclass(frozen=True)
class Planned:
    """The plan of one node.

    :param needs: the keys of the nodes that have to be done before it.
    :param follows: those of the nodes that come before it, whether they succeed or not.
    """

    node: Node
    plan: ChangePlan
    needs: FrozenSet[str] = frozenset()
    follows: FrozenSet[str] = frozenset()

    @property
    def change(self) -> Dict[str, Any]:
        """What it changes, for results: C(action), C(kind), the C(key) of the node and the C(diff)."""
        difference = self.plan.difference
        action = difference.action if difference.changed else "none"
        diff = with_generated(difference.result()["diff"])
        return {"action": action, "kind": self.node.resource.name, "key": self.node.key, "diff": diff}


def own_context(context: Context, node: Node) -> Context:
    """The context of one node."""
    return replace(context, params=node.params, executor=context.executor.apart(), key=node.key)


def waves(plans: Sequence[Planned]) -> List[List[Planned]]:
    """The plans in the order of their needs, those at once that need nothing of each other.

    :raises OptionError: they need each other in a circle; the message shows it.
    """
    by_key = {planned.node.key: planned for planned in plans}
    sorter = TopologicalSorter(
        {key: (planned.needs | planned.follows) & set(by_key) for key, planned in by_key.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise OptionError("the references form a circle: %s" % " -> ".join(reversed(error.args[1]))) from None
    sorted_waves: List[List[Planned]] = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        sorted_waves.append([planned for key, planned in by_key.items() if key in ready])
        sorter.done(*ready)
    return sorted_waves

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One node that is carried out beside others, as what it waits for."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict

from .._errors import Conflict, Refused
from .apply import planned_again, transition_of
from .planned import own_context
from .runner import MAX_ATTEMPTS, Context
from .state import Node
from .threads import in_thread
from .wait import Polls


def carried_out(node: Node, context: Context) -> Polls:
    """The result of a node, as that of its module, after what it waits for.

    :raises DokployError: it failed.
    """
    own, transition = own_context(context, node), transition_of(node)
    for _attempt in range(MAX_ATTEMPTS):
        try:
            planned = planned_again(node, own)
            outcome = yield from in_thread(node.key, "start", partial(own.executor.run, planned))
            if transition.polls is not None:
                outcome.ended = yield from transition.polls(planned, outcome, own)
            result: Dict[str, Any] = transition.finish(planned, planned, outcome, own)
            return result
        except Conflict:
            own.reads.forget()
        finally:
            context.executor.sent = context.executor.sent or own.executor.sent
    raise Refused("%s: another process kept modifying it" % node.key, hint="Run the task again.")

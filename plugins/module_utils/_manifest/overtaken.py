# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what a run has written is still so at its end, or something else has changed it meanwhile."""

from __future__ import annotations

from typing import Any, Collection, Dict, Iterator, List, Mapping

from .._engine.carry_out import Run
from .._engine.runner import Context
from .._engine.view import ChangePlan, Difference
from .._errors import DokployError
from .._reads.reads import Reads
from .entries import Entry
from .plan import PlannedChange

Facts = Dict[str, Any]


def overtaken(entries: Mapping[str, Entry], returned: Collection[str], run: Run, context: Context) -> List[Facts]:
    """What differs at the end of a run from what it has written: the entries, and the names of their options.

    What was written is read again in one request; what was removed, in those that show the tree of its kind.

    :param returned: the keys of entries whose options this run itself has brought back to what they were before.
    """
    plans = {
        key: plan
        for key, plan in run.confirmed.items()
        if key in entries and key in run.wrote and key not in returned and not entries[key].read_only
    }
    if not plans:
        return []
    reads = Reads(context.client)
    reads.resources = context.reads.resources
    reads.current.prefetch([plan.look_again() for plan in plans.values()])
    differing = [(entries[key], _since_then(plan, entries[key], reads, context)) for key, plan in plans.items()]
    result = [_facts(entry, difference) for entry, difference in differing if difference is not None]
    if context.params["expected_plan"] is None:
        context.warn(map(complaint, result))
    return result


def _since_then(plan: ChangePlan, entry: Entry, reads: Reads, context: Context) -> Any:
    try:
        return plan.since_then(reads)
    except DokployError as error:
        text = "%s %s: nothing tells whether it was changed since it was written: %s"
        context.warn([text % (entry.section.kind, entry.path, error)])
        return None


def _facts(entry: Entry, difference: Difference) -> Facts:
    diff = {"before": difference.before, "after": difference.after}
    options = PlannedChange(difference.action, entry.section.kind, entry.path, diff).options
    return {**entry.named, "options": options or ["state"]}


def complaint(facts: Mapping[str, Any]) -> str:
    """One sentence."""
    text = "%s %s was overtaken: since this run has written it, something else has changed %s."
    return text % (facts["kind"], facts["path"], ", ".join(facts["options"]))


def complaints(result: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[str]:
    """A line for each entry that is not as it was reviewed."""
    if params["expected_plan"] is not None:
        yield from map(complaint, result["overtaken"])

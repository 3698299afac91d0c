# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A backup that is made once: by a record of its own, which nothing else runs, and which is gone afterwards.

Its prefix is its own, too, since Dokploy keeps the newest files of a folder, whichever backup has made them. A run that
is killed leaves the record. The next run of its key takes it, and removes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._engine.apply_child import OnlyChild, observe_children, plan_child, written_child
from ..._engine.execute import Executor
from ..._engine.lookup import Target
from ..._engine.plan import Outcome, Plan, Step, Write
from ..._engine.replacement import sent_again
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DokployError, OptionError, Refused
from ..._model.argspec import Spec
from ..._model.child import Child
from ..._model.states import Transition
from ..._swarm.logs import check_lines
from ..._values.codec import GENERATED
from .archives import Archives
from .runs import Job, RunEnded, executed, plan_run, run_facts, with_archive
from .single_runs import ONCE, OPTIONS, is_once

#: The option, beside those of C(executed).
OPTION: Spec = {"once": {"type": "bool", "default": False}}
# Under this name the outcome has the record.
_CREATED = "created"


@dataclass(frozen=True)
class OncePlan(ChangePlan):
    """The run of a backup that exists for it only. :param only: what is stated of it. :param job: without its ID."""

    only: OnlyChild
    job: Job

    @property
    def target(self) -> Target:
        return self.job.target

    @property
    def row(self) -> Mapping[str, Any]:
        return self.job.row

    @property
    def siblings(self) -> Sequence[Mapping[str, Any]]:
        return self.job.siblings


def executed_or_once(
    child: Child, parent: Optional[Target], params: Mapping[str, Any], archives: Archives
) -> Transition:
    """A backup runs, and has ended: one that exists, or with C(once) one that is made for it."""
    if not params["once"]:
        return executed(child, parent, params, archives)
    return replace(made_once(child, parent, archives), refuse=_refuse)


def made_once(child: Child, parent: Optional[Target], archives: Optional[Archives] = None, keep: int = 0) -> Transition:
    """A backup or a schedule runs that is made for it.

    :param keep: so many of its newest files stay in their folder, and Dokploy removes the others; 0 for all.
    """
    observe = partial(_observe, child, parent, archives, {**OPTIONS, "keep": keep})
    return Transition(observe, _plan, _finish, configures=False, polls=_polls)


def _refuse(_resource: Any, params: Mapping[str, Any]) -> None:
    """:raises OptionError: something is stated that a backup which is made once does not have."""
    for option in OPTIONS:
        if params.get(option) is not None:
            raise OptionError("%s is not supported with once=true" % option)


def _observe(
    child: Child,
    parent: Optional[Target],
    archives: Optional[Archives],
    own: Mapping[str, Any],
    nodes: Sequence[Node],
    context: Context,
) -> List[OncePlan]:
    """The plans, as far as they follow from what there is.

    :param own: the options of the backup that are not stated.

    :raises Refused: there is a backup of that key, which is not one for a single run.
    """
    plans = []
    nodes = [replace(node, params={**node.params, **own, "prefix": node.params["prefix"] or ONCE}) for node in nodes]
    for node, only in zip(nodes, observe_children(nodes, context, child, parent)):
        check_lines(node.params["log_lines"])
        row, target = only.row(), only.parent.target
        if row is not None and not is_once(row):
            raise Refused(
                "%s has this backup already" % target.label, hint="Run it without once, or set another prefix or name."
            )
        stated = {want.field.api: want.value for want in only.wants}
        new = {**stated, child.id_key: GENERATED}
        job = Job(child, node.resource, target, only.parent.row or {}, new, archives, siblings=only.rows)
        steps = () if row is not None else plan_child(only, context).steps
        difference = Difference(job.label, {"run": ""}, {"run": "(a new one, of a backup for it only)"})
        plans.append(OncePlan((*steps, _Find(only)), difference, only, job))
    return plans


def _plan(planned: OncePlan, _context: Context) -> OncePlan:
    return planned


@dataclass(frozen=True)
class _Find(Step):
    """Find the record."""

    only: OnlyChild

    def run(self, executor: Executor, outcome: Outcome) -> None:
        outcome.rows[_CREATED] = written_child(self.only, executor.reads)


def _polls(planned: OncePlan, outcome: Outcome, context: Context) -> Polls:
    """The run as results show it; the record is removed then, whatever has come of it."""
    row = outcome.rows.get(_CREATED)
    if row is None:
        return None
    child = planned.job.child
    try:
        job = with_archive(replace(planned.job, row=row), context)
        started = context.executor.run(plan_run(job, context))
        run = yield RunEnded(job), context.params["wait_timeout"]
        return run_facts(job, run, started, context)
    finally:
        remove = Write(child.remove, {child.id_key: row[child.id_key]}, missing_ok=True, took=sent_again)
        try:
            context.executor.run(Plan((remove,)))
        except DokployError as error:
            text = "%s: its record stays until the next run of it, since it cannot be removed: %s"
            context.warn([text % (planned.difference.label, error)])


def _finish(first: OncePlan, _planned: OncePlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    job = first.job
    ids = {job.resource.id_option: job.target.resource_id or GENERATED, job.child.id_option: None}
    return first.difference.result(**ids, **(outcome.ended or {"run": None, "file": None}))

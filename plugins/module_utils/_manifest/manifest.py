# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_manifest): a whole instance from one document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .._engine.apply import selected
from .._engine.graph import Planned, Run, carry_out, plan_nodes
from .._engine.plan import Plan
from .._engine.runner import Context, Operation
from .._engine.state import Node
from .._errors import DokployError, Incomplete, OptionError, Refused
from .._model.argspec import Spec
from .._model.document import in_one_text
from .deployments import OPTIONS as DEPLOYMENT_OPTIONS
from .deployments import RECORD, deployed, wanted
from .entries import Document, Entry
from .markdown import markdown, summary
from .ownership import Ownership, check_owner
from .plan import Change, DocumentPlan
from .progress import Teller, show
from .prune import DEFAULT_LIMIT, check_options, pruned, removal_entries
from .references import References
from .running import check_addresses, http_checks, switch, switches, url_of
from .sections import DOCUMENT, ELSEWHERE, SECTIONS, all_sections
from .unmanaged import Inventory, Unmanaged

Result = Dict[str, Any]


def apply(context: Context) -> Result:
    """Bring the instance into the state that a document describes.

    :raises OptionError: the document has mistakes; all of them are in the message, and nothing was written.
    :raises Refused: the plan is not the expected one, or removes what it may not.
    :raises Incomplete: some entries failed; the others are as described.
    """
    params, context.executor.alone = context.params, True
    document = _document(params)
    _refuse([*document.mistakes, *check_options(params, document), *check_owner(params["owner"])])
    inventory = Inventory(document.entries, context.reads)
    ownership = Ownership(params["owner"], context)
    marked, foreign = ownership.marked(document.entries, inventory.existing, params["adopt"])
    references = References(marked, inventory)
    _refuse([*foreign, *references.mistakes])
    gone = pruned(inventory, ownership, context)
    entries = {entry.key: entry for entry in (*references.entries, *removal_entries(gone))}
    mistakes: Dict[str, DokployError] = {}
    judging = replace(context, mistakes=mistakes)
    waves = plan_nodes(_nodes(list(entries.values()), judging), judging)
    planned = [one for wave in waves for one in wave]
    order = {key: number for number, key in enumerate(entries)}
    listed = sorted(planned, key=lambda one: order[one.node.key])
    deployments = wanted(listed, entries, judging)
    switched = switches(listed, entries, deployments, judging)
    check_addresses(listed, entries, judging)
    _refuse(["%s: %s" % (entries[key].where, error) for key, error in mistakes.items()])
    changes = {one.node.key: change for one in planned for change in _changes(one, entries[one.node.key])}
    needed = [one for one in switched if one.needed]
    actions = [*(one.change for one in deployments), *(one.change for one in needed)]
    plan = DocumentPlan([*changes.values(), *actions], _left(inventory.unmanaged, gone))
    shown = {**plan.shown(), "text": markdown(plan)}
    if params["expected_plan"] not in (None, plan.id):
        raise _another_plan(plan, params["expected_plan"], shown)
    show(plan, context.waiter)
    run = carry_out(waves, context, Teller(context.waiter))
    reports = deployed(deployments, run, context)
    runs, failures = switch(switched, run, context)
    checks = _checked(entries.values(), run, (*reports, *runs), context)
    result: Result = {
        "changed": bool(plan.changes),
        "plan": shown,
        "diff": [change.diff for change in plan.changes if change.diff],
        "deployments": reports,
        "runs": runs,
        "http_checks": checks,
        **_outcome(run, listed, entries, changes, failures),
    }
    lines = _complaints(result, run)
    if lines:
        raise Incomplete("\n".join(lines), details=result)
    return result


def _left(unmanaged: Sequence[Unmanaged], gone: Sequence[Unmanaged]) -> List[Tuple[str, str]]:
    """The kinds and paths of what no entry names and is not pruned."""
    removed = {one.id for one in gone}
    return [(one.section.kind, one.path) for one in unmanaged if one.id not in removed]


def _checked(
    entries: Iterable[Entry], run: Run, reports: Iterable[Mapping[str, Any]], context: Context
) -> List[Dict[str, Any]]:
    """The HTTP checks. :param reports: what became of deployments and states before; what failed is not checked."""
    step = http_checks(entries, run, {one["path"] for one in reports if one["failed"]})
    if step is None:
        return []
    # In check mode nothing new would answer.
    context.executor.run(Plan((step,)))
    return step.found


def _refuse(mistakes: Sequence[str]) -> None:
    """:raises OptionError: there are mistakes."""
    if mistakes:
        raise OptionError(in_one_text(mistakes), details={"mistakes": list(mistakes)})


def _document(params: Mapping[str, Any]) -> Document:
    if params["src"] is not None:
        raise OptionError("src: only the action of the module reads it, on the controller")
    content = {name: params[name] for name in DOCUMENT if params.get(name) is not None}
    if not any(one.name in content for one in SECTIONS):
        raise OptionError("src: the document is empty; it has no section such as projects")
    return Document(content, params["state"], params["force"])


def _nodes(entries: Sequence[Entry], context: Context) -> List[Node]:
    """A node for each entry."""
    nodes = []
    for entry in entries:
        with context.judging(entry.key):
            resource = entry.resource or selected(entry.section.operation.resources, entry.params, context.reads)
            nodes.append(Node(resource, entry.configured, entry.key, entry.takes))
    return nodes


def _changes(planned: Planned, entry: Entry) -> Iterator[Change]:
    """What happens to an entry, if anything does."""
    change = planned.change
    if change["action"] != "none":
        yield Change(change["action"], entry.section.kind, entry.path, change["diff"])


def _outcome(
    run: Run,
    planned: Sequence[Planned],
    entries: Mapping[str, Entry],
    changes: Mapping[str, Change],
    failures: Sequence[Dict[str, Any]],
) -> Dict[str, Any]:
    """What became of each entry: C(resources), and what is in C(failures) and C(waiting)."""
    found: Dict[str, List[Dict[str, Any]]] = {"resources": [], "failures": list(failures), "waiting": []}
    for one in planned:
        key, entry = one.node.key, entries[one.node.key]
        if entry.read_only:
            continue
        if key in run.done:
            found["resources"].append({**_resource(one, entry, run.done[key]), "changed": key in changes})
        elif key in run.failed:
            error = run.failed[key]
            found["failures"].append({**entry.named, "msg": str(error), "error": error.facts})
        else:
            found["waiting"].append({**entry.named, "waits_for": entries[run.waiting[key]].named})
    return found


def _resource(planned: Planned, entry: Entry, result: Mapping[str, Any]) -> Dict[str, Any]:
    """What results tell of an entry that is as described."""
    facts = result.get(planned.node.resource.name) or {}
    known = {**entry.named, "id": facts.get(planned.node.resource.id_option), "state": entry.state}
    if not entry.section.deploys:
        return known
    last = result.get("deployment")
    deployment = last and {name: last.get(name) for name in ("status", *RECORD)}
    return {**known, "app_name": facts.get("app_name"), "url": url_of(entry, facts), "deployment": deployment}


def _complaints(result: Result, run: Run) -> List[str]:
    """A line for each failure."""
    lines = ["%s %s: %s" % (one["kind"], one["path"], one["msg"]) for one in result["failures"]]
    failed = [one for one in result["deployments"] if one["failed"]]
    lines += ["%s %s: %s" % (one["kind"], one["path"], one["msg"]) for one in failed]
    failed = [one for one in result["http_checks"] if not one["passed"]]
    lines += ["%s %s failed its HTTP check: %s" % (one["kind"], one["path"], one["error"]) for one in failed]
    if run.waiting:
        lines.append("%d more waited for these and were left out." % len(run.waiting))
    return lines


def _another_plan(plan: DocumentPlan, expected: str, shown: Dict[str, Any]) -> Refused:
    """The error of a plan that is not the expected one."""
    return Refused(
        "expected_plan: the plan is %s now, not %s: %s" % (plan.id, expected, summary(plan)),
        hint="Nothing was written. The document, the server or a secret has changed since. Review the new plan.",
        details={"plan": shown},
    )


_FORM = {"type", "elements"}
OPTIONS: Spec = {
    "src": {"type": "path"},
    "version": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    "prune": {"type": "list", "elements": "str", "default": []},
    "prune_limit": {"type": "str", "default": DEFAULT_LIMIT},
    "owner": {"type": "str"},
    "adopt": {"type": "bool", "default": False},
    "expected_plan": {"type": "str"},
    **DEPLOYMENT_OPTIONS,
    # Whether it is a secret is known of each option in it.
    **{
        one.name: {"no_log": False, **{key: one.described[key] for key in _FORM & one.described.keys()}}
        for one in SECTIONS
    },
}
OPERATION = Operation(
    name="dokploy_manifest",
    options=OPTIONS,
    perform=apply,
    files=("src", "archive", "path", "api_key_file"),
    elsewhere={"": ELSEWHERE},
    nested={name: one for name, one in DOCUMENT.items() if name != "version"},
    resources=tuple(resource for section in all_sections() for resource in section.operation.resources),
)

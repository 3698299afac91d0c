# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_manifest): a whole instance from one document."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

from .._deployment.queue import deployment_facts
from .._deployment.state import last_good, newest_first
from .._engine.flow import ResourcePlan
from .._engine.graph import Planned, Run, carry_out
from .._engine.plan import Plan
from .._engine.runner import Context, Operation
from .._errors import Incomplete
from .._model.argspec import Spec
from .deployments import OPTIONS as DEPLOYMENT_OPTIONS
from .deployments import RECORD, deployed
from .entries import Entry
from .plan import Change
from .planning import PlannedDocument, planned_document
from .progress import Teller, show
from .prune import DEFAULT_LIMIT
from .report_facts import report_facts
from .running import http_checks, switch, url_of
from .sections import DOCUMENT, ELSEWHERE, HEAD, SECTIONS, all_sections

Result = Dict[str, Any]
_SHOWN_OF_DEPLOYMENT = ("status", *RECORD, "created_at", "finished_at", "error_message")

_NOT_DEPLOYED = (
    "%s is not deployed, since deploy_unstated is false and no option that the document states explains it (%s). State "
    "what differs, or deploy it with deploy: always."
)


def apply(context: Context) -> Result:
    """Bring the instance into the state that a document describes.

    :raises OptionError: the document has mistakes; all of them are in the message, and nothing was written.
    :raises Refused: the plan is not the expected one, or removes what it may not.
    :raises Incomplete: some entries failed; the others are as described.
    """
    # What is missing comes from no earlier task.
    context.executor.alone = True
    document = planned_document(context)
    show(document.plan, context.waiter)
    context.warn(_NOT_DEPLOYED % (note.entry.key, note.reason) for note in document.left_alone)
    run = carry_out(document.waves, context, Teller(context.waiter))
    reports = deployed(document.deployments, run, context)
    runs, failures = switch(document.switches, run, context)
    checks = _checked(document.entries.values(), run, (*reports, *runs), context)
    result: Result = {
        "changed": bool(document.plan.changes),
        "plan": dict(document.shown),
        "diff": [_shown_diff(change) for change in document.plan.changes if change.diff],
        "deployments": [*reports, *(note.foretold for note in document.left_alone)],
        "runs": runs,
        "http_checks": checks,
        **_outcome(run, document, failures),
    }
    if context.params["report_facts"]:
        planned = [(document.entries[plan.node.key], plan) for plan in document.listed]
        result.update(report_facts(planned, context.client))
    lines = _complaints(result, run)
    if lines:
        raise Incomplete("\n".join(lines), details=result)
    return result


def _shown_diff(change: Change) -> Dict[str, Any]:
    """Both sides of a change, and what it is of."""
    return {**change.diff, "action": change.action, "kind": change.kind, "path": change.path}


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


def _outcome(run: Run, document: PlannedDocument, failures: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """What became of each entry: C(resources), and what is in C(failures) and C(waiting)."""
    found: Dict[str, List[Dict[str, Any]]] = {"resources": [], "failures": list(failures), "waiting": []}
    for one in document.listed:
        key, entry = one.node.key, document.entries[one.node.key]
        if entry.read_only:
            continue
        if key in run.done:
            found["resources"].append({**_resource(one, entry, run.done[key]), "changed": key in document.changes})
        elif key in run.failed:
            error = run.failed[key]
            found["failures"].append({**entry.named, "msg": str(error), "error": error.facts})
        else:
            found["waiting"].append({**entry.named, "waits_for": document.entries[run.waiting[key]].named})
    return found


def _resource(planned: Planned, entry: Entry, result: Mapping[str, Any]) -> Dict[str, Any]:
    """What results tell of an entry that is as described."""
    facts = result.get(planned.node.resource.name) or {}
    known = {**entry.named, "id": facts.get(planned.node.resource.id_option), "state": entry.state}
    if not entry.section.deploys:
        return known
    addresses = {"app_name": facts.get("app_name"), "url": url_of(entry, facts)}
    return {**known, **addresses, "status": facts.get("status"), **_deployed_before(planned)}


def _deployed_before(planned: Planned) -> Dict[str, Any]:
    """The last deployment of a service before the run, and when the last successful one ended."""
    row = (planned.plan.state.row if isinstance(planned.plan, ResourcePlan) else None) or {}
    rows = newest_first(row.get("deployments"))
    resource, good = planned.node.resource, last_good(rows)
    last = deployment_facts(resource, rows[0]) if rows else None
    return {
        "deployment": last and {name: last[name] for name in _SHOWN_OF_DEPLOYMENT},
        "deployed_at": None if good is None else good.get("finishedAt") or good.get("createdAt"),
    }


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


_FORM = {"type", "elements"}
OPTIONS: Spec = {
    "src": {"type": "path"},
    **HEAD,
    "list_unstated": {"type": "bool", "default": False},
    "report_facts": {"type": "bool", "default": False},
    "reset_limit": {"type": "str", "default": DEFAULT_LIMIT},
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
    nested={name: one for name, one in DOCUMENT.items() if name not in HEAD},
    resources=tuple(resource for section in all_sections() for resource in section.operation.resources),
)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_manifest): a whole instance from one document."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence

from .._deployment.queue import deployment_facts
from .._deployment.state import last_good, newest_first
from .._engine.carry_out import Run, carry_out
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._engine.proof import prove
from .._engine.runner import Context, Operation
from .._errors import DokployError, Incomplete, NotApplied
from .._model.argspec import Spec
from .._resources.infrastructure.bucket_files import LIST_ANSWERS
from .deployed_images import deployed_images
from .deployments import OPTIONS as DEPLOYMENT_OPTIONS
from .deployments import RECORD
from .document_lock import OPTIONS as DOCUMENT_LOCK_OPTIONS
from .document_lock import DocumentLock
from .entries import Entry
from .held import OPTIONS as HOLD_OPTIONS
from .known_again import OPTIONS as KNOWN_AGAIN_OPTIONS
from .locking import OPTIONS as LOCK_OPTIONS
from .locking import existing_services
from .missing import without_entry
from .order import Running
from .overtaken import complaints, overtaken
from .plan import PlannedChange
from .planning import PlannedDocument, planned_document
from .progress import Teller, show
from .prune import DEFAULT_LIMIT
from .recovery import OPTIONS as RECOVERY_OPTIONS
from .renaming import OPTIONS as RENAME_OPTIONS
from .report_facts import report_facts
from .returns import OPTIONS as RETURN_OPTIONS
from .returns import returning, settled
from .running import url_of
from .sections import DOCUMENT, ELSEWHERE, HEAD, SECTIONS, all_sections
from .selection import OPTIONS as SELECTION_OPTIONS

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
    lock = DocumentLock(context)
    try:
        return _applied(_planned(lock, context), context)
    finally:
        lock.end()


def _planned(lock: DocumentLock, context: Context) -> PlannedDocument:
    """The plan of a document, with the lock where one is asked for and there is something to do."""
    document = planned_document(context)
    if document.plan.changes and lock.take(list(existing_services(document.listed, document.entries).values())):
        # Another run may have ended since the plan was made.
        context.reads.forget(listings=True)
        document = planned_document(context)
    return document


def _applied(document: PlannedDocument, context: Context) -> Result:
    """The result of a plan that is carried out."""
    show(document.plan, context.waiter)
    context.warn(_NOT_DEPLOYED % (note.entry.key, note.reason) for note in document.left_alone)
    try:
        run = carry_out(document.waves, context, Teller(context.waiter))
    finally:
        document.recovery.end()
    unproven = _unproven(context)
    returned = settled(document.deployments, bool(run.failed), run, context)
    images = deployed_images(document.deployments, returned, run, context)
    deployments = [
        {
            **deployment.report(run),
            **images.get(deployment.key, {}),
            **({"returned": returned[deployment.key]} if deployment.key in returned else {}),
        }
        for deployment in _carried_out(document.deployments, run)
    ]
    checks = [check.report(run) for check in _carried_out(document.checks, run)]
    result: Result = {
        "changed": bool(document.plan.changes),
        "plan": dict(document.shown),
        "diff": [_shown_diff(change) for change in document.plan.changes if change.diff],
        "deployments": [*deployments, *(note.foretold for note in document.left_alone)],
        "runs": [switch.report(run) for switch in _carried_out(document.switches, run)],
        "http_checks": [check for check in checks if check is not None],
        "overtaken": overtaken(document.entries, returning(document.deployments, returned, run), run, context),
        **document.recovery.report(run),
        **_outcome(run, document),
    }
    if context.params["report_facts"]:
        planned = [(document.entries[plan.node.key], plan) for plan in document.listed]
        result.update(report_facts(planned, context.client))
    changed = list(complaints(result, context.params))
    lines = [*_complaints(result), *unproven, *changed]
    if lines:
        incomplete = Incomplete("\n".join(lines), details=result)
        if unproven or changed or run.failed.keys() - {node.key for node in document.recovery.missing}:
            raise incomplete
        # That data of a set is missing is known before anything is written.
        context.executor.foretell(incomplete)
    return result


def _unproven(context: Context) -> List[str]:
    """What was written and has no effect, as one line."""
    try:
        prove(context.executor)
    except NotApplied as error:
        return [str(error)]
    return []


def _shown_diff(change: PlannedChange) -> Dict[str, Any]:
    """Both sides of a change, and what it is of."""
    return {**change.diff, "action": change.action, "kind": change.kind, "path": change.path}


def _carried_out(running: Sequence[Running], run: Run) -> List[Any]:
    """What was carried out of what runs, or failed; the rest waited for an entry that failed."""
    return [part for part in running if part.key in run.done or part.key in run.failed]


def _outcome(run: Run, document: PlannedDocument) -> Dict[str, Any]:
    """What became of each entry: C(resources), and what is in C(failures) and C(waiting)."""
    resources: List[Dict[str, Any]] = []
    parts: List[Running] = [*document.switches, *document.recovery.nodes]
    failures = [_failure(part.entry, run.failed[part.key]) for part in parts if part.key in run.failed]
    waiting: List[Dict[str, Any]] = []
    for planned in document.listed:
        key, entry = planned.node.key, document.entries[planned.node.key]
        if entry.read_only:
            continue
        if key in run.done:
            resources.append({**_resource(planned, entry, run.done[key]), "changed": key in document.changes})
        elif key in run.failed:
            failures.append(_failure(entry, run.failed[key]))
        else:
            waiting.append({**entry.named, "waits_for": document.entries[run.waiting[key]].named})
    failures += without_entry(document.recovery.chosen)
    waiting += _left_out(run, document)
    return {"resources": resources, "failures": failures, "waiting": waiting}


def _failure(entry: Entry, error: DokployError) -> Dict[str, Any]:
    return {**entry.named, "msg": str(error), "error": error.facts}


def _left_out(run: Run, document: PlannedDocument) -> Iterator[Dict[str, Any]]:
    """The entries that are as described and are not deployed, started or stopped, since another one failed."""
    parts: Sequence[Running] = (*document.deployments, *document.switches)
    others: Sequence[Running] = (*document.checks, *document.recovery.nodes)
    running = {part.key: part.entry for part in (*parts, *others)}
    for part in parts:
        blocker = run.waiting.get(part.key)
        entry = running.get(blocker or "") or document.entries.get(blocker or "")
        if entry is not None and entry.key != part.entry.key and part.entry.key in run.done:
            yield {**part.entry.named, "waits_for": entry.named}


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


def _complaints(result: Result) -> List[str]:
    """A line for each failure."""
    failures = [*result["failures"], *(report for report in result["deployments"] if report["failed"])]
    lines = ["%s %s: %s" % (failure["kind"], failure["path"], failure["msg"]) for failure in failures]
    failed = [check for check in result["http_checks"] if not check["passed"]]
    lines += ["%s %s failed its HTTP check: %s" % (check["kind"], check["path"], check["error"]) for check in failed]
    back = [report for report in result["deployments"] if "returned" in report and not report["failed"]]
    lines += ["%s %s: %s" % (report["kind"], report["path"], report["returned"]["msg"]) for report in back]
    if result["waiting"]:
        lines.append("%d more waited for these and were left out." % len(result["waiting"]))
    return lines


_FORM = {"type", "elements"}
OPTIONS: Spec = {
    "src": {"type": "path"},
    "secrets_file": {"type": "path", "no_log": False},
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
    **HOLD_OPTIONS,
    **KNOWN_AGAIN_OPTIONS,
    **LOCK_OPTIONS,
    **DOCUMENT_LOCK_OPTIONS,
    **RENAME_OPTIONS,
    **SELECTION_OPTIONS,
    **DEPLOYMENT_OPTIONS,
    **RETURN_OPTIONS,
    **RECOVERY_OPTIONS,
    # Whether it is a secret is known of each option in it.
    **{
        section.name: {"no_log": False, **{key: section.described[key] for key in _FORM & section.described.keys()}}
        for section in SECTIONS
    },
}
OPERATION = Operation(
    name="dokploy_manifest",
    options=OPTIONS,
    perform=apply,
    files=("src", "archive", "path", "api_key_file"),
    elsewhere={"": ELSEWHERE},
    nested={name: option for name, option in DOCUMENT.items() if name not in HEAD},
    resources=tuple(resource for section in all_sections() for resource in section.operation.resources),
    answers=LIST_ANSWERS,
)

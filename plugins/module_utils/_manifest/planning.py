# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From a document to the plan of all that a run changes, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .._engine.apply import selected_kind
from .._engine.facts import with_own_facts
from .._engine.flow import ResourcePlan
from .._engine.graph import forget_promised, plan_nodes
from .._engine.plan import with_generated
from .._engine.planned import Planned
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.unstated import KEEP
from .._errors import DokployError, OptionError, ReferenceNotFound, Refused, enumerated
from .._model.mistakes import refusal
from .._reads.rows import known_since
from .._resources.service_children.duplicates import SHARED, SHARED_OF_ENTRY
from .archive_choice import Choice
from .data_user_nodes import with_users
from .data_users import data_users, targets_of
from .deployments import Wanted, wanted
from .entries import Document, Entry
from .held import Held, without_held
from .known_again import KnownAgain
from .locking import locking_of
from .losses import reasons_of
from .markdown import markdown, summary
from .missing import missing_data, reasons_of_missing
from .moves import Moves
from .order import Order, running_waves
from .ownership import Ownership, check_owner
from .plan import DocumentPlan, PlannedChange, UnstatedOptions
from .promotions import Promotions
from .prune import PRUNE, check_prune_options, exceeds, in_prune, pruned, removal_entries
from .recovery import Recovery, recovery_of
from .references import References
from .renaming import Renaming
from .returns import check_return_options
from .running import HttpCheckNode, Switch, http_checks, switches
from .sections import BY_KIND, DOCUMENT, SECTIONS
from .selection import around_found, isolated, left_out, placed
from .sharing import sharing_warnings
from .unmanaged import Inventory, Record


@dataclass(frozen=True)
class PlannedDocument:
    """A document and the plan of it.

    :param entries: those of the document, of what others refer to beside it, and of what is pruned, by their keys.
    :param waves: the plans of all entries, and then of what runs, in the order in which they are carried out.
    :param listed: those of the entries in the order of these.
    :param changes: what happens to those that change, by their keys.
    :param shown: the plan as results show it. :param left_alone: the deployments that are not carried out.
    :param recovery: what is restored.
    """

    entries: Mapping[str, Entry]
    waves: Sequence[Sequence[Planned]]
    listed: Sequence[Planned]
    deployments: Sequence[Wanted]
    switches: Sequence[Switch]
    checks: Sequence[HttpCheckNode]
    changes: Mapping[str, PlannedChange]
    plan: DocumentPlan
    shown: Mapping[str, Any]
    left_alone: Sequence[Wanted] = ()
    recovery: Recovery = Recovery()


def planned_document(context: Context) -> PlannedDocument:
    """Plan the document of the parameters.

    :raises OptionError: it has mistakes; all of them are in the message.
    :raises Refused: the plan is not the expected one, or removes what it may not.
    """
    params = context.params
    document = _document(params)
    # What is selected has the names of the document.
    outside, wrong = left_out(document.entries, params["scope"], params["prune"], params["archives"])
    selected = [entry for entry in document.entries if entry.key not in outside]
    selected = selected if wrong else around_found(selected, params["scope"])
    renaming = Renaming(params, selected, document.entries)
    isolated_ones = isolated(renaming.entries, params["isolated_network"])
    held = without_held(placed(isolated_ones, params["on_server"]), params["hold"])
    document.entries = list(held.entries)
    known = [*document.mistakes, *wrong, *renaming.mistakes, *check_prune_options(params, document)]
    known += [*check_owner(params["owner"]), *check_return_options(params)]
    if len(known) > _MOST_KNOWN:
        # To plan the rest of a large document takes longer than anybody waits for a mistake.
        _refuse(known)
    try:
        planned = _planned_on_server(document, context, known, renaming, held)
    except DokployError as error:
        # Mistakes that need no server are said without one, too.
        if "mistakes" not in error.details:
            _refuse(known)
        raise
    context.warn(renaming.warnings)
    if params["expected_plan"] not in (None, planned.plan.id):
        raise _another_plan(planned, params["expected_plan"])
    return planned


def _planned_on_server(
    document: Document, context: Context, known: Sequence[str], renaming: Renaming, held: Held
) -> PlannedDocument:
    """The plan of a document, of whose mistakes some are known.

    :raises OptionError: it has mistakes; all of them are in the message.
    """
    owner, adopt = context.params["owner"], context.params["adopt"]
    forget_promised(context)
    moves, promotions, inventory = _looked_up(document.entries, context)
    again = KnownAgain(document.entries, inventory, context)
    if again.entries != document.entries:
        moves, promotions, inventory = _looked_up(again.entries, context)
    ownership = Ownership(owner, context)
    marked, foreign = ownership.marked(promotions.entries, inventory.existing, adopt)
    references = References(marked, inventory, renaming.reference, held.urls)
    refused: List[DokployError] = []
    gone: Sequence[Record] = ()
    try:
        # What an entry with mistakes names is not known for sure.
        gone = [] if known else pruned(inventory, ownership, context)
    except Refused as error:
        # The mistakes come first.
        refused.append(error)
    removals = list(removal_entries(gone, {entry.key for entry in marked}))
    referred = _still_referred_to(references.entries, removals)
    shared = renaming.shared_with_originals(held.entries, context.reads)
    early = [*known, *held.mistakes, *moves.mistakes, *again.mistakes, *promotions.mistakes, *foreign]
    mistakes = [*early, *references.mistakes, *referred, *shared]
    entries = {entry.key: entry for entry in (*references.entries, *removals) if entry.key not in held.keys}
    planned = _planned(entries, replace(context, mistakes={}), inventory, gone, mistakes, held, renaming, again)
    if refused:
        raise refused[0]
    return planned


def _looked_up(entries: Sequence[Entry], context: Context) -> Tuple[Moves, Promotions, Inventory]:
    """What the entries are on the server, and what is there beside them."""
    moves = Moves(entries, context.reads)
    promotions = Promotions(moves.entries, context.reads)
    return moves, promotions, Inventory(promotions.entries, context.reads)


def _still_referred_to(entries: Sequence[Entry], removals: Sequence[Entry]) -> Iterator[str]:
    """The mistakes of entries that take a value of what is pruned."""
    gone = {removal.key for removal in removals}
    for entry in entries:
        for key in sorted(entry.takes & gone):
            yield "prune: %s is to be removed, and %s refers to it" % (key, entry.key)


def _planned(
    entries: Mapping[str, Entry],
    context: Context,
    inventory: Inventory,
    gone: Sequence[Record],
    known: Sequence[str],
    held: Held,
    renaming: Renaming,
    again: KnownAgain,
) -> PlannedDocument:
    """The plan of entries.

    :param context: collects their mistakes. :param gone: what is pruned of the inventory.
    :param known: mistakes that were found before. :param held: what is left out.
    :param renaming: the names that the entries have got. :param again: what has other names on the server.
    :raises OptionError: there are any.
    """
    waves: Sequence[Sequence[Planned]] = ()
    try:
        waves = plan_nodes(_nodes(list(entries.values()), context), context)
    except OptionError as error:
        known = [*known, str(error)]
    in_waves = [planned for wave in waves for planned in wave if not entries[planned.node.key].mistaken]
    listed = _in_order(in_waves, entries)
    needed_ones = wanted(listed, entries, context)
    deployments = [deployment for deployment in needed_ones if not deployment.left_alone]
    left_alone = [deployment for deployment in needed_ones if deployment.left_alone]
    deployed = {deployment.entry.key for deployment in deployments}
    switched = switches(listed, entries, deployed, context)
    checks = http_checks(listed, entries, context)
    stated_order = Order(list(entries.values()))
    choice = Choice(listed, entries, context, renaming.saved, renaming.path, inventory.unmanaged)
    _refuse([*known, *stated_order.mistakes, *choice.mistakes, *_placed_mistakes(entries, context.mistakes or {})])
    context.warn(sharing_warnings(listed, entries, _existing(inventory, gone), context.reads))
    deployments, switched, checks = _rehearsed(deployments, switched, checks, choice, held, context)
    locking = locking_of(listed, entries, switched, context)
    deployed = {deployment.entry.key for deployment in deployments}
    # What gets no containers takes no dump and no login.
    running = deployed - held.idle
    restored = recovery_of(choice.saved, choice.made(running), choice.lacking, running, choice.masks, context)
    recovery = replace(restored, missing=missing_data(restored.chosen), **locking)
    targets = targets_of(recovery.chosen, listed, choice.saved_names)
    existing = _existing(inventory, gone)
    uses = data_users(targets, listed, entries, stated_order.stated, existing, deployed, context)
    recovery = with_users(recovery, uses, context)
    reasons = {
        **again.reasons,
        **reasons_of(in_waves, context.reads, {key: entry.path for key, entry in entries.items()}),
    }
    changes = {plan.node.key: change for plan in in_waves for change in _changes(plan, entries, reasons)}
    needed = [switch.change for switch in switched if switch.needed]
    all_changes = [*changes.values(), *recovery.changes, *(deployment.change for deployment in deployments), *needed]
    _ensure_few_resets(changes.values(), listed, str(context.params["reset_limit"]))
    unstated = list(_unstated(listed, entries))
    notes = [deployment.change for deployment in left_alone]
    beside = _left(inventory.unmanaged, gone, context.params["scope"])
    not_restored = reasons_of_missing(recovery.chosen)
    plan = DocumentPlan(all_changes, beside, inventory.unknown, unstated, notes, held.options, not_restored)
    results = {**plan.shown(), "text": markdown(plan)}
    all_waves = [*waves, *running_waves(deployments, switched, checks, stated_order, recovery)]
    return PlannedDocument(
        entries, all_waves, listed, deployments, switched, checks, changes, plan, results, left_alone, recovery
    )


def _existing(inventory: Inventory, gone: Sequence[Record]) -> List[Mapping[str, Any]]:
    """The rows of what entries name, and of what is removed."""
    return [*inventory.existing.values(), *(record.row for record in gone)]


def _in_order(in_waves: Sequence[Planned], entries: Mapping[str, Entry]) -> List[Planned]:
    """The plans of entries in the order of these."""
    order = {key: number for number, key in enumerate(entries)}
    return sorted(in_waves, key=lambda planned: order[planned.node.key])


def _rehearsed(
    deployments: List[Wanted],
    switched: List[Switch],
    checks: List[HttpCheckNode],
    choice: Choice,
    held: Held,
    context: Context,
) -> Tuple[List[Wanted], List[Switch], List[HttpCheckNode]]:
    """What runs: in a rehearsal, only the databases that have to run before their dumps are restored, and what is
    deployed without containers."""
    if not context.params["archives_rehearsal"]:
        return deployments, switched, checks
    needed = choice.with_dumps | held.idle
    return [deployment for deployment in deployments if deployment.entry.key in needed], [], []


def _placed_mistakes(entries: Mapping[str, Entry], mistakes: Mapping[str, DokployError]) -> Iterator[str]:
    """The mistakes with their places, without those that follow from another one."""
    mistaken = {key for key, entry in entries.items() if entry.mistaken}
    for key, error in mistakes.items():
        entry = entries[key]
        # Of an entry that lacks its mistakes, only names are judged.
        follows = "of" in error.details or (entry.mistaken and not isinstance(error, ReferenceNotFound))
        if not follows and not entry.takes & mistaken:
            yield "%s: %s" % (entry.where, in_prune(error, entry.section.kind) if entry.where == PRUNE else error)


def _left(unmanaged: Sequence[Record], gone: Sequence[Record], scope: Any) -> List[Tuple[str, str]]:
    """The kinds and paths of what no entry names and is not pruned, in the order of the sections and then of the paths.

    Beside a part of a document there is nothing.
    """
    if scope:
        return []
    removed = {record.id for record in gone}
    left = [(record.section.kind, record.path) for record in unmanaged if record.id not in removed]
    kinds = list(BY_KIND)
    return sorted(left, key=lambda kind_and_path: (kinds.index(kind_and_path[0]), kind_and_path[1]))


# With more mistakes that need no server, none is looked for on the server.
_MOST_KNOWN = 100


def _refuse(mistakes: Sequence[str]) -> None:
    """:raises OptionError: there are mistakes."""
    if mistakes:
        raise refusal(mistakes)


def _document(params: Mapping[str, Any]) -> Document:
    if params["src"] is not None:
        raise OptionError("src: only the action of the module reads it, on the controller")
    if params["secrets_file"] is not None:
        raise OptionError("secrets_file: has the variables of the document that src names, and src is not stated")
    content = {name: params[name] for name in DOCUMENT if params.get(name) is not None}
    if not any(section.name in content for section in SECTIONS):
        raise OptionError("src: the document is empty; it has no section such as projects")
    unstated = params["unstated"] or KEEP
    return Document(content, params["state"], params["force"], unstated, params["list_unstated"])


def _nodes(entries: Sequence[Entry], context: Context) -> List[Node]:
    """A node for each entry."""
    nodes = []
    for entry in entries:
        with context.judging(entry.key), known_since(entry.section.resource):
            resource = entry.resource or selected_kind(entry.section.operation.resources, entry.params, context.reads)
            own_facts = with_own_facts if entry.key in entry.takes else None
            shared = {SHARED_OF_ENTRY: entry.own[SHARED]} if entry.own.get(SHARED) else {}
            params = {**entry.configured, **shared}
            nodes.append(Node(resource, params, entry.key, entry.takes - {entry.key}, own_facts=own_facts))
    return nodes


def _changes(planned: Planned, entries: Mapping[str, Entry], reasons: Mapping[str, str]) -> Iterator[PlannedChange]:
    """What happens to an entry, if anything does. :param reasons: what is to be known of the data, by key."""
    change, key = planned.change, planned.node.key
    if change["action"] != "none":
        entry = entries[key]
        kind, reset = entry.section.kind, planned.plan.difference.reset
        yield PlannedChange(change["action"], kind, entry.path, change["diff"], reasons.get(key), reset)


def _unstated(listed: Sequence[Planned], entries: Mapping[str, Entry]) -> Iterator[UnstatedOptions]:
    """What differs from new records that no entry states, and that stays as it is."""
    for planned in listed:
        difference = planned.plan.difference.listed
        if difference is not None:
            entry = entries[planned.node.key]
            yield UnstatedOptions(
                entry.section.kind, entry.path, difference.reset, with_generated(difference.result()["diff"])
            )


def _ensure_few_resets(changes: Iterable[PlannedChange], listed: Sequence[Planned], limit: str) -> None:
    """:raises Refused: more entries would be reset than the option allows."""
    names = ["%s %s (%s)" % (change.kind, change.path, ", ".join(change.reset)) for change in changes if change.reset]
    existing = sum(isinstance(planned.plan, ResourcePlan) and planned.plan.state.row is not None for planned in listed)
    if exceeds(limit, len(names), existing):
        text = "unstated: %d of %d entries would be reset, more than reset_limit=%s: %s"
        raise Refused(
            text % (len(names), existing, limit, enumerated(names)),
            hint="Nothing was written. State these options, name them in ignore, or raise reset_limit if it is right.",
        )


def _another_plan(planned: PlannedDocument, expected: str) -> Refused:
    """The error of a plan that is not the expected one."""
    return Refused(
        "expected_plan: the plan is %s now, not %s: %s" % (planned.plan.id, expected, summary(planned.plan)),
        hint="Nothing was written. The document, the server or a secret has changed since. Review the new plan.",
        details={"plan": dict(planned.shown)},
    )

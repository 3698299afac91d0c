# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps from an observation to a result: plan, check, and confirm after the writes. C(plan) is pure.

What is checked of any resource: whether the server is new enough, its kind is known, options have an effect, and names
are free.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import Conflict, NotApplied, Refused, with_article
from .._model.field import Version
from .._model.resource import ChangeCheck, Resource
from .._reads.reads import Reads
from .._reads.rows import answers_of_queries, need, read_back_calls
from .._values.codec import is_empty
from .._values.marks import FromResponse, is_marked, sources_in
from .desired import DesiredField, all_fields, dotted, matching, with_values
from .diff import Change, ChildChange, Diff, Judgement, Row, compare, is_doubled
from .plan import SELF, Outcome, with_generated
from .planning import plan_present
from .proof import Written
from .runner import Context
from .state import State, with_rows
from .unknown import of_unknown_kind
from .unstated import LIST
from .view import ChangePlan, Difference, difference


@dataclass(frozen=True)
class ResourcePlan(ChangePlan):
    """The changes of one resource and its children, and the writes that make them."""

    state: State
    diff: Diff

    def uses(self) -> Sequence[Any]:
        target = self.state.target
        return [target.resource_id, target.parent_id, *(want.value for want in all_fields(self.state.desired))]

    def changed(self) -> Sequence[Tuple[str, str]]:
        return [(str(self.state.target.resource_id), change.field.api) for change in self.diff.changes]

    def read_back(self, outcome: Outcome) -> Sequence[Call]:
        state = self.state
        if self.diff.empty or not outcome.sent or outcome.shown is not None:
            return ()
        return read_back_calls(state.resource, str(outcome.value(state.target.resource_id)), state.children)

    def look_again(self) -> Sequence[Call]:
        state = self.state
        return read_back_calls(state.resource, str(state.target.resource_id), state.children)

    def since_then(self, reads: Reads) -> Optional[Difference]:
        state = self.state
        try:
            row = _read_back(state, Outcome(), reads)
        except NotApplied:
            return Difference(state.target.label, {"state": "absent"}, {"state": "present"}, action="remove")
        diff = compare(state.resource, state.desired, row, written=True)
        return None if diff.empty else difference(diff, state.names, state.target.label)


def plan(state: State, diff: Optional[Diff] = None) -> ResourcePlan:
    """The writes that make the current state the desired one: pure, in their order, as few as possible.

    :param diff: other changes than those of the whole resource.
    :raises Refused: Dokploy cannot change this of an existing resource.
    :raises OptionError: a needed option is neither stated nor set.
    """
    resource, target = state.resource, state.target
    diff = compare(resource, state.desired, state.row) if diff is None else diff
    listed: Optional[Diff] = None
    if state.unstated.mode == LIST:
        listed, diff = diff.part(unstated=True), diff.part(unstated=False)
        state = replace(state, desired=state.desired.stated())
    if diff.action == "replace":
        diff = replace(diff, changes=(*diff.changes, *_initial(state, diff)))
    steps = plan_present(resource, diff, target.resource_id, target.parent_id, state.children, state.row or {})
    changed = _with_word(difference(diff, state.names, target.label), resource, diff)
    if listed is not None and not listed.empty:
        changed = replace(changed, listed=difference(listed, state.names, target.label))
    return ResourcePlan((*diff.tests, *steps), changed, state, diff)


def _with_word(changed: Difference, resource: Resource, diff: Diff) -> Difference:
    """The difference with the word for it, if a record gets another name, or is moved."""
    keys = {change.field.api for change in diff.changes} if changed.action == "update" else set()
    if resource.parent_key in keys:
        return replace(changed, action="move")
    return replace(changed, action="rename") if resource.listing.name_key in keys else changed


def _initial(state: State, diff: Diff) -> Iterator[Change]:
    """What is stated for new records only, as the record that replaces another one is."""
    known = {change.field.api for change in diff.changes}
    for want in (stated for stated in state.desired.fields if stated.field.initial and stated.field.api not in known):
        yield Change(want.path, want.field, (state.row or {}).get(want.field.api), want.value)


def check(planned: ResourcePlan, context: Context) -> ResourcePlan:
    """The plan after what its changes need to know of the server, before anything is written.

    Each check is observed and judged before the next one, so that what is refused asks for nothing else.

    :raises Refused: it cannot be done like that. :raises OptionError: a value that cannot be right.
    """
    state, diff, params, reads = planned.state, planned.diff, context.params, context.reads
    state = replace(state, sent_before=context.executor.sent)
    _refuse_unknown(state, diff)
    for requirement in (*REQUIREMENTS, *state.resource.checks):
        if requirement.about and not _concerns(requirement.about, state, diff):
            continue
        judged = requirement.judge(state, diff, params, requirement.observe(state, diff, params, reads))
        if judged.warnings:
            context.warn("%s: %s" % (context.key, warning) if context.key else warning for warning in judged.warnings)
        for listing, parent, rows in judged.noted:
            reads.children.keep(listing, parent, rows)
        diff = judged.diff
    if diff is planned.diff:
        return planned
    other = plan(state, diff)
    return replace(other, difference=replace(other.difference, listed=planned.difference.listed))


def _concerns(options: Sequence[str], state: State, diff: Diff) -> bool:
    """Whether one of these options is stated, or changes."""
    desired = state.desired
    concerned = {*desired.children} - desired.unstated | {change.child.option for change in diff.children}
    concerned |= {want.path[0] for want in desired.fields if not want.unstated}
    concerned |= {change.path[0] for change in diff.changes}
    return not concerned.isdisjoint(options)


def _refuse_unknown(state: State, diff: Diff) -> None:
    """:raises Refused: the record is of a kind that its description does not know, and would change."""
    resource, row = state.resource, state.row
    # Most listings have one kind, which no row states.
    if resource.listing.kind_key and row is not None and diff.action != "none" and not resource.listing.is_known(row):
        raise of_unknown_kind(resource, resource.name_option, row)


def _version(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(version), which is queried once a task, if anything needs it."""
    return {"version": reads.client.version()} if any(_needs(state, diff)) else {}


def _needs_version(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: an option, or the record, needs a newer Dokploy; an older one silently drops the option."""
    for what, since, hint in _needs(state, diff):
        need(known["version"], what, since, hint)
    return Judgement(diff)


def _needs(state: State, diff: Diff) -> Iterator[Tuple[str, Version, str]]:
    """What the server may not know, the first version with it, and what to do without it.

    A server that knows a field shows it, so that an existing row settles it without a request.
    """
    resource = state.resource
    if state.row is None and resource.since is not None:
        yield "Creating %s" % with_article(resource.label), resource.since, "Update the server."
    newer = list(_newer(diff.changes, state.row or {}))
    for item in (change for change in diff.children if change.action != "remove"):
        if item.child.since is not None and item.row is None:
            newer.append((item.child.option, item.child.since))
        newer += _newer(item.changes, item.row or {})
    for option, since in newer:
        yield option, since, "Leave the option out, or update the server."


def _newer(changes: Sequence[Change], row: Row) -> Iterator[Tuple[str, Version]]:
    """The options that the server may not know, and the first version with each."""
    for change in changes:
        field = change.field
        # What an older server shows, it can clear.
        known = field.api in row and (not field.shown_early or is_empty(change.after))
        if field.since is not None and not known:
            yield dotted(change.path), field.since


def _named(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(rows) that may have a new name, also of another kind."""
    listing = state.resource.listing
    # In each server, names are unique by themselves.
    if not state.resource.unique or state.resource.parents or not any(_new_names(state, diff)):
        return {}
    answer = reads.listings.rows(listing.procedures)
    rows = map(listing.flat, listing.listed(answer[0] if listing.key else answer))
    return {"rows": [row for row in rows if not is_marked(row.get(listing.id_key))]}


def _is_free(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: another record has the name, which the server does not say."""
    listing, own = state.resource.listing, (state.row or {}).get(state.resource.id_key)
    for change in _new_names(state, diff):
        others = (row for row in known.get("rows", ()) if row.get(listing.id_key) != own)
        if any(other.get(listing.name_key) == change.after for other in others):
            raise Refused(
                "%s: another %s is named %r" % (dotted(change.path), listing.label, change.after),
                hint="Remove it first, or choose another name.",
            )
    return Judgement(diff)


def _new_names(state: State, diff: Diff) -> Iterator[Change]:
    return (change for change in diff.changes if change.field.api == state.resource.listing.name_key)


def _has_effect(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    return Judgement(diff, tuple(without_effect(state)))


def without_effect(state: State) -> Iterator[str]:
    """Warnings of stated options that the server stores and ignores, whether they change or not."""
    yield from _idle(state.desired.fields, state.row)
    for child in state.resource.children:
        for wants in state.desired.children.get(child.option, ()):
            rows = matching(child, wants, (state.row or {}).get(child.embedded) or [], state.child_id)
            yield from _idle(wants, rows[0] if rows else None)


def _idle(wants: Tuple[DesiredField, ...], row: Optional[Row]) -> Iterator[str]:
    after = {**(row or {}), **{want.field.api: want.value for want in wants}}
    for want in (want for want in wants if not want.unstated):
        ignored = want.field.codec.ignored(want.value)
        if ignored:
            yield "%s: %s." % (dotted(want.path), ignored)
        # What is cleared or switched off is not to have one.
        if want.field.no_effect is None or is_empty(want.value) or want.value is False:
            continue
        why = want.field.no_effect(after)
        if why is not None:
            yield "%s has no effect: %s." % (dotted(want.path), why)


#: What is checked of any resource.
REQUIREMENTS = (ChangeCheck(_needs_version, _version), ChangeCheck(_has_effect), ChangeCheck(_is_free, _named))


def fulfil(planned: ResourcePlan, outcome: Outcome) -> ResourcePlan:
    """The plan with what its promises stand for, or what results of check mode show of these."""
    state = planned.state
    if state.key == SELF:
        return planned

    def is_known(content: Any) -> bool:
        return all(source in outcome.rows for source in sources_in(content))

    def value(content: Any) -> Any:
        return outcome.value(content) if is_known(content) else with_generated(content)

    target = state.target
    desired = with_values(state.desired, {want.path: value(want.value) for want in all_fields(state.desired)})
    names = {value(resource_id): name for resource_id, name in state.names.items() if is_known(resource_id)}
    # What came with its parent has its row there.
    came = [outcome.rows[source] for source in sources_in(target.resource_id) if source in outcome.rows]
    row = {**state.row, **came[0]} if came and state.row else state.row
    target = replace(target, resource_id=value(target.resource_id), parent_id=value(target.parent_id))
    return replace(planned, state=replace(state, target=target, desired=desired, names=names, row=row))


def confirm(planned: ResourcePlan, outcome: Outcome, context: Context, left: Callable[[Row], Diff]) -> Row:
    """The row that the server shows after the writes.

    :param left: what still differs from the desired state.
    :raises NotApplied: an option was not stored; an older server silently drops what it does not know.
    :raises Conflict: another run, or the server, has added the same children at the same time. One of each is enough,
        which is what the next attempt plans.
    """
    state, reads = planned.state, context.reads
    if outcome.rows.get(SELF) is not None:
        state = entered(planned, outcome.rows[SELF], reads)
        outcome.confirmed = replace(planned, state=state)
    after = _read_back(state, outcome, reads)
    _remember(planned, after, reads)
    diff = left(after)
    if diff.empty:
        if state.resource.proof is not None and planned.diff.children:
            context.executor.written.append(Written(state.resource, state.target.label, planned.diff, after))
        return after
    doubled = (is_doubled(change, state.desired.children[change.child.option], after) for change in diff.children)
    if not diff.changes and all(doubled):
        raise Conflict
    raise not_stored(state, diff)


def entered(planned: ResourcePlan, created: Row, reads: Reads) -> State:
    """The state with what was created, which is entered into the tree."""
    state, resource = planned.state, planned.state.resource
    row = resource.listing.flat(created)
    tree = reads.trees.of(resource.levels)
    if state.key != SELF:
        promised = FromResponse(state.key, resource.id_key)
        tree.refresh(resource.levels, row, whole=True, known_as=promised)
        reads.promises.keep(promised, resource.id_key, row)
    if planned.diff.action == "replace":
        tree.forget(resource.levels, str(state.target.resource_id))
    tree.enter(resource.levels, row, row.get(resource.parent_key or "", state.target.parent_id))
    return replace(state, target=replace(state.target, resource_id=str(row[resource.id_key]), row=row))


def _read_back(state: State, outcome: Outcome, reads: Reads) -> Row:
    """The row after the writes; raises C(NotApplied) if there is none."""
    after = outcome.shown
    if after is None and state.whole:
        (after, _answers) = reads.current.read_back(state.resource, str(state.target.resource_id), state.children)
    elif after is None:
        after = dict(with_rows([replace(state, row=None)], reads)[0].row or {})
    if after is None:
        raise NotApplied("%s was written, but the server does not show it any more" % state.target.label)
    return {**after, **answers_of_queries([want.field for want in state.desired.fields], reads.client)}


def _remember(planned: ResourcePlan, after: Row, reads: Reads) -> None:
    """Bring what was read before up to date, so that a loop need not ask for it."""
    resource = planned.state.resource
    reads.trees.refresh(resource, dict(after))
    if any(change.field.elected for change in planned.diff.changes):
        # Another record has changed, too.
        reads.forget()
    for child in resource.children:
        if child.everywhere is not None and child.embedded in after:
            reads.children.keep(child.everywhere.listing, str(after[resource.id_key]), after[child.embedded] or [])


def not_stored(state: State, diff: Diff) -> NotApplied:
    """The error about what the server does not show after it has accepted the writes."""
    options = [dotted(change.path) for change in diff.changes]
    options += ["%s (%s)" % (change.child.option, _which(change)) for change in diff.children]
    return NotApplied(
        "%s: the server accepted the write, but these options did not stick: %s"
        % (state.target.label, ", ".join(options)),
        hint="An older Dokploy drops what it does not know, and another process may have written at the same time.",
        details={"options": options},
    )


def _which(change: ChildChange) -> str:
    """A child in words; one that is not stated with its ID, so that you can remove it."""
    if change.action != "remove" or change.row is None:
        return change.label
    return "%s, which is there as %s %s" % (change.label, change.child.id_option, change.row.get(change.child.id_key))

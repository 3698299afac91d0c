# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource brought into its state, C(present) or C(absent), and the operation of its module."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import DokployError, NotApplied, OptionError, ReferenceNotFound, they_are
from .._model.argspec import Spec, given, locator_spec, merged_specs, resource_spec
from .._model.resource import DELETE_TIMEOUT, Resource
from .._model.states import Transition
from .._reads.reads import Reads
from .._reads.rows import known_since, siblings_call
from .._values.codec import GENERATED
from .desired import Desired, dotted
from .diff import Diff, Row, compare
from .execute import Progress
from .flow import ResourcePlan, check, confirm, fulfil, plan
from .kinds import existing_kind, other_kinds
from .lookup import Target, locate
from .plan import SELF, Outcome, Step, Write, with_generated
from .runner import Context, Operation
from .state import Node, State, observe
from .unstated import OPTIONS as UNSTATED
from .view import ChangePlan, Difference, difference, predicted, view
from .wait import Polls, wait_together

Result = Dict[str, Any]


def resource_operation(*kinds: Resource) -> Operation:
    """The operation C(dokploy_<resource>), with the states C(present), C(absent) and those of its description.

    :param kinds: the resource, or the kinds of it of which the option C(type), or a suboption, selects one.
    """
    resource = kinds[0]
    exclusive = {"mutually_exclusive": [[kind.kind for kind in kinds]]} if resource.by_suboption else {}
    locating = {} if resource.single else {"required_one_of": [[resource.name_option, resource.id_option]]}
    options = [(dotted(path), field) for kind in reversed(kinds) for path, field, _group in kind.fields()]
    parts = [("%s.%s" % (place, part.name), part) for place, field in options for part in field.parts]
    places = [*options, *parts]
    return Operation(
        name="dokploy_%s" % resource.name,
        options=_options(kinds),
        perform=partial(manage, kinds),
        resources=kinds,
        rules={**resource_spec(resource)[1], **locating, **exclusive},
        option_names=_option_names(kinds),
        forms={place: field.form for place, field in places if field.form},
    )


def _options(kinds: Sequence[Resource]) -> Spec:
    resource = kinds[0]
    states = list(dict.fromkeys(("present", *(() if resource.single else ("absent",)), *resource.states.transitions)))
    options: Spec = {
        "state": {"type": "str", "choices": states, "default": "present"},
        **locator_spec(resource),
        **merged_specs((*(resource_spec(kind)[0] for kind in kinds), dict(resource.states.options))),
        **resource.removal.options,
    }
    if resource.kind and not resource.by_suboption:
        options["type"] = {"type": "str", "choices": [kind.kind for kind in kinds], "required": True}
    if resource.updating.procedure:
        options.update(UNSTATED)
    if resource.updating.replacement is not None:
        options["replace"] = {"type": "bool", "default": False}
    if resource.reading.secret_facts is not None or resource.creation.shown_once:
        options["include_secrets"] = {"type": "bool", "default": False, "no_log": False}
    return options


def _option_names(kinds: Sequence[Resource]) -> Dict[str, str]:
    """What the user calls a key of the API."""
    names: Dict[str, str] = {}
    for kind in reversed(kinds):
        # Of several kinds, the same key is in the suboption of each.
        places = [(path[1:] if path[0] == kind.kind else path, field) for path, field, _group in kind.fields()]
        names.update({field.api: dotted(path) for path, field in places})
        for child in kind.children:
            names.update({field.api: "%s.%s" % (child.option, field.name) for field in reversed(child.fields)})
    return names


def manage(kinds: Sequence[Resource], context: Context) -> Result:
    """Bring a resource into its C(state)."""
    with known_since(kinds[0]):
        return brought(Node(selected_kind(kinds, context.params, context.reads), context.params), context)


def brought(node: Node, context: Context) -> Result:
    """The result of one node, which is brought into its state."""
    planned = planned_again(node, context)
    return finished(node, planned, context.executor.begin(planned), context)


def transition_of(node: Node) -> Transition:
    """How a resource is brought into its C(state)."""
    if node.transition is not None:
        return node.transition
    return {"present": PRESENT, "absent": ABSENT, **node.resource.states.transitions}[node.params["state"]]


def planned_again(node: Node, context: Context) -> ChangePlan:
    """The plan of one node, from what there is now."""
    transition = transition_of(node)
    if transition.refuse is not None:
        transition.refuse(node.resource, node.params)
    (observed,) = transition.observe([node], context)
    planned: ChangePlan = transition.plan(observed, context)
    return planned


def finished(node: Node, planned: ChangePlan, progress: Progress, context: Context) -> Result:
    """The result of one node, after the rest of its plan is carried out and what it waits for has ended."""
    first, transition = context.first_plan(planned), transition_of(node)
    if transition.polls is not None:
        progress.finish()
        wait_for_ends([(node, planned, progress, context)], context)
    return transition.finish(first, planned, progress.finish(), context)


def wait_for_ends(carried_out: Sequence[Tuple[Node, ChangePlan, Progress, Context]], context: Context) -> None:
    """Wait, all at once, for what has to end before the results of plans that were carried out without an error.

    :param carried_out: each with the context of its node.
    """
    waiting: List[Tuple[Progress, Polls]] = []
    for node, planned, progress, own in carried_out:
        polls = transition_of(node).polls
        if polls is not None and progress.error is None and not progress.waited:
            waiting.append((progress, polls(planned, progress.outcome, own)))
    if not waiting:
        return
    try:
        ends = wait_together(context.client, context.waiter, [polls for _progress, polls in waiting])
    except DokployError as error:
        ends = [error] * len(waiting)
    for (progress, _polls), end in zip(waiting, ends):
        progress.end(end)


def selected_kind(kinds: Sequence[Resource], params: Mapping[str, Any], reads: Reads) -> Resource:
    """The kind that the option C(type) or a suboption selects, or the only one.

    :raises OptionError: an option of another kind is stated.
    """
    if len(kinds) == 1:
        return kinds[0]
    if kinds[0].by_suboption:
        resource = existing_kind(kinds, params, reads)
    else:
        resource = next(kind for kind in kinds if kind.kind == params["type"])
    check_kind(resource, kinds, params)
    return resource


def check_kind(resource: Resource, kinds: Sequence[Resource], params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option of another kind is stated."""
    foreign = _foreign(resource, kinds, params) if len(kinds) > 1 else []
    if foreign:
        kind = resource.kind if resource.by_suboption else "type=%s" % resource.kind
        raise OptionError("%s not supported with %s" % (they_are(sorted(foreign)), kind))


def _foreign(resource: Resource, kinds: Sequence[Resource], params: Mapping[str, Any]) -> List[str]:
    """The stated options and suboptions that only other kinds have."""
    own = resource_spec(resource)[0]
    others = {name: option for kind in kinds for name, option in resource_spec(kind)[0].items() if name not in own}
    foreign = given(others, params)
    for name, option in own.items():
        stated = params.get(name) if option.get("options") else None
        if isinstance(stated, Mapping):
            suboptions = (key for key, value in stated.items() if value is not None and key not in option["options"])
            foreign += [dotted((name, key)) for key in suboptions]
    return foreign


def _plan(state: State, context: Context) -> ResourcePlan:
    """The plan that makes a state the desired one, after what it needs to know of the server."""
    with _named_kinds(state, context):
        return check(plan(state), context)


def _finish(first: ResourcePlan, planned: ResourcePlan, outcome: Outcome, context: Context) -> Result:
    planned = outcome.confirmed = fulfil(planned, outcome)
    state, resource = planned.state, planned.state.resource
    after, label, desired = state.row or {}, state.target.label, state.desired
    if outcome.sent and not planned.diff.empty:
        after = confirm(planned, outcome, context, partial(compare, resource, desired, written=True))
    elif not planned.diff.empty:
        after = predicted(resource, state.row, planned.diff, desired.fields, desired.children)
    secrets = bool(context.params.get("include_secrets"))
    facts = view(resource, after, state.names, secrets, context.client.base_url)
    if not (outcome.sent or planned.diff.empty):
        facts = with_generated(facts)
    if secrets:
        created = outcome.rows.get(SELF) or {}
        promised = not outcome.sent and planned.diff.action in ("create", "replace")
        absent = GENERATED if promised else None
        facts.update({name: created.get(key, absent) for name, key in resource.creation.shown_once.items()})
    result = first.difference.result(**{resource.name: facts})
    service = resource.deployable
    if service.deploy_needed is not None:
        result["deploy_needed"] = service.deploy_needed(resource, first.diff, after, label, context)
    if service.result_facts is not None:
        result.update(service.result_facts(resource, after))
    _warn(desired, after, label, context)
    outcome.shown = dict(after)
    return result


def _warn(desired: Desired, row: Row, label: str, context: Context) -> None:
    """Warn of values that are stored as stated, and of no use as they are."""
    for field in (want.field for want in desired.fields):
        if field.warnings is not None:
            context.warn(field.warnings(row, label))


#: The resource exists and is as stated; what is not stated stays as it is.
PRESENT = Transition(observe, _plan, _finish)


@contextlib.contextmanager
def _named_kinds(state: State, context: Context) -> Iterator[None]:
    """Warn of records of other kinds with the name of a new one, also in the error about what it lacks."""
    resource, label = state.resource, state.target.label
    kinds = other_kinds(resource, state.target, context.params, context.reads) if state.row is None else []
    try:
        yield
    except OptionError as error:
        if kinds:
            text = "There is a %s of type %s, and the type cannot be changed."
            error.hint = " ".join(filter(None, (error.hint, text % (label, " and ".join(kinds)))))
        raise
    if kinds:
        text = "%s of type %s is a new one, beside that of type %s."
        context.warn([text % (label, resource.kind, " and ".join(kinds))])


@dataclass(frozen=True)
class Removed:
    """One resource that is to be absent.

    :param target: what the parameters mean, with its row in the tree if it exists.
    :param known: what was observed for its removal.
    """

    resource: Resource
    target: Target
    params: Mapping[str, Any]
    known: Mapping[str, Any]


@dataclass(frozen=True)
class RemovalPlan(ChangePlan):
    """What removes a resource, and all that belongs to it.

    :param facts: what the result shows of it. It has no kind, so that a later attempt may look at another one.
    """

    state: Removed
    facts: Optional[Dict[str, Any]]

    def since_then(self, reads: Reads) -> Optional[Difference]:
        label, gone = self.state.target.label, self.state.target.row is not None
        # One that was named by its ID is gone for good.
        by_id = self.state.params.get(self.state.resource.id_option) is not None
        if by_id or not gone or _located_to_remove(self.state.resource, self.state.params, reads).row is None:
            return None
        return Difference(label, {"state": "present"}, {"state": "absent"}, action="create")


def _observe_removals(nodes: Sequence[Node], context: Context) -> List[Removed]:
    """What is to be removed, with what its removal has to know."""
    removals = []
    for resource, params in ((node.resource, node.params) for node in nodes):
        target = _located_to_remove(resource, params, context.reads)
        exists = target.row is not None
        known = resource.removal.observe(resource, target.row, params, context.reads) if exists else {}
        removals.append(Removed(resource, target, params, known))
    return removals


def _plan_removal(state: Removed, context: Context) -> RemovalPlan:
    """The steps, or none; a warning names records of other kinds with the name of what does not exist.

    :raises Refused: it cannot be removed like that.
    """
    resource, row, label = state.resource, state.target.row, state.target.label
    if row is not None:
        steps = (resource.removal.steps or _removal_steps)(resource, row, state.params, state.known)
        facts = {resource.id_option: row[resource.id_key], resource.name_option: row.get(resource.listing.name_key)}
        return RemovalPlan(tuple(steps), difference(Diff("remove"), {}, label), state, facts)
    kinds = other_kinds(resource, state.target, context.params, context.reads)
    if kinds:
        text = "%s of type %s does not exist. That of type %s stays."
        context.warn([text % (label, resource.kind, " and ".join(kinds))])
    return RemovalPlan((), difference(Diff("none"), {}, label), state, None)


def _finish_removal(first: RemovalPlan, planned: RemovalPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    resource, row, outcome.confirmed = planned.state.resource, planned.state.target.row, planned
    if row is not None:
        if outcome.sent and resource.removal.unanswered:
            _ensure_gone(resource, row, planned.state.target.label, context.client)
        context.reads.trees.of(resource.levels).forget(resource.levels, str(row[resource.id_key]))
    return first.difference.result(**{resource.name: first.facts})


#: The resource is gone, and nothing that belonged to it runs on.
ABSENT = Transition(_observe_removals, _plan_removal, _finish_removal)


def _located_to_remove(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Target:
    """What is to be removed, with its row in the tree."""
    try:
        target = locate(resource, params, reads)
    except ReferenceNotFound:
        # Nothing can be in a place that does not exist.
        return Target("%s %r" % (resource.noun, params.get(resource.name_option) or params.get(resource.id_option)))
    if target.row is not None or target.resource_id is None:
        return target
    path = reads.trees.of(resource.levels).path(resource.levels, target.resource_id)
    if path[:-1]:
        reads.trees.complete([path[:-1]], resource.levels)
    return replace(target, row=path[-1] if path else None)


def _ensure_gone(resource: Resource, row: Row, label: str, client: Client) -> None:
    """:raises NotApplied: the listing still shows what was removed."""
    listed = resource.listing.own(resource.listing.listed(client.query(*siblings_call(resource.levels, None))))
    if any(remaining[resource.id_key] == row[resource.id_key] for remaining in listed):
        raise NotApplied(
            "%s: %s was accepted, but %s still lists it"
            % (label, resource.removal.procedure, resource.listing.procedures[0]),
            hint="Run the task again.",
            procedure=resource.removal.procedure,
        )


def _removal_steps(resource: Resource, row: Row, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    """The removal of a record that nothing is in."""
    timeout = resource.timeouts.get(resource.removal.procedure, DELETE_TIMEOUT)
    return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=timeout)]

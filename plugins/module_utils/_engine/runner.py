# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Operations, the arguments that they refuse, and the one place that runs them and catches errors."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Set, Tuple, TypeVar, Union

from .._api.client import Client
from .._errors import (
    OWN_MISTAKES,
    Ambiguous,
    Conflict,
    DokployError,
    NotFoundError,
    PlanOutdated,
    Refused,
    ValidationError,
    WaitTimeout,
    kind_of,
)
from .._model.argspec import (
    CONNECTION,
    Spec,
    client_config,
    merged_specs,
    never_shown,
    parent_spec,
    secrets_in,
    validation_spec,
)
from .._model.mistakes import LISTS, Validator, unsupported
from .._model.resource import Resource
from .._model.responses import answers_of, bodies_of
from .._reads.reads import Reads
from .._secrets.masking import one_line, shortened, without
from .._values.schema import Shape
from .execute import Executor
from .proof import prove
from .revealed import revealing_names
from .uniqueness import LOOKS, expect_settling
from .wait import Waiter

USER_AGENT = "community.dokploy"
UNVERIFIED = (
    "TLS certificate verification is disabled (validate_certs=false). The API key can be intercepted. "
    "Set ca_path to the certificate of the authority instead."
)


@dataclass(frozen=True)
class Operation:
    """What one module does, for any host to run.

    :param options: its argument spec, without the connection options.
    :param perform: does it; gives the result without C(failed), raises C(DokployError).
    :param rules: C(mutually_exclusive), C(required_one_of), ... of the argument spec.
    :param option_names: what the user calls a key of the API, for the server's complaints.
    :param forms: C(Field.form) of the options that have one, by their dotted names.
    :param elsewhere: what to use, as a sentence, for values that an option does not have but another module has; by the
        option and the value, or by C("") for options that the module does not have.
    :param files: the options, of type path at any depth, that name files of the controller when it is the target.
    :param nested: the options whose suboptions it checks by itself, with these.
    :param connection: its connection options.
    :param answers: the shapes of the answers to procedures that only it calls.
    :param secret_results: whether a key of its result, besides those of its resources, has a secret by itself.
    :param resources: what it is about, or what one of its options selects from; their rows are judged by their
        descriptions when they are read.
    """

    name: str
    options: Spec
    perform: Callable[[Context], Dict[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    option_names: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Tuple[str, ...] = ("src",)
    resources: Tuple[Resource, ...] = ()
    nested: Spec = field(default_factory=dict)
    connection: Spec = field(default_factory=lambda: CONNECTION)
    answers: Mapping[str, Shape] = field(default_factory=dict)
    secret_results: Callable[[str], bool] = lambda key: False

    @cached_property
    def argument_spec(self) -> Spec:
        return {**self.connection, **self.options}

    @cached_property
    def validation_spec(self) -> Spec:
        """The argument spec for Ansible's validators."""
        return validation_spec(self.argument_spec)

    @cached_property
    def whole_spec(self) -> Spec:
        """The argument spec with all suboptions, which tells where secrets and files are."""
        return {**self.argument_spec, **self.nested}

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The shapes of the answers to all procedures that it calls."""
        return {**answers_of(*self.resources), **self.answers}

    @cached_property
    def _revealing_names(self) -> Set[str]:
        return revealing_names(*self.resources)

    def reveals(self, key: str) -> bool:
        """Whether a key of the result has a secret by itself."""
        return key in self._revealing_names or self.secret_results(key)


def action_operation(
    name: str,
    resources: Union[Resource, Tuple[Resource, ...]],
    perform: Callable[[Any, Context], Dict[str, Any]],
    options: Spec,
    rules: Mapping[str, Any],
    files: Tuple[str, ...] = (),
    **more: Any,
) -> Operation:
    """An operation on one resource, or on one of several, besides managing it.

    :param options: those that do not locate the resource. :param more: further attributes of the operation.
    """
    kinds = resources if isinstance(resources, tuple) else (resources,)
    options = merged_specs([parent_spec(*kinds), options])
    return Operation(name, options, partial(perform, resources), rules, files=files, resources=kinds, **more)


def first_complaint(operation: Operation, arguments: Any) -> Optional[str]:
    """The first complaint about arguments as in a task, which names the option and shows no value; C(None): none.

    Both hosts ask before Ansible validates the arguments. With some of these it ends in a traceback, silently converts
    them to another value, or names an option without its place and without the options that may be meant (ansible-core
    2.15 to 2.21).
    """

    def unknown(spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
        elsewhere = {} if place else operation.elsewhere.get("", {})
        named = [resource.name for resource in operation.resources]
        return chain(
            [elsewhere[name] for name in values if name in elsewhere],
            unsupported(operation.name, operation.argument_spec, spec, values, place, named),
        )

    def chosen(described: Spec, value: Any, path: str) -> Iterator[str]:
        if isinstance(value, (Mapping, *LISTS)) or value in (described.get("choices") or ()):
            return
        # Where there is a reason for there being no other choices, or another module has this one.
        why = described.get("why_no_other_choice") or operation.elsewhere.get(path, {}).get(str(value))
        if why:
            choices = ", ".join(map(repr, described["choices"]))
            yield "%s is %r; it must be one of %s. %s" % (path, value, choices, why)

    validator = Validator(unknown, chosen, operation.forms)
    # The operation judges the others by itself.
    own = {name: value for name, value in arguments.items() if name not in operation.nested}
    mistakes = validator.mistakes(operation.argument_spec, operation.rules, own)
    complaint = next(chain(mistakes, _formless(operation, arguments)), None)
    return None if complaint is None else one_line(complaint)


def _formless(operation: Operation, arguments: Mapping[Any, Any]) -> Iterator[str]:
    """The nested options that Ansible would convert, or refuse without a place."""
    for name, described in operation.nested.items():
        value = arguments.get(name)
        if value is None:
            continue
        if described["type"] == "dict" and not isinstance(value, Mapping):
            yield "%s is %s; it takes a mapping" % (name, kind_of(value))
        elif described["type"] == "list" and not isinstance(value, LISTS):
            yield "%s is %s; it takes a list of mappings" % (name, kind_of(value))
        for number, item in enumerate(value if described["type"] == "list" and isinstance(value, LISTS) else ()):
            if not isinstance(item, Mapping):
                yield "%s[%d] is %s; it takes a mapping" % (name, number, kind_of(item))


class Session:
    """One connection and one read cache, for one worker."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.reads = Reads(client)

    @classmethod
    def open(cls, params: Mapping[str, Any], notice: Optional[Callable[[str], None]] = None) -> Session:
        """:param notice: takes a line whenever a request is repeated after a failure.
        :raises ConfigurationError: the connection options cannot work.
        """
        return cls(Client(client_config(params, USER_AGENT), notice=notice))


def run(
    operation: Operation,
    params: Mapping[str, Any],
    open_session: Callable[[Mapping[str, Any]], Session] = Session.open,
    *,
    check_mode: bool,
    diff_mode: bool,
    waiter: Optional[Waiter] = None,
) -> Dict[str, Any]:
    """The result of an operation as Ansible takes it; a failure is a result too, with C(failed) and C(msg)."""
    executor: Optional[Executor] = None
    try:
        session = open_session(params)
        session.client.add_secret(*secrets_in(operation.whole_spec, params))
        session.client.expect(operation.shapes, bodies_of(*operation.resources))
        session.reads.resources = operation.resources
        waiter = waiter or Waiter()
        executor = Executor(session.client, session.reads, waiter, check_mode)
        if session.client.unverified:
            executor.warnings.append(UNVERIFIED)
        result = _performed(operation, Context(params, session.client, session.reads, executor, waiter))
        if not diff_mode:
            result.pop("diff", None)
    except DokployError as error:
        result = _failed(error, operation, executor)
    if executor is not None and executor.warnings:
        # An operation that is performed again warns again.
        result["warnings"] = [one_line(warning) for warning in dict.fromkeys(executor.warnings)]
    visible: Dict[str, Any] = without(result, never_shown(operation.argument_spec, params))
    return visible


def _performed(operation: Operation, context: Context) -> Dict[str, Any]:
    """The result of an operation; when an earlier attempt may have written something, it has changed something."""
    sent_before = False

    def perform() -> Dict[str, Any]:
        nonlocal sent_before
        sent_before = context.executor.sent
        return operation.perform(context)

    params, label = context.params, operation.name
    for resource in operation.resources:
        stated = params.get(resource.name) or params.get(resource.id_option) or params.get(resource.name_option)
        if isinstance(stated, str):
            label = "%s %r" % (resource.noun, stated)
    while True:
        try:
            result = repeated(perform, context, label)
            if not (context.executor.written and prove(context.executor)):
                break
            # What was written again has other IDs.
            context.reads.forget()
        except PlanOutdated:
            context.reads.forget(listings=True)
    result["changed"] = result["changed"] or sent_before
    return result


def _failed(error: DokployError, operation: Operation, executor: Optional[Executor]) -> Dict[str, Any]:
    changed, message = bool(executor and executor.sent), _message(error, operation)
    if isinstance(error, WaitTimeout) and executor is not None and executor.unanswered is not None:
        message = "%s What may be behind it: %s." % (message, executor.unanswered)
    return {**error.details, "failed": True, "changed": changed, "msg": message, "error": error.facts}


def _message(error: DokployError, operation: Operation) -> str:
    """The error in one line, with our option names for the server's field names."""
    if isinstance(error, ValidationError) and error.issues:
        complaints = []
        for issue in error.issues:
            path = [str(step) for step in issue.path]
            path[:1] = [operation.option_names.get(step, step) for step in path[:1]]
            option = ".".join(path)
            complaints.append("%s: %s" % (option, issue.message) if option else issue.message)
        refused = "%s refused the input" % (error.procedure or "the server")
        error = ValidationError(refused, server_message="; ".join(complaints), hint=error.hint)
    # Names may hold line breaks.
    text = str(error) if error.several_lines else shortened(one_line(str(error)))
    if isinstance(error, NotFoundError) and error.procedure and error.hint is None:
        text = "%s. It may have been removed in the meantime." % text.rstrip(".")
    return text


_T = TypeVar("_T")


@dataclass
class Context:
    """The parameters of one run, and the parts that talk to the server."""

    params: Mapping[str, Any]
    client: Client
    reads: Reads
    executor: Executor
    waiter: Waiter
    #: Gets the mistake of each of several nodes, by its key; without it, the first one ends the run.
    mistakes: Optional[Dict[str, DokployError]] = None
    #: The key of the node of several that it is for, which warnings of its check begin with.
    key: str = ""
    #: The marks of runs that have fallen silent, which every attempt of this run takes for killed.
    silent: Set[str] = field(default_factory=set)
    _first_plan: Optional[Any] = field(default=None, init=False)

    def first_plan(self, planned: _T) -> _T:
        """What the first attempt that wrote had found, or else what this one has found: a later attempt sees only what
        is left. To be called once an attempt, before anything is written."""
        if self._first_plan is None or not self.executor.sent:
            self._first_plan = planned
        result: _T = self._first_plan
        return result

    @contextlib.contextmanager
    def judging(self, key: str) -> Iterator[None]:
        """A mistake in the parameters of one of several nodes leaves it out, and concerns no other."""
        try:
            yield
        except OWN_MISTAKES as error:
            if self.mistakes is None:
                raise
            if isinstance(error, Ambiguous):
                expect_settling(error, self.client)
                if error.pause is not None:
                    raise
            self.mistakes.setdefault(key, error)

    def warn(self, warnings: Iterable[str]) -> None:
        self.executor.warnings.extend(warnings)


MAX_ATTEMPTS = 50


def repeated(perform: Callable[[], _T], context: Union[Context, Executor], label: str) -> _T:
    """The result of an operation, which reads and plans again after a conflict or a write of unknown effect.

    The executor says after which failed writes, and how often. Where several records have one name, of which a run is
    about to remove one, it looks again, at most C(LOOKS) times.

    :raises Refused: each of C(MAX_ATTEMPTS) attempts met a conflict.
    """
    conflicts = looks = 0
    while conflicts < MAX_ATTEMPTS:
        try:
            return perform()
        except Conflict:
            conflicts += 1
        except DokployError as error:
            if isinstance(error, Ambiguous):
                expect_settling(error, context.client)
                looks += 1
            if error.pause is None or looks > LOOKS:
                raise
            context.waiter.progress("%s. Looking at it again in %s s" % (error.message, round(error.pause, 1)))
            context.waiter.sleep(error.pause)
        context.reads.forget(listings=looks > 0)
    raise Refused(
        "%s: Gave up after %d attempts because another process kept modifying the resource" % (label, MAX_ATTEMPTS),
        hint="Run the task again when the other process has ended.",
    )

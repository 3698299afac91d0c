# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The sections of a document: which kinds of entries it has, what an entry may state, and what is in what.

Everything follows from the operations of the modules, so that a new description has its section by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Dict, FrozenSet, Iterator, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from .._engine.apply import resource_operation
from .._engine.runner import Operation
from .._engine.unstated import OPTIONS as UNSTATED
from .._model.argspec import Spec, validation_spec
from .._model.child import Child
from .._model.resource import SCOPES, Resource
from .._resources.actions.deployment import OPERATION as DEPLOYMENT
from .catalog import CHILD_OPERATIONS, OPERATIONS
from .promotions import IMAGE_OF
from .returns import OF_ENTRY
from .sharing import SPEC as SHARED

# Names that have no plural.
_UNCOUNTABLE = ("compose", "settings")
# The states that an entry can have. What deploys or rebuilds a service is another option, or another module.
_STATES = ("present", "absent", "started", "stopped", "reloaded")
_ELSEWHERE = {
    "api_keys": "Dokploy shows a key once, so that a second run could not find it again. Use dokploy_api_key.",
    "organizations": "An API key belongs to one organization. Use dokploy_organization.",
    "bootstrap": "It creates the API key with which a document is applied. Use dokploy_bootstrap.",
}
#: Why a document cannot have what it may be expected to have.
ELSEWHERE: Mapping[str, str] = {
    name: "%s cannot be in a document. %s" % (name, reason) for name, reason in _ELSEWHERE.items()
}
# What an entry has beside the options of its module.
PROTECT: Spec = {"protect": {"type": "bool", "default": False}}
# What can have another name, or be in something else, says what it was before.
MOVED: Spec = {"moved_from": {"type": "str"}}
# It is another service than any that there is under another name.
NEW: Spec = {"new": {"type": "bool"}}
# What runs before it, beside that to which it refers.
AFTER: Spec = {"after": {"type": "list", "elements": "str"}}
DEPLOY: Mapping[str, Any] = {"type": "str", "choices": ["changed", "always", "adopt", "never"]}
_OF_DEPLOYMENT = ("revision", "archive", "path", "exclude", "http_check")


@dataclass(frozen=True)
class Section:
    """One kind of entries of a document.

    :param name: its key in the document, or in the entry that it is in.
    :param operation: that of the module of such entries.
    :param inner: the sections in an entry.
    :param child: the entries are not resources, but such children of the only resource of its kind.
    """

    name: str
    operation: Operation
    inner: Tuple[Section, ...] = ()
    child: Optional[Child] = None

    @cached_property
    def kind(self) -> str:
        """What results call an entry: the name of its module without C(dokploy_)."""
        return self.operation.name[len("dokploy_") :] if self.child is None else self.child.singular

    @property
    def module(self) -> str:
        """The module whose options an entry has."""
        return "dokploy_%s" % self.kind

    @cached_property
    def resource(self) -> Resource:
        """The first of its kinds, which has all that is common to them."""
        return self.operation.resources[0]

    @cached_property
    def in_tree(self) -> bool:
        """Whether the entries are projects, or in one."""
        return bool(self.inner or (self.resource.parents and not self.resource.parents[0].optional))

    @cached_property
    def deploys(self) -> bool:
        return self.resource.runs

    @cached_property
    def module_options(self) -> Spec:
        """The options of the module that an entry may state."""
        names = {level.label for level in self.resource.parents if not level.optional}
        # How it is deployed is the document's own option.
        names.update(("include_secrets", *(("trigger",) if self.deploys else ())))
        options = {name: option for name, option in self.operation.options.items() if name not in names}
        states = options.pop("state")
        choices = [state for state in states["choices"] if state in _STATES]
        return {"state": {**states, "choices": choices}, **options}

    @cached_property
    def own_options(self) -> Spec:
        """What an entry has beside the options of its module."""
        options = {} if self.resource.single else dict(PROTECT)
        name = self.resource.name_field
        if name is not None and self.resource.updating.procedure and not (name.create_only or name.replaces):
            options.update(MOVED)
        if self.deploys:
            options.update({"deploy": dict(DEPLOY), "deploy_unstated": {"type": "bool"}, **AFTER, **SHARED, **NEW})
        if self.resource in DEPLOYMENT.resources:
            options.update({name: DEPLOYMENT.options[name] for name in _OF_DEPLOYMENT})
            options.update({**OF_ENTRY, **IMAGE_OF})
        return options

    @cached_property
    def run_options(self) -> FrozenSet[str]:
        """Those that say how it is applied, and nothing of what it is."""
        return frozenset(self.own_options).difference(PROTECT, MOVED)

    @cached_property
    def entry_options(self) -> Spec:
        """All that an entry may state, without what is in it."""
        return {**self.module_options, **self.own_options}

    @cached_property
    def described(self) -> Spec:
        """The specification of the section, with the rules between the options of an entry."""
        if self.child is not None:
            described: Spec = self.operation.options[self.child.option]
            return described
        options = {**self.entry_options, **{section.name: section.described for section in self.inner}}
        rules = dict(self.operation.rules)
        if self.resource.single:
            return {"type": "dict", "options": options, **rules}
        return {"type": "list", "elements": "dict", "options": options, **rules}

    @cached_property
    def validator(self) -> ModuleArgumentSpecValidator:
        """What converts the options of an entry as its module does.

        It registers no secrets, since an export plans a document with those of the server.
        """
        return ModuleArgumentSpecValidator(validation_spec(self.entry_options, False))

    @cached_property
    def defaults(self) -> Dict[str, Any]:
        """The parameters of the module that no entry states."""
        return {name: option.get("default") for name, option in self.operation.options.items()}


def _in_scope(scope: Tuple[Any, ...]) -> Tuple[Section, ...]:
    """The sections of what is in a scope, each with those of what is in it; what has such ones comes last."""
    here = [
        operation
        for operation in OPERATIONS
        if _place_of(operation.resources[0]) == scope and _name_of(operation) not in ELSEWHERE
    ]
    sections = [Section(_name_of(operation), operation, _in_scope(operation.resources[0].levels)) for operation in here]
    return tuple(sorted(sections, key=lambda section: (bool(section.inner), not section.resource.single, section.name)))


def _place_of(resource: Resource) -> Tuple[Any, ...]:
    """The levels of what an entry is in; what may be on a server or on none stands beside the servers."""
    return tuple(level for level in SCOPES[resource.scope] if not level.optional)


def _name_of(operation: Operation) -> str:
    kind = operation.name[len("dokploy_") :]
    return kind if kind in _UNCOUNTABLE else operation.resources[0].listing.results


def _of_the_server() -> Iterator[Section]:
    """The sections of what belongs to the server itself, such as its own backups."""
    for operation in CHILD_OPERATIONS:
        name = operation.name[len("dokploy_") :]
        for resource in operation.resources:
            for child in (own for own in resource.children if resource.single and own.singular == name):
                # Those that no entry names stay.
                alone = replace(child, protected=lambda parent, row: True)
                yield Section(child.option, resource_operation(replace(resource, children=(alone,))), child=alone)


#: The outermost sections.
SECTIONS: Tuple[Section, ...] = (*_of_the_server(), *_in_scope(()))


def all_sections(sections: Sequence[Section] = SECTIONS) -> Iterator[Section]:
    """Every section, the outer ones first."""
    for section in sections:
        yield section
        yield from all_sections(section.inner)


#: The section of each kind.
BY_KIND: Mapping[str, Section] = {section.kind: section for section in all_sections()}
#: What a document says of itself, beside its sections.
HEAD: Spec = {"version": {"type": "int"}, "unstated": {"type": "str", "choices": UNSTATED["unstated"]["choices"]}}
#: The specification of a document.
DOCUMENT: Spec = {**HEAD, **{section.name: section.described for section in SECTIONS}}

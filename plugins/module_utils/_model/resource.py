# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of resources: what Dokploy stores, and by which procedures it is read and written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from .._values.codec import is_empty
from .._values.schema import Shape
from .child import Child
from .claims import Claim
from .deployable import Deployable
from .exportable import Exportable
from .field import Field, Group, Listing, Option, Version
from .procedures import Creation, Reading, Removal, Updating
from .states import States


@dataclass(frozen=True)
class ChangeCheck:
    """What is looked at before a change is written. Both functions get the C(State), its C(Diff) and the parameters.

    :param judge: gives a C(Judgement) of these and what was observed: pure. It raises C(Refused) or C(OptionError) for
        what must not be written.
    :param observe: reads what the judgement has to know; its last argument are the C(Reads).
    :param about: the options one of which has to be stated, or to change, for the check to be made; empty: always.
    """

    judge: Callable[..., Any]
    observe: Callable[..., Mapping[str, Any]] = lambda state, diff, params, reads: {}
    about: Tuple[str, ...] = ()


#: The option that removes what is still used.
FORCE: Mapping[str, Mapping[str, Any]] = {"force": {"type": "bool", "default": False}}


# Deleting removes containers, volumes and directories.
DELETE_TIMEOUT = 120.0


def _tag_ids(project: Mapping[str, Any]) -> List[Any]:
    """The IDs of the tags of a project. Releases before 0.29 have none."""
    return [link.get("tagId") for link in project.get("projectTags") or []]


PROJECTS = Listing("project", ("project.all",), "projectId", derived=(("tagIds", _tag_ids),))
SERVERS = Listing("server", ("server.all",), "serverId", optional=True, module="dokploy_server")
# environment.byProjectId leaves createdAt out.
ENVIRONMENTS = Listing(
    "environment",
    ("project.one",),
    "environmentId",
    key="environments",
    default={"name": "production", "description": "Production environment", "env": "", "isDefault": True},
)
#: What the records of each scope are in, from the outside to the inside. A singleton is the only one of its kind.
SCOPES: Mapping[str, Tuple[Listing, ...]] = {
    "singleton": (),
    "instance": (),
    # Or on Dokploy's own host.
    "server": (SERVERS,),
    "project": (PROJECTS,),
    "environment": (PROJECTS, ENVIRONMENTS),
}


@dataclass(frozen=True)
class ServiceKind:
    """A kind of service, as far as the removal of an environment needs it."""

    listing: Listing
    removal: Removal
    deployable: Deployable


#: The services of an environment: how its row lists each kind.
SERVICES: Mapping[str, Listing] = {
    name: Listing(name, ("environment.one",), "%sId" % name, key="applications" if name == "application" else name)
    for name in ("application", "compose", "postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
}


# Each is only equal to itself: the functions and mappings in it have no hash.
@dataclass(frozen=True, eq=False)
class Resource:
    """A record of Dokploy that a module manages. A procedure that it lacks is empty.

    :param name: its name in messages, options and results.
    :param kind: of several kinds that one module manages, what selects this one in the option C(type).
    :param by_suboption: the group of options of this name selects it instead, or else the kind of what exists.
    :param scope: what it is in, and with it the options that locate it; see C(SCOPES).
    :param listing: where its parent, or the server, lists the records of this kind; of a singleton, the query for it.
    :param since: the first Dokploy version that has such records.
    :param packed: the key under which a body has the object with the keys that follow, where they are not empty.
    :param unique: the server refuses a second record of one name, so that it is refused before it is sent.
    :param input_key: the key of the ID in the input of its procedures, if it is another one than in the rows.
    :param timeouts: seconds to wait for the answer of a procedure that is known to block.
    :param acknowledged: further procedures whose effect no read verifies, so that an empty answer is not enough; the
        removal, too, if its answer is not a record.
    :param answers: the shapes of the answers to further procedures that only its description calls.
    :param checks: judge, refuse or extend a diff before it is written, in this order.
    :param proof: looks at the end of a run whether the children that it has written (C(Written)) have an effect that
        the API does not show, from these and the executor; whether it has written something again.
    :param claims: what one takes of its server that another one should not take as well, from its row.

    How it is handled, each described by its class: C(creation), C(reading), C(updating), C(removal), C(states),
    C(deployable) and C(exportable).
    """

    name: str
    scope: str
    listing: Listing
    options: Tuple[Option, ...]
    kind: str = ""
    by_suboption: bool = False
    since: Optional[Version] = None
    children: Tuple[Child, ...] = ()
    packed: Tuple[str, Tuple[str, ...]] = ("", ())
    unique: bool = False
    input_key: str = ""
    timeouts: Mapping[str, float] = field(default_factory=dict)
    acknowledged: Tuple[str, ...] = ()
    answers: Mapping[str, Shape] = field(default_factory=dict)
    checks: Tuple[ChangeCheck, ...] = ()
    proof: Optional[Callable[..., bool]] = None
    claims: Callable[[Mapping[str, Any]], Iterable[Claim]] = lambda row: ()
    creation: Creation = Creation()
    reading: Reading = Reading()
    updating: Updating = Updating()
    removal: Removal = Removal()
    states: States = States()
    deployable: Deployable = Deployable()
    exportable: Exportable = Exportable()

    @cached_property
    def id_option(self) -> str:
        return "%s_id" % self.name

    @cached_property
    def name_field(self) -> Optional[Field]:
        """The option with its name, by which it is found."""
        fields = (option for option in self.options if isinstance(option, Field))
        return next((named for named in fields if named.api == self.listing.name_key), None)

    @cached_property
    def name_option(self) -> str:
        return "name" if self.name_field is None else self.name_field.name

    @cached_property
    def noun(self) -> str:
        """What messages call one."""
        return self.listing.label

    @cached_property
    def label(self) -> str:
        """Its name, with its kind where it has one, for messages."""
        return ("%s %s" % (self.kind, self.noun)).lstrip()

    @cached_property
    def labels(self) -> str:
        """The plural of the label."""
        return ("%s %s" % (self.kind, self.listing.plural)).lstrip()

    @cached_property
    def id_key(self) -> str:
        return self.listing.id_key

    @cached_property
    def single(self) -> bool:
        return self.scope == "singleton"

    def own(self, resource_id: Any) -> Dict[str, Any]:
        """The input that names a record in its reading and updating procedures."""
        return {} if self.single else {self.own_key: resource_id}

    @cached_property
    def own_key(self) -> str:
        return self.input_key or self.id_key

    def sent(self, key: str, value: Any) -> Any:
        """A value as the updating procedure takes it, which may refuse null."""
        return self.updating.always_sent.get(key) if value is None else value

    def body(self, values: Mapping[str, Any]) -> Dict[str, Any]:
        """The values as the creating and updating procedures take them."""
        key, inner = self.packed
        packed = {name: value for name, value in values.items() if name in inner and not is_empty(value)}
        rest = {name: value for name, value in values.items() if name not in inner}
        return {**rest, key: packed} if packed else rest

    def removed(self, row: Mapping[str, Any]) -> Dict[str, Any]:
        """The input of the removing procedure."""
        id_key = self.removal.id_key
        return {id_key or self.own_key: row[id_key or self.id_key], **self.removal.body}

    @cached_property
    def parents(self) -> Tuple[Listing, ...]:
        return SCOPES[self.scope]

    @cached_property
    def levels(self) -> Tuple[Listing, ...]:
        return (*SCOPES[self.scope], self.listing)

    @cached_property
    def inner_defaults(self) -> Tuple[Listing, ...]:
        """The records of which each of this resource is created with one."""
        return tuple(scope[-1] for scope in SCOPES.values() if scope[:-1] == self.levels and scope[-1].default)

    @cached_property
    def parent_key(self) -> Optional[str]:
        """The key with the ID of the parent, if it has one; another value moves the resource."""
        return self.parents[-1].id_key if self.parents else None

    @cached_property
    def runs(self) -> bool:
        """Whether it is a service."""
        return bool(self.deployable.deploy)

    def fields(self) -> Iterator[Tuple[Tuple[str, ...], Field, Optional[Group]]]:
        """Every field with its option path and its group, in the order of the description."""
        return iter(self._fields)

    @cached_property
    def _fields(self) -> Tuple[Tuple[Tuple[str, ...], Field, Optional[Group]], ...]:
        fields: List[Tuple[Tuple[str, ...], Field, Optional[Group]]] = []
        for option in self.options:
            if isinstance(option, Group):
                fields += [((option.name, inner.name), inner, option) for inner in option.fields]
            else:
                fields.append(((option.name,), option, None))
        return tuple(fields)

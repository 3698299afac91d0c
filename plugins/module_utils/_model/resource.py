# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of resources: what Dokploy stores, and by which procedures it is read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from ansible_collections.community.dokploy.plugins.module_utils._model.field import (
    Field,
    Group,
    Listing,
    Option,
    Version,
)


@dataclass(frozen=True)
class Generated:
    """A value that the server makes up on request, without storing anything.

    :param field: the option it is for.
    :param procedure: makes it; answers the bare text.
    :param body: its body; the values are keys of the parent's row.
    :param pattern: what such values look like, where C(%s) stands for the row's C(prefix).
    :param prefix: the key of the parent's row with which the values begin, cut at C(longest) characters.
    :param label: what a prediction shows instead.
    """

    field: str
    procedure: str
    body: Mapping[str, str]
    pattern: str
    prefix: str
    longest: int
    label: str


@dataclass(frozen=True)
class Everywhere:
    """How a natural key counts on the whole server.

    :param listing: the query that lists the children of a parent, given its id under the key of the parent's id.
    :param claims: whether a row takes its key.
    :param effect: what two of one key lead to, for the warning.
    """

    listing: str
    claims: Callable[[Mapping[str, Any]], bool]
    effect: str


@dataclass(frozen=True)
class ServerFile:
    """A file that the server writes for the children of one parent, and that is invalid without an entry.

    The children that are its entries are written before the others and removed after them, and where there is no entry
    it gets a valid text before the others are written.

    :param entries: the option of the children that are its entries; the others change what the entries say.
    :param switch: the key of such a child that is false where it is no entry.
    :param read: the query that answers its text, C(null) where there is no file.
    :param write: the procedure that replaces it. :param key: what its body calls the text.
    :param invalid: what the text is like that the server writes where there is no entry, without comments and blanks.
    :param valid: a text without an entry that the server keeps, whatever is written that is no entry.
    :param effect: what an invalid text does, for messages.
    """

    entries: str
    switch: str
    read: str
    write: str
    key: str
    invalid: str
    valid: str
    effect: str

    def is_invalid(self, text: Optional[str]) -> bool:
        return re.fullmatch(self.invalid, _bare(text)) is not None

    def becomes_invalid(self, text: Optional[str]) -> bool:
        """Whether it is so, or once the server writes it without an entry."""
        return not _bare(text) or self.is_invalid(text)


def _bare(text: Optional[str]) -> str:
    return "".join(re.sub(r"(?m)^\s*#.*$", "", text or "").split())


@dataclass(frozen=True)
class Child:
    """A resource that lives inside another and is embedded in the parent's read.

    :param option: the parent's option that lists all of them; authoritative when given.
    :param embedded: the key of the parent's read under which the rows stand.
    :param parent: what the creating body holds besides what was stated: fixed keys, and what a key is when it was not
        stated; the value C("$parent") stands for the parent's id.
    :param always_sent: keys that the updating procedure wants each time, changed or not (C(domain.update) wants
        C(host)).
    :param create_ignores: keys that the creating procedure does not take, with what it stores instead; an update
        follows where that is not what is wanted.
    :param applies_immediately: a change takes effect at once, without a deployment.
    :param singular: what messages call one of them.
    :param listing: where the rows are read when the parent's read does not embed them: the query, the key of the
        parent's id, and further keys. C(embedded) then names the place in the parent's row where the engine keeps them.
    :param since: the first Dokploy version that has such children.
    :param exclusive: the server loses one of two such writes when they come at once.
    :param run: the procedure that runs one of them now, and what C(deployment.allByType) calls its runs.
    :param file: what of the server is written with each change.
    :param joint: what stands between the parts of a natural key in messages and diffs.
    :param generates: how a value of the key is had from the server instead of being stated.
    :param everywhere: the natural key counts on the whole server, and not only inside of the parent.
    :param actions: further states, and what brings one of them into each; given the resource, the child, its row, the
        target of the parent and the context.
    """

    option: str
    singular: str
    embedded: str
    id_key: str
    fields: Tuple[Field, ...]
    create: str
    update: str
    remove: str
    parent: Mapping[str, Any]
    always_sent: Tuple[str, ...] = ()
    create_ignores: Mapping[str, Any] = field(default_factory=dict)
    applies_immediately: bool = False
    listing: Optional[Tuple[str, str, Mapping[str, str]]] = None
    since: Optional[Version] = None
    exclusive: bool = False
    run: Optional[Tuple[str, str]] = None
    generates: Optional[Generated] = None
    joint: str = ""
    everywhere: Optional[Everywhere] = None
    file: Optional[ServerFile] = None
    actions: Mapping[str, Callable[..., Dict[str, Any]]] = field(default_factory=dict)

    @property
    def id_option(self) -> str:
        return "%s_id" % self.singular

    @property
    def is_entry(self) -> bool:
        """Whether it is an entry of its file."""
        return self.file is not None and self.file.entries == self.option

    @property
    def key_fields(self) -> Tuple[Field, ...]:
        return tuple(f for f in self.fields if f.key)


@dataclass(frozen=True)
class FingerprintStore:
    """The column of a service in which a deployment leaves its fingerprint.

    :param get: the fingerprint in a value of the column, C("") for none.
    :param put: the value with another fingerprint, or without one for C("").
    """

    column: str
    get: Callable[[Any], str]
    put: Callable[[Any, str], Any]


@dataclass(frozen=True)
class Deployable:
    """How a service is deployed and runs: procedures, each with the service's ID, and keys; empty where it has none.

    :param deploy: queues a deployment. :param redeploy: queues one that builds again what the last one took.
    :param history: the query for its deployments.
    :param status: the key of the service's row that holds its status.
    :param fingerprint: where a deployment leaves its fingerprint.
    :param upload: takes a ZIP archive and deploys it. :param rollback: goes back to an earlier deployment.
    :param clean_queue: drops the queued deployments. :param kill_build: interrupts the running build.
    :param previews: the query for its preview deployments.
    :param logs: the query for the log of its containers. :param monitoring: the query for its load, by C(appName).
    :param traefik_config: the query for its Traefik configuration.
    """

    deploy: str = ""
    redeploy: str = ""
    history: str = ""
    status: str = ""
    fingerprint: FingerprintStore = FingerprintStore("", lambda value: "", lambda value, text: value)
    upload: str = ""
    rollback: str = ""
    clean_queue: str = ""
    kill_build: str = ""
    previews: str = ""
    logs: str = ""
    monitoring: str = ""
    traefik_config: str = ""
    start: str = ""
    stop: str = ""
    reload: str = ""


# Stopping waits for the service to converge: 5 to 10 s on an idle server, a database's reload took 39 s (measured).
STOP_TIMEOUT = 120.0
# Deleting removes containers, volumes and directories.
DELETE_TIMEOUT = 120.0

PROJECTS = Listing("project", ("project.all",), "projectId")
# environment.byProjectId leaves createdAt out.
ENVIRONMENTS = Listing("environment", ("project.one",), "environmentId", key="environments")
#: What the records of each scope are in, from the outside to the inside.
SCOPES: Mapping[str, Tuple[Listing, ...]] = {
    "instance": (),
    "project": (PROJECTS,),
    "environment": (PROJECTS, ENVIRONMENTS),
}


@dataclass(frozen=True)
class ServiceKind:
    """A kind of service: how an environment lists it, and the procedures that end it.

    :param clean_queue: drops its queued deployments, if they are queued; a removal waits for the one that runs.
    :param history: the query for its deployments.
    :param remove_with: what the removing body holds besides the ID.
    """

    listing: Listing
    remove: str
    stop: str
    clean_queue: str = ""
    history: str = ""
    remove_with: Mapping[str, Any] = field(default_factory=dict)


def _in_environment(label: str, key: str) -> Listing:
    return Listing(label, ("environment.one",), "%sId" % label, key=key)


SERVICES: Mapping[str, ServiceKind] = {
    "application": ServiceKind(
        _in_environment("application", "applications"),
        "application.delete",
        "application.stop",
        "application.cleanQueues",
        "deployment.all",
    ),
    # deleteVolumes false: the data of a stack is kept.
    "compose": ServiceKind(
        _in_environment("compose", "compose"), "compose.delete", "compose.stop", remove_with={"deleteVolumes": False}
    ),
    **{
        name: ServiceKind(_in_environment(name, name), "%s.remove" % name, "%s.stop" % name)
        for name in ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
    },
}


@dataclass(frozen=True)
class Resource:
    """A thing that a module manages.

    :param name: what messages, options and results call it.
    :param scope: what it is in, and with it the options that locate it; see C(SCOPES).
    :param listing: where its parent, or the server, lists the resources of this kind.
    :param create_takes: the keys that the creating procedure takes; an update follows for the others.
    :param created: the path in the creating answer to the row (C(project.create) wraps it).
    :param readable: C(in_listing) if the listing already has every field, so that no read of its own is needed.
    :param remove_with: what the removing body holds besides the ID.
    :param cascades: its removal also removes what lives in it and is not visible to the API key.
    :param facts: keys of the row that results show beside the options: C((result key, API key)), or what makes
        the fact of the row.
    :param default_child: the row that a new parent brings with it.
    :param deployable: how it is deployed, if it is a service, whose configuration reaches what runs by a deployment.
    :param applies_immediately: the keys of a service whose change takes effect at once, without a deployment.
    :param states: further states, and what brings the resource into each; given the resource and the context.
    :param includes: what of it is found out only when it is asked for, and what finds it out for many rows; given the
        resource, the names that are asked for, the rows and the context.
    :param removal: the steps that remove it, with what is in it; given the resource, its row in the project tree, the
        parameters and the client.
    :param checks: what else is checked before a write, as for children that change more than their rows; given the
        resource, the options of the stated children, the diff, the row before it and the context. Each gives the diff.
    :param deploy_needed: whether what runs waits for a deployment; given the resource, the diff, the row after it, the
        resource in words and the context.
    :param result_facts: what else a result holds; given the resource, the keys of the API that were stated, the row,
        the resource in words and the context.
    """

    name: str
    scope: str
    listing: Listing
    options: Tuple[Option, ...]
    create: str
    read: str
    update: str
    remove: str
    create_takes: Tuple[str, ...] = ()
    created: Tuple[str, ...] = ()
    readable: str = "yes"
    remove_with: Mapping[str, Any] = field(default_factory=dict)
    children: Tuple[Child, ...] = ()
    cascades: bool = False
    facts: Tuple[Tuple[str, Union[str, Callable[[Mapping[str, Any]], Any]]], ...] = ()
    default_child: Mapping[str, Any] = field(default_factory=dict)
    deployable: Deployable = Deployable()
    applies_immediately: Tuple[str, ...] = ()
    states: Mapping[str, Callable[..., Dict[str, Any]]] = field(default_factory=dict)
    includes: Tuple[Tuple[str, ...], Optional[Callable[..., List[Dict[str, Any]]]]] = ((), None)
    removal: Optional[Callable[..., List[Any]]] = None
    checks: Tuple[Callable[..., Any], ...] = ()
    deploy_needed: Optional[Callable[..., bool]] = None
    result_facts: Optional[Callable[..., Dict[str, Any]]] = None

    @property
    def id_option(self) -> str:
        return "%s_id" % self.name

    @property
    def id_key(self) -> str:
        return self.listing.id_key

    @property
    def parents(self) -> Tuple[Listing, ...]:
        return SCOPES[self.scope]

    @property
    def levels(self) -> Tuple[Listing, ...]:
        return (*SCOPES[self.scope], self.listing)

    @property
    def parent_key(self) -> Optional[str]:
        """The key with the ID of the parent, if it has one; another value moves the resource."""
        return self.parents[-1].id_key if self.parents else None

    @property
    def service(self) -> ServiceKind:
        one = self.deployable
        return ServiceKind(self.listing, self.remove, one.stop, one.clean_queue, one.history, self.remove_with)

    @property
    def runs(self) -> bool:
        """Whether it is a service."""
        return bool(self.deployable.deploy)

    def fields(self) -> Iterator[Tuple[Tuple[str, ...], Field, Optional[Group]]]:
        """Every field with its option path and its group, in the order of the description."""
        for option in self.options:
            if isinstance(option, Group):
                for field in option.fields:
                    yield (option.name, field.name), field, option
            else:
                yield (option.name,), option, None

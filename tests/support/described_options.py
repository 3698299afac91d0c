# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option and suboption in the descriptions, with the parameters that make it valid.

Of an option that several resources describe alike, or the children of several parents, one is walked."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import is_needed, needs_new
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator import Simulator
from tests.support.builders import create_references, reference_names
from tests.support.examples import COMPANIONS, child_example, create, example_of, named, required_value
from tests.support.host import Host
from tests.support.operations import MANAGED, MANAGED_CHILDREN, ManagedChild, ManagedResource
from tests.support.snapshots import restore_store, save_store, stored_row, table_of
from tests.support.strategies.option_values import EMPTY

Options = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True)
class DescribedOption:
    """One option in one place.

    :param managed: the resource, or the parent of the child.
    :param option: its dotted name, without places in lists.
    :param place: where its value stands in a result.
    :param params: the parameters that state a value of it (``None``: that leave it out), given the ids of ``prepare``.
    :param top: the option that it is a part of, or itself.
    :param given: what the resource is brought to before, so that only this option differs afterwards.
    :param writes: how many requests a change of it takes.
    :param grouped: it stands among others under one name, also in a diff.
    :param clear: the value that clears it, if it is ``clearable``; ``None``: it is left out of the whole it is part of.
    """

    managed: ManagedResource
    operation: Operation
    option: str
    field: Field
    params: Callable[[Any, Mapping[str, str]], Options]
    place: tuple[Any, ...]
    top: Field
    given: Options = default(default_factory=dict)
    writes: int = 1
    clear: Any = None
    clearable: bool = False
    grouped: bool = False
    child: Child | None = None

    def __str__(self) -> str:
        own = self.child is None or self.operation is self.managed.operation
        name = str(self.managed) if own else self.operation.name.removeprefix("dokploy_")
        several = not own and sum(one.operation is self.operation for one in MANAGED_CHILDREN) > 1
        return f"{name}:{self.option}" + (f" of {self.managed}" if several else "")

    @property
    def path(self) -> Path:
        return tuple(self.option.split("."))

    @property
    def alone(self) -> bool:
        """Whether it is an option of a child in the child's own module."""
        return self.operation is not self.managed.operation


# --- stating a value -------------------------------------------------------------------------------------------------


def _needed(fields: tuple[Field, ...], but: str) -> Options:
    """What is needed beside a field, or beside another way to state it."""
    own = {field.api for field in fields if field.name == but}
    return {
        field.name: reference_names(field.reference)[0] if field.reference else required_value(field.name)
        for field in fields
        if field.needed is True and field.api not in own
    }


def whole(path: Path, fields: tuple[Field, ...], value: Any) -> Any:
    """A value with parts in which the last of ``fields`` has ``value`` and what is needed beside it is there.

    :param path: the option, down to its last part.
    :param fields: the described fields along the way, the first one that of the option itself.
    """
    if len(fields) == 1:
        return value
    depth = len(path) - len(fields) + 2
    part = fields[1]
    inner = whole(path, fields[1:], value)
    beside = {**_needed(fields[0].parts, part.name), **COMPANIONS.get(".".join(path[:depth]), {})}
    item = beside if inner is None else {**beside, part.name: inner}
    return [item] if fields[0].codec.type == "list" else item


def _chains(path: Path, field: Field) -> Iterator[tuple[Path, tuple[Field, ...]]]:
    """The option itself, and every part of it, with the fields on the way."""
    yield path, (field,)
    for part in field.parts:
        for deeper, fields in _chains((*path, part.name), part):
            yield deeper, (field, *fields)


def _clears(field: Field, beside: Mapping[str, Any], part: bool) -> tuple[bool, Any]:
    """Whether a value can be cleared, and by which."""
    if is_needed(field, beside) or (field.limits and field.limits[0] > 0 and field.codec.type == "str"):
        return False, None
    if part:
        return True, None
    # A file is another way to state what has an option of its own.
    if field.choices or field.key or field.input_only or field.codec.type not in EMPTY:
        return False, None
    return True, EMPTY[field.codec.type]


def _place(path: Path, fields: tuple[Field, ...]) -> tuple[Any, ...]:
    """Where the value stands in a result: the option's path, and the first place of each list on the way."""
    start = len(path) - len(fields)
    place: list[Any] = list(path[: start + 1])
    for name, outer in zip(path[start + 1 :], fields, strict=False):
        place += [0, name] if outer.codec.type == "list" else [name]
    return tuple(place)


# --- resources -------------------------------------------------------------------------------------------------------


def of_resource(managed: ManagedResource, created: bool = False) -> Iterator[DescribedOption]:
    """:param created: the options that only a new one can have, or the others."""
    for path, field, group in managed.resource.fields():
        if (field.create_only or needs_new(managed.resource, field)) is created:
            for deep, fields in _chains(path, field):
                yield _subject(managed, path, deep, fields, group)


def _subject(
    managed: ManagedResource, path: Path, deep: Path, fields: tuple[Field, ...], group: Group | None
) -> DescribedOption:
    around: Options = dict(COMPANIONS.get(".".join(path), {}))
    if group is not None:
        around = {**_needed(group.fields, path[-1]), **around}

    def params(value: Any, ids: Mapping[str, str]) -> Options:
        stated = whole(deep, fields, value)
        if group is None:
            return {**ids, **around, path[0]: stated}
        return {**ids, group.name: {**around, path[-1]: stated}}

    beside = around if group is not None else example_of(managed.resource).item
    clearable, clear = _clears(fields[-1], beside, part=len(fields) > 1)
    return DescribedOption(
        managed=managed,
        operation=managed.operation,
        option=".".join(deep),
        field=fields[-1],
        params=params,
        place=(managed.name, *_place(deep, fields)),
        top=fields[0],
        given={group.name: _needed(group.fields, "")} if group and group.selects else {},
        grouped=group is not None,
        # Traefik has to read the files of a certificate.
        writes=2 if fields[0].api in ("certificateData", "privateKey") and managed.name == "certificate" else 1,
        clear=clear,
        clearable=clearable,
    )


# --- children --------------------------------------------------------------------------------------------------------


def of_child(managed: ManagedChild, alone: bool) -> Iterator[DescribedOption]:
    """A child's options within its parent's, or in its own operation, where its id is given to change its key."""
    apart = child_example(managed.parent.resource, managed.child).apart
    for field in managed.child.fields:
        # What stands for a neighbour is that neighbour, and shown as such.
        if field.stands_for is None and field.name not in apart:
            yield _child_subject(managed, field, alone)


def _child_subject(managed: ManagedChild, field: Field, alone: bool) -> DescribedOption:
    parent, child = managed.parent, managed.child
    item = child_example(parent.resource, child).beside(field.name)
    # A text and a file with it exclude each other.
    left_out = {field.name} | ({"content"} if field.name == "src" else set())
    beside = {name: part for name, part in item.items() if name not in left_out}

    def stated(value: Any) -> Options:
        return beside if value is None else {**beside, field.name: value}

    def in_list(value: Any, ids: Mapping[str, str]) -> Options:
        return {**{name: ids[name] for name in ids if name != child.id_option}, child.option: [stated(value)]}

    def by_itself(value: Any, ids: Mapping[str, str]) -> Options:
        own = {field.name: value} if field.key and child.id_option in ids else stated(value)
        named = ids if field.key else {name: ids[name] for name in ids if name != child.id_option}
        return {**parent.as_parent(dict(named)), **own}

    clearable, clear = _clears(field, item, part=False)
    return DescribedOption(
        managed=parent,
        operation=managed.operation if alone else parent.operation,
        option=f"{child.option}.{field.name}",
        field=field,
        params=by_itself if alone else in_list,
        place=(child.singular, field.name) if alone else (parent.name, child.option, 0, field.name),
        top=field,
        given={child.option: [item]},
        grouped=True,
        writes=2 if field.replaces or (field.key and not alone) else 1,
        clear=clear,
        clearable=clearable,
        child=child,
    )


def _in_turn(every: Iterator[DescribedOption]) -> Iterator[DescribedOption]:
    """Of each option that several describe alike one, now of this resource or parent and now of that."""
    found: dict[tuple[Any, ...], list[list[DescribedOption]]] = {}
    for one in every:
        place = (one.option, one.alone, one.child is None)
        alike = found.setdefault(place, [])
        same = next((group for group in alike if (group[0].field, group[0].top) == (one.field, one.top)), None)
        if same is None:
            alike.append([one])
        else:
            same.append(one)
    for (option, *_place), alike in found.items():
        yield from (group[zlib.crc32(option.encode()) % len(group)] for group in alike)


DESCRIBED_OPTIONS: list[DescribedOption] = list(
    _in_turn(
        described
        for found in (
            *(of_resource(one) for one in MANAGED),
            *(of_child(one, alone) for one in MANAGED_CHILDREN for alone in (False, True)),
        )
        for described in found
    )
)
CREATED_OPTIONS: list[DescribedOption] = list(
    _in_turn(described for one in MANAGED for described in of_resource(one, created=True))
)


# --- a server with the thing in it -----------------------------------------------------------------------------------


_PORTS = ("externalPort", "externalGRPCPort", "externalAdminPort", "endpointSpecSwarm")


class OptionTestbed:
    """One simulator and one project in it; each call of ``prepare`` makes new things, so that nothing is left over."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.count = 0
        other = host.call("project.create", name="other")
        made = host.call("project.create", name="shop")
        for one, name in ((other, "web"), (made, "api")):
            host.call("application.create", name=name, environmentId=one["environment"]["environmentId"])
        host.call("environment.create", projectId=made["project"]["projectId"], name="staging")
        self.homes = {"projectId": made["project"]["projectId"], "environmentId": made["environment"]["environmentId"]}
        self._kept = save_store(host.sim)
        self._release = host.sim.server.config.version

    def reset(self) -> None:
        """Restore the state and the release at the start, which is cheaper than another server."""
        restore_store(self.host.sim, self._kept)
        self.host.sim.config(version=self._release)
        self.host.new_task()

    def fresh(self) -> None:
        """The next example begins: nothing read before counts."""
        self._next()
        self.host.new_task()

    def _next(self) -> None:
        self.count += 1
        # A subnet that an earlier one has would be in use.
        for network in self.host.sim.server.docker.networks.rows.values():
            network["ipam"] = {}
        # A port that an earlier one has would be in use.
        for table in self.host.sim.server.store.services.values():
            for row in table:
                row.update({column: None for column in _PORTS if row.get(column) is not None})

    def address(self, managed: ManagedResource) -> Options:
        """The options that name a new one, and those that it needs."""
        home = dict(zip(("project", "environment"), ("shop", "production"), strict=True))
        # What is in no server is on Dokploy's own host.
        parents = {one.label: home[one.label] for one in managed.resource.parents if not one.optional}
        name = named(managed.resource, f"new-{self.count}")
        return {**parents, **managed.kind, **name, **example_of(managed.resource).item}

    def create(self, managed: ManagedResource) -> dict[str, str]:
        """A new one as its example says, by the API; the options that locate it."""
        self._next()
        return managed.of(create(self.host, managed, f"{managed.name}-{self.count}", self.homes))

    def row(self, resource: Resource, resource_id: str) -> Options:
        """What the server holds of one."""
        return stored_row(table_of(self.host.sim.server.store, resource).rows, resource, resource_id)

    def prepare(self, described: DescribedOption) -> dict[str, str]:
        """The thing that the option is about, as far as it must be there before; its ids."""
        self.fresh()
        managed, child = described.managed, described.child
        ids: dict[str, Any] = self.create(managed)
        if described.given:
            result = self.host.ok(managed.operation, **ids, **described.given)
            if child is not None and described.alone:
                (row,) = managed.unprotected(result[managed.name])[child.option]
                ids[child.id_option] = row[child.id_option]
        return ids


@contextlib.contextmanager
def open_testbed() -> Iterator[OptionTestbed]:
    """A testbed on a simulator of its own, in which there is everything that options can refer to."""
    # A newer server's rows may have columns that are not known.
    with Simulator(invented_columns=True) as sim:
        host = Host(sim)
        try:
            create_references(host)
            yield OptionTestbed(host)
        finally:
            host.close()

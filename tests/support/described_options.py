# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option and suboption in the descriptions, with the parameters that make it valid."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import is_needed
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources import (
    application,
    project,
)
from tests.simulator import Simulator
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.host import Host
from tests.support.strategies.option_values import EMPTY
from tests.support.strategies.resource_params import SECRET_MARK

Options = dict[str, Any]
Path = tuple[str, ...]

OPERATIONS: dict[str, Operation] = {
    "project": project.OPERATION,
    "environment": project.ENVIRONMENT_OPERATION,
    "application": application.OPERATION,
}
CHILD_OPERATIONS: dict[str, Operation] = {
    "domains": application.DOMAIN_OPERATION,
    "mounts": application.MOUNT_OPERATION,
    "ports": application.PORT_OPERATION,
    "redirects": application.REDIRECT_OPERATION,
    "basic_auth": application.BASIC_AUTH_OPERATION,
    "schedules": application.SCHEDULE_OPERATION,
    "volume_backups": application.VOLUME_BACKUP_OPERATION,
    "patches": application.PATCH_OPERATION,
}
CHILDREN: dict[str, Child] = {child.option: child for child in application.APPLICATION.children}

# What stands beside an option, or one of its parts, that cannot stand alone.
COMPANIONS: dict[str, Options] = {
    "preview.certificate": {"certificate_resolver": "le"},
    "mode.max_concurrent": {"type": "replicated-job"},
    "mode.total_completions": {"type": "replicated-job"},
    "ulimits.soft": {"hard": 2**53 - 1},
    "ulimits.hard": {"soft": 0},
}
# What a needed part, or a needed suboption of a source, is where it is not the one that is looked at.
REQUIRED_VALUES: dict[str, Any] = {
    "spread": "node.labels.rack",
    "architecture": "amd64",
    "os": "linux",
    "target": "backend",
    "target_port": 80,
    "name": "nofile",
    "soft": 1024,
    "type": "replicated",
    "owner": "acme",
    "repository": "shop",
    "branch": "main",
    "url": "https://git.example.com/a.git",
    "image": "nginx",
}
# A child that can be, and what it must be where an option asks for another one.
CHILD_ITEMS: dict[str, Options] = {
    "domains": {"host": "a.example.com"},
    "domains.certificate": {"host": "a.example.com", "certificate_resolver": "le"},
    "mounts": {"path": "/data", "type": "volume", "name": "data"},
    "mounts.type": {"path": "/data", "type": "volume", "name": "data", "host_path": "/h", "file_path": "f"},
    "mounts.host_path": {"path": "/data", "type": "bind", "host_path": "/h"},
    "mounts.file_path": {"path": "/data", "type": "file", "file_path": "f"},
    "mounts.content": {"path": "/data", "type": "file", "file_path": "f"},
    "mounts.src": {"path": "/data", "type": "file", "file_path": "f"},
    "ports": {"published_port": 8080, "target_port": 80},
    "redirects": {"regex": "^/a$", "replacement": "/b"},
    "basic_auth": {"username": "u", "password": SECRET_MARK},
    "schedules": {"name": "n", "cron": "0 3 * * *", "command": "c"},
    "volume_backups": {
        "name": "n",
        "volume": "data",
        "destination": REFERENCE_NAMES["destination"][0],
        "cron": "0 3 * * *",
    },
    "patches": {"path": "a.txt", "content": "x"},
}


@dataclass(frozen=True)
class DescribedOption:
    """One option in one place.

    :param option: its dotted name, without places in lists.
    :param place: where its value stands in a result.
    :param params: the parameters that state a value of it (``None``: that leave it out), given the ids of ``prepare``.
    :param top: the option that it is a part of, or itself.
    :param given: what the application is brought to before, so that only this option differs afterwards.
    :param writes: how many requests a change of it takes.
    :param grouped: it stands among others under one name, also in a diff.
    :param clear: the value that clears it, if it is ``clearable``; ``None``: it is left out of the whole it is part of.
    """

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
        return f"{self.operation.name[len('dokploy_') :]}:{self.option}"

    @property
    def path(self) -> Path:
        return tuple(self.option.split("."))


# --- stating a value -------------------------------------------------------------------------------------------------


def _needed(fields: tuple[Field, ...], but: str) -> Options:
    return {
        field.name: REFERENCE_NAMES[field.reference.label][0] if field.reference else REQUIRED_VALUES[field.name]
        for field in fields
        if field.needed is True and field.name != but
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


def _clears(field: Field, beside: Options, part: bool) -> tuple[bool, Any]:
    """Whether a value can be cleared, and by which."""
    if is_needed(field, beside) or (field.limits and field.limits[0] > 0 and field.codec.type == "str"):
        return False, None
    if part:
        return True, None
    # A file is another way to state what has an option of its own.
    if field.choices or field.key or field.codec.type == "path" or field.codec.type not in EMPTY:
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


def of_resource(resource: Resource) -> Iterator[DescribedOption]:
    for path, field, group in resource.fields():
        if not field.create_only:
            for deep, fields in _chains(path, field):
                yield _subject(resource, path, deep, fields, group)


def _subject(
    resource: Resource, path: Path, deep: Path, fields: tuple[Field, ...], group: Group | None
) -> DescribedOption:
    around: Options = {}
    if group is not None:
        around = {**_needed(group.fields, path[-1]), **COMPANIONS.get(".".join(path), {})}

    def params(value: Any, ids: Mapping[str, str]) -> Options:
        stated = whole(deep, fields, value)
        if group is None:
            return {**ids, path[0]: stated}
        return {**ids, group.name: {**around, path[-1]: stated}}

    clearable, clear = _clears(fields[-1], around, part=len(fields) > 1)
    return DescribedOption(
        operation=OPERATIONS[resource.name],
        option=".".join(deep),
        field=fields[-1],
        params=params,
        place=(resource.name, *_place(deep, fields)),
        top=fields[0],
        given={group.name: _needed(group.fields, "")} if group and group.selects else {},
        grouped=group is not None,
        clear=clear,
        clearable=clearable,
    )


# --- children --------------------------------------------------------------------------------------------------------


def item_of(option: str) -> Options:
    """The child that is there before one of its options is looked at."""
    return dict(CHILD_ITEMS.get(option) or CHILD_ITEMS[option.split(".")[0]])


def _stated(option: str, value: Any) -> Options:
    name = option.split(".")[1]
    # A text and a file with it exclude each other.
    left_out = {name} | ({"content"} if name == "src" else set())
    item = {key: part for key, part in item_of(option).items() if key not in left_out}
    return item if value is None else {**item, name: value}


def of_child(child: Child, alone: bool) -> Iterator[DescribedOption]:
    """A child's options within its parent's, or in its own operation, where its id is given to change its key."""
    for field in child.fields:
        # What stands for a neighbour is that neighbour, and shown as such.
        if field.stands_for is None:
            yield _child_subject(child, field, alone)


def _child_subject(child: Child, field: Field, alone: bool) -> DescribedOption:
    option = f"{child.option}.{field.name}"

    def in_list(value: Any, ids: Mapping[str, str]) -> Options:
        return {"application_id": ids["application_id"], child.option: [_stated(option, value)]}

    def by_itself(value: Any, ids: Mapping[str, str]) -> Options:
        resource_id = ids.get(child.id_option) if field.key else None
        item = _stated(option, value) if resource_id is None else {field.name: value, child.id_option: resource_id}
        return {"application_id": ids["application_id"], **item}

    clearable, clear = _clears(field, item_of(option), part=False)
    return DescribedOption(
        operation=CHILD_OPERATIONS[child.option] if alone else OPERATIONS["application"],
        option=option,
        field=field,
        params=by_itself if alone else in_list,
        place=(child.singular, field.name) if alone else ("application", child.option, 0, field.name),
        top=field,
        given={child.option: [item_of(option)]},
        grouped=True,
        writes=2 if field.replaces or (field.key and not alone) else 1,
        clear=clear,
        clearable=clearable,
        child=child,
    )


DESCRIBED_OPTIONS: list[DescribedOption] = [
    *of_resource(project.PROJECT),
    *of_resource(project.ENVIRONMENT),
    *of_resource(application.APPLICATION),
    *(described for child in CHILDREN.values() for alone in (False, True) for described in of_child(child, alone)),
]


# --- a server with the thing in it -----------------------------------------------------------------------------------


class OptionTestbed:
    """One simulator and one project in it; each call of ``prepare`` makes new things, so that nothing is left over."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.count = 0
        made = host.call("project.create", name="shop")
        self.project_id = made["project"]["projectId"]
        self.environment_id = made["environment"]["environmentId"]

    def fresh(self) -> None:
        """The next example begins: nothing read before counts."""
        self._next()
        self.host.new_task()

    def address(self, described: DescribedOption) -> dict[str, str]:
        """The options that name a thing which is not there yet."""
        name = f"new {self.count}"
        return {
            "project": {"name": name},
            "environment": {"project": "shop", "name": name},
            "application": {"project": "shop", "environment": "production", "name": name},
        }[described.operation.name[len("dokploy_") :]]

    def _next(self) -> None:
        self.count += 1
        # The simulator in this process makes its ids by this generator, which Hypothesis sets back for each example.
        random.seed(self.count)

    def application(self) -> str:
        self._next()
        made = self.host.call("application.create", name=f"web {self.count}", environmentId=self.environment_id)
        resource_id = str(made["applicationId"])
        # A source that can be stated as it is shown, which a fresh application does not have.
        self.host.call("application.update", applicationId=resource_id, sourceType="docker", dockerImage="nginx")
        return resource_id

    def prepare(self, described: DescribedOption) -> dict[str, str]:
        """The thing that the option is about, as far as it must be there before; its ids."""
        self.fresh()
        if described.operation is OPERATIONS["project"]:
            return {"project_id": self.host.call("project.create", name=f"p{self.count}")["project"]["projectId"]}
        if described.operation is OPERATIONS["environment"]:
            made = self.host.call("environment.create", name=f"e{self.count}", projectId=self.project_id)
            return {"environment_id": made["environmentId"]}
        ids = {"application_id": self.application()}
        if described.given:
            result = self.host.ok(OPERATIONS["application"], **ids, **described.given)
            if described.child is not None and described.operation is not OPERATIONS["application"]:
                (row,) = result["application"][described.child.option]
                ids[described.child.id_option] = row[described.child.id_option]
        return ids


@contextlib.contextmanager
def open_testbed() -> Iterator[OptionTestbed]:
    """A bench on a simulator of its own, in which there is everything that options can refer to."""
    with Simulator() as sim:
        host = Host(sim)
        try:
            create_references(host)
            yield OptionTestbed(host)
        finally:
            host.close()

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what a new record has by itself, as the simulator of each measured release creates it.

An export leaves it out, and an option that is not stated is reset to it. What the releases have in common counts: an
option that they fill in differently is always stated and never reset, and so is what the server chooses by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import BY_KIND, SECTIONS, Section
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import PREFIX, is_empty
from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST
from tests.support.builders import create_references
from tests.support.examples import child_example, example_of, named
from tests.support.host import Host
from tests.support.operations import MANAGED, OPERATIONS, ManagedResource, managed
from tests.support.releases import RELEASES
from tests.support.snapshots import table_of
from tools.workspace import ROOT

TABLE = ROOT / "plugins/module_utils/_model/new_records.py"
TEXT = '''\
# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a new record has by itself: written by C(make generate)."""

from __future__ import annotations

from typing import Any, Mapping

from .field import Version

#: The values of options that are not empty, by the kind of record, on every release.
NEW: Mapping[str, Mapping[str, Any]] = {
%s}
#: Those that releases fill in differently, on each that was measured.
BY_RELEASE: Mapping[str, Mapping[str, Mapping[Version, Any]]] = {
%s}
'''
_WIDTH = 120
Values = dict[str, dict[str, Any]]


def new_records(release: str) -> Values:
    """The options that a new record of each kind has by itself, in words of the options."""
    values: Values = {}
    with Simulator(version=release, block_seconds=0.0) as sim:
        host = Host(sim)
        try:
            created = managed("project").operation
            host.ok(created, name="home")
            (row,) = host.read("project.all")[0]["environments"]
            values["default environment"] = {
                "description": host.read("environment.one", environmentId=row["environmentId"])["description"]
            }
            create_references(host, "SSH key", "server", "destination")
            for kind in MANAGED:
                if kind.name in BY_KIND and not example_of(kind.resource).event:
                    values.update(_created(host, kind))
            for section in SECTIONS:
                if section.resource.single:
                    values.update(_of_the_server(host, section))
        finally:
            host.close()
    return values


def _done(host: Host, operation: Operation, **options: Any) -> bool:
    """Whether a release knows what an example states; a new description may not have its example yet."""
    try:
        return not host.run(operation, **options).get("failed")
    except AssertionError:
        return False


def _created(host: Host, kind: ManagedResource) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a record has that states only what it needs, and each child of it."""
    resource, example = kind.resource, example_of(kind.resource)
    home: dict[str, Any] = {}
    if resource.scope in ("project", "environment"):
        host.ok(managed("project").operation, name="home")
        home = {"project": "home"}
    children = {child.option: [dict(child_example(resource, child).item)] for child in resource.children}
    options: dict[str, Any] = {**named(resource, f"{resource.kind}new"), **kind.kind, **example.item}
    if not _done(host, kind.operation, **home, **options):
        return
    row = _row(host, kind)
    yield resource.label, {**_selections(resource, row), **_values(resource.fields(), row, set(paths_of(options)))}
    for child in resource.children:
        added = {**options, child.option: children[child.option]}
        if resource.name == "compose":
            added.update(example.existing)
        if _done(host, kind.operation, **home, **added):
            yield f"{resource.label}.{child.option}", _child(host, kind, child, children[child.option][0])


def _selections(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    """The group that a new record selects, such as its source."""
    selectors = [option.selects[0] for option in resource.options if isinstance(option, Group) and option.selects]
    return {selector.name: row[selector.api] for selector in selectors}


def paths_of(options: Mapping[str, Any]) -> Iterator[str]:
    """The options, and the suboptions, that are stated."""
    for name, value in options.items():
        yield from (f"{name}.{inner}" for inner in value) if isinstance(value, dict) else (name,)


def _of_the_server(host: Host, section: Section) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the settings of a new server are, and a new child of the server itself."""
    resource, child = section.resource, section.child
    if child is None:
        if resource.since is not None and host.api().version() < resource.since:
            return
        (row,) = host.open(host.connection).reads.trees.of(resource.levels).roots
        yield resource.label, _values(resource.fields(), row, set())
        return
    item = dict(child_example(resource, child).item)
    if not _done(host, OPERATIONS[section.module], **{**item, resource.name: True}):
        return
    host.new_task()
    (row,) = host.open(host.connection).reads.trees.of(resource.levels).roots
    rows: list[Any] = row[child.embedded] if child.listing is None else _listed(host, child, row[resource.id_key])
    yield f"{resource.label}.{child.option}", _values(_of(child), rows[-1], set(item))


def _of(child: Child) -> list[Any]:
    return [((field.name,), field, None) for field in child.fields]


def _listed(host: Host, child: Child, parent_id: str) -> list[Any]:
    procedure, key, more = child.listing or ("", "", {})
    return list(host.read(procedure, **{key: parent_id, **more}))


def _row(host: Host, kind: ManagedResource) -> dict[str, Any]:
    """The row of the newest record of a kind."""
    return kind.resource.listing.flat(list(table_of(host.sim.server.store, kind.resource).rows.values())[-1])


def _child(host: Host, kind: ManagedResource, child: Child, item: Mapping[str, Any]) -> dict[str, Any]:
    """What the only child of the newest record of a kind has by itself."""
    row = _row(host, kind)
    if child.listing is None:
        rows = host.read(kind.resource.reading.procedure, **kind.resource.own(row[kind.resource.id_key]))[
            child.embedded
        ]
    else:
        rows = _listed(host, child, row[kind.resource.id_key])
    (own,) = (listed for listed in rows if not child.protected(row, listed))
    return _values(_of(child), own, set(item))


def _values(fields: Iterable[Any], row: Mapping[str, Any], stated: set[str]) -> dict[str, Any]:
    """The values in words of options that are not stated. :param stated: the names of those that are, and of groups."""
    places = ((".".join(path), field) for path, field, _group in fields)
    return {
        option: field.shown(row[field.api])
        for option, field in places
        if option not in stated and _compared(field, row)
    }


def _compared(field: Field, row: Mapping[str, Any]) -> bool:
    known = field.api in row and not field.by_server and field.codec is not PREFIX
    return (
        known
        and field.needed is not True
        and field.returned
        and not (field.secret or field.reference or field.paths or field.parts)
    )


def table() -> str:
    """The file."""
    releases = {tuple(map(int, text.split("."))): new_records(text) for text in (*RELEASES, NEWEST)}
    usual: dict[str, dict[str, Any]] = {}
    varying: dict[str, dict[str, Any]] = {}
    for label in sorted({label for labels in releases.values() for label in labels}):
        known = {release: labels[label] for release, labels in releases.items() if label in labels}
        usual[label], varying[label] = {}, {}
        for option in dict.fromkeys(option for options in known.values() for option in options):
            values = {release: options[option] for release, options in known.items() if option in options}
            first = next(iter(values.values()))
            if any(value != first for value in values.values()):
                varying[label][option] = dict(_ends(list(values.items())))
            elif not is_nothing(first):
                usual[label][option] = first
    return TEXT % (_lines(usual), _lines(varying))


def _ends(values: list[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The first and the last of those with one value."""
    for number, (release, value) in enumerate(values):
        around = [neighbour for _release, neighbour in (*values[number - 1 : number], *values[number + 1 : number + 2])]
        if len(around) < 2 or any(neighbour != value for neighbour in around):
            yield release, value


def is_nothing(value: Any) -> bool:
    """Whether a value is that of an option that is not set."""
    return is_empty(value) or value is False or value == 0


def _lines(items: Mapping[str, Any], indent: str = "    ") -> str:
    """The items of a mapping, as ruff formats them."""
    lines = ""
    for name, value in items.items():
        if not isinstance(value, dict):
            lines += f"{indent}{_text(name)}: {_text(value)},\n"
        elif value:
            whole = f"{indent}{_text(name)}: {{{', '.join(_flat(value))}}},\n"
            inner = f"{indent}{_text(name)}: {{\n{_lines(value, indent + '    ')}{indent}}},\n"
            lines += whole if len(whole) <= _WIDTH + 1 else inner
    return lines


def _flat(value: Mapping[Any, Any]) -> Iterator[str]:
    for name, item in value.items():
        yield f"{_text(name)}: " + (f"{{{', '.join(_flat(item))}}}" if isinstance(item, dict) else _text(item))


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def main() -> None:
    TABLE.write_text(table())

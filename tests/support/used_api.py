# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of Dokploy's API that the collection uses, by descriptions and code, and all parts, by the
simulator's newest release."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator.api import tables
from dokploy_simulator.api.release_folders import stored, version_key
from tests.support.operations import OPERATIONS

MODULE_UTILS = Path(__file__).resolve().parents[2] / "plugins/module_utils"
RESOURCES: tuple[Resource, ...] = tuple(
    {
        # A resource may have other children in another module.
        (one.label, one.id_key, len(one.children)): one
        for operation in OPERATIONS.values()
        for one in operation.resources
    }.values()
)
PROCEDURE = re.compile(r"[a-z][A-Za-z]*\.[a-z][A-Za-z]*\Z")

Used = dict[str, frozenset[str]]


def fields_of(procedure: str) -> list[str]:
    """Every field of a procedure's input in the newest release.

    :raises LookupError: the simulator does not know the procedure.
    """
    return list(entry_of(procedure).get("fields", ()))


def entry_of(procedure: str) -> Mapping[str, Any]:
    """What the simulator's table says of a procedure.

    :raises LookupError: it plays no such procedure.
    """
    known = tables.newest().procedures
    if not known.get(procedure, {"played": False}).get("played", True):
        raise LookupError(
            f"the simulator has no {procedure}: add its input to the procedures of"
            f" simulator/src/dokploy_simulator/releases/{stored()[-1]}/api.json"
        )
    return known[procedure]


def since(procedure: str, field: str | None = None) -> tuple[int, ...] | None:
    """The first release that has a procedure, or that accepts a field of it; ``None``: the oldest one does."""
    entry_of(procedure)
    found = [tables.since(procedure), tables.since(procedure, field) if field else None]
    return max((version_key(text) for text in found if text), default=None)


@functools.cache
def releases() -> list[tuple[int, ...]]:
    """The releases that brought something, and the oldest one."""
    return sorted({version_key(version) for version in tables.firsts().values()})


def before(version: tuple[int, ...]) -> str:
    """The newest of these releases that is older."""
    return ".".join(str(part) for part in max(one for one in releases() if one < version))


# --- by descriptions -------------------------------------------------------------------------------------------------


def described_procedures(resource: Resource) -> Used:
    """Procedures with the fields that a description sends."""
    columns = {field.api for _path, field, _group in resource.fields() if not field.procedure}
    columns |= {group.selects[0].api for _path, _field, group in resource.fields() if group and group.selects}
    parent = {resource.parent_key} if resource.parent_key else set()
    created_only = {field.api for _path, field, _group in resource.fields() if field.create_only or field.replaces}
    alone = {field.api for _path, field, _group in resource.fields() if field.procedure}
    used: dict[str, set[str]] = {
        resource.creation.procedure: set(resource.creation.takes)
        | {*resource.creation.defaults, *resource.creation.implied({})}
        | parent,
        resource.updating.procedure: {resource.own_key}
        | set(resource.updating.always_sent)
        | (columns - created_only - alone)
        | parent,
        resource.reading.procedure: {resource.own_key},
        resource.removal.procedure: {resource.removal.id_key or resource.own_key, *resource.removal.body},
        **{
            one.procedure: {resource.removal.id_key or resource.own_key, *value_key(one)}
            for _path, one, _group in resource.fields()
            if one.procedure
        },
    }
    removal = (resource.removal.procedure,) if resource.removal.unanswered else ()
    for procedure in () if resource.runs else (*resource.acknowledged, *removal):
        # The code that calls it is beside the description.
        (path,) = MODULE_UTILS.glob(f"_resources/*/{resource.name}.py")
        used.setdefault(procedure, set()).update(columns, constants(path), {resource.id_key})
    for child in resource.children:
        used |= _described_child(child, resource)
    # A singleton is not created and removed.
    return {procedure: sent_keys(resource, fields) for procedure, fields in used.items() if procedure}


def value_key(field: Field) -> set[str]:
    """The key of the value in the input of a field's own procedure, which may take none."""
    return set() if field.elected else {field.sent_as or field.api}


def sent_keys(resource: Resource, columns: Iterable[str]) -> frozenset[str]:
    """The keys of a body with these columns, of which some may be in an object."""
    key, inner = resource.packed
    return frozenset(key if column in inner else column for column in columns)


def _described_child(child: Child, resource: Resource) -> dict[str, set[str]]:
    columns = {field.api for field in child.fields}
    used = {
        child.create: (columns - set(child.create_ignores)) | set(child.parent),
        child.update: {child.id_key, *child.always_sent} | {field.api for field in child.fields if not field.replaces},
        child.remove: {child.id_key},
    }
    if child.listing is not None:
        used[child.listing[0]] = {child.listing[1], *child.listing[2]}
    if child.everywhere is not None:
        used[child.everywhere.listing] = {resource.id_key}
    if child.run is not None:
        used[child.run[0]] = {child.id_key}
    if child.generates is not None:
        used[child.generates.procedure] = set(child.generates.body)
    return used


# --- by code ---------------------------------------------------------------------------------------------------------


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that is in a file's code."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


@functools.cache
def constants(path: Path) -> frozenset[str]:
    """The texts in a file's code."""
    found = (node.value for node in nodes(path) if isinstance(node, ast.Constant))
    return frozenset(value for value in found if isinstance(value, str))


def keywords(path: Path) -> set[str]:
    """The names of the keyword arguments in a file's code."""
    return {node.arg for node in nodes(path) if isinstance(node, ast.keyword) and node.arg}


@functools.cache
def coded_procedures() -> Used:
    """Procedures that code names, or reads from a description, with the texts beside them that may be their fields."""
    # Code names the ID of a server where it sends one.
    ids = {resource.id_key for resource in RESOURCES} - {"serverId"}
    deployable: defaultdict[str, set[str]] = defaultdict(set)
    for resource in RESOURCES:
        for name, value in vars(resource.deployable).items():
            if isinstance(value, str) and PROCEDURE.match(value):
                deployable[name].add(value)
    used: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(MODULE_UTILS.rglob("*.py")):
        texts = constants(path)
        for text in texts:
            if PROCEDURE.match(text) and not _describes(path, text):
                used[text] |= texts | ids
        for node in nodes(path):
            if not isinstance(node, ast.Attribute) or node.attr not in deployable:
                continue
            own = {resource.deployable.status for resource in RESOURCES} if node.attr == "set_status" else set()
            if re.search("deployable|procedures", ast.unparse(node.value)):
                for procedure in deployable[node.attr]:
                    used[procedure] |= texts | keywords(path) | ids | own
    return {procedure: frozenset(fields) for procedure, fields in used.items()}


def _describes(path: Path, procedure: str) -> bool:
    """Whether the text only stands in a description, which says by itself which fields it sends."""
    # The shapes of answers are no use of a procedure.
    return path.stem == "responses" or ("_resources" in path.parts and procedure in _all_described())


@functools.cache
def _all_described() -> frozenset[str]:
    return frozenset(procedure for resource in RESOURCES for procedure in described_procedures(resource))


@functools.cache
def used_procedures() -> Used:
    """Every procedure that is used, and which of its fields."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source in (*(described_procedures(resource) for resource in RESOURCES), coded_procedures()):
        for procedure, fields in source.items():
            found[procedure] |= fields
    return {procedure: frozenset(fields) for procedure, fields in found.items()}


def all_procedures(routers: tuple[str, ...]) -> Iterator[str]:
    for procedure, entry in tables.newest().procedures.items():
        if entry.get("played", True) and procedure.split(".")[0] in routers:
            yield procedure

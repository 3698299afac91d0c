# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario of a module that manages or lists what a description describes: it returns every documented value.

The values are those of the C(Example), and else the samples of the module's own documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from tests.support.builders import create_references, reference_names
from tests.support.examples import child_example, create, example_of, named
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OUTSIDE, ManagedChild, ManagedResource
from tests.support.scenarios.actions import WEB
from tests.support.scenarios.recorder import ResultRecorder, fail_requests
from tools.documents import documented

Scene = Callable[[ResultRecorder], None]
Options = dict[str, Any]


def scene_of(module: str, written: Mapping[str, Scene]) -> Scene:
    """The scenario of a module.

    :param written: those that are written by hand.
    :raises LookupError: there is none.
    """
    managed = [one for one in MANAGED if one.operation.name == module]
    listed = [one for one in MANAGED if f"{one.operation.name}_info" == module]
    children = [one for one in MANAGED_CHILDREN if one.operation.name == module and one.parent.name == "application"]
    if module == "dokploy_info":
        return lambda run: _with_all(run, written[module])
    if module in written:
        return written[module]
    if managed:
        return lambda run: _managed(run, managed)
    if listed:
        return lambda run: _listed(run, listed)
    if children:
        return lambda run: _child(run, children[0])
    name = module.removeprefix("dokploy_")
    raise LookupError(
        f"no test returns the values of {module}: add a function run_{name}(run), which runs the module until each of"
        " its documented values was returned, to a file in tests/support/scenarios"
    )


def _name(managed: ManagedResource) -> str:
    return f"{managed.resource.kind or managed.name}-1"


def _samples(module: str, name: str) -> Options:
    """The samples of what a module manages, by option."""
    contents = documented(module, "RETURN")[name]["contains"]
    return {option: one["sample"] for option, one in contents.items() if one.get("sample") is not None}


def _sampled(fields: Iterable[Field], samples: Mapping[str, Any]) -> Options:
    """What can be stated as the samples show it: names of others are IDs there."""
    return {
        field.name: samples[field.name]
        for field in fields
        if field.name in samples and field.returned and not (field.secret or field.reference or field.paths)
        if not any(part.reference for part in field.parts)
    }


def _whole(managed: ManagedResource, name: str) -> Options:
    """Every option of one that its example or a sample has."""
    resource, example = managed.resource, example_of(managed.resource)
    samples = _samples(managed.operation.name, managed.name)
    plain = [option for option in resource.options if isinstance(option, Field)]
    found = _sampled(plain, samples)
    references = {field.name: field.reference for field in plain if field.reference is not None}
    found.update({option: reference_names(listing)[0] for option, listing in references.items() if option in samples})
    for group in (one for one in resource.options if isinstance(one, Group) and one.name in samples):
        found[group.name] = _sampled(group.fields, samples[group.name])
    for option, value in {**example.item, **example.existing}.items():
        found[option] = {**found.get(option, {}), **value} if isinstance(value, dict) else value
    homes = {"project": "shop", "environment": "production"}
    home = {one.label: homes[one.label] for one in resource.parents if not one.optional}
    return {**home, **found, **managed.kind, **named(resource, name)}


def _with_all(run: ResultRecorder, scene: Scene) -> None:
    """A scene on a server that has one record of each resource outside of projects, with all that is known of it."""
    create_references(run.host)
    for managed in {
        managed.name: managed for managed in reversed(OUTSIDE) if managed.resource.creation.procedure
    }.values():
        run(managed.operation.name, **_whole(managed, _name(managed)))
        run.host.new_task()
    scene(run)


def _homes(run: ResultRecorder) -> dict[str, str]:
    (project,) = (one for one in run.host.read("project.all") if one["name"] == "shop")
    return {"projectId": project["projectId"], "environmentId": project["environments"][0]["environmentId"]}


def _managed(run: ResultRecorder, managed: list[ManagedResource]) -> None:
    """Each kind comes and stays; two are alike, a server drops a column, one goes."""
    first = managed[0]
    resource, module = first.resource, first.operation.name
    create_references(run.host)
    for one in managed:
        for check in (True, False, False):
            run(module, check=check, **_whole(one, _name(one)))
        run.host.new_task()
    stated = _whole(first, _name(first))
    address = {option: stated[option] for option in stated if option in ("project", "environment", "type")}
    address |= named(resource, _name(first))
    dropped, other = _other(resource.options, stated)
    if not resource.unique:
        for _unused in range(2):
            create(run.host, first, "twin", _homes(run))
        run.host.new_task()
        run(module, fails=True, **{**address, **named(resource, "twin")}, **other)
    run.sim.config(drop_fields={resource.updating.procedure: [dropped.api]})
    run(module, fails=True, **address, **other)
    run.sim.config(drop_fields={})
    for _again in range(2):
        run(module, state="absent", **address, **example_of(resource).removal)
    fail_requests(run, module, **stated)


def _other(options: Iterable[Field | Group], stated: Mapping[str, Any]) -> tuple[Field, Options]:
    """An option, and another value of it."""
    fields = [one for one in options if isinstance(one, Field) and one.name in stated and not one.key]
    for field in (one for one in fields if one.compared and not (one.create_only or one.replaces or one.reference)):
        if field.choices:
            return field, {field.name: next(one for one in field.choices if one != stated[field.name])}
        if field.codec.type == "int":
            return field, {field.name: stated[field.name] + 1}
        if field.codec.type == "bool":
            return field, {field.name: not stated[field.name]}
        if field.codec.type == "str" and field.pattern is None and field.grammar is None and field.name != "name":
            return field, {field.name: f"{stated[field.name]}x"}
    for field in fields:
        if field.pattern is not None and not (field.needed or field.create_only or field.replaces):
            return field, {field.name: ""}
    raise LookupError(f"write the scenario by hand: no option of {', '.join(stated)} has another value that is known")


def _listed(run: ResultRecorder, managed: list[ManagedResource]) -> None:
    """One of each kind, with secrets where they can be asked for."""
    module = managed[0].info.name
    create_references(run.host)
    for one in managed:
        run(one.operation.name, **_whole(one, _name(one)))
    run.host.new_task()
    run(module)
    for one in managed[:1]:
        run(module, **one.opened)
    fail_requests(run, module)


def _child(run: ResultRecorder, managed: ManagedChild) -> None:
    """One that comes and goes, in two parents of one name, and one of which an older server drops a part."""
    child, module = managed.child, managed.operation.name
    example = child_example(managed.parent.resource, child).item
    stated = {**_sampled(child.fields, _samples(module, child.singular)), **example}
    for state in ("present", "absent"):
        for check in (True, False):
            run(module, state=state, check=check, **WEB, **stated)
    run(module, state="absent", **WEB, **stated)
    made = run(module, **WEB, **stated)
    run(module, fails=True, **{**WEB, "project": "twin"}, **stated)
    fail_requests(run, module, **WEB, **stated)
    dropped, other = _other(child.fields, stated)
    run.sim.config(drop_fields={child.update: [dropped.api]})
    identity = {child.id_option: made[child.singular][child.id_option]}
    run(module, fails=True, **WEB, **identity, **other)

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies: desired states of whole resources and of children, from the descriptions.

A desired state sets some options and omits others. A second one often repeats a part of the first, since options that
are already set matter as much as those that are not. Keys of children are few, so that lists overlap."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import is_needed
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.builders import reference_kind
from tests.support.examples import EXAMPLES
from tests.support.strategies.option_values import EMPTY, Values, is_env, made_once, respell, values

DesiredState = dict[str, Any]

KEYS: dict[str, Values] = {
    f"{label}.{name}": st.sampled_from(known)
    for label, example in EXAMPLES.items()
    for name, known in example.keys.items()
}


def _value(path: tuple[str, ...], field: Field) -> Values:
    name = ".".join(path)
    return KEYS[name] if name in KEYS else values(path, field)


def _clearing(field: Field) -> Values:
    """What clears an option, for those that can be."""
    if field.needed is True or field.choices or field.key or field.name == "name" or field.codec.type not in EMPTY:
        return st.nothing()
    if field.limits is not None and field.limits[0] > 0:
        return st.nothing()
    # A new one each time, since Ansible fills in what stands in a mapping.
    return st.just(EMPTY[field.codec.type]).map(copy.copy)


@made_once
def stated_value(path: tuple[str, ...], field: Field) -> Values:
    """A value, or what clears it."""
    return st.one_of(_value(path, field), _value(path, field), _clearing(field))


@made_once
def _wanted(path: tuple[str, ...], field: Field) -> Values:
    """As ``stated``, for an environment text also with what a partial statement may say."""
    if is_env(field) and field.mode_option is not None:
        return st.one_of(
            stated_value(path, field), st.dictionaries(st.sampled_from(["A", "B_1"]), st.none(), max_size=1)
        )
    return stated_value(path, field)


@st.composite
def _group(draw: st.DrawFn, group: Group, earlier: Mapping[str, Any]) -> DesiredState:
    fields = {field.name: field for field in group.fields if _changes(field)}
    needed = [name for name, field in fields.items() if field.needed is True]
    names = set(draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True))) if fields else set()
    # Now and then what is needed is left out: it may be there already, or the run fails.
    if draw(st.integers(0, 5)):
        names.update(needed)
    desired = {}
    for name in sorted(names):
        again = name in earlier and draw(st.booleans())
        desired[name] = earlier[name] if again else draw(stated_value((group.name, name), fields[name]))
    words = {**earlier, **desired}
    for name, field in fields.items():
        if name not in desired and isinstance(field.needed, tuple) and is_needed(field, words):
            desired[name] = draw(_value((group.name, name), field))
    _one_text(group.fields, desired, draw)
    return desired


def _changes(field: Field) -> bool:
    """Whether a later task can change the option, and again states it unchanged."""
    fixed = field.create_only or field.replaces or field.elected
    # What states other options excludes some of their values.
    return field.compared and not (fixed or field.initial or field.presets)


@st.composite
def resource_states(
    draw: st.DrawFn, resource: Resource, earlier: Mapping[str, Any] | None = None, most: int = 8
) -> DesiredState:
    """Some options of a resource, without its address and its name.

    :param earlier: another wish, parts of which may be repeated.
    """
    before = earlier or {}
    options: dict[str, Any] = {option.name: option for option in resource.options}
    children = {child.option: child for child in resource.children}
    families = [option.name for option in resource.options if isinstance(option, Group) and option.selects]
    plain = [name for name, option in options.items() if name not in families and name != resource.name_option]
    plain = [name for name in plain if isinstance(options[name], Group) or _changes(options[name])]
    pool = plain + list(children)
    if not resource.updating.procedure:
        # Only a new one can have another value.
        return {}
    names = draw(st.lists(st.sampled_from(pool), max_size=most, unique=True))
    if families:
        kept = [name for name in families if name in before]
        source = draw(st.one_of(st.none(), st.sampled_from(kept or families), st.sampled_from(families)))
        names += [source] if source else []
    if bool(before) and draw(st.booleans()):
        names += [name for name in before if name not in names and name in pool]
    desired: DesiredState = {}
    for name in names:
        if name in children:
            desired[name] = draw(child_lists(children[name], before.get(name) or []))
        elif isinstance(options[name], Group):
            desired[name] = draw(_group(options[name], before.get(name) or {}))
        else:
            field = options[name]
            again = name in before and draw(st.booleans())
            desired[name] = before[name] if again else draw(_wanted((name,), field))
            if field.mode_option is not None and not again:
                desired[field.mode_option] = draw(st.sampled_from(["replace", "merge"]))
    return {name: value for name, value in desired.items() if value is not None}


# --- children --------------------------------------------------------------------------------------------------------


@st.composite
def child_states(
    draw: st.DrawFn, child: Child, earlier: Mapping[str, Any] | None = None, in_list: bool = True
) -> DesiredState:
    """One child: its key, and some of its options.

    :param in_list: nothing that is required in a list is left out.
    """
    before = earlier or {}
    fields = {field.name: field for field in child.fields if field.codec.type != "path" or draw(st.booleans())}
    desired: DesiredState = {}
    for name, field in fields.items():
        if field.key:
            if before.get(name) is not None:
                desired[name] = before[name]
            elif field.default is None or draw(st.booleans()):
                desired[name] = draw(_value((child.option, name), field))
            continue
        likely = field.needed is True and (in_list or draw(st.integers(0, 9)) > 0)
        if not likely and not draw(st.integers(0, 2)):
            continue
        if name in before and draw(st.booleans()):
            desired[name] = before[name]
        elif likely or draw(st.booleans()):
            desired[name] = draw(stated_value((child.option, name), field))
    words = {**{field.name: child.parent.get(field.api) for field in child.fields}, **desired}
    for name, field in fields.items():
        if name not in desired and isinstance(field.needed, tuple) and is_needed(field, words) and not field.input_only:
            desired[name] = draw(_value((child.option, name), field))
    _one_text(child.fields, desired, draw)
    return desired


def _one_text(fields: tuple[Field, ...], desired: DesiredState, draw: st.DrawFn) -> None:
    """A text and a file with it exclude each other, and so do an option and the one that stands for it."""
    for field in fields:
        twins = [other.name for other in fields if other.api == field.api and other.name in desired]
        # The one that another option asks for stays.
        asked = [one.name for one in fields if isinstance(one.needed, tuple) and is_needed(one, desired)]
        twins = [name for name in twins if name not in asked] + [name for name in twins if name in asked]
        while len(twins) > 1:
            last = len(twins) - 1 - (twins[-1] in asked)
            del desired[twins.pop(draw(st.integers(0, last)))]
        if field.stands_for and field.name in desired and desired.keys() & set(field.stands_for[1].values()):
            del desired[field.name]


def natural_key(child: Child) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return lambda item: tuple(item.get(field.name, field.default) for field in child.key_fields)


@st.composite
def child_lists(draw: st.DrawFn, child: Child, earlier: list[Mapping[str, Any]], most: int = 3) -> list[DesiredState]:
    """A list of children in which no key is twice; some are those of an earlier list, as they were or otherwise."""
    items = [
        dict(item) if draw(st.booleans()) else draw(child_states(child, item))
        for item in earlier
        if draw(st.integers(0, 3))
    ]
    items += draw(st.lists(child_states(child), max_size=most))
    unique = {natural_key(child)(item): item for item in items}
    found: list[DesiredState] = draw(st.permutations(list(unique.values())))
    return found


# --- the same in other words -----------------------------------------------------------------------------------------


def _rephrase(field: Field, value: Any, ids: Mapping[str, Mapping[str, str]]) -> Any:
    """A reference by its id, everything else as ``spelled_otherwise``."""
    if value in (None, "", [], {}):
        return value
    if field.reference is not None:
        known = ids.get(reference_kind(field.reference), {})
        return [known.get(item, item) for item in value] if isinstance(value, list) else known.get(value, value)
    if is_env(field) and not isinstance(value, str) and None in value.values():
        return value
    return respell(field, value)


def rephrase_item(child: Child, item: Mapping[str, Any], ids: Mapping[str, Mapping[str, str]]) -> DesiredState:
    fields = {field.name: field for field in child.fields}
    return {name: _rephrase(fields[name], value, ids) if name in fields else value for name, value in item.items()}


def rephrase(resource: Resource, desired: Mapping[str, Any], ids: Mapping[str, Mapping[str, str]]) -> DesiredState:
    """The same wish as another user may state it: ids for names, other units, sets and children in another order."""
    options: dict[str, Any] = {option.name: option for option in resource.options}
    children = {child.option: child for child in resource.children}
    found: DesiredState = {}
    for name, value in desired.items():
        if name in children:
            found[name] = [rephrase_item(children[name], item, ids) for item in reversed(value)]
        elif isinstance(options.get(name), Group):
            fields = {field.name: field for field in options[name].fields}
            found[name] = {part: _rephrase(fields[part], item, ids) for part, item in value.items()}
        elif name in options:
            found[name] = _rephrase(options[name], value, ids)
        else:
            found[name] = value
    return found

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From parameters to what is wanted: pure, no request.

An option that is absent is not managed. C(""), C([]) and C({}) clear. Everything that can be judged without the server
is judged here, so that a bad value stops the run before the first write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty

Path = Tuple[str, ...]


@dataclass(frozen=True)
class DesiredField:
    """One stated option.

    :param value: the API's value; with C(merge) the user's, which is laid over the current one when that is known.
    """

    path: Path
    field: Field
    value: Any
    merge: bool = False


@dataclass(frozen=True)
class Desired:
    """All that was stated: fields, and per child option the list of its items (each a tuple of wants)."""

    wants: Tuple[DesiredField, ...]
    children: Mapping[str, Tuple[Tuple[DesiredField, ...], ...]]
    groups: Tuple[Group, ...] = ()


def dotted(path: Path) -> str:
    return ".".join(path)


def desire(resource: Resource, params: Mapping[str, Any]) -> Desired:
    """What the parameters ask for.

    :raises OptionError: a value that cannot be right; the message names the option.
    """
    wants: List[DesiredField] = []
    groups: List[Group] = []
    for option in resource.options:
        value = params.get(option.name)
        if value is None:
            continue
        if isinstance(option, Field):
            wants.append(_want((written(option, params),), option, value, params))
            continue
        groups.append(option)
        if option.selects is not None:
            field, chosen = option.selects
            wants.append(DesiredField((field.name,), field, chosen))
        for field in option.fields:
            if value.get(field.name) is not None:
                wants.append(_want((option.name, written(field, value)), field, value[field.name], params))
    children: Dict[str, Tuple[Tuple[DesiredField, ...], ...]] = {}
    for child in resource.children:
        items = params.get(child.option)
        if items is not None:
            children[child.option] = tuple(
                item_wants(child, item, ("%s[%d]" % (child.option, position),)) for position, item in enumerate(items)
            )
            _refuse_twins(child, children[child.option])
    return Desired(tuple(wants), children, tuple(groups))


def written(field: Field, params: Mapping[str, Any]) -> str:
    """The name by which the user stated an option: Ansible's validation adds the option to the alias."""
    return next((alias for alias in field.aliases if params.get(alias) is not None), field.name)


def _want(path: Path, field: Field, value: Any, params: Mapping[str, Any]) -> DesiredField:
    merge = field.mode_option is not None and params.get(field.mode_option) == "merge"
    return DesiredField(
        path, field, value if merge and check(path, field, value) else api_value(path, field, value), merge
    )


def check(path: Path, field: Field, value: Any) -> bool:
    """Whether a value without parts can be sent at all.

    :raises OptionError: it cannot.
    """
    _check_text(path, value)
    if field.limits is not None:
        low, high = field.limits
        size = len(value) if isinstance(value, str) else value
        if size < low and isinstance(value, str):
            raise OptionError("%s must not be empty" % dotted(path))
        if not low <= size <= high:
            what = "has %d characters" % size if isinstance(value, str) else "is %s" % size
            raise OptionError("%s %s; it must be between %d and %d" % (dotted(path), what, low, high))
    if field.pattern is not None and not is_empty(value) and not re.match(field.pattern[0], str(value)):
        shown = "its value" if field.secret else repr(value)
        raise OptionError("%s: %s %s" % (dotted(path), shown, field.pattern[1]))
    try:
        if not is_empty(value):
            if field.grammar is not None:
                field.grammar(value)
            field.codec.to_api(value)
    except ValueError as exc:
        raise OptionError("%s: %s" % (dotted(path), exc)) from None
    return True


def api_value(path: Path, field: Field, value: Any) -> Any:
    """The API's value of what the user wrote.

    :raises OptionError: it has none.
    """
    if field.parts and not is_empty(value):
        return _whole(path, field, value)
    check(path, field, value)
    if isinstance(field.choices, Mapping) and value in field.choices:
        return field.choices[value]
    if is_empty(value):
        return field.codec.empty
    return field.codec.to_api(value)


def _whole(path: Path, field: Field, value: Any) -> Any:
    """The API's object, or list of objects, of a value with parts. One in which nothing is stated clears."""
    try:
        if field.codec.type == "list":
            items = [
                _object(path[:-1] + ("%s[%d]" % (path[-1], position),), field, item)
                for position, item in enumerate(value)
            ]
            return field.codec.to_api(items)
        found = _object(path, field, value)
        return field.codec.to_api(found) if found else field.codec.empty
    except ValueError as exc:
        raise OptionError("%s: %s" % (dotted(path), exc)) from None


def _object(path: Path, field: Field, value: Mapping[str, Any]) -> Dict[str, Any]:
    if all(item is None for item in value.values()):
        return {}
    found: Dict[str, Any] = {}
    for part in field.parts:
        item = value.get(part.name)
        item = part.default if item is None else item
        if is_empty(item) and part.needed:
            raise OptionError("%s needs %s" % (dotted(path), part.name))
        encoded = None if item is None else api_value(path + (written(part, value),), part, item)
        if not is_empty(encoded):
            found[part.api] = encoded
    return found


def _check_text(path: Path, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, item in value.items():
            _check_text(path, name)
            _check_text(path, item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_text(path, item)
    elif isinstance(value, str):
        if "\0" in value:
            raise OptionError("%s holds a NUL character, which Dokploy's database cannot store" % dotted(path))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise OptionError("%s holds bytes that are no UTF-8 text" % dotted(path)) from None


def item_wants(child: Child, item: Mapping[str, Any], path: Path = (), whole: bool = True) -> Tuple[DesiredField, ...]:
    """What is stated of one child.

    :param path: where it stands in the options.
    :param whole: a part of the natural key that is not stated means its default; otherwise it is not managed.
    :raises OptionError: a value that cannot be right.
    """
    wants: List[DesiredField] = []
    for field in child.fields:
        value = item.get(field.name)
        if whole and (value is None or value == "") and field.default is not None:
            value = field.default
        if value is None:
            continue
        place = path + (written(field, item),)
        meant = _meant(child, field, item, place)
        twin = next((want for want in wants if want.field.api == meant.api), None)
        if twin is not None:
            raise OptionError("%s and %s are mutually exclusive" % (dotted(twin.path), dotted(place)))
        wants.append(_want(place, meant, value, {}))
    return tuple(wants)


def _meant(child: Child, field: Field, item: Mapping[str, Any], place: Path) -> Field:
    """The field itself, or the neighbour that it stands for."""
    if field.stands_for is None:
        return field
    option, names = field.stands_for
    name = names.get(str(item.get(option)))
    if name is None:
        which = ", ".join("%s with %s=%s" % (name, option, word) for word, name in names.items())
        raise OptionError("%s stands for %s" % (dotted(place), which), hint="Set %s to one of these." % option)
    return next(neighbour for neighbour in child.fields if neighbour.name == name)


def natural_key(child: Child, wants: Tuple[DesiredField, ...]) -> Tuple[Any, ...]:
    stated = {want.field.name: want.value for want in wants}
    return tuple(stated.get(field.name) for field in child.key_fields)


def _refuse_twins(child: Child, items: Tuple[Tuple[DesiredField, ...], ...]) -> None:
    seen: Dict[Tuple[Any, ...], int] = {}
    for position, wants in enumerate(items):
        key = natural_key(child, wants)
        if key in seen:
            written_as = {want.field.name: want.path[-1] for want in wants}
            names = ", ".join(
                "%s %r" % (written_as.get(field.name, field.name), part) for field, part in zip(child.key_fields, key)
            )
            raise OptionError("%s: entries %d and %d are both for %s" % (child.option, seen[key], position, names))
        seen[key] = position


def all_wants(desired: Desired) -> Iterator[DesiredField]:
    """Every stated option, those of children too."""
    yield from desired.wants
    for items in desired.children.values():
        for wants in items:
            yield from wants


def with_values(desired: Desired, values: Mapping[Path, Any]) -> Desired:
    """The same with some values replaced, as references are by their ids."""

    def replaced(wants: Tuple[DesiredField, ...]) -> Tuple[DesiredField, ...]:
        return tuple(DesiredField(w.path, w.field, values[w.path], w.merge) if w.path in values else w for w in wants)

    children = {option: tuple(replaced(wants) for wants in items) for option, items in desired.children.items()}
    return Desired(replaced(desired.wants), children, desired.groups)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A row in the options that make it what it is: names for IDs, without what a new record has by itself."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._engine.desired import api_value, label_of, row_key
from .._engine.unstated import record_label
from .._engine.view import in_force
from .._errors import OptionError, enumerated
from .._manifest.sections import Section
from .._model.child import Child
from .._model.exportable import Described, Place
from .._model.field import Field, Group, Version
from .._model.resource import Resource
from .._model.usual import UNKNOWN, usual_values
from .._secrets.masking import hide_credentials
from .._values.codec import PREFIX, TEXT, URL, Codec, is_empty
from .._values.nested import copied, texts_at
from .comments import shown_comments
from .names import Names, NotStatable

Row = Mapping[str, Any]

_HASHED = "Dokploy stores only a hash of it. A new one needs it."
_UNKNOWN = "It is %r, which this collection does not know."
_HIDDEN = "Dokploy never shows it. A new one needs it."
_GENERATED = (
    "Dokploy has made %s, with the address of this host, and a list without it would remove it. State all that count%s."
)
# How a codec shows a text that it does not convert.
_UNCHANGED = (Codec("str").shown, TEXT.shown)
_RENEWED = "Dokploy renews it by itself, so that this one is soon invalid. Authorize a new one."


class Describer:
    """:param version: of the server. :param rows: those of all records that are exported."""

    def __init__(self, names: Names, client: Client, version: Version, rows: Sequence[Row]) -> None:
        self._names, self._client, self._version, self._rows = names, client, version, rows
        self._new = usual_values(version)

    def describe(self, section: Section, resource: Resource, row: Row) -> Described:
        """What a record states, without its name and what is in it."""
        described = Described()
        label = record_label(resource, row)
        for option in resource.options:
            if isinstance(option, Group):
                self._enter_group(option, resource, row, described)
            elif option is not resource.name_field:
                self._enter(option, (option.name,), label, row, described.options, described)
        described.left += _unknown_selections(resource, row)
        for child in resource.children:
            # Of what the server itself has, a document leaves alone what it does not name.
            rows = _rows(child, row)
            reason = _with_generated(child, rows)
            if reason:
                # A list without these would remove them.
                described.left.append((child.option, reason))
            else:
                everything = section.child is not None
                own = [inner for inner in rows if everything or not child.protected(row, inner)]
                self._enter_children(child, resource, own, described)
        resource.exportable.complete(described, self._client, self._rows)
        return described

    def _enter_group(self, group: Group, resource: Resource, row: Row, described: Described) -> None:
        own = resource.by_suboption and group.name == resource.kind
        if not in_force(group, row):
            return
        options: Dict[str, Any] = {}
        for option in group.fields:
            self._enter(option, (group.name, option.name), resource.label, row, options, described)
        if options or own or group.selects is not None:
            described.options[group.name] = options

    def _enter(
        self, field: Field, place: Place, label: str, row: Row, options: Dict[str, Any], described: Described
    ) -> None:
        """Enter one option, if it has to be stated. :param place: its keys from the entry on."""
        option = ".".join(str(part) for part in place)
        reason = _never_stated(field, row)
        if reason is not None:
            described.left += [(option, reason)] if reason else []
            return
        if field.shown_early and field.since is not None and self._version < field.since:
            return
        try:
            value = self._value(field, row)
            idle = is_empty(value) and field.no_effect is not None and field.no_effect(row) is not None
            if not idle and not self._is_new(field, value, label, option):
                value = _written(field, value)
                options[field.name] = _stated(value)
                described.secrets += [(place + inner, option) for inner in secret_places(field, value)]
                if has_variables(field.codec):
                    described.variables.append(place)
                    # In a text, they are where they were.
                    comments = (
                        shown_comments(field.codec.to_api(row[field.api] or "")) if isinstance(value, dict) else []
                    )
                    described.comments += [((*place, name), comment) for name, comment in comments]
        except NotStatable as problem:
            described.left.append((option, str(problem)))

    def _is_new(self, field: Field, value: Any, label: str, option: str) -> bool:
        """Whether a new record has this value by itself.

        :raises Unstated: it has another one, and the option cannot clear it.
        """
        usual = self._new.get(label, {}).get(option, field.shown(None) if field.default is None else field.default)
        if usual is not UNKNOWN and _is_same(field, value, usual):
            return True
        if value is None and usual is not UNKNOWN:
            raise NotStatable("It is not set, which the option cannot say.")
        return value is None

    def _value(self, field: Field, row: Row) -> Any:
        """The value in the words of the option.

        :raises Unstated: the option cannot say it.
        """
        value = row[field.api]
        if is_empty(value) or not (field.reference is not None or field.paths):
            return self._converted(field, value)
        return self._names.of(field, value)

    def _converted(self, field: Field, value: Any) -> Any:
        if field.codec is URL:
            # Others show it without the password in it.
            return value or ""
        if has_variables(field.codec):
            return variables(value, field.codec)
        converted = field.shown(value)
        if field.parts and not is_empty(converted):
            _ensure_exact(field, value, converted)
            rows = value if isinstance(value, list) else []
            for item, raw in zip(converted if isinstance(converted, list) else (), rows):
                self._name_parts(field, item, raw)
            converted = _in_order(field, converted)
        return converted

    def _name_parts(self, field: Field, item: Dict[str, Any], raw: Row) -> None:
        for part in field.parts:
            if part.reference is not None and item.get(part.name):
                item[part.name] = self._names.of(part, raw[part.api], raw)

    def _enter_children(self, child: Child, resource: Resource, own: Sequence[Row], described: Described) -> None:
        """:param own: the rows of those that the server has not made by itself."""
        keys = [repr(row_key(child, inner)) for inner in own]
        double = next((inner for inner, key in zip(own, keys) if keys.count(key) > 1), None)
        if double is not None:
            label = label_of(child, [double.get(key.api) for key in child.key_fields if key.reference is None])
            described.left.append((child.option, "Two of them are for %s, and nothing else tells them apart." % label))
            return
        items = []
        for inner in own:
            item = Described()
            for part in child.fields:
                self._enter(part, (part.name,), "%s.%s" % (resource.label, child.option), inner, item.options, item)
            if any(option for option, _reason in item.left):
                described.left += [(child.option, reason) for _option, reason in item.left]
                return
            items.append(item)
        if items:
            items.sort(key=lambda item: [str(item.options.get(key.name)) for key in child.key_fields])
            described.options[child.option] = [item.options for item in items]
            described.secrets += [
                ((child.option, number, *place), "%s_%s_%s" % (child.option, _key_of(child, item), option))
                for number, item in enumerate(items)
                for place, option in item.secrets
            ]


def _unknown_selections(resource: Resource, row: Row) -> Iterator[Tuple[str, str]]:
    """The options that select a group, such as the source of a service, whose value selects none that is known."""
    groups = [option for option in resource.options if isinstance(option, Group)]
    selectors = [group.selects[0] for group in groups if group.selects is not None]
    for selector in {selector.api: selector for selector in selectors}.values():
        value = row.get(selector.api)
        if not is_empty(value) and value not in selector.choices:
            yield selector.name, _UNKNOWN % str(value)


def _key_of(child: Child, item: Described) -> str:
    return "_".join(str(item.options.get(key.name, "")) for key in child.key_fields)


def _with_generated(child: Child, rows: Sequence[Row]) -> str:
    """Why the list of children cannot be stated, as one of them has a name that the server has made; empty if none."""
    if child.generates is None:
        return ""
    key, pattern = child.generates.field, re.compile(child.generates.pattern.replace("%s", "", 1))
    made = sorted(str(row.get(key)) for row in rows if pattern.search(str(row.get(key))))
    others = sorted({str(row.get(key)) for row in rows} - set(made))
    return _GENERATED % (enumerated(made), ", such as %s" % enumerated(others) if others else "") if made else ""


def _never_stated(field: Field, row: Row) -> Optional[str]:
    """Why an option is not stated of any record; an empty text if that is no loss."""
    if field.initial and field.needed:
        return _HASHED
    if field.write_only:
        return "" if is_empty(row.get(field.api)) else _HIDDEN
    if field.renewed:
        return "" if is_empty(row.get(field.api)) else _RENEWED
    # Names with random characters are the server's.
    if field.input_only or field.api not in row or field.codec is PREFIX:
        return ""
    return field.unexported(row[field.api])


def _rows(child: Child, row: Row) -> Sequence[Row]:
    rows: Sequence[Row] = row.get(child.embedded) or []
    return rows


def _is_same(field: Field, value: Any, usual: Any) -> bool:
    """Whether a value is the usual one, or Dokploy reads it so."""
    if value == usual or (is_empty(value) and is_empty(usual)):
        return True
    return isinstance(value, str) and isinstance(usual or "", str) and field.codec.same(usual or "", value)


def _written(field: Field, value: Any) -> Any:
    """A text as the option writes it, so that another server has the same: host names in lower case, for example."""
    if not isinstance(value, str) or field.reference is not None or field.codec.shown not in _UNCHANGED:
        return value
    try:
        return field.codec.to_api(value)
    except ValueError:
        # It is found with all other mistakes.
        return value


def _in_order(field: Field, value: Any) -> Any:
    """Objects with their parts in the order of the description, since Dokploy's database sorts the keys of some.

    What has no other part keeps its default, since an empty object clears.
    """
    if not field.parts or is_empty(value):
        return value
    if isinstance(value, list):
        return [_in_order(field, item) for item in value]
    parts = {part.name: part for part in field.parts}
    names = [*(name for name in parts if name in value), *(key for key in value if key not in parts)]
    ordered = {name: _in_order(parts[name], value[name]) if name in parts else value[name] for name in names}
    usual = {name: part.default for name, part in parts.items() if part.default is not None}
    return {name: item for name, item in ordered.items() if name not in usual or item != usual[name]} or ordered


def _stated(value: Any) -> Any:
    return "" if value is None else value


def has_variables(codec: Codec) -> bool:
    """Whether a codec is that of environment text."""
    return codec.masked is not None and codec.type == "raw"


def variables(text: Optional[str], codec: Codec) -> Any:
    """Environment text as a mapping, or as it is where a mapping would become another text for its reader."""
    mapping = codec.shown(text)
    try:
        written = codec.to_api(mapping)
    except ValueError:
        return codec.to_api(text or "")
    plain = codec.kept is None or _lines(written) == _lines(text)
    return mapping if plain and codec.same(written, text) else codec.to_api(text or "")


def _lines(text: Optional[str]) -> List[str]:
    """What Docker Compose reads by rules of its own, without comments."""
    return [line for line in (text or "").splitlines() if line and not line.startswith("#")]


def _ensure_exact(field: Field, value: Any, converted: Any) -> None:
    """:raises Unstated: the stored object has keys that the option has not."""
    try:
        written = api_value((field.name,), field, copied(converted))
    except OptionError:
        # What is wrong with it is found with all other mistakes.
        return
    if not field.same(written, value):
        raise NotStatable("Dokploy stores %s in a form that the option cannot state." % field.api)


def secret_places(field: Field, value: Any) -> Iterator[Place]:
    """The places of secrets in the value of a field: keys and positions; empty for the value itself."""
    parts = [part for part in field.parts if part.secret]
    if parts and isinstance(value, Mapping):
        yield from ((part.name,) for part in parts if not is_empty(value.get(part.name)))
    elif field.secret:
        yield from [] if is_empty(value) else [()]
    else:
        yield from (place for place, text in texts_at(value) if hide_credentials(text) != text)

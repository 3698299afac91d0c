# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what C(dokploy_info) lists: the records that are in no project, as their descriptions say.

Of each record these are its ID, its name, what it is in, its kind, and where the list has all of a record, each option
and each fact that is a single value, is stored as it is stated and shown, and is no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._manifest.catalog import INFO_OPERATIONS
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, COUNT, INTEGER, TEXT, URL
from tools.documents import documented
from tools.workspace import ROOT

LISTED = ROOT / "plugins/module_utils/_resources/instance/listed.py"
FILE = '''\
# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lists of C(dokploy_info), as the descriptions of the records say: written by C(make generate)."""

from __future__ import annotations

from typing import Mapping

from .subset import Subset

LISTED: Mapping[str, Subset] = {{
{subsets}
}}
'''
# What results show as the API has it. No value, or credentials in an address, are seen to where the rows are read.
AS_STORED = tuple(codec.shown for codec in (TEXT, URL, BOOLEAN, INTEGER, COUNT))
SINGLE = ("str", "int", "bool")
SCOPES = ("instance", "server")


def listed() -> dict[str, tuple[Resource, ...]]:
    """The kinds of each record that is listed, by the name of its result; projects are in the tree."""
    by_result = {kinds[0].listing.results: kinds for kinds in (operation.resources for operation in INFO_OPERATIONS)}
    outside = {
        name: kinds for name, kinds in by_result.items() if kinds[0].scope in SCOPES and not kinds[0].inner_defaults
    }
    return dict(sorted(outside.items()))


def text() -> str:
    """The file with all subsets."""
    lines = [line for name, kinds in listed().items() for line in _lines(name, kinds)]
    return FILE.format(subsets="\n".join(lines))


def _lines(name: str, kinds: Sequence[Resource]) -> Iterator[str]:
    """The lines of one subset, in the form of ruff."""
    listing = kinds[0].listing
    values = dict(shown(kinds))
    yield f'    "{name}": Subset('
    yield f'        "{listing.procedures[0]}",'
    yield from _mapping("", values)
    if named := {key: other for key, other in _references(kinds[0]).items() if key in values}:
        yield from _mapping("named=", named)
    if listing.key:
        yield f'        rows="{listing.key}",'
    if listing.on_servers:
        # Without a server, it lists those on Dokploy's own host.
        yield '        input={"serverId": None},'
    yield "    ),"


def _mapping(before: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"        {before}{{"
    yield from (f'            "{key}": "{value}",' for key, value in values.items())
    yield "        },"


def shown(kinds: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """What is shown of a record: the name of each value, and its path in the answer."""
    first = kinds[0]
    yield first.id_option, " ".join(dict.fromkeys(map(_id_path, kinds)))
    yield first.name_option, _path(first, first.listing.name_key) or ""
    yield from ((listing.label, listing.id_key) for listing in first.parents)
    if first.kind:
        yield "type", first.listing.kind_key
    if any(not kind.reading.in_listing for kind in kinds):
        return
    for option in first.options:
        if isinstance(option, Field) and option.name != first.name_option and _is_plain(option):
            path = _path(first, option.api)
            yield from [(option.name, path)] if path else []
    for name, source in first.reading.facts:
        path = _path(first, source)
        yield from [(name, path)] if path else []


def _id_path(kind: Resource) -> str:
    """Where the ID of a kind is: in the row, or in the part of that kind."""
    nested = kind.listing.nested
    return f"{nested}.{kind.id_key}" if nested and kind.id_key == f"{nested}Id" and nested == kind.kind else kind.id_key


def _is_plain(field: Field) -> bool:
    """Whether a value is stored as it is shown and stated."""
    codec = field.codec
    plain = codec.type in SINGLE and codec.shown in AS_STORED and codec.to_api is TEXT.to_api
    return plain and field.compared and field.returned and not (field.secret or field.query)


def _path(resource: Resource, source: str | Callable[[Any], Any]) -> str | None:
    """The path of a value in a row of the answer; C(None) of what is computed from more than one value.

    :param source: its key, or a function of the row.
    """
    derived: Mapping[str, Callable[[Any], Any]] = dict(resource.listing.derived)
    source = derived.get(source, source) if isinstance(source, str) else source
    if isinstance(source, str):
        return source
    # With values everywhere, and without any: C(row.get("a") or row.get("b")) is the first one, or else the second one.
    full, empty = _Row(True), _Row(False)
    try:
        values = source(full), source(empty)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    # A second look at a row with values is a condition.
    if full.looks > 1 or not all(isinstance(value, _Row) for value in values):
        return None
    return " ".join(dict.fromkeys(".".join(value.path) for value in values))


class _Row:
    """A row, or an object in it, that notes which values a function looks at.

    :param filled: whether it counts as true. :param path: the keys that lead to it.
    """

    def __init__(self, filled: bool, *path: str) -> None:
        self.filled, self.path, self.looks = filled, path, 0

    def __bool__(self) -> bool:
        return self.filled

    def get(self, key: str, _default: Any = None) -> _Row:
        self.looks += 1
        return _Row(self.filled, *self.path, key)

    __getitem__ = get


def _references(resource: Resource) -> dict[str, str]:
    """The values that are IDs of what is listed, too: the name of each, and the subset."""
    subsets = {kinds[0].listing.label: name for name, kinds in listed().items()}
    fields = [option for option in resource.options if isinstance(option, Field) and option.reference is not None]
    labels = {listing.label: listing.label for listing in resource.parents}
    labels.update({field.name: field.reference.label for field in fields if field.reference is not None})
    return {key: subsets[label] for key, label in labels.items() if label in subsets}


def returned(written: Mapping[str, Any]) -> dict[str, Any]:
    """The return values of C(dokploy_info), of which those of the lists are generated.

    :param written: what its C(RETURN) contains.
    """
    lists = {name: _returned(name, kinds) for name, kinds in listed().items()}
    counts = written["counts"]
    counted = {**counts["sample"], **{name: 1 for name in lists if name not in counts["sample"]}}
    written = {**written, "counts": {**counts, "sample": counted}}
    values: dict[str, Any] = {}
    for name, value in written.items():
        if name == "settings":
            values.update(lists)
        if name not in lists:
            values[name] = value
    return values


def _returned(name: str, kinds: Sequence[Resource]) -> dict[str, Any]:
    """The return value that is a list, with the samples of the module that lists these records."""
    resource, module = kinds[0], f"dokploy_{kinds[0].name}_info"
    contents = documented(module, "RETURN").get(name, {}).get("contains", {})
    values = dict(shown(kinds))
    named = {key: other for key, other in _references(resource).items() if key in values}
    about = [
        f" C({key}) is a name, or an ID if the {listed()[other][0].listing.plural} are not returned."
        for key, other in named.items()
    ]
    return {
        "description": f"The {resource.listing.plural}, sorted by {resource.name_option}, with some keys of "
        f"RV(community.dokploy.{module}#module:{name}).{''.join(about)}",
        "returned": f"when O(gather_subset) selects V({name}), and it is readable",
        "type": "list",
        "elements": "dict",
        "sample": [{key: contents[key]["sample"] for key in values if "sample" in contents.get(key, {})}],
    }


def main() -> None:
    LISTED.write_text(text())

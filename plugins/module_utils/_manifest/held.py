# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a document has and a run leaves out: what acts on others, such as domains and notifications. Pure.

What is left out is neither made nor changed, so that a later run which does not hold it makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Sequence

from .._engine.desired import desire
from .._engine.unstated import KEEP
from .._model.argspec import Spec
from .._resources.service_children.routing import DOMAINS, first_url
from .entries import Entry
from .reference_text import with_references

#: The lists of entries that each word holds. A whole entry is held by the name of its kind.
_LISTS: Mapping[str, Sequence[str]] = {
    "domains": (DOMAINS.option,),
    "schedules": ("schedules",),
    "backups": ("backups", "volume_backups"),
    "notifications": (),
}
_KINDS: Mapping[str, str] = {"notifications": "notification"}
#: What a reference to the address of a service is called.
URL = "url"
OPTIONS: Spec = {"hold": {"type": "list", "elements": "str", "choices": list(_LISTS), "default": []}}


@dataclass(frozen=True)
class HeldOption:
    """What an entry states that is left out. :param option: empty for the whole entry."""

    kind: str
    path: str
    option: str

    def shown(self) -> Dict[str, Any]:
        """How results show it."""
        return {"kind": self.kind, "path": self.path, "option": self.option}


@dataclass(frozen=True)
class Held:
    """The entries of a document without what is held.

    :param entries: all of them. :param keys: those that are left out as a whole, which exist all the same.
    :param options: what is left out. :param urls: the addresses that services get, by the keys of their entries.
    """

    entries: Sequence[Entry]
    keys: FrozenSet[str]
    options: Sequence[HeldOption]
    urls: Mapping[str, str]


def without_held(entries: Sequence[Entry], hold: Sequence[str]) -> Held:
    """:param hold: the words of the option."""
    lists = [option for word in hold for option in _LISTS[word]]
    kinds = {_KINDS[word] for word in hold if word in _KINDS}
    left: List[HeldOption] = []
    urls: Dict[str, str] = {}
    rest = []
    for entry in entries:
        options = [] if entry.absent else [option for option in lists if entry.params.get(option)]
        if entry.section.kind in kinds and not entry.absent:
            left.append(HeldOption(entry.section.kind, entry.path, ""))
        left += [HeldOption(entry.section.kind, entry.path, option) for option in options]
        urls.update(_address(entry, options))
        rest.append(_without(entry, options) if options else entry)
    keys = frozenset(entry.key for entry in rest if entry.section.kind in kinds and not entry.absent)
    return Held(rest, keys, left, urls)


def _without(entry: Entry, options: Sequence[str]) -> Entry:
    """An entry that says nothing of some options, so that they stay as they are."""
    params: Dict[str, Any] = {**entry.params, **dict.fromkeys(options)}
    if params.get("unstated") not in (None, KEEP):
        params["ignore"] = sorted({*(params.get("ignore") or ()), *options})
    own = dict(entry.own)
    if DOMAINS.option in options and own.get("http_check") and not own["http_check"].get("url"):
        # Nothing answers at the address of a domain that is not there.
        own["http_check"] = None
    return replace(entry, params=params, own=own)


def _address(entry: Entry, options: Sequence[str]) -> Iterator[Any]:
    """The key of an entry and the address that it gets by its domains, if these are held."""
    resource = entry.resource
    if DOMAINS.option not in options or resource is None:
        return
    stated = {DOMAINS.option: with_references(entry.params[DOMAINS.option], lambda reference: reference.text)}
    items = desire(resource, stated).children[DOMAINS.option]
    rows = [{want.field.api: want.value for want in item} for item in items]
    url = first_url({DOMAINS.embedded: rows})
    if url:
        yield entry.key, url

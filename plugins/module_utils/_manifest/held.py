# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a document has and a run leaves out: what acts on others, such as domains and notifications. Pure.

What is left out is neither made nor changed, so that a later run which does not hold it makes it. Applications, stacks
and Redis without containers are deployed all the same, so that their images are there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Sequence

from .._engine.desired import desire
from .._engine.unstated import DEFAULT, KEEP
from .._model.argspec import Spec
from .._resources.service_children.routing import DOMAINS, first_url
from .._resources.services.application import APPLICATION
from .._resources.services.compose import COMPOSE, COMPOSE_PATH
from .._resources.services.compose_file import DEFAULT_PATH, preparing_command
from .entries import Entry
from .reference_text import with_references

#: The lists of entries that each word holds. A whole entry is held by the name of its kind.
_LISTS: Mapping[str, Sequence[str]] = {
    "domains": (DOMAINS.option,),
    "schedules": ("schedules",),
    "backups": ("backups", "volume_backups"),
    "notifications": (),
    "containers": (),
}
_KINDS: Mapping[str, str] = {"notifications": "notification"}
CONTAINERS, _REPLICAS, _COMMAND = "containers", "replicas", "command"
_NEVER_MORE = "%s: hold: nothing would start it again after containers; state %s, or unstated: default"
# Another database would have to run before its dumps are restored, and this kind has none.
_WITHOUT_DUMPS = ("redis",)
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
    :param idle: the keys of the entries without containers. :param mistakes: one sentence for each.
    """

    entries: Sequence[Entry]
    keys: FrozenSet[str]
    options: Sequence[HeldOption]
    urls: Mapping[str, str]
    idle: FrozenSet[str] = frozenset()
    mistakes: Sequence[str] = ()


def without_held(entries: Sequence[Entry], hold: Sequence[str]) -> Held:
    """:param hold: the words of the option."""
    lists = [option for word in hold for option in _LISTS[word]]
    kinds = {_KINDS[word] for word in hold if word in _KINDS}
    idle = [entry for entry in entries if CONTAINERS in hold and _may_idle(entry)]
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
    return _without_containers(Held(rest, keys, left, urls), idle)


def _without_containers(held: Held, idle: Sequence[Entry]) -> Held:
    """The same, some entries of it without containers. :param idle: these, as they are stated."""
    keys = frozenset(entry.key for entry in idle)
    options = [HeldOption(entry.section.kind, entry.path, CONTAINERS) for entry in idle]
    mistakes = [_NEVER_MORE % (entry.where, _scale(entry)) for entry in idle if _stays_idle(entry)]
    entries = [_idle(entry) if entry.key in keys else entry for entry in held.entries]
    return replace(held, entries=entries, options=[*options, *held.options], idle=keys, mistakes=mistakes)


def _may_idle(entry: Entry) -> bool:
    """Whether an entry can be deployed without containers: a stack, or what C(replicas) counts."""
    resource = entry.resource
    if entry.absent or resource is None:
        return False
    counted = resource is APPLICATION or resource.kind in _WITHOUT_DUMPS
    return resource is COMPOSE or (counted and not entry.params.get("mode"))


def _scale(entry: Entry) -> str:
    """The option that decides whether an entry has containers."""
    return _COMMAND if entry.resource is COMPOSE else _REPLICAS


def _idle(entry: Entry) -> Entry:
    """An entry without containers. Nothing starts it either."""
    option, params = _scale(entry), entry.params
    state = "present" if entry.state == "started" else entry.state
    value: Any = 0
    if option == _COMMAND:
        sources = (source for source in params.values() if isinstance(source, Mapping))
        paths = (source.get(COMPOSE_PATH.name) for source in sources)
        value = preparing_command(params[_COMMAND] or "", next(filter(None, paths), DEFAULT_PATH))
    return replace(entry, params={**params, option: value, "state": state})


def _stays_idle(entry: Entry) -> bool:
    """Whether nothing that it states gives an entry containers in a later run."""
    return entry.params[_scale(entry)] is None and entry.params["unstated"] != DEFAULT


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

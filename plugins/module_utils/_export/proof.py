# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The proof of an export: C(dokploy_manifest) plans its document, and nothing changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Tuple

from .._engine.runner import Context
from .._errors import OptionError, Refused, enumerated
from .._manifest.manifest import OPTIONS
from .._manifest.plan import PlannedChange
from .._manifest.planning import PlannedDocument, planned_document
from .._manifest.sections import BY_KIND, SECTIONS, Section
from .._model.field import Group
from .._model.mistakes import labels
from .._model.resource import Resource
from .document import REFUSED, Export
from .entries import ExportedEntry
from .marked import with_secrets
from .memory import Memory

# What a reader does with a failed proof.
HINT = "Nothing was written. Please report it, with the option and the version of Dokploy."
# How often options are left out that the module refuses: each time at least one goes.
TURNS = 100
_REPAIRED = "What %s reads is not valid. dokploy_manifest replaces it."
_TWO = re.compile(r" (?:are both for|name the same) ")
# C(projects[shop].environments[staging]), or the name of a section that has options itself.
_PLACE = re.compile(r"(?<![\w.\]])[a-z_]+(?:\[[^\]\s]*\])?(?:\.[a-z_]+\[[^\]\s]*\])*")


def prove(export: Export, document: Mapping[str, Any], memory: Memory, context: Context) -> Optional[PlannedDocument]:
    """Plan a document against what it was made from.

    Options whose values C(dokploy_manifest) refuses are left out of the export, each with the reason.

    :param document: that of the export as it is when it is read again. It is changed with that of the export.
    :return: the plan; C(None) if the document has no section.
    :raises Refused: the plan changes something.
    """
    if not any(section.name in document for section in SECTIONS):
        return None
    for _turn in range(TURNS):
        try:
            plan = planned_from(with_secrets(document, export.variables.values), memory, context)
        except OptionError as error:
            mistakes = error.details.get("mistakes") or [str(error)]
            if not _leave_out(export, mistakes):
                raise Refused("The export cannot be read again: %s" % error, hint=HINT) from error
            continue
        changes = plan.plan.changes
        wrong = [shown_change(change) for change in changes if is_stated(change)]
        if wrong:
            raise Refused("The export would not leave everything as it is: %s" % enumerated(wrong), hint=HINT)
        for change in changes:
            export.left_out(change.kind, change.path, "", _REPAIRED % ", ".join(change.options))
        return plan
    return None


def planned_from(document: Mapping[str, Any], memory: Memory, context: Context) -> PlannedDocument:
    """The plan of a document against the answers that an export was made from.

    :raises OptionError: it has mistakes.
    """
    return planned_document(memory.context(context, parameters(document, context)))


def parameters(document: Mapping[str, Any], context: Context) -> Dict[str, Any]:
    """The parameters with which C(dokploy_manifest) plans a document. However much differs, it is planned."""
    params: Dict[str, Any] = {name: option.get("default") for name, option in OPTIONS.items()}
    files = {"src": None, "secrets_file": None}
    fixed = {**files, "deploy": "never", "state": "present", "force": False, "reset_limit": "100%"}
    return {**params, **context.params, **document, **fixed}


def is_stated(change: PlannedChange) -> bool:
    """Whether a change is one of an option. What Dokploy has broken by itself is repaired in any case."""
    known = BY_KIND[change.kind].operation.options
    return change.action != "update" or any(name.partition(".")[0] in known for name in change.options)


def shown_change(change: PlannedChange) -> str:
    """It in a sentence."""
    return "%s %s (%s)" % (change.kind, change.path, ", ".join(change.reset or change.options) or change.action)


def _leave_out(export: Export, mistakes: List[str]) -> bool:
    """Leave out the options that have mistakes. :return: whether there was any."""
    known = {place.where: id(place.options) for place in places_in(export.document)}
    entries = {id(entry.options): entry for entry in export.entries}
    dropped = False
    for mistake in mistakes:
        places = [(place, rest) for place, rest in places_of(mistake, known) if known[place] in entries]
        if not places:
            continue
        # Of two that exclude each other the first one stays.
        place, rest = places[_TWO.search(mistake) is not None and len(places) > 1]
        entry = entries[known[place]]
        option, reason = option_of(entry.options, entry.resource, rest), mistake.replace(place, "").lstrip(".: ")
        dropped |= export.drop(entry, reason) if option is None else _drop(export, entry, option, reason)
    return dropped


def places_of(mistake: str, known: Container[str]) -> Iterator[Tuple[str, str]]:
    """The places of entries that a mistake names, each with what follows it."""
    for match in _PLACE.finditer(mistake):
        place = match[0]
        while place and place not in known:
            place = place.rpartition(".")[0]
        if place:
            yield place, mistake[match.start() + len(place) :]


@dataclass(frozen=True)
class EntryPlace:
    """Where an entry is.

    :param where: as mistakes name it: C(projects[shop].environments[production]).
    :param path: keys and positions. :param options: what it states, with what is in it.
    """

    section: Section
    where: str
    path: Tuple[Any, ...]
    options: Dict[str, Any]


def places_in(
    content: Mapping[str, Any],
    sections: Tuple[Section, ...] = SECTIONS,
    prefix: str = "",
    path: Tuple[Any, ...] = (),
) -> Iterator[EntryPlace]:
    """The places of the entries in a document, the outer ones first."""
    for section in sections:
        here = content.get(section.name)
        if here is None:
            continue
        if section.child is not None:
            yield EntryPlace(section, prefix + section.name, path, {section.name: here})
        elif section.resource.single:
            yield EntryPlace(section, prefix + section.name, (*path, section.name), here)
        else:
            for number, (label, item) in enumerate(zip(labels(here), here)):
                place = "%s%s[%s]" % (prefix, section.name, label)
                yield EntryPlace(section, place, (*path, section.name, number), item)
                yield from places_in(item, section.inner, place + ".", (*path, section.name, number))


def option_of(options: Mapping[str, Any], resource: Resource, rest: str) -> Optional[str]:
    """The option of an entry that a mistake is about: C(docker.username), C(mounts). :param rest: after its place."""
    groups = {option.name for option in resource.options if isinstance(option, Group)}
    for match in re.finditer(r"([a-z_0-9]+)(?:\[[^\]]*\])?(?:\.([a-z_0-9]+))?", rest):
        if match[1] in options:
            inner = options[match[1]]
            known = isinstance(inner, Mapping) and match[2] in inner and match[1] in groups
            return "%s.%s" % (match[1], match[2]) if known else match[1]
    return None


def _drop(export: Export, entry: ExportedEntry, option: str, reason: str) -> bool:
    name, _dot, inner = option.partition(".")
    resource = entry.resource
    if name == resource.id_option:
        return False
    if name == resource.name_option:
        # The ID finds it, too.
        rest = {key: value for key, value in entry.options.items() if key != name}
        entry.options.clear()
        entry.options.update({resource.id_option: entry.record.id, **rest})
    container = entry.options[name] if inner else entry.options
    container.pop(inner or name, None)
    export.leave_alone(entry, [option])
    export.left_out(entry.kind, entry.path, option, REFUSED % reason, entry.place)
    return True

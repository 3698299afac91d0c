# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The proof of an export: C(dokploy_manifest) plans its document, and nothing changes."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from .._engine.runner import Context
from .._errors import OptionError, Refused, enumerated
from .._manifest.manifest import OPTIONS
from .._manifest.planning import planned_document
from .._manifest.sections import SECTIONS, Section
from .._model.field import Group
from .._model.mistakes import labels
from .document import Entry, Export
from .marked import with_secrets
from .memory import Memory

# What a reader does with a failed proof.
_HINT = "Nothing was written. Please report it, with the option and the version of Dokploy."
# How often options are left out that the module refuses: each time at least one goes.
_TURNS = 100
_SECOND = re.compile(r"(\S+ and )\S+ (?:are both for|name the same) ")


def prove(export: Export, document: Mapping[str, Any], memory: Memory, context: Context) -> None:
    """Plan a document against what it was made from.

    Options whose values C(dokploy_manifest) refuses are left out of the export, each with the reason.

    :param document: that of the export as it is when it is read again. It is changed with that of the export.
    :raises Refused: the plan changes something.
    """
    if not any(section.name in document for section in SECTIONS):
        return
    for _turn in range(_TURNS):
        try:
            changes = _changes(with_secrets(document, export.variables.values), memory, context)
        except OptionError as error:
            mistakes = error.details.get("mistakes") or [str(error)]
            if not _leave_out(export, mistakes):
                raise Refused("The export cannot be read again: %s" % error, hint=_HINT) from error
            continue
        if changes:
            raise Refused("The export would not leave everything as it is: %s" % enumerated(changes), hint=_HINT)
        return


def _changes(document: Mapping[str, Any], memory: Memory, context: Context) -> List[str]:
    """What a plan of the document changes: C(application shop/production/web (env))."""
    params: Dict[str, Any] = {name: one.get("default") for name, one in OPTIONS.items()}
    params.update({**context.params, **document, "deploy": "never", "src": None, "state": "present", "force": False})
    plan = planned_document(memory.context(context, params)).plan
    return ["%s %s (%s)" % (one.kind, one.path, ", ".join(one.options) or one.action) for one in plan.changes]


def _leave_out(export: Export, mistakes: List[str]) -> bool:
    """Leave out the options that have mistakes. :return: whether there was any."""
    known = dict(_places(export.document, SECTIONS, ""))
    entries = {id(entry.options): entry for entry in export.entries}
    done = False
    for mistake in mistakes:
        # Of two that exclude each other the first one stays.
        second = _SECOND.match(mistake)
        rest = mistake[second.end(1) :] if second else mistake
        place = max((one for one in known if rest.startswith(one)), key=len, default="")
        entry = entries.get(known.get(place, 0))
        option = None if entry is None else _named(entry, rest[len(place) :])
        if entry is not None and option is not None:
            done |= _drop(export, entry, option, mistake if second else rest[len(place) :].lstrip(".: "))
    return done


def _places(content: Mapping[str, Any], sections: Tuple[Section, ...], prefix: str) -> Iterator[Tuple[str, int]]:
    """The place of each entry, as mistakes name it, with what identifies its options."""
    for section in sections:
        here = content.get(section.name)
        if here is None or section.child is not None:
            continue
        if section.resource.single:
            yield prefix + section.name, id(here)
            continue
        for label, item in zip(labels(here), here):
            place = "%s%s[%s]" % (prefix, section.name, label)
            yield place, id(item)
            yield from _places(item, section.inner, place + ".")


def _named(entry: Entry, rest: str) -> Optional[str]:
    """The option of an entry that a mistake is about: C(docker.username), C(mounts)."""
    for found in re.finditer(r"([a-z_0-9]+)(?:\[[^\]]*\])?(?:\.([a-z_0-9]+))?", rest):
        if found[1] in entry.options:
            inner = entry.options[found[1]]
            known = isinstance(inner, Mapping) and found[2] in inner and _is_group(entry, found[1])
            return "%s.%s" % (found[1], found[2]) if known else found[1]
    return None


def _is_group(entry: Entry, name: str) -> bool:
    return any(isinstance(one, Group) and one.name == name for one in entry.record.resource.options)


def _drop(export: Export, entry: Entry, option: str, reason: str) -> bool:
    name, _dot, inner = option.partition(".")
    resource = entry.record.resource
    if name == resource.id_option:
        return False
    if name == resource.name_option:
        # The ID finds it, too.
        rest = {key: value for key, value in entry.options.items() if key != name}
        entry.options.clear()
        entry.options.update({resource.id_option: entry.record.id, **rest})
    container = entry.options[name] if inner else entry.options
    container.pop(inner or name, None)
    export.left_out(entry.kind, entry.path, option, "dokploy_manifest refuses its value: %s" % reason)
    return True

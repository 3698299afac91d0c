# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is removed because no entry names it, and what forbids it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any, Container, Iterator, List, Mapping, Sequence

from .._engine.runner import Context
from .._errors import DokployError, Refused, enumerated, known_names
from .._model.resource import PROJECTS
from .entries import Document, Entry
from .ownership import Ownership
from .sections import all_sections
from .unmanaged import Inventory, Record, alone

# The share of what there is that is removed without being asked for, where there is at least this number.
DEFAULT_LIMIT, LEAST = "30%", 10
_LIMIT = re.compile(r"(\d{1,9})(%?)\Z")
#: The place of entries that remove what no entry names, and the option that asks for it.
PRUNE = "prune"
#: The kinds that can be pruned.
KINDS = tuple(section.kind for section in all_sections() if not section.resource.single)


def check_prune_options(params: Mapping[str, Any], document: Document) -> List[str]:
    """The mistakes in the options about pruning."""
    unknown = [kind for kind in params["prune"] if kind not in KINDS]
    mistakes = ["prune: there is no kind %r. %s" % (kind, known_names(kind, KINDS)) for kind in unknown]
    for option in ("prune_limit", "reset_limit"):
        if not _LIMIT.match(str(params[option])):
            mistakes.append("%s is %r; it must be a number, or a percentage such as 30%%" % (option, params[option]))
    if params["prune"] and not document.entries and not document.mistakes:
        mistakes.append("prune: the document is empty, so that everything of these kinds would be removed")
    return mistakes


def pruned(inventory: Inventory, ownership: Ownership, context: Context) -> List[Record]:
    """What is to be removed.

    :raises Refused: the API key does not show everything, or too much would be removed.
    """
    kinds = context.params["prune"]
    if not kinds:
        return []
    member = context.client.query("user.get")
    _ensure_visible(inventory, kinds, member["role"])
    unmanaged = list(inventory.everything(kinds))
    everything = [record for record in unmanaged if not _is_protected(record, member)]
    # The projects of the document are its own after the run, also those that it takes over.
    gone = [
        record
        for record in everything
        if record.outer or record.resource.levels[0] != PROJECTS or ownership.is_own(record.rows[0])
    ]
    concerned = {record.section.kind for record in gone}
    total = sum(inventory.kept.get(kind, 0) for kind in concerned)
    total += sum(record.section.kind in concerned for record in unmanaged)
    _ensure_few(gone, total, str(context.params["prune_limit"]))
    return gone


def _is_protected(record: Record, member: Mapping[str, Any]) -> bool:
    """Whether it is never removed."""
    outer_protected = record.outer is not None and record.outer.protected
    if record.fixed or record.by_itself or record.holds_unknown or outer_protected:
        return True
    return record.section.kind == "user" and record.id == str(member.get("userId"))


def _ensure_visible(inventory: Inventory, kinds: Sequence[str], role: str) -> None:
    """:raises Refused: the API key may not show everything of these kinds: what it hides would not be guarded."""
    for kind in kinds:
        if kind in inventory.hidden:
            message = "prune: %s cannot be pruned, since the API key may not list all of them: %s"
            raise Refused(
                message % (kind, inventory.hidden[kind]),
                hint="Use the API key of an owner or administrator.",
            )
    if role not in ("owner", "admin"):
        raise Refused(
            "prune: the API key belongs to a user with the role %r, and shows only what this user may access" % role,
            hint="Use the API key of an owner or administrator.",
        )


def _ensure_few(gone: Sequence[Record], total: int, limit: str) -> None:
    """:raises Refused: more would be removed than the option allows.

    :param total: how many there are of these kinds.
    """
    if not exceeds(limit, len(gone), total):
        return
    raise Refused(
        "prune: %d of %d would be removed, more than prune_limit=%s: %s"
        % (len(gone), total, limit, enumerated(["%s %s" % (record.section.kind, record.path) for record in gone])),
        hint="Nothing was written. Look at plan.unmanaged of a run without prune; raise prune_limit if it is right.",
    )


def exceeds(limit: str, number: int, total: int) -> bool:
    """Whether so many are more than a limit allows: a number, or a share of the total where that is not small."""
    match = _LIMIT.match(limit)
    most, share = int(match.group(1)) if match else 0, bool(match and match.group(2))
    return total >= LEAST and number * 100 > most * total if share else number > most


def removal_entries(gone: Sequence[Record], known: Container[str]) -> Iterator[Entry]:
    """Entries that remove it. :param known: the keys of the entries of the document."""
    count = Counter((record.section.kind, record.path) for record in gone)
    for record in gone:
        entry = alone(record, PRUNE, known, state="absent")
        yield replace(entry, record=record.id) if count[record.section.kind, record.path] > 1 else entry


def in_prune(error: DokployError, kind: str) -> DokployError:
    """The error of such a removal with what helps there: no entry has an option that forces it.

    :param kind: that of what is removed.
    """
    services = error.details.get("services")
    if services:
        names = {str(service).partition(" ")[0] for service in services}
        # A database is listed by its type.
        kinds = {name if name in KINDS else "database" for name in names}
        # What is in an environment goes one by one only where its environment goes so.
        kinds |= {"environment"} if kind == "project" else set()
        error.hint = "Name %s in prune as well, or list what stays in the document." % " and ".join(sorted(kinds))
    return error

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
from .._errors import Refused, enumerated, known_names
from .._model.resource import PROJECTS
from .entries import Document, Entry
from .ownership import Ownership
from .sections import all_sections
from .unmanaged import Inventory, Record, alone

# The share of what there is that is removed without being asked for, where there is at least this number.
DEFAULT_LIMIT, LEAST = "30%", 10
_LIMIT = re.compile(r"(\d{1,9})(%?)\Z")
#: The kinds that can be pruned.
KINDS = tuple(one.kind for one in all_sections() if not one.resource.single)


def check_options(params: Mapping[str, Any], document: Document) -> List[str]:
    """The mistakes in the options about pruning."""
    unknown = [one for one in params["prune"] if one not in KINDS]
    found = ["prune: there is no kind %r. %s" % (one, known_names(one, KINDS)) for one in unknown]
    for option in ("prune_limit", "reset_limit"):
        if not _LIMIT.match(str(params[option])):
            found.append("%s is %r; it must be a number, or a percentage such as 30%%" % (option, params[option]))
    if params["prune"] and not document.entries and not document.mistakes:
        found.append("prune: the document is empty, so that everything of these kinds would be removed")
    return found


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
    everything = [one for one in unmanaged if not _is_protected(one, member)]
    # The projects of the document are its own after the run, also those that it takes over.
    found = [
        one for one in everything if one.outer or one.resource.levels[0] != PROJECTS or ownership.is_own(one.rows[0])
    ]
    concerned = {one.section.kind for one in found}
    total = sum(inventory.kept.get(kind, 0) for kind in concerned)
    total += sum(one.section.kind in concerned for one in unmanaged)
    _ensure_few(found, total, str(context.params["prune_limit"]))
    return found


def _is_protected(one: Record, member: Mapping[str, Any]) -> bool:
    """Whether it is never removed."""
    if one.fixed or one.by_itself or one.holds_unknown or (one.outer is not None and one.outer.protected):
        return True
    return one.section.kind == "user" and one.id == str(member.get("userId"))


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


def _ensure_few(found: Sequence[Record], total: int, limit: str) -> None:
    """:raises Refused: more would be removed than the option allows.

    :param total: how many there are of these kinds.
    """
    if not exceeds(limit, len(found), total):
        return
    raise Refused(
        "prune: %d of %d would be removed, more than prune_limit=%s: %s"
        % (len(found), total, limit, enumerated(["%s %s" % (one.section.kind, one.path) for one in found])),
        hint="Nothing was written. Look at plan.unmanaged of a run without prune; raise prune_limit if it is right.",
    )


def exceeds(limit: str, number: int, total: int) -> bool:
    """Whether so many are more than a limit allows: a number, or a share of the total where that is not small."""
    match = _LIMIT.match(limit)
    most, share = int(match.group(1)) if match else 0, bool(match and match.group(2))
    return total >= LEAST and number * 100 > most * total if share else number > most


def removal_entries(gone: Sequence[Record], known: Container[str]) -> Iterator[Entry]:
    """Entries that remove it. :param known: the keys of the entries of the document."""
    count = Counter((one.section.kind, one.path) for one in gone)
    for one in gone:
        entry = alone(one, "prune", known, state="absent")
        yield replace(entry, record=one.id) if count[one.section.kind, one.path] > 1 else entry

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Owners of projects: several documents for one server, each of which creates and prunes its own projects only.

A project is marked with a tag of its owner. Dokploy has tags since 0.29.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._engine.runner import Context
from .._engine.unstated import KEEP, LIST
from .._reads.reads import Reads
from .._reads.rows import need
from .entries import Entry
from .sections import BY_KIND

# The name of the tag of an owner, which no other tag has.
_PREFIX = "owner:"
FIRST_WITH_TAGS = (0, 29, 0)
_COLOR = "#64748b"


class Ownership:
    """The owner of each project, as the server tells it.

    :param owner: that of the document; C(None): it has none, and owners do not matter.
    """

    def __init__(self, owner: Optional[str], context: Context) -> None:
        self._tag = None if owner is None else _PREFIX + owner
        self._names: Dict[str, str] = {}
        self._reads = context.reads
        if self._tag is not None:
            need(context.client.version(), "owner", FIRST_WITH_TAGS)
            self._names = _tags(context.reads)

    def owners(self, project: Mapping[str, Any]) -> List[str]:
        """The tags of owners that a project has."""
        tags = (self._names.get(str(tag_id)) for tag_id in project.get("tagIds") or ())
        return [tag for tag in tags if tag is not None and tag.startswith(_PREFIX)]

    def is_own(self, project: Mapping[str, Any]) -> bool:
        """Whether the document may remove a project."""
        return self._tag is None or self._tag in self.owners(project)

    def marked(
        self, entries: Sequence[Entry], projects: Mapping[str, Mapping[str, Any]], adopt: bool
    ) -> Tuple[List[Entry], List[str]]:
        """The entries with those of the tag, and what is wrong with the owners of their projects.

        :param projects: the rows of those that exist, by the keys of their entries.
        :param adopt: projects without an owner are taken over.
        """
        entries = [self._with_owners(entry, projects.get(entry.key) or {}) for entry in entries]
        if self._tag is None:
            return entries, []
        marked: List[Entry] = []
        mistakes: List[str] = []
        for entry in entries:
            row = projects.get(entry.key)
            if entry.section.kind == "project":
                mistakes += self._mistakes(entry, row, adopt)
            marks = entry.section.kind == "project" and not entry.absent
            marked.append(self._with_tag(entry, row or {}) if marks else entry)
        marks = any(entry.section.kind == "project" and not entry.absent for entry in entries)
        if marks and not any(entry.section.kind == "tag" and entry.names == (self._tag,) for entry in entries):
            marked.append(_tag_entry(self._tag, self._tag not in self._names.values()))
        return marked, mistakes

    def _mistakes(self, entry: Entry, row: Optional[Mapping[str, Any]], adopt: bool) -> List[str]:
        owners = [] if row is None else self.owners(row)
        others = [owner[len(_PREFIX) :] for owner in owners if owner != self._tag]
        if others:
            return ["%s: the project belongs to the owner %s" % (entry.where, " and ".join(map(repr, others)))]
        if row is not None and not owners and not adopt:
            message = "%s: the project exists, and has no owner. Set adopt to true to %s it"
            return [message % (entry.where, "remove" if entry.absent else "take over")]
        return []

    def _with_owners(self, entry: Entry, row: Mapping[str, Any]) -> Entry:
        """An entry that states no tags, with those of owners, which are records of other documents, where it resets."""
        unstated = entry.params.get("unstated", KEEP)
        if entry.section.kind != "project" or unstated == KEEP or entry.params.get("tags") is not None:
            return entry
        if row.get("tagIds") and not self._names:
            self._names = _tags(self._reads)
        owners = self.owners(row)
        if not owners:
            return entry
        if unstated == LIST:
            return replace(entry, params={**entry.params, "ignore": [*entry.params["ignore"], "tags"]})
        return replace(entry, params={**entry.params, "tags": owners})

    def _with_tag(self, entry: Entry, row: Mapping[str, Any]) -> Entry:
        stated = entry.params.get("tags")
        known = [self._names.get(str(tag_id), str(tag_id)) for tag_id in row.get("tagIds") or ()]
        tags = list(dict.fromkeys([*(known if stated is None else stated), self._tag]))
        return replace(entry, params={**entry.params, "tags": tags})


def check_owner(owner: Optional[str]) -> List[str]:
    """What is wrong with the option."""
    return ["owner must not be empty"] if owner is not None and not owner.strip() else []


def _tags(reads: Reads) -> Dict[str, str]:
    """The names of all tags, by their IDs."""
    listing = BY_KIND["tag"].resource.listing
    return {str(row[listing.id_key]): str(row[listing.name_key]) for row in reads.listings.rows(listing.procedures)}


def _tag_entry(name: str, new: bool) -> Entry:
    section = BY_KIND["tag"]
    params = {**section.defaults, "state": "present", "name": name, "color": _COLOR if new else None}
    return Entry(section, "owner", None, (name,), params, {})

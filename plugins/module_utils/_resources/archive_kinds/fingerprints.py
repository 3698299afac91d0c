# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Fingerprints: what a set saw of the data that an archive has, and how that of restored data differs from it. Pure.

A fingerprint is compared with what is found after a restore, so that an archive is not proven against itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

from ..._errors import enumerated
from ..._model.argspec import Spec

FILES, TABLES, KEYS = "files", "tables", "keys"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
#: How many tables a message names.
_NAMED = 5

#: The least and the most that there may be; without a most, what there is was not counted.
Bounds = List[Optional[int]]


@dataclass(frozen=True)
class FileSums:
    """Of a volume, a folder or a file.

    :param files: how many regular files there are, with C(bytes) in all.
    :param sha256: over the names of all files, folders and links, the contents of the files and the targets of links.
    """

    files: int
    bytes: int
    sha256: str
    kind: str = FILES

    @property
    def is_exact(self) -> bool:
        """Whether all of the data was looked at."""
        return True

    def difference(self, other: FileSums) -> Optional[str]:
        """How other files differ, as the end of a sentence; C(None) if they are the same."""
        if (self.files, self.bytes, self.sha256) == (other.files, other.bytes, other.sha256):
            return None
        if (self.files, self.bytes) == (other.files, other.bytes):
            text = "it has %s as the set saw, and their names or contents differ"
            return text % _files_in_words(other)
        return "it has %s, and the set saw %s" % (_files_in_words(other), _files_in_words(self))


@dataclass(frozen=True)
class RowCounts:
    """Of a SQL database.

    :param tables: their bounds, by their names; those of PostgreSQL have the schema in front.
    :param estimated: some tables are so large that their rows were not counted.
    """

    tables: Dict[str, Bounds]
    estimated: bool
    kind: str = TABLES

    @property
    def is_exact(self) -> bool:
        """Whether all of the data was looked at."""
        return not self.estimated

    @property
    def uncounted(self) -> List[str]:
        """The tables of which only the existence is compared, and whether they have rows."""
        return [name for name, (_low, high) in self.tables.items() if high is None]

    def difference(self, counted: Mapping[str, int]) -> Optional[str]:
        """How a database differs, as the end of a sentence; C(None) if it does not.

        :param counted: the rows of its tables. Further tables count only where there were none.
        """
        if not self.tables and counted:
            return "it has the tables %s, and the set saw none" % enumerated(sorted(counted), _NAMED)
        parts = [_table_difference(name, bounds, counted) for name, bounds in sorted(self.tables.items())]
        return enumerated([part for part in parts if part is not None], _NAMED, joint="; ") or None


@dataclass(frozen=True)
class KeyCounts:
    """Of a Redis: its dump, which is compared before it is brought to its place, and its keys, which are once it runs.

    :param key_count: the bounds of the number of its keys in all databases: those with a time to live may be gone.
    :param files: C(files), C(bytes) and C(sha256) of its dump.
    """

    key_count: Bounds
    files: int
    bytes: int
    sha256: str
    kind: str = KEYS

    @property
    def is_exact(self) -> bool:
        """Whether all of the data was looked at."""
        return self.key_count[1] is not None

    @property
    def dump(self) -> FileSums:
        return FileSums(self.files, self.bytes, self.sha256)

    def difference(self, counted: int) -> Optional[str]:
        """How a Redis differs, as the end of a sentence; C(None) if it does not. :param counted: its keys."""
        if _is_within(counted, self.key_count):
            return None
        return "it has %d keys, not %s" % (counted, _bounds_in_words(self.key_count))


Fingerprint = Union[FileSums, RowCounts, KeyCounts]


def _files_in_words(sums: FileSums) -> str:
    return "%d %s with %d bytes" % (sums.files, "file" if sums.files == 1 else "files", sums.bytes)


def _is_within(count: int, bounds: Bounds) -> bool:
    low, high = bounds
    return (low or 0) <= count and (high is None or count <= high)


def _bounds_in_words(bounds: Bounds) -> str:
    low, high = bounds
    if high is None:
        return "at least %d" % (low or 0)
    return "%d" % high if low == high else "%d to %d" % (low or 0, high)


def _table_difference(name: str, bounds: Bounds, counted: Mapping[str, int]) -> Optional[str]:
    if name not in counted:
        return "the table %s is missing" % name
    if _is_within(counted[name], bounds):
        return None
    return "the table %s has %d rows, not %s" % (name, counted[name], _bounds_in_words(bounds))


# --- as archives.yml has them ---

#: The keys of a fingerprint, as an argument spec.
SPEC: Spec = {
    "kind": {"type": "str", "required": True, "choices": [FILES, TABLES, KEYS]},
    "files": {"type": "int"},
    "bytes": {"type": "int"},
    "sha256": {"type": "str"},
    "tables": {"type": "dict"},
    "estimated": {"type": "bool"},
    "key_count": {"type": "list", "elements": "raw"},
}
_NEEDS: Mapping[str, List[str]] = {
    FILES: ["files", "bytes", "sha256"],
    TABLES: ["tables", "estimated"],
    KEYS: ["key_count", "files", "bytes", "sha256"],
}


def mistakes_in(content: Mapping[str, Any], place: str) -> Iterator[str]:
    """The mistakes of a fingerprint whose keys have the right types."""
    yield from _wrong_keys(content, place)
    if content.get("sha256") is not None and not _SHA256.match(str(content["sha256"])):
        yield "%s.sha256 is no SHA-256" % place
    for name in ("files", "bytes"):
        if (content.get(name) or 0) < 0:
            yield "%s.%s is %d; it must not be less than 0" % (place, name, content[name])
    named = {"%s.tables.%s" % (place, name): bounds for name, bounds in (content.get("tables") or {}).items()}
    if content.get("key_count") is not None:
        named["%s.key_count" % place] = content["key_count"]
    for where, bounds in named.items():
        if not _are_bounds(bounds):
            yield "%s is %r; it takes two numbers, the second of which may be null" % (where, bounds)


def _wrong_keys(content: Mapping[str, Any], place: str) -> Iterator[str]:
    kind, stated = content["kind"], [name for name, value in content.items() if value is not None]
    for name in _NEEDS[kind]:
        if name not in stated:
            yield "%s.%s is missing" % (place, name)
    for name in stated:
        if name not in ("kind", *_NEEDS[kind]):
            yield "%s.%s is no key of the kind %r" % (place, name, kind)


def _are_bounds(bounds: Any) -> bool:
    if not isinstance(bounds, (list, tuple)) or len(bounds) != 2:
        return False
    low, high = bounds
    return _is_count(low) and (high is None or (_is_count(high) and low <= high))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def read_fingerprint(content: Optional[Mapping[str, Any]]) -> Optional[Fingerprint]:
    """A fingerprint without mistakes; C(None) if there is none."""
    if not content:
        return None
    if content["kind"] == TABLES:
        tables = {str(name): list(bounds) for name, bounds in content["tables"].items()}
        return RowCounts(tables, bool(content["estimated"]))
    sums = int(content["files"]), int(content["bytes"]), str(content["sha256"])
    return FileSums(*sums) if content["kind"] == FILES else KeyCounts(list(content["key_count"]), *sums)

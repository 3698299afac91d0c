# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare an answer with the recorded one, apart from what the recording says varies between runs."""

from __future__ import annotations

import os
import re
from typing import Any

# Fields whose value differs from run to run; their type does not.
VARIES = frozenset(
    "createdAt updatedAt startedAt finishedAt lastRequest expiresAt lastUsedAt timestamp processedOn uniqueConfigKey "
    "logPath refreshToken key start token databaseRootPassword publicKey Size slug "
    "expirationDate createdAt2".split()
)
# Names that the server makes up, and that later answers repeat.
GENERATED = frozenset(("appName", "certificatePath"))
# Of these, null is a matter of timing too.
MAY_BE_NULL = frozenset(("finishedAt", "lastUsedAt"))
ID = re.compile(
    r"[A-Za-z0-9_-]{21}|[A-Za-z0-9]{32}|job-\d+|[a-z0-9]{25}|[0-9a-f]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
# Values inside SQL texts that no later record uses.
SQL_PARAMS = re.compile(r"(?<=\nparams: ).*", re.DOTALL)
PASSING = re.compile(r"\b(?:backup|volumeBackup)-[\w-]+(?=,)|[A-Za-z0-9_-]{21}(?=,|$)|\d{4}-\d\d-\d\dT[\d:.]+Z")
# The number of a domain in the names of Traefik's routers and services.
DOMAIN_NUMBER = re.compile(r"(?<=-)\d+(?=-web)")
AGO = re.compile(r"(?i)\b(\d+|less than a|about a) (second|minute)s?( ago)?")
FILE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z")
# Clocks of rclone, of ``date`` and of log files; IDs of containers and of S3's requests.
PASSING_WORDS = re.compile(
    r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}"
    r"|\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d(?=\.log)|(?<=request id: )\w+|(?<=Container Up: )[0-9a-f]{12}"
    r"|(?<=compose container\n)[0-9a-f]{12}|(?<=-web-1 \()[0-9a-f]{12}"
)
TASK = re.compile(r"(?<=\.)[a-z0-9]{25}\b")
DIGEST = re.compile(r"(?<=sha256:)[0-9a-f]{64}")


def is_id_name(name: str) -> bool:
    return name == "id" or name.endswith("Id")


def newest_first(rows: list[Any], strictly: bool = True) -> bool:
    """Whether rows stand by ``createdAt``, newest first. ``strictly``: and one can tell, as there are at least two."""
    stamps = [row["createdAt"] for row in rows if isinstance(row, dict) and "createdAt" in row]
    return stamps == sorted(stamps, reverse=True) and (not strictly or len(set(stamps)) > 1)


def primary_key(row: dict[str, Any]) -> str:
    """The column that names a row: the first of its ids, as Dokploy's tables are laid out."""
    return next((key for key in row if is_id_name(key)), "")


class Names:
    """Recorded names of things (ids, app names, secrets) and ours for the same things."""

    def __init__(self) -> None:
        self.own: dict[str, str] = {}

    def learn(self, recorded: str, own: str) -> None:
        self.own.setdefault(recorded, own)

    def translate(self, value: Any) -> Any:
        """The recorded value in our names, whatever its depth."""
        if isinstance(value, str):
            if value in self.own:
                return self.own[value]
            # Of hundreds of names, a text has one or two. A pattern of all would be compiled after each new one.
            known = sorted((name for name in self.own if name in value), key=len, reverse=True)
            if not known:
                return value
            return re.sub("|".join(map(re.escape, known)), lambda match: self.own[match.group()], value)
        if isinstance(value, list):
            return [self.translate(item) for item in value]
        if isinstance(value, dict):
            return {key: self.translate(item) for key, item in value.items()}
        return value


def plain(text: str) -> str:
    """A text without what varies: clocks, times in file names, digests, ids of tasks, the passing ids of SQL."""
    text = SQL_PARAMS.sub(lambda match: PASSING.sub("*", match.group()), text)
    for pattern in (DOMAIN_NUMBER, PASSING_WORDS, AGO, FILE_TIME, DIGEST, TASK):
        text = pattern.sub("*", text)
    return "" if text == "Error:" else text


class Comparison:
    """Compares and learns names on the way. ``problems`` lists what differs, with its place."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.problems: list[str] = []

    def differ(self, place: str, recorded: Any, own: Any) -> None:
        theirs, ours = str(recorded), str(own)
        # Of a long text the beginning is shown, and what is around the first difference.
        equal = len(os.path.commonprefix((theirs, ours)))
        begin = equal - 60 if equal > 200 else 0
        shown = [f"{text[:60]}…{text[begin : begin + 300]}" if begin else text[:300] for text in (theirs, ours)]
        self.problems.append(f"{place or 'body'}: recorded {shown[0]!r}, got {shown[1]!r}")

    def run(self, recorded: Any, own: Any, place: str = "", name: str = "") -> list[str]:
        if isinstance(recorded, dict) and isinstance(own, dict):
            self._dicts(recorded, own, place)
        elif isinstance(recorded, list) and isinstance(own, list):
            self._lists(recorded, own, place, name)
        elif type(recorded) is not type(own):
            if not (name in MAY_BE_NULL and None in (recorded, own)):
                self.differ(place, recorded, own)
        elif isinstance(recorded, str):
            self._texts(recorded, own, place, name)
        elif recorded != own and name not in VARIES:
            self.differ(place, recorded, own)
        return self.problems

    def _texts(self, recorded: str, own: str, place: str, name: str) -> None:
        if name == "id" and recorded.isdigit() and own.isdigit():
            return
        if name in ("Path", "Name"):
            # Later records name a backup file by the time in its name.
            for theirs, ours in zip(FILE_TIME.findall(recorded), FILE_TIME.findall(own), strict=False):
                self.names.learn(theirs, ours)
        if (
            name in GENERATED
            or recorded.startswith("<secret:")
            or ((is_id_name(name) or name == "Target") and ID.fullmatch(recorded))
        ):
            # What was told before must be told again; what is new is learned.
            if recorded in self.names.own and name not in VARIES and self.names.own[recorded] != own:
                self.differ(place, self.names.own[recorded], own)
            self.names.learn(recorded, own)
        elif name not in VARIES and plain(self.names.translate(recorded)) != plain(own):
            self.differ(place, plain(self.names.translate(recorded)), plain(own))

    def _dicts(self, recorded: dict[str, Any], own: dict[str, Any], place: str) -> None:
        if recorded.keys() != own.keys():
            lost, added = sorted(recorded.keys() - own.keys()), sorted(own.keys() - recorded.keys())
            self.problems.append(f"{place or 'body'}: missing {lost}, not recorded {added}")

        # Ids first, so that texts that hold them can be translated.
        def rank(name: str) -> int:
            return 0 if is_id_name(name) else 1 if name in GENERATED else 3 if isinstance(recorded[name], list) else 2

        for name in sorted(recorded.keys() & own.keys(), key=rank):
            self.run(recorded[name], own[name], f"{place}.{name}" if place else name, name)

    def _lists(self, recorded: list[Any], own: list[Any], place: str, name: str) -> None:
        keys = {key for item in recorded if isinstance(item, dict) for key in item if is_id_name(key)}
        if not keys:
            if len(recorded) != len(own):
                self.differ(place, self.names.translate(recorded), own)
            for index, (left, right) in enumerate(zip(recorded, own, strict=False)):
                self.run(left, right, f"{place}[{index}]", name)
            return
        # Rows: records that pinned nothing were left out of the recording, so rows may be missing on either side.
        rows = [row for row in own if isinstance(row, dict)]
        alone = []
        for index, left in enumerate(recorded):
            right = self._partner(left, rows)
            if right is None:
                alone.append(left)
            else:
                rows.remove(right)
                self.run(left, right, f"{place}[{index}]", name)
        told = set(self.names.own.values())
        news = [row for row in rows if row.get(primary_key(row)) not in told]
        if alone and news:
            # Both sides have a row the other does not know: the same one, and it differs.
            self.differ(f"{place}[]", self.names.translate(alone[0]), news[0])
        if newest_first(recorded) and not newest_first(own, strictly=False):
            self.problems.append(f"{place or 'body'}: recorded newest first, got another order")
        for row in rows:
            if recorded and set(row) != set(recorded[0]) and len({frozenset(item) for item in recorded}) == 1:
                self.differ(f"{place}[]", sorted(recorded[0]), sorted(row))

    def _partner(self, left: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The row of ours that is the recorded one: by a known id, else a row we have not heard of yet that agrees in
        all texts that do not vary."""
        key = primary_key(left)
        known = self.names.own.get(left[key])
        if known is not None:
            return next((row for row in rows if row.get(key) == known), None)
        told = set(self.names.own.values())
        texts = {k: v for k, v in left.items() if isinstance(v, str) and k not in VARIES and not is_id_name(k)}
        texts = {k: v for k, v in texts.items() if k not in GENERATED}
        for row in rows:
            if row.get(key) in told:
                continue
            if all(plain(self.names.translate(v)) == plain(str(row.get(k))) for k, v in texts.items()):
                return row
        return None

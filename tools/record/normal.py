# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes out of answers what varies between runs, and what is to stay private: secrets, IDs, names that the server makes
up, times.

Each value is replaced by one that follows from the place where it was seen first, so that two recordings of one release
are equal, and those of two releases differ in what the releases do."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.record.requests_file import Key, Pair
from tools.record.session import Answer, ids

KEY = "<secret:1>"
_ID = re.compile(r"[A-Za-z0-9_-]{21}|[A-Za-z0-9]{32}|[a-z0-9]{25}")
# What servers make up, or what no file may have.
_SECRETS = frozenset(("refreshToken", "databaseRootPassword", "privateKey", "publicKey"))
_APP_NAMES = frozenset(("appName", "certificatePath"))
_APP_NAME = re.compile(r"(?P<base>.*)-[a-z0-9]{6}")
# A counter over all rows of a table, which names of Traefik's routers and services have, too.
_COUNTER = "uniqueConfigKey"
_COUNTED = re.compile(r"(?<=-router-)\d+|(?<=-service-)\d+|(?<=-router-websecure-)\d+")
_PATTERNS = (
    (
        re.compile(r"\d{4}(-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d+)?"),
        lambda time: "2026-01-01" + time[1][6] + "00:00:00" + (".000" if time[2] else ""),
    ),
    # Of log files, and of rclone.
    (re.compile(r"\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d(?=\.log)"), "2026-01-01:00:00:00"),
    (re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"), "2026/01/01 00:00:00"),
    # The home folder of who runs the server.
    (re.compile(r"/(?:root|home/\w+)(?=/)"), "~"),
)
# The values of a statement that failed: IDs and names that nothing else shows.
_STATEMENT = re.compile(r"(?<=\nparams: ).*", re.DOTALL)
_PASSING = (
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{21}(?=,|$)"), "id-000000000000000000"),
    (re.compile(r"\b(backup|volumeBackup|certificate)-[\w-]+-[a-z0-9]{6}(?=,|$)"), r"\1-made-up-000000"),
)


def digest(place: str, length: int) -> str:
    """Small letters and digits that follow from a text."""
    number = int.from_bytes(hashlib.sha256(place.encode()).digest(), "big")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(letters[number // 36**position % 36] for position in range(length))


def _values(value: Any, place: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    """All texts with their paths and keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values(item, f"{place}.{key}", key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _values(item, f"{place}[{number}]", name)
    elif isinstance(value, str):
        yield place, name, value


def _times(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class Normal:
    """The replacements of one recording: of each value that a server made up, in the order of answers."""

    def __init__(self, url: str, key: str, names: Mapping[str, str]) -> None:
        self.replaced = {key: KEY, url: "http://127.0.0.1:3000"}
        self.named = {value: name for name, value in names.items()}
        self.first_counts: dict[str, int] = {}

    def learn(self, answer: Answer) -> None:
        key = answer.request.key
        sent = {value for _place, _name, value in _values(answer.sent)}
        if isinstance(answer.body, dict) and isinstance(answer.body.get(_COUNTER), int):
            self.first_counts.setdefault(answer.request.procedure.partition(".")[0], answer.body[_COUNTER])
        for place, name, value in _values([answer.body, answer.changed]):
            if value in self.replaced or not value:
                continue
            # A value with a name in the requests has the same replacement wherever it is seen first.
            where = self.named.get(value) or f"{key[0]}#{key[1]}{place}"
            if (name == "id" or name.endswith("Id")) and _ID.fullmatch(value):
                self.replaced[value] = self._id(where, name, value)
            elif name in _SECRETS and value not in sent:
                self.replaced[value] = f"<secret:{10 + int(hashlib.sha256(where.encode()).hexdigest()[:6], 16)}>"
            elif name in _APP_NAMES and (match := _APP_NAME.fullmatch(value)):
                # Without a name that was sent, it has three words of chance in it.
                base = match["base"] if match["base"] in json.dumps(answer.sent).lower() else f"{key[0]}-made-up"
                self.replaced[value] = f"{base}-{digest(where, 6)}"

    @staticmethod
    def _id(where: str, name: str, value: str) -> str:
        kind = name.removesuffix("Id") if len(value) == 21 and name != "id" else ""
        return (f"{kind[:11]}-" if kind else "") + digest(where, len(value) - (len(kind[:11]) + 1 if kind else 0))

    def text(self, text: str) -> str:
        if text in self.replaced:
            return self.replaced[text]
        for value in sorted((value for value in self.replaced if value in text), key=len, reverse=True):
            text = text.replace(value, self.replaced[value])
        text = _STATEMENT.sub(self._statement, text)
        first = self.first_counts.get("domain", 1)
        text = _COUNTED.sub(lambda match: str(int(match[0]) - first + 1), text)
        return _times(text)

    def _statement(self, match: re.Match[str]) -> str:
        known, text = set(self.replaced.values()), match[0]
        for pattern, replacement in _PASSING:
            text = pattern.sub(lambda match: match[0] if match[0] in known else match.expand(replacement), text)  # noqa: B023
        return text

    def value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {self.text(key): self.value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            items = [self.value(item, name) for item in value]
            # Rows are in no order.
            keys = [next(ids(item), "") if isinstance(item, dict) else "" for item in items]
            return [item for _key, _number, item in sorted(zip(keys, range(len(items)), items, strict=True))]
        if isinstance(value, str):
            return self.text(value)
        return 1 if name == _COUNTER else value

    def pair(self, answer: Answer) -> Pair:
        """A pair as it is stored: what was sent, and what was answered."""
        body, changed = self.value(answer.body), self.value(answer.changed)
        data = answer.request.data
        return {
            "note": data["note"],
            "method": data["method"],
            "path": self.value(answer.sent["path"]),
            "params": self.value(answer.sent.get("params")),
            "request": self.value(answer.sent.get("request")),
            **{key: self.value(answer.sent[key]) for key in ("request_raw", "request_headers") if key in answer.sent},
            "status": answer.status,
            "content_type": answer.content_type,
            "response": body,
            **({"changed": changed} if answer.changed else {}),
        }


def normalised(answers: Sequence[Answer], url: str, key: str, names: Mapping[str, str]) -> dict[Key, Pair]:
    """The pairs of a recording, by section and number."""
    normal = Normal(url, key, names)
    for answer in answers:
        normal.learn(answer)
    return {answer.request.key: normal.pair(answer) for answer in answers}

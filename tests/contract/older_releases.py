# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recordings of six older releases, and what one of them answered to the whole of the probe.

Only 0.25.6 is recorded whole; of the others there is what differs. The answers of a release are composed as the
recording says: each call's record of the newest release that is not newer than it. Every recording has ids of its own,
so the other records of a call are laid beside our answer as well, only for the names in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from requests import Response

from dokploy_simulator.api.release_folders import version_key

from .compare import Comparison, Names
from .exceptions_older_releases import FORGIVEN, PREPARE, REPEATING, SETTINGS, STEPS, Exemption
from .recording_player import Player, Record, records

FILE = "pairs-older.jsonl"
WHOLE = "0.25.6"
# From runs of their own, which not every release had: nothing of them is true of another one.
EXTRA = ("restart", "stop-grace-period", "trpc-missing-boolean")
VERSIONS = ("0.25.0", "0.25.6", "0.26.7", "0.27.1", "0.28.8", "0.29.8")


@dataclass
class Call:
    """One call of the probe: the records of it by release. ``key``: section, note, method and path."""

    key: tuple[str, ...]
    by_version: dict[str, Record] = field(default_factory=dict)

    @property
    def section(self) -> str:
        return self.key[0]

    def of(self, version: str) -> Record | None:
        """What this release answers: the newest record that is not newer; the oldest release differs from 0.25.6."""
        known = [name for name in VERSIONS if version_key(name) <= version_key(version) and name in self.by_version]
        if known:
            return self.by_version[known[-1]]
        return self.by_version.get(WHOLE) if version_key(version) < version_key(WHOLE) else None


def calls(directory: Path) -> list[Call]:
    """All calls of the probe in order; what 0.25.6 was not asked stands behind what it followed elsewhere."""
    found: dict[tuple[str, ...], Call] = {}
    order: list[tuple[str, ...]] = []
    stored = list(records(directory / FILE))
    for version in (WHOLE, *(name for name in VERSIONS if name != WHOLE)):
        before: tuple[str, ...] | None = None
        counts: dict[tuple[str, ...], int] = {}
        for record in stored:
            release, section = record.section.split("/")
            if release != version:
                continue
            own = (section, record.data["note"], record.data["method"], path_of(record))
            counts[own] = counts.get(own, 0) + 1
            key = (*own, str(counts[own]))
            if key not in found:
                found[key] = Call(key)
                order.insert(order.index(before) + 1 if before else len(order), key)
            found[key].by_version[version] = record
            before = key
    return [found[key] for key in order]


def in_kind(problem: str) -> bool:
    """Whether a difference is one that the recording would have stored again: in status, content type, the error's
    text, or what kind of an answer it is. Values and later columns it would not have."""
    place, _colon, said = problem.partition(": ")
    if place == "message" and said.count("Failed query:") == 2:
        # Both show a statement; which columns it names is for the release's own records to say.
        return False
    return place in ("status", "type", "message") or (place == "body" and said.startswith("recorded"))


def in_order(body: Any) -> Any:
    """A body whose issues stand by path: with the branch's own check its place in the schema changed."""
    if isinstance(body, dict) and isinstance(body.get("issues"), list):
        return {**body, "issues": sorted(body["issues"], key=lambda issue: [str(step) for step in issue["path"]])}
    return body


def path_of(record: Record) -> str:
    """The path without its query and without a token, which differs between the recordings."""
    path = str(record.data["path"]).partition("?")[0]
    if record.data["note"] != "required fields":
        # There both names were tried; elsewhere, the one that there is.
        path = path.replace("saveGitProdiver", "saveGitProvider")
    return "/api/deploy/*" if path.startswith("/api/deploy/<") else path


class Probe(Player):
    """The whole probe on one release. ``played`` lists what was asked, with the record that judges the answer."""

    def __init__(self, directory: Path, version: str) -> None:
        self.version = version
        self.calls = calls(directory)
        self.played: list[tuple[Call, Record]] = []
        self.names_of = {name: Names() for name in VERSIONS}
        self.keys_of = {name: key for call in self.calls for name, key in keys(call)}
        self.last: Record | None = None
        super().__init__("", version=version, fresh=True, **SETTINGS)

    def play(self) -> None:
        for call in self.calls:
            record = call.of(self.version)
            if record is not None and (call.section not in EXTRA or release_of(record) == self.version):
                self.played.append((call, record))
                self.step(call, record)

    def step(self, call: Call, record: Record) -> None:
        release, place = release_of(record), (call.section, call.key[1])
        self.names, self.key_name = self.names_of[release], self.keys_of[release]
        for what, value in STEPS.get(place, (("idle", None),)):
            self.before(record, what, value)
        for what, value, *first in PREPARE.get(place, ()):
            if not first or version_key(first[0]) <= version_key(self.version):
                self.before(record, what, value)
        if record.data.get("changed", {}).get("applicationStatus") == ["done", "idle"]:
            # Set by a call that was not recorded.
            self.before(record, "set", {"applicationStatus": "done"})
        columns = self.columns(record)
        response = self.send(record)
        self.last = record
        problems = self.judge(record, response)
        if columns is not None:
            problems += self.judge_columns(record, columns)
        if call.section == "restart" and isinstance(record.data["response"], list):
            # Here rows that are missing, or too many, are the point.
            rows, ours = len(record.data["response"]), len(self.body(response))
            problems += [] if rows == ours else [f"rows: recorded {rows}, got {ours}"]
        own = release == self.version
        self.results[record.key] = problems if own else [problem for problem in problems if in_kind(problem)]
        for name, other in call.by_version.items():
            if other is not record:
                Comparison(self.names_of[name]).run(other.data["response"], self.body(response))

    @classmethod
    def body(cls, response: Response) -> Any:
        return in_order(super().body(response))

    def recorded(self, record: Record) -> Any:
        return in_order(super().recorded(record))

    def before(self, record: Record, what: str, value: Any) -> None:
        """What happened before a record without having been recorded."""
        store = self.sim.server.store
        if what == "set":
            self.sim.act(set=self.translate(record.data["request"])["applicationId"], fields=value)
        elif what == "repeat":
            for _time in range(value):
                self.send(record)
        elif what == "age":
            # So many seconds pass for limited keys and for signing in.
            for key in store.api_keys:
                key["_last"] = key.get("_last", 0) - value * 1000
            self.sim.server.auth.limits.clear()
        elif what == "count":
            store.counters[value] = record.data["response"]["uniqueConfigKey"] - 1
        elif what == "restart":
            self.sim.config(repeat_after=0.3 if self.version in REPEATING else 0)
            self.sim.act(restart=True)
        elif what == "repeated":
            rows = len(record.data["response"])
            self.until(lambda: self.is_idle() and len(store.deployments) >= rows)
        elif what == "clear":
            for project in self.query("project.all", {}):
                self.extra("project.remove", {"projectId": project["projectId"]})
        else:
            self.extra(what, value)

    def wait_idle(self) -> None:
        self.until(self.is_idle)

    def is_idle(self) -> bool:
        if not self.sim.jobs():
            return True
        self.sim.act(finish=True)
        return not self.sim.jobs()

    def exemption(self, record: Record) -> Exemption | None:
        return next((one for one in FORGIVEN if one.covers(self.version, record)), None)


def release_of(record: Record) -> str:
    return record.section.partition("/")[0]


def keys(call: Call) -> Iterator[tuple[str, str]]:
    """What the recordings call the full keys that records without headers were sent with."""
    if call.key[1] == "createApiKey with the cookie (REST)":
        for version, record in call.by_version.items():
            yield version, record.data["response"]["key"]

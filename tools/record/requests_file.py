# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests that are recorded, C(tests/contract/requests.jsonl), and the pairs that are stored of each release.

A request is a line: C(section), C(note), C(method), C(path), and where it has them C(params), C(request) (the body),
C(request_raw) (a body that is no JSON), C(request_headers) (other ones than the key), C(changed) (its effect on the row
is recorded, too), and C(gives): names for values of the answer, such as C({"<port:1>": "ports[0].portId"}), which later
requests use. The first answer that has a value gives it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dokploy_simulator.api.release_folders import version_key
from tools.workspace import ROOT

REQUESTS = ROOT / "tests/contract/requests.jsonl"
PAIRS = ROOT / "tests/contract/releases"
Key = tuple[str, int]
Pair = dict[str, Any]
# In the place of the pair of an older release, where the request could not be sent.
LEFT_OUT: Pair = {"left_out": True}


@dataclass(frozen=True)
class Request:
    """A request. :param key: its section, and its number there, from 1."""

    key: Key
    data: Mapping[str, Any]

    @property
    def procedure(self) -> str:
        return str(self.data["path"]).partition("?")[0].removeprefix("/api/")


def lines(path: Path) -> Iterator[tuple[Key, Any]]:
    """The lines of a file with their sections and numbers."""
    counts: dict[str, int] = {}
    for line in path.read_text("utf-8").splitlines():
        data = json.loads(line)
        section = str(data.pop("section"))
        counts[section] = counts.get(section, 0) + 1
        yield (section, data.pop("number", counts[section])), data


def requests() -> list[Request]:
    return [Request(key, data) for key, data in lines(REQUESTS)]


def recorded(folder: Path = PAIRS) -> list[str]:
    """The releases with pairs, oldest first."""
    return sorted((path.stem for path in folder.glob("*.jsonl")), key=version_key)


def pairs(release: str, folder: Path = PAIRS) -> dict[Key, Pair]:
    """All pairs of a release. The file of the oldest one is whole, the others have what differs."""
    by_key: dict[Key, Pair] = {}
    for version in recorded(folder):
        if version_key(version) <= version_key(release):
            by_key |= dict(lines(folder / f"{version}.jsonl"))
    order = {request.key: number for number, request in enumerate(requests())}
    there = [key for key, pair in by_key.items() if pair != LEFT_OUT]
    return {key: by_key[key] for key in sorted(there, key=lambda key: order.get(key, len(order)))}


def store(release: str, played: dict[Key, Pair], folder: Path = PAIRS) -> Path:
    """Write the pairs that differ from those of the recorded release before it, and those of the next one anew."""
    folder.mkdir(parents=True, exist_ok=True)
    older = [version for version in recorded(folder) if version_key(version) < version_key(release)]
    newer = [version for version in recorded(folder) if version_key(version) > version_key(release)]
    after = pairs(newer[0], folder) if newer else {}
    path = folder / f"{release}.jsonl"
    _write(path, played, pairs(older[-1], folder) if older else {})
    if newer:
        _write(folder / f"{newer[0]}.jsonl", after, played)
    return path


def _write(path: Path, played: dict[Key, Pair], before: Mapping[Key, Pair]) -> None:
    missing = {key: LEFT_OUT for key in before if key not in played}
    text = [
        json.dumps({"section": section, "number": number, **pair}, ensure_ascii=False) + "\n"
        for (section, number), pair in (played | missing).items()
        if before.get((section, number)) != pair
    ]
    path.write_text("".join(text), "utf-8")

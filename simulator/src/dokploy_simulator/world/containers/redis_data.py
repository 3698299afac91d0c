# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a Redis: in its memory while it runs, and what of them is in its volume.

Measured on 0.30.2 (``dokploy-data.md``, 1): as Dokploy starts it, behind a shell, it gets no signal and is killed at
each stop, so that what came after its last dump is lost. With ``exec`` it dumps when it ends. A Redis with an
append-only file reads that alone, and starts empty where there is only a dump.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ...store.volumes import Volume

DUMP, LOG = "dump.rdb", "appendonlydir/appendonly.aof"
_MAGIC = "REDIS"


def words(spec: dict[str, Any]) -> list[str]:
    """The command of a container with its arguments, those of a shell's script one by one."""
    container = spec["ContainerSpec"]
    return " ".join([*(container.get("Command") or []), *(container.get("Args") or [])]).split()


def password(spec: dict[str, Any]) -> str:
    given = words(spec)
    return given[given.index("--requirepass") + 1].strip("\"'") if "--requirepass" in given[:-1] else ""


def has_log(spec: dict[str, Any]) -> bool:
    """Whether it writes an append-only file."""
    return re.search(r"--appendonly\s+[\"']?yes", " ".join(words(spec))) is not None


def ends_well(spec: dict[str, Any]) -> bool:
    """Whether it gets the signal to end, so that it dumps its keys."""
    given = words(spec)
    return "exec" in given or not any(word.endswith("sh") for word in given[:1])


def packed(keys: list[str]) -> str:
    return f"{_MAGIC}\n{json.dumps(keys)}\n"


def unpacked(content: str) -> list[str]:
    """The keys in a file; none of one that is no dump."""
    form, _end, rest = content.partition("\n")
    keys: list[str] = json.loads(rest) if form == _MAGIC else []
    return keys


def stored(volume: Volume, spec: dict[str, Any]) -> list[str]:
    """What a Redis that starts reads of its volume."""
    return unpacked(volume.files.get(LOG if has_log(spec) else DUMP, ""))


def store(volume: Volume, spec: dict[str, Any], keys: list[str]) -> None:
    """What a Redis writes at once of a change; all else is in its memory only."""
    if has_log(spec):
        volume.files[LOG] = packed(keys)


def end(volume: Volume, spec: dict[str, Any], keys: list[str]) -> None:
    """Its container is told to end."""
    if ends_well(spec):
        volume.files[DUMP] = packed(keys)

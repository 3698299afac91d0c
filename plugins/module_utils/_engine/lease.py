# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lease of a run on a service: who works on the service, since when, and whether that run is alive.

The run renews its lease while it works. Another run waits for it as long as the lease changes, and takes over when it
has not changed for a while by the clock of the one that waits: the clocks of two machines may differ.
"""

from __future__ import annotations

import datetime
import os
import socket
from dataclasses import dataclass, replace
from typing import Dict, Tuple

#: Seconds after which a run renews its lease, and after which another one takes it for killed. A single request may
#: take long.
BEAT, SILENT = 15.0, 60.0


@dataclass(frozen=True)
class Lease:
    """:param holder: what works on the service, and where. :param since: since when, ISO 8601.
    :param beat: how often it was renewed. :param silent: seconds without a change after which its run counts as killed.
    """

    holder: str
    since: str
    beat: int = 0
    silent: float = SILENT

    @property
    def renewed(self) -> Lease:
        return replace(self, beat=self.beat + 1)


@dataclass(frozen=True)
class Held:
    """What says at a service that a run works on it.

    :param text: as it stands there; it changes whenever the run renews its lease.
    """

    text: str
    lease: Lease


def now() -> str:
    """The time, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def holder_of(purpose: str) -> str:
    """The purpose of this process, and where it runs."""
    return "%s on %s, process %d" % (purpose, socket.gethostname(), os.getpid())


class Silence:
    """How long each of several texts has not changed, by the clock of the one that looks."""

    def __init__(self) -> None:
        self._seen: Dict[str, Tuple[str, float]] = {}

    def seconds(self, key: str, text: str, elapsed: float) -> float:
        """:param elapsed: seconds since the first look at any of them."""
        if self._seen.get(key, ("", 0.0))[0] != text:
            self._seen[key] = text, elapsed
        return elapsed - self._seen[key][1]

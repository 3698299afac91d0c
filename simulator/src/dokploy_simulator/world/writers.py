# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that write data all the time: with each call of a procedure, so that a test has the same rows in each run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Writer:
    """``write`` adds a row or a line and returns it, None while nothing runs there. ``volume``: the one that it changes
    while ``runs``, None for none. ``acknowledged``: all that it has written."""

    write: Callable[[], str | None]
    volume: Callable[[], str | None]
    runs: Callable[[], bool]
    acknowledged: list[str] = field(default_factory=list)

    def go_on(self) -> None:
        written = self.write()
        if written is not None:
            self.acknowledged.append(written)

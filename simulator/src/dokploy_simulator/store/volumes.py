# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data in a volume of Docker, or in a folder of the host."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any

OTHER_FILE = "f"
"""The name of the file that holds ``text``."""


@dataclass
class Volume:
    """Files, and what the engine of a database has in its data directory.

    ``text`` stands for all else that is in it, for a test that needs neither files nor rows. ``files``: path without a
    slash before it -> content. ``engine``: the kind of the database that has its data here. ``tables``: table -> its
    rows. ``views``: view -> the user who has defined it. ``routines``: name -> procedure, function or
    event, none of which a dump has. ``login``: what the engine has been initialised with; the keys are columns of the
    database's row. ``sessions``: how many other clients its engine has.
    """

    text: str = ""
    files: dict[str, str] = field(default_factory=dict)
    engine: str = ""
    tables: dict[str, list[str]] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    routines: dict[str, str] = field(default_factory=dict)
    login: dict[str, Any] | None = None
    sessions: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.files or self.tables or self.views or self.routines or self.login)

    @property
    def state(self) -> str:
        """One text for the data in it, to compare what there was with what there is. The login is no part of it."""
        if not (self.files or self.tables or self.views or self.routines):
            return self.text
        parts = [self.text, self.files, self.tables, self.views, *([self.routines] if self.routines else [])]
        content = json.dumps(parts, sort_keys=True)
        return f"{self.text} {hashlib.sha256(content.encode()).hexdigest()[:16]}".strip()

    def become(self, other: Volume) -> None:
        """Take over a copy of all that another one holds."""
        vars(self).update(deepcopy(vars(other)))

    def rows(self, table: str) -> list[str]:
        """The rows of a table, which is made when there is none."""
        return self.tables.setdefault(table, [])

    def as_dict(self) -> dict[str, Any]:
        """All of it but the login and the sessions."""
        return {name: value for name, value in asdict(self).items() if name not in ("login", "sessions")}

# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases of Dokploy as they are stored: a folder each, with what differs from the release before.

* ``api.json``: procedures, fields and types (``tables``); ``make release`` writes it.
* ``columns.json``: ``{primary key: [columns and joins that came]}``, those that no field tells (``release_columns``).
* ``behaviours.json``: ``{name: what it does now, and what it did before}``, which routers ask for (``releases``).
* ``release.json``: ``{"measured": true}`` if a server of that release was measured.

All but the first are optional."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "releases"


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("."))


@cache
def stored() -> tuple[str, ...]:
    """The releases that have a folder, oldest first."""
    return tuple(sorted((path.parent.name for path in FOLDER.glob("*/api.json")), key=version_key))


@cache
def content(version: str, name: str) -> dict[str, Any]:
    """A file of a stored release; empty if it has none."""
    path = FOLDER / version / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}

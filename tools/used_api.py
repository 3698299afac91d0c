# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the table of the procedures that the collection calls and of the fields that it sends, for dokploy_info."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from dokploy_simulator.api import tables
from dokploy_simulator.api.releases import NEWEST
from tests.support.used_api import fields_of, used_procedures

PATH = Path(__file__).resolve().parents[1] / "plugins/module_utils/_resources/actions/used_api.py"
HEAD = '''# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The procedures that the collection calls, each with the fields that it sends. Written by C(make generate).

A procedure or a field that Dokploy 0.25.0 does not have is followed by C(@) and the first release that has it.
"""

from __future__ import annotations

# The newest release whose procedures and fields are known.
NEWEST = "%s"
TABLE = """
%s
"""
'''


def _marked(name: str, since: str | None) -> str:
    return f"{name}@{since}" if since else name


def _entries() -> Iterator[str]:
    """One text for each procedure: ``application.create(appName environmentId name sourceType@0.30.0)``."""
    procedures, used = tables.newest().procedures, used_procedures()
    for procedure in sorted(used):
        entry = procedures.get(procedure)
        # Subscriptions are in no document.
        if entry is None or entry["method"] == "SUBSCRIPTION":
            continue
        sent = sorted(used[procedure] & set(fields_of(procedure)))
        fields = [_marked(field, tables.since(procedure, field)) for field in sent]
        yield f"{_marked(procedure, tables.since(procedure))}({' '.join(fields)})"


def text() -> str:
    table = textwrap.fill(" ".join(_entries()), 118, break_long_words=False, break_on_hyphens=False)
    return HEAD % (NEWEST, table)


def main() -> None:
    PATH.write_text(text(), "utf-8")

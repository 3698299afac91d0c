# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What two entries have and a server can have once, such as a published port.

Domains of one host are a mistake of a document, which its proof finds.
"""

from __future__ import annotations

from typing import Any, Dict

from .document import Export
from .entries import ExportedEntry

_TWICE = "The %s %s publishes %s, too, which a server can do once. Give it another one."


def leave_out_doubles(export: Export) -> None:
    """Leave out the options that claim what an earlier entry has, each with the reason."""
    first: Dict[Any, ExportedEntry] = {}
    for entry in export.entries:
        row = entry.record.whole or {}
        for claim in entry.resource.claims(row):
            owner = first.setdefault((str(row.get("serverId") or ""), claim.key), entry) if claim.single else entry
            if owner is not entry and claim.option in entry.options:
                del entry.options[claim.option]
                export.leave_alone(entry, [claim.option])
                reason = _TWICE % (owner.kind, owner.path, claim.text)
                export.left_out(entry.kind, entry.path, claim.option, reason, entry.place)

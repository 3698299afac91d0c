# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What users, organizations and API keys have in common: how they are found and compared."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from .._errors import Ambiguous, NotApplied, NotFoundError, OptionError

Row = Mapping[str, Any]

# Others than these need a licence; a user with an unknown one is locked out (measured on Dokploy 0.30.2).
ROLES = ("admin", "member")


def by_name_or_id(
    rows: Sequence[Row], label: str, id_key: str, name_key: str, params: Mapping[str, Any], option: str = "name"
) -> Optional[Row]:
    """The row of the ID or the name in the parameters; C(None): there is none of the name.

    :raises NotFoundError: there is none of the ID. :raises Ambiguous: several have the name.
    """
    wanted = params["%s_id" % label]
    if wanted is not None:
        found = [row for row in rows if row[id_key] == wanted]
        if not found:
            if params["state"] == "absent":
                return None
            raise NotFoundError("%s_id: there is no %s %r" % (label, label.replace("_", " "), wanted))
        return found[0]
    found = [row for row in rows if row.get(name_key) == params[option]]
    if len(found) > 1:
        ids = sorted(str(row[id_key]) for row in found)
        raise Ambiguous(
            "%d are named %r: %s" % (len(ids), params[option], ", ".join(ids)),
            hint="Give %s_id, or remove the others." % label,
            details={"ids": ids},
        )
    if not found and params["state"] == "present" and params[option] is None:
        raise OptionError("%s is needed" % option)
    return found[0] if found else None


def differing(
    current: Mapping[str, Any], wanted: Mapping[str, Any], new: bool
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """What differs, before and after, for a diff."""
    changed = [name for name, value in wanted.items() if new or current.get(name) != value]
    if new:
        return {"state": "absent"}, {"state": "present", **{name: wanted[name] for name in changed}}
    return {name: current.get(name) for name in changed}, {name: wanted[name] for name in changed}


def applied(label: str, wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    """:raises NotApplied: the server does not show what was written."""
    lost = [name for name, value in wanted.items() if shown.get(name) != value]
    if lost:
        raise NotApplied(
            "%s: the server accepted the write, but these options did not stick: %s" % (label, ", ".join(lost)),
            hint="An older Dokploy drops what it does not know, and another process may have written at the same time.",
            details={"options": lost},
        )

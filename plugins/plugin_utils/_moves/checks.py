# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the copies of a move. Pure.

A check is what the user states now, and a copy has what it said at the source. The first copy is made while the source
runs, so that what its checks said before and after it are bounds. Nothing writes while the last one is made.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import BETWEEN, EQUAL
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.checks import (
    SESSION_SCRIPTS,
    SESSIONS,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.refusals import sessions_of, vain_checks
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.states import PREPARE, SWITCH

Row = Mapping[str, Any]

_WITHOUT = {
    True: "the first copy was made without it, and move_copy_again=true makes it again",
    False: "the last copy was made without it",
}


def move_checks(
    services: Sequence[Row], checks: Sequence[Row], sessions: bool = True, first: bool = False
) -> List[Dict[str, Any]]:
    """The checks of a copy: those of the user, and one for each database that counts the sessions of others.

    :param first: of the first copy, which has bounds, and sessions that count.
    """
    own = [{**check, "compare": BETWEEN} if first else dict(check) for check in checks]
    return [*own, *(_session_checks(services) if sessions and not first else ())]


def _session_checks(services: Sequence[Row]) -> Iterator[Dict[str, Any]]:
    for service in services:
        if service["runs"] and service["type"] in SESSION_SCRIPTS:
            yield {"name": SESSIONS, "service": service["path"], "script": SESSION_SCRIPTS[service["type"]]}


def copy_of(content: Row, checks: Optional[Sequence[Row]] = None, first: bool = False) -> Dict[str, Any]:
    """The content of C(archives.yml) of a copy, without the checks that are for the source only.

    :param checks: those of the user as they are stated now, of which it has the ones that it has run; C(None) for all.
    :param first: it is the first copy, of whose checks those without bounds are left out.
    """
    if not content:
        return {}
    rows = [dict(check) for check in content.get("checks") or () if check["name"] != SESSIONS]
    if checks is not None:
        stated = {_identity(check, "service"): check for check in checks}
        rows = [check for check in rows if _identity(check, "path") in stated]
        compares = [stated[_identity(check, "path")].get("compare") or EQUAL for check in rows]
        rows = [{**check, "compare": compare} for check, compare in zip(rows, compares)]
    if first:
        rows = [{**check, "compare": BETWEEN} for check in rows if check.get("output_after") is not None]
    return {**content, "checks": rows}


def unanswered(content: Row, checks: Sequence[Row], first: bool = False) -> List[Dict[str, Any]]:
    """The checks of the user without which a copy was made, as results show checks.

    :param content: as C(copy_of) gives it. :param first: it is the first copy.
    """
    if not content:
        return []
    known = {_identity(check, "path") for check in content["checks"]}
    kinds = {service["path"]: service["kind"] for service in content["services"]}
    return [
        {
            "name": check["name"],
            "kind": kinds.get(check["service"], "service"),
            "path": check["service"],
            "passed": None,
            "waits": first,
            "msg": _WITHOUT[first],
        }
        for check in checks
        if _identity(check, "service") not in known
    ]


def move_copies(checks: Sequence[Row], first: Row, last: Row) -> Dict[str, Any]:
    """The copies with the checks as they are stated now, whatever they were when the copies were made.

    :param first: the content of C(first.yml). :param last: that of C(last.yml); both empty without a copy.
    :return: C(first) and C(last), and C(vain), a sentence for each check that no output can fail.
    """
    first_copy = copy_of(first, checks, first=True)
    stated = copy_of(first_copy, checks)
    return {"first": first_copy, "last": copy_of(last, checks), "vain": list(vain_checks(stated.get("checks") or ()))}


def move_last_copy(content: Optional[Row]) -> Dict[str, Any]:
    """What a last copy is worth.

    :param content: of the set that was saved.
    :return: C(content) of C(last.yml), and C(written_to), a sentence for each reason not to take it.
    """
    known = content or {}
    checks = known.get("checks") or ()
    return {"content": copy_of(known), "written_to": [*sessions_of(checks), *vain_checks(checks)]}


def move_unanswered(step: str, checks: Sequence[Row], first: Row, last: Row) -> List[Dict[str, Any]]:
    """The checks of the user of which the copy that a step restores has no output.

    :param first: the first copy, as C(move_copies) gives it, and C(last) one.
    """
    if step == PREPARE:
        return unanswered(first, checks, first=True)
    return unanswered(last, checks) if step == SWITCH else []


def _identity(check: Row, place: str) -> Tuple[str, str, str, str]:
    """What an output is of. :param place: the key with the path of its service."""
    return check["name"], check[place], check["script"], check.get("image") or ""

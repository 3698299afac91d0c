# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about several instances as one HTML page: what C(templates/instances.html.j2) shows of it. Pure, but for the
templates.
"""

from __future__ import annotations

from typing import Any, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import cut
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.instances import (
    DRIFT,
    IN_SYNC,
    NO_ANSWER,
    NOT_COMPARED,
    STATES,
    columns_of,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import (
    PageLayout,
    filters,
    page_sections,
    tiles,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import pill, tile, time_of
from ansible_collections.community.dokploy.plugins.plugin_utils._report.rendering import Room, rendered

Row = Mapping[str, Any]

# A page has room for so many whole reports, which the instances share.
_WHOLE_REPORTS = 4
# The bytes of the table of all instances.
_TABLE = 1_500_000
# The most characters of an error.
_LONGEST = 2000
_MOODS = {IN_SYNC: "good", DRIFT: "warn", NO_ANSWER: "bad", NOT_COMPARED: "bad"}
#: The numbers of an instance that are shown, by their titles.
COLUMNS = {
    "Differ": "differences",
    "Not stated": "unstated",
    "Not in the document": "unmanaged",
    "Failed": "failed_deployments",
    "Backup problems": "backup_problems",
}
# The numbers of all instances, with the words after them.
_SUMS = {
    "differ": "differences",
    "failed deployments": "failed_deployments",
    "backup problems": "backup_problems",
    "services": "services",
}


def instances_page(report: Row) -> str:
    """The page. With the number of instances, what is shown of each gets less, and all of it not more than some MB."""
    instances = report["instances"]
    columns = columns_of(COLUMNS, report)
    share = min(1.0, _WHOLE_REPORTS / float(max(len(instances), 1)))
    return rendered(
        "instances",
        title="Drift: %s" % report["summary"],
        drifted=report["drifted"],
        headline=report["summary"],
        sources=[],
        checked=report["checked_at"] and time_of(report["checked_at"]),
        tiles=_tiles(report),
        filters=filters(
            [instance["report"] for instance in instances if instance["report"]],
            [instance["host"] for instance in instances],
        ),
        columns=("Instance", "State", "Release", *columns, "Oldest backup"),
        room=Room(_TABLE),
        instances=[
            _instance(instance, columns, PageLayout("i%d-" % number, 3, share), report["checked_at"])
            for number, instance in enumerate(instances, 1)
        ],
    )


def _tiles(report: Row) -> List[Row]:
    """How many instances are in which state, and the sums of their own numbers."""
    counts = report["counts"]
    states = [
        tile(counts[state], words, "" if state == IN_SYNC else _MOODS[state])
        for state, words in STATES.items()
        if counts[state] or state in (IN_SYNC, DRIFT)
    ]
    return [*states, *(tile(counts.get(name, 0), words) for words, name in columns_of(_SUMS, report).items())]


def _instance(instance: Row, columns: Mapping[str, str], place: PageLayout, checked_at: str) -> Row:
    """An instance: its row of the table, and its report, or why there is none."""
    server, document, release = instance["server"], instance["document"], instance["release"]
    counts, report = instance["counts"], instance["report"]
    sources = [server, document, release and "Dokploy %s" % release]
    return {
        "id": place.prefix + "instance",
        "host": instance["host"],
        "address": server.partition("://")[2].rstrip("/") or server,
        "state": pill(STATES[instance["state"]], _MOODS[instance["state"]]),
        "release": release,
        "numbers": [(title, counts.get(name, 0) if counts else "") for title, name in columns.items()],
        "backup": _backup(instance, checked_at),
        "sources": [source for source in sources if source],
        "msg": cut(instance["msg"], _LONGEST),
        "tiles": tiles(report, place) if report else [],
        "parts": page_sections(report, place) if report else None,
    }


def _backup(instance: Row, checked_at: str) -> Optional[Row]:
    """The backup whose success is the longest ago; C(None) if there is none, or if it was not read."""
    oldest: Optional[Row] = instance["oldest_backup"]
    if oldest is None or not instance["release"]:
        return None
    succeeded_at = oldest["succeeded_at"]
    report = {"checked_at": instance["checked_at"] or checked_at}
    return {**oldest, "succeeded_at": time_of(succeeded_at, report) if succeeded_at else None}

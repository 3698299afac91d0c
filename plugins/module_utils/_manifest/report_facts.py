# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a report about an instance shows beside its plan: the release, and when each backup succeeded last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import VERSION_QUERY, Call, Client
from .._deployment.state import last_good, newest_first
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._errors import NotFoundError, PermissionDenied, UnknownProcedure
from .._model.child import Child
from .._reads.rows import listing_call, valid
from .entries import Entry

Row = Mapping[str, Any]

# The user of the key, with the backups of Dokploy itself that belong to him; administrators only.
_OWN = Call("user.getBackups", {})
# What these are of, in place of a kind and a path.
_DOKPLOY = ("web_server", "dokploy")
# The types of runs that are backups, in C(deployment.allByType).
_TYPES = ("backup", "volumeBackup")


@dataclass(frozen=True)
class _Backup:
    """A backup, and what it is of.

    :param type: that of its runs. :param row: its row, with its runs where that of a service or user embeds it.
    """

    kind: str
    path: str
    type: str
    row: Row

    @property
    def runs_call(self) -> Call:
        return Call("deployment.allByType", {"id": str(self.row["%sId" % self.type]), "type": self.type})

    def shown(self, runs: Sequence[Row]) -> Dict[str, Any]:
        """How results show it."""
        good = last_good(newest_first(runs))
        ended = None if good is None else good.get("finishedAt") or good.get("createdAt")
        known = {"kind": self.kind, "path": self.path, "backup": self._name}
        return {**known, "enabled": bool(self.row.get("enabled")), "succeeded_at": ended}

    @property
    def _name(self) -> str:
        """Its name. A backup of a database has none: it is called as in diffs, C(offsite/nightly/shop)."""
        if self.type == "volumeBackup":
            return str(self.row.get("name"))
        destination = (self.row.get("destination") or {}).get("name") or self.row.get("destinationId")
        parts = [destination, str(self.row.get("prefix") or "").strip("/"), self.row.get("database")]
        return "/".join(str(part) for part in parts if part)


def report_facts(planned: Iterable[Tuple[Entry, Planned]], client: Client) -> Dict[str, Any]:
    """C(release) and C(backups), in the order of the entries, those of Dokploy itself last.

    One request for the lists of up to 100 services, and another one for the runs that rows do not embed. What the key
    may not read is left out.

    :param planned: all entries; what does not exist yet has no backups.
    """
    lists = [place for entry, plan in planned if entry.section.deploys for place in _lists(entry, plan)]
    calls = [listing_call(child, resource_id) for _entry, child, _row, resource_id in lists if child.listing]
    version, own, *answers = client.call_many([Call(VERSION_QUERY, {}), _OWN, *calls])
    listed = iter(answers)
    backups = [
        _Backup(entry.section.kind, entry.path, child.run[1], row)
        for entry, child, service, _resource_id in lists
        for row in (_readable(next(listed)) if child.listing else service.get(child.embedded)) or ()
        if child.run
    ]
    backups += [_Backup(*_DOKPLOY, "backup", row) for row in (_readable(own) or {}).get("backups") or ()]
    return {"release": str(valid(version)).lstrip("v"), "backups": list(_with_runs(backups, client))}


def _lists(entry: Entry, plan: Planned) -> Iterator[Tuple[Entry, Child, Row, str]]:
    """The lists of backups of a service that exists, with its row and its ID."""
    row: Optional[Row] = plan.plan.state.row if isinstance(plan.plan, ResourcePlan) else None
    if row is not None:
        for child in plan.node.resource.children:
            if child.run is not None and child.run[1] in _TYPES:
                yield entry, child, row, str(row[plan.node.resource.id_key])


def _with_runs(backups: Sequence[_Backup], client: Client) -> List[Dict[str, Any]]:
    calls = [backup.runs_call for backup in backups if "deployments" not in backup.row]
    answers: Iterator[Any] = iter(client.call_many(calls))
    facts = []
    for backup in backups:
        embedded = "deployments" in backup.row
        runs: Optional[List[Row]] = backup.row["deployments"] or [] if embedded else _readable(next(answers))
        if runs is not None:
            facts.append(backup.shown(runs))
    return facts


def _readable(answer: Any) -> Any:
    """The value of an answer; C(None) for what the key may not read, this release does not have, or has gone."""
    return None if isinstance(answer, (PermissionDenied, UnknownProcedure, NotFoundError)) else valid(answer)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a report about an instance shows beside its plan: the release, and when each backup succeeded last."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import VERSION_QUERY, Call, Client
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned
from .._errors import NotFoundError, PermissionDenied, UnknownProcedure
from .._model.child import Child
from .._reads.rows import listing_call, valid
from .._resources.backups.runs import Backup, backup_lists, runs_of, succeeded_at
from .entries import Entry

Row = Mapping[str, Any]

# The user of the key, with the backups of Dokploy itself that belong to him; administrators only.
_OWN = Call("user.getBackups", {})
# What these are of, in place of a kind and a path.
_DOKPLOY = ("web_server", "dokploy")

# A backup, and what it is of: a kind and a path.
_Named = Tuple[str, str, Backup]


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
    backups: List[_Named] = [
        (entry.section.kind, entry.path, Backup(child.run[1], row))
        for entry, child, service, _resource_id in lists
        for row in (_readable(next(listed)) if child.listing else service.get(child.embedded)) or ()
        if child.run
    ]
    backups += [(*_DOKPLOY, Backup("backup", row)) for row in (_readable(own) or {}).get("backups") or ()]
    return {"release": str(valid(version)).lstrip("v"), "backups": list(_with_runs(backups, client))}


def _lists(entry: Entry, plan: Planned) -> Iterator[Tuple[Entry, Child, Row, str]]:
    """The lists of backups of a service that exists, with its row and its ID."""
    row: Optional[Row] = plan.plan.state.row if isinstance(plan.plan, ResourcePlan) else None
    if row is not None:
        for child in backup_lists(plan.node.resource):
            yield entry, child, row, str(row[plan.node.resource.id_key])


def _with_runs(named: Sequence[_Named], client: Client) -> Iterator[Dict[str, Any]]:
    """How results show them; those whose runs the key may not read are left out."""
    answers = runs_of([backup for _kind, _path, backup in named], client)
    for (kind, path, backup), answer in zip(named, answers):
        runs: Optional[List[Row]] = _readable(answer)
        if runs is not None:
            known = {"kind": kind, "path": path, "backup": backup.label}
            yield {**known, "enabled": bool(backup.row.get("enabled")), "succeeded_at": succeeded_at(runs)}


def _readable(answer: Any) -> Any:
    """The value of an answer; C(None) for what the key may not read, this release does not have, or has gone."""
    return None if isinstance(answer, (PermissionDenied, UnknownProcedure, NotFoundError)) else valid(answer)

# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Backups and volume backups as rows of their services have them, and their runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Union

from ..._api.client import Call, Client
from ..._deployment.state import last_good, newest_first
from ..._errors import DokployError
from ..._model.child import Child
from ..._model.resource import Resource

Row = Mapping[str, Any]

_DUMPS, _VOLUMES = "backup", "volumeBackup"


@dataclass(frozen=True)
class Backup:
    """A backup, or a volume backup.

    :param type: that of its runs in C(deployment.allByType). :param row: its row, with its runs where that of a service
        or user embeds it.
    """

    type: str
    row: Row

    @property
    def id(self) -> str:
        return str(self.row["%sId" % self.type])

    @property
    def is_of_volume(self) -> bool:
        return self.type == _VOLUMES

    @property
    def destination(self) -> str:
        """The name of its destination where the row has that, or the ID."""
        return str((self.row.get("destination") or {}).get("name") or self.row.get("destinationId") or "")

    @property
    def prefix(self) -> str:
        return str(self.row.get("prefix") or "").strip("/")

    @property
    def label(self) -> str:
        """Its name. A backup of a database has none: it is called as in diffs, C(offsite/nightly/shop)."""
        if self.is_of_volume:
            return str(self.row.get("name"))
        return "/".join(str(part) for part in (self.destination, self.prefix, self.row.get("database")) if part)


def backup_lists(resource: Resource) -> Iterator[Child]:
    """The children of a resource that are backups or volume backups."""
    return (child for child in resource.children if child.run is not None and child.run[1] in (_DUMPS, _VOLUMES))


def runs_of(backups: Sequence[Backup], client: Client) -> List[Union[List[Row], DokployError]]:
    """The runs of each, from the newest on, or why they cannot be read: one batch for those that no row embeds."""
    calls = [
        Call("deployment.allByType", {"id": backup.id, "type": backup.type})
        for backup in backups
        if "deployments" not in backup.row
    ]
    answers: Iterator[Any] = iter(client.call_many(calls))
    runs = [backup.row["deployments"] if "deployments" in backup.row else next(answers) for backup in backups]
    return [rows if isinstance(rows, DokployError) else newest_first(rows) for rows in runs]


def succeeded_at(runs: Sequence[Row]) -> Optional[str]:
    """When the last run that succeeded has ended, of runs from the newest on; C(None) if none has."""
    good = last_good(runs)
    return None if good is None else ended_at(good)


def ended_at(run: Row) -> Optional[str]:
    """When a run has ended, or was created where the server does not tell."""
    return run.get("finishedAt") or run.get("createdAt")

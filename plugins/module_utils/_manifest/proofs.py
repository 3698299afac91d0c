# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What tells that the data of a restored archive is what was saved. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .._resources.backups.archives_file import BackupSet, SavedArchive, looks_at
from .._resources.recovery.copy_script import sums_of

#: What tells that data is what was saved, the strongest first: a check of the set, its fingerprint, a whole archive.
CHECKED, SAME, WHOLE, NOT_PROVEN = "checked", "same", "whole", "not_proven"


def passed_of(archive: SavedArchive, saved: BackupSet, reports: Sequence[Mapping[str, Any]]) -> Optional[bool]:
    """What the checks of a set tell of an archive; C(None) if none has looked at it, or was run.

    Of one that has failed, a user may not have stated at what it looks.
    """
    own = [report for report in reports if (report["kind"], report["path"]) == (archive.kind, archive.path)]
    if any(report["passed"] is False for report in own):
        return False
    # The login to a restored volume is no check of the set: it says nothing of the data.
    looking = {check.name for check in saved.checks if looks_at(check, archive, saved)}
    return any(report["passed"] and report["name"] in looking for report in own) or None


def proof_of(archive: SavedArchive, passed: Optional[bool], is_same: Optional[bool]) -> str:
    """What tells that the data is what was saved: the checks that look at it, or a success of the server that is one.

    :param passed: what its checks tell, as C(passed_of).
    :param is_same: its rows or keys are those that the set saw; C(None) if they were not counted, C(False) if they
        could not be, or not all.
    """
    if passed is not None:
        return CHECKED if passed else NOT_PROVEN
    if is_same or (is_same is None and sums_of(archive) is not None):
        # The job that has brought its files has compared them before.
        return SAME
    return WHOLE if archive.archive_kind.proves_itself(archive.database_type) else NOT_PROVEN

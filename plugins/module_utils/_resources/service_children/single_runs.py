# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The records of backups that are made for a single run, which a run that is killed leaves. Pure."""

from __future__ import annotations

from typing import Any, Mapping

Row = Mapping[str, Any]

#: The first folder of the archives of a backup that is made once, and of those of a set.
ONCE, SET = "once", "set"
#: Options of such a backup, since the server requires a schedule.
OPTIONS = {"cron": "0 0 1 1 *", "enabled": False, "keep": 0}


def is_once(row: Row) -> bool:
    """Whether the row of a backup may be that of one which is made for a single run."""
    return not row.get("enabled") and OPTIONS["cron"] in (row.get("cronExpression"), row.get("schedule"))


def is_of_a_set(row: Row) -> bool:
    """Whether the row of a backup is one that a set makes for a single run."""
    return is_once(row) and str(row.get("prefix") or "").strip("/").partition("/")[0] == SET

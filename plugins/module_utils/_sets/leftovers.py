# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The records of backups and jobs that a killed run leaves, which their names tell. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from .._resources.backups.coverage import Service
from .._resources.backups.set_archives import PREFIX
from .._resources.jobs.run import PREFIX as JOBS
from .._resources.service_children.once import is_once
from .scratch import is_of

Row = Mapping[str, Any]


def is_of_a_set(row: Row) -> bool:
    """Whether the row of a backup is one that a set makes for a single run."""
    return is_once(row) and str(row.get("prefix") or "").strip("/").partition("/")[0] == PREFIX


def is_job_of(row: Row, service: Service) -> bool:
    """Whether an application is a job that a set has made for a service."""
    name = str(row.get("name"))
    return name.startswith(JOBS) and is_of(name[len(JOBS) :], service)
